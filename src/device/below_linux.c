#include "device/disk.h"

#include "device/mountinfo.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/loop.h>
#include <linux/major.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static bool same(const struct fb_disk *a, const struct fb_disk *b)
{
	return a->dev_major == b->dev_major && a->dev_minor == b->dev_minor;
}

/* brd, zram and null_blk: their major number alone does not tell the last two. */
static bool is_memory(const struct fb_disk *disk)
{
	return disk->dev_major == RAMDISK_MAJOR || !strncmp(disk->name, "zram", 4) ||
	       !strncmp(disk->name, "nullb", 5);
}

static void add(struct fb_device *d, const struct fb_disk *disk, const char *above)
{
	for (size_t i = 0; i < d->n_disks; i++)
		if (same(&d->disks[i], disk))
			return;
	for (size_t i = 0; i < d->n_below; i++)
		if (same(&d->below[i], disk))
			return;
	if (d->n_below == FB_DISKS_MAX)
		return;
	d->below[d->n_below] = *disk;
	snprintf(d->below[d->n_below++].above, FB_DISK_NAME, "%s", above);
}

static void add_members(struct fb_device *d, const struct fb_disk *disk,
			const char *root)
{
	char folder[PATH_MAX], entry[PATH_MAX + NAME_MAX + 2];
	struct fb_disk member;
	struct dirent *e;
	DIR *dir;

	snprintf(folder, sizeof(folder), "%s/sys/dev/block/%u:%u/slaves", root,
		 disk->dev_major, disk->dev_minor);
	dir = opendir(folder);
	if (!dir)
		return;
	while ((e = readdir(dir))) {
		snprintf(entry, sizeof(entry), "%s/%s", folder, e->d_name);
		if (e->d_name[0] != '.' && !fb_disk_at(entry, &member, NULL))
			add(d, &member, disk->name);
	}
	closedir(dir);
}

static void add_all(struct fb_device *d, const struct fb_device *from,
		    const char *above)
{
	if (from->medium == FB_MEDIUM_MEMORY)
		d->below_memory = true;
	for (size_t i = 0; i < from->n_disks; i++)
		add(d, &from->disks[i], above);
}

/* Needs the right to read the device; its name may be another one's in a container. */
static bool ask_loop(const struct fb_disk *disk, struct loop_info64 *info)
{
	char path[FB_DISK_NAME + 8];
	struct stat st;
	bool told;
	int fd;

	snprintf(path, sizeof(path), "/dev/%s", disk->name);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return false;
	told = !fstat(fd, &st) && S_ISBLK(st.st_mode) &&
	       st.st_rdev == makedev(disk->dev_major, disk->dev_minor) &&
	       !ioctl(fd, LOOP_GET_STATUS64, info);
	close(fd);
	return told;
}

/* The kernel tells the path as it was when the loop device was made: the file may be
 * deleted, and another mount namespace may have a different one there. */
static bool leads_to(const char *path, const struct loop_info64 *info)
{
	struct stat st;

	if (stat(path, &st))
		return false;
	return !info || (st.st_dev == info->lo_device && st.st_ino == info->lo_inode);
}

static void find_by_number(struct fb_device *from, dev_t dev)
{
	struct fb_device at;
	struct fb_mount m;
	FILE *f;

	if (major(dev)) {
		fb_disk_add(from, major(dev), minor(dev));
		return;
	}
	f = fopen("/proc/self/mountinfo", "re");
	if (!f)
		return;
	if (!fb_mount_find_dev(&m, f, 0, minor(dev))) {
		if (!fb_device_find(m.mount_point, &at) && !strcmp(at.fs, m.fs))
			*from = at;
		fb_mount_free(&m);
	}
	fclose(f);
}

static void add_backing(struct fb_device *d, const struct fb_disk *disk)
{
	struct fb_device from = {0};
	struct loop_info64 info = {0};
	bool told = ask_loop(disk, &info);

	if (told && info.lo_rdevice)
		find_by_number(&from, info.lo_rdevice);
	else if (leads_to(disk->backing_file, told ? &info : NULL))
		fb_device_find(disk->backing_file, &from);
	else if (told)
		find_by_number(&from, info.lo_device);
	add_all(d, &from, disk->name);
}

static void look_below(struct fb_device *d, const struct fb_disk *disk,
		       const char *root)
{
	if (is_memory(disk))
		d->below_memory = true;
	if (*disk->backing_file)
		add_backing(d, disk);
	else
		add_members(d, disk, root);
}

void fb_device_add_below(struct fb_device *d, const char *root)
{
	for (size_t i = 0; i < d->n_disks; i++)
		look_below(d, &d->disks[i], root);
	for (size_t i = 0; i < d->n_below; i++)
		look_below(d, &d->below[i], root);
}
