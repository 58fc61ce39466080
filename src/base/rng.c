#include "base/rng.h"

#include <stdatomic.h>

#include <string.h>

void fb_rng_fill(struct fb_rng *r, void *buf, size_t len)
{
	unsigned char *p = buf;
	uint64_t word;

	for (; len >= sizeof(word); len -= sizeof(word), p += sizeof(word)) {
		word = fb_rng_next(r);
		memcpy(p, &word, sizeof(word));
	}
	if (len) {
		word = fb_rng_next(r);
		memcpy(p, &word, len);
	}
}

uint64_t fb_rng_marks(void)
{
	static _Atomic uint64_t taken;

	return atomic_fetch_add(&taken, 1) << 40;
}
