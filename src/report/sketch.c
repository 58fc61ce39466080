#include "report/sketch.h"

#include "report/sketch_figures.h"
#include "report/table_text.h"

#include <math.h>
#include <string.h>

enum {
	WIDTH_LEAST = 60,
	WIDTH_MOST = 110,
	ROWS = 13,
	TEXT = 24,
	STEPS = 3,       /* 1, 2 and 5 in a decade */
	STEPS_SHOWN = 6, /* of more than two decades only the decades are labelled */
	NINES_MOST = 12, /* as many decimals as fb_hist_rank keeps */
};

#define PLAIN   "\033[0m"
#define LETTERS "wfc"

static const char *const op_colours[FB_OP_COUNT] = {"\033[36m", "\033[35m", "\033[1m"};

/*
 * struct plot - a drawing in the making
 * @low, @high: log10 of the latency in the lowest and in the topmost row
 * @zero:  below the scale there is a row for 0 ns
 * @most:  samples of the op that has most
 * @nines: log10 of 1/(1-p) one column before the last, which is that op's maximum
 */
struct plot {
	const struct fb_sketch *s;
	FILE *out;
	int width;
	bool colour;
	double low, high;
	bool zero;
	uint64_t most;
	double nines;
	int margin, columns;
	char label[ROWS][TEXT];
	char cell[ROWS][WIDTH_MOST];
};

static int between(int v, int least, int most)
{
	return v < least ? least : v > most ? most : v;
}

static bool has_samples(const struct fb_sketch *s, int op)
{
	return s->hist[op] && s->hist[op]->count;
}

/* The scale's marks in order: 1, 2, 5, 10, 20... ns. */
static double mark(int k)
{
	static const double steps[STEPS] = {1, 2, 5};

	return steps[k % STEPS] * pow(10, k / STEPS);
}

static int mark_below(double ns)
{
	int k = 0;

	while (mark(k + 1) <= ns)
		k++;
	return k;
}

static int mark_above(double ns)
{
	int k = 0;

	while (mark(k) < ns)
		k++;
	return k;
}

static void format_mark(int k, char out[TEXT])
{
	static const char *const units[] = {"ns", "us", "ms", "s"};
	int unit = k / STEPS / 3 < 3 ? k / STEPS / 3 : 3;
	double v = mark(k) / pow(10, 3 * unit);

	snprintf(out, TEXT, v < 1e5 ? "%.0f %s" : "%.0e %s", v, units[unit]);
}

/* The least latency that is on a log scale: 0 is not. */
static uint64_t least_above_zero(const struct fb_hist *h)
{
	uint32_t i = 1;

	if (h->min)
		return h->min;
	while (i < FB_HIST_COUNTERS && !h->counters[i])
		i++;
	return i < FB_HIST_COUNTERS ? fb_hist_low(i) : UINT64_MAX;
}

static int row_of(const struct plot *p, double ns)
{
	int lowest = p->zero;
	double up;

	if (ns < 1)
		return 0;
	up = (log10(ns) - p->low) / (p->high - p->low) * (ROWS - 1 - lowest);
	return between(lowest + (int)lround(up), lowest, ROWS - 1);
}

static void label_rows(struct plot *p, int from, int to, int step)
{
	format_mark(to, p->label[ROWS - 1]);
	for (int k = from; k < to; k += step) {
		char *label = p->label[row_of(p, mark(k))];

		if (!*label)
			format_mark(k, label);
	}
	if (p->zero)
		snprintf(p->label[0], TEXT, "0 ns");
	for (int i = 0; i < ROWS; i++)
		p->margin = (int)strlen(p->label[i]) > p->margin
				    ? (int)strlen(p->label[i])
				    : p->margin;
}

/* From a mark to a mark, so that both ends of the scale have a label. */
static void scale_latency(struct plot *p)
{
	uint64_t least = UINT64_MAX, most = 1;
	int from, to, step = 1;

	for (int op = 0; op < FB_OP_COUNT; op++) {
		const struct fb_hist *h = p->s->hist[op];

		if (!has_samples(p->s, op))
			continue;
		p->zero |= !h->min;
		least = least_above_zero(h) < least ? least_above_zero(h) : least;
		most = h->max > most ? h->max : most;
	}
	least = least < most ? least : most;
	from = mark_below((double)least);
	to = mark_above((double)most);
	if (from == to) {
		from -= from > 0;
		to++;
	}
	if (to - from > STEPS_SHOWN) {
		from -= from % STEPS;
		to += (STEPS - to % STEPS) % STEPS;
		step = STEPS;
	}
	p->low = log10(mark(from));
	p->high = log10(mark(to));
	label_rows(p, from, to, step);
}

static void scale_percentile(struct plot *p)
{
	for (int op = 0; op < FB_OP_COUNT; op++)
		if (has_samples(p->s, op) && p->s->hist[op]->count > p->most)
			p->most = p->s->hist[op]->count;
	/* A hair less, or rounding leaves no sample above and ends the curve early. */
	p->nines = log10(p->most > 2 ? (double)p->most : 2) - 0.001;
}

static void draw_grid(struct plot *p)
{
	for (int row = 0; row < ROWS; row++) {
		memset(p->cell[row], ' ', sizeof(p->cell[row]));
		for (int i = 3; *p->label[row] && i < p->columns; i += 4)
			p->cell[row][i] = '.';
	}
}

/* Later ops are drawn over earlier ones. */
static void draw_curve(struct plot *p, int op)
{
	const struct fb_hist *h = p->s->hist[op];

	for (int i = 0; i < p->columns; i++) {
		double x = p->nines * i / (p->columns - 2);
		double percent = 100 * (1 - pow(10, -x));
		bool last = i == p->columns - 1 || !fb_hist_above(h, percent);
		uint64_t ns = last ? h->max : fb_hist_percentile(h, percent);

		p->cell[row_of(p, (double)ns)][i] = LETTERS[op];
		if (last)
			return;
	}
}

/* A run of cells of one kind at a time: fewer escapes, and no blanks at the end. */
static void print_cells(const struct plot *p, const char *cells)
{
	int n = p->columns;

	while (n && cells[n - 1] == ' ')
		n--;
	for (int i = 0, end; i < n; i = end) {
		const char *op = strchr(LETTERS, cells[i]);
		const char *colour = op                ? op_colours[op - LETTERS]
				     : cells[i] == '.' ? FB_DIM
						       : "";

		for (end = i; end < n && cells[end] == cells[i];)
			end++;
		if (p->colour && *colour)
			fprintf(p->out, "%s%.*s" PLAIN, colour, end - i, cells + i);
		else
			fprintf(p->out, "%.*s", end - i, cells + i);
	}
}

static void print_rows(const struct plot *p)
{
	const char *dim = p->colour ? FB_DIM : "", *plain = p->colour ? PLAIN : "";

	for (int row = ROWS - 1; row >= 0; row--) {
		fprintf(p->out, "%s%*s |%s", dim, p->margin, p->label[row], plain);
		print_cells(p, p->cell[row]);
		fputc('\n', p->out);
	}
}

/* Mark number @k: 0, 50, 90, 99, 99.9...; its percentile and how it is written. */
static double percent_mark(int k, char out[TEXT])
{
	double percent = k > 1 ? 100 - pow(10, 3 - k) : k ? 50 : 0;

	snprintf(out, TEXT, "%.*f", k > 3 ? k - 3 : 0, percent);
	return percent;
}

static void print_axis(const struct plot *p)
{
	struct fb_line axis = {.text = ""}, marks = {.text = ""};
	int first = p->margin + 2;
	const uint64_t most = p->most;

	fb_line_add(&axis, p->margin + 2, "+");
	memset(axis.text + first, '-', (size_t)p->columns);
	for (int k = 0; k <= NINES_MOST; k++) {
		char text[TEXT];
		double percent = percent_mark(k, text);
		int used = (int)strlen(marks.text), len = (int)strlen(text), at;

		if (k && most <= fb_hist_rank(most, percent))
			break;
		at = first + (int)lround(-log10(1 - percent / 100) / p->nines *
					 (p->columns - 2));
		if (k)
			axis.text[at] = '+';
		at -= len / 2;
		at = at + len > p->width ? p->width - len : at;
		/* One blank at least between two of them. */
		if (!k || at > used)
			fb_line_add(&marks, at + len - used, text);
	}
	fb_line_print(&axis, p->out, p->colour ? FB_DIM : "");
	fb_line_print(&marks, p->out, p->colour ? FB_DIM : "");
}

static void print_key(const struct plot *p)
{
	char text[160] = "";
	size_t at = 0, n = 0;

	for (int op = 0; op < FB_OP_COUNT; op++)
		if (has_samples(p->s, op))
			at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%c %s",
					       n++ ? ", " : "", LETTERS[op],
					       fb_op_names[op]);
	at += (size_t)snprintf(text + at, sizeof(text) - at, ", of all repetitions");
	if (n > 1)
		snprintf(text + at, sizeof(text) - at, "; c hides %s",
			 n > 2                            ? "f, f hides w"
			 : has_samples(p->s, FB_OP_FLUSH) ? "f"
							  : "w");
	fb_text_wrap(p->out, text, p->width, 2, p->colour ? FB_DIM : "");
}

static void print_curves(struct plot *p)
{
	scale_latency(p);
	p->columns = p->width - p->margin - 2;
	draw_grid(p);
	for (int op = 0; op < FB_OP_COUNT; op++)
		if (has_samples(p->s, op))
			draw_curve(p, op);
	print_rows(p);
	print_axis(p);
	print_key(p);
}

void fb_sketch_print(FILE *out, const struct fb_sketch *s, int width, int colour)
{
	struct plot p = {
		.s = s,
		.out = out,
		.width = between(width, WIDTH_LEAST, WIDTH_MOST),
		.colour = colour != 0,
	};
	char text[512];

	scale_percentile(&p);
	if (!p.most) {
		snprintf(text, sizeof(text),
			 "%.300s: no samples, so no curve; `ended` and `status` in "
			 "summary.csv say why",
			 s->title);
		fb_text_wrap(out, text, p.width, 2, "");
		return;
	}
	fb_text_wrap(out, s->title, p.width, 2, "");
	if (s->batched)
		fb_text_wrap(out,
			     "timed in batches: a sample is the mean of one, which has "
			     "no tail, so no curve",
			     p.width, 2, "");
	else
		print_curves(&p);
	fputc('\n', out);
	fb_sketch_figures_print(out, s, p.width, colour ? FB_DIM : "");
}
