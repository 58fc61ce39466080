/*
 * requests_rig.h - block events made up by a test, and what becomes of them
 *
 * Include it after cmocka.h.
 */
#ifndef FB_TESTS_SUPPORT_REQUESTS_RIG_H
#define FB_TESTS_SUPPORT_REQUESTS_RIG_H

#include "account/requests_parts.h"
#include "base/rng.h"

/*
 * The disks: two that the mount sits on, the second of them without requests; then two
 * below, likewise.
 */
enum { RIG_OWN, RIG_OWN_BIOS, RIG_BELOW, RIG_BELOW_BIOS, RIG_DISKS };

/* Who a task is, by the pid of its events. */
enum { RIG_SELF = 100, RIG_KERNEL = 200, RIG_OTHERS = 300 };

/*
 * struct requests_rig - @now: of the next event, which takes a microsecond more each
 * time
 * @disk, @pid, @comm: of the next event
 * @deaf: so many of a hundred answers are not heard, by @dice; @unheard: so many were
 * not
 */
struct requests_rig {
	struct fb_disk disks[RIG_DISKS];
	struct fb_extents extents;
	struct fb_requests *r;
	struct fb_io io;
	struct fb_hist *hist[FB_DEV_HISTS];
	struct fb_requests_sum sum;
	uint64_t now;
	unsigned disk;
	int pid;
	const char *comm;
	unsigned deaf;
	struct fb_rng dice;
	uint64_t unheard;
};

/* rig_open - @late and @per_op as in the setup; rig_close also after a failed test */
void rig_open(struct requests_rig *rig, const char *fs, bool late, bool per_op);
void rig_close(struct requests_rig *rig);

/* rig_data - sectors of the disks RIG_OWN and RIG_OWN_BIOS that are the target's */
void rig_data(struct requests_rig *rig, uint64_t begin, uint64_t end);

/* rig_see - an event; @rwbs as the kernel spells it */
void rig_see(struct requests_rig *rig, enum fb_block_kind kind, const char *rwbs,
	     uint64_t sector, uint32_t sectors);

/* rig_bio, rig_issue, rig_answer - the three that most are */
void rig_bio(struct requests_rig *rig, const char *rwbs, uint64_t sector,
	     uint32_t sectors);
void rig_issue(struct requests_rig *rig, const char *rwbs, uint64_t sector,
	       uint32_t sectors);
void rig_answer(struct requests_rig *rig, const char *rwbs, uint64_t sector,
		uint32_t sectors);

/* rig_request - handed over, issued and answered in one */
void rig_request(struct requests_rig *rig, const char *rwbs, uint64_t sector,
		 uint32_t sectors);

/* rig_finish - fills io, hist and sum */
void rig_finish(struct requests_rig *rig);

/*
 * rig_rows - all that is in io.csv, "disk class fua issuer requests bytes" a row
 *
 * Fails the test where it is anything else, in any order.
 */
void rig_rows(struct requests_rig *rig, const char *const *rows, size_t n);
#define RIG_ROWS(rig, ...)                                                             \
	rig_rows(rig, (const char *const[]){__VA_ARGS__},                              \
		 sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

#endif
