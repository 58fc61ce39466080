#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/rng.h"
#include "stats/hist.h"

#include <stdlib.h>
#include <string.h>

static struct fb_hist *new_hist(void)
{
	struct fb_hist *h = malloc(sizeof(*h));

	assert_non_null(h);
	fb_hist_reset(h);
	return h;
}

static int take_two(void **state)
{
	static struct fb_hist *h[2];

	h[0] = new_hist();
	h[1] = new_hist();
	*state = h;
	return 0;
}

static int release_two(void **state)
{
	struct fb_hist **h = *state;

	free(h[0]);
	free(h[1]);
	return 0;
}

static void index_is_hdr_histograms(void **state)
{
	(void)state;
	assert_int_equal(FB_HIST_COUNTERS, 33792);
	assert_int_equal(fb_hist_index(1000000), 11169);
	assert_int_equal(fb_hist_index(0), 0);
	assert_int_equal(fb_hist_index(2047), 2047);
	assert_int_equal(fb_hist_index(2048), 2048);
	assert_int_equal(fb_hist_index(2049), 2048);
	assert_int_equal(fb_hist_index(2050), 2049);
	assert_true(fb_hist_index(FB_HIST_HIGHEST) < FB_HIST_COUNTERS);
}

static void check_value(uint64_t v)
{
	uint32_t i = fb_hist_index(v);
	uint64_t low = fb_hist_low(i), high = fb_hist_high(i);

	assert_true(i < FB_HIST_COUNTERS);
	assert_true(low <= v && v <= high);
	assert_true((high - low) * 1024 <= low);
	assert_int_equal(fb_hist_index(low), i);
	assert_int_equal(fb_hist_index(high), i);
}

static void buckets_hold_their_values_to_one_part_in_1024(void **state)
{
	struct fb_rng r;

	(void)state;
	for (unsigned bit = 0; bit < 42; bit++)
		for (int d = -1; d <= 1; d++)
			check_value((1ull << bit) + (uint64_t)(int64_t)d);
	check_value(FB_HIST_HIGHEST);
	fb_rng_init(&r, 1);
	for (int i = 0; i < 1000000; i++)
		check_value((fb_rng_next(&r) >> (22 + i % 40)) % FB_HIST_HIGHEST);
}

static void buckets_join_without_gap_over_the_whole_range(void **state)
{
	(void)state;
	assert_true(fb_hist_low(0) == 0);
	for (uint32_t i = 0; i + 1 < FB_HIST_COUNTERS; i++) {
		assert_true(fb_hist_low(i) <= fb_hist_high(i));
		assert_true(fb_hist_low(i + 1) == fb_hist_high(i) + 1);
	}
	assert_true(fb_hist_high(FB_HIST_COUNTERS - 1) >= FB_HIST_HIGHEST);
}

static void record_keeps_exact_figures(void **state)
{
	struct fb_hist *h = *(struct fb_hist **)*state;

	assert_true(h->min == UINT64_MAX);
	assert_true(h->max == 0);
	fb_hist_record(h, 1000003);
	fb_hist_record(h, 7);
	fb_hist_record(h, 123456789);
	assert_int_equal(h->count, 3);
	assert_int_equal(h->sum, 124456799);
	assert_int_equal(h->min, 7);
	assert_int_equal(h->max, 123456789);
	assert_int_equal(h->out_of_range, 0);
	assert_int_equal(h->counters[fb_hist_index(7)], 1);
}

static void a_sample_past_the_range_is_counted_and_told(void **state)
{
	struct fb_hist *h = *(struct fb_hist **)*state;
	const uint64_t two_hours = 2 * FB_HIST_HIGHEST;

	fb_hist_record(h, FB_HIST_HIGHEST);
	assert_int_equal(h->out_of_range, 0);
	fb_hist_record(h, FB_HIST_HIGHEST + 1);
	fb_hist_record(h, two_hours);
	assert_int_equal(h->out_of_range, 2);
	assert_int_equal(h->count, 3);
	assert_true(h->max == two_hours);
	assert_int_equal(h->counters[fb_hist_index(FB_HIST_HIGHEST)], 3);
	assert_true(fb_hist_percentile(h, 100) == two_hours);
	fb_hist_record(h, 5);
	assert_true(fb_hist_percentile(h, 25) == 5);
}

static void rank_has_no_rounding_error(void **state)
{
	static const struct {
		uint64_t count;
		double p;
		uint64_t rank;
	} cases[] = {
		{0, 50, 0},
		{1, 50, 1},
		{2, 50, 1},
		{3, 50, 2},
		{100, 99, 99},
		{101, 99, 100},
		{100, 1, 1},
		{1000, 99.9, 999},
		{1001, 99.9, 1000},
		{10000, 99.99, 9999},
		{100000, 99.99, 99990},
		{10000000000, 99.99, 9999000000},
		{10, 70, 7},
		{1000, 14.1, 141},
		{7, 100, 7},
		{7, 0.0001, 1},
		{UINT64_MAX / 2, 100, UINT64_MAX / 2},
		{1000000000000, 99.9999999, 999999999000},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_true(fb_hist_rank(cases[i].count, cases[i].p) == cases[i].rank);
	for (uint64_t tenths = 1; tenths <= 1000; tenths++)
		assert_true(fb_hist_rank(1000, (double)tenths / 10) == tenths);
}

static void percentile_of_few_samples(void **state)
{
	struct fb_hist *h = *(struct fb_hist **)*state;

	assert_int_equal(fb_hist_percentile(h, 50), 0);
	assert_int_equal(fb_hist_above(h, 50), 0);
	fb_hist_record(h, 2000001);
	assert_int_equal(fb_hist_percentile(h, 50), 2000001);
	assert_int_equal(fb_hist_above(h, 50), 0);
	fb_hist_record(h, 10);
	assert_int_equal(fb_hist_percentile(h, 50), 10);
	assert_int_equal(fb_hist_above(h, 50), 1);
	assert_int_equal(fb_hist_percentile(h, 50.1), 2000001);
	assert_int_equal(fb_hist_percentile(h, 100), 2000001);
}

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void percentiles_follow_the_sorted_samples(void **state)
{
	static const double at[] = {0.1, 1, 25, 50, 90, 99, 99.9, 99.99, 100};
	struct fb_hist *h = *(struct fb_hist **)*state;
	enum { N = 30011 };
	uint64_t *v = malloc(N * sizeof(*v));
	struct fb_rng r;

	assert_non_null(v);
	fb_rng_init(&r, 2);
	for (size_t i = 0; i < N; i++) {
		v[i] = fb_rng_next(&r) >> (24 + fb_rng_below(&r, 36));
		fb_hist_record(h, v[i]);
	}
	qsort(v, N, sizeof(*v), compare_u64);
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		uint64_t exact = v[fb_hist_rank(N, at[i]) - 1];
		uint64_t told = fb_hist_percentile(h, at[i]);

		assert_true(told >= exact && told - exact <= exact / 1024);
	}
	free(v);
}

static void merge_gives_what_one_histogram_would_hold(void **state)
{
	struct fb_hist **h = *state;
	struct fb_hist *all = new_hist();
	struct fb_rng r;

	fb_rng_init(&r, 3);
	for (int i = 0; i < 100000; i++) {
		uint64_t v = fb_rng_next(&r) >> (20 + fb_rng_below(&r, 40));

		fb_hist_record(h[i % 3 == 0], v);
		fb_hist_record(all, v);
	}
	fb_hist_merge(h[0], h[1]);
	assert_true(all->out_of_range > 0);
	assert_memory_equal(h[0], all, sizeof(*all));
	fb_hist_reset(h[1]);
	fb_hist_merge(h[0], h[1]);
	assert_memory_equal(h[0], all, sizeof(*all));
	fb_hist_merge(h[1], h[0]);
	assert_memory_equal(h[1], all, sizeof(*all));
	free(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(index_is_hdr_histograms),
		cmocka_unit_test(buckets_hold_their_values_to_one_part_in_1024),
		cmocka_unit_test(buckets_join_without_gap_over_the_whole_range),
		cmocka_unit_test_setup_teardown(record_keeps_exact_figures, take_two,
						release_two),
		cmocka_unit_test_setup_teardown(
			a_sample_past_the_range_is_counted_and_told, take_two,
			release_two),
		cmocka_unit_test(rank_has_no_rounding_error),
		cmocka_unit_test_setup_teardown(percentile_of_few_samples, take_two,
						release_two),
		cmocka_unit_test_setup_teardown(percentiles_follow_the_sorted_samples,
						take_two, release_two),
		cmocka_unit_test_setup_teardown(
			merge_gives_what_one_histogram_would_hold, take_two,
			release_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
