#include "account/account.h"

#include "account/process.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* struct reading - all counters at one quiet point */
struct reading {
	bool disks_known;
	bool process_known;
	uint64_t process_bytes;
	struct fb_disk_stat disks[FB_DISKS_MAX];
};

/* struct fb_account - @n_meters: opened; 0 unless every disk of @d has one */
struct fb_account {
	const struct fb_device *d;
	size_t n_meters;
	struct fb_disk_meter meters[FB_DISKS_MAX];
	struct reading before;
};

static void close_meters(struct fb_account *a)
{
	while (a->n_meters)
		fb_disk_meter_close(&a->meters[--a->n_meters]);
}

int fb_account_open(struct fb_account **out, const struct fb_device *d,
		    bool process_only)
{
	struct fb_account *a = calloc(1, sizeof(*a));

	if (!a)
		return -ENOMEM;
	a->d = d;
	for (size_t i = 0; !process_only && i < d->n_disks; i++) {
		if (fb_disk_meter_open(&a->meters[i], &d->disks[i])) {
			close_meters(a);
			break;
		}
		a->n_meters++;
	}
	*out = a;
	return 0;
}

static void take(const struct fb_account *a, struct reading *r)
{
	r->disks_known = a->n_meters > 0;
	for (size_t i = 0; i < a->n_meters; i++)
		if (fb_disk_meter_read(&a->meters[i], &r->disks[i]))
			r->disks_known = false;
	r->process_known = !fb_process_write_bytes(&r->process_bytes);
}

static bool take_quiet(const struct fb_account *a, struct reading *r,
		       unsigned timeout_ms)
{
	/* Also where nothing is counted: what others began would be measured. */
	bool quiet = fb_device_quiesce(a->d, timeout_ms) != -ETIMEDOUT;

	take(a, r);
	return quiet;
}

bool fb_account_begin(struct fb_account *a, unsigned timeout_ms)
{
	return take_quiet(a, &a->before, timeout_ms);
}

static uint64_t sum(uint64_t a, uint64_t b)
{
	return a == FB_UNKNOWN || b == FB_UNKNOWN ? FB_UNKNOWN : a + b;
}

static void add_row(struct fb_io *out, const struct fb_disk *d, const char *klass,
		    uint64_t requests, uint64_t bytes)
{
	struct fb_io_class *row = &out->classes[out->n_classes];

	if (out->n_classes == FB_IO_CLASSES_MAX)
		return;
	memcpy(row->device, d->name, sizeof(row->device));
	row->klass = klass;
	row->fua = "";
	row->issuer = "";
	row->requests = requests;
	row->bytes = bytes;
	out->n_classes++;
}

/* What is unknown has no row: a row of nothing would say that nothing was done. */
static void add_class(struct fb_io *out, const struct fb_disk *d, const char *klass,
		      uint64_t requests, uint64_t bytes)
{
	if (requests != FB_UNKNOWN && bytes != FB_UNKNOWN)
		add_row(out, d, klass, requests, bytes);
}

/*
 * An empty flush is a write and a flush to the kernel, one that rides on a write is
 * a flush only: once there were flushes nobody can tell how many writes had data.
 */
static void add_writes(struct fb_io *out, const struct fb_disk *d, uint64_t writes,
		       uint64_t bytes, uint64_t flushes)
{
	bool mixed = flushes && flushes != FB_UNKNOWN;

	if (writes != FB_UNKNOWN && bytes != FB_UNKNOWN)
		add_row(out, d, "other", mixed ? FB_UNKNOWN : writes, bytes);
}

static void add_disk(struct fb_io *out, const struct fb_disk *d,
		     const struct fb_disk_stat *was, const struct fb_disk_stat *is)
{
	uint64_t writes = fb_gain(was->writes, is->writes);
	uint64_t bytes = fb_gain(was->write_bytes, is->write_bytes);
	uint64_t flushes = fb_gain(was->flushes, is->flushes);

	out->dev_writes = sum(out->dev_writes, writes);
	out->dev_bytes = sum(out->dev_bytes, bytes);
	out->dev_flushes = sum(out->dev_flushes, flushes);
	add_class(out, d, "read", fb_gain(was->reads, is->reads),
		  fb_gain(was->read_bytes, is->read_bytes));
	add_class(out, d, "discard", fb_gain(was->discards, is->discards),
		  fb_gain(was->discard_bytes, is->discard_bytes));
	add_class(out, d, "flush", flushes, 0);
	add_writes(out, d, writes, bytes, flushes);
}

static void fill_disks(const struct fb_account *a, const struct reading *now,
		       struct fb_io *out)
{
	out->dev_bytes = out->dev_writes = out->dev_flushes = 0;
	for (size_t i = 0; i < a->n_meters; i++)
		add_disk(out, &a->d->disks[i], &a->before.disks[i], &now->disks[i]);
}

bool fb_account_end(struct fb_account *a, unsigned timeout_ms, struct fb_io *out)
{
	struct reading now;
	bool quiet = take_quiet(a, &now, timeout_ms);

	out->dev_bytes = out->dev_writes = out->dev_flushes = FB_UNKNOWN;
	out->dev_fua = out->proc_write_bytes = out->lost_events = FB_UNKNOWN;
	out->n_classes = 0;
	out->source = "";
	if (a->before.process_known && now.process_known) {
		out->proc_write_bytes = fb_gain(a->before.process_bytes,
						now.process_bytes);
		out->source = "process";
	}
	if (a->before.disks_known && now.disks_known) {
		fill_disks(a, &now, out);
		out->source = "disk";
	}
	return quiet;
}

void fb_account_close(struct fb_account *a)
{
	if (!a)
		return;
	close_meters(a);
	free(a);
}
