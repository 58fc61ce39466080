#include "report/table_layout.h"

#include "report/table_text.h"

#include <stdlib.h>
#include <string.h>

static void put_cell(struct fb_line *line, const struct fb_column *c, bool first,
		     const char *text)
{
	if (!first)
		fb_line_add(line, FB_COLUMNS_GAP, "");
	fb_line_add(line, c->left ? -c->width : c->width, text);
}

static void print_head(const struct fb_columns *l, FILE *out)
{
	for (int k = 0; k < 2; k++) {
		struct fb_line line = {.text = ""};

		if (k)
			fb_line_add(&line, FB_COLUMNS_GAP, "");
		for (size_t i = 0; i < l->n; i++) {
			struct fb_column c = l->list[i];

			/* The path is not set in, so its column is wider. */
			c.width += !i && !k ? FB_COLUMNS_GAP : 0;
			put_cell(&line, &c, !i, c.head[k]);
		}
		fb_line_print(&line, out, l->colour ? FB_DIM : "");
	}
}

/* In the place of the figures: as much of the error as there is room for. */
static void put_error(struct fb_line *line, const struct fb_columns *l,
		      const struct fb_cases_row *row)
{
	const struct fb_csv_table *t = l->m->t;
	const char *hex = fb_csv_get(t, row->failed_row, fb_csv_find(t, "status"));
	const char *os = fb_csv_get(t, row->failed_row, fb_csv_find(t, "os_error"));
	const char *name = fb_cases_status(hex);
	char part[FB_CASES_TEXT];

	fb_line_add(line, FB_COLUMNS_GAP, "");
	if (fb_cases_is_refused(l->m, row)) {
		fb_line_add(line, 0, "refused");
		snprintf(part, sizeof(part), " %s", hex);
		fb_line_add_if(line, l->width, part);
	} else {
		fb_line_add(line, 0, strtoul(hex, NULL, 16) ? hex : "error");
	}
	if (name) {
		snprintf(part, sizeof(part), " %s", name);
		fb_line_add_if(line, l->width, part);
	}
	if (*os && strcmp(os, "0")) {
		snprintf(part, sizeof(part), ", os error %.20s", os);
		fb_line_add_if(line, l->width, part);
	}
	if (row->failed < row->reps + row->traced) {
		snprintf(part, sizeof(part), ", %u of %u", row->failed,
			 row->reps + row->traced);
		fb_line_add_if(line, l->width, part);
	}
}

static void print_case(const struct fb_columns *l, const struct fb_cases_row *row,
		       FILE *out)
{
	struct fb_line line = {.text = ""};
	char text[FB_CASES_TEXT];

	fb_line_add(&line, FB_COLUMNS_GAP, "");
	for (size_t i = 0; i < l->n; i++) {
		const struct fb_column *c = &l->list[i];

		if (row->failed && c->figure >= 0 && !l->continued)
			continue;
		if (row->failed && c->figure >= 0)
			snprintf(text, sizeof(text), "-");
		else
			fb_columns_cell(l, c, row, text);
		put_cell(&line, c, !i, text);
	}
	if (row->failed && !l->continued)
		put_error(&line, l, row);
	fb_line_print(&line, out, "");
}

/* What went wrong stands in the first table; that it is missing is a part of that. */
static bool is_said(const struct fb_columns *l, const struct fb_column *c,
		    const struct fb_cases_row *row)
{
	return (row->failed && c->figure >= 0) ||
	       (c->field && !strcmp(c->field, "fidelity") &&
		fb_cases_is_refused(l->m, row));
}

/* A table below says of a case only what is new; of some there is nothing. */
static bool is_shown(const struct fb_columns *l, const struct fb_cases_row *row)
{
	char text[FB_CASES_TEXT];

	if (!l->continued)
		return true;
	for (size_t i = 0; i < l->n; i++) {
		if (l->list[i].again || is_said(l, &l->list[i], row))
			continue;
		fb_columns_cell(l, &l->list[i], row, text);
		if (strcmp(text, "-") != 0)
			return true;
	}
	return false;
}

/* The path, apart from the same one emulated. */
static void heading(const struct fb_columns *l, size_t i, char out[FB_CASES_TEXT])
{
	const struct fb_cases_row *row = &l->m->cases[i];

	snprintf(out, FB_CASES_TEXT, "%.80s%s", fb_cases_field(l->m, row, "path"),
		 fb_cases_is_emulated(l->m, row) ? " (emulated)" : "");
}

/* Is it shown, under this heading? */
static bool is_under(const struct fb_columns *l, size_t i, const char *head)
{
	char own[FB_CASES_TEXT];

	heading(l, i, own);
	return !strcmp(own, head) && is_shown(l, &l->m->cases[i]);
}

static bool seen_before(const struct fb_columns *l, size_t i, const char *head)
{
	for (size_t k = 0; k < i; k++)
		if (is_under(l, k, head))
			return true;
	return false;
}

static void print_cases(const struct fb_columns *l, FILE *out)
{
	const struct fb_cases *m = l->m;
	char head[FB_CASES_TEXT];

	for (size_t i = 0; i < m->n; i++) {
		heading(l, i, head);
		if (!is_under(l, i, head) || seen_before(l, i, head))
			continue;
		fprintf(out, "%s\n", head);
		for (size_t k = i; k < m->n; k++)
			if (is_under(l, k, head))
				print_case(l, &m->cases[k], out);
	}
}

static bool has_rows(const struct fb_columns *l)
{
	for (size_t i = 0; i < l->m->n; i++)
		if (is_shown(l, &l->m->cases[i]))
			return true;
	return false;
}

void fb_table_layout_put(struct fb_columns *l, FILE *out)
{
	for (bool first = true;; first = false) {
		struct fb_columns next = {
			.m = l->m, .width = l->width, .colour = l->colour};

		if (has_rows(l)) {
			if (!first)
				fputc('\n', out);
			print_head(l, out);
			print_cases(l, out);
		}
		if (!l->n_rest)
			return;
		fb_columns_rest(&next, l);
		*l = next;
	}
}

void fb_table_layout_print(const struct fb_cases *m, FILE *out, int width, bool colour)
{
	struct fb_columns l = {.m = m, .width = width, .colour = colour};

	fb_columns_choose(&l);
	fb_table_layout_put(&l, out);
}
