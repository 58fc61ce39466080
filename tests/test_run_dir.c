#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/rng.h"
#include "plan/param.h"
#include "report/run_dir.h"
#include "stats/hist.h"
#include "stats/series.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char base[200], results[240], run_path[300];
static struct fb_run_dir *dir;
static struct fb_run run;
static struct fb_err err;
static struct fb_case the_case;
static struct fb_result result;
static pid_t child = -1;

static const char *file_of(enum fb_run_file f)
{
	static char path[400];

	snprintf(path, sizeof(path), "%s/%s", run_path, fb_run_file_names[f]);
	return path;
}

static void remove_run(void)
{
	for (int f = 0; f < FB_RUN_FILES; f++)
		unlink(file_of(f));
	rmdir(run_path);
}

static void leave_out(const char *param)
{
	int i = fb_param_find(param);

	assert_true(i >= 0);
	the_case.given &= ~(1ull << i);
}

static void make_result(void)
{
	struct fb_path_counters unknown;

	the_case = (struct fb_case){
		.path = FB_PATH_FILE,
		.mode = FB_MODE_NORMAL,
		.pattern = FB_PATTERN_RAND,
		.bs = 4096,
		.size = 1 << 20,
		.writes_per_flush = 1,
		.runtime_ns = 1500000000,
		.reps = 3,
		.thinktime_ns = 6000000,
		.cpus_allowed = "0-1,3",
		.case_id = 4,
		.job = "quick, \"first\"",
		.given = UINT64_MAX,
	};
	memset(&unknown, 0xff, sizeof(unknown));
	result = (struct fb_result){
		.c = &the_case,
		.rep = 2,
		.promise = {FB_SURVIVES_POWER_LOSS, FB_FIDELITY_EQUIVALENT},
		.ended = FB_ENDED_TIME,
		.elapsed_ns = 2000000000,
		.run_delay_ns = 123,
		.app_bytes = 400,
		.app_writes = 100,
		.app_flushes = 50,
		.io = {.dev_bytes = 1000,
		       .dev_writes = 150,
		       .dev_flushes = 50,
		       .dev_fua = FB_UNKNOWN,
		       .proc_write_bytes = 400,
		       .lost_events = FB_UNKNOWN,
		       .source = "disk"},
		.counters = unknown,
	};
	for (int op = 0; op < FB_OP_COUNT; op++) {
		result.hist[op] = malloc(sizeof(struct fb_hist));
		assert_non_null(result.hist[op]);
		fb_hist_reset(result.hist[op]);
	}
	result.series = fb_series_new(FB_OP_COUNT, 1000000);
	assert_non_null(result.series);
}

static void free_result(void)
{
	for (int op = 0; op < FB_OP_COUNT; op++)
		free(result.hist[op]);
	fb_series_free(result.series);
	fb_warnings_free(&result.warnings);
	result = (struct fb_result){0};
}

static int open_base(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(base, sizeof(base), "%s/fb-test-run-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(base))
		return -1;
	snprintf(results, sizeof(results), "%s/a/results", base);
	snprintf(run_path, sizeof(run_path), "%s/run-1", results);
	err = (struct fb_err){0};
	make_result();
	return 0;
}

static int close_base(void **state)
{
	struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};

	(void)state;
	setrlimit(RLIMIT_FSIZE, &none);
	if (child > 0) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		child = -1;
	}
	if (dir)
		fb_run_dir_close(dir, NULL);
	dir = NULL;
	fb_run_free(&run);
	free_result();
	remove_run();
	rmdir(results);
	snprintf(results, sizeof(results), "%s/a", base);
	rmdir(results);
	return rmdir(base);
}

static int create_named(const char *name)
{
	struct fb_run_id id = {.results = results,
			       .name = name,
			       .profile = "quick",
			       .host = "here",
			       .os = "linux"};

	return fb_run_dir_create(&dir, &id, &err);
}

static void create(void)
{
	assert_int_equal(create_named("run-1"), 0);
}

static void finish(void)
{
	struct fb_run_dir *d = dir;

	dir = NULL;
	assert_int_equal(fb_run_dir_close(d, &err), 0);
	assert_int_equal(fb_run_load(&run, run_path, &err), 0);
}

static const char *get(enum fb_run_file f, size_t row, const char *column)
{
	int i = fb_csv_find(run.table[f], column);

	if (i < 0)
		fail_msg("%s has no column %s", fb_run_file_names[f], column);
	assert_true(row < fb_csv_rows(run.table[f]));
	return fb_csv_get(run.table[f], row, i);
}

#define CHECK(file, row, column, value)                                                \
	assert_string_equal(get(FB_RUN_##file, row, column), value)

static void record_ops(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		fb_hist_record(result.hist[FB_OP_WRITE], 1000 + i);
		fb_hist_record(result.hist[FB_OP_FLUSH], 2000 + 7 * i);
		fb_hist_record(result.hist[FB_OP_COMMIT], 3000 + 8 * i);
	}
	result.ops = n;
}

static void check_header(enum fb_run_file f, const char *expected)
{
	const struct fb_csv_table *t = run.table[f];
	char names[4096] = "";

	for (size_t i = 0; i < fb_csv_columns(t); i++) {
		strcat(names, i ? " " : "");
		strcat(names, fb_csv_column_name(t, i));
	}
	assert_string_equal(names, expected);
}

static void columns_are_those_of_the_contract(void **state)
{
	char expected[4096] = "schema run_id profile job host os case_id rep";

	(void)state;
	create();
	finish();
	for (size_t i = 0; i < fb_params_count; i++) {
		strcat(expected, " ");
		strcat(expected, fb_param_column(&fb_params[i]));
	}
	strcat(expected,
	       " survives fidelity load ended ops errors status os_error elapsed_ns "
	       "run_delay_ns out_of_range retries write_min_ns write_mean_ns "
	       "write_p50_ns write_p90_ns write_p99_ns write_p999_ns write_p9999_ns "
	       "write_max_ns flush_min_ns flush_mean_ns flush_p50_ns flush_p90_ns "
	       "flush_p99_ns flush_p999_ns flush_p9999_ns flush_max_ns commit_min_ns "
	       "commit_mean_ns commit_p50_ns commit_p90_ns commit_p99_ns "
	       "commit_p999_ns commit_p9999_ns commit_max_ns commits_per_s bytes_per_s "
	       "app_bytes app_writes app_flushes dev_bytes dev_writes dev_flushes "
	       "dev_fua write_amp io_amp flush_amp proc_write_bytes log_bytes "
	       "primary_bytes hive_growth_bytes lazy_flushes lazy_bytes lines_dirtied "
	       "lines_flushed account_source lost_events traced trace_cost warnings");
	check_header(FB_RUN_SUMMARY, expected);
	check_header(FB_RUN_HISTOGRAM, "run_id case_id rep op low high count unit");
	check_header(FB_RUN_SERIES,
		     "run_id case_id rep t_ms op count p50_ns p99_ns max_ns");
	check_header(FB_RUN_IO,
		     "run_id case_id rep device class fua issuer requests bytes");
	check_header(FB_RUN_SYSTEM, "run_id host key value");
	check_header(FB_RUN_WARNINGS,
		     "run_id host case_id rep id severity text evidence");
	assert_int_equal(run.complete, 0);
}

static void a_row_says_what_the_repetition_gave(void **state)
{
	(void)state;
	create();
	record_ops(100);
	assert_int_equal(fb_run_dir_result(dir, &result, &err), 0);
	finish();
	assert_int_equal(fb_csv_rows(run.table[FB_RUN_SUMMARY]), 1);
	CHECK(SUMMARY, 0, "schema", "1");
	CHECK(SUMMARY, 0, "run_id", "run-1");
	CHECK(SUMMARY, 0, "profile", "quick");
	CHECK(SUMMARY, 0, "job", "quick, \"first\"");
	CHECK(SUMMARY, 0, "host", "here");
	CHECK(SUMMARY, 0, "os", "linux");
	CHECK(SUMMARY, 0, "case_id", "4");
	CHECK(SUMMARY, 0, "rep", "2");
	CHECK(SUMMARY, 0, "path", "file");
	CHECK(SUMMARY, 0, "mode", "normal");
	CHECK(SUMMARY, 0, "bs", "4096");
	CHECK(SUMMARY, 0, "runtime", "1.5");
	CHECK(SUMMARY, 0, "thinktime", "6000");
	CHECK(SUMMARY, 0, "ops_limit", "0");
	CHECK(SUMMARY, 0, "cpus_allowed", "0-1,3");
	CHECK(SUMMARY, 0, "survives", "power-loss");
	CHECK(SUMMARY, 0, "fidelity", "equivalent");
	CHECK(SUMMARY, 0, "load", "closed");
	CHECK(SUMMARY, 0, "ended", "time");
	CHECK(SUMMARY, 0, "ops", "100");
	CHECK(SUMMARY, 0, "errors", "0");
	CHECK(SUMMARY, 0, "status", "0x00000000");
	CHECK(SUMMARY, 0, "os_error", "0");
	CHECK(SUMMARY, 0, "elapsed_ns", "2000000000");
	CHECK(SUMMARY, 0, "run_delay_ns", "123");
	CHECK(SUMMARY, 0, "out_of_range", "0");
	CHECK(SUMMARY, 0, "write_min_ns", "1000");
	CHECK(SUMMARY, 0, "write_mean_ns", "1049.5");
	CHECK(SUMMARY, 0, "write_p50_ns", "1049");
	CHECK(SUMMARY, 0, "write_p99_ns", "1098");
	CHECK(SUMMARY, 0, "write_p999_ns", "");
	CHECK(SUMMARY, 0, "write_max_ns", "1099");
	CHECK(SUMMARY, 0, "flush_p50_ns", "2343");
	CHECK(SUMMARY, 0, "commit_max_ns", "3792");
	CHECK(SUMMARY, 0, "commits_per_s", "50");
	CHECK(SUMMARY, 0, "bytes_per_s", "200");
	CHECK(SUMMARY, 0, "app_bytes", "400");
	CHECK(SUMMARY, 0, "write_amp", "2.5");
	CHECK(SUMMARY, 0, "io_amp", "1.5");
	CHECK(SUMMARY, 0, "flush_amp", "1");
	CHECK(SUMMARY, 0, "account_source", "disk");
	CHECK(SUMMARY, 0, "traced", "0");
}

static void unknown_figures_are_empty_fields(void **state)
{
	static const char *const empty[] = {
		"retries",
		"dev_fua",
		"log_bytes",
		"primary_bytes",
		"hive_growth_bytes",
		"lazy_flushes",
		"lazy_bytes",
		"lines_dirtied",
		"lines_flushed",
		"lost_events",
		"trace_cost",
		"survives",
		"fidelity",
		"dev_bytes",
		"write_amp",
		"flush_amp",
		"io_amp",
		"flush_p50_ns",
		"flush_min_ns",
		"flush_mean_ns",
		"flush_max_ns",
		"zipf_theta",
		"flush_range",
		"commits_per_s",
		"account_source",
	};

	(void)state;
	create();
	leave_out("zipf_theta");
	leave_out("flush_range");
	free(result.hist[FB_OP_FLUSH]);
	result.hist[FB_OP_FLUSH] = NULL;
	result.promise = (struct fb_promise){FB_SURVIVES_UNKNOWN, FB_FIDELITY_UNKNOWN};
	result.io.dev_bytes = FB_UNKNOWN;
	result.io.source = "";
	result.app_writes = 0;
	result.app_flushes = 0;
	result.elapsed_ns = 0;
	assert_int_equal(fb_run_dir_result(dir, &result, &err), 0);
	finish();
	for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++)
		if (*get(FB_RUN_SUMMARY, 0, empty[i]))
			fail_msg("%s is '%s'", empty[i],
				 get(FB_RUN_SUMMARY, 0, empty[i]));
	CHECK(SUMMARY, 0, "errors", "0");
	assert_int_equal(fb_csv_rows(run.table[FB_RUN_HISTOGRAM]), 0);
}

static void a_failed_repetition_is_a_row_with_its_status(void **state)
{
	(void)state;
	create();
	result.errors = 1;
	result.ended = FB_ENDED_ERROR;
	result.status = 0xC0000185u;
	result.os_error = EIO;
	the_case.rate_iops = 100;
	assert_int_equal(fb_run_dir_result(dir, &result, &err), 0);
	finish();
	CHECK(SUMMARY, 0, "status", "0xC0000185");
	CHECK(SUMMARY, 0, "os_error", "5");
	CHECK(SUMMARY, 0, "ended", "error");
	CHECK(SUMMARY, 0, "load", "open");
	CHECK(SUMMARY, 0, "commit_p50_ns", "");
}

static void histogram_rows_are_the_full_buckets(void **state)
{
	(void)state;
	create();
	fb_hist_record(result.hist[FB_OP_WRITE], 7);
	for (int i = 0; i < 3; i++)
		fb_hist_record(result.hist[FB_OP_COMMIT], 1000000);
	assert_int_equal(fb_run_dir_result(dir, &result, &err), 0);
	finish();
	assert_int_equal(fb_csv_rows(run.table[FB_RUN_HISTOGRAM]), 2);
	CHECK(HISTOGRAM, 0, "op", "write");
	CHECK(HISTOGRAM, 0, "low", "7");
	CHECK(HISTOGRAM, 0, "high", "7");
	CHECK(HISTOGRAM, 0, "count", "1");
	CHECK(HISTOGRAM, 0, "unit", "ns");
	CHECK(HISTOGRAM, 0, "case_id", "4");
	CHECK(HISTOGRAM, 0, "rep", "2");
	CHECK(HISTOGRAM, 1, "op", "commit");
	CHECK(HISTOGRAM, 1, "low", "999936");
	CHECK(HISTOGRAM, 1, "high", "1000447");
	CHECK(HISTOGRAM, 1, "count", "3");
}

static void series_rows_are_the_intervals(void **state)
{
	(void)state;
	create();
	fb_hist_record(result.hist[FB_OP_COMMIT], 50);
	fb_series_close(result.series, result.hist, 1000000);
	fb_series_finish(result.series, result.hist, 1500000);
	assert_int_equal(fb_run_dir_result(dir, &result, &err), 0);
	finish();
	assert_int_equal(fb_csv_rows(run.table[FB_RUN_SERIES]), 2);
	CHECK(SERIES, 0, "t_ms", "1");
	CHECK(SERIES, 0, "op", "commit");
	CHECK(SERIES, 0, "count", "1");
	CHECK(SERIES, 0, "p50_ns", "50");
	CHECK(SERIES, 0, "max_ns", "50");
	CHECK(SERIES, 1, "t_ms", "1.5");
	CHECK(SERIES, 1, "count", "0");
	CHECK(SERIES, 1, "p50_ns", "");
	CHECK(SERIES, 1, "max_ns", "");
}

static void io_rows_are_the_request_classes(void **state)
{
	(void)state;
	create();
	result.io.n_classes = 2;
	result.io.classes[0] = (struct fb_io_class){"vda", "flush", "", "", 12, 0};
	result.io.classes[1] = (struct fb_io_class){"vda",  "other", "1",
						    "self", 5,       FB_UNKNOWN};
	assert_int_equal(fb_run_dir_result(dir, &result, &err), 0);
	finish();
	assert_int_equal(fb_csv_rows(run.table[FB_RUN_IO]), 2);
	CHECK(IO, 0, "device", "vda");
	CHECK(IO, 0, "class", "flush");
	CHECK(IO, 0, "requests", "12");
	CHECK(IO, 0, "bytes", "0");
	CHECK(IO, 1, "fua", "1");
	CHECK(IO, 1, "issuer", "self");
	CHECK(IO, 1, "bytes", "");
}

static void add_warning(const char *id)
{
	struct fb_warning w = {.id = id,
			       .severity = FB_SEVERITY_WARNING,
			       .text = "a, text",
			       .evidence = "seen"};

	assert_int_equal(fb_warnings_add(&result.warnings, &w), 0);
}

static void warnings_are_rows_and_ids_of_the_repetition(void **state)
{
	struct fb_warning whole = {.id = "governor", .severity = FB_SEVERITY_NOTE};

	(void)state;
	create();
	assert_int_equal(fb_run_dir_warning(dir, &whole, &err), 0);
	whole.case_id = 9;
	assert_int_equal(fb_run_dir_warning(dir, &whole, &err), 0);
	add_warning("zeros");
	add_warning("run_delay");
	add_warning("zeros");
	record_ops(20);
	assert_int_equal(fb_run_dir_result(dir, &result, &err), 0);
	finish();
	assert_int_equal(fb_csv_rows(run.table[FB_RUN_WARNINGS]), 6);
	CHECK(WARNINGS, 0, "case_id", "");
	CHECK(WARNINGS, 0, "rep", "");
	CHECK(WARNINGS, 0, "id", "governor");
	CHECK(WARNINGS, 0, "severity", "note");
	CHECK(WARNINGS, 1, "case_id", "9");
	CHECK(WARNINGS, 1, "rep", "");
	CHECK(WARNINGS, 2, "case_id", "4");
	CHECK(WARNINGS, 2, "rep", "2");
	CHECK(WARNINGS, 2, "id", "zeros");
	CHECK(WARNINGS, 2, "severity", "warning");
	CHECK(WARNINGS, 2, "text", "a, text");
	CHECK(WARNINGS, 2, "evidence", "seen");
	CHECK(WARNINGS, 5, "id", "low_n");
	CHECK(SUMMARY, 0, "warnings", "zeros run_delay low_n");
}

static void few_samples_above_a_percentile_are_noted(void **state)
{
	(void)state;
	create();
	record_ops(10000);
	fb_hist_reset(result.hist[FB_OP_FLUSH]);
	for (int i = 0; i < 20; i++)
		fb_hist_record(result.hist[FB_OP_FLUSH], 1);
	assert_int_equal(fb_run_dir_result(dir, &result, &err), 0);
	finish();
	assert_int_equal(fb_csv_rows(run.table[FB_RUN_WARNINGS]), 1);
	CHECK(WARNINGS, 0, "id", "low_n");
	CHECK(WARNINGS, 0, "severity", "note");
	CHECK(WARNINGS, 0, "evidence",
	      "write p9999 (1 above), flush p90 (2 above), commit p9999 (1 above)");
}

static void enough_samples_make_no_note(void **state)
{
	(void)state;
	create();
	record_ops(100000);
	assert_int_equal(fb_run_dir_result(dir, &result, &err), 0);
	finish();
	assert_int_equal(fb_csv_rows(run.table[FB_RUN_WARNINGS]), 0);
	CHECK(SUMMARY, 0, "warnings", "");
}

static void facts_are_on_disk_when_told(void **state)
{
	struct fb_run seen = {0};

	(void)state;
	create();
	assert_int_equal(fb_run_dir_fact(dir, "cpu", "a, b", &err), 0);
	assert_int_equal(fb_run_load(&seen, run_path, &err), 0);
	assert_int_equal(fb_csv_rows(seen.table[FB_RUN_SYSTEM]), 1);
	assert_int_equal(seen.complete, 0);
	fb_run_free(&seen);
	assert_int_equal(fb_run_dir_fact(dir, "run_end", "2025", &err), 0);
	assert_int_equal(fb_run_dir_sync(dir, &err), 0);
	finish();
	CHECK(SYSTEM, 0, "host", "here");
	CHECK(SYSTEM, 0, "key", "cpu");
	CHECK(SYSTEM, 0, "value", "a, b");
	assert_int_equal(run.complete, 1);
}

static void a_run_is_never_mixed_into_another(void **state)
{
	struct fb_run_dir *first;

	(void)state;
	create();
	first = dir;
	assert_int_equal(create_named("run-1"), -EEXIST);
	assert_non_null(strstr(err.text, run_path));
	assert_ptr_equal(dir, first);
	assert_int_equal(fb_run_dir_fact(dir, "k", "v", &err), 0);
	finish();
	assert_int_equal(fb_csv_rows(run.table[FB_RUN_SYSTEM]), 1);
}

static void a_run_name_cannot_leave_its_folder(void **state)
{
	static const char *const bad[] = {"", ".", "..", "a/b", "../x", "a b", "a\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(create_named(bad[i]), -EINVAL);
	assert_null(dir);
	assert_int_equal(access(results, F_OK), -1);
}

static void a_trailing_slash_is_not_doubled(void **state)
{
	(void)state;
	strcat(results, "//");
	create();
	assert_string_equal(fb_run_dir_path(dir), run_path);
	finish();
}

static void a_failed_creation_leaves_nothing(void **state)
{
	struct rlimit limit = {300, RLIM_INFINITY};
	char above[240];

	(void)state;
	snprintf(above, sizeof(above), "%s/a", base);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(create_named("run-1"), -EFBIG);
	assert_null(dir);
	assert_int_equal(access(above, F_OK), -1);
	assert_int_equal(mkdir(above, 0777), 0);
	assert_int_equal(create_named("run-1"), -EFBIG);
	assert_int_equal(access(results, F_OK), -1);
	assert_int_equal(access(above, F_OK), 0);
}

/* Disk full while the histogram is written: the repetition must not be there. */
static void a_repetition_that_could_not_be_written_is_not_finished(void **state)
{
	struct rlimit limit = {20000, RLIM_INFINITY};

	(void)state;
	create();
	record_ops(20);
	assert_int_equal(fb_run_dir_result(dir, &result, &err), 0);
	result.rep = 3;
	record_ops(5000);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(fb_run_dir_result(dir, &result, &err), -EFBIG);
	finish();
	assert_int_equal(fb_csv_rows(run.table[FB_RUN_SUMMARY]), 1);
	CHECK(SUMMARY, 0, "rep", "2");
	for (size_t i = 0; i < fb_csv_rows(run.table[FB_RUN_HISTOGRAM]); i++)
		CHECK(HISTOGRAM, i, "rep", "2");
}

static void append_to(enum fb_run_file f, const char *text)
{
	FILE *file = fopen(file_of(f), "a");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void rows_without_a_summary_row_are_dropped(void **state)
{
	size_t rows;

	(void)state;
	create();
	record_ops(2);
	fb_series_finish(result.series, result.hist, 5);
	assert_int_equal(fb_run_dir_result(dir, &result, &err), 0);
	append_to(FB_RUN_HISTOGRAM, "run-1,4,3,write,1,1,1,ns\n");
	append_to(FB_RUN_HISTOGRAM, "run-1,5,2,write,1,1,1,ns\n");
	append_to(FB_RUN_SERIES, "run-1,4,3,1,write,1,1,1,1\n");
	append_to(FB_RUN_IO, "run-1,4,1,vda,flush,,,1,0\n");
	append_to(FB_RUN_WARNINGS, "run-1,here,7,1,gone,note,t,e\n");
	append_to(FB_RUN_WARNINGS, "run-1,here,,,stays,note,t,e\n");
	finish();
	rows = fb_csv_rows(run.table[FB_RUN_HISTOGRAM]);
	assert_int_equal(rows, 6);
	assert_int_equal(fb_csv_rows(run.table[FB_RUN_SERIES]), 3);
	assert_int_equal(fb_csv_rows(run.table[FB_RUN_IO]), 0);
	assert_int_equal(fb_csv_rows(run.table[FB_RUN_WARNINGS]), 2);
	CHECK(WARNINGS, 1, "id", "stays");
}

static void missing_files_are_empty_tables_but_for_two(void **state)
{
	(void)state;
	create();
	finish();
	fb_run_free(&run);
	unlink(file_of(FB_RUN_SERIES));
	unlink(file_of(FB_RUN_WARNINGS));
	assert_int_equal(fb_run_load(&run, run_path, &err), 0);
	assert_null(run.table[FB_RUN_SERIES]);
	assert_non_null(run.table[FB_RUN_IO]);
	fb_run_free(&run);
	unlink(file_of(FB_RUN_SYSTEM));
	assert_int_equal(fb_run_load(&run, run_path, &err), -ENOENT);
	assert_non_null(strstr(err.text, "system.csv"));
	assert_int_equal(fb_run_load(&run, base, &err), -ENOENT);
	assert_non_null(strstr(err.text, "summary.csv"));
	assert_null(run.table[FB_RUN_IO]);
}

static void a_newer_schema_is_refused(void **state)
{
	(void)state;
	create();
	finish();
	fb_run_free(&run);
	unlink(file_of(FB_RUN_SUMMARY));
	append_to(FB_RUN_SUMMARY, "schema,case_id,rep\n1,1,1\n2,1,2\n");
	assert_int_equal(fb_run_load(&run, run_path, &err), -EINVAL);
	assert_non_null(strstr(err.text, "newer"));
	unlink(file_of(FB_RUN_SUMMARY));
	append_to(FB_RUN_SUMMARY, "schema,case_id\n1,1\n");
	assert_int_equal(fb_run_load(&run, run_path, &err), -EINVAL);
	assert_non_null(strstr(err.text, "no column rep"));
	unlink(file_of(FB_RUN_SUMMARY));
	append_to(FB_RUN_SUMMARY, "schema,case_id,rep\n1,x,1\n");
	assert_int_equal(fb_run_load(&run, run_path, &err), -EINVAL);
	assert_non_null(strstr(err.text, ":2: column 2 (case_id)"));
}

/* Each repetition's histogram rows must add up to its ops, all three times. */
static void check_whole_repetitions(void)
{
	const struct fb_csv_table *s = run.table[FB_RUN_SUMMARY];
	const struct fb_csv_table *h = run.table[FB_RUN_HISTOGRAM];
	size_t rows = fb_csv_rows(s), row = 0;
	int id = fb_csv_find(h, "case_id"), count = fb_csv_find(h, "count");

	for (size_t i = 0; i < rows; i++) {
		const char *case_id = get(FB_RUN_SUMMARY, i, "case_id");
		uint64_t sum = 0;

		for (; row < fb_csv_rows(h); row++) {
			if (strcmp(fb_csv_get(h, row, id), case_id))
				break;
			sum += strtoull(fb_csv_get(h, row, count), NULL, 10);
		}
		assert_true(sum ==
			    3 * strtoull(get(FB_RUN_SUMMARY, i, "ops"), NULL, 10));
		assert_true(sum > 0);
	}
	assert_int_equal(row, fb_csv_rows(h));
}

static void cut_off_rows_are_dropped_at_every_byte(void **state)
{
	struct stat st;

	(void)state;
	create();
	for (the_case.case_id = 1; the_case.case_id <= 2; the_case.case_id++) {
		record_ops(3);
		assert_int_equal(fb_run_dir_result(dir, &result, &err), 0);
		fb_hist_reset(result.hist[0]);
		fb_hist_reset(result.hist[1]);
		fb_hist_reset(result.hist[2]);
	}
	finish();
	assert_int_equal(fb_csv_rows(run.table[FB_RUN_SUMMARY]), 2);
	assert_int_equal(stat(file_of(FB_RUN_SUMMARY), &st), 0);
	for (off_t len = st.st_size - 1; len > st.st_size - 200; len--) {
		fb_run_free(&run);
		assert_int_equal(truncate(file_of(FB_RUN_SUMMARY), len), 0);
		assert_int_equal(fb_run_load(&run, run_path, &err), 0);
		assert_int_equal(fb_csv_rows(run.table[FB_RUN_SUMMARY]), 1);
		check_whole_repetitions();
	}
}

static void fill_histograms(struct fb_rng *r)
{
	result.ops = 1 + fb_rng_below(r, 4000);
	for (int op = 0; op < FB_OP_COUNT; op++) {
		fb_hist_reset(result.hist[op]);
		for (uint64_t i = 0; i < result.ops; i++)
			fb_hist_record(result.hist[op], fb_rng_below(r, 10000000));
	}
}

/* A long run, until somebody kills it; most of its time it writes. */
static void write_for_ever(int ready)
{
	struct fb_rng r;

	fb_rng_init(&r, (uint64_t)getpid());
	fill_histograms(&r);
	fb_series_finish(result.series, result.hist, 500000000);
	if (create_named("run-1") || write(ready, "r", 1) != 1)
		_exit(1);
	for (the_case.case_id = 1;; the_case.case_id++) {
		if (the_case.case_id % 8 == 0)
			fill_histograms(&r);
		if (fb_run_dir_result(dir, &result, &err))
			_exit(1);
	}
}

static void kill_after_us(unsigned us)
{
	int fds[2], status;
	char c;

	assert_int_equal(pipe(fds), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child)
		write_for_ever(fds[1]);
	close(fds[1]);
	assert_int_equal(read(fds[0], &c, 1), 1);
	close(fds[0]);
	usleep(us);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	child = -1;
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
		if (fb_run_load(&run, run_path, &err))
			fail_msg("%s", err.text);
		assert_int_equal(run.complete, 0);
		check_whole_repetitions();
		assert_int_equal(fb_csv_load(&all, file_of(FB_RUN_HISTOGRAM), &err), 0);
		torn += fb_csv_rows(all) > fb_csv_rows(run.table[FB_RUN_HISTOGRAM]);
		repetitions += (unsigned)fb_csv_rows(run.table[FB_RUN_SUMMARY]);
		fb_csv_free(all);
		fb_run_free(&run);
		remove_run();
	}
	print_message("%u repetitions whole, %u runs died with one unfinished\n",
		      repetitions, torn);
	assert_true(repetitions > 0);
}

#define IN_BASE(f) cmocka_unit_test_setup_teardown(f, open_base, close_base)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_BASE(columns_are_those_of_the_contract),
		IN_BASE(a_row_says_what_the_repetition_gave),
		IN_BASE(unknown_figures_are_empty_fields),
		IN_BASE(a_failed_repetition_is_a_row_with_its_status),
		IN_BASE(histogram_rows_are_the_full_buckets),
		IN_BASE(series_rows_are_the_intervals),
		IN_BASE(io_rows_are_the_request_classes),
		IN_BASE(warnings_are_rows_and_ids_of_the_repetition),
		IN_BASE(few_samples_above_a_percentile_are_noted),
		IN_BASE(enough_samples_make_no_note),
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
