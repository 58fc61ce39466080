/*
 * nvmem_target.h - regions of non-volatile memory, made afresh for a repetition
 *
 * A file on a file system mounted for DAX, a device DAX, or ordinary memory that
 * stands for either (nv_emulate).
 */
#ifndef FB_PATH_NVMEM_TARGET_H
#define FB_PATH_NVMEM_TARGET_H

#include "nt/objects.h"
#include "path/path.h"

/* struct fb_nvmem_region - the target of one thread, or of all */
struct fb_nvmem_region {
	HANDLE file;
	char *view;
	PVOID token;
};

/*
 * fb_nvmem_make - make, map and touch every region of a case
 * @out: fb_target_files of them
 *
 * Every page is in the page tables when it returns. -ENOTSUP with err->status when the
 * target is no persistent memory, or the CPU lacks the instruction that nv_flush names;
 * -EINTR when cancelled. On failure none is left.
 */
int fb_nvmem_make(const struct fb_case *c, const struct fb_target *t,
		  struct fb_nvmem_region *out, struct fb_err *err);

/* fb_nvmem_remove - a device DAX is left as it is */
int fb_nvmem_remove(const struct fb_case *c, const struct fb_target *t,
		    struct fb_nvmem_region *regions, struct fb_err *err);

/* fb_nvmem_fail_store - the system broke off a store into region @name: @ret, told */
int fb_nvmem_fail_store(struct fb_err *err, int ret, const char *name);

/* fb_nvmem_name - of region @i, for a person */
void fb_nvmem_name(const struct fb_case *c, const struct fb_target *t, unsigned i,
		   char *out, size_t room);

#endif
