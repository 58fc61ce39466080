/*
 * file.h - the table of path file
 */
#ifndef FB_PATH_FILE_H
#define FB_PATH_FILE_H

#include "path/path.h"

extern const struct fb_path_ops fb_path_file;

#endif
