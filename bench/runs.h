/*
 * runs.h - the folders of results, by name
 */
#ifndef FB_BENCH_RUNS_H
#define FB_BENCH_RUNS_H

#include "base/err.h"

#include <stddef.h>

/*
 * bench_find_run - the folder of a run
 * @name:    a folder, or the name of one under @results; NULL: the newest there
 *
 * -ENOENT or -EACCES with what was looked for and what to do.
 */
int bench_find_run(const char *name, const char *results, char *out, size_t room,
		   struct fb_err *err);

#endif
