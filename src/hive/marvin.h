/*
 * marvin.h - Marvin32, the checksum of log entries (microsoft/SymCrypt, MIT)
 */
#ifndef FB_HIVE_MARVIN_H
#define FB_HIVE_MARVIN_H

#include <stddef.h>
#include <stdint.h>

#define FB_MARVIN_HIVE_SEED UINT64_C(0x82EF4D887A4E55C5)

/* struct fb_marvin - a hash under way; fill it with fb_marvin_begin */
struct fb_marvin {
	uint32_t s0, s1;
};

/* fb_marvin_begin - low half of @seed is the first word of the state */
void fb_marvin_begin(struct fb_marvin *m, uint64_t seed);

/* fb_marvin_add - @bytes must be a multiple of 4, the last piece goes to _end */
void fb_marvin_add(struct fb_marvin *m, const void *data, size_t bytes);

/* fb_marvin_end - the rest, of any length; the result: first word in the low half */
uint64_t fb_marvin_end(struct fb_marvin *m, const void *data, size_t bytes);

/* fb_marvin - all at once */
uint64_t fb_marvin(uint64_t seed, const void *data, size_t bytes);

#endif
