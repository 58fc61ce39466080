#include "report/table_requests.h"

#include "base/units.h"
#include "report/io_sums.h"
#include "report/table_layout.h"
#include "report/table_text.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Columns: what it is divided by, the classes in their order, and two more. */
enum { PER, FIRST_CLASS, OTHERS = FIRST_CLASS + FB_IO_CLASSES, WRITTEN, COLUMNS };

enum { NEED_ALWAYS = 1000 };

static const int needs[COLUMNS] = {
	[PER] = NEED_ALWAYS,
	[FIRST_CLASS + FB_IO_DATA] = NEED_ALWAYS,
	[FIRST_CLASS + FB_IO_JOURNAL] = 8,
	[FIRST_CLASS + FB_IO_METADATA] = 7,
	[FIRST_CLASS + FB_IO_FLUSH] = NEED_ALWAYS,
	[FIRST_CLASS + FB_IO_READ] = 2,
	[FIRST_CLASS + FB_IO_DISCARD] = 1,
	[FIRST_CLASS + FB_IO_OTHER] = 5,
	[OTHERS] = 4,
	[WRITTEN] = 3,
};

/* struct table - the cells of each column, and whether any case has something there */
struct table {
	char (*cells[COLUMNS])[FB_CASES_TEXT];
	bool any[COLUMNS];
	double unseen;
	bool rows;
};

/* Less would be shown as none. */
static bool is_shown(double v)
{
	return v >= 0.005;
}

static void put_count(struct table *t, int column, size_t i, double v)
{
	fb_cases_format(FB_FIGURE_WRITE_AMP, v, t->cells[column][i]);
	t->any[column] |= is_shown(v);
}

static bool has_any(const struct fb_io_sums *s, double by)
{
	for (int class = 0; class < FB_IO_CLASSES; class ++)
		if (is_shown(s->requests[class] / by))
			return true;
	return is_shown(s->foreign_requests / by);
}

static void put_row(struct table *t, size_t i, const struct fb_io_sums *s)
{
	const double by = fb_io_sums_divisor(s);
	char bytes[FB_FORMAT_LEN];

	if (!s->any || !(by > 0) || !has_any(s, by))
		return;
	snprintf(t->cells[PER][i], FB_CASES_TEXT, "%s",
		 s->flushes > 0 ? "flush" : "op");
	t->any[PER] |= !(s->flushes > 0);
	for (int class = 0; class < FB_IO_CLASSES; class ++)
		put_count(t, FIRST_CLASS + class, i, s->requests[class] / by);
	put_count(t, OTHERS, i, s->foreign_requests / by);
	snprintf(t->cells[WRITTEN][i], FB_CASES_TEXT, "%s",
		 fb_format_bytes(bytes, fb_io_sums_written(s) / by));
	t->any[WRITTEN] = true;
	t->unseen = fmax(t->unseen, s->unseen);
	t->rows = true;
}

static int fill(struct table *t, const struct fb_io_source *s, const struct fb_cases *m,
		struct fb_err *err)
{
	struct fb_io_sums sums;

	for (int k = 0; k < COLUMNS; k++) {
		t->cells[k] = calloc(m->n, sizeof(*t->cells[k]));
		if (!t->cells[k])
			return fb_err_set(err, -ENOMEM, "out of memory");
	}
	for (size_t i = 0; i < m->n; i++) {
		const struct fb_cases_row *c = &m->cases[i];
		int ret;

		for (int k = 0; k < COLUMNS; k++)
			snprintf(t->cells[k][i], FB_CASES_TEXT, "-");
		if (c->failed || !c->traced)
			continue;
		ret = fb_io_sums_make(&sums, s, fb_cases_number(m, c), err);
		if (ret)
			return ret;
		put_row(t, i, &sums);
	}
	return 0;
}

static const char *head_of(int column)
{
	switch (column) {
	case PER:
		return "per";
	case OTHERS:
		return "others";
	case WRITTEN:
		return "written";
	default:
		return fb_io_class_names[column - FIRST_CLASS];
	}
}

static void print(const struct table *t, const struct fb_requests_table *to,
		  const struct fb_cases *m)
{
	struct fb_columns l = {.m = m, .width = to->width, .colour = to->colour};
	struct fb_column own[COLUMNS] = {0};
	char text[128], unseen[FB_SHARE_TEXT];
	size_t n = 0;

	for (int k = 0; k < COLUMNS; k++) {
		if (!t->any[k])
			continue;
		own[n].need = needs[k];
		own[n].left = k == PER;
		own[n].cells = (const char(*)[FB_CASES_TEXT])t->cells[k];
		snprintf(own[n++].head[1], FB_CASES_TEXT, "%s", head_of(k));
	}
	fb_io_share(100 * t->unseen, unseen);
	snprintf(text, sizeof(text), "requests of the disk for each %s, traced%s%s%s",
		 t->any[PER] ? "flush or op" : "flush", *unseen ? "; up to " : "",
		 unseen, *unseen ? " % of what it did was not seen" : "");
	fputc('\n', to->out);
	fb_text_wrap(to->out, text, to->width, 2, to->colour ? FB_DIM : "");
	fb_columns_of(&l, own, n);
	fb_table_layout_put(&l, to->out);
}

int fb_table_requests_print(const struct fb_requests_table *to, const struct fb_run *r,
			    const struct fb_cases *m, struct fb_err *err)
{
	struct fb_case_rows io = {0}, summary = {0};
	const struct fb_io_source source = {r, &io, &summary};
	struct table t = {.rows = false};
	int ret = fb_case_rows_make(&io, r->table[FB_RUN_IO], m->t, err);

	if (!ret)
		ret = fb_case_rows_make(&summary, m->t, m->t, err);
	if (!ret)
		ret = fill(&t, &source, m, err);
	if (!ret && t.rows)
		print(&t, to, m);
	for (int k = 0; k < COLUMNS; k++)
		free(t.cells[k]);
	fb_case_rows_free(&io);
	fb_case_rows_free(&summary);
	return ret;
}
