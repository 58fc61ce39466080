/*
 * promise.h - what a completed flush survives, on the device at hand
 */
#ifndef FB_PATH_PROMISE_H
#define FB_PATH_PROMISE_H

#include "device/device.h"
#include "plan/case.h"
#include "plan/result.h"

/*
 * fb_promise_of - fidelity and survives of a case on a device
 *
 * Modes that go through sync_file_range write no metadata, so they survive a crash
 * of the system only for overwrites in place of written blocks on ext4 (not
 * data=journal) and xfs, or on a raw device, which has no metadata. A volatile
 * cache behind a mount without barriers lowers power-loss to os-crash; a device
 * without a volatile cache raises os-crash to power-loss. Memory survives nothing;
 * where the device is not known survives is unknown.
 */
struct fb_promise fb_promise_of(const struct fb_case *c, const struct fb_device *d);

#endif
