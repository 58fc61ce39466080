/*
 * nvmem.h - stores into non-volatile memory, and the lines they are flushed by
 */
#ifndef FB_PATH_NVMEM_H
#define FB_PATH_NVMEM_H

#include "path/path.h"

extern const struct fb_path_ops fb_path_nvmem;

/*
 * fb_nvmem_lane_bytes - what a lane keeps of the writes that are made ready
 *
 * Bytes beside the writes themselves; 0 on any other path.
 */
uint64_t fb_nvmem_lane_bytes(const struct fb_case *c);

#endif
