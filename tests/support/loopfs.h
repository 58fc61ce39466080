/*
 * loopfs.h - a real file system on a loop device, for one test
 *
 * Nothing outlives the process that mounted it: the image file has no name once it
 * is in use, the device lets go of it when it is unmounted, and the mount is in a
 * private namespace (own_mounts). Only an empty folder may stay after a kill -9.
 */
#ifndef FB_TESTS_LOOPFS_H
#define FB_TESTS_LOOPFS_H

#include "support/tmpdir.h"

#include <stdint.h>

/*
 * struct loopfs_spec - what to make
 * @type:     "ext4", "xfs" (at least 300 MiB), "btrfs" (at least 128 MiB)
 * @bytes:    size of the image, which is sparse
 * @options:  for mount, as "errors=remount-ro,commit=300"; NULL: none
 * @image_in: folder for the image; NULL: beside the mount point. If that is on a
 *            file system too small for @bytes the device runs out of space
 */
struct loopfs_spec {
	const char *type;
	uint64_t bytes;
	const char *options;
	const char *image_in;
};

/*
 * struct loopfs - a mounted one; all zero is none
 * @top:    folder of our own; @dir, the mount point, is in it
 * @device: "/dev/loop3"; @name: "loop3", as under /sys/block and /sys/fs/ext4
 */
struct loopfs {
	char top[TMPDIR_LEN];
	char dir[TMPDIR_LEN + 8];
	char device[32];
	const char *name;
};

/*
 * loopfs_missing - why no such file system can be made here
 *
 * NULL if it can. A reason for skip(): not root, no loop devices, no mkfs, no mount
 * namespaces, a kernel without that file system.
 */
const char *loopfs_missing(const char *type);

/* loopfs_mount - make it and mount it; 0 or -errno, then nothing is left */
int loopfs_mount(struct loopfs *l, const struct loopfs_spec *spec);

/*
 * loopfs_fail - an ext4 mounted with errors=remount-ro meets an error, and is read-only
 *
 * NULL, or why the kernel cannot be made to: a reason for skip().
 */
const char *loopfs_fail(const struct loopfs *l);

/*
 * loopfs_unmount - and wait until the device is free
 *
 * Files still open there keep the file system alive until they are closed. An
 * all-zero @l is left alone.
 */
void loopfs_unmount(struct loopfs *l);

/*
 * struct loopfs_io - what the device has been asked, ever: take differences
 * @bytes_written: data; @flushes: cache flushes, from Linux 5.5 on
 */
struct loopfs_io {
	uint64_t bytes_written;
	uint64_t flushes;
};

/* loopfs_read_io - 0 or -errno */
int loopfs_read_io(const struct loopfs *l, struct loopfs_io *out);

#endif
