#include "path/claim.h"

#include "device/device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static bool is_device_dax(const struct stat *s)
{
	uint64_t bytes, align;

	return S_ISCHR(s->st_mode) &&
	       !fb_dax_size(major(s->st_rdev), minor(s->st_rdev), &bytes, &align);
}

int fb_device_bytes(const char *path, uint64_t *bytes)
{
	struct stat s;
	uint64_t align;
	off_t end;
	int fd, ret;

	if (stat(path, &s))
		return -errno;
	if (S_ISCHR(s.st_mode))
		return fb_dax_size(major(s.st_rdev), minor(s.st_rdev), bytes, &align);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	end = lseek(fd, 0, SEEK_END);
	ret = end < 0 ? -errno : 0;
	close(fd);
	if (!ret)
		*bytes = (uint64_t)end;
	return ret;
}

static int claim_block(const char *path, int *claim, struct fb_err *err)
{
	/* On a block device O_EXCL means: not mounted, and not to be. */
	int fd = open(path, O_RDONLY | O_EXCL | O_CLOEXEC);

	if (fd < 0)
		return fb_err_set(err, -errno,
				  "--target %s: %s; unmount it, or name another", path,
				  errno == EBUSY ? "mounted or otherwise in use"
						 : strerror(errno));
	*claim = fd;
	return 0;
}

/* Nothing mounts it, and nothing hinders others from mapping it: only runs heed the
 * lock. */
static int claim_dax(const char *path, int *claim, struct fb_err *err)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	int ret = -errno;

	if (fd < 0)
		return fb_err_set(err, ret,
				  "--target %s: %s; name a device you may write to",
				  path, strerror(-ret));
	do
		ret = flock(fd, LOCK_EX | LOCK_NB) ? -errno : 0;
	while (ret == -EINTR);
	if (!ret) {
		*claim = fd;
		return 0;
	}
	close(fd);
	if (ret == -EWOULDBLOCK)
		return fb_err_set(err, -EBUSY,
				  "--target %s is in use by another run; wait for it "
				  "or name another",
				  path);
	return fb_err_set(err, ret, "--target %s cannot be locked: %s; name another",
			  path, strerror(-ret));
}

int fb_claim_device(const char *path, int *claim, struct fb_err *err)
{
	struct stat s;

	if (stat(path, &s))
		return fb_err_set(err, -errno,
				  "--target %s: %s; name a device you may write to",
				  path, strerror(errno));
	if (S_ISBLK(s.st_mode))
		return claim_block(path, claim, err);
	if (is_device_dax(&s))
		return claim_dax(path, claim, err);
	return fb_err_set(err, -ENOTBLK,
			  "--allow-device %s is neither a block device nor a device "
			  "DAX; for a folder --target alone is enough",
			  path);
}

void fb_claim_end(int claim)
{
	close(claim);
}
