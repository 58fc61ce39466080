#include "path/path.h"

#include "path/file.h"
#include "path/mapped.h"
#include "path/null.h"
#include "path/registry.h"
#include "path/registry_hives.h"

#include "device/cache_off.h"

#include <stdio.h>

static const struct fb_path_ops *const paths[FB_PATH_COUNT] = {
	[FB_PATH_NULL] = &fb_path_null,
	[FB_PATH_FILE] = &fb_path_file,
	[FB_PATH_MAPPED] = &fb_path_mapped,
	[FB_PATH_REGISTRY] = &fb_path_registry,
};

const struct fb_path_ops *fb_path_get(enum fb_path_id id)
{
	return paths[id];
}

uint64_t fb_path_disk_bytes(const struct fb_case *c)
{
	if (c->path == FB_PATH_NULL)
		return 0;
	if (c->path == FB_PATH_REGISTRY)
		return fb_registry_disk_bytes(c);
	return c->share == FB_SHARE_OWN ? c->size * c->numjobs : c->size;
}

uint64_t fb_path_memory_bytes(const struct fb_case *c)
{
	return c->path == FB_PATH_REGISTRY ? fb_registry_memory_bytes(c) : 0;
}

static const char *why_not_raw(const struct fb_case *c)
{
	if (c->path != FB_PATH_FILE)
		return "a raw device is for path file only";
	if (c->pattern == FB_PATTERN_CREATE)
		return "pattern create: a raw device has no files";
	if (c->prepare != FB_PREPARE_WRITTEN)
		return "prepare: a raw device has no unwritten blocks and cannot grow";
	if (c->share == FB_SHARE_OWN && c->numjobs > 1)
		return "share own: a raw device is one target; use share one";
	return NULL;
}

const char *fb_path_why_not(const struct fb_case *c, const struct fb_target *t)
{
	static _Thread_local char reason[FB_ERR_TEXT + 32];
	struct fb_err err;

	if (t->device->raw && c->path != FB_PATH_NULL && why_not_raw(c))
		return why_not_raw(c);
	if (c->mode != FB_MODE_NO_SYNC || c->no_sync != FB_NO_SYNC_CACHE_OFF)
		return NULL;
	if (!fb_cache_off_allowed(t->device, t->yes_disable_flushes, &err))
		return NULL;
	snprintf(reason, sizeof(reason), "no_sync=cache-off: %s", err.text);
	return reason;
}
