/*
 * sysfs.h - one-line files of the kernel
 */
#ifndef FB_DEVICE_SYSFS_H
#define FB_DEVICE_SYSFS_H

#include <stddef.h>

/*
 * fb_sysfs_read - the first line of a file, blanks at its end removed
 * @fmt: the file's path
 *
 * 0; a negative errno with @out untouched; -ENODATA when the file is empty. A line
 * too long is cut.
 */
int fb_sysfs_read(char *out, size_t room, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
