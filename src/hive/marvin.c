#include "hive/marvin.h"

#include "hive/regf.h"

#include <assert.h>
#include <string.h>

static inline uint32_t rotl(uint32_t x, int by)
{
	return x << by | x >> (32 - by);
}

static inline void mix(struct fb_marvin *m, uint32_t word)
{
	m->s0 += word;
	m->s1 ^= m->s0;
	m->s0 = rotl(m->s0, 20) + m->s1;
	m->s1 = rotl(m->s1, 9) ^ m->s0;
	m->s0 = rotl(m->s0, 27) + m->s1;
	m->s1 = rotl(m->s1, 19);
}

void fb_marvin_begin(struct fb_marvin *m, uint64_t seed)
{
	m->s0 = (uint32_t)seed;
	m->s1 = (uint32_t)(seed >> 32);
}

void fb_marvin_add(struct fb_marvin *m, const void *data, size_t bytes)
{
	const unsigned char *at = data;
	struct fb_marvin run = *m; /* in registers: @data might be @m for all C knows */

	assert(bytes % 4 == 0);
	for (size_t i = 0; i < bytes; i += 4)
		mix(&run, fb_get32(at + i));
	*m = run;
}

uint64_t fb_marvin_end(struct fb_marvin *m, const void *data, size_t bytes)
{
	size_t whole = bytes & ~(size_t)3;
	unsigned char last[4] = {0};

	fb_marvin_add(m, data, whole);
	if (bytes > whole)
		memcpy(last, (const char *)data + whole, bytes - whole);
	last[bytes - whole] = 0x80;
	mix(m, fb_get32(last));
	mix(m, 0);
	return m->s0 | (uint64_t)m->s1 << 32;
}

uint64_t fb_marvin(uint64_t seed, const void *data, size_t bytes)
{
	struct fb_marvin m;

	fb_marvin_begin(&m, seed);
	return fb_marvin_end(&m, data, bytes);
}
