/*
 * place.h - the target a run works on, held for its length
 */
#ifndef FB_BENCH_PLACE_H
#define FB_BENCH_PLACE_H

#include "path/path.h"
#include "path/workdir.h"

/*
 * struct place - a folder of our own under the target, a block device or a device DAX
 *
 * place_see fills @device and @target without touching anything but the write caches
 * that killed runs left switched off: those it restores. place_take makes the work
 * folder or claims the device; place_leave undoes it.
 */
struct place {
	const char *name; /* as the user gave it */
	struct fb_device device;
	struct fb_target target;
	struct fb_workdir *work;
	int claim;
	bool claimed;
};

/*
 * place_see - what the target is, whether or not it may be written to
 *
 * -errno when it is not there; -ENOTBLK when it is a character device but no device
 * DAX.
 */
int place_see(struct place *p, const char *name, struct fb_err *err);

/*
 * place_look - that, and may it be written to?
 * @allow_device: NULL, or what --allow-device named
 *
 * As place_see; -EPERM when it is a device not named twice, -EINVAL when it is none and
 * @allow_device names one.
 */
int place_look(struct place *p, const char *name, const char *allow_device,
	       struct fb_err *err);

/*
 * place_take - hold it; @leftover as fb_workdir_open says
 *
 * -EROFS also for a device whose NVDIMM is not armed, or whose region was set
 * read-only.
 */
int place_take(struct place *p, bool *leftover, struct fb_err *err);

/*
 * place_check_space - is there room for @need bytes, of a device all it holds?
 * @leftover: something was just removed: wait for its space
 *
 * 0, also where the system does not tell, or -ENOSPC.
 */
int place_check_space(const struct place *p, uint64_t need, bool leftover,
		      struct fb_err *err);

/* place_holds - would @path lie in the folder that place_leave removes? */
bool place_holds(const struct place *p, const char *path);

/* place_leave - remove what we made; safe when nothing was taken */
int place_leave(struct place *p, struct fb_err *err);

#endif
