/*
 * nt.h - the seam: the documented flush routines
 *
 * Microsoft's names, parameters, flag values and status codes. On Windows these
 * are the system's; elsewhere they are ours, with the documented meaning, errors
 * included. Sources: the pages ZwFlushBuffersFile, NtFlushBuffersFileEx,
 * ZwFlushVirtualMemory, ZwFlushKey and RtlFlushNonVolatileMemory with its relatives
 * of Microsoft's driver documentation.
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
 * STATUS_NOT_MAPPED_VIEW         no view of fb_nt_map_view or fb_nt_map_nv_view at the
 *                                base
 * STATUS_INVALID_PARAMETER_2     the range ends past the view that holds its base,
 *                                or past the address space
 * STATUS_NOT_SUPPORTED           the view is of a device DAX: there is no file to write
 *                                to, and its stores need none (our choice)
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
 * The routines for non-volatile memory. Where the system has none they are ours:
 * write-backs of cache lines by the instruction that the token says, and a fence to
 * wait for them.
 *
 * Order of checks: token, flags, range. All that is refused is
 * STATUS_INVALID_PARAMETER, as documented, and nothing is stored or flushed then; the
 * exceptions are named below. A range must lie in the token's region; one of no bytes
 * may lie anywhere in it, its end included. What the documents leave open:
 *   - unknown flags and combinations are refused;
 *   - the flags of the write and fill routines mean the same. The documents explain
 *     them for the fill routine only: FLUSH stores, flushes and drains; NON_TEMPORAL
 *     stores past the caches, but for the part of a word at either end, which is stored
 *     and flushed, and then drains; PERSIST is whichever of the two is cheaper, line by
 *     line; NO_DRAIN goes with FLUSH alone; 0 only stores;
 *   - where the CPU has no stores past its caches, NON_TEMPORAL is FLUSH;
 *   - FLUSH_NV_MEMORY_DEFAULT_TOKEN is refused: what it means is not documented.
 * On a region whose granularity is a byte (eADR: a power loss empties the caches into
 * the memory) no line is flushed unless fb_nt_choose_nv_flush says by what; a drain is
 * a fence all the same.
 *
 * These take no lock and hold nothing: the region's view must stay mapped during a
 * call. A token whose view was unmapped before is told. Buffers are read and written as
 * they are: a bad address faults, as it does in the routines of Windows.
 */

/*
 * RtlGetNonVolatileToken - a token for a region of non-volatile memory
 * @NvBuffer, @Size: must lie in one view of fb_nt_map_nv_view
 * @NvToken: what the other routines take; RtlFreeNonVolatileToken frees it
 *
 * STATUS_INVALID_PARAMETER       Size is 0, the range wraps around, NvToken is NULL
 *                                or not writable
 * STATUS_INFO_LENGTH_MISMATCH    the range does not lie in one view
 * STATUS_NOT_SUPPORTED           the view is not of non-volatile memory, or the CPU
 *                                has no instruction to flush a line (our choice)
 * STATUS_ACCESS_DENIED           the view is not writable
 * STATUS_INSUFFICIENT_RESOURCES  FB_NT_TOKENS_MAX tokens are in use
 */
NTSTATUS NTAPI RtlGetNonVolatileToken(PVOID NvBuffer, SIZE_T Size, PVOID *NvToken);

/* RtlFreeNonVolatileToken - told when it was freed before */
NTSTATUS NTAPI RtlFreeNonVolatileToken(PVOID NvToken);

/*
 * RtlFlushNonVolatileMemory - push the lines of a range out of the caches
 * @Flags: 0: and wait until they are durable; FLUSH_NV_MEMORY_IN_FLAG_NO_DRAIN: do not
 */
NTSTATUS NTAPI RtlFlushNonVolatileMemory(PVOID NvToken, PVOID NvBuffer, SIZE_T Size,
					 ULONG Flags);

/*
 * RtlFlushNonVolatileMemoryRanges - the same for several ranges, with one wait
 *
 * All are checked before the first is flushed. None at all are a drain.
 */
NTSTATUS NTAPI RtlFlushNonVolatileMemoryRanges(PVOID NvToken, PNV_MEMORY_RANGE NvRanges,
					       SIZE_T NumRanges, ULONG Flags);

/* RtlDrainNonVolatileFlush - wait for the flushes of this thread that did not */
NTSTATUS NTAPI RtlDrainNonVolatileFlush(PVOID NvToken);

/*
 * RtlWriteNonVolatileMemory - copy into the region
 * @Source: anywhere; must not overlap the destination
 * @Flags:  0, WRITE_NV_MEMORY_FLAG_FLUSH, _NON_TEMPORAL, _PERSIST, _FLUSH | _NO_DRAIN
 */
NTSTATUS NTAPI RtlWriteNonVolatileMemory(PVOID NvToken, VOID *NvDestination,
					 const VOID *Source, SIZE_T Size, ULONG Flags);

/* RtlFillNonVolatileMemory - fill with one value; flags as above, FILL_NV_MEMORY_FLAG_
 */
NTSTATUS NTAPI RtlFillNonVolatileMemory(PVOID NvToken, VOID *NvDestination, SIZE_T Size,
					const UCHAR Value, ULONG Flags);

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
