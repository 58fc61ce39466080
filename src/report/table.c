#include "report/table.h"

#include "report/table_layout.h"
#include "report/table_text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
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

/* Columns of warnings.csv. */
struct warnings {
	const struct fb_csv_table *t;
	int id, severity, text, evidence;
};

/* Few samples above a percentile that the table does not show are of no concern to
 * its reader; nearly every run has some. */
static bool concerns_table(const struct warnings *w, size_t row)
{
	const char *evidence = fb_csv_get(w->t, row, w->evidence);

	return strcmp(fb_csv_get(w->t, row, w->id), "low_n") != 0 ||
	       strstr(evidence, " p50 (") || strstr(evidence, " p99 (");
}

/* One id may have several reasons. */
static bool says_the_same(const struct warnings *w, size_t a, size_t b)
{
	return !strcmp(fb_csv_get(w->t, a, w->id), fb_csv_get(w->t, b, w->id)) &&
	       !strcmp(fb_csv_get(w->t, a, w->text), fb_csv_get(w->t, b, w->text));
}

static bool said_before(const struct warnings *w, size_t row)
{
	for (size_t i = 0; i < row; i++)
		if (says_the_same(w, i, row) && concerns_table(w, i))
			return true;
	return false;
}

static void print_warning(const struct style *s, const struct warnings *w, size_t row)
{
	const char *id = fb_csv_get(w->t, row, w->id);
	const char *severity = fb_csv_get(w->t, row, w->severity);
	bool grave = strcmp(severity, "note") != 0;
	size_t count = 0;
	char text[1024], times[32];

	for (size_t i = row; i < fb_csv_rows(w->t); i++)
		count += says_the_same(w, i, row) && concerns_table(w, i);
	snprintf(times, sizeof(times), " (%zu times)", count);
	snprintf(text, sizeof(text), "%.40s: %.80s%s: %.800s", severity, id,
		 count > 1 ? times : "", fb_csv_get(w->t, row, w->text));
	fb_text_wrap(s->out, text, s->width, INDENT,
		     s->colour && grave ? FB_YELLOW : "");
}

/* Warnings first, then notes, each where it first came. */
static void print_warnings(const struct style *s, const struct fb_csv_table *t)
{
	struct warnings w = {t, -1, -1, -1, -1};
	size_t shown = 0;

	if (!t || !fb_csv_rows(t))
		return;
	w.id = fb_csv_find(t, "id");
	w.severity = fb_csv_find(t, "severity");
	w.text = fb_csv_find(t, "text");
	w.evidence = fb_csv_find(t, "evidence");
	for (int notes = 0; notes < 2; notes++) {
		for (size_t row = 0; row < fb_csv_rows(t); row++) {
			const char *severity = fb_csv_get(t, row, w.severity);
			int note = strcmp(severity, "note") == 0;

			if (note != notes || !concerns_table(&w, row) ||
			    said_before(&w, row))
				continue;
			if (!shown++)
				fputc('\n', s->out);
			print_warning(s, &w, row);
		}
	}
}

int fb_table_print(FILE *out, const struct fb_run *r, int width, int colour,
		   struct fb_err *err)
{
	struct style s = {out, width < WIDTH_LEAST ? WIDTH_LEAST : width, colour != 0};
	struct fb_cases m;
	int ret = fb_cases_make(&m, r->table[FB_RUN_SUMMARY], err);

	if (ret)
		return ret;
	if (m.n) {
		print_title(&s, &m, r->complete);
		print_constants(&s, &m);
		fputc('\n', out);
		fb_table_layout_print(&m, out, s.width, s.colour);
	} else {
		fputs("no repetition was finished\n", out);
	}
	print_warnings(&s, r->table[FB_RUN_WARNINGS]);
	fb_cases_free(&m);
	return 0;
}
