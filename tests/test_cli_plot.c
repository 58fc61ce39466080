/*
 * flushbench plot: which run, which cases, what it refuses, and what it draws in the
 * terminal.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/picture.h"
#include "support/need.h"
#include "support/plot_lab.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void a_run_is_found_by_path_by_name_and_as_the_newest(void **state)
{
	struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	char summary[PLOT_LAB_PATH + 16];

	(void)state;
	plot_succeeds("one --print");
	assert_says(lab.c.out, "origin = 'one: ");
	assert_int_equal(cli_run(&lab.c, "plot --print %s", plot_lab_folder()), 0);
	assert_says(lab.c.out, "origin = 'one: ");
	tmpdir_join(summary, sizeof(summary), plot_lab_folder(), "summary.csv");
	plot_lab_begin("another");
	plot_rig_cases(1);
	assert_int_equal(utimensat(AT_FDCWD, summary, old, 0), 0);
	plot_succeeds("--print");
	assert_says(lab.c.out, "origin = 'another: ");
	tmpdir_join(summary, sizeof(summary), plot_lab_folder(), "summary.csv");
	old[1].tv_sec = 999;
	assert_int_equal(utimensat(AT_FDCWD, summary, old, 0), 0);
	plot_succeeds("--print");
	assert_says(lab.c.out, "origin = 'one: ");
}

static void what_is_no_run_is_told_with_advice(void **state)
{
	char empty[CLI_PATH + 8];

	(void)state;
	plot_fails(2, "nowhere", "nowhere is no run");
	plot_fails(2, "./nowhere", "name the folder");
	plot_fails(2, "one two", "two");
	tmpdir_join(empty, sizeof(empty), lab.top, "empty");
	assert_int_equal(mkdir(empty, 0755), 0);
	assert_int_equal(cli_run(&lab.c, "plot --results %s", empty), 2);
	assert_says(lab.c.err, "there is no run in");
	assert_says(lab.c.err, "flushbench run quick");
	assert_int_equal(cli_run(&lab.c, "plot --results %s/none", empty), 2);
	assert_says(lab.c.err, "there is no run in");
}

static void some_cases_can_be_chosen(void **state)
{
	(void)state;
	plot_lab_begin("many");
	plot_rig_cases(12);
	plot_succeeds("many --print --case 2");
	assert_says(lab.c.out, "\n1\tdata-only\t");
	assert_null(strstr(lab.c.out, "normal"));
	plot_succeeds("many --print --case 3,5-7");
	assert_says(lab.c.out, "rows = 6\n");
	assert_says(lab.c.out, "\twrite-dsync bs=512\t");
	assert_says(lab.c.out, "\tnormal bs=1k\t");
	assert_says(lab.c.out, "\tdata-only bs=1k\t");
	assert_says(lab.c.out, "\twrite-dsync bs=1k\t");
	plot_succeeds("many --print --case 12,11-999999999");
	assert_says(lab.c.out, "\n2\tpurge\t");
}

static void cases_that_are_none_are_refused(void **state)
{
	static const char *const bad[] = {"x",    "1,",  ",1",  "1-",         "-1",
					  "1--2", "1;2", "0x1", "1234567890", "1,,2"};
	char words[64];

	(void)state;
	plot_fails(2, "one --case 99", "its 3 cases are in");
	plot_fails(2, "one --case 3-2", "--case 3-2");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		snprintf(words, sizeof(words), "one --case %s", bad[i]);
		plot_fails(2, words, "give numbers of cases, as 3,5-7");
	}
	assert_int_equal(plot_lab_count(), -1);
}

static void too_many_cases_are_refused_with_advice(void **state)
{
	(void)state;
	plot_lab_begin("many");
	for (unsigned i = 1; i <= 401; i++)
		plot_rig_put(&(struct plot_rep){.case_id = i});
	plot_rig_append(FB_RUN_HISTOGRAM, "many,1,1,commit,5,5,1,ns\n");
	plot_rig_append(FB_RUN_SERIES, "many,1,1,10,commit,1,5,5,5\n");
	plot_fails(2, "many", "401 cases are more than a picture can show");
	assert_says(lab.c.err, "--case 1-400");
	assert_int_equal(plot_lab_count(), -1);
	plot_succeeds("many --case 1-400 --print");
	plot_succeeds("many --text");
}

static void options_that_make_no_sense_are_refused(void **state)
{
	(void)state;
	plot_fails(2, "one --op read", "choose from write, flush, commit");
	plot_fails(2, "one --format gif", "choose from png, svg");
	plot_fails(2, "one --text --print", "--text draws in the terminal");
	plot_fails(2, "one --text --format svg", "leave out --format");
	plot_fails(2, "one --text --out x", "leave out --out");
	plot_fails(2, "one --text --op flush", "leave out --op");
	assert_int_equal(plot_lab_count(), -1);
}

static void text_is_a_sketch_for_each_case(void **state)
{
	(void)state;
	setenv("PATH", "/nowhere", 1);
	plot_succeeds("one --text");
	assert_says(lab.c.out, "case 1: file normal");
	assert_says(lab.c.out, "case 2: file data-only, survives os-crash");
	assert_says(lab.c.out, "case 3: file write-dsync");
	assert_null(strchr(lab.c.out, '\x1b'));
	assert_null(strstr(lab.c.out, "case 4"));
	plot_succeeds("one --text --case 2");
	assert_null(strstr(lab.c.out, "case 1"));
	assert_says(lab.c.out, "case 2");
	assert_int_equal(plot_lab_count(), -1);
}

/* Words of a run's files, on their way to a terminal. */
static void text_cannot_steer_the_terminal(void **state)
{
	(void)state;
	plot_lab_begin("hostile");
	plot_rig_put(&(struct plot_rep){
		.mode = "\x1b]0;x\x07", .survives = "\x1b[2J\n", .samples = 300});
	plot_succeeds("hostile --text");
	assert_null(strchr(lab.c.out, '\x1b'));
	assert_null(strchr(lab.c.out, '\x07'));
}

static void a_run_without_a_finished_repetition_is_told(void **state)
{
	(void)state;
	plot_lab_begin("begun");
	plot_fails(2, "begun", "no repetition was finished");
	assert_says(lab.c.err, "let a run come further");
	plot_fails(2, "begun --text", "no repetition was finished");
	assert_int_equal(plot_lab_count(), -1);
}

static void rows_cut_off_at_the_end_are_left_out(void **state)
{
	(void)state;
	plot_rig_append(FB_RUN_HISTOGRAM, "one,1,1,commit,999999999,99");
	plot_rig_append(FB_RUN_SERIES, "one,1,1,");
	plot_rig_append(FB_RUN_SUMMARY, "1,9,");
	plot_succeeds("one --print");
	assert_null(strstr(lab.c.out, "999999999"));
	plot_succeeds("one --text");
}

static void files_that_are_no_run_are_refused_by_name(void **state)
{
	static const struct {
		enum fb_run_file file;
		const char *text, *advice;
	} bad[] = {
		{FB_RUN_HISTOGRAM, "\x89PNG\r\n", "histogram.csv"},
		{FB_RUN_HISTOGRAM, "a,b\n1,2\n", "histogram.csv: no column case_id"},
		{FB_RUN_HISTOGRAM, "run_id,case", "histogram.csv"},
		{FB_RUN_SERIES, "case_id,rep\n1,1,1\n", "series.csv:2"},
		{FB_RUN_SUMMARY, "case_id,rep\n1,1,1\n", "summary.csv:2"},
		{FB_RUN_SUMMARY, "case_id,rep,write_amp\n1,1,x\n", "summary.csv:2"},
		{FB_RUN_SUMMARY, "", "summary.csv"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char name[8];

		snprintf(name, sizeof(name), "bad%zu", i);
		plot_lab_begin(name);
		plot_rig_cases(1);
		plot_rig_replace(bad[i].file, bad[i].text);
		plot_fails(1, name, bad[i].advice);
		assert_says(lab.c.err, "undamaged copy");
		assert_int_equal(plot_lab_count(), -1);
	}
}

/* A run says itself how many repetitions it has. */
static void a_copy_that_lost_rows_is_incomplete(void **state)
{
	(void)state;
	plot_succeeds("one --print");
	assert_null(strstr(lab.c.out, "(incomplete"));
	plot_rig_append(FB_RUN_SYSTEM, "one,h,repetitions,99\n");
	plot_succeeds("one --print");
	assert_says(lab.c.out, "(incomplete: the run did not come to its end)");
	plot_succeeds("one --text");
	assert_says(lab.c.out, "incomplete: the run did not come to its end");
}

static void a_failed_case_has_no_sketch(void **state)
{
	(void)state;
	plot_lab_begin("bad");
	plot_rig_put(&(struct plot_rep){.case_id = 1, .status = "0xC000007F"});
	plot_rig_put(&(struct plot_rep){.case_id = 1, .rep = 2});
	plot_rig_end();
	plot_succeeds("bad --text");
	assert_says(lab.c.out, "failed: DISK_FULL, 1 of 2 repetitions");
	assert_null(strstr(lab.c.out, "p50"));
}

static void put_refused(unsigned case_id)
{
	plot_rig_put(&(struct plot_rep){.case_id = case_id,
					.path = "nvmem",
					.mode = "flush",
					.survives = "",
					.fidelity = "missing",
					.status = "0xC00000BB"});
}

static void what_was_all_refused_is_told_instead_of_drawn(void **state)
{
	(void)state;
	plot_lab_begin("refused");
	put_refused(1);
	put_refused(2);
	plot_rig_end();
	plot_fails(2, "refused", "every case was refused");
	plot_fails(2, "refused --print", "warnings.csv says why");
	assert_int_equal(plot_lab_count(), -1);
	plot_succeeds("refused --text");
	assert_says(lab.c.out, "refused: NOT_SUPPORTED, 1 of 1 repetitions");
	plot_rig_put(&(struct plot_rep){.case_id = 3, .samples = 300});
	plot_succeeds("refused --print");
}

static void a_sketch_of_what_is_emulated_says_so(void **state)
{
	(void)state;
	plot_lab_begin("emulated");
	plot_rig_put(&(struct plot_rep){.case_id = 1,
					.path = "nvmem",
					.mode = "flush",
					.survives = "nothing",
					.fidelity = "emulated",
					.samples = 300});
	plot_rig_end();
	plot_succeeds("emulated --text");
	assert_says(lab.c.out, "case 1: nvmem flush, survives nothing (emulated)\n");
}

static void a_run_that_may_not_be_read_is_told(void **state)
{
	char summary[PLOT_LAB_PATH];

	(void)state;
	need(geteuid() ? "needs root to become somebody else" : NULL);
	snprintf(summary, sizeof(summary), "%s/summary.csv", plot_lab_folder());
	assert_int_equal(chmod(summary, 0600), 0);
	assert_int_equal(chmod(lab.top, 0711) | chmod(plot_lab_folder(), 0711), 0);
	assert_int_equal(chmod(lab.results, 0711), 0);
	lab.c.uid = 65534;
	if (cli_run(&lab.c, "plot %s --print", plot_lab_folder()) == 127)
		need("others may not run the program");
	assert_exit(4, lab.c.exit, lab.c);
	assert_says(lab.c.err, "permission denied; name the folder of a run");
}

static void a_lost_file_is_told_and_the_rest_is_drawn(void **state)
{
	char path[PLOT_LAB_PATH];

	(void)state;
	snprintf(path, sizeof(path), "%s/histogram.csv", plot_lab_folder());
	assert_int_equal(unlink(path), 0);
	plot("one --print");
	assert_exit(0, lab.c.exit, lab.c);
	assert_says(lab.c.err, "histogram.csv has no rows, so percentiles");
	assert_null(strstr(lab.c.err, "series.csv"));
	/* Nor does one that never ends hold us up. */
	assert_int_equal(mkfifo(path, 0600), 0);
	plot_fails(1, "one --print", "histogram.csv: cannot read");
}

static void a_case_is_known_by_a_whole_number(void **state)
{
	static const char *const bad[] = {"1.5", "-1", "4294967296"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char text[64], advice[64];

		plot_lab_begin(bad[i]);
		snprintf(text, sizeof(text), "case_id,rep\n%s,1\n", bad[i]);
		plot_rig_replace(FB_RUN_SUMMARY, text);
		snprintf(advice, sizeof(advice), "'%s' is no case_id", bad[i]);
		plot_fails(1, bad[i][0] == '-' ? "./results/-1" : bad[i], advice);
	}
}

/* What is neither traced nor not would be taken for a latency. */
static void a_repetition_was_traced_or_was_not(void **state)
{
	static const char *const bad[] = {"x", "2", "-1", "nan"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char text[64], name[32], advice[64];

		snprintf(name, sizeof(name), "t%zu", i);
		plot_lab_begin(name);
		snprintf(text, sizeof(text), "case_id,rep,traced\n1,1,%s\n", bad[i]);
		plot_rig_replace(FB_RUN_SUMMARY, text);
		snprintf(advice, sizeof(advice), "'%s' is no traced", bad[i]);
		plot_fails(1, name, advice);
	}
}

static void a_bucket_that_is_none_is_told_before_anything_is_drawn(void **state)
{
	(void)state;
	need_gnuplot();
	plot_rig_append(FB_RUN_HISTOGRAM, "one,1,1,commit,5,4,1,ns\n");
	plot_fails(1, "one", "histogram.csv: row");
	assert_says(lab.c.err, "undamaged copy");
	assert_int_equal(plot_lab_count(), -1);
	plot(" one --text");
	assert_exit(1, lab.c.exit, lab.c);
	assert_says(lab.c.err, "histogram.csv: row");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, plot_lab_enter, plot_lab_leave)
	const struct CMUnitTest tests[] = {
		T(a_run_is_found_by_path_by_name_and_as_the_newest),
		T(what_is_no_run_is_told_with_advice),
		T(some_cases_can_be_chosen),
		T(cases_that_are_none_are_refused),
		T(too_many_cases_are_refused_with_advice),
		T(options_that_make_no_sense_are_refused),
		T(text_is_a_sketch_for_each_case),
		T(text_cannot_steer_the_terminal),
		T(a_run_without_a_finished_repetition_is_told),
		T(rows_cut_off_at_the_end_are_left_out),
		T(files_that_are_no_run_are_refused_by_name),
		T(a_bucket_that_is_none_is_told_before_anything_is_drawn),
		T(a_copy_that_lost_rows_is_incomplete),
		T(a_failed_case_has_no_sketch),
		T(what_was_all_refused_is_told_instead_of_drawn),
		T(a_sketch_of_what_is_emulated_says_so),
		T(a_run_that_may_not_be_read_is_told),
		T(a_lost_file_is_told_and_the_rest_is_drawn),
		T(a_case_is_known_by_a_whole_number),
		T(a_repetition_was_traced_or_was_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
