/*
 * rng.h - xoshiro256++ (Blackman and Vigna, 2019), seeded by splitmix64
 *
 * In the header because it runs between the driver's ops.
 */
#ifndef FB_BASE_RNG_H
#define FB_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

struct fb_rng {
	uint64_t s[4];
};

static inline uint64_t fb_rng_splitmix(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* fb_rng_init - the stream of @seed; equal seeds give equal streams */
static inline void fb_rng_init(struct fb_rng *r, uint64_t seed)
{
	for (int i = 0; i < 4; i++)
		r->s[i] = fb_rng_splitmix(&seed);
}

static inline uint64_t fb_rng_rotl(uint64_t x, int k)
{
	return (x << k) | (x >> (64 - k));
}

/* fb_rng_next - 64 random bits */
static inline uint64_t fb_rng_next(struct fb_rng *r)
{
	const uint64_t result = fb_rng_rotl(r->s[0] + r->s[3], 23) + r->s[0];
	const uint64_t t = r->s[1] << 17;

	r->s[2] ^= r->s[0];
	r->s[3] ^= r->s[1];
	r->s[1] ^= r->s[2];
	r->s[0] ^= r->s[3];
	r->s[2] ^= t;
	r->s[3] = fb_rng_rotl(r->s[3], 45);
	return result;
}

/* fb_rng_below - uniform in 0 .. n-1, n > 0; bias below 2^-32 for n < 2^32 */
static inline uint64_t fb_rng_below(struct fb_rng *r, uint64_t n)
{
	return (uint64_t)(((unsigned __int128)fb_rng_next(r) * n) >> 64);
}

/* fb_rng_unit - uniform in [0, 1) */
static inline double fb_rng_unit(struct fb_rng *r)
{
	return (double)(fb_rng_next(r) >> 11) * 0x1.0p-53;
}

/* fb_rng_fill - @len random bytes at @buf */
void fb_rng_fill(struct fb_rng *r, void *buf, size_t len);

enum { FB_MARK_STEP = 4096 };

/*
 * fb_rng_marks - the first of 2^40 marks that nobody else in this process gets
 *
 * Any thread.
 */
uint64_t fb_rng_marks(void);

/*
 * fb_rng_mark - put the next mark at every FB_MARK_STEP bytes of @buf
 *
 * Its first bytes alone where fewer than 8 are left.
 *
 * So no two blocks written are alike, lest a disk that looks for doubles finds some.
 */
static inline void fb_rng_mark(void *buf, size_t len, uint64_t *mark)
{
	size_t at = 0;

	for (; at + sizeof(*mark) <= len; at += FB_MARK_STEP) {
		__builtin_memcpy((char *)buf + at, mark, sizeof(*mark));
		++*mark;
	}
	if (at < len) {
		__builtin_memcpy((char *)buf + at, mark, len - at);
		++*mark;
	}
}

#endif
