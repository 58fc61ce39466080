#include "nt/nt.h"
#include "nt/probe.h"
#include "nt/process.h"
#include "nt/status.h"
#include "nt/view_linux.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* A range of whole pages, and the view that it lies in, held. */
struct range {
	uintptr_t base;
	size_t length;
	struct fb_nt_view *view;
};

static uintptr_t page_mask(void)
{
	return (uintptr_t)getpagesize() - 1;
}

NTSTATUS fb_nt_view_check(const struct fb_nt_file *f, uint64_t offset, size_t length)
{
	uint64_t size;
	int err;

	if (f->kind != FB_NT_FILE)
		return fb_nt_told(STATUS_OBJECT_TYPE_MISMATCH);
	if (!(f->access & FILE_READ_DATA))
		return fb_nt_told(STATUS_ACCESS_DENIED);
	if (offset & page_mask() || !length)
		return fb_nt_told(STATUS_INVALID_PARAMETER);
	err = fb_nt_file_size(f->fd, &size);
	if (err)
		return fb_nt_told_media(err);
	if (offset > size || length > size - offset)
		return fb_nt_told(STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}

NTSTATUS fb_nt_view_told(int err)
{
	if (err == ENODEV)
		return fb_nt_told_as(STATUS_NOT_SUPPORTED, err);
	if (err == EACCES || err == EPERM)
		return fb_nt_told_as(STATUS_ACCESS_DENIED, err);
	return fb_nt_told_media(err);
}

NTSTATUS fb_nt_view_own(struct fb_nt_view *v, const struct fb_nt_file *f)
{
	v->fd = fcntl(f->fd, F_DUPFD_CLOEXEC, 0);
	return v->fd < 0 ? fb_nt_told_name(errno) : STATUS_SUCCESS;
}

void fb_nt_view_set(struct fb_nt_view *v, void *base, size_t length)
{
	v->base = (uintptr_t)base;
	v->length = (length + page_mask()) & ~page_mask();
	v->unmap = munmap;
}

static NTSTATUS map_plain(struct fb_nt_view *v, const struct fb_nt_file *f,
			  size_t length)
{
	NTSTATUS status = fb_nt_view_check(f, v->offset, length);
	int prot = PROT_READ;
	void *base;

	if (!status)
		status = fb_nt_view_own(v, f);
	if (status)
		return status;
	v->writable = f->access & FILE_WRITE_DATA;
	if (v->writable)
		prot |= PROT_WRITE;
	base = mmap(NULL, length, prot, MAP_SHARED, v->fd, (off_t)v->offset);
	if (base == MAP_FAILED)
		return fb_nt_view_told(errno);
	fb_nt_view_set(v, base, length);
	return STATUS_SUCCESS;
}

static NTSTATUS map_random(struct fb_nt_view *v, const struct fb_nt_file *f,
			   size_t length)
{
	const NTSTATUS status = map_plain(v, f, length);

	/* A hint; refused, it only costs time. */
	if (!status)
		madvise((void *)v->base, v->length, MADV_RANDOM);
	return status;
}

static NTSTATUS fill(struct fb_nt_view *v, const struct fb_nt_file *f,
		     const struct fb_nt_map_request *request)
{
	NTSTATUS status;

	v->fd = -1;
	v->offset = request->offset;
	status = request->map(v, f, request->length);
	if (!status && fb_nt_view_add(v)) {
		v->unmap((void *)v->base, v->length);
		status = fb_nt_told_as(STATUS_INSUFFICIENT_RESOURCES, ENOMEM);
	}
	if (status && v->fd >= 0)
		close(v->fd);
	return status;
}

NTSTATUS fb_nt_view_make(HANDLE file, const struct fb_nt_map_request *request,
			 void **base)
{
	struct fb_nt_file *f;
	struct fb_nt_view *v;
	NTSTATUS status = fb_nt_file_get(file, &f);

	if (status)
		return status;
	v = calloc(1, sizeof(*v));
	if (!v) {
		status = fb_nt_told_as(STATUS_INSUFFICIENT_RESOURCES, ENOMEM);
		goto out_put;
	}
	status = fill(v, f, request);
	if (status)
		free(v);
	else
		*base = (void *)v->base;
out_put:
	fb_nt_file_put(f);
	return status;
}

NTSTATUS fb_nt_map_view(HANDLE file, uint64_t offset, size_t length, bool random,
			void **base)
{
	const struct fb_nt_map_request request = {
		.offset = offset,
		.length = length,
		.map = random ? map_random : map_plain,
	};

	return fb_nt_view_make(file, &request, base);
}

NTSTATUS fb_nt_unmap_view(void *base)
{
	const int ret = fb_nt_view_remove((uintptr_t)base);

	if (ret == -ESRCH)
		return fb_nt_told(STATUS_NOT_MAPPED_VIEW);
	return ret ? fb_nt_told_media(-ret) : STATUS_SUCCESS;
}

/* Round and check; on success the caller puts r->view. */
static NTSTATUS range_get(struct range *r, uintptr_t base, size_t size)
{
	const uintptr_t mask = page_mask();
	uintptr_t view_end;
	uintptr_t end;

	if (size > UINTPTR_MAX - base || base + size > UINTPTR_MAX - mask)
		return fb_nt_told(STATUS_INVALID_PARAMETER_2);
	r->view = fb_nt_view_hold(base);
	if (!r->view)
		return fb_nt_told(STATUS_NOT_MAPPED_VIEW);
	view_end = r->view->base + r->view->length;
	end = size ? (base + size + mask) & ~mask : view_end;
	if (end > view_end) {
		fb_nt_view_put(r->view);
		return fb_nt_told(STATUS_INVALID_PARAMETER_2);
	}
	if (r->view->no_file) {
		fb_nt_view_put(r->view);
		return fb_nt_told(STATUS_NOT_SUPPORTED);
	}
	r->base = base & ~mask;
	r->length = end - r->base;
	return STATUS_SUCCESS;
}

static int sync_view(const struct range *r)
{
	const struct fb_nt_view *v = r->view;

	return fb_nt_sync_range(v->fd, v->offset + (r->base - v->base), r->length);
}

static NTSTATUS check_outputs(PVOID *base, PSIZE_T size, PIO_STATUS_BLOCK iosb)
{
	if (!fb_nt_probe_write(base, sizeof(*base)) ||
	    !fb_nt_probe_write(size, sizeof(*size)) ||
	    !fb_nt_probe_write(iosb, sizeof(*iosb)))
		return fb_nt_told(STATUS_ACCESS_VIOLATION);
	return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtFlushVirtualMemory(HANDLE ProcessHandle, PVOID *BaseAddress,
				    PSIZE_T RegionSize, PIO_STATUS_BLOCK IoStatus)
{
	struct range r;
	NTSTATUS status = fb_nt_process_check(ProcessHandle);
	int err;

	if (!status)
		status = check_outputs(BaseAddress, RegionSize, IoStatus);
	if (!status)
		status = range_get(&r, (uintptr_t)*BaseAddress, *RegionSize);
	if (status)
		return status;
	err = sync_view(&r);
	if (err)
		status = fb_nt_told_media(err);
	IoStatus->Status = status;
	IoStatus->Information = r.length;
	if (!err) {
		*BaseAddress = (void *)r.base;
		*RegionSize = r.length;
	}
	fb_nt_view_put(r.view);
	return status;
}

NTSTATUS fb_nt_msync(void *base, size_t length)
{
	struct range r;
	NTSTATUS status = range_get(&r, (uintptr_t)base, length);
	int ret;

	if (status)
		return status;
	do {
		ret = msync((void *)r.base, r.length, MS_SYNC);
	} while (ret && errno == EINTR);
	/* A hole: another thread unmapped the view meanwhile. */
	if (ret)
		status = errno == ENOMEM ? fb_nt_told_as(STATUS_NOT_MAPPED_VIEW, ENOMEM)
					 : fb_nt_told_media(errno);
	fb_nt_view_put(r.view);
	return status;
}
