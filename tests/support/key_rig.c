#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/key_rig.h"

void key_rig_new(const char *path)
{
	HANDLE root = NULL;

	assert_status(STATUS_SUCCESS, fb_nt_new_hive(&root));
	assert_status(STATUS_SUCCESS, fb_nt_save_hive(root, path));
	key_rig_unload(root);
}

HANDLE key_rig_load(const char *path, const struct fb_nt_hive_options *o)
{
	HANDLE root = NULL;

	assert_status(STATUS_SUCCESS, fb_nt_load_hive(path, o, &root));
	return root;
}

void key_rig_unload(HANDLE root)
{
	assert_status(STATUS_SUCCESS, fb_nt_unload_hive(root));
	assert_status(STATUS_SUCCESS, NtClose(root));
}

HANDLE key_rig_key(HANDLE parent, const char *name)
{
	HANDLE key = NULL;

	assert_status(STATUS_SUCCESS,
		      fb_nt_create_key(parent, name, KEY_ALL_ACCESS, &key, NULL));
	return key;
}

void key_rig_set(HANDLE key, const char *name, uint32_t n)
{
	assert_status(STATUS_SUCCESS,
		      fb_nt_set_value(key, name, REG_DWORD, &n, sizeof(n)));
}

uint32_t key_rig_get(HANDLE key, const char *name)
{
	ULONG type = 0;
	uint32_t n = 0;
	size_t bytes = 0;

	assert_status(STATUS_SUCCESS,
		      fb_nt_query_value(key, name, &type, &n, sizeof(n), &bytes));
	assert_int_equal(type, REG_DWORD);
	assert_int_equal(bytes, sizeof(n));
	return n;
}

struct fb_nt_hive_counters key_rig_count(HANDLE key)
{
	struct fb_nt_hive_counters c = {0};

	assert_status(STATUS_SUCCESS, fb_nt_hive_counters(key, &c));
	return c;
}

struct key_lab key_lab;

int key_lab_enter(void)
{
	key_lab.root = NULL;
	if (tmpdir_make(key_lab.folder))
		return -1;
	tmpdir_join(key_lab.path, sizeof(key_lab.path), key_lab.folder, "hive");
	key_rig_new(key_lab.path);
	return 0;
}

void key_lab_unload(void)
{
	fb_nt_unload_hive(key_lab.root);
	NtClose(key_lab.root);
	key_lab.root = NULL;
}

void key_lab_leave(void)
{
	key_lab_unload();
	tmpdir_remove(key_lab.folder);
}

const char *key_lab_in(const char *name)
{
	static char full[TMPDIR_LEN + 32];

	return tmpdir_join(full, sizeof(full), key_lab.folder, name);
}
