#include "device/device.h"

#include <stdio.h>
#include <string.h>

enum fb_tri fb_device_cache(const struct fb_device *d)
{
	enum fb_tri all = d->n_disks ? FB_NO : FB_MAYBE;

	for (size_t i = 0; i < d->n_disks; i++) {
		if (d->disks[i].write_cache == FB_YES)
			return FB_YES;
		if (d->disks[i].write_cache == FB_MAYBE)
			all = FB_MAYBE;
	}
	return all;
}

static int strength(enum fb_nv_domain d)
{
	static const int of[] = {
		[FB_NV_DOMAIN_NONE] = 0,
		[FB_NV_DOMAIN_UNKNOWN] = 1,
		[FB_NV_DOMAIN_MEMORY] = 2,
		[FB_NV_DOMAIN_CPU] = 3,
	};

	return of[d];
}

static const char *join_provider(const char *a, const char *b)
{
	if (!strcmp(a, "e820") || !strcmp(b, "e820"))
		return "e820";
	return strcmp(a, b) ? "" : a;
}

void fb_nv_join(struct fb_nv *all, const struct fb_nv *one)
{
	struct fb_nv both = *all;

	if (!*one->region)
		*both.region = '\0';
	if (strength(one->domain) < strength(all->domain))
		both.domain = one->domain;
	snprintf(both.provider, sizeof(both.provider), "%s",
		 join_provider(all->provider, one->provider));
	if (all->read_only != one->read_only)
		both.read_only = all->read_only == FB_YES || one->read_only == FB_YES
					 ? FB_YES
					 : FB_MAYBE;
	*all = both;
}

bool fb_nv_may_map(const struct fb_nv *nv, bool device_dax)
{
	if (nv->domain == FB_NV_DOMAIN_NONE || !strcmp(nv->provider, "virtio-pmem"))
		return false;
	return *nv->region || !device_dax;
}
