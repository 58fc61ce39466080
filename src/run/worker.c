#include "run/worker.h"

/* Long pauses are slept in pieces, so that an interrupt is heard. */
static uint64_t wait_until(struct fb_worker *w, uint64_t t)
{
	const uint64_t piece = fb_clock_ticks(w->clock, 100000000);
	uint64_t now = fb_clock_now(w->clock);

	while (now < t && !atomic_load_explicit(w->stop, memory_order_relaxed)) {
		w->clock->sleep_until(w->clock, t - now > piece ? now + piece : t);
		now = fb_clock_now(w->clock);
	}
	return now;
}

/* Until the next op is meant to start, though not past the end; late is at once. */
static uint64_t pace(struct fb_worker *w, uint64_t now, uint64_t next,
		     uint64_t deadline)
{
	uint64_t t = next < deadline ? next : deadline;

	return t > now ? wait_until(w, t) : now;
}

static uint64_t series_due(const struct fb_worker *w)
{
	if (!w->series)
		return UINT64_MAX;
	return w->begin + fb_clock_ticks(w->clock, fb_series_due_ns(w->series));
}

static uint64_t close_interval(struct fb_worker *w, uint64_t now)
{
	fb_series_close(w->series, w->hist, fb_clock_ns(w->clock, now - w->begin));
	return series_due(w);
}

enum stamp { STAMP_PLAIN, STAMP_ORDERED, STAMP_FENCED, STAMP_CALL, STAMP_FENCED_CALL };

static inline __attribute__((always_inline)) uint64_t now(const struct fb_worker *w,
							  enum stamp kind)
{
	if (kind == STAMP_PLAIN)
		return fb_stamp_tsc();
	if (kind == STAMP_ORDERED)
		return fb_stamp_tsc_ordered();
	if (kind == STAMP_FENCED)
		return fb_stamp_tsc_fenced();
	/* For its fence: the clock behind the call need not have one. */
	if (kind == STAMP_FENCED_CALL)
		(void)fb_stamp_tsc_fenced();
	return w->clock->read(w->clock);
}

/*
 * What its stamps wait for: @begin before and between write and flush, @end after
 * what makes durable. A write that no flush follows in this thread claims nothing of
 * the kind: it ends as one that a flush follows.
 */
struct kinds {
	enum stamp begin, end;
};

struct op {
	uint64_t begin, written, flushed;
};

static inline __attribute__((always_inline)) void
record(struct fb_worker *w, const struct fb_clock *clock, struct op op)
{
	fb_hist_record(w->hist[FB_OP_WRITE], fb_clock_ns(clock, op.written - op.begin));
	if (w->flushes)
		fb_hist_record(w->hist[FB_OP_FLUSH],
			       fb_clock_ns(clock, op.flushed - op.written));
	if (w->flushes || w->one_call)
		fb_hist_record(w->hist[FB_OP_COMMIT],
			       fb_clock_ns(clock, op.flushed - op.begin));
}

/* An op may have millions of writes, a batch large ones: after so much of either an
 * interrupt is listened for. */
enum { PIECE = 4096, PIECE_BYTES = 64 << 20 };

/* What no path returns: the op was cut short. */
enum { CUT = 1 };

static bool is_stopped(const struct fb_worker *w)
{
	return atomic_load_explicit(w->stop, memory_order_relaxed);
}

static __attribute__((noinline)) int write_rest(const struct fb_worker *w,
						const struct fb_write *writes)
{
	const uint64_t n = w->cursor->per_op;
	int ret = 0;

	for (uint64_t i = PIECE; !ret && i < n; i++) {
		if (i % PIECE == 0 && is_stopped(w))
			return CUT;
		ret = w->ops->write(w->lane, &writes[i]);
	}
	return ret;
}

static inline __attribute__((always_inline)) bool can_begin(struct fb_worker *w,
							    struct fb_cursor *k)
{
	if (is_stopped(w)) {
		w->ended = FB_ENDED_INTERRUPT;
		return false;
	}
	if (!fb_cursor_advance(k)) {
		w->ended = FB_ENDED_SPACE;
		return false;
	}
	return true;
}

static enum fb_ended failed(int ret)
{
	return ret == CUT ? FB_ENDED_INTERRUPT : FB_ENDED_ERROR;
}

/* Ops of a batch between two looks for an interrupt. */
static uint64_t ops_unheard(const struct fb_cursor *k)
{
	const uint64_t by_writes = PIECE / k->per_op;
	const uint64_t by_bytes = PIECE_BYTES / (k->per_op * k->bs);
	const uint64_t ops = by_writes < by_bytes ? by_writes : by_bytes;

	return ops ? ops : 1;
}

static inline __attribute__((always_inline)) int
do_batch(const struct fb_worker *w, const struct fb_path_ops *ops, uint64_t unheard)
{
	const struct fb_cursor *const k = w->cursor;
	const struct fb_write *writes = k->writes;
	const uint64_t batch = k->batch, per_op = k->per_op;
	const uint64_t n_writes = per_op < PIECE ? per_op : PIECE;
	const bool flushes = w->flushes;
	uint64_t look = unheard;
	int ret = 0;

	for (uint64_t op = 0; !ret && op < batch; op++, writes += per_op) {
		if (op == look) {
			if (is_stopped(w))
				return CUT;
			look += unheard;
		}
		for (uint64_t i = 0; !ret && i < n_writes; i++)
			ret = ops->write(w->lane, &writes[i]);
		if (per_op > PIECE && !ret)
			ret = write_rest(w, writes);
		if (flushes && !ret)
			ret = ops->flush(w->lane, k->spans[op].offset,
					 k->spans[op].length);
	}
	return ret;
}

static void record_batch(struct fb_worker *w, uint64_t ns)
{
	const uint64_t n = w->cursor->batch;
	const uint64_t mean = (ns + n / 2) / n;

	if (!w->flushes)
		fb_hist_record(w->hist[FB_OP_WRITE], mean);
	if (w->flushes || w->one_call)
		fb_hist_record(w->hist[FB_OP_COMMIT], mean);
}

static inline __attribute__((always_inline)) bool ends(struct fb_worker *w, bool over,
						       enum fb_ended how)
{
	if (over)
		w->ended = how;
	return over;
}

/*
 * One body, compiled once for each kind of stamp and once more for batches. Between two
 * stamps stands nothing but the path's call, in a batch the walk through its ops, too;
 * everything that was learnt is written down after the last.
 */
static inline __attribute__((always_inline)) void
loop(struct fb_worker *w, const struct kinds kind, const bool batched)
{
	const struct fb_clock clock = *w->clock;
	const struct fb_path_ops ops = *w->ops;
	struct fb_lane *const lane = w->lane;
	struct fb_cursor *const k = w->cursor;
	const uint64_t n_writes = k->per_op < PIECE ? k->per_op : PIECE;
	const bool more = k->per_op > PIECE;
	const bool flushes = w->flushes;
	const bool fenced_write = kind.end != kind.begin && w->one_call;
	void (*const after_op)(void *ctx) = w->after_op;
	const uint64_t period = w->period, think = w->think;
	const uint64_t limit = w->limit ? w->limit : UINT64_MAX;
	const uint64_t n_ops = batched ? k->batch : 1;
	const uint64_t unheard = batched ? ops_unheard(k) : 0;
	uint64_t done = 0, t0, t1, t2, intended, deadline, due;

	w->begin = intended = t2 = now(w, kind.end);
	deadline = w->span ? w->begin + w->span : UINT64_MAX;
	due = series_due(w);
	while (can_begin(w, k)) {
		int ret = 0;

		if (ops.begin_ops)
			ops.begin_ops(lane, k->writes, k->per_op, n_ops);
		t0 = now(w, kind.begin);
		if (batched)
			ret = do_batch(w, &ops, unheard);
		for (uint64_t i = 0; !batched && !ret && i < n_writes; i++)
			ret = ops.write(lane, &k->writes[i]);
		if (!batched && more && !ret)
			ret = write_rest(w, k->writes);
		t1 = t2 = fenced_write || batched ? now(w, kind.end)
						  : now(w, kind.begin);
		if (!batched && flushes && !ret) {
			ret = ops.flush(lane, k->span.offset, k->span.length);
			t2 = now(w, kind.end);
		}
		if (ends(w, ret, failed(ret)))
			break;
		/* An op belongs to the interval in which it ended. */
		if (t2 >= due)
			due = close_interval(w, t2);
		if (batched)
			record_batch(w, fb_clock_ns(&clock, t2 - t0));
		else
			record(w, &clock, (struct op){period ? intended : t0, t1, t2});
		for (uint64_t i = 0; ops.end_op && i < n_ops; i++)
			ops.end_op(lane);
		if (after_op)
			after_op(w->after_ctx);
		done += n_ops;
		atomic_store_explicit(&w->done, done, memory_order_relaxed);
		if (ends(w, done >= limit, FB_ENDED_OPS))
			break;
		if (!batched && (period || think)) {
			intended += period;
			t2 = pace(w, t2, period ? intended : t2 + think, deadline);
		}
		if (ends(w, t2 >= deadline, FB_ENDED_TIME))
			break;
	}
	w->end = now(w, kind.end);
}

static __attribute__((noinline)) void loop_plain(struct fb_worker *w)
{
	loop(w, (struct kinds){STAMP_PLAIN, STAMP_PLAIN}, false);
}

static __attribute__((noinline)) void loop_ordered(struct fb_worker *w)
{
	loop(w, (struct kinds){STAMP_ORDERED, STAMP_ORDERED}, false);
}

static __attribute__((noinline)) void loop_fenced(struct fb_worker *w)
{
	loop(w, (struct kinds){STAMP_ORDERED, STAMP_FENCED}, false);
}

static __attribute__((noinline)) void loop_call(struct fb_worker *w)
{
	loop(w, (struct kinds){STAMP_CALL, STAMP_CALL}, false);
}

static __attribute__((noinline)) void loop_fenced_call(struct fb_worker *w)
{
	loop(w, (struct kinds){STAMP_CALL, STAMP_FENCED_CALL}, false);
}

/* Only memory is fast enough to need them, so there is one kind: the strictest. */
static __attribute__((noinline)) void loop_batches(struct fb_worker *w)
{
	if (w->clock->tsc)
		loop(w, (struct kinds){STAMP_ORDERED, STAMP_FENCED}, true);
	else
		loop(w, (struct kinds){STAMP_CALL, STAMP_FENCED_CALL}, true);
}

static void run_loop(void *arg)
{
	struct fb_worker *w = arg;
	const bool fenced = w->ops->stamps == FB_STAMPS_FENCED;

	atomic_store_explicit(&w->done, 0, memory_order_relaxed);
	if (w->cursor->batch > 1)
		loop_batches(w);
	else if (!w->clock->tsc)
		fenced ? loop_fenced_call(w) : loop_call(w);
	else if (fenced)
		loop_fenced(w);
	else if (w->ops->stamps == FB_STAMPS_ORDERED)
		loop_ordered(w);
	else
		loop_plain(w);
}

void fb_worker_run(struct fb_worker *w)
{
	if (!w->ops->guard) {
		run_loop(w);
	} else if (w->ops->guard(w->lane, run_loop, w)) {
		w->ended = FB_ENDED_ERROR;
		w->end = fb_clock_now(w->clock);
	}
}
