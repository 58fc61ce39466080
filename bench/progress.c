#include "bench/progress.h"

#include "base/units.h"
#include "bench/host.h"

#include <stdio.h>
#include <string.h>

void progress_begin(struct progress *p, const struct fb_plan *plan,
		    const struct fb_clock *clock)
{
	*p = (struct progress){.plan = plan, .clock = clock};
	p->on = bench_is_terminal(2);
	p->begin = fb_clock_now(clock);
}

static double step_seconds(const struct fb_plan *plan, size_t i)
{
	const struct fb_case *c = &plan->cases[plan->steps[i].index];

	/* A case ended by count has no time of its own: take the usual one. */
	return (double)(c->runtime_ns ? c->runtime_ns + c->ramp_time_ns : 6000000000u) /
	       1e9;
}

/* Preparing takes time as well, so the plan's seconds are scaled by what went by. */
static double seconds_left(const struct progress *p, double within)
{
	double planned = 0, left = 0, gone;

	for (size_t i = 0; i < p->plan->n_steps; i++) {
		if (i < p->step)
			planned += step_seconds(p->plan, i);
		else
			left += step_seconds(p->plan, i);
	}
	gone = (double)fb_clock_ns(p->clock, fb_clock_now(p->clock) - p->begin) / 1e9;
	planned += within;
	left -= within < left ? within : left;
	if (p->step && gone > planned)
		left *= gone / planned;
	return left;
}

void progress_clear(struct progress *p)
{
	if (p->shown)
		fprintf(stderr, "\r%*s\r", p->shown, "");
	p->shown = 0;
}

void progress_show(struct progress *p, const struct fb_run_progress *now)
{
	const struct fb_step *s = &p->plan->steps[p->step];
	const struct fb_case *c = &p->plan->cases[s->index];
	char what[64], rate[FB_FORMAT_LEN] = "", line[256];
	int left, n;

	if (!p->on)
		return;
	fb_plan_describe(c, what, sizeof(what));
	if (now && now->elapsed_s > 0)
		fb_format_rate(rate, (double)now->ops / now->elapsed_s);
	left = (int)(seconds_left(p, now && !now->ramp ? now->elapsed_s : 0) + 0.5);
	n = snprintf(line, sizeof(line), "[%zu/%zu] %s rep %u/%u  %s%s  %d:%02d left",
		     p->step + 1, p->plan->n_steps, what, s->rep, (unsigned)c->reps,
		     !now        ? "preparing"
		     : now->ramp ? "ramp"
				 : rate,
		     now && !now->ramp ? " ops/s" : "", left / 60, left % 60);
	if (n > bench_width() - 1)
		n = bench_width() - 1;
	fprintf(stderr, "\r%.*s%*s", n, line, p->shown > n ? p->shown - n : 0, "");
	p->shown = n;
	fflush(stderr);
}
