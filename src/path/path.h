/*
 * path.h - the roads to durable storage behind one table of functions
 *
 * A path is opened for one repetition of one case and makes its target afresh in
 * the folder it is given. A lane is one thread's way in: used by that thread
 * alone. The driver owns the clock: write and flush do nothing but their call.
 */
#ifndef FB_PATH_PATH_H
#define FB_PATH_PATH_H

#include "base/err.h"
#include "device/device.h"
#include "plan/case.h"
#include "plan/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * struct fb_target - where a path may work
 * @dir:    our own work folder; for a raw device the device's path
 * @device: what it is kept on
 * @yes_disable_flushes: no_sync=cache-off may be used on any disk
 * @cancelled: asked now and then while a target is prepared, which may take long;
 *         true ends it with -EINTR. NULL: never.
 */
struct fb_target {
	const char *dir;
	const struct fb_device *device;
	bool yes_disable_flushes;
	bool (*cancelled)(void);
};

/* struct fb_write - one write: where, what. Offset and length are bytes. */
struct fb_write {
	uint64_t offset;
	const void *data;
	uint64_t length;
};

/* struct fb_path - a target made for one repetition; each path embeds it first */
struct fb_path {
	const struct fb_path_ops *ops;
	const struct fb_case *c;
};

/* struct fb_lane - one thread's way in; @err tells of its last failure */
struct fb_lane {
	const struct fb_path_ops *ops;
	struct fb_err err;
};

/* What a stamp must wait for, so that what it times is over. */
enum fb_stamps {
	FB_STAMPS_PLAIN,   /* nothing: a system call orders it */
	FB_STAMPS_ORDERED, /* every instruction before it */
	FB_STAMPS_FENCED,  /* that, and after a flush every store and flushed line */
};

/*
 * struct fb_path_ops - one path
 * @past_disks: its stores reach the medium past the block layer: the disks' counters
 *              tell nothing of them
 * @open:       make and prepare the target: written, synced, out of the cache.
 *              -ENOTSUP with err->status set when the mode is missing or refused
 *              here: a row without samples, not a failure
 * @lane_open:  for thread @thread of the case; not in the timed loop
 * @lane_enter: called once by the lane's own thread, before the clock starts; NULL:
 *              nothing to do
 * @guard:      calls @work(@arg), in which all of the lane's writes are; -EIO when the
 *              system broke it off for a store that failed. NULL: no store can
 * @begin_ops:  before the stamp that begins @n ops of @per_op writes each, which lie in
 *              @writes one after another: where they will go. NULL: nothing to do
 * @write:      one write of an op
 * @flush:      the op's flush; the range holds its writes. NULL in no path
 * @end_op:     after the op's last stamp; NULL: nothing to do
 * @lane_close: flushes nothing
 * @sync:       make all of the target durable, whatever the mode; NULL: nothing to do
 * @close:      remove the target
 * @counters:   what only the path knows, as totals that never fall (for growth, the
 *              size): a case's part of them is what they gained over it. Leaves what
 *              it does not know. NULL: nothing
 * @promise:    for a case on a device, before anything is opened
 * @read_back:  what lane @thread's target holds at a write's place, past any cache
 *              of ours; -ENODATA beyond its end. For tests and the lab.
 *
 * All return 0 or a negative errno; detail in err or lane->err.
 */
struct fb_path_ops {
	enum fb_path_id id;
	enum fb_stamps stamps;
	bool past_disks;
	int (*open)(struct fb_path **out, const struct fb_case *c,
		    const struct fb_target *t, struct fb_err *err);
	int (*lane_open)(struct fb_lane **out, struct fb_path *p, unsigned thread,
			 struct fb_err *err);
	void (*lane_enter)(struct fb_lane *l);
	int (*guard)(struct fb_lane *l, void (*work)(void *arg), void *arg);
	void (*begin_ops)(struct fb_lane *l, const struct fb_write *writes,
			  uint64_t per_op, uint64_t n);
	int (*write)(struct fb_lane *l, const struct fb_write *w);
	int (*flush)(struct fb_lane *l, uint64_t offset, uint64_t length);
	void (*end_op)(struct fb_lane *l);
	void (*lane_close)(struct fb_lane *l);
	int (*sync)(struct fb_path *p, struct fb_err *err);
	int (*close)(struct fb_path *p, struct fb_err *err);
	void (*counters)(struct fb_path *p, struct fb_path_counters *out);
	struct fb_promise (*promise)(const struct fb_case *c,
				     const struct fb_device *d);
	int (*read_back)(struct fb_path *p, unsigned thread, uint64_t offset,
			 void *data, uint64_t length);
};

/* fb_path_get - the table of a path; never NULL below FB_PATH_COUNT */
const struct fb_path_ops *fb_path_get(enum fb_path_id id);

/* fb_path_disk_bytes - space its target will take, for a check beforehand */
uint64_t fb_path_disk_bytes(const struct fb_case *c);

/* fb_path_memory_bytes - memory that its target is kept in beside the disk; 0: none */
uint64_t fb_path_memory_bytes(const struct fb_case *c);

/*
 * fb_path_why_not - why a case cannot be run on a target, or NULL
 *
 * The reason lives until the next call of the same thread.
 */
const char *fb_path_why_not(const struct fb_case *c, const struct fb_target *t);

#endif
