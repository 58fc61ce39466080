/*
 * nv_file.h - a file to be mapped as non-volatile memory, where there is none
 *
 * Include it after cmocka.h.
 */
#ifndef FB_TESTS_SUPPORT_NV_FILE_H
#define FB_TESTS_SUPPORT_NV_FILE_H

#include "nt/objects.h"
#include "support/tmpdir.h"

/*
 * nv_file - what a test took; nv_file_leave gives it back, whatever happened
 * @folder: a new one; @page: bytes of one
 * @file:   NULL, or open with the access it was given; @path: words of its mappings
 * @fds:    open when the file was, itself included
 */
extern struct nv_file {
	char folder[TMPDIR_LEN];
	char path[TMPDIR_LEN + 8];
	HANDLE file;
	size_t page;
	int fds;
} nv_file;

/*
 * nv_file_enter - a test's setup: none of libpmem's variables is set any more
 * nv_file_leave - its teardown
 */
int nv_file_enter(void **state);
int nv_file_leave(void **state);

/* nv_file_make - a new file of two pages in @folder, for reading and writing */
void nv_file_make(const char *folder);

/* nv_file_open - what is there already, with @access */
void nv_file_open(const char *path, ACCESS_MASK access);

/* nv_file_close - it is NULL then */
void nv_file_close(void);

/* assert_nothing_left - no mapping of the file, no descriptor but the file's */
void assert_nothing_left(void);

/* assert_refused - fb_nt_map_nv_view says @expected and leaves nothing, no output */
void assert_refused(NTSTATUS expected, uint64_t offset, size_t length);

/* assert_no_nv_memory - all of it is refused for what it lies on */
void assert_no_nv_memory(void);

#endif
