/*
 * mapped.h - the table of path mapped
 */
#ifndef FB_PATH_MAPPED_H
#define FB_PATH_MAPPED_H

#include "path/path.h"

extern const struct fb_path_ops fb_path_mapped;

#endif
