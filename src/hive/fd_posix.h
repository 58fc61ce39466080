/*
 * fd_posix.h - all of the bytes, whatever a system call did of them
 *
 * Calls that a signal cut short are continued. 0 or a negative errno.
 */
#ifndef FB_HIVE_FD_POSIX_H
#define FB_HIVE_FD_POSIX_H

#include "hive/io.h"

#include <stddef.h>
#include <stdint.h>

/* fb_fd_sync_by - @call is fsync or fdatasync */
int fb_fd_sync_by(int (*call)(int), int fd);

/* fb_fd_sync_folder - @folder may be open for its path alone */
int fb_fd_sync_folder(int folder);

/* fb_fd_read - all of @bytes, or -ENODATA at the end of the file */
int fb_fd_read(int fd, uint64_t offset, char *data, size_t bytes);

/* fb_fd_write - all of @n spans, one after another; -EIO if nothing more is taken */
int fb_fd_write(int fd, uint64_t offset, const struct fb_hive_span *spans, unsigned n);

/*
 * fb_fd_grow - write zeros from @from, the end of the file, to @to
 *
 * Blocks are allocated first where the file system can. On failure some of it may be
 * there: fb_fd_cut gives it back.
 */
int fb_fd_grow(int fd, uint64_t from, uint64_t to);

/* fb_fd_cut - make the file @bytes long and let go of blocks beyond */
int fb_fd_cut(int fd, uint64_t bytes);

#endif
