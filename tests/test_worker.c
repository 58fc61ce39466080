#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/worker_rig.h"

#define MS  UINT64_C(1000000)
#define SEC (1000 * MS)

static uint64_t stall_at, stall_ns; /* the flush that stalls, and for how long */
static uint64_t last_length;

static int fake_write(struct fb_lane *l, const struct fb_write *w)
{
	assert_int_equal(w->length, 4096);
	return worker_rig_write(l, w);
}

static int fake_flush(struct fb_lane *l, uint64_t offset, uint64_t length)
{
	if (worker.flushes + 1 == stall_at)
		worker.now += stall_ns;
	last_length = length;
	return worker_rig_flush(l, offset, length);
}

static const struct fb_path_ops fake_path = {
	.write = fake_write, .flush = fake_flush, .end_op = worker_rig_end_op};

static int set_up(void **state)
{
	(void)state;
	stall_at = 0;
	worker_rig_make(&fake_path, (struct fb_case){
					    .path = FB_PATH_FILE,
					    .pattern = FB_PATTERN_SEQ,
					    .bs = 4096,
					    .size = 1 << 20,
					    .writes_per_flush = 1,
					    .numjobs = 1,
				    });
	return 0;
}

static void known_durations_come_out_exactly(void **state)
{
	(void)state;
	worker.w.limit = 1000;
	worker_rig_go();
	assert_int_equal(worker.w.ended, FB_ENDED_OPS);
	assert_int_equal(worker.w.done, 1000);
	assert_int_equal(worker.hist[FB_OP_WRITE].count, 1000);
	assert_int_equal(worker.hist[FB_OP_WRITE].min, 100);
	assert_int_equal(worker.hist[FB_OP_WRITE].max, 100);
	assert_int_equal(worker.hist[FB_OP_FLUSH].min, 1000);
	assert_int_equal(worker.hist[FB_OP_FLUSH].max, 1000);
	assert_int_equal(worker.hist[FB_OP_COMMIT].sum, 1100 * 1000);
	assert_int_equal(worker.ended, 1000);
}

static void write_phase_covers_all_writes_of_an_op(void **state)
{
	(void)state;
	worker.c.writes_per_flush = 7;
	worker.w.limit = 10;
	worker_rig_go();
	assert_int_equal(worker.writes, 70);
	assert_int_equal(worker.flushes, 10);
	assert_int_equal(worker.hist[FB_OP_WRITE].min, 700);
	assert_int_equal(worker.hist[FB_OP_COMMIT].max, 1700);
	assert_int_equal(last_length, 7 * 4096);
}

static void failure_at_op_k_ends_there_and_is_no_sample(void **state)
{
	(void)state;
	worker.fail_flush_at = 42;
	worker.w.limit = 1000;
	worker_rig_go();
	assert_int_equal(worker.w.ended, FB_ENDED_ERROR);
	assert_int_equal(worker.w.done, 41);
	assert_int_equal(worker.hist[FB_OP_WRITE].count, 41);
	assert_int_equal(worker.hist[FB_OP_FLUSH].count, 41);
	assert_int_equal(worker.hist[FB_OP_COMMIT].count, 41);
	assert_string_equal(worker.lane.err.text, "made to fail");
}

static void runtime_ends_a_case(void **state)
{
	(void)state;
	worker.w.span = 10 * MS;
	worker_rig_go();
	assert_int_equal(worker.w.ended, FB_ENDED_TIME);
	/* 2100 ns an op, its end_op counted, until one ends at or past 10 ms */
	assert_in_range(worker.w.done, 4760, 4763);
}

static void one_stall_in_an_open_loop_delays_everyone_behind_it(void **state)
{
	const struct fb_hist *h;
	uint64_t late = 0;

	(void)state;
	stall_at = 500;
	stall_ns = 100 * MS;
	worker.w.period = MS; /* 1000 a second */
	worker.w.span = 2 * SEC;
	worker_rig_go();
	h = &worker.hist[FB_OP_COMMIT];
	assert_int_equal(h->count, 2000);
	for (uint64_t ms = 1; ms < 100; ms += 10) {
		uint64_t in_decade = 0;

		for (uint32_t i = fb_hist_index(ms * MS);
		     i < fb_hist_index((ms + 10) * MS); i++)
			in_decade += h->counters[i];
		assert_in_range(in_decade, 9, 11);
		late += in_decade;
	}
	assert_in_range(late, 97, 101);
	assert_in_range(h->max, 100 * MS, 100 * MS + 1100);
	/* The flush itself was slow once only. */
	assert_int_equal(fb_hist_above(&worker.hist[FB_OP_FLUSH], 99.95), 1);
	assert_int_equal(fb_hist_percentile(&worker.hist[FB_OP_FLUSH], 99.9), 1000);
}

static void the_same_stall_in_a_closed_loop_is_one_sample(void **state)
{
	(void)state;
	stall_at = 500;
	stall_ns = 100 * MS;
	worker.w.limit = 2000;
	worker_rig_go();
	assert_int_equal(fb_hist_percentile(&worker.hist[FB_OP_COMMIT], 99.9), 1100);
	assert_in_range(worker.hist[FB_OP_COMMIT].max, 100 * MS, 101 * MS);
}

static void thinktime_lies_between_ops_and_in_no_latency(void **state)
{
	(void)state;
	worker.w.think = MS;
	worker.w.limit = 100;
	worker_rig_go();
	assert_int_equal(worker.hist[FB_OP_COMMIT].max, 1100);
	assert_true(worker.w.end - worker.w.begin >= 99 * MS);
}

static void a_thread_that_does_not_flush_shows_writes_alone(void **state)
{
	(void)state;
	worker.w.flushes = false;
	worker.w.limit = 50;
	worker_rig_go();
	assert_int_equal(worker.flushes, 0);
	assert_int_equal(worker.hist[FB_OP_WRITE].count, 50);
	assert_int_equal(worker.hist[FB_OP_FLUSH].count, 0);
	assert_int_equal(worker.hist[FB_OP_COMMIT].count, 0);
}

static void a_write_that_is_its_flush_is_a_commit(void **state)
{
	(void)state;
	worker.w.flushes = false;
	worker.w.one_call = true;
	worker.w.limit = 50;
	worker_rig_go();
	assert_int_equal(worker.flushes, 0);
	assert_int_equal(worker.hist[FB_OP_FLUSH].count, 0);
	assert_int_equal(worker.hist[FB_OP_COMMIT].count, 50);
	assert_int_equal(worker.hist[FB_OP_COMMIT].max, 100);
}

static void used_up_space_ends_a_case(void **state)
{
	(void)state;
	worker.c.pattern = FB_PATTERN_APPEND;
	worker.w.span = SEC;
	worker_rig_go();
	assert_int_equal(worker.w.ended, FB_ENDED_SPACE);
	assert_int_equal(worker.w.done, (1 << 20) / 4096);
}

static void a_stop_is_heard_before_the_next_op(void **state)
{
	(void)state;
	atomic_store(&worker.interrupt, true);
	worker.w.limit = 50;
	worker_rig_go();
	assert_int_equal(worker.w.ended, FB_ENDED_INTERRUPT);
	assert_int_equal(worker.w.done, 0);
	assert_int_equal(worker.writes, 0);
}

/* The null path's writes carry nothing, so any number of them costs no memory. */
static void long_ops(void)
{
	worker.c.path = FB_PATH_NULL;
	worker.c.size = UINT64_C(4096) << 20;
}

/* An op of millions of writes would keep an interrupt waiting for many seconds. */
static void a_stop_is_heard_within_an_op_of_many_writes(void **state)
{
	(void)state;
	long_ops();
	worker.c.writes_per_flush = 1 << 20;
	worker.w.limit = 50;
	worker.stop_at = (1 << 20) + 10000;
	worker_rig_go();
	assert_int_equal(worker.w.ended, FB_ENDED_INTERRUPT);
	assert_int_equal(worker.w.done, 1);
	assert_in_range(worker.writes, worker.stop_at, worker.stop_at + 4096);
	/* The op cut short is no sample and was not flushed. */
	assert_int_equal(worker.flushes, 1);
	assert_int_equal(worker.hist[FB_OP_WRITE].count, 1);
	assert_int_equal(worker.hist[FB_OP_WRITE].min / (worker.write_ns << 20), 1);
}

static void every_write_of_a_long_op_is_made_once(void **state)
{
	static const uint64_t writes[] = {4095, 4096, 4097, 8192, 8193, 20000};

	(void)state;
	long_ops();
	worker.w.limit = 3;
	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
		worker.writes = 0;
		worker.c.writes_per_flush = writes[i];
		worker_rig_go();
		assert_int_equal(worker.writes, 3 * writes[i]);
	}
	assert_int_equal(worker.w.ended, FB_ENDED_OPS);
}

static void a_failure_late_in_a_long_op_is_an_error(void **state)
{
	(void)state;
	long_ops();
	worker.c.writes_per_flush = 20000;
	worker.w.limit = 3;
	worker.fail_write_at = 20000 + 12345;
	worker_rig_go();
	assert_int_equal(worker.w.ended, FB_ENDED_ERROR);
	assert_int_equal(worker.w.done, 1);
	assert_int_equal(worker.writes, worker.fail_write_at);
	assert_int_equal(worker.flushes, 1);
}

static void the_series_counts_every_op_once(void **state)
{
	uint64_t sum = 0;

	(void)state;
	worker.w.series = fb_series_new(FB_OP_COUNT, 10 * MS);
	worker.w.span = SEC;
	stall_at = 1000;
	stall_ns = 200 * MS;
	worker_rig_go();
	fb_series_finish(worker.w.series, worker.w.hist, worker.w.end - worker.w.begin);
	for (size_t i = 0; i < fb_series_count(worker.w.series); i++)
		sum += fb_series_get(worker.w.series, FB_OP_COMMIT, i).count;
	assert_int_equal(sum, worker.w.done);
	assert_int_equal(sum, worker.hist[FB_OP_COMMIT].count);
	assert_in_range(worker.hist[FB_OP_COMMIT].max, 200 * MS, 201 * MS);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, worker_rig_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(known_durations_come_out_exactly),
		T(write_phase_covers_all_writes_of_an_op),
		T(failure_at_op_k_ends_there_and_is_no_sample),
		T(runtime_ends_a_case),
		T(one_stall_in_an_open_loop_delays_everyone_behind_it),
		T(the_same_stall_in_a_closed_loop_is_one_sample),
		T(thinktime_lies_between_ops_and_in_no_latency),
		T(a_thread_that_does_not_flush_shows_writes_alone),
		T(a_write_that_is_its_flush_is_a_commit),
		T(used_up_space_ends_a_case),
		T(a_stop_is_heard_before_the_next_op),
		T(a_stop_is_heard_within_an_op_of_many_writes),
		T(every_write_of_a_long_op_is_made_once),
		T(a_failure_late_in_a_long_op_is_an_error),
		T(the_series_counts_every_op_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
