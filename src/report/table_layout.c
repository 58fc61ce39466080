#include "report/table_layout.h"

#include "report/table_text.h"

#include <stdlib.h>
#include <string.h>

/*
 * struct column
 * @need:   columns of the least need go first when the width does not suffice
 * @again:  said in an earlier table, to find the case again
 * @place:  in the order of all columns
 * @param:  of a parameter, else NULL
 * @figure: of a figure, else -1
 * @field:  of any other, the CSV's name
 */
struct column {
	char head[2][FB_CASES_TEXT];
	int need;
	int place;
	bool again;
	bool left;
	int width;
	const struct fb_param *param;
	int figure;
	const char *field;
};

enum {
	NEED_NOT = 0,
	NEED_PARAM = 100, /* of the first, each further one is needed less */
	NEED_FIDELITY = 4,
	NEED_ALWAYS = 1000,
	COLUMNS_MAX = FB_PARAMS_MAX + 16,
	GAP = 2,
	STATUS_WIDTH = 10,
};

struct layout {
	const struct fb_cases *m;
	struct column columns[COLUMNS_MAX];
	size_t n;
	int width;
	bool colour;
	/* What had no room beside the others, for a table below. */
	struct column rest[COLUMNS_MAX];
	size_t n_rest;
	bool continued; /* this is such a table */
};

static struct column *add_column(struct layout *l, const char *above, const char *below,
				 int need)
{
	struct column *c = &l->columns[l->n++];

	*c = (struct column){.need = need, .place = (int)l->n, .figure = -1};
	snprintf(c->head[0], sizeof(c->head[0]), "%s", above);
	snprintf(c->head[1], sizeof(c->head[1]), "%s", below);
	return c;
}

static void add_field(struct layout *l, const char *above, const char *name, int need)
{
	struct column *c = add_column(l, above, name, need);

	c->field = name;
	c->left = true;
}

/* The name over two lines, cut at the underscore that leaves them narrowest. */
static void add_param(struct layout *l, const struct fb_param *p, int need)
{
	const char *best = NULL;
	size_t len = strlen(p->name), width = len;
	struct column *c;

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

static void add_figures(struct layout *l)
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

static void add_columns(struct layout *l, int need_case)
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

static void cell(const struct layout *l, const struct column *c,
		 const struct fb_cases_row *row, char out[FB_CASES_TEXT])
{
	if (c->param)
		fb_cases_value(l->m, row, c->param, out);
	else if (c->figure >= 0)
		fb_cases_format((enum fb_figure)c->figure, row->figure[c->figure], out);
	else
		snprintf(out, FB_CASES_TEXT, "%s", fb_cases_field(l->m, row, c->field));
	if (!*out)
		snprintf(out, FB_CASES_TEXT, "-");
}

static void widen(struct column *c, const char *text)
{
	int len = (int)strlen(text);

	c->width = len > c->width ? len : c->width;
}

static void measure(struct layout *l, struct column *c)
{
	char text[FB_CASES_TEXT];

	widen(c, c->head[0]);
	widen(c, c->head[1]);
	for (size_t i = 0; i < l->m->n; i++) {
		const struct fb_cases_row *row = &l->m->cases[i];

		if (!row->failed || c->figure < 0) {
			cell(l, c, row, text);
			widen(c, text);
		} else if (c->figure == FB_FIGURE_COMMIT_P50 &&
			   c->width < STATUS_WIDTH) {
			/* The one figure that is always there has room for a status. */
			c->width = STATUS_WIDTH;
		}
	}
}

static int total_width(const struct layout *l)
{
	int total = GAP; /* a mode stands under its path, set in */

	for (size_t i = 0; i < l->n; i++)
		total += l->columns[i].width + (i ? GAP : 0);
	return total;
}

/* Later, in the order they would have had here. */
static void put_off(struct layout *l, const struct column *c)
{
	size_t at = l->n_rest++;

	for (; at && l->rest[at - 1].place > c->place; at--)
		l->rest[at] = l->rest[at - 1];
	l->rest[at] = *c;
}

static void fit(struct layout *l)
{
	for (size_t i = 0; i < l->n; i++)
		measure(l, &l->columns[i]);
	while (total_width(l) > l->width) {
		size_t least = 0;

		for (size_t i = 1; i < l->n; i++)
			if (l->columns[i].need < l->columns[least].need)
				least = i;
		if (l->columns[least].need == NEED_ALWAYS)
			return;
		if (l->columns[least].need != NEED_NOT)
			put_off(l, &l->columns[least]);
		memmove(&l->columns[least], &l->columns[least + 1],
			(l->n - least - 1) * sizeof(l->columns[0]));
		l->n--;
	}
}

/* In several tables a case is found again by its number. */
static void choose_columns(struct layout *l)
{
	add_columns(l, NEED_NOT);
	fit(l);
	if (!l->n_rest)
		return;
	l->n = l->n_rest = 0;
	add_columns(l, NEED_ALWAYS);
	fit(l);
}

static void choose_rest(struct layout *l, const struct layout *before)
{
	size_t keys;

	add_field(l, "path", "mode", NEED_ALWAYS);
	add_column(l, "", "case", NEED_ALWAYS)->field = "case_id";
	/* What tells the cases apart is said again where there is room. */
	for (size_t i = 0; i < before->n; i++) {
		if (!before->columns[i].param)
			continue;
		l->columns[l->n] = before->columns[i];
		l->columns[l->n++].need = NEED_NOT;
	}
	keys = l->n;
	for (size_t i = 0; i < keys; i++)
		l->columns[i].again = true;
	for (size_t i = 0; i < before->n_rest; i++)
		l->columns[l->n++] = before->rest[i];
	/* One at least comes off, however narrow it is. */
	l->columns[keys].need = NEED_ALWAYS;
	l->continued = true;
	fit(l);
}

static void put_cell(struct fb_line *line, const struct column *c, bool first,
		     const char *text)
{
	if (!first)
		fb_line_add(line, GAP, "");
	fb_line_add(line, c->left ? -c->width : c->width, text);
}

static void print_head(const struct layout *l, FILE *out)
{
	for (int k = 0; k < 2; k++) {
		struct fb_line line = {.text = ""};

		if (k)
			fb_line_add(&line, GAP, "");
		for (size_t i = 0; i < l->n; i++) {
			struct column c = l->columns[i];

			/* The path is not set in, so its column is wider. */
			c.width += !i && !k ? GAP : 0;
			put_cell(&line, &c, !i, c.head[k]);
		}
		fb_line_print(&line, out, l->colour ? FB_DIM : "");
	}
}

/* In the place of the figures: as much of the error as there is room for. */
static void put_error(struct fb_line *line, const struct layout *l,
		      const struct fb_cases_row *row)
{
	const struct fb_csv_table *t = l->m->t;
	const char *hex = fb_csv_get(t, row->failed_row, fb_csv_find(t, "status"));
	const char *os = fb_csv_get(t, row->failed_row, fb_csv_find(t, "os_error"));
	const char *name = fb_cases_status(hex);
	char part[FB_CASES_TEXT];

	fb_line_add(line, GAP, "");
	if (strtoul(hex, NULL, 16))
		fb_line_add(line, 0, hex);
	else
		fb_line_add(line, 0, "error");
	if (name) {
		snprintf(part, sizeof(part), " %s", name);
		fb_line_add_if(line, l->width, part);
	}
	if (*os && strcmp(os, "0")) {
		snprintf(part, sizeof(part), ", os error %.20s", os);
		fb_line_add_if(line, l->width, part);
	}
	if (row->failed < row->reps) {
		snprintf(part, sizeof(part), ", %u of %u", row->failed, row->reps);
		fb_line_add_if(line, l->width, part);
	}
}

static void print_case(const struct layout *l, const struct fb_cases_row *row,
		       FILE *out)
{
	struct fb_line line = {.text = ""};
	char text[FB_CASES_TEXT];

	fb_line_add(&line, GAP, "");
	for (size_t i = 0; i < l->n; i++) {
		const struct column *c = &l->columns[i];

		if (row->failed && c->figure >= 0 && !l->continued)
			continue;
		if (row->failed && c->figure >= 0)
			snprintf(text, sizeof(text), "-");
		else
			cell(l, c, row, text);
		put_cell(&line, c, !i, text);
	}
	if (row->failed && !l->continued)
		put_error(&line, l, row);
	fb_line_print(&line, out, "");
}

/* A table below says of a case only what is new; of some there is nothing. */
static bool is_shown(const struct layout *l, const struct fb_cases_row *row)
{
	char text[FB_CASES_TEXT];

	if (!l->continued)
		return true;
	for (size_t i = 0; i < l->n; i++) {
		if (l->columns[i].again || (row->failed && l->columns[i].figure >= 0))
			continue;
		cell(l, &l->columns[i], row, text);
		if (strcmp(text, "-") != 0)
			return true;
	}
	return false;
}

/* Has a case before this one its path? */
static bool path_seen(const struct layout *l, size_t i)
{
	const struct fb_cases *m = l->m;

	for (size_t k = 0; k < i; k++)
		if (is_shown(l, &m->cases[k]) &&
		    !strcmp(fb_cases_field(m, &m->cases[k], "path"),
			    fb_cases_field(m, &m->cases[i], "path")))
			return true;
	return false;
}

static void print_cases(const struct layout *l, FILE *out)
{
	const struct fb_cases *m = l->m;

	for (size_t i = 0; i < m->n; i++) {
		const char *path = fb_cases_field(m, &m->cases[i], "path");

		if (!is_shown(l, &m->cases[i]) || path_seen(l, i))
			continue;
		fprintf(out, "%s\n", path);
		for (size_t k = i; k < m->n; k++)
			if (!strcmp(fb_cases_field(m, &m->cases[k], "path"), path) &&
			    is_shown(l, &m->cases[k]))
				print_case(l, &m->cases[k], out);
	}
}

void fb_table_layout_print(const struct fb_cases *m, FILE *out, int width, bool colour)
{
	struct layout l = {.m = m, .width = width, .colour = colour};

	choose_columns(&l);
	for (;;) {
		struct layout next = {.m = m, .width = width, .colour = colour};

		print_head(&l, out);
		print_cases(&l, out);
		if (!l.n_rest)
			return;
		choose_rest(&next, &l);
		l = next;
		fputc('\n', out);
	}
}
