/*
 * status.h - how our own routines tell of a failure
 *
 * Each keeps the errno behind this thread's failure for fb_nt_os_error and returns
 * the status, so that a routine ends in `return fb_nt_told(...)`.
 */
#ifndef FB_NT_STATUS_H
#define FB_NT_STATUS_H

#include "nt/nt_types.h"

/* fb_nt_told - decided without a system call */
NTSTATUS fb_nt_told(NTSTATUS status);

/* fb_nt_told_as - @err seen, and its meaning here is @status */
NTSTATUS fb_nt_told_as(NTSTATUS status, int err);

/* fb_nt_told_media - a failed system call on an open file: the table of nt.h */
NTSTATUS fb_nt_told_media(int err);

/* fb_nt_told_name - a failed system call on a name: as fb_nt_open_file says */
NTSTATUS fb_nt_told_name(int err);

/* fb_nt_told_tree - a hive's keys and values could not be read or changed: keys.h */
NTSTATUS fb_nt_told_tree(int err);

/* fb_nt_told_hive - a hive could not be read from disk or flushed: as NtFlushKey */
NTSTATUS fb_nt_told_hive(int err);

#endif
