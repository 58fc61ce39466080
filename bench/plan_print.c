#include "bench/plan_print.h"

#include "base/text.h"
#include "base/units.h"
#include "bench/host.h"
#include "path/path.h"
#include "report/table_text.h"

#include <math.h>
#include <string.h>

void plan_print_left_out(FILE *out, const struct fb_plan *plan)
{
	int width = bench_columns(fileno(out));
	char text[768];

	for (size_t i = 0; i < plan->n_left_out; i++) {
		const struct fb_left_out *l = &plan->left_out[i];

		snprintf(text, sizeof(text), "left out: %s", l->reason);
		fb_text_wrap(out, text, width, 2, "");
		snprintf(text, sizeof(text), "  %zu %s, as %s", l->count,
			 l->count == 1 ? "case" : "cases", l->example);
		fb_text_wrap(out, text, width, 4, "");
	}
}

enum { CASE_INDENT = 8 };

/* Named where there are several: two jobs may differ in nothing else. */
static void print_job(const struct fb_plan *plan, size_t i)
{
	const struct fb_case *c = &plan->cases[i];
	const struct fb_case *last = &plan->cases[plan->n_cases - 1];
	struct fb_line line;

	if (plan->cases[0].job == last->job || (i && c->job == c[-1].job))
		return;
	snprintf(line.text, sizeof(line.text), "[%s]", c->job);
	fb_line_print(&line, stdout, "");
}

/* How wide each parameter that differs is, and is there room for all of them? */
static bool align(const struct fb_plan *plan, uint64_t differing,
		  int widths[FB_PARAMS_MAX])
{
	int all = CASE_INDENT;

	for (size_t p = 0; p < fb_params_count; p++) {
		widths[p] = 0;
		for (size_t i = 0; differing >> p & 1 && i < plan->n_cases; i++) {
			char word[160];

			fb_plan_describe_some(&plan->cases[i], UINT64_C(1) << p, word,
					      sizeof(word));
			widths[p] = (int)strlen(word) > widths[p] ? (int)strlen(word)
								  : widths[p];
		}
		all += widths[p] ? widths[p] + 1 : 0;
	}
	return all - 1 <= bench_width();
}

static void print_aligned(const struct fb_case *c, uint64_t differing,
			  const int widths[FB_PARAMS_MAX])
{
	struct fb_line line = {.text = ""};
	char word[160];

	snprintf(word, sizeof(word), "%6u ", c->case_id);
	fb_line_add(&line, 0, word);
	for (size_t p = 0; p < fb_params_count; p++) {
		if (!widths[p])
			continue;
		fb_plan_describe_some(c, differing & UINT64_C(1) << p, word,
				      sizeof(word));
		fb_line_add(&line, 1, "");
		fb_line_add(&line, -widths[p], word);
	}
	fb_line_print(&line, stdout, "");
}

static void print_cases(const struct fb_plan *plan)
{
	uint64_t differing = fb_plan_differing(plan);
	int widths[FB_PARAMS_MAX];
	bool aligned = align(plan, differing, widths);
	char text[1024], what[1000];

	for (size_t i = 0; i < plan->n_cases; i++) {
		const struct fb_case *c = &plan->cases[i];

		print_job(plan, i);
		if (aligned) {
			print_aligned(c, differing, widths);
			continue;
		}
		fb_plan_describe_some(c, differing, what, sizeof(what));
		snprintf(text, sizeof(text), "%6u  %s", c->case_id, what);
		fb_text_wrap(stdout, text, bench_width(), CASE_INDENT - 1, "");
	}
}

static void print_common(const struct fb_plan *plan)
{
	char what[1000], text[1024];

	fb_plan_describe_common(plan, what, sizeof(what));
	snprintf(text, sizeof(text), "%s %s", plan->n_cases > 1 ? "all with" : "with",
		 what);
	if (*what)
		fb_text_wrap(stdout, text, bench_width(), 2, "");
}

static void print_duration(const struct fb_plan *plan)
{
	double seconds = fb_plan_seconds(plan), prepared = 0;
	char size[FB_FORMAT_LEN], span[FB_FORMAT_LEN], text[256];
	int at;

	for (size_t i = 0; i < plan->n_cases; i++) {
		const struct fb_case *c = &plan->cases[i];

		if (c->path != FB_PATH_NULL && c->prepare == FB_PREPARE_WRITTEN &&
		    c->pattern != FB_PATTERN_CREATE)
			prepared += (double)fb_path_disk_bytes(c) *
				    (double)fb_case_reps(c);
	}
	at = snprintf(text, sizeof(text), "expected duration: %s",
		      isnan(seconds) ? "not known, for some cases end by count"
				     : fb_format_span(span, seconds));
	if (prepared > 0)
		snprintf(text + at, sizeof(text) - (size_t)at,
			 ", and the time to write %s of targets",
			 fb_format_bytes(size, prepared));
	fb_text_wrap(stdout, text, bench_width(), 2, "");
}

static size_t count_traced(const struct fb_plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n_steps; i++)
		n += fb_case_is_traced(&plan->cases[plan->steps[i].index],
				       plan->steps[i].rep);
	return n;
}

void plan_print(const struct fb_plan *plan, const char *where)
{
	const size_t traced = count_traced(plan);
	char target[4096], some[48] = "";

	snprintf(target, sizeof(target), "%s", where);
	if (traced)
		snprintf(some, sizeof(some), " (%zu of them traced)", traced);
	printf("%zu case%s, %zu repetition%s%s, in %s\n", plan->n_cases,
	       plan->n_cases == 1 ? "" : "s", plan->n_steps,
	       plan->n_steps == 1 ? "" : "s", some, fb_text_disarm(target));
	print_common(plan);
	print_cases(plan);
	plan_print_left_out(stdout, plan);
	print_duration(plan);
}
