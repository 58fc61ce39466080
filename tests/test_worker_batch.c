/*
 * Ops timed together: the driver in a world where time passes only as the test says.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/nvmem_case.h"
#include "support/worker_rig.h"

#include <string.h>

#define MS UINT64_C(1000000)

static struct {
	uint64_t begun;
	uint64_t per_op, n;
	const struct fb_write *writes;
	uint64_t at; /* the write to come next */
	bool went_elsewhere;
} told;

static uint64_t first_ns; /* what the first write takes more */

static void fake_begin(struct fb_lane *l, const struct fb_write *writes,
		       uint64_t per_op, uint64_t n)
{
	(void)l;
	told.begun += n;
	told.writes = writes;
	told.per_op = per_op;
	told.n = n;
	told.at = 0;
	worker.now += 50000; /* before the first stamp: must show up nowhere */
}

static int fake_write(struct fb_lane *l, const struct fb_write *w)
{
	if (w != &told.writes[told.at++])
		told.went_elsewhere = true;
	worker.now += worker.writes ? 0 : first_ns;
	return worker_rig_write(l, w);
}

static int fake_flush(struct fb_lane *l, uint64_t offset, uint64_t length)
{
	const uint64_t op = worker.flushes % told.n;
	const struct fb_write *w = &told.writes[op * told.per_op];

	if (w->offset != offset || w->length * told.per_op != length)
		told.went_elsewhere = true;
	return worker_rig_flush(l, offset, length);
}

static const struct fb_path_ops plain = {.stamps = FB_STAMPS_FENCED,
					 .begin_ops = fake_begin,
					 .write = fake_write,
					 .flush = fake_flush,
					 .end_op = worker_rig_end_op};

static int set_up(void **state)
{
	(void)state;
	memset(&told, 0, sizeof(told));
	first_ns = 0;
	worker_rig_make(&plain, nvmem_case(64, 1 << 20));
	worker.c.batch = 10;
	return 0;
}

static void go(void)
{
	worker_rig_go();
	assert_false(told.went_elsewhere);
}

static void a_batch_is_one_sample_its_mean(void **state)
{
	(void)state;
	worker.w.limit = 1000;
	go();
	assert_int_equal(worker.w.ended, FB_ENDED_OPS);
	assert_int_equal(worker.w.done, 1000);
	assert_int_equal(worker.writes, 1000);
	assert_int_equal(worker.flushes, 1000);
	assert_int_equal(worker.ended, 1000);
	assert_int_equal(worker.hist[FB_OP_COMMIT].count, 100);
	assert_int_equal(worker.hist[FB_OP_COMMIT].min, 1100);
	assert_int_equal(worker.hist[FB_OP_COMMIT].max, 1100);
	assert_int_equal(worker.hist[FB_OP_WRITE].count, 0);
	assert_int_equal(worker.hist[FB_OP_FLUSH].count, 0);
}

static void a_mean_is_rounded_to_the_nearest(void **state)
{
	static const struct {
		uint64_t batch, more, mean;
	} cases[] = {{3, 1, 1100}, {3, 2, 1101}, {4, 1, 1100}, {4, 2, 1101}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		worker.writes = worker.flushes = 0;
		first_ns = cases[i].more;
		worker.c.batch = worker.w.limit = cases[i].batch;
		go();
		assert_int_equal(worker.hist[FB_OP_COMMIT].count, 1);
		assert_int_equal(worker.hist[FB_OP_COMMIT].max, cases[i].mean);
	}
}

static void writes_that_flush_themselves_are_samples_of_both(void **state)
{
	(void)state;
	worker.w.flushes = false;
	worker.w.one_call = true;
	worker.w.limit = 50;
	go();
	assert_int_equal(worker.flushes, 0);
	assert_int_equal(worker.hist[FB_OP_FLUSH].count, 0);
	assert_int_equal(worker.hist[FB_OP_WRITE].count, 5);
	assert_int_equal(worker.hist[FB_OP_WRITE].max, 100);
	assert_int_equal(worker.hist[FB_OP_COMMIT].count, 5);
	assert_int_equal(worker.hist[FB_OP_COMMIT].max, 100);
}

static void a_thread_that_does_not_flush_shows_the_mean_write(void **state)
{
	(void)state;
	worker.w.flushes = false;
	worker.w.limit = 50;
	go();
	assert_int_equal(worker.flushes, 0);
	assert_int_equal(worker.hist[FB_OP_WRITE].count, 5);
	assert_int_equal(worker.hist[FB_OP_WRITE].max, 100);
	assert_int_equal(
		worker.hist[FB_OP_FLUSH].count + worker.hist[FB_OP_COMMIT].count, 0);
}

static void the_path_hears_of_the_writes_before_the_clock_starts(void **state)
{
	(void)state;
	worker.c.writes_per_flush = 2;
	worker.w.limit = 30;
	go();
	assert_int_equal(told.begun, 30);
	assert_int_equal(told.per_op, 2);
	assert_int_equal(told.n, 10);
	assert_int_equal(worker.hist[FB_OP_COMMIT].max, 1200);
}

static void one_op_is_told_of_alone(void **state)
{
	(void)state;
	worker.c.batch = 1;
	worker.w.limit = 30;
	go();
	assert_int_equal(told.begun, 30);
	assert_int_equal(told.n, 1);
	assert_ptr_equal(told.writes, worker.cursor.writes);
	assert_int_equal(worker.hist[FB_OP_WRITE].max, 100);
	assert_int_equal(worker.hist[FB_OP_FLUSH].max, 1000);
	assert_int_equal(worker.hist[FB_OP_COMMIT].sum, 30 * 1100);
}

static void a_failure_within_a_batch_ends_at_the_batch_before(void **state)
{
	(void)state;
	worker.fail_write_at = 37;
	worker.w.limit = 1000;
	go();
	assert_int_equal(worker.w.ended, FB_ENDED_ERROR);
	assert_int_equal(worker.w.done, 30);
	assert_int_equal(worker.writes, 37);
	assert_int_equal(worker.flushes, 36);
	assert_int_equal(worker.hist[FB_OP_COMMIT].count, 3);
	assert_string_equal(worker.lane.err.text, "made to fail");
}

static void a_stop_is_heard_within_a_long_batch(void **state)
{
	(void)state;
	worker.c.batch = 1 << 15;
	worker.w.limit = 1 << 20;
	worker.stop_at = (1 << 15) + 10000;
	go();
	assert_int_equal(worker.w.ended, FB_ENDED_INTERRUPT);
	assert_int_equal(worker.w.done, 1 << 15);
	assert_in_range(worker.writes, worker.stop_at, worker.stop_at + 4096);
	assert_int_equal(worker.hist[FB_OP_COMMIT].count, 1);
}

static void a_stop_is_heard_within_a_batch_of_large_writes(void **state)
{
	const uint64_t mib = 1 << 20;

	(void)state;
	worker.c.bs = 4 * mib;
	worker.c.align = worker.c.stride = worker.c.bs;
	worker.c.size = 1024 * mib;
	worker.c.batch = 1000;
	worker.w.limit = 3000;
	worker.stop_at = 100;
	go();
	assert_int_equal(worker.w.ended, FB_ENDED_INTERRUPT);
	assert_in_range(worker.writes, worker.stop_at, worker.stop_at + 16);
}

static void every_write_of_a_batch_of_long_ops_is_made_once(void **state)
{
	static const uint64_t writes[] = {4095, 4096, 4097, 8192, 8193, 10000};

	(void)state;
	worker.c.batch = 2;
	worker.w.limit = 4;
	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
		worker.writes = worker.flushes = 0;
		/* A walk that goes around would leave its span behind. */
		worker.c.size = 4 * 64 * writes[i];
		worker.c.writes_per_flush = writes[i];
		go();
		assert_int_equal(worker.writes, 4 * writes[i]);
		assert_int_equal(worker.flushes, 4);
	}
	assert_int_equal(worker.w.ended, FB_ENDED_OPS);
}

static void a_stop_is_heard_within_a_long_op_of_a_batch(void **state)
{
	(void)state;
	worker.c.batch = 3;
	worker.c.writes_per_flush = 20000;
	worker.c.size = 9 * 20000 * 64;
	worker.w.limit = 9;
	worker.stop_at = 3 * 20000 + 25000;
	go();
	assert_int_equal(worker.w.ended, FB_ENDED_INTERRUPT);
	assert_int_equal(worker.w.done, 3);
	assert_in_range(worker.writes, worker.stop_at, worker.stop_at + 4096);
}

static void space_too_small_for_a_batch_ends_before_it(void **state)
{
	(void)state;
	worker.c.pattern = FB_PATTERN_APPEND;
	worker.c.size = 64 * 64;
	worker.w.span = 1000 * MS;
	go();
	assert_int_equal(worker.w.ended, FB_ENDED_SPACE);
	assert_int_equal(worker.w.done, 60);
	assert_int_equal(worker.writes, 60);
	assert_int_equal(told.begun, 60);
}

static void runtime_ends_a_case_after_a_batch(void **state)
{
	(void)state;
	worker.w.span = MS;
	go();
	/* 71 us a batch, with what stands outside its stamps */
	assert_int_equal(worker.w.ended, FB_ENDED_TIME);
	assert_int_equal(worker.w.done, 150);
	assert_int_equal(worker.hist[FB_OP_COMMIT].max, 1100);
}

static void the_series_counts_every_batch_once(void **state)
{
	uint64_t sum = 0;

	(void)state;
	worker.w.series = fb_series_new(FB_OP_COUNT, 10 * MS);
	worker.w.span = 1000 * MS;
	go();
	fb_series_finish(worker.w.series, worker.w.hist, worker.w.end - worker.w.begin);
	assert_true(fb_series_count(worker.w.series) > 50);
	for (size_t i = 0; i < fb_series_count(worker.w.series); i++)
		sum += fb_series_get(worker.w.series, FB_OP_COMMIT, i).count;
	assert_int_equal(sum, worker.w.done / 10);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, worker_rig_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_batch_is_one_sample_its_mean),
		T(a_mean_is_rounded_to_the_nearest),
		T(writes_that_flush_themselves_are_samples_of_both),
		T(a_thread_that_does_not_flush_shows_the_mean_write),
		T(the_path_hears_of_the_writes_before_the_clock_starts),
		T(one_op_is_told_of_alone),
		T(a_failure_within_a_batch_ends_at_the_batch_before),
		T(a_stop_is_heard_within_a_long_batch),
		T(a_stop_is_heard_within_a_batch_of_large_writes),
		T(every_write_of_a_batch_of_long_ops_is_made_once),
		T(a_stop_is_heard_within_a_long_op_of_a_batch),
		T(space_too_small_for_a_batch_ends_before_it),
		T(runtime_ends_a_case_after_a_batch),
		T(the_series_counts_every_batch_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
