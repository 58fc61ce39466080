#include "run/overhead.h"

#include "path/path.h"
#include "run/cursor.h"
#include "run/worker.h"
#include "stats/summary.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

enum { TRIES = 9, CALLS = 2000 };

struct bench {
	const struct fb_clock *clock;
	struct fb_worker worker;
	struct fb_hist *hist;
};

static void call_stamp(struct bench *b)
{
	for (int i = 0; i < CALLS; i++) {
		uint64_t t = fb_clock_now(b->clock);

		__asm__ volatile("" : : "r"(t) : "memory");
	}
}

static void call_ordered(struct bench *b)
{
	for (int i = 0; i < CALLS; i++) {
		uint64_t t = b->clock->tsc ? fb_stamp_tsc_ordered()
					   : b->clock->read(b->clock);

		__asm__ volatile("" : : "r"(t) : "memory");
	}
}

static void call_fenced(struct bench *b)
{
	for (int i = 0; i < CALLS; i++) {
		uint64_t t = fb_stamp_tsc_fenced();

		if (!b->clock->tsc)
			t = b->clock->read(b->clock);
		__asm__ volatile("" : : "r"(t) : "memory");
	}
}

static void call_monotonic(struct bench *b)
{
	(void)b;
	for (int i = 0; i < CALLS; i++) {
		struct timespec t;

		clock_gettime(CLOCK_MONOTONIC, &t);
		__asm__ volatile("" : : "r"(t.tv_nsec) : "memory");
	}
}

static void call_record(struct bench *b)
{
	/* Latencies are spread over buckets, as real ones are. */
	for (uint64_t i = 0; i < CALLS; i++)
		fb_hist_record(b->hist, 50000 + (i * 7919 & 0x7fff));
}

static void call_loop(struct bench *b)
{
	fb_worker_run(&b->worker);
}

static double cost_ns(struct bench *b, void (*call)(struct bench *b))
{
	double ns[TRIES];

	for (int i = 0; i < TRIES; i++) {
		uint64_t t = fb_clock_now(b->clock);

		call(b);
		t = fb_clock_now(b->clock) - t;
		ns[i] = (double)fb_clock_ns(b->clock, t) / CALLS;
	}
	return fb_median(ns, TRIES);
}

static int by_size(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* What stands still between two readings has the longer step. */
double fb_overhead_step_ns(const struct fb_clock *clock)
{
	uint64_t steps[CALLS], last = fb_clock_now(clock);
	size_t n = 0;

	for (int i = 0; i < CALLS; i++) {
		uint64_t now = fb_clock_now(clock);

		if (now > last)
			steps[n++] = now - last;
		last = now;
	}
	if (!n)
		return 0;
	qsort(steps, n, sizeof(*steps), by_size);
	/* A tick may be less than a nanosecond. */
	return (double)fb_clock_ns(clock, steps[n / 2] * 1000) / 1000;
}

static int measure_loop(struct bench *b, struct fb_overhead *out)
{
	static const struct fb_case c = {
		.path = FB_PATH_NULL,
		.pattern = FB_PATTERN_SEQ,
		.bs = 4096,
		.size = 1 << 20,
		.writes_per_flush = 1,
		.numjobs = 1,
	};
	const atomic_bool never = false;
	const struct fb_path_ops *ops = fb_path_get(FB_PATH_NULL);
	struct fb_path *path;
	struct fb_cursor cursor;
	int ret = ops->open(&path, &c, NULL, NULL);

	if (ret)
		return ret;
	ret = ops->lane_open(&b->worker.lane, path, 0, NULL);
	if (ret)
		goto out_path;
	ret = fb_cursor_init(&cursor, &c, 0, NULL);
	if (ret)
		goto out_lane;
	b->worker.ops = ops;
	b->worker.cursor = &cursor;
	b->worker.stop = &never;
	b->worker.flushes = true;
	b->worker.limit = CALLS;
	out->loop = cost_ns(b, call_loop);
	out->null_commit = (double)fb_hist_percentile(b->worker.hist[FB_OP_COMMIT], 50);
	fb_cursor_free(&cursor);
out_lane:
	ops->lane_close(b->worker.lane);
out_path:
	ops->close(path, NULL);
	return ret;
}

int fb_overhead_measure(const struct fb_clock *clock, struct fb_overhead *out)
{
	struct bench b = {.clock = clock, .worker = {.clock = clock}};
	struct fb_hist *hists = calloc(FB_OP_COUNT, sizeof(*hists));
	struct fb_overhead o;
	int ret;

	if (!hists)
		return -ENOMEM;
	for (int i = 0; i < FB_OP_COUNT; i++) {
		b.worker.hist[i] = &hists[i];
		fb_hist_reset(&hists[i]);
	}
	b.hist = &hists[0];
	o.stamp = cost_ns(&b, call_stamp);
	o.stamp_ordered = cost_ns(&b, call_ordered);
	o.stamp_fenced = cost_ns(&b, call_fenced);
	o.stamp_monotonic = cost_ns(&b, call_monotonic);
	o.step = fb_overhead_step_ns(clock);
	o.record = cost_ns(&b, call_record);
	ret = measure_loop(&b, &o);
	free(hists);
	if (!ret)
		*out = o;
	return ret;
}
