#include "device/media.h"
#include "host/tell.h"
#include "host/warn_parts.h"

#include <stdio.h>
#include <string.h>

/* A loop device hands flushes on to its file, and the kernel takes it for one with a
 * volatile cache when it is set up. */
static enum fb_tri own_cache(const struct fb_disk *d, bool ask)
{
	if (d->own_cache != FB_MAYBE)
		return d->own_cache;
	if (d->backing_file[0])
		return FB_YES;
	return ask && !strncmp(d->name, "nvme", 4) ? fb_media_cache(d) : FB_MAYBE;
}

static int warn_one(struct fb_warnings *ws, const struct fb_disk *d, bool ask)
{
	static const struct fb_warning off = {
		.id = "cache_view",
		.severity = FB_SEVERITY_WARNING,
		.text = "Somebody told the kernel that this disk has no volatile cache, "
			"and it has: no flush is sent, latencies lack it, and survives "
			"says power-loss where data are lost. Write 'write back' to its "
			"queue/write_cache in sysfs.",
	};
	static const struct fb_warning on = {
		.id = "cache_view",
		.severity = FB_SEVERITY_WARNING,
		.text = "The kernel takes this disk for one with a volatile cache, and "
			"by its own word it has none: flushes are sent that it need "
			"not be asked for, and latencies hold them. Write 'write "
			"through' to its queue/write_cache in sysfs to compare.",
	};
	const enum fb_tri own = own_cache(d, ask);

	if (own == FB_MAYBE || d->write_cache == FB_MAYBE || own == d->write_cache)
		return 0;
	return fb_host_tell(ws, own == FB_YES ? &off : &on,
			    "%s: queue/write_cache is %s, the disk's own is %s",
			    d->name, own == FB_YES ? "write through" : "write back",
			    own == FB_YES ? "write back" : "write through");
}

int fb_warn_cache_view(struct fb_warnings *ws, const struct fb_device *d,
		       const char *root)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < d->n_disks; i++)
		ret = warn_one(ws, &d->disks[i], !*root);
	for (size_t i = 0; !ret && i < d->n_below; i++)
		ret = warn_one(ws, &d->below[i], !*root);
	return ret;
}
