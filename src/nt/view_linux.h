/*
 * view_linux.h - how views come into being
 */
#ifndef FB_NT_VIEW_LINUX_H
#define FB_NT_VIEW_LINUX_H

#include "nt/file_linux.h"
#include "nt/view_table.h"

/*
 * struct fb_nt_map_request - a part of a file, and the way to map it
 * @map: checks the file and the part, then fills @v, whose offset is set: fd by
 *       fb_nt_view_own, base and length by fb_nt_view_set. A failing one leaves
 *       nothing mapped; the fd is closed for it.
 */
struct fb_nt_map_request {
	uint64_t offset;
	size_t length;
	NTSTATUS(*map)
	(struct fb_nt_view *v, const struct fb_nt_file *f, size_t length);
};

/* fb_nt_view_make - map it and put it into the table; @base is the view's */
NTSTATUS fb_nt_view_make(HANDLE file, const struct fb_nt_map_request *request,
			 void **base);

/* fb_nt_view_check - as fb_nt_map_view says of the file, @offset and @length */
NTSTATUS fb_nt_view_check(const struct fb_nt_file *f, uint64_t offset, size_t length);

/* fb_nt_view_own - a descriptor of the view's own */
NTSTATUS fb_nt_view_own(struct fb_nt_view *v, const struct fb_nt_file *f);

/* fb_nt_view_set - what mmap gave; whole pages, to be given back by munmap */
void fb_nt_view_set(struct fb_nt_view *v, void *base, size_t length);

/* fb_nt_view_told - the status of an mmap that failed with @err */
NTSTATUS fb_nt_view_told(int err);

#endif
