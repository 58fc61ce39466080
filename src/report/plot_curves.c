#include "report/plot_parts.h"

#include "stats/summary.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Steps of a percentile curve while the share above it halves. */
enum { STEPS_PER_HALVING = 5 };

/* Bins to a decade of the distribution: 8 %, above the clock's step of 10 ns soon. */
enum { BINS_PER_DECADE = 30, BINS = 13 * BINS_PER_DECADE };

/* What a line spans; all 0 where there are no samples. */
struct reach {
	double least_ns, most_ns;
	double right; /* 1/(1-p) of its end */
};

struct panels {
	const struct fb_plot *p;
	struct fb_span *list;
	size_t n;
	struct reach *lines; /* by place in the order */
};

/* p percent is at 1 / (1 - p / 100), so each nine more takes as much room. */
static void put_point(FILE *out, const struct fb_hist *h, double p)
{
	double at = 100 / (100 - p);

	fb_plot_number(out, at);
	fb_plot_number(out, fb_plot_log((double)fb_hist_percentile(h, p)));
	fputc('\n', out);
}

static bool has_above(const struct fb_hist *h, double p)
{
	return fb_hist_above(h, p) > 0;
}

/* The next place of a curve: @step, or a mark on the way there, which lies on it. */
static double next_place(double p, double step)
{
	for (size_t i = 0; i < FB_PERCENTILES; i++)
		if (fb_percentile_at(i) > p && fb_percentile_at(i) < step)
			return fb_percentile_at(i);
	return step;
}

/* As HdrHistogram walks: steps that halve as the share above halves. */
static struct reach put_curve(FILE *out, const struct fb_hist *h)
{
	double p = 0, width = 100.0 / 2 / STEPS_PER_HALVING, step = width, next;
	struct reach reach = {0};
	unsigned n = 0;

	if (!h->count)
		return reach;
	reach.least_ns = fb_plot_log((double)h->min);
	reach.most_ns = reach.least_ns;
	fprintf(out, "1\t%.9g\n", reach.least_ns);
	while (has_above(h, next = next_place(p, step))) {
		p = next;
		put_point(out, h, p);
		reach.most_ns = fb_plot_log((double)fb_hist_percentile(h, p));
		if (p < step)
			continue;
		if (++n % STEPS_PER_HALVING == 0)
			width /= 2;
		step += width;
	}
	reach.right = 100 / (100 - p);
	return reach;
}

static void put_marks(FILE *out, const struct fb_hist *h)
{
	size_t n = 0;

	for (size_t i = 0; i < FB_PERCENTILES; i++) {
		if (!has_above(h, fb_percentile_at(i)))
			continue;
		put_point(out, h, fb_percentile_at(i));
		n++;
	}
	if (!n)
		fb_plot_nothing(out, 2);
	fputs("\n\n", out);
}

static const char *mode_at(const struct fb_plot *p, size_t at)
{
	return fb_cases_field(p->cases, fb_plot_case(p, at), "mode");
}

/* A mode's number from 1, 0 for one that this program does not know. */
static unsigned mode_number(const char *mode)
{
	for (unsigned i = 0; fb_mode_names[i]; i++)
		if (!strcmp(fb_mode_names[i], mode))
			return i + 1;
	return 0;
}

static bool modes_differ(const struct fb_plot *p, const struct fb_span *s)
{
	for (size_t a = s->begin; a < s->end; a++) {
		if (!mode_number(mode_at(p, a)))
			return false;
		for (size_t b = a + 1; b < s->end; b++)
			if (!strcmp(mode_at(p, a), mode_at(p, b)))
				return false;
	}
	return true;
}

/* A mode looks the same in every panel, where no panel has it twice. */
static unsigned style_of(const struct fb_plot *p, const struct fb_span *s, size_t at)
{
	return modes_differ(p, s) ? mode_number(mode_at(p, at))
				  : (unsigned)(at - s->begin) + 1;
}

static bool is_batched(const struct fb_plot *p, size_t at)
{
	return fb_cases_batch(p->cases, fb_plot_case(p, at)) > 1;
}

/* Why a case has no curve; "" if it has. */
static void curve_trouble(const struct fb_plot *p, size_t at, char out[FB_LABEL_MAX])
{
	fb_plot_trouble(p, fb_plot_case(p, at), out);
	if (!*out && is_batched(p, at))
		snprintf(out, FB_LABEL_MAX, "timed in batches");
}

static void put_line_name(FILE *out, const struct fb_plot *p, const struct fb_span *s,
			  size_t at)
{
	char label[FB_LABEL_MAX], trouble[FB_LABEL_MAX];
	size_t n;

	fb_plot_label(p, s, at, label);
	curve_trouble(p, at, trouble);
	n = strlen(label);
	if (*trouble)
		snprintf(label + n, sizeof(label) - n, " (%.60s)", trouble);
	fb_plot_set_at(out, "label", at + 1, label);
	fprintf(out, "style[%zu] = %u\n", at + 1, style_of(p, s, at));
}

static void put_reach(FILE *out, const struct panels *all, size_t i)
{
	struct reach whole = {INFINITY, 0, 0};

	for (size_t at = all->list[i].begin; at < all->list[i].end; at++) {
		const struct reach *line = &all->lines[at];

		if (line->right <= 0)
			continue;
		whole.least_ns = fmin(whole.least_ns, line->least_ns);
		whole.most_ns = fmax(whole.most_ns, line->most_ns);
		whole.right = fmax(whole.right, line->right);
	}
	if (whole.right <= 0)
		whole = (struct reach){1, 10, 0};
	/* Where one case was timed in batches, all of the picture were. */
	fb_plot_set_at(out, "nothing", i + 1,
		       whole.right > 0                          ? ""
		       : is_batched(all->p, all->list[i].begin) ? "timed in batches"
								: "no samples");
	fprintf(out, "least[%zu] = %.9g\nmost[%zu] = %.9g\nright[%zu] = %.9g\n", i + 1,
		whole.least_ns, i + 1, whole.most_ns, i + 1, whole.right);
}

static void put_panels(FILE *out, const struct panels *all)
{
	char title[FB_LABEL_MAX];

	fprintf(out, "panels = %zu\n", all->n);
	fb_plot_arrays(out, "panel first last class nothing least most right", all->n);
	fb_plot_arrays(out, "label style", all->p->cases->n);
	for (size_t i = 0; i < all->n; i++) {
		const struct fb_span *s = &all->list[i];

		fb_plot_alike(all->p, s, title);
		fb_plot_set_at(out, "panel", i + 1, title);
		fprintf(out, "first[%zu] = %zu\nlast[%zu] = %zu\nclass[%zu] = %d\n",
			i + 1, s->begin + 1, i + 1, s->end, i + 1,
			(int)fb_cases_survives(all->p->cases,
					       fb_plot_case(all->p, s->begin)));
		put_reach(out, all, i);
		for (size_t at = s->begin; at < s->end; at++)
			put_line_name(out, all->p, s, at);
	}
}

/* The histogram of a case, empty when there is something wrong with it, or no tail. */
static int sum(const struct fb_plot *p, size_t at, struct fb_hist *h,
	       struct fb_err *err)
{
	const struct fb_cases_row *c = fb_plot_case(p, at);

	fb_hist_reset(h);
	if (c->failed || is_batched(p, at))
		return 0;
	return fb_case_rows_pool(&p->histograms, fb_cases_number(p->cases, c), p->op, h,
				 err);
}

static int put_curves(FILE *out, const struct panels *all, struct fb_hist *h,
		      struct fb_err *err)
{
	int ret = 0;

	fputs("$curves << EOD\n", out);
	for (size_t at = 0; !ret && at < all->p->cases->n; at++) {
		ret = sum(all->p, at, h, err);
		if (ret)
			break;
		all->lines[at] = put_curve(out, h);
		if (!h->count)
			fb_plot_nothing(out, 2);
		fputs("\n\n", out);
		put_marks(out, h);
	}
	fputs("EOD\n", out);
	if (!ret)
		put_panels(out, all);
	return ret;
}

int fb_plot_put_percentiles(FILE *out, const struct fb_plot *p, struct fb_err *err)
{
	size_t cases = p->cases->n;
	/* Splitting moves cases, of this picture alone. */
	struct fb_plot mine = *p;
	struct panels all = {&mine, calloc(cases, sizeof(*all.list)), 0,
			     calloc(cases, sizeof(*all.lines))};
	struct fb_hist *h = malloc(sizeof(*h));
	int ret;

	mine.order = calloc(cases, sizeof(*mine.order));
	if (!all.list || !all.lines || !h || !mine.order) {
		ret = fb_err_set(err, -ENOMEM, "out of memory");
	} else {
		memcpy(mine.order, p->order, cases * sizeof(*mine.order));
		all.n = fb_plot_split(&mine, all.list);
		ret = put_curves(out, &all, h, err);
	}
	free(mine.order);
	free(h);
	free(all.lines);
	free(all.list);
	return ret;
}

static void bin_samples(const struct fb_hist *h, double bins[BINS])
{
	memset(bins, 0, BINS * sizeof(*bins));
	for (uint32_t i = 0; i < FB_HIST_COUNTERS; i++) {
		double middle = ((double)fb_hist_low(i) + (double)fb_hist_high(i)) / 2;
		int bin = (int)(log10(fb_plot_log(middle)) * BINS_PER_DECADE);

		if (h->counters[i])
			bins[bin < BINS ? bin : BINS - 1] += (double)h->counters[i];
	}
}

/* The outline of a case's bins above its row's base line, the fullest one high. */
static void put_outline(FILE *out, double base, const double bins[BINS])
{
	double most = 0;
	int first = BINS, last = -1;

	for (int i = 0; i < BINS; i++) {
		most = bins[i] > most ? bins[i] : most;
		if (bins[i] > 0) {
			first = first < i ? first : i;
			last = i;
		}
	}
	if (last < 0)
		fb_plot_nothing(out, 3);
	for (int i = first; i <= last; i++)
		for (int edge = 0; edge < 2; edge++)
			fprintf(out, "%.6g\t%.6g\t%.6g\n",
				pow(10, (double)(i + edge) / BINS_PER_DECADE), base,
				base - bins[i] / most);
	fputs("\n\n", out);
}

static void put_spread_row(FILE *out, const struct fb_plot *p, size_t at,
			   const struct fb_hist *h)
{
	const struct fb_span all = {0, p->cases->n};
	char text[FB_LABEL_MAX];

	fb_plot_put_place(out, p, at);
	fb_plot_label(p, &all, at, text);
	fb_plot_cell(out, text);
	for (int i = 0; i < 2; i++) {
		double percent = i ? 99 : 50;

		fb_plot_number(out, has_above(h, percent)
					    ? fb_plot_log((double)fb_hist_percentile(
						      h, percent))
					    : NAN);
	}
	curve_trouble(p, at, text);
	/* Too few for a figure are still seen. */
	fb_plot_cell(out, h->count ? "" : text);
	fputc('\n', out);
}

static int put_spreads(FILE *out, const struct fb_plot *p, struct fb_hist *h,
		       struct fb_err *err)
{
	double bins[BINS], from = INFINITY, to = 0;
	int ret = 0;

	fputs("$outlines << EOD\n", out);
	for (size_t at = 0; !ret && at < p->cases->n; at++) {
		ret = sum(p, at, h, err);
		if (ret)
			break;
		bin_samples(h, bins);
		if (h->count) {
			from = fmin(from, fb_plot_log((double)h->min));
			to = fmax(to, fb_plot_log((double)h->max));
		}
		put_outline(out, fb_plot_row(p, at) + 0.4, bins);
	}
	fputs("EOD\n$spreads << EOD\n", out);
	for (size_t at = 0; !ret && at < p->cases->n; at++) {
		ret = sum(p, at, h, err);
		if (!ret)
			put_spread_row(out, p, at, h);
	}
	fprintf(out, "EOD\nfrom = %.9g\nto = %.9g\n", to > 0 ? from / 1.2 : 1,
		to > 0 ? to * 1.2 : 10);
	fb_plot_arrays(out, "case_class", p->cases->n);
	for (size_t at = 0; at < p->cases->n; at++)
		fprintf(out, "case_class[%zu] = %d\n", at + 1,
			(int)fb_cases_survives(p->cases, fb_plot_case(p, at)));
	return ret;
}

int fb_plot_put_distribution(FILE *out, const struct fb_plot *p, struct fb_err *err)
{
	struct fb_hist *h = malloc(sizeof(*h));
	int ret = -ENOMEM;

	if (h) {
		fb_plot_put_rows(out, p);
		ret = put_spreads(out, p, h, err);
	} else {
		fb_err_set(err, ret, "out of memory");
	}
	free(h);
	return ret;
}
