/*
 * progress.h - one line on a terminal that says how far a run is
 */
#ifndef FB_BENCH_PROGRESS_H
#define FB_BENCH_PROGRESS_H

#include "plan/plan.h"
#include "run/run.h"

#include <stdbool.h>

/*
 * struct progress - nothing is printed unless stderr is a terminal
 * @erases:    that understands ANSI sequences
 * @step:      index of the step under way
 * @total:     seconds of the whole plan, @gone those of the steps before @counted
 * @differing: parameters that tell the cases apart
 * @shown:     characters on the line, put there when it was @width wide
 */
struct progress {
	const struct fb_plan *plan;
	const struct fb_clock *clock;
	bool on;
	bool erases;
	size_t step;
	size_t counted;
	double total;
	double gone;
	uint64_t begin;
	uint64_t differing;
	int shown;
	int width;
};

void progress_begin(struct progress *p, const struct fb_plan *plan,
		    const struct fb_clock *clock);

/*
 * progress_show - redraw; @now may be NULL while a target is prepared
 *
 * One line of the terminal, however narrow. What has no room is left out: what the
 * case is, from its end, then the repetition, the step, the pace; never the time left.
 */
void progress_show(struct progress *p, const struct fb_run_progress *now);

/* progress_clear - take the line away, before anything else is printed */
void progress_clear(struct progress *p);

#endif
