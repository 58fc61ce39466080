/*
 * warn_parts.h - what the warnings of a target are put together from
 *
 * Each adds to @ws; 0 or -ENOMEM. @root: "", or where a test keeps its own /proc and
 * /sys.
 */
#ifndef FB_HOST_WARN_PARTS_H
#define FB_HOST_WARN_PARTS_H

#include "base/warn.h"
#include "device/device.h"
#include "plan/result.h"

/* fb_warn_disks - memory_disk, loop_target, virtual_disk, flushes_uncounted */
int fb_warn_disks(struct fb_warnings *ws, const struct fb_device *d, const char *root);

/* fb_warn_cache_view - cache_view; asks the drive itself only where @root is "" */
int fb_warn_cache_view(struct fb_warnings *ws, const struct fb_device *d,
		       const char *root);

/* fb_warn_drives - nvme_power_saving, drive_hot, target_full: how it is today */
int fb_warn_drives(struct fb_warnings *ws, const struct fb_device *d, const char *root);

/* fb_warn_process - flush_neutralised; what has the calls is looked at where @root is
 * ""
 */
int fb_warn_process(struct fb_warnings *ws, const char *root);

/* fb_warn_io_limit - io_limited */
int fb_warn_io_limit(struct fb_warnings *ws, const char *root);

/* fb_warn_shape - bimodal, drifting; @step_ns as in fb_host_warn_result */
int fb_warn_shape(struct fb_warnings *ws, const struct fb_result *r, double step_ns);

/* fb_warn_promise - flushes_missing, implausible_flush */
int fb_warn_promise(struct fb_warnings *ws, const struct fb_device *d,
		    const struct fb_result *r);

/*
 * fb_disk_is_virtual - shown by a hypervisor, which decides what a flush does
 *
 * By its driver's name or its model; that this is a virtual machine is for the caller.
 */
bool fb_disk_is_virtual(const struct fb_disk *d);

/* fb_warn_median - ns; FB_UNKNOWN where there are no samples */
uint64_t fb_warn_median(const struct fb_hist *h);

#endif
