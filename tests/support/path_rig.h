/*
 * path_rig.h - a path opened for a case, with a folder of its own as the target
 *
 * Include it after cmocka.h.
 */
#ifndef FB_TESTS_SUPPORT_PATH_RIG_H
#define FB_TESTS_SUPPORT_PATH_RIG_H

#include "path/path.h"
#include "support/tmpdir.h"

enum { PATH_RIG_LANES = 2 };

/*
 * struct path_rig - @target is the folder @dir, which lies on @device
 * @path: NULL unless it is open; @lane: one for each of the case's numjobs
 */
struct path_rig {
	char dir[TMPDIR_LEN];
	struct fb_device device;
	struct fb_target target;
	struct fb_err err;
	struct fb_case c;
	struct fb_path *path;
	struct fb_lane *lane[PATH_RIG_LANES];
};

/* path_rig_make - for a test's setup: nothing is open; 0 or -1 */
int path_rig_make(struct path_rig *r, struct fb_case c);

/*
 * path_rig_remove - for its teardown, whatever happened: all is given back
 *
 * 0, or -1 when the path could not be closed or left something in the folder.
 */
int path_rig_remove(struct path_rig *r);

/* path_rig_open - the path and its lanes; path_rig_close - both, the folder is empty
 * then. Either fails the test. */
void path_rig_open(struct path_rig *r);
void path_rig_close(struct path_rig *r);

#endif
