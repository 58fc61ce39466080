/*
 * disk.h - whole disks by device number, and what they stand on
 */
#ifndef FB_DEVICE_DISK_H
#define FB_DEVICE_DISK_H

#include "device/device.h"

/*
 * fb_disk_at - fb_disk_place, seen from a device's entry
 * @entry:  that of /sys/dev/block, or one of a tree that a test made up
 * @sector: NULL: not asked
 */
int fb_disk_at(const char *entry, struct fb_disk *disk, uint64_t *sector);

/*
 * fb_disk_add - add the whole disk of a block device to @d
 *
 * A partition counts as its disk; a disk already there is not added again. 0,
 * -ENODEV (the kernel knows no such block device), or -ENOSPC (FB_DISKS_MAX).
 */
int fb_disk_add(struct fb_device *d, unsigned dev_major, unsigned dev_minor);

/* fb_device_find - fb_device_resolve without what the disks stand on; 0 or -errno */
int fb_device_find(const char *path, struct fb_device *out);

/*
 * fb_device_add_below - fill @below and @below_memory of @d from its disks
 * @root: "", or where a test keeps its own /sys
 *
 * No disk is there twice, and none that the mount itself sits on. What does not fit
 * is left out.
 */
void fb_device_add_below(struct fb_device *d, const char *root);

#endif
