/*
 * Two peaks and drifts, on made-up samples of known shape.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/rng.h"
#include "host/shape.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { SAMPLES = 20000, SEEDS = 20 };

static struct fb_hist *hist;
static struct fb_rng rng;
static struct fb_peaks peaks;

static int enter(void **state)
{
	(void)state;
	hist = malloc(sizeof(*hist));
	assert_non_null(hist);
	fb_hist_reset(hist);
	fb_rng_init(&rng, 1);
	return 0;
}

static int leave(void **state)
{
	(void)state;
	free(hist);
	return 0;
}

static double uniform(void)
{
	return ((double)(fb_rng_next(&rng) >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(void)
{
	return sqrt(-2 * log(uniform())) * cos(2 * 3.14159265358979 * uniform());
}

static void record(double ns)
{
	fb_hist_record(hist, ns < 1 ? 1 : (uint64_t)ns);
}

static bool two(double step)
{
	return fb_shape_two_peaks(hist, step, &peaks);
}

/* One shape, many samples of it. */
static void assert_one_peak(double (*shape)(void), unsigned n, double step)
{
	for (unsigned seed = 1; seed <= SEEDS; seed++) {
		fb_hist_reset(hist);
		fb_rng_init(&rng, seed);
		for (unsigned i = 0; i < n; i++)
			record(shape());
		if (two(step))
			fail_msg("seed %u, %u samples: peaks at %.0f and %.0f", seed, n,
				 peaks.fast_ns, peaks.slow_ns);
	}
}

static void mix(double fast, double slow, double width, double share, unsigned n)
{
	fb_hist_reset(hist);
	for (unsigned i = 0; i < n; i++)
		record((uniform() < share ? slow : fast) * exp(width * normal()));
}

static void two_kinds_of_op_are_told_with_their_place_and_share(void **state)
{
	(void)state;
	mix(80000, 400000, 0.1, 0.3, SAMPLES);
	assert_true(two(10));
	assert_true(fabs(peaks.fast_ns / 80000 - 1) < 0.1);
	assert_true(fabs(peaks.slow_ns / 400000 - 1) < 0.1);
	assert_true(fabs(peaks.slow_share - 0.3) < 0.02);
	mix(80000, 400000, 0.1, 0.7, SAMPLES);
	assert_true(two(10));
	assert_true(peaks.fast_ns < peaks.slow_ns);
	assert_true(fabs(peaks.slow_share - 0.7) < 0.02);
}

static void peaks_near_to_each_other_are_told_while_a_valley_is_between(void **state)
{
	(void)state;
	mix(100000, 180000, 0.08, 0.5, SAMPLES);
	assert_true(two(10));
	mix(100000, 180000, 0.18, 0.5, SAMPLES);
	assert_false(two(10));
	mix(100000, 180000, 0.3, 0.5, SAMPLES);
	assert_false(two(10));
	mix(100000, 125000, 0.03, 0.5, SAMPLES);
	assert_false(two(10));
}

static void a_rare_slow_op_is_a_tail_and_no_second_kind(void **state)
{
	(void)state;
	mix(80000, 4000000, 0.1, 0.05, SAMPLES);
	assert_false(two(10));
	mix(80000, 4000000, 0.1, 0.95, SAMPLES);
	assert_false(two(10));
}

static void few_samples_are_not_judged(void **state)
{
	(void)state;
	assert_false(fb_shape_two_peaks(NULL, 10, &peaks));
	assert_false(two(10));
	mix(80000, 400000, 0.05, 0.5, 199);
	assert_false(two(10));
	mix(80000, 400000, 0.05, 0.5, 400);
	assert_true(two(10));
}

static double narrow(void)
{
	return 88000 * exp(0.05 * normal());
}

static double broad(void)
{
	return 88000 * exp(1.2 * normal());
}

static double exponential(void)
{
	return -90000 * log(uniform());
}

static double flat(void)
{
	return 1000 + 400000 * uniform();
}

static double pareto(void)
{
	return 80000 / pow(uniform(), 0.7);
}

/* A floor that nothing is faster than, and a tail that every disk has. */
static double floor_and_tail(void)
{
	return 80000 + 6000 * fabs(normal()) +
	       (uniform() < 0.1 ? -500000 * log(uniform()) : 0);
}

static void one_kind_of_op_is_never_two_however_long_its_tail(void **state)
{
	static double (*const shapes[])(void) = {narrow, broad,  exponential,
						 flat,   pareto, floor_and_tail};
	static const unsigned n[] = {200, 1000, SAMPLES};

	(void)state;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		for (size_t k = 0; k < sizeof(n) / sizeof(n[0]); k++)
			assert_one_peak(shapes[i], n[k], 10);
}

/* A clock of 10 ns shows an op of 20 to 50 ns as four values. */
static double stepped(void)
{
	return 10 * floor((28 * exp(0.3 * normal())) / 10 + uniform());
}

static void steps_of_the_clock_are_no_peaks(void **state)
{
	(void)state;
	assert_one_peak(stepped, SAMPLES, 10);
}

static void samples_of_no_time_at_all_are_no_peaks(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++)
		fb_hist_record(hist, 0);
	assert_false(two(0));
	assert_false(two(10));
}

static double medians[600];
static struct fb_drift drift;

/* A line from one to the other with noise on it. */
static void line(size_t n, double first, double last, double noise)
{
	for (size_t i = 0; i < n; i++)
		medians[i] = first + (last - first) * (double)i / (double)n +
			     noise * normal();
}

static bool drifts(size_t n)
{
	return fb_shape_drift(medians, n, &drift);
}

static void a_trend_above_the_scatter_is_a_drift(void **state)
{
	(void)state;
	line(256, 80, 160, 3);
	assert_true(drifts(256));
	assert_true(drift.first < 100 && drift.last > 140);
	line(256, 160, 80, 3);
	assert_true(drifts(256));
	assert_true(drift.first > drift.last);
	line(24, 80, 160, 1);
	assert_true(drifts(24));
}

static void a_step_from_one_level_to_another_is_a_drift(void **state)
{
	(void)state;
	for (size_t i = 0; i < 250; i++)
		medians[i] = i < 100 ? 85 : 390;
	assert_true(drifts(250));
	assert_int_equal(drift.first, 85);
	assert_int_equal(drift.last, 390);
}

static void scatter_alone_is_no_drift(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 200; seed++) {
		fb_rng_init(&rng, seed);
		line(256, 100, 100, 30);
		assert_false(drifts(256));
		line(24, 100, 100, 20);
		assert_false(drifts(24));
	}
}

static void a_small_or_a_passing_change_is_no_drift(void **state)
{
	(void)state;
	line(256, 100, 112, 0.1);
	assert_false(drifts(256));
	for (size_t i = 0; i < 240; i++)
		medians[i] = i < 80 || i >= 160 ? 100 : 500;
	assert_false(drifts(240));
	for (size_t i = 160; i < 240; i++)
		medians[i] = 130;
	assert_false(drifts(240));
}

static void few_intervals_are_not_judged(void **state)
{
	(void)state;
	line(23, 80, 160, 0);
	assert_false(drifts(0));
	assert_false(drifts(23));
	line(24, 80, 160, 0);
	assert_true(drifts(24));
	line(512, 80, 160, 0);
	assert_true(drifts(512));
	assert_false(drifts(513));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(two_kinds_of_op_are_told_with_their_place_and_share),
		CASE(peaks_near_to_each_other_are_told_while_a_valley_is_between),
		CASE(a_rare_slow_op_is_a_tail_and_no_second_kind),
		CASE(few_samples_are_not_judged),
		CASE(one_kind_of_op_is_never_two_however_long_its_tail),
		CASE(steps_of_the_clock_are_no_peaks),
		CASE(samples_of_no_time_at_all_are_no_peaks),
		CASE(a_trend_above_the_scatter_is_a_drift),
		CASE(a_step_from_one_level_to_another_is_a_drift),
		CASE(scatter_alone_is_no_drift),
		CASE(a_small_or_a_passing_change_is_no_drift),
		CASE(few_intervals_are_not_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
