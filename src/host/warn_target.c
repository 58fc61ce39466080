#include "host/host.h"
#include "host/tell.h"
#include "host/warn_parts.h"

#include <stdio.h>
#include <string.h>

static int add(struct fb_warnings *ws, const struct fb_device *d,
	       const struct fb_warning *w)
{
	return fb_host_tell(ws, w, "%.31s%s from %.90s on %.100s", *d->fs ? d->fs : "?",
			    d->overlay && d->syncs_dropped ? ", volatile," : "",
			    *d->source ? d->source : "?",
			    *d->mount_point ? d->mount_point : "?");
}

static int warn_overlay(struct fb_warnings *ws, const struct fb_device *d)
{
	static const struct fb_warning dropped = {
		.id = "overlay_target",
		.severity = FB_SEVERITY_WARNING,
		.text = "The overlay is mounted volatile and drops every sync: the "
			"flush latencies are those of doing nothing, and nothing "
			"survives a crash for certain. Name a target outside the "
			"overlay.",
	};
	static const struct fb_warning between = {
		.id = "overlay_target",
		.severity = FB_SEVERITY_NOTE,
		.text = "An overlay stands between the target and the disk of its upper "
			"folder: its own work is in every latency. Name a folder outside "
			"the overlay (a volume, in a container) to measure the file "
			"system itself.",
	};

	return add(ws, d, d->syncs_dropped ? &dropped : &between);
}

static int warn_memory(struct fb_warnings *ws, const struct fb_device *d)
{
	static const struct fb_warning w = {
		.id = "memory_target",
		.severity = FB_SEVERITY_WARNING,
		.text = "The target is kept in memory: a flush moves nothing, its "
			"latencies are those of the call alone, and nothing survives "
			"the operating system. Name a target on a disk.",
	};

	return d->medium == FB_MEDIUM_MEMORY ? add(ws, d, &w) : 0;
}

static int warn_network(struct fb_warnings *ws, const struct fb_device *d)
{
	static const struct fb_warning w = {
		.id = "network_target",
		.severity = FB_SEVERITY_WARNING,
		.text = "The target is on a network: latencies hold the network's, a "
			"server may answer a flush before its disk did (NFS async), "
			"and its disks cannot be counted. Run on the server, or name "
			"a local target.",
	};

	return d->medium == FB_MEDIUM_NETWORK ? add(ws, d, &w) : 0;
}

static int warn_fuse(struct fb_warnings *ws, const struct fb_device *d)
{
	static const struct fb_warning w = {
		.id = "fuse_target",
		.severity = FB_SEVERITY_WARNING,
		.text = "A FUSE daemon stands between target and disk: writes and "
			"flushes are messages to it, which are in every latency, and "
			"whether it hands a flush on is its choice, so survives is "
			"left empty. Name a folder of the file system below it.",
	};

	return !strncmp(d->fs, "fuse", 4) && d->medium != FB_MEDIUM_NETWORK
		       ? add(ws, d, &w)
		       : 0;
}

static int warn_zfs(struct fb_warnings *ws, const struct fb_device *d)
{
	static const struct fb_warning w = {
		.id = "zfs_target",
		.severity = FB_SEVERITY_NOTE,
		.text = "With sync=disabled ZFS answers a flush without doing it, and "
			"that is not seen from here, nor are the pool's disks, so "
			"nothing of theirs is counted. Look (zfs get sync): only with "
			"standard or always do the latencies mean anything.",
	};

	return !strcmp(d->fs, "zfs") ? add(ws, d, &w) : 0;
}

static int warn_barriers(struct fb_warnings *ws, const struct fb_device *d)
{
	static const struct fb_warning off = {
		.id = "barriers_off",
		.severity = FB_SEVERITY_WARNING,
		.text = "The mount was told not to flush the disk: a flush returns when "
			"the data are in the disk's cache. Its own flush is missing "
			"from the latencies, and a power loss may damage the file "
			"system itself. Mount without nobarrier or barrier=0.",
	};
	static const struct fb_warning harmless = {
		.id = "barriers_off",
		.severity = FB_SEVERITY_NOTE,
		.text = "The mount was told not to flush the disk, which has no "
			"volatile cache by its own word: nothing is lost, and flush_amp "
			"is 0. Mount without nobarrier or barrier=0 to compare with "
			"other machines.",
	};

	if (d->barriers != FB_NO || d->syncs_dropped || d->medium != FB_MEDIUM_DISK)
		return 0;
	return fb_host_tell(ws, fb_device_cache(d) == FB_NO ? &harmless : &off,
			    "%.31s on %.60s: %.140s", d->fs, d->mount_point,
			    d->options);
}

int fb_host_warn_target(struct fb_warnings *ws, const struct fb_device *d,
			const char *root)
{
	int ret = d->overlay ? warn_overlay(ws, d) : 0;

	if (!ret)
		ret = warn_memory(ws, d);
	if (!ret)
		ret = warn_network(ws, d);
	if (!ret)
		ret = warn_fuse(ws, d);
	if (!ret)
		ret = warn_zfs(ws, d);
	if (!ret)
		ret = warn_barriers(ws, d);
	if (!ret)
		ret = fb_warn_cache_view(ws, d, root);
	if (!ret)
		ret = fb_warn_disks(ws, d, root);
	return ret ? ret : fb_warn_drives(ws, d, root);
}
