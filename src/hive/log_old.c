#include "hive/log_old.h"

#include <string.h>

enum {
	OLD_DIRT = FB_REGF_SECTOR,
	OLD_BITMAP = OLD_DIRT + 4,
	SECTOR_BITS = 8, /* sectors of a page, so a byte of the bitmap is a page */
};

_Static_assert(FB_REGF_PAGE == SECTOR_BITS * FB_REGF_SECTOR, "a byte is a page");

static uint64_t bitmap_end(uint32_t bins)
{
	return OLD_BITMAP + (uint64_t)(bins / FB_REGF_PAGE);
}

uint64_t fb_log_old_data(uint32_t bins)
{
	uint64_t sectors = (bitmap_end(bins) + FB_REGF_SECTOR - 1) / FB_REGF_SECTOR;

	return sectors * FB_REGF_SECTOR;
}

void fb_log_old_build(void *out, const void *sector, uint32_t bins,
		      const struct fb_pages *pages)
{
	unsigned char *log = out;
	uint32_t first = 0, n = 0;

	memset(log, 0, fb_log_old_data(bins));
	memcpy(log, sector, FB_REGF_SECTOR);
	memcpy(log + OLD_DIRT, "DIRT", 4);
	while ((n = fb_pages_run(pages, first + n, &first)))
		memset(log + OLD_BITMAP + first, 0xFF, n);
}

uint64_t fb_log_old_bytes(const void *log, uint32_t bins)
{
	const unsigned char *bits = (const unsigned char *)log + OLD_BITMAP;
	uint64_t sectors = 0;

	for (uint32_t i = 0; i < bins / FB_REGF_PAGE; i++)
		sectors += (unsigned)__builtin_popcount(bits[i]);
	return sectors * FB_REGF_SECTOR;
}

static const char *fault_in(const unsigned char *log, uint64_t bytes,
			    struct fb_base_block *base)
{
	if (bytes < OLD_BITMAP)
		return "no room for a log";
	if (!fb_base_valid(log))
		return "bad base block";
	fb_base_get(log, base);
	if (base->type != FB_REGF_LOG_OLD && base->type != FB_REGF_LOG_VERY_OLD)
		return "not a log of the old format";
	if (base->seq1 != base->seq2)
		return "its two sequence numbers differ";
	if (!fb_regf_bins_fit(base->bins))
		return "bad size of hive data";
	if (!fb_regf_is(log + OLD_DIRT, "DIRT"))
		return "no DIRT signature";
	if (bitmap_end(base->bins) > bytes)
		return "bitmap is beyond the end of the file";
	return NULL;
}

bool fb_log_old_read(struct fb_log_old *l, const void *log, uint64_t bytes,
		     const char **why)
{
	struct fb_base_block base;
	const char *fault = fault_in(log, bytes, &base);

	if (fault) {
		*why = fault;
		return false;
	}
	*l = (struct fb_log_old){
		.log = log,
		.bytes = bytes,
		.base = base,
		.at = fb_log_old_data(base.bins),
	};
	return true;
}

static bool is_dirty(const struct fb_log_old *l, uint64_t sector)
{
	return l->log[OLD_BITMAP + sector / SECTOR_BITS] >> sector % SECTOR_BITS & 1;
}

/* The first sector from @from on that is dirty, or is not; @end if there is none. */
static uint64_t seek(const struct fb_log_old *l, uint64_t from, uint64_t end,
		     bool dirty)
{
	unsigned char none = dirty ? 0 : 0xFF;

	while (from < end && is_dirty(l, from) != dirty) {
		if (l->log[OLD_BITMAP + from / SECTOR_BITS] == none)
			from += SECTOR_BITS - from % SECTOR_BITS;
		else
			from++;
	}
	return from;
}

const void *fb_log_old_run(struct fb_log_old *l, uint32_t *offset, uint32_t *bytes)
{
	uint64_t end = l->base.bins / FB_REGF_SECTOR;
	uint64_t left = l->at < l->bytes ? (l->bytes - l->at) / FB_REGF_SECTOR : 0;
	uint64_t first = seek(l, l->next, end, true);
	uint64_t n = seek(l, first, end, false) - first;
	const unsigned char *at;

	if (n > left)
		n = left;
	if (!n)
		return NULL;
	at = l->log + l->at;
	*offset = (uint32_t)(first * FB_REGF_SECTOR);
	*bytes = (uint32_t)(n * FB_REGF_SECTOR);
	l->next = first + n;
	l->at += n * FB_REGF_SECTOR;
	return at;
}
