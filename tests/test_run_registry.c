/*
 * Runs over the path to the registry, as their rows tell of them.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/cli.h"
#include "support/fusefs.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>

static struct fusefs fuse;

static int leave(void **state)
{
	cli_free(&lab.c);
	fusefs_unmount(&fuse);
	return cli_lab_leave(state);
}

static void rows_say_what_log_and_file_were_written(void **state)
{
	(void)state;
	assert_exit(
		0,
		measure("--path registry --mode all --ops 200 --runtime 60 --ramp_time 20ms"),
		lab.c);
	assert_int_equal(row_count(FB_RUN_SUMMARY), 2);
	for (size_t row = 0; row < 2; row++) {
		bool legacy = !strcmp(field(FB_RUN_SUMMARY, row, "mode"), "key-legacy");
		double flushes = number(FB_RUN_SUMMARY, row, "app_flushes");
		double log = number(FB_RUN_SUMMARY, row, "log_bytes");
		double primary = number(FB_RUN_SUMMARY, row, "primary_bytes");

		assert_string_equal(field(FB_RUN_SUMMARY, row, "fidelity"), "emulated");
		assert_string_equal(field(FB_RUN_SUMMARY, row, "ended"), "ops");
		assert_true(flushes == 200);
		assert_true(number(FB_RUN_SUMMARY, row, "app_writes") == 200);
		assert_true(number(FB_RUN_SUMMARY, row, "app_bytes") == 800);
		/* of the ramp nothing: it would be many times that */
		assert_true(log >= 200 * 4096 && log <= 200 * 16384);
		if (legacy)
			assert_true(primary >= 200 * 4096 && primary <= 200 * 16384);
		assert_true(number(FB_RUN_SUMMARY, row, "hive_growth_bytes") == 0);
		assert_true(number(FB_RUN_SUMMARY, row, "lazy_flushes") == 0);
		assert_true(number(FB_RUN_SUMMARY, row, "lazy_bytes") == 0);
		assert_string_equal(field(FB_RUN_SUMMARY, row, "bs"), "");
		assert_string_equal(field(FB_RUN_SUMMARY, row, "dirty_share"), "");
		assert_string_equal(field(FB_RUN_SUMMARY, row, "value_size"), "4");
	}
	assert_tidy();
}

static void other_paths_have_no_figures_of_hives(void **state)
{
	static const char *const columns[] = {
		"log_bytes",    "primary_bytes", "hive_growth_bytes",
		"lazy_flushes", "lazy_bytes",    "values_per_key",
		"hives"};

	(void)state;
	assert_exit(0, measure("--path file --mode normal"), lab.c);
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		assert_string_equal(field(FB_RUN_SUMMARY, 0, columns[i]), "");
}

static void writes_and_flushes_of_every_hive_count(void **state)
{
	(void)state;
	assert_exit(0,
		    measure("--path registry --mode key --ops 6 --hives 3 --size 200k "
			    "--runtime 60 --writes_per_flush 5 --value_size 16"),
		    lab.c);
	assert_true(only("ops") == 6);
	assert_true(only("app_flushes") == 3 * 6);
	assert_true(only("app_writes") == 3 * 6 * 5);
	assert_true(only("app_bytes") == 3 * 6 * 5 * 16);
	assert_tidy();
}

static void a_share_of_the_values_is_what_an_op_writes(void **state)
{
	double all, tenth;

	(void)state;
	assert_exit(
		0,
		measure("--path registry --mode key --ops 1 --runtime 60 --dirty_share 1"),
		lab.c);
	all = only("app_writes");
	assert_exit(
		0,
		measure("--path registry --mode key --ops 2 --runtime 60 --dirty_share 0.1"),
		lab.c);
	tenth = only("writes_per_flush");
	assert_true(only("app_writes") == 2 * tenth);
	assert_true(fabs(all / 10 - tenth) <= 0.5);
	assert_true(only("dirty_share") == 0.1);
	assert_true(all > 10000);
}

static void a_hive_that_grows_ends_when_its_size_is_reached(void **state)
{
	(void)state;
	assert_exit(0,
		    measure("--path registry --mode key --prepare extend --size 100k "
			    "--pattern append --writes_per_flush 50 --runtime 20"),
		    lab.c);
	assert_string_equal(field(FB_RUN_SUMMARY, 0, "ended"), "space");
	assert_true(only("hive_growth_bytes") > 80 * 1024);
	assert_true(only("hive_growth_bytes") < 110 * 1024);
	assert_tidy();
}

static void threads_of_one_hive_and_one_flusher_go_together(void **state)
{
	(void)state;
	assert_exit(0,
		    measure("--path registry --mode key --numjobs 3 --share one "
			    "--flushers 1 --ops 300 --runtime 60"),
		    lab.c);
	assert_true(only("ops") == 300);
	assert_true(only("app_flushes") == 100);
	assert_true(only("app_writes") == 300);
	assert_tidy();
}

static void more_hives_than_a_login_may_open_files_are_opened(void **state)
{
	struct rlimit before, few;

	(void)state;
	getrlimit(RLIMIT_NOFILE, &before);
	few = (struct rlimit){64, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	measure("--path registry --mode key --ops 2 --hives 30 --size 64k "
		"--values_per_key 10 --runtime 60");
	setrlimit(RLIMIT_NOFILE, &before);
	assert_int_equal(lab.c.exit, 0);
	assert_true(only("app_flushes") == 2 * 30);
	assert_tidy();
}

/* So many syncs make the hive and flush it for some ops, but not for twenty. */
enum { SYNCS_BEFORE = 18 };

static void a_flush_that_fails_ends_its_case_alone(void **state)
{
	static const char *const modes[] = {"key", "key-legacy"};

	(void)state;
	need(fusefs_missing());
	assert_int_equal(fusefs_mount(&fuse, false), 0);
	tmpdir_join(lab.target, sizeof(lab.target), fuse.dir, "t");
	assert_int_equal(mkdir(lab.target, 0755), 0);
	for (int i = 0; i < 2; i++) {
		char text[256], run[CLI_PATH + 8];

		snprintf(text, sizeof(text),
			 "[global]\nreps=1\nramp_time=0\nsize=64k\nops=20\n"
			 "[hive]\npath=registry\nmode=%s\n"
			 "[after]\npath=null\nmode=none\n",
			 modes[i]);
		fusefs_fail_fsync(&fuse, EIO, SYNCS_BEFORE);
		run_profile_start(text);
		assert_exit(1, cli_wait(&lab.c, 60000), lab.c);
		measure_load();
		assert_string_equal(field(FB_RUN_SUMMARY, 0, "ended"), "error");
		assert_string_equal(field(FB_RUN_SUMMARY, 0, "status"), "0xC000014D");
		assert_int_equal(only("os_error"), EIO);
		assert_true(only("ops") > 0 && only("ops") < 20);
		assert_says(lab.c.err, "STATUS_REGISTRY_IO_FAILED");
		assert_says(lab.c.err, "kernel's log (dmesg)");
		assert_string_equal(field(FB_RUN_SUMMARY, 1, "ops"), "20");
		assert_true(lab.run.complete);
		assert_tidy();
		tmpdir_remove(tmpdir_join(run, sizeof(run), lab.results, "r"));
	}
}

static void hives_that_do_not_fit_into_memory_are_refused(void **state)
{
	(void)state;
	assert_exit(2,
		    run_in_target("run --path registry --mode key --size 1g "
				  "--hives 1000 --numjobs 20"),
		    lab.c);
	assert_says(lab.c.err, "--size: size=1g: ");
	assert_says(lab.c.err, "lower size, hives or numjobs");
	assert_untouched(0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, cli_lab_enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(rows_say_what_log_and_file_were_written),
		T(other_paths_have_no_figures_of_hives),
		T(writes_and_flushes_of_every_hive_count),
		T(a_share_of_the_values_is_what_an_op_writes),
		T(a_hive_that_grows_ends_when_its_size_is_reached),
		T(threads_of_one_hive_and_one_flusher_go_together),
		T(more_hives_than_a_login_may_open_files_are_opened),
		T(a_flush_that_fails_ends_its_case_alone),
		T(hives_that_do_not_fit_into_memory_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
