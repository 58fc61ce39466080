#include "account/counters.h"

#include "account/process.h"

#include <string.h>

static void add_meter(struct fb_counters *c, const struct fb_disk *d)
{
	const size_t i = c->n++;

	c->disk[i] = d;
	c->open[i] = !fb_disk_meter_open(&c->meter[i], d);
}

void fb_counters_open(struct fb_counters *c, const struct fb_device *d,
		      bool process_only)
{
	*c = (struct fb_counters){0};
	if (process_only)
		return;
	for (size_t i = 0; i < d->n_disks; i++)
		add_meter(c, &d->disks[i]);
	c->n_own = c->n;
	for (size_t i = 0; i < d->n_below; i++)
		add_meter(c, &d->below[i]);
}

void fb_counters_close(struct fb_counters *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->open[i])
			fb_disk_meter_close(&c->meter[i]);
	c->n = 0;
}

void fb_counters_read(const struct fb_counters *c, struct fb_reading *out)
{
	for (size_t i = 0; i < c->n; i++)
		out->known[i] = c->open[i] &&
				!fb_disk_meter_read(&c->meter[i], &out->disks[i]);
	out->process_known = !fb_process_write_bytes(&out->process_bytes);
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

/* What one disk did between two readings. */
static struct fb_disk_stat gained(const struct fb_disk_stat *was,
				  const struct fb_disk_stat *is)
{
	return (struct fb_disk_stat){
		.reads = fb_gain(was->reads, is->reads),
		.read_bytes = fb_gain(was->read_bytes, is->read_bytes),
		.writes = fb_gain(was->writes, is->writes),
		.write_bytes = fb_gain(was->write_bytes, is->write_bytes),
		.discards = fb_gain(was->discards, is->discards),
		.discard_bytes = fb_gain(was->discard_bytes, is->discard_bytes),
		.flushes = fb_gain(was->flushes, is->flushes),
	};
}

static void add_classes(struct fb_io *out, const struct fb_disk *d,
			const struct fb_disk_stat *s)
{
	add_class(out, d, "read", s->reads, s->read_bytes);
	add_class(out, d, "discard", s->discards, s->discard_bytes);
	add_class(out, d, "flush", s->flushes, 0);
	add_writes(out, d, s->writes, s->write_bytes, s->flushes);
}

static bool all_own_known(const struct fb_counters *c, const struct fb_reading *was,
			  const struct fb_reading *is)
{
	for (size_t i = 0; i < c->n_own; i++)
		if (!was->known[i] || !is->known[i])
			return false;
	return c->n_own;
}

static void add_own(struct fb_io *out, const struct fb_disk_stat *s)
{
	out->dev_writes = sum(out->dev_writes, s->writes);
	out->dev_bytes = sum(out->dev_bytes, s->write_bytes);
	out->dev_flushes = sum(out->dev_flushes, s->flushes);
}

/* Half of the mount's own disks would be taken for the whole; those below stand for
 * themselves. */
static void fill_disks(const struct fb_counters *c, const struct fb_reading *was,
		       const struct fb_reading *is, struct fb_io *out)
{
	const bool own_known = all_own_known(c, was, is);

	if (own_known) {
		out->source = "disk";
		out->dev_bytes = out->dev_writes = out->dev_flushes = 0;
	}
	for (size_t i = own_known ? 0 : c->n_own; i < c->n; i++) {
		struct fb_disk_stat s;

		if (!was->known[i] || !is->known[i])
			continue;
		s = gained(&was->disks[i], &is->disks[i]);
		add_classes(out, c->disk[i], &s);
		if (i < c->n_own)
			add_own(out, &s);
	}
}

void fb_counters_fill(const struct fb_counters *c, const struct fb_reading *was,
		      const struct fb_reading *is, struct fb_io *out)
{
	out->dev_bytes = out->dev_writes = out->dev_flushes = FB_UNKNOWN;
	out->dev_fua = out->proc_write_bytes = FB_UNKNOWN;
	out->n_classes = 0;
	out->source = "";
	if (was->process_known && is->process_known) {
		out->proc_write_bytes = fb_gain(was->process_bytes, is->process_bytes);
		out->source = "process";
	}
	fill_disks(c, was, is, out);
}
