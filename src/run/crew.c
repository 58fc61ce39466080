#include "run/crew.h"

#include "base/units.h"
#include "run/gate.h"
#include "run/thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define SEC UINT64_C(1000000000)

/* What the gate opens to. */
enum part { PART_RAMP, PART_MEASURE, PART_SLICE, PART_LEAVE };

struct member {
	struct fb_worker worker;
	struct fb_cursor cursor;
	struct fb_crew *crew;
	unsigned thread;
	pthread_t id;
	int cpus;  /* what fb_thread_set_cpus said */
	int class; /* what fb_thread_set_class said */
	uint64_t run_delay_ns;
};

struct fb_crew {
	const struct fb_run_env *env;
	const struct fb_case *c;
	struct fb_gate gate;
	unsigned n; /* threads running */
	unsigned lanes;
	/* Apart: every op reads one, and with a shared target writes the other. */
	alignas(64) _Atomic uint64_t claimed;
	alignas(64) atomic_bool stop;
	bool measured;
	struct fb_account *watched; /* NULL: nobody looks now and then */
	alignas(64) struct member *members;
};

static bool one_call(const struct fb_case *c)
{
	return fb_mode_get((enum fb_mode)c->mode)->one_call;
}

/* With one target the count is the whole case's: dealt out evenly. */
static uint64_t ops_of(const struct member *m)
{
	const struct fb_case *c = m->crew->c;
	uint64_t batches = c->ops / m->cursor.batch;

	if (c->share == FB_SHARE_ONE)
		batches = batches / c->numjobs + (m->thread < batches % c->numjobs);
	return batches * m->cursor.batch;
}

static void set_part(struct fb_crew *crew, uint64_t span_ns, bool by_ops)
{
	for (unsigned i = 0; i < crew->n; i++) {
		struct member *m = &crew->members[i];

		m->worker.span = fb_clock_ticks(m->worker.clock, span_ns);
		m->worker.limit = by_ops ? ops_of(m) : 0;
	}
}

/* By their own thread: the first touch puts the pages where it runs. */
static void empty_histograms(struct member *m)
{
	for (int i = 0; i < FB_OP_COUNT; i++)
		fb_hist_reset(m->worker.hist[i]);
}

static void do_part(struct member *m, enum part part)
{
	struct fb_worker *w = &m->worker;
	struct fb_series *series = w->series;
	uint64_t before;

	/* A count smaller than the threads leaves some of them nothing to do. */
	if (part == PART_MEASURE && m->crew->c->ops && !w->limit) {
		atomic_store(&w->done, 0);
		m->run_delay_ns = 0;
		w->begin = w->end = fb_clock_now(w->clock);
		w->ended = FB_ENDED_OPS;
		return;
	}
	if (part == PART_SLICE)
		empty_histograms(m);
	if (part != PART_MEASURE)
		w->series = NULL;
	before = fb_thread_run_delay_ns();
	fb_worker_run(w);
	if (part != PART_SLICE)
		m->run_delay_ns = fb_gain(before, fb_thread_run_delay_ns());
	w->series = series;
	if (w->ended == FB_ENDED_ERROR)
		atomic_store(&m->crew->stop, true);
	if (part == PART_RAMP)
		empty_histograms(m);
}

static void *member_main(void *arg)
{
	struct member *m = arg;
	unsigned passes = 0;
	enum part part;

	if (m->crew->c->cpus_allowed[0])
		m->cpus = fb_thread_set_cpus(m->crew->c->cpus_allowed);
	m->class = fb_thread_set_class(m->crew->c->sched == FB_SCHED_FIFO);
	fb_thread_wake_sharply();
	empty_histograms(m);
	if (m->worker.ops->lane_enter)
		m->worker.ops->lane_enter(m->worker.lane);
	while ((part = fb_gate_wait(&m->crew->gate, passes++)) != PART_LEAVE)
		do_part(m, part);
	return NULL;
}

static void tell_progress(struct fb_crew *crew, uint64_t since, bool ramp)
{
	struct fb_run_progress p = {.ramp = ramp};

	for (unsigned i = 0; i < crew->n; i++)
		p.ops += atomic_load_explicit(&crew->members[i].worker.done,
					      memory_order_relaxed);
	p.elapsed_s = (double)fb_clock_ns(crew->env->clock,
					  fb_clock_now(crew->env->clock) - since) /
		      1e9;
	crew->env->progress(crew->env->ctx, &p);
}

/* Wakes a few times a second: to pass on an interrupt and to tell how far we are. */
static void wait_for_all(struct fb_crew *crew, bool watch, bool ramp)
{
	uint64_t since = fb_clock_now(crew->env->clock);

	while (!fb_gate_await(&crew->gate, crew->n)) {
		if (atomic_load(crew->env->stop))
			atomic_store(&crew->stop, true);
		if (crew->watched)
			fb_account_watch(crew->watched);
		if (watch && crew->env->progress)
			tell_progress(crew, since, ramp);
	}
}

static void tell_end_of_op(void *account)
{
	fb_account_end_op(account);
}

void fb_crew_observe(struct fb_crew *crew, struct fb_account *account, bool per_op)
{
	struct fb_worker *w = &crew->members[0].worker;

	w->after_op = account && per_op ? tell_end_of_op : NULL;
	w->after_ctx = account;
	crew->watched = per_op ? NULL : account;
}

bool fb_crew_slice(struct fb_crew *crew, uint64_t ns, struct fb_hist *commit)
{
	set_part(crew, ns, false);
	fb_gate_open(&crew->gate, PART_SLICE);
	wait_for_all(crew, false, false);
	for (unsigned i = 0; i < crew->n; i++)
		if (crew->members[i].worker.ended != FB_ENDED_TIME)
			return false;
	for (unsigned i = 0; i < crew->n; i++)
		fb_hist_merge(commit, crew->members[i].worker.hist[FB_OP_COMMIT]);
	return true;
}

void fb_crew_pass(struct fb_crew *crew, bool ramp)
{
	set_part(crew, ramp ? crew->c->ramp_time_ns : crew->c->runtime_ns, !ramp);
	crew->measured = !ramp;
	fb_gate_open(&crew->gate, ramp ? PART_RAMP : PART_MEASURE);
	wait_for_all(crew, true, ramp);
}

bool fb_crew_is_over(const struct fb_crew *crew)
{
	unsigned full = 0;

	for (unsigned i = 0; i < crew->n; i++) {
		if (crew->members[i].worker.ended == FB_ENDED_ERROR)
			return true;
		full += crew->members[i].worker.ended == FB_ENDED_SPACE;
	}
	return full == crew->n || atomic_load(&crew->stop);
}

static uint64_t first_interval_ns(const struct fb_case *c)
{
	uint64_t ns = c->runtime_ns / (FB_SERIES_INTERVALS / 2);

	return ns > 10000000 ? ns : 10000000;
}

static int make_member(struct member *m, struct fb_crew *crew, unsigned thread)
{
	const struct fb_case *c = crew->c;
	const struct fb_clock *clock = crew->env->clock;
	struct fb_worker *w = &m->worker;

	m->crew = crew;
	m->thread = thread;
	m->run_delay_ns = FB_UNKNOWN;
	w->clock = clock;
	w->cursor = &m->cursor;
	w->stop = &crew->stop;
	w->one_call = one_call(c);
	w->flushes = !w->one_call && thread < c->flushers;
	w->period = c->rate_iops ? fb_clock_ticks(clock, SEC) / c->rate_iops : 0;
	w->think = fb_clock_ticks(clock, c->thinktime_ns);
	w->ended = FB_ENDED_INTERRUPT;
	for (int i = 0; i < FB_OP_COUNT; i++) {
		w->hist[i] = malloc(sizeof(*w->hist[i]));
		if (!w->hist[i])
			return -ENOMEM;
	}
	w->series = fb_series_new(FB_OP_COUNT, first_interval_ns(c));
	if (!w->series)
		return -ENOMEM;
	return fb_cursor_init(&m->cursor, c, thread, &crew->claimed);
}

static int start_member(struct fb_crew *crew, unsigned thread, struct fb_path *path,
			struct fb_err *err)
{
	struct member *m = &crew->members[thread];
	int ret = make_member(m, crew, thread);

	if (ret)
		return fb_err_set(err, ret, "out of memory for %u threads",
				  (unsigned)crew->c->numjobs);
	m->worker.ops = path->ops;
	ret = path->ops->lane_open(&m->worker.lane, path, thread, err);
	if (ret)
		return ret;
	crew->lanes++;
	ret = pthread_create(&m->id, NULL, member_main, m);
	if (ret)
		return fb_err_set(
			err, -ret,
			"thread %u of numjobs=%u cannot be started: %s; lower numjobs, or raise the limit on processes",
			thread + 1, (unsigned)crew->c->numjobs, strerror(ret));
	crew->n++;
	return 0;
}

static int check_members(const struct fb_crew *crew, struct fb_err *err)
{
	const struct member *m = &crew->members[0];

	if (m->cpus)
		return fb_err_set(
			err, m->cpus,
			"cpus_allowed=%s: none of these CPUs may be used here any more; name others",
			crew->c->cpus_allowed);
	if (m->class)
		return fb_err_set(err, m->class,
				  "sched=%s: that scheduling class is not granted here "
				  "(%s); run as root, or from a plain shell",
				  fb_sched_names[crew->c->sched], strerror(-m->class));
	return 0;
}

int fb_crew_start(struct fb_crew **out, const struct fb_run_env *env,
		  const struct fb_case *c, struct fb_path *path, struct fb_err *err)
{
	struct fb_crew *crew = aligned_alloc(64, sizeof(*crew));
	int ret = 0;

	if (crew)
		memset(crew, 0, sizeof(*crew));
	if (crew)
		crew->members = calloc(c->numjobs, sizeof(*crew->members));
	if (!crew || !crew->members) {
		free(crew);
		return fb_err_set(err, -ENOMEM, "out of memory for %u threads",
				  (unsigned)c->numjobs);
	}
	crew->env = env;
	crew->c = c;
	fb_gate_init(&crew->gate);
	for (unsigned i = 0; !ret && i < c->numjobs; i++)
		ret = start_member(crew, i, path, err);
	wait_for_all(crew, false, false);
	if (!ret)
		ret = check_members(crew, err);
	if (ret)
		fb_crew_end(crew);
	else
		*out = crew;
	return ret;
}

static void free_member(struct member *m)
{
	for (int i = 0; i < FB_OP_COUNT; i++)
		free(m->worker.hist[i]);
	fb_series_free(m->worker.series);
	fb_cursor_free(&m->cursor);
}

void fb_crew_end(struct fb_crew *crew)
{
	fb_gate_open(&crew->gate, PART_LEAVE);
	for (unsigned i = 0; i < crew->n; i++)
		pthread_join(crew->members[i].id, NULL);
	for (unsigned i = 0; i < crew->lanes; i++)
		crew->members[i].worker.ops->lane_close(crew->members[i].worker.lane);
	for (unsigned i = 0; i < crew->c->numjobs; i++)
		free_member(&crew->members[i]);
	fb_gate_free(&crew->gate);
	free(crew->members);
	free(crew);
}

/* An error counts most, then an interrupt, then the end that came to the first. */
static void merge_end(const struct member *m, struct fb_result *out, bool first)
{
	const struct fb_worker *w = &m->worker;

	if (w->ended == FB_ENDED_ERROR && !out->errors) {
		out->ended = FB_ENDED_ERROR;
		out->errors = 1;
		out->status = w->lane->err.status;
		out->os_error = w->lane->err.os_error;
		memcpy(out->error, w->lane->err.text, sizeof(out->error));
	} else if (first || (w->ended == FB_ENDED_INTERRUPT && !out->errors)) {
		out->ended = w->ended;
	}
}

/* The null path asks nothing of anybody. */
static void count_application(const struct fb_worker *w, uint64_t done,
			      const struct fb_case *c, struct fb_result *out)
{
	uint64_t writes = done * fb_case_op_writes(c) * fb_case_hives(c);

	if (c->path == FB_PATH_NULL)
		return;
	out->app_writes += writes;
	out->app_bytes += writes * fb_case_write_bytes(c);
	if (w->one_call)
		out->app_flushes += writes;
	else if (w->flushes && c->mode != FB_MODE_NONE)
		out->app_flushes += done * fb_case_hives(c);
}

static void merge_member(struct member *m, struct fb_result *out)
{
	const struct fb_case *c = m->crew->c;
	struct fb_worker *w = &m->worker;
	uint64_t done = atomic_load(&w->done);

	fb_series_finish(w->series, w->hist, fb_clock_ns(w->clock, w->end - w->begin));
	fb_series_merge(out->series, w->series);
	for (int i = 0; i < FB_OP_COUNT; i++)
		fb_hist_merge(out->hist[i], w->hist[i]);
	out->ops += done;
	count_application(w, done, c, out);
	if (m->run_delay_ns == FB_UNKNOWN)
		out->run_delay_ns = FB_UNKNOWN;
	else if (out->run_delay_ns != FB_UNKNOWN)
		out->run_delay_ns += m->run_delay_ns;
}

int fb_crew_collect(struct fb_crew *crew, struct fb_result *out)
{
	uint64_t begin = UINT64_MAX, end = 0;

	for (int i = 0; i < FB_OP_COUNT; i++) {
		out->hist[i] = malloc(sizeof(*out->hist[i]));
		if (!out->hist[i])
			return -ENOMEM;
		fb_hist_reset(out->hist[i]);
	}
	out->series = fb_series_new(FB_OP_COUNT, first_interval_ns(crew->c));
	if (!out->series)
		return -ENOMEM;
	if (crew->measured)
		out->run_delay_ns = 0;
	for (unsigned i = 0; i < crew->n; i++) {
		const struct fb_worker *w = &crew->members[i].worker;

		begin = w->begin < begin ? w->begin : begin;
		end = w->end > end ? w->end : end;
		merge_end(&crew->members[i], out, i == 0);
		if (crew->measured)
			merge_member(&crew->members[i], out);
	}
	if (crew->measured)
		out->elapsed_ns = fb_clock_ns(crew->env->clock, end - begin);
	else if (!out->errors && atomic_load(crew->env->stop))
		out->ended = FB_ENDED_INTERRUPT;
	return 0;
}
