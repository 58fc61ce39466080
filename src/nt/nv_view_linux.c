#include "device/device.h"
#include "nt/objects.h"
#include "nt/pmem_linux.h"
#include "nt/status.h"
#include "nt/view_linux.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* The first two answer for libpmem or libpmem2 whether memory is persistent. */
static const struct {
	const char *name;
	const char *does;
} variables[] = {
	{"PMEM_IS_PMEM_FORCE", "answers for it"},
	{"PMEM2_FORCE_GRANULARITY", "answers for libpmem2"},
	{"PMEM_NO_FLUSH", "never flush, or always"},
	{"PMEM_NO_CLWB", "no clwb"},
	{"PMEM_NO_CLFLUSHOPT", "no clflushopt"},
	{"PMEM_NO_MOVNT", "no streaming stores"},
	{"PMEM_MOVNT_THRESHOLD", "when to stream"},
	{"PMEM_AVX", "copies by AVX"},
	{"PMEM_AVX512F", "copies by AVX-512"},
	{"PMEM_MOVDIR64B", "copies by movdir64b"},
	{"PMEM_NO_GENERIC_MEMCPY", "which copy"},
	{"PMEM_WC_WORKAROUND", "which copy"},
	{"PMEM_MMAP_HINT", "maps elsewhere"},
};

enum { VARIABLES = sizeof(variables) / sizeof(*variables) };

/* What a file with an nv view lies on; @dax: a device DAX, mapped in @piece bytes */
struct backing {
	bool dax;
	uint64_t bytes;
	uint64_t piece;
	struct fb_nv nv;
};

static const char *find_variable(const char *name)
{
	const size_t n = strlen(name);

	for (char **e = environ; e && *e; e++)
		if (!strncmp(*e, name, n) && (*e)[n] == '=')
			return *e;
	return NULL;
}

const char *fb_nt_nv_variable(unsigned i, const char **does)
{
	for (size_t k = 0; k < VARIABLES; k++) {
		const char *set = find_variable(variables[k].name);

		if (!set || i--)
			continue;
		*does = variables[k].does;
		return set;
	}
	return NULL;
}

static bool is_forced(void)
{
	return find_variable(variables[0].name) || find_variable(variables[1].name);
}

const char *fb_nt_libpmem(void)
{
	const struct fb_pmem *p = fb_pmem_get();

	return p ? p->version : NULL;
}

static NTSTATUS refused(void)
{
	return fb_nt_told_as(STATUS_NOT_SUPPORTED, EOPNOTSUPP);
}

static NTSTATUS look_below(const struct fb_nt_file *f, struct backing *b)
{
	struct stat st;

	if (fstat(f->fd, &st))
		return fb_nt_told_media(errno);
	b->dax = S_ISCHR(st.st_mode);
	b->bytes = (uint64_t)st.st_size;
	if (b->dax &&
	    fb_dax_size(major(st.st_rdev), minor(st.st_rdev), &b->bytes, &b->piece))
		return refused();
	if (b->dax)
		fb_nv_find(major(st.st_rdev), minor(st.st_rdev), false, &b->nv);
	else
		fb_nv_find(major(st.st_dev), minor(st.st_dev), true, &b->nv);
	return fb_nv_may_map(&b->nv, b->dax) ? STATUS_SUCCESS : refused();
}

static NTSTATUS check_part(const struct fb_nt_file *f, const struct fb_nt_view *v,
			   const struct backing *b, size_t length)
{
	NTSTATUS status = STATUS_SUCCESS;

	if (!b->dax)
		status = fb_nt_view_check(f, v->offset, length);
	else if (v->offset || !length || length > b->bytes)
		status = fb_nt_told(STATUS_INVALID_PARAMETER);
	if (!status && b->nv.read_only == FB_YES)
		status = fb_nt_told_media(EROFS);
	return status;
}

/* libpmem maps whole files only, and must take back itself what it mapped: it keeps a
 * list of what is persistent. */
static bool map_by_libpmem(struct fb_nt_view *v, const struct backing *b, size_t length)
{
	const struct fb_pmem *pmem = is_forced() ? NULL : fb_pmem_get();
	char path[32];
	size_t mapped = 0;
	int lasting = 0;
	void *base;

	if (!pmem || v->offset || length != b->bytes)
		return false;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", v->fd);
	base = pmem->map_file(path, 0, 0, 0, &mapped, &lasting);
	if (!base)
		return false;
	if (!lasting || mapped != length) {
		pmem->unmap(base, mapped);
		return false;
	}
	fb_nt_view_set(v, base, mapped);
	v->unmap = pmem->unmap;
	return true;
}

static NTSTATUS map_by_kernel(struct fb_nt_view *v, const struct backing *b,
			      size_t length)
{
	void *base = mmap(NULL, length, PROT_READ | PROT_WRITE,
			  MAP_SHARED_VALIDATE | MAP_SYNC, v->fd, (off_t)v->offset);

	/* EINVAL of a device DAX: the kernel did not tell in what pieces it maps. Of a
	 * file: a kernel before 4.15, for all else was checked. */
	if (base == MAP_FAILED && errno == EINVAL && b->dax)
		return fb_nt_told_as(STATUS_INVALID_PARAMETER, EINVAL);
	if (base == MAP_FAILED)
		return errno == EOPNOTSUPP || errno == ENODEV || errno == EINVAL
			       ? refused()
			       : fb_nt_view_told(errno);
	fb_nt_view_set(v, base, length);
	return STATUS_SUCCESS;
}

static NTSTATUS map_nv(struct fb_nt_view *v, const struct fb_nt_file *f, size_t length)
{
	const ACCESS_MASK both = FILE_READ_DATA | FILE_WRITE_DATA;
	struct backing b = {0};
	NTSTATUS status;

	if (f->kind != FB_NT_FILE)
		return fb_nt_told(STATUS_OBJECT_TYPE_MISMATCH);
	if ((f->access & both) != both)
		return fb_nt_told(STATUS_ACCESS_DENIED);
	status = look_below(f, &b);
	if (!status)
		status = check_part(f, v, &b, length);
	if (!status)
		status = fb_nt_view_own(v, f);
	if (status)
		return status;
	if (b.dax)
		length = (length + b.piece - 1) & ~(b.piece - 1);
	if (!map_by_libpmem(v, &b, length))
		status = map_by_kernel(v, &b, length);
	v->nv = v->writable = true;
	v->no_file = b.dax;
	v->granularity = b.nv.domain == FB_NV_DOMAIN_CPU ? FB_NT_NV_BYTE
							 : FB_NT_NV_LINE;
	return status;
}

NTSTATUS fb_nt_map_nv_view(HANDLE file, uint64_t offset, size_t length, void **base)
{
	const struct fb_nt_map_request request = {
		.offset = offset,
		.length = length,
		.map = map_nv,
	};

	return fb_nt_view_make(file, &request, base);
}
