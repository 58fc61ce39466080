#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/rng.h"
#include "stats/series.h"
#include "support/run_rig.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void facts_are_on_disk_when_told(void **state)
{
	struct fb_run seen = {0};

	(void)state;
	run_rig_create();
	assert_int_equal(fb_run_dir_fact(run_rig.dir, "cpu", "a, b", &run_rig.err), 0);
	assert_int_equal(fb_run_load(&seen, run_rig.path, &run_rig.err), 0);
	assert_int_equal(fb_csv_rows(seen.table[FB_RUN_SYSTEM]), 1);
	assert_int_equal(seen.complete, 0);
	fb_run_free(&seen);
	assert_int_equal(fb_run_dir_fact(run_rig.dir, "run_end", "2025", &run_rig.err),
			 0);
	assert_int_equal(fb_run_dir_sync(run_rig.dir, &run_rig.err), 0);
	run_rig_finish();
	CHECK(SYSTEM, 0, "host", "here");
	CHECK(SYSTEM, 0, "key", "cpu");
	CHECK(SYSTEM, 0, "value", "a, b");
	assert_int_equal(run_rig.run.complete, 1);
}

static void a_run_is_never_mixed_into_another(void **state)
{
	struct fb_run_dir *first;

	(void)state;
	run_rig_create();
	first = run_rig.dir;
	assert_int_equal(run_rig_create_named("run-1"), -EEXIST);
	assert_non_null(strstr(run_rig.err.text, run_rig.path));
	assert_ptr_equal(run_rig.dir, first);
	assert_int_equal(fb_run_dir_fact(run_rig.dir, "k", "v", &run_rig.err), 0);
	run_rig_finish();
	assert_int_equal(fb_csv_rows(run_rig.run.table[FB_RUN_SYSTEM]), 1);
}

static void a_run_name_cannot_leave_its_folder(void **state)
{
	static const char *const bad[] = {"", ".", "..", "a/b", "../x", "a b", "a\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(run_rig_create_named(bad[i]), -EINVAL);
	assert_null(run_rig.dir);
	assert_int_equal(access(run_rig.results, F_OK), -1);
}

static void a_trailing_slash_is_not_doubled(void **state)
{
	(void)state;
	strcat(run_rig.results, "//");
	run_rig_create();
	assert_string_equal(fb_run_dir_path(run_rig.dir), run_rig.path);
	run_rig_finish();
}

static void a_failed_creation_leaves_nothing(void **state)
{
	struct rlimit limit = {300, RLIM_INFINITY};
	char above[240];

	(void)state;
	snprintf(above, sizeof(above), "%s/a", run_rig.base);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(run_rig_create_named("run-1"), -EFBIG);
	assert_null(run_rig.dir);
	assert_int_equal(access(above, F_OK), -1);
	assert_int_equal(mkdir(above, 0777), 0);
	assert_int_equal(run_rig_create_named("run-1"), -EFBIG);
	assert_int_equal(access(run_rig.results, F_OK), -1);
	assert_int_equal(access(above, F_OK), 0);
}

/* Disk full while the histogram is written: the repetition must not be there. */
static void a_repetition_that_could_not_be_written_is_not_finished(void **state)
{
	struct rlimit limit = {20000, RLIM_INFINITY};

	(void)state;
	run_rig_create();
	run_rig_record(20);
	run_rig_put();
	run_rig.result.rep = 3;
	run_rig_record(5000);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(fb_run_dir_result(run_rig.dir, &run_rig.result, &run_rig.err),
			 -EFBIG);
	run_rig_finish();
	assert_int_equal(fb_csv_rows(run_rig.run.table[FB_RUN_SUMMARY]), 1);
	CHECK(SUMMARY, 0, "rep", "2");
	for (size_t i = 0; i < fb_csv_rows(run_rig.run.table[FB_RUN_HISTOGRAM]); i++)
		CHECK(HISTOGRAM, i, "rep", "2");
}

static void append_to(enum fb_run_file f, const char *text)
{
	FILE *file = fopen(run_rig_file(f), "a");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void rows_without_a_summary_row_are_dropped(void **state)
{
	size_t rows;

	(void)state;
	run_rig_create();
	run_rig_record(2);
	fb_series_finish(run_rig.result.series, run_rig.result.hist, 5);
	run_rig_put();
	append_to(FB_RUN_HISTOGRAM, "run-1,4,3,write,1,1,1,ns\n");
	append_to(FB_RUN_HISTOGRAM, "run-1,5,2,write,1,1,1,ns\n");
	append_to(FB_RUN_SERIES, "run-1,4,3,1,write,1,1,1,1\n");
	append_to(FB_RUN_IO, "run-1,4,1,vda,flush,,,1,0\n");
	append_to(FB_RUN_WARNINGS, "run-1,here,7,1,gone,note,t,e\n");
	append_to(FB_RUN_WARNINGS, "run-1,here,,,stays,note,t,e\n");
	run_rig_finish();
	rows = fb_csv_rows(run_rig.run.table[FB_RUN_HISTOGRAM]);
	assert_int_equal(rows, 6);
	assert_int_equal(fb_csv_rows(run_rig.run.table[FB_RUN_SERIES]), 3);
	assert_int_equal(fb_csv_rows(run_rig.run.table[FB_RUN_IO]), 0);
	assert_int_equal(fb_csv_rows(run_rig.run.table[FB_RUN_WARNINGS]), 2);
	CHECK(WARNINGS, 1, "id", "stays");
}

static void missing_files_are_empty_tables_but_for_two(void **state)
{
	(void)state;
	run_rig_create();
	run_rig_finish();
	fb_run_free(&run_rig.run);
	unlink(run_rig_file(FB_RUN_SERIES));
	unlink(run_rig_file(FB_RUN_WARNINGS));
	assert_int_equal(fb_run_load(&run_rig.run, run_rig.path, &run_rig.err), 0);
	assert_null(run_rig.run.table[FB_RUN_SERIES]);
	assert_non_null(run_rig.run.table[FB_RUN_IO]);
	fb_run_free(&run_rig.run);
	unlink(run_rig_file(FB_RUN_SYSTEM));
	assert_int_equal(fb_run_load(&run_rig.run, run_rig.path, &run_rig.err),
			 -ENOENT);
	assert_non_null(strstr(run_rig.err.text, "system.csv"));
	assert_int_equal(fb_run_load(&run_rig.run, run_rig.base, &run_rig.err),
			 -ENOENT);
	assert_non_null(strstr(run_rig.err.text, "summary.csv"));
	assert_null(run_rig.run.table[FB_RUN_IO]);
}

static void a_newer_schema_is_refused(void **state)
{
	(void)state;
	run_rig_create();
	run_rig_finish();
	fb_run_free(&run_rig.run);
	unlink(run_rig_file(FB_RUN_SUMMARY));
	append_to(FB_RUN_SUMMARY, "schema,case_id,rep\n1,1,1\n2,1,2\n");
	assert_int_equal(fb_run_load(&run_rig.run, run_rig.path, &run_rig.err),
			 -EINVAL);
	assert_non_null(strstr(run_rig.err.text, "newer"));
	unlink(run_rig_file(FB_RUN_SUMMARY));
	append_to(FB_RUN_SUMMARY, "schema,case_id\n1,1\n");
	assert_int_equal(fb_run_load(&run_rig.run, run_rig.path, &run_rig.err),
			 -EINVAL);
	assert_non_null(strstr(run_rig.err.text, "no column rep"));
	unlink(run_rig_file(FB_RUN_SUMMARY));
	append_to(FB_RUN_SUMMARY, "schema,case_id,rep\n1,x,1\n");
	assert_int_equal(fb_run_load(&run_rig.run, run_rig.path, &run_rig.err),
			 -EINVAL);
	assert_non_null(strstr(run_rig.err.text, ":2: column 2 (case_id)"));
}

/* Each repetition's histogram rows must add up to its ops, all three times. */
static void check_whole_repetitions(void)
{
	const struct fb_csv_table *s = run_rig.run.table[FB_RUN_SUMMARY];
	const struct fb_csv_table *h = run_rig.run.table[FB_RUN_HISTOGRAM];
	size_t rows = fb_csv_rows(s), row = 0;
	int id = fb_csv_find(h, "case_id"), count = fb_csv_find(h, "count");

	for (size_t i = 0; i < rows; i++) {
		const char *case_id = run_rig_get(FB_RUN_SUMMARY, i, "case_id");
		uint64_t sum = 0;

		for (; row < fb_csv_rows(h); row++) {
			if (strcmp(fb_csv_get(h, row, id), case_id))
				break;
			sum += strtoull(fb_csv_get(h, row, count), NULL, 10);
		}
		assert_true(sum == 3 * strtoull(run_rig_get(FB_RUN_SUMMARY, i, "ops"),
						NULL, 10));
		assert_true(sum > 0);
	}
	assert_int_equal(row, fb_csv_rows(h));
}

static void cut_off_rows_are_dropped_at_every_byte(void **state)
{
	struct stat st;

	(void)state;
	run_rig_create();
	for (run_rig.c.case_id = 1; run_rig.c.case_id <= 2; run_rig.c.case_id++) {
		run_rig_record(3);
		run_rig_put();
		fb_hist_reset(run_rig.result.hist[0]);
		fb_hist_reset(run_rig.result.hist[1]);
		fb_hist_reset(run_rig.result.hist[2]);
	}
	run_rig_finish();
	assert_int_equal(fb_csv_rows(run_rig.run.table[FB_RUN_SUMMARY]), 2);
	assert_int_equal(stat(run_rig_file(FB_RUN_SUMMARY), &st), 0);
	for (off_t len = st.st_size - 1; len > st.st_size - 200; len--) {
		fb_run_free(&run_rig.run);
		assert_int_equal(truncate(run_rig_file(FB_RUN_SUMMARY), len), 0);
		assert_int_equal(fb_run_load(&run_rig.run, run_rig.path, &run_rig.err),
				 0);
		assert_int_equal(fb_csv_rows(run_rig.run.table[FB_RUN_SUMMARY]), 1);
		check_whole_repetitions();
	}
}

static void fill_histograms(struct fb_rng *r)
{
	run_rig.result.ops = 1 + fb_rng_below(r, 4000);
	for (int op = 0; op < FB_OP_COUNT; op++) {
		fb_hist_reset(run_rig.result.hist[op]);
		for (uint64_t i = 0; i < run_rig.result.ops; i++)
			fb_hist_record(run_rig.result.hist[op],
				       fb_rng_below(r, 10000000));
	}
}

/* A long run, until somebody kills it; most of its time it writes. */
static void write_for_ever(int ready)
{
	struct fb_rng r;

	fb_rng_init(&r, (uint64_t)getpid());
	fill_histograms(&r);
	fb_series_finish(run_rig.result.series, run_rig.result.hist, 500000000);
	if (run_rig_create_named("run-1") || write(ready, "r", 1) != 1)
		_exit(1);
	for (run_rig.c.case_id = 1;; run_rig.c.case_id++) {
		if (run_rig.c.case_id % 8 == 0)
			fill_histograms(&r);
		if (fb_run_dir_result(run_rig.dir, &run_rig.result, &run_rig.err))
			_exit(1);
	}
}

static void kill_after_us(unsigned us)
{
	int fds[2], status;
	char c;

	assert_int_equal(pipe(fds), 0);
	run_rig.child = fork();
	assert_true(run_rig.child >= 0);
	if (!run_rig.child)
		write_for_ever(fds[1]);
	close(fds[1]);
	assert_int_equal(read(fds[0], &c, 1), 1);
	close(fds[0]);
	usleep(us);
	assert_int_equal(kill(run_rig.child, SIGKILL), 0);
	assert_int_equal(waitpid(run_rig.child, &status, 0), run_rig.child);
	run_rig.child = -1;
	assert_true(WIFSIGNALED(status));
}

static void killed_runs_load_with_whole_repetitions(void **state)
{
	unsigned torn = 0, repetitions = 0;
	struct fb_rng r;

	(void)state;
	fb_rng_init(&r, 42);
	for (int i = 0; i < 60; i++) {
		struct fb_csv_table *all;

		kill_after_us((unsigned)fb_rng_below(&r, 20000));
		if (fb_run_load(&run_rig.run, run_rig.path, &run_rig.err))
			fail_msg("%s", run_rig.err.text);
		assert_int_equal(run_rig.run.complete, 0);
		check_whole_repetitions();
		assert_int_equal(
			fb_csv_load(&all, run_rig_file(FB_RUN_HISTOGRAM), &run_rig.err),
			0);
		torn += fb_csv_rows(all) >
			fb_csv_rows(run_rig.run.table[FB_RUN_HISTOGRAM]);
		repetitions += (unsigned)fb_csv_rows(run_rig.run.table[FB_RUN_SUMMARY]);
		fb_csv_free(all);
		fb_run_free(&run_rig.run);
		run_rig_remove();
	}
	print_message("%u repetitions whole, %u runs died with one unfinished\n",
		      repetitions, torn);
	assert_true(repetitions > 0);
}

#define IN_BASE(f) cmocka_unit_test_setup_teardown(f, run_rig_enter, run_rig_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_BASE(facts_are_on_disk_when_told),
		IN_BASE(a_run_is_never_mixed_into_another),
		IN_BASE(a_run_name_cannot_leave_its_folder),
		IN_BASE(a_trailing_slash_is_not_doubled),
		IN_BASE(a_failed_creation_leaves_nothing),
		IN_BASE(a_repetition_that_could_not_be_written_is_not_finished),
		IN_BASE(rows_without_a_summary_row_are_dropped),
		IN_BASE(missing_files_are_empty_tables_but_for_two),
		IN_BASE(a_newer_schema_is_refused),
		IN_BASE(cut_off_rows_are_dropped_at_every_byte),
		IN_BASE(killed_runs_load_with_whole_repetitions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
