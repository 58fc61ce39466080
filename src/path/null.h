/*
 * null.h - the table of path null
 */
#ifndef FB_PATH_NULL_H
#define FB_PATH_NULL_H

#include "path/path.h"

extern const struct fb_path_ops fb_path_null;

#endif
