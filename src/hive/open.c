#include "hive/open.h"

#include "hive/lists.h"
#include "hive/primary.h"
#include "hive/recover.h"
#include "hive/told.h"

#include <errno.h>
#include <string.h>

/*
 * struct opening
 * @lost: the base block is bad; @dirty: that, or it tells that a log is needed
 * @read: bytes of hive-bins data that the primary had
 */
struct opening {
	struct fb_hive *h;
	struct fb_err *err;
	struct fb_logs logs;
	bool lost, dirty;
	uint32_t read;
};

static int read_failed(const struct opening *o, int ret)
{
	struct fb_hive_io *io = o->h->io;

	return fb_err_set(o->err, ret,
			  "%s: reading the hive: %s; see to its disk, or to memory",
			  io->ops->name(io, FB_HIVE_PRIMARY), strerror(-ret));
}

static const char *fault_in_base(const unsigned char *sector,
				 const struct fb_base_block *b)
{
	if (b->type != FB_REGF_PRIMARY)
		return "its type is that of a log; open the file it belongs to";
	if (b->major != 1 || b->minor < 3 || b->minor > 6)
		return "its version is none of 1.3 to 1.6";
	if (fb_get32(sector + FB_BASE_FORMAT) != 1)
		return "its format is not 1";
	if (!fb_regf_bins_fit(b->bins))
		return "its size of the data is impossible";
	return NULL;
}

static int read_base(struct opening *o, uint64_t bytes)
{
	struct fb_hive *h = o->h;
	struct fb_hive_io *io = h->io;
	int ret = 0;

	if (bytes >= FB_REGF_SECTOR)
		ret = io->ops->read(io, FB_HIVE_PRIMARY, 0, h->sector, FB_REGF_SECTOR);
	if (ret)
		return read_failed(o, ret);
	o->lost = !fb_base_valid(h->sector);
	if (!o->lost) {
		const char *fault;

		fb_base_get(h->sector, &h->base);
		fault = fault_in_base(h->sector, &h->base);
		if (fault)
			return fb_recover_damage(h, 0, fault, o->err);
	}
	o->dirty = o->lost || h->base.seq1 != h->base.seq2;
	return 0;
}

/* How much there is to read: what the base block says, else all whole pages. */
static uint32_t data_bytes(const struct opening *o, uint64_t file)
{
	uint64_t there = file > FB_REGF_PAGE ? file - FB_REGF_PAGE : 0;

	if (there > FB_REGF_BINS_MAX)
		there = FB_REGF_BINS_MAX;
	there -= there % FB_REGF_PAGE;
	return !o->lost && o->h->base.bins < there ? o->h->base.bins : (uint32_t)there;
}

static int read_data(struct opening *o, uint64_t file)
{
	struct fb_hive *h = o->h;
	uint32_t bytes = data_bytes(o, file);
	int ret;

	if (!o->dirty && bytes < h->base.bins)
		return fb_recover_damage(h, file, "the file ends before its data",
					 o->err);
	ret = fb_bins_resize(&h->bins, o->lost ? bytes : h->base.bins);
	if (!ret && bytes)
		ret = h->io->ops->read(h->io, FB_HIVE_PRIMARY, FB_REGF_PAGE, h->bins.at,
				       bytes);
	o->read = bytes;
	return ret ? read_failed(o, ret) : 0;
}

static int scan_clean(struct opening *o)
{
	struct fb_bins_fault fault;
	int ret = fb_bins_scan(&o->h->bins, &fault);

	o->h->log.next = o->h->base.seq2;
	if (ret == -EBADMSG)
		return fb_recover_damage(o->h, FB_REGF_PAGE + (uint64_t)fault.offset,
					 fault.what, o->err);
	return ret ? read_failed(o, ret) : 0;
}

static int check_root(struct opening *o)
{
	const struct fb_hive *h = o->h;
	const void *nk = fb_cell_get(&h->bins, h->base.root, FB_NK_NAME);

	if (nk && fb_regf_is(nk, "nk"))
		return 0;
	return fb_recover_damage(h, FB_REGF_PAGE + (uint64_t)h->base.root,
				 "the root key is not there", o->err);
}

/*
 * What an old log holds must never be taken for what a later crash left: numbers go on
 * after those of its entries, be they of a flush that never returned or of a hive that
 * was there before; a time is another than that of an old-format log.
 */
static bool disown_log(struct fb_hive *h, const struct fb_log_file *l)
{
	uint32_t n, top;

	if (!l->good)
		return false;
	if (l->base.type == FB_REGF_LOG_NEW) {
		n = fb_log_entries(l);
		top = l->base.seq1 + (n ? n - 1 : 0);
		if (fb_sequence_before(top, h->log.next))
			return false;
		h->log.next = top + 2; /* after one that was torn, too */
		return true;
	}
	if (l->base.time != h->base.time || h->options.strategy != FB_HIVE_LOG_ONLY)
		return false;
	h->base.time = fb_hive_now(h);
	return true;
}

static bool has_newer(const struct fb_hive *h, const struct fb_logs *logs)
{
	for (int i = 0; i < 2; i++) {
		const struct fb_log_file *l = &logs->log[i];

		if (l->good && l->base.type == FB_REGF_LOG_NEW &&
		    !fb_sequence_before(l->base.seq1, h->log.next))
			return true;
	}
	return false;
}

static int disown_logs(struct opening *o, bool *changed)
{
	struct fb_hive *h = o->h;
	int ret = 0;

	if (!o->dirty && has_newer(h, &o->logs)) {
		fb_logs_free(&o->logs);
		ret = fb_logs_read(&o->logs, h->io, true, o->err);
	}
	if (ret)
		return ret;
	for (int i = 0; i < 2; i++)
		*changed |= disown_log(h, &o->logs.log[i]);
	return 0;
}

static int gather_pages(struct opening *o)
{
	struct fb_hive *h = o->h;
	int ret = fb_pages_reserve(&h->unreconciled, h->bins.dirty.room);

	if (ret)
		return fb_err_set(o->err, ret, "there is no memory for the hive");
	fb_pages_join(&h->unreconciled, &h->bins.dirty);
	if (h->bins.bytes > o->read)
		fb_pages_add(&h->unreconciled, o->read / FB_REGF_PAGE,
			     h->bins.bytes / FB_REGF_PAGE - 1);
	return 0;
}

/*
 * The primary is clean and durable after this. It is synced even where nothing was
 * applied: the process that wrote it may have died before it did, its data must not
 * come after a clean base block, and its log is about to be written over.
 */
static int settle(struct opening *o)
{
	struct fb_hive *h = o->h;
	bool changed = false;
	int ret = disown_logs(o, &changed);

	if (!ret)
		ret = gather_pages(o);
	if (ret)
		return ret;
	if (h->unreconciled.n)
		ret = fb_primary_pages(h, &h->unreconciled, o->err);
	else
		ret = fb_hive_sync(h, FB_HIVE_PRIMARY, o->err);
	if (!ret && (o->dirty || changed))
		ret = fb_primary_clean(h, h->log.next, o->err);
	return ret;
}

static int not_reserved(const struct opening *o, enum fb_hive_file f, int ret)
{
	struct fb_hive *h = o->h;
	const char *name = h->io->ops->name(h->io, f);

	if (ret != -ENOSPC && ret != -EDQUOT && ret != -EFBIG && ret != -EIO)
		return fb_told_log(o->err, ret, name);
	return fb_err_set(o->err, ret,
			  "%s: reserving a log of %llu bytes: %s; make room, or choose "
			  "a smaller log",
			  name, (unsigned long long)h->options.log_cap, strerror(-ret));
}

static int reserve_logs(struct opening *o)
{
	struct fb_hive *h = o->h;

	for (int i = 0; i < 2; i++) {
		enum fb_hive_file f = i ? FB_HIVE_LOG2 : FB_HIVE_LOG1;
		int ret = h->io->ops->reserve(h->io, f, h->options.log_cap);

		if (ret)
			return not_reserved(o, f, ret);
	}
	return 0;
}

/* Entries come before the mark, so there are some; a clean base block would make them
 * stale. */
static int need_logs(const struct opening *o)
{
	const struct fb_hive *h = o->h;

	if (!o->dirty || h->recovery.entries || h->options.without_logs)
		return 0;
	return fb_told_lost_logs(o->err, fb_hive_file_name(h, FB_HIVE_PRIMARY),
				 fb_hive_file_name(h, FB_HIVE_LOG1),
				 fb_hive_file_name(h, FB_HIVE_LOG2));
}

static int write_back(struct opening *o)
{
	struct fb_hive *h = o->h;
	int ret = 0;

	if (o->dirty || !h->options.recover_only)
		ret = settle(o);
	if (h->options.recover_only)
		h->options.read_only = true;
	else if (!ret)
		ret = reserve_logs(o);
	return ret;
}

static int read_all(struct opening *o)
{
	struct fb_hive *h = o->h;
	const char *fault;
	uint64_t bytes;
	int ret = h->io->ops->size(h->io, FB_HIVE_PRIMARY, &bytes);

	if (ret)
		return read_failed(o, ret);
	ret = read_base(o, bytes);
	if (!ret)
		ret = read_data(o, bytes);
	if (!ret && (o->dirty || !h->options.read_only))
		ret = fb_logs_read(&o->logs, h->io, o->dirty, o->err);
	if (!ret)
		ret = o->dirty ? fb_recover(h, &o->logs, o->lost, o->err)
			       : scan_clean(o);
	if (!ret && o->lost) {
		fault = fault_in_base(h->sector, &h->base);
		if (fault)
			ret = fb_recover_damage(h, 0, fault, o->err);
	}
	return ret ? ret : check_root(o);
}

static int open_all(struct opening *o)
{
	struct fb_hive *h = o->h;
	int ret = read_all(o);

	if (ret)
		return ret;
	h->last = h->base.time;
	h->out_of_order = !fb_lists_ascend(h);
	if (!h->options.read_only || h->options.recover_only)
		ret = need_logs(o);
	if (!ret && !h->options.read_only)
		ret = write_back(o);
	fb_pages_clear(&h->unreconciled);
	fb_pages_clear(&h->bins.dirty);
	return ret;
}

int fb_hive_open(struct fb_hive **out, struct fb_hive_io *io,
		 const struct fb_hive_options *o, struct fb_err *err)
{
	struct opening op = {.err = err};
	int ret = fb_hive_alloc(&op.h, o);

	if (ret)
		return fb_err_set(err, ret, "there is no memory for a hive");
	op.h->io = io;
	ret = open_all(&op);
	fb_logs_free(&op.logs);
	if (ret) {
		op.h->io = NULL;
		fb_hive_free(op.h);
	} else {
		*out = op.h;
	}
	return ret;
}
