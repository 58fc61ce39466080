#include "report/sketch_figures.h"

#include "base/units.h"
#include "report/table_text.h"

#include <inttypes.h>
#include <string.h>

enum { FIGURES = 9, TEXT = 24 };

/* The table: the first row is the head, the first column what each row is of. */
struct grid {
	char text[FB_OP_COUNT + 1][FIGURES][TEXT];
	int rows;
};

static void format_ns(char out[TEXT], uint64_t ns)
{
	char text[FB_FORMAT_LEN];

	snprintf(out, TEXT, "%s", fb_format_ns(text, (double)ns));
}

static void fill_row(struct grid *g, const struct fb_sketch *s, int op)
{
	const struct fb_hist *h = s->hist[op];
	static const double percents[] = {50, 90, 99, 99.9, 99.99};
	char(*cell)[TEXT] = g->text[g->rows++];

	snprintf(cell[0], TEXT, "%s", fb_op_names[op]);
	snprintf(cell[1], TEXT, "%" PRIu64, h->count);
	format_ns(cell[2], h->min);
	for (int i = 0; i < 5; i++) {
		if (fb_hist_above(h, percents[i]) && !(s->batched && i))
			format_ns(cell[3 + i], fb_hist_percentile(h, percents[i]));
		else
			snprintf(cell[3 + i], TEXT, "-");
	}
	if (s->batched)
		snprintf(cell[8], TEXT, "-");
	else
		format_ns(cell[8], h->max);
}

static void fill_grid(struct grid *g, const struct fb_sketch *s)
{
	static const char *const head[FIGURES] = {
		"", "samples", "min", "p50", "p90", "p99", "p99.9", "p99.99", "max"};

	*g = (struct grid){.rows = 1};
	for (int i = 0; i < FIGURES; i++)
		snprintf(g->text[0][i], TEXT, "%s", head[i]);
	for (int op = 0; op < FB_OP_COUNT; op++)
		if (s->hist[op] && s->hist[op]->count)
			fill_row(g, s, op);
}

/* A table on its side is narrower: what stood below each other is side by side. */
static const char *grid_cell(const struct grid *g, bool on_side, int row, int column)
{
	return on_side ? g->text[column][row] : g->text[row][column];
}

static int grid_column(const struct grid *g, bool on_side, int column)
{
	int rows = on_side ? FIGURES : g->rows, width = 0;

	for (int row = 0; row < rows; row++) {
		int len = (int)strlen(grid_cell(g, on_side, row, column));

		width = len > width ? len : width;
	}
	return width;
}

static bool grid_fits(const struct grid *g, int width)
{
	int all = 0;

	for (int i = 0; i < FIGURES; i++)
		all += grid_column(g, false, i) + (i ? 2 : 0);
	return all <= width;
}

void fb_sketch_figures_print(FILE *out, const struct fb_sketch *s, int width,
			     const char *head_colour)
{
	struct grid g;
	bool on_side;

	fill_grid(&g, s);
	on_side = !grid_fits(&g, width);
	for (int row = 0; row < (on_side ? FIGURES : g.rows); row++) {
		struct fb_line line = {.text = ""};

		for (int i = 0; i < (on_side ? g.rows : FIGURES); i++) {
			int column = grid_column(&g, on_side, i);

			fb_line_add(&line, i ? column + 2 : -column,
				    grid_cell(&g, on_side, row, i));
		}
		fb_line_print(&line, out, row ? "" : head_colour);
	}
}
