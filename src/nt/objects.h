/*
 * objects.h - files, views and processes for the flush routines to work on
 *
 * The documents describe flushing, not opening, so these constructors are our own
 * and small. An object carries the access it was opened with and lives in a table
 * by index and generation. All may be called from any thread; NULL on failure
 * leaves outputs untouched. Media errors as in nt.h.
 */
#ifndef FB_NT_OBJECTS_H
#define FB_NT_OBJECTS_H

#include "nt/nt_types.h"

#include <stdbool.h>

/* What to do about the name. */
enum fb_nt_disposition {
	FB_NT_OPEN,   /* must exist */
	FB_NT_CREATE, /* must not exist */
};

/*
 * fb_nt_open_file - open a file, folder or block device
 * @path:    UTF-8
 * @access:  FILE_READ_DATA, FILE_WRITE_DATA, FILE_APPEND_DATA. With APPEND and
 *           not WRITE every write goes to the end.
 * @options: FILE_DIRECTORY_FILE (a folder, else told), FILE_WRITE_THROUGH (Linux:
 *           O_DSYNC), FILE_NO_INTERMEDIATE_BUFFERING (O_DIRECT: buffer, offset and
 *           length must suit the device)
 *
 * STATUS_OBJECT_NAME_NOT_FOUND, STATUS_OBJECT_NAME_COLLISION,
 * STATUS_ACCESS_DENIED, STATUS_FILE_IS_A_DIRECTORY, STATUS_NOT_A_DIRECTORY,
 * STATUS_TOO_MANY_OPENED_FILES, STATUS_INVALID_PARAMETER (unknown bits, no access
 * at all, no path, a name too long, direct I/O of a folder; the file system has no
 * direct I/O: errno EINVAL). What was created is removed again on failure.
 */
NTSTATUS fb_nt_open_file(const char *path, ACCESS_MASK access, ULONG options,
			 enum fb_nt_disposition how, HANDLE *out);

/*
 * fb_nt_open_volume - the file system that @mount_point is the root of
 *
 * Opened for writing. STATUS_NOT_A_DIRECTORY, STATUS_INVALID_PARAMETER when it is
 * a folder but no mount's root, STATUS_NOT_SUPPORTED when the system does not tell
 * (Linux before 5.8), else as fb_nt_open_file.
 */
NTSTATUS fb_nt_open_volume(const char *mount_point, HANDLE *out);

/*
 * fb_nt_open_process - another process, to be refused by NtFlushVirtualMemory
 *
 * STATUS_INVALID_PARAMETER when there is none with that number. Our own number
 * gives a handle as good as NtCurrentProcess().
 */
NTSTATUS fb_nt_open_process(int pid, HANDLE *out);

/* What FLUSH_FLAGS_NO_SYNC does on a system without an exact form. */
enum fb_nt_no_sync {
	FB_NT_NO_SYNC_RANGE, /* sync_file_range: metadata left out, so weaker; default
			      */
	FB_NT_NO_SYNC_FSYNC, /* fsync: device flushed as well, so stronger */
};

/* fb_nt_set_no_sync - choose for one file handle, before other threads use it */
NTSTATUS fb_nt_set_no_sync(HANDLE file, enum fb_nt_no_sync method);

/*
 * fb_nt_write - write @length bytes at @offset
 * @dsync: durable on return (Linux: pwritev2 with RWF_DSYNC; STATUS_NOT_SUPPORTED
 *         where the system has no such write)
 *
 * One system call; a short write is STATUS_DISK_FULL when a second try for the
 * rest says ENOSPC, else what that second try says, else
 * STATUS_UNEXPECTED_IO_ERROR with errno 0. STATUS_ACCESS_DENIED without write or
 * append access, STATUS_OBJECT_TYPE_MISMATCH on a folder or volume,
 * STATUS_ACCESS_VIOLATION for a bad @data, STATUS_INVALID_PARAMETER for an offset
 * past INT64_MAX or what direct I/O does not suit. The others below tell likewise.
 */
NTSTATUS fb_nt_write(HANDLE file, uint64_t offset, const void *data, size_t length,
		     bool dsync);

/* fb_nt_read - @length bytes at @offset; STATUS_UNEXPECTED_IO_ERROR past the end */
NTSTATUS fb_nt_read(HANDLE file, uint64_t offset, void *data, size_t length);

/* fb_nt_set_size - cut or extend; the new part is a hole */
NTSTATUS fb_nt_set_size(HANDLE file, uint64_t bytes);

/*
 * fb_nt_allocate - give 0 .. @bytes blocks without writing them
 *
 * STATUS_NOT_SUPPORTED where the file system cannot (nothing is emulated).
 */
NTSTATUS fb_nt_allocate(HANDLE file, uint64_t bytes);

/* fb_nt_get_size - of a file, or of a block device */
NTSTATUS fb_nt_get_size(HANDLE file, uint64_t *bytes);

/*
 * fb_nt_map_view - map part of a file, shared
 * @offset: multiple of the page size
 * @length: > 0; offset + length must not pass the file's end
 * @random: expect random access, so that no large folios are read ahead
 *
 * A view of a file with write access is writable. It keeps what it needs of the
 * file: @file may be closed before it. STATUS_INVALID_PARAMETER,
 * STATUS_ACCESS_DENIED (no read access), STATUS_OBJECT_TYPE_MISMATCH (a folder or
 * volume), STATUS_NOT_SUPPORTED (the file system maps no files).
 */
NTSTATUS fb_nt_map_view(HANDLE file, uint64_t offset, size_t length, bool random,
			void **base);

/*
 * fb_nt_create_memory - a file that is kept in memory alone and has no name
 *
 * With read and write access; its handle serves wherever a file's does.
 * STATUS_INVALID_PARAMETER when the system knows no file so large.
 */
NTSTATUS fb_nt_create_memory(uint64_t bytes, HANDLE *out);

/*
 * fb_nt_map_nv_view - map a file on persistent memory so that its stores need no flush
 * of the file: a view that RtlGetNonVolatileToken grants a token for
 * @file:   with read and write access; on a file system mounted for DAX, or a device
 *          DAX (then @length is rounded up to what the device maps, and @offset is 0)
 *
 * A view of the whole file is mapped through libpmem where that is installed, any other
 * by MAP_SYNC. libpmem is believed only while none of its variables forces its answer
 * (fb_nt_nv_variable). STATUS_NOT_SUPPORTED with errno EOPNOTSUPP when it is no such
 * file, or its memory is known not to outlive the power (fb_nv_may_map);
 * STATUS_MEDIA_WRITE_PROTECTED; STATUS_INVALID_PARAMETER with errno EINVAL when a
 * device DAX maps in other pieces than the kernel tells; the others as fb_nt_map_view.
 */
NTSTATUS fb_nt_map_nv_view(HANDLE file, uint64_t offset, size_t length, void **base);

/*
 * fb_nt_nv_variable - the @i-th set environment variable that changes what libpmem
 * says or does, as NAME=VALUE; NULL after the last
 * @does: receives what it changes, in a few words
 */
const char *fb_nt_nv_variable(unsigned i, const char **does);

/* fb_nt_libpmem - version of the libpmem in use, as "1.12"; NULL when there is none */
const char *fb_nt_libpmem(void);

/* Up to where a store must be pushed to survive a power loss. */
enum fb_nt_nv_granularity {
	FB_NT_NV_PAGE, /* the page must be written back: no flush of lines will do */
	FB_NT_NV_LINE, /* the line must leave the caches */
	FB_NT_NV_BYTE, /* nowhere: the caches are saved, too (eADR) */
};

/* How a line is pushed out. */
enum fb_nt_nv_flush {
	FB_NT_NV_AUTO, /* the best there is; none on a granularity of a byte */
	FB_NT_NV_CLWB,
	FB_NT_NV_CLFLUSHOPT,
	FB_NT_NV_CLFLUSH,
	FB_NT_NV_NONE, /* not at all: fences alone */
	FB_NT_NV_CVAP, /* arm64: to the point of persistence */
	FB_NT_NV_CVAC, /* arm64: to the point of coherency */
};

/*
 * struct fb_nt_nv_info - what a token knows
 * @granularity: FB_NT_NV_PAGE where @emulated
 * @flush:       what is used, never FB_NT_NV_AUTO; @flush_name: the same for people
 * @stream_name: stores past the caches: "avx512", "avx2", "sse2", "none"
 * @line:        bytes of a cache line
 */
struct fb_nt_nv_info {
	uintptr_t base;
	size_t length;
	enum fb_nt_nv_granularity granularity;
	bool emulated;
	enum fb_nt_nv_flush flush;
	const char *flush_name;
	const char *stream_name;
	size_t line;
};

enum { FB_NT_TOKENS_MAX = 4096 };

/*
 * fb_nt_emulate_nv_token - a token for a region of any writable view
 *
 * All routines work on it as on non-volatile memory; what they flush is durable
 * nowhere. Statuses as RtlGetNonVolatileToken.
 */
NTSTATUS fb_nt_emulate_nv_token(void *base, size_t length, PVOID *token);

/*
 * fb_nt_choose_nv_flush - use this instruction, before other threads use the token
 *
 * STATUS_NOT_SUPPORTED when the CPU has it not; the token is as before then.
 */
NTSTATUS fb_nt_choose_nv_flush(PVOID token, enum fb_nt_nv_flush how);

/* fb_nt_query_nv_token - STATUS_INVALID_PARAMETER when it is none */
NTSTATUS fb_nt_query_nv_token(PVOID token, struct fb_nt_nv_info *out);

/*
 * fb_nt_unmap_view - by its exact base; STATUS_NOT_MAPPED_VIEW if there is none
 *
 * A flush of the view under way in another thread ends unharmed; fb_nt_msync may
 * find the pages gone and tell STATUS_NOT_MAPPED_VIEW. Tokens for parts of the view are
 * freed; no routine may be at work on one meanwhile. When the system fails to unmap it
 * (media errors) the view stays, without its tokens.
 */
NTSTATUS fb_nt_unmap_view(void *base);

/*
 * fb_nt_msync - MS_SYNC on a range of a view, rounded as NtFlushVirtualMemory does
 *
 * Linux's own durable view flush: data, metadata needed for it, device flush.
 * STATUS_NOT_SUPPORTED elsewhere, and on a view of a device DAX, as there.
 */
NTSTATUS fb_nt_msync(void *base, size_t length);

/*
 * fb_nt_enter_thread - learn about the calling thread what its checks will need
 *
 * Done by the first call that needs it otherwise, which then takes longer: it
 * allocates and asks the system where the stack ends.
 */
void fb_nt_enter_thread(void);

/* fb_nt_os_error - errno behind this thread's last failing call, 0 if none */
int fb_nt_os_error(void);

/* fb_nt_status_name - "STATUS_DISK_FULL"; "0xC0000001" style for unknown ones */
const char *fb_nt_status_name(NTSTATUS status);

/* fb_nt_errno - nearest negative errno of a status, 0 for success */
int fb_nt_errno(NTSTATUS status);

#endif
