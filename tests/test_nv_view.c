/*
 * Views where there is no non-volatile memory: what must be refused, and what an
 * ordinary one is.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "nt/nt.h"
#include "nt/pmem_linux.h"
#include "nt/view_table.h"
#include "support/fusefs.h"
#include "support/need.h"
#include "support/nt_assert.h"
#include "support/nv_file.h"

#include <stdio.h>
#include <stdlib.h>

static struct fusefs fuse;
static const struct fb_pmem *pmem;

static int enter(void **state)
{
	pmem = fb_pmem_get();
	return nv_file_enter(state);
}

static int leave(void **state)
{
	fb_pmem_use(pmem);
	nv_file_leave(state);
	fusefs_unmount(&fuse);
	return 0;
}

static void a_file_on_an_ordinary_file_system_is_refused(void **state)
{
	(void)state;
	nv_file_make(nv_file.folder);
	assert_no_nv_memory();
	fb_pmem_use(NULL);
	assert_no_nv_memory();
}

static void memory_is_refused(void **state)
{
	(void)state;
	assert_status(STATUS_SUCCESS,
		      fb_nt_create_memory(2 * nv_file.page, &nv_file.file));
	snprintf(nv_file.path, sizeof(nv_file.path), "memfd:");
	nv_file.fds = folder_entries("/proc/self/fd");
	assert_no_nv_memory();
}

static void a_file_on_fuse_is_refused(void **state)
{
	(void)state;
	need(fusefs_missing());
	assert_int_equal(fusefs_mount(&fuse, true), 0);
	nv_file_make(fuse.dir);
	assert_no_nv_memory();
}

static void a_character_device_is_refused(void **state)
{
	(void)state;
	nv_file_open("/dev/zero", FILE_READ_DATA | FILE_WRITE_DATA);
	assert_no_nv_memory();
}

static void it_must_be_a_part_of_the_file(void **state)
{
	const size_t page = nv_file.page;

	(void)state;
	nv_file_make(nv_file.folder);
	assert_refused(STATUS_INVALID_PARAMETER, 0, 0);
	assert_refused(STATUS_INVALID_PARAMETER, 1, page);
	assert_refused(STATUS_INVALID_PARAMETER, 0, 2 * page + 1);
	assert_refused(STATUS_INVALID_PARAMETER, 3 * page, 1);
	assert_refused(STATUS_INVALID_PARAMETER, page, SIZE_MAX);
}

static void the_file_must_be_one_for_reading_and_writing(void **state)
{
	char path[sizeof(nv_file.path)];

	(void)state;
	nv_file_make(nv_file.folder);
	snprintf(path, sizeof(path), "%s", nv_file.path);
	nv_file_open(path, FILE_READ_DATA);
	assert_refused(STATUS_ACCESS_DENIED, 0, nv_file.page);
	nv_file_open(path, FILE_WRITE_DATA);
	assert_refused(STATUS_ACCESS_DENIED, 0, nv_file.page);
	nv_file_open(nv_file.folder, FILE_READ_DATA | FILE_WRITE_DATA);
	assert_refused(STATUS_OBJECT_TYPE_MISMATCH, 0, nv_file.page);
	nv_file_close();
	assert_refused(STATUS_INVALID_HANDLE, 0, nv_file.page);
}

static void every_set_variable_is_told_once(void **state)
{
	const char *does;

	(void)state;
	assert_null(fb_nt_nv_variable(0, &does));
	setenv("PMEM_MMAP_HINT", "0x10000000000", 1);
	setenv("PMEM_NO_FLUSHES", "1", 1);
	setenv("PMEM_NO_FLUSH", "", 1);
	setenv("PMEM_IS_PMEM_FORCE", "0", 1);
	assert_string_equal(fb_nt_nv_variable(0, &does), "PMEM_IS_PMEM_FORCE=0");
	assert_string_equal(fb_nt_nv_variable(1, &does), "PMEM_NO_FLUSH=");
	assert_string_equal(does, "never flush, or always");
	assert_string_equal(fb_nt_nv_variable(2, &does),
			    "PMEM_MMAP_HINT=0x10000000000");
	assert_null(fb_nt_nv_variable(3, &does));
}

/* Those that the library itself knows, but for its log's. */
static const char *const of_libpmem[] = {
	"PMEM_IS_PMEM_FORCE",     "PMEM2_FORCE_GRANULARITY",
	"PMEM_NO_FLUSH",          "PMEM_NO_CLWB",
	"PMEM_NO_CLFLUSHOPT",     "PMEM_NO_MOVNT",
	"PMEM_MOVNT_THRESHOLD",   "PMEM_AVX",
	"PMEM_AVX512F",           "PMEM_MOVDIR64B",
	"PMEM_NO_GENERIC_MEMCPY", "PMEM_WC_WORKAROUND",
	"PMEM_MMAP_HINT",         NULL,
};

static void every_variable_of_the_library_has_a_meaning(void **state)
{
	const char *does;

	(void)state;
	for (const char *const *v = of_libpmem; *v; v++) {
		does = NULL;
		setenv(*v, "1", 1);
		assert_non_null(fb_nt_nv_variable(0, &does));
		assert_true(does && *does);
		unsetenv(*v);
	}
}

static void assert_view(const void *base, bool writable)
{
	struct fb_nt_view *v = fb_nt_view_hold((uintptr_t)base);

	assert_non_null(v);
	assert_int_equal(v->writable, writable);
	assert_false(v->nv);
	assert_int_equal(v->granularity, FB_NT_NV_PAGE);
	fb_nt_view_put(v);
}

static void an_ordinary_view_is_of_pages_and_as_writable_as_its_file(void **state)
{
	char path[sizeof(nv_file.path)];
	void *base;

	(void)state;
	nv_file_make(nv_file.folder);
	snprintf(path, sizeof(path), "%s", nv_file.path);
	assert_status(STATUS_SUCCESS,
		      fb_nt_map_view(nv_file.file, 0, nv_file.page, true, &base));
	assert_view(base, true);
	assert_status(STATUS_SUCCESS, fb_nt_unmap_view(base));
	nv_file_open(path, FILE_READ_DATA);
	assert_status(STATUS_SUCCESS,
		      fb_nt_map_view(nv_file.file, 0, nv_file.page, false, &base));
	assert_view(base, false);
	assert_status(STATUS_SUCCESS, fb_nt_unmap_view(base));
	assert_nothing_left();
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_file_on_an_ordinary_file_system_is_refused),
		CASE(memory_is_refused),
		CASE(a_file_on_fuse_is_refused),
		CASE(a_character_device_is_refused),
		CASE(it_must_be_a_part_of_the_file),
		CASE(the_file_must_be_one_for_reading_and_writing),
		CASE(every_set_variable_is_told_once),
		CASE(every_variable_of_the_library_has_a_meaning),
		CASE(an_ordinary_view_is_of_pages_and_as_writable_as_its_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
