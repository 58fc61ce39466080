/*
 * Things going wrong on the way: a device that fails, a disk that is full, a target
 * that is none. The trouble is told once and exactly, all else goes on.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/cli.h"
#include "support/fusefs.h"
#include "support/loopfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* Requests before the first op: the folder and the file are synced when they are
 * made, the file once more before the clock starts. */
enum { SYNCS_BEFORE = 3, FILL_WRITES = 16, GOOD_OPS = 7 };

static struct {
	struct loopfs loop;
	struct fusefs fuse;
	char mounted[CLI_PATH];
} rig;

static int enter(void **state)
{
	memset(&rig, 0, sizeof(rig));
	return cli_lab_enter(state);
}

static int leave(void **state)
{
	cli_free(&lab.c);
	if (rig.mounted[0])
		umount2(rig.mounted, MNT_DETACH);
	loopfs_unmount(&rig.loop);
	fusefs_unmount(&rig.fuse);
	return cli_lab_leave(state);
}

static void use_fuse(bool writeback)
{
	need(fusefs_missing());
	assert_int_equal(fusefs_mount(&rig.fuse, writeback), 0);
	tmpdir_join(lab.target, sizeof(lab.target), rig.fuse.dir, "t");
	assert_int_equal(mkdir(lab.target, 0755), 0);
}

static void use_ext4(uint64_t bytes)
{
	const struct loopfs_spec spec = {.type = "ext4", .bytes = bytes};

	need(loopfs_missing("ext4"));
	assert_int_equal(loopfs_mount(&rig.loop, &spec), 0);
	tmpdir_join(lab.target, sizeof(lab.target), rig.loop.dir, "t");
	assert_int_equal(mkdir(lab.target, 0755), 0);
}

static const char *text(size_t row, const char *column)
{
	return field(FB_RUN_SUMMARY, row, column);
}

/* Three jobs in this order; only the middle one writes to the target. */
static int run_around(const char *middle)
{
	char profile[512];

	snprintf(profile, sizeof(profile),
		 "[global]\nreps = 1\nramp_time = 0\nsize = 64k\nops = 20\n"
		 "runtime = 60\n"
		 "[before]\npath = null\nmode = none\n"
		 "[middle]\n%s\n"
		 "[after]\npath = null\nmode = none\n",
		 middle);
	run_profile_start(profile);
	cli_wait(&lab.c, 60000);
	measure_load();
	return lab.c.exit;
}

struct failure {
	const char *middle;
	const char *status;
	int os_error;
	int good_ops;
	const char *says;
};

/* The middle job failed after @good_ops; the others and the run came to their end. */
static void failed_as(const struct failure *f)
{
	assert_exit(1, run_around(f->middle), lab.c);
	assert_int_equal(row_count(FB_RUN_SUMMARY), 3);
	assert_string_equal(text(0, "job"), "before");
	assert_string_equal(text(2, "job"), "after");
	assert_string_equal(text(0, "ops"), "20");
	assert_string_equal(text(2, "ops"), "20");
	assert_string_equal(text(2, "errors"), "0");
	assert_string_equal(text(1, "ended"), "error");
	assert_string_equal(text(1, "errors"), "1");
	assert_string_equal(text(1, "status"), f->status);
	assert_int_equal(number(FB_RUN_SUMMARY, 1, "os_error"), f->os_error);
	assert_int_equal(number(FB_RUN_SUMMARY, 1, "ops"), f->good_ops);
	assert_int_equal(count_of(FB_RUN_HISTOGRAM, "2", "write"), f->good_ops);
	assert_int_equal(count_of(FB_RUN_HISTOGRAM, "2", "commit"), f->good_ops);
	assert_int_equal(count_of(FB_RUN_SERIES, "2", "write"), f->good_ops);
	assert_int_equal(number(FB_RUN_SUMMARY, 1, "app_writes"), f->good_ops);
	assert_says(lab.c.err, "rep 1: ");
	assert_says(lab.c.err, f->says);
	assert_true(lab.run.complete);
	assert_tidy();
}

#define IO_ERROR  "0xC0000185"
#define DISK_FULL "0xC000007F"

static void a_flush_that_fails_ends_its_case_alone(void **state)
{
	static const struct {
		struct failure f;
		int err;
	} list[] = {
		{{"mode = normal", IO_ERROR, EIO, GOOD_OPS, "flush failed"}, EIO},
		{{"mode = data-sync-only", DISK_FULL, ENOSPC, GOOD_OPS, "flush failed"},
		 ENOSPC},
		{{"mode = purge", IO_ERROR, EIO, GOOD_OPS, "flush failed"}, EIO},
		{{"mode = write-through", IO_ERROR, EIO, GOOD_OPS, "write failed"},
		 EIO},
		{{"mode = write-dsync", DISK_FULL, ENOSPC, GOOD_OPS, "write failed"},
		 ENOSPC},
		{{"path = mapped\nmode = msync", IO_ERROR, EIO, GOOD_OPS,
		  "flush failed"},
		 EIO},
		{{"path = mapped\nmode = view-file", IO_ERROR, EIO, GOOD_OPS,
		  "flush failed"},
		 EIO},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		char old[CLI_PATH + 8];

		use_fuse(false);
		fusefs_fail_fsync(&rig.fuse, list[i].err, SYNCS_BEFORE + GOOD_OPS);
		failed_as(&list[i].f);
		fusefs_unmount(&rig.fuse);
		tmpdir_remove(tmpdir_join(old, sizeof(old), lab.results, "r"));
	}
}

static void a_write_that_fails_ends_its_case_alone(void **state)
{
	static const struct failure in_loop = {"mode = normal", IO_ERROR, EIO, GOOD_OPS,
					       "write failed"};

	(void)state;
	use_fuse(false);
	fusefs_fail_write(&rig.fuse, EIO, FILL_WRITES + GOOD_OPS);
	failed_as(&in_loop);
}

static void a_mapped_page_that_cannot_be_written_is_told(void **state)
{
	static const struct failure in_loop = {"path = mapped\nmode = msync", IO_ERROR,
					       EIO, GOOD_OPS, "flush failed"};

	(void)state;
	use_fuse(false);
	fusefs_fail_write(&rig.fuse, EIO, FILL_WRITES + GOOD_OPS);
	failed_as(&in_loop);
}

static void a_target_that_cannot_be_prepared_is_told(void **state)
{
	static const struct failure filling = {"mode = normal", DISK_FULL, ENOSPC, 0,
					       "No space left on device; make room"};
	static const struct failure syncing = {"mode = normal", IO_ERROR, EIO, 0,
					       "Input/output error; the device"};
	char old[CLI_PATH + 8];

	(void)state;
	use_fuse(false);
	fusefs_fail_write(&rig.fuse, ENOSPC, FILL_WRITES / 2);
	failed_as(&filling);
	fusefs_fail_write(&rig.fuse, 0, 0);
	tmpdir_remove(tmpdir_join(old, sizeof(old), lab.results, "r"));
	for (unsigned after = 0; after < SYNCS_BEFORE; after++) {
		fusefs_fail_fsync(&rig.fuse, EIO, after);
		failed_as(&syncing);
		tmpdir_remove(tmpdir_join(old, sizeof(old), lab.results, "r"));
	}
}

static void a_short_write_is_an_error(void **state)
{
	(void)state;
	use_fuse(false);
	atomic_store(&rig.fuse.shared->short_writes, 1);
	assert_exit(1, run_around("mode = none"), lab.c);
	assert_string_equal(text(1, "errors"), "1");
	assert_int_equal(number(FB_RUN_SUMMARY, 1, "ops"), 0);
	assert_says(lab.c.err, "cannot be written in full");
	assert_tidy();
}

static void a_disk_pulled_out_ends_the_run_without_a_hang(void **state)
{
	(void)state;
	use_fuse(false);
	measure_start("--mode normal --runtime 60");
	for (int i = 0; i < 5000 && atomic_load(&rig.fuse.shared->fsyncs) < 10; i++)
		cli_sleep_ms(1);
	fusefs_kill(&rig.fuse);
	assert_exit(1, cli_wait(&lab.c, 10000), lab.c);
	measure_load();
	assert_int_equal(row_count(FB_RUN_SUMMARY), 1);
	assert_string_equal(text(0, "ended"), "error");
	assert_true(only("ops") >= 1);
	assert_says(lab.c.err, "rep 1: ");
	assert_says(lab.c.err, "cannot be removed");
}

static void fill_up(const char *folder)
{
	static char block[65536];
	char path[CLI_PATH + 16];
	int fd = open(tmpdir_join(path, sizeof(path), folder, "filler"),
		      O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	while (write(fd, block, sizeof(block)) > 0)
		;
	while (write(fd, block, 4096) > 0)
		;
	close(fd);
}

static void a_disk_filled_meanwhile_ends_the_case(void **state)
{
	char data[CLI_PATH + 64];
	struct stat s = {0};

	(void)state;
	use_ext4(32 << 20);
	measure_start("--mode normal --prepare extend --pattern append --size 16m "
		      "--runtime 60 --thinktime 500");
	tmpdir_join(data, sizeof(data), lab.target, "flushbench.work/data-0");
	for (int i = 0; i < 10000 && s.st_size < 65536; i++) {
		cli_sleep_ms(1);
		stat(data, &s);
	}
	fill_up(rig.loop.dir);
	assert_exit(1, cli_wait(&lab.c, 10000), lab.c);
	measure_load();
	assert_string_equal(text(0, "status"), DISK_FULL);
	assert_int_equal(only("os_error"), ENOSPC);
	assert_string_equal(text(0, "ended"), "error");
	assert_true(only("ops") >= 16);
	assert_true(count_of(FB_RUN_HISTOGRAM, "1", "commit") == only("ops"));
	assert_says(lab.c.err, "No space left");
	assert_tidy();
}

static void results_on_a_disk_of(unsigned kib)
{
	double counted = 0, expected;
	char size[32];

	snprintf(size, sizeof(size), "size=%uk", kib);
	assert_int_equal(mount("tmpfs", rig.mounted, "tmpfs", 0, size), 0);
	assert_exit(1,
		    measure("--mode none --reps 200 --ops 500 --runtime 60 --size 64k"),
		    lab.c);
	assert_says(lab.c.err, lab.results);
	assert_says(lab.c.err, ".csv: cannot write: No space left");
	expected = 500.0 * (double)row_count(FB_RUN_SUMMARY);
	assert_true(expected >= 500 && expected < 500 * 200);
	for (size_t i = 0; i < row_count(FB_RUN_SUMMARY); i++)
		counted += number(FB_RUN_SUMMARY, i, "ops");
	assert_true(counted == expected);
	assert_true(count_of(FB_RUN_HISTOGRAM, "1", "write") == expected);
	assert_true(count_of(FB_RUN_SERIES, "1", "commit") == expected);
	assert_false(lab.run.complete);
	assert_tidy();
	assert_int_equal(umount2(rig.mounted, MNT_DETACH), 0);
}

/* Disks of several sizes, so that another file is the one that no longer fits. */
static void results_that_no_longer_fit_end_the_run(void **state)
{
	(void)state;
	need(geteuid() ? "mounts need root" : NULL);
	need(own_mounts() ? "no mount namespace" : NULL);
	tmpdir_join(rig.mounted, sizeof(rig.mounted), lab.top, "mnt");
	mkdir(rig.mounted, 0755);
	tmpdir_join(lab.results, sizeof(lab.results), rig.mounted, "results");
	for (unsigned kib = 64; kib < 128; kib += 8)
		results_on_a_disk_of(kib);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, enter, leave)
	const struct CMUnitTest tests[] = {
		TEST(a_flush_that_fails_ends_its_case_alone),
		TEST(a_write_that_fails_ends_its_case_alone),
		TEST(a_mapped_page_that_cannot_be_written_is_told),
		TEST(a_target_that_cannot_be_prepared_is_told),
		TEST(a_short_write_is_an_error),
		TEST(a_disk_pulled_out_ends_the_run_without_a_hang),
		TEST(a_disk_filled_meanwhile_ends_the_case),
		TEST(results_that_no_longer_fit_end_the_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
