/*
 * tell.h - a warning and its evidence
 */
#ifndef FB_HOST_TELL_H
#define FB_HOST_TELL_H

#include "base/warn.h"

/*
 * fb_host_tell - add a copy of @w, with this evidence, cut if it is too long
 *
 * 0 or -ENOMEM.
 */
int fb_host_tell(struct fb_warnings *ws, const struct fb_warning *w,
		 const char *evidence, ...) __attribute__((format(printf, 3, 4)));

#endif
