#include "report/table_columns.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
	NEED_NOT = 0,
	NEED_PARAM = 100, /* of the first, each further one is needed less */
	NEED_FIDELITY = 4,
	NEED_ALWAYS = 1000,
	STATUS_WIDTH = 10,
};

static struct fb_column *add_column(struct fb_columns *l, const char *above,
				    const char *below, int need)
{
	struct fb_column *c = &l->list[l->n++];

	*c = (struct fb_column){.need = need, .place = (int)l->n, .figure = -1};
	snprintf(c->head[0], sizeof(c->head[0]), "%s", above);
	snprintf(c->head[1], sizeof(c->head[1]), "%s", below);
	return c;
}

static void add_field(struct fb_columns *l, const char *above, const char *name,
		      int need)
{
	struct fb_column *c = add_column(l, above, name, need);

	c->field = name;
	c->left = true;
}

/* The name over two lines, cut at the underscore that leaves them narrowest. */
static void add_param(struct fb_columns *l, const struct fb_param *p, int need)
{
	const char *best = NULL;
	size_t len = strlen(p->name), width = len;
	struct fb_column *c;

	for (const char *u = p->name; (u = strchr(u, '_')); u++) {
		size_t above = (size_t)(u - p->name), below = len - above - 1;
		size_t both = above > below ? above : below;

		if (both < width) {
			width = both;
			best = u;
		}
	}
	c = add_column(l, "", best ? best + 1 : p->name, need);
	if (best)
		snprintf(c->head[0], sizeof(c->head[0]), "%.*s", (int)(best - p->name),
			 p->name);
	c->param = p;
	c->left = p->type == FB_TYPE_ENUM || p->type == FB_TYPE_CPUS;
}

static void add_figures(struct fb_columns *l)
{
	static const struct {
		enum fb_figure figure;
		const char *above, *below;
		int need;
	} figures[] = {
		{FB_FIGURE_WRITE_P50, "write", "p50", 3},
		{FB_FIGURE_FLUSH_P50, "flush", "p50", 9},
		{FB_FIGURE_COMMIT_P50, "commit", "p50", NEED_ALWAYS},
		{FB_FIGURE_COMMIT_P99, "commit", "p99", 8},
		{FB_FIGURE_COMMITS, "commits", "per s", 2},
		{FB_FIGURE_WRITE_AMP, "write", "amp", 7},
		{FB_FIGURE_FLUSH_AMP, "flush", "amp", 6},
		{FB_FIGURE_LINES, "line", "amp", 5},
		{FB_FIGURE_LOG, "log", "per flush", 1},
	};

	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		if (!fb_cases_shows(l->m, figures[i].figure))
			continue;
		add_column(l, figures[i].above, figures[i].below, figures[i].need)
			->figure = (int)figures[i].figure;
	}
}

static void add_columns(struct fb_columns *l, int need_case)
{
	int need = NEED_PARAM;

	add_field(l, "path", "mode", NEED_ALWAYS);
	add_column(l, "", "case", need_case)->field = "case_id";
	for (size_t i = 0; i < fb_params_count; i++)
		if (fb_cases_param_kind(l->m, &fb_params[i]) == FB_PARAM_VARIES)
			add_param(l, &fb_params[i], need--);
	add_field(l, "", "survives", NEED_ALWAYS);
	add_field(l, "", "fidelity", NEED_FIDELITY);
	add_figures(l);
}

/* Of batches the rate counts what lies between them, and invites misreading. */
static bool has_figure(const struct fb_columns *l, const struct fb_column *c,
		       const struct fb_cases_row *row)
{
	return c->figure != FB_FIGURE_COMMITS || fb_cases_batch(l->m, row) == 1;
}

void fb_columns_cell(const struct fb_columns *l, const struct fb_column *c,
		     const struct fb_cases_row *row, char out[FB_CASES_TEXT])
{
	if (c->cells)
		snprintf(out, FB_CASES_TEXT, "%s", c->cells[row - l->m->cases]);
	else if (c->param)
		fb_cases_value(l->m, row, c->param, out);
	else if (c->figure >= 0)
		fb_cases_format((enum fb_figure)c->figure,
				has_figure(l, c, row) ? row->figure[c->figure] : NAN,
				out);
	else
		snprintf(out, FB_CASES_TEXT, "%s", fb_cases_field(l->m, row, c->field));
	if (!*out)
		snprintf(out, FB_CASES_TEXT, "-");
}

static void widen(struct fb_column *c, const char *text)
{
	int len = (int)strlen(text);

	c->width = len > c->width ? len : c->width;
}

static void measure(struct fb_columns *l, struct fb_column *c)
{
	char text[FB_CASES_TEXT];

	widen(c, c->head[0]);
	widen(c, c->head[1]);
	for (size_t i = 0; i < l->m->n; i++) {
		const struct fb_cases_row *row = &l->m->cases[i];

		if (!row->failed || c->figure < 0) {
			fb_columns_cell(l, c, row, text);
			widen(c, text);
		} else if (c->figure == FB_FIGURE_COMMIT_P50 &&
			   c->width < STATUS_WIDTH) {
			/* The one figure that is always there has room for a status. */
			c->width = STATUS_WIDTH;
		}
	}
}

static int total_width(const struct fb_columns *l)
{
	int total = FB_COLUMNS_GAP; /* a mode stands under its path, set in */

	for (size_t i = 0; i < l->n; i++)
		total += l->list[i].width + (i ? FB_COLUMNS_GAP : 0);
	return total;
}

/* Later, in the order they would have had here. */
static void put_off(struct fb_columns *l, const struct fb_column *c)
{
	size_t at = l->n_rest++;

	for (; at && l->rest[at - 1].place > c->place; at--)
		l->rest[at] = l->rest[at - 1];
	l->rest[at] = *c;
}

static void fit(struct fb_columns *l)
{
	for (size_t i = 0; i < l->n; i++)
		measure(l, &l->list[i]);
	while (total_width(l) > l->width) {
		size_t least = 0;

		for (size_t i = 1; i < l->n; i++)
			if (l->list[i].need < l->list[least].need)
				least = i;
		if (l->list[least].need == NEED_ALWAYS)
			return;
		if (l->list[least].need != NEED_NOT)
			put_off(l, &l->list[least]);
		memmove(&l->list[least], &l->list[least + 1],
			(l->n - least - 1) * sizeof(l->list[0]));
		l->n--;
	}
}

/* In several tables a case is found again by its number. */
void fb_columns_choose(struct fb_columns *l)
{
	add_columns(l, NEED_NOT);
	fit(l);
	if (!l->n_rest)
		return;
	l->n = l->n_rest = 0;
	add_columns(l, NEED_ALWAYS);
	fit(l);
}

void fb_columns_of(struct fb_columns *l, const struct fb_column *own, size_t n)
{
	add_field(l, "path", "mode", NEED_ALWAYS);
	add_column(l, "", "case", NEED_ALWAYS)->field = "case_id";
	for (size_t i = 0; i < l->n; i++)
		l->list[i].again = true;
	for (size_t i = 0; i < n; i++) {
		struct fb_column *c = add_column(l, own[i].head[0], own[i].head[1],
						 own[i].need);

		c->left = own[i].left;
		c->cells = own[i].cells;
	}
	l->continued = true;
	fit(l);
}

void fb_columns_rest(struct fb_columns *l, const struct fb_columns *before)
{
	size_t keys;

	add_field(l, "path", "mode", NEED_ALWAYS);
	add_column(l, "", "case", NEED_ALWAYS)->field = "case_id";
	/* What tells the cases apart is said again where there is room. */
	for (size_t i = 0; i < before->n; i++) {
		if (!before->list[i].param)
			continue;
		l->list[l->n] = before->list[i];
		l->list[l->n++].need = NEED_NOT;
	}
	keys = l->n;
	for (size_t i = 0; i < keys; i++)
		l->list[i].again = true;
	for (size_t i = 0; i < before->n_rest; i++)
		l->list[l->n++] = before->rest[i];
	/* One at least comes off, however narrow it is. */
	l->list[keys].need = NEED_ALWAYS;
	l->continued = true;
	fit(l);
}
