/*
 * What a traced repetition writes beside the rest.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/run_rig.h"

#include "stats/hist.h"

#include <math.h>
#include <string.h>

static struct fb_hist hist[2];

static void record_traced(void)
{
	struct fb_result *r = &run_rig.result;

	fb_hist_reset(&hist[0]);
	fb_hist_reset(&hist[1]);
	fb_hist_record(&hist[0], 2);
	fb_hist_record(&hist[0], 2);
	fb_hist_record(&hist[1], 30000);
	r->traced = true;
	r->trace_cost = 0.0315;
	r->io.source = "trace";
	r->io.lost_events = 7;
	r->dev[FB_DEV_REQUESTS_PER_FLUSH] = &hist[0];
	r->dev[FB_DEV_RQ_OTHER] = &hist[1];
}

static void store(void)
{
	run_rig_create();
	run_rig_put();
	run_rig_finish();
}

static void a_traced_row_says_so_and_what_it_cost(void **state)
{
	(void)state;
	record_traced();
	store();
	CHECK(SUMMARY, 0, "traced", "1");
	CHECK(SUMMARY, 0, "trace_cost", "0.0315");
	CHECK(SUMMARY, 0, "lost_events", "7");
	CHECK(SUMMARY, 0, "account_source", "trace");
}

static void a_cost_that_is_not_known_is_empty(void **state)
{
	(void)state;
	record_traced();
	run_rig.result.trace_cost = NAN;
	store();
	CHECK(SUMMARY, 0, "traced", "1");
	CHECK(SUMMARY, 0, "trace_cost", "");
}

static void an_untraced_row_has_no_cost(void **state)
{
	(void)state;
	run_rig.result.trace_cost = 0;
	store();
	CHECK(SUMMARY, 0, "traced", "0");
	CHECK(SUMMARY, 0, "trace_cost", "");
	assert_int_equal(fb_csv_rows(run_rig.run.table[FB_RUN_HISTOGRAM]), 0);
}

static void what_the_device_did_has_histograms_of_its_own(void **state)
{
	(void)state;
	record_traced();
	store();
	assert_int_equal(fb_csv_rows(run_rig.run.table[FB_RUN_HISTOGRAM]), 2);
	CHECK(HISTOGRAM, 0, "op", "requests_per_flush");
	CHECK(HISTOGRAM, 0, "low", "2");
	CHECK(HISTOGRAM, 0, "high", "2");
	CHECK(HISTOGRAM, 0, "count", "2");
	CHECK(HISTOGRAM, 0, "unit", "requests");
	CHECK(HISTOGRAM, 1, "op", "rq_other");
	CHECK(HISTOGRAM, 1, "unit", "ns");
}

static void requests_have_their_marks_and_their_issuer(void **state)
{
	struct fb_io *io = &run_rig.result.io;

	(void)state;
	record_traced();
	io->n_classes = 1;
	io->classes[0] = (struct fb_io_class){.device = "vda",
					      .klass = "journal",
					      .fua = "1",
					      .issuer = "kernel",
					      .requests = 5,
					      .bytes = 20480};
	store();
	CHECK(IO, 0, "class", "journal");
	CHECK(IO, 0, "fua", "1");
	CHECK(IO, 0, "issuer", "kernel");
	CHECK(IO, 0, "requests", "5");
	CHECK(IO, 0, "bytes", "20480");
}

/* The fact counts every step of the plan, the traced one of a case among them. */
static void a_run_without_its_traced_repetition_is_incomplete(void **state)
{
	(void)state;
	run_rig_create();
	assert_int_equal(fb_run_dir_fact(run_rig.dir, "repetitions", "2", &run_rig.err),
			 0);
	assert_int_equal(fb_run_dir_fact(run_rig.dir, "run_end", "now", &run_rig.err),
			 0);
	run_rig_put();
	assert_int_equal(fb_run_dir_sync(run_rig.dir, &run_rig.err), 0);
	assert_int_equal(fb_run_load(&run_rig.run, run_rig.path, &run_rig.err), 0);
	assert_int_equal(run_rig.run.complete, 0);
	fb_run_free(&run_rig.run);
	record_traced();
	run_rig.result.rep++;
	run_rig_put();
	run_rig_finish();
	assert_int_equal(run_rig.run.complete, 1);
}

int main(void)
{
#define IN_BASE(f) cmocka_unit_test_setup_teardown(f, run_rig_enter, run_rig_leave)
	const struct CMUnitTest tests[] = {
		IN_BASE(a_traced_row_says_so_and_what_it_cost),
		IN_BASE(a_cost_that_is_not_known_is_empty),
		IN_BASE(an_untraced_row_has_no_cost),
		IN_BASE(what_the_device_did_has_histograms_of_its_own),
		IN_BASE(requests_have_their_marks_and_their_issuer),
		IN_BASE(a_run_without_its_traced_repetition_is_incomplete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
