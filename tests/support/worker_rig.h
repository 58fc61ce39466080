/*
 * worker_rig.h - the driver of a thread in a world where time passes only as a test
 * says
 *
 * Include it after cmocka.h.
 */
#ifndef FB_TESTS_SUPPORT_WORKER_RIG_H
#define FB_TESTS_SUPPORT_WORKER_RIG_H

#include "run/worker.h"

/*
 * worker - what a test took: worker_rig_leave gives it back
 * @now: the time in ns; @write_ns, @flush_ns: what a call of the path takes
 * @stop_at, @fail_write_at, @fail_flush_at: the write in which somebody interrupts, the
 *     calls that fail; they count from 1, and 0 is none
 * @writes, @flushes, @ended: calls that were made
 * @w: all set but for its end: limit, span or series
 */
extern struct worker_rig {
	uint64_t now;
	uint64_t write_ns, flush_ns;
	uint64_t stop_at, fail_write_at, fail_flush_at;
	uint64_t writes, flushes, ended;
	atomic_bool interrupt;
	struct fb_case c;
	struct fb_lane lane;
	struct fb_cursor cursor;
	struct fb_hist hist[FB_OP_COUNT];
	struct fb_worker w;
} worker;

/*
 * worker_rig_write, worker_rig_flush, worker_rig_end_op - of a path that keeps nothing
 *
 * For a test's @ops, or to be called by what stands there. A write takes 100 ns, a
 * flush 1000; 1000 more pass after the last stamp and must show up nowhere.
 */
int worker_rig_write(struct fb_lane *l, const struct fb_write *w);
int worker_rig_flush(struct fb_lane *l, uint64_t offset, uint64_t length);
void worker_rig_end_op(struct fb_lane *l);

/* worker_rig_make - for a test's setup: a thread that flushes and runs @c on @ops */
void worker_rig_make(const struct fb_path_ops *ops, struct fb_case c);

/* worker_rig_leave - a test's teardown */
int worker_rig_leave(void **state);

/* worker_rig_go - run the case from its beginning, into empty histograms */
void worker_rig_go(void);

#endif
