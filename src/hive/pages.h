/*
 * pages.h - a set of 4 KiB pages
 */
#ifndef FB_HIVE_PAGES_H
#define FB_HIVE_PAGES_H

#include <stdbool.h>
#include <stdint.h>

/* fb_bit - of a bitmap; fb_bit_set, fb_bit_clear - change it */
static inline bool fb_bit(const uint64_t *words, uint32_t i)
{
	return words[i / 64] >> i % 64 & 1;
}

static inline void fb_bit_set(uint64_t *words, uint32_t i)
{
	words[i / 64] |= UINT64_C(1) << i % 64;
}

static inline void fb_bit_clear(uint64_t *words, uint32_t i)
{
	words[i / 64] &= ~(UINT64_C(1) << i % 64);
}

/* struct fb_pages - one bit a page; zeros are an empty set without room */
struct fb_pages {
	uint64_t *words;
	uint32_t room; /* pages it can hold */
	uint32_t n;    /* pages in it */
};

/* fb_pages_reserve - room for pages 0 .. @pages - 1; 0 or -ENOMEM */
int fb_pages_reserve(struct fb_pages *p, uint32_t pages);
void fb_pages_free(struct fb_pages *p);

/* fb_pages_add - pages first .. last, which must be in its room */
void fb_pages_add(struct fb_pages *p, uint32_t first, uint32_t last);

/* fb_pages_join - add all of @from; same room */
void fb_pages_join(struct fb_pages *p, const struct fb_pages *from);
void fb_pages_clear(struct fb_pages *p);

/*
 * fb_pages_run - the first run of neighbours at or after @from
 *
 * Its first page in @first; how many, 0 when there is none.
 */
uint32_t fb_pages_run(const struct fb_pages *p, uint32_t from, uint32_t *first);

#endif
