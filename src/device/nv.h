/*
 * nv.h - persistent memory as the kernel shows it, seen from a device's entry
 *
 * The entry is that of /sys/dev/block or /sys/dev/char, or one of a tree that a test
 * made up.
 */
#ifndef FB_DEVICE_NV_H
#define FB_DEVICE_NV_H

#include "device/device.h"

/* fb_nv_find_entry, fb_dax_size_entry - as fb_nv_find and fb_dax_size */
int fb_nv_find_entry(const char *entry, struct fb_nv *out);
int fb_dax_size_entry(const char *entry, uint64_t *bytes, uint64_t *align);

#endif
