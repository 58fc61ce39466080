#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "nt/nt.h"
#include "support/nt_assert.h"
#include "support/nv_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where no view can be made, an output stays this. */
#define UNTOUCHED ((void *)0x5a5a)

struct nv_file nv_file;

static void forget_variables(void)
{
	const char *set, *does;
	char name[64];

	while ((set = fb_nt_nv_variable(0, &does))) {
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(set, "="), set);
		unsetenv(name);
	}
}

int nv_file_enter(void **state)
{
	(void)state;
	forget_variables();
	nv_file.page = (size_t)getpagesize();
	return tmpdir_make(nv_file.folder);
}

int nv_file_leave(void **state)
{
	(void)state;
	forget_variables();
	nv_file_close();
	tmpdir_remove(nv_file.folder);
	memset(&nv_file, 0, sizeof(nv_file));
	return 0;
}

void nv_file_make(const char *folder)
{
	snprintf(nv_file.path, sizeof(nv_file.path), "%s/data", folder);
	assert_status(STATUS_SUCCESS,
		      fb_nt_open_file(nv_file.path, FILE_READ_DATA | FILE_WRITE_DATA, 0,
				      FB_NT_CREATE, &nv_file.file));
	assert_status(STATUS_SUCCESS, fb_nt_set_size(nv_file.file, 2 * nv_file.page));
	nv_file.fds = folder_entries("/proc/self/fd");
}

void nv_file_open(const char *path, ACCESS_MASK access)
{
	const ULONG options = strcmp(path, nv_file.folder) ? 0 : FILE_DIRECTORY_FILE;

	nv_file_close();
	assert_status(STATUS_SUCCESS, fb_nt_open_file(path, access, options, FB_NT_OPEN,
						      &nv_file.file));
	nv_file.fds = folder_entries("/proc/self/fd");
	snprintf(nv_file.path, sizeof(nv_file.path), "%.255s", path);
}

void nv_file_close(void)
{
	if (nv_file.file) {
		NtClose(nv_file.file);
		nv_file.fds--;
	}
	nv_file.file = NULL;
}

static unsigned mappings_of(const char *path)
{
	FILE *f = fopen("/proc/self/maps", "re");
	char line[4096];
	unsigned n = 0;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		n += strstr(line, path) != NULL;
	fclose(f);
	return n;
}

void assert_nothing_left(void)
{
	assert_int_equal(mappings_of(nv_file.path), 0);
	assert_int_equal(folder_entries("/proc/self/fd"), nv_file.fds);
}

void assert_refused(NTSTATUS expected, uint64_t offset, size_t length)
{
	void *base = UNTOUCHED;

	assert_status(expected, fb_nt_map_nv_view(nv_file.file, offset, length, &base));
	assert_ptr_equal(base, UNTOUCHED);
	assert_nothing_left();
}

void assert_no_nv_memory(void)
{
	assert_refused(STATUS_NOT_SUPPORTED, 0, 2 * nv_file.page);
	assert_int_equal(fb_nt_os_error(), EOPNOTSUPP);
}
