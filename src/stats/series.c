#include "stats/series.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	OPS_MAX = 3,
	COARSE_BITS = 5,
	COARSE_HALF = 1 << COARSE_BITS,
	/* Octaves from 64 ns to the top of the histogram, and the first two halves. */
	COARSE = (36 + 2) * COARSE_HALF,
	/* 512 intervals of 32 buckets; two whole shapes must fit or nothing merges. */
	POOL_PER_OP = 16 * 1024,
	/* 53 bits count a sample each nanosecond for a hundred days. */
	COUNT_BITS = 53,
};

/* A bucket and its count in one word, so that lists sort by bucket. */
static uint64_t pair_of(uint32_t bucket, uint64_t count)
{
	return (uint64_t)bucket << COUNT_BITS | count;
}

static uint32_t pair_bucket(uint64_t pair)
{
	return (uint32_t)(pair >> COUNT_BITS);
}

static uint64_t pair_count(uint64_t pair)
{
	return pair & ((1ull << COUNT_BITS) - 1);
}

/* One op of one interval: @pairs words of the pool from @first. */
struct point {
	uint32_t first;
	uint32_t pairs;
	uint64_t max;
};

/*
 * @closed: what the closed intervals hold of each live bucket; the running
 *          interval is the live histogram less this
 * @pending_max: of samples that a reopened interval gave back
 * @pool:   the intervals' lists in order, op after op, without gaps
 */
struct fb_series {
	unsigned ops;
	bool finished;
	uint64_t interval_ns;
	uint64_t end_ns;
	size_t n;
	size_t used;
	size_t room;
	struct point point[FB_SERIES_INTERVALS][OPS_MAX];
	uint64_t whole_max[OPS_MAX];
	uint64_t pending_max[OPS_MAX];
	uint64_t closed_count[OPS_MAX];
	uint64_t closed[OPS_MAX][COARSE];
	uint64_t scratch[2 * OPS_MAX * COARSE];
	uint64_t pool[];
};

static uint32_t coarse_index(uint64_t v)
{
	unsigned exp = 58u - (unsigned)__builtin_clzll(v | (2 * COARSE_HALF - 1));

	return (exp << COARSE_BITS) + (uint32_t)(v >> exp);
}

static uint64_t coarse_low(uint32_t index)
{
	unsigned exp = index < 2 * COARSE_HALF ? 0 : (index >> COARSE_BITS) - 1;

	return (uint64_t)(index - (exp << COARSE_BITS)) << exp;
}

static uint64_t coarse_high(uint32_t index)
{
	return coarse_low(index + 1) - 1;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

size_t fb_series_bytes(unsigned ops)
{
	return sizeof(struct fb_series) + ops * POOL_PER_OP * sizeof(uint64_t);
}

/* The first use of a page must not fall between two timed ops. */
static void touch(void *p, size_t len)
{
	volatile unsigned char *bytes = p;

	for (size_t i = 0; i < len; i += 4096)
		bytes[i] = 0;
}

struct fb_series *fb_series_new(unsigned ops, uint64_t interval_ns)
{
	struct fb_series *s = calloc(1, fb_series_bytes(ops));

	if (!s)
		return NULL;
	touch(s, fb_series_bytes(ops));
	s->ops = ops;
	s->interval_ns = interval_ns;
	s->room = ops * POOL_PER_OP;
	return s;
}

void fb_series_free(struct fb_series *s)
{
	free(s);
}

uint64_t fb_series_due_ns(const struct fb_series *s)
{
	return (s->n + 1) * s->interval_ns;
}

/* Adds two sorted lists; @out may overlay what has been read of @a. */
static uint32_t add_lists(uint64_t *out, const uint64_t *a, size_t na,
			  const uint64_t *b, size_t nb)
{
	const uint64_t *a_end = a + na, *b_end = b + nb;
	uint64_t *o = out;

	while (a < a_end && b < b_end) {
		uint32_t in_a = pair_bucket(*a), in_b = pair_bucket(*b);
		uint64_t pair = in_a <= in_b ? *a++ : *b++;

		if (in_a == in_b)
			pair += pair_count(*b++);
		*o++ = pair;
	}
	while (a < a_end)
		*o++ = *a++;
	while (b < b_end)
		*o++ = *b++;
	return (uint32_t)(o - out);
}

/* Gives the last closed interval back to the running one. */
static void reopen_last(struct fb_series *s)
{
	const struct point *last = s->point[--s->n];

	for (unsigned op = 0; op < s->ops; op++) {
		const uint64_t *pair = s->pool + last[op].first;

		for (uint32_t i = 0; i < last[op].pairs; i++) {
			s->closed[op][pair_bucket(pair[i])] -= pair_count(pair[i]);
			s->closed_count[op] -= pair_count(pair[i]);
		}
		s->pending_max[op] = larger(s->pending_max[op], last[op].max);
	}
	s->used = last[0].first;
}

/* Interval @i and its neighbour, if it has one, become interval @i / 2. */
static void join(struct fb_series *s, size_t i, size_t end)
{
	size_t base = s->point[i][0].first;
	struct point a[OPS_MAX], b[OPS_MAX] = {{0}};

	if (i + 2 < s->n)
		end = s->point[i + 2][0].first;
	memcpy(a, s->point[i], sizeof(a));
	if (i + 1 < s->n)
		memcpy(b, s->point[i + 1], sizeof(b));
	memcpy(s->scratch, s->pool + base, (end - base) * sizeof(*s->pool));
	for (unsigned op = 0; op < s->ops; op++) {
		const uint64_t *in_a = s->scratch + (a[op].first - base);
		const uint64_t *in_b = b[op].pairs ? s->scratch + (b[op].first - base)
						   : s->scratch;
		struct point *out = &s->point[i / 2][op];

		out->first = (uint32_t)s->used;
		out->pairs = add_lists(s->pool + s->used, in_a, a[op].pairs, in_b,
				       b[op].pairs);
		out->max = larger(a[op].max, b[op].max);
		s->used += out->pairs;
	}
}

/* Doubles the interval. Half a pair is not due yet, so it runs on. */
static void coarsen(struct fb_series *s)
{
	size_t end;

	if (!s->finished && s->n % 2)
		reopen_last(s);
	end = s->used;
	s->used = 0;
	for (size_t i = 0; i < s->n; i += 2)
		join(s, i, end);
	s->n = (s->n + 1) / 2;
	s->interval_ns *= 2;
}

static uint64_t live_count(const struct fb_hist *h, uint32_t bucket)
{
	uint32_t last = fb_hist_index(coarse_high(bucket));
	uint64_t count = 0;

	for (uint32_t i = fb_hist_index(coarse_low(bucket)); i <= last; i++)
		count += h->counters[i];
	return count;
}

/* What op @op gained since its last close, as a list; its length. */
static uint32_t gained(const struct fb_series *s, unsigned op, const struct fb_hist *h,
		       uint64_t *list)
{
	uint64_t max = larger(h->max, s->pending_max[op]);
	uint32_t bucket, last, n = 0;

	if (h->count == s->closed_count[op])
		return 0;
	bucket = coarse_index(h->min < FB_HIST_HIGHEST ? h->min : FB_HIST_HIGHEST);
	last = coarse_index(max < FB_HIST_HIGHEST ? max : FB_HIST_HIGHEST);
	for (; bucket <= last; bucket++) {
		uint64_t count = live_count(h, bucket) - s->closed[op][bucket];

		if (count)
			list[n++] = pair_of(bucket, count);
	}
	return n;
}

static void close_op(struct fb_series *s, unsigned op, struct fb_hist *live,
		     struct point *p)
{
	const uint64_t *pair = s->pool + p->first;

	for (uint32_t i = 0; i < p->pairs; i++)
		s->closed[op][pair_bucket(pair[i])] += pair_count(pair[i]);
	s->closed_count[op] = live->count;
	p->max = larger(live->max, s->pending_max[op]);
	s->whole_max[op] = larger(s->whole_max[op], p->max);
	s->pending_max[op] = 0;
	live->max = 0;
}

/* Closes the running interval; false when there is no room for it. */
static bool append(struct fb_series *s, struct fb_hist *const *live)
{
	struct point p[OPS_MAX] = {{0}};
	size_t total = 0;

	if (s->n == FB_SERIES_INTERVALS)
		return false;
	for (unsigned op = 0; op < s->ops; op++) {
		p[op].first = (uint32_t)(s->used + total);
		p[op].pairs = gained(s, op, live[op], s->scratch + total);
		total += p[op].pairs;
	}
	if (s->used + total > s->room)
		return false;
	memcpy(s->pool + s->used, s->scratch, total * sizeof(*s->pool));
	s->used += total;
	for (unsigned op = 0; op < s->ops; op++)
		close_op(s, op, live[op], &p[op]);
	memcpy(s->point[s->n++], p, sizeof(p));
	return true;
}

void fb_series_close(struct fb_series *s, struct fb_hist *const *live, uint64_t now_ns)
{
	while (fb_series_due_ns(s) <= now_ns)
		if (!append(s, live))
			coarsen(s);
}

static bool any_gained(const struct fb_series *s, struct fb_hist *const *live)
{
	for (unsigned op = 0; op < s->ops; op++)
		if (live[op]->count != s->closed_count[op])
			return true;
	return false;
}

void fb_series_finish(struct fb_series *s, struct fb_hist *const *live, uint64_t end_ns)
{
	bool left;

	fb_series_close(s, live, end_ns);
	left = any_gained(s, live);
	/* No interval of no length for what came after the last one was closed. */
	if (left && s->n && end_ns <= s->n * s->interval_ns)
		reopen_last(s);
	if (left || end_ns > s->n * s->interval_ns)
		while (!append(s, live))
			coarsen(s);
	s->end_ns = end_ns;
	s->finished = true;
	for (unsigned op = 0; op < s->ops; op++)
		live[op]->max = s->whole_max[op];
}

static struct point point_at(const struct fb_series *s, size_t i, unsigned op)
{
	return i < s->n ? s->point[i][op] : (struct point){0};
}

static size_t sum_length(struct fb_series *x, const struct fb_series *y)
{
	size_t n = x->n > y->n ? x->n : y->n, total = 0;

	for (size_t i = 0; i < n; i++) {
		for (unsigned op = 0; op < x->ops; op++) {
			struct point a = point_at(x, i, op), b = point_at(y, i, op);

			total += add_lists(x->scratch, x->pool + a.first, a.pairs,
					   y->pool + b.first, b.pairs);
		}
	}
	return total;
}

/* The sum never overtakes the reader: what is unread of @into is part of it. */
static void add_in_place(struct fb_series *into, const struct fb_series *from)
{
	size_t shift = into->room - into->used;
	size_t n = into->n > from->n ? into->n : from->n;

	memmove(into->pool + shift, into->pool, into->used * sizeof(*into->pool));
	into->used = 0;
	for (size_t i = 0; i < n; i++) {
		for (unsigned op = 0; op < into->ops; op++) {
			struct point a = point_at(into, i, op);
			struct point b = point_at(from, i, op);
			struct point *out = &into->point[i][op];

			out->first = (uint32_t)into->used;
			out->pairs = add_lists(into->pool + into->used,
					       into->pool + shift + a.first, a.pairs,
					       from->pool + b.first, b.pairs);
			out->max = larger(a.max, b.max);
			into->used += out->pairs;
		}
	}
	into->n = n;
}

void fb_series_merge(struct fb_series *into, struct fb_series *from)
{
	while (into->interval_ns < from->interval_ns)
		coarsen(into);
	while (from->interval_ns < into->interval_ns)
		coarsen(from);
	while (sum_length(into, from) > into->room) {
		coarsen(into);
		coarsen(from);
	}
	add_in_place(into, from);
	into->end_ns = larger(into->end_ns, from->end_ns);
}

size_t fb_series_count(const struct fb_series *s)
{
	return s->n;
}

static uint64_t coarse_percentile(const struct fb_series *s, const struct point *p,
				  uint64_t count, double at)
{
	const uint64_t *pair = s->pool + p->first;
	uint64_t rank = fb_hist_rank(count, at), seen = pair_count(*pair), high;

	while (seen < rank)
		seen += pair_count(*++pair);
	if (pair_bucket(*pair) == coarse_index(FB_HIST_HIGHEST))
		return p->max;
	high = coarse_high(pair_bucket(*pair));
	return high < p->max ? high : p->max;
}

struct fb_interval fb_series_get(const struct fb_series *s, unsigned op, size_t i)
{
	const struct point *p = &s->point[i][op];
	uint64_t end_ns = (i + 1) * s->interval_ns;
	struct fb_interval r = {.max_ns = p->max};

	if (s->finished && i + 1 == s->n && s->end_ns < end_ns)
		end_ns = s->end_ns;
	r.t_ms = (double)end_ns / 1e6;
	for (uint32_t k = 0; k < p->pairs; k++)
		r.count += pair_count(s->pool[p->first + k]);
	if (!r.count)
		return r;
	r.p50_ns = coarse_percentile(s, p, r.count, 50);
	r.p99_ns = coarse_percentile(s, p, r.count, 99);
	return r;
}
