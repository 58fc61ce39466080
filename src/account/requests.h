/*
 * requests.h - from block events to classes of requests: who, what for, how long
 *
 * Pure: no clock, no I/O but a look at /proc for a task that is seen for the first
 * time, which is handed in.
 */
#ifndef FB_ACCOUNT_REQUESTS_H
#define FB_ACCOUNT_REQUESTS_H

#include "account/trace.h"
#include "device/extents.h"
#include "plan/result.h"

enum fb_issuer { FB_ISSUER_SELF, FB_ISSUER_KERNEL, FB_ISSUER_OTHERS, FB_ISSUERS };

/* More disks than a mount sits on and those below them there cannot be. */
enum { FB_REQUESTS_DISKS_MAX = 2 * FB_DISKS_MAX };

/*
 * struct fb_requests_setup - what stays the same over a case
 * @disks:   the disks traced: first the @n_own that the mount sits on, then those below
 * @fs:      of the mount, whose rule says what a journal is; "" for a raw device
 * @extents: of the target, joined; of the mount's own disks. May grow at the end, see
 *           fb_requests_finish
 * @late:    the target gets blocks while the case runs, so what lies outside @extents
 *           is judged at the end; at most FB_REQUESTS_LATE_MAX requests are kept for
 *           that, the rest is what its marks say
 * @per_op:  fb_requests_end_op is called after each op: distributions are made
 * @issuer:  who a task is
 */
struct fb_requests_setup {
	const struct fb_disk *disks[FB_REQUESTS_DISKS_MAX];
	size_t n_disks;
	size_t n_own;
	const char *fs;
	const struct fb_extents *extents;
	bool late;
	bool per_op;
	enum fb_issuer (*issuer)(const struct fb_block_event *e, void *ctx);
	void *ctx;
};

enum { FB_REQUESTS_LATE_MAX = 1 << 20 };

struct fb_requests;

/* fb_requests_new - 0 or -ENOMEM; @s is copied, what it points to is not */
int fb_requests_new(struct fb_requests **out, const struct fb_requests_setup *s);

/*
 * fb_requests_see - the next event, in the order of time
 *
 * A request is counted once, with all its bytes, when its disk was given it or has
 * answered it: either of the two may be missing, then it has no time. One that was
 * given back counts when it is given to the disk again. Answers may be missing in any
 * number: a kernel hides those of disks that interrupt an idle CPU. Then who asked for
 * a flush that follows a write with FUA may be confused where several ask at once.
 * Where an issue is missing too, of a request at the same place, two may count as one.
 *
 * Its class, that of a write, is what its first bio is, by place and marks:
 *
 *   data:     it lies in the target's extents
 *   journal:  on ext4 and ext3 jbd2 asked for it; or it has data and PREFLUSH, or is
 *             marked metadata with FUA: the last block of a fast commit and the
 *             journal's superblock, which whoever flushes writes; or it is marked
 *             metadata with SYNC and lies between or right beside those: the other
 *             blocks of a fast commit (elsewhere that is metadata written home to make
 *             room). On xfs it is marked metadata, with PREFLUSH, FUA or SYNC. Other
 *             file systems have none that can be told
 *   metadata: marked so by the file system
 *   other:    any other write, and all writes of disks below the mount's own
 *
 * So on ext4 what jbd2 writes ahead of a commit for files of others is journal, and so
 * is ext4's own superblock. Another file system on the same disk is judged by the same
 * rule.
 *
 * A flush is the request that empties the cache; who asked for it is who handed over
 * the first bio with PREFLUSH (or with FUA, on a disk that has none) it stands for. FUA
 * is what the disk was told. Whose bio was not seen is the kernel's. What zeroes
 * without data is a discard, but a write in the sum, as it is to the kernel's counters;
 * to tell it from others its event has both FB_BLOCK_WRITE and FB_BLOCK_DISCARD.
 *
 * On a disk that has no requests the bios are requests. One with data and PREFLUSH is a
 * write and a flush there, and its time that of a write.
 */
void fb_requests_see(struct fb_requests *r, const struct fb_block_event *e);

/*
 * fb_requests_end_op - all events of the op were seen; what comes next is the next's
 *
 * How many requests it took is how many were given to the disks in it. Its times are
 * told where they are known: not of an op in which a write or a flush began that was
 * not seen to end, or ended that was not seen to begin in it. So what is written back
 * across the end of an op takes the times of both, and an answer that is missing those
 * of one.
 */
void fb_requests_end_op(struct fb_requests *r);

/* fb_requests_reset - nothing was seen yet; also after fb_requests_finish */
void fb_requests_reset(struct fb_requests *r);

/*
 * struct fb_requests_sum - beside the classes: what the kernel's own counters would say
 * of the mount's own disks
 * @writes: requests that carry data and empty flush bios; @flushes: requests that empty
 *          the cache; @bytes written; @fua: writes past the cache
 * @foreign_bytes, @foreign_requests: read, written or discarded for others
 * @unanswered: requests among these of which no answer, or not the last, was seen
 * @late_lost: requests that were too many to be judged at the end
 */
struct fb_requests_sum {
	uint64_t bytes, writes, flushes, fua;
	uint64_t foreign_bytes, foreign_requests;
	uint64_t unanswered;
	uint64_t late_lost;
};

/*
 * fb_requests_finish - the rows of io.csv and the distributions
 * @io: its rows are added, one for each disk, class, FUA and issuer that was seen
 * @hist: FB_DEV_HISTS of them, emptied by the caller, or NULL
 *
 * For when the disks are quiet: all they were given they have done. Judges what was
 * kept for the end by @extents as they are now. The distributions are of the mount's
 * own disks alone.
 */
void fb_requests_finish(struct fb_requests *r, struct fb_io *io,
			struct fb_hist *const *hist, struct fb_requests_sum *sum);

void fb_requests_free(struct fb_requests *r);

#endif
