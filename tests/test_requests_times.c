/*
 * The times of ops: known where all that the disk was given was seen to begin and to
 * end.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/requests_rig.h"

static struct requests_rig rig;

static int leave(void **state)
{
	(void)state;
	rig_close(&rig);
	return 0;
}

static void enter(void)
{
	rig_open(&rig, "ext4", false, true);
	rig_data(&rig, 1000, 2000);
}

static void assert_sum(uint64_t writes, uint64_t flushes, uint64_t bytes)
{
	assert_int_equal(rig.sum.writes, writes);
	assert_int_equal(rig.sum.flushes, flushes);
	assert_int_equal(rig.sum.bytes, bytes);
}

/* The op's own figures, before the next one is seen; or none of time. */
static void end_op(uint64_t requests, int64_t write_us, int64_t flush_us)
{
	struct fb_hist *const *h = rig.r->hist;
	const uint64_t n = h[FB_DEV_WRITE]->count, w = h[FB_DEV_WRITE]->sum,
		       f = h[FB_DEV_FLUSH]->sum, q = h[FB_DEV_REQUESTS_PER_FLUSH]->sum;

	fb_requests_end_op(rig.r);
	assert_int_equal(h[FB_DEV_REQUESTS_PER_FLUSH]->sum - q, requests);
	assert_int_equal(h[FB_DEV_WRITE]->count - n, write_us >= 0);
	assert_int_equal(h[FB_DEV_FLUSH]->count, h[FB_DEV_WRITE]->count);
	if (write_us < 0)
		return;
	assert_int_equal(h[FB_DEV_WRITE]->sum - w, write_us * 1000);
	assert_int_equal(h[FB_DEV_FLUSH]->sum - f, flush_us * 1000);
}

enum { UNKNOWN = -1 };

/* 40 us of write, 30 us of flush; so many answers of the two are missing. */
static void op(bool write_answered, bool flush_answered)
{
	rig_issue(&rig, "WS", 1000, 8);
	rig.now += 39000;
	if (write_answered)
		rig_answer(&rig, "WS", 1000, 8);
	rig.now += 5000;
	rig_bio(&rig, "FWS", 0, 0);
	rig_issue(&rig, "FF", 0, 0);
	rig.now += 29000;
	if (flush_answered)
		rig_answer(&rig, "FF", 0, 0);
	rig_answer(&rig, "WS", 0, 0);
	rig.now += 100000;
}

static void after_a_lost_answer_the_next_ops_times_are_right_at_once(void **state)
{
	(void)state;
	enter();
	op(true, true);
	end_op(2, 40, 30);
	op(true, false);
	end_op(2, UNKNOWN, UNKNOWN);
	op(true, true);
	end_op(2, 40, 30);
	op(false, true);
	end_op(2, UNKNOWN, UNKNOWN);
	op(true, true);
	end_op(2, 40, 30);
	op(false, false);
	end_op(2, UNKNOWN, UNKNOWN);
	op(true, true);
	end_op(2, 40, 30);
	rig_finish(&rig);
	assert_sum(14, 7, 7 * 4096);
	assert_int_equal(rig.sum.unanswered, 4);
	assert_int_equal(rig.hist[FB_DEV_RQ_FLUSH]->count, 5);
	assert_int_equal(rig.hist[FB_DEV_RQ_FLUSH]->max, 30000);
	assert_int_equal(rig.hist[FB_DEV_RQ_DATA]->count, 5);
	assert_int_equal(rig.hist[FB_DEV_RQ_DATA]->max, 40000);
}

static void
what_is_written_back_over_the_end_of_ops_takes_the_times_of_two(void **state)
{
	(void)state;
	enter();
	op(true, true);
	rig_issue(&rig, "W", 5000, 8);
	end_op(3, UNKNOWN, UNKNOWN);
	op(true, true);
	end_op(2, 40, 30);
	rig_answer(&rig, "W", 5000, 8);
	op(true, true);
	end_op(2, UNKNOWN, UNKNOWN);
	op(true, true);
	end_op(2, 40, 30);
	rig_finish(&rig);
	/* Its own time is known, and it counts once. */
	assert_int_equal(rig.hist[FB_DEV_RQ_OTHER]->count, 1);
	assert_sum(9, 4, 5 * 4096);
	assert_int_equal(rig.sum.unanswered, 0);
}

static void reads_without_an_answer_leave_an_op_its_times(void **state)
{
	(void)state;
	enter();
	rig_issue(&rig, "RA", 5000, 8);
	op(true, true);
	end_op(3, 40, 30);
	rig_answer(&rig, "RA", 5000, 8);
	op(true, true);
	end_op(2, 40, 30);
}

static void an_op_in_which_an_issue_was_missed_has_no_times(void **state)
{
	(void)state;
	enter();
	rig_answer(&rig, "WS", 1000, 8);
	end_op(1, UNKNOWN, UNKNOWN);
	rig_answer(&rig, "FF", 0, 0);
	end_op(1, UNKNOWN, UNKNOWN);
	op(true, true);
	end_op(2, 40, 30);
}

static void bios_without_an_end_count_where_there_are_no_requests(void **state)
{
	(void)state;
	enter();
	rig.disk = RIG_OWN_BIOS;
	rig_bio(&rig, "FWFSM", 5000, 8);
	end_op(2, UNKNOWN, UNKNOWN);
	rig_bio(&rig, "FWS", 0, 0);
	rig.now += 29000;
	rig_see(&rig, FB_BLOCK_BIO_DONE, "FWS", 0, 0);
	end_op(1, 0, 30);
}

int main(void)
{
#define T(name) cmocka_unit_test_teardown(name, leave)
	const struct CMUnitTest tests[] = {
		T(after_a_lost_answer_the_next_ops_times_are_right_at_once),
		T(what_is_written_back_over_the_end_of_ops_takes_the_times_of_two),
		T(reads_without_an_answer_leave_an_op_its_times),
		T(an_op_in_which_an_issue_was_missed_has_no_times),
		T(bios_without_an_end_count_where_there_are_no_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
