/*
 * cache_off.h - tell the kernel for a while that a disk has no volatile cache
 *
 * The block layer then completes flushes at once, without asking the disk, and
 * fsync does what FLUSH_FLAGS_NO_SYNC says: data and metadata written, the
 * device's cache left alone. The drive's own cache is not touched, but until the
 * switch is set back nothing on that disk survives a power loss for certain.
 */
#ifndef FB_DEVICE_CACHE_OFF_H
#define FB_DEVICE_CACHE_OFF_H

#include "device/device.h"

struct fb_cache_off;

/*
 * fb_cache_off_allowed - may we do this to @d?
 * @forced: the user said --yes-disable-flushes
 *
 * 0 when every disk is a loop device whose backing file the caller (its effective
 * user) owns, or @forced. Else -EPERM (not ours, the backing file is deleted or out
 * of sight, or no right to write the queue's file or the note), -ENODEV (no disk),
 * with @err saying which and why.
 */
int fb_cache_off_allowed(const struct fb_device *d, bool forced, struct fb_err *err);

/*
 * fb_cache_off_begin - switch the cache off on all disks of @d
 *
 * A guardian process sets the former values back when fb_cache_off_end is called
 * or this process dies, by whatever signal. A note under /run/flushbench tells
 * the next run what is owed should the guardian die as well. A disk without a
 * volatile cache is left as it is.
 *
 * 0; -EBUSY when another process has a disk of @d switched off, or was killed and
 * left it so (fb_cache_off_recover); or a negative errno. Nothing stays switched
 * after a failure. Whether it is allowed is asked before, by the function above.
 */
int fb_cache_off_begin(struct fb_cache_off **out, const struct fb_device *d,
		       struct fb_err *err);

/*
 * fb_cache_off_end - set the values back and wait until they are
 * @c: NULL does nothing; gone afterwards in every case
 *
 * 0 once each has been read back, or the errno of the first that could not be
 * restored; its note stays.
 */
int fb_cache_off_end(struct fb_cache_off *c, struct fb_err *err);

/*
 * fb_cache_off_recover - restore what a killed run left switched off
 * @restored: receives the names of the disks put right, comma-joined, else empty
 *
 * Only disks whose note names the same disk (by disk sequence number) and whose
 * guardian is gone are touched, and loop devices whose file was detached since: their
 * queue keeps the switch, which the next file would inherit. A note on a disk that is
 * another one now is removed. 0 when nothing is owed any more but by guardians at
 * work, or the errno of the first that could not be put right.
 */
int fb_cache_off_recover(char *restored, size_t room, struct fb_err *err);

/*
 * fb_cache_off_check - is no disk of @d switched off by anyone?
 *
 * Asked before a run, after fb_cache_off_recover: on a disk another run has switched
 * off, or left so and could not be restored, flushes go nowhere.
 *
 * 0, and the disks' write_cache in @d is as it is with nothing switched, whatever it
 * was when @d was resolved. -EBUSY with @err naming the disk and the other process;
 * -EBADMSG when a disk's note is none; or a negative errno when the notes are out of
 * sight.
 */
int fb_cache_off_check(struct fb_device *d, struct fb_err *err);

#endif
