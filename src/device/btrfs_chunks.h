/*
 * btrfs_chunks.h - from btrfs's logical addresses to places on its disks
 */
#ifndef FB_DEVICE_BTRFS_CHUNKS_H
#define FB_DEVICE_BTRFS_CHUNKS_H

#include "device/extents.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a chunk is spread, named as btrfs does. */
enum fb_btrfs_profile {
	FB_BTRFS_SINGLE,
	FB_BTRFS_DUP,
	FB_BTRFS_RAID0,
	FB_BTRFS_RAID1, /* with three or four copies likewise */
	FB_BTRFS_RAID10,
	FB_BTRFS_RAID5,
	FB_BTRFS_RAID6,
	FB_BTRFS_NEW, /* one that we do not know */
};

/*
 * struct fb_btrfs_stripe - a chunk's part on one device
 * @placed: the device was found
 * @begin:  bytes from the start of the whole disk
 */
struct fb_btrfs_stripe {
	bool placed;
	unsigned dev_major, dev_minor;
	uint64_t begin;
};

/*
 * struct fb_btrfs_chunk - @length bytes from the logical address @logical
 * @data:   holds data, perhaps metadata, too
 * @stripe: @n_stripes of them from this one on in the list; @sub_stripes of RAID10 are
 *          copies of each other
 * @stripe_len: bytes before the next stripe's turn
 */
struct fb_btrfs_chunk {
	uint64_t logical, length, stripe_len;
	enum fb_btrfs_profile profile;
	bool data;
	size_t stripe;
	unsigned n_stripes, sub_stripes;
};

/* struct fb_btrfs - the chunk tree, by logical address; all zero is an empty one */
struct fb_btrfs {
	struct fb_btrfs_chunk *chunks;
	size_t n_chunks;
	struct fb_btrfs_stripe *stripes;
	size_t n_stripes;
};

/*
 * fb_btrfs_read - the chunk tree of the file system that an open file lies on
 *
 * 0; -EPERM without root; -ENOMEM; -EIO when an item makes no sense; or what the ioctl
 * said. A device that cannot be found from here is no error. Release with
 * fb_btrfs_free.
 */
int fb_btrfs_read(struct fb_btrfs *out, int fd);
void fb_btrfs_free(struct fb_btrfs *b);

/*
 * fb_btrfs_add_range - where @length bytes from a logical address on lie, all copies
 *
 * What lies in no chunk, on a device that was not found, or in RAID5 and RAID6, where a
 * write moves more than itself, sets the list's unknown. 0 or -ENOMEM.
 */
int fb_btrfs_add_range(struct fb_extents *e, const struct fb_btrfs *b, uint64_t logical,
		       uint64_t length);

/* fb_btrfs_add_data - all data chunks, parity included; likewise */
int fb_btrfs_add_data(struct fb_extents *e, const struct fb_btrfs *b);

#endif
