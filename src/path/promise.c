#include "path/promise.h"

#include <string.h>

static bool has_option(const struct fb_device *d, const char *option)
{
	size_t n = strlen(option);

	for (const char *at = d->options; (at = strstr(at, option)); at += n) {
		bool begins = at == d->options || at[-1] == ',';

		if (begins && (at[n] == ',' || at[n] == '\0'))
			return true;
	}
	return false;
}

/* sync_file_range leaves nothing behind that only metadata would lead to. */
static bool in_place(const struct fb_case *c, const struct fb_device *d)
{
	if (c->pattern == FB_PATTERN_CREATE || c->prepare != FB_PREPARE_WRITTEN)
		return false;
	if (d->raw)
		return true;
	if (d->overlay)
		return false;
	return !strcmp(d->fs, "xfs") ||
	       (!strcmp(d->fs, "ext4") && !has_option(d, "data=journal"));
}

static enum fb_survives range_survives(const struct fb_case *c,
				       const struct fb_device *d)
{
	return in_place(c, d) ? FB_SURVIVES_OS_CRASH : FB_SURVIVES_PROCESS_CRASH;
}

static struct fb_promise no_sync_promise(const struct fb_case *c,
					 const struct fb_device *d)
{
	switch (c->no_sync) {
	case FB_NO_SYNC_RANGE:
		return (struct fb_promise){range_survives(c, d), FB_FIDELITY_WEAKER};
	case FB_NO_SYNC_CACHE_OFF:
		return (struct fb_promise){FB_SURVIVES_OS_CRASH,
					   FB_FIDELITY_EQUIVALENT};
	default:
		/* Without a volatile cache there is no device flush to be too much. */
		return (struct fb_promise){FB_SURVIVES_POWER_LOSS,
					   fb_device_cache(d) == FB_NO
						   ? FB_FIDELITY_EQUIVALENT
						   : FB_FIDELITY_STRONGER};
	}
}

static struct fb_promise mode_promise(const struct fb_case *c,
				      const struct fb_device *d)
{
	if (fb_mode_get((enum fb_mode)c->mode)->range)
		return (struct fb_promise){range_survives(c, d),
					   FB_FIDELITY_EQUIVALENT};
	switch (c->mode) {
	case FB_MODE_NONE:
		return (struct fb_promise){FB_SURVIVES_PROCESS_CRASH,
					   FB_FIDELITY_EQUIVALENT};
	case FB_MODE_NO_SYNC:
		return no_sync_promise(c, d);
	case FB_MODE_WRITE_THROUGH:
		return (struct fb_promise){FB_SURVIVES_POWER_LOSS,
					   FB_FIDELITY_STRONGER};
	case FB_MODE_WRITE_DSYNC:
	case FB_MODE_MSYNC:
		return (struct fb_promise){FB_SURVIVES_POWER_LOSS, FB_FIDELITY_NATIVE};
	case FB_MODE_KEY:
	case FB_MODE_KEY_LEGACY:
		return (struct fb_promise){FB_SURVIVES_POWER_LOSS,
					   FB_FIDELITY_EMULATED};
	case FB_MODE_BUFFERS:
	case FB_MODE_NORMAL:
	case FB_MODE_DATA_SYNC_ONLY:
	case FB_MODE_PURGE:
	case FB_MODE_VIEW_FILE:
		return (struct fb_promise){FB_SURVIVES_POWER_LOSS,
					   FB_FIDELITY_EQUIVALENT};
	default:
		/* A mode that nobody has thought about promises nothing. */
		return (struct fb_promise){FB_SURVIVES_UNKNOWN, FB_FIDELITY_UNKNOWN};
	}
}

static enum fb_survives on_disk(enum fb_survives s, const struct fb_device *d)
{
	enum fb_tri cache = fb_device_cache(d);

	if (d->syncs_dropped)
		return FB_SURVIVES_PROCESS_CRASH;
	if (s == FB_SURVIVES_OS_CRASH && cache == FB_NO)
		return FB_SURVIVES_POWER_LOSS;
	if (s != FB_SURVIVES_POWER_LOSS || cache == FB_NO)
		return s;
	if (d->barriers == FB_NO)
		return FB_SURVIVES_OS_CRASH;
	return d->barriers == FB_YES ? s : FB_SURVIVES_UNKNOWN;
}

/*
 * File system and block layer have no part in it: what counts is how far a store must
 * get. Firmware that describes an NVDIMM need not say how far, but none is made that
 * does not save what its memory controller has (ADR), so that much is taken for
 * granted. Of memory that no firmware describes nobody knows what it keeps.
 *
 * Without an instruction that flushes lines the caches keep what is stored into them,
 * the ends of a streamed write too: it streams whole words alone.
 */
static struct fb_promise nv_promise(const struct fb_case *c, const struct fb_device *d)
{
	struct fb_promise p = {FB_SURVIVES_POWER_LOSS, FB_FIDELITY_EQUIVALENT};

	if (c->nv_emulate)
		return (struct fb_promise){FB_SURVIVES_NOTHING, FB_FIDELITY_EMULATED};
	if (c->nv_flush == FB_NV_FLUSH_NONE && d->nv.domain != FB_NV_DOMAIN_CPU)
		p.survives = FB_SURVIVES_PROCESS_CRASH;
	else if (!*d->nv.region || !strcmp(d->nv.provider, "e820"))
		p.survives = FB_SURVIVES_UNKNOWN;
	return p;
}

struct fb_promise fb_promise_of(const struct fb_case *c, const struct fb_device *d)
{
	struct fb_promise p = {FB_SURVIVES_NOTHING, FB_FIDELITY_UNKNOWN};

	if (c->path == FB_PATH_NULL)
		return p;
	if (c->path == FB_PATH_NVMEM)
		return nv_promise(c, d);
	p = mode_promise(c, d);
	if (d->medium == FB_MEDIUM_MEMORY || d->below_memory)
		p.survives = FB_SURVIVES_NOTHING;
	else if (d->medium != FB_MEDIUM_DISK)
		p.survives = FB_SURVIVES_UNKNOWN;
	else
		p.survives = on_disk(p.survives, d);
	return p;
}
