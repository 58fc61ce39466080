/*
 * Block events of which some are missing: what is counted all the same.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/requests_rig.h"

static struct requests_rig rig, whole;

static int leave(void **state)
{
	(void)state;
	rig_close(&rig);
	rig_close(&whole);
	return 0;
}

static void enter(bool per_op)
{
	rig_open(&rig, "ext4", false, per_op);
	rig_data(&rig, 1000, 2000);
}

static void assert_sum(uint64_t writes, uint64_t flushes, uint64_t bytes)
{
	assert_int_equal(rig.sum.writes, writes);
	assert_int_equal(rig.sum.flushes, flushes);
	assert_int_equal(rig.sum.bytes, bytes);
}

static void what_was_never_answered_counts_without_a_time(void **state)
{
	(void)state;
	enter(false);
	rig_bio(&rig, "WS", 1000, 24);
	rig_issue(&rig, "WS", 1000, 24);
	rig_answer(&rig, "WS", 1000, 8); /* the rest is missing */
	rig_bio(&rig, "FWS", 0, 0);
	rig_issue(&rig, "FF", 0, 0);
	rig_answer(&rig, "WS", 0, 0); /* of the bio, not of the flush */
	rig_issue(&rig, "R", 5000, 8);
	rig.disk = RIG_OWN_BIOS;
	rig_bio(&rig, "FWFSM", 5000, 8);
	rig.disk = RIG_BELOW;
	rig_issue(&rig, "W", 1000, 8);
	rig_finish(&rig);
	assert_sum(3, 2, 12288 + 4096);
	assert_int_equal(rig.sum.unanswered, 4);
	RIG_ROWS(&rig, "own data 0 self 1 12288", "own flush 0 self 1 0",
		 "own read 0 kernel 1 4096", "ownb journal 1 self 1 4096",
		 "ownb flush 0 self 1 0", "low other 0 kernel 1 4096");
	for (int i = 0; i < FB_DEV_HISTS; i++)
		assert_int_equal(rig.hist[i]->count, 0);
}

static void a_missing_first_answer_is_told_by_the_next(void **state)
{
	(void)state;
	enter(false);
	rig_bio(&rig, "W", 1000, 24);
	rig_issue(&rig, "W", 1000, 24);
	rig_answer(&rig, "W", 1008, 16);
	rig_finish(&rig);
	assert_sum(1, 0, 12288);
	assert_int_equal(rig.sum.unanswered, 0);
	assert_int_equal(rig.hist[FB_DEV_RQ_DATA]->count, 1);
}

static void a_request_given_back_counts_once_though_no_answer_was_seen(void **state)
{
	(void)state;
	enter(false);
	rig_bio(&rig, "W", 1000, 24);
	rig_issue(&rig, "W", 1000, 24);
	rig_see(&rig, FB_BLOCK_REQUEUE, "W", 1008, 16);
	rig_issue(&rig, "W", 1008, 16);
	rig_issue(&rig, "FF", 0, 0);
	rig_see(&rig, FB_BLOCK_REQUEUE, "FF", 0, 0);
	rig_issue(&rig, "FF", 0, 0);
	rig_finish(&rig);
	assert_sum(1, 1, 12288);
	assert_int_equal(rig.sum.unanswered, 2);
}

static void what_was_given_back_and_never_came_again_does_not_count(void **state)
{
	(void)state;
	enter(true);
	rig_bio(&rig, "W", 1000, 8);
	rig_issue(&rig, "W", 1000, 8);
	rig_see(&rig, FB_BLOCK_REQUEUE, "W", 1000, 8);
	fb_requests_end_op(rig.r);
	rig_finish(&rig);
	assert_sum(0, 0, 0);
	assert_int_equal(rig.io.n_classes, 0);
	assert_int_equal(rig.hist[FB_DEV_REQUESTS_PER_FLUSH]->sum, 0);
}

static void given_back_in_a_later_op_it_is_one_request_of_all_ops(void **state)
{
	(void)state;
	enter(true);
	rig_bio(&rig, "W", 1000, 8);
	rig_issue(&rig, "W", 1000, 8);
	fb_requests_end_op(rig.r);
	rig_see(&rig, FB_BLOCK_REQUEUE, "W", 1000, 8);
	fb_requests_end_op(rig.r);
	rig_issue(&rig, "W", 1000, 8);
	fb_requests_end_op(rig.r);
	rig_finish(&rig);
	assert_sum(1, 0, 4096);
	assert_int_equal(rig.hist[FB_DEV_REQUESTS_PER_FLUSH]->sum, 1);
	assert_int_equal(rig.hist[FB_DEV_REQUESTS_PER_FLUSH]->max, 1);
}

/* As on a disk with a cache and without FUA, of which no answer is seen. */
static void the_flush_after_a_write_is_the_writers_without_its_answer(void **state)
{
	(void)state;
	enter(false);
	for (int i = 0; i < 2; i++) {
		rig.pid = RIG_OTHERS;
		rig_bio(&rig, "FWFSM", 5000, 8);
		rig_issue(&rig, "FF", 0, 0);
		rig_issue(&rig, "WSM", 5000, 8);
		rig.pid = RIG_KERNEL;
		rig_bio(&rig, "FWS", 0, 0);
		rig_issue(&rig, "FF", 0, 0);
		rig_issue(&rig, "FF", 0, 0);
	}
	/* And once it is answered: asked for by that, and once. */
	rig_bio(&rig, "WFSM", 5000, 8);
	rig_issue(&rig, "WSM", 5000, 8);
	rig_answer(&rig, "WSM", 5000, 8);
	rig.pid = RIG_OTHERS;
	rig_issue(&rig, "FF", 0, 0);
	rig_bio(&rig, "FWS", 0, 0);
	rig_issue(&rig, "FF", 0, 0);
	rig_issue(&rig, "FF", 0, 0); /* nobody's: the last one's */
	rig_finish(&rig);
	RIG_ROWS(&rig, "own journal 0 others 2 8192", "own journal 0 kernel 1 4096",
		 "own flush 0 others 6 0", "own flush 0 kernel 3 0");
}

/* Far more than a disk can have at once. */
static void lost_answers_without_end_are_counted_and_forgotten(void **state)
{
	const uint64_t n = 3 * FB_SPANS_MAX;

	(void)state;
	enter(false);
	for (uint64_t i = 0; i < n; i++) {
		rig_issue(&rig, "W", 100000 - 8 * i, 8);
		rig_issue(&rig, "FF", 0, 0);
	}
	assert_int_equal(rig.r->sent.n, FB_SPANS_MAX);
	rig_answer(&rig, "FF", 0, 0);
	rig_answer(&rig, "W", 100000 - 8 * (n - 1), 8);
	rig_finish(&rig);
	assert_sum(n, n, n * 4096);
	assert_int_equal(rig.sum.unanswered, 2 * n - 2);
	assert_int_equal(rig.hist[FB_DEV_RQ_FLUSH]->max, 1000);
}

static void one_of_issue_and_answer_is_enough(void **state)
{
	(void)state;
	enter(false);
	for (uint64_t i = 0; i < 100; i++) {
		rig_bio(&rig, "W", 1000 + 8 * i, 8);
		if (i % 2)
			rig_issue(&rig, "W", 1000 + 8 * i, 8);
		else
			rig_answer(&rig, "W", 1000 + 8 * i, 8);
	}
	rig_bio(&rig, "FWS", 0, 0);
	rig_answer(&rig, "FF", 0, 0);
	rig_answer(&rig, "WS", 0, 0);
	rig_finish(&rig);
	assert_sum(101, 1, 409600);
	assert_int_equal(rig.sum.unanswered, 50);
	RIG_ROWS(&rig, "own data 0 self 100 409600", "own flush 0 self 1 0");
}

/* Made-up ops: who asks, and what it is to the disk. */
static void be(struct fb_rng *rng)
{
	static const int pids[] = {RIG_SELF, RIG_KERNEL, RIG_OTHERS};
	static const char *const comms[] = {"program", "jbd2/own-8", "program"};
	const uint64_t who = fb_rng_below(rng, 3);

	rig.pid = pids[who];
	rig.comm = comms[who];
	rig.disk = fb_rng_below(rng, 4) ? RIG_OWN : RIG_BELOW;
}

static void answer_in_parts(struct fb_rng *rng, const char *rwbs, uint64_t sector,
			    uint32_t sectors)
{
	while (sectors) {
		const bool all = fb_rng_below(rng, 3);
		const uint32_t n = all ? sectors
				       : 1 + (uint32_t)fb_rng_below(rng, sectors);

		rig_answer(&rig, rwbs, sector, n);
		sector += n;
		sectors -= n;
		if (sectors && !fb_rng_below(rng, 3)) {
			rig_see(&rig, FB_BLOCK_REQUEUE, rwbs, sector, sectors);
			rig_issue(&rig, rwbs, sector, sectors);
		}
	}
}

/* Some at once, each at a place of its own, where there was one before. */
static void move_data(struct fb_rng *rng)
{
	static const char *const letters[] = {"WS", "W", "WM", "WSM", "RAHM", "D"};
	const unsigned n = 1 + (unsigned)fb_rng_below(rng, 4);
	const uint64_t base = 64 * fb_rng_below(rng, 40);
	const char *rwbs = letters[fb_rng_below(rng, 6)];
	uint32_t sectors[4];

	for (unsigned i = 0; i < n; i++) {
		sectors[i] = 2 + (uint32_t)fb_rng_below(rng, 14);
		rig_bio(&rig, rwbs, base + 16 * i, 1);
		rig_bio(&rig, rwbs, base + 16 * i + 1, sectors[i] - 1);
		rig_issue(&rig, rwbs, base + 16 * i, sectors[i]);
	}
	for (unsigned i = n; i-- > 0;)
		answer_in_parts(rng, rwbs, base + 16 * i, sectors[i]);
}

static void flush(struct fb_rng *rng)
{
	const uint64_t sector = 3000 + 8 * fb_rng_below(rng, 20);
	const bool empty = fb_rng_below(rng, 2);

	rig_bio(&rig, empty ? "FWS" : "FWFSM", empty ? 0 : sector, empty ? 0 : 8);
	rig_issue(&rig, "FF", 0, 0);
	rig_answer(&rig, "FF", 0, 0);
	if (!empty) {
		rig_issue(&rig, "WSM", sector, 8);
		rig_answer(&rig, "WSM", sector, 8);
		rig_issue(&rig, "FF", 0, 0);
		rig_answer(&rig, "FF", 0, 0);
	}
	rig_answer(&rig, empty ? "WS" : "WSM", empty ? 0 : sector, 0);
}

static void run_ops(unsigned deaf)
{
	struct fb_rng rng;

	rig_open(&rig, "ext4", true, true);
	rig_data(&rig, 1000, 2000);
	rig.deaf = deaf;
	fb_rng_init(&rng, 61);
	for (int i = 0; i < 5000; i++) {
		be(&rng);
		for (uint64_t n = fb_rng_below(&rng, 4); n; n--)
			move_data(&rng);
		be(&rng);
		flush(&rng);
		fb_requests_end_op(rig.r);
	}
	rig_finish(&rig);
}

static void rows_and_sums_are_the_same_however_few_answers_are_heard(void **state)
{
	static const unsigned deaf[] = {1, 50, 99, 100};

	(void)state;
	run_ops(0);
	assert_int_equal(rig.sum.unanswered, 0);
	assert_true(rig.sum.flushes > 5000 && rig.io.n_classes > 15);
	whole = rig;
	for (size_t i = 0; i < sizeof(deaf) / sizeof(deaf[0]); i++) {
		const int n = FB_DEV_REQUESTS_PER_FLUSH;

		run_ops(deaf[i]);
		assert_true(rig.unheard > 0 && rig.sum.unanswered > 0);
		rig.sum.unanswered = 0;
		assert_memory_equal(&rig.sum, &whole.sum, sizeof(rig.sum));
		assert_memory_equal(&rig.io, &whole.io, sizeof(rig.io));
		assert_memory_equal(rig.hist[n], whole.hist[n], sizeof(*rig.hist[n]));
		assert_true(rig.hist[FB_DEV_FLUSH]->count <
			    whole.hist[FB_DEV_FLUSH]->count);
		/* Nothing takes longer than any did when all were heard. */
		for (int h = FB_DEV_WRITE; h < FB_DEV_HISTS; h++)
			assert_true(rig.hist[h]->max <= whole.hist[h]->max);
		rig_close(&rig);
	}
}

int main(void)
{
#define T(name) cmocka_unit_test_teardown(name, leave)
	const struct CMUnitTest tests[] = {
		T(what_was_never_answered_counts_without_a_time),
		T(a_missing_first_answer_is_told_by_the_next),
		T(a_request_given_back_counts_once_though_no_answer_was_seen),
		T(what_was_given_back_and_never_came_again_does_not_count),
		T(given_back_in_a_later_op_it_is_one_request_of_all_ops),
		T(the_flush_after_a_write_is_the_writers_without_its_answer),
		T(lost_answers_without_end_are_counted_and_forgotten),
		T(one_of_issue_and_answer_is_enough),
		T(rows_and_sums_are_the_same_however_few_answers_are_heard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
