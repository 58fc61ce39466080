/*
 * observer.h - block events of a case, from the rings to figures
 *
 * Private to the folder.
 */
#ifndef FB_ACCOUNT_OBSERVER_H
#define FB_ACCOUNT_OBSERVER_H

#include "account/account.h"

struct fb_observer;

/*
 * fb_observer_open - ready to trace the disks of @d and those below
 *
 * 0, or a negative errno with the reason in @err: no rights, no tracepoints, no disks.
 */
int fb_observer_open(struct fb_observer **out, const struct fb_device *d,
		     const struct fb_account_how *how, struct fb_err *err);

/* fb_observer_begin - where the target lies, and record from now on; 0 or -errno */
int fb_observer_begin(struct fb_observer *o, struct fb_err *err);

/* fb_observer_read - what happened since; @op: the op that it is of has ended */
void fb_observer_read(struct fb_observer *o, bool op);

/*
 * fb_observer_end  - record no more
 * fb_observer_fill - the figures
 */
void fb_observer_end(struct fb_observer *o);
void fb_observer_fill(struct fb_observer *o, struct fb_io *out);

/*
 * fb_observer_lost - events of these disks that were lost
 * @uncounted: requests that the disks' counters have and the figures have not
 * @hidden:    those of them that were missed though there was room
 *
 * After fb_observer_fill. Programs may be kept from any disk's events: what was missed
 * counts as far as something of ours is missing.
 */
uint64_t fb_observer_lost(const struct fb_observer *o, uint64_t uncounted,
			  uint64_t *hidden);

/* fb_observer_take_hists, fb_observer_pace - as of the account */
void fb_observer_take_hists(struct fb_observer *o, struct fb_hist *hist[FB_DEV_HISTS]);
bool fb_observer_pace(struct fb_observer *o, bool record);

/*
 * fb_observer_doubt - why writes are told less apart than they might be; NULL: they are
 * not
 */
const char *fb_observer_doubt(const struct fb_observer *o);

/* fb_observer_has_times - too few answers were lost to leave device times out */
bool fb_observer_has_times(const struct fb_observer *o);

void fb_observer_close(struct fb_observer *o);

#endif
