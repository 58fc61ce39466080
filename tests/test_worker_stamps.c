/*
 * Which stamps the driver takes around an op. The right one differs from the wrong one
 * by nanoseconds, which no clock of a test tells apart: so they are spied on.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"

#include <stdbool.h>
#include <string.h>

/* p, o, F: stamps, plain, ordered and fenced; c: the clock's call; w, f: the path's */
static struct {
	char text[256];
	size_t n;
} seen;

static uint64_t see(char what)
{
	if (seen.n < sizeof(seen.text) - 1)
		seen.text[seen.n++] = what;
	seen.text[seen.n] = '\0';
	return seen.n;
}

/* In the place of the header's: what it takes is what the spies hear. */
#define fb_stamp_tsc()         see('p')
#define fb_stamp_tsc_ordered() see('o')
#define fb_stamp_tsc_fenced()  see('F')
#include "run/worker.c"

#include "support/nvmem_case.h"

static uint64_t read_clock(const struct fb_clock *c)
{
	(void)c;
	return see('c');
}

static int write_once(struct fb_lane *l, const struct fb_write *w)
{
	(void)l;
	(void)w;
	see('w');
	return 0;
}

static int flush_once(struct fb_lane *l, uint64_t offset, uint64_t length)
{
	(void)l;
	(void)offset;
	(void)length;
	see('f');
	return 0;
}

static const atomic_bool never;

struct how {
	enum fb_stamps stamps;
	bool tsc, flushes, one_call;
	uint64_t batch;
};

/* Of one op, or of one batch; the driver's own stamps stand around it. */
static void assert_stamps(struct how how, const char *want)
{
	const struct fb_clock clock = {
		.mult = UINT64_C(1) << 32, .tsc = how.tsc, .read = read_clock};
	const struct fb_path_ops ops = {
		.stamps = how.stamps, .write = write_once, .flush = flush_once};
	static struct fb_hist hist[FB_OP_COUNT];
	struct fb_lane lane = {.ops = &ops};
	struct fb_case c = nvmem_case(64, 1 << 16);
	struct fb_cursor cursor;
	struct fb_worker w = {.clock = &clock,
			      .ops = &ops,
			      .lane = &lane,
			      .cursor = &cursor,
			      .stop = &never,
			      .flushes = how.flushes,
			      .one_call = how.one_call,
			      .limit = how.batch};

	for (int i = 0; i < FB_OP_COUNT; i++) {
		fb_hist_reset(&hist[i]);
		w.hist[i] = &hist[i];
	}
	c.batch = how.batch;
	seen.n = 0;
	assert_int_equal(fb_cursor_init(&cursor, &c, 0, NULL), 0);
	fb_worker_run(&w);
	fb_cursor_free(&cursor);
	assert_string_equal(seen.text, want);
}

static void system_calls_need_no_more_than_plain_stamps(void **state)
{
	(void)state;
	assert_stamps((struct how){FB_STAMPS_PLAIN, true, true, false, 1}, "ppwpfpp");
	assert_stamps((struct how){FB_STAMPS_PLAIN, true, false, true, 1}, "ppwpp");
	assert_stamps((struct how){FB_STAMPS_PLAIN, false, true, false, 1}, "ccwcfcc");
}

static void instructions_of_a_write_are_over_when_a_stamp_is_ordered(void **state)
{
	(void)state;
	assert_stamps((struct how){FB_STAMPS_ORDERED, true, true, false, 1}, "oowofoo");
	assert_stamps((struct how){FB_STAMPS_ORDERED, true, false, false, 1}, "oowoo");
}

static void what_makes_durable_is_waited_for(void **state)
{
	(void)state;
	assert_stamps((struct how){FB_STAMPS_FENCED, true, true, false, 1}, "FowofFF");
	assert_stamps((struct how){FB_STAMPS_FENCED, true, false, true, 1}, "FowFF");
	assert_stamps((struct how){FB_STAMPS_FENCED, false, true, false, 1},
		      "FccwcfFcFc");
	assert_stamps((struct how){FB_STAMPS_FENCED, false, false, true, 1},
		      "FccwFcFc");
}

static void a_write_that_no_flush_follows_claims_nothing(void **state)
{
	(void)state;
	assert_stamps((struct how){FB_STAMPS_FENCED, true, false, false, 1}, "FowoF");
}

static void a_batch_begins_ordered_and_ends_fenced(void **state)
{
	static const enum fb_stamps all[] = {FB_STAMPS_PLAIN, FB_STAMPS_ORDERED,
					     FB_STAMPS_FENCED};

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_stamps((struct how){all[i], true, true, false, 2}, "FowfwfFF");
		assert_stamps((struct how){all[i], true, false, true, 2}, "FowwFF");
		assert_stamps((struct how){all[i], false, true, false, 3},
			      "FccwfwfwfFcFc");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(system_calls_need_no_more_than_plain_stamps),
		cmocka_unit_test(
			instructions_of_a_write_are_over_when_a_stamp_is_ordered),
		cmocka_unit_test(what_makes_durable_is_waited_for),
		cmocka_unit_test(a_write_that_no_flush_follows_claims_nothing),
		cmocka_unit_test(a_batch_begins_ordered_and_ends_fenced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
