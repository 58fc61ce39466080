/*
 * Threads of one case that end differently: which end is the case's.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "run/run.h"
#include "stats/hist.h"
#include "support/stuck_disk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

/* Thread 0 writes at once; thread 1 stays in its write until the others are done and
 * @then has happened. */
static struct {
	atomic_bool stop;
	atomic_uint done;
	atomic_uint entered;
	atomic_uint writes;
	enum { INTERRUPT, FAIL, REFUSE, GO_ON } then;
	bool close_fails;
	uint32_t open_status; /* of a target that has no memory; 0: it has */
	bool open_fails;
	bool past_disks;
} script;

struct lane {
	struct fb_lane base;
	unsigned thread;
};

static const struct fb_path_ops scripted;
static struct fb_path_ops past;

static int open_path(struct fb_path **out, const struct fb_case *c,
		     const struct fb_target *t, struct fb_err *err)
{
	(void)t;
	if (script.open_fails) {
		fb_err_set(err, -ENOMEM, "too large");
		err->status = script.open_status;
		return -ENOMEM;
	}
	*out = calloc(1, sizeof(**out));
	assert_non_null(*out);
	past = scripted;
	past.past_disks = true;
	**out = (struct fb_path){script.past_disks ? &past : &scripted, c};
	return 0;
}

static int open_lane(struct fb_lane **out, struct fb_path *p, unsigned thread,
		     struct fb_err *err)
{
	struct lane *l = calloc(1, sizeof(*l));

	(void)p;
	(void)err;
	assert_non_null(l);
	l->base.ops = &scripted;
	l->thread = thread;
	*out = &l->base;
	return 0;
}

static int write_scripted(struct fb_lane *base, const struct fb_write *w)
{
	const struct timespec pause = {0, 1000000};
	struct lane *l = (struct lane *)base;

	(void)w;
	atomic_fetch_add(&script.writes, 1);
	if (script.then == REFUSE)
		return fb_err_set(&base->err, -EOPNOTSUPP, "no such call here");
	if (l->thread == 0) {
		atomic_fetch_add(&script.done, 1);
		return 0;
	}
	while (atomic_load(&script.done) < 3)
		nanosleep(&pause, NULL);
	if (script.then == FAIL)
		return fb_err_set(&base->err, -EIO, "broken");
	if (script.then == INTERRUPT && !atomic_exchange(&script.stop, true)) {
		/* Until the crew has passed it on. */
		const struct timespec heard = {0, 300000000};

		nanosleep(&heard, NULL);
	}
	return 0;
}

static void enter_lane(struct fb_lane *l)
{
	(void)l;
	assert_int_equal(prctl(PR_GET_TIMERSLACK), 1);
	atomic_fetch_add(&script.entered, 1);
}

static int flush_nothing(struct fb_lane *l, uint64_t offset, uint64_t length)
{
	(void)l;
	(void)offset;
	(void)length;
	return 0;
}

static void close_lane(struct fb_lane *l)
{
	free(l);
}

static int close_path(struct fb_path *p, struct fb_err *err)
{
	free(p);
	return script.close_fails ? fb_err_set(err, -EBUSY, "still there") : 0;
}

static struct fb_promise promise(const struct fb_case *c, const struct fb_device *d)
{
	(void)c;
	(void)d;
	return (struct fb_promise){FB_SURVIVES_NOTHING, FB_FIDELITY_UNKNOWN};
}

static void count(struct fb_path *p, struct fb_path_counters *out)
{
	(void)p;
	out->log_bytes = 100 * (uint64_t)atomic_load(&script.writes);
	out->hive_growth_bytes = 8192;
}

static const struct fb_path_ops scripted = {
	.id = FB_PATH_NULL,
	.open = open_path,
	.lane_open = open_lane,
	.lane_enter = enter_lane,
	.write = write_scripted,
	.flush = flush_nothing,
	.lane_close = close_lane,
	.close = close_path,
	.counters = count,
	.promise = promise,
};

static int run_on(const struct fb_device *d, const struct fb_case *c,
		  struct fb_result *r, struct fb_err *err)
{
	const struct fb_target target = {.dir = ".", .device = d};
	struct fb_clock clock;
	const struct fb_run_env env = {
		.clock = &clock,
		.target = &target,
		.path = &scripted,
		.stop = &script.stop,
	};

	fb_clock_init(&clock);
	atomic_store(&script.stop, false);
	atomic_store(&script.done, 0);
	return fb_run_case(&env, c, 1, r, err);
}

static const struct fb_device no_disks;

static int run_two_after(uint64_t ramp_time_ns, struct fb_result *r, struct fb_err *err)
{
	const struct fb_case c = {
		.bs = 4096,
		.size = 1 << 20,
		.writes_per_flush = 1,
		.ramp_time_ns = ramp_time_ns,
		.ops = 3,
		.numjobs = 2,
		.flushers = 2,
	};

	return run_on(&no_disks, &c, r, err);
}

static int run_two(struct fb_result *r, struct fb_err *err)
{
	return run_two_after(0, r, err);
}

static int start_over(void **state)
{
	(void)state;
	memset(&script, 0, sizeof(script));
	return 0;
}

static void a_thread_interrupted_is_a_case_interrupted(void **state)
{
	struct fb_result r;

	(void)state;
	script.then = INTERRUPT;
	assert_int_equal(run_two(&r, NULL), 0);
	assert_int_equal(r.ended, FB_ENDED_INTERRUPT);
	assert_int_equal(r.errors, 0);
	fb_result_free(&r);
}

static void an_error_counts_more_than_other_ends(void **state)
{
	struct fb_result r;

	(void)state;
	script.then = FAIL;
	assert_int_equal(run_two(&r, NULL), 0);
	assert_int_equal(r.ended, FB_ENDED_ERROR);
	assert_int_equal(r.errors, 1);
	assert_int_equal(r.ops, 3);
	assert_string_equal(r.error, "broken");
	fb_result_free(&r);
}

static void threads_that_all_end_by_count_make_one_that_did(void **state)
{
	struct fb_result r;

	(void)state;
	script.then = GO_ON;
	assert_int_equal(run_two(&r, NULL), 0);
	assert_int_equal(r.ended, FB_ENDED_OPS);
	assert_int_equal(r.ops, 6);
	fb_result_free(&r);
}

static void each_thread_enters_its_lane_once_and_wakes_sharply(void **state)
{
	struct fb_result r;

	(void)state;
	script.then = GO_ON;
	assert_int_equal(run_two(&r, NULL), 0);
	assert_int_equal(atomic_load(&script.entered), 2);
	fb_result_free(&r);
}

static void a_call_that_is_missing_here_is_an_answer_and_no_failure(void **state)
{
	struct fb_result r;

	(void)state;
	script.then = REFUSE;
	assert_int_equal(run_two(&r, NULL), 0);
	assert_int_equal(r.errors, 0);
	assert_int_equal(r.ops, 0);
	assert_int_equal(r.os_error, EOPNOTSUPP);
	assert_int_equal(r.promise.fidelity, FB_FIDELITY_MISSING);
	assert_int_equal(r.promise.survives, FB_SURVIVES_UNKNOWN);
	fb_result_free(&r);
}

static void a_failed_case_is_kept_whatever_becomes_of_its_target(void **state)
{
	struct fb_result r;
	struct fb_err err;

	(void)state;
	script.close_fails = true;
	script.then = FAIL;
	assert_int_equal(run_two(&r, &err), 0);
	assert_int_equal(r.errors, 1);
	assert_string_equal(r.error, "broken; still there");
	fb_result_free(&r);
	script.then = GO_ON;
	assert_int_equal(run_two(&r, &err), -EBUSY);
	assert_string_equal(err.text, "still there");
}

/* The next case may well be smaller. */
static void a_target_too_large_for_the_memory_fails_its_case_alone(void **state)
{
	struct fb_result r;
	struct fb_err err;

	(void)state;
	script.open_fails = true;
	script.open_status = 0xC000009A;
	assert_int_equal(run_two(&r, &err), 0);
	assert_int_equal(r.ended, FB_ENDED_ERROR);
	assert_int_equal(r.errors, 1);
	assert_int_equal(r.status, 0xC000009A);
	assert_int_equal(r.os_error, ENOMEM);
	assert_string_equal(r.error, "too large");
	fb_result_free(&r);
	/* Memory of our own is another matter. */
	script.open_status = 0;
	assert_int_equal(run_two(&r, &err), -ENOMEM);
	assert_string_equal(err.text, "too large");
}

static void counters_of_the_path_are_those_of_the_measured_part(void **state)
{
	struct fb_result r;

	(void)state;
	script.then = GO_ON;
	assert_int_equal(run_two_after(20000000, &r, NULL), 0);
	assert_true(atomic_load(&script.writes) > 6);
	assert_int_equal(r.counters.log_bytes, 6 * 100);
	assert_int_equal(r.counters.hive_growth_bytes, 0);
	assert_int_equal(r.counters.lazy_bytes, FB_UNKNOWN);
	assert_int_equal(r.counters.retries, FB_UNKNOWN);
	fb_result_free(&r);
}

static struct {
	char folder[TMPDIR_LEN];
	struct stuck_disk disk;
} lab;

static int enter_lab(void **state)
{
	start_over(state);
	return tmpdir_make(lab.folder);
}

static int leave_lab(void **state)
{
	(void)state;
	stuck_disk_free(&lab.disk);
	tmpdir_remove(lab.folder);
	return 0;
}

/* What others do on the disk can neither be in its figures nor disturb them. */
static void a_path_past_the_disks_has_none_of_their_figures(void **state)
{
	const struct fb_case c = {
		.bs = 4096,
		.size = 1 << 20,
		.writes_per_flush = 1,
		.ops = 30,
		.numjobs = 2,
		.flushers = 2,
	};
	struct fb_device d;
	struct fb_result r;

	(void)state;
	if (stuck_disk_make(&lab.disk, lab.folder))
		skip();
	assert_int_equal(fb_device_resolve(lab.disk.disk.dev, &d, NULL), 0);
	assert_int_equal(d.n_disks, 1);
	script.then = GO_ON;
	script.past_disks = true;
	assert_int_equal(run_on(&d, &c, &r, NULL), 0);
	assert_string_equal(r.io.source, "process");
	assert_int_equal(r.io.dev_bytes, FB_UNKNOWN);
	assert_int_equal(r.io.dev_writes, FB_UNKNOWN);
	assert_int_equal(r.io.dev_flushes, FB_UNKNOWN);
	assert_int_equal(r.io.n_classes, 0);
	assert_int_equal(r.warnings.n, 0);
	fb_result_free(&r);
}

#define T(f) cmocka_unit_test_setup(f, start_over)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_thread_interrupted_is_a_case_interrupted),
		T(an_error_counts_more_than_other_ends),
		T(threads_that_all_end_by_count_make_one_that_did),
		T(each_thread_enters_its_lane_once_and_wakes_sharply),
		T(a_call_that_is_missing_here_is_an_answer_and_no_failure),
		T(a_failed_case_is_kept_whatever_becomes_of_its_target),
		T(a_target_too_large_for_the_memory_fails_its_case_alone),
		T(counters_of_the_path_are_those_of_the_measured_part),
		cmocka_unit_test_setup_teardown(
			a_path_past_the_disks_has_none_of_their_figures, enter_lab,
			leave_lab),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
