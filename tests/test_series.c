#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/rng.h"
#include "stats/series.h"

#include <stdlib.h>
#include <string.h>

enum { OPS = 3 };
#define MS UINT64_C(1000000)

/* What a driver's thread has: live histograms, their series, and a copy to judge by. */
struct thread {
	struct fb_series *s;
	struct fb_hist *live[OPS];
	uint64_t count[OPS], max[OPS];
};

static void thread_open(struct thread *t, unsigned ops, uint64_t interval_ns)
{
	*t = (struct thread){.s = fb_series_new(ops, interval_ns)};
	assert_non_null(t->s);
	for (unsigned op = 0; op < OPS; op++) {
		t->live[op] = malloc(sizeof(struct fb_hist));
		assert_non_null(t->live[op]);
		fb_hist_reset(t->live[op]);
	}
}

static void thread_close(struct thread *t)
{
	fb_series_free(t->s);
	for (unsigned op = 0; op < OPS; op++)
		free(t->live[op]);
	*t = (struct thread){0};
}

static struct thread threads[2];

static int open_threads(void **state)
{
	(void)state;
	thread_open(&threads[0], OPS, MS);
	thread_open(&threads[1], OPS, MS);
	return 0;
}

static int close_threads(void **state)
{
	(void)state;
	thread_close(&threads[0]);
	thread_close(&threads[1]);
	return 0;
}

static void record(struct thread *t, unsigned op, uint64_t v)
{
	fb_hist_record(t->live[op], v);
	t->count[op]++;
	t->max[op] = v > t->max[op] ? v : t->max[op];
}

static void close_at(struct thread *t, uint64_t now_ns)
{
	fb_series_close(t->s, t->live, now_ns);
}

static void check_whole(const struct thread *t, unsigned ops)
{
	size_t n = fb_series_count(t->s);

	assert_true(n <= FB_SERIES_INTERVALS);
	for (unsigned op = 0; op < ops; op++) {
		uint64_t count = 0, max = 0;
		double last = -1;

		for (size_t i = 0; i < n; i++) {
			struct fb_interval v = fb_series_get(t->s, op, i);

			assert_true(v.t_ms > last);
			assert_true(v.p50_ns <= v.p99_ns && v.p99_ns <= v.max_ns);
			last = v.t_ms;
			count += v.count;
			max = v.max_ns > max ? v.max_ns : max;
		}
		assert_true(count == t->count[op]);
		assert_true(max == t->max[op]);
		assert_true(t->live[op]->max == t->max[op]);
		assert_true(t->live[op]->count == t->count[op]);
	}
}

static void intervals_hold_what_was_gained_in_them(void **state)
{
	struct thread *t = &threads[0];
	struct fb_interval v;

	(void)state;
	assert_true(fb_series_due_ns(t->s) == MS);
	for (uint64_t k = 1; k <= 100; k++)
		record(t, 0, k);
	record(t, 1, 5000000);
	close_at(t, MS - 1);
	assert_int_equal(fb_series_count(t->s), 0);
	close_at(t, MS);
	assert_int_equal(fb_series_count(t->s), 1);
	assert_true(fb_series_due_ns(t->s) == 2 * MS);
	record(t, 0, 40);
	close_at(t, 2 * MS + 5);
	record(t, 0, 33);
	record(t, 0, 44);
	fb_series_finish(t->s, t->live, 2 * MS + MS / 2);

	assert_int_equal(fb_series_count(t->s), 3);
	v = fb_series_get(t->s, 0, 0);
	assert_true(v.t_ms == 1 && v.count == 100 && v.max_ns == 100);
	assert_int_equal(v.p50_ns, 50);
	assert_int_equal(v.p99_ns, 99);
	v = fb_series_get(t->s, 1, 0);
	assert_true(v.count == 1 && v.p50_ns == 5000000 && v.max_ns == 5000000);
	v = fb_series_get(t->s, 0, 1);
	assert_true(v.t_ms == 2 && v.count == 1 && v.max_ns == 40);
	v = fb_series_get(t->s, 1, 1);
	assert_true(v.count == 0 && v.max_ns == 0 && v.p50_ns == 0);
	v = fb_series_get(t->s, 0, 2);
	assert_true(v.t_ms == 2.5 && v.count == 2);
	assert_true(v.p50_ns == 33 && v.max_ns == 44);
	check_whole(t, OPS);
}

static void maxima_are_the_intervals_own_and_come_back(void **state)
{
	struct thread *t = &threads[0];

	(void)state;
	record(t, 0, 900000);
	close_at(t, MS);
	assert_int_equal(t->live[0]->max, 0);
	record(t, 0, 17);
	close_at(t, 2 * MS);
	fb_series_finish(t->s, t->live, 2 * MS);
	assert_int_equal(fb_series_count(t->s), 2);
	assert_int_equal(fb_series_get(t->s, 0, 1).max_ns, 17);
	assert_int_equal(t->live[0]->max, 900000);
}

static void percentiles_are_three_percent_high_at_most(void **state)
{
	struct thread *t = &threads[0];
	struct fb_rng r;

	(void)state;
	fb_rng_init(&r, 4);
	for (int i = 0; i < 100; i++) {
		struct fb_hist *own = threads[1].live[0];
		struct fb_interval v;

		fb_hist_reset(own);
		for (int k = 0; k < 300; k++) {
			uint64_t ns = fb_rng_next(&r) >> (25 + fb_rng_below(&r, 35));

			record(t, 0, ns);
			fb_hist_record(own, ns);
		}
		close_at(t, (uint64_t)(i + 1) * MS);
		v = fb_series_get(t->s, 0, (size_t)i);
		assert_true(v.count == 300 && v.max_ns == own->max);
		assert_true(v.p50_ns + 1 >= fb_hist_percentile(own, 50) * 1023 / 1024);
		assert_true(v.p50_ns <= fb_hist_percentile(own, 50) * 33 / 32 + 1);
		assert_true(v.p99_ns <= fb_hist_percentile(own, 99) * 33 / 32 + 1);
		fb_hist_reset(own);
	}
}

static void samples_after_the_last_close_make_no_empty_interval(void **state)
{
	struct thread *t = &threads[0];

	(void)state;
	record(t, 0, 10);
	close_at(t, MS);
	record(t, 0, 2000);
	fb_series_finish(t->s, t->live, MS);
	assert_int_equal(fb_series_count(t->s), 1);
	assert_int_equal(fb_series_get(t->s, 0, 0).count, 2);
	assert_int_equal(fb_series_get(t->s, 0, 0).max_ns, 2000);
	check_whole(t, OPS);
}

static void an_empty_run_has_empty_intervals(void **state)
{
	struct thread *t = &threads[0];

	(void)state;
	fb_series_finish(t->s, t->live, 3 * MS);
	assert_int_equal(fb_series_count(t->s), 3);
	check_whole(t, OPS);
	fb_series_finish(threads[1].s, threads[1].live, 0);
	assert_int_equal(fb_series_count(threads[1].s), 0);
}

static void a_stall_leaves_empty_intervals(void **state)
{
	struct thread *t = &threads[0];

	(void)state;
	record(t, 0, 10);
	close_at(t, 5 * MS + 1);
	record(t, 0, 4 * MS);
	fb_series_finish(t->s, t->live, 6 * MS);
	assert_int_equal(fb_series_count(t->s), 6);
	assert_int_equal(fb_series_get(t->s, 0, 0).count, 1);
	for (size_t i = 1; i < 5; i++)
		assert_int_equal(fb_series_get(t->s, 0, i).count, 0);
	assert_int_equal(fb_series_get(t->s, 0, 5).max_ns, 4 * MS);
	check_whole(t, OPS);
}

/* Would not end in this test's life if it cost a step an interval. */
static void a_stall_of_any_length_is_survived(void **state)
{
	struct thread *t = &threads[0];
	const uint64_t century = 100ull * 366 * 24 * 3600 * 1000 * MS;

	(void)state;
	record(t, 0, 10);
	close_at(t, MS);
	record(t, 0, 11);
	close_at(t, century);
	assert_true(fb_series_due_ns(t->s) > century);
	record(t, 1, 12);
	fb_series_finish(t->s, t->live, century + 1);
	assert_true(fb_series_count(t->s) > FB_SERIES_INTERVALS / 2);
	assert_int_equal(fb_series_get(t->s, 0, 0).count, 2);
	check_whole(t, OPS);
}

static void long_runs_keep_every_count(void **state)
{
	struct thread *t = &threads[0];
	struct fb_rng r;
	uint64_t now = 0;

	(void)state;
	fb_rng_init(&r, 5);
	while (now < 10000000ull * MS) {
		now += fb_rng_below(&r, 2 * 20000ull * MS);
		close_at(t, now);
		for (unsigned op = 0; op < OPS; op++)
			record(t, op, fb_rng_below(&r, 1000000));
	}
	fb_series_finish(t->s, t->live, now);
	assert_true(fb_series_count(t->s) > FB_SERIES_INTERVALS / 2);
	check_whole(t, OPS);
}

enum { ROUNDS = 700 };

/* Op 0 fills the pool with values all over the range, op 1 comes now and then. */
static void exhaust(struct thread *t, struct fb_rng *r, unsigned seen[2][ROUNDS])
{
	for (size_t round = 0; round < ROUNDS; round++) {
		seen[0][round] = 1 + (unsigned)fb_rng_below(r, 1500);
		seen[1][round] = fb_rng_below(r, 2) != 0;
		for (unsigned i = 0; i < seen[0][round]; i++)
			record(t, 0, fb_rng_next(r) >> (20 + fb_rng_below(r, 42)));
		if (seen[1][round])
			record(t, 1, fb_rng_below(r, 1000));
		close_at(t, (round + 1) * MS);
	}
	fb_series_finish(t->s, t->live, ROUNDS * MS);
}

static void check_times(const struct thread *t, unsigned seen[2][ROUNDS])
{
	for (unsigned op = 0; op < 2; op++) {
		size_t round = 0;

		for (size_t i = 0; i < fb_series_count(t->s); i++) {
			struct fb_interval v = fb_series_get(t->s, op, i);
			uint64_t count = 0;

			assert_true(v.t_ms <= ROUNDS);
			while ((double)round < v.t_ms)
				count += seen[op][round++];
			assert_true(v.count == count);
		}
		assert_int_equal(round, ROUNDS);
	}
}

static void an_exhausted_pool_keeps_every_count_in_its_time(void **state)
{
	static unsigned seen[2][ROUNDS];
	struct fb_rng r;

	(void)state;
	fb_rng_init(&r, 6);
	for (int i = 0; i < 10; i++) {
		struct thread *t = &threads[0];

		exhaust(t, &r, seen);
		assert_true(fb_series_count(t->s) < FB_SERIES_INTERVALS / 2);
		check_whole(t, OPS);
		check_times(t, seen);
		thread_close(t);
		thread_open(t, OPS, MS);
	}
}

static void samples_out_of_range_are_kept(void **state)
{
	struct thread *t = &threads[0];

	(void)state;
	record(t, 0, 2 * FB_HIST_HIGHEST);
	record(t, 0, UINT64_MAX / 4);
	close_at(t, MS);
	record(t, 0, 1);
	fb_series_finish(t->s, t->live, 2 * MS);
	assert_int_equal(fb_series_get(t->s, 0, 0).count, 2);
	assert_true(fb_series_get(t->s, 0, 0).p50_ns >= 2 * FB_HIST_HIGHEST);
	check_whole(t, OPS);
}

static void one_op_suffices(void **state)
{
	struct thread t;

	(void)state;
	thread_open(&t, 1, 10 * MS);
	for (uint64_t i = 1; i <= 5000; i++) {
		record(&t, 0, i);
		close_at(&t, i * MS);
	}
	fb_series_finish(t.s, t.live, 5000 * MS);
	check_whole(&t, 1);
	thread_close(&t);
}

static void run_thread(struct thread *t, struct fb_rng *r, uint64_t end, unsigned shift)
{
	uint64_t now = 0;

	for (; now < end; now += fb_rng_below(r, MS)) {
		close_at(t, now);
		for (unsigned op = 0; op < OPS; op++)
			record(t, op,
			       fb_rng_next(r) >> (shift + fb_rng_below(r, 60 - shift)));
	}
	fb_series_finish(t->s, t->live, end);
}

static void check_merge(uint64_t end0, uint64_t end1, unsigned shift)
{
	struct thread *a = &threads[0], *b = &threads[1];
	struct fb_rng r;

	fb_rng_init(&r, end0 + 3 * end1);
	run_thread(a, &r, end0, shift);
	run_thread(b, &r, end1, shift);
	check_whole(a, OPS);
	check_whole(b, OPS);
	fb_series_merge(a->s, b->s);
	for (unsigned op = 0; op < OPS; op++) {
		a->count[op] += b->count[op];
		a->max[op] = a->max[op] > b->max[op] ? a->max[op] : b->max[op];
		fb_hist_merge(a->live[op], b->live[op]);
	}
	check_whole(a, OPS);
	close_threads(NULL);
	open_threads(NULL);
}

static void merged_threads_keep_every_count(void **state)
{
	static const uint64_t ends[] = {0,        1,        MS / 2,    MS,       3 * MS,
					300 * MS, 513 * MS, 1025 * MS, 9999 * MS};
	enum { N = sizeof(ends) / sizeof(ends[0]) };

	(void)state;
	for (size_t i = 0; i < N; i++)
		for (size_t j = 0; j < N; j++)
			check_merge(ends[i], ends[j], 44);
}

static void merge_coarsens_when_the_pool_is_too_small(void **state)
{
	(void)state;
	check_merge(60000ull * MS, 50000ull * MS, 20);
}

static void merged_intervals_add_up_time_by_time(void **state)
{
	struct thread *a = &threads[0], *b = &threads[1];

	(void)state;
	record(a, 0, 10);
	close_at(a, MS);
	record(a, 0, 20);
	fb_series_finish(a->s, a->live, 2 * MS);
	close_at(b, MS);
	record(b, 0, 30);
	close_at(b, 2 * MS);
	record(b, 0, 40);
	fb_series_finish(b->s, b->live, 2 * MS + MS / 4);
	fb_series_merge(a->s, b->s);
	assert_int_equal(fb_series_count(a->s), 3);
	assert_int_equal(fb_series_get(a->s, 0, 0).count, 1);
	assert_int_equal(fb_series_get(a->s, 0, 1).count, 2);
	assert_int_equal(fb_series_get(a->s, 0, 1).max_ns, 30);
	assert_int_equal(fb_series_get(a->s, 0, 2).count, 1);
	assert_true(fb_series_get(a->s, 0, 2).t_ms == 2.25);
}

static void memory_is_said_beforehand(void **state)
{
	(void)state;
	assert_true(fb_series_bytes(1) < fb_series_bytes(3));
	assert_true(fb_series_bytes(3) < 1 << 20);
	fb_series_free(NULL);
}

#define WITH_THREADS(f) cmocka_unit_test_setup_teardown(f, open_threads, close_threads)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_THREADS(intervals_hold_what_was_gained_in_them),
		WITH_THREADS(maxima_are_the_intervals_own_and_come_back),
		WITH_THREADS(percentiles_are_three_percent_high_at_most),
		WITH_THREADS(samples_after_the_last_close_make_no_empty_interval),
		WITH_THREADS(an_empty_run_has_empty_intervals),
		WITH_THREADS(a_stall_leaves_empty_intervals),
		WITH_THREADS(a_stall_of_any_length_is_survived),
		WITH_THREADS(long_runs_keep_every_count),
		WITH_THREADS(an_exhausted_pool_keeps_every_count_in_its_time),
		WITH_THREADS(samples_out_of_range_are_kept),
		cmocka_unit_test(one_op_suffices),
		WITH_THREADS(merged_threads_keep_every_count),
		WITH_THREADS(merge_coarsens_when_the_pool_is_too_small),
		WITH_THREADS(merged_intervals_add_up_time_by_time),
		cmocka_unit_test(memory_is_said_beforehand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
