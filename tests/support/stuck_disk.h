/*
 * stuck_disk.h - a loop device with a write that stays under way
 */
#ifndef FB_TESTS_SUPPORT_STUCK_DISK_H
#define FB_TESTS_SUPPORT_STUCK_DISK_H

#include "support/disk.h"

#include <sys/types.h>

/* struct stuck_disk - @disk's image lies on a frozen file system on @base */
struct stuck_disk {
	struct disk base, disk;
	char mnt[TMPDIR_LEN + 8];
	int frozen;
	pid_t writer;
};

/*
 * stuck_disk_make - in @folder, with private mounts; the write is soon under way
 *
 * 0, or -1 when it cannot be done here, said on stderr. stuck_disk_free in either
 * case; an all-zero one is left alone.
 */
int stuck_disk_make(struct stuck_disk *s, const char *folder);

/* stuck_disk_release - let the write end, and wait for it */
void stuck_disk_release(struct stuck_disk *s);
void stuck_disk_free(struct stuck_disk *s);

#endif
