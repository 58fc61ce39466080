/*
 * view_rig.h - a mapped file for a test of the routines
 */
#ifndef FB_TESTS_SUPPORT_VIEW_RIG_H
#define FB_TESTS_SUPPORT_VIEW_RIG_H

#include "nt/objects.h"
#include "support/tmpdir.h"

/* view_rig - @view is of all of @file, which is at @path in @folder, in whole pages */
extern struct view_rig {
	char folder[TMPDIR_LEN];
	char path[TMPDIR_LEN + 8];
	HANDLE file;
	char *view;
	size_t page;
} view_rig;

/* view_rig_make - @pages of it; 0 or -1. view_rig_leave, a test's teardown, in either
 * case. */
int view_rig_make(size_t pages);
int view_rig_leave(void **state);

/*
 * assert_view_refused - NtFlushVirtualMemory says @expected, asked of the system
 * nothing and wrote to none of its outputs
 */
void assert_view_refused(NTSTATUS expected, HANDLE process, void *at, size_t bytes);

#endif
