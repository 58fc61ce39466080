/*
 * io.h - the files of one hive, handed in as a table
 *
 * So the store is the same on every system, and a test can record its writes and
 * syncs, cut them short and tear them.
 */
#ifndef FB_HIVE_IO_H
#define FB_HIVE_IO_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fb_hive_file { FB_HIVE_PRIMARY, FB_HIVE_LOG1, FB_HIVE_LOG2, FB_HIVE_FILES };

/* struct fb_hive_span - bytes to be written, one after another with its neighbours */
struct fb_hive_span {
	const void *data;
	size_t bytes;
};

struct fb_hive_io;

/*
 * struct fb_hive_io_ops - what a hive does to its files
 * @size:    length of a file; -ENOENT when it is not there
 * @read:    all of @bytes, or -ENODATA past the end
 * @write:   all of the @n spans at @offset; extends the file. Not durable.
 * @reserve: afterwards the log is there and at least @bytes long, its new part
 *           written with zeros, all of it durable, its name too. -EEXIST: what is
 *           there is no log, so it is left alone
 * @sync:    what was written to the file, and its length, are durable
 * @name:    of a file, for messages; lives as long as the table
 * @close:   frees @io; syncs nothing
 *
 * 0 or a negative errno. One thread at a time.
 */
struct fb_hive_io_ops {
	int (*size)(struct fb_hive_io *io, enum fb_hive_file f, uint64_t *bytes);
	int (*read)(struct fb_hive_io *io, enum fb_hive_file f, uint64_t offset,
		    void *data, size_t bytes);
	int (*write)(struct fb_hive_io *io, enum fb_hive_file f, uint64_t offset,
		     const struct fb_hive_span *spans, unsigned n);
	int (*reserve)(struct fb_hive_io *io, enum fb_hive_file f, uint64_t bytes);
	int (*sync)(struct fb_hive_io *io, enum fb_hive_file f);
	const char *(*name)(struct fb_hive_io *io, enum fb_hive_file f);
	void (*close)(struct fb_hive_io *io);
};

/* struct fb_hive_io - first member of whatever stands behind the table */
struct fb_hive_io {
	const struct fb_hive_io_ops *ops;
};

enum fb_hive_access {
	FB_HIVE_READ,   /* nothing is written, no log is made */
	FB_HIVE_WRITE,  /* the primary must exist */
	FB_HIVE_CREATE, /* the primary must not exist; made, empty, with its folder
			   entry */
};

/*
 * fb_hive_disk_open - the primary @path and its logs @path.LOG1, @path.LOG2
 *
 * Where there is no .LOG1 but a .LOG, as XP names it, that begins with "regf", that one
 * is LOG1. If @path is a symbolic link, all of that is meant of the file it leads to. A
 * log is made, with the rights of the primary, when it is first reserved; a reserve
 * that fails removes it again, or cuts it to the length it had. A file whose first
 * sector neither begins with "regf" nor is all zeros is no log, and is not reserved. A
 * log that is a symbolic link can be read, not written: -ELOOP, unless @access is
 * FB_HIVE_READ.
 *
 * The primary is locked until it is closed: by one who writes, or any number who read
 * (-EBUSY). -ENOENT, -EEXIST (FB_HIVE_CREATE: also a log of that name, whose entries
 * might pass for the new hive's), -EACCES, -EISDIR, -EINVAL (no regular file),
 * -ENAMETOOLONG (a log's name too) and whatever else the system says, with @err naming
 * the file. With FB_HIVE_READ write, reserve and sync are -EROFS. On failure nothing is
 * left that was made.
 */
int fb_hive_disk_open(struct fb_hive_io **out, const char *path,
		      enum fb_hive_access access, struct fb_err *err);

#endif
