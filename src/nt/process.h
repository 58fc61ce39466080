/*
 * process.h - whose memory a process handle means
 */
#ifndef FB_NT_PROCESS_H
#define FB_NT_PROCESS_H

#include "nt/nt_types.h"

/*
 * fb_nt_process_check - success if @process is this process
 *
 * STATUS_INVALID_HANDLE, STATUS_ACCESS_DENIED (not a process, or another live one),
 * STATUS_PROCESS_IS_TERMINATING.
 */
NTSTATUS fb_nt_process_check(HANDLE process);

#endif
