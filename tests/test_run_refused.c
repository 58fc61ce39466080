/*
 * Targets and results that `run` will not begin on: told with what to do, untouched.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/cli.h"
#include "support/loopfs.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static struct loopfs loop;

static int leave(void **state)
{
	cli_free(&lab.c);
	loopfs_unmount(&loop);
	return cli_lab_leave(state);
}

static void use_ext4(uint64_t bytes)
{
	const struct loopfs_spec spec = {.type = "ext4", .bytes = bytes};

	need(loopfs_missing("ext4"));
	assert_int_equal(loopfs_mount(&loop, &spec), 0);
	tmpdir_join(lab.target, sizeof(lab.target), loop.dir, "t");
	assert_int_equal(mkdir(lab.target, 0755), 0);
}

static void what_does_not_fit_is_refused_beforehand(void **state)
{
	(void)state;
	use_ext4(16 << 20);
	assert_exit(2, measure("--mode normal --size 64m"), lab.c);
	assert_says(lab.c.err, "size");
	assert_says(lab.c.err, lab.target);
	assert_int_equal(folder_entries(lab.results), -1);
	assert_exit(2, measure("--mode normal --size 3m --numjobs 8"), lab.c);
	assert_says(lab.c.err, "numjobs");
	assert_exit(0, measure("--mode normal --size 2m --numjobs 2"), lab.c);
	assert_tidy();
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
	use_ext4(16 << 20);
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
		TEST(results_that_cannot_begin_are_refused),
		TEST(a_target_that_is_no_folder_is_refused),
		TEST(a_read_only_target_is_refused),
		TEST(a_work_folder_of_others_is_not_touched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
