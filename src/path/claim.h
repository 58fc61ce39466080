/*
 * claim.h - a whole device as a target
 */
#ifndef FB_PATH_CLAIM_H
#define FB_PATH_CLAIM_H

#include "base/err.h"

#include <stdint.h>

/*
 * fb_claim_device - keep others from a device while we write to it
 * @path:  a block device, which nobody can mount meanwhile, or a device DAX, which no
 *         other run can claim
 * @claim: receives what fb_claim_end takes
 *
 * -ENOTBLK when @path is neither, -EBUSY when it is mounted or in use.
 */
int fb_claim_device(const char *path, int *claim, struct fb_err *err);
void fb_claim_end(int claim);

/* fb_device_bytes - how much a block device or a device DAX holds; 0 or -errno */
int fb_device_bytes(const char *path, uint64_t *bytes);

#endif
