/*
 * Ops timed together: the driver in a world where time passes only as the test says.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "run/worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MS UINT64_C(1000000)

static struct {
	uint64_t now;
	uint64_t write_ns, flush_ns;
	uint64_t first_ns;         /* what the first write takes more */
	uint64_t fail_at, stop_at; /* the write that does */
	uint64_t writes, flushes, ended;
	uint64_t begun;
	uint64_t told_per_op, told_n;
	const struct fb_write *told;
	uint64_t told_at; /* the write to come next */
	bool went_elsewhere;
} world;

static atomic_bool interrupt;

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

static void fake_begin(struct fb_lane *l, const struct fb_write *writes,
		       uint64_t per_op, uint64_t n)
{
	(void)l;
	world.begun += n;
	world.told = writes;
	world.told_per_op = per_op;
	world.told_n = n;
	world.told_at = 0;
	world.now += 50000; /* before the first stamp: must show up nowhere */
}

static int fake_write(struct fb_lane *l, const struct fb_write *w)
{
	if (w != &world.told[world.told_at++])
		world.went_elsewhere = true;
	world.now += world.write_ns + (world.writes ? 0 : world.first_ns);
	if (++world.writes == world.stop_at)
		atomic_store(&interrupt, true);
	if (world.writes == world.fail_at)
		return fb_err_set(&l->err, -EIO, "made to fail");
	return 0;
}

static int fake_flush(struct fb_lane *l, uint64_t offset, uint64_t length)
{
	const uint64_t op = world.flushes % world.told_n;
	const struct fb_write *w = &world.told[op * world.told_per_op];

	(void)l;
	if (w->offset != offset || w->length * world.told_per_op != length)
		world.went_elsewhere = true;
	world.flushes++;
	world.now += world.flush_ns;
	return 0;
}

static void fake_end_op(struct fb_lane *l)
{
	(void)l;
	world.ended++;
	world.now += 1000; /* after the last stamp */
}

static const struct fb_path_ops plain = {.stamps = FB_STAMPS_FENCED,
					 .begin_ops = fake_begin,
					 .write = fake_write,
					 .flush = fake_flush,
					 .end_op = fake_end_op};
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
	memset(&world, 0, sizeof(world));
	world.write_ns = 100;
	world.flush_ns = 1000;
	atomic_store(&interrupt, false);
	rig = calloc(1, sizeof(*rig));
	rig->c = (struct fb_case){
		.path = FB_PATH_NVMEM,
		.pattern = FB_PATTERN_SEQ,
		.bs = 64,
		.size = 1 << 20,
		.writes_per_flush = 1,
		.numjobs = 1,
		.batch = 10,
		.ranges = 1,
		.stride = 64,
		.align = 64,
	};
	rig->w = (struct fb_worker){.clock = &fake_clock,
				    .ops = &plain,
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
	assert_false(world.went_elsewhere);
}

static const struct fb_hist *hist(enum fb_op op)
{
	return rig->w.hist[op];
}

static void a_batch_is_one_sample_its_mean(void **state)
{
	(void)state;
	rig->w.limit = 1000;
	go();
	assert_int_equal(rig->w.ended, FB_ENDED_OPS);
	assert_int_equal(rig->w.done, 1000);
	assert_int_equal(world.writes, 1000);
	assert_int_equal(world.flushes, 1000);
	assert_int_equal(world.ended, 1000);
	assert_int_equal(hist(FB_OP_COMMIT)->count, 100);
	assert_int_equal(hist(FB_OP_COMMIT)->min, 1100);
	assert_int_equal(hist(FB_OP_COMMIT)->max, 1100);
	assert_int_equal(hist(FB_OP_WRITE)->count, 0);
	assert_int_equal(hist(FB_OP_FLUSH)->count, 0);
}

static void a_mean_is_rounded_to_the_nearest(void **state)
{
	static const struct {
		uint64_t batch, more, mean;
	} cases[] = {{3, 1, 1100}, {3, 2, 1101}, {4, 1, 1100}, {4, 2, 1101}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		world.writes = world.flushes = 0;
		world.first_ns = cases[i].more;
		rig->c.batch = rig->w.limit = cases[i].batch;
		fb_hist_reset(rig->w.hist[FB_OP_COMMIT]);
		go();
		fb_cursor_free(&rig->cursor);
		assert_int_equal(hist(FB_OP_COMMIT)->count, 1);
		assert_int_equal(hist(FB_OP_COMMIT)->max, cases[i].mean);
	}
}

static void writes_that_flush_themselves_are_samples_of_both(void **state)
{
	(void)state;
	rig->w.flushes = false;
	rig->w.one_call = true;
	rig->w.limit = 50;
	go();
	assert_int_equal(world.flushes, 0);
	assert_int_equal(hist(FB_OP_FLUSH)->count, 0);
	assert_int_equal(hist(FB_OP_WRITE)->count, 5);
	assert_int_equal(hist(FB_OP_WRITE)->max, 100);
	assert_int_equal(hist(FB_OP_COMMIT)->count, 5);
	assert_int_equal(hist(FB_OP_COMMIT)->max, 100);
}

static void a_thread_that_does_not_flush_shows_the_mean_write(void **state)
{
	(void)state;
	rig->w.flushes = false;
	rig->w.limit = 50;
	go();
	assert_int_equal(world.flushes, 0);
	assert_int_equal(hist(FB_OP_WRITE)->count, 5);
	assert_int_equal(hist(FB_OP_WRITE)->max, 100);
	assert_int_equal(hist(FB_OP_FLUSH)->count + hist(FB_OP_COMMIT)->count, 0);
}

static void the_path_hears_of_the_writes_before_the_clock_starts(void **state)
{
	(void)state;
	rig->c.writes_per_flush = 2;
	rig->w.limit = 30;
	go();
	assert_int_equal(world.begun, 30);
	assert_int_equal(world.told_per_op, 2);
	assert_int_equal(world.told_n, 10);
	assert_int_equal(hist(FB_OP_COMMIT)->max, 1200);
}

static void one_op_is_told_of_alone(void **state)
{
	(void)state;
	rig->c.batch = 1;
	rig->w.limit = 30;
	go();
	assert_int_equal(world.begun, 30);
	assert_int_equal(world.told_n, 1);
	assert_ptr_equal(world.told, rig->cursor.writes);
	assert_int_equal(hist(FB_OP_WRITE)->max, 100);
	assert_int_equal(hist(FB_OP_FLUSH)->max, 1000);
	assert_int_equal(hist(FB_OP_COMMIT)->sum, 30 * 1100);
}

static void a_failure_within_a_batch_ends_at_the_batch_before(void **state)
{
	(void)state;
	world.fail_at = 37;
	rig->w.limit = 1000;
	go();
	assert_int_equal(rig->w.ended, FB_ENDED_ERROR);
	assert_int_equal(rig->w.done, 30);
	assert_int_equal(world.writes, 37);
	assert_int_equal(world.flushes, 36);
	assert_int_equal(hist(FB_OP_COMMIT)->count, 3);
	assert_string_equal(rig->lane.err.text, "made to fail");
}

static void a_stop_is_heard_within_a_long_batch(void **state)
{
	(void)state;
	rig->c.batch = 1 << 15;
	rig->w.limit = 1 << 20;
	world.stop_at = (1 << 15) + 10000;
	go();
	assert_int_equal(rig->w.ended, FB_ENDED_INTERRUPT);
	assert_int_equal(rig->w.done, 1 << 15);
	assert_in_range(world.writes, world.stop_at, world.stop_at + 4096);
	assert_int_equal(hist(FB_OP_COMMIT)->count, 1);
}

static void every_write_of_a_batch_of_long_ops_is_made_once(void **state)
{
	static const uint64_t writes[] = {4095, 4096, 4097, 8192, 8193, 10000};

	(void)state;
	rig->c.batch = 2;
	rig->w.limit = 4;
	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
		world.writes = world.flushes = 0;
		/* A walk that goes around would leave its span behind. */
		rig->c.size = 4 * 64 * writes[i];
		rig->c.writes_per_flush = writes[i];
		go();
		fb_cursor_free(&rig->cursor);
		assert_int_equal(world.writes, 4 * writes[i]);
		assert_int_equal(world.flushes, 4);
	}
	assert_int_equal(rig->w.ended, FB_ENDED_OPS);
}

static void a_stop_is_heard_within_a_long_op_of_a_batch(void **state)
{
	(void)state;
	rig->c.batch = 3;
	rig->c.writes_per_flush = 20000;
	rig->c.size = 9 * 20000 * 64;
	rig->w.limit = 9;
	world.stop_at = 3 * 20000 + 25000;
	go();
	assert_int_equal(rig->w.ended, FB_ENDED_INTERRUPT);
	assert_int_equal(rig->w.done, 3);
	assert_in_range(world.writes, world.stop_at, world.stop_at + 4096);
}

static void space_too_small_for_a_batch_ends_before_it(void **state)
{
	(void)state;
	rig->c.pattern = FB_PATTERN_APPEND;
	rig->c.size = 64 * 64;
	rig->w.span = 1000 * MS;
	go();
	assert_int_equal(rig->w.ended, FB_ENDED_SPACE);
	assert_int_equal(rig->w.done, 60);
	assert_int_equal(world.writes, 60);
	assert_int_equal(world.begun, 60);
}

static void runtime_ends_a_case_after_a_batch(void **state)
{
	(void)state;
	rig->w.span = MS;
	go();
	/* 71 us a batch, with what stands outside its stamps */
	assert_int_equal(rig->w.ended, FB_ENDED_TIME);
	assert_int_equal(rig->w.done, 150);
	assert_int_equal(hist(FB_OP_COMMIT)->max, 1100);
}

static void the_series_counts_every_batch_once(void **state)
{
	uint64_t sum = 0;

	(void)state;
	rig->w.series = fb_series_new(FB_OP_COUNT, 10 * MS);
	rig->w.span = 1000 * MS;
	go();
	fb_series_finish(rig->w.series, rig->w.hist, rig->w.end - rig->w.begin);
	assert_true(fb_series_count(rig->w.series) > 50);
	for (size_t i = 0; i < fb_series_count(rig->w.series); i++)
		sum += fb_series_get(rig->w.series, FB_OP_COMMIT, i).count;
	assert_int_equal(sum, rig->w.done / 10);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

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
		T(every_write_of_a_batch_of_long_ops_is_made_once),
		T(a_stop_is_heard_within_a_long_op_of_a_batch),
		T(space_too_small_for_a_batch_ends_before_it),
		T(runtime_ends_a_case_after_a_batch),
		T(the_series_counts_every_batch_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
