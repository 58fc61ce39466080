#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "nt/nt.h"
#include "nt/objects.h"
#include "nt/view_table.h"
#include "support/need.h"
#include "support/nt_assert.h"
#include "support/nv_rig.h"
#include "support/view_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGES 4

static int setup(void **state)
{
	(void)state;
	return view_rig_make(PAGES);
}

/* As if a file on persistent memory were mapped: the view table decides. */
static struct fb_nt_view *add_nv_view(bool writable,
				      enum fb_nt_nv_granularity granularity)
{
	struct fb_nt_view *v = calloc(1, sizeof(*v));
	const int prot = PROT_READ | (writable ? PROT_WRITE : 0);
	void *base = mmap(NULL, PAGES * view_rig.page, prot, MAP_SHARED | MAP_ANONYMOUS,
			  -1, 0);

	assert_non_null(v);
	assert_ptr_not_equal(base, MAP_FAILED);
	*v = (struct fb_nt_view){
		.base = (uintptr_t)base,
		.length = PAGES * view_rig.page,
		.fd = open("/dev/null", O_RDWR | O_CLOEXEC),
		.nv = true,
		.writable = writable,
		.granularity = granularity,
		.unmap = munmap,
	};
	assert_false(fb_nt_view_add(v));
	return v;
}

static char *nv_view(bool writable, enum fb_nt_nv_granularity granularity)
{
	return (char *)add_nv_view(writable, granularity)->base;
}

typedef NTSTATUS get_token(void *base, size_t length, PVOID *token);

static void assert_refused(NTSTATUS expected, get_token *get, void *base, size_t length)
{
	PVOID untouched = &untouched;

	assert_status(expected, get(base, length, &untouched));
	assert_ptr_equal(untouched, &untouched);
}

static get_token *const gets[] = {RtlGetNonVolatileToken, fb_nt_emulate_nv_token};

static void a_token_for_nothing_is_refused(void **state)
{
	const size_t room = UINTPTR_MAX - (uintptr_t)view_rig.view;

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_refused(STATUS_INVALID_PARAMETER, gets[i], view_rig.view, 0);
		assert_refused(STATUS_INVALID_PARAMETER, gets[i], NULL, 0);
		assert_refused(STATUS_INVALID_PARAMETER, gets[i], view_rig.view,
			       SIZE_MAX);
		assert_refused(STATUS_INVALID_PARAMETER, gets[i], view_rig.view,
			       room + 1);
	}
}

static void a_region_that_is_not_in_one_view_is_told(void **state)
{
	const size_t all = PAGES * view_rig.page;
	char on_stack;

	(void)state;
	for (int i = 0; i < 2; i++) {
		const NTSTATUS told = STATUS_INFO_LENGTH_MISMATCH;

		assert_refused(told, gets[i], view_rig.view, all + 1);
		assert_refused(told, gets[i], view_rig.view + 1, all);
		assert_refused(told, gets[i], view_rig.view + all, 1);
		assert_refused(told, gets[i], view_rig.view - 1, 1);
		assert_refused(told, gets[i], view_rig.view - 1, 2);
		assert_refused(told, gets[i], NULL, 1);
		assert_refused(told, gets[i], &on_stack, 1);
		assert_refused(told, gets[i], malloc, 1);
	}
}

static void a_region_across_two_views_is_told(void **state)
{
	char *a = nv_memory_view(view_rig.page);
	char *b = nv_memory_view(view_rig.page);
	char *low = a < b ? a : b;
	const bool beside = low + view_rig.page == (a < b ? b : a);

	(void)state;
	for (int i = 0; beside && i < 2; i++) {
		assert_refused(STATUS_INFO_LENGTH_MISMATCH, gets[i], low,
			       2 * view_rig.page);
		assert_refused(STATUS_INFO_LENGTH_MISMATCH, gets[i],
			       low + view_rig.page - 1, 2);
	}
	fb_nt_unmap_view(a);
	fb_nt_unmap_view(b);
	need(beside ? NULL : "the system mapped no two views side by side");
}

static void an_ordinary_view_gets_an_emulated_token_only(void **state)
{
	PVOID token = NULL;

	(void)state;
	assert_refused(STATUS_NOT_SUPPORTED, RtlGetNonVolatileToken, view_rig.view, 1);
	assert_status(STATUS_SUCCESS, fb_nt_emulate_nv_token(view_rig.view, 1, &token));
	assert_status(STATUS_SUCCESS, RtlFreeNonVolatileToken(token));
}

static void an_ordinary_file_is_no_non_volatile_memory(void **state)
{
	void *untouched = &untouched;

	(void)state;
	assert_status(STATUS_NOT_SUPPORTED,
		      fb_nt_map_nv_view(view_rig.file, 0, view_rig.page, &untouched));
	assert_int_equal(fb_nt_os_error(), EOPNOTSUPP);
	assert_ptr_equal(untouched, &untouched);
}

static void a_view_for_reading_gets_no_token(void **state)
{
	char *nv = nv_view(false, FB_NT_NV_LINE);
	HANDLE file = NULL;
	void *view = NULL;

	(void)state;
	assert_status(STATUS_SUCCESS, fb_nt_open_file(view_rig.path, FILE_READ_DATA, 0,
						      FB_NT_OPEN, &file));
	assert_status(STATUS_SUCCESS,
		      fb_nt_map_view(file, 0, view_rig.page, false, &view));
	assert_refused(STATUS_ACCESS_DENIED, fb_nt_emulate_nv_token, view, 1);
	assert_refused(STATUS_ACCESS_DENIED, fb_nt_emulate_nv_token, nv, 1);
	assert_refused(STATUS_ACCESS_DENIED, RtlGetNonVolatileToken, nv, 1);
	assert_status(STATUS_SUCCESS, fb_nt_unmap_view(nv));
	assert_status(STATUS_SUCCESS, fb_nt_unmap_view(view));
	assert_status(STATUS_SUCCESS, NtClose(file));
}

static void a_token_knows_its_region(void **state)
{
	char *nv = nv_view(true, FB_NT_NV_LINE);
	struct fb_nt_nv_info info;
	PVOID real = NULL;
	PVOID emulated = nv_token(nv + 10, 100);

	(void)state;
	assert_status(STATUS_SUCCESS, RtlGetNonVolatileToken(nv + 77, 1000, &real));
	assert_status(STATUS_SUCCESS, fb_nt_query_nv_token(real, &info));
	assert_int_equal(info.base, (uintptr_t)nv + 77);
	assert_int_equal(info.length, 1000);
	assert_int_equal(info.granularity, FB_NT_NV_LINE);
	assert_false(info.emulated);
	assert_int_not_equal(info.flush, FB_NT_NV_AUTO);
	assert_int_not_equal(info.flush, FB_NT_NV_NONE);
	assert_status(STATUS_SUCCESS, fb_nt_query_nv_token(emulated, &info));
	assert_int_equal(info.base, (uintptr_t)nv + 10);
	assert_int_equal(info.length, 100);
	assert_int_equal(info.granularity, FB_NT_NV_PAGE);
	assert_true(info.emulated);
	assert_status(STATUS_SUCCESS, fb_nt_unmap_view(nv));
	assert_status(STATUS_INVALID_PARAMETER, RtlDrainNonVolatileFlush(real));
}

static void where_the_caches_are_saved_no_line_is_flushed(void **state)
{
	char *nv = nv_view(true, FB_NT_NV_BYTE);
	struct fb_nt_nv_info info;
	PVOID token = NULL;

	(void)state;
	assert_status(STATUS_SUCCESS,
		      RtlGetNonVolatileToken(nv, view_rig.page, &token));
	assert_status(STATUS_SUCCESS, fb_nt_query_nv_token(token, &info));
	assert_int_equal(info.granularity, FB_NT_NV_BYTE);
	assert_int_equal(info.flush, FB_NT_NV_NONE);
	assert_string_equal(info.flush_name, "none");
	assert_status(STATUS_SUCCESS, fb_nt_unmap_view(nv));
}

static int fail_to_unmap(void *base, size_t length)
{
	(void)base;
	(void)length;
	errno = ENOMEM;
	return -1;
}

static void a_view_that_cannot_be_unmapped_stays_without_its_tokens(void **state)
{
	struct fb_nt_view *v = add_nv_view(true, FB_NT_NV_LINE);
	void *base = (void *)v->base;
	PVOID token = NULL;

	(void)state;
	v->unmap = fail_to_unmap;
	assert_status(STATUS_SUCCESS, RtlGetNonVolatileToken(base, 1, &token));
	assert_status(STATUS_INSUFFICIENT_RESOURCES, fb_nt_unmap_view(base));
	assert_status(STATUS_INVALID_PARAMETER, RtlDrainNonVolatileFlush(token));
	assert_status(STATUS_SUCCESS, RtlGetNonVolatileToken(base, 1, &token));
	v->unmap = munmap;
	assert_status(STATUS_SUCCESS, fb_nt_unmap_view(base));
}

/* As of a device DAX. The range is checked first, as everywhere. */
static void a_view_without_a_file_has_nothing_to_write_back(void **state)
{
	struct fb_nt_view *v = add_nv_view(true, FB_NT_NV_LINE);
	void *base = (void *)v->base;

	(void)state;
	assert_status(STATUS_SUCCESS, fb_nt_msync(base, 1));
	v->no_file = true;
	assert_view_refused(STATUS_NOT_SUPPORTED, NtCurrentProcess(), base, 1);
	assert_view_refused(STATUS_NOT_SUPPORTED, NtCurrentProcess(), base, 0);
	assert_view_refused(STATUS_INVALID_PARAMETER_2, NtCurrentProcess(), base,
			    PAGES * view_rig.page + 1);
	assert_status(STATUS_NOT_SUPPORTED, fb_nt_msync(base, 1));
	assert_status(STATUS_SUCCESS, fb_nt_unmap_view(base));
}

static void assert_chosen(PVOID token, enum fb_nt_nv_flush how)
{
	struct fb_nt_nv_info before;
	struct fb_nt_nv_info after;
	NTSTATUS status;

	assert_status(STATUS_SUCCESS, fb_nt_query_nv_token(token, &before));
	status = fb_nt_choose_nv_flush(token, how);
	assert_status(STATUS_SUCCESS, fb_nt_query_nv_token(token, &after));
	if (status) {
		assert_status(STATUS_NOT_SUPPORTED, status);
		assert_int_equal(after.flush, before.flush);
	} else if (how != FB_NT_NV_AUTO) {
		assert_int_equal(after.flush, how);
	}
	assert_int_equal(after.base, before.base);
	assert_int_equal(after.length, before.length);
}

static void the_instruction_can_be_chosen(void **state)
{
	PVOID token = nv_token(view_rig.view, 100);
	struct fb_nt_nv_info first;
	struct fb_nt_nv_info last;

	(void)state;
	assert_status(STATUS_SUCCESS, fb_nt_query_nv_token(token, &first));
	for (int i = 0; !i || nv_all_flushes[i - 1] != FB_NT_NV_AUTO; i++)
		assert_chosen(token, nv_all_flushes[i]);
	assert_status(STATUS_SUCCESS, fb_nt_query_nv_token(token, &last));
	assert_int_equal(last.flush, first.flush);
	assert_string_equal(last.flush_name, first.flush_name);
	assert_status(STATUS_SUCCESS, fb_nt_choose_nv_flush(token, FB_NT_NV_NONE));
	assert_status(STATUS_NOT_SUPPORTED,
		      fb_nt_choose_nv_flush(token, (enum fb_nt_nv_flush)99));
	assert_status(STATUS_SUCCESS, RtlFreeNonVolatileToken(token));
}

static void every_choice_has_a_name(void **state)
{
	static const char *const names[] = {"clwb", "clflushopt", "clflush",
					    "none", "cvap",       "cvac"};
	PVOID token = nv_token(view_rig.view, 100);
	struct fb_nt_nv_info info;

	(void)state;
	for (int i = 0; nv_all_flushes[i] != FB_NT_NV_AUTO; i++) {
		if (fb_nt_choose_nv_flush(token, nv_all_flushes[i]))
			continue;
		assert_status(STATUS_SUCCESS, fb_nt_query_nv_token(token, &info));
		assert_string_equal(info.flush_name, names[i]);
		assert_true(info.line >= 16 && !(info.line & (info.line - 1)));
		assert_true(!strcmp(info.stream_name, "avx512") ||
			    !strcmp(info.stream_name, "avx2") ||
			    !strcmp(info.stream_name, "sse2") ||
			    !strcmp(info.stream_name, "none"));
	}
	assert_status(STATUS_SUCCESS, RtlFreeNonVolatileToken(token));
}

static void memory_is_a_file_without_a_name(void **state)
{
	IO_STATUS_BLOCK iosb = IOSB_UNTOUCHED;
	HANDLE memory = NULL;
	uint64_t bytes = 1;
	char got[4] = {1, 1, 1, 1};

	(void)state;
	assert_status(STATUS_SUCCESS, fb_nt_create_memory(12345, &memory));
	assert_status(STATUS_SUCCESS, fb_nt_get_size(memory, &bytes));
	assert_int_equal(bytes, 12345);
	assert_status(STATUS_SUCCESS, fb_nt_read(memory, 12340, got, 4));
	assert_memory_equal(got, "\0\0\0\0", 4);
	assert_status(STATUS_SUCCESS, fb_nt_write(memory, 5, "abcd", 4, false));
	assert_status(STATUS_SUCCESS, fb_nt_read(memory, 5, got, 4));
	assert_memory_equal(got, "abcd", 4);
	assert_status(STATUS_SUCCESS, fb_nt_set_size(memory, 99));
	assert_status(STATUS_SUCCESS, NtFlushBuffersFile(memory, &iosb));
	assert_status(STATUS_SUCCESS, NtClose(memory));
	assert_status(STATUS_INVALID_HANDLE, NtClose(memory));
}

static void memory_that_cannot_be_had_is_told(void **state)
{
	HANDLE untouched = &untouched;
	const int before = folder_entries("/proc/self/fd");

	(void)state;
	assert_true(fb_nt_create_memory(UINT64_MAX, &untouched) != STATUS_SUCCESS);
	assert_true(fb_nt_create_memory((uint64_t)INT64_MAX + 1, &untouched) !=
		    STATUS_SUCCESS);
	assert_ptr_equal(untouched, &untouched);
	assert_int_equal(folder_entries("/proc/self/fd"), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, view_rig_leave)
		T(a_token_for_nothing_is_refused),
		T(a_region_that_is_not_in_one_view_is_told),
		T(a_region_across_two_views_is_told),
		T(an_ordinary_view_gets_an_emulated_token_only),
		T(an_ordinary_file_is_no_non_volatile_memory),
		T(a_view_for_reading_gets_no_token),
		T(a_token_knows_its_region),
		T(where_the_caches_are_saved_no_line_is_flushed),
		T(a_view_that_cannot_be_unmapped_stays_without_its_tokens),
		T(a_view_without_a_file_has_nothing_to_write_back),
		T(the_instruction_can_be_chosen),
		T(every_choice_has_a_name),
		T(memory_is_a_file_without_a_name),
		T(memory_that_cannot_be_had_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
