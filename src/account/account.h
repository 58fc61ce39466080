/*
 * account.h - what the device really did during a case
 */
#ifndef FB_ACCOUNT_ACCOUNT_H
#define FB_ACCOUNT_ACCOUNT_H

#include "base/err.h"
#include "base/warn.h"
#include "device/device.h"
#include "plan/result.h"

#include <stdbool.h>

struct fb_account;

/*
 * struct fb_account_how - what to count
 * @process_only: do not count what the disks do
 * @trace:  record block events as well, where that can be done
 * @per_op: one op is in flight at a time, and fb_account_end_op follows each
 * @target: the folder that holds the target's files alone, or the device that is the
 *          target. Looked at when tracing begins and when it has ended
 */
struct fb_account_how {
	bool process_only;
	bool trace;
	bool per_op;
	const char *target;
};

/*
 * fb_account_open - prepare to count
 * @d: outlives the account
 *
 * 0 or -ENOMEM. That counters cannot be read, or nothing be traced, is no error: the
 * source says so, and fb_account_warn why.
 */
int fb_account_open(struct fb_account **out, const struct fb_device *d,
		    const struct fb_account_how *how);

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
 * no row. The source is "disk" only when every disk the mount sits on was read both
 * times. @out is written whole.
 *
 * Traced, the same figures are made of block events, with all classes (requests.h), and
 * the source is "trace". What the counters have and the events have not was lost, as
 * what the kernel says it lost; then the three figures are the counters'.
 *
 * Waits until nothing is in flight on the disks, also when their requests are not
 * counted, at most @timeout_ms; what is still under way then is told by a return of
 * false, the counters are read all the same. A disk that does not tell what is in
 * flight (no sysfs, queue/iostats off) is not waited for.
 */
bool fb_account_begin(struct fb_account *a, unsigned timeout_ms);
bool fb_account_end(struct fb_account *a, unsigned timeout_ms, struct fb_io *out);

/*
 * fb_account_end_op - after the last stamp of an op, by the thread that did it
 * fb_account_watch  - a few times a second where ops are not told of, or rings run over
 *
 * Not both in one case. Between begin and end; nothing where nothing is traced.
 */
void fb_account_end_op(struct fb_account *a);
void fb_account_watch(struct fb_account *a);

/* fb_account_is_traced - were block events recorded? */
bool fb_account_is_traced(const struct fb_account *a);

/*
 * fb_account_take_hists - what fb_account_end made beside the classes
 * @hist: FB_DEV_HISTS of them, the caller's to free; untouched where nothing was traced
 */
void fb_account_take_hists(struct fb_account *a, struct fb_hist *hist[FB_DEV_HISTS]);

/*
 * fb_account_warn - trace_unavailable, lost_events, extents_unknown; after
 * fb_account_end
 *
 * 0 or -ENOMEM.
 */
int fb_account_warn(const struct fb_account *a, struct fb_warnings *ws);

/*
 * fb_account_own_flushes - flushes of the mount's disks but those that others asked for
 *
 * Of a trace; else dev_flushes, for counters do not tell who asked. FB_UNKNOWN
 * likewise.
 */
uint64_t fb_account_own_flushes(const struct fb_io *io, const struct fb_device *d);

/*
 * fb_account_pace - record or do not, to compare both; nothing of it is kept
 *
 * After fb_account_end alone, to learn what the observer costs. False: cannot.
 */
bool fb_account_pace(struct fb_account *a, bool record);

/* fb_account_close - NULL does nothing */
void fb_account_close(struct fb_account *a);

#endif
