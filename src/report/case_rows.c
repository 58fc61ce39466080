#include "report/case_rows.h"

#include "report/cases.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Neighbouring rows of one repetition. */
struct fb_case_span {
	unsigned case_id, rep;
	bool traced;
	size_t begin, end;
};

/* Case and repetition in one number, of the repetitions that were traced. */
struct traced {
	uint64_t *keys;
	size_t n;
};

static unsigned number_at(const struct fb_csv_table *t, size_t row, int column)
{
	return (unsigned)strtoul(fb_csv_get(t, row, column), NULL, 10);
}

static uint64_t key_of(unsigned case_id, unsigned rep)
{
	return (uint64_t)case_id << 32 | rep;
}

static int compare_keys(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static int list_traced(const struct fb_csv_table *summary, struct traced *out)
{
	size_t rows = summary ? fb_csv_rows(summary) : 0;
	int case_column, rep_column;

	out->keys = malloc((rows + 1) * sizeof(*out->keys));
	if (!out->keys)
		return -ENOMEM;
	case_column = rows ? fb_csv_find(summary, "case_id") : 0;
	rep_column = rows ? fb_csv_find(summary, "rep") : 0;
	for (size_t row = 0; row < rows; row++)
		if (fb_cases_row_is_traced(summary, row))
			out->keys[out->n++] =
				key_of(number_at(summary, row, case_column),
				       number_at(summary, row, rep_column));
	qsort(out->keys, out->n, sizeof(*out->keys), compare_keys);
	return 0;
}

static bool is_traced(const struct traced *traced, unsigned case_id, unsigned rep)
{
	uint64_t key = key_of(case_id, rep);

	return bsearch(&key, traced->keys, traced->n, sizeof(key), compare_keys);
}

/* @like: of one row, at the end of the list or of the span before. */
static int add_row(struct fb_case_rows *r, const struct fb_case_span *like,
		   size_t *room)
{
	struct fb_case_span *last = r->n ? &r->spans[r->n - 1] : NULL;
	struct fb_case_span *more;

	if (last && last->case_id == like->case_id && last->rep == like->rep) {
		last->end = like->end;
		return 0;
	}
	if (r->n == *room) {
		*room = *room ? 2 * *room : 64;
		more = realloc(r->spans, *room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		r->spans = more;
	}
	r->spans[r->n++] = *like;
	return 0;
}

static int add_rows(struct fb_case_rows *r, int case_column,
		    const struct traced *traced)
{
	const int rep_column = fb_csv_find(r->t, "rep");
	size_t room = 0;
	int ret = 0;

	for (size_t row = 0; !ret && row < fb_csv_rows(r->t); row++) {
		struct fb_case_span one = {
			.case_id = number_at(r->t, row, case_column),
			.rep = number_at(r->t, row, rep_column),
			.begin = row,
			.end = row + 1,
		};

		one.traced = is_traced(traced, one.case_id, one.rep);
		ret = add_row(r, &one, &room);
	}
	return ret;
}

int fb_case_rows_make(struct fb_case_rows *r, const struct fb_csv_table *t,
		      const struct fb_csv_table *summary, struct fb_err *err)
{
	struct fb_case_rows made = {.t = t};
	int column = t ? fb_csv_find(t, "case_id") : 0, ret = 0;
	struct traced traced = {0};

	if (column < 0)
		return fb_err_set(err, -EINVAL,
				  "a file of the run has no column "
				  "case_id; is it flushbench's?");
	ret = list_traced(summary, &traced);
	if (t && !ret)
		ret = add_rows(&made, column, &traced);
	free(traced.keys);
	if (ret) {
		fb_case_rows_free(&made);
		return fb_err_set(err, ret, "out of memory");
	}
	*r = made;
	return 0;
}

void fb_case_rows_free(struct fb_case_rows *r)
{
	free(r->spans);
	*r = (struct fb_case_rows){0};
}

bool fb_case_rows_next(const struct fb_case_rows *r, unsigned case_id,
		       struct fb_case_row *at)
{
	for (; at->span < r->n; at->span++) {
		const struct fb_case_span *s = &r->spans[at->span];

		if (s->case_id != case_id || s->traced != at->traced ||
		    at->next >= s->end)
			continue;
		at->row = at->next > s->begin ? at->next : s->begin;
		at->next = at->row + 1;
		return true;
	}
	return false;
}

/* The columns of histogram.csv. */
struct buckets {
	const struct fb_csv_table *t;
	int op, low, high, count;
};

static bool is_number(double v, double least)
{
	return v >= least && v < 0x1p63;
}

static int add_bucket(const struct buckets *b, size_t row, struct fb_hist *h,
		      struct fb_err *err)
{
	double low, high, count;
	uint64_t first, last, n;
	int ret = fb_csv_get_real(b->t, row, b->low, &low, err);

	if (!ret)
		ret = fb_csv_get_real(b->t, row, b->high, &high, err);
	if (!ret)
		ret = fb_csv_get_real(b->t, row, b->count, &count, err);
	if (ret)
		return ret;
	if (!is_number(low, 0) || !is_number(high, low) || !is_number(count, 1))
		return fb_err_set(err, -EINVAL,
				  "histogram.csv: row %zu of those that count is no "
				  "bucket: low, high and count must be whole numbers "
				  "from 0, 0 and 1 on",
				  row + 1);
	first = (uint64_t)low;
	last = (uint64_t)high;
	n = (uint64_t)count;
	if (n > UINT64_MAX / 2 - h->count)
		return fb_err_set(err, -EINVAL,
				  "histogram.csv: more samples than can be counted, "
				  "from row %zu on",
				  row + 1);
	h->count += n;
	h->sum += n * first + n * (last - first) / 2;
	h->min = first < h->min ? first : h->min;
	h->max = last > h->max ? last : h->max;
	h->out_of_range += first > FB_HIST_HIGHEST ? n : 0;
	/* The last bucket holds what is above an hour. */
	first = first < FB_HIST_HIGHEST ? first : FB_HIST_HIGHEST;
	h->counters[fb_hist_index(first)] += n;
	return 0;
}

/* What is added up: the rows of one op, of traced repetitions or of the others. */
struct wanted {
	unsigned case_id;
	const char *name;
	bool traced;
};

static int pool(const struct fb_case_rows *r, const struct wanted *w,
		struct fb_hist *out, struct fb_err *err)
{
	struct fb_case_row at = {.traced = w->traced};
	struct buckets b = {.t = r->t};
	int ret = 0;

	fb_hist_reset(out);
	if (!r->t)
		return 0;
	b.op = fb_csv_find(r->t, "op");
	b.low = fb_csv_find(r->t, "low");
	b.high = fb_csv_find(r->t, "high");
	b.count = fb_csv_find(r->t, "count");
	while (!ret && fb_case_rows_next(r, w->case_id, &at))
		if (!strcmp(fb_csv_get(r->t, at.row, b.op), w->name))
			ret = add_bucket(&b, at.row, out, err);
	return ret;
}

int fb_case_rows_pool(const struct fb_case_rows *r, unsigned case_id, enum fb_op op,
		      struct fb_hist *out, struct fb_err *err)
{
	return pool(r, &(struct wanted){case_id, fb_op_names[op], false}, out, err);
}

int fb_case_rows_pool_traced(const struct fb_case_rows *r, unsigned case_id,
			     const char *name, struct fb_hist *out, struct fb_err *err)
{
	return pool(r, &(struct wanted){case_id, name, true}, out, err);
}
