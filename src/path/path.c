#include "path/path.h"

#include "path/file.h"
#include "path/mapped.h"
#include "path/null.h"
#include "path/nvmem.h"
#include "path/registry.h"
#include "path/registry_hives.h"

#include "device/cache_off.h"

#include <stdio.h>

static const struct fb_path_ops *const paths[FB_PATH_COUNT] = {
	[FB_PATH_NULL] = &fb_path_null,     [FB_PATH_FILE] = &fb_path_file,
	[FB_PATH_MAPPED] = &fb_path_mapped, [FB_PATH_REGISTRY] = &fb_path_registry,
	[FB_PATH_NVMEM] = &fb_path_nvmem,
};

const struct fb_path_ops *fb_path_get(enum fb_path_id id)
{
	return paths[id];
}

/* What it works on is kept in memory, wherever the target lies. */
static bool is_emulated(const struct fb_case *c)
{
	return c->path == FB_PATH_NVMEM && c->nv_emulate;
}

static bool uses_target(const struct fb_case *c)
{
	return c->path != FB_PATH_NULL && !is_emulated(c);
}

static uint64_t all_targets(const struct fb_case *c)
{
	return c->share == FB_SHARE_OWN ? c->size * c->numjobs : c->size;
}

uint64_t fb_path_disk_bytes(const struct fb_case *c)
{
	if (!uses_target(c))
		return 0;
	if (c->path == FB_PATH_REGISTRY)
		return fb_registry_disk_bytes(c);
	return all_targets(c);
}

uint64_t fb_path_memory_bytes(const struct fb_case *c)
{
	if (c->path == FB_PATH_REGISTRY)
		return fb_registry_memory_bytes(c);
	return is_emulated(c) ? all_targets(c) : 0;
}

static const char *why_not_block(const struct fb_case *c)
{
	if (c->path == FB_PATH_NVMEM)
		return "a block device is not mapped past the page cache: path nvmem "
		       "takes a folder that is mounted for DAX, or a device DAX";
	if (c->path != FB_PATH_FILE)
		return "a raw device is for path file only";
	if (c->pattern == FB_PATTERN_CREATE)
		return "pattern create: a raw device has no files";
	if (c->prepare != FB_PREPARE_WRITTEN)
		return "prepare: a raw device has no unwritten blocks and cannot grow";
	return NULL;
}

static const char *why_not_device(const struct fb_case *c, const struct fb_device *d)
{
	const char *why = d->dax ? NULL : why_not_block(c);

	if (d->dax && c->path != FB_PATH_NVMEM)
		return "a device DAX can only be mapped: it is for path nvmem";
	if (!why && c->share == FB_SHARE_OWN && c->numjobs > 1)
		return "share own: a raw device is one target; use share one";
	return why;
}

const char *fb_path_why_not(const struct fb_case *c, const struct fb_target *t)
{
	static _Thread_local char reason[FB_ERR_TEXT + 32];
	const struct fb_device *d = t->device;
	const char *why = NULL;
	struct fb_err err;

	if ((d->raw || d->dax) && uses_target(c))
		why = why_not_device(c, d);
	if (why)
		return why;
	if (c->mode != FB_MODE_NO_SYNC || c->no_sync != FB_NO_SYNC_CACHE_OFF)
		return NULL;
	if (!fb_cache_off_allowed(d, t->yes_disable_flushes, &err))
		return NULL;
	snprintf(reason, sizeof(reason), "no_sync=cache-off: %s", err.text);
	return reason;
}
