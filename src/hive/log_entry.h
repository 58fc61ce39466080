/*
 * log_entry.h - log entries of Windows 8.1 and later
 */
#ifndef FB_HIVE_LOG_ENTRY_H
#define FB_HIVE_LOG_ENTRY_H

#include "hive/io.h"
#include "hive/pages.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FB_ENTRY_HEAD = 40 };

/*
 * struct fb_entry - one entry, to be written or as read
 * @sequence, @flags, @bins: header fields; @bins is the size of the data after it
 * @size:   of the entry, padding included
 * @refs:   number of page ranges
 */
struct fb_entry {
	uint32_t sequence, flags, bins, size, refs;
};

/*
 * struct fb_entry_parts - an entry ready to be written, without a copy of its pages
 * @spans: header and references, each range of pages, padding
 */
struct fb_entry_parts {
	struct fb_hive_span *spans;
	unsigned n;
	unsigned char *head;
};

/*
 * fb_entry_build - @pages of @data as an entry
 * @e:    @sequence, @flags and @bins are given; @size and @refs are filled
 * @at:   offset in the log; the entry is padded so that it ends at a multiple of 4096
 *        of the file, as Windows does
 *
 * -ENOMEM, -EFBIG (over 2 GiB of data), -EINVAL (@bins is not whole pages, or @pages
 * has one past it). Page 0 comes first even when unchanged, as in every entry that
 * Windows writes. Free it with fb_entry_free; @data and what it holds must stay as it
 * is until then.
 */
int fb_entry_build(struct fb_entry *e, const void *data, const struct fb_pages *pages,
		   uint64_t at, struct fb_entry_parts *out);
void fb_entry_free(struct fb_entry_parts *p);

/*
 * fb_entry_read - is there an entry at the beginning of @log?
 * @bytes: of the file from there on
 *
 * Signature, size, both hashes, and that every range is whole pages inside @bins.
 * false: none, or a damaged one; @why says which rule it breaks. Its ranges are then
 * read with fb_entry_range.
 */
bool fb_entry_read(const void *log, uint64_t bytes, struct fb_entry *out,
		   const char **why);

/*
 * fb_entry_size - of an entry by its header alone, FB_ENTRY_HEAD bytes
 * @bytes: of the file from there on
 *
 * 0: fb_entry_read would not accept it, or it has another number than @sequence.
 */
uint32_t fb_entry_size(const void *head, uint64_t bytes, uint32_t sequence);

/*
 * fb_entry_range - range number @i, below refs, of an entry that fb_entry_read accepted
 * @at: where in @log the data of range 0 .. @i began; keep it between calls, first 0
 */
const void *fb_entry_range(const void *log, uint32_t i, uint64_t *at, uint32_t *offset,
			   uint32_t *bytes);

#endif
