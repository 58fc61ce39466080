#include "support/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

bool disk_can_run(void)
{
	if (geteuid() != 0)
		fprintf(stderr, "needs root for loop devices and mounts\n");
	else if (access("/dev/loop-control", R_OK | W_OK))
		fprintf(stderr, "needs /dev/loop-control: %s\n", strerror(errno));
	else
		return true;
	return false;
}

/* Its queue keeps what it was told when the device gets another image. */
static void reset_queue(const char *name)
{
	const struct disk d = {.name = name};

	disk_queue_set(&d, "write_cache", "write back");
	disk_queue_set(&d, "iostats", "1");
}

/* A free device may be taken by another process before we have it: try again. */
int disk_loop(int image, bool direct, char dev[32])
{
	const struct loop_config config = {
		.fd = (unsigned)image,
		.block_size = 512,
		.info.lo_flags = LO_FLAGS_AUTOCLEAR | (direct ? LO_FLAGS_DIRECT_IO : 0),
	};
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int ret = -EBUSY;

	if (control < 0)
		return -errno;
	for (int tries = 0; ret == -EBUSY && tries < 50; tries++) {
		int n = ioctl(control, LOOP_CTL_GET_FREE);

		snprintf(dev, 32, "/dev/loop%d", n);
		ret = n < 0 ? -1 : open(dev, O_RDWR | O_CLOEXEC);
		if (ret < 0) {
			ret = -errno;
			break;
		}
		if (ioctl(ret, LOOP_CONFIGURE, &config)) {
			n = -errno;
			close(ret);
			ret = n;
		}
	}
	close(control);
	if (ret >= 0)
		reset_queue(dev + strlen("/dev/"));
	return ret;
}

int disk_attach(struct disk *d, const char *folder, const char *name, uint64_t size)
{
	int image, ret;

	*d = (struct disk){0};
	tmpdir_join(d->image, sizeof(d->image), folder, name);
	image = open(d->image, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (image < 0)
		return -errno;
	ret = ftruncate(image, (off_t)size) ? -errno : disk_loop(image, true, d->dev);
	close(image);
	if (ret < 0) {
		*d = (struct disk){0};
		return ret;
	}
	d->fd = ret;
	d->name = d->dev + strlen("/dev/");
	return 0;
}

void disk_detach(struct disk *d)
{
	if (!d->name)
		return;
	reset_queue(d->name);
	close(d->fd);
	unlink(d->image);
	*d = (struct disk){0};
}

static int queue_open(const struct disk *d, const char *file, int flags)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/block/%s/queue/%s", d->name, file);
	return open(path, flags | O_CLOEXEC);
}

int disk_queue_get(const struct disk *d, const char *file, char *out, size_t room)
{
	int fd = queue_open(d, file, O_RDONLY);
	ssize_t got = fd < 0 ? -1 : read(fd, out, room - 1);

	if (fd >= 0)
		close(fd);
	if (got < 0)
		return -EIO;
	out[got] = '\0';
	out[strcspn(out, "\n")] = '\0';
	return 0;
}

int disk_queue_set(const struct disk *d, const char *file, const char *value)
{
	int fd = queue_open(d, file, O_WRONLY);
	ssize_t put = fd < 0 ? -1 : write(fd, value, strlen(value));

	if (fd >= 0)
		close(fd);
	return put < 0 ? -EIO : 0;
}

int disk_run(const char *const *argv)
{
	pid_t pid = fork();
	int status, quiet;

	if (!pid) {
		/* mkfs lies where an ordinary PATH may not look */
		setenv("PATH", "/usr/sbin:/sbin:/usr/bin:/bin", 1);
		quiet = open("/dev/null", O_RDWR);
		dup2(quiet, 0);
		dup2(quiet, 1);
		dup2(quiet, 2);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
