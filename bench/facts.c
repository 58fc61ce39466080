#include "bench/facts.h"

#include "run/overhead.h"

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

const char *bench_fact(const struct fb_facts *f, const char *key)
{
	for (size_t i = 0; i < f->n; i++)
		if (!strcmp(f->list[i].key, key))
			return f->list[i].value;
	return NULL;
}
