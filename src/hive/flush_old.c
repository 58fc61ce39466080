#include "hive/log_old.h"
#include "hive/primary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* struct old_log - a log of the old format, ready to be written */
struct old_log {
	unsigned char *head;
	struct fb_hive_span *spans;
	unsigned n;
};

static unsigned count_runs(const struct fb_pages *p)
{
	uint32_t first = 0, n = 0;
	unsigned runs = 0;

	while ((n = fb_pages_run(p, first + n, &first)))
		runs++;
	return runs;
}

/* The base block as it will be once the primary has the pages. */
static void make_log_sector(const struct fb_hive *h, uint64_t time,
			    unsigned char *sector)
{
	struct fb_base_block b = h->base;

	b.type = FB_REGF_LOG_OLD;
	b.seq1 = h->base.seq2 + 1;
	b.seq2 = b.seq1;
	b.time = time;
	b.bins = h->bins.bytes;
	memcpy(sector, h->sector, FB_REGF_SECTOR);
	fb_base_put(sector, &b);
}

static void old_log_free(struct old_log *l)
{
	free(l->head);
	free(l->spans);
}

static int old_log_make(const struct fb_hive *h, uint64_t time, struct old_log *l)
{
	const struct fb_pages *dirty = &h->bins.dirty;
	uint64_t head = fb_log_old_data(h->bins.bytes);
	unsigned char sector[FB_REGF_SECTOR];
	uint32_t first = 0, n = 0;

	l->head = malloc(head);
	l->spans = calloc(count_runs(dirty) + 1u, sizeof(*l->spans));
	if (!l->head || !l->spans) {
		old_log_free(l);
		return -ENOMEM;
	}
	make_log_sector(h, time, sector);
	fb_log_old_build(l->head, sector, h->bins.bytes, dirty);
	l->spans[0] = (struct fb_hive_span){l->head, head};
	l->n = 1;
	while ((n = fb_pages_run(dirty, first + n, &first)))
		l->spans[l->n++] =
			(struct fb_hive_span){h->bins.at + (size_t)first * FB_REGF_PAGE,
					      (size_t)n * FB_REGF_PAGE};
	return 0;
}

static uint64_t set_time(struct fb_hive *h)
{
	uint64_t time = fb_hive_now(h);

	fb_put64(h->bins.at + FB_BIN_TIME, time);
	fb_pages_add(&h->bins.dirty, 0, 0);
	return time;
}

static int write_log(struct fb_hive *h, enum fb_hive_file f, uint64_t time,
		     struct fb_err *err)
{
	struct fb_hive_spot at = {f, 0};
	struct old_log l;
	int ret = old_log_make(h, time, &l);

	if (ret)
		return fb_err_set(err, ret, "there is no memory for a log of %u pages",
				  h->bins.dirty.n);
	ret = fb_hive_write(h, &at, l.spans, l.n, err);
	if (!ret)
		ret = fb_hive_sync(h, f, err);
	old_log_free(&l);
	return ret;
}

/*
 * This log has no checksum of its pages: one that the primary may name must not be
 * written over. So after a failure the other one is used, as Windows does when the
 * data could not be written; and what the base block says is settled first, lest it
 * name either.
 */
static int choose_log(struct fb_hive *h, enum fb_hive_file *f, struct fb_err *err)
{
	int ret = 0;

	if (h->mark == FB_HIVE_IN_DOUBT)
		ret = fb_primary_mark(h, err);
	*f = h->mark == FB_HIVE_DIRTY ? fb_hive_other_log(h->marked_for) : FB_HIVE_LOG1;
	return ret;
}

int fb_flush_both(struct fb_hive *h, struct fb_err *err)
{
	enum fb_hive_file f;
	uint64_t time;
	int ret = choose_log(h, &f, err);

	if (ret)
		return ret;
	time = set_time(h);
	ret = write_log(h, f, time, err);
	if (ret)
		return ret;
	h->marked_for = f;
	h->base.time = time;
	ret = fb_primary_mark(h, err);
	if (!ret)
		ret = fb_primary_pages(h, &h->bins.dirty, err);
	if (!ret)
		ret = fb_primary_clean(h, h->base.seq1, err);
	if (ret)
		return ret;
	fb_pages_clear(&h->bins.dirty);
	h->counters.flushes++;
	return 0;
}
