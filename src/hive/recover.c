#include "hive/recover.h"

#include "hive/log_entry.h"
#include "hive/log_old.h"
#include "hive/told.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* No entry is longer; a file that is, is none that a hive of 2 GiB makes. */
#define LOG_MAX UINT32_MAX

/* Bytes that a hive may lack, beside as many as its files have. */
#define MISSING_MAX (UINT64_C(16) << 20)

/* struct log_source - a log that is being read; @bytes: what of it may be looked at */
struct log_source {
	struct fb_hive_io *io;
	enum fb_hive_file f;
	uint64_t bytes;
};

static int read_at(const struct log_source *s, uint64_t offset, void *out, size_t bytes)
{
	return s->io->ops->read(s->io, s->f, offset, out, bytes);
}

/* Where the entries end, by their headers: of a log of gigabytes most is nothing. */
static int end_of_entries(const struct log_source *s, uint32_t sequence, uint64_t *end)
{
	unsigned char head[FB_ENTRY_HEAD];
	uint32_t size;
	int ret;

	for (*end = FB_REGF_SECTOR; s->bytes - *end >= sizeof(head); *end += size) {
		ret = read_at(s, *end, head, sizeof(head));
		if (ret)
			return ret;
		size = fb_entry_size(head, s->bytes - *end, sequence++);
		if (!size)
			break;
	}
	return 0;
}

/* As many sectors as the bitmap has bits. */
static int end_of_old(const struct log_source *s, uint32_t bins, uint64_t *end)
{
	uint64_t head = fb_log_old_data(bins);
	unsigned char *log;
	int ret;

	*end = s->bytes;
	if (!fb_regf_bins_fit(bins) || head >= s->bytes)
		return 0;
	log = malloc((size_t)head);
	if (!log)
		return -ENOMEM;
	ret = read_at(s, 0, log, (size_t)head);
	if (!ret)
		head += fb_log_old_bytes(log, bins);
	free(log);
	if (!ret && head < s->bytes)
		*end = head;
	return ret;
}

static int find_end(const struct log_source *s, const struct fb_log_file *l,
		    uint64_t *end)
{
	*end = FB_REGF_SECTOR;
	if (!l->good)
		return 0;
	if (l->base.type == FB_REGF_LOG_NEW)
		return end_of_entries(s, l->base.seq1, end);
	return end_of_old(s, l->base.bins, end);
}

static int read_sector(const struct log_source *s, struct fb_log_file *l)
{
	unsigned char sector[FB_REGF_SECTOR];
	int ret = read_at(s, 0, sector, sizeof(sector));

	if (!ret && fb_base_valid(sector)) {
		fb_base_get(sector, &l->base);
		l->good = l->base.seq1 == l->base.seq2;
	}
	return ret;
}

static int read_log(struct fb_log_file *l, struct log_source *s, bool whole)
{
	uint64_t end = FB_REGF_SECTOR;
	int ret = s->io->ops->size(s->io, s->f, &s->bytes);

	if (ret || s->bytes < FB_REGF_SECTOR)
		return ret == -ENOENT ? 0 : ret;
	if (s->bytes > LOG_MAX)
		s->bytes = LOG_MAX;
	ret = read_sector(s, l);
	if (!ret && whole)
		ret = find_end(s, l, &end);
	if (ret)
		return ret;
	l->data = malloc((size_t)end);
	if (!l->data)
		return -ENOMEM;
	l->bytes = end;
	return read_at(s, 0, l->data, (size_t)end);
}

int fb_logs_read(struct fb_logs *l, struct fb_hive_io *io, bool whole,
		 struct fb_err *err)
{
	struct fb_logs got = {0};

	for (int i = 0; i < 2; i++) {
		enum fb_hive_file f = i ? FB_HIVE_LOG2 : FB_HIVE_LOG1;
		struct log_source s = {.io = io, .f = f};
		int ret = read_log(&got.log[i], &s, whole);

		if (ret) {
			fb_logs_free(&got);
			return fb_told_log(err, ret, io->ops->name(io, f));
		}
	}
	*l = got;
	return 0;
}

void fb_logs_free(struct fb_logs *l)
{
	free(l->log[0].data);
	free(l->log[1].data);
	*l = (struct fb_logs){0};
}

int fb_recover_damage(const struct fb_hive *h, uint64_t offset, const char *what,
		      struct fb_err *err)
{
	return fb_err_set(err, -EBADMSG,
			  "%s: offset 0x%" PRIx64
			  ": %s; see what `flushbench hive check` finds",
			  h->io->ops->name(h->io, FB_HIVE_PRIMARY), offset, what);
}

/* A bin's head is bad, or a cell of a bin whose head was accepted. */
static uint32_t bin_of(const struct fb_bins *b, uint32_t offset)
{
	uint32_t page = offset / FB_REGF_PAGE, head = page;

	while (head && !fb_bit(b->heads, head))
		head--;
	if (fb_bit(b->heads, head)) {
		uint32_t at = head * FB_REGF_PAGE;

		if (fb_get32(b->at + at + FB_BIN_SIZE) > offset - at)
			return at;
	}
	return page * FB_REGF_PAGE;
}

/* Each round goes on with the bin that was replaced, so the whole is one pass. */
static int scan(struct fb_hive *h, bool mend, struct fb_err *err)
{
	struct fb_bins_fault fault;
	uint32_t at = 0;
	int ret;

	while ((ret = fb_bins_scan_from(&h->bins, at, &fault)) == -EBADMSG) {
		if (!mend)
			return fb_recover_damage(h,
						 FB_REGF_PAGE + (uint64_t)fault.offset,
						 fault.what, err);
		at = bin_of(&h->bins, fault.offset);
		fb_bins_mend(&h->bins, at);
		h->recovery.dummy_bins++;
	}
	return ret ? fb_err_set(err, ret, "there is no memory for %u bytes of hive",
				h->bins.bytes)
		   : 0;
}

int fb_recover_extent(const struct fb_hive *h, uint32_t bins, uint64_t log)
{
	uint64_t file;
	int ret = h->io->ops->size(h->io, FB_HIVE_PRIMARY, &file);

	if (ret)
		return ret;
	log += (uint64_t)h->unreconciled.n * FB_REGF_PAGE;
	return bins <= 2 * (file + log) + MISSING_MAX ? 0 : -EFBIG;
}

static int apply_failed(const struct fb_hive *h, int ret, struct fb_err *err)
{
	if (ret == -ENOMEM)
		return fb_err_set(err, ret, "there is no memory to recover the hive");
	if (ret == -EFBIG)
		return fb_recover_damage(
			h, FB_BASE_BINS,
			"most of the data is neither in it nor in its logs", err);
	if (ret == -EBADMSG)
		return ret;
	return fb_err_set(err, ret, "%s: its length: %s; see to its disk",
			  h->io->ops->name(h->io, FB_HIVE_PRIMARY), strerror(-ret));
}

/* Of the first bin: a copy of the base block's. 0 when there is no such bin. */
static uint64_t time_of_bins(const struct fb_hive *h)
{
	if (!h->bins.bytes || !fb_regf_is(h->bins.at, "hbin"))
		return 0;
	return fb_get64(h->bins.at + FB_BIN_TIME);
}

static void take_base(struct fb_hive *h, const struct fb_log_file *l)
{
	memcpy(h->sector, l->data, FB_REGF_SECTOR);
	h->base = l->base;
	h->base.type = FB_REGF_PRIMARY;
}

static int no_base(const struct fb_hive *h, struct fb_err *err)
{
	return fb_recover_damage(
		h, 0, "this is no hive, or its base block is lost and no log has it",
		err);
}

/* Which format is the later one: numbers go on over a change of strategy. */
static int apply_without_base(struct fb_hive *h, const struct fb_logs *logs,
			      struct fb_err *err)
{
	const struct fb_log_file *old = fb_old_find(logs, time_of_bins(h));
	struct fb_log_chain chain;
	int64_t n;

	fb_chain_find(&chain, logs, NULL);
	if (old && (!chain.n || fb_sequence_before(chain.last, old->base.seq1))) {
		take_base(h, old);
		return fb_old_apply(h, old);
	}
	if (!chain.n)
		return no_base(h, err);
	take_base(h, chain.log[chain.n - 1]);
	n = fb_chain_apply(h, &chain);
	return n < 0 ? (int)n : 0;
}

/* An entry of a new-format log is durable before the base block is marked, and no such
 * log of ours is newer than a primary that an old-format log belongs to. */
static int apply_with_base(struct fb_hive *h, const struct fb_logs *logs)
{
	const struct fb_log_file *old;
	struct fb_log_chain chain;
	int64_t n;

	fb_chain_find(&chain, logs, h->sector);
	n = fb_chain_apply(h, &chain);
	if (n)
		return n < 0 ? (int)n : 0;
	h->recovery.first = h->recovery.last = 0;
	old = fb_old_find(logs, h->base.time);
	return old ? fb_old_apply(h, old) : 0;
}

/* Past every number that may have been given out: without entries seq1 tells. */
static uint32_t next_sequence(const struct fb_hive *h)
{
	const struct fb_hive_recovery *r = &h->recovery;
	uint32_t next = h->base.seq1;

	if (!r->entries)
		return next;
	if (!r->old_format)
		return r->last + 1;
	return fb_sequence_before(next, r->last) ? r->last : next;
}

int fb_recover(struct fb_hive *h, const struct fb_logs *logs, bool lost,
	       struct fb_err *err)
{
	int ret;

	h->recovery.dirty = true;
	h->recovery.base_lost = lost;
	ret = lost ? apply_without_base(h, logs, err) : apply_with_base(h, logs);
	if (!ret)
		ret = fb_recover_extent(h, h->bins.bytes, 0);
	if (ret)
		return apply_failed(h, ret, err);
	h->recovery.pages = h->unreconciled.n;
	h->log.next = next_sequence(h);
	return scan(h, h->recovery.entries != 0, err);
}
