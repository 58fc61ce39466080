#include "base/units.h"
#include "host/host.h"
#include "host/tell.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The caches of common drives, their fast flash not counted, are smaller. */
#define SMALL_BYTES (UINT64_C(256) << 20)

/* Does it write to the target's disk? */
static bool on_disk(const struct fb_case *c)
{
	return c->path != FB_PATH_NULL && c->path != FB_PATH_NVMEM;
}

static int warn_zeros(struct fb_warnings *ws, const struct fb_case *cases, size_t n)
{
	static const struct fb_warning w = {
		.id = "zero_data",
		.severity = FB_SEVERITY_NOTE,
		.text = "Drives that compress or leave out zeros, and volumes that do, "
			"have less to write than of real data: latencies and bytes may "
			"be too good. Leave data=zero out; data are random unless asked "
			"for.",
	};
	size_t zeros = 0;

	for (size_t i = 0; i < n; i++)
		zeros += on_disk(&cases[i]) && cases[i].data == FB_DATA_ZERO;
	return zeros ? fb_host_tell(ws, &w, "data=zero in %zu of %zu cases", zeros, n)
		     : 0;
}

/* Of all its files together. */
static bool is_small(const struct fb_case *c)
{
	const uint64_t files = c->share == FB_SHARE_OWN ? c->numjobs : 1;

	return c->size < SMALL_BYTES && c->size * files < SMALL_BYTES;
}

static int warn_small(struct fb_warnings *ws, const struct fb_case *cases, size_t n)
{
	static const struct fb_warning w = {
		.id = "small_target",
		.severity = FB_SEVERITY_NOTE,
		.text = "All that is written fits into the cache of many a disk, which "
			"then never shows how quick its own medium is: latencies may be "
			"those of that cache. For a log that is right; else let size "
			"be 1g or more, and more than the disk's cache.",
	};
	char text[FB_FORMAT_LEN];
	uint64_t largest = 0;
	size_t i;

	for (i = 0; i < n && (!on_disk(&cases[i]) || is_small(&cases[i])); i++)
		if (on_disk(&cases[i]) && cases[i].size > largest)
			largest = cases[i].size;
	if (i < n || !largest)
		return 0;
	return fb_host_tell(ws, &w, "largest size %s",
			    fb_format_bytes(text, (double)largest));
}

/* Flushes that only one thread at a time can ask of one file system. */
static bool is_shared(const struct fb_case *c)
{
	return on_disk(c) && c->flushers > 1 && c->mode != FB_MODE_NONE &&
	       !fb_mode_get((enum fb_mode)c->mode)->range;
}

static int warn_batching(struct fb_warnings *ws, const struct fb_device *d,
			 const struct fb_case *cases, size_t n)
{
	static const struct fb_warning w = {
		.id = "commit_batching",
		.severity = FB_SEVERITY_NOTE,
		.text = "Threads that flush at once share commits of the journal and "
			"flushes of the disk (ext4 even waits for company): a latency "
			"is not that of a flush alone, and flush_amp falls below 1. "
			"Run numjobs=1 as well.",
	};
	size_t shared = 0;

	for (size_t i = 0; i < n; i++)
		shared += is_shared(&cases[i]);
	if (!shared || d->medium != FB_MEDIUM_DISK)
		return 0;
	return fb_host_tell(ws, &w, "%zu of %zu cases have several flushers on %s",
			    shared, n, d->raw ? "one device" : d->fs);
}

int fb_host_warn_plan(struct fb_warnings *ws, const struct fb_device *d,
		      const struct fb_case *cases, size_t n)
{
	int ret = warn_zeros(ws, cases, n);

	if (!ret && d->medium == FB_MEDIUM_DISK)
		ret = warn_small(ws, cases, n);
	return ret ? ret : warn_batching(ws, d, cases, n);
}
