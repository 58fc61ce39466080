/*
 * device.h - from a file to its mount, its disks and their queues
 */
#ifndef FB_DEVICE_DEVICE_H
#define FB_DEVICE_DEVICE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FB_DISKS_MAX = 16, FB_DISK_NAME = 64 };

/* What a folder's file system is kept on. */
enum fb_medium {
	FB_MEDIUM_UNKNOWN, /* FUSE and what else could not be resolved */
	FB_MEDIUM_DISK,    /* at least one block device, all of them known */
	FB_MEDIUM_MEMORY,  /* tmpfs, ramfs: a flush moves nothing */
	FB_MEDIUM_NETWORK, /* NFS, SMB, 9p, Ceph... */
};

/* A yes/no that may not be known. */
enum fb_tri { FB_NO, FB_YES, FB_MAYBE };

/*
 * struct fb_disk - a whole disk, partitions resolved to theirs
 * @name:        kernel name (vda, loop0, nvme0n1)
 * @dev_major, @dev_minor: of the whole disk
 * @write_cache: FB_YES: volatile cache as the kernel sees it ("write back")
 * @own_cache:   what the device itself says of its cache, where the kernel keeps that
 *               apart (SCSI, virtio); differs from @write_cache when somebody told the
 *               kernel otherwise
 * @fua, @rotational: from the queue
 * @queued:      it has requests; FB_NO: device mapper, md, zram, pmem, whose work is
 *               seen as bios only and whose flushes are not counted
 * @scheduler:   the one chosen of its queue, "none" among them; empty: it has none
 * @above:       name of the disk that stands on it; empty: the file system itself does
 * @backing_file: of a loop device, else empty; @direct_io: past the page cache of what
 *               that file lies on
 */
struct fb_disk {
	char name[FB_DISK_NAME];
	unsigned dev_major, dev_minor;
	enum fb_tri write_cache;
	enum fb_tri own_cache;
	enum fb_tri fua;
	enum fb_tri rotational;
	enum fb_tri queued;
	enum fb_tri direct_io;
	char scheduler[32];
	char model[FB_DISK_NAME];
	char above[FB_DISK_NAME];
	char backing_file[512];
};

/* Where persistent memory keeps a store over a power loss: the kernel's word for it. */
enum fb_nv_domain {
	FB_NV_DOMAIN_UNKNOWN,
	FB_NV_DOMAIN_NONE, /* nowhere: the kernel's driver shows memory that is volatile
			    */
	FB_NV_DOMAIN_MEMORY, /* memory_controller: once out of the caches */
	FB_NV_DOMAIN_CPU,    /* cpu_cache: everywhere (eADR) */
};

/*
 * struct fb_nv - persistent memory
 * @region:    kernel name (region0); empty: none, the kernel does not tell, or @domain
 *             is FB_NV_DOMAIN_NONE
 * @provider:  of its bus: ACPI.NFIT is an NVDIMM; e820 is memory set aside by hand,
 *             whose contents may not outlive the power
 * @read_only: FB_YES when nothing may be stored: its NVDIMM is not armed, or somebody
 *             set the region so
 */
struct fb_nv {
	char region[32];
	char provider[64];
	enum fb_nv_domain domain;
	enum fb_tri read_only;
};

/*
 * struct fb_device - where a target lives
 * @fs:       as in mountinfo (ext4, xfs, btrfs, tmpfs, overlay, nfs4...)
 * @mount_point, @source, @options: mountinfo's; @options has the mount's own
 *            and the superblock's, comma-joined
 * @barriers: FB_NO when the mount was told not to flush the device
 *            (nobarrier, barrier=0) or drops every sync (overlay volatile);
 *            FB_MAYBE on file systems we know nothing of
 * @syncs_dropped: an overlay mounted volatile: fsync itself does nothing
 * @overlay:  the path lies on an overlay; @medium and the disks are its upper
 *            folder's, and @upper_fs is that one's file system
 * @raw:      the target is a device itself, no file system
 * @dax:      it is a device DAX: a character device that can only be mapped; leads
 *            to no disk
 * @nv:       the persistent memory that the device DAX is, or the disks are: of several
 *            regions the first one's name and the weakest promise, see fb_nv_join. A
 *            device-mapper target is a disk of no region: what lies below it is not
 *            looked at, so whether it keeps a store is unknown
 * @disks:    by device number where there are several. A file system with more
 *            than FB_DISKS_MAX, or with one that is not found, has none here
 * @below:    what these stand on, down to what stands on nothing: the disk that a loop
 *            device's file lies on, the members of a device mapper or md. As far as
 * they are found: a file on a network has no disk
 * @below_memory: at the bottom of one of them is memory: a file on tmpfs, a RAM disk
 */
struct fb_device {
	char fs[32];
	char mount_point[512];
	char source[256];
	char options[1024];
	enum fb_medium medium;
	enum fb_tri barriers;
	bool syncs_dropped;
	bool overlay;
	char upper_fs[32];
	bool raw;
	bool dax;
	struct fb_nv nv;
	size_t n_disks;
	struct fb_disk disks[FB_DISKS_MAX];
	size_t n_below;
	struct fb_disk below[FB_DISKS_MAX];
	bool below_memory;
};

/*
 * fb_device_resolve - learn where @path lives
 * @path: an existing folder, file, block device or device DAX
 *
 * 0, or a negative errno when @path itself cannot be examined. A mount that
 * leads to no block device is not an error: @medium says so.
 */
int fb_device_resolve(const char *path, struct fb_device *out, struct fb_err *err);

/*
 * fb_disk_place - the whole disk that a block device is or is a partition of
 * @sector: where the device begins on it, in sectors of 512 bytes
 *
 * 0 or -ENODEV with the outputs untouched.
 */
int fb_disk_place(unsigned dev_major, unsigned dev_minor, struct fb_disk *disk,
		  uint64_t *sector);

/*
 * fb_nv_find - the persistent memory behind a device number
 * @block: of a block device, else of a character device
 *
 * 0, with FB_NV_DOMAIN_NONE for a region that is volatile; -ENODEV when there is no
 * region or the kernel does not tell.
 */
int fb_nv_find(unsigned dev_major, unsigned dev_minor, bool block, struct fb_nv *out);

/*
 * fb_nv_join - what can be said of memory that is in @all or in @one
 *
 * The weaker domain; no provider when they differ, but e820 when one is; read-only when
 * one is. No region, so no promise, when one has none.
 */
void fb_nv_join(struct fb_nv *all, const struct fb_nv *one);

/*
 * fb_nv_may_map - may a mapping of it be taken for one whose flushed lines last?
 * @device_dax: of a device DAX, which grants MAP_SYNC whatever its memory is; a file
 *              system refuses where it knows better
 *
 * Not where the region is volatile (the kernel calls it synchronous, so that a file
 * system on it grants MAP_SYNC) or virtio-pmem, whose host must be asked to flush,
 * which no instruction of ours does; and not on a device DAX of which nothing is known.
 */
bool fb_nv_may_map(const struct fb_nv *nv, bool device_dax);

/*
 * fb_dax_size - how much a device DAX holds, and in what pieces it is mapped; bytes
 *
 * -ENODEV when the number is of no device DAX.
 */
int fb_dax_size(unsigned dev_major, unsigned dev_minor, uint64_t *bytes,
		uint64_t *align);

/*
 * fb_device_reclaim - wait until @need bytes are free where things were just deleted
 * @path: an existing folder or file
 *
 * xfs and btrfs give deleted space back some time later, btrfs only once all is
 * written back. 0; -ETIMEDOUT: it is not coming; or a negative errno.
 */
int fb_device_reclaim(const char *path, uint64_t need, unsigned timeout_ms);

/*
 * fb_device_cache - is a flush needed for power loss?
 *
 * FB_YES when any disk has a volatile cache, FB_NO when all are known to have
 * none, FB_MAYBE otherwise.
 */
enum fb_tri fb_device_cache(const struct fb_device *d);

/*
 * fb_device_cache_changed - has a disk's view of its cache changed since @d was
 * resolved?
 *
 * The disk's name, or NULL. Somebody may have switched flushes off, or on again.
 */
const char *fb_device_cache_changed(const struct fb_device *d);

/*
 * struct fb_disk_stat - a whole disk's counters since boot
 *
 * @writes counts requests with data and explicit empty flushes; @flushes counts
 * requests asking the device to empty its cache. FB_UNKNOWN for the flushes on
 * kernels before 5.5 and on disks without a request queue (device mapper, md,
 * zram, pmem), whose counter stays 0 whatever is flushed; for the discards before
 * 4.18. @in_flight is the requests under way now.
 */
struct fb_disk_stat {
	uint64_t reads, read_bytes;
	uint64_t writes, write_bytes;
	uint64_t discards, discard_bytes;
	uint64_t flushes;
	uint64_t in_flight;
};

/*
 * fb_disk_stat_read - 0 or a negative errno
 *
 * -ENOENT or -ENODEV: the disk is gone, no sysfs; -ENODATA: counting was switched
 * off (queue/iostats), which would read as a disk that does nothing.
 */
int fb_disk_stat_read(const struct fb_disk *d, struct fb_disk_stat *out);

/* struct fb_disk_meter - a disk's counters, opened once and read often */
struct fb_disk_meter {
	int fd;
	bool counts_flushes;
};

/*
 * fb_disk_meter_open, _read, _close - fb_disk_stat_read in three steps
 *
 * The open one stays with its disk: when that is gone, read says -ENODEV even if
 * another has taken its number.
 */
int fb_disk_meter_open(struct fb_disk_meter *m, const struct fb_disk *d);
int fb_disk_meter_read(const struct fb_disk_meter *m, struct fb_disk_stat *out);
void fb_disk_meter_close(struct fb_disk_meter *m);

/*
 * fb_device_quiesce - wait until no request is in flight on any disk
 * @timeout_ms: give up after
 *
 * 0, -ETIMEDOUT (others keep the disk busy), or, once the others are idle, what
 * fb_disk_stat_read said of the first disk that cannot be read. Seen idle twice, 1 ms
 * apart, counts as idle. No disks: 0.
 */
int fb_device_quiesce(const struct fb_device *d, unsigned timeout_ms);

#endif
