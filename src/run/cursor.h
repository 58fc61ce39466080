/*
 * cursor.h - where the writes of the next op go
 *
 * One cursor a thread. Positions are counted in places (fb_case_places): blocks of bs,
 * on path registry a value each, on path nvmem as @align and @stride say. With share
 * one the cursors of a case claim from one counter, so that threads append to one log,
 * and none writes what another has written where that is promised.
 */
#ifndef FB_RUN_CURSOR_H
#define FB_RUN_CURSOR_H

#include "base/err.h"
#include "base/rng.h"
#include "path/path.h"
#include "plan/case.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* struct fb_zipf - Gray et al., SIGMOD 1994; @n items, rank 0 the favourite */
struct fb_zipf {
	uint64_t n;
	double theta, alpha, zeta_n, eta, half;
};

/*
 * struct fb_shuffle - a permutation of 0 .. n-1 in constant memory
 *
 * Four Feistel rounds over the next even power of two, walked until inside.
 */
struct fb_shuffle {
	uint64_t n;
	unsigned half_bits;
	uint64_t key[4];
};

void fb_shuffle_init(struct fb_shuffle *s, uint64_t n, uint64_t seed);
uint64_t fb_shuffle_at(const struct fb_shuffle *s, uint64_t i);

void fb_zipf_init(struct fb_zipf *z, uint64_t n, double theta);
uint64_t fb_zipf_next(const struct fb_zipf *z, struct fb_rng *rng);

enum fb_walk {
	FB_WALK_WRAP,    /* forward, around at the end */
	FB_WALK_ONCE,    /* forward, ends at the end */
	FB_WALK_SHUFFLE, /* every place once, in a random order */
	FB_WALK_RANDOM,  /* any place at any time */
	FB_WALK_ZIPF,    /* favourites, spread over the target */
	FB_WALK_FILES,   /* from 0 in every op, which has a file of its own */
};

/* struct fb_span - the smallest range that holds an op's writes; bytes */
struct fb_span {
	uint64_t offset, length;
};

/*
 * struct fb_cursor - filled by fb_cursor_init; used by one thread
 * @one_step:  the next op is one write, one place on: the walk is an addition
 * @bs:        bytes of a write; @step, @room, @stride: as fb_case_step says
 * @places:    how many there are; @op_places: how many an op takes, @claims:
 *             a batch
 * @ranges:    writes at a place; @per_op: writes of an op, which is both together
 * @batch:     ops that are timed together, so made ready together
 */
struct fb_cursor {
	enum fb_walk walk;
	bool one_step;
	uint64_t bs;
	uint64_t step, room, stride;
	uint64_t places, op_places, claims;
	uint64_t ranges, per_op;
	uint64_t batch;
	uint64_t next;
	_Atomic uint64_t *shared; /* NULL: @next counts */
	struct fb_rng rng;
	struct fb_shuffle shuffle;
	struct fb_zipf zipf;
	/* What is written: one window after another of random or zero bytes. No two
	 * writes of an op share a window, for all are filled before the first is
	 * issued. Ops of a batch may, else it would be read from a colder cache than
	 * an op alone. */
	char *pool;
	uint64_t window, window_bytes, pool_bytes;
	uint64_t mark;
	bool marked;
	/* The op at hand: @per_op writes and @span. Of a batch all its ops, one after
	 * another, and @spans. */
	struct fb_write *writes;
	struct fb_span *spans;
	struct fb_span span;
};

/* fb_cursor_bytes - memory that a cursor of @c takes for its writes */
uint64_t fb_cursor_bytes(const struct fb_case *c);

/*
 * fb_cursor_init - for thread @thread of a case; @shared: the case's counter
 *
 * 0 or -ENOMEM. Null path: no data is made.
 */
int fb_cursor_init(struct fb_cursor *k, const struct fb_case *c, unsigned thread,
		   _Atomic uint64_t *shared);
void fb_cursor_free(struct fb_cursor *k);

/* fb_cursor_advance_slow - the walks that are not one addition */
bool fb_cursor_advance_slow(struct fb_cursor *k);

static inline void fb_cursor_data(struct fb_cursor *k, struct fb_write *w)
{
	char *data;

	if (!k->pool)
		return;
	data = k->pool + k->window;
	k->window += k->window_bytes;
	if (k->window == k->pool_bytes)
		k->window = 0;
	w->data = data;
	if (k->marked)
		fb_rng_mark(data, k->bs, &k->mark);
}

/*
 * fb_cursor_advance - fill @writes and @span for the next op, or @writes and
 * @spans for the next batch
 *
 * false: the space is used up, or what is left is too little for all of a batch.
 */
static inline bool fb_cursor_advance(struct fb_cursor *k)
{
	uint64_t place;

	if (!k->one_step)
		return fb_cursor_advance_slow(k);
	place = k->next;
	k->next = place + 1 == k->places ? 0 : place + 1;
	k->writes[0].offset = k->span.offset = place * k->step;
	fb_cursor_data(k, &k->writes[0]);
	return true;
}

#endif
