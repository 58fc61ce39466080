/*
 * memory.h - the table of path memory
 */
#ifndef FB_PATH_MEMORY_H
#define FB_PATH_MEMORY_H

#include "path/path.h"

extern const struct fb_path_ops fb_path_memory;

#endif
