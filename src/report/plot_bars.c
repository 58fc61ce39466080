#include "report/plot_parts.h"

#include "base/units.h"

#include <math.h>
#include <string.h>

/* On a plain axis what is so many times less than the longest bar is not seen. */
#define SPREAD_MAX 50

#define ABSURD 1e15

/* A whisker of one bad repetition ends here, so that the bars can be told apart. */
#define WHISKER_MAX 3

/* The least and greatest value on an axis, nothing seen: NAN. */
struct extent {
	double least;
	double most;
};

static void extend(struct extent *e, double v)
{
	/* What no run can give must not take the axis from the others. */
	if (isnan(v) || v > ABSURD)
		return;
	if (isnan(e->most) || v > e->most)
		e->most = v;
	if (v > 0 && (isnan(e->least) || v < e->least))
		e->least = v;
}

enum { RATIOS = 3 };

/* A column of bars. */
struct ratio {
	enum fb_figure figure;
	const char *heading, *meaning;
};

static size_t choose_ratios(const struct fb_plot *p, struct ratio out[RATIOS])
{
	static const struct ratio all[RATIOS] = {
		{FB_FIGURE_WRITE_AMP, "write_amp", "device bytes / bytes written"},
		{FB_FIGURE_FLUSH_AMP, "flush_amp",
		 "device cache flushes / flushes asked for"},
		{FB_FIGURE_LINES, "line amp", "cache lines flushed / lines dirtied"},
	};
	size_t n = 0;

	for (size_t i = 0; i < RATIOS; i++)
		if (fb_cases_shows(p->cases, all[i].figure))
			out[n++] = all[i];
	return n;
}

/* p50 or p99 of the op that is drawn. */
static enum fb_figure latency_figure(const struct fb_plot *p, int i)
{
	return (i ? FB_FIGURE_WRITE_P99 : FB_FIGURE_WRITE_P50) + p->op;
}

static bool has_figures(const struct fb_plot *p, const struct fb_cases_row *c)
{
	char trouble[FB_LABEL_MAX];

	fb_plot_trouble(p, c, trouble);
	return !*trouble;
}

static bool is_logarithmic(const struct extent *e)
{
	return e->most > SPREAD_MAX * e->least;
}

/* @longest: of the bars */
static void cut_whiskers(struct extent *e, double longest)
{
	if (e->most > WHISKER_MAX * longest)
		e->most = WHISKER_MAX * longest;
}

/* Where the axis begins and ends; most is 0 when there is nothing to draw. */
static void put_axis(FILE *out, size_t i, const struct extent *e, double unit)
{
	bool none = isnan(e->most) || e->most <= 0;
	bool log = !none && is_logarithmic(e);

	fprintf(out, "logarithmic[%zu] = %d\n", i, log);
	fprintf(out, "least[%zu] = %.9g\n", i, none ? 0 : e->least / unit);
	fprintf(out, "most[%zu] = %.9g\n", i, none ? 0 : e->most / unit);
}

static void put_times(FILE *out, const struct fb_cases_row *c, enum fb_figure f,
		      double unit)
{
	fb_plot_number(out, c ? c->figure[f] / unit : NAN);
	fb_plot_number(out, c ? c->least[f] / unit : NAN);
	fb_plot_number(out, c ? c->most[f] / unit : NAN);
}

/* Columns after the row's number: label, p50 with least and most, p99 likewise, both as
 * text, trouble. */
static void put_latency_row(FILE *out, const struct fb_plot *p, size_t at, double unit)
{
	const struct fb_span all = {0, p->cases->n};
	const struct fb_cases_row *c = fb_plot_case(p, at);
	char label[FB_LABEL_MAX], trouble[FB_LABEL_MAX], time[FB_FORMAT_LEN];

	fb_plot_label(p, &all, at, label);
	fb_plot_trouble(p, c, trouble);
	fb_plot_cell(out, label);
	for (int f = 0; f < 2; f++)
		put_times(out, *trouble ? NULL : c, latency_figure(p, f), unit);
	for (int f = 0; f < 2; f++)
		fb_plot_cell(
			out,
			*trouble ? ""
				 : fb_format_ns(time, c->figure[latency_figure(p, f)]));
	fb_plot_cell(out, trouble);
	fputc('\n', out);
}

static struct extent latency_extent(const struct fb_plot *p, const struct fb_span *span)
{
	struct extent e = {NAN, NAN};
	double longest = 0;

	for (size_t at = span->begin; at < span->end; at++) {
		const struct fb_cases_row *c = fb_plot_case(p, at);

		for (int f = 0; has_figures(p, c) && f < 2; f++) {
			extend(&e, c->least[latency_figure(p, f)]);
			extend(&e, c->most[latency_figure(p, f)]);
			longest = fmax(longest, c->figure[latency_figure(p, f)]);
		}
	}
	cut_whiskers(&e, longest);
	return e;
}

/* Over many decades one unit does not fit all. */
static const struct fb_unit *unit_of(const struct extent *e)
{
	return fb_plot_unit(is_logarithmic(e) ? 1 : e->most);
}

static void put_panel(FILE *out, const struct fb_plot *p, size_t i,
		      const struct fb_span *span)
{
	enum fb_survives class = fb_cases_survives(p->cases,
						   fb_plot_case(p, span->begin));
	struct extent e = latency_extent(p, span);
	const struct fb_unit *unit = unit_of(&e);

	fb_plot_set_at(
		out, "panel", i,
		fb_plot_class_name(fb_plot_class(p, fb_plot_case(p, span->begin))));
	fb_plot_set_at(out, "unit", i, unit->name);
	fprintf(out, "class[%zu] = %d\nrows[%zu] = %zu\n", i, (int)class, i,
		span->end - span->begin);
	put_axis(out, i, &e, unit->ns);
}

int fb_plot_put_latency(FILE *out, const struct fb_plot *p, struct fb_err *err)
{
	struct fb_span spans[FB_PLOT_CLASSES];
	size_t n = fb_plot_classes(p, spans);

	(void)err;
	fprintf(out, "panels = %zu\nlabel_chars = %zu\n", n, fb_plot_label_chars(p));
	fb_plot_arrays(out, "panel unit class rows logarithmic least most", n);
	for (size_t i = 0; i < n; i++)
		put_panel(out, p, i + 1, &spans[i]);
	fputs("$latencies << EOD\n", out);
	for (size_t i = 0; i < n; i++) {
		struct extent e = latency_extent(p, &spans[i]);
		double unit = unit_of(&e)->ns;

		for (size_t at = spans[i].begin; at < spans[i].end; at++) {
			/* A text at the begin of a line could end the block. */
			fprintf(out, "%zu\t", at - spans[i].begin + 1);
			put_latency_row(out, p, at, unit);
		}
		fputs("\n\n", out);
	}
	fputs("EOD\n", out);
	return 0;
}

static struct extent ratio_extent(const struct fb_plot *p, enum fb_figure f)
{
	struct extent e = {NAN, NAN};
	double longest = 1;

	for (size_t i = 0; i < p->cases->n; i++) {
		if (p->cases->cases[i].failed)
			continue;
		extend(&e, p->cases->cases[i].most[f]);
		longest = fmax(longest, p->cases->cases[i].figure[f]);
	}
	cut_whiskers(&e, longest);
	/* Next to nothing does not make an axis logarithmic. */
	e.least = 1;
	return e;
}

/* Columns: row, class, label, each ratio with least and most, each as text, trouble. */
static void put_ratio_row(FILE *out, const struct fb_plot *p, size_t at)
{
	const struct fb_span all = {0, p->cases->n};
	const struct fb_cases_row *c = fb_plot_case(p, at);
	char text[FB_LABEL_MAX], figure[FB_CASES_TEXT];
	struct ratio ratios[RATIOS];
	const size_t n = choose_ratios(p, ratios);

	fb_plot_label(p, &all, at, text);
	fb_plot_cell(out, text);
	for (size_t i = 0; i < n; i++)
		put_times(out, c->failed ? NULL : c, ratios[i].figure, 1);
	for (size_t i = 0; i < n; i++) {
		const enum fb_figure f = ratios[i].figure;

		fb_cases_format(f, c->failed ? NAN : c->figure[f], figure);
		fb_plot_cell(out, figure);
	}
	fb_plot_trouble(p, c, text);
	fb_plot_cell(out, c->failed ? text : "");
	fputc('\n', out);
}

static bool has_traced(const struct fb_cases *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->cases[i].traced)
			return true;
	return false;
}

int fb_plot_put_amplification(FILE *out, const struct fb_plot *p, struct fb_err *err)
{
	struct ratio ratios[RATIOS];
	const size_t n = choose_ratios(p, ratios);

	(void)err;
	fb_plot_put_rows(out, p);
	fprintf(out, "ratios = %zu\n", n);
	fb_plot_set(out, "traces",
		    has_traced(p->cases) ? "; of traced repetitions where there are any"
					 : "");
	fb_plot_arrays(out, "heading meaning logarithmic least most", n);
	for (size_t i = 0; i < n; i++) {
		const struct extent e = ratio_extent(p, ratios[i].figure);

		fb_plot_set_at(out, "heading", i + 1, ratios[i].heading);
		fb_plot_set_at(out, "meaning", i + 1, ratios[i].meaning);
		put_axis(out, i + 1, &e, 1);
	}
	fputs("$ratios << EOD\n", out);
	for (size_t at = 0; at < p->cases->n; at++) {
		fb_plot_put_place(out, p, at);
		put_ratio_row(out, p, at);
	}
	fputs("EOD\n", out);
	return 0;
}
