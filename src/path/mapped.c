#include "path/mapped.h"

#include "nt/nt.h"
#include "path/fault.h"
#include "path/promise.h"
#include "path/target_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct mapped_path {
	struct fb_path base;
	const struct fb_target *target;
};

struct mapped_lane {
	struct fb_lane base;
	enum fb_mode mode;
	bool whole;
	HANDLE file;
	char *view;
	size_t size;
	char name[FB_TARGET_NAME];
};

static int mapped_open(struct fb_path **out, const struct fb_case *c,
		       const struct fb_target *t, struct fb_err *err)
{
	struct mapped_path *p = calloc(1, sizeof(*p));
	int ret;

	if (!p)
		return fb_err_set(err, -ENOMEM, "out of memory");
	p->base = (struct fb_path){&fb_path_mapped, c};
	p->target = t;
	ret = fb_fault_install();
	if (ret)
		fb_err_set(
			err, ret,
			"no handler for SIGBUS could be installed; leave path mapped out");
	else
		ret = fb_target_make(c, t, err);
	if (ret)
		free(p);
	else
		*out = &p->base;
	return ret;
}

static int mapped_close(struct fb_path *base, struct fb_err *err)
{
	struct mapped_path *p = (struct mapped_path *)base;
	int ret = fb_target_remove(base->c, p->target, err);

	free(p);
	return ret;
}

static int mapped_sync(struct fb_path *base, struct fb_err *err)
{
	struct mapped_path *p = (struct mapped_path *)base;

	return fb_target_sync(base->c, p->target, err);
}

static bool is_random(const struct fb_case *c)
{
	return c->pattern == FB_PATTERN_RAND || c->pattern == FB_PATTERN_ZIPF;
}

static NTSTATUS open_view(struct mapped_lane *l, const struct fb_case *c)
{
	void *view;
	NTSTATUS status = fb_nt_open_file(l->name, FILE_READ_DATA | FILE_WRITE_DATA, 0,
					  FB_NT_OPEN, &l->file);

	if (!NT_SUCCESS(status))
		return status;
	status = fb_nt_map_view(l->file, 0, c->size, is_random(c), &view);
	if (NT_SUCCESS(status))
		l->view = view;
	else
		NtClose(l->file);
	return status;
}

static int mapped_lane_open(struct fb_lane **out, struct fb_path *base, unsigned thread,
			    struct fb_err *err)
{
	const struct mapped_path *p = (struct mapped_path *)base;
	struct mapped_lane *l = calloc(1, sizeof(*l));
	NTSTATUS status;
	int ret;

	if (!l)
		return fb_err_set(err, -ENOMEM, "out of memory");
	l->base.ops = &fb_path_mapped;
	l->mode = (enum fb_mode)base->c->mode;
	l->whole = base->c->flush_range == FB_FLUSH_RANGE_WHOLE;
	l->size = base->c->size;
	fb_target_name(p->target, fb_target_of(base->c, thread), l->name);
	status = open_view(l, base->c);
	if (!NT_SUCCESS(status)) {
		ret = fb_target_fail(err, status, "cannot be mapped", l->name);
		free(l);
		return ret;
	}
	*out = &l->base;
	return 0;
}

static int mapped_guard(struct fb_lane *base, void (*work)(void *arg), void *arg)
{
	struct mapped_lane *l = (struct mapped_lane *)base;
	uintptr_t at;
	int ret = fb_fault_guard(work, arg, &at);

	if (!ret)
		return 0;
	fb_err_set(
		&l->base.err, ret,
		"%s: a store to the page at byte %llu faulted: it could not be read "
		"or given a block; make room on the disk, or see dmesg for its failure",
		fb_target_shown(l->name),
		(unsigned long long)(at - (uintptr_t)l->view));
	l->base.err.status = (uint32_t)STATUS_IO_DEVICE_ERROR;
	return ret;
}

static int mapped_write(struct fb_lane *base, const struct fb_write *w)
{
	struct mapped_lane *l = (struct mapped_lane *)base;

	memcpy(l->view + w->offset, w->data, w->length);
	return 0;
}

static int mapped_flush(struct fb_lane *base, uint64_t offset, uint64_t length)
{
	struct mapped_lane *l = (struct mapped_lane *)base;
	PVOID address = l->view + (l->whole ? 0 : offset);
	SIZE_T size = l->whole ? l->size : length;
	IO_STATUS_BLOCK iosb;
	NTSTATUS status;

	if (l->mode == FB_MODE_MSYNC)
		status = fb_nt_msync(address, size);
	else
		status = NtFlushVirtualMemory(NtCurrentProcess(), &address, &size,
					      &iosb);
	if (l->mode == FB_MODE_VIEW_FILE && NT_SUCCESS(status))
		status = NtFlushBuffersFile(l->file, &iosb);
	if (!NT_SUCCESS(status))
		return fb_target_fail(&l->base.err, status, "flush failed", l->name);
	return 0;
}

static void mapped_lane_close(struct fb_lane *base)
{
	struct mapped_lane *l = (struct mapped_lane *)base;

	fb_nt_unmap_view(l->view);
	NtClose(l->file);
	free(l);
}

static int mapped_read_back(struct fb_path *base, unsigned thread, uint64_t offset,
			    void *data, uint64_t length)
{
	struct mapped_path *p = (struct mapped_path *)base;

	return fb_target_read(base->c, p->target, thread, offset, data, length);
}

const struct fb_path_ops fb_path_mapped = {
	.id = FB_PATH_MAPPED,
	.stamps = FB_STAMPS_ORDERED,
	.open = mapped_open,
	.lane_open = mapped_lane_open,
	.lane_enter = fb_target_enter,
	.guard = mapped_guard,
	.write = mapped_write,
	.flush = mapped_flush,
	.lane_close = mapped_lane_close,
	.sync = mapped_sync,
	.close = mapped_close,
	.promise = fb_promise_of,
	.read_back = mapped_read_back,
};
