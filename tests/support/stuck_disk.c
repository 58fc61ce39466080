#include "support/stuck_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int refuse(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	return -1;
}

static int make_base(struct stuck_disk *s, const char *folder)
{
	if (!disk_can_run())
		return -1;
	if (disk_attach(&s->base, folder, "base", 32 << 20))
		return refuse("no loop device");
	const char *const mkfs[] = {"mkfs.ext4", "-q", "-F", s->base.dev, NULL};

	snprintf(s->mnt, sizeof(s->mnt), "%.120s/base.mnt", folder);
	if (disk_run(mkfs) || mkdir(s->mnt, 0700) ||
	    mount(s->base.dev, s->mnt, "ext4", 0, NULL))
		return refuse("no ext4");
	return 0;
}

int stuck_disk_make(struct stuck_disk *s, const char *folder)
{
	*s = (struct stuck_disk){.frozen = -1};
	if (make_base(s, folder))
		return -1;
	if (disk_attach(&s->disk, s->mnt, "image", 4 << 20))
		return refuse("no loop device");
	s->frozen = open(s->mnt, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ioctl(s->frozen, FIFREEZE, 0)) {
		refuse("a file system cannot be frozen");
		close(s->frozen);
		s->frozen = -1;
		return -1;
	}
	s->writer = fork();
	if (!s->writer) {
		static const char page[4096];

		if (pwrite(s->disk.fd, page, sizeof(page), 0) > 0)
			fsync(s->disk.fd);
		_exit(0);
	}
	return 0;
}

void stuck_disk_release(struct stuck_disk *s)
{
	if (s->frozen >= 0) {
		ioctl(s->frozen, FITHAW, 0);
		close(s->frozen);
	}
	s->frozen = -1;
	if (s->writer > 0)
		waitpid(s->writer, NULL, 0);
	s->writer = 0;
}

void stuck_disk_free(struct stuck_disk *s)
{
	if (!s->base.name)
		return;
	stuck_disk_release(s);
	disk_detach(&s->disk);
	umount2(s->mnt, MNT_DETACH);
	disk_detach(&s->base);
	memset(s, 0, sizeof(*s));
}
