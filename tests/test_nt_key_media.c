#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "nt/objects.h"
#include "support/fusefs.h"
#include "support/key_rig.h"
#include "support/loopfs.h"
#include "support/need.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)

static struct fusefs fuse;
static struct loopfs loop;
static char tiny[TMPDIR_LEN];
static char path[TMPDIR_LEN + 16];
static HANDLE root;
static const char *missing;

static void load_in(const char *dir, const struct fb_nt_hive_options *o)
{
	tmpdir_join(path, sizeof(path), dir, "hive");
	key_rig_new(path);
	root = key_rig_load(path, o);
}

/* Every write is a WRITE at once, with its answer. */
static int setup_fuse(void **state)
{
	(void)state;
	missing = fusefs_missing();
	if (missing)
		return 0;
	return fusefs_mount(&fuse, false) ? -1 : 0;
}

static int setup_loop(void **state)
{
	const struct loopfs_spec spec = {.type = "ext4",
					 .bytes = 32 * MIB,
					 .options = "errors=remount-ro,commit=300"};

	(void)state;
	missing = loopfs_missing("ext4");
	if (missing)
		return 0;
	return loopfs_mount(&loop, &spec) ? -1 : 0;
}

static int setup_tiny(void **state)
{
	(void)state;
	missing = own_mounts() ? "no mount namespace" : NULL;
	if (missing)
		return 0;
	if (tmpdir_make(tiny))
		return -1;
	if (mount("tmpfs", tiny, "tmpfs", 0, "size=12m"))
		missing = "no tmpfs can be mounted";
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fb_nt_unload_hive(root);
	NtClose(root);
	root = NULL;
	fusefs_unmount(&fuse);
	loopfs_unmount(&loop);
	if (tiny[0])
		umount2(tiny, MNT_DETACH);
	tmpdir_remove(tiny);
	return 0;
}

static void assert_flush_fails(NTSTATUS expected, int os_error)
{
	assert_status(expected, NtFlushKey(root));
	assert_int_equal(fb_nt_os_error(), os_error);
}

/* A failed flush keeps what it was to flush: the next one does it. */
static void assert_still_to_be_flushed(uint32_t n)
{
	assert_int_equal(key_rig_get(root, "v"), n);
	assert_status(STATUS_SUCCESS, NtFlushKey(root));
	key_rig_unload(root);
	root = key_rig_load(path, NULL);
	assert_int_equal(key_rig_get(root, "v"), n);
}

static void failed_sync_is_told_with_its_number(void **state)
{
	static const struct {
		int err;
		NTSTATUS status;
	} expected[] = {
		{EIO, STATUS_REGISTRY_IO_FAILED},
		{ENOSPC, STATUS_REGISTRY_IO_FAILED},
		{ENODEV, STATUS_REGISTRY_IO_FAILED},
		{ENOMEM, STATUS_INSUFFICIENT_RESOURCES},
		{EROFS, STATUS_MEDIA_WRITE_PROTECTED},
	};

	(void)state;
	need(missing);
	load_in(fuse.dir, NULL);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		key_rig_set(root, "v", (uint32_t)i);
		fusefs_fail_fsync(&fuse, expected[i].err, 0);
		assert_flush_fails(expected[i].status, expected[i].err);
		assert_status(expected[i].status, fb_nt_reconcile_hive(root));
		fusefs_fail_fsync(&fuse, 0, 0);
	}
	assert_still_to_be_flushed(4);
}

static void failed_write_is_told_with_its_number(void **state)
{
	(void)state;
	need(missing);
	load_in(fuse.dir, NULL);
	key_rig_set(root, "v", 1);
	fusefs_fail_write(&fuse, EDQUOT, 0);
	assert_flush_fails(STATUS_REGISTRY_IO_FAILED, EDQUOT);
	fusefs_fail_write(&fuse, EROFS, 0);
	assert_flush_fails(STATUS_MEDIA_WRITE_PROTECTED, EROFS);
	fusefs_fail_write(&fuse, 0, 0);
	assert_still_to_be_flushed(1);
}

static void old_strategy_tells_and_keeps_its_failures_too(void **state)
{
	const struct fb_nt_hive_options o = {.strategy = FB_NT_LOG_AND_PRIMARY};

	(void)state;
	need(missing);
	load_in(fuse.dir, &o);
	for (unsigned after = 0; after < 3; after++) {
		key_rig_set(root, "v", after);
		fusefs_fail_fsync(&fuse, EIO, after);
		assert_flush_fails(STATUS_REGISTRY_IO_FAILED, EIO);
		fusefs_fail_fsync(&fuse, 0, 0);
	}
	assert_still_to_be_flushed(2);
}

static void clean_hive_does_not_notice_a_dead_disk(void **state)
{
	(void)state;
	need(missing);
	load_in(fuse.dir, NULL);
	fusefs_kill(&fuse);
	assert_status(STATUS_SUCCESS, NtFlushKey(root));
	key_rig_set(root, "v", 1);
	assert_status(STATUS_REGISTRY_IO_FAILED, NtFlushKey(root));
	assert_true(fb_nt_os_error() == ENOTCONN || fb_nt_os_error() == ECONNABORTED);
}

static void hive_is_unloaded_even_where_its_disk_fails(void **state)
{
	(void)state;
	need(missing);
	load_in(fuse.dir, NULL);
	key_rig_set(root, "v", 1);
	assert_status(STATUS_SUCCESS, NtFlushKey(root));
	key_rig_set(root, "v", 2);
	fusefs_fail_write(&fuse, EIO, 0);
	assert_status(STATUS_REGISTRY_IO_FAILED, fb_nt_unload_hive(root));
	assert_int_equal(fb_nt_os_error(), EIO);
	assert_status(STATUS_HIVE_UNLOADED, NtFlushKey(root));
	NtClose(root);
	fusefs_fail_write(&fuse, 0, 0);
	root = key_rig_load(path, NULL);
	assert_int_equal(key_rig_get(root, "v"), 1);
}

static void failed_save_and_load_leave_nothing(void **state)
{
	char copy[TMPDIR_LEN + 16];
	HANDLE other = NULL;

	(void)state;
	need(missing);
	load_in(fuse.dir, NULL);
	tmpdir_join(copy, sizeof(copy), fuse.dir, "copy");
	fusefs_fail_write(&fuse, EIO, 0);
	assert_status(STATUS_REGISTRY_IO_FAILED, fb_nt_save_hive(root, copy));
	assert_int_equal(access(copy, F_OK), -1);
	fusefs_fail_write(&fuse, 0, 0);
	assert_status(STATUS_SUCCESS, fb_nt_save_hive(root, copy));
	fusefs_fail_write(&fuse, EIO, 0);
	assert_status(STATUS_REGISTRY_IO_FAILED, fb_nt_load_hive(copy, NULL, &other));
	assert_null(other);
	fusefs_fail_write(&fuse, 0, 0);
	other = key_rig_load(copy, NULL);
	key_rig_unload(other);
}

/* More than the log was reserved for, and than the disk has room for. */
static void full_disk_is_told_and_room_made_helps(void **state)
{
	char ballast[TMPDIR_LEN + 16];
	void *data = calloc(1, 6 * MIB);
	NTSTATUS status;
	int err;

	(void)state;
	need(missing);
	load_in(tiny, NULL);
	tmpdir_join(ballast, sizeof(ballast), tiny, "ballast");
	status = fb_nt_set_value(root, "big", REG_BINARY, data, 6 * MIB);
	free(data);
	assert_status(STATUS_SUCCESS, status);
	assert_status(STATUS_REGISTRY_IO_FAILED, NtFlushKey(root));
	err = fb_nt_os_error();
	assert_int_equal(err, ENOSPC);
	assert_status(STATUS_SUCCESS, fb_nt_delete_value(root, "big"));
	assert_false(mount(NULL, tiny, NULL, MS_REMOUNT, "size=64m"));
	key_rig_set(root, "v", 5);
	assert_still_to_be_flushed(5);
}

static void disk_gone_read_only_is_write_protected(void **state)
{
	(void)state;
	need(missing);
	load_in(loop.dir, NULL);
	key_rig_set(root, "v", 1);
	need(loopfs_fail(&loop));
	assert_flush_fails(STATUS_MEDIA_WRITE_PROTECTED, EROFS);
	assert_int_equal(key_rig_get(root, "v"), 1);
}

static void read_only_mount_is_write_protected_but_for_reading(void **state)
{
	const struct fb_nt_hive_options o = {.read_only = true};
	HANDLE other = NULL;

	(void)state;
	need(missing);
	load_in(loop.dir, NULL);
	key_rig_set(root, "v", 1);
	key_rig_unload(root);
	root = NULL;
	assert_false(mount(NULL, loop.dir, NULL, MS_REMOUNT | MS_RDONLY, NULL));
	assert_status(STATUS_MEDIA_WRITE_PROTECTED,
		      fb_nt_load_hive(path, NULL, &other));
	assert_int_equal(fb_nt_os_error(), EROFS);
	root = key_rig_load(path, &o);
	assert_int_equal(key_rig_get(root, "v"), 1);
	assert_status(STATUS_SUCCESS, NtFlushKey(root));
}

int main(void)
{
#define FUSE(name) cmocka_unit_test_setup_teardown(name, setup_fuse, teardown)
#define LOOP(name) cmocka_unit_test_setup_teardown(name, setup_loop, teardown)
	const struct CMUnitTest tests[] = {
		FUSE(failed_sync_is_told_with_its_number),
		FUSE(failed_write_is_told_with_its_number),
		FUSE(old_strategy_tells_and_keeps_its_failures_too),
		FUSE(clean_hive_does_not_notice_a_dead_disk),
		FUSE(hive_is_unloaded_even_where_its_disk_fails),
		FUSE(failed_save_and_load_leave_nothing),
		cmocka_unit_test_setup_teardown(full_disk_is_told_and_room_made_helps,
						setup_tiny, teardown),
		LOOP(disk_gone_read_only_is_write_protected),
		LOOP(read_only_mount_is_write_protected_but_for_reading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
