/*
 * nt.h - the seam: the documented flush routines
 *
 * Microsoft's names, parameters, flag values and status codes. On Windows these
 * are the system's; elsewhere they are ours, with the documented meaning, errors
 * included. Sources: the pages ZwFlushBuffersFile, NtFlushBuffersFileEx,
 * ZwFlushVirtualMemory and ZwFlushKey of Microsoft's driver documentation.
 *
 * Checks come in the order handle, type, access, parameters, media. A failing
 * routine leaves its outputs untouched, but for what NtFlushVirtualMemory says.
 * Every routine may be called from any number of threads. A handle that was
 * closed, or never given out, is told and never dereferenced.
 *
 * Status of a failed system call:
 *   EROFS                                    MEDIA_WRITE_PROTECTED
 *   ENODEV ENXIO ENOTCONN ESHUTDOWN
 *   ECONNABORTED                             VOLUME_DISMOUNTED
 *   EIO                                      IO_DEVICE_ERROR
 *   ENOSPC EDQUOT                            DISK_FULL
 *   ENOMEM                                   INSUFFICIENT_RESOURCES
 *   any other                                UNEXPECTED_IO_ERROR
 * and fb_nt_os_error() keeps the number.
 */
#ifndef FB_NT_NT_H
#define FB_NT_NT_H

#include "nt/nt_types.h"

/*
 * NtFlushBuffersFile - write a file's data and metadata, empty the device's cache
 *
 * Linux: fsync; a volume handle: syncfs. The same as NtFlushBuffersFileEx with
 * flags 0.
 */
NTSTATUS NTAPI NtFlushBuffersFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock);

/*
 * NtFlushBuffersFileEx - the same, choosing what is written
 * @Flags: one of
 *   0                               fsync
 *   FLUSH_FLAGS_FILE_DATA_ONLY      sync_file_range of the whole file, all three
 *                                   flags: no metadata, no device flush
 *   FLUSH_FLAGS_NO_SYNC             no exact form on Linux; the handle's method,
 *                                   see fb_nt_set_no_sync
 *   FLUSH_FLAGS_FILE_DATA_SYNC_ONLY fdatasync
 *   FLUSH_FLAGS_FLUSH_AND_PURGE     fsync, then the cached pages dropped
 * @Parameters, @ParametersSize: NULL and 0
 *
 * Success: IoStatusBlock has Status 0, Information 0.
 * STATUS_INVALID_HANDLE        no such handle
 * STATUS_OBJECT_TYPE_MISMATCH  a handle of something else
 * STATUS_ACCESS_DENIED         neither write nor append access
 * STATUS_ACCESS_VIOLATION      IoStatusBlock is NULL or not writable
 * STATUS_INVALID_PARAMETER     any flag on a volume; DATA_SYNC_ONLY on a
 *                              directory; unknown flags, combinations, Parameters
 *                              not NULL, ParametersSize not 0. The documents only
 *                              say "one of" and "must be"; that these are refused
 *                              so is our choice.
 * and the media errors above. sync_file_range can miss them: on an ext4 gone
 * read-only after an error it answers success when nothing of the file is dirty,
 * on a FUSE mount whose server has died always (Linux 6.18).
 */
NTSTATUS NTAPI NtFlushBuffersFileEx(HANDLE FileHandle, ULONG Flags, PVOID Parameters,
				    ULONG ParametersSize,
				    PIO_STATUS_BLOCK IoStatusBlock);

/*
 * NtFlushVirtualMemory - write a mapped view's dirty pages back to the file
 * @ProcessHandle: NtCurrentProcess()
 * @BaseAddress:   rounded down to a page, on success written back
 * @RegionSize:    0: to the view's end; else the range from the base as given is
 *                 widened to whole pages, so that its last byte is in; likewise
 *
 * Linux: sync_file_range over the view's part of the file. No metadata, no device
 * flush: NtFlushBuffersFile must follow for that.
 *
 * STATUS_INVALID_HANDLE          no such process handle
 * STATUS_ACCESS_DENIED           not a process (as documented); or, on Linux,
 *                                another live process: the view table knows only
 *                                our own views
 * STATUS_PROCESS_IS_TERMINATING  that process has exited
 * STATUS_ACCESS_VIOLATION        a pointer is NULL or not writable
 * STATUS_NOT_MAPPED_VIEW         no view of fb_nt_map_view at the base
 * STATUS_INVALID_PARAMETER_2     the range ends past the view that holds its base,
 *                                or past the address space
 * and the media errors. Once write-back was attempted IoStatus has its result even
 * on failure, Information the rounded size; before that nothing is written.
 */
NTSTATUS NTAPI NtFlushVirtualMemory(HANDLE ProcessHandle, PVOID *BaseAddress,
				    PSIZE_T RegionSize, PIO_STATUS_BLOCK IoStatus);

/*
 * NtFlushKey - force all changes to the hive of a key to disk
 * @KeyHandle: any key of it
 *
 * Returns when they are durable; blocks every change of the hive meanwhile. Where no
 * registry is, the hive is a file of fb_nt_load_hive, which also says how it is
 * written. A clean hive, one in memory alone and one loaded for reading succeed
 * without I/O. No access is asked for: the documents name one for RegFlushKey only
 * (KEY_QUERY_VALUE), and neither ReactOS nor Wine asks.
 *
 * STATUS_INVALID_HANDLE          no such handle
 * STATUS_OBJECT_TYPE_MISMATCH    a handle of something else
 * STATUS_KEY_DELETED             by this handle or another
 * STATUS_HIVE_UNLOADED           its hive is loaded no more
 * STATUS_MEDIA_WRITE_PROTECTED   EROFS
 * STATUS_INSUFFICIENT_RESOURCES  ENOMEM
 * STATUS_REGISTRY_CORRUPT        the hive is damaged
 * STATUS_REGISTRY_IO_FAILED      any other failed write or sync, a full disk too;
 *                                fb_nt_os_error() keeps the number. The changes are
 *                                still there and the next flush tries again.
 */
NTSTATUS NTAPI NtFlushKey(HANDLE KeyHandle);

/*
 * NtClose - STATUS_INVALID_HANDLE if it is none; a file's views stay mapped
 *
 * NtCurrentProcess() is closed with success and no effect. A call still under way
 * on the handle ends as if it were open.
 */
NTSTATUS NTAPI NtClose(HANDLE Handle);

#define ZwFlushBuffersFile   NtFlushBuffersFile
#define ZwFlushBuffersFileEx NtFlushBuffersFileEx
#define ZwFlushVirtualMemory NtFlushVirtualMemory
#define ZwFlushKey           NtFlushKey
#define ZwClose              NtClose

#endif
