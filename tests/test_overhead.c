/*
 * What measuring costs, by a clock that counts how often it is read.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "run/overhead.h"

/* Each reading takes so long, and only that takes time. */
enum { READING_NS = 100, SLACK_NS = 1 };

static uint64_t ticks;

static uint64_t read_slowly(const struct fb_clock *c)
{
	(void)c;
	return ticks += READING_NS;
}

static void a_stamp_behind_a_call_costs_its_reading(void **state)
{
	const struct fb_clock clock = {.mult = UINT64_C(1) << 32, .read = read_slowly};
	struct fb_overhead o;

	(void)state;
	assert_int_equal(fb_overhead_measure(&clock, &o), 0);
	assert_true(o.stamp >= READING_NS && o.stamp < READING_NS + SLACK_NS);
	assert_true(o.stamp_ordered >= READING_NS &&
		    o.stamp_ordered < READING_NS + SLACK_NS);
	assert_true(o.stamp_fenced >= READING_NS &&
		    o.stamp_fenced < READING_NS + SLACK_NS);
	/* neither reads it but for its own begin and end */
	assert_true(o.record < SLACK_NS);
	assert_true(o.stamp_monotonic < SLACK_NS);
	/* three readings an op, and one from its first to its last */
	assert_true(o.loop >= 3 * READING_NS && o.loop < 3 * READING_NS + SLACK_NS);
	assert_true(o.null_commit >= 2 * READING_NS &&
		    o.null_commit < 2 * READING_NS + SLACK_NS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stamp_behind_a_call_costs_its_reading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
