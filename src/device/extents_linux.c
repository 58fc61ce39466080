#include "device/extents.h"

#include "device/btrfs_chunks.h"
#include "device/device.h"
#include "device/mountinfo.h"
#include "device/sysfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* An overlay cannot have an overlay's folder as its upper one for ever. */
enum { OVERLAY_DEPTH_MAX = 4, SECTOR = 512, MAPPED_AT_ONCE = 128 };

/* Their next write goes elsewhere, and nothing tells where. */
static const char *const moving_fs[] = {"f2fs", "nilfs2", "bcachefs", "zfs", NULL};

/*
 * struct home - what the addresses of a file system mean
 * @why:   its files cannot be placed; else empty
 * @btrfs: @chunks translate; else they count from @sector of the disk
 */
struct home {
	char fs[32];
	char why[128];
	unsigned dev_major, dev_minor;
	uint64_t sector;
	bool btrfs;
	struct fb_btrfs chunks;
};

/* struct walk - a folder's files being added */
struct walk {
	struct fb_extents *e;
	struct home home;
	unsigned dev_major, dev_minor;
	bool has_data_chunks;
};

union mapped {
	struct fiemap map;
	char room[sizeof(struct fiemap) +
		  MAPPED_AT_ONCE * sizeof(struct fiemap_extent)];
};

/* Reading a folder must not dirty its time of access; strangers are refused that. */
static int open_quietly(int at, const char *name, int flags)
{
	int fd = openat(at, name, flags | O_RDONLY | O_CLOEXEC | O_NOATIME);

	if (fd < 0 && errno == EPERM)
		fd = openat(at, name, flags | O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int find_home(struct home *h, int fd, int depth);

static int home_of_upper(struct home *h, const struct fb_mount *m, int depth)
{
	char *upper = fb_mount_value(m, "upperdir");
	int fd = -ENOENT;
	int ret = 0;

	if (upper && depth < OVERLAY_DEPTH_MAX)
		fd = open_quietly(AT_FDCWD, upper, O_DIRECTORY);
	free(upper);
	if (fd < 0) {
		snprintf(h->why, sizeof(h->why),
			 "overlay: its upper folder cannot be reached");
		return 0;
	}
	ret = find_home(h, fd, depth + 1);
	close(fd);
	return ret;
}

static int home_of_btrfs(struct home *h, int fd)
{
	int ret = fb_btrfs_read(&h->chunks, fd);

	if (ret == -ENOMEM)
		return ret;
	h->btrfs = !ret;
	if (ret)
		snprintf(h->why, sizeof(h->why), "btrfs: its chunk tree: %s%s",
			 strerror(-ret), ret == -EPERM ? " (needs root)" : "");
	return 0;
}

static void home_of_disk(struct home *h, const struct statx *st)
{
	struct fb_disk disk;

	for (const char *const *fs = moving_fs; *fs; fs++)
		if (!strcmp(h->fs, *fs))
			snprintf(h->why, sizeof(h->why),
				 "%s: every write goes to new blocks", h->fs);
	if (!*h->why &&
	    (!st->stx_dev_major ||
	     fb_disk_place(st->stx_dev_major, st->stx_dev_minor, &disk, &h->sector)))
		snprintf(h->why, sizeof(h->why), "%s: it lies on no block device",
			 h->fs);
	if (*h->why)
		return;
	h->dev_major = disk.dev_major;
	h->dev_minor = disk.dev_minor;
}

static int find_home(struct home *h, int fd, int depth)
{
	struct fb_mount m;
	struct statx st;
	char path[32];
	int ret = 0;

	*h = (struct home){0};
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, &st))
		return -errno;
	if (fb_mount_of(&m, &st, path)) {
		snprintf(h->why, sizeof(h->why), "its mount is not known");
		return 0;
	}
	snprintf(h->fs, sizeof(h->fs), "%s", m.fs);
	if (!strcmp(m.fs, "overlay"))
		ret = home_of_upper(h, &m, depth);
	else if (!strcmp(m.fs, "btrfs"))
		ret = home_of_btrfs(h, fd);
	else
		home_of_disk(h, &st);
	fb_mount_free(&m);
	return ret;
}

static int add_mapped(struct walk *w, const struct fiemap_extent *x)
{
	const struct home *h = &w->home;
	const uint64_t end = x->fe_physical + x->fe_length;

	if (x->fe_flags & (FIEMAP_EXTENT_UNKNOWN | FIEMAP_EXTENT_DELALLOC |
			   FIEMAP_EXTENT_DATA_INLINE))
		return 0;
	if (h->btrfs)
		return fb_btrfs_add_range(w->e, &h->chunks, x->fe_physical,
					  x->fe_length);
	return fb_extents_add(w->e,
			      &(struct fb_extent){
				      .dev_major = h->dev_major,
				      .dev_minor = h->dev_minor,
				      .begin = h->sector + x->fe_physical / SECTOR,
				      .end = h->sector + (end + SECTOR - 1) / SECTOR,
			      });
}

/* 1 when there may be more, from @from on. */
static int add_some(struct walk *w, int fd, uint64_t *from)
{
	union mapped m;
	const struct fiemap_extent *last;

	memset(&m, 0, sizeof(m));
	m.map.fm_start = *from;
	m.map.fm_length = FIEMAP_MAX_OFFSET - *from;
	m.map.fm_extent_count = MAPPED_AT_ONCE;
	if (ioctl(fd, FS_IOC_FIEMAP, &m.map)) {
		if (errno == ENOMEM)
			return -ENOMEM;
		fb_extents_unknown(w->e, "%s: FIEMAP: %s", w->home.fs, strerror(errno));
		return 0;
	}
	for (uint32_t i = 0; i < m.map.fm_mapped_extents; i++)
		if (add_mapped(w, &m.map.fm_extents[i]))
			return -ENOMEM;
	if (!m.map.fm_mapped_extents)
		return 0;
	last = &m.map.fm_extents[m.map.fm_mapped_extents - 1];
	if (last->fe_flags & FIEMAP_EXTENT_LAST ||
	    last->fe_logical + last->fe_length <= *from)
		return 0;
	*from = last->fe_logical + last->fe_length;
	return 1;
}

static bool is_written_in_place(const struct walk *w, int fd)
{
	int flags;

	return !w->home.btrfs ||
	       (!ioctl(fd, FS_IOC_GETFLAGS, &flags) && flags & FS_NOCOW_FL);
}

/* Its addresses count from another device than the one the file system names. */
static bool is_realtime(const struct walk *w, int fd)
{
	struct fsxattr attr;

	return !strcmp(w->home.fs, "xfs") && !ioctl(fd, FS_IOC_FSGETXATTR, &attr) &&
	       attr.fsx_xflags & FS_XFLAG_REALTIME;
}

static int add_open(struct walk *w, int fd)
{
	uint64_t from = 0;
	int ret = 1;

	if (*w->home.why) {
		fb_extents_unknown(w->e, "%s", w->home.why);
		return 0;
	}
	if (is_realtime(w, fd)) {
		fb_extents_unknown(w->e, "xfs: a file on its realtime device");
		return 0;
	}
	if (is_written_in_place(w, fd)) {
		while (ret == 1)
			ret = add_some(w, fd, &from);
		return ret;
	}
	if (w->has_data_chunks)
		return 0;
	w->has_data_chunks = true;
	return fb_btrfs_add_data(w->e, &w->home.chunks);
}

static int add_named(struct walk *w, int at, const char *name)
{
	int fd = open_quietly(at, name, O_NOFOLLOW | O_NONBLOCK);
	int ret;

	if (fd == -ENOENT)
		return 0;
	if (fd < 0) {
		fb_extents_unknown(w->e, "%s: %s", name, strerror(-fd));
		return 0;
	}
	ret = add_open(w, fd);
	close(fd);
	return ret;
}

static int add_folder(struct walk *w, int fd);

static int add_entry(struct walk *w, int at, const char *name)
{
	struct stat st;
	int fd;

	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return 0;
	if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : -errno;
	if (S_ISREG(st.st_mode))
		return add_named(w, at, name);
	if (!S_ISDIR(st.st_mode) || major(st.st_dev) != w->dev_major ||
	    minor(st.st_dev) != w->dev_minor)
		return 0;
	fd = open_quietly(at, name, O_NOFOLLOW | O_DIRECTORY);
	if (fd == -ENOENT)
		return 0;
	return fd < 0 ? fd : add_folder(w, fd);
}

/* Closes @fd. */
static int add_folder(struct walk *w, int fd)
{
	struct dirent *entry;
	int ret = 0;
	DIR *dir = fdopendir(fd);

	if (!dir) {
		ret = -errno;
		close(fd);
		return ret;
	}
	while (!ret && (errno = 0, entry = readdir(dir)))
		ret = add_entry(w, fd, entry->d_name);
	if (!ret && errno)
		ret = -errno;
	closedir(dir);
	return ret;
}

static int begin_walk(struct walk *w, struct fb_extents *e, int fd)
{
	struct stat st;

	*w = (struct walk){.e = e};
	if (fstat(fd, &st))
		return -errno;
	w->dev_major = major(st.st_dev);
	w->dev_minor = minor(st.st_dev);
	return find_home(&w->home, fd, 0);
}

/* What a failing call leaves untouched. */
static void put_back(struct fb_extents *e, const struct fb_extents *before)
{
	e->n = before->n;
	memcpy(e->unknown, before->unknown, sizeof(e->unknown));
}

int fb_extents_add_folder(struct fb_extents *e, const char *dir, struct fb_err *err)
{
	const struct fb_extents before = *e;
	struct walk w = {0};
	int fd = open_quietly(AT_FDCWD, dir, O_DIRECTORY);
	int ret = fd < 0 ? fd : begin_walk(&w, e, fd);

	if (!ret)
		ret = add_folder(&w, fd);
	else if (fd >= 0)
		close(fd);
	fb_btrfs_free(&w.home.chunks);
	if (!ret)
		return 0;
	put_back(e, &before);
	return fb_err_set(err, ret, "%s: where its files lie cannot be read: %s", dir,
			  strerror(-ret));
}

int fb_extents_add_file(struct fb_extents *e, int fd, struct fb_err *err)
{
	const struct fb_extents before = *e;
	struct walk w;
	int ret = begin_walk(&w, e, fd);

	if (!ret)
		ret = add_open(&w, fd);
	fb_btrfs_free(&w.home.chunks);
	if (!ret)
		return 0;
	put_back(e, &before);
	return fb_err_set(err, ret, "where a file lies cannot be read: %s",
			  strerror(-ret));
}

int fb_extents_add_device(struct fb_extents *e, const char *device, struct fb_err *err)
{
	struct fb_extent x;
	struct fb_disk disk;
	uint64_t sectors;
	struct stat st;
	char size[32];
	int ret;

	if (stat(device, &st))
		return fb_err_set(err, -errno, "%s: %s", device, strerror(errno));
	if (!S_ISBLK(st.st_mode))
		return fb_err_set(err, -ENOTBLK, "%s: no block device", device);
	ret = fb_disk_place(major(st.st_rdev), minor(st.st_rdev), &disk, &x.begin);
	if (!ret && (fb_sysfs_read(size, sizeof(size), "/sys/dev/block/%u:%u/size",
				   major(st.st_rdev), minor(st.st_rdev)) ||
		     sscanf(size, "%" SCNu64, &sectors) != 1))
		ret = -ENODEV;
	if (ret)
		return fb_err_set(err, ret, "%s: the kernel does not tell its size",
				  device);
	x.dev_major = disk.dev_major;
	x.dev_minor = disk.dev_minor;
	x.end = x.begin + sectors;
	ret = fb_extents_add(e, &x);
	return ret ? fb_err_set(err, ret, "%s: %s", device, strerror(-ret)) : 0;
}
