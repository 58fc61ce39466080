#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/worker_rig.h"

#include <errno.h>
#include <string.h>

struct worker_rig worker;

static uint64_t read_now(const struct fb_clock *c)
{
	(void)c;
	return worker.now;
}

static void sleep_until(const struct fb_clock *c, uint64_t t)
{
	(void)c;
	if (t > worker.now)
		worker.now = t;
}

static const struct fb_clock fake_clock = {
	.mult = UINT64_C(1) << 32, .read = read_now, .sleep_until = sleep_until};

int worker_rig_write(struct fb_lane *l, const struct fb_write *w)
{
	(void)w;
	worker.now += worker.write_ns;
	if (++worker.writes == worker.stop_at)
		atomic_store(&worker.interrupt, true);
	if (worker.writes == worker.fail_write_at)
		return fb_err_set(&l->err, -EIO, "made to fail");
	return 0;
}

int worker_rig_flush(struct fb_lane *l, uint64_t offset, uint64_t length)
{
	(void)offset;
	(void)length;
	worker.now += worker.flush_ns;
	if (++worker.flushes == worker.fail_flush_at)
		return fb_err_set(&l->err, -EIO, "made to fail");
	return 0;
}

void worker_rig_end_op(struct fb_lane *l)
{
	(void)l;
	worker.ended++;
	worker.now += 1000;
}

void worker_rig_make(const struct fb_path_ops *ops, struct fb_case c)
{
	memset(&worker, 0, sizeof(worker));
	worker.write_ns = 100;
	worker.flush_ns = 1000;
	worker.c = c;
	worker.w = (struct fb_worker){.clock = &fake_clock,
				      .ops = ops,
				      .lane = &worker.lane,
				      .cursor = &worker.cursor,
				      .stop = &worker.interrupt,
				      .flushes = true};
	for (int i = 0; i < FB_OP_COUNT; i++)
		worker.w.hist[i] = &worker.hist[i];
}

int worker_rig_leave(void **state)
{
	(void)state;
	fb_series_free(worker.w.series);
	worker.w.series = NULL;
	fb_cursor_free(&worker.cursor);
	return 0;
}

void worker_rig_go(void)
{
	for (int i = 0; i < FB_OP_COUNT; i++)
		fb_hist_reset(&worker.hist[i]);
	fb_cursor_free(&worker.cursor);
	assert_int_equal(fb_cursor_init(&worker.cursor, &worker.c, 0, NULL), 0);
	fb_worker_run(&worker.w);
}
