#include "path/target_file.h"

#include "base/rng.h"
#include "nt/nt.h"
#include "path/workdir.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILL_ALIGN = 4096 };

unsigned fb_target_files(const struct fb_case *c)
{
	return c->share == FB_SHARE_OWN ? (unsigned)c->numjobs : 1;
}

unsigned fb_target_of(const struct fb_case *c, unsigned thread)
{
	return c->share == FB_SHARE_OWN ? thread : 0;
}

void fb_target_name(const struct fb_target *t, unsigned i, char out[FB_TARGET_NAME])
{
	if (t->device->raw)
		snprintf(out, FB_TARGET_NAME, "%s", t->dir);
	else
		snprintf(out, FB_TARGET_NAME, "%s/data-%u", t->dir, i);
}

const char *fb_target_shown(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash ? slash + 1 : name;
}

/* What can be done about the usual ones; begins with what parts it from the rest. */
static const char *next_step(int os_error)
{
	switch (os_error) {
	case ENOSPC:
	case EDQUOT:
		return "; make room on the target, or lower size, hives or numjobs";
	case EMFILE:
	case ENFILE:
		return "; raise the limit on open files (ulimit -n), or lower numjobs "
		       "or hives";
	case ENOMEM:
		return "; free memory or raise its limit (ulimit -v), or lower size, "
		       "hives or numjobs";
	case EFBIG:
		return "; raise the limit on a file's size (ulimit -f), or lower size";
	case EROFS:
		return "; the file system takes no writes, perhaps since an error: see "
		       "the kernel's log (dmesg), or name another --target";
	case EIO:
		return "; the device or its file system failed: see the kernel's log "
		       "(dmesg)";
	default:
		return "";
	}
}

int fb_target_fail(struct fb_err *err, NTSTATUS status, const char *what,
		   const char *name)
{
	int os_error = fb_nt_os_error();
	int code = fb_nt_errno(status);

	fb_err_set(err, code, "%s: %s: %s%s%s%s", fb_target_shown(name), what,
		   fb_nt_status_name(status), os_error ? ", " : "",
		   os_error ? strerror(os_error) : "", next_step(os_error));
	if (err) {
		err->status = (uint32_t)status;
		err->os_error = os_error;
	}
	return code;
}

struct fill {
	HANDLE file;
	char *buffer;
	uint64_t mark;
	uint64_t bs;
	uint64_t size;
};

static int fill_file(const struct fb_case *c, const struct fb_target *t, struct fill *f,
		     const char *name, struct fb_err *err)
{
	for (uint64_t at = 0; at < f->size; at += f->bs) {
		uint64_t n = f->size - at < f->bs ? f->size - at : f->bs;
		NTSTATUS status;

		if (t->cancelled && t->cancelled())
			return fb_err_set(err, -EINTR, "interrupted while preparing");
		if (c->data == FB_DATA_RANDOM)
			fb_rng_mark(f->buffer, n, &f->mark);
		status = fb_nt_write(f->file, at, f->buffer, n, false);
		if (!NT_SUCCESS(status))
			return fb_target_fail(err, status, "cannot be written in full",
					      name);
	}
	return 0;
}

static int fill_written(const struct fb_case *c, const struct fb_target *t, HANDLE file,
			const char *name, struct fb_err *err)
{
	struct fill f = {.file = file,
			 .bs = c->fill_bs,
			 .size = c->size,
			 .mark = fb_rng_marks()};
	struct fb_rng rng;
	int ret;

	if (posix_memalign((void **)&f.buffer, FILL_ALIGN, f.bs))
		return fb_err_set(err, -ENOMEM, "out of memory for fill_bs");
	memset(f.buffer, 0, f.bs);
	if (c->data == FB_DATA_RANDOM) {
		fb_rng_init(&rng, c->seed);
		fb_rng_fill(&rng, f.buffer, f.bs);
	}
	ret = fill_file(c, t, &f, name, err);
	free(f.buffer);
	return ret;
}

static int prepare_file(const struct fb_case *c, const struct fb_target *t, HANDLE file,
			const char *name, struct fb_err *err)
{
	IO_STATUS_BLOCK iosb;
	NTSTATUS status = STATUS_SUCCESS;
	bool keep;
	int ret = 0;

	if (c->prepare == FB_PREPARE_WRITTEN)
		ret = fill_written(c, t, file, name, err);
	else if (c->prepare == FB_PREPARE_UNWRITTEN)
		status = fb_nt_allocate(file, c->size);
	if (ret)
		return ret;
	if (!NT_SUCCESS(status)) {
		ret = fb_target_fail(err, status, "blocks cannot be allocated", name);
		/* The preparation is refused here, not the mode: no missing routine. */
		return ret == -ENOTSUP ? -EINVAL : ret;
	}
	/* Without a fill there is nothing in the cache that anybody could want. */
	keep = c->prepare == FB_PREPARE_WRITTEN && !c->invalidate;
	status = NtFlushBuffersFileEx(file, keep ? 0 : FLUSH_FLAGS_FLUSH_AND_PURGE,
				      NULL, 0, &iosb);
	if (!NT_SUCCESS(status))
		return fb_target_fail(err, status, "cannot be flushed", name);
	return 0;
}

/* What an earlier case could not remove must not pass for a fault of this one. */
static int remove_stale(const char *name, struct fb_err *err)
{
	if (!remove(name) || errno == ENOENT)
		return 0;
	return fb_err_set(
		err, -errno,
		"%s, left by an earlier case, cannot be removed: %s; remove it by hand",
		fb_target_shown(name), strerror(errno));
}

static int make_one(const struct fb_case *c, const struct fb_target *t, unsigned i,
		    struct fb_err *err)
{
	bool raw = t->device->raw;
	char name[FB_TARGET_NAME];
	HANDLE file;
	NTSTATUS status;
	int ret;

	fb_target_name(t, i, name);
	if (!raw) {
		ret = remove_stale(name, err);
		if (ret)
			return ret;
	}
	if (c->pattern == FB_PATTERN_CREATE)
		return fb_folder_make(name, err);
	status = fb_nt_open_file(name, FILE_READ_DATA | FILE_WRITE_DATA, 0,
				 raw ? FB_NT_OPEN : FB_NT_CREATE, &file);
	if (!NT_SUCCESS(status))
		return fb_target_fail(err, status, "cannot be made", name);
	ret = prepare_file(c, t, file, name, err);
	NtClose(file);
	return ret;
}

static int flush_folder(const struct fb_target *t, struct fb_err *err)
{
	IO_STATUS_BLOCK iosb;
	HANDLE dir;
	NTSTATUS status = fb_nt_open_file(t->dir, FILE_ADD_FILE, FILE_DIRECTORY_FILE,
					  FB_NT_OPEN, &dir);

	if (NT_SUCCESS(status)) {
		status = NtFlushBuffersFile(dir, &iosb);
		NtClose(dir);
	}
	if (!NT_SUCCESS(status))
		return fb_target_fail(err, status, "cannot be flushed", t->dir);
	return 0;
}

/* Files made in any folder of ours, and the folders: the file system as a whole. */
static int flush_volume(const struct fb_target *t, struct fb_err *err)
{
	const char *name = t->device->mount_point;
	IO_STATUS_BLOCK iosb;
	HANDLE volume;
	NTSTATUS status = fb_nt_open_volume(name, &volume);

	if (NT_SUCCESS(status)) {
		status = NtFlushBuffersFile(volume, &iosb);
		NtClose(volume);
	}
	if (!NT_SUCCESS(status))
		return fb_target_fail(err, status, "cannot be flushed", name);
	return 0;
}

int fb_target_make(const struct fb_case *c, const struct fb_target *t,
		   struct fb_err *err)
{
	int ret = 0;

	for (unsigned i = 0; !ret && i < fb_target_files(c); i++)
		ret = make_one(c, t, i, err);
	if (!ret && !t->device->raw)
		ret = flush_folder(t, err);
	if (ret)
		fb_target_remove(c, t, NULL);
	return ret;
}

int fb_target_sync(const struct fb_case *c, const struct fb_target *t,
		   struct fb_err *err)
{
	char name[FB_TARGET_NAME];
	IO_STATUS_BLOCK iosb;
	HANDLE file;

	if (c->pattern == FB_PATTERN_CREATE)
		return flush_volume(t, err);
	for (unsigned i = 0; i < fb_target_files(c); i++) {
		NTSTATUS status;

		fb_target_name(t, i, name);
		status = fb_nt_open_file(name, FILE_WRITE_DATA, 0, FB_NT_OPEN, &file);
		if (NT_SUCCESS(status)) {
			status = NtFlushBuffersFile(file, &iosb);
			NtClose(file);
		}
		if (!NT_SUCCESS(status))
			return fb_target_fail(err, status, "cannot be flushed", name);
	}
	return 0;
}

int fb_target_remove(const struct fb_case *c, const struct fb_target *t,
		     struct fb_err *err)
{
	char name[FB_TARGET_NAME];
	int ret = 0;

	if (t->device->raw)
		return 0;
	for (unsigned i = 0; i < fb_target_files(c); i++) {
		fb_target_name(t, i, name);
		if (remove(name) && errno != ENOENT && !ret)
			ret = fb_err_set(err, -errno, "%s: cannot be removed: %s",
					 fb_target_shown(name), strerror(errno));
	}
	return ret;
}

int fb_target_read(const struct fb_case *c, const struct fb_target *t, unsigned thread,
		   uint64_t offset, void *data, uint64_t length)
{
	char name[FB_TARGET_NAME];
	HANDLE file;
	NTSTATUS status;
	uint64_t size = 0;
	int ret;

	fb_target_name(t, fb_target_of(c, thread), name);
	status = fb_nt_open_file(name, FILE_READ_DATA, 0, FB_NT_OPEN, &file);
	if (!NT_SUCCESS(status))
		return fb_nt_errno(status);
	status = fb_nt_get_size(file, &size);
	ret = fb_nt_errno(status);
	if (!ret && offset + length > size)
		ret = -ENODATA;
	if (!ret)
		ret = fb_nt_errno(fb_nt_read(file, offset, data, length));
	NtClose(file);
	return ret;
}

void fb_target_enter(struct fb_lane *l)
{
	(void)l;
	fb_nt_enter_thread();
}
