#include "account/account.h"
#include "base/units.h"
#include "host/tell.h"
#include "host/warn_parts.h"
#include "stats/hist.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/*
 * What is shorter no device has done. A command to the quickest drives there are, with
 * its interrupt, takes above 5 us; a call that sends one costs about 2 us before it
 * does. A disk of 15000 turns a minute comes round every 4 ms, so a write that waited
 * for it took 2 ms in the median: half of that is left as room.
 */
enum { COMMAND_NS = 5000, CALL_NS = 2000, TURN_NS = 1000000 };

/* Stores into memory pass the block layer by. */
static bool on_disk(const struct fb_device *d, const struct fb_result *r)
{
	return d->medium == FB_MEDIUM_DISK && r->c->path != FB_PATH_NVMEM &&
	       !d->nv.region[0] && r->promise.survives == FB_SURVIVES_POWER_LOSS;
}

static bool any_fua(const struct fb_device *d)
{
	for (size_t i = 0; i < d->n_disks; i++)
		if (d->disks[i].fua != FB_NO)
			return true;
	return false;
}

/* Flushes that the disks saw, or what does for them: a write past the cache. */
static uint64_t flushes_seen(const struct fb_device *d, const struct fb_result *r)
{
	const bool by_write = fb_mode_get((enum fb_mode)r->c->mode)->one_call;
	const uint64_t flushes = fb_account_own_flushes(&r->io, d);

	if (flushes == FB_UNKNOWN || !any_fua(d))
		return flushes;
	if (r->io.dev_fua != FB_UNKNOWN)
		return flushes + r->io.dev_fua;
	return by_write ? FB_UNKNOWN : flushes;
}

static int warn_missing(struct fb_warnings *ws, const struct fb_device *d,
			const struct fb_result *r)
{
	static const struct fb_warning w = {
		.id = "flushes_missing",
		.severity = FB_SEVERITY_WARNING,
		.text = "The mode promises to outlast a power loss and the disk has a "
			"volatile cache, but it was told to empty it too seldom: "
			"something drops flushes, latencies lack them and data may be "
			"lost. Find out what (mount, sysfs) before you use them.",
	};
	const uint64_t seen = flushes_seen(d, r);
	const uint64_t threads = r->c->flushers ? r->c->flushers : 1;

	/* Those of threads that wait for the same one are one. */
	if (!r->app_flushes || seen == FB_UNKNOWN || fb_device_cache(d) != FB_YES ||
	    seen * threads * 2 >= r->app_flushes)
		return 0;
	return fb_host_tell(ws, &w, "%" PRIu64 " asked for, %" PRIu64 " reached %s",
			    r->app_flushes, seen, d->disks[0].name);
}

static bool turns(const struct fb_device *d)
{
	for (size_t i = 0; i < d->n_disks; i++) {
		const struct fb_disk *k = &d->disks[i];

		/* What stands for a disk repeats what it was told, or nothing. */
		if (k->rotational != FB_YES || k->write_cache != FB_YES ||
		    k->queued != FB_YES || k->backing_file[0] || fb_disk_is_virtual(k))
			return false;
	}
	return d->n_disks > 0;
}

static int warn_implausible(struct fb_warnings *ws, const struct fb_device *d,
			    const struct fb_result *r)
{
	static const struct fb_warning w = {
		.id = "implausible_flush",
		.severity = FB_SEVERITY_WARNING,
		.text = "No device makes data durable so quickly: flushes are answered "
			"from a cache that somebody keeps alive (a controller's battery, "
			"a host) or are not done at all, and the latencies are not the "
			"disk's. Find out which before you compare.",
	};
	const uint64_t commit = fb_warn_median(r->hist[FB_OP_COMMIT]);
	const uint64_t flush = fb_warn_median(r->hist[FB_OP_FLUSH]);
	const bool seen = r->io.dev_flushes && r->io.dev_flushes != FB_UNKNOWN;
	const bool cached = fb_device_cache(d) == FB_YES;
	char text[FB_FORMAT_LEN];

	if (commit < CALL_NS || (commit < TURN_NS && turns(d)))
		return fb_host_tell(ws, &w, "commit p50 %s on %s%s",
				    fb_format_ns(text, (double)commit),
				    d->n_disks ? d->disks[0].name : "the disk",
				    commit < CALL_NS ? "" : ", which turns");
	if (cached && seen && flush < COMMAND_NS)
		return fb_host_tell(ws, &w, "flush p50 %s, and %" PRIu64 " reached %s",
				    fb_format_ns(text, (double)flush),
				    r->io.dev_flushes, d->disks[0].name);
	return 0;
}

int fb_warn_promise(struct fb_warnings *ws, const struct fb_device *d,
		    const struct fb_result *r)
{
	int ret;

	if (!on_disk(d, r) || !r->app_flushes)
		return 0;
	ret = warn_missing(ws, d, r);
	return ret ? ret : warn_implausible(ws, d, r);
}
