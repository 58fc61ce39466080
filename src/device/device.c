#include "device/device.h"

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
