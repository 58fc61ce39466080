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

enum stamp { STAMP_PLAIN, STAMP_ORDERED, STAMP_CALL };

static inline __attribute__((always_inline)) uint64_t now(const struct fb_worker *w,
							  enum stamp kind)
{
	if (kind == STAMP_PLAIN)
		return fb_stamp_tsc();
	if (kind == STAMP_ORDERED)
		return fb_stamp_tsc_ordered();
	return w->clock->read(w->clock);
}

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

/* An op may have millions of writes: so often an interrupt is listened for in it. */
enum { PIECE = 4096 };

/* What no path returns: the op was cut short. */
enum { CUT = 1 };

static __attribute__((noinline)) int write_rest(const struct fb_worker *w)
{
	const struct fb_cursor *k = w->cursor;
	int ret = 0;

	for (uint64_t i = PIECE; !ret && i < k->per_op; i++) {
		if (i % PIECE == 0 &&
		    atomic_load_explicit(w->stop, memory_order_relaxed))
			return CUT;
		ret = w->ops->write(w->lane, &k->writes[i]);
	}
	return ret;
}

static inline __attribute__((always_inline)) bool can_begin(struct fb_worker *w,
							    struct fb_cursor *k)
{
	if (atomic_load_explicit(w->stop, memory_order_relaxed)) {
		w->ended = FB_ENDED_INTERRUPT;
		return false;
	}
	if (!fb_cursor_advance(k)) {
		w->ended = FB_ENDED_SPACE;
		return false;
	}
	return true;
}

/*
 * One body, compiled once for each kind of stamp. Between two stamps stands nothing
 * but the path's call; everything that was learnt is written down after the last.
 */
static inline __attribute__((always_inline)) void loop(struct fb_worker *w,
						       const enum stamp kind)
{
	const struct fb_clock clock = *w->clock;
	const struct fb_path_ops ops = *w->ops;
	struct fb_lane *const lane = w->lane;
	struct fb_cursor *const k = w->cursor;
	const uint64_t n_writes = k->per_op < PIECE ? k->per_op : PIECE;
	const bool more = k->per_op > PIECE;
	const bool flushes = w->flushes;
	const uint64_t period = w->period, think = w->think;
	const uint64_t limit = w->limit ? w->limit : UINT64_MAX;
	uint64_t done = 0, t0, t1, t2, intended, deadline, due;

	atomic_store_explicit(&w->done, 0, memory_order_relaxed);
	w->begin = intended = t2 = now(w, kind);
	deadline = w->span ? w->begin + w->span : UINT64_MAX;
	due = series_due(w);
	while (can_begin(w, k)) {
		int ret = 0;

		t0 = now(w, kind);
		for (uint64_t i = 0; !ret && i < n_writes; i++)
			ret = ops.write(lane, &k->writes[i]);
		if (more && !ret)
			ret = write_rest(w);
		t1 = t2 = now(w, kind);
		if (flushes && !ret) {
			ret = ops.flush(lane, k->offset, k->length);
			t2 = now(w, kind);
		}
		if (ret) {
			w->ended = ret == CUT ? FB_ENDED_INTERRUPT : FB_ENDED_ERROR;
			break;
		}
		/* An op belongs to the interval in which it ended. */
		if (t2 >= due)
			due = close_interval(w, t2);
		record(w, &clock, (struct op){period ? intended : t0, t1, t2});
		if (ops.end_op)
			ops.end_op(lane);
		done++;
		atomic_store_explicit(&w->done, done, memory_order_relaxed);
		if (done >= limit) {
			w->ended = FB_ENDED_OPS;
			break;
		}
		if (period || think) {
			intended += period;
			t2 = pace(w, t2, period ? intended : t2 + think, deadline);
		}
		if (t2 >= deadline) {
			w->ended = FB_ENDED_TIME;
			break;
		}
	}
	w->end = now(w, kind);
}

static __attribute__((noinline)) void loop_plain(struct fb_worker *w)
{
	loop(w, STAMP_PLAIN);
}

static __attribute__((noinline)) void loop_ordered(struct fb_worker *w)
{
	loop(w, STAMP_ORDERED);
}

static __attribute__((noinline)) void loop_call(struct fb_worker *w)
{
	loop(w, STAMP_CALL);
}

void fb_worker_run(struct fb_worker *w)
{
	if (!w->clock->tsc)
		loop_call(w);
	else if (w->ops->ordered_stamps)
		loop_ordered(w);
	else
		loop_plain(w);
}
