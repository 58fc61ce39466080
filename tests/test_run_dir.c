#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan/param.h"
#include "stats/series.h"
#include "support/run_rig.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void check_header(enum fb_run_file f, const char *expected)
{
	const struct fb_csv_table *t = run_rig.run.table[f];
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
	run_rig_create();
	run_rig_finish();
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
	assert_int_equal(run_rig.run.complete, 0);
}

static void a_row_says_what_the_repetition_gave(void **state)
{
	(void)state;
	run_rig_create();
	run_rig_record(100);
	run_rig_put();
	run_rig_finish();
	assert_int_equal(fb_csv_rows(run_rig.run.table[FB_RUN_SUMMARY]), 1);
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
	run_rig_create();
	run_rig_leave_out("zipf_theta");
	run_rig_leave_out("flush_range");
	free(run_rig.result.hist[FB_OP_FLUSH]);
	run_rig.result.hist[FB_OP_FLUSH] = NULL;
	run_rig.result.promise = (struct fb_promise){FB_SURVIVES_UNKNOWN,
						     FB_FIDELITY_UNKNOWN};
	run_rig.result.io.dev_bytes = FB_UNKNOWN;
	run_rig.result.io.source = "";
	run_rig.result.app_writes = 0;
	run_rig.result.app_flushes = 0;
	run_rig.result.elapsed_ns = 0;
	run_rig_put();
	run_rig_finish();
	for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++)
		if (*run_rig_get(FB_RUN_SUMMARY, 0, empty[i]))
			fail_msg("%s is '%s'", empty[i],
				 run_rig_get(FB_RUN_SUMMARY, 0, empty[i]));
	CHECK(SUMMARY, 0, "errors", "0");
	assert_int_equal(fb_csv_rows(run_rig.run.table[FB_RUN_HISTOGRAM]), 0);
}

static void a_failed_repetition_is_a_row_with_its_status(void **state)
{
	(void)state;
	run_rig_create();
	run_rig.result.errors = 1;
	run_rig.result.ended = FB_ENDED_ERROR;
	run_rig.result.status = 0xC0000185u;
	run_rig.result.os_error = EIO;
	run_rig.c.rate_iops = 100;
	run_rig_put();
	run_rig_finish();
	CHECK(SUMMARY, 0, "status", "0xC0000185");
	CHECK(SUMMARY, 0, "os_error", "5");
	CHECK(SUMMARY, 0, "ended", "error");
	CHECK(SUMMARY, 0, "load", "open");
	CHECK(SUMMARY, 0, "commit_p50_ns", "");
}

static void histogram_rows_are_the_full_buckets(void **state)
{
	(void)state;
	run_rig_create();
	fb_hist_record(run_rig.result.hist[FB_OP_WRITE], 7);
	for (int i = 0; i < 3; i++)
		fb_hist_record(run_rig.result.hist[FB_OP_COMMIT], 1000000);
	run_rig_put();
	run_rig_finish();
	assert_int_equal(fb_csv_rows(run_rig.run.table[FB_RUN_HISTOGRAM]), 2);
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
	run_rig_create();
	fb_hist_record(run_rig.result.hist[FB_OP_COMMIT], 50);
	fb_series_close(run_rig.result.series, run_rig.result.hist, 1000000);
	fb_series_finish(run_rig.result.series, run_rig.result.hist, 1500000);
	run_rig_put();
	run_rig_finish();
	assert_int_equal(fb_csv_rows(run_rig.run.table[FB_RUN_SERIES]), 2);
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
	run_rig_create();
	run_rig.result.io.n_classes = 2;
	run_rig.result.io.classes[0] = (struct fb_io_class){"vda", "flush", "",
							    "",    12,      0};
	run_rig.result.io.classes[1] =
		(struct fb_io_class){"vda", "other", "1", "self", 5, FB_UNKNOWN};
	run_rig_put();
	run_rig_finish();
	assert_int_equal(fb_csv_rows(run_rig.run.table[FB_RUN_IO]), 2);
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

	assert_int_equal(fb_warnings_add(&run_rig.result.warnings, &w), 0);
}

static void warnings_are_rows_and_ids_of_the_repetition(void **state)
{
	struct fb_warning whole = {.id = "governor", .severity = FB_SEVERITY_NOTE};

	(void)state;
	run_rig_create();
	assert_int_equal(fb_run_dir_warning(run_rig.dir, &whole, &run_rig.err), 0);
	whole.case_id = 9;
	assert_int_equal(fb_run_dir_warning(run_rig.dir, &whole, &run_rig.err), 0);
	add_warning("zeros");
	add_warning("run_delay");
	add_warning("zeros");
	run_rig_record(20);
	run_rig_put();
	run_rig_finish();
	assert_int_equal(fb_csv_rows(run_rig.run.table[FB_RUN_WARNINGS]), 6);
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
	run_rig_create();
	run_rig_record(10000);
	fb_hist_reset(run_rig.result.hist[FB_OP_FLUSH]);
	for (int i = 0; i < 20; i++)
		fb_hist_record(run_rig.result.hist[FB_OP_FLUSH], 1);
	run_rig_put();
	run_rig_finish();
	assert_int_equal(fb_csv_rows(run_rig.run.table[FB_RUN_WARNINGS]), 1);
	CHECK(WARNINGS, 0, "id", "low_n");
	CHECK(WARNINGS, 0, "severity", "note");
	CHECK(WARNINGS, 0, "evidence",
	      "write p9999 (1 above), flush p90 (2 above), commit p9999 (1 above)");
}

/* Then there is no percentile at all, and nothing else says why. */
static void a_single_op_is_noted(void **state)
{
	(void)state;
	run_rig_create();
	run_rig_record(1);
	run_rig_put();
	run_rig_finish();
	CHECK(SUMMARY, 0, "commit_p50_ns", "");
	assert_int_equal(fb_csv_rows(run_rig.run.table[FB_RUN_WARNINGS]), 1);
	CHECK(WARNINGS, 0, "id", "low_n");
	CHECK(WARNINGS, 0, "evidence",
	      "write p50 (0 above), flush p50 (0 above), commit p50 (0 above)");
	assert_non_null(strstr(run_rig_get(FB_RUN_WARNINGS, 0, "text"), "run longer"));
	assert_non_null(strstr(run_rig_get(FB_RUN_WARNINGS, 0, "text"), "one sample"));
	CHECK(SUMMARY, 0, "warnings", "low_n");
}

static void enough_samples_make_no_note(void **state)
{
	(void)state;
	run_rig_create();
	run_rig_record(100000);
	run_rig_put();
	run_rig_finish();
	assert_int_equal(fb_csv_rows(run_rig.run.table[FB_RUN_WARNINGS]), 0);
	CHECK(SUMMARY, 0, "warnings", "");
}

#define IN_BASE(f) cmocka_unit_test_setup_teardown(f, run_rig_enter, run_rig_leave)

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
		IN_BASE(a_single_op_is_noted),
		IN_BASE(enough_samples_make_no_note),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
