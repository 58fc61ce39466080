#include "device/disk.h"

#include "device/sysfs.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The folder of the whole disk, that of a partition lies inside it. */
static int whole_disk(char folder[PATH_MAX], unsigned dev_major, unsigned dev_minor)
{
	char link[64], probe[PATH_MAX + 16];

	snprintf(link, sizeof(link), "/sys/dev/block/%u:%u", dev_major, dev_minor);
	if (!realpath(link, folder))
		return -ENODEV;
	snprintf(probe, sizeof(probe), "%s/partition", folder);
	if (!access(probe, F_OK))
		*strrchr(folder, '/') = '\0';
	return 0;
}

static enum fb_tri read_tri(const char *folder, const char *file, const char *yes,
			    const char *no)
{
	char text[32];

	if (fb_sysfs_read(text, sizeof(text), "%s/%s", folder, file))
		return FB_MAYBE;
	if (!strcmp(text, yes))
		return FB_YES;
	return strcmp(text, no) ? FB_MAYBE : FB_NO;
}

static enum fb_tri read_cache(const char *folder)
{
	return read_tri(folder, "queue/write_cache", "write back", "write through");
}

const char *fb_device_cache_changed(const struct fb_device *d)
{
	for (size_t i = 0; i < d->n_disks; i++) {
		const struct fb_disk *disk = &d->disks[i];
		char folder[PATH_MAX];

		if (!whole_disk(folder, disk->dev_major, disk->dev_minor) &&
		    read_cache(folder) != disk->write_cache)
			return disk->name;
	}
	return NULL;
}

static int fill(struct fb_disk *disk, const char *folder)
{
	char dev[32];

	if (fb_sysfs_read(dev, sizeof(dev), "%s/dev", folder) ||
	    sscanf(dev, "%u:%u", &disk->dev_major, &disk->dev_minor) != 2)
		return -ENODEV;
	snprintf(disk->name, sizeof(disk->name), "%s", strrchr(folder, '/') + 1);
	disk->write_cache = read_cache(folder);
	disk->fua = read_tri(folder, "queue/fua", "1", "0");
	disk->rotational = read_tri(folder, "queue/rotational", "1", "0");
	fb_sysfs_read(disk->model, sizeof(disk->model), "%s/device/model", folder);
	fb_sysfs_read(disk->backing_file, sizeof(disk->backing_file),
		      "%s/loop/backing_file", folder);
	return 0;
}

int fb_disk_add(struct fb_device *d, unsigned dev_major, unsigned dev_minor)
{
	struct fb_disk disk = {0};
	char folder[PATH_MAX];
	int ret;

	ret = whole_disk(folder, dev_major, dev_minor);
	if (!ret)
		ret = fill(&disk, folder);
	if (ret)
		return ret;
	for (size_t i = 0; i < d->n_disks; i++)
		if (d->disks[i].dev_major == disk.dev_major &&
		    d->disks[i].dev_minor == disk.dev_minor)
			return 0;
	if (d->n_disks == FB_DISKS_MAX)
		return -ENOSPC;
	d->disks[d->n_disks++] = disk;
	return 0;
}
