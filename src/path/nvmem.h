/*
 * nvmem.h - stores into non-volatile memory, and the lines they are flushed by
 */
#ifndef FB_PATH_NVMEM_H
#define FB_PATH_NVMEM_H

#include "path/path.h"

extern const struct fb_path_ops fb_path_nvmem;

#endif
