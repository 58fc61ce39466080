/*
 * key_rig.h - a hive on disk, loaded, and its keys
 *
 * Include it after cmocka.h. What fails fails the test.
 */
#ifndef FB_TESTS_SUPPORT_KEY_RIG_H
#define FB_TESTS_SUPPORT_KEY_RIG_H

#include "nt/keys.h"
#include "nt/nt.h"
#include "support/nt_assert.h"
#include "support/tmpdir.h"

/* struct key_lab - a folder with a hive; @root NULL while it is not loaded */
struct key_lab {
	char folder[TMPDIR_LEN];
	char path[TMPDIR_LEN + 16];
	HANDLE root;
};
extern struct key_lab key_lab;

/* key_lab_enter - the folder, and an empty hive saved in it; -1 without a folder */
int key_lab_enter(void);

/* key_lab_unload - whatever a failed test left open; key_lab_leave - and the folder */
void key_lab_unload(void);
void key_lab_leave(void);

/* key_lab_in - a name in the folder; good until the next call */
const char *key_lab_in(const char *name);

/* key_rig_new - an empty hive, saved at @path */
void key_rig_new(const char *path);

/* key_rig_load - its root; @o may be NULL */
HANDLE key_rig_load(const char *path, const struct fb_nt_hive_options *o);

/* key_rig_unload - and close @root */
void key_rig_unload(HANDLE root);

/* key_rig_key - open or make a key, with all access */
HANDLE key_rig_key(HANDLE parent, const char *name);

/* key_rig_set, key_rig_get - a value of type REG_DWORD */
void key_rig_set(HANDLE key, const char *name, uint32_t n);
uint32_t key_rig_get(HANDLE key, const char *name);

struct fb_nt_hive_counters key_rig_count(HANDLE key);

#endif
