#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/units.h"
#include "stats/summary.h"

#include <math.h>
#include <stdlib.h>

static int take(void **state)
{
	struct fb_hist *h = malloc(sizeof(*h));

	if (!h)
		return -1;
	fb_hist_reset(h);
	*state = h;
	return 0;
}

static int release(void **state)
{
	free(*state);
	return 0;
}

static void check_nothing(const struct fb_summary *s)
{
	assert_int_equal(s->count, 0);
	assert_true(s->min == FB_UNKNOWN);
	assert_true(s->max == FB_UNKNOWN);
	assert_true(isnan(s->mean));
	assert_int_equal(s->low_n, 0);
	for (size_t i = 0; i < FB_PERCENTILES; i++)
		assert_true(s->percentile[i] == FB_UNKNOWN);
}

static void nothing_is_said_of_no_samples(void **state)
{
	struct fb_summary none = fb_summary_of(NULL), empty = fb_summary_of(*state);

	check_nothing(&none);
	check_nothing(&empty);
}

static void figures_are_exact_where_they_can_be(void **state)
{
	struct fb_summary s;

	fb_hist_record(*state, 1000001);
	fb_hist_record(*state, 3000000);
	s = fb_summary_of(*state);
	assert_int_equal(s.count, 2);
	assert_int_equal(s.min, 1000001);
	assert_int_equal(s.max, 3000000);
	assert_true(s.mean == 2000000.5);
}

static void a_percentile_with_nothing_above_it_is_unknown(void **state)
{
	struct fb_summary s;

	fb_hist_record(*state, 100);
	s = fb_summary_of(*state);
	for (size_t i = 0; i < FB_PERCENTILES; i++)
		assert_true(s.percentile[i] == FB_UNKNOWN);
	assert_int_equal(s.low_n, 0);
	for (uint64_t v = 101; v < 200; v++)
		fb_hist_record(*state, v);
	s = fb_summary_of(*state);
	assert_int_equal(s.percentile[0], 149);
	assert_int_equal(s.percentile[1], 189);
	assert_int_equal(s.percentile[2], 198);
	assert_true(s.percentile[3] == FB_UNKNOWN);
	assert_true(s.percentile[4] == FB_UNKNOWN);
}

static void few_samples_above_are_flagged(void **state)
{
	struct fb_summary s;

	/* 1000 samples: 500, 100, 10, 1 and 0 lie above */
	for (uint64_t v = 0; v < 1000; v++)
		fb_hist_record(*state, v);
	s = fb_summary_of(*state);
	assert_int_equal(s.low_n, 1u << 3);
	/* 999: one less above the 99th, none above the 99.9th */
	fb_hist_reset(*state);
	for (uint64_t v = 0; v < 999; v++)
		fb_hist_record(*state, v);
	s = fb_summary_of(*state);
	assert_int_equal(s.low_n, 1u << 2);
	assert_true(s.percentile[3] == FB_UNKNOWN);
}

static void percentiles_have_their_columns_names(void **state)
{
	static const double at[] = {50, 90, 99, 99.9, 99.99};
	static const char *const names[] = {"p50", "p90", "p99", "p999", "p9999"};

	(void)state;
	for (size_t i = 0; i < FB_PERCENTILES; i++) {
		assert_true(fb_percentile_at(i) == at[i]);
		assert_string_equal(fb_percentile_name(i), names[i]);
	}
}

static void median_is_the_middle_or_between_the_two(void **state)
{
	double one[] = {7}, odd[] = {9, 1, 5}, even[] = {4, 1, 3, 2};
	double large[] = {1e308, 1.5e308};

	(void)state;
	assert_true(fb_median(one, 1) == 7);
	assert_true(fb_median(odd, 3) == 5);
	assert_true(fb_median(even, 4) == 2.5);
	assert_true(isfinite(fb_median(large, 2)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_said_of_no_samples, take,
						release),
		cmocka_unit_test_setup_teardown(figures_are_exact_where_they_can_be,
						take, release),
		cmocka_unit_test_setup_teardown(
			a_percentile_with_nothing_above_it_is_unknown, take, release),
		cmocka_unit_test_setup_teardown(few_samples_above_are_flagged, take,
						release),
		cmocka_unit_test(percentiles_have_their_columns_names),
		cmocka_unit_test(median_is_the_middle_or_between_the_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
