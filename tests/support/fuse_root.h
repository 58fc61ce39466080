/*
 * fuse_root.h - a FUSE file system of any type name that holds an empty root
 */
#ifndef FB_TESTS_SUPPORT_FUSE_ROOT_H
#define FB_TESTS_SUPPORT_FUSE_ROOT_H

#include <sys/types.h>

struct fuse_root {
	const char *where;
	pid_t daemon;
	int fd;
};

/*
 * fuse_root_mount - mount @type ("fuse.sshfs") from @source on folder @where
 *
 * 0 or a negative errno. A process of its own answers until fuse_root_unmount.
 */
int fuse_root_mount(struct fuse_root *r, const char *where, const char *type,
		    const char *source);
void fuse_root_unmount(struct fuse_root *r);

#endif
