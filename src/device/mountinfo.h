/*
 * mountinfo.h - the kernel's list of mounts, proc_pid_mountinfo(5)
 */
#ifndef FB_DEVICE_MOUNTINFO_H
#define FB_DEVICE_MOUNTINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define FB_MOUNT_NO_ID UINT64_MAX

struct statx;

/*
 * struct fb_mount - one line
 *
 * The texts point into @line, which fb_mount_free releases. Octal escapes are
 * decoded except in the two option lists: a value may hold an escaped comma, so
 * an option is decoded once it has been cut out (fb_mount_value). @dev_major and
 * @dev_minor are the file system's st_dev, but for subvolumes of btrfs.
 */
struct fb_mount {
	char *line;
	uint64_t id;
	unsigned dev_major, dev_minor;
	char *root;
	char *mount_point;
	char *mount_options;
	char *fs;
	char *source;
	char *super_options;
};

/*
 * fb_mount_parse - take one line apart, in place
 *
 * 0, or -EINVAL with @out untouched; @line is cut up in either case. @out->line
 * is set to @line: who owns it does not change.
 */
int fb_mount_parse(struct fb_mount *out, char *line);

/*
 * fb_mount_find - the mount a path lies on
 * @f:    a mountinfo text; lines that are none are skipped
 * @id:   the mount's id as statx tells it, or FB_MOUNT_NO_ID
 * @path: absolute and without symbolic links, or empty when it cannot be told;
 *        decides when @id is not listed: the longest mount point above
 *        it, of equals the last, which covers the others
 *
 * 0, -ENOENT or -ENOMEM. Release with fb_mount_free.
 */
int fb_mount_find(struct fb_mount *out, FILE *f, uint64_t id, const char *path);

/*
 * fb_mount_of - the mount of this process that a path lies on
 * @st: of @path, with STATX_MNT_ID where the kernel tells it
 *
 * As fb_mount_find, or a negative errno when there is no list of mounts.
 */
int fb_mount_of(struct fb_mount *out, const struct statx *st, const char *path);

/* fb_mount_find_dev - the first mount of the file system with that number; likewise */
int fb_mount_find_dev(struct fb_mount *out, FILE *f, unsigned dev_major,
		      unsigned dev_minor);

/* fb_mount_has - does either option list hold exactly this option? */
bool fb_mount_has(const struct fb_mount *m, const char *option);

/*
 * fb_mount_value - the decoded value of option @key=...
 *
 * The caller frees it. NULL when there is none or no memory.
 */
char *fb_mount_value(const struct fb_mount *m, const char *key);

/*
 * fb_mount_options - both lists joined by commas, none twice, escapes kept
 *
 * What does not fit is left out, whole options at a time.
 */
void fb_mount_options(const struct fb_mount *m, char *out, size_t room);

void fb_mount_free(struct fb_mount *m);

#endif
