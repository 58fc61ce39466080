#define FUSE_USE_VERSION  31
#define _FILE_OFFSET_BITS 64

#include "support/fusefs_server.h"

#include "support/fusefs_tree.h"

#include <errno.h>
#include <fuse.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

static struct fusefs_shared *shared;
static bool use_writeback;

static struct node *of(const char *path, const struct fuse_file_info *fi)
{
	if (fi && fi->fh)
		return (struct node *)(uintptr_t)fi->fh;
	return path ? tree_find(path) : NULL;
}

/* One of a number of things to come: true until they are used up. */
static bool take_one(atomic_uint *left)
{
	if (!atomic_load(left))
		return false;
	atomic_fetch_sub(left, 1);
	return true;
}

static int failure(struct fusefs_fault *fault)
{
	const int err = atomic_load(&fault->err);

	if (!err)
		return 0;
	return take_one(&fault->after) ? 0 : -err;
}

static void *on_init(struct fuse_conn_info *conn, struct fuse_config *config)
{
	if (use_writeback)
		conn->want |= conn->capable & FUSE_CAP_WRITEBACK_CACHE;
	config->use_ino = 1;
	config->nullpath_ok = 1;
	config->hard_remove = 1;
	config->kernel_cache = 1;
	return NULL;
}

static int on_getattr(const char *path, struct stat *st, struct fuse_file_info *fi)
{
	const struct node *n = of(path, fi);

	if (!n)
		return -ENOENT;
	memset(st, 0, sizeof(*st));
	st->st_ino = n->id;
	st->st_mode = n->mode;
	st->st_nlink = S_ISDIR(n->mode) ? 2 : 1;
	st->st_size = (off_t)n->size;
	st->st_blocks = (blkcnt_t)((n->size + 511) / 512);
	st->st_blksize = FUSEFS_BLOCK;
	st->st_atim = st->st_mtim = st->st_ctim = n->changed;
	return 0;
}

static int on_mkdir(const char *path, mode_t mode)
{
	struct node *n;

	return tree_find(path) ? -EEXIST : tree_add(path, S_IFDIR | mode, &n);
}

static int on_rmdir(const char *path)
{
	struct node *n = tree_find(path);

	if (!n)
		return -ENOENT;
	if (!tree_is_empty(path))
		return -ENOTEMPTY;
	tree_drop(n);
	return 0;
}

static int on_unlink(const char *path)
{
	struct node *n = tree_find(path);

	if (!n)
		return -ENOENT;
	tree_drop(n);
	return 0;
}

static int on_rename(const char *from, const char *to, unsigned flags)
{
	struct node *old = tree_find(to);

	if (flags & ~1u)
		return -EINVAL;
	if (!tree_find(from))
		return -ENOENT;
	if (old && flags)
		return -EEXIST;
	if (old && S_ISDIR(old->mode) && !tree_is_empty(to))
		return -ENOTEMPTY;
	if (old)
		tree_drop(old);
	return tree_rename(from, to);
}

static int on_truncate(const char *path, off_t size, struct fuse_file_info *fi)
{
	struct node *n = of(path, fi);

	return n ? tree_resize(n, (uint64_t)size) : -ENOENT;
}

static int hold(struct node *n, struct fuse_file_info *fi)
{
	n->opens++;
	fi->fh = (uint64_t)(uintptr_t)n;
	return 0;
}

static int on_open(const char *path, struct fuse_file_info *fi)
{
	struct node *n = tree_find(path);

	return n ? hold(n, fi) : -ENOENT;
}

static int on_create(const char *path, mode_t mode, struct fuse_file_info *fi)
{
	struct node *n;
	const int ret = tree_find(path) ? -EEXIST : tree_add(path, S_IFREG | mode, &n);

	return ret ? ret : hold(n, fi);
}

static int on_release(const char *path, struct fuse_file_info *fi)
{
	struct node *n = of(path, fi);

	n->opens--;
	tree_free_unheld(n);
	return 0;
}

static int on_read(const char *path, char *buf, size_t size, off_t at,
		   struct fuse_file_info *fi)
{
	const struct node *n = of(path, fi);
	const size_t from = (size_t)at < n->size ? (size_t)at : n->size;

	if (size > n->size - from)
		size = n->size - from;
	if (size)
		memcpy(buf, n->data + from, size);
	return (int)size;
}

static int on_write(const char *path, const char *buf, size_t size, off_t at,
		    struct fuse_file_info *fi)
{
	struct node *n = of(path, fi);
	int ret = failure(&shared->write_fault);

	atomic_fetch_add(&shared->writes, 1);
	if (!ret && take_one(&shared->short_writes))
		size /= 2;
	if (!ret && (uint64_t)at + size > n->size)
		ret = tree_resize(n, (uint64_t)at + size);
	if (ret)
		return ret;
	memcpy(n->data + at, buf, size);
	clock_gettime(CLOCK_REALTIME, &n->changed);
	atomic_fetch_add(&shared->bytes_written, size);
	return (int)size;
}

static int on_fsync(const char *path, int datasync, struct fuse_file_info *fi)
{
	(void)path;
	(void)fi;
	atomic_fetch_add(datasync ? &shared->fdatasyncs : &shared->fsyncs, 1);
	if (take_one(&shared->interrupts))
		return -EINTR;
	return failure(&shared->fsync_fault);
}

static int on_readdir(const char *path, void *buf, fuse_fill_dir_t fill, off_t at,
		      struct fuse_file_info *fi, enum fuse_readdir_flags flags)
{
	const struct node *dir = of(path, fi);
	const char *name;

	(void)at;
	(void)flags;
	fill(buf, ".", NULL, 0, 0);
	fill(buf, "..", NULL, 0, 0);
	for (const struct node *n = tree_nodes; n && dir->path; n = n->next) {
		name = tree_below(dir->path, n->path);
		if (name && !strchr(name + 1, '/'))
			fill(buf, name + 1, NULL, 0, 0);
	}
	return 0;
}

static int on_statfs(const char *path, struct statvfs *st)
{
	uint64_t used = 0;

	(void)path;
	for (const struct node *n = tree_nodes; n; n = n->next)
		used += n->size;
	memset(st, 0, sizeof(*st));
	st->f_bsize = st->f_frsize = FUSEFS_BLOCK;
	st->f_blocks = FUSEFS_BYTES / FUSEFS_BLOCK;
	st->f_bfree = st->f_bavail = used < FUSEFS_BYTES
					     ? (FUSEFS_BYTES - used) / FUSEFS_BLOCK
					     : 0;
	st->f_namemax = 255;
	return 0;
}

static int on_fallocate(const char *path, int mode, off_t at, off_t size,
			struct fuse_file_info *fi)
{
	struct node *n = of(path, fi);
	const uint64_t end = (uint64_t)at + (uint64_t)size;

	if (mode)
		return -EOPNOTSUPP;
	return end > n->size ? tree_resize(n, end) : 0;
}

static int on_utimens(const char *path, const struct timespec t[2],
		      struct fuse_file_info *fi)
{
	struct node *n = of(path, fi);

	if (!n)
		return -ENOENT;
	if (t[1].tv_nsec == UTIME_NOW)
		clock_gettime(CLOCK_REALTIME, &n->changed);
	else if (t[1].tv_nsec != UTIME_OMIT)
		n->changed = t[1];
	return 0;
}

static int on_chmod(const char *path, mode_t mode, struct fuse_file_info *fi)
{
	struct node *n = of(path, fi);

	if (!n)
		return -ENOENT;
	n->mode = (n->mode & S_IFMT) | (mode & ~(mode_t)S_IFMT);
	return 0;
}

static const struct fuse_operations operations = {
	.init = on_init,
	.getattr = on_getattr,
	.mkdir = on_mkdir,
	.rmdir = on_rmdir,
	.unlink = on_unlink,
	.rename = on_rename,
	.truncate = on_truncate,
	.open = on_open,
	.create = on_create,
	.release = on_release,
	.opendir = on_open,
	.releasedir = on_release,
	.readdir = on_readdir,
	.read = on_read,
	.write = on_write,
	.fsync = on_fsync,
	.fsyncdir = on_fsync,
	.statfs = on_statfs,
	.fallocate = on_fallocate,
	.utimens = on_utimens,
	.chmod = on_chmod,
};

int fusefs_serve(const char *dir, struct fusefs_shared *s, bool writeback, int ready)
{
	char *argv[] = {"fusefs", NULL};
	struct fuse_args args = FUSE_ARGS_INIT(1, argv);
	struct node *root;
	struct fuse *fuse;
	int ret = tree_add("/", S_IFDIR | 0755, &root);

	shared = s;
	use_writeback = writeback;
	if (ret)
		return ret;
	fuse = fuse_new(&args, &operations, sizeof(operations), NULL);
	if (!fuse)
		return -ENOMEM;
	ret = fuse_mount(fuse, dir) ? -EIO : 0;
	if (!ret && write(ready, "r", 1) == 1) {
		close(ready);
		ret = fuse_loop(fuse);
		fuse_unmount(fuse);
	}
	fuse_destroy(fuse);
	return ret;
}
