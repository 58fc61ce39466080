#include "hive/pages.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { WORD = 64 };

static uint32_t words_of(uint32_t pages)
{
	return pages / WORD + (pages % WORD != 0);
}

int fb_pages_reserve(struct fb_pages *p, uint32_t pages)
{
	uint32_t had = words_of(p->room);
	uint32_t half_again = had + had / 2; /* growing page by page is not quadratic */
	uint32_t need = words_of(pages);
	uint64_t *words;

	if (pages <= p->room)
		return 0;
	if (need < half_again)
		need = half_again;
	words = realloc(p->words, need * sizeof(*words));
	if (!words)
		return -ENOMEM;
	memset(words + had, 0, (need - had) * sizeof(*words));
	p->words = words;
	p->room = need * WORD;
	return 0;
}

void fb_pages_free(struct fb_pages *p)
{
	free(p->words);
	*p = (struct fb_pages){0};
}

/* Sets the bits of @mask; how many of them were new is added to the count. */
static void set_bits(struct fb_pages *p, uint32_t word, uint64_t mask)
{
	uint64_t fresh = mask & ~p->words[word];

	if (!fresh)
		return;
	p->words[word] |= fresh;
	p->n += (uint32_t)__builtin_popcountll(fresh);
}

void fb_pages_add(struct fb_pages *p, uint32_t first, uint32_t last)
{
	uint32_t w = first / WORD;
	uint32_t end = last / WORD;
	uint64_t mask = UINT64_MAX << first % WORD;

	assert(first <= last && last < p->room);
	for (; w < end; w++) {
		set_bits(p, w, mask);
		mask = UINT64_MAX;
	}
	set_bits(p, w, mask & UINT64_MAX >> (WORD - 1 - last % WORD));
}

void fb_pages_join(struct fb_pages *p, const struct fb_pages *from)
{
	uint32_t end = words_of(from->room);

	assert(from->room <= p->room);
	for (uint32_t w = 0; w < end; w++)
		set_bits(p, w, from->words[w]);
}

void fb_pages_clear(struct fb_pages *p)
{
	if (p->n)
		memset(p->words, 0, words_of(p->room) * sizeof(*p->words));
	p->n = 0;
}

/*
 * The first page at or after @from whose bit is 1 in the words XOR @flip; @p->room when
 * there is none. Room is whole words, so no bit lies beyond it.
 */
static uint32_t seek(const struct fb_pages *p, uint32_t from, uint64_t flip)
{
	uint32_t end = words_of(p->room);
	uint32_t w = from / WORD;
	uint64_t bits;

	if (from >= p->room)
		return p->room;
	bits = (p->words[w] ^ flip) & UINT64_MAX << from % WORD;
	while (!bits && ++w < end)
		bits = p->words[w] ^ flip;
	return bits ? w * WORD + (uint32_t)__builtin_ctzll(bits) : p->room;
}

uint32_t fb_pages_run(const struct fb_pages *p, uint32_t from, uint32_t *first)
{
	uint32_t begin = p->n ? seek(p, from, 0) : p->room;

	if (begin == p->room)
		return 0;
	*first = begin;
	return seek(p, begin, UINT64_MAX) - begin;
}
