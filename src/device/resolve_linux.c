#include "device/device.h"

#include "device/disk.h"
#include "device/mountinfo.h"
#include "device/sysfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/btrfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* An overlay cannot have an overlay's folder as its upper one for ever. */
enum { OVERLAY_DEPTH_MAX = 4 };

static const char *const memory_fs[] = {
	"tmpfs", "ramfs", "devtmpfs", "hugetlbfs", "rootfs", NULL,
};

static const char *const network_fs[] = {
	"nfs",         "nfs4",      "cifs",         "smb3",         "smbfs",
	"9p",          "ceph",      "glusterfs",    "afs",          "lustre",
	"virtiofs",    "coda",      "orangefs",     "beegfs",       "gpfs",
	"fuse.sshfs",  "fuse.ceph", "fuse.s3fs",    "fuse.rclone",  "fuse.glusterfs",
	"fuse.davfs2", "davfs",     "fuse.gcsfuse", "fuse.juicefs", NULL,
};

/* Their fsync asks the disk to empty its cache unless an option below forbids it. */
static const char *const barrier_fs[] = {
	"ext2",   "ext3", "ext4",  "xfs",  "btrfs", "f2fs",
	"nilfs2", "gfs2", "ocfs2", "vfat", "exfat", NULL,
};

static const char *const no_barrier_options[] = {
	"nobarrier", "barrier=0", "barrier=none", "fsync_mode=nobarrier", NULL,
};

static int resolve_at(const char *path, struct fb_device *d, int depth);

static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(word, *words))
			return true;
	return false;
}

static void copy_text(char *to, size_t room, const char *from)
{
	size_t len = strnlen(from, room - 1);

	memcpy(to, from, len);
	to[len] = '\0';
}

static enum fb_tri mount_barriers(const struct fb_mount *m)
{
	for (const char *const *o = no_barrier_options; *o; o++)
		if (fb_mount_has(m, *o))
			return FB_NO;
	return is_one_of(m->fs, barrier_fs) ? FB_YES : FB_MAYBE;
}

/* Part of the disks would be worse than none: counters would be taken for whole. */
static void take_medium(struct fb_device *d, int ret)
{
	if (ret)
		d->n_disks = 0;
	d->medium = d->n_disks ? FB_MEDIUM_DISK : FB_MEDIUM_UNKNOWN;
}

static int btrfs_uuid(const char *path, char uuid[37])
{
	struct btrfs_ioctl_fs_info_args info = {0};
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char *to = uuid;
	int ret;

	if (fd < 0)
		return -errno;
	ret = ioctl(fd, BTRFS_IOC_FS_INFO, &info);
	close(fd);
	if (ret)
		return -ENODEV;
	for (int i = 0; i < BTRFS_FSID_SIZE; i++) {
		static const char hex[] = "0123456789abcdef";

		if (i == 4 || i == 6 || i == 8 || i == 10)
			*to++ = '-';
		*to++ = hex[info.fsid[i] >> 4];
		*to++ = hex[info.fsid[i] & 15];
	}
	*to = '\0';
	return 0;
}

static int by_number(const void *a, const void *b)
{
	const struct fb_disk *x = a, *y = b;

	if (x->dev_major != y->dev_major)
		return x->dev_major < y->dev_major ? -1 : 1;
	return x->dev_minor < y->dev_minor ? -1 : x->dev_minor > y->dev_minor;
}

static int add_btrfs_member(struct fb_device *d, const char *folder, const char *member)
{
	unsigned dev_major, dev_minor;
	char dev[32];

	if (fb_sysfs_read(dev, sizeof(dev), "%s/%s/dev", folder, member) ||
	    sscanf(dev, "%u:%u", &dev_major, &dev_minor) != 2)
		return -ENODEV;
	return fb_disk_add(d, dev_major, dev_minor);
}

/* Its st_dev is anonymous; the file system itself says which one it is, whatever
 * the mount's source is called in this mount namespace. */
static int add_btrfs(struct fb_device *d, const char *path, const char *mount_point)
{
	char uuid[37], folder[sizeof("/sys/fs/btrfs//devices") + 36];
	struct dirent *entry;
	int ret = 0;
	DIR *dir;

	if (btrfs_uuid(path, uuid) && btrfs_uuid(mount_point, uuid))
		return -ENODEV;
	snprintf(folder, sizeof(folder), "/sys/fs/btrfs/%s/devices", uuid);
	dir = opendir(folder);
	if (!dir)
		return -ENODEV;
	while (!ret && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			ret = add_btrfs_member(d, folder, entry->d_name);
	closedir(dir);
	qsort(d->disks, d->n_disks, sizeof(*d->disks), by_number);
	return ret;
}

/* The upper folder takes every write; one that cannot be reached from here (in a
 * container it is the host's) leaves the medium unknown. */
static void resolve_overlay(struct fb_device *d, const struct fb_mount *m, int depth)
{
	char *upper = fb_mount_value(m, "upperdir");
	struct fb_device up = {0};

	d->overlay = true;
	if (upper && *upper == '/' && depth < OVERLAY_DEPTH_MAX &&
	    !resolve_at(upper, &up, depth + 1)) {
		d->medium = up.medium;
		copy_text(d->upper_fs, sizeof(d->upper_fs),
			  up.overlay ? up.upper_fs : up.fs);
		d->barriers = up.barriers;
		d->syncs_dropped = up.syncs_dropped;
		d->n_disks = up.n_disks;
		memcpy(d->disks, up.disks, sizeof(d->disks));
	}
	/* Mounted with "volatile", newer kernels show it in the second form. */
	if (fb_mount_has(m, "volatile") || fb_mount_has(m, "fsync=volatile"))
		d->syncs_dropped = true;
	if (d->syncs_dropped)
		d->barriers = FB_NO;
	free(upper);
}

static void resolve_medium(struct fb_device *d, const struct fb_mount *m,
			   const struct statx *st, const char *path)
{
	if (is_one_of(m->fs, memory_fs))
		d->medium = FB_MEDIUM_MEMORY;
	else if (is_one_of(m->fs, network_fs))
		d->medium = FB_MEDIUM_NETWORK;
	else if (!strcmp(m->fs, "btrfs"))
		take_medium(d, add_btrfs(d, path, m->mount_point));
	else if (st->stx_dev_major)
		take_medium(d, fb_disk_add(d, st->stx_dev_major, st->stx_dev_minor));
}

static void resolve_mounted(struct fb_device *d, const struct statx *st,
			    const char *path, int depth)
{
	struct fb_mount m;

	if (fb_mount_of(&m, st, path)) {
		take_medium(d, st->stx_dev_major ? fb_disk_add(d, st->stx_dev_major,
							       st->stx_dev_minor)
						 : -ENODEV);
		return;
	}
	copy_text(d->fs, sizeof(d->fs), m.fs);
	copy_text(d->mount_point, sizeof(d->mount_point), m.mount_point);
	copy_text(d->source, sizeof(d->source), m.source);
	fb_mount_options(&m, d->options, sizeof(d->options));
	d->barriers = mount_barriers(&m);
	if (!strcmp(m.fs, "overlay"))
		resolve_overlay(d, &m, depth);
	else
		resolve_medium(d, &m, st, path);
	fb_mount_free(&m);
}

static void resolve_dax(struct fb_device *d, unsigned dev_major, unsigned dev_minor)
{
	uint64_t bytes, align;

	d->dax = !fb_dax_size(dev_major, dev_minor, &bytes, &align);
	if (d->dax)
		fb_nv_find(dev_major, dev_minor, false, &d->nv);
}

static void resolve_raw(struct fb_device *d, const struct statx *st, const char *path)
{
	bool block = S_ISBLK(st->stx_mode);

	d->raw = true;
	d->barriers = block ? FB_YES : FB_MAYBE;
	copy_text(d->source, sizeof(d->source), path);
	if (block)
		take_medium(d, fb_disk_add(d, st->stx_rdev_major, st->stx_rdev_minor));
	else
		resolve_dax(d, st->stx_rdev_major, st->stx_rdev_minor);
}

/* Persistent memory only where all of it is. */
static void resolve_nv(struct fb_device *d)
{
	for (size_t i = 0; i < d->n_disks; i++) {
		struct fb_nv one = {0};

		fb_nv_find(d->disks[i].dev_major, d->disks[i].dev_minor, true, &one);
		if (i)
			fb_nv_join(&d->nv, &one);
		else
			d->nv = one;
	}
}

static int resolve_at(const char *path, struct fb_device *d, int depth)
{
	struct statx st;

	if (statx(AT_FDCWD, path, 0, STATX_BASIC_STATS | STATX_MNT_ID, &st))
		return -errno;
	d->barriers = FB_MAYBE;
	if (S_ISBLK(st.stx_mode) || S_ISCHR(st.stx_mode))
		resolve_raw(d, &st, path);
	else
		resolve_mounted(d, &st, path, depth);
	if (d->n_disks)
		resolve_nv(d);
	return 0;
}

int fb_device_find(const char *path, struct fb_device *out)
{
	struct fb_device d = {0};
	int ret = resolve_at(path, &d, 0);

	if (!ret)
		*out = d;
	return ret;
}

int fb_device_resolve(const char *path, struct fb_device *out, struct fb_err *err)
{
	int ret = fb_device_find(path, out);

	if (ret)
		return fb_err_set(err, ret, "%s: %s; name an existing folder or file",
				  path, strerror(-ret));
	fb_device_add_below(out, "");
	return 0;
}
