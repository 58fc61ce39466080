/*
 * What a run's files say of a case timed in batches.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "stats/series.h"
#include "support/run_rig.h"

/* A sample is the mean of several ops, and a mean has no tail. */
static void of_batches_there_is_no_tail(void **state)
{
	static const char *const empty[] = {
		"commit_p90_ns", "commit_p99_ns", "commit_p999_ns", "commit_p9999_ns",
		"commit_max_ns", "write_p90_ns",  "write_max_ns",
	};

	(void)state;
	run_rig_create();
	run_rig.c.batch = 100;
	run_rig_record(100);
	fb_series_finish(run_rig.result.series, run_rig.result.hist, 1500000);
	run_rig_put();
	run_rig_finish();
	CHECK(SUMMARY, 0, "write_min_ns", "1000");
	CHECK(SUMMARY, 0, "write_mean_ns", "1049.5");
	CHECK(SUMMARY, 0, "write_p50_ns", "1049");
	for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++)
		CHECK(SUMMARY, 0, empty[i], "");
	CHECK(SUMMARY, 0, "warnings", "");
	CHECK(SUMMARY, 0, "commits_per_s", "5000");
	assert_true(fb_csv_rows(run_rig.run.table[FB_RUN_HISTOGRAM]) > 100);
	CHECK(SERIES, 0, "count", "100");
	assert_true(*run_rig_get(FB_RUN_SERIES, 0, "p50_ns"));
	CHECK(SERIES, 0, "p99_ns", "");
	CHECK(SERIES, 0, "max_ns", "");
}

static void few_batches_are_noted_for_their_median_alone(void **state)
{
	(void)state;
	run_rig_create();
	run_rig.c.batch = 100;
	run_rig_record(12);
	run_rig_put();
	run_rig_finish();
	CHECK(WARNINGS, 0, "id", "low_n");
	CHECK(WARNINGS, 0, "evidence",
	      "write p50 (6 above), flush p50 (6 above), commit p50 (6 above)");
}

int main(void)
{
#define IN_BASE(f) cmocka_unit_test_setup_teardown(f, run_rig_enter, run_rig_leave)
	const struct CMUnitTest tests[] = {
		IN_BASE(of_batches_there_is_no_tail),
		IN_BASE(few_batches_are_noted_for_their_median_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
