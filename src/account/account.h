/*
 * account.h - what the device really did during a case
 */
#ifndef FB_ACCOUNT_ACCOUNT_H
#define FB_ACCOUNT_ACCOUNT_H

#include "base/err.h"
#include "device/device.h"
#include "plan/result.h"

#include <stdbool.h>

struct fb_account;

/*
 * fb_account_open - prepare to count
 * @d: outlives the account
 * @process_only: do not count what the disks do
 *
 * 0 or -ENOMEM. That counters cannot be read is no error: the source says so.
 */
int fb_account_open(struct fb_account **out, const struct fb_device *d,
		    bool process_only);

/*
 * fb_account_begin, fb_account_end - read the counters at a quiet point
 *
 * @out's dev_writes counts as the kernel does, requests with data and explicit
 * empty flushes; dev_flushes requests to empty the cache. From counters only the
 * classes flush, read, discard and other can be told apart; whether FUA was set and
 * who issued them is unknown. Other is the writes that carry data: its bytes are
 * known, but its requests are FB_UNKNOWN once a disk has flushed, for the counters
 * do not say how many of its writes were empty flushes. On a disk whose flushes are
 * not counted, other holds them as well. A class of which a disk tells nothing has
 * no row. The source is "disk" only when every disk was read both times. @out is
 * written whole.
 *
 * Waits until nothing is in flight on the disks, also when their requests are not
 * counted, at most @timeout_ms; what is still under way then is told by a return of
 * false, the counters are read all the same. A disk that does not tell what is in
 * flight (no sysfs, queue/iostats off) is not waited for.
 */
bool fb_account_begin(struct fb_account *a, unsigned timeout_ms);
bool fb_account_end(struct fb_account *a, unsigned timeout_ms, struct fb_io *out);

/* fb_account_close - NULL does nothing */
void fb_account_close(struct fb_account *a);

#endif
