#include "bench/progress.h"

#include "base/units.h"
#include "bench/host.h"

#include <stdio.h>
#include <string.h>

/* A pace that says more than this says nothing. */
#define LEFT_MAX_S 1e12

static double case_seconds(const struct fb_case *c)
{
	/* A case ended by count has no time of its own: take the usual one. */
	return (double)(c->runtime_ns ? c->runtime_ns + c->ramp_time_ns : 6000000000u) /
	       1e9;
}

void progress_begin(struct progress *p, const struct fb_plan *plan,
		    const struct fb_clock *clock)
{
	*p = (struct progress){.plan = plan, .clock = clock};
	for (size_t i = 0; i < plan->n_cases; i++)
		p->total += (double)plan->cases[i].reps * case_seconds(&plan->cases[i]);
	p->on = bench_is_terminal(2);
	p->begin = fb_clock_now(clock);
}

/* Preparing takes time as well, so the plan's seconds are scaled by what went by. */
static double seconds_left(struct progress *p, double within)
{
	double planned, left, gone;

	for (; p->counted < p->step; p->counted++)
		p->gone +=
			case_seconds(&p->plan->cases[p->plan->steps[p->counted].index]);
	gone = (double)fb_clock_ns(p->clock, fb_clock_now(p->clock) - p->begin) / 1e9;
	planned = p->gone + within;
	left = p->total > planned ? p->total - planned : 0;
	if (p->step && gone > planned)
		left *= gone / planned;
	return left < LEFT_MAX_S ? left : LEFT_MAX_S;
}

void progress_clear(struct progress *p)
{
	if (p->shown)
		fprintf(stderr, "\r%*s\r", p->shown, "");
	p->shown = 0;
}

/* What the case is gives way to how far it is. */
static int print_line(const char *head, const char *what, const char *tail)
{
	int width = bench_width() - 1;
	int room = width - (int)(strlen(head) + strlen(tail));
	char line[256];
	int n = snprintf(line, sizeof(line), "%s%.*s%s", head, room > 0 ? room : 0,
			 what, tail);

	if (n > (int)sizeof(line) - 1)
		n = (int)sizeof(line) - 1;
	n = n < width ? n : width;
	fprintf(stderr, "\r%.*s", n, line);
	return n;
}

void progress_show(struct progress *p, const struct fb_run_progress *now)
{
	const struct fb_step *s = &p->plan->steps[p->step];
	const struct fb_case *c = &p->plan->cases[s->index];
	char what[128], head[64], tail[128], rate[FB_FORMAT_LEN] = "";
	char left[FB_FORMAT_LEN];
	int n;

	if (!p->on)
		return;
	fb_plan_describe(c, what, sizeof(what));
	if (now && now->elapsed_s > 0)
		fb_format_rate(rate, (double)now->ops / now->elapsed_s);
	fb_format_span(left, seconds_left(p, now && !now->ramp ? now->elapsed_s : 0));
	snprintf(head, sizeof(head), "[%zu/%zu] ", p->step + 1, p->plan->n_steps);
	snprintf(tail, sizeof(tail), " rep %u/%u  %s%s  %s left", s->rep,
		 (unsigned)c->reps,
		 !now        ? "preparing"
		 : now->ramp ? "ramp"
			     : rate,
		 now && !now->ramp ? " ops/s" : "", left);
	n = print_line(head, what, tail);
	fprintf(stderr, "%*s", p->shown > n ? p->shown - n : 0, "");
	p->shown = n;
	fflush(stderr);
}
