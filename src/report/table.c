#include "report/table.h"

#include "report/table_layout.h"
#include "report/table_requests.h"
#include "report/table_text.h"
#include "report/table_warnings.h"
#include "report/trace_cost.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { WIDTH_LEAST = 60, INDENT = 2 };

/* How to print: where, how wide, with colours or not. */
struct style {
	FILE *out;
	int width;
	bool colour;
};

static void print_title(const struct style *s, const struct fb_cases *m, bool complete)
{
	char text[512], reps[FB_CASES_TEXT];

	fb_cases_reps(m, reps);
	snprintf(text, sizeof(text), "%.200s: %zu %s, %s%s",
		 fb_cases_field(m, &m->cases[0], "run_id"), m->n,
		 m->n == 1 ? "case" : "cases", reps,
		 complete ? "" : "; incomplete, the run did not come to its end");
	fb_text_wrap(s->out, text, s->width, INDENT, "");
}

/* The first value a case has; "" when none has one. */
static void value_of(const struct fb_cases *m, const struct fb_param *p,
		     char out[FB_CASES_TEXT])
{
	*out = '\0';
	for (size_t i = 0; i < m->n && !*out; i++)
		fb_cases_value(m, &m->cases[i], p, out);
}

static void print_constants(const struct style *s, const struct fb_cases *m)
{
	char text[8192] = "", value[FB_CASES_TEXT];
	size_t len = 0;

	for (size_t i = 0; i < fb_params_count; i++) {
		const struct fb_param *p = &fb_params[i];

		if (fb_cases_param_kind(m, p) != FB_PARAM_CONSTANT)
			continue;
		value_of(m, p, value);
		if (fb_param_is_silent(p, value))
			continue;
		if (*value && len + strlen(p->name) + strlen(value) + 3 < sizeof(text))
			len += (size_t)snprintf(text + len, sizeof(text) - len,
						"%s%s=%s", len ? " " : "", p->name,
						value);
	}
	if (len)
		fb_text_wrap(s->out, text, s->width, INDENT, s->colour ? FB_DIM : "");
}

static bool knows_amplification(const struct fb_cases_row *c)
{
	return !c->failed && (!isnan(c->figure[FB_FIGURE_WRITE_AMP]) ||
			      !isnan(c->figure[FB_FIGURE_FLUSH_AMP]));
}

/* Other figures of the same row are of other repetitions. */
static int print_traced(const struct style *s, const struct fb_cases *m,
			struct fb_err *err)
{
	char text[384], of[64] = "", dearer[FB_TRACE_COST_TEXT];
	size_t traced = 0;
	double cost;
	int ret = fb_trace_cost_median(m->t, &cost, err);

	for (size_t i = 0; i < m->n; i++)
		traced += m->cases[i].traced && knows_amplification(&m->cases[i]);
	if (ret || !traced)
		return ret;
	if (traced < m->n)
		snprintf(of, sizeof(of), " of %zu of %zu cases", traced, m->n);
	fb_trace_cost_say(cost, dearer);
	snprintf(text, sizeof(text),
		 "write amp and flush amp%s are of a traced repetition, the other "
		 "figures of those that were not%s%s",
		 of, *dearer ? "; " : "", dearer);
	fputc('\n', s->out);
	fb_text_wrap(s->out, text, s->width, INDENT, s->colour ? FB_DIM : "");
	return 0;
}

int fb_table_print(FILE *out, const struct fb_run *r, int width, int colour,
		   struct fb_err *err)
{
	struct style s = {out, width < WIDTH_LEAST ? WIDTH_LEAST : width, colour != 0};
	const struct fb_requests_table to = {out, s.width, s.colour};
	struct fb_cases m;
	int ret = fb_cases_make(&m, r->table[FB_RUN_SUMMARY], err);

	if (ret)
		return ret;
	if (m.n) {
		print_title(&s, &m, r->complete);
		print_constants(&s, &m);
		fputc('\n', out);
		fb_table_layout_print(&m, out, s.width, s.colour);
		ret = print_traced(&s, &m, err);
		if (!ret)
			ret = fb_table_requests_print(&to, r, &m, err);
	} else {
		fputs("no repetition was finished\n", out);
	}
	if (!ret)
		fb_table_warnings_print(out, r->table[FB_RUN_WARNINGS], s.width,
					s.colour);
	fb_cases_free(&m);
	return ret;
}
