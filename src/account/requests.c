#include "account/requests.h"

#include "account/requests_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int fb_requests_new(struct fb_requests **out, const struct fb_requests_setup *s)
{
	struct fb_requests *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->setup = *s;
	for (int i = 0; i < FB_DEV_HISTS; i++) {
		r->hist[i] = malloc(sizeof(*r->hist[i]));
		if (!r->hist[i]) {
			fb_requests_free(r);
			return -ENOMEM;
		}
	}
	fb_requests_reset(r);
	*out = r;
	return 0;
}

void fb_requests_free(struct fb_requests *r)
{
	if (!r)
		return;
	for (int i = 0; i < FB_DEV_HISTS; i++)
		free(r->hist[i]);
	free(r->late.list);
	free(r);
}

void fb_requests_reset(struct fb_requests *r)
{
	fb_spans_clear(&r->bios);
	fb_spans_clear(&r->sent);
	memset(r->flush, 0, sizeof(r->flush));
	for (int i = 0; i < FB_REQUESTS_DISKS_MAX; i++)
		r->flush[i].first = r->flush[i].last = FB_ISSUER_KERNEL;
	memset(r->journal, 0, sizeof(r->journal));
	memset(&r->busy, 0, sizeof(r->busy));
	memset(&r->sum, 0, sizeof(r->sum));
	memset(r->count, 0, sizeof(r->count));
	r->seen_ns = r->op_no = 0;
	r->op_requests = 0;
	r->op_torn = false;
	r->late.n = 0;
	for (int i = 0; i < FB_DEV_HISTS; i++)
		fb_hist_reset(r->hist[i]);
}

static int disk_of(const struct fb_requests *r, const struct fb_block_event *e)
{
	for (size_t i = 0; i < r->setup.n_disks; i++)
		if (r->setup.disks[i]->dev_major == e->dev_major &&
		    r->setup.disks[i]->dev_minor == e->dev_minor)
			return (int)i;
	return -1;
}

bool fb_rq_is_own(const struct fb_requests *r, const struct fb_span *s)
{
	return s->disk < r->setup.n_own;
}

bool fb_rq_has_none(const struct fb_requests *r, unsigned disk)
{
	return r->setup.disks[disk]->queued == FB_NO;
}

static enum fb_rq_op op_of(const struct fb_block_event *e)
{
	const bool empty = e->flags & FB_BLOCK_PREFLUSH && !e->sectors;

	if (e->flags & FB_BLOCK_FLUSH || (e->kind == FB_BLOCK_QUEUE && empty))
		return FB_RQ_OP_FLUSH;
	/* Of one with data, all of it answered, only where it ended may be told. */
	if (e->kind == FB_BLOCK_BIO_DONE && empty && !e->sector)
		return FB_RQ_OP_FLUSH;
	if (e->flags & FB_BLOCK_DISCARD)
		return FB_RQ_OP_DISCARD;
	return e->flags & FB_BLOCK_READ ? FB_RQ_OP_READ : FB_RQ_OP_WRITE;
}

/* As if no bio of it had been seen. */
struct fb_span fb_rq_span_of(const struct fb_requests *r,
			     const struct fb_block_event *e, unsigned disk)
{
	struct fb_span s = {
		.time_ns = e->time_ns,
		.asked = e->flags,
		.told = e->flags,
		.disk = (uint8_t)disk,
		.op = op_of(e),
		.issuer = FB_ISSUER_KERNEL,
	};

	if (s.op != FB_RQ_OP_FLUSH) {
		s.begin = s.first = e->sector;
		s.end = e->sector + e->sectors;
		s.left = e->sectors;
	}
	/* A request's are its bio's, or are found when it has none. */
	if (e->kind == FB_BLOCK_QUEUE)
		s.marks = fb_marks_of(r->setup.fs, e->flags, e->comm);
	return s;
}

void fb_rq_want_flush(struct fb_requests *r, const struct fb_span *by)
{
	if (!r->flush[by->disk].wanted)
		r->flush[by->disk].first = by->issuer;
	r->flush[by->disk].wanted = true;
	r->flush[by->disk].last = by->issuer;
}

/*
 * One flush does for all who asked before it. One that nobody asked for follows a write
 * whose answer was missed, or was asked for by somebody who came between the kernel's
 * choice and the event that tells of it.
 */
static void name_flush(struct fb_requests *r, struct fb_span *s)
{
	s->named = r->flush[s->disk].wanted;
	if (s->named) {
		s->issuer = r->flush[s->disk].first;
		r->flush[s->disk].wanted = false;
	} else if (r->flush[s->disk].owed) {
		s->issuer = r->flush[s->disk].owed_to;
		r->flush[s->disk].owed = 0;
	} else {
		s->issuer = r->flush[s->disk].last;
	}
}

/* A request that was given back counts once, with what it had already done. */
static void name_by(struct fb_span *s, const struct fb_span *bio)
{
	s->named = bio->named;
	s->issuer = bio->issuer;
	s->asked = bio->asked;
	s->marks = bio->marks;
	if (bio->done) {
		s->done = bio->done;
		s->first = bio->first;
	}
}

/* Requests that went to their disk before we heard of this bio are named only now. */
static void name_late(struct fb_requests *r, const struct fb_span *bio)
{
	const uint64_t longest = r->sent.longest[bio->op];
	const uint64_t from = bio->begin > longest ? bio->begin - longest : 0;

	for (size_t i = fb_spans_from(&r->sent, bio->disk, from); i < r->sent.n; i++) {
		struct fb_span *s = fb_spans_at(&r->sent, i), first;

		if (s->disk != bio->disk || s->begin >= bio->end)
			break;
		if (!s->named && s->op == bio->op && s->time_ns >= bio->time_ns &&
		    fb_spans_cut(&r->bios, s, &first))
			name_by(s, &first);
	}
}

/* As above, of a flush: it is that of @by, and no other is to come for it. */
static bool name_flush_late(struct fb_requests *r, const struct fb_span *by)
{
	struct fb_span *found = NULL;

	for (size_t i = fb_spans_from(&r->sent, by->disk, 1); i-- > 0;) {
		struct fb_span *s = fb_spans_at(&r->sent, i);

		if (s->disk != by->disk || s->time_ns < by->time_ns)
			break;
		if (s->op == FB_RQ_OP_FLUSH && !s->named)
			found = s;
	}
	if (!found)
		return false;
	found->named = true;
	found->issuer = by->issuer;
	return true;
}

static void see_bio(struct fb_requests *r, struct fb_span *bio)
{
	struct fb_span gone;

	if (bio->asked & FB_BLOCK_PREFLUSH &&
	    (bio->time_ns >= r->seen_ns || !name_flush_late(r, bio)))
		fb_rq_want_flush(r, bio);
	if (!bio->left) {
		/* The kernel counts it as a write, beside the flush it causes. */
		r->sum.writes += bio->op == FB_RQ_OP_FLUSH && fb_rq_is_own(r, bio);
		return;
	}
	fb_spans_add(&r->bios, bio, &gone);
	if (bio->time_ns < r->seen_ns)
		name_late(r, bio);
}

static void see_queue(struct fb_requests *r, const struct fb_block_event *e,
		      unsigned disk)
{
	struct fb_span s = fb_rq_span_of(r, e, disk);

	s.issuer = (uint8_t)r->setup.issuer(e, r->setup.ctx);
	s.named = true;
	if (!fb_rq_has_none(r, disk))
		see_bio(r, &s);
	else if (s.left || s.op == FB_RQ_OP_FLUSH)
		fb_rq_send(r, &s);
}

void fb_rq_name(struct fb_requests *r, struct fb_span *s)
{
	struct fb_span bio;

	if (s->op == FB_RQ_OP_FLUSH)
		name_flush(r, s);
	else if (fb_spans_cut(&r->bios, s, &bio))
		name_by(s, &bio);
	else
		s->marks = fb_marks_of(r->setup.fs, s->told, "");
}

bool fb_rq_owes_flush(const struct fb_requests *r, const struct fb_span *s)
{
	return s->op == FB_RQ_OP_WRITE && !fb_rq_has_none(r, s->disk) &&
	       s->asked & ~s->told & FB_BLOCK_FUA;
}

static void see_issue(struct fb_requests *r, const struct fb_block_event *e,
		      unsigned disk)
{
	struct fb_span s = fb_rq_span_of(r, e, disk);

	fb_rq_name(r, &s);
	if (fb_rq_owes_flush(r, &s)) {
		r->flush[disk].owed++;
		r->flush[disk].owed_to = s.issuer;
	}
	fb_rq_send(r, &s);
}

/*
 * It waits again, as a bio that knows what was answered of it: where it begins now
 * tells that, also when no answer was seen.
 */
static void see_requeue(struct fb_requests *r, const struct fb_block_event *e,
			unsigned disk)
{
	const struct fb_span what = fb_rq_span_of(r, e, disk);
	const size_t i = fb_rq_find_sent(r, &what);
	struct fb_span s, gone;

	if (i == r->sent.n)
		return;
	s = fb_rq_take_back(r, i, e->time_ns);
	fb_rq_op_more(r, &s, -1);
	if (fb_rq_owes_flush(r, &s) && r->flush[disk].owed)
		r->flush[disk].owed--;
	s.born = 0;
	if (s.op == FB_RQ_OP_FLUSH) {
		fb_rq_want_flush(r, &s);
		return;
	}
	if (what.begin > s.begin && what.begin < s.end) {
		s.done += what.begin - s.begin;
		s.begin = what.begin;
		s.left = s.end - s.begin;
	}
	fb_spans_add(&r->bios, &s, &gone);
}

static bool says_nothing(const struct fb_block_event *e)
{
	const uint32_t what = FB_BLOCK_READ | FB_BLOCK_WRITE | FB_BLOCK_DISCARD |
			      FB_BLOCK_FLUSH | FB_BLOCK_PREFLUSH;

	return !(e->flags & what);
}

void fb_requests_see(struct fb_requests *r, const struct fb_block_event *e)
{
	const int disk = disk_of(r, e);
	bool bios_only;

	if (disk < 0 || says_nothing(e))
		return;
	bios_only = fb_rq_has_none(r, (unsigned)disk);
	if (e->kind == FB_BLOCK_QUEUE)
		see_queue(r, e, (unsigned)disk);
	else if (e->kind == FB_BLOCK_BIO_DONE && bios_only)
		fb_rq_see_bio_done(r, e, (unsigned)disk);
	else if (e->kind == FB_BLOCK_ISSUE && !bios_only)
		see_issue(r, e, (unsigned)disk);
	else if (e->kind == FB_BLOCK_COMPLETE && !bios_only)
		fb_rq_see_answer(r, e, (unsigned)disk);
	else if (e->kind == FB_BLOCK_REQUEUE && !bios_only)
		see_requeue(r, e, (unsigned)disk);
	if (e->time_ns > r->seen_ns)
		r->seen_ns = e->time_ns;
}
