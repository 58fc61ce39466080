/*
 * trace_lab.h - disks of a test, and what is traced of them
 *
 * Include it after cmocka.h.
 */
#ifndef FB_TESTS_SUPPORT_TRACE_LAB_H
#define FB_TESTS_SUPPORT_TRACE_LAB_H

#include "account/trace.h"
#include "support/loopfs.h"

enum { TRACE_LAB_PAGE = 4096, TRACE_LAB_OPS = 500 };

/*
 * trace_lab - what a test took: trace_lab_leave, its teardown, gives it back
 * @image, @loop, @file, @other: descriptors, -1: none. What is written goes to @file
 * @zram: its number, -1: none
 * @single: through programs, see fb_trace_open_single
 */
extern struct trace_lab {
	char folder[TMPDIR_LEN];
	struct loopfs fs;
	int image, loop, file, other;
	int zram;
	void *page;
	struct fb_disk disks[2];
	size_t n_disks;
	bool single;
	struct fb_trace *trace;
	struct fb_block_event *events;
	size_t n_events;
} trace_lab;

/* trace_lab_enter, trace_lab_enter_single, trace_lab_leave - of each test */
int trace_lab_enter(void **state);
int trace_lab_enter_single(void **state);
int trace_lab_leave(void **state);

/* trace_lab_no_rights - why nothing can be traced, or NULL */
const char *trace_lab_no_rights(void);

/*
 * trace_lab_attach - a loop device as the next disk and @file
 * trace_lab_mount_ext4 - a file of TRACE_LAB_OPS pages on one that is the next disk
 * trace_lab_make_zram - a disk that has no requests as the next one
 *
 * The test is skipped where it cannot be had.
 */
void trace_lab_attach(uint64_t bytes);
void trace_lab_mount_ext4(void);
void trace_lab_make_zram(void);

/* trace_lab_open_sized - trace the disks; 0: rings as fb_trace_open has them */
void trace_lab_open_sized(size_t ring_bytes);

/* trace_lab_start forgets @events, trace_lab_stop reads all that are left */
void trace_lab_start(void);
void trace_lab_stop(void);

/* trace_lab_read_events - add to @events */
void trace_lab_read_events(void);

/* trace_lab_write_pages - @n from the page @first on, one by one, to @file */
void trace_lab_write_pages(int first, int n);

/* trace_lab_count - how many of a kind have these flags, and sectors or none */
size_t trace_lab_count(enum fb_block_kind kind, uint32_t flags, bool data);

/* trace_lab_assert_count - that they are equal; skips if the kernel kept events back */
void trace_lab_assert_count(uint64_t seen, uint64_t expected);

/* trace_lab_assert_none_lost - the rings had room for all */
void trace_lab_assert_none_lost(void);

/* trace_lab_assert_ordered - by time; trace_lab_assert_of - all are of one disk */
void trace_lab_assert_ordered(void);
void trace_lab_assert_of(const struct fb_disk *d);

#endif
