#include "hive/filetime.h"
#include "hive/open.h"
#include "hive/primary.h"
#include "hive/records.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MINOR = 5, MINOR_MIN = 3, MINOR_MAX = 6 };

uint64_t fb_hive_now(struct fb_hive *h)
{
	uint64_t now = h->options.now ? h->options.now() : fb_filetime_now();

	h->last = now > h->last ? now : h->last + 1;
	return h->last;
}

int fb_hive_alloc(struct fb_hive **out, const struct fb_hive_options *o)
{
	struct fb_hive *h = calloc(1, sizeof(*h));
	int ret = h ? fb_bins_init(&h->bins) : -ENOMEM;

	if (ret) {
		free(h);
		return ret;
	}
	if (o)
		h->options = *o;
	if (!h->options.log_cap)
		h->options.log_cap = FB_HIVE_LOG_CAP;
	if (!h->options.minor)
		h->options.minor = MINOR;
	h->log.file = FB_HIVE_LOG1;
	*out = h;
	return 0;
}

static int make(struct fb_hive *h)
{
	if (h->options.minor < MINOR_MIN || h->options.minor > MINOR_MAX)
		return -EINVAL;
	h->base = (struct fb_base_block){
		.seq1 = 1,
		.seq2 = 1,
		.time = fb_hive_now(h),
		.major = 1,
		.minor = h->options.minor,
		.type = FB_REGF_PRIMARY,
		.root = FB_REGF_ROOT,
	};
	return fb_tree_make(h);
}

int fb_hive_new(struct fb_hive **out, const struct fb_hive_options *o)
{
	struct fb_hive *h;
	int ret = fb_hive_alloc(&h, o);

	if (ret)
		return ret;
	ret = make(h);
	if (ret)
		fb_hive_free(h);
	else
		*out = h;
	return ret;
}

/* Where it lay when it was made means nothing later, and may be a place in /proc. */
static void make_base_page(const struct fb_hive *h, const char *path,
			   unsigned char *page)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	struct fb_base_block b = h->base;

	b.bins = h->bins.bytes;
	b.seq2 = b.seq1;
	memset(page, 0, FB_REGF_PAGE);
	fb_base_make(page, &b, name);
}

/* Page by page, lest the page cache keep it in large folios, of which a page that is
 * written later is charged as the whole. */
static int save_bins(const struct fb_hive *h, struct fb_hive_io *io)
{
	int ret = 0;

	for (uint32_t at = 0; !ret && at < h->bins.bytes; at += FB_REGF_PAGE) {
		struct fb_hive_span page = {h->bins.at + at, FB_REGF_PAGE};

		ret = io->ops->write(io, FB_HIVE_PRIMARY, FB_REGF_PAGE + (uint64_t)at,
				     &page, 1);
	}
	return ret;
}

int fb_hive_save(struct fb_hive *h, struct fb_hive_io *io, struct fb_err *err)
{
	unsigned char page[FB_REGF_PAGE];
	struct fb_hive_span base = {page, sizeof(page)};
	const char *name = io->ops->name(io, FB_HIVE_PRIMARY);
	int ret;

	make_base_page(h, name, page);
	/* Without a base block it is no hive, so half of one never looks whole. */
	ret = save_bins(h, io);
	if (!ret)
		ret = io->ops->sync(io, FB_HIVE_PRIMARY);
	if (!ret)
		ret = io->ops->write(io, FB_HIVE_PRIMARY, 0, &base, 1);
	if (!ret)
		ret = io->ops->sync(io, FB_HIVE_PRIMARY);
	return ret ? fb_err_set(err, ret,
				"%s: writing a new hive of %u bytes: %s; make room or "
				"see to the disk",
				name, h->bins.bytes + FB_REGF_PAGE, strerror(-ret))
		   : 0;
}

int fb_hive_flush(struct fb_hive *h, struct fb_err *err)
{
	if (!h->io)
		return fb_err_set(err, -EINVAL,
				  "a hive in memory has no file; save it first");
	if (!h->bins.dirty.n)
		return 0;
	return h->options.strategy == FB_HIVE_LOG_AND_PRIMARY ? fb_flush_both(h, err)
							      : fb_flush_log(h, err);
}

int fb_hive_reconcile(struct fb_hive *h, struct fb_err *err)
{
	int ret = fb_hive_flush(h, err);

	return ret ? ret : fb_flush_reconcile(h, err);
}

int fb_hive_close(struct fb_hive *h, struct fb_err *err)
{
	int ret = h->io ? fb_hive_reconcile(h, err) : 0;

	fb_hive_free(h);
	return ret;
}

void fb_hive_free(struct fb_hive *h)
{
	if (!h)
		return;
	if (h->io)
		h->io->ops->close(h->io);
	fb_pages_free(&h->unreconciled);
	fb_bins_free(&h->bins);
	free(h);
}

const struct fb_hive_recovery *fb_hive_recovered(const struct fb_hive *h)
{
	return &h->recovery;
}

void fb_hive_count(const struct fb_hive *h, struct fb_hive_counters *out)
{
	*out = h->counters;
}

uint32_t fb_hive_minor(const struct fb_hive *h)
{
	return h->base.minor;
}

const char *fb_hive_file_name(const struct fb_hive *h, enum fb_hive_file f)
{
	return h->io ? h->io->ops->name(h->io, f) : NULL;
}

uint64_t fb_hive_bytes(const struct fb_hive *h)
{
	return h->bins.bytes;
}

uint64_t fb_hive_dirty_pages(const struct fb_hive *h)
{
	return h->bins.dirty.n;
}

const void *fb_hive_bins(const struct fb_hive *h)
{
	return h->bins.at;
}
