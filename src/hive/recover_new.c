#include "hive/log_entry.h"
#include "hive/recover.h"

#include <errno.h>
#include <string.h>

/* struct walk - through the entries of one log; @bins: of the last that was walked */
struct walk {
	const struct fb_log_file *log;
	uint64_t at;
	uint32_t expected, bins;
	struct fb_entry entry;
};

static bool is_new(const struct fb_log_file *l)
{
	return l->good && l->base.type == FB_REGF_LOG_NEW;
}

static struct walk walk_begin(const struct fb_log_file *l)
{
	return (struct walk){.log = l, .at = FB_REGF_SECTOR, .expected = l->base.seq1};
}

/* The entry at @at if it is whole and the one that must come; NULL ends the log. */
static const unsigned char *walk_look(struct walk *w)
{
	const unsigned char *at = w->log->data + w->at;
	const char *why;

	if (w->at >= w->log->bytes ||
	    !fb_entry_read(at, w->log->bytes - w->at, &w->entry, &why) ||
	    w->entry.sequence != w->expected)
		return NULL;
	return at;
}

static void walk_on(struct walk *w)
{
	w->at += w->entry.size;
	w->bins = w->entry.bins;
	w->expected++;
}

uint32_t fb_log_entries(const struct fb_log_file *l)
{
	struct walk w = walk_begin(l);

	if (!is_new(l))
		return 0;
	while (walk_look(&w))
		walk_on(&w);
	return w.expected - l->base.seq1;
}

/* The base block is lost, so nothing tells how far the primary is. Two logs that follow
 * one another end in the right state from wherever it was. */
static void find_without_primary(struct fb_log_chain *c)
{
	uint32_t n0 = c->n ? fb_log_entries(c->log[0]) : 0;
	uint32_t n1 = c->n > 1 ? fb_log_entries(c->log[1]) : 0;

	if (!n0 && !n1) {
		c->n = 0;
		return;
	}
	c->last = c->log[0]->base.seq1 + n0 - 1;
	if (!n1) {
		c->n = 1;
		return;
	}
	c->last = c->log[1]->base.seq1 + n1 - 1;
	if (!n0 || c->log[1]->base.seq1 != c->log[0]->base.seq1 + n0) {
		c->log[0] = c->log[1];
		c->n = 1;
	}
}

/* A log that begins later than the primary ends, and is not this hive's. */
static bool is_foreign(const struct fb_log_file *l, const unsigned char *primary)
{
	return l->base.seq1 != fb_get32(primary + FB_BASE_SEQ2) &&
	       memcmp(l->data + FB_BASE_NAME, primary + FB_BASE_NAME,
		      FB_BASE_NAME_BYTES);
}

static bool is_stale(const struct fb_log_file *l, const unsigned char *primary)
{
	return fb_sequence_before(l->base.seq1, fb_get32(primary + FB_BASE_SEQ2));
}

void fb_chain_find(struct fb_log_chain *c, const struct fb_logs *logs,
		   const unsigned char *primary)
{
	*c = (struct fb_log_chain){0};
	for (int i = 0; i < 2; i++) {
		const struct fb_log_file *l = &logs->log[i];

		if (is_new(l) && (!primary || !is_stale(l, primary)))
			c->log[c->n++] = l;
	}
	if (c->n == 2 &&
	    fb_sequence_before(c->log[1]->base.seq1, c->log[0]->base.seq1)) {
		const struct fb_log_file *later = c->log[0];

		c->log[0] = c->log[1];
		c->log[1] = later;
	}
	if (!primary)
		find_without_primary(c);
	while (primary && c->n && is_foreign(c->log[0], primary)) {
		c->log[0] = c->log[1];
		c->n--;
	}
}

static int apply_entry(struct fb_hive *h, const struct fb_entry *e,
		       const unsigned char *entry)
{
	uint32_t offset, bytes;
	uint64_t at = 0;
	int ret = fb_recover_extent(h, e->bins, e->size);

	if (!ret && e->bins > h->bins.bytes)
		ret = fb_bins_resize(&h->bins, e->bins);
	if (!ret)
		ret = fb_pages_reserve(&h->unreconciled, e->bins / FB_REGF_PAGE);
	if (ret)
		return ret;
	for (uint32_t i = 0; i < e->refs; i++) {
		const void *data = fb_entry_range(entry, i, &at, &offset, &bytes);

		memcpy(h->bins.at + offset, data, bytes);
		fb_pages_add(&h->unreconciled, offset / FB_REGF_PAGE,
			     (offset + bytes - 1) / FB_REGF_PAGE);
	}
	h->base.flags = (h->base.flags & ~1u) | (e->flags & 1);
	return 0;
}

/*
 * The data only grow meanwhile: what is cut off is cleared, which many entries that let
 * them grow and shrink in turn would make a long time of.
 */
static int apply_log(struct fb_hive *h, struct walk *w)
{
	const unsigned char *entry;

	while ((entry = walk_look(w))) {
		int ret = apply_entry(h, &w->entry, entry);

		if (ret)
			return ret;
		walk_on(w);
	}
	return 0;
}

int64_t fb_chain_apply(struct fb_hive *h, const struct fb_log_chain *c)
{
	struct fb_hive_recovery *r = &h->recovery;
	uint32_t expected = c->n ? c->log[0]->base.seq1 : 0, bins = 0;
	int ret;

	r->first = expected;
	for (unsigned i = 0; i < c->n && c->log[i]->base.seq1 == expected; i++) {
		struct walk w = walk_begin(c->log[i]);

		ret = apply_log(h, &w);
		if (ret)
			return ret;
		if (w.expected != expected) {
			r->logs++;
			bins = w.bins;
		}
		expected = w.expected;
	}
	r->entries = expected - r->first;
	r->last = expected - 1;
	ret = bins ? fb_bins_resize(&h->bins, bins) : 0;
	return ret ? ret : (int64_t)r->entries;
}
