#include "host/host.h"

#include <stdio.h>

static int add(struct fb_warnings *ws, const struct fb_device *d, const char *id,
	       enum fb_severity severity, const char *text)
{
	struct fb_warning w = {.id = id, .severity = severity};

	snprintf(w.text, sizeof(w.text), "%s", text);
	snprintf(w.evidence, sizeof(w.evidence), "%.31s%s from %.90s on %.100s",
		 *d->fs ? d->fs : "?",
		 d->overlay && d->syncs_dropped ? ", volatile," : "",
		 *d->source ? d->source : "?", *d->mount_point ? d->mount_point : "?");
	return fb_warnings_add(ws, &w);
}

static int warn_overlay(struct fb_warnings *ws, const struct fb_device *d)
{
	if (d->syncs_dropped)
		return add(ws, d, "overlay_target", FB_SEVERITY_WARNING,
			   "The overlay is mounted volatile and drops every sync: the "
			   "flush latencies are those of doing nothing, and nothing "
			   "survives a crash for certain. Name a target outside the "
			   "overlay.");
	return add(ws, d, "overlay_target", FB_SEVERITY_NOTE,
		   "An overlay stands between the target and the disk of its upper "
		   "folder: its own work is in every latency. Name a folder outside "
		   "the overlay (a volume, in a container) to measure the file system "
		   "itself.");
}

int fb_host_warn_target(struct fb_warnings *ws, const struct fb_device *d)
{
	int ret = 0;

	if (d->overlay)
		ret = warn_overlay(ws, d);
	if (!ret && d->medium == FB_MEDIUM_MEMORY)
		ret = add(ws, d, "memory_target", FB_SEVERITY_WARNING,
			  "The target is kept in memory: a flush moves nothing, its "
			  "latencies are those of the call alone, and nothing survives "
			  "the operating system. Name a target on a disk.");
	if (!ret && d->medium == FB_MEDIUM_NETWORK)
		ret = add(ws, d, "network_target", FB_SEVERITY_WARNING,
			  "The target is on a network: latencies hold the network's, a "
			  "server may answer a flush before its disk did (NFS async), "
			  "and its disks cannot be counted. Run on the server, or name "
			  "a local target.");
	return ret;
}
