#include "path/nvmem_target.h"

#include "nt/nt.h"
#include "path/fault.h"
#include "path/target_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* No system's pages are smaller; how much is touched between two looks for an end. */
enum { PAGE = 4096, PIECE = 64 << 20 };

static bool is_on_files(const struct fb_case *c, const struct fb_target *t)
{
	return !c->nv_emulate && !t->device->dax;
}

void fb_nvmem_name(const struct fb_case *c, const struct fb_target *t, unsigned i,
		   char *out, size_t room)
{
	char name[FB_TARGET_NAME];

	fb_target_name(t, i, name);
	snprintf(out, room, "%s", c->nv_emulate ? "memory" : fb_target_shown(name));
}

static NTSTATUS open_file(const struct fb_case *c, const struct fb_target *t,
			  unsigned i, HANDLE *out)
{
	char name[FB_TARGET_NAME];

	if (c->nv_emulate)
		return fb_nt_create_memory(c->size, out);
	fb_target_name(t, i, name);
	return fb_nt_open_file(name, FILE_READ_DATA | FILE_WRITE_DATA, 0, FB_NT_OPEN,
			       out);
}

static NTSTATUS map(const struct fb_case *c, struct fb_nvmem_region *r)
{
	void *view;
	NTSTATUS status = c->nv_emulate
				  ? fb_nt_map_view(r->file, 0, c->size, false, &view)
				  : fb_nt_map_nv_view(r->file, 0, c->size, &view);

	if (NT_SUCCESS(status))
		r->view = view;
	return status;
}

/* A row without samples: the text is there already. */
static int refuse(struct fb_err *err)
{
	if (err)
		err->status = (uint32_t)STATUS_NOT_SUPPORTED;
	return -ENOTSUP;
}

static int fail_map(NTSTATUS status, const char *name, struct fb_err *err)
{
	if (status != STATUS_NOT_SUPPORTED)
		return fb_target_fail(err, status, "cannot be mapped", name);
	fb_err_set(
		err, -ENOTSUP,
		"the target is no persistent memory; name by --target a folder that is "
		"mounted for DAX, or let ordinary memory stand for it by --nv_emulate");
	return refuse(err);
}

static int fail_token(NTSTATUS status, const char *name, struct fb_err *err)
{
	if (status != STATUS_NOT_SUPPORTED)
		return fb_target_fail(err, status, "no token is granted", name);
	fb_err_set(err, -ENOTSUP,
		   "%s: this CPU has no instruction that flushes a line of its caches; "
		   "leave path nvmem out",
		   name);
	return refuse(err);
}

static const enum fb_nt_nv_flush how[FB_NV_FLUSH_COUNT] = {
	[FB_NV_FLUSH_AUTO] = FB_NT_NV_AUTO,
	[FB_NV_FLUSH_CLWB] = FB_NT_NV_CLWB,
	[FB_NV_FLUSH_CLFLUSHOPT] = FB_NT_NV_CLFLUSHOPT,
	[FB_NV_FLUSH_CLFLUSH] = FB_NT_NV_CLFLUSH,
	[FB_NV_FLUSH_NONE] = FB_NT_NV_NONE,
};

static int choose_flush(const struct fb_case *c, PVOID token, const char *name,
			struct fb_err *err)
{
	NTSTATUS status = fb_nt_choose_nv_flush(token, how[c->nv_flush]);

	if (NT_SUCCESS(status))
		return 0;
	if (status != STATUS_NOT_SUPPORTED)
		return fb_target_fail(err, status, "its flush cannot be chosen", name);
	fb_err_set(err, -ENOTSUP,
		   "nv_flush=%s: this CPU has no such instruction; nv_flush=auto takes "
		   "the best it has",
		   fb_nv_flush_names[c->nv_flush]);
	return refuse(err);
}

int fb_nvmem_fail_store(struct fb_err *err, int ret, const char *name)
{
	fb_err_set(err, ret,
		   "%s: a store faulted: the memory has failed or run out, or somebody "
		   "cut the file; see dmesg, and name another target",
		   name);
	if (err)
		err->status = (uint32_t)STATUS_IO_DEVICE_ERROR;
	return ret;
}

struct touch {
	const struct fb_target *target;
	volatile char *view;
	uint64_t size;
	bool cancelled;
};

static void touch_pages(void *arg)
{
	struct touch *t = arg;

	for (uint64_t at = 0; at < t->size; at += PAGE) {
		if (at % PIECE == 0 && t->target->cancelled && t->target->cancelled()) {
			t->cancelled = true;
			return;
		}
		t->view[at] = t->view[at];
	}
}

/* A page's first store enters the kernel, which nobody's flush pays twice. */
static int touch(const struct fb_case *c, const struct fb_target *target, char *view,
		 const char *name, struct fb_err *err)
{
	struct touch t = {.target = target, .view = view, .size = c->size};
	int ret = fb_fault_guard(touch_pages, &t, NULL);

	if (ret)
		return fb_nvmem_fail_store(err, ret, name);
	return t.cancelled ? fb_err_set(err, -EINTR, "interrupted while preparing") : 0;
}

static void close_region(struct fb_nvmem_region *r)
{
	RtlFreeNonVolatileToken(r->token);
	fb_nt_unmap_view(r->view);
	NtClose(r->file);
}

static int open_region(const struct fb_case *c, const struct fb_target *t, unsigned i,
		       struct fb_nvmem_region *out, struct fb_err *err)
{
	char name[FB_TARGET_NAME];
	struct fb_nvmem_region r;
	NTSTATUS status = open_file(c, t, i, &r.file);
	int ret;

	fb_nvmem_name(c, t, i, name, sizeof(name));
	if (!NT_SUCCESS(status))
		return fb_target_fail(err, status, "cannot be opened", name);
	status = map(c, &r);
	if (!NT_SUCCESS(status)) {
		ret = fail_map(status, name, err);
		goto out_file;
	}
	status = c->nv_emulate ? fb_nt_emulate_nv_token(r.view, c->size, &r.token)
			       : RtlGetNonVolatileToken(r.view, c->size, &r.token);
	if (!NT_SUCCESS(status)) {
		ret = fail_token(status, name, err);
		goto out_view;
	}
	ret = choose_flush(c, r.token, name, err);
	if (!ret)
		ret = touch(c, t, r.view, name, err);
	if (ret) {
		close_region(&r);
		return ret;
	}
	*out = r;
	return 0;
out_view:
	fb_nt_unmap_view(r.view);
out_file:
	NtClose(r.file);
	return ret;
}

static int open_regions(const struct fb_case *c, const struct fb_target *t,
			struct fb_nvmem_region *out, struct fb_err *err)
{
	const unsigned n = fb_target_files(c);

	for (unsigned i = 0; i < n; i++) {
		int ret = open_region(c, t, i, &out[i], err);

		if (!ret)
			continue;
		while (i-- > 0)
			close_region(&out[i]);
		return ret;
	}
	return 0;
}

/* Whether it can be done at all is asked of one page, before all are written. */
static int try_page(const struct fb_case *c, const struct fb_target *t,
		    struct fb_err *err)
{
	struct fb_case one = *c;
	struct fb_nvmem_region r;
	int ret;

	one.size = one.fill_bs = PAGE;
	one.share = FB_SHARE_ONE;
	ret = fb_target_make(&one, t, err);
	if (ret)
		return ret;
	ret = open_region(&one, t, 0, &r, err);
	if (!ret)
		close_region(&r);
	if (ret)
		fb_target_remove(&one, t, NULL);
	else
		ret = fb_target_remove(&one, t, err);
	return ret;
}

int fb_nvmem_make(const struct fb_case *c, const struct fb_target *t,
		  struct fb_nvmem_region *out, struct fb_err *err)
{
	int ret;

	if (!is_on_files(c, t))
		return open_regions(c, t, out, err);
	ret = try_page(c, t, err);
	if (!ret)
		ret = fb_target_make(c, t, err);
	if (ret)
		return ret;
	ret = open_regions(c, t, out, err);
	if (ret)
		fb_target_remove(c, t, NULL);
	return ret;
}

int fb_nvmem_remove(const struct fb_case *c, const struct fb_target *t,
		    struct fb_nvmem_region *regions, struct fb_err *err)
{
	const unsigned n = fb_target_files(c);

	for (unsigned i = 0; i < n; i++)
		close_region(&regions[i]);
	return is_on_files(c, t) ? fb_target_remove(c, t, err) : 0;
}
