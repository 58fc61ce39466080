/*
 * counters.h - what the kernel counts of disks and processes, at two quiet points
 *
 * Private to the folder.
 */
#ifndef FB_ACCOUNT_COUNTERS_H
#define FB_ACCOUNT_COUNTERS_H

#include "account/account.h"

/* The disks that a mount sits on, then those below. */
enum { FB_COUNTERS_DISKS = 2 * FB_DISKS_MAX };

/* struct fb_reading - all counters at one quiet point; @known: the disk was read */
struct fb_reading {
	bool process_known;
	uint64_t process_bytes;
	bool known[FB_COUNTERS_DISKS];
	struct fb_disk_stat disks[FB_COUNTERS_DISKS];
};

/* struct fb_counters - @open: those with a meter; the first @n_own are the mount's */
struct fb_counters {
	const struct fb_disk *disk[FB_COUNTERS_DISKS];
	size_t n, n_own;
	bool open[FB_COUNTERS_DISKS];
	struct fb_disk_meter meter[FB_COUNTERS_DISKS];
};

/* fb_counters_open - @process_only: no disk is counted; fb_counters_close */
void fb_counters_open(struct fb_counters *c, const struct fb_device *d,
		      bool process_only);
void fb_counters_close(struct fb_counters *c);

/* fb_counters_read - now */
void fb_counters_read(const struct fb_counters *c, struct fb_reading *out);

/*
 * fb_counters_fill - @out from the difference of two readings, as of fb_account_end
 *
 * Its source is "disk", "process" or "".
 */
void fb_counters_fill(const struct fb_counters *c, const struct fb_reading *was,
		      const struct fb_reading *is, struct fb_io *out);

#endif
