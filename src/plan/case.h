/*
 * case.h - one full set of parameters
 */
#ifndef FB_PLAN_CASE_H
#define FB_PLAN_CASE_H

#include "plan/vocab.h"

#include <stdbool.h>
#include <stdint.h>

enum { FB_CPUS_TEXT = 64 };

/*
 * struct fb_case - what the parameter table (param.h) fills
 *
 * Durations in nanoseconds whatever the table's unit. @given has bit i set where
 * parameter i has a meaning in this case; the others are empty in the CSV. @set has
 * it where somebody gave the parameter, if only its default.
 * @ops, @runtime_ns, @rate_iops, @thinktime_ns: 0 is none. @size and @ops are a
 * thread's with share own, the whole case's with share one.
 */
struct fb_case {
	int path;
	int mode;
	int pattern;
	uint64_t bs;
	uint64_t size;
	uint64_t writes_per_flush;
	uint64_t runtime_ns;
	uint64_t ramp_time_ns;
	uint64_t ops;
	uint64_t reps;
	uint64_t seed;
	uint64_t numjobs;
	int share;
	uint64_t flushers;
	uint64_t rate_iops;
	uint64_t thinktime_ns;
	int prepare;
	uint64_t fill_bs;
	int invalidate;
	int data;
	int direct;
	int flush_range;
	int no_sync;
	double zipf_theta;
	uint64_t values_per_key;
	uint64_t value_size;
	double dirty_share; /* 0: none */
	uint64_t lazy_flush_ns;
	uint64_t hives;
	uint64_t batch;
	int nv_flush;
	int nv_emulate;
	uint64_t ranges;
	uint64_t stride; /* bytes from one range's start to the next one's */
	uint64_t align;
	int cpu_idle;
	int sched;
	int account;
	char cpus_allowed[FB_CPUS_TEXT];

	unsigned case_id; /* from 1, in the order of expansion */
	const char *job;  /* the profile's section, owned by the plan */
	uint64_t given;
	uint64_t set;
};

/* fb_case_write_bytes - size of a write: a block, on path registry a value */
uint64_t fb_case_write_bytes(const struct fb_case *c);

/*
 * fb_case_space - bytes that offsets of writes run over, from 0
 *
 * @size, but on path registry the data of all values: value i has offset i x
 * value_size.
 */
uint64_t fb_case_space(const struct fb_case *c);

/* fb_case_op_writes - writes of an op: writes_per_flush, on path nvmem each of @ranges
 */
uint64_t fb_case_op_writes(const struct fb_case *c);

/*
 * fb_case_step - bytes from one place that a write may begin at to the next
 *
 * On path nvmem a write may have several ranges, fb_case_room bytes from the first
 * one's start to the last one's end, and @align says where it may begin; with
 * pattern seq and append no two overlap. Else the size of a write.
 */
uint64_t fb_case_step(const struct fb_case *c);
uint64_t fb_case_room(const struct fb_case *c);

/* fb_case_places - how many places there are, at 0, fb_case_step... */
uint64_t fb_case_places(const struct fb_case *c);

/*
 * fb_case_reps - repetitions that run: @reps, and with account trace one more, the
 * last, which is traced
 */
uint64_t fb_case_reps(const struct fb_case *c);
bool fb_case_is_traced(const struct fb_case *c, unsigned rep);

/*
 * What the observer of a traced repetition costs is measured in slices behind it, with
 * and without it in turn, so that a drift hits both alike.
 *
 * fb_case_slice_ns - how long each is, when an op takes @op_ns: about FB_SLICE_OPS ops
 */
enum {
	FB_SLICES = 8,
	FB_SLICE_OPS = 25,
	FB_SLICE_MIN_NS = 62500000,
	FB_SLICE_MAX_NS = 250000000,
};
uint64_t fb_case_slice_ns(uint64_t op_ns);

/* fb_case_duration_ns - measuring time of all its repetitions, ramps and slices
 * included; without a runtime that of none */
uint64_t fb_case_duration_ns(const struct fb_case *c);

/* fb_case_hives - what one write of an op is made in: 1 on any path but registry */
uint64_t fb_case_hives(const struct fb_case *c);

#endif
