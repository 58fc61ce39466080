/*
 * preface.h - what a run writes and tells before its first case, and the drives' own
 * counters before and after
 */
#ifndef FB_BENCH_PREFACE_H
#define FB_BENCH_PREFACE_H

#include "base/clock.h"
#include "bench/place.h"
#include "plan/plan.h"
#include "report/run_dir.h"

/* struct preface - of which run */
struct preface {
	struct fb_run_dir *dir;
	const struct fb_plan *plan;
	const struct place *place;
	const struct fb_clock *clock;
	const char *command;
};

/*
 * preface_write - facts into system.csv, warnings into warnings.csv and to stderr
 *
 * A warning is told whole, so that there is time to think again; notes are named in one
 * line. 0 or a negative errno.
 */
int preface_write(const struct preface *p, struct fb_err *err);

/*
 * preface_media - what the drives say they have written, as facts that end in @when:
 * "begin", "end"
 *
 * Nothing where they do not tell. 0 or a negative errno.
 */
int preface_media(const struct preface *p, const char *when, struct fb_err *err);

#endif
