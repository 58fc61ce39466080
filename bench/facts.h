/*
 * facts.h - what is known of machine, target and measuring, whatever is measured
 */
#ifndef FB_BENCH_FACTS_H
#define FB_BENCH_FACTS_H

#include "base/clock.h"
#include "bench/place.h"
#include "host/host.h"

/*
 * bench_facts - clock, those of fb_host_facts, target, those of fb_host_device_facts,
 * clock_step_ns (the least by which two readings differ) and the overheads
 *
 * The same rows for every command that tells of them. Takes some milliseconds, for the
 * overheads are measured. 0 or -ENOMEM.
 */
int bench_facts(struct fb_facts *f, const struct place *p,
		const struct fb_clock *clock);

/* bench_fact - the value of @key, NULL: there is no such row */
const char *bench_fact(const struct fb_facts *f, const char *key);

#endif
