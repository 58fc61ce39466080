/*
 * Who is told of each op's end, as an observer of the device is.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/worker_rig.h"

#define MS UINT64_C(1000000)

static struct {
	uint64_t calls;
	uint64_t recorded; /* samples when it was called, all histograms */
	uint64_t takes_ns;
	uint64_t ended; /* ops whose end the path had been told */
} observed;

static void observe(void *ctx)
{
	assert_ptr_equal(ctx, &observed);
	observed.calls++;
	observed.ended += worker.ended == observed.calls;
	for (int i = 0; i < FB_OP_COUNT; i++)
		observed.recorded += worker.hist[i].count == observed.calls;
	worker.now += observed.takes_ns;
}

static const struct fb_path_ops fake_path = {.write = worker_rig_write,
					     .flush = worker_rig_flush,
					     .end_op = worker_rig_end_op};

static int set_up(void **state)
{
	(void)state;
	observed.calls = observed.recorded = observed.takes_ns = observed.ended = 0;
	worker_rig_make(&fake_path, (struct fb_case){
					    .path = FB_PATH_FILE,
					    .pattern = FB_PATTERN_SEQ,
					    .bs = 4096,
					    .size = 1 << 20,
					    .writes_per_flush = 1,
					    .numjobs = 1,
				    });
	worker.w.after_op = observe;
	worker.w.after_ctx = &observed;
	return 0;
}

static void each_op_is_told_after_its_record(void **state)
{
	(void)state;
	worker.w.limit = 50;
	worker_rig_go();
	assert_int_equal(observed.calls, 50);
	assert_int_equal(observed.recorded, 50 * FB_OP_COUNT);
	assert_int_equal(observed.ended, 50);
}

static void what_the_observer_takes_is_in_no_latency(void **state)
{
	(void)state;
	observed.takes_ns = 7777;
	worker.w.limit = 20;
	worker_rig_go();
	assert_int_equal(worker.hist[FB_OP_WRITE].max, 100);
	assert_int_equal(worker.hist[FB_OP_FLUSH].max, 1000);
	assert_int_equal(worker.hist[FB_OP_COMMIT].max, 1100);
}

static void an_op_that_failed_is_not_told(void **state)
{
	(void)state;
	worker.fail_flush_at = 8;
	worker.w.limit = 50;
	worker_rig_go();
	assert_int_equal(worker.w.ended, FB_ENDED_ERROR);
	assert_int_equal(observed.calls, 7);
}

static void the_last_op_before_the_time_is_over_is_told(void **state)
{
	(void)state;
	worker.w.span = MS;
	worker_rig_go();
	assert_int_equal(worker.w.ended, FB_ENDED_TIME);
	assert_int_equal(observed.calls, worker.w.done);
	assert_true(observed.calls > 0);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, worker_rig_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(each_op_is_told_after_its_record),
		CASE(what_the_observer_takes_is_in_no_latency),
		CASE(an_op_that_failed_is_not_told),
		CASE(the_last_op_before_the_time_is_over_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
