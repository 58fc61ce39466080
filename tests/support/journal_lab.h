/*
 * journal_lab.h - a file system of which every block request is traced, step by step
 *
 * Include it after cmocka.h.
 */
#ifndef FB_TESTS_SUPPORT_JOURNAL_LAB_H
#define FB_TESTS_SUPPORT_JOURNAL_LAB_H

#include "account/issuer.h"
#include "account/requests_parts.h"
#include "base/rng.h"
#include "support/disk.h"

enum { JOURNAL_LAB_PAGE = 4096 };

/* struct journal_kind - a file system and how it is made; @mkfs without the device */
struct journal_kind {
	const char *fs;
	const char *mkfs[12];
	const char *options;
};

extern const struct journal_kind journal_ext4, journal_ext4_small, journal_ext4_none,
	journal_ext4_fast, journal_ext4_data, journal_xfs, journal_btrfs;

/*
 * What a test took
 * @dir:  an open folder, the target's; @file: in it, of 64 pages that are on the disk
 * @log:  sectors of the journal as somebody else says; @log_bytes: written there in a
 *        step
 * @half, @deaf: see what @r does, but of the answers only half, by @dice, and none
 * @io, @sum: of the last step
 */
struct journal_lab {
	char folder[TMPDIR_LEN];
	char mnt[TMPDIR_LEN + 8];
	char target[TMPDIR_LEN + 16];
	struct disk disk;
	bool mounted;
	struct fb_device d;
	struct fb_trace *trace;
	struct fb_requests *r, *half, *deaf;
	struct fb_rng dice;
	struct fb_issuers issuers;
	struct fb_extents extents;
	struct fb_disk_stat before;
	struct fb_extents log;
	uint64_t log_bytes;
	struct fb_io io;
	struct fb_requests_sum sum;
	int file, dir;
};
extern struct journal_lab journal;

/* journal_enter, journal_leave - setup and teardown of a test */
int journal_enter(void **state);
int journal_leave(void **state);

/* journal_start - make and mount it; skips the test where that or tracing cannot be */
void journal_start(const struct journal_kind *k);

/* journal_write - a page of an open file */
void journal_write(int fd, uint64_t page);

/* journal_drain - in a long step, lest a ring run over */
void journal_drain(void);

/*
 * journal_begin, journal_end - a step is what happens in between
 * journal_ended_whole - the same as journal_end, but when events were lost false
 *
 * The kernel's own counters are the judge of every step; and with half of the answers
 * or none it has to come to the same. Where events were lost, which
 * no ring had room for or the kernel did not write down, nothing can be said.
 */
void journal_begin(void);
bool journal_ended_whole(void);
void journal_end(void);

/* journal_bytes - of a class in the last step */
uint64_t journal_bytes(const char *klass);

#endif
