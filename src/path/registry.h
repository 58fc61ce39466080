/*
 * registry.h - the path to the registry: values set in keys, NtFlushKey
 */
#ifndef FB_PATH_REGISTRY_H
#define FB_PATH_REGISTRY_H

#include "path/path.h"

extern const struct fb_path_ops fb_path_registry;

#endif
