/*
 * Stamps around a flush of lines. Where a store fence does not hold the counter back, a
 * reading that does not wait for the stores itself is many times too small, and nothing
 * else in a result would show it. Ratios alone, the best of a few tries: a machine may
 * be busy, a broken driver is wrong each time.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "device/device.h"
#include "nt/nv_cpu.h"
#include "path/path.h"
#include "run/run.h"
#include "stats/hist.h"
#include "stats/summary.h"
#include "support/tmpdir.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINES = 64, LINE = 64, SAMPLES = 2001, TRIES = 5 };

static alignas(4096) char buffer[LINES * LINE];
static double samples[SAMPLES];
static const struct fb_nv_cpu *cpu;
static struct fb_clock clock_;
static char folder[TMPDIR_LEN];

static int enter(void **state)
{
	(void)state;
	fb_clock_init(&clock_);
	return tmpdir_make(folder);
}

static int leave(void **state)
{
	(void)state;
	tmpdir_remove(folder);
	return 0;
}

static void need_lines(void)
{
	if (fb_nv_cpu_get(FB_NT_NV_AUTO, &cpu)) {
		fprintf(stderr, "no instruction here flushes a line\n");
		skip();
	}
	if (!clock_.tsc) {
		fprintf(stderr, "no counter that the kernel trusts\n");
		skip();
	}
}

/* Store to a line, push it out, wait for it: what is timed in all three readings. */
static inline void push(unsigned i)
{
	char *line = buffer + i % LINES * LINE;

	*(volatile char *)line = (char)i;
	cpu->flush((uintptr_t)line, (uintptr_t)line + 1);
	cpu->fence();
}

static double ns_of(uint64_t ticks)
{
	return (double)fb_clock_ns(&clock_, ticks);
}

/* Until nothing of the one before is under way, whatever a fence is worth. */
static uint64_t begin(void)
{
	uint64_t t = fb_stamp_tsc() + fb_clock_ticks(&clock_, 2000);

	while (fb_stamp_tsc() < t)
		;
	return fb_stamp_tsc_ordered();
}

static double naive_ns(void)
{
	for (unsigned i = 0; i < SAMPLES; i++) {
		uint64_t t = begin();

		push(i);
		samples[i] = ns_of(fb_stamp_tsc_ordered() - t);
	}
	return fb_median(samples, SAMPLES);
}

static double fenced_ns(void)
{
	for (unsigned i = 0; i < SAMPLES; i++) {
		uint64_t t = begin();

		push(i);
		samples[i] = ns_of(fb_stamp_tsc_fenced() - t);
	}
	return fb_median(samples, SAMPLES);
}

/* Many between two readings: however late the last is, all but one are over. */
static double loop_ns(void)
{
	enum { ROUNDS = 21, PUSHES = 1000 };

	for (unsigned r = 0; r < ROUNDS; r++) {
		uint64_t t = fb_stamp_tsc_fenced();

		for (unsigned i = 0; i < PUSHES; i++)
			push(i);
		samples[r] = ns_of(fb_stamp_tsc_fenced() - t) / PUSHES;
	}
	return fb_median(samples, ROUNDS);
}

static bool within_two(double a, double b)
{
	return a <= 2 * b && b <= 2 * a;
}

static void a_reading_that_does_not_wait_is_many_times_too_small(void **state)
{
	double naive = 0, loop = 0;

	(void)state;
	need_lines();
	for (int try = 0; try < TRIES; try++) {
		naive = naive_ns();
		loop = loop_ns();
		if (3 * naive <= loop)
			return;
	}
	fprintf(stderr,
		"the trap is not here: read at once a flush takes %.0f %% of its time "
		"in a loop\n",
		100 * naive / loop);
	skip();
}

static void a_fenced_reading_agrees_with_a_closed_loop(void **state)
{
	double fenced = 0, loop = 0;

	(void)state;
	need_lines();
	for (int try = 0; try < TRIES; try++) {
		fenced = fenced_ns();
		loop = loop_ns();
		if (within_two(fenced, loop))
			return;
	}
	fail_msg("fenced %.0f ns, in a loop %.0f ns", fenced, loop);
}

/*
 * How ops are timed. In a closed loop the stores of an op wait for what the one before
 * left under way, so that even naive readings add up; with a pause between ops that is
 * over unseen.
 */
enum timing { CLOSED_LOOP, WITH_PAUSES, IN_BATCHES };

enum { BATCH = 1000 };

static struct fb_case emulated(int mode, enum timing timing)
{
	return (struct fb_case){
		.path = FB_PATH_NVMEM,
		.mode = mode,
		.pattern = FB_PATTERN_SEQ,
		.bs = 64,
		.size = 1 << 16,
		.writes_per_flush = 1,
		.ops = 10000,
		.thinktime_ns = timing == WITH_PAUSES ? 2000 : 0,
		.reps = 1,
		.numjobs = 1,
		.flushers = 1,
		.fill_bs = 4096,
		.batch = timing == IN_BATCHES ? BATCH : 1,
		.nv_emulate = 1,
		.ranges = 1,
		.stride = 64,
		.align = 64,
	};
}

static struct fb_result run_with(const struct fb_clock *clock, const struct fb_case *c)
{
	static const atomic_bool never;
	struct fb_device device;
	const struct fb_target target = {.dir = folder, .device = &device};
	const struct fb_run_env env = {
		.clock = clock, .target = &target, .stop = &never};
	struct fb_result r;
	struct fb_err err;

	assert_int_equal(fb_device_resolve(folder, &device, NULL), 0);
	if (fb_run_case(&env, c, 1, &r, &err))
		fail_msg("%s", err.text);
	assert_string_equal(r.error, "");
	assert_int_equal(r.ops, c->ops);
	return r;
}

static double commit_ns(const struct fb_clock *clock, int mode, enum timing timing)
{
	const struct fb_case c = emulated(mode, timing);
	struct fb_result r = run_with(clock, &c);
	double ns = (double)fb_hist_percentile(r.hist[FB_OP_COMMIT], 50);

	assert_int_equal(r.hist[FB_OP_COMMIT]->count, c.ops / c.batch);
	fb_result_free(&r);
	return ns;
}

static const int modes[] = {
	FB_MODE_FLUSH,    FB_MODE_FLUSH_DRAIN,   FB_MODE_RANGES,
	FB_MODE_WRITE,    FB_MODE_WRITE_FLUSH,   FB_MODE_WRITE_FLUSH_DRAIN,
	FB_MODE_WRITE_NT, FB_MODE_WRITE_PERSIST, FB_MODE_FILL_FLUSH,
	FB_MODE_FILL_NT,  FB_MODE_FILL_PERSIST,
};

/* A mean cannot be short by more than the last op of its batch: it is the judge. */
static void agrees_with_batches(const struct fb_clock *clock, int mode,
				enum timing timing)
{
	double one = 0, mean = 0;

	for (int try = 0; try < TRIES; try++) {
		one = commit_ns(clock, mode, timing);
		mean = commit_ns(clock, mode, IN_BATCHES);
		if (within_two(one, mean))
			return;
	}
	fail_msg("%s: timed alone %.0f ns, in batches %.0f ns", fb_mode_names[mode],
		 one, mean);
}

static void a_commit_takes_alone_what_it_takes_in_a_batch(void **state)
{
	(void)state;
	need_lines();
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		agrees_with_batches(&clock_, modes[i], CLOSED_LOOP);
		agrees_with_batches(&clock_, modes[i], WITH_PAUSES);
	}
}

static void a_batch_takes_what_a_loop_without_the_driver_takes(void **state)
{
	double mean = 0, loop = 0;

	(void)state;
	need_lines();
	for (int try = 0; try < TRIES; try++) {
		mean = commit_ns(&clock_, FB_MODE_FLUSH, IN_BATCHES);
		loop = loop_ns();
		if (within_two(mean, loop))
			return;
	}
	fail_msg("in batches %.0f ns, in a loop %.0f ns", mean, loop);
}

/* A clock that waits for nothing, as one of another system may. */
static uint64_t read_at_once(const struct fb_clock *c)
{
	(void)c;
	return fb_stamp_tsc();
}

static void a_clock_behind_a_call_is_waited_for_as_well(void **state)
{
	struct fb_clock called;

	(void)state;
	need_lines();
	called = clock_;
	called.tsc = false;
	called.read = read_at_once;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		agrees_with_batches(&called, modes[i], WITH_PAUSES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reading_that_does_not_wait_is_many_times_too_small),
		cmocka_unit_test(a_fenced_reading_agrees_with_a_closed_loop),
		cmocka_unit_test(a_batch_takes_what_a_loop_without_the_driver_takes),
		cmocka_unit_test(a_commit_takes_alone_what_it_takes_in_a_batch),
		cmocka_unit_test(a_clock_behind_a_call_is_waited_for_as_well),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
