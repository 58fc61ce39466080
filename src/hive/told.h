/*
 * told.h - what a person is told when a file of a hive cannot be had
 */
#ifndef FB_HIVE_TOLD_H
#define FB_HIVE_TOLD_H

#include "base/err.h"

/*
 * fb_told_file - a primary, or a name in its folder, could not be opened or made
 * fb_told_log - a log could not be read or made
 * @code: negative errno, which is returned
 */
int fb_told_file(struct fb_err *err, int code, const char *name);
int fb_told_log(struct fb_err *err, int code, const char *name);

/* fb_told_lost_logs - neither @log1 nor @log2 has what @hive lacks; returns -ENODATA */
int fb_told_lost_logs(struct fb_err *err, const char *hive, const char *log1,
		      const char *log2);

#endif
