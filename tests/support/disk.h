/*
 * disk.h - loop devices and mounts that vanish with the test
 */
#ifndef FB_TESTS_SUPPORT_DISK_H
#define FB_TESTS_SUPPORT_DISK_H

#include "support/tmpdir.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* struct disk - a loop device on an image; all zero is none */
struct disk {
	char image[TMPDIR_LEN + 32];
	char dev[32];
	const char *name; /* within @dev */
	int fd;
};

/* disk_can_run - root and loop devices; else says on stderr what is missing */
bool disk_can_run(void);

/*
 * disk_loop - a free loop device on an open image, gone when the last user closes it
 * @direct: read and write the image past the page cache
 * @dev:    receives "/dev/loop3"
 *
 * An fd of the device, its queue as new; or -errno.
 */
int disk_loop(int image, bool direct, char dev[32]);

/*
 * disk_attach - a loop device of @size bytes, direct I/O, gone when closed
 * @name: of the image, in @folder
 */
int disk_attach(struct disk *d, const char *folder, const char *name, uint64_t size);

/* disk_detach - with no mount left on it the device is free again */
void disk_detach(struct disk *d);

/* disk_queue_get, disk_queue_set - a file of /sys/block/<name>/queue */
int disk_queue_get(const struct disk *d, const char *file, char *out, size_t room);
int disk_queue_set(const struct disk *d, const char *file, const char *value);

/* disk_run - run a program without output, argv ends in NULL; its exit code */
int disk_run(const char *const *argv);

#endif
