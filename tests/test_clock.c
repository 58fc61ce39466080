#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/rng.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

static uint64_t fake_read(const struct fb_clock *c)
{
	return *(const uint64_t *)c->ctx;
}

static void conversion_is_exact_for_a_whole_ratio(void **state)
{
	/* 2.5 ns a tick */
	struct fb_clock c = {.mult = 5ull << 31};

	(void)state;
	assert_true(fb_clock_ns(&c, 0) == 0);
	assert_true(fb_clock_ns(&c, 2) == 5);
	assert_true(fb_clock_ns(&c, 4000000000) == 10000000000);
	assert_true(fb_clock_ticks(&c, 10) == 4);
	assert_true(fb_clock_ticks(&c, 9) == 3);
}

static void conversion_does_not_overflow_in_a_century(void **state)
{
	const uint64_t century_ns = 100ull * 366 * 24 * 3600 * 1000000000;
	struct fb_clock c = {.mult = 1ull << 32};

	(void)state;
	assert_true(fb_clock_ns(&c, century_ns) == century_ns);
	assert_true(fb_clock_ticks(&c, century_ns) == century_ns);
}

static void ticks_never_stand_for_more_time_than_asked(void **state)
{
	struct fb_clock c;
	struct fb_rng r;

	(void)state;
	fb_clock_init(&c);
	fb_rng_init(&r, 5);
	for (int i = 0; i < 10000; i++) {
		uint64_t ns = fb_rng_next(&r) >> (10 + i % 50);
		uint64_t ticks = fb_clock_ticks(&c, ns);

		assert_true(fb_clock_ns(&c, ticks) <= ns);
		assert_true(fb_clock_ns(&c, ticks + 1) + 1 >= ns);
	}
}

static void a_handed_in_clock_is_the_one_read(void **state)
{
	uint64_t ticks = 77;
	struct fb_clock c = {.mult = 1ull << 32, .read = fake_read, .ctx = &ticks};

	(void)state;
	assert_int_equal(fb_clock_now(&c), 77);
	ticks = 78;
	assert_int_equal(fb_clock_now(&c), 78);
	assert_string_equal(fb_clock_name(&c), "monotonic");
}

static void name_tells_which_clock_it_is(void **state)
{
	struct fb_clock c;

	(void)state;
	fb_clock_init(&c);
	if (c.tsc)
		assert_string_not_equal(fb_clock_name(&c), "monotonic");
	else
		assert_string_equal(fb_clock_name(&c), "monotonic");
	assert_true(c.mult > 0);
	c.tsc = false;
	assert_string_equal(fb_clock_name(&c), "monotonic");
	assert_true(c.read(&c) > 0);
}

static void stamps_never_go_back(void **state)
{
	struct fb_clock c;
	uint64_t last, now;

	(void)state;
	fb_clock_init(&c);
	last = fb_clock_now(&c);
	for (int i = 0; i < 100000; i++, last = now) {
		now = fb_clock_now(&c);
		assert_true(now >= last);
	}
	if (!c.tsc)
		return;
	for (int i = 0; i < 100000; i++, last = now) {
		now = fb_stamp_tsc_ordered();
		assert_true(now >= last);
	}
}

/* A kernel time and the stamps around it. */
struct bracket {
	uint64_t before, ns, after;
};

static struct bracket take_bracket(const struct fb_clock *c)
{
	struct timespec ts;
	struct bracket b;

	b.before = fb_clock_now(c);
	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	b.after = fb_clock_now(c);
	b.ns = (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
	return b;
}

/* Not a time but two clocks against each other: a busy machine widens the brackets. */
static void counter_agrees_with_the_kernel_clock(void **state)
{
	struct bracket a, b;
	struct fb_clock c;
	double kernel;

	(void)state;
	fb_clock_init(&c);
	if (!c.tsc) {
		fprintf(stderr, "no counter that the kernel trusts\n");
		skip();
	}
	a = take_bracket(&c);
	c.sleep_until(&c, a.after + fb_clock_ticks(&c, 300000000));
	b = take_bracket(&c);
	kernel = (double)(b.ns - a.ns);
	assert_true((double)fb_clock_ns(&c, b.before - a.after) < kernel * 1.001);
	assert_true((double)fb_clock_ns(&c, b.after - a.before) > kernel * 0.999);
}

static void sleep_never_ends_early(void **state)
{
	static const uint64_t lengths_ns[] = {0, 500, 59000, 61000, 300000, 5000000};
	struct fb_clock c;

	(void)state;
	fb_clock_init(&c);
	for (int kind = 0; kind < 2; kind++) {
		for (size_t i = 0; i < sizeof(lengths_ns) / sizeof(*lengths_ns); i++) {
			uint64_t due = fb_clock_now(&c) +
				       fb_clock_ticks(&c, lengths_ns[i]);

			c.sleep_until(&c, due);
			assert_true(fb_clock_now(&c) >= due);
		}
		c.tsc = false;
		c.mult = 1ull << 32;
	}
}

static void sleep_until_the_past_returns(void **state)
{
	struct fb_clock c;

	(void)state;
	fb_clock_init(&c);
	c.sleep_until(&c, 0);
	c.sleep_until(&c, fb_clock_now(&c));
}

static volatile sig_atomic_t signalled;

static void note_signal(int number)
{
	(void)number;
	signalled = 1;
}

static int stop_timer(void **state)
{
	struct itimerval off = {{0, 0}, {0, 0}};

	(void)state;
	setitimer(ITIMER_REAL, &off, NULL);
	return signal(SIGALRM, SIG_DFL) == SIG_ERR;
}

static void a_signal_ends_the_sleep(void **state)
{
	/* repeated, lest the first comes before the sleep has begun */
	struct itimerval timer = {{0, 5000}, {0, 5000}};
	struct sigaction act = {.sa_handler = note_signal};
	struct fb_clock c;
	uint64_t due;

	(void)state;
	fb_clock_init(&c);
	signalled = 0;
	assert_int_equal(sigaction(SIGALRM, &act, NULL), 0);
	due = fb_clock_now(&c) + fb_clock_ticks(&c, 3600ull * 1000000000);
	assert_int_equal(setitimer(ITIMER_REAL, &timer, NULL), 0);
	c.sleep_until(&c, due);
	assert_true(signalled);
	assert_true(fb_clock_now(&c) < due);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conversion_is_exact_for_a_whole_ratio),
		cmocka_unit_test(conversion_does_not_overflow_in_a_century),
		cmocka_unit_test(ticks_never_stand_for_more_time_than_asked),
		cmocka_unit_test(a_handed_in_clock_is_the_one_read),
		cmocka_unit_test(name_tells_which_clock_it_is),
		cmocka_unit_test(stamps_never_go_back),
		cmocka_unit_test(counter_agrees_with_the_kernel_clock),
		cmocka_unit_test(sleep_never_ends_early),
		cmocka_unit_test(sleep_until_the_past_returns),
		cmocka_unit_test_teardown(a_signal_ends_the_sleep, stop_timer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
