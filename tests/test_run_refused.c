/*
 * Targets and results that `run` will not begin on: told with what to do, untouched.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "device/cache_off.h"
#include "support/cli.h"
#include "support/loopfs.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static struct loopfs loop;
static struct fb_cache_off *off;

static int leave(void **state)
{
	cli_free(&lab.c);
	fb_cache_off_end(off, NULL);
	off = NULL;
	loopfs_unmount(&loop);
	return cli_lab_leave(state);
}

static void use(const char *type, uint64_t bytes)
{
	const struct loopfs_spec spec = {.type = type, .bytes = bytes};

	need(loopfs_missing(type));
	assert_int_equal(loopfs_mount(&loop, &spec), 0);
	tmpdir_join(lab.target, sizeof(lab.target), loop.dir, "t");
	assert_int_equal(mkdir(lab.target, 0755), 0);
}

static void what_does_not_fit_is_refused_beforehand(void **state)
{
	(void)state;
	use("ext4", 16 << 20);
	assert_exit(2, measure("--mode normal --size 64m"), lab.c);
	assert_says(lab.c.err, "size");
	assert_says(lab.c.err, lab.target);
	assert_int_equal(folder_entries(lab.results), -1);
	assert_exit(2, measure("--mode normal --size 3m --numjobs 8"), lab.c);
	assert_says(lab.c.err, "numjobs");
	assert_tidy();
	assert_exit(0, measure("--mode normal --size 2m --numjobs 2"), lab.c);
	assert_tidy();
}

/* What a run killed while it measured leaves: its folder, its lock, its target. */
static void leave_behind(off_t bytes)
{
	char work[CLI_PATH + 32], path[CLI_PATH + 64];
	int fd;

	tmpdir_join(work, sizeof(work), lab.target, "flushbench.work");
	assert_int_equal(mkdir(work, 0700), 0);
	tmpdir_join(path, sizeof(path), work, ".flushbench-lock");
	close(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
	tmpdir_join(path, sizeof(path), work, "target");
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(posix_fallocate(fd, 0, bytes), 0);
	assert_int_equal(close(fd), 0);
}

static void a_leftover_does_not_count_as_taken(void **state)
{
	(void)state;
	use("ext4", 64 << 20);
	leave_behind(32 << 20);
	assert_exit(0, measure("--mode none --size 30m --ops 1"), lab.c);
	assert_says(lab.c.err, "removed what a killed run had left");
	assert_tidy();
	leave_behind(32 << 20);
	assert_exit(2, measure("--mode none --size 64m"), lab.c);
	assert_says(lab.c.err, "size");
	assert_tidy();
}

/* It gives deleted space back some time later: the run must not ask too early. */
static void a_leftover_on_xfs_does_not_count_either(void **state)
{
	(void)state;
	use("xfs", 320 << 20);
	leave_behind(180 << 20);
	assert_exit(0, measure("--mode none --size 100m --fill_bs 1m --ops 1"), lab.c);
	assert_tidy();
}

static void a_disk_another_run_has_switched_off_is_refused(void **state)
{
	struct fb_device d;
	char who[32];

	(void)state;
	use("ext4", 16 << 20);
	assert_int_equal(fb_device_resolve(lab.target, &d, NULL), 0);
	assert_int_equal(fb_cache_off_begin(&off, &d, NULL), 0);
	assert_exit(4, measure("--mode normal"), lab.c);
	snprintf(who, sizeof(who), "process %d ", (int)getpid());
	assert_says(lab.c.err, who);
	assert_says(lab.c.err, loop.name);
	assert_int_equal(folder_entries(lab.results), -1);
	assert_tidy();
	assert_int_equal(fb_cache_off_end(off, NULL), 0);
	off = NULL;
	assert_exit(0, measure("--mode normal"), lab.c);
}

static void results_that_cannot_begin_are_refused(void **state)
{
	(void)state;
	file_put("results", "", 0);
	assert_exit(2, measure("--mode none"), lab.c);
	assert_says(lab.c.err, lab.results);
	assert_says(lab.c.err, "Not a directory");
	assert_tidy();
}

static void results_in_the_folder_that_goes_are_refused(void **state)
{
	(void)state;
	assert_exit(2,
		    cli_run(&lab.c,
			    "run --path null --ops 3 --ramp_time 0 --target %s "
			    "--results %s/flushbench.work/r",
			    lab.target, lab.target),
		    lab.c);
	assert_says(lab.c.err, "--results");
	assert_tidy();
}

static void two_runs_of_one_second_have_two_names(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++)
		assert_exit(0,
			    cli_run(&lab.c,
				    "run --path null --ops 3 --ramp_time 0 --reps 1 "
				    "--target %s --results %s",
				    lab.target, lab.results),
			    lab.c);
	assert_int_equal(folder_entries(lab.results), 4);
}

/* A name of 250 bytes is a file's, but leaves no room for what goes before it. */
static void a_long_profile_name_is_no_reason_to_refuse(void **state)
{
	static const char text[] =
		"[job]\nmode = none\nsize = 64k\nops = 1\nreps = 1\n";
	char name[256];
	struct dirent *e;
	DIR *d;

	(void)state;
	memset(name, 'p', 246);
	strcpy(name + 246, ".ini");
	cli_run(&lab.c, "run --target %s --results %s %s", lab.target, lab.results,
		file_put(name, text, sizeof(text) - 1));
	assert_exit(0, lab.c.exit, lab.c);
	assert_int_equal(folder_entries(lab.results), 1);
	d = opendir(lab.results);
	assert_non_null(d);
	*name = '\0';
	while ((e = readdir(d)))
		if (*e->d_name != '.')
			strcpy(name, e->d_name);
	closedir(d);
	assert_in_range(strlen(name), 100, 199);
	assert_non_null(strstr(name, "-pppp"));
}

static void a_target_that_is_no_folder_is_refused(void **state)
{
	const char *kept = lab.results;

	(void)state;
	strcpy(lab.target, file_put("file", "mine", 4));
	assert_exit(2, measure("--mode none"), lab.c);
	assert_says(lab.c.err, lab.target);
	assert_says(lab.c.err, "no folder");
	tmpdir_join(lab.target, sizeof(lab.target), lab.top, "nosuch");
	assert_exit(2, measure("--mode none"), lab.c);
	assert_says(lab.c.err, lab.target);
	assert_says(lab.c.err, "name a folder");
	assert_int_equal(folder_entries(kept), -1);
}

static void a_read_only_target_is_refused(void **state)
{
	(void)state;
	use("ext4", 16 << 20);
	assert_int_equal(mount(NULL, loop.dir, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
	assert_exit(2, measure("--mode none"), lab.c);
	assert_says(lab.c.err, lab.target);
	assert_says(lab.c.err, "Read-only file system");
	assert_int_equal(folder_entries(lab.results), -1);
}

static void refused_for(const char *work)
{
	assert_exit(2, measure("--mode none"), lab.c);
	assert_says(lab.c.err, work);
	assert_says(lab.c.err, "not of our making; move it away");
	assert_int_equal(folder_entries(lab.results), -1);
}

static void a_work_folder_of_others_is_not_touched(void **state)
{
	char work[CLI_PATH + 32], elsewhere[CLI_PATH + 32];

	(void)state;
	tmpdir_join(work, sizeof(work), lab.target, "flushbench.work");
	file_put("target/flushbench.work", "mine", 4);
	refused_for(work);
	assert_int_equal(unlink(work), 0);
	mkdir(work, 0755);
	file_put("target/flushbench.work/precious", "mine", 4);
	refused_for(work);
	assert_int_equal(folder_entries(work), 1);
	assert_int_equal(unlink(file_put("target/flushbench.work/precious", "", 0)), 0);
	assert_int_equal(rmdir(work), 0);
	mkdir(tmpdir_join(elsewhere, sizeof(elsewhere), lab.top, "elsewhere"), 0755);
	file_put("elsewhere/.flushbench-lock", "", 0);
	file_put("elsewhere/precious", "mine", 4);
	assert_int_equal(symlink(elsewhere, work), 0);
	refused_for(work);
	assert_int_equal(folder_entries(elsewhere), 2);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, cli_lab_enter, leave)
	const struct CMUnitTest tests[] = {
		TEST(what_does_not_fit_is_refused_beforehand),
		TEST(a_leftover_does_not_count_as_taken),
		TEST(a_leftover_on_xfs_does_not_count_either),
		TEST(a_disk_another_run_has_switched_off_is_refused),
		TEST(results_that_cannot_begin_are_refused),
		TEST(results_in_the_folder_that_goes_are_refused),
		TEST(two_runs_of_one_second_have_two_names),
		TEST(a_long_profile_name_is_no_reason_to_refuse),
		TEST(a_target_that_is_no_folder_is_refused),
		TEST(a_read_only_target_is_refused),
		TEST(a_work_folder_of_others_is_not_touched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
