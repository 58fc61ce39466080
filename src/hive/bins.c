#include "hive/bins.h"

#include "hive/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int fb_bins_init(struct fb_bins *b)
{
	*b = (struct fb_bins){.at = fb_memory_reserve(FB_REGF_BINS_MAX)};
	return b->at ? 0 : -ENOMEM;
}

void fb_bins_free(struct fb_bins *b)
{
	if (b->at)
		fb_memory_release(b->at, FB_REGF_BINS_MAX);
	free(b->cells);
	free(b->heads);
	free(b->free.largest);
	fb_pages_free(&b->dirty);
	*b = (struct fb_bins){0};
}

static int grow_words(uint64_t **words, size_t from, size_t to)
{
	uint64_t *grown = realloc(*words, to * sizeof(**words));

	if (!grown)
		return -ENOMEM;
	memset(grown + from, 0, (to - from) * sizeof(*grown));
	*words = grown;
	return 0;
}

/* What is kept for each page grows in powers of two, so that adding bins is cheap. */
static int grow_index(struct fb_bins *b, uint32_t pages)
{
	uint32_t from = b->free.leaves, to = from ? from : 16;
	uint32_t *largest;
	int ret;

	while (to < pages)
		to *= 2;
	if (to == from)
		return 0;
	ret = fb_pages_reserve(&b->dirty, to);
	if (!ret)
		ret = grow_words(&b->cells, (size_t)from * 8, (size_t)to * 8);
	if (!ret)
		ret = grow_words(&b->heads, (from + 63) / 64, (to + 63) / 64);
	largest = ret ? NULL : calloc(2 * (size_t)to, sizeof(*largest));
	if (!largest)
		return -ENOMEM;
	for (uint32_t p = 0; p < from; p++)
		largest[to + p] = b->free.largest[from + p];
	for (uint32_t n = to - 1; n; n--)
		largest[n] = largest[2 * n] > largest[2 * n + 1] ? largest[2 * n]
								 : largest[2 * n + 1];
	free(b->free.largest);
	b->free.largest = largest;
	b->free.leaves = to;
	return 0;
}

static void forget_cells(struct fb_bins *b, uint32_t from_page, uint32_t to_page)
{
	memset(b->cells + (size_t)from_page * 8, 0, (size_t)(to_page - from_page) * 64);
	for (uint32_t p = from_page; p < to_page; p++) {
		fb_bit_clear(b->heads, p);
		b->free.largest[b->free.leaves + p] = 0;
	}
}

int fb_bins_resize(struct fb_bins *b, uint32_t bytes)
{
	int ret = grow_index(b, fb_page_of(bytes));

	if (!ret)
		ret = fb_memory_commit(b->at, bytes);
	if (ret)
		return ret;
	if (bytes < b->bytes) {
		memset(b->at + bytes, 0, b->bytes - bytes);
		forget_cells(b, fb_page_of(bytes), fb_page_of(b->bytes));
	}
	b->bytes = bytes;
	return 0;
}

static int fault_at(struct fb_bins_fault *fault, uint32_t offset, const char *what)
{
	*fault = (struct fb_bins_fault){offset, what};
	return -EBADMSG;
}

static int scan_head(const struct fb_bins *b, uint32_t at, uint32_t *size,
		     struct fb_bins_fault *fault)
{
	const unsigned char *head = b->at + at;

	if (!fb_regf_is(head, "hbin"))
		return fault_at(fault, at, "no bin begins here");
	if (fb_get32(head + FB_BIN_OFFSET) != at)
		return fault_at(fault, at, "a bin tells another offset than its own");
	*size = fb_get32(head + FB_BIN_SIZE);
	if (*size < FB_REGF_PAGE || *size % FB_REGF_PAGE || *size > b->bytes - at)
		return fault_at(fault, at, "a bin's size is impossible");
	return 0;
}

static int scan_cells(struct fb_bins *b, uint32_t at, uint32_t end,
		      struct fb_bins_fault *fault)
{
	uint32_t *largest = b->free.largest + b->free.leaves;

	for (at += FB_BIN_HEAD; at < end;) {
		uint32_t raw = fb_get32(b->at + at);
		bool is_free = raw < FB_REGF_BINS_MAX;
		uint32_t size = is_free ? raw : -raw;

		if (!size || size % FB_REGF_CELL_STEP || size > end - at)
			return fault_at(fault, at, "a cell's size is impossible");
		fb_bit_set(b->cells, at / FB_REGF_CELL_STEP);
		if (is_free && size > largest[fb_page_of(at)])
			largest[fb_page_of(at)] = size;
		at += size;
	}
	return 0;
}

static void sum_up(struct fb_free_tree *t)
{
	for (uint32_t n = t->leaves - 1; n; n--) {
		uint32_t l = t->largest[2 * n], r = t->largest[2 * n + 1];

		t->largest[n] = l > r ? l : r;
	}
}

int fb_bins_scan_from(struct fb_bins *b, uint32_t at, struct fb_bins_fault *fault)
{
	uint32_t size;
	int ret = grow_index(b, fb_page_of(b->bytes));

	for (; !ret && at < b->bytes; at += size) {
		ret = scan_head(b, at, &size, fault);
		if (ret)
			break;
		forget_cells(b, fb_page_of(at), fb_page_of(at + size));
		fb_bit_set(b->heads, fb_page_of(at));
		ret = scan_cells(b, at, at + size, fault);
	}
	if (!ret)
		sum_up(&b->free);
	return ret;
}

int fb_bins_scan(struct fb_bins *b, struct fb_bins_fault *fault)
{
	return fb_bins_scan_from(b, 0, fault);
}

static void put_bin(struct fb_bins *b, uint32_t at, uint32_t size)
{
	unsigned char *bin = b->at + at;

	memset(bin, 0, FB_BIN_HEAD);
	memcpy(bin, "hbin", 4);
	fb_put32(bin + FB_BIN_OFFSET, at);
	fb_put32(bin + FB_BIN_SIZE, size);
	fb_put32(bin + FB_BIN_HEAD, size - FB_BIN_HEAD);
	fb_pages_add(&b->dirty, fb_page_of(at), fb_page_of(at + size - 1));
}

void fb_bins_mend(struct fb_bins *b, uint32_t offset)
{
	uint32_t end = offset + FB_REGF_PAGE;

	while (end < b->bytes && !(fb_regf_is(b->at + end, "hbin") &&
				   fb_get32(b->at + end + FB_BIN_OFFSET) == end))
		end += FB_REGF_PAGE;
	memset(b->at + offset, 0, end - offset);
	put_bin(b, offset, end - offset);
}

int fb_bins_add(struct fb_bins *b, uint32_t size, uint32_t *cell)
{
	uint32_t at = b->bytes;
	int ret;

	if (size > FB_REGF_BINS_MAX - at)
		return -ENOSPC;
	ret = fb_bins_resize(b, at + size);
	if (ret)
		return ret;
	put_bin(b, at, size);
	fb_bit_set(b->heads, fb_page_of(at));
	*cell = at + FB_BIN_HEAD;
	fb_bit_set(b->cells, *cell / FB_REGF_CELL_STEP);
	return 0;
}
