/*
 * registry_hives.h - the hives of a case: made, filled, saved, loaded, removed
 *
 * A target (target_file.h) of path registry is @hives hives. Hive h of target t is
 * file number t x hives + h, with its logs beside it.
 */
#ifndef FB_PATH_REGISTRY_HIVES_H
#define FB_PATH_REGISTRY_HIVES_H

#include "nt/keys.h"
#include "path/path.h"

/* fb_registry_hives - how many hives a case has, of all its targets together */
unsigned fb_registry_hives(const struct fb_case *c);

/*
 * fb_registry_make - write every hive of a case: filled, or empty with prepare extend
 *
 * Durable when it returns. -EINTR when cancelled. On failure none is left.
 */
int fb_registry_make(const struct fb_case *c, const struct fb_target *t,
		     struct fb_err *err);

/*
 * fb_registry_load - load every hive as the case says
 * @roots: fb_registry_hives root keys; on failure none is loaded
 */
int fb_registry_load(const struct fb_case *c, const struct fb_target *t, HANDLE *roots,
		     struct fb_err *err);

/* fb_registry_unload - the first @n of them */
void fb_registry_unload(HANDLE *roots, unsigned n);

/* fb_registry_remove - the files of every hive, logs included */
int fb_registry_remove(const struct fb_case *c, const struct fb_target *t,
		       struct fb_err *err);

/*
 * fb_registry_read - a value as a load after a crash of the process would find it
 * @file: number of the hive's file
 * @value: in the order of plan/hive_layout.h
 *
 * Looks at copies, for a loaded hive's files are its own. -ENODATA: there is no such
 * value, or it has another size.
 */
int fb_registry_read(const struct fb_case *c, const char *file, uint64_t value,
		     void *data);

/*
 * fb_registry_disk_bytes - space that all files take at most
 * fb_registry_memory_bytes - memory that they take while they are loaded; the one that
 * they are saved from is gone by then
 */
uint64_t fb_registry_disk_bytes(const struct fb_case *c);
uint64_t fb_registry_memory_bytes(const struct fb_case *c);

#endif
