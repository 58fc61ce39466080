/*
 * bins.h - the hive-bins data in memory: bins, and the cells they are filled with
 *
 * A bitmap knows where every cell begins, a tree the largest free cell of every page.
 * So an offset out of the file is never believed: it is the beginning of an allocated
 * cell, or it is told. Free cells are found first fit, near a place or lowest; no two
 * of one bin are neighbours.
 */
#ifndef FB_HIVE_BINS_H
#define FB_HIVE_BINS_H

#include "base/err.h"
#include "hive/pages.h"
#include "hive/regf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * struct fb_bins - zeros, then fb_bins_init
 * @at:     the data; does not move while it grows
 * @bytes:  of it, a multiple of 4096
 * @cells:  bit i: a cell begins at 8 * i
 * @heads:  bit p: page p begins a bin
 * @dirty:  pages changed since the owner cleared the set
 */
struct fb_bins {
	unsigned char *at;
	uint32_t bytes;
	uint64_t *cells;
	uint64_t *heads;
	struct fb_pages dirty;
	struct fb_free_tree {
		uint32_t *largest; /* node 1 is the root, leaf p at leaves + p */
		uint32_t leaves;
	} free;
};

/* fb_bins_init - empty, with address space for 2 GiB; -ENOMEM */
int fb_bins_init(struct fb_bins *b);
void fb_bins_free(struct fb_bins *b);

/*
 * fb_bins_resize - set the size to @bytes, a multiple of 4096, and mark nothing
 *
 * New bytes are 0 and no cells: fb_bins_scan must follow. For loading and recovery.
 */
int fb_bins_resize(struct fb_bins *b, uint32_t bytes);

/* struct fb_bins_fault - where a scan stopped, relative to the data, and why */
struct fb_bins_fault {
	uint32_t offset;
	const char *what;
};

/*
 * fb_bins_scan - learn the bins and cells of what was read into @at
 *
 * Every bin must tell its own offset and a good size, cells must fill it; neighbours
 * that are free may be. -EBADMSG with @fault filled, or -ENOMEM.
 */
int fb_bins_scan(struct fb_bins *b, struct fb_bins_fault *fault);

/* fb_bins_scan_from - the same from the bin at @at on; what is before was scanned */
int fb_bins_scan_from(struct fb_bins *b, uint32_t at, struct fb_bins_fault *fault);

/*
 * fb_bins_mend - replace the bin at @offset, which is bad, by one with a single free
 * cell
 *
 * Its size reaches to the next page that looks like the head of a bin, or to the end.
 * Marked dirty. A scan must follow, at least from @offset.
 */
void fb_bins_mend(struct fb_bins *b, uint32_t offset);

/*
 * fb_bins_add - a bin of @size bytes at the end, all of it one free cell, dirty
 *
 * The free cell is in @cell, not yet in the tree. -ENOSPC, -ENOMEM.
 */
int fb_bins_add(struct fb_bins *b, uint32_t size, uint32_t *cell);

/*
 * fb_cell_alloc - @bytes of payload, zeroed, dirty
 * @near: prefer the page of this cell; FB_REGF_NIL: the lowest place that fits
 *
 * Adds a bin when none fits. -ENOSPC beyond 2 GiB, -ENOMEM, -EINVAL for 0 bytes.
 */
int fb_cell_alloc(struct fb_bins *b, uint32_t bytes, uint32_t near, uint32_t *rel);

/* fb_cell_free - joined with free neighbours of its bin; -EBADMSG if it is no cell */
int fb_cell_free(struct fb_bins *b, uint32_t rel);

/*
 * fb_cell_get - the payload, read only, of the allocated cell at @rel
 *
 * NULL when none begins there or it holds less than @min bytes.
 */
static inline const void *fb_cell_get(const struct fb_bins *b, uint32_t rel,
				      uint32_t min)
{
	uint32_t size;

	if (rel >= b->bytes || rel % FB_REGF_CELL_STEP ||
	    !fb_bit(b->cells, rel / FB_REGF_CELL_STEP))
		return NULL;
	size = -fb_get32(b->at + rel);
	if (size >= FB_REGF_BINS_MAX || size - FB_REGF_CELL_HEAD < min)
		return NULL;
	return b->at + rel + FB_REGF_CELL_HEAD;
}

/* fb_cell_bytes - payload of a cell that fb_cell_get has given */
static inline uint32_t fb_cell_bytes(const void *payload)
{
	return -fb_get32((const char *)payload - FB_REGF_CELL_HEAD) - FB_REGF_CELL_HEAD;
}

/*
 * fb_cell_edit - the same payload for writing; marks bytes @from .. @from + @bytes
 * dirty
 * @payload: of fb_cell_get with at least that many
 */
static inline void *fb_cell_edit(struct fb_bins *b, const void *payload, uint32_t from,
				 uint32_t bytes)
{
	uint32_t at = (uint32_t)((const unsigned char *)payload - b->at) + from;

	fb_pages_add(&b->dirty, at / FB_REGF_PAGE, (at + bytes - 1) / FB_REGF_PAGE);
	return (void *)(b->at + at - from);
}

#endif
