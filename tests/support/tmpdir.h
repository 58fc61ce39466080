/*
 * tmpdir.h - folders that a test leaves nothing behind in, and mounts likewise
 */
#ifndef FB_TESTS_TMPDIR_H
#define FB_TESTS_TMPDIR_H

#include <stddef.h>

#define TMPDIR_LEN 256

/* tmpdir_make - a new folder under $TMPDIR or /tmp, mode 0700; 0 or -errno */
int tmpdir_make(char path[TMPDIR_LEN]);

/*
 * tmpdir_remove - the folder and all that is in it
 *
 * Goes into no other file system. An empty @path is left alone, so that a teardown
 * may call it whatever happened.
 */
void tmpdir_remove(char path[TMPDIR_LEN]);

/*
 * tmpdir_join - "dir/name" into @out, cut at @size
 *
 * Returns @out.
 */
char *tmpdir_join(char *out, size_t size, const char *dir, const char *name);

/* folder_entries - without . and ..; -1 if there is no such folder */
int folder_entries(const char *folder);

/*
 * own_mounts - from here on this process and its children mount for themselves
 *
 * A private mount namespace: what is mounted there goes away with its last process,
 * however that ends. The first call does it, later ones do nothing. 0 or -errno
 * (-EPERM without the right to).
 */
int own_mounts(void);

#endif
