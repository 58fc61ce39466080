/*
 * worker.h - the timed loop of one thread
 */
#ifndef FB_RUN_WORKER_H
#define FB_RUN_WORKER_H

#include "base/clock.h"
#include "path/path.h"
#include "plan/result.h"
#include "run/cursor.h"
#include "stats/hist.h"
#include "stats/series.h"

#include <stdatomic.h>
#include <stdbool.h>

/*
 * struct fb_worker - one thread's state
 *
 * Set before fb_worker_run: @clock, @ops, @lane, @cursor, @stop, @hist, @series
 * (NULL: none), and
 * @flushes:   this thread flushes, by a call of its own
 * @one_call:  the mode's write is its flush, so a commit is a write
 * @limit:     ops to do, a multiple of the cursor's batch; 0: no limit
 * @span:      ticks to run, 0: no limit
 * @period:    ticks between intended starts, 0: closed loop
 * @think:     ticks of pause after an op; a batch has neither
 * @after_op:  called with @after_ctx behind the last stamp and record of each op; NULL:
 *             nothing
 *
 * Set by it: @done (also while it runs, for who watches), @begin and @end (stamps),
 * @ended; on FB_ENDED_ERROR lane->err tells.
 */
struct fb_worker {
	const struct fb_clock *clock;
	const struct fb_path_ops *ops;
	struct fb_lane *lane;
	struct fb_cursor *cursor;
	const atomic_bool *stop;
	bool flushes;
	bool one_call;
	uint64_t limit;
	uint64_t span;
	uint64_t period;
	uint64_t think;
	void (*after_op)(void *ctx);
	void *after_ctx;
	struct fb_hist *hist[FB_OP_COUNT];
	struct fb_series *series;
	_Atomic uint64_t done;
	uint64_t begin;
	uint64_t end;
	enum fb_ended ended;
};

/*
 * fb_worker_run - do ops until one of the ends is reached
 *
 * May be called again, for the ramp and then for the measured part. Write latency
 * is that of the whole phase, commit that of write and flush; in an open loop both
 * count from the intended start. The failed op of an error is no sample, nor is one
 * that @stop cut short, which is heard every 4096 writes of an op.
 *
 * With a batch of ops (the cursor's) all are timed together and counted together: the
 * sample is their mean, rounded, a commit; a write also or only where the write is the
 * flush or nothing is flushed. A batch that fails or is cut short is not counted.
 *
 * Where the path guards its writes a fault in one ends the loop as an error.
 */
void fb_worker_run(struct fb_worker *w);

#endif
