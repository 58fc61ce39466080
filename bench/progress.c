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
		p->total += (double)fb_case_reps(&plan->cases[i]) *
			    case_seconds(&plan->cases[i]);
	p->on = bench_is_terminal(2);
	p->erases = bench_is_ansi(2);
	p->differing = fb_plan_differing(plan);
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

/*
 * The cursor stays at the line's begin: a terminal made narrower folds what is shown,
 * and all of it lies behind the cursor.
 */
static void take_away(struct progress *p, int width)
{
	if (p->erases && p->shown && width != p->width)
		fputs("\033[J", stderr);
	else if (p->shown)
		fprintf(stderr, "%*s\r", p->shown < width ? p->shown : width - 1, "");
	p->shown = 0;
	p->width = width;
}

void progress_clear(struct progress *p)
{
	if (p->on)
		take_away(p, bench_columns(2));
	fflush(stderr);
}

/* At a word's end; the mode tells more than the path, which goes before it. */
static void shorten(char *what, size_t room)
{
	while (strlen(what) > room) {
		char *first = strchr(what, ' '), *last = strrchr(what, ' ');

		if (!first)
			*what = '\0';
		else if (first == last)
			memmove(what, first + 1, strlen(first));
		else
			*last = '\0';
	}
}

/* What a line is made of. */
struct parts {
	char left[FB_FORMAT_LEN + 8];
	char pace[FB_FORMAT_LEN + 8];
	char step[64];
	char rep[32];
	char what[256];
};

static void fill_parts(struct parts *t, struct progress *p,
		       const struct fb_run_progress *now)
{
	const struct fb_step *s = &p->plan->steps[p->step];
	const struct fb_case *c = &p->plan->cases[s->index];
	double within = now && !now->ramp ? now->elapsed_s : 0;
	char text[FB_FORMAT_LEN];

	snprintf(t->left, sizeof(t->left), "%s left",
		 fb_format_span(text, seconds_left(p, within)));
	snprintf(t->pace, sizeof(t->pace), "%s", now ? "ramp" : "preparing");
	if (now && !now->ramp)
		snprintf(t->pace, sizeof(t->pace), "%s ops/s",
			 now->elapsed_s > 0
				 ? fb_format_rate(text,
						  (double)now->ops / now->elapsed_s)
				 : "-");
	snprintf(t->step, sizeof(t->step), "[%zu/%zu]", p->step + 1, p->plan->n_steps);
	snprintf(t->rep, sizeof(t->rep), "rep %u/%u%s", s->rep,
		 (unsigned)fb_case_reps(c),
		 fb_case_is_traced(c, s->rep) ? ", traced" : "");
	fb_plan_describe_some(c, p->differing, t->what, sizeof(t->what));
}

static void join_parts(const struct parts *t, char *out, size_t room)
{
	const struct {
		const char *before, *text;
	} list[] = {{"", t->step},
		    {" ", t->what},
		    {" ", t->rep},
		    {"  ", t->pace},
		    {"  ", t->left}};
	size_t at = 0;

	*out = '\0';
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]) && at < room; i++)
		if (*list[i].text)
			at += (size_t)snprintf(out + at, room - at, "%s%s",
					       at ? list[i].before : "", list[i].text);
}

/* Into @room - 1 columns: what the case is gives way to how far it is. */
static void fit_parts(struct parts *t, char *out, size_t room)
{
	char *const goes[] = {t->rep, t->step, t->pace};
	char what[sizeof(t->what)], line[512];
	size_t len, i = 0;

	memcpy(what, t->what, sizeof(what));
	t->what[0] = '\0';
	join_parts(t, line, sizeof(line));
	while ((len = strlen(line)) >= room && i < 3) {
		*goes[i++] = '\0';
		join_parts(t, line, sizeof(line));
	}
	shorten(what, len + 2 < room ? room - len - 2 : 0);
	memcpy(t->what, what, sizeof(what));
	join_parts(t, out, room);
}

void progress_show(struct progress *p, const struct fb_run_progress *now)
{
	int width = bench_columns(2), len;
	struct parts parts;
	char line[512];

	if (!p->on)
		return;
	fill_parts(&parts, p, now);
	fit_parts(&parts, line,
		  width < (int)sizeof(line) ? (size_t)width : sizeof(line));
	if (width != p->width)
		take_away(p, width);
	len = (int)strlen(line);
	fprintf(stderr, "\r%s%*s\r", line, p->shown > len ? p->shown - len : 0, "");
	p->shown = len;
	fflush(stderr);
}
