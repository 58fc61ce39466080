/*
 * target_file.h - files made afresh for a repetition, prepared as the case says
 */
#ifndef FB_PATH_TARGET_FILE_H
#define FB_PATH_TARGET_FILE_H

#include "nt/objects.h"
#include "path/path.h"

enum { FB_TARGET_NAME = 4096 };

/* fb_target_files - how many targets a case has: one a thread, or one */
unsigned fb_target_files(const struct fb_case *c);

/* fb_target_name - of target @i, for thread fb_target_of; the raw device's own */
void fb_target_name(const struct fb_target *t, unsigned i, char out[FB_TARGET_NAME]);

/* fb_target_of - the target that thread @thread works on */
unsigned fb_target_of(const struct fb_case *c, unsigned thread);

/*
 * fb_target_make - make and prepare every target of a case
 *
 * With pattern create a target is an empty folder, else a file: written, or allocated,
 * or empty, as prepare says; durable and out of the page cache when it returns. -EINTR
 * when cancelled. On failure none is left.
 */
int fb_target_make(const struct fb_case *c, const struct fb_target *t,
		   struct fb_err *err);

/* fb_target_sync - flush every target of a case; with pattern create the volume */
int fb_target_sync(const struct fb_case *c, const struct fb_target *t,
		   struct fb_err *err);

/* fb_target_remove - remove every target; a raw device is left as it is */
int fb_target_remove(const struct fb_case *c, const struct fb_target *t,
		     struct fb_err *err);

/* fb_target_read - read a place of thread @thread's target; -ENODATA past its end */
int fb_target_read(const struct fb_case *c, const struct fb_target *t, unsigned thread,
		   uint64_t offset, void *data, uint64_t length);

/* fb_target_enter - lane_enter of the paths that go through the seam */
void fb_target_enter(struct fb_lane *l);

/* fb_target_shown - a target's name for a person, without our own folder's */
const char *fb_target_shown(const char *name);

/*
 * fb_target_fail - a seam status as this project's error, with a next step for the
 * common ones
 * @what: what was tried, for the text
 *
 * Keeps the native numbers in @err; returns a negative errno.
 */
int fb_target_fail(struct fb_err *err, NTSTATUS status, const char *what,
		   const char *name);

#endif
