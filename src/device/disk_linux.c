#include "device/disk.h"

#include "device/sysfs.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The folder of the whole disk, that of a partition lies inside it. */
static int whole_disk(char folder[PATH_MAX], const char *entry, uint64_t *sector)
{
	char probe[PATH_MAX + 16], start[32];

	*sector = 0;
	if (!realpath(entry, folder))
		return -ENODEV;
	snprintf(probe, sizeof(probe), "%s/partition", folder);
	if (access(probe, F_OK))
		return 0;
	if (fb_sysfs_read(start, sizeof(start), "%s/start", folder) ||
	    sscanf(start, "%" SCNu64, sector) != 1)
		return -ENODEV;
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
		char entry[64];

		snprintf(entry, sizeof(entry), "/sys/dev/block/%u:%u", disk->dev_major,
			 disk->dev_minor);
		if (!access(entry, F_OK) && read_cache(entry) != disk->write_cache)
			return disk->name;
	}
	return NULL;
}

/* "none" is a disk that keeps nothing; "write back, no read (daft)" is a volatile one.
 */
static enum fb_tri scsi_cache(const char *folder, const char *id)
{
	char text[40];

	if (fb_sysfs_read(text, sizeof(text), "%s/device/scsi_disk/%s/cache_type",
			  folder, id))
		return FB_MAYBE;
	if (!strncmp(text, "write back", 10))
		return FB_YES;
	return strcmp(text, "write through") && strcmp(text, "none") ? FB_MAYBE : FB_NO;
}

static enum fb_tri own_cache(const char *folder)
{
	enum fb_tri cache = read_tri(folder, "cache_type", "write back",
				     "write through");
	char path[PATH_MAX + 32];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/device/scsi_disk", folder);
	dir = opendir(path);
	if (!dir)
		return cache;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			cache = scsi_cache(folder, entry->d_name);
	closedir(dir);
	return cache;
}

/* Without brackets there is nothing to choose from: bios pass such a disk by. */
static void read_scheduler(char *out, size_t room, const char *folder)
{
	char text[128], *begin;

	if (fb_sysfs_read(text, sizeof(text), "%s/queue/scheduler", folder))
		return;
	begin = strchr(text, '[');
	if (begin)
		snprintf(out, room, "%.*s", (int)strcspn(begin + 1, "]"), begin + 1);
}

static enum fb_tri has_queue(const char *folder)
{
	char path[PATH_MAX + 8];

	snprintf(path, sizeof(path), "%s/mq", folder);
	return access(path, F_OK) ? FB_NO : FB_YES;
}

static int fill(struct fb_disk *disk, const char *folder)
{
	char dev[32];

	if (fb_sysfs_read(dev, sizeof(dev), "%s/dev", folder) ||
	    sscanf(dev, "%u:%u", &disk->dev_major, &disk->dev_minor) != 2)
		return -ENODEV;
	snprintf(disk->name, sizeof(disk->name), "%s", strrchr(folder, '/') + 1);
	disk->write_cache = read_cache(folder);
	disk->own_cache = own_cache(folder);
	disk->fua = read_tri(folder, "queue/fua", "1", "0");
	disk->rotational = read_tri(folder, "queue/rotational", "1", "0");
	disk->queued = has_queue(folder);
	disk->direct_io = read_tri(folder, "loop/dio", "1", "0");
	read_scheduler(disk->scheduler, sizeof(disk->scheduler), folder);
	fb_sysfs_read(disk->model, sizeof(disk->model), "%s/device/model", folder);
	fb_sysfs_read(disk->backing_file, sizeof(disk->backing_file),
		      "%s/loop/backing_file", folder);
	return 0;
}

int fb_disk_at(const char *entry, struct fb_disk *disk, uint64_t *sector)
{
	struct fb_disk found = {0};
	char folder[PATH_MAX];
	uint64_t start;
	int ret;

	ret = whole_disk(folder, entry, &start);
	if (!ret)
		ret = fill(&found, folder);
	if (ret)
		return ret;
	*disk = found;
	if (sector)
		*sector = start;
	return 0;
}

int fb_disk_place(unsigned dev_major, unsigned dev_minor, struct fb_disk *disk,
		  uint64_t *sector)
{
	char entry[64];

	snprintf(entry, sizeof(entry), "/sys/dev/block/%u:%u", dev_major, dev_minor);
	return fb_disk_at(entry, disk, sector);
}

int fb_disk_add(struct fb_device *d, unsigned dev_major, unsigned dev_minor)
{
	struct fb_disk disk;
	int ret = fb_disk_place(dev_major, dev_minor, &disk, NULL);

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
