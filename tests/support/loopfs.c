#include "support/loopfs.h"

#include "support/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int run(const char *const *argv)
{
	return disk_run(argv) ? -EIO : 0;
}

static int make_fs(const char *type, const char *image)
{
	char mkfs[32];
	const char *ext4[] = {
		mkfs,  "-q", "-F", "-b", "4096", "-E", "nodiscard,lazy_itable_init=0",
		image, NULL};
	const char *xfs[] = {mkfs, "-q", "-f", "-K", image, NULL};
	const char *btrfs[] = {mkfs, "-q", "-f", "-K", image, NULL};

	snprintf(mkfs, sizeof(mkfs), "mkfs.%s", type);
	if (!strcmp(type, "ext4"))
		return run(ext4);
	if (!strcmp(type, "xfs"))
		return run(xfs);
	if (!strcmp(type, "btrfs"))
		return run(btrfs);
	return -EINVAL;
}

static int make_image(const struct loopfs_spec *spec, char *image)
{
	const int fd = open(image, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int ret;

	if (fd < 0)
		return -errno;
	ret = ftruncate(fd, (off_t)spec->bytes) ? -errno : make_fs(spec->type, image);
	close(fd);
	if (ret)
		unlink(image);
	return ret;
}

/* An fd of the device, which lives as long as that or the mount does; or -errno. */
static int attach_new_image(struct loopfs *l, const struct loopfs_spec *spec)
{
	char image[2 * TMPDIR_LEN];
	int fd;
	int ret;

	snprintf(image, sizeof(image), "%s/%s.img",
		 spec->image_in ? spec->image_in : l->top, strrchr(l->top, '/') + 1);
	ret = make_image(spec, image);
	if (ret)
		return ret;
	fd = open(image, O_RDWR | O_CLOEXEC);
	ret = fd < 0 ? -errno : disk_loop(fd, false, l->device);
	if (fd >= 0)
		close(fd);
	unlink(image);
	return ret;
}

int loopfs_mount(struct loopfs *l, const struct loopfs_spec *spec)
{
	int ret = own_mounts();
	int fd;

	memset(l, 0, sizeof(*l));
	if (!ret)
		ret = tmpdir_make(l->top);
	if (ret)
		return ret;
	tmpdir_join(l->dir, sizeof(l->dir), l->top, "mnt");
	ret = mkdir(l->dir, 0700) ? -errno : attach_new_image(l, spec);
	if (ret >= 0) {
		fd = ret;
		ret = mount(l->device, l->dir, spec->type, 0, spec->options) ? -errno
									     : 0;
		close(fd);
	}
	if (ret) {
		tmpdir_remove(l->top);
		memset(l, 0, sizeof(*l));
		return ret;
	}
	l->name = l->device + strlen("/dev/");
	return 0;
}

static void wait_until_free(const char *name)
{
	const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
	char path[96];

	snprintf(path, sizeof(path), "/sys/block/%s/loop/backing_file", name);
	for (int i = 0; i < 500 && !access(path, F_OK); i++)
		nanosleep(&pause, NULL);
}

void loopfs_unmount(struct loopfs *l)
{
	if (!l->top[0])
		return;
	if (!umount2(l->dir, 0))
		wait_until_free(l->name);
	else
		umount2(l->dir, MNT_DETACH);
	tmpdir_remove(l->top);
	memset(l, 0, sizeof(*l));
}

/* Listed only once loaded, so modprobe first; without modules it may well fail. */
static int kernel_has(const char *type)
{
	char name[32];
	const char *argv[] = {"modprobe", "-q", name, NULL};
	char line[64];
	int found = 0;
	FILE *f;

	snprintf(name, sizeof(name), "%s", type);
	run(argv);
	snprintf(name, sizeof(name), "\t%s\n", type);
	f = fopen("/proc/filesystems", "re");
	while (f && !found && fgets(line, sizeof(line), f))
		found = !strcmp(line, name);
	if (f)
		fclose(f);
	return found;
}

const char *loopfs_missing(const char *type)
{
	static char why[96];
	char mkfs[32];
	const char *argv[] = {mkfs, "-V", NULL};
	int ret;

	if (!disk_can_run())
		return "no loop devices";
	ret = own_mounts();
	if (ret) {
		snprintf(why, sizeof(why), "no mount namespace: %s", strerror(-ret));
		return why;
	}
	snprintf(mkfs, sizeof(mkfs), "mkfs.%s", type);
	if (run(argv)) {
		snprintf(why, sizeof(why), "%s is not installed", mkfs);
		return why;
	}
	if (!kernel_has(type)) {
		snprintf(why, sizeof(why), "the kernel has no %s", type);
		return why;
	}
	return NULL;
}

int loopfs_read_io(const struct loopfs *l, struct loopfs_io *out)
{
	uint64_t sectors;
	uint64_t flushes;
	char path[64];
	FILE *f;
	int n;

	snprintf(path, sizeof(path), "/sys/block/%s/stat", l->name);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	n = fscanf(f,
		   "%*u %*u %*u %*u %*u %*u %" SCNu64
		   " %*u %*u %*u %*u %*u %*u %*u %*u %" SCNu64,
		   &sectors, &flushes);
	fclose(f);
	if (n != 2)
		return -ENODATA;
	out->bytes_written = sectors * 512;
	out->flushes = flushes;
	return 0;
}

const char *loopfs_fail(const struct loopfs *l)
{
	char trigger[96];
	int fd;

	snprintf(trigger, sizeof(trigger), "/sys/fs/ext4/%s/trigger_fs_error", l->name);
	fd = open(trigger, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return "there is no trigger_fs_error in /sys/fs/ext4";
	/* Without effect the caller's test fails, which is as it should be. */
	if (write(fd, "1", 1) != 1)
		perror(trigger);
	close(fd);
	return NULL;
}
