/*
 * disk.h - loop devices and mounts that vanish with the test
 */
#ifndef FB_TESTS_SUPPORT_DISK_H
#define FB_TESTS_SUPPORT_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* struct disk - a loop device on an image; all zero is none */
struct disk {
	char image[160];
	char dev[32];
	const char *name; /* within @dev */
	int fd;
};

/* disk_can_run - root and loop devices; else says on stderr what is missing */
bool disk_can_run(void);

/* disk_private_mounts - what is mounted from now on is gone with this process */
int disk_private_mounts(void);

/* disk_folder - make a folder under $TMPDIR or /tmp; remove it with disk_remove */
int disk_folder(char out[128]);
void disk_remove(const char *folder);

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
