#include "hive/bins.h"

#include <errno.h>
#include <string.h>

/* Bytes of the cell if it is free, else 0. */
static uint32_t free_bytes(const struct fb_bins *b, uint32_t at)
{
	uint32_t raw = fb_get32(b->at + at);

	return raw < FB_REGF_BINS_MAX ? raw : 0;
}

static void put_size(struct fb_bins *b, uint32_t at, uint32_t raw)
{
	fb_put32(b->at + at, raw);
	fb_pages_add(&b->dirty, fb_page_of(at), fb_page_of(at));
}

static void set_largest(struct fb_free_tree *t, uint32_t page, uint32_t bytes)
{
	uint32_t n = t->leaves + page;

	t->largest[n] = bytes;
	for (n /= 2; n; n /= 2) {
		uint32_t l = t->largest[2 * n], r = t->largest[2 * n + 1];
		uint32_t more = l > r ? l : r;

		if (t->largest[n] == more)
			break;
		t->largest[n] = more;
	}
}

/* The cells that begin in a page, one bit each, in 8 words of the bitmap. */
#define FOR_CELLS_OF(b, page, at)                                                      \
	for (uint32_t w_ = (page)*8; w_ < (page)*8 + 8; w_++)                          \
		for (uint64_t bits_ = (b)->cells[w_];                                  \
		     bits_ &&                                                          \
		     ((at) = w_ * 512 + (uint32_t)__builtin_ctzll(bits_) * 8, true);   \
		     bits_ &= bits_ - 1)

static void measure_page(struct fb_bins *b, uint32_t page)
{
	uint32_t at, largest = 0;

	FOR_CELLS_OF(b, page, at)
	{
		uint32_t bytes = free_bytes(b, at);

		largest = bytes > largest ? bytes : largest;
	}
	set_largest(&b->free, page, largest);
}

static uint32_t largest_of(const struct fb_bins *b, uint32_t page)
{
	return b->free.largest[b->free.leaves + page];
}

static uint32_t first_fit(const struct fb_bins *b, uint32_t page, uint32_t need)
{
	uint32_t at;

	FOR_CELLS_OF(b, page, at)
	{
		if (free_bytes(b, at) >= need)
			return at;
	}
	return FB_REGF_NIL;
}

static uint32_t lowest_fit(const struct fb_bins *b, uint32_t need)
{
	const struct fb_free_tree *t = &b->free;
	uint32_t n = 1;

	if (!t->leaves || t->largest[1] < need)
		return FB_REGF_NIL;
	while (n < t->leaves)
		n = t->largest[2 * n] >= need ? 2 * n : 2 * n + 1;
	return first_fit(b, n - t->leaves, need);
}

/* Give out the first @need bytes of a free cell. */
static void take(struct fb_bins *b, uint32_t at, uint32_t need)
{
	uint32_t had = free_bytes(b, at), rest = had - need, page = fb_page_of(at);

	put_size(b, at, -need);
	memset(b->at + at + FB_REGF_CELL_HEAD, 0, need - FB_REGF_CELL_HEAD);
	fb_pages_add(&b->dirty, page, fb_page_of(at + need - 1));
	if (rest) {
		fb_bit_set(b->cells, (at + need) / FB_REGF_CELL_STEP);
		put_size(b, at + need, rest);
		if (rest > largest_of(b, fb_page_of(at + need)))
			set_largest(&b->free, fb_page_of(at + need), rest);
	}
	if (had == largest_of(b, page))
		measure_page(b, page);
}

int fb_cell_alloc(struct fb_bins *b, uint32_t bytes, uint32_t near, uint32_t *rel)
{
	uint32_t need, at = FB_REGF_NIL;
	int ret;

	if (!bytes)
		return -EINVAL;
	if (bytes > FB_REGF_BINS_MAX - FB_REGF_PAGE)
		return -ENOSPC;
	need = (bytes + FB_REGF_CELL_HEAD + 7) / 8 * 8;
	if (near < b->bytes && largest_of(b, fb_page_of(near)) >= need)
		at = first_fit(b, fb_page_of(near), need);
	if (at == FB_REGF_NIL)
		at = lowest_fit(b, need);
	if (at == FB_REGF_NIL) {
		ret = fb_bins_add(b,
				  (need + FB_BIN_HEAD + FB_REGF_PAGE - 1) /
					  FB_REGF_PAGE * FB_REGF_PAGE,
				  &at);
		if (ret)
			return ret;
		set_largest(&b->free, fb_page_of(at), free_bytes(b, at));
	}
	take(b, at, need);
	*rel = at;
	return 0;
}

/* The cell after the one that ends at @at, in the same bin; NIL if it is the last. */
static uint32_t after(const struct fb_bins *b, uint32_t at)
{
	if (at % FB_REGF_PAGE == 0 &&
	    (at == b->bytes || fb_bit(b->heads, fb_page_of(at))))
		return FB_REGF_NIL;
	return at;
}

static uint32_t before(const struct fb_bins *b, uint32_t at)
{
	uint32_t bit = at / 8, word = bit / 64;
	uint64_t bits = b->cells[word] & ((UINT64_C(1) << bit % 64) - 1);

	if (at % FB_REGF_PAGE == FB_BIN_HEAD && fb_bit(b->heads, fb_page_of(at)))
		return FB_REGF_NIL;
	while (!bits)
		bits = b->cells[--word];
	return (word * 64 + 63 - (uint32_t)__builtin_clzll(bits)) * 8;
}

int fb_cell_free(struct fb_bins *b, uint32_t rel)
{
	uint32_t begin = rel, bytes, next, last;

	if (!fb_cell_get(b, rel, 0))
		return -EBADMSG;
	bytes = -fb_get32(b->at + rel);
	next = after(b, rel + bytes);
	last = before(b, rel);
	if (next != FB_REGF_NIL && free_bytes(b, next)) {
		bytes += free_bytes(b, next);
		fb_bit_clear(b->cells, next / FB_REGF_CELL_STEP);
		if (fb_page_of(next) != fb_page_of(rel))
			measure_page(b, fb_page_of(next));
	}
	if (last != FB_REGF_NIL && free_bytes(b, last)) {
		bytes += free_bytes(b, last);
		fb_bit_clear(b->cells, rel / FB_REGF_CELL_STEP);
		begin = last;
		if (fb_page_of(last) != fb_page_of(rel))
			measure_page(b, fb_page_of(rel));
	}
	put_size(b, begin, bytes);
	if (bytes > largest_of(b, fb_page_of(begin)))
		set_largest(&b->free, fb_page_of(begin), bytes);
	return 0;
}
