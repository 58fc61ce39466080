#include "hive/io.h"

#include "hive/fd_posix.h"
#include "hive/regf.h"
#include "hive/told.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const suffixes[FB_HIVE_FILES] = {"", ".LOG1", ".LOG2"};

/*
 * @folder: where the names are, whatever becomes of its own name meanwhile
 * @base:   of a name, where its last part begins
 * @mode:   of the primary; a log holds the same, so no more people may read it
 * @fd:     -1: not opened yet
 */
struct disk {
	struct fb_hive_io io;
	bool writes, made;
	int folder;
	size_t base;
	mode_t mode;
	int fd[FB_HIVE_FILES];
	char name[FB_HIVE_FILES][PATH_MAX];
};

static struct disk *disk_of(struct fb_hive_io *io)
{
	return (struct disk *)io;
}

static const char *base_name(const struct disk *d, enum fb_hive_file f)
{
	return d->name[f] + d->base;
}

/* A link in place of a log might lead to any file, and that would be written over. */
static bool may_follow(const struct disk *d, enum fb_hive_file f)
{
	return f == FB_HIVE_PRIMARY || !d->writes;
}

/* Never waits for the other end of a pipe: what is no file is told afterwards. */
static int open_regular(struct disk *d, enum fb_hive_file f, int flags)
{
	struct stat st;
	int fd, ret = 0;

	flags |= O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	if (!may_follow(d, f))
		flags |= O_NOFOLLOW;
	do
		fd = openat(d->folder, base_name(d, f), flags, d->mode);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return errno == ENXIO ? -EINVAL : -errno;
	if (fstat(fd, &st))
		ret = -errno;
	else if (S_ISDIR(st.st_mode))
		ret = -EISDIR;
	else if (!S_ISREG(st.st_mode))
		ret = -EINVAL;
	if (ret) {
		close(fd);
		return ret;
	}
	d->fd[f] = fd;
	return 0;
}

static int need_open(struct disk *d, enum fb_hive_file f)
{
	if (d->fd[f] >= 0)
		return 0;
	return open_regular(d, f, d->writes ? O_RDWR : O_RDONLY);
}

static int disk_size(struct fb_hive_io *io, enum fb_hive_file f, uint64_t *bytes)
{
	struct disk *d = disk_of(io);
	struct stat st;
	int ret = need_open(d, f);

	if (ret)
		return ret;
	if (fstat(d->fd[f], &st))
		return -errno;
	*bytes = (uint64_t)st.st_size;
	return 0;
}

static int disk_read(struct fb_hive_io *io, enum fb_hive_file f, uint64_t offset,
		     void *data, size_t bytes)
{
	struct disk *d = disk_of(io);
	int ret = need_open(d, f);

	return ret ? ret : fb_fd_read(d->fd[f], offset, data, bytes);
}

static int disk_write(struct fb_hive_io *io, enum fb_hive_file f, uint64_t offset,
		      const struct fb_hive_span *spans, unsigned n)
{
	struct disk *d = disk_of(io);
	int ret = d->writes ? need_open(d, f) : -EROFS;

	return ret ? ret : fb_fd_write(d->fd[f], offset, spans, n);
}

static int open_or_make(struct disk *d, enum fb_hive_file f, bool *made)
{
	int ret = need_open(d, f);

	*made = false;
	if (ret != -ENOENT)
		return ret;
	ret = open_regular(d, f, O_RDWR | O_CREAT | O_EXCL);
	*made = !ret;
	return ret;
}

static void unmake(struct disk *d, enum fb_hive_file f)
{
	unlinkat(d->folder, base_name(d, f), 0);
	close(d->fd[f]);
	d->fd[f] = -1;
}

/*
 * A log of no bytes or of ours, or one that was reserved. What comes after its first
 * sector does not tell: a crash may keep that part of a first entry alone.
 */
static int check_log(struct disk *d, enum fb_hive_file f, uint64_t bytes)
{
	char head[FB_REGF_SECTOR] = {0};
	size_t n = bytes < sizeof(head) ? (size_t)bytes : sizeof(head);
	int ret = fb_fd_read(d->fd[f], 0, head, n);

	if (ret || fb_regf_is(head, "regf"))
		return ret;
	for (size_t i = 0; i < n; i++) {
		if (head[i])
			return -EEXIST;
	}
	return 0;
}

/*
 * Syncs even what is long enough: it may be of a process that died before it came to
 * that.
 */
static int reserve_open(struct disk *d, enum fb_hive_file f, uint64_t bytes)
{
	uint64_t had = 0;
	int ret = disk_size(&d->io, f, &had);

	if (!ret)
		ret = check_log(d, f, had);
	if (ret)
		return ret;
	ret = fb_fd_grow(d->fd[f], had, bytes);
	if (!ret)
		ret = fb_fd_sync_by(fdatasync, d->fd[f]);
	if (!ret)
		ret = fb_fd_sync_folder(d->folder);
	if (ret && had < bytes)
		fb_fd_cut(d->fd[f], had);
	return ret;
}

static int disk_reserve(struct fb_hive_io *io, enum fb_hive_file f, uint64_t bytes)
{
	struct disk *d = disk_of(io);
	bool made;
	int ret = d->writes ? open_or_make(d, f, &made) : -EROFS;

	if (ret)
		return ret;
	ret = reserve_open(d, f, bytes);
	if (ret && made)
		unmake(d, f);
	return ret;
}

static int disk_sync(struct fb_hive_io *io, enum fb_hive_file f)
{
	struct disk *d = disk_of(io);
	int ret = d->writes ? need_open(d, f) : -EROFS;

	return ret ? ret : fb_fd_sync_by(fdatasync, d->fd[f]);
}

static const char *disk_name(struct fb_hive_io *io, enum fb_hive_file f)
{
	return disk_of(io)->name[f];
}

/* Unlocked aloud, for a process forked meanwhile holds the same open file. */
static void disk_close(struct fb_hive_io *io)
{
	struct disk *d = disk_of(io);

	if (d->fd[FB_HIVE_PRIMARY] >= 0)
		flock(d->fd[FB_HIVE_PRIMARY], LOCK_UN);
	for (int f = 0; f < FB_HIVE_FILES; f++) {
		if (d->fd[f] >= 0)
			close(d->fd[f]);
	}
	if (d->folder >= 0)
		close(d->folder);
	free(d);
}

static const struct fb_hive_io_ops disk_ops = {
	.size = disk_size,
	.read = disk_read,
	.write = disk_write,
	.reserve = disk_reserve,
	.sync = disk_sync,
	.name = disk_name,
	.close = disk_close,
};

static void set_name(struct disk *d, enum fb_hive_file f, const char *suffix)
{
	size_t n = strlen(d->name[FB_HIVE_PRIMARY]);

	memcpy(d->name[f], d->name[FB_HIVE_PRIMARY], n);
	memcpy(d->name[f] + n, suffix, strlen(suffix) + 1);
}

/* 0, or why it is not: -ENOENT is no fault. A link is there wherever it leads. */
static int is_there(const struct disk *d, enum fb_hive_file f)
{
	struct stat st;

	return fstatat(d->folder, base_name(d, f), &st, AT_SYMLINK_NOFOLLOW) ? -errno
									     : 0;
}

/* Somebody's text that happens to be called hive.LOG must not be written over. */
static bool begins_as_a_log(struct disk *d, enum fb_hive_file f)
{
	char head[4];
	bool does = !open_regular(d, f, O_RDONLY) &&
		    !fb_fd_read(d->fd[f], 0, head, sizeof(head)) &&
		    fb_regf_is(head, "regf");

	if (d->fd[f] >= 0)
		close(d->fd[f]);
	d->fd[f] = -1;
	return does;
}

static int find_logs(struct disk *d, struct fb_err *err)
{
	for (int f = FB_HIVE_LOG1; f < FB_HIVE_FILES; f++) {
		int ret;

		set_name(d, f, suffixes[f]);
		ret = is_there(d, f);
		if (ret && ret != -ENOENT)
			return fb_told_file(err, ret, d->name[f]);
		if (!ret || f != FB_HIVE_LOG1)
			continue;
		set_name(d, f, ".LOG");
		if (!begins_as_a_log(d, f))
			set_name(d, f, suffixes[f]);
	}
	return 0;
}

/* What is in them might pass for entries of the new hive. */
static int refuse_old_logs(const struct disk *d, struct fb_err *err)
{
	for (int f = FB_HIVE_LOG1; f < FB_HIVE_FILES; f++) {
		if (!is_there(d, f))
			return fb_told_file(err, -EEXIST, d->name[f]);
	}
	return 0;
}

static int open_folder(struct disk *d, const char *path, struct fb_err *err)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX] = ".";

	if (strlen(path) + sizeof(".LOG1") > PATH_MAX)
		return fb_told_file(err, -ENAMETOOLONG, path);
	d->base = slash ? (size_t)(slash + 1 - path) : 0;
	snprintf(d->name[FB_HIVE_PRIMARY], PATH_MAX, "%s", path);
	if (d->base)
		snprintf(folder, sizeof(folder), "%.*s", (int)d->base, path);
	d->folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (d->folder < 0)
		return fb_told_file(err, -errno, path);
	return d->base && !path[d->base] ? fb_told_file(err, -EISDIR, path) : 0;
}

/*
 * A reader keeps writers out too: it would see the hive half written. Where locks are
 * unknown it reads without.
 */
static int lock_primary(const struct disk *d)
{
	int op = d->writes ? LOCK_EX : LOCK_SH;
	int ret;

	do
		ret = flock(d->fd[FB_HIVE_PRIMARY], op | LOCK_NB);
	while (ret && errno == EINTR);
	if (!ret)
		return 0;
	if (errno == EWOULDBLOCK)
		return -EBUSY;
	return d->writes ? -errno : 0;
}

static int open_primary(struct disk *d, bool make, struct fb_err *err)
{
	int flags = d->writes ? O_RDWR : O_RDONLY;
	int ret = open_regular(d, FB_HIVE_PRIMARY,
			       make ? flags | O_CREAT | O_EXCL : flags);
	struct stat st;

	d->made = make && !ret;
	if (!ret)
		ret = lock_primary(d);
	if (!ret && fstat(d->fd[FB_HIVE_PRIMARY], &st))
		ret = -errno;
	if (!ret && make)
		ret = fb_fd_sync_by(fsync, d->fd[FB_HIVE_PRIMARY]);
	if (!ret && make)
		ret = fb_fd_sync_folder(d->folder);
	if (ret)
		return fb_told_file(err, ret, d->name[FB_HIVE_PRIMARY]);
	d->mode = st.st_mode & 0777;
	return 0;
}

static int open_path(struct fb_hive_io **out, const char *path,
		     enum fb_hive_access access, struct fb_err *err)
{
	struct disk *d = malloc(sizeof(*d));
	bool make = access == FB_HIVE_CREATE;
	int ret;

	if (!d)
		return fb_err_set(err, -ENOMEM, "%s: out of memory", path);
	*d = (struct disk){.io = {&disk_ops},
			   .writes = access != FB_HIVE_READ,
			   .folder = -1,
			   .mode = 0666,
			   .fd = {-1, -1, -1}};
	ret = open_folder(d, path, err);
	if (!ret)
		ret = find_logs(d, err);
	if (!ret && make)
		ret = refuse_old_logs(d, err);
	if (!ret)
		ret = open_primary(d, make, err);
	if (!ret) {
		*out = &d->io;
		return 0;
	}
	if (d->made)
		unmake(d, FB_HIVE_PRIMARY);
	disk_close(&d->io);
	return ret;
}

/* The logs lie beside the hive, not beside a link to it. NULL: it is no link. */
static char *behind_link(const char *path)
{
	struct stat st;

	if (lstat(path, &st) || !S_ISLNK(st.st_mode))
		return NULL;
	return realpath(path, NULL);
}

int fb_hive_disk_open(struct fb_hive_io **out, const char *path,
		      enum fb_hive_access access, struct fb_err *err)
{
	char *real = access == FB_HIVE_CREATE ? NULL : behind_link(path);
	int ret = open_path(out, real ? real : path, access, err);

	free(real);
	return ret;
}
