#include "account/requests_parts.h"

#include <stdlib.h>
#include <string.h>

enum { SECTOR = 512 };

static const char *const class_names[FB_RQ_CLASSES] = {
	"data", "journal", "metadata", "flush", "read", "discard", "other",
};
static const char *const issuer_names[FB_ISSUERS] = {"self", "kernel", "others"};

bool fb_answers_keep(struct fb_answers *a, const struct fb_answer *one)
{
	if (a->n == a->room) {
		const size_t room = a->room ? 2 * a->room : 1024;
		struct fb_answer *list;

		if (a->room >= FB_REQUESTS_LATE_MAX)
			return false;
		list = realloc(a->list, room * sizeof(*list));
		if (!list)
			return false;
		a->list = list;
		a->room = room;
	}
	a->list[a->n++] = *one;
	return true;
}

void fb_requests_row(struct fb_requests *r, const struct fb_answer *a)
{
	struct fb_rq_count *c = &r->count[a->disk][a->klass][a->fua][a->issuer];

	c->requests++;
	c->bytes += (uint64_t)a->sectors * SECTOR;
	if (a->disk < r->setup.n_own && a->ns != FB_RQ_NO_TIME)
		fb_hist_record(r->hist[FB_DEV_RQ_DATA + a->klass], a->ns);
}

static void add_sum(struct fb_requests *r, const struct fb_span *s)
{
	const uint64_t bytes = s->done * SECTOR;
	struct fb_requests_sum *sum = &r->sum;

	if (s->issuer == FB_ISSUER_OTHERS) {
		sum->foreign_requests++;
		sum->foreign_bytes += bytes;
	}
	if (s->op == FB_RQ_OP_FLUSH)
		sum->flushes++;
	/* To the kernel zeroing without data is a write, too. */
	if (s->op == FB_RQ_OP_WRITE || s->told & FB_BLOCK_WRITE) {
		sum->writes++;
		sum->bytes += bytes;
		sum->fua += s->op == FB_RQ_OP_WRITE && s->told & FB_BLOCK_FUA;
	}
}

static bool is_data(const struct fb_requests *r, const struct fb_answer *a)
{
	const struct fb_disk *d = r->setup.disks[a->disk];

	/* It never writes in place, so all its data chunks are extents, where other
	 * programs' files lie, too. */
	if (a->issuer == FB_ISSUER_OTHERS && !strcmp(r->setup.fs, "btrfs"))
		return false;
	return r->setup.extents &&
	       fb_extents_hold(r->setup.extents, d->dev_major, d->dev_minor, a->sector);
}

static bool is_in_journal(const struct fb_requests *r, const struct fb_answer *a)
{
	return a->sector >= r->journal[a->disk].begin &&
	       a->sector < r->journal[a->disk].end;
}

static void widen_journal(struct fb_requests *r, const struct fb_answer *a)
{
	const uint64_t end = a->sector + a->sectors;

	if (!r->journal[a->disk].end || a->sector < r->journal[a->disk].begin)
		r->journal[a->disk].begin = a->sector;
	if (end > r->journal[a->disk].end)
		r->journal[a->disk].end = end;
}

/* Of the mount's own disks. */
static void place_write(struct fb_requests *r, struct fb_answer *a,
			const struct fb_marks *m)
{
	a->klass = m->klass;
	a->perhaps_journal = m->perhaps_journal;
	if (is_data(r, a)) {
		a->klass = FB_RQ_DATA;
	} else if (m->surely_journal) {
		widen_journal(r, a);
	} else if ((r->setup.late && m->klass != FB_RQ_METADATA) ||
		   m->perhaps_journal) {
		/* A file's data has no mark, whoever writes it. */
		if (fb_answers_keep(&r->late, a))
			return;
		r->sum.late_lost++;
	}
	fb_requests_row(r, a);
}

void fb_requests_answered(struct fb_requests *r, const struct fb_span *s, uint64_t ns)
{
	static const uint8_t class_of[] = {FB_RQ_READ, FB_RQ_OTHER, FB_RQ_DISCARD,
					   FB_RQ_FLUSH};
	struct fb_answer a = {
		.sector = s->first,
		.ns = ns,
		.sectors = (uint32_t)s->done,
		.disk = s->disk,
		.klass = class_of[s->op],
		.issuer = s->issuer,
		.fua = s->op == FB_RQ_OP_WRITE && s->told & FB_BLOCK_FUA,
	};
	const bool own = s->disk < r->setup.n_own;

	if (own)
		add_sum(r, s);
	if (own && s->op == FB_RQ_OP_WRITE)
		place_write(r, &a, &s->marks);
	else
		fb_requests_row(r, &a);
}

static int by_place(const void *a, const void *b)
{
	const struct fb_answer *x = a, *y = b;

	if (x->disk != y->disk)
		return x->disk < y->disk ? -1 : 1;
	return (x->sector > y->sector) - (x->sector < y->sector);
}

/* Or partly within. */
static bool is_beside(const struct fb_requests *r, const struct fb_answer *a)
{
	return r->journal[a->disk].end && a->sector <= r->journal[a->disk].end &&
	       a->sector + a->sectors >= r->journal[a->disk].begin;
}

/*
 * The first fast commit's other blocks come before any write that is surely journal,
 * and one that was given up has no last block: what lies right beside that is journal,
 * too.
 */
static void widen_to_neighbours(struct fb_requests *r)
{
	if (r->late.n)
		qsort(r->late.list, r->late.n, sizeof(r->late.list[0]), by_place);
	for (size_t i = r->late.n; i-- > 0;)
		if (r->late.list[i].perhaps_journal && is_beside(r, &r->late.list[i]))
			widen_journal(r, &r->late.list[i]);
	for (size_t i = 0; i < r->late.n; i++)
		if (r->late.list[i].perhaps_journal && is_beside(r, &r->late.list[i]))
			widen_journal(r, &r->late.list[i]);
}

void fb_requests_judge(struct fb_requests *r)
{
	widen_to_neighbours(r);
	for (size_t i = 0; i < r->late.n; i++) {
		struct fb_answer *a = &r->late.list[i];

		if (is_data(r, a))
			a->klass = FB_RQ_DATA;
		else if (a->perhaps_journal && is_in_journal(r, a))
			a->klass = FB_RQ_JOURNAL;
		fb_requests_row(r, a);
	}
	r->late.n = 0;
}

static void add_rows(const struct fb_requests *r, unsigned disk, struct fb_io *io)
{
	for (unsigned i = 0; i < FB_RQ_CLASSES * 2 * FB_ISSUERS; i++) {
		const unsigned klass = i / (2 * FB_ISSUERS), fua = i / FB_ISSUERS % 2;
		const unsigned issuer = i % FB_ISSUERS;
		const struct fb_rq_count *c = &r->count[disk][klass][fua][issuer];
		struct fb_io_class *row = &io->classes[io->n_classes];

		if (!c->requests || io->n_classes == FB_IO_CLASSES_MAX)
			continue;
		memcpy(row->device, r->setup.disks[disk]->name, sizeof(row->device));
		row->klass = class_names[klass];
		row->fua = fua ? "1" : "0";
		row->issuer = issuer_names[issuer];
		row->requests = c->requests;
		row->bytes = c->bytes;
		io->n_classes++;
	}
}

void fb_requests_finish(struct fb_requests *r, struct fb_io *io,
			struct fb_hist *const *hist, struct fb_requests_sum *sum)
{
	while (r->sent.n) {
		const struct fb_span s = *fb_spans_at(&r->sent, r->sent.n - 1);

		fb_spans_remove(&r->sent, r->sent.n - 1);
		fb_rq_settle(r, &s);
	}
	fb_requests_judge(r);
	for (unsigned i = 0; i < r->setup.n_disks; i++)
		add_rows(r, i, io);
	for (int i = 0; hist && i < FB_DEV_HISTS; i++)
		fb_hist_merge(hist[i], r->hist[i]);
	*sum = r->sum;
}
