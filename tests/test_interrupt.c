/*
 * Runs that do not come to their end: killed, interrupted, nobody listening. What was
 * finished is kept and whole, and the target is left as it was found.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/rng.h"
#include "path/workdir.h"
#include "support/cli.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KILLS = 40, CASES_MAX = 1024 };

static char *work_folder(void)
{
	static char path[CLI_PATH + 32];

	return tmpdir_join(path, sizeof(path), lab.target, FB_WORKDIR_NAME);
}

/* Until the last of its files has a header a run is not one yet. */
static bool load_what_is_there(void)
{
	char path[CLI_PATH + 32];
	struct stat s;

	snprintf(path, sizeof(path), "%s/r/%s", lab.results,
		 fb_run_file_names[FB_RUN_FILES - 1]);
	if (stat(path, &s) || !s.st_size)
		return false;
	measure_load();
	return true;
}

/* Every row's histogram holds as many samples as the row has ops; one pass. */
static void histograms_are_whole(void)
{
	double counts[CASES_MAX] = {0};

	for (size_t i = 0; i < row_count(FB_RUN_HISTOGRAM); i++)
		if (!strcmp(field(FB_RUN_HISTOGRAM, i, "op"), "write"))
			counts[(int)number(FB_RUN_HISTOGRAM, i, "case_id")] +=
				number(FB_RUN_HISTOGRAM, i, "count");
	for (size_t i = 0; i < row_count(FB_RUN_SUMMARY); i++)
		assert_true(number(FB_RUN_SUMMARY, i, "ops") ==
			    counts[(int)number(FB_RUN_SUMMARY, i, "case_id")]);
}

static void only_our_folder_remains(void)
{
	int left = folder_entries(lab.target);

	assert_in_range(left, 0, 1);
	assert_int_equal(left, folder_entries(work_folder()) >= 0);
}

static void wait_for_rows(size_t n)
{
	for (int i = 0; i < 10000; i++) {
		if (load_what_is_there() && row_count(FB_RUN_SUMMARY) >= n)
			return;
		cli_sleep_ms(1);
	}
	fail_msg("%zu rows have not come", n);
}

static void killed_at_any_moment_what_was_finished_is_whole(void **state)
{
	size_t finished = 0, leftovers = 0;
	struct fb_rng rng;

	(void)state;
	fb_rng_init(&rng, 20261120);
	for (int i = 0; i < KILLS; i++) {
		measure_start(
			"--path null,file,mapped,registry --mode all --size 32k "
			"--runtime 2ms --seed 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,"
			"19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35");
		/* Any moment from the start on, and any after some rows are there. */
		if (i % 2)
			wait_for_rows(1 + (size_t)i);
		cli_sleep_ms((unsigned)fb_rng_below(&rng, i % 2 ? 10 : 350));
		kill(lab.c.pid, SIGKILL);
		assert_int_equal(cli_wait(&lab.c, 5000), 128 + SIGKILL);
		only_our_folder_remains();
		leftovers += folder_entries(lab.target) == 1;
		if (!load_what_is_there())
			continue;
		assert_false(lab.run.complete);
		histograms_are_whole();
		finished += row_count(FB_RUN_SUMMARY);
	}
	/* Else the moments were chosen badly, not the program proven. */
	assert_true(finished > KILLS && leftovers > 5);
	measure_start("--mode normal --runtime 60");
	while (folder_entries(work_folder()) < 2) /* its lock and a target */
		cli_sleep_ms(1);
	kill(lab.c.pid, SIGKILL);
	cli_wait(&lab.c, 5000);
	only_our_folder_remains();
	assert_exit(0, measure("--mode normal"), lab.c);
	assert_says(lab.c.err, "removed what a killed run had left");
	assert_true(lab.run.complete);
	assert_tidy();
}

/* A job that is done at once, then the one at hand, told apart by their names. */
static void start_jobs(const char *second)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "[global]\nreps = 1\nramp_time = 0\nsize = 1m\n"
		 "[first]\npath = null\nmode = none\nops = 10\n"
		 "[second]\n%s\n",
		 second);
	run_profile_start(text);
}

static void is_interrupted_in(const char *job, int sig, bool preparing)
{
	char data[CLI_PATH + 64];
	struct stat s = {0};
	struct fb_run none = {{0}, 0};

	start_jobs(job);
	wait_for_rows(1);
	tmpdir_join(data, sizeof(data), work_folder(), "data-0");
	for (int i = 0; preparing && i < 10000 && s.st_size < 1 << 20; i++) {
		stat(data, &s);
		usleep(100);
	}
	if (!preparing)
		cli_sleep_ms(60);
	kill(lab.c.pid, sig);
	assert_exit(3, cli_wait(&lab.c, 3000), lab.c);
	assert_says(lab.c.err, "interrupted");
	measure_load();
	assert_int_equal(row_count(FB_RUN_SUMMARY), 1);
	assert_string_equal(field(FB_RUN_SUMMARY, 0, "job"), "first");
	assert_string_equal(field(FB_RUN_SUMMARY, 0, "ops"), "10");
	assert_false(lab.run.complete);
	assert_says(lab.c.out, "incomplete");
	assert_tidy();
	fb_run_free(&lab.run);
	lab.run = none;
	snprintf(data, sizeof(data), "%s/r", lab.results);
	tmpdir_remove(data);
}

static void an_interrupt_ends_any_part_of_a_case(void **state)
{
	static const struct {
		const char *job;
		bool preparing;
	} parts[] = {
		{"mode = normal\nsize = 1g\nruntime = 600", true},
		{"mode = none\nramp_time = 300\nruntime = 600", false},
		{"mode = normal\nruntime = 600", false},
		{"path = null\nmode = none\nruntime = 600\nnumjobs = 3", false},
		{"mode = none\nruntime = 600\nthinktime = 3600000000", false},
		{"mode = none\nruntime = 6000\nrate_iops = 1\nnumjobs = 2", false},
		{"path = mapped\nmode = msync\nops = 1000000000", false},
	};
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		is_interrupted_in(parts[i].job, signals[i % 3], parts[i].preparing);
	is_interrupted_in(parts[0].job, SIGTERM, true);
}

static void an_interrupt_between_cases_keeps_what_was_finished(void **state)
{
	size_t kept = 0;

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		measure_start("--path null,file --mode all --size 32k --runtime 1ms "
			      "--seed 1,2,3,4,5,6,7,8,9");
		wait_for_rows(1 + i);
		kill(lab.c.pid, i % 2 ? SIGINT : SIGTERM);
		assert_exit(3, cli_wait(&lab.c, 3000), lab.c);
		measure_load();
		assert_false(lab.run.complete);
		histograms_are_whole();
		kept += row_count(FB_RUN_SUMMARY);
		assert_tidy();
	}
	assert_true(kept >= 36);
}

static void a_closed_stdout_is_told_and_the_run_is_whole(void **state)
{
	(void)state;
	lab.c.fd_out = CLI_CLOSED;
	assert_exit(1, measure("--mode normal"), lab.c);
	assert_true(lab.run.complete);
	assert_int_equal(row_count(FB_RUN_SUMMARY), 1);
	assert_says(lab.c.err, "stdout");
	assert_says(lab.c.err, "Bad file descriptor");
	assert_tidy();
	lab.c.fd_out = open("/dev/full", O_WRONLY | O_CLOEXEC);
	cli_run(&lab.c, "list");
	close(lab.c.fd_out);
	assert_exit(1, lab.c.exit, lab.c);
	assert_says(lab.c.err, "No space left");
}

static void a_reader_that_left_changes_nothing_of_the_run(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	close(ends[0]);
	lab.c.fd_out = ends[1];
	measure("--mode normal");
	close(ends[1]);
	assert_exit(0, lab.c.exit, lab.c);
	assert_true(lab.run.complete);
	assert_tidy();
}

static void a_closed_stderr_changes_nothing_of_the_run(void **state)
{
	(void)state;
	lab.c.fd_err = CLI_CLOSED;
	assert_exit(0, measure("--mode normal,none"), lab.c);
	assert_true(lab.run.complete);
	assert_int_equal(row_count(FB_RUN_SUMMARY), 2);
	assert_tidy();
}

static void what_nohup_ignores_stays_ignored(void **state)
{
	(void)state;
	signal(SIGHUP, SIG_IGN);
	measure_start("--mode normal --runtime 500ms");
	signal(SIGHUP, SIG_DFL);
	while (folder_entries(work_folder()) < 2)
		cli_sleep_ms(1);
	kill(lab.c.pid, SIGHUP);
	assert_int_equal(cli_wait(&lab.c, 20000), 0);
	assert_tidy();
}

static void a_limit_on_file_sizes_is_an_error_and_no_death(void **state)
{
	struct rlimit before, small;

	(void)state;
	getrlimit(RLIMIT_FSIZE, &before);
	small = (struct rlimit){8192, before.rlim_max};
	setrlimit(RLIMIT_FSIZE, &small);
	measure_start("--mode normal --runtime 50ms");
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(cli_wait(&lab.c, 20000), 1);
	assert_says(lab.c.err, "File too large");
	assert_tidy();
}

static void two_runs_do_not_share_a_target(void **state)
{
	(void)state;
	measure_start("--mode normal --runtime 400ms");
	for (int i = 0; i < 5000 && folder_entries(work_folder()) < 1; i++)
		cli_sleep_ms(1);
	assert_int_equal(cli_run(&lab.other,
				 "run --target %s --results %s --run-id s --mode none "
				 "--runtime 1ms --size 4k",
				 lab.target, lab.results),
			 2);
	assert_says(lab.other.err, "in use by another run");
	assert_says(lab.other.err, "--target");
	assert_exit(0, cli_wait(&lab.c, 10000), lab.c);
	measure_load();
	assert_true(lab.run.complete);
	assert_int_equal(row_count(FB_RUN_SUMMARY), 1);
	assert_int_equal(folder_entries(lab.results), 1);
	assert_tidy();
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, cli_lab_enter, cli_lab_leave)
	const struct CMUnitTest tests[] = {
		TEST(killed_at_any_moment_what_was_finished_is_whole),
		TEST(an_interrupt_ends_any_part_of_a_case),
		TEST(an_interrupt_between_cases_keeps_what_was_finished),
		TEST(a_closed_stdout_is_told_and_the_run_is_whole),
		TEST(a_reader_that_left_changes_nothing_of_the_run),
		TEST(a_closed_stderr_changes_nothing_of_the_run),
		TEST(what_nohup_ignores_stays_ignored),
		TEST(a_limit_on_file_sizes_is_an_error_and_no_death),
		TEST(two_runs_do_not_share_a_target),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
