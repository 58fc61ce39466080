/*
 * microbench.c - figures of `make bench` that need no disk
 *
 * microbench loop             costs of the driver's parts, one "name ns" a line
 * microbench time COMMAND...  runs it with its output thrown away and prints
 *                             "wall_ns max_rss_kb"
 */
#include "base/clock.h"
#include "base/rng.h"
#include "path/path.h"
#include "run/cursor.h"
#include "run/worker.h"
#include "stats/hist.h"
#include "stats/summary.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TRIES = 15, SAMPLES = 4096, ROUNDS = 500, OPS = 2000000 };

static struct fb_clock clock_;
static struct fb_hist hists[FB_OP_COUNT];
static uint64_t samples[SAMPLES];

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void report(const char *name, double (*try)(void))
{
	double ns[TRIES];

	for (int i = 0; i < TRIES; i++)
		ns[i] = try();
	printf("%s %.2f\n", name, fb_median(ns, TRIES));
}

/* Latencies around 90 us with a tail, as a flush has them. */
static void make_samples(void)
{
	struct fb_rng rng;

	fb_rng_init(&rng, 1);
	for (int i = 0; i < SAMPLES; i++) {
		uint64_t r = fb_rng_next(&rng);

		samples[i] = 80000 + r % 20000 + (r % 97 == 0 ? r % 1000000 : 0);
	}
}

static double try_record(void)
{
	double t = now_ns();

	for (int r = 0; r < ROUNDS; r++) {
		for (int i = 0; i < SAMPLES; i++)
			fb_hist_record(&hists[0], samples[i]);
	}
	return (now_ns() - t) / ((double)ROUNDS * SAMPLES);
}

/* The least that three stamps and three records can cost. */
static double try_minimal(void)
{
	double t = now_ns();

	for (int i = 0; i < OPS; i++) {
		uint64_t t0 = fb_stamp_tsc(), t1, t2;

		__asm__ volatile("" ::: "memory");
		t1 = fb_stamp_tsc();
		__asm__ volatile("" ::: "memory");
		t2 = fb_stamp_tsc();
		fb_hist_record(&hists[0], t1 - t0);
		fb_hist_record(&hists[1], t2 - t1);
		fb_hist_record(&hists[2], t2 - t0);
	}
	return (now_ns() - t) / OPS;
}

static double try_null_path(void)
{
	static const struct fb_case c = {
		.path = FB_PATH_NULL,
		.pattern = FB_PATTERN_SEQ,
		.bs = 4096,
		.size = 256 << 20,
		.writes_per_flush = 1,
		.numjobs = 1,
	};
	const struct fb_path_ops *ops = fb_path_get(FB_PATH_NULL);
	const atomic_bool never = false;
	struct fb_worker w = {.clock = &clock_,
			      .ops = ops,
			      .stop = &never,
			      .flushes = true,
			      .limit = OPS};
	struct fb_cursor cursor;
	struct fb_path *path;
	double t;

	for (int i = 0; i < FB_OP_COUNT; i++)
		w.hist[i] = &hists[i];
	if (ops->open(&path, &c, NULL, NULL) ||
	    ops->lane_open(&w.lane, path, 0, NULL) ||
	    fb_cursor_init(&cursor, &c, 0, NULL))
		exit(1);
	w.cursor = &cursor;
	t = now_ns();
	fb_worker_run(&w);
	t = now_ns() - t;
	fb_cursor_free(&cursor);
	ops->lane_close(w.lane);
	ops->close(path, NULL);
	return t / OPS;
}

static int loop(void)
{
	fb_clock_init(&clock_);
	make_samples();
	for (int i = 0; i < FB_OP_COUNT; i++)
		fb_hist_reset(&hists[i]);
	report("record", try_record);
	report("minimal", try_minimal);
	report("null_op", try_null_path);
	return 0;
}

static int run_timed(char **argv)
{
	struct rusage usage;
	double t = now_ns();
	pid_t pid = fork();
	int status;

	if (!pid) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 1);
		dup2(null, 2);
		execvp(argv[0], argv);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0)
		return 1;
	t = now_ns() - t;
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		fprintf(stderr, "microbench: %s failed\n", argv[0]);
		return 1;
	}
	printf("%.0f %ld\n", t, usage.ru_maxrss);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "loop"))
		return loop();
	if (argc > 2 && !strcmp(argv[1], "time"))
		return run_timed(argv + 2);
	fprintf(stderr, "usage: microbench loop | microbench time COMMAND...\n");
	return 2;
}
