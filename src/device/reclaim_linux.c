#include "device/device.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

enum { STEP_MS = 10 };

static int wait_for_space(int fd, uint64_t need, unsigned timeout_ms)
{
	const struct timespec step = {.tv_nsec = STEP_MS * 1000000};
	struct statvfs s;

	for (unsigned ms = 0;; ms += STEP_MS) {
		if (fstatvfs(fd, &s))
			return -errno;
		if ((uint64_t)s.f_bavail * s.f_frsize >= need)
			return 0;
		if (ms >= timeout_ms)
			return -ETIMEDOUT;
		nanosleep(&step, NULL);
	}
}

int fb_device_reclaim(const char *path, uint64_t need, unsigned timeout_ms)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return -errno;
	ret = wait_for_space(fd, need, 0);
	if (ret == -ETIMEDOUT)
		ret = syncfs(fd) ? -errno : wait_for_space(fd, need, timeout_ms);
	close(fd);
	return ret;
}
