/*
 * extents.h - where on their disks the blocks of files lie
 */
#ifndef FB_DEVICE_EXTENTS_H
#define FB_DEVICE_EXTENTS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* struct fb_extent - sectors of 512 bytes from @begin up to, not with, @end of a whole
 * disk, whatever partition the file system is on */
struct fb_extent {
	unsigned dev_major, dev_minor;
	uint64_t begin, end;
};

/*
 * struct fb_extents - a growing list; all zero is an empty one
 * @unknown: why some blocks could not be placed ("btrfs: raid5 chunks"), else empty
 */
struct fb_extents {
	struct fb_extent *list;
	size_t n;
	size_t room;
	char unknown[160];
};

/*
 * fb_extents_add_folder - the blocks of every file in @dir and in the folders below it
 * fb_extents_add_file   - of one open file
 *
 * By FIEMAP, without syncing anything: what has no block yet, or lies in the file
 * system's metadata (inline), is not there; what is reserved but not written is. On
 * btrfs, whose addresses are logical, translated through the chunk tree (which takes
 * root); files that are not written in place, all but those without copy-on-write, have
 * all data chunks, for that is where their next blocks will come from. Data chunks are
 * those that hold metadata as well, too (mkfs.btrfs --mixed), so there metadata passes
 * for data. A file system that cannot tell, that moves its blocks with every write
 * (f2fs), or an address that cannot be translated, sets @unknown and is no error.
 * Extents that are there already are added again: fb_extents_join makes one of them.
 * Symbolic links are not followed and other file systems not entered. On an overlay it
 * is the upper folder's file system that is asked; files still in a lower one, which
 * nothing was written to, must not be there.
 *
 * 0 or a negative errno: the folder cannot be read, no memory.
 */
int fb_extents_add_folder(struct fb_extents *e, const char *dir, struct fb_err *err);
int fb_extents_add_file(struct fb_extents *e, int fd, struct fb_err *err);

/* fb_extents_add_device - all of a block device, which may be a partition */
int fb_extents_add_device(struct fb_extents *e, const char *device, struct fb_err *err);

/* fb_extents_add - one more; empty ones are left out. 0 or -ENOMEM */
int fb_extents_add(struct fb_extents *e, const struct fb_extent *x);

/* fb_extents_unknown - say why some blocks have no place; the first reason stays */
void fb_extents_unknown(struct fb_extents *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* fb_extents_join - sort by disk and place, make one of those that touch or overlap */
void fb_extents_join(struct fb_extents *e);

/* fb_extents_hold - is a sector of a whole disk inside? Only after fb_extents_join. */
bool fb_extents_hold(const struct fb_extents *e, unsigned dev_major, unsigned dev_minor,
		     uint64_t sector);

void fb_extents_free(struct fb_extents *e);

#endif
