#include "account/requests_parts.h"

void fb_rq_send(struct fb_requests *r, const struct fb_span *s)
{
	struct fb_span one = *s, gone;

	one.op_no = r->op_no;
	if (fb_spans_add(&r->sent, &one, &gone))
		fb_rq_settle(r, &gone);
	fb_rq_op_more(r, s, 1);
	fb_rq_op_busy(r, &one, 1, s->time_ns);
}

struct fb_span fb_rq_take_back(struct fb_requests *r, size_t i, uint64_t now_ns)
{
	const struct fb_span s = *fb_spans_at(&r->sent, i);

	fb_spans_remove(&r->sent, i);
	fb_rq_op_busy(r, &s, -1, now_ns);
	return s;
}

/*
 * Where an answer got lost, the place or the flush is asked for again later, and the
 * next answer is that one's.
 */
size_t fb_rq_find_sent(const struct fb_requests *r, const struct fb_span *s)
{
	return fb_spans_youngest(&r->sent, s);
}

static void count(struct fb_requests *r, const struct fb_span *s, uint64_t ns)
{
	struct fb_span flush = *s;

	fb_requests_answered(r, s, ns);
	if (s->op != FB_RQ_OP_WRITE || !fb_rq_has_none(r, s->disk) ||
	    !(s->told & FB_BLOCK_PREFLUSH))
		return;
	flush.op = FB_RQ_OP_FLUSH;
	flush.told = 0;
	flush.done = 0;
	fb_requests_answered(r, &flush, FB_RQ_NO_TIME);
}

void fb_rq_settle(struct fb_requests *r, const struct fb_span *s)
{
	struct fb_span whole = *s;

	whole.done += whole.left;
	r->sum.unanswered += fb_rq_is_own(r, s);
	count(r, &whole, FB_RQ_NO_TIME);
}

static void answer(struct fb_requests *r, const struct fb_span *s, uint64_t ns)
{
	count(r, s, ns);
	/* To a disk without FUA the kernel sends a flush after the write. */
	if (fb_rq_owes_flush(r, s))
		fb_rq_want_flush(r, s);
}

static void answer_unheard(struct fb_requests *r, struct fb_span *s)
{
	fb_rq_name(r, s);
	s->done += s->left;
	fb_rq_op_more(r, s, 1);
	s->op_no = FB_RQ_NO_OP;
	fb_rq_op_busy(r, s, -1, s->time_ns);
	answer(r, s, FB_RQ_NO_TIME);
}

/* A request is answered from its begin on: what lies before the part was answered, too.
 */
static uint64_t answered_of(const struct fb_requests *r, const struct fb_span *s,
			    const struct fb_span *part)
{
	uint64_t n = part->left;

	if (s->op == FB_RQ_OP_FLUSH || part->end <= part->begin)
		return s->left;
	if (!fb_rq_has_none(r, s->disk))
		n = part->end - s->begin;
	return n < s->left ? n : s->left;
}

static void answer_part(struct fb_requests *r, size_t i, const struct fb_span *part)
{
	struct fb_span s = *fb_spans_at(&r->sent, i), gone;
	const uint64_t n = answered_of(r, &s, part);

	s.left -= n;
	s.done += n;
	if (s.left) {
		fb_spans_remove(&r->sent, i);
		if (part->begin == s.begin || !fb_rq_has_none(r, s.disk))
			s.begin += n;
		fb_spans_add(&r->sent, &s, &gone);
		return;
	}
	fb_rq_take_back(r, i, part->time_ns);
	if (fb_rq_owes_flush(r, &s) && r->flush[s.disk].owed)
		r->flush[s.disk].owed--;
	answer(r, &s, part->time_ns > s.time_ns ? part->time_ns - s.time_ns : 0);
}

void fb_rq_see_answer(struct fb_requests *r, const struct fb_block_event *e,
		      unsigned disk)
{
	struct fb_span s = fb_rq_span_of(r, e, disk);
	size_t i;

	/* The end of a bio with PREFLUSH, whose requests have told of themselves. */
	if (s.op != FB_RQ_OP_FLUSH && !e->sectors)
		return;
	i = fb_rq_find_sent(r, &s);
	if (i < r->sent.n)
		answer_part(r, i, &s);
	else
		answer_unheard(r, &s);
}

/* A bio's end, of what is no request but does the same; some tell only where that is.
 */
void fb_rq_see_bio_done(struct fb_requests *r, const struct fb_block_event *e,
			unsigned disk)
{
	struct fb_span s = fb_rq_span_of(r, e, disk), last = s;
	const bool end_only = s.op != FB_RQ_OP_FLUSH && !e->sectors;
	size_t i;

	if (end_only && !e->sector)
		return;
	last.begin -= end_only;
	i = fb_rq_find_sent(r, &last);
	if (i < r->sent.n)
		answer_part(r, i, &s);
	else if (!end_only)
		answer_unheard(r, &s);
}
