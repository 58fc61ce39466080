/*
 * extent_lab.h - loop devices whose every sector can be asked whose it is
 *
 * The files written here carry in each sector which file, block and version it is. So
 * what lies where is read off the devices themselves, past every file system.
 */
#ifndef FB_TESTS_SUPPORT_EXTENT_LAB_H
#define FB_TESTS_SUPPORT_EXTENT_LAB_H

#include "device/extents.h"
#include "support/disk.h"

enum { LAB_DISKS_MAX = 4, LAB_BLOCK = 4096, LAB_SECTOR = 512 };

/*
 * struct extent_lab - what a test took; all zero is nothing
 * @mnt: where the file system is mounted
 * @partition: "/dev/loop3p1" of the first disk, once there is one
 */
struct extent_lab {
	char folder[TMPDIR_LEN];
	char mnt[TMPDIR_LEN + 8];
	struct disk disk[LAB_DISKS_MAX];
	size_t n;
	bool mounted;
	char partition[48];
};

/* extent_lab_enter, extent_lab_leave - 0 or -1; leave gives back whatever was taken */
int extent_lab_enter(struct extent_lab *lab);
void extent_lab_leave(struct extent_lab *lab);

/* extent_lab_disks - @n loop devices of @mib each; skips the test where there are none
 */
void extent_lab_disks(struct extent_lab *lab, size_t n, unsigned mib);

/*
 * extent_lab_part - one partition on the first disk, @start sectors in, up to its end
 *
 * Skips the test where loop devices have no partitions.
 */
void extent_lab_part(struct extent_lab *lab, uint64_t start, unsigned mib);

/*
 * extent_lab_make - run mkfs and mount what it made
 * @mkfs: with its options; what to make it on, all disks, with the partition in place
 *        of the first when there is one, follows
 * @type: of the file system; @options: for mount
 *
 * Skips the test where that mkfs or file system is missing.
 */
void extent_lab_make(struct extent_lab *lab, const char *const *mkfs, const char *type,
		     const char *options);

/* extent_lab_open - a new file, its fd; @flags of FS_IOC_SETFLAGS */
int extent_lab_open(const struct extent_lab *lab, const char *name, int flags);

/* extent_lab_write - blocks @range[0] up to, not with, @range[1] of file @id */
void extent_lab_write(int fd, unsigned id, unsigned version, const uint64_t range[2]);

/*
 * struct extent_seen - what the devices hold of one version of a file
 * @inside, @outside: its sectors within and without the extents
 * @strange: sectors within them that are not of this file, whatever the version
 * @min, @max: how often a block is there
 */
struct extent_seen {
	uint64_t inside, outside, strange;
	unsigned min, max;
};

/*
 * extent_lab_look - read all disks
 * @e:   joined
 * @who: the file and its version; @blocks: how many it has
 */
struct extent_seen extent_lab_look(const struct extent_lab *lab,
				   const struct fb_extents *e, const unsigned who[2],
				   uint64_t blocks);

/* extent_lab_expect - each block @copies times, all inside, and nothing else there */
void extent_lab_expect(const struct extent_lab *lab, const struct fb_extents *e,
		       unsigned id, uint64_t blocks, unsigned copies);

/* extent_lab_sectors - how many @e, joined, holds */
uint64_t extent_lab_sectors(const struct fb_extents *e);

#endif
