#include "report/plot_stacks.h"

#include <stdlib.h>
#include <string.h>

struct fb_stack *fb_stacks_new(const struct fb_plot *p)
{
	return calloc(p->cases->n, sizeof(struct fb_stack));
}

static double length(const struct fb_stacks *s, const struct fb_stack *row, int bar)
{
	double sum = 0;

	for (size_t i = 0; i < s->parts; i++)
		sum += row->part[bar][i];
	return sum;
}

double fb_stacks_longest(const struct fb_plot *p, const struct fb_stacks *s, int bar)
{
	double longest = 0;

	for (size_t at = 0; at < p->cases->n; at++) {
		double own = length(s, &s->rows[at], bar);

		longest = own > longest ? own : longest;
	}
	return longest;
}

void fb_stacks_shorten(const struct fb_plot *p, struct fb_stacks *s, int bar,
		       double unit)
{
	for (size_t at = 0; at < p->cases->n; at++)
		for (size_t i = 0; i < s->parts; i++)
			s->rows[at].part[bar][i] /= unit;
}

/* Of the longest bar, which is drawn some 330 pixels long: less than one of them is not
 * seen. */
#define VISIBLE 0.003

static bool shows_part(const struct fb_plot *p, const struct fb_stacks *s, size_t i)
{
	for (int bar = 0; bar < FB_STACK_BARS; bar++) {
		const double least = VISIBLE * fb_stacks_longest(p, s, bar);

		for (size_t at = 0; at < p->cases->n; at++)
			if (s->rows[at].part[bar][i] > least)
				return true;
	}
	return false;
}

static void name_row(const struct fb_plot *p, const struct fb_stacks *s, size_t at,
		     char out[FB_LABEL_MAX])
{
	const struct fb_span all = {0, p->cases->n};
	const char *suffix = s->rows[at].suffix;
	size_t len;

	fb_plot_label(p, &all, at, out);
	len = strlen(out);
	snprintf(out + len, FB_LABEL_MAX - len, "%s", suffix ? suffix : "");
}

/* Columns: row, begin, end, part, what stands in it. */
static void put_parts(FILE *out, const struct fb_plot *p, const struct fb_stacks *s,
		      int bar)
{
	bool any = false;

	for (size_t at = 0; at < p->cases->n; at++) {
		const struct fb_stack *row = &s->rows[at];
		double begin = 0;

		for (size_t i = 0; i < s->parts; i++) {
			double end = begin + row->part[bar][i];

			if (!(end > begin))
				continue;
			any = true;
			fprintf(out, "%zu\t%.9g\t%.9g\t%zu\t", fb_plot_row(p, at),
				begin, end, i + 1);
			fb_plot_cell(out, row->shown[bar][i]);
			fputc('\n', out);
			begin = end;
		}
	}
	if (!any)
		fputs("1e-9\t1e-9\t1e-9\t1\t \t\n", out);
	fputs("\n\n", out);
}

/* Columns: row, class, label, the total of each bar, trouble. */
static void put_row(FILE *out, const struct fb_plot *p, const struct fb_stacks *s,
		    size_t at)
{
	char label[FB_LABEL_MAX];

	fb_plot_put_place(out, p, at);
	name_row(p, s, at, label);
	fb_plot_cell(out, label);
	for (int bar = 0; bar < FB_STACK_BARS; bar++)
		fb_plot_cell(out, s->rows[at].total[bar]);
	fb_plot_cell(out, s->rows[at].trouble);
	fputc('\n', out);
}

static void put_widths(FILE *out, const struct fb_plot *p, const struct fb_stacks *s)
{
	size_t label = 0, total = 0;
	char text[FB_LABEL_MAX];

	for (size_t at = 0; at < p->cases->n; at++) {
		name_row(p, s, at, text);
		label = strlen(text) > label ? strlen(text) : label;
		for (int bar = 0; bar < FB_STACK_BARS; bar++)
			if (strlen(s->rows[at].total[bar]) > total)
				total = strlen(s->rows[at].total[bar]);
	}
	fprintf(out, "label_chars = %zu\ntotal_chars = %zu\n", label, total);
}

void fb_stacks_put(FILE *out, const struct fb_plot *p, const struct fb_stacks *s)
{
	fb_plot_put_rows(out, p);
	put_widths(out, p, s);
	fprintf(out, "parts = %zu\n", s->parts);
	fb_plot_arrays(out, "part_name part_there", s->parts);
	for (size_t i = 0; i < s->parts; i++) {
		fb_plot_set_at(out, "part_name", i + 1, s->names[i]);
		fprintf(out, "part_there[%zu] = %d\n", i + 1, shows_part(p, s, i));
	}
	fb_plot_arrays(out, "heading meaning most", FB_STACK_BARS);
	for (int bar = 0; bar < FB_STACK_BARS; bar++) {
		fb_plot_set_at(out, "heading", (size_t)bar + 1, s->heading[bar]);
		fb_plot_set_at(out, "meaning", (size_t)bar + 1, s->meaning[bar]);
		fprintf(out, "most[%d] = %.9g\n", bar + 1,
			fb_stacks_longest(p, s, bar));
	}
	fb_plot_set(out, "note", s->note);
	fprintf(out, "parts_of = '$%s_parts'\ntotals_of = '$%s_totals'\n", s->name,
		s->name);
	fprintf(out, "$%s_parts << EOD\n", s->name);
	for (int bar = 0; bar < FB_STACK_BARS; bar++)
		put_parts(out, p, s, bar);
	fprintf(out, "EOD\n$%s_totals << EOD\n", s->name);
	for (size_t at = 0; at < p->cases->n; at++)
		put_row(out, p, s, at);
	fputs("EOD\n", out);
}

void fb_stacks_trouble(const struct fb_plot *p, const struct fb_cases_row *c,
		       char out[FB_LABEL_MAX])
{
	*out = '\0';
	if (c->failed)
		fb_cases_trouble(p->cases, c, out);
	else if (!strcmp(fb_cases_field(p->cases, c, "fidelity"), "missing"))
		snprintf(out, FB_LABEL_MAX, "missing on this system");
	else if (!c->traced)
		snprintf(out, FB_LABEL_MAX, "not traced");
}
