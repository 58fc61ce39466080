#include "hive/log_entry.h"
#include "hive/primary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What a generation begins with: the base block as it will be, of a log. */
static void make_log_sector(const struct fb_hive *h, unsigned char *sector)
{
	struct fb_base_block b = h->base;

	b.type = FB_REGF_LOG_NEW;
	b.seq1 = h->log.next;
	b.seq2 = h->log.next;
	b.bins = h->bins.bytes;
	memcpy(sector, h->sector, FB_REGF_SECTOR);
	fb_base_put(sector, &b);
}

static int build(const struct fb_hive *h, uint64_t offset, struct fb_entry *e,
		 struct fb_entry_parts *parts)
{
	*e = (struct fb_entry){
		.sequence = h->log.next,
		.flags = h->base.flags & 1,
		.bins = h->bins.bytes,
	};
	return fb_entry_build(e, h->bins.at, &h->bins.dirty, offset, parts);
}

/*
 * A retry goes where the failed entry went, for that one may have arrived and would be
 * read if the new one stood elsewhere. No swap into a log that is still needed.
 */
static int place(const struct fb_hive *h, struct fb_hive_spot *at, struct fb_entry *e,
		 struct fb_entry_parts *parts)
{
	int ret;

	*at = (struct fb_hive_spot){h->log.file,
				    h->log.end ? h->log.end : FB_REGF_SECTOR};
	if (h->log.tried.offset)
		*at = h->log.tried;
	ret = build(h, at->offset, e, parts);
	if (ret || h->log.tried.offset || !h->log.end || h->log.both ||
	    at->offset + e->size <= h->options.log_cap)
		return ret;
	fb_entry_free(parts);
	*at = (struct fb_hive_spot){fb_hive_other_log(h->log.file), FB_REGF_SECTOR};
	return build(h, at->offset, e, parts);
}

static int write_entry(struct fb_hive *h, const struct fb_hive_spot *at,
		       const struct fb_entry_parts *parts, struct fb_err *err)
{
	unsigned char sector[FB_REGF_SECTOR];
	struct fb_hive_spot begin = {at->file, 0};
	struct fb_hive_span *spans;
	int ret;

	if (at->offset != FB_REGF_SECTOR)
		return fb_hive_write(h, at, parts->spans, parts->n, err);
	spans = malloc((parts->n + 1) * sizeof(*spans));
	if (!spans)
		return fb_err_set(err, -ENOMEM, "there is no memory for a log entry");
	make_log_sector(h, sector);
	spans[0] = (struct fb_hive_span){sector, sizeof(sector)};
	memcpy(spans + 1, parts->spans, parts->n * sizeof(*spans));
	ret = fb_hive_write(h, &begin, spans, parts->n + 1, err);
	free(spans);
	return ret;
}

/*
 * The entry before the mark: a dirty hive without an entry has lost its log. So a mark
 * that may have arrived is taken back before its only entry is written over.
 */
static int make_durable(struct fb_hive *h, const struct fb_hive_spot *at,
			const struct fb_entry_parts *parts, struct fb_err *err)
{
	int ret = 0;

	if (h->mark == FB_HIVE_IN_DOUBT && !h->log.end)
		ret = fb_primary_unmark(h, err);
	if (ret)
		return ret;
	h->log.tried = *at;
	ret = write_entry(h, at, parts, err);
	if (!ret)
		ret = fb_hive_sync(h, at->file, err);
	if (!ret && h->mark != FB_HIVE_DIRTY)
		ret = fb_primary_mark(h, err);
	return ret;
}

static void entry_is_durable(struct fb_hive *h, const struct fb_hive_spot *at,
			     const struct fb_entry *e)
{
	struct fb_hive_log *l = &h->log;

	fb_pages_join(&h->unreconciled, &h->bins.dirty);
	fb_pages_clear(&h->bins.dirty);
	if (l->end && at->file != l->file)
		l->both = true;
	l->file = at->file;
	l->end = at->offset + e->size;
	l->next++;
	l->tried = (struct fb_hive_spot){0};
	h->counters.flushes++;
}

int fb_flush_log(struct fb_hive *h, struct fb_err *err)
{
	struct fb_hive_spot at;
	struct fb_entry e;
	struct fb_entry_parts parts;
	int ret = fb_pages_reserve(&h->unreconciled, h->bins.dirty.room);

	if (!ret)
		ret = place(h, &at, &e, &parts);
	if (ret)
		return fb_err_set(err, ret, "a log entry of %u pages: %s",
				  h->bins.dirty.n, strerror(-ret));
	ret = make_durable(h, &at, &parts, err);
	fb_entry_free(&parts);
	if (ret)
		return ret;
	entry_is_durable(h, &at, &e);
	if (h->log.both || h->log.end + e.size > h->options.log_cap)
		return fb_flush_reconcile(h, err);
	return 0;
}

int fb_flush_reconcile(struct fb_hive *h, struct fb_err *err)
{
	int ret;

	if (!h->unreconciled.n)
		return 0;
	ret = fb_primary_pages(h, &h->unreconciled, err);
	if (!ret)
		ret = fb_primary_clean(h, h->log.next, err);
	if (ret)
		return ret;
	fb_pages_clear(&h->unreconciled);
	h->log.file = fb_hive_other_log(h->log.file);
	h->log.end = 0;
	h->log.both = false;
	h->counters.reconciles++;
	return 0;
}
