#include "support/loopfs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CONTROL "/dev/loop-control"

static int run(char *const argv[])
{
	const pid_t pid = fork();
	int status;
	int null;

	if (pid < 0)
		return -errno;
	if (!pid) {
		setenv("PATH", "/usr/sbin:/sbin:/usr/bin:/bin", 1);
		null = open("/dev/null", O_RDWR);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execvp(argv[0], argv);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -EIO;
}

static int make_fs(const char *type, char *image)
{
	char mkfs[32];
	char *ext4[] = {
		mkfs,  "-q", "-F", "-b", "4096", "-E", "nodiscard,lazy_itable_init=0",
		image, NULL};
	char *xfs[] = {mkfs, "-q", "-f", "-K", image, NULL};
	char *btrfs[] = {mkfs, "-q", "-f", "-K", image, NULL};

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

/* A free device may be taken by another process before we have it: try again. */
static int attach(int image, char device[32])
{
	const struct loop_config config = {
		.fd = (uint32_t)image,
		.info = {.lo_flags = LO_FLAGS_AUTOCLEAR},
	};
	const int control = open(CONTROL, O_RDWR | O_CLOEXEC);
	int ret = -EBUSY;
	int number;
	int fd;

	if (control < 0)
		return -errno;
	for (int i = 0; i < 16 && ret == -EBUSY; i++) {
		number = ioctl(control, LOOP_CTL_GET_FREE);
		snprintf(device, 32, "/dev/loop%d", number);
		fd = number < 0 ? -1 : open(device, O_RDWR | O_CLOEXEC);
		if (fd < 0) {
			ret = -errno;
			break;
		}
		ret = fd;
		if (ioctl(fd, LOOP_CONFIGURE, &config)) {
			ret = -errno;
			close(fd);
		}
	}
	close(control);
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
	ret = fd < 0 ? -errno : attach(fd, l->device);
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
	char *argv[] = {"modprobe", "-q", name, NULL};
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
	char *argv[] = {mkfs, "-V", NULL};
	int ret;

	if (geteuid())
		return "loop devices need root";
	if (access(CONTROL, R_OK | W_OK))
		return "there is no " CONTROL;
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
