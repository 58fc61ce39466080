/*
 * workdir.h - the one folder of our own under a target
 */
#ifndef FB_PATH_WORKDIR_H
#define FB_PATH_WORKDIR_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define FB_WORKDIR_NAME "flushbench.work"

struct fb_workdir;

/*
 * fb_workdir_open - make FB_WORKDIR_NAME under @target and hold it
 * @leftover: set when a killed run had left one, which was emptied
 *
 * -EBUSY when another run holds it; -EEXIST when something of that name is there
 * that we did not make; else what the system said (missing or read-only target).
 */
int fb_workdir_open(struct fb_workdir **out, const char *target, bool *leftover,
		    struct fb_err *err);

/* fb_workdir_path - its absolute path; lives as long as the folder is held */
const char *fb_workdir_path(const struct fb_workdir *w);

/*
 * fb_workdir_handle - a path that leads into this very folder, whatever somebody
 * does to its name meanwhile; for working, not for showing
 */
const char *fb_workdir_handle(const struct fb_workdir *w);

/* fb_workdir_holds - does an existing path lie in it? */
bool fb_workdir_holds(const struct fb_workdir *w, const char *path);

/*
 * fb_workdir_close - remove it with all it holds; @w is gone either way
 *
 * -ENOENT when another folder goes by its name by now, which is left alone.
 */
int fb_workdir_close(struct fb_workdir *w, struct fb_err *err);

/* fb_folder_make - a new folder for its owner alone; -EEXIST if there is one */
int fb_folder_make(const char *path, struct fb_err *err);

/* fb_folder_free_bytes - space left for us on the file system of @path */
int fb_folder_free_bytes(const char *path, uint64_t *bytes);

#endif
