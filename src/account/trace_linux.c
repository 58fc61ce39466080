#include "account/trace.h"

#include "account/trace_bpf.h"
#include "account/trace_ring.h"
#include "device/sysfs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/*
 * A record takes about 90 bytes: 2 MiB is what a CPU of 200 000 events a second writes
 * in 0.1 s. All rings together stay below what a machine of many CPUs would miss.
 */
enum {
	RING_MAX = 2 << 20,
	RING_MIN = 16 << 10,
	RINGS_ALL = 128 << 20,
	FREE_EVERY = 4096,
	SETTLE_NS = 50 * 1000,
};

/* @bpf: in place of rings of perf */
struct fb_trace {
	struct fb_trace_source sources[FB_BLOCK_KINDS];
	struct fb_trace_bpf *bpf;
	struct fb_trace_ring **rings;
	size_t n_rings;
	bool recording;
};

/* Calls @each for every CPU of a list like "0-3,8"; stops at what is not 0. */
static int each_cpu(const char *list, int (*each)(struct fb_trace *, unsigned, size_t),
		    struct fb_trace *t, size_t bytes)
{
	unsigned first, last;
	int ret = 0;
	int len;

	while (!ret && sscanf(list, "%u%n", &first, &len) == 1) {
		list += len;
		last = first;
		if (sscanf(list, "-%u%n", &last, &len) == 1)
			list += len;
		for (unsigned cpu = first; !ret && cpu <= last; cpu++)
			ret = each(t, cpu, bytes);
		list += *list == ',';
	}
	return ret;
}

static int add_ring(struct fb_trace *t, unsigned cpu, size_t bytes)
{
	struct fb_trace_ring **rings =
		realloc(t->rings, (t->n_rings + 1) * sizeof(struct fb_trace_ring *));
	struct fb_trace_ring *r;
	int ret;

	if (!rings)
		return -ENOMEM;
	t->rings = rings;
	r = malloc(sizeof(*r));
	if (!r)
		return -ENOMEM;
	ret = fb_trace_ring_open(r, t->sources, cpu, bytes);
	if (ret) {
		free(r);
		/* A CPU that went offline since it was listed. */
		return ret == -ENODEV ? 0 : ret;
	}
	t->rings[t->n_rings++] = r;
	return 0;
}

static void close_rings(struct fb_trace *t)
{
	for (size_t i = 0; i < t->n_rings; i++) {
		fb_trace_ring_close(t->rings[i]);
		free(t->rings[i]);
	}
	t->n_rings = 0;
}

static size_t ring_bytes(const struct fb_trace_ask *ask)
{
	const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	size_t bytes = RING_MAX;

	if (ask->ring_bytes)
		return ask->ring_bytes;
	while (bytes > RING_MIN && cpus > 0 && bytes * (size_t)cpus > RINGS_ALL)
		bytes /= 2;
	return bytes;
}

/* Smaller ones where locked memory is limited (perf_event_mlock_kb, RLIMIT_MEMLOCK). */
static int open_rings(struct fb_trace *t, const struct fb_trace_ask *ask)
{
	size_t bytes = ring_bytes(ask);
	char list[1024];
	int ret = fb_sysfs_read(list, sizeof(list), "/sys/devices/system/cpu/online");

	if (ret)
		return ret;
	do {
		ret = each_cpu(list, add_ring, t, bytes);
		if (ret)
			close_rings(t);
		bytes /= 2;
	} while ((ret == -EPERM || ret == -ENOMEM) && bytes >= RING_MIN);
	return ret || t->n_rings ? ret : -ENODEV;
}

static int explain(struct fb_err *err, int code)
{
	switch (code) {
	case -EACCES:
	case -EPERM:
		return fb_err_set(err, code,
				  "the kernel does not let this user trace block "
				  "requests: %s; run as root or with CAP_PERFMON",
				  strerror(-code));
	case -EMFILE:
	case -ENFILE:
		return fb_err_set(
			err, code,
			"tracing needs four open files for each CPU: %s; raise "
			"the limit: ulimit -n 4096",
			strerror(-code));
	case -ENOMEM:
		return fb_err_set(err, code,
				  "there is no memory for the rings that events are "
				  "recorded in; raise kernel.perf_event_mlock_kb or "
				  "ulimit -l");
	case -ENOSYS:
		return fb_err_set(err, -ENODEV,
				  "this kernel has no perf_event_open; take one built "
				  "with CONFIG_PERF_EVENTS");
	default:
		return fb_err_set(err, code,
				  "block requests cannot be traced: %s; count with "
				  "--account disk",
				  strerror(-code));
	}
}

int fb_trace_open_sized(struct fb_trace **out, const struct fb_trace_ask *ask,
			struct fb_err *err)
{
	struct fb_trace *t;
	int ret;

	if (!ask->n_disks)
		return fb_err_set(
			err, -ENODEV,
			"there is no disk to trace below the target; count with "
			"--account process");
	t = calloc(1, sizeof(*t));
	if (!t)
		return explain(err, -ENOMEM);
	ret = fb_trace_sources_make(t->sources, ask, err);
	/* What may be refused is only the cheaper way. */
	if (!ret && (!ask->single || fb_trace_bpf_open(&t->bpf, t->sources, ask))) {
		ret = open_rings(t, ask);
		if (ret)
			ret = explain(err, ret);
	}
	if (ret) {
		fb_trace_close(t);
		return ret;
	}
	*out = t;
	return 0;
}

bool fb_trace_has_programs(const struct fb_trace *t)
{
	return t->bpf;
}

int fb_trace_open(struct fb_trace **out, const struct fb_disk *const *disks, size_t n,
		  struct fb_err *err)
{
	const struct fb_trace_ask ask = {.disks = disks, .n_disks = n};

	return fb_trace_open_sized(out, &ask, err);
}

int fb_trace_open_single(struct fb_trace **out, const struct fb_disk *const *disks,
			 size_t n, struct fb_err *err)
{
	const struct fb_trace_ask ask = {.disks = disks, .n_disks = n, .single = true};

	return fb_trace_open_sized(out, &ask, err);
}

int fb_trace_start(struct fb_trace *t)
{
	int ret = 0;

	fb_trace_stop(t);
	for (size_t i = 0; i < t->n_rings; i++)
		fb_trace_ring_clear(t->rings[i]);
	t->recording = true;
	if (t->bpf)
		ret = fb_trace_bpf_start(t->bpf);
	for (size_t i = 0; !ret && i < t->n_rings; i++)
		ret = fb_trace_ring_record(t->rings[i], true);
	if (ret)
		fb_trace_stop(t);
	return ret;
}

void fb_trace_stop(struct fb_trace *t)
{
	const struct timespec settle = {.tv_nsec = SETTLE_NS};

	if (!t->recording)
		return;
	if (t->bpf)
		fb_trace_bpf_stop(t->bpf);
	for (size_t i = 0; i < t->n_rings; i++)
		fb_trace_ring_record(t->rings[i], false);
	/* An event that was interrupted to stop it is written to its end. */
	nanosleep(&settle, NULL);
	t->recording = false;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static struct fb_trace_ring *oldest(struct fb_trace *t, uint64_t until_ns)
{
	struct fb_trace_ring *found = NULL;

	for (size_t i = 0; i < t->n_rings; i++) {
		const struct fb_block_event *e = fb_trace_ring_peek(t->rings[i]);

		if (!e || e->time_ns > until_ns)
			continue;
		until_ns = e->time_ns;
		found = t->rings[i];
	}
	return found;
}

static bool is_waiting(const struct fb_trace *t)
{
	for (size_t i = 0; i < t->n_rings; i++)
		if (fb_trace_ring_waiting(t->rings[i]))
			return true;
	return false;
}

/*
 * The clock is read before the rings are looked at. An event that has to do with an
 * earlier one was stamped after that one had been written; so if it is old enough to be
 * handed over, the earlier one is in sight.
 */
void fb_trace_read(struct fb_trace *t,
		   void (*see)(const struct fb_block_event *e, void *ctx), void *ctx)
{
	struct fb_trace_ring *r;
	uint64_t until_ns;

	if (t->bpf)
		fb_trace_bpf_read(t->bpf, see, ctx);
	if (!is_waiting(t))
		return;
	until_ns = t->recording ? now_ns() : UINT64_MAX;
	for (size_t i = 0; i < t->n_rings; i++)
		fb_trace_ring_load(t->rings[i]);
	while ((r = oldest(t, until_ns))) {
		see(fb_trace_ring_peek(r), ctx);
		fb_trace_ring_pop(r);
		if (r->at - r->freed >= FREE_EVERY)
			fb_trace_ring_free(r);
	}
	for (size_t i = 0; i < t->n_rings; i++)
		fb_trace_ring_free(t->rings[i]);
}

static struct fb_trace_losses losses(const struct fb_trace *t)
{
	struct fb_trace_losses all = {0};

	if (t->bpf)
		return fb_trace_bpf_losses(t->bpf);
	for (size_t i = 0; i < t->n_rings; i++) {
		const struct fb_trace_losses l = fb_trace_ring_losses(t->rings[i],
								      t->recording);

		all.no_room += l.no_room;
		all.hidden += l.hidden;
	}
	return all;
}

uint64_t fb_trace_lost(const struct fb_trace *t)
{
	const struct fb_trace_losses l = losses(t);

	return l.no_room + l.hidden;
}

uint64_t fb_trace_hidden(const struct fb_trace *t)
{
	return losses(t).hidden;
}

void fb_trace_close(struct fb_trace *t)
{
	if (!t)
		return;
	fb_trace_stop(t);
	fb_trace_bpf_close(t->bpf);
	close_rings(t);
	free(t->rings);
	fb_trace_sources_free(t->sources);
	free(t);
}
