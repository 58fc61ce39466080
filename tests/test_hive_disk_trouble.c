/*
 * The files of a hive, on disks that are full, fail, or do half of what they are asked.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "hive/io.h"
#include "support/fusefs.h"
#include "support/loopfs.h"
#include "support/need.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define MIB ((uint64_t)1 << 20)

/* What a test took: given back by leave(), whether it passed or not. */
static struct {
	struct fusefs fuse;
	struct loopfs loop;
	const char *missing;
	const char *folder;
	char hive[TMPDIR_LEN + 16];
	struct fb_hive_io *io;
	struct fb_err err;
} lab;

static char data[65536];

static int open_hive(const char *folder)
{
	lab.folder = folder;
	tmpdir_join(lab.hive, sizeof(lab.hive), folder, "hive");
	return fb_hive_disk_open(&lab.io, lab.hive, FB_HIVE_CREATE, &lab.err);
}

static int enter_fuse(void **state)
{
	(void)state;
	memset(&lab, 0, sizeof(lab));
	lab.missing = fusefs_missing();
	if (lab.missing)
		return 0;
	if (fusefs_mount(&lab.fuse, false) || open_hive(lab.fuse.dir))
		return -1;
	fusefs_reset_counts(&lab.fuse);
	return 0;
}

static int enter_loop(void **state)
{
	const struct loopfs_spec spec = {.type = "ext4", .bytes = 16 * MIB};

	(void)state;
	memset(&lab, 0, sizeof(lab));
	lab.missing = loopfs_missing("ext4");
	if (lab.missing)
		return 0;
	return loopfs_mount(&lab.loop, &spec) || open_hive(lab.loop.dir) ? -1 : 0;
}

static void let_go(void)
{
	if (lab.io)
		lab.io->ops->close(lab.io);
	lab.io = NULL;
}

static int leave(void **state)
{
	(void)state;
	let_go();
	fusefs_unmount(&lab.fuse);
	loopfs_unmount(&lab.loop);
	return 0;
}

static int put(uint64_t offset, size_t bytes)
{
	const struct fb_hive_span spans[] = {{data, bytes / 3},
					     {data + bytes / 3, bytes - bytes / 3}};

	return lab.io->ops->write(lab.io, FB_HIVE_PRIMARY, offset, spans, 2);
}

static int reserve(uint64_t bytes)
{
	return lab.io->ops->reserve(lab.io, FB_HIVE_LOG1, bytes);
}

static uint64_t size_of(enum fb_hive_file f)
{
	uint64_t bytes = UINT64_MAX;

	assert_int_equal(lab.io->ops->size(lab.io, f, &bytes), 0);
	return bytes;
}

static void short_writes_are_continued(void **state)
{
	static char got[sizeof(data)];

	(void)state;
	need(lab.missing);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(i / 251 + i);
	for (unsigned n = 1; n < 12; n++) {
		uint64_t at = n * sizeof(data);

		atomic_store(&lab.fuse.shared->short_writes, n);
		assert_int_equal(put(at, sizeof(data)), 0);
		assert_int_equal(atomic_load(&lab.fuse.shared->short_writes), 0);
		assert_int_equal(lab.io->ops->read(lab.io, FB_HIVE_PRIMARY, at, got,
						   sizeof(got)),
				 0);
		assert_memory_equal(got, data, sizeof(got));
	}
}

/* Only the next write says why the one before was short. */
static void write_that_stops_half_way_is_told(void **state)
{
	(void)state;
	need(lab.missing);
	atomic_store(&lab.fuse.shared->short_writes, 1);
	fusefs_fail_write(&lab.fuse, ENOSPC, 1);
	assert_int_equal(put(0, 4096), -ENOSPC);
	fusefs_fail_write(&lab.fuse, EIO, 0);
	assert_int_equal(put(0, 4096), -EIO);
	fusefs_fail_write(&lab.fuse, 0, 0);
	assert_int_equal(put(0, 4096), 0);
}

static void interrupted_sync_is_tried_again(void **state)
{
	(void)state;
	need(lab.missing);
	assert_int_equal(put(0, 4096), 0);
	atomic_store(&lab.fuse.shared->interrupts, 3);
	assert_int_equal(lab.io->ops->sync(lab.io, FB_HIVE_PRIMARY), 0);
	assert_int_equal(atomic_load(&lab.fuse.shared->fdatasyncs), 4);
}

static void sync_that_fails_is_told(void **state)
{
	(void)state;
	need(lab.missing);
	assert_int_equal(put(0, 4096), 0);
	fusefs_fail_fsync(&lab.fuse, EIO, 0);
	assert_int_equal(lab.io->ops->sync(lab.io, FB_HIVE_PRIMARY), -EIO);
}

static void reserve_syncs_the_log_and_its_folder(void **state)
{
	(void)state;
	need(lab.missing);
	for (unsigned n = 1; n <= 2; n++) {
		assert_int_equal(reserve(4096), 0);
		assert_int_equal(atomic_load(&lab.fuse.shared->fdatasyncs), n);
		assert_int_equal(atomic_load(&lab.fuse.shared->fsyncs), n);
	}
}

/* A larger write makes a large folio, which a page written later is charged for. */
static void reserved_log_is_written_page_by_page(void **state)
{
	(void)state;
	need(lab.missing);
	assert_int_equal(reserve(6000), 0);
	fusefs_reset_counts(&lab.fuse);
	assert_int_equal(reserve(MIB), 0);
	assert_int_equal(atomic_load(&lab.fuse.shared->writes), MIB / 4096 - 1);
	assert_int_equal(atomic_load(&lab.fuse.shared->bytes_written), MIB - 6000);
}

static void reserve_that_cannot_write_removes_the_log_it_made(void **state)
{
	(void)state;
	need(lab.missing);
	fusefs_fail_write(&lab.fuse, ENOSPC, 3);
	assert_int_equal(reserve(4 * MIB), -ENOSPC);
	assert_int_equal(folder_entries(lab.folder), 1);
	fusefs_fail_write(&lab.fuse, 0, 0);
	assert_int_equal(reserve(4 * MIB), 0);
	assert_int_equal(size_of(FB_HIVE_LOG1), 4 * MIB);
}

static void reserve_that_cannot_sync_removes_the_log_it_made(void **state)
{
	(void)state;
	need(lab.missing);
	for (unsigned after = 0; after < 2; after++) {
		fusefs_fail_fsync(&lab.fuse, EIO, after);
		assert_int_equal(reserve(4096), -EIO);
		assert_int_equal(folder_entries(lab.folder), 1);
	}
	fusefs_fail_fsync(&lab.fuse, 0, 0);
	assert_int_equal(reserve(4096), 0);
}

/* Else the next reserve would think its new part written. */
static void reserve_that_fails_leaves_an_old_log_as_it_was(void **state)
{
	char got[6];

	(void)state;
	need(lab.missing);
	assert_int_equal(reserve(4096), 0);
	assert_int_equal(lab.io->ops->write(lab.io, FB_HIVE_LOG1, 600,
					    &(struct fb_hive_span){"entry", 6}, 1),
			 0);
	fusefs_fail_write(&lab.fuse, EIO, 2);
	assert_int_equal(reserve(4 * MIB), -EIO);
	assert_int_equal(size_of(FB_HIVE_LOG1), 4096);
	fusefs_fail_write(&lab.fuse, 0, 0);
	fusefs_fail_fsync(&lab.fuse, EIO, 0);
	assert_int_equal(reserve(8192), -EIO);
	assert_int_equal(reserve(4096), -EIO);
	assert_int_equal(size_of(FB_HIVE_LOG1), 4096);
	assert_int_equal(lab.io->ops->read(lab.io, FB_HIVE_LOG1, 600, got, 6), 0);
	assert_string_equal(got, "entry");
	assert_int_equal(folder_entries(lab.folder), 2);
}

static void new_hive_that_cannot_be_made_durable_is_removed(void **state)
{
	(void)state;
	need(lab.missing);
	let_go();
	assert_int_equal(unlink(lab.hive), 0);
	for (unsigned after = 0; after < 2; after++) {
		fusefs_fail_fsync(&lab.fuse, EIO, after);
		assert_int_equal(open_hive(lab.folder), -EIO);
		assert_null(lab.io);
		assert_non_null(strstr(lab.err.text, lab.hive));
		assert_int_equal(folder_entries(lab.folder), 0);
	}
}

static uint64_t room(void)
{
	struct statvfs st;

	assert_int_equal(statvfs(lab.folder, &st), 0);
	return st.f_bfree * st.f_frsize;
}

static void full_disk_has_its_room_back_when_a_reserve_fails(void **state)
{
	uint64_t before;

	(void)state;
	need(lab.missing);
	before = room();
	assert_int_equal(reserve(64 * MIB), -ENOSPC);
	assert_int_equal(folder_entries(lab.folder), 2); /* lost+found too */
	assert_int_equal(room(), before);
	assert_int_equal(reserve(MIB), 0);
	before = room();
	assert_int_equal(reserve(64 * MIB), -ENOSPC);
	assert_int_equal(size_of(FB_HIVE_LOG1), MIB);
	assert_int_equal(room(), before);
}

static void write_to_a_full_disk_is_told(void **state)
{
	uint64_t at = 0;
	int ret;

	(void)state;
	need(lab.missing);
	do {
		ret = put(at, sizeof(data));
		at += sizeof(data);
	} while (!ret && at < 64 * MIB);
	assert_int_equal(ret, -ENOSPC);
}

int main(void)
{
#define FUSE(name) cmocka_unit_test_setup_teardown(name, enter_fuse, leave)
#define LOOP(name) cmocka_unit_test_setup_teardown(name, enter_loop, leave)
	const struct CMUnitTest tests[] = {
		FUSE(short_writes_are_continued),
		FUSE(write_that_stops_half_way_is_told),
		FUSE(interrupted_sync_is_tried_again),
		FUSE(sync_that_fails_is_told),
		FUSE(reserve_syncs_the_log_and_its_folder),
		FUSE(reserved_log_is_written_page_by_page),
		FUSE(reserve_that_cannot_write_removes_the_log_it_made),
		FUSE(reserve_that_cannot_sync_removes_the_log_it_made),
		FUSE(reserve_that_fails_leaves_an_old_log_as_it_was),
		FUSE(new_hive_that_cannot_be_made_durable_is_removed),
		LOOP(full_disk_has_its_room_back_when_a_reserve_fails),
		LOOP(write_to_a_full_disk_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
