#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "nt/nt.h"
#include "nt/objects.h"
#include "support/fusefs.h"
#include "support/loopfs.h"
#include "support/need.h"
#include "support/nt_assert.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define RW   (FILE_READ_DATA | FILE_WRITE_DATA)
#define SIZE 65536
#define MIB  ((uint64_t)1 << 20)

static struct fusefs fuse;
static struct loopfs loop;
static char tiny[TMPDIR_LEN];
static char path[TMPDIR_LEN + 16];
static HANDLE file;
static void *view;
static const char *missing;
static char data[SIZE];

static int make_file(const char *dir)
{
	tmpdir_join(path, sizeof(path), dir, "file");
	if (fb_nt_open_file(path, RW, 0, FB_NT_CREATE, &file))
		return -1;
	return fb_nt_set_size(file, SIZE) ? -1 : 0;
}

static int setup_fuse(bool writeback)
{
	missing = fusefs_missing();
	if (missing)
		return 0;
	return fusefs_mount(&fuse, writeback) ? -1 : make_file(fuse.dir);
}

static int setup_fuse_cached(void **state)
{
	(void)state;
	return setup_fuse(true);
}

static int setup_fuse_direct(void **state)
{
	(void)state;
	return setup_fuse(false);
}

static int setup_loop(void **state)
{
	const struct loopfs_spec spec = {.type = "ext4",
					 .bytes = 16 * MIB,
					 .options = "errors=remount-ro,commit=300"};

	(void)state;
	missing = loopfs_missing("ext4");
	if (missing)
		return 0;
	return loopfs_mount(&loop, &spec) ? -1 : make_file(loop.dir);
}

/* An ext4 whose disk lies on a tmpfs that is smaller than it claims to be. */
static int setup_loop_too_large(void **state)
{
	const struct loopfs_spec spec = {.type = "ext4",
					 .bytes = 64 * MIB,
					 .options = "commit=300",
					 .image_in = tiny};

	(void)state;
	missing = loopfs_missing("ext4");
	if (missing)
		return 0;
	if (tmpdir_make(tiny) || mount("tmpfs", tiny, "tmpfs", 0, "size=16m"))
		return -1;
	return loopfs_mount(&loop, &spec) ? -1 : make_file(loop.dir);
}

static int teardown(void **state)
{
	(void)state;
	fb_nt_unmap_view(view);
	NtClose(file);
	view = NULL;
	file = NULL;
	fusefs_unmount(&fuse);
	loopfs_unmount(&loop);
	if (tiny[0])
		umount2(tiny, MNT_DETACH);
	tmpdir_remove(tiny);
	return 0;
}

static void write_all(void)
{
	memset(data, 'd', SIZE);
	assert_status(STATUS_SUCCESS, fb_nt_write(file, 0, data, SIZE, false));
}

/* The flush fails so, its errno is kept, the status block left alone. */
static void assert_flush_fails(ULONG flags, NTSTATUS expected, int os_error)
{
	IO_STATUS_BLOCK iosb = IOSB_UNTOUCHED;

	assert_status(expected, NtFlushBuffersFileEx(file, flags, NULL, 0, &iosb));
	assert_int_equal(fb_nt_os_error(), os_error);
	assert_iosb_untouched(iosb);
}

static void assert_flush_succeeds(ULONG flags)
{
	IO_STATUS_BLOCK iosb = IOSB_UNTOUCHED;

	assert_status(STATUS_SUCCESS,
		      NtFlushBuffersFileEx(file, flags, NULL, 0, &iosb));
	assert_iosb(STATUS_SUCCESS, 0, iosb);
}

static void each_errno_has_its_status(void **state)
{
	const struct {
		int err;
		NTSTATUS status;
	} expected[] = {
		{EROFS, STATUS_MEDIA_WRITE_PROTECTED},
		{ENODEV, STATUS_VOLUME_DISMOUNTED},
		{ENXIO, STATUS_VOLUME_DISMOUNTED},
		{ENOTCONN, STATUS_VOLUME_DISMOUNTED},
		{ESHUTDOWN, STATUS_VOLUME_DISMOUNTED},
		{ECONNABORTED, STATUS_VOLUME_DISMOUNTED},
		{EIO, STATUS_IO_DEVICE_ERROR},
		{ENOSPC, STATUS_DISK_FULL},
		{EDQUOT, STATUS_DISK_FULL},
		{ENOMEM, STATUS_INSUFFICIENT_RESOURCES},
		{EBADF, STATUS_UNEXPECTED_IO_ERROR},
		{EINVAL, STATUS_UNEXPECTED_IO_ERROR},
		{EACCES, STATUS_UNEXPECTED_IO_ERROR},
		{EFAULT, STATUS_UNEXPECTED_IO_ERROR},
		{ETIMEDOUT, STATUS_UNEXPECTED_IO_ERROR},
	};

	(void)state;
	need(missing);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		const int err = expected[i].err;

		fusefs_fail_fsync(&fuse, err, 0);
		assert_flush_fails(0, expected[i].status, err);
		assert_flush_fails(FLUSH_FLAGS_FILE_DATA_SYNC_ONLY, expected[i].status,
				   err);
		assert_flush_fails(FLUSH_FLAGS_FLUSH_AND_PURGE, expected[i].status,
				   err);
		/* No fsync, so nothing to fail. */
		assert_flush_succeeds(FLUSH_FLAGS_FILE_DATA_ONLY);
	}
	fusefs_fail_fsync(&fuse, 0, 0);
	assert_flush_succeeds(0);
}

static void interrupted_flush_is_tried_again(void **state)
{
	IO_STATUS_BLOCK iosb = IOSB_UNTOUCHED;

	(void)state;
	need(missing);
	/* Two answers of EINTR: the server counts the flushes it failed. */
	atomic_store(&fuse.shared->interrupts, 2);
	fusefs_reset_counts(&fuse);
	assert_status(STATUS_SUCCESS, NtFlushBuffersFile(file, &iosb));
	assert_int_equal(fuse.shared->fsyncs, 3);
}

static void nth_flush_fails_as_asked(void **state)
{
	(void)state;
	need(missing);
	fusefs_fail_fsync(&fuse, EIO, 2);
	assert_flush_succeeds(0);
	assert_flush_succeeds(0);
	assert_flush_fails(0, STATUS_IO_DEVICE_ERROR, EIO);
	assert_flush_fails(0, STATUS_IO_DEVICE_ERROR, EIO);
}

static void write_back_error_is_told_by_the_flush(void **state)
{
	const ULONG flags[] = {FLUSH_FLAGS_FILE_DATA_ONLY, FLUSH_FLAGS_NO_SYNC,
			       FLUSH_FLAGS_FILE_DATA_SYNC_ONLY, 0};

	(void)state;
	need(missing);
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		fusefs_fail_write(&fuse, EIO, 0);
		write_all();
		assert_flush_fails(flags[i], STATUS_IO_DEVICE_ERROR, EIO);
		fusefs_fail_write(&fuse, 0, 0);
		assert_flush_succeeds(flags[i]);
	}
}

static void view_flush_keeps_the_failure_in_the_status_block(void **state)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	IO_STATUS_BLOCK iosb = IOSB_UNTOUCHED;
	size_t size = 10;
	void *at;

	(void)state;
	need(missing);
	assert_status(STATUS_SUCCESS, fb_nt_map_view(file, 0, SIZE, false, &view));
	((char *)view)[page] = 1;
	at = (char *)view + page + 5;
	fusefs_fail_write(&fuse, EIO, 0);
	assert_status(STATUS_IO_DEVICE_ERROR,
		      NtFlushVirtualMemory(NtCurrentProcess(), &at, &size, &iosb));
	assert_int_equal(fb_nt_os_error(), EIO);
	assert_iosb(STATUS_IO_DEVICE_ERROR, page, iosb);
	assert_ptr_equal(at, (char *)view + page + 5);
	assert_int_equal(size, 10);
}

static void msync_tells_what_the_flush_answers(void **state)
{
	(void)state;
	need(missing);
	assert_status(STATUS_SUCCESS, fb_nt_map_view(file, 0, SIZE, false, &view));
	*(char *)view = 1;
	fusefs_fail_fsync(&fuse, ENOSPC, 0);
	assert_status(STATUS_DISK_FULL, fb_nt_msync(view, 0));
	assert_int_equal(fb_nt_os_error(), ENOSPC);
}

static void dead_server_is_a_dismounted_volume(void **state)
{
	const ULONG flags[] = {0, FLUSH_FLAGS_FILE_DATA_SYNC_ONLY,
			       FLUSH_FLAGS_FLUSH_AND_PURGE};
	IO_STATUS_BLOCK iosb = IOSB_UNTOUCHED;

	(void)state;
	need(missing);
	write_all();
	fusefs_kill(&fuse);
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		assert_status(STATUS_VOLUME_DISMOUNTED,
			      NtFlushBuffersFileEx(file, flags[i], NULL, 0, &iosb));
		assert_true(fb_nt_os_error() == ENOTCONN ||
			    fb_nt_os_error() == ECONNABORTED);
	}
	assert_iosb_untouched(iosb);
}

static void write_tells_what_the_file_system_answers(void **state)
{
	(void)state;
	need(missing);
	fusefs_fail_write(&fuse, EDQUOT, 1);
	assert_status(STATUS_SUCCESS, fb_nt_write(file, 0, data, 4096, false));
	assert_status(STATUS_DISK_FULL, fb_nt_write(file, 0, data, 4096, false));
	assert_int_equal(fb_nt_os_error(), EDQUOT);
	fusefs_kill(&fuse);
	assert_status(STATUS_VOLUME_DISMOUNTED,
		      fb_nt_write(file, 0, data, 4096, false));
}

static void short_write_without_a_reason_is_told(void **state)
{
	(void)state;
	need(missing);
	atomic_store(&fuse.shared->short_writes, 1);
	assert_status(STATUS_UNEXPECTED_IO_ERROR,
		      fb_nt_write(file, 0, data, 4096, false));
	assert_int_equal(fb_nt_os_error(), 0);
	/* The second try brought the rest out, and asked for no more. */
	assert_int_equal(fuse.shared->bytes_written, 4096);
}

static void volume_gone_read_only_is_write_protected(void **state)
{
	(void)state;
	need(missing);
	write_all();
	need(loopfs_fail(&loop));
	assert_flush_fails(0, STATUS_MEDIA_WRITE_PROTECTED, EROFS);
	assert_flush_fails(FLUSH_FLAGS_FILE_DATA_SYNC_ONLY,
			   STATUS_MEDIA_WRITE_PROTECTED, EROFS);
	assert_flush_fails(FLUSH_FLAGS_FLUSH_AND_PURGE, STATUS_MEDIA_WRITE_PROTECTED,
			   EROFS);
	assert_status(STATUS_MEDIA_WRITE_PROTECTED,
		      fb_nt_write(file, 0, data, SIZE, false));
}

static void read_only_mount_is_write_protected(void **state)
{
	HANDLE h = NULL;

	(void)state;
	need(missing);
	assert_status(STATUS_SUCCESS, NtClose(file));
	assert_false(mount(NULL, loop.dir, NULL, MS_REMOUNT | MS_RDONLY, NULL));
	assert_status(STATUS_MEDIA_WRITE_PROTECTED,
		      fb_nt_open_file(path, RW, 0, FB_NT_OPEN, &h));
	assert_status(STATUS_MEDIA_WRITE_PROTECTED,
		      fb_nt_open_file(loop.dir, FILE_ADD_FILE, FILE_DIRECTORY_FILE,
				      FB_NT_OPEN, &h));
	assert_status(STATUS_MEDIA_WRITE_PROTECTED, fb_nt_open_volume(loop.dir, &h));
	assert_int_equal(fb_nt_os_error(), EROFS);
	assert_null(h);
}

static void write_to_a_full_disk_is_told(void **state)
{
	uint64_t at = 0;
	NTSTATUS status;

	(void)state;
	need(missing);
	do {
		status = fb_nt_write(file, at, data, SIZE, false);
		at += SIZE;
	} while (!status && at < 64 * MIB);
	assert_status(STATUS_DISK_FULL, status);
	assert_int_equal(fb_nt_os_error(), ENOSPC);
	assert_status(STATUS_DISK_FULL, fb_nt_allocate(file, 64 * MIB));
}

/* The disk has room for the names of the blocks, not for what is in them. */
static void flush_to_a_full_disk_is_told(void **state)
{
	(void)state;
	need(missing);
	memset(data, 'd', SIZE);
	for (uint64_t at = 0; at < 24 * MIB; at += SIZE)
		assert_status(STATUS_SUCCESS, fb_nt_write(file, at, data, SIZE, false));
	assert_flush_fails(0, STATUS_DISK_FULL, ENOSPC);
}

int main(void)
{
#define CACHED(name) cmocka_unit_test_setup_teardown(name, setup_fuse_cached, teardown)
#define DIRECT(name) cmocka_unit_test_setup_teardown(name, setup_fuse_direct, teardown)
	const struct CMUnitTest tests[] = {
		CACHED(each_errno_has_its_status),
		CACHED(interrupted_flush_is_tried_again),
		CACHED(nth_flush_fails_as_asked),
		CACHED(write_back_error_is_told_by_the_flush),
		CACHED(view_flush_keeps_the_failure_in_the_status_block),
		CACHED(msync_tells_what_the_flush_answers),
		CACHED(dead_server_is_a_dismounted_volume),
		DIRECT(write_tells_what_the_file_system_answers),
		DIRECT(short_write_without_a_reason_is_told),
		cmocka_unit_test_setup_teardown(
			volume_gone_read_only_is_write_protected, setup_loop, teardown),
		cmocka_unit_test_setup_teardown(read_only_mount_is_write_protected,
						setup_loop, teardown),
		cmocka_unit_test_setup_teardown(write_to_a_full_disk_is_told,
						setup_loop, teardown),
		cmocka_unit_test_setup_teardown(flush_to_a_full_disk_is_told,
						setup_loop_too_large, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
