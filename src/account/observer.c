#include "account/observer.h"

#include "account/issuer.h"
#include "account/requests.h"
#include "account/trace.h"
#include "stats/hist.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fb_observer {
	const struct fb_device *d;
	const char *target;
	struct fb_trace *trace;
	struct fb_requests *requests;
	struct fb_extents extents;
	struct fb_issuers issuers;
	struct fb_hist *hist[FB_DEV_HISTS];
	uint64_t unanswered;
	bool has_times;
	char doubt[192];
};

static void list_disks(const struct fb_device *d, struct fb_requests_setup *s)
{
	for (size_t i = 0; i < d->n_disks; i++)
		s->disks[s->n_disks++] = &d->disks[i];
	s->n_own = s->n_disks;
	for (size_t i = 0; i < d->n_below; i++)
		s->disks[s->n_disks++] = &d->below[i];
}

static int make_hists(struct fb_observer *o)
{
	for (int i = 0; i < FB_DEV_HISTS; i++) {
		o->hist[i] = malloc(sizeof(*o->hist[i]));
		if (!o->hist[i])
			return -ENOMEM;
		fb_hist_reset(o->hist[i]);
	}
	return 0;
}

static int make_all(struct fb_observer *o, const struct fb_account_how *how,
		    struct fb_err *err)
{
	struct fb_requests_setup s = {
		.fs = o->d->raw       ? ""
		      : o->d->overlay ? o->d->upper_fs
				      : o->d->fs,
		.extents = &o->extents,
		.late = true,
		.per_op = how->per_op,
		.issuer = fb_issuer_of,
		.ctx = &o->issuers,
	};
	int ret = make_hists(o);

	list_disks(o->d, &s);
	if (!ret)
		ret = fb_requests_new(&o->requests, &s);
	if (ret)
		return fb_err_set(err, ret, "out of memory");
	return (how->per_op ? fb_trace_open_single : fb_trace_open)(&o->trace, s.disks,
								    s.n_disks, err);
}

int fb_observer_open(struct fb_observer **out, const struct fb_device *d,
		     const struct fb_account_how *how, struct fb_err *err)
{
	struct fb_observer *o;
	int ret;

	if (!d->n_disks)
		return fb_err_set(err, -ENODEV,
				  "the target's disk is not known; name a target on a "
				  "local disk");
	o = calloc(1, sizeof(*o));
	if (!o)
		return fb_err_set(err, -ENOMEM, "out of memory");
	o->d = d;
	o->target = how->target;
	ret = make_all(o, how, err);
	if (ret)
		fb_observer_close(o);
	else
		*out = o;
	return ret;
}

/* As far as it can be found out: the rest is what doubt is about. */
static int look_at_target(struct fb_observer *o, struct fb_err *err)
{
	int ret = o->d->raw ? fb_extents_add_device(&o->extents, o->target, err)
			    : fb_extents_add_folder(&o->extents, o->target, err);

	if (!ret)
		fb_extents_join(&o->extents);
	return ret;
}

int fb_observer_begin(struct fb_observer *o, struct fb_err *err)
{
	int ret;

	fb_requests_reset(o->requests);
	fb_issuers_reset(&o->issuers);
	o->doubt[0] = '\0';
	ret = look_at_target(o, err);
	if (ret)
		return ret;
	ret = fb_trace_start(o->trace);
	if (ret)
		fb_err_set(err, ret, "block events cannot be recorded: %s",
			   strerror(-ret));
	return ret;
}

static void see(const struct fb_block_event *e, void *ctx)
{
	fb_requests_see(ctx, e);
}

void fb_observer_read(struct fb_observer *o, bool op)
{
	fb_trace_read(o->trace, see, o->requests);
	if (op)
		fb_requests_end_op(o->requests);
}

void fb_observer_end(struct fb_observer *o)
{
	fb_trace_stop(o->trace);
	fb_observer_read(o, false);
}

uint64_t fb_observer_lost(const struct fb_observer *o, uint64_t uncounted,
			  uint64_t *hidden)
{
	const uint64_t missed = fb_trace_hidden(o->trace);
	const uint64_t missing = o->unanswered + uncounted;

	*hidden = missed < missing ? missed : missing;
	return fb_trace_lost(o->trace) - missed + *hidden;
}

/*
 * Answers get lost where a CPU slept, so those that are there tell of the others'
 * wake-ups too little: a few may be missing, not many.
 */
static void judge_times(struct fb_observer *o, const struct fb_requests_sum *sum)
{
	o->unanswered = sum->unanswered;
	o->has_times = sum->unanswered * 20 <= sum->writes + sum->flushes;
	if (o->has_times)
		return;
	for (int i = 0; i < FB_DEV_HISTS; i++)
		if (i != FB_DEV_REQUESTS_PER_FLUSH)
			fb_hist_reset(o->hist[i]);
}

void fb_observer_fill(struct fb_observer *o, struct fb_io *out)
{
	struct fb_requests_sum sum;
	struct fb_err err;

	if (look_at_target(o, &err))
		snprintf(o->extents.unknown, sizeof(o->extents.unknown), "%.150s",
			 err.text);
	fb_requests_finish(o->requests, out, o->hist, &sum);
	judge_times(o, &sum);
	out->dev_bytes = sum.bytes;
	out->dev_writes = sum.writes;
	out->dev_flushes = sum.flushes;
	out->dev_fua = sum.fua;
	out->others_bytes = sum.foreign_bytes;
	out->source = "trace";
	if (o->extents.unknown[0])
		snprintf(o->doubt, sizeof(o->doubt), "%s", o->extents.unknown);
	else if (sum.late_lost)
		snprintf(o->doubt, sizeof(o->doubt),
			 "%" PRIu64 " writes came before their blocks were known",
			 sum.late_lost);
}

void fb_observer_take_hists(struct fb_observer *o, struct fb_hist *hist[FB_DEV_HISTS])
{
	memcpy(hist, o->hist, sizeof(o->hist));
	memset(o->hist, 0, sizeof(o->hist));
}

bool fb_observer_pace(struct fb_observer *o, bool record)
{
	fb_requests_reset(o->requests);
	if (record)
		return !fb_trace_start(o->trace);
	fb_trace_stop(o->trace);
	return true;
}

const char *fb_observer_doubt(const struct fb_observer *o)
{
	return o->doubt[0] ? o->doubt : NULL;
}

bool fb_observer_has_times(const struct fb_observer *o)
{
	return o->has_times;
}

void fb_observer_close(struct fb_observer *o)
{
	if (!o)
		return;
	fb_trace_close(o->trace);
	fb_requests_free(o->requests);
	fb_extents_free(&o->extents);
	for (int i = 0; i < FB_DEV_HISTS; i++)
		free(o->hist[i]);
	free(o);
}
