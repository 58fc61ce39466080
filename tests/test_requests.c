#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/requests_rig.h"

#include <string.h>

static struct requests_rig rig;

static int leave(void **state)
{
	(void)state;
	rig_close(&rig);
	return 0;
}

static void enter(const char *fs)
{
	rig_open(&rig, fs, false, false);
	rig_data(&rig, 1000, 2000);
}

static void assert_sum(uint64_t writes, uint64_t flushes, uint64_t bytes)
{
	assert_int_equal(rig.sum.writes, writes);
	assert_int_equal(rig.sum.flushes, flushes);
	assert_int_equal(rig.sum.bytes, bytes);
}

/* As on a disk with a cache and without FUA. */
static void durable_write(const char *bio, const char *request, uint64_t sector,
			  uint32_t sectors)
{
	rig_bio(&rig, bio, sector, sectors);
	rig_issue(&rig, "FF", 0, 0);
	rig_answer(&rig, "FF", 0, 0);
	rig_issue(&rig, request, sector, sectors);
	rig_answer(&rig, request, sector, sectors);
	rig_issue(&rig, "FF", 0, 0);
	rig_answer(&rig, "FF", 0, 0);
	rig_answer(&rig, request, sector, 0);
}

static void empty_flush(void)
{
	rig_bio(&rig, "FWS", 0, 0);
	rig_issue(&rig, "FF", 0, 0);
	rig_answer(&rig, "FF", 0, 0);
	rig_answer(&rig, "WS", 0, 0);
}

static void data_and_an_empty_flush_are_two_writes_and_one_flush(void **state)
{
	(void)state;
	enter("ext4");
	rig_request(&rig, "WS", 1008, 8);
	empty_flush();
	rig_finish(&rig);
	assert_sum(2, 1, 4096);
	RIG_ROWS(&rig, "own data 0 self 1 4096", "own flush 0 self 1 0");
}

static void flushes_that_ride_on_a_write_are_the_writers(void **state)
{
	(void)state;
	enter("xfs");
	rig.pid = RIG_OTHERS;
	durable_write("FWFSM", "WSM", 5000, 3);
	rig_finish(&rig);
	assert_sum(1, 2, 1536);
	assert_int_equal(rig.sum.fua, 0);
	RIG_ROWS(&rig, "own journal 0 others 1 1536", "own flush 0 others 2 0");
	assert_int_equal(rig.sum.foreign_requests, 3);
	assert_int_equal(rig.sum.foreign_bytes, 1536);
}

static void a_disk_with_fua_gets_no_flush_after_the_write(void **state)
{
	(void)state;
	enter("xfs");
	rig_bio(&rig, "WFSM", 5000, 8);
	rig_issue(&rig, "WFSM", 5000, 8);
	rig_answer(&rig, "WFSM", 5000, 8);
	/* The next flush is somebody else's. */
	rig.pid = RIG_OTHERS;
	empty_flush();
	rig_finish(&rig);
	assert_int_equal(rig.sum.fua, 1);
	RIG_ROWS(&rig, "own journal 1 self 1 4096", "own flush 0 others 1 0");
}

static void one_flush_for_several_is_the_first_ones(void **state)
{
	(void)state;
	enter("ext4");
	rig.pid = RIG_OTHERS;
	rig_bio(&rig, "FWS", 0, 0);
	rig.pid = RIG_SELF;
	rig_bio(&rig, "FWS", 0, 0);
	rig_issue(&rig, "FF", 0, 0);
	rig_answer(&rig, "FF", 0, 0);
	/* Nobody is seen to have asked: it must have been the last who did. */
	rig_issue(&rig, "FF", 0, 0);
	rig_answer(&rig, "FF", 0, 0);
	rig_finish(&rig);
	assert_sum(2, 2, 0);
	RIG_ROWS(&rig, "own flush 0 others 1 0", "own flush 0 self 1 0");
}

static void a_request_answered_in_parts_counts_once_with_all_bytes(void **state)
{
	(void)state;
	enter("ext4");
	rig_bio(&rig, "W", 1000, 24);
	rig_issue(&rig, "W", 1000, 24);
	rig_answer(&rig, "W", 1000, 8);
	rig_answer(&rig, "W", 1008, 8);
	assert_int_equal(rig.r->sum.writes, 0);
	rig_answer(&rig, "W", 1016, 8);
	rig_finish(&rig);
	assert_sum(1, 0, 12288);
	RIG_ROWS(&rig, "own data 0 self 1 12288");
	assert_int_equal(rig.hist[FB_DEV_RQ_DATA]->min, 3000);
}

static void a_request_given_back_counts_when_it_is_answered(void **state)
{
	(void)state;
	enter("ext4");
	rig_bio(&rig, "WF", 1000, 24);
	rig_issue(&rig, "W", 1000, 24);
	rig_see(&rig, FB_BLOCK_REQUEUE, "W", 1000, 24);
	rig_issue(&rig, "W", 1000, 24);
	rig_answer(&rig, "W", 1000, 8);
	rig_see(&rig, FB_BLOCK_REQUEUE, "W", 1008, 16);
	rig.pid = RIG_OTHERS;
	rig_issue(&rig, "W", 1008, 16);
	rig_answer(&rig, "W", 1008, 16);
	rig_issue(&rig, "FF", 0, 0);
	rig_see(&rig, FB_BLOCK_REQUEUE, "FF", 0, 0);
	rig_issue(&rig, "FF", 0, 0);
	rig_answer(&rig, "FF", 0, 0);
	rig_finish(&rig);
	assert_sum(1, 1, 12288);
	RIG_ROWS(&rig, "own data 0 self 1 12288", "own flush 0 self 1 0");
}

static void an_answer_without_an_issue_counts_without_a_time(void **state)
{
	(void)state;
	enter("ext4");
	rig_bio(&rig, "W", 1000, 8);
	rig_answer(&rig, "W", 1000, 8);
	rig_answer(&rig, "WM", 5000, 8);
	rig_answer(&rig, "FF", 0, 0);
	rig_finish(&rig);
	assert_sum(2, 1, 8192);
	RIG_ROWS(&rig, "own data 0 self 1 4096", "own metadata 0 kernel 1 4096",
		 "own flush 0 kernel 1 0");
	for (int i = 0; i < FB_DEV_HISTS; i++)
		assert_int_equal(rig.hist[i]->count, 0);
}

static void what_zeroes_is_a_discard_and_to_the_kernel_a_write(void **state)
{
	struct fb_block_event e = {
		.dev_major = 7,
		.sector = 5000,
		.sectors = 1024,
		.flags = FB_BLOCK_WRITE | FB_BLOCK_DISCARD,
		.pid = RIG_SELF,
	};

	(void)state;
	enter("ext4");
	for (int i = FB_BLOCK_QUEUE; i <= FB_BLOCK_COMPLETE; i++) {
		e.kind = (enum fb_block_kind)i;
		fb_requests_see(rig.r, &e);
	}
	rig_request(&rig, "D", 9000, 8);
	rig_finish(&rig);
	assert_sum(1, 0, 524288);
	RIG_ROWS(&rig, "own discard 0 self 2 528384");
}

static void disks_below_have_rows_of_their_own_and_no_figures(void **state)
{
	(void)state;
	enter("ext4");
	rig.disk = RIG_BELOW;
	rig.pid = RIG_OTHERS;
	rig_request(&rig, "WSM", 1000, 8);
	rig_request(&rig, "R", 1000, 8);
	empty_flush();
	rig.disk = RIG_BELOW_BIOS;
	rig_bio(&rig, "W", 1000, 8);
	rig_see(&rig, FB_BLOCK_BIO_DONE, "W", 1000, 8);
	rig_finish(&rig);
	assert_sum(0, 0, 0);
	assert_int_equal(rig.sum.foreign_requests, 0);
	RIG_ROWS(&rig, "low other 0 others 1 4096", "low read 0 others 1 4096",
		 "low flush 0 others 1 0", "lowb other 0 others 1 4096");
	for (int i = 0; i < FB_DEV_HISTS; i++)
		assert_int_equal(rig.hist[i]->count, 0);
}

static void other_disks_and_events_that_say_nothing_are_passed_over(void **state)
{
	(void)state;
	enter("ext4");
	rig_request(&rig, "N", 1000, 8);
	rig.disk = 17;
	rig_request(&rig, "W", 1000, 8);
	rig_finish(&rig);
	assert_sum(0, 0, 0);
	assert_int_equal(rig.io.n_classes, 0);
}

static void what_the_target_gets_later_is_data_in_the_end(void **state)
{
	(void)state;
	rig_open(&rig, "ext4", true, false);
	rig_data(&rig, 1000, 2000);
	rig_request(&rig, "W", 1000, 8);
	rig_request(&rig, "W", 3000, 8);
	rig_request(&rig, "WM", 4000, 8);
	rig_request(&rig, "W", 5000, 8);
	/* What is marked metadata is no file's data. */
	assert_int_equal(rig.r->late.n, 2);
	rig_data(&rig, 3000, 3500);
	rig_finish(&rig);
	assert_sum(4, 0, 16384);
	assert_int_equal(rig.sum.late_lost, 0);
	RIG_ROWS(&rig, "own data 0 self 2 8192", "own metadata 0 self 1 4096",
		 "own other 0 self 1 4096");
	assert_int_equal(rig.hist[FB_DEV_RQ_DATA]->count, 2);
}

static void what_is_too_much_to_keep_is_other_and_told(void **state)
{
	struct fb_answer none = {.klass = FB_RQ_OTHER};

	(void)state;
	rig_open(&rig, "ext4", true, false);
	for (int i = 0; i < FB_REQUESTS_LATE_MAX; i++)
		assert_true(fb_answers_keep(&rig.r->late, &none));
	assert_false(fb_answers_keep(&rig.r->late, &none));
	rig_request(&rig, "W", 3000, 8);
	rig_request(&rig, "WM", 4000, 8);
	rig.r->late.n = 0;
	rig_finish(&rig);
	assert_int_equal(rig.sum.late_lost, 1);
	RIG_ROWS(&rig, "own metadata 0 self 1 4096", "own other 0 self 1 4096");
}

static void on_btrfs_what_others_put_into_data_chunks_is_theirs(void **state)
{
	(void)state;
	rig_open(&rig, "btrfs", true, false);
	rig_data(&rig, 1000, 2000);
	rig_request(&rig, "W", 1000, 8);
	rig.pid = RIG_OTHERS;
	rig_request(&rig, "W", 1100, 8);
	rig_finish(&rig);
	RIG_ROWS(&rig, "own data 0 self 1 4096", "own other 0 others 1 4096");
}

static void a_reset_forgets_everything(void **state)
{
	(void)state;
	rig_open(&rig, "ext4", true, true);
	rig_bio(&rig, "FWS", 0, 0);
	rig_bio(&rig, "W", 1000, 8);
	rig_issue(&rig, "WS", 3000, 8);
	rig_request(&rig, "W", 5000, 8);
	fb_requests_end_op(rig.r);
	fb_requests_reset(rig.r);
	rig.pid = RIG_OTHERS;
	rig_issue(&rig, "FF", 0, 0);
	rig_answer(&rig, "FF", 0, 0);
	rig_finish(&rig);
	assert_sum(0, 1, 0);
	RIG_ROWS(&rig, "own flush 0 kernel 1 0");
	assert_int_equal(rig.hist[FB_DEV_REQUESTS_PER_FLUSH]->count, 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_teardown(name, leave)
	const struct CMUnitTest tests[] = {
		T(data_and_an_empty_flush_are_two_writes_and_one_flush),
		T(flushes_that_ride_on_a_write_are_the_writers),
		T(a_disk_with_fua_gets_no_flush_after_the_write),
		T(one_flush_for_several_is_the_first_ones),
		T(a_request_answered_in_parts_counts_once_with_all_bytes),
		T(a_request_given_back_counts_when_it_is_answered),
		T(an_answer_without_an_issue_counts_without_a_time),
		T(what_zeroes_is_a_discard_and_to_the_kernel_a_write),
		T(disks_below_have_rows_of_their_own_and_no_figures),
		T(other_disks_and_events_that_say_nothing_are_passed_over),
		T(what_the_target_gets_later_is_data_in_the_end),
		T(what_is_too_much_to_keep_is_other_and_told),
		T(on_btrfs_what_others_put_into_data_chunks_is_theirs),
		T(a_reset_forgets_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
