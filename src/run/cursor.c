#include "run/cursor.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void fb_shuffle_init(struct fb_shuffle *s, uint64_t n, uint64_t seed)
{
	s->n = n;
	s->half_bits = 1;
	while (s->half_bits < 31 && (UINT64_C(1) << (2 * s->half_bits)) < n)
		s->half_bits++;
	for (int i = 0; i < 4; i++)
		s->key[i] = fb_rng_splitmix(&seed);
}

static uint64_t feistel(const struct fb_shuffle *s, uint64_t x)
{
	const uint64_t mask = (UINT64_C(1) << s->half_bits) - 1;
	uint64_t left = x >> s->half_bits, right = x & mask;

	for (int i = 0; i < 4; i++) {
		uint64_t f = (right + s->key[i]) * 0x9e3779b97f4a7c15u;
		uint64_t old = right;

		f ^= f >> 32;
		right = left ^ ((f * 0xbf58476d1ce4e5b9u >> 29) & mask);
		left = old;
	}
	return left << s->half_bits | right;
}

uint64_t fb_shuffle_at(const struct fb_shuffle *s, uint64_t i)
{
	do
		i = feistel(s, i);
	while (i >= s->n);
	return i;
}

/* The first terms one by one, the rest as the integral with half of its ends. */
static double zeta(uint64_t n, double theta)
{
	const uint64_t exact = n < 100000 ? n : 100000;
	double sum = 0;

	for (uint64_t i = 1; i <= exact; i++)
		sum += pow((double)i, -theta);
	if (n > exact) {
		double a = (double)exact, b = (double)n;

		sum += (pow(b, 1 - theta) - pow(a, 1 - theta)) / (1 - theta);
		sum += (pow(b, -theta) - pow(a, -theta)) / 2;
	}
	return sum;
}

void fb_zipf_init(struct fb_zipf *z, uint64_t n, double theta)
{
	z->n = n;
	z->theta = theta;
	z->alpha = 1 / (1 - theta);
	z->zeta_n = zeta(n, theta);
	z->half = 1 + pow(0.5, theta);
	z->eta = (1 - pow(2.0 / (double)n, 1 - theta)) / (1 - z->half / z->zeta_n);
}

uint64_t fb_zipf_next(const struct fb_zipf *z, struct fb_rng *rng)
{
	double u = fb_rng_unit(rng), uz = u * z->zeta_n;
	uint64_t rank;

	if (uz < 1 || z->n == 1)
		return 0;
	if (uz < z->half)
		return 1;
	rank = (uint64_t)((double)z->n * pow(z->eta * u - z->eta + 1, z->alpha));
	return rank < z->n ? rank : z->n - 1;
}

static enum fb_walk choose_walk(const struct fb_case *c)
{
	bool null = c->path == FB_PATH_NULL; /* has no space to use up */
	bool once = !null && c->prepare != FB_PREPARE_WRITTEN;

	switch (c->pattern) {
	case FB_PATTERN_CREATE:
		return FB_WALK_FILES;
	case FB_PATTERN_APPEND:
		return null ? FB_WALK_WRAP : FB_WALK_ONCE;
	case FB_PATTERN_SEQ:
		return once ? FB_WALK_ONCE : FB_WALK_WRAP;
	case FB_PATTERN_ZIPF:
		return FB_WALK_ZIPF;
	default:
		return once ? FB_WALK_SHUFFLE : FB_WALK_RANDOM;
	}
}

/* Some windows more than an op needs, so that even short ones vary. */
enum { SPARE_BYTES = 64 * 1024, SECTOR = 512, CACHE_LINE = 64 };

static uint64_t window_bytes(const struct fb_case *c)
{
	uint64_t bytes = fb_case_write_bytes(c);
	/* Only whole sectors may have to be aligned; less than one, spread over pages,
	 * would cost the write a miss of the cache. */
	uint64_t step = bytes < SECTOR ? CACHE_LINE : FB_MARK_STEP;

	return (bytes + step - 1) / step * step;
}

static uint64_t pool_bytes(const struct fb_case *c)
{
	uint64_t window = window_bytes(c);

	return (fb_case_op_writes(c) + SPARE_BYTES / window) * window;
}

/* A case made by hand may leave it out. */
static uint64_t batch_of(const struct fb_case *c)
{
	return c->batch > 1 ? c->batch : 1;
}

uint64_t fb_cursor_bytes(const struct fb_case *c)
{
	const uint64_t op = fb_case_op_writes(c) * sizeof(struct fb_write) +
			    sizeof(struct fb_span);

	if (c->path == FB_PATH_NULL)
		return 0;
	return pool_bytes(c) + batch_of(c) * op;
}

static int make_pool(struct fb_cursor *k, const struct fb_case *c)
{
	k->window_bytes = window_bytes(c);
	k->pool_bytes = pool_bytes(c);
	if (posix_memalign((void **)&k->pool, FB_MARK_STEP, k->pool_bytes)) {
		k->pool = NULL;
		return -ENOMEM;
	}
	memset(k->pool, 0, k->pool_bytes);
	k->marked = c->data == FB_DATA_RANDOM;
	if (k->marked)
		fb_rng_fill(&k->rng, k->pool, k->pool_bytes);
	return 0;
}

static int make_writes(struct fb_cursor *k)
{
	k->writes = calloc(k->per_op * k->batch, sizeof(*k->writes));
	k->spans = calloc(k->batch, sizeof(*k->spans));
	if (!k->writes || !k->spans)
		return -ENOMEM;
	for (uint64_t i = 0; i < k->per_op * k->batch; i++)
		k->writes[i].length = k->bs;
	return 0;
}

int fb_cursor_init(struct fb_cursor *k, const struct fb_case *c, unsigned thread,
		   _Atomic uint64_t *shared)
{
	uint64_t seed = c->seed + ((uint64_t)thread << 32);

	*k = (struct fb_cursor){
		.walk = choose_walk(c),
		.bs = fb_case_write_bytes(c),
		.step = fb_case_step(c),
		.room = fb_case_room(c),
		.stride = c->stride,
		.places = fb_case_places(c),
		.op_places = c->writes_per_flush,
		.claims = c->writes_per_flush * batch_of(c),
		.ranges = fb_case_op_writes(c) / c->writes_per_flush,
		.per_op = fb_case_op_writes(c),
		.batch = batch_of(c),
		.shared = c->share == FB_SHARE_ONE && c->numjobs > 1 ? shared : NULL,
		.span = {.length = fb_case_room(c)},
	};
	k->one_step = k->walk == FB_WALK_WRAP && k->per_op == 1 && k->batch == 1 &&
		      !k->shared;
	fb_rng_init(&k->rng, seed);
	k->mark = fb_rng_marks();
	/* A shuffle is shared by the threads of a shared target. */
	fb_shuffle_init(&k->shuffle, k->places, k->shared ? c->seed : seed);
	if (k->walk == FB_WALK_ZIPF)
		fb_zipf_init(&k->zipf, k->places, c->zipf_theta);
	if (make_writes(k) || (c->path != FB_PATH_NULL && make_pool(k, c))) {
		fb_cursor_free(k);
		return -ENOMEM;
	}
	return 0;
}

void fb_cursor_free(struct fb_cursor *k)
{
	free(k->writes);
	free(k->spans);
	free(k->pool);
	k->writes = NULL;
	k->spans = NULL;
	k->pool = NULL;
}

/* Claim the next places in order; where they begin. */
static uint64_t claim(struct fb_cursor *k)
{
	uint64_t at = k->next;

	if (k->shared)
		return atomic_fetch_add_explicit(k->shared, k->claims,
						 memory_order_relaxed);
	k->next += k->claims;
	return at;
}

/* Inlined twice: it stands before every op. */
static inline __attribute__((always_inline)) uint64_t
place_of(struct fb_cursor *k, uint64_t claimed, uint64_t i)
{
	switch (k->walk) {
	case FB_WALK_WRAP:
		return (claimed + i) % k->places;
	case FB_WALK_ONCE:
		return claimed + i;
	case FB_WALK_SHUFFLE:
		return fb_shuffle_at(&k->shuffle, claimed + i);
	case FB_WALK_RANDOM:
		return fb_rng_below(&k->rng, k->places);
	case FB_WALK_ZIPF:
		return fb_shuffle_at(&k->shuffle, fb_zipf_next(&k->zipf, &k->rng));
	default:
		return i;
	}
}

static inline __attribute__((always_inline)) struct fb_span
fill_op(struct fb_cursor *k, struct fb_write *w, uint64_t claimed, uint64_t ranges)
{
	const uint64_t places = k->op_places;
	uint64_t low = UINT64_MAX, high = 0;

	for (uint64_t i = 0; i < places; i++) {
		uint64_t at = place_of(k, claimed, i) * k->step;

		low = at < low ? at : low;
		high = at > high ? at : high;
		for (uint64_t r = 0; r < ranges; r++, w++) {
			w->offset = at + r * k->stride;
			fb_cursor_data(k, w);
		}
	}
	return (struct fb_span){low, high - low + k->room};
}

static __attribute__((noinline)) void fill_batch(struct fb_cursor *k, uint64_t claimed)
{
	struct fb_write *w = k->writes;

	for (uint64_t i = 0; i < k->batch; i++) {
		k->spans[i] = fill_op(k, w, claimed, k->ranges);
		claimed += k->op_places;
		w += k->per_op;
	}
	k->span = k->spans[0];
}

bool fb_cursor_advance_slow(struct fb_cursor *k)
{
	bool counted = k->walk != FB_WALK_RANDOM && k->walk != FB_WALK_ZIPF;
	uint64_t claimed = counted ? claim(k) : 0;

	if (counted && k->walk != FB_WALK_WRAP && claimed + k->claims > k->places)
		return false;
	if (k->claims == k->op_places && k->ranges == 1)
		k->span = fill_op(k, k->writes, claimed, 1);
	else
		fill_batch(k, claimed);
	return true;
}
