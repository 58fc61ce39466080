/*
 * nt_types.h - the types, status codes and flags of the documented routines
 *
 * Spelt as Microsoft spells them. On Windows the system's own headers give the
 * types; what they lack is added.
 */
#ifndef FB_NT_TYPES_H
#define FB_NT_TYPES_H

#include <stddef.h>
#include <stdint.h>

#ifdef _WIN32
#include <windows.h>
#include <winternl.h>
#include <ntstatus.h>
#else
typedef void *HANDLE;
typedef void *PVOID;
typedef int32_t NTSTATUS;
typedef uint32_t ULONG;
typedef uint32_t ACCESS_MASK;
typedef uintptr_t ULONG_PTR;
typedef size_t SIZE_T;
typedef SIZE_T *PSIZE_T;

typedef struct _IO_STATUS_BLOCK {
	union {
		NTSTATUS Status;
		PVOID Pointer;
	};
	ULONG_PTR Information;
} IO_STATUS_BLOCK, *PIO_STATUS_BLOCK;

#define NTAPI
#define NT_SUCCESS(Status) ((NTSTATUS)(Status) >= 0)

#define STATUS_SUCCESS                ((NTSTATUS)0x00000000)
#define STATUS_PENDING                ((NTSTATUS)0x00000103)
#define STATUS_CACHE_PAGE_LOCKED      ((NTSTATUS)0x00000115)
#define STATUS_UNSUCCESSFUL           ((NTSTATUS)0xC0000001)
#define STATUS_NOT_IMPLEMENTED        ((NTSTATUS)0xC0000002)
#define STATUS_INFO_LENGTH_MISMATCH   ((NTSTATUS)0xC0000004)
#define STATUS_ACCESS_VIOLATION       ((NTSTATUS)0xC0000005)
#define STATUS_INVALID_HANDLE         ((NTSTATUS)0xC0000008)
#define STATUS_INVALID_PARAMETER      ((NTSTATUS)0xC000000D)
#define STATUS_NO_SUCH_FILE           ((NTSTATUS)0xC000000F)
#define STATUS_INVALID_DEVICE_REQUEST ((NTSTATUS)0xC0000010)
#define STATUS_NO_MEMORY              ((NTSTATUS)0xC0000017)
#define STATUS_NOT_MAPPED_VIEW        ((NTSTATUS)0xC0000019)
#define STATUS_ACCESS_DENIED          ((NTSTATUS)0xC0000022)
#define STATUS_OBJECT_TYPE_MISMATCH   ((NTSTATUS)0xC0000024)
#define STATUS_OBJECT_NAME_NOT_FOUND  ((NTSTATUS)0xC0000034)
#define STATUS_OBJECT_NAME_COLLISION  ((NTSTATUS)0xC0000035)
#define STATUS_FILE_LOCK_CONFLICT     ((NTSTATUS)0xC0000054)
#define STATUS_DISK_FULL              ((NTSTATUS)0xC000007F)
#define STATUS_NOT_MAPPED_DATA        ((NTSTATUS)0xC0000088)
#define STATUS_INSUFFICIENT_RESOURCES ((NTSTATUS)0xC000009A)
#define STATUS_MEDIA_WRITE_PROTECTED  ((NTSTATUS)0xC00000A2)
#define STATUS_FILE_IS_A_DIRECTORY    ((NTSTATUS)0xC00000BA)
#define STATUS_NOT_SUPPORTED          ((NTSTATUS)0xC00000BB)
#define STATUS_UNEXPECTED_IO_ERROR    ((NTSTATUS)0xC00000E9)
#define STATUS_INVALID_PARAMETER_2    ((NTSTATUS)0xC00000F0)
#define STATUS_NOT_A_DIRECTORY        ((NTSTATUS)0xC0000103)
#define STATUS_PROCESS_IS_TERMINATING ((NTSTATUS)0xC000010A)
#define STATUS_TOO_MANY_OPENED_FILES  ((NTSTATUS)0xC000011F)
#define STATUS_REGISTRY_CORRUPT       ((NTSTATUS)0xC000014C)
#define STATUS_REGISTRY_IO_FAILED     ((NTSTATUS)0xC000014D)
#define STATUS_KEY_DELETED            ((NTSTATUS)0xC000017C)
#define STATUS_IO_DEVICE_ERROR        ((NTSTATUS)0xC0000185)
#define STATUS_VOLUME_DISMOUNTED      ((NTSTATUS)0xC000026E)
#define STATUS_HIVE_UNLOADED          ((NTSTATUS)0xC0000425)

#define FILE_READ_DATA        0x0001
#define FILE_WRITE_DATA       0x0002
#define FILE_ADD_FILE         0x0002
#define FILE_APPEND_DATA      0x0004
#define FILE_ADD_SUBDIRECTORY 0x0004
#endif

/* FILE_* options of the constructor, values of NtCreateFile's CreateOptions. */
#ifndef FILE_WRITE_THROUGH
#define FILE_DIRECTORY_FILE            0x00000001
#define FILE_WRITE_THROUGH             0x00000002
#define FILE_NO_INTERMEDIATE_BUFFERING 0x00000008
#endif

/* NtFlushBuffersFileEx: Windows 8, DATA_SYNC_ONLY from 10 1607, PURGE from 11 24H2 */
#ifndef FLUSH_FLAGS_FILE_DATA_ONLY
#define FLUSH_FLAGS_FILE_DATA_ONLY      0x00000001
#define FLUSH_FLAGS_NO_SYNC             0x00000002
#define FLUSH_FLAGS_FILE_DATA_SYNC_ONLY 0x00000004
#endif
#ifndef FLUSH_FLAGS_FLUSH_AND_PURGE
#define FLUSH_FLAGS_FLUSH_AND_PURGE 0x00000008
#endif

#ifndef NtCurrentProcess
#define NtCurrentProcess() ((HANDLE)(intptr_t)-1)
#endif

#endif
