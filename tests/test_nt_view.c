#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "nt/nt.h"
#include "nt/objects.h"
#include "support/badmem.h"
#include "support/nt_assert.h"
#include "support/tmpdir.h"
#include "support/view_rig.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define RW    (FILE_READ_DATA | FILE_WRITE_DATA)
#define PAGES 16

static int setup(void **state)
{
	(void)state;
	return view_rig_make(PAGES);
}

/* Flush, and check that base and size come back as @base and @size. */
static void assert_flushed(void *at, size_t bytes, const void *base, size_t size)
{
	IO_STATUS_BLOCK iosb = IOSB_UNTOUCHED;

	assert_status(STATUS_SUCCESS,
		      NtFlushVirtualMemory(NtCurrentProcess(), &at, &bytes, &iosb));
	assert_ptr_equal(at, base);
	assert_int_equal(bytes, size);
	assert_iosb(STATUS_SUCCESS, size, iosb);
}

static void base_is_rounded_down_and_size_up(void **state)
{
	(void)state;
	assert_flushed(view_rig.view, view_rig.page, view_rig.view, view_rig.page);
	assert_flushed(view_rig.view, 1, view_rig.view, view_rig.page);
	assert_flushed(view_rig.view, view_rig.page + 1, view_rig.view,
		       2 * view_rig.page);
	assert_flushed(view_rig.view + view_rig.page - 1, 1, view_rig.view,
		       view_rig.page);
	assert_flushed(view_rig.view + 3 * view_rig.page + 5, 10,
		       view_rig.view + 3 * view_rig.page, view_rig.page);
	assert_flushed(view_rig.view + PAGES * view_rig.page - 1, 1,
		       view_rig.view + (PAGES - 1) * view_rig.page, view_rig.page);
	assert_flushed(view_rig.view, PAGES * view_rig.page, view_rig.view,
		       PAGES * view_rig.page);
}

static void last_byte_of_an_unaligned_range_is_flushed_too(void **state)
{
	(void)state;
	assert_flushed(view_rig.view + 100, view_rig.page, view_rig.view,
		       2 * view_rig.page);
	assert_flushed(view_rig.view + view_rig.page - 1, 2, view_rig.view,
		       2 * view_rig.page);
}

static void size_0_means_to_the_views_end(void **state)
{
	(void)state;
	assert_flushed(view_rig.view, 0, view_rig.view, PAGES * view_rig.page);
	assert_flushed(view_rig.view + 3 * view_rig.page, 0,
		       view_rig.view + 3 * view_rig.page, (PAGES - 3) * view_rig.page);
	assert_flushed(view_rig.view + 3 * view_rig.page + 7, 0,
		       view_rig.view + 3 * view_rig.page, (PAGES - 3) * view_rig.page);
}

static void view_of_a_broken_page_counts_it_whole(void **state)
{
	void *base = NULL;

	(void)state;
	assert_status(STATUS_SUCCESS, fb_nt_map_view(view_rig.file, 0,
						     view_rig.page + 10, false, &base));
	assert_flushed(base, 0, base, 2 * view_rig.page);
	assert_flushed(base, 2 * view_rig.page, base, 2 * view_rig.page);
	assert_status(STATUS_SUCCESS, fb_nt_unmap_view(base));
}

static void range_past_the_views_end_is_told(void **state)
{
	(void)state;
	assert_view_refused(STATUS_INVALID_PARAMETER_2, NtCurrentProcess(),
			    view_rig.view, PAGES * view_rig.page + 1);
	assert_view_refused(STATUS_INVALID_PARAMETER_2, NtCurrentProcess(),
			    view_rig.view + (PAGES - 1) * view_rig.page,
			    view_rig.page + 1);
	assert_view_refused(STATUS_INVALID_PARAMETER_2, NtCurrentProcess(),
			    view_rig.view + PAGES * view_rig.page - 1, 2);
}

static void size_that_overflows_is_told(void **state)
{
	const uintptr_t room = UINTPTR_MAX - (uintptr_t)view_rig.view;

	(void)state;
	assert_view_refused(STATUS_INVALID_PARAMETER_2, NtCurrentProcess(),
			    view_rig.view, SIZE_MAX);
	assert_view_refused(STATUS_INVALID_PARAMETER_2, NtCurrentProcess(),
			    view_rig.view, room + 1);
	assert_view_refused(STATUS_INVALID_PARAMETER_2, NtCurrentProcess(),
			    view_rig.view, room);
	assert_view_refused(STATUS_INVALID_PARAMETER_2, NtCurrentProcess(),
			    view_rig.view, room - view_rig.page);
}

static void base_without_a_view_is_told(void **state)
{
	char on_stack;
	void *other = mmap(NULL, view_rig.page, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	(void)state;
	assert_ptr_not_equal(other, MAP_FAILED);
	assert_view_refused(STATUS_NOT_MAPPED_VIEW, NtCurrentProcess(), NULL,
			    view_rig.page);
	assert_view_refused(STATUS_NOT_MAPPED_VIEW, NtCurrentProcess(), &on_stack, 1);
	assert_view_refused(STATUS_NOT_MAPPED_VIEW, NtCurrentProcess(), other,
			    view_rig.page);
	assert_view_refused(STATUS_NOT_MAPPED_VIEW, NtCurrentProcess(), other, 0);
	assert_view_refused(STATUS_NOT_MAPPED_VIEW, NtCurrentProcess(),
			    view_rig.view - 1, 1);
	assert_view_refused(STATUS_NOT_MAPPED_VIEW, NtCurrentProcess(),
			    view_rig.view + PAGES * view_rig.page, 1);
	munmap(other, view_rig.page);
}

/* Views beside each other: the kernel fills the hole of a view that is gone. */
static void range_across_two_views_is_told(void **state)
{
	void *low = NULL;
	void *high = NULL;
	char *first;

	(void)state;
	assert_status(STATUS_SUCCESS, fb_nt_map_view(view_rig.file, 0,
						     4 * view_rig.page, false, &high));
	assert_status(STATUS_SUCCESS,
		      fb_nt_map_view(view_rig.file, 0, 4 * view_rig.page, false, &low));
	first = (char *)low < (char *)high ? low : high;
	if (first + 4 * view_rig.page != (low == first ? (char *)high : (char *)low)) {
		print_error("skipped: the kernel did not map two views side by side\n");
		fb_nt_unmap_view(low);
		fb_nt_unmap_view(high);
		skip();
	}
	assert_view_refused(STATUS_INVALID_PARAMETER_2, NtCurrentProcess(), first,
			    4 * view_rig.page + 1);
	assert_view_refused(STATUS_INVALID_PARAMETER_2, NtCurrentProcess(),
			    first + 4 * view_rig.page - 1, 2);
	assert_flushed(first, 4 * view_rig.page, first, 4 * view_rig.page);
	assert_flushed(first + 2 * view_rig.page, 0, first + 2 * view_rig.page,
		       2 * view_rig.page);
	assert_flushed(first + 4 * view_rig.page, 0, first + 4 * view_rig.page,
		       4 * view_rig.page);
	assert_status(STATUS_SUCCESS, fb_nt_unmap_view(low));
	assert_status(STATUS_SUCCESS, fb_nt_unmap_view(high));
}

static void bad_pointer_is_told(void **state)
{
	IO_STATUS_BLOCK iosb = IOSB_UNTOUCHED;
	void *base = view_rig.view;
	size_t size = view_rig.page;
	struct badmem bad;

	(void)state;
	assert_false(badmem_make(&bad));
	for (size_t i = 0; i < BADMEM_COUNT_8; i++) {
		assert_status(STATUS_ACCESS_VIOLATION,
			      NtFlushVirtualMemory(NtCurrentProcess(), bad.at[i], &size,
						   &iosb));
		assert_status(STATUS_ACCESS_VIOLATION,
			      NtFlushVirtualMemory(NtCurrentProcess(), &base, bad.at[i],
						   &iosb));
	}
	for (size_t i = 0; i < BADMEM_COUNT; i++)
		assert_status(STATUS_ACCESS_VIOLATION,
			      NtFlushVirtualMemory(NtCurrentProcess(), &base, &size,
						   bad.at[i]));
	badmem_free(&bad);
	assert_ptr_equal(base, view_rig.view);
	assert_int_equal(size, view_rig.page);
	assert_iosb_untouched(iosb);
}

static void outputs_may_be_on_the_heap(void **state)
{
	struct outputs {
		void *base;
		size_t size;
		IO_STATUS_BLOCK iosb;
	} *out = calloc(1, sizeof(*out));

	(void)state;
	assert_non_null(out);
	out->base = view_rig.view + 1;
	out->size = 1;
	assert_status(STATUS_SUCCESS,
		      NtFlushVirtualMemory(NtCurrentProcess(), &out->base, &out->size,
					   &out->iosb));
	assert_ptr_equal(out->base, view_rig.view);
	assert_int_equal(out->size, view_rig.page);
	assert_int_equal(out->iosb.Information, view_rig.page);
	free(out);
}

static void what_is_stored_in_a_view_is_in_the_file(void **state)
{
	char back[5];
	void *part = NULL;

	(void)state;
	assert_status(STATUS_SUCCESS, fb_nt_map_view(view_rig.file, 4 * view_rig.page,
						     2 * view_rig.page, true, &part));
	memcpy((char *)part + 10, "hello", 5);
	assert_flushed(part, 0, part, 2 * view_rig.page);
	assert_status(STATUS_SUCCESS,
		      fb_nt_read(view_rig.file, 4 * view_rig.page + 10, back, 5));
	assert_memory_equal(back, "hello", 5);
	assert_status(STATUS_SUCCESS, fb_nt_unmap_view(part));
}

static void view_outlives_its_file_handle(void **state)
{
	(void)state;
	assert_status(STATUS_SUCCESS, NtClose(view_rig.file));
	view_rig.view[0] = 1;
	assert_flushed(view_rig.view, 0, view_rig.view, PAGES * view_rig.page);
	assert_status(STATUS_SUCCESS, fb_nt_msync(view_rig.view, 0));
}

static void unmapped_view_is_told(void **state)
{
	(void)state;
	assert_status(STATUS_NOT_MAPPED_VIEW,
		      fb_nt_unmap_view(view_rig.view + view_rig.page));
	assert_status(STATUS_SUCCESS, fb_nt_unmap_view(view_rig.view));
	assert_view_refused(STATUS_NOT_MAPPED_VIEW, NtCurrentProcess(), view_rig.view,
			    view_rig.page);
	assert_status(STATUS_NOT_MAPPED_VIEW,
		      fb_nt_msync(view_rig.view, view_rig.page));
	assert_status(STATUS_NOT_MAPPED_VIEW, fb_nt_unmap_view(view_rig.view));
	assert_status(STATUS_NOT_MAPPED_VIEW, fb_nt_unmap_view(NULL));
}

static void msync_has_the_same_bounds(void **state)
{
	char on_stack;

	(void)state;
	view_rig.view[0] = 1;
	assert_status(STATUS_SUCCESS, fb_nt_msync(view_rig.view, 0));
	assert_status(STATUS_SUCCESS,
		      fb_nt_msync(view_rig.view + 5, 2 * view_rig.page));
	assert_status(STATUS_SUCCESS,
		      fb_nt_msync(view_rig.view + PAGES * view_rig.page - 1, 1));
	assert_status(STATUS_INVALID_PARAMETER_2,
		      fb_nt_msync(view_rig.view, PAGES * view_rig.page + 1));
	assert_status(STATUS_INVALID_PARAMETER_2, fb_nt_msync(view_rig.view, SIZE_MAX));
	assert_status(STATUS_NOT_MAPPED_VIEW, fb_nt_msync(&on_stack, 1));
}

static void msync_of_pages_that_are_gone_is_told(void **state)
{
	(void)state;
	assert_false(munmap(view_rig.view + view_rig.page, view_rig.page));
	assert_status(STATUS_NOT_MAPPED_VIEW, fb_nt_msync(view_rig.view, 0));
	assert_int_equal(fb_nt_os_error(), ENOMEM);
	assert_status(STATUS_SUCCESS, fb_nt_msync(view_rig.view, view_rig.page));
}

static void read_only_file_makes_a_read_only_view(void **state)
{
	HANDLE h = NULL;
	void *base = NULL;
	int fds[2];

	(void)state;
	assert_status(STATUS_SUCCESS, fb_nt_open_file(view_rig.path, FILE_READ_DATA, 0,
						      FB_NT_OPEN, &h));
	assert_status(STATUS_SUCCESS,
		      fb_nt_map_view(h, 0, view_rig.page, false, &base));
	assert_flushed(base, view_rig.page, base, view_rig.page);
	/* The kernel tells whether it could write there. */
	assert_false(pipe(fds));
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(read(fds[0], base, 1), -1);
	assert_int_equal(errno, EFAULT);
	close(fds[0]);
	close(fds[1]);
	assert_status(STATUS_SUCCESS, fb_nt_unmap_view(base));
	assert_status(STATUS_SUCCESS, NtClose(h));
}

static void map_refuses_bad_parameters(void **state)
{
	HANDLE h = NULL;
	void *base = NULL;

	(void)state;
	assert_status(STATUS_INVALID_PARAMETER,
		      fb_nt_map_view(view_rig.file, 0, 0, false, &base));
	assert_status(STATUS_INVALID_PARAMETER,
		      fb_nt_map_view(view_rig.file, 1, 1, false, &base));
	assert_status(STATUS_INVALID_PARAMETER,
		      fb_nt_map_view(view_rig.file, 0, PAGES * view_rig.page + 1, false,
				     &base));
	assert_status(STATUS_INVALID_PARAMETER,
		      fb_nt_map_view(view_rig.file, view_rig.page,
				     PAGES * view_rig.page, false, &base));
	assert_status(STATUS_INVALID_PARAMETER,
		      fb_nt_map_view(view_rig.file, UINT64_MAX & ~(view_rig.page - 1),
				     view_rig.page, false, &base));
	assert_status(STATUS_INVALID_HANDLE, fb_nt_map_view(NULL, 0, 1, false, &base));
	assert_status(STATUS_SUCCESS, fb_nt_open_file(view_rig.path, FILE_WRITE_DATA, 0,
						      FB_NT_OPEN, &h));
	assert_status(STATUS_ACCESS_DENIED,
		      fb_nt_map_view(h, 0, view_rig.page, false, &base));
	assert_int_equal(fb_nt_os_error(), 0);
	assert_status(STATUS_SUCCESS, NtClose(h));
	assert_status(STATUS_SUCCESS,
		      fb_nt_open_file(view_rig.folder, RW, FILE_DIRECTORY_FILE,
				      FB_NT_OPEN, &h));
	assert_status(STATUS_OBJECT_TYPE_MISMATCH,
		      fb_nt_map_view(h, 0, view_rig.page, false, &base));
	assert_status(STATUS_SUCCESS, NtClose(h));
	assert_null(base);
}

static void many_views_are_told_apart(void **state)
{
	enum { VIEWS = 300 };
	void *base[VIEWS];

	(void)state;
	for (size_t i = 0; i < VIEWS; i++)
		assert_status(STATUS_SUCCESS,
			      fb_nt_map_view(view_rig.file, (i % PAGES) * view_rig.page,
					     view_rig.page, false, &base[i]));
	for (size_t i = 0; i < VIEWS; i += 2)
		assert_status(STATUS_SUCCESS, fb_nt_unmap_view(base[i]));
	for (size_t i = 0; i < VIEWS; i++) {
		if (i % 2)
			assert_flushed((char *)base[i] + 9, 0, base[i], view_rig.page);
		else
			assert_view_refused(STATUS_NOT_MAPPED_VIEW, NtCurrentProcess(),
					    base[i], 1);
	}
	for (size_t i = 1; i < VIEWS; i += 2)
		assert_status(STATUS_SUCCESS, fb_nt_unmap_view(base[i]));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, view_rig_leave)
	const struct CMUnitTest tests[] = {
		TEST(base_is_rounded_down_and_size_up),
		TEST(last_byte_of_an_unaligned_range_is_flushed_too),
		TEST(size_0_means_to_the_views_end),
		TEST(view_of_a_broken_page_counts_it_whole),
		TEST(range_past_the_views_end_is_told),
		TEST(size_that_overflows_is_told),
		TEST(base_without_a_view_is_told),
		TEST(range_across_two_views_is_told),
		TEST(bad_pointer_is_told),
		TEST(outputs_may_be_on_the_heap),
		TEST(what_is_stored_in_a_view_is_in_the_file),
		TEST(view_outlives_its_file_handle),
		TEST(unmapped_view_is_told),
		TEST(msync_has_the_same_bounds),
		TEST(msync_of_pages_that_are_gone_is_told),
		TEST(read_only_file_makes_a_read_only_view),
		TEST(map_refuses_bad_parameters),
		TEST(many_views_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
