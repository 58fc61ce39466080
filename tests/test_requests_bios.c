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

static void empty_flush(void)
{
	rig_bio(&rig, "FWS", 0, 0);
	rig_issue(&rig, "FF", 0, 0);
	rig_answer(&rig, "FF", 0, 0);
	rig_answer(&rig, "WS", 0, 0);
}

static void merged_bios_are_one_request_of_the_first_ones_class(void **state)
{
	(void)state;
	enter("ext4");
	rig_bio(&rig, "WS", 1008, 8);
	rig_bio(&rig, "WS", 1016, 8); /* behind it */
	rig.pid = RIG_OTHERS;
	rig_bio(&rig, "W", 1000, 8); /* before it: the request begins with this one */
	rig_issue(&rig, "W", 1000, 24);
	rig_answer(&rig, "W", 1000, 24);
	rig.pid = RIG_SELF;
	rig_request(&rig, "WS", 1008, 8);
	rig_finish(&rig);
	assert_sum(2, 0, 16384);
	RIG_ROWS(&rig, "own data 0 others 1 12288", "own data 0 self 1 4096");
}

static void a_cut_bio_names_each_of_its_requests(void **state)
{
	(void)state;
	enter("");
	rig.pid = RIG_OTHERS;
	rig_bio(&rig, "W", 1000, 24);
	rig_issue(&rig, "W", 1008, 8); /* the middle first */
	rig_issue(&rig, "W", 1000, 8);
	rig_answer(&rig, "W", 1008, 8);
	rig_answer(&rig, "W", 1000, 8);
	rig_issue(&rig, "W", 1016, 8);
	rig_answer(&rig, "W", 1016, 8);
	rig_finish(&rig);
	RIG_ROWS(&rig, "own data 0 others 3 12288");
	assert_int_equal(rig.r->bios.n, 0);
}

static void what_was_given_back_may_come_again_in_pieces(void **state)
{
	(void)state;
	enter("ext4");
	rig_bio(&rig, "W", 1000, 24);
	rig_issue(&rig, "W", 1000, 24);
	rig_answer(&rig, "W", 1000, 8);
	rig_see(&rig, FB_BLOCK_REQUEUE, "W", 1008, 16);
	rig_issue(&rig, "W", 1008, 8);
	rig_issue(&rig, "W", 1016, 8);
	rig_answer(&rig, "W", 1008, 8);
	rig_answer(&rig, "W", 1016, 8);
	rig_finish(&rig);
	assert_sum(2, 0, 12288);
	RIG_ROWS(&rig, "own data 0 self 2 12288");
}

static void a_read_of_the_same_place_is_not_taken_for_the_write(void **state)
{
	(void)state;
	enter("ext4");
	rig_bio(&rig, "R", 1000, 8);
	rig.pid = RIG_OTHERS;
	rig_bio(&rig, "W", 1000, 8);
	rig_issue(&rig, "W", 1000, 8);
	rig_issue(&rig, "R", 1000, 8);
	rig_answer(&rig, "R", 1000, 8);
	rig_answer(&rig, "W", 1000, 8);
	rig_finish(&rig);
	assert_sum(1, 0, 4096);
	RIG_ROWS(&rig, "own read 0 self 1 4096", "own data 0 others 1 4096");
}

/* As when another CPU's ring is read later. */
static void see_earlier(const char *rwbs, uint64_t sector, uint32_t sectors,
			uint64_t by_ns)
{
	const uint64_t now = rig.now;

	rig.now -= by_ns;
	rig_bio(&rig, rwbs, sector, sectors);
	rig.now = now;
}

static void a_bio_heard_of_late_still_names_its_request(void **state)
{
	(void)state;
	enter("ext4");
	rig.comm = "jbd2/own-8";
	rig.pid = RIG_KERNEL;
	rig_issue(&rig, "WSM", 5000, 8);
	see_earlier("WSM", 5000, 8, 2000);
	rig_answer(&rig, "WSM", 5000, 8);
	rig.pid = RIG_OTHERS;
	rig_issue(&rig, "FF", 0, 0);
	see_earlier("FWS", 0, 0, 2000);
	rig_answer(&rig, "FF", 0, 0);
	rig.pid = RIG_SELF;
	empty_flush();
	rig_finish(&rig);
	RIG_ROWS(&rig, "own journal 0 kernel 1 4096", "own flush 0 others 1 0",
		 "own flush 0 self 1 0");
}

static void bios_are_the_requests_of_a_disk_without(void **state)
{
	(void)state;
	enter("ext4");
	rig.disk = RIG_OWN_BIOS;
	rig_bio(&rig, "WS", 1000, 8);
	rig_see(&rig, FB_BLOCK_BIO_DONE, "WS", 1000, 8);
	rig_bio(&rig, "FWS", 0, 0);
	rig_see(&rig, FB_BLOCK_BIO_DONE, "FWS", 0, 0);
	/* Only where it ended is told of this one. */
	rig_bio(&rig, "FWFSM", 5000, 8);
	rig_see(&rig, FB_BLOCK_BIO_DONE, "FWFSM", 5008, 0);
	/* Requests of it there are none. */
	rig_issue(&rig, "W", 1000, 8);
	rig_answer(&rig, "W", 1000, 8);
	rig_finish(&rig);
	assert_sum(3, 2, 8192);
	assert_int_equal(rig.sum.fua, 1);
	RIG_ROWS(&rig, "ownb data 0 self 1 4096", "ownb flush 0 self 2 0",
		 "ownb journal 1 self 1 4096");
	assert_int_equal(rig.hist[FB_DEV_RQ_DATA]->max, 1000);
}

static void a_bio_that_is_done_in_two_halves_counts_once(void **state)
{
	(void)state;
	enter("ext4");
	rig.disk = RIG_OWN_BIOS;
	rig_bio(&rig, "W", 1000, 16);
	rig_see(&rig, FB_BLOCK_BIO_DONE, "W", 1008, 8);
	rig_see(&rig, FB_BLOCK_BIO_DONE, "W", 1000, 8);
	rig_see(&rig, FB_BLOCK_BIO_DONE, "W", 3000, 0);
	rig_finish(&rig);
	assert_sum(1, 0, 8192);
	RIG_ROWS(&rig, "ownb data 0 self 1 8192");
}

static void bios_that_never_come_to_anything_are_forgotten(void **state)
{
	(void)state;
	enter("ext4");
	for (uint64_t i = 0; i < FB_SPANS_MAX + 5; i++)
		rig_bio(&rig, "W", 100000 - 8 * i, 8);
	assert_int_equal(rig.r->bios.n, FB_SPANS_MAX);
	for (size_t i = 0; i < rig.r->bios.n; i++)
		assert_true(fb_spans_at(&rig.r->bios, i)->begin <= 100000 - 8 * 5);
	rig_finish(&rig);
	assert_sum(0, 0, 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_teardown(name, leave)
	const struct CMUnitTest tests[] = {
		T(merged_bios_are_one_request_of_the_first_ones_class),
		T(a_cut_bio_names_each_of_its_requests),
		T(what_was_given_back_may_come_again_in_pieces),
		T(a_read_of_the_same_place_is_not_taken_for_the_write),
		T(a_bio_heard_of_late_still_names_its_request),
		T(bios_are_the_requests_of_a_disk_without),
		T(a_bio_that_is_done_in_two_halves_counts_once),
		T(bios_that_never_come_to_anything_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
