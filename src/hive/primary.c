#include "hive/primary.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static void count_bytes(struct fb_hive *h, enum fb_hive_file f, uint64_t bytes)
{
	if (f == FB_HIVE_PRIMARY)
		h->counters.primary_bytes += bytes;
	else
		h->counters.log_bytes += bytes;
}

int fb_hive_write(struct fb_hive *h, const struct fb_hive_spot *at,
		  const struct fb_hive_span *spans, unsigned n, struct fb_err *err)
{
	uint64_t bytes = 0;
	int ret;

	for (unsigned i = 0; i < n; i++)
		bytes += spans[i].bytes;
	ret = h->io->ops->write(h->io, at->file, at->offset, spans, n);
	if (ret)
		return fb_err_set(err, ret,
				  "%s: writing %" PRIu64 " bytes at offset %" PRIu64
				  ": %s; make room or see to the disk, then try "
				  "again",
				  h->io->ops->name(h->io, at->file), bytes, at->offset,
				  strerror(-ret));
	count_bytes(h, at->file, bytes);
	return 0;
}

int fb_hive_sync(struct fb_hive *h, enum fb_hive_file f, struct fb_err *err)
{
	int ret = h->io->ops->sync(h->io, f);

	if (ret)
		return fb_err_set(err, ret,
				  "%s: sync: %s; see to the disk, then try again",
				  h->io->ops->name(h->io, f), strerror(-ret));
	h->counters.syncs++;
	return 0;
}

/* One write of 512 bytes, which disks do whole or not at all. */
static int put_sector(struct fb_hive *h, const void *sector, struct fb_err *err)
{
	struct fb_hive_span span = {sector, FB_REGF_SECTOR};
	struct fb_hive_spot at = {FB_HIVE_PRIMARY, 0};
	int ret;

	h->mark = FB_HIVE_IN_DOUBT;
	ret = fb_hive_write(h, &at, &span, 1, err);
	return ret ? ret : fb_hive_sync(h, FB_HIVE_PRIMARY, err);
}

int fb_primary_mark(struct fb_hive *h, struct fb_err *err)
{
	int ret;

	h->base.seq1 = h->base.seq2 + 1;
	fb_base_put(h->sector, &h->base);
	ret = put_sector(h, h->sector, err);
	if (!ret)
		h->mark = FB_HIVE_DIRTY;
	return ret;
}

int fb_primary_unmark(struct fb_hive *h, struct fb_err *err)
{
	int ret;

	h->base.seq1 = h->base.seq2;
	fb_base_put(h->sector, &h->base);
	ret = put_sector(h, h->sector, err);
	if (!ret)
		h->mark = FB_HIVE_CLEAN;
	return ret;
}

int fb_primary_pages(struct fb_hive *h, const struct fb_pages *pages,
		     struct fb_err *err)
{
	uint32_t first = 0, n = 0;

	while ((n = fb_pages_run(pages, first + n, &first))) {
		uint64_t offset = (uint64_t)first * FB_REGF_PAGE;
		struct fb_hive_spot at = {FB_HIVE_PRIMARY, FB_REGF_PAGE + offset};
		struct fb_hive_span span = {h->bins.at + offset,
					    (size_t)n * FB_REGF_PAGE};
		int ret = fb_hive_write(h, &at, &span, 1, err);

		if (ret)
			return ret;
	}
	return fb_hive_sync(h, FB_HIVE_PRIMARY, err);
}

int fb_primary_clean(struct fb_hive *h, uint32_t sequence, struct fb_err *err)
{
	struct fb_base_block b = h->base;
	unsigned char sector[FB_REGF_SECTOR];
	int ret;

	b.seq1 = sequence;
	b.seq2 = sequence;
	b.bins = h->bins.bytes;
	memcpy(sector, h->sector, sizeof(sector));
	fb_base_put(sector, &b);
	ret = put_sector(h, sector, err);
	if (ret)
		return ret;
	h->base = b;
	memcpy(h->sector, sector, sizeof(sector));
	h->mark = FB_HIVE_CLEAN;
	return 0;
}
