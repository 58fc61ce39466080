#include "report/case_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Neighbouring rows of one case. */
struct fb_case_span {
	unsigned case_id;
	size_t begin, end;
};

static int add_row(struct fb_case_rows *r, unsigned case_id, size_t row, size_t *room)
{
	struct fb_case_span *last = r->n ? &r->spans[r->n - 1] : NULL;
	struct fb_case_span *more;

	if (last && last->case_id == case_id) {
		last->end = row + 1;
		return 0;
	}
	if (r->n == *room) {
		*room = *room ? 2 * *room : 64;
		more = realloc(r->spans, *room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		r->spans = more;
	}
	r->spans[r->n++] = (struct fb_case_span){case_id, row, row + 1};
	return 0;
}

int fb_case_rows_make(struct fb_case_rows *r, const struct fb_csv_table *t,
		      struct fb_err *err)
{
	struct fb_case_rows made = {.t = t};
	int column = t ? fb_csv_find(t, "case_id") : 0, ret = 0;
	size_t room = 0;

	if (column < 0)
		return fb_err_set(err, -EINVAL,
				  "a file of the run has no column "
				  "case_id; is it flushbench's?");
	for (size_t row = 0; t && !ret && row < fb_csv_rows(t); row++)
		ret = add_row(&made,
			      (unsigned)strtoul(fb_csv_get(t, row, column), NULL, 10),
			      row, &room);
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

		if (s->case_id != case_id || at->next >= s->end)
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

int fb_case_rows_pool(const struct fb_case_rows *r, unsigned case_id, enum fb_op op,
		      struct fb_hist *out, struct fb_err *err)
{
	struct fb_case_row at = {0};
	struct buckets b = {.t = r->t};
	int ret = 0;

	fb_hist_reset(out);
	if (!r->t)
		return 0;
	b.op = fb_csv_find(r->t, "op");
	b.low = fb_csv_find(r->t, "low");
	b.high = fb_csv_find(r->t, "high");
	b.count = fb_csv_find(r->t, "count");
	while (!ret && fb_case_rows_next(r, case_id, &at))
		if (!strcmp(fb_csv_get(r->t, at.row, b.op), fb_op_names[op]))
			ret = add_bucket(&b, at.row, out, err);
	return ret;
}
