#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/requests_rig.h"

#include "account/trace_format.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum fb_issuer issuer(const struct fb_block_event *e, void *ctx)
{
	(void)ctx;
	return e->pid == RIG_SELF     ? FB_ISSUER_SELF
	       : e->pid == RIG_KERNEL ? FB_ISSUER_KERNEL
				      : FB_ISSUER_OTHERS;
}

void rig_open(struct requests_rig *rig, const char *fs, bool late, bool per_op)
{
	static const char *const names[] = {"own", "ownb", "low", "lowb"};
	struct fb_requests_setup s = {
		.n_disks = RIG_DISKS,
		.n_own = 2,
		.fs = fs,
		.extents = &rig->extents,
		.late = late,
		.per_op = per_op,
		.issuer = issuer,
	};

	memset(rig, 0, sizeof(*rig));
	for (unsigned i = 0; i < RIG_DISKS; i++) {
		struct fb_disk *d = &rig->disks[i];

		snprintf(d->name, sizeof(d->name), "%s", names[i]);
		d->dev_major = 7;
		d->dev_minor = i;
		d->queued = i % 2 ? FB_NO : FB_YES;
		s.disks[i] = d;
	}
	for (int i = 0; i < FB_DEV_HISTS; i++) {
		rig->hist[i] = malloc(sizeof(*rig->hist[i]));
		assert_non_null(rig->hist[i]);
		fb_hist_reset(rig->hist[i]);
	}
	rig->pid = RIG_SELF;
	rig->comm = "program";
	rig->now = 1000000;
	fb_rng_init(&rig->dice, 7);
	assert_int_equal(fb_requests_new(&rig->r, &s), 0);
}

void rig_close(struct requests_rig *rig)
{
	fb_requests_free(rig->r);
	for (int i = 0; i < FB_DEV_HISTS; i++)
		free(rig->hist[i]);
	fb_extents_free(&rig->extents);
	memset(rig, 0, sizeof(*rig));
}

void rig_data(struct requests_rig *rig, uint64_t begin, uint64_t end)
{
	struct fb_extents *e = &rig->extents;

	e->list = realloc(e->list, (e->n + 2) * sizeof(*e->list));
	assert_non_null(e->list);
	for (unsigned i = RIG_OWN; i <= RIG_OWN_BIOS; i++)
		e->list[e->n++] = (struct fb_extent){7, i, begin, end};
	e->room = e->n;
	fb_extents_join(e);
}

void rig_see(struct requests_rig *rig, enum fb_block_kind kind, const char *rwbs,
	     uint64_t sector, uint32_t sectors)
{
	struct fb_block_event e = {
		.kind = kind,
		.dev_major = 7,
		.dev_minor = rig->disk,
		.time_ns = rig->now,
		.sector = sector,
		.sectors = sectors,
		.flags = fb_trace_flags(rwbs, strlen(rwbs)),
		.pid = rig->pid,
		.tid = rig->pid,
	};

	if (kind == FB_BLOCK_QUEUE)
		snprintf(e.comm, sizeof(e.comm), "%s", rig->comm);
	rig->now += 1000;
	if (kind == FB_BLOCK_COMPLETE && rig->deaf &&
	    fb_rng_below(&rig->dice, 100) < rig->deaf)
		rig->unheard++;
	else
		fb_requests_see(rig->r, &e);
}

void rig_bio(struct requests_rig *rig, const char *rwbs, uint64_t sector,
	     uint32_t sectors)
{
	rig_see(rig, FB_BLOCK_QUEUE, rwbs, sector, sectors);
}

void rig_issue(struct requests_rig *rig, const char *rwbs, uint64_t sector,
	       uint32_t sectors)
{
	rig_see(rig, FB_BLOCK_ISSUE, rwbs, sector, sectors);
}

void rig_answer(struct requests_rig *rig, const char *rwbs, uint64_t sector,
		uint32_t sectors)
{
	rig_see(rig, FB_BLOCK_COMPLETE, rwbs, sector, sectors);
}

void rig_request(struct requests_rig *rig, const char *rwbs, uint64_t sector,
		 uint32_t sectors)
{
	rig_bio(rig, rwbs, sector, sectors);
	rig_issue(rig, rwbs, sector, sectors);
	rig_answer(rig, rwbs, sector, sectors);
}

void rig_finish(struct requests_rig *rig)
{
	fb_requests_finish(rig->r, &rig->io, rig->hist, &rig->sum);
}

static void row_text(const struct fb_io_class *c, char *out, size_t room)
{
	snprintf(out, room, "%s %s %s %s %" PRIu64 " %" PRIu64, c->device, c->klass,
		 c->fua, c->issuer, c->requests, c->bytes);
}

void rig_rows(struct requests_rig *rig, const char *const *rows, size_t n)
{
	size_t found = 0;

	for (size_t i = 0; i < rig->io.n_classes; i++) {
		char text[160];
		size_t j = 0;

		row_text(&rig->io.classes[i], text, sizeof(text));
		while (j < n && strcmp(rows[j], text) != 0)
			j++;
		if (j == n)
			fail_msg("nobody expected: %s", text);
		found++;
	}
	assert_int_equal(found, n);
}
