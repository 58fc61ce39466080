#include "account/requests_parts.h"

#include <string.h>

void fb_busy_step(struct fb_busy *b, int what, int by, uint64_t now_ns)
{
	/* An event may come late: time does not go back for that. */
	if (now_ns > b->last_ns) {
		const uint64_t ns = now_ns - b->last_ns;

		if (b->n[FB_BUSY_FLUSH])
			b->ns[FB_BUSY_FLUSH] += ns;
		else if (b->n[FB_BUSY_WRITE])
			b->ns[FB_BUSY_WRITE] += ns;
		b->last_ns = now_ns;
	}
	if (by > 0)
		b->n[what]++;
	else if (b->n[what])
		b->n[what]--;
}

/* A write with PREFLUSH to a disk without requests stands for a flush as well. */
void fb_rq_op_more(struct fb_requests *r, const struct fb_span *s, int by)
{
	const bool two = s->op == FB_RQ_OP_WRITE && s->told & FB_BLOCK_PREFLUSH &&
			 fb_rq_has_none(r, s->disk);

	if (fb_rq_is_own(r, s))
		r->op_requests += two ? 2 * by : by;
}

void fb_rq_op_busy(struct fb_requests *r, const struct fb_span *s, int by,
		   uint64_t now_ns)
{
	const bool flush = s->op == FB_RQ_OP_FLUSH;

	if (!r->setup.per_op || !fb_rq_is_own(r, s) ||
	    (!flush && s->op != FB_RQ_OP_WRITE))
		return;
	if (s->op_no == r->op_no)
		fb_busy_step(&r->busy, flush ? FB_BUSY_FLUSH : FB_BUSY_WRITE, by,
			     now_ns);
	else
		r->op_torn = true;
}

/*
 * What the op asked for is over now. What still has no answer may have lost it, or be
 * written back for others: no op is the longer for it, but none that it touched is
 * told.
 */
void fb_requests_end_op(struct fb_requests *r)
{
	const bool open = r->busy.n[FB_BUSY_WRITE] || r->busy.n[FB_BUSY_FLUSH];

	if (!r->setup.per_op)
		return;
	fb_hist_record(r->hist[FB_DEV_REQUESTS_PER_FLUSH],
		       r->op_requests > 0 ? (uint64_t)r->op_requests : 0);
	if (!open && !r->op_torn) {
		fb_hist_record(r->hist[FB_DEV_WRITE], r->busy.ns[FB_BUSY_WRITE]);
		fb_hist_record(r->hist[FB_DEV_FLUSH], r->busy.ns[FB_BUSY_FLUSH]);
	}
	memset(r->busy.n, 0, sizeof(r->busy.n));
	memset(r->busy.ns, 0, sizeof(r->busy.ns));
	if (r->op_requests > 0)
		r->op_requests = 0;
	r->op_torn = false;
	r->op_no++;
}
