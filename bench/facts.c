#include "bench/facts.h"

#include "device/media.h"
#include "run/overhead.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int add_overhead(struct fb_facts *f, const struct fb_overhead *o)
{
	int ret = fb_facts_add(f, "overhead_stamp_ns", "%.2f", o->stamp);

	ret |= fb_facts_add(f, "overhead_stamp_ordered_ns", "%.2f", o->stamp_ordered);
	ret |= fb_facts_add(f, "overhead_stamp_fenced_ns", "%.2f", o->stamp_fenced);
	ret |= fb_facts_add(f, "overhead_stamp_monotonic_ns", "%.2f",
			    o->stamp_monotonic);
	if (o->step > 0)
		ret |= fb_facts_add(f, "clock_step_ns", "%.0f", o->step);
	ret |= fb_facts_add(f, "overhead_record_ns", "%.2f", o->record);
	ret |= fb_facts_add(f, "overhead_loop_ns", "%.2f", o->loop);
	ret |= fb_facts_add(f, "overhead_null_commit_p50_ns", "%.0f", o->null_commit);
	return ret;
}

int bench_facts(struct fb_facts *f, const struct place *p, const struct fb_clock *clock)
{
	struct fb_overhead overhead;
	int ret = fb_facts_add(f, "clock", "%s", fb_clock_name(clock));

	ret |= fb_host_facts(f, "");
	ret |= fb_facts_add(f, "target", "%s", p->name);
	ret |= fb_host_device_facts(f, &p->device);
	ret |= fb_overhead_measure(clock, &overhead);
	return ret ? ret : add_overhead(f, &overhead);
}

static int add_bytes(struct fb_facts *f, const char *key, uint64_t bytes)
{
	return bytes == FB_UNKNOWN ? 0 : fb_facts_add(f, key, "%" PRIu64, bytes);
}

/* Of disks of one kind, "disk" or "below". */
static int add_written(struct fb_facts *f, const struct fb_disk *list, size_t n,
		       const char *kind, const char *suffix)
{
	char key[sizeof(f->list->key)];
	struct fb_media m;
	int ret = 0;

	for (size_t i = 0; i < n; i++) {
		if (fb_media_read(&list[i], &m))
			continue;
		snprintf(key, sizeof(key), "%s%zu_host_written_bytes%s", kind, i,
			 suffix);
		ret |= add_bytes(f, key, m.host_bytes);
		snprintf(key, sizeof(key), "%s%zu_media_written_bytes%s", kind, i,
			 suffix);
		ret |= add_bytes(f, key, m.media_bytes);
	}
	return ret;
}

int bench_written_facts(struct fb_facts *f, const struct fb_device *d,
			const char *suffix)
{
	return add_written(f, d->disks, d->n_disks, "disk", suffix) |
	       add_written(f, d->below, d->n_below, "below", suffix);
}

const char *bench_fact(const struct fb_facts *f, const char *key)
{
	for (size_t i = 0; i < f->n; i++)
		if (!strcmp(f->list[i].key, key))
			return f->list[i].value;
	return NULL;
}
