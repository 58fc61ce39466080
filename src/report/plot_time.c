#include "report/plot_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What is drawn of a case. */
struct extent {
	double seconds;
	double least_ns;
	double most_ns;
};

/* An interval of one repetition; @seconds is its end. */
struct point {
	unsigned rep;
	double seconds, p50, p99, max;
};

/* A walk through the intervals of a case. */
struct walk {
	const struct fb_plot *p;
	unsigned case_id;
	bool batched;
	struct fb_case_row at;
};

static int read_point(const struct fb_csv_table *t, size_t row, struct point *out,
		      struct fb_err *err)
{
	double ms = 0;
	int ret = fb_csv_get_real(t, row, fb_csv_find(t, "t_ms"), &ms, err);

	if (!ret)
		ret = fb_csv_get_real(t, row, fb_csv_find(t, "p50_ns"), &out->p50, err);
	if (!ret)
		ret = fb_csv_get_real(t, row, fb_csv_find(t, "p99_ns"), &out->p99, err);
	if (!ret)
		ret = fb_csv_get_real(t, row, fb_csv_find(t, "max_ns"), &out->max, err);
	out->seconds = ms / 1000;
	out->rep = (unsigned)strtoul(fb_csv_get(t, row, fb_csv_find(t, "rep")), NULL,
				     10);
	return ret;
}

static void begin_walk(struct walk *w, const struct fb_plot *p, size_t at)
{
	const struct fb_cases_row *c = fb_plot_case(p, at);

	*w = (struct walk){.p = p,
			   .case_id = fb_cases_number(p->cases, c),
			   .batched = fb_cases_batch(p->cases, c) > 1};
	/* What failed has no figures in the other pictures either. */
	if (c->failed)
		w->at.span = p->series.n;
}

/* 1 with the next interval of the op drawn, 0 at the end, or -EINVAL. */
static int next_point(struct walk *w, struct point *out, struct fb_err *err)
{
	const struct fb_case_rows *r = &w->p->series;
	int op = r->t ? fb_csv_find(r->t, "op") : -1, ret;

	while (fb_case_rows_next(r, w->case_id, &w->at)) {
		if (strcmp(fb_csv_get(r->t, w->at.row, op), fb_op_names[w->p->op]) != 0)
			continue;
		ret = read_point(r->t, w->at.row, out, err);
		if (ret || !isnan(out->seconds))
			return ret ? ret : 1;
	}
	return 0;
}

/* An interval without samples has no latencies, one of batches has a median alone. */
static bool is_drawn(const struct walk *w, const struct point *v)
{
	return !isnan(v->p50) && (w->batched || (!isnan(v->p99) && !isnan(v->max)));
}

static bool has_points(const struct fb_plot *p, size_t at)
{
	struct point v = {0};
	struct walk w;

	begin_walk(&w, p, at);
	while (next_point(&w, &v, NULL) > 0)
		if (is_drawn(&w, &v))
			return true;
	return false;
}

/* Outside the axis, for a line throughout unknown gnuplot complains of. */
static double off_axis(double ns)
{
	return isnan(ns) ? 1e-9 : fb_plot_log(ns);
}

static void put_point(FILE *out, double begin, const struct point *v)
{
	fb_plot_number(out, begin + v->seconds);
	fb_plot_number(out, fb_plot_log(v->p50));
	fb_plot_number(out, off_axis(v->p99));
	fb_plot_number(out, off_axis(v->max));
	fputc('\n', out);
}

/* Repetitions one behind the other, with a gap between their lines. */
static int put_case(FILE *out, const struct fb_plot *p, size_t at, struct fb_err *err)
{
	struct point v = {0}, last = {0};
	bool gap = false, any = false;
	double begin = 0;
	struct walk w;
	int ret;

	begin_walk(&w, p, at);
	for (; (ret = next_point(&w, &v, err)) > 0; last = v) {
		bool next_rep = last.rep && v.rep != last.rep;

		begin += next_rep ? last.seconds : 0;
		gap = gap || next_rep || !is_drawn(&w, &v);
		if (!is_drawn(&w, &v))
			continue;
		/* One empty line: two would begin another case. */
		if (gap && any)
			fputc('\n', out);
		gap = false;
		any = true;
		put_point(out, begin, &v);
	}
	if (!any)
		fb_plot_nothing(out, 4);
	fputs("\n\n", out);
	return ret;
}

static int measure_case(const struct fb_plot *p, size_t at, struct extent *e,
			struct fb_err *err)
{
	double seconds = 0, begin = 0;
	struct point v = {0};
	struct walk w;
	unsigned rep = 0;
	int ret;

	begin_walk(&w, p, at);
	while ((ret = next_point(&w, &v, err)) > 0) {
		if (v.rep != rep)
			begin += seconds;
		rep = v.rep;
		seconds = v.seconds;
		if (!is_drawn(&w, &v))
			continue;
		e->least_ns = fmin(e->least_ns, fb_plot_log(v.p50));
		e->most_ns = fmax(e->most_ns,
				  fb_plot_log(isnan(v.max) ? v.p50 : v.max));
	}
	e->seconds = fmax(e->seconds, begin + seconds);
	return ret;
}

/* No heading stands above it; where all are emulated the picture's own says so. */
static void time_label(const struct fb_plot *p, size_t at, char out[FB_LABEL_MAX])
{
	const struct fb_span all = {0, p->cases->n};
	size_t n;

	fb_plot_label(p, &all, at, out);
	n = strlen(out);
	if (fb_cases_is_emulated(p->cases, fb_plot_case(p, at)) &&
	    !fb_cases_all(p->cases, fb_cases_is_emulated))
		snprintf(out + n, FB_LABEL_MAX - n, " (emulated)");
}

/* Cases of one class share their axes, to be compared. */
static int put_class(FILE *out, const struct fb_plot *p, const struct fb_span *s,
		     struct fb_err *err)
{
	struct extent e = {0, INFINITY, 0};
	char label[FB_LABEL_MAX], trouble[FB_LABEL_MAX];
	int ret = 0;

	for (size_t at = s->begin; !ret && at < s->end; at++)
		ret = measure_case(p, at, &e, err);
	if (!(e.seconds > 0))
		e.seconds = 1;
	if (e.most_ns <= 0)
		e = (struct extent){e.seconds > 0 ? e.seconds : 1, 1, 10};
	for (size_t at = s->begin; !ret && at < s->end; at++) {
		time_label(p, at, label);
		fb_plot_trouble(p, fb_plot_case(p, at), trouble);
		if (has_points(p, at))
			*trouble = '\0';
		else if (!*trouble)
			snprintf(trouble, sizeof(trouble), "no intervals");
		fb_plot_set_at(out, "label", at + 1, label);
		fb_plot_set_at(out, "trouble", at + 1, trouble);
		fprintf(out, "class[%zu] = %d\nseconds[%zu] = %.9g\n", at + 1,
			(int)fb_cases_survives(p->cases, fb_plot_case(p, at)), at + 1,
			e.seconds);
		fprintf(out, "least[%zu] = %.9g\nmost[%zu] = %.9g\n", at + 1,
			e.least_ns, at + 1, e.most_ns);
	}
	return ret;
}

int fb_plot_put_time(FILE *out, const struct fb_plot *p, struct fb_err *err)
{
	struct fb_span spans[FB_PLOT_CLASSES];
	size_t n = fb_plot_classes(p, spans);
	int ret = 0;

	fprintf(out, "cases = %zu\n", p->cases->n);
	fb_plot_arrays(out, "label trouble class seconds least most", p->cases->n);
	for (size_t i = 0; !ret && i < n; i++)
		ret = put_class(out, p, &spans[i], err);
	fputs("$intervals << EOD\n", out);
	for (size_t at = 0; !ret && at < p->cases->n; at++)
		ret = put_case(out, p, at, err);
	fputs("EOD\n", out);
	return ret;
}
