#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "run/worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MS  UINT64_C(1000000)
#define SEC (1000 * MS)

/* A world in which time passes only where the test says so. */
struct world {
	uint64_t now;
	uint64_t write_ns, flush_ns;
	uint64_t stall_at, stall_ns; /* the op that stalls, and for how long */
	uint64_t fail_at;
	uint64_t stop_at; /* the write in which somebody interrupts */
	uint64_t fail_write_at;
	uint64_t writes, flushes, ended;
	uint64_t last_offset, last_length;
};

static struct world world;

static uint64_t fake_read(const struct fb_clock *c)
{
	(void)c;
	return world.now;
}

static void fake_sleep(const struct fb_clock *c, uint64_t t)
{
	(void)c;
	if (t > world.now)
		world.now = t;
}

static const struct fb_clock fake_clock = {
	.mult = UINT64_C(1) << 32, .read = fake_read, .sleep_until = fake_sleep};

static atomic_bool interrupt;

static int fake_write(struct fb_lane *l, const struct fb_write *w)
{
	world.now += world.write_ns;
	assert_int_equal(w->length, 4096);
	if (++world.writes == world.stop_at)
		atomic_store(&interrupt, true);
	if (world.writes == world.fail_write_at)
		return fb_err_set(&l->err, -EIO, "made to fail");
	return 0;
}

static int fake_flush(struct fb_lane *l, uint64_t offset, uint64_t length)
{
	world.flushes++;
	world.now += world.flush_ns;
	if (world.flushes == world.stall_at)
		world.now += world.stall_ns;
	world.last_offset = offset;
	world.last_length = length;
	if (world.flushes == world.fail_at)
		return fb_err_set(&l->err, -EIO, "made to fail");
	return 0;
}

static void fake_end_op(struct fb_lane *l)
{
	(void)l;
	world.ended++;
	world.now += 1000; /* after the last stamp: must show up nowhere */
}

static const struct fb_path_ops fake_path = {
	.write = fake_write, .flush = fake_flush, .end_op = fake_end_op};

struct rig {
	struct fb_case c;
	struct fb_lane lane;
	struct fb_cursor cursor;
	struct fb_worker w;
};

static struct rig *rig;

static int set_up(void **state)
{
	(void)state;
	world = (struct world){.write_ns = 100, .flush_ns = 1000};
	atomic_store(&interrupt, false);
	rig = calloc(1, sizeof(*rig));
	rig->c = (struct fb_case){
		.path = FB_PATH_FILE,
		.pattern = FB_PATTERN_SEQ,
		.bs = 4096,
		.size = 1 << 20,
		.writes_per_flush = 1,
		.numjobs = 1,
	};
	rig->w = (struct fb_worker){.clock = &fake_clock,
				    .ops = &fake_path,
				    .lane = &rig->lane,
				    .cursor = &rig->cursor,
				    .stop = &interrupt,
				    .flushes = true};
	for (int i = 0; i < FB_OP_COUNT; i++) {
		rig->w.hist[i] = malloc(sizeof(struct fb_hist));
		fb_hist_reset(rig->w.hist[i]);
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (int i = 0; i < FB_OP_COUNT; i++)
		free(rig->w.hist[i]);
	fb_series_free(rig->w.series);
	fb_cursor_free(&rig->cursor);
	free(rig);
	return 0;
}

static void go(void)
{
	assert_int_equal(fb_cursor_init(&rig->cursor, &rig->c, 0, NULL), 0);
	fb_worker_run(&rig->w);
}

static const struct fb_hist *hist(enum fb_op op)
{
	return rig->w.hist[op];
}

static void known_durations_come_out_exactly(void **state)
{
	(void)state;
	rig->w.limit = 1000;
	go();
	assert_int_equal(rig->w.ended, FB_ENDED_OPS);
	assert_int_equal(rig->w.done, 1000);
	assert_int_equal(hist(FB_OP_WRITE)->count, 1000);
	assert_int_equal(hist(FB_OP_WRITE)->min, 100);
	assert_int_equal(hist(FB_OP_WRITE)->max, 100);
	assert_int_equal(hist(FB_OP_FLUSH)->min, 1000);
	assert_int_equal(hist(FB_OP_FLUSH)->max, 1000);
	assert_int_equal(hist(FB_OP_COMMIT)->sum, 1100 * 1000);
	assert_int_equal(world.ended, 1000);
}

static void write_phase_covers_all_writes_of_an_op(void **state)
{
	(void)state;
	rig->c.writes_per_flush = 7;
	rig->w.limit = 10;
	go();
	assert_int_equal(world.writes, 70);
	assert_int_equal(world.flushes, 10);
	assert_int_equal(hist(FB_OP_WRITE)->min, 700);
	assert_int_equal(hist(FB_OP_COMMIT)->max, 1700);
	assert_int_equal(world.last_length, 7 * 4096);
}

static void failure_at_op_k_ends_there_and_is_no_sample(void **state)
{
	(void)state;
	world.fail_at = 42;
	rig->w.limit = 1000;
	go();
	assert_int_equal(rig->w.ended, FB_ENDED_ERROR);
	assert_int_equal(rig->w.done, 41);
	assert_int_equal(hist(FB_OP_WRITE)->count, 41);
	assert_int_equal(hist(FB_OP_FLUSH)->count, 41);
	assert_int_equal(hist(FB_OP_COMMIT)->count, 41);
	assert_string_equal(rig->lane.err.text, "made to fail");
}

static void runtime_ends_a_case(void **state)
{
	(void)state;
	rig->w.span = 10 * MS;
	go();
	assert_int_equal(rig->w.ended, FB_ENDED_TIME);
	/* 2100 ns an op, its end_op counted, until one ends at or past 10 ms */
	assert_in_range(rig->w.done, 4760, 4763);
}

static void one_stall_in_an_open_loop_delays_everyone_behind_it(void **state)
{
	const struct fb_hist *h;
	uint64_t late = 0;

	(void)state;
	world.stall_at = 500;
	world.stall_ns = 100 * MS;
	rig->w.period = MS; /* 1000 a second */
	rig->w.span = 2 * SEC;
	go();
	h = hist(FB_OP_COMMIT);
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
	assert_int_equal(fb_hist_above(hist(FB_OP_FLUSH), 99.95), 1);
	assert_int_equal(fb_hist_percentile(hist(FB_OP_FLUSH), 99.9), 1000);
}

static void the_same_stall_in_a_closed_loop_is_one_sample(void **state)
{
	(void)state;
	world.stall_at = 500;
	world.stall_ns = 100 * MS;
	rig->w.limit = 2000;
	go();
	assert_int_equal(fb_hist_percentile(hist(FB_OP_COMMIT), 99.9), 1100);
	assert_in_range(hist(FB_OP_COMMIT)->max, 100 * MS, 101 * MS);
}

static void thinktime_lies_between_ops_and_in_no_latency(void **state)
{
	(void)state;
	rig->w.think = MS;
	rig->w.limit = 100;
	go();
	assert_int_equal(hist(FB_OP_COMMIT)->max, 1100);
	assert_true(rig->w.end - rig->w.begin >= 99 * MS);
}

static void a_thread_that_does_not_flush_shows_writes_alone(void **state)
{
	(void)state;
	rig->w.flushes = false;
	rig->w.limit = 50;
	go();
	assert_int_equal(world.flushes, 0);
	assert_int_equal(hist(FB_OP_WRITE)->count, 50);
	assert_int_equal(hist(FB_OP_FLUSH)->count, 0);
	assert_int_equal(hist(FB_OP_COMMIT)->count, 0);
}

static void a_write_that_is_its_flush_is_a_commit(void **state)
{
	(void)state;
	rig->w.flushes = false;
	rig->w.one_call = true;
	rig->w.limit = 50;
	go();
	assert_int_equal(world.flushes, 0);
	assert_int_equal(hist(FB_OP_FLUSH)->count, 0);
	assert_int_equal(hist(FB_OP_COMMIT)->count, 50);
	assert_int_equal(hist(FB_OP_COMMIT)->max, 100);
}

static void used_up_space_ends_a_case(void **state)
{
	(void)state;
	rig->c.pattern = FB_PATTERN_APPEND;
	rig->w.span = SEC;
	go();
	assert_int_equal(rig->w.ended, FB_ENDED_SPACE);
	assert_int_equal(rig->w.done, (1 << 20) / 4096);
}

static void a_stop_is_heard_before_the_next_op(void **state)
{
	(void)state;
	atomic_store(&interrupt, true);
	rig->w.limit = 50;
	go();
	assert_int_equal(rig->w.ended, FB_ENDED_INTERRUPT);
	assert_int_equal(rig->w.done, 0);
	assert_int_equal(world.writes, 0);
}

/* The null path's writes carry nothing, so any number of them costs no memory. */
static void long_ops(void)
{
	rig->c.path = FB_PATH_NULL;
	rig->c.size = UINT64_C(4096) << 20;
}

/* An op of millions of writes would keep an interrupt waiting for many seconds. */
static void a_stop_is_heard_within_an_op_of_many_writes(void **state)
{
	(void)state;
	long_ops();
	rig->c.writes_per_flush = 1 << 20;
	rig->w.limit = 50;
	world.stop_at = (1 << 20) + 10000;
	go();
	assert_int_equal(rig->w.ended, FB_ENDED_INTERRUPT);
	assert_int_equal(rig->w.done, 1);
	assert_in_range(world.writes, world.stop_at, world.stop_at + 4096);
	/* The op cut short is no sample and was not flushed. */
	assert_int_equal(world.flushes, 1);
	assert_int_equal(hist(FB_OP_WRITE)->count, 1);
	assert_int_equal(hist(FB_OP_WRITE)->min / (world.write_ns << 20), 1);
}

static void every_write_of_a_long_op_is_made_once(void **state)
{
	static const uint64_t writes[] = {4095, 4096, 4097, 8192, 8193, 20000};

	(void)state;
	long_ops();
	rig->w.limit = 3;
	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
		world.writes = 0;
		rig->c.writes_per_flush = writes[i];
		go();
		fb_cursor_free(&rig->cursor);
		assert_int_equal(world.writes, 3 * writes[i]);
	}
	assert_int_equal(rig->w.ended, FB_ENDED_OPS);
	rig->cursor = (struct fb_cursor){0};
}

static void a_failure_late_in_a_long_op_is_an_error(void **state)
{
	(void)state;
	long_ops();
	rig->c.writes_per_flush = 20000;
	rig->w.limit = 3;
	world.fail_write_at = 20000 + 12345;
	go();
	assert_int_equal(rig->w.ended, FB_ENDED_ERROR);
	assert_int_equal(rig->w.done, 1);
	assert_int_equal(world.writes, world.fail_write_at);
	assert_int_equal(world.flushes, 1);
}

static void the_series_counts_every_op_once(void **state)
{
	uint64_t sum = 0;

	(void)state;
	rig->w.series = fb_series_new(FB_OP_COUNT, 10 * MS);
	rig->w.span = SEC;
	world.stall_at = 1000;
	world.stall_ns = 200 * MS;
	go();
	fb_series_finish(rig->w.series, rig->w.hist, rig->w.end - rig->w.begin);
	for (size_t i = 0; i < fb_series_count(rig->w.series); i++)
		sum += fb_series_get(rig->w.series, FB_OP_COMMIT, i).count;
	assert_int_equal(sum, rig->w.done);
	assert_int_equal(sum, hist(FB_OP_COMMIT)->count);
	assert_in_range(hist(FB_OP_COMMIT)->max, 200 * MS, 201 * MS);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

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
