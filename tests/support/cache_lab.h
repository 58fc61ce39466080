/*
 * cache_lab.h - a loop device whose cache is switched off, by us or another process
 */
#ifndef FB_TESTS_SUPPORT_CACHE_LAB_H
#define FB_TESTS_SUPPORT_CACHE_LAB_H

#include "device/cache_note.h"
#include "device/cache_off.h"
#include "support/disk.h"

/*
 * cache_lab - what a test took: given back by cache_lab_leave, whether it passed
 * @d: of disk @a; @note: of it; @off: ours; @run: another process that has the cache
 * off; @child: one of that
 */
extern struct cache_lab {
	char folder[TMPDIR_LEN];
	struct disk a, b;
	struct fb_device d;
	char note[FB_NOTE_PATH];
	struct fb_cache_off *off;
	pid_t run;
	pid_t child;
} cache_lab;

int cache_lab_enter(void **state);
int cache_lab_leave(void **state);

/* cache_lab_adopt - guardians whose run was killed become children of this process */
void cache_lab_adopt(void);

/* cache_lab_need - skip the test where there are no loop devices */
void cache_lab_need(void);
void cache_lab_attach(struct disk *d, const char *name);

bool cache_lab_is(const struct disk *d, const char *word);
/* cache_lab_becomes, _note_vanishes - within 5 seconds */
bool cache_lab_becomes(const struct disk *d, const char *word);
bool cache_lab_note_vanishes(void);

/* cache_lab_kill_guardian - of the disk the note is about; gone when this returns */
void cache_lab_kill_guardian(const char *note);

/* cache_lab_note_of - where its note is; empty for no disk. cache_lab_forget - remove
 */
void cache_lab_note_of(const struct disk *disk, char note[FB_NOTE_PATH]);
void cache_lab_forget(const struct disk *disk);

void cache_lab_begin(void);
int cache_lab_end(void);

/*
 * cache_lab_start_run - another process that has the cache off
 * @with_child: and a child of it that holds all its descriptors and lives on
 */
void cache_lab_start_run(bool with_child);
void cache_lab_kill_run(void);

#endif
