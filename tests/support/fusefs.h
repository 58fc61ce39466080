/*
 * fusefs.h - a file system in memory whose every answer a test can choose
 *
 * Served by a child process on libfuse3, mounted in a private namespace (see
 * own_mounts) and dead when its parent is. Folders, files, rename, truncate,
 * fallocate, statfs: enough for a program to use it as its target. Links, special
 * files and extended attributes are not there; nobody's rights are checked.
 */
#ifndef FB_TESTS_FUSEFS_H
#define FB_TESTS_FUSEFS_H

#include "support/tmpdir.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * struct fusefs_fault - how one kind of request fails
 * @err:   errno to answer, 0: none
 * @after: so many requests still succeed first
 */
struct fusefs_fault {
	atomic_int err;
	atomic_uint after;
};

/*
 * struct fusefs_shared - between test and server; counts are of requests received
 * @fsyncs, @fdatasyncs: FSYNC of files and folders without and with the data flag
 * @bytes_written:       by successful WRITEs
 * @short_writes:        so many of the next writes store and report only half
 * @interrupts:          so many of the next FSYNCs answer EINTR, before any fault
 */
struct fusefs_shared {
	struct fusefs_fault fsync_fault;
	struct fusefs_fault write_fault;
	atomic_uint short_writes;
	atomic_uint interrupts;
	atomic_uint_fast64_t fsyncs;
	atomic_uint_fast64_t fdatasyncs;
	atomic_uint_fast64_t writes;
	atomic_uint_fast64_t bytes_written;
};

/* struct fusefs - a mounted one; all zero is none. @dir is the mount point. */
struct fusefs {
	char top[TMPDIR_LEN];
	char dir[TMPDIR_LEN + 8];
	pid_t pid;
	struct fusefs_shared *shared;
};

/* fusefs_missing - why none can be mounted here, a reason for skip(); NULL if it can */
const char *fusefs_missing(void);

/*
 * fusefs_mount - mount an empty one
 * @writeback: written pages stay in the page cache until they are flushed, as on a
 *             disk; else every write is a WRITE at once, with its answer
 *
 * 0 or -errno, then nothing is left.
 */
int fusefs_mount(struct fusefs *f, bool writeback);

/*
 * fusefs_fail_fsync - from the (@after + 1)th on, FSYNC answers @err; 0: no more
 * fusefs_fail_write - WRITE likewise; from write-back only EIO and ENOSPC come
 *                     through as such, by whichever call waits for it
 *
 * @err: an errno below 512, the kernel takes no others.
 */
void fusefs_fail_fsync(struct fusefs *f, int err, unsigned after);
void fusefs_fail_write(struct fusefs *f, int err, unsigned after);

/* fusefs_reset_counts - all counters to 0 */
void fusefs_reset_counts(struct fusefs *f);

/* fusefs_kill - the server dies, as if the disk were pulled out; still mounted */
void fusefs_kill(struct fusefs *f);

/* fusefs_unmount - unmount, end the server, remove the folder; all zero is left alone
 */
void fusefs_unmount(struct fusefs *f);

#endif
