#include "plan/case.h"

#include "plan/hive_layout.h"

uint64_t fb_case_write_bytes(const struct fb_case *c)
{
	return c->path == FB_PATH_REGISTRY ? c->value_size : c->bs;
}

uint64_t fb_case_space(const struct fb_case *c)
{
	if (c->path == FB_PATH_REGISTRY)
		return fb_hive_layout_values(c) * c->value_size;
	return c->size;
}

uint64_t fb_case_hives(const struct fb_case *c)
{
	return c->path == FB_PATH_REGISTRY ? c->hives : 1;
}
