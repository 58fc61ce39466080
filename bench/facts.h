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

/*
 * bench_written_facts - disk0_host_written_bytes, disk0_media_written_bytes, those of
 * below0: what the drives say they have written so far
 * @suffix: what each key ends in, "" or as "_begin"
 *
 * No row where a drive does not tell. 0 or -ENOMEM.
 */
int bench_written_facts(struct fb_facts *f, const struct fb_device *d,
			const char *suffix);

/* bench_fact - the value of @key, NULL: there is no such row */
const char *bench_fact(const struct fb_facts *f, const char *key);

#endif
