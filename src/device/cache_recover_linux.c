#include "device/cache_off.h"

#include "device/cache_note.h"
#include "device/disk.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <stdio.h>
#include <unistd.h>

/*
 * Is the disk of this number still the one the note is about? A loop device's
 * queue keeps the switch when its file is exchanged, so one that nobody uses now
 * is put right too; in use, it is somebody else's.
 */
static bool is_ours(const struct fb_cache_note *n)
{
	struct fb_device now = {0};
	const struct fb_disk *disk = &now.disks[0];

	if (fb_disk_add(&now, n->dev_major, n->dev_minor) ||
	    strcmp(disk->name, n->disk))
		return false;
	if (fb_disk_seq(n->dev_major, n->dev_minor) == n->diskseq)
		return true;
	return !strncmp(disk->name, "loop", 4) && !*disk->backing_file;
}

/* 1 when the disk had to be put right, 0 when it was already, or an errno. */
static int put_right(const struct fb_cache_note *n)
{
	char now[FB_CACHE_WORD];
	int fd = fb_cache_word_open(n->dev_major, n->dev_minor);
	int ret;

	if (fd < 0)
		return fd;
	ret = fb_cache_word_get(fd, now);
	if (!ret && strcmp(now, n->was)) {
		ret = fb_cache_word_set(fd, n->was);
		if (!ret)
			ret = 1;
	}
	close(fd);
	return ret;
}

static void append_name(char *names, size_t room, const char *name)
{
	size_t used = strlen(names);

	if (used + strlen(name) + 2 <= room)
		snprintf(names + used, room - used, "%s%s", used ? "," : "", name);
}

static int recover_one(const char *path, char *restored, size_t room,
		       struct fb_err *err)
{
	struct fb_cache_note n;
	int ret = fb_note_read(&n, path);

	if (ret == -ENOENT)
		return 0;
	if (ret)
		return fb_err_set(err, ret, "%s: %s; remove it", path, strerror(-ret));
	if (fb_note_guarded(&n))
		return 0;
	ret = is_ours(&n) ? put_right(&n) : 0;
	if (ret < 0)
		return fb_err_set(err, ret,
				  "%s: a killed run left its write cache switched off "
				  "and it cannot be restored: %s; run as root",
				  n.disk, strerror(-ret));
	if (unlink(path) && errno != ENOENT)
		return fb_err_set(err, -errno, "%s: %s; run as root", path,
				  strerror(errno));
	if (ret)
		append_name(restored, room, n.disk);
	return 0;
}

static int refuse_unread(int ret, struct fb_err *err)
{
	return fb_err_set(err, ret,
			  FB_NOTE_DIR " cannot be read: %s; only there is told whether "
				      "a run has a write cache switched off",
			  strerror(-ret));
}

int fb_cache_off_recover(char *restored, size_t room, struct fb_err *err)
{
	struct dirent *entry;
	int first = 0, lock;
	DIR *dir;

	if (room)
		*restored = '\0';
	lock = fb_note_lock(false);
	if (lock == -ENOENT)
		return 0;
	dir = lock < 0 ? NULL : opendir(FB_NOTE_DIR);
	if (!dir)
		first = refuse_unread(lock < 0 ? lock : -errno, err);
	while (dir && (entry = readdir(dir))) {
		char path[sizeof(FB_NOTE_DIR) + sizeof(entry->d_name)];
		int ret;

		if (strncmp(entry->d_name, FB_NOTE_PREFIX, strlen(FB_NOTE_PREFIX)))
			continue;
		snprintf(path, sizeof(path), FB_NOTE_DIR "/%s", entry->d_name);
		ret = recover_one(path, restored, room, first ? NULL : err);
		if (ret && !first)
			first = ret;
	}
	if (dir)
		closedir(dir);
	if (lock >= 0)
		fb_note_unlock(lock);
	return first;
}

/* The note first: a guardian restores the disk, then removes it, without the lock. */
static int check_disk(struct fb_disk *disk, struct fb_err *err)
{
	int ret = fb_note_taken(disk, err);
	struct fb_device now = {0};

	if (!fb_disk_add(&now, disk->dev_major, disk->dev_minor))
		disk->write_cache = now.disks[0].write_cache;
	return disk->write_cache == FB_YES ? 0 : ret;
}

int fb_cache_off_check(struct fb_device *d, struct fb_err *err)
{
	struct fb_device now = *d;
	int lock, ret = 0;

	if (!d->n_disks)
		return 0;
	lock = fb_note_lock(false);
	/* Without the folder nothing was ever switched. */
	if (lock == -ENOENT)
		return 0;
	if (lock < 0)
		return refuse_unread(lock, err);
	for (size_t i = 0; !ret && i < now.n_disks; i++)
		ret = check_disk(&now.disks[i], err);
	fb_note_unlock(lock);
	if (!ret)
		*d = now;
	return ret;
}
