#include "path/file.h"

#include "device/cache_off.h"
#include "nt/nt.h"
#include "path/promise.h"
#include "path/target_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct file_path {
	struct fb_path base;
	const struct fb_target *target;
	struct fb_cache_off *cache_off; /* NULL unless no_sync=cache-off */
};

/*
 * @file is NULL between the ops of pattern create, which makes one for each op in
 * the folder @dir under the name at hand.
 */
struct file_lane {
	struct fb_lane base;
	enum fb_mode mode;
	ULONG flags;
	ULONG options;
	enum fb_nt_no_sync no_sync;
	bool dsync;
	bool create;
	HANDLE file;
	HANDLE dir;
	uint64_t made;
	size_t name_at; /* where the number stands in @name */
	char name[FB_TARGET_NAME + 32];
};

static ULONG mode_flags(enum fb_mode mode)
{
	switch (mode) {
	case FB_MODE_DATA_ONLY:
		return FLUSH_FLAGS_FILE_DATA_ONLY;
	case FB_MODE_NO_SYNC:
		return FLUSH_FLAGS_NO_SYNC;
	case FB_MODE_DATA_SYNC_ONLY:
		return FLUSH_FLAGS_FILE_DATA_SYNC_ONLY;
	case FB_MODE_PURGE:
		return FLUSH_FLAGS_FLUSH_AND_PURGE;
	default:
		return 0;
	}
}

static bool is_cache_off(const struct fb_case *c)
{
	return c->mode == FB_MODE_NO_SYNC && c->no_sync == FB_NO_SYNC_CACHE_OFF;
}

static int file_open(struct fb_path **out, const struct fb_case *c,
		     const struct fb_target *t, struct fb_err *err)
{
	struct file_path *p = calloc(1, sizeof(*p));
	int ret;

	if (!p)
		return fb_err_set(err, -ENOMEM, "out of memory");
	p->base = (struct fb_path){&fb_path_file, c};
	p->target = t;
	ret = fb_target_make(c, t, err);
	if (ret)
		goto out_free;
	if (is_cache_off(c))
		ret = fb_cache_off_begin(&p->cache_off, t->device, err);
	if (ret)
		goto out_target;
	*out = &p->base;
	return 0;
out_target:
	fb_target_remove(c, t, NULL);
out_free:
	free(p);
	return ret;
}

static int file_close(struct fb_path *base, struct fb_err *err)
{
	struct file_path *p = (struct file_path *)base;
	int ret = 0, removed;

	if (p->cache_off)
		ret = fb_cache_off_end(p->cache_off, err);
	removed = fb_target_remove(base->c, p->target, ret ? NULL : err);
	free(p);
	return ret ? ret : removed;
}

static int file_sync(struct fb_path *base, struct fb_err *err)
{
	struct file_path *p = (struct file_path *)base;

	return fb_target_sync(base->c, p->target, err);
}

static int lane_fail(struct fb_lane *l, NTSTATUS status, const char *what)
{
	return fb_target_fail(&l->err, status, what, ((struct file_lane *)l)->name);
}

static void next_name(struct file_lane *l)
{
	snprintf(l->name + l->name_at, sizeof(l->name) - l->name_at, "%" PRIu64,
		 l->made++);
}

/* Threads that share a folder keep apart by the first part of the name. */
static int open_folder(struct file_lane *l, const struct file_path *p, unsigned thread,
		       struct fb_err *err)
{
	NTSTATUS status;

	fb_target_name(p->target, fb_target_of(p->base.c, thread), l->name);
	status = fb_nt_open_file(l->name, FILE_ADD_FILE, FILE_DIRECTORY_FILE,
				 FB_NT_OPEN, &l->dir);
	if (!NT_SUCCESS(status))
		return fb_target_fail(err, status, "cannot be opened", l->name);
	l->name_at = strlen(l->name);
	l->name_at += (size_t)snprintf(l->name + l->name_at,
				       sizeof(l->name) - l->name_at, "/%u-", thread);
	next_name(l);
	return 0;
}

static NTSTATUS open_data(struct file_lane *l, enum fb_nt_disposition how)
{
	NTSTATUS status = fb_nt_open_file(l->name, FILE_READ_DATA | FILE_WRITE_DATA,
					  l->options, how, &l->file);

	if (!NT_SUCCESS(status) || l->no_sync == FB_NT_NO_SYNC_RANGE)
		return status;
	status = fb_nt_set_no_sync(l->file, l->no_sync);
	if (!NT_SUCCESS(status)) {
		NtClose(l->file);
		l->file = NULL;
	}
	return status;
}

static int open_existing(struct file_lane *l, const struct file_path *p,
			 unsigned thread, struct fb_err *err)
{
	NTSTATUS status;
	int ret;

	fb_target_name(p->target, fb_target_of(p->base.c, thread), l->name);
	status = open_data(l, FB_NT_OPEN);
	if (NT_SUCCESS(status))
		return 0;
	if (!p->base.c->direct)
		return fb_target_fail(err, status, "cannot be opened", l->name);
	ret = fb_target_fail(err, status, "cannot be opened past the page cache",
			     l->name);
	/* EINVAL is how a file system says that it has no direct I/O. */
	return ret == -EINVAL ? -ENOTSUP : ret;
}

static int file_lane_open(struct fb_lane **out, struct fb_path *base, unsigned thread,
			  struct fb_err *err)
{
	const struct file_path *p = (struct file_path *)base;
	const struct fb_case *c = base->c;
	struct file_lane *l = calloc(1, sizeof(*l));
	int ret;

	if (!l)
		return fb_err_set(err, -ENOMEM, "out of memory");
	l->base.ops = &fb_path_file;
	l->mode = (enum fb_mode)c->mode;
	l->flags = mode_flags(l->mode);
	l->dsync = l->mode == FB_MODE_WRITE_DSYNC;
	l->create = c->pattern == FB_PATTERN_CREATE;
	if (l->mode == FB_MODE_WRITE_THROUGH)
		l->options |= FILE_WRITE_THROUGH;
	if (c->direct)
		l->options |= FILE_NO_INTERMEDIATE_BUFFERING;
	if (c->no_sync != FB_NO_SYNC_RANGE)
		l->no_sync = FB_NT_NO_SYNC_FSYNC;
	ret = l->create ? open_folder(l, p, thread, err)
			: open_existing(l, p, thread, err);
	if (ret)
		free(l);
	else
		*out = &l->base;
	return ret;
}

static int file_write(struct fb_lane *base, const struct fb_write *w)
{
	struct file_lane *l = (struct file_lane *)base;
	NTSTATUS status;

	if (l->create && !l->file) {
		status = open_data(l, FB_NT_CREATE);
		if (!NT_SUCCESS(status))
			return lane_fail(base, status, "cannot be made");
	}
	status = fb_nt_write(l->file, w->offset, w->data, w->length, l->dsync);
	if (!NT_SUCCESS(status))
		return lane_fail(base, status, "write failed");
	return 0;
}

static int file_flush(struct fb_lane *base, uint64_t offset, uint64_t length)
{
	struct file_lane *l = (struct file_lane *)base;
	IO_STATUS_BLOCK iosb;
	NTSTATUS status;

	(void)offset; /* the documented calls know no range: the whole file */
	(void)length;
	if (l->mode == FB_MODE_NONE)
		return 0;
	if (l->mode == FB_MODE_BUFFERS)
		status = NtFlushBuffersFile(l->file, &iosb);
	else
		status = NtFlushBuffersFileEx(l->file, l->flags, NULL, 0, &iosb);
	if (l->create && NT_SUCCESS(status))
		status = NtFlushBuffersFileEx(l->dir, 0, NULL, 0, &iosb);
	if (!NT_SUCCESS(status))
		return lane_fail(base, status, "flush failed");
	return 0;
}

static void file_end_op(struct fb_lane *base)
{
	struct file_lane *l = (struct file_lane *)base;

	if (!l->create || !l->file)
		return;
	NtClose(l->file);
	l->file = NULL;
	next_name(l);
}

static void remove_made(struct file_lane *l)
{
	uint64_t made = l->made;

	for (l->made = 0; l->made < made;) {
		next_name(l);
		remove(l->name);
	}
}

static void file_lane_close(struct fb_lane *base)
{
	struct file_lane *l = (struct file_lane *)base;

	if (l->file)
		NtClose(l->file);
	if (l->create)
		remove_made(l);
	if (l->dir)
		NtClose(l->dir);
	free(l);
}

static int file_read_back(struct fb_path *base, unsigned thread, uint64_t offset,
			  void *data, uint64_t length)
{
	struct file_path *p = (struct file_path *)base;

	return fb_target_read(base->c, p->target, thread, offset, data, length);
}

const struct fb_path_ops fb_path_file = {
	.id = FB_PATH_FILE,
	.open = file_open,
	.lane_open = file_lane_open,
	.lane_enter = fb_target_enter,
	.write = file_write,
	.flush = file_flush,
	.end_op = file_end_op,
	.lane_close = file_lane_close,
	.sync = file_sync,
	.close = file_close,
	.promise = fb_promise_of,
	.read_back = file_read_back,
};
