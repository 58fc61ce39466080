/*
 * view_table.h - this process's mapped views, found by address
 *
 * Every function may be called from any thread.
 */
#ifndef FB_NT_VIEW_TABLE_H
#define FB_NT_VIEW_TABLE_H

#include "nt/objects.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * struct fb_nt_view - one view
 * @base, @length: whole pages
 * @fd:            its own, so that the file's handle may be closed
 * @offset:        of @base in the file
 * @nv:            of non-volatile memory: a store needs no flush of the file
 * @no_file:       of a device DAX: there is nothing to write back
 * @writable:      stores are allowed
 * @granularity:   FB_NT_NV_PAGE unless @nv
 * @unmap:         of whoever mapped it: munmap's shape and errors
 * @holders:       the table and whoever holds it; the last one frees it
 */
struct fb_nt_view {
	uintptr_t base;
	size_t length;
	uint64_t offset;
	int fd;
	bool nv;
	bool no_file;
	bool writable;
	enum fb_nt_nv_granularity granularity;
	int (*unmap)(void *base, size_t length);
	atomic_uint holders;
};

/* fb_nt_view_add - 0 or -ENOMEM; on success the table holds @v */
int fb_nt_view_add(struct fb_nt_view *v);

/* fb_nt_view_hold - the view that holds @at, NULL if none; give it back with _put */
struct fb_nt_view *fb_nt_view_hold(uintptr_t at);

/* fb_nt_view_put - the last one closes the view's fd */
void fb_nt_view_put(struct fb_nt_view *v);

/*
 * fb_nt_view_remove - free the tokens for the view that begins at @base, and unmap it
 *
 * 0, -ESRCH if there is none, or what its unmap says: the view then stays, without its
 * tokens, for they must be gone before its pages are.
 */
int fb_nt_view_remove(uintptr_t base);

#endif
