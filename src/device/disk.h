/*
 * disk.h - whole disks by device number
 */
#ifndef FB_DEVICE_DISK_H
#define FB_DEVICE_DISK_H

#include "device/device.h"

/*
 * fb_disk_add - add the whole disk of a block device to @d
 *
 * A partition counts as its disk; a disk already there is not added again. 0,
 * -ENODEV (the kernel knows no such block device), or -ENOSPC (FB_DISKS_MAX).
 */
int fb_disk_add(struct fb_device *d, unsigned dev_major, unsigned dev_minor);

#endif
