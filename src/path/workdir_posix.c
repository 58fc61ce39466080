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

/* How often another run may take the folder away while we are locking it. */
enum { TRIES = 10 };

/*
 * @dir is kept open for listing, so that tidying up needs neither a descriptor nor
 * memory that may have run out. @made: by us, in this call.
 */
struct fb_workdir {
	int parent;
	DIR *dir;
	int lock;
	bool made;
	char path[PATH_MAX + sizeof(FB_WORKDIR_NAME) + 1];
	char handle[32];
};

static bool is_dot(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}

static DIR *open_folder(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	int why = errno;

	if (!d && fd >= 0)
		close(fd);
	errno = why;
	return d;
}

static int empty_folder(DIR *d, bool *found);

static int remove_entry(int dir, const char *name)
{
	bool found;
	int why, ret;
	DIR *sub;

	if (!unlinkat(dir, name, 0))
		return 0;
	why = errno;
	if (why != EISDIR && why != EPERM)
		return -why;
	sub = open_folder(dir, name);
	if (!sub)
		return errno == ENOTDIR ? -why : -errno;
	ret = empty_folder(sub, &found);
	closedir(sub);
	if (!ret && unlinkat(dir, name, AT_REMOVEDIR))
		ret = -errno;
	return ret;
}

/* All but the lock, which goes last of all; @found: there was something. */
static int empty_folder(DIR *d, bool *found)
{
	struct dirent *e;
	int ret = 0;

	*found = false;
	rewinddir(d);
	while (!ret && (e = readdir(d))) {
		if (is_dot(e->d_name) || !strcmp(e->d_name, LOCK_NAME))
			continue;
		*found = true;
		ret = remove_entry(dirfd(d), e->d_name);
	}
	return ret;
}

static bool is_empty(DIR *d)
{
	struct dirent *e;
	bool empty = true;

	rewinddir(d);
	while ((e = readdir(d)))
		empty = empty && is_dot(e->d_name);
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
		return fb_err_set(err, -errno,
				  "--target %s: %s; name another, one you may write to",
				  target, strerror(errno));
	return 0;
}

static int refuse_strange(const struct fb_workdir *w, struct fb_err *err)
{
	return fb_err_set(err, -EEXIST,
			  "%s is there and not of our making; move it away", w->path);
}

static int take_lock(struct fb_workdir *w, struct fb_err *err)
{
	int flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC;
	int ret;

	if (w->made || is_empty(w->dir))
		flags |= O_CREAT;
	w->lock = openat(dirfd(w->dir), LOCK_NAME, flags, 0600);
	if (w->lock < 0 && errno == ENOENT)
		return refuse_strange(w, err);
	if (w->lock < 0)
		return fb_err_set(
			err, -errno,
			"%s/%s: %s; name another --target, one you may write to",
			w->path, LOCK_NAME, strerror(errno));
	do
		ret = flock(w->lock, LOCK_EX | LOCK_NB);
	while (ret && errno == EINTR);
	if (ret && errno == EWOULDBLOCK)
		return fb_err_set(err, -EBUSY,
				  "%s is in use by another run; wait for it or name "
				  "another --target",
				  w->path);
	if (ret)
		return fb_err_set(err, -errno,
				  "%s/%s cannot be locked: %s; name another --target",
				  w->path, LOCK_NAME, strerror(errno));
	return 0;
}

static int make_and_open(struct fb_workdir *w, struct fb_err *err)
{
	w->made = !mkdirat(w->parent, FB_WORKDIR_NAME, 0700);
	if (!w->made && errno != EEXIST)
		return fb_err_set(
			err, -errno,
			"%s cannot be made: %s; name another --target, one you may write to",
			w->path, strerror(errno));
	w->dir = open_folder(w->parent, FB_WORKDIR_NAME);
	if (w->dir)
		return 0;
	if (errno == ENOTDIR || errno == ELOOP)
		return refuse_strange(w, err);
	return fb_err_set(err, -errno, "%s cannot be opened: %s; name another --target",
			  w->path, strerror(errno));
}

/* A run that ends may remove the folder between our opening and locking it. */
static bool is_still_there(const struct fb_workdir *w)
{
	struct stat named, held, lock;

	return !fstat(w->lock, &lock) && lock.st_nlink &&
	       !fstat(dirfd(w->dir), &held) &&
	       !fstatat(w->parent, FB_WORKDIR_NAME, &named, AT_SYMLINK_NOFOLLOW) &&
	       named.st_dev == held.st_dev && named.st_ino == held.st_ino;
}

static void let_go(struct fb_workdir *w)
{
	if (w->lock >= 0)
		close(w->lock);
	if (w->dir)
		closedir(w->dir);
	w->lock = -1;
	w->dir = NULL;
}

static int make_and_lock(struct fb_workdir *w, struct fb_err *err)
{
	for (int i = 0; i < TRIES; i++) {
		int ret = make_and_open(w, err);

		if (!ret)
			ret = take_lock(w, err);
		if (ret && w->made) {
			if (w->dir)
				unlinkat(dirfd(w->dir), LOCK_NAME, 0);
			unlinkat(w->parent, FB_WORKDIR_NAME, AT_REMOVEDIR);
		}
		if (ret || is_still_there(w))
			return ret;
		let_go(w);
	}
	return fb_err_set(
		err, -EBUSY,
		"%s comes and goes; other runs use this target; wait for them, or name another",
		w->path);
}

static void release(struct fb_workdir *w)
{
	let_go(w);
	if (w->parent >= 0)
		close(w->parent);
	free(w);
}

static int hold_emptied(struct fb_workdir *w, bool *leftover, struct fb_err *err)
{
	int ret = make_and_lock(w, err);

	if (ret)
		return ret;
	snprintf(w->handle, sizeof(w->handle), "/proc/self/fd/%d", dirfd(w->dir));
	ret = empty_folder(w->dir, leftover);
	if (ret)
		fb_err_set(
			err, ret,
			"%s: what a killed run left cannot be removed: %s; remove it by hand",
			w->path, strerror(-ret));
	return ret;
}

int fb_workdir_open(struct fb_workdir **out, const char *target, bool *leftover,
		    struct fb_err *err)
{
	struct fb_workdir *w = calloc(1, sizeof(*w));
	int ret;

	if (!w)
		return fb_err_set(err, -ENOMEM, "out of memory");
	w->parent = w->lock = -1;
	ret = open_parent(w, target, err);
	if (!ret)
		ret = hold_emptied(w, leftover, err);
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

const char *fb_workdir_handle(const struct fb_workdir *w)
{
	return access(w->handle, F_OK) ? w->path : w->handle;
}

bool fb_workdir_holds(const struct fb_workdir *w, const char *path)
{
	char real[PATH_MAX];
	size_t n = strlen(w->path);

	return realpath(path, real) && !strncmp(real, w->path, n) &&
	       (real[n] == '/' || !real[n]);
}

int fb_workdir_close(struct fb_workdir *w, struct fb_err *err)
{
	bool found, ours = is_still_there(w);
	int ret = empty_folder(w->dir, &found);

	if (!ret && unlinkat(dirfd(w->dir), LOCK_NAME, 0))
		ret = -errno;
	if (!ret && !ours)
		ret = -ENOENT;
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
		return fb_err_set(
			err, -errno,
			"the folder %s cannot be made: %s; name another --target",
			strrchr(path, '/') ? strrchr(path, '/') + 1 : path,
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
