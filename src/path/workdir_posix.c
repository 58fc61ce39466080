#include "path/workdir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Marks the folder as ours; locked as long as a run works in it. */
#define LOCK_NAME ".flushbench-lock"

struct fb_workdir {
	int parent;
	int dir;
	int lock;
	char path[PATH_MAX + sizeof(FB_WORKDIR_NAME) + 1];
};

static bool is_dot(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}

static int empty_folder(int dir);

static int remove_entry(int dir, const char *name)
{
	int ret, sub;

	if (!unlinkat(dir, name, 0))
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -errno;
	sub = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (sub < 0)
		return -errno;
	ret = empty_folder(sub);
	close(sub);
	if (!ret && unlinkat(dir, name, AT_REMOVEDIR))
		ret = -errno;
	return ret;
}

/* All but the lock, which goes last of all. */
static int empty_folder(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	int ret = 0;

	if (!d) {
		ret = -errno;
		if (fd >= 0)
			close(fd);
		return ret;
	}
	while (!ret && (e = readdir(d))) {
		if (!is_dot(e->d_name) && strcmp(e->d_name, LOCK_NAME))
			ret = remove_entry(dir, e->d_name);
	}
	closedir(d);
	return ret;
}

static int is_empty(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	int empty = 1;

	if (!d) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	while ((e = readdir(d)))
		empty = empty && is_dot(e->d_name);
	closedir(d);
	return empty;
}

static int open_parent(struct fb_workdir *w, const char *target, struct fb_err *err)
{
	char real[PATH_MAX];

	if (!realpath(target, real))
		return fb_err_set(err, -errno,
				  "--target %s: %s; name a folder that is "
				  "there",
				  target, strerror(errno));
	snprintf(w->path, sizeof(w->path), "%s/%s", strcmp(real, "/") ? real : "",
		 FB_WORKDIR_NAME);
	w->parent = open(real, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (w->parent < 0 && errno == ENOTDIR)
		return fb_err_set(err, -ENOTDIR,
				  "--target %s is no folder; to write to a device name "
				  "it a second time with --allow-device",
				  target);
	if (w->parent < 0)
		return fb_err_set(err, -errno, "--target %s: %s", target,
				  strerror(errno));
	return 0;
}

static int take_lock(struct fb_workdir *w, bool made, struct fb_err *err)
{
	int flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC;

	if (made || is_empty(w->dir))
		flags |= O_CREAT;
	w->lock = openat(w->dir, LOCK_NAME, flags, 0600);
	if (w->lock < 0 && errno == ENOENT)
		return fb_err_set(err, -EEXIST,
				  "%s is there and not of our making; move it away",
				  w->path);
	if (w->lock < 0)
		return fb_err_set(err, -errno, "%s/%s: %s", w->path, LOCK_NAME,
				  strerror(errno));
	if (flock(w->lock, LOCK_EX | LOCK_NB))
		return fb_err_set(err, -EBUSY,
				  "%s is in use by another run; wait for it or name "
				  "another --target",
				  w->path);
	return 0;
}

static int make_and_lock(struct fb_workdir *w, bool *leftover, struct fb_err *err)
{
	bool made = !mkdirat(w->parent, FB_WORKDIR_NAME, 0700);
	int ret;

	if (!made && errno != EEXIST)
		return fb_err_set(err, -errno, "%s cannot be made: %s", w->path,
				  strerror(errno));
	w->dir = openat(w->parent, FB_WORKDIR_NAME,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (w->dir < 0)
		return fb_err_set(err, -EEXIST,
				  "%s is there and not of our making; move it away",
				  w->path);
	ret = take_lock(w, made, err);
	if (ret && made)
		unlinkat(w->parent, FB_WORKDIR_NAME, AT_REMOVEDIR);
	if (!ret && !made)
		ret = empty_folder(w->dir);
	if (!ret)
		*leftover = !made;
	return ret;
}

static void release(struct fb_workdir *w)
{
	if (w->lock >= 0)
		close(w->lock);
	if (w->dir >= 0)
		close(w->dir);
	if (w->parent >= 0)
		close(w->parent);
	free(w);
}

int fb_workdir_open(struct fb_workdir **out, const char *target, bool *leftover,
		    struct fb_err *err)
{
	struct fb_workdir *w = calloc(1, sizeof(*w));
	int ret;

	if (!w)
		return fb_err_set(err, -ENOMEM, "out of memory");
	w->parent = w->dir = w->lock = -1;
	ret = open_parent(w, target, err);
	if (!ret)
		ret = make_and_lock(w, leftover, err);
	if (ret)
		release(w);
	else
		*out = w;
	return ret;
}

const char *fb_workdir_path(const struct fb_workdir *w)
{
	return w->path;
}

int fb_workdir_close(struct fb_workdir *w, struct fb_err *err)
{
	int ret = empty_folder(w->dir);

	if (!ret && unlinkat(w->dir, LOCK_NAME, 0))
		ret = -errno;
	if (!ret && unlinkat(w->parent, FB_WORKDIR_NAME, AT_REMOVEDIR))
		ret = -errno;
	if (ret)
		fb_err_set(err, ret, "%s cannot be removed: %s; remove it by hand",
			   w->path, strerror(-ret));
	release(w);
	return ret;
}

int fb_folder_make(const char *path, struct fb_err *err)
{
	if (mkdir(path, 0700))
		return fb_err_set(err, -errno, "%s cannot be made: %s", path,
				  strerror(errno));
	return 0;
}

int fb_folder_free_bytes(const char *path, uint64_t *bytes)
{
	struct statvfs s;

	if (statvfs(path, &s))
		return -errno;
	*bytes = (uint64_t)s.f_bavail * s.f_frsize;
	return 0;
}

int fb_device_bytes(const char *path, uint64_t *bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	off_t end = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	int ret = end < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	if (!ret)
		*bytes = (uint64_t)end;
	return ret;
}

int fb_claim_device(const char *path, int *claim, struct fb_err *err)
{
	struct stat s;
	int fd;

	if (stat(path, &s))
		return fb_err_set(err, -errno, "--target %s: %s", path,
				  strerror(errno));
	if (!S_ISBLK(s.st_mode))
		return fb_err_set(err, -ENOTBLK,
				  "--allow-device %s is no block device; for a folder "
				  "--target alone is enough",
				  path);
	/* On a block device O_EXCL means: not mounted, and not to be. */
	fd = open(path, O_RDONLY | O_EXCL | O_CLOEXEC);
	if (fd < 0)
		return fb_err_set(err, -errno, "--target %s: %s", path,
				  errno == EBUSY ? "mounted or otherwise in use"
						 : strerror(errno));
	*claim = fd;
	return 0;
}

void fb_claim_end(int claim)
{
	close(claim);
}
