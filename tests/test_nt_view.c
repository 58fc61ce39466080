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

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define RW    (FILE_READ_DATA | FILE_WRITE_DATA)
#define PAGES 16

static char folder[TMPDIR_LEN];
static char path[TMPDIR_LEN + 8];
static HANDLE file;
static char *view;
static size_t page;

/* A view of PAGES whole pages on a file that is as long. */
static int setup(void **state)
{
	void *base;

	(void)state;
	page = (size_t)sysconf(_SC_PAGESIZE);
	if (tmpdir_make(folder))
		return -1;
	tmpdir_join(path, sizeof(path), folder, "file");
	if (fb_nt_open_file(path, RW, 0, FB_NT_CREATE, &file) ||
	    fb_nt_set_size(file, PAGES * page) ||
	    fb_nt_map_view(file, 0, PAGES * page, false, &base))
		return -1;
	view = base;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fb_nt_unmap_view(view);
	NtClose(file);
	view = NULL;
	file = NULL;
	tmpdir_remove(folder);
	return 0;
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

/* Refused before any write-back: nothing is written to. */
static void assert_refused(NTSTATUS expected, HANDLE process, void *at, size_t bytes)
{
	IO_STATUS_BLOCK iosb = IOSB_UNTOUCHED;
	void *base = at;
	size_t size = bytes;

	assert_status(expected, NtFlushVirtualMemory(process, &base, &size, &iosb));
	assert_int_equal(fb_nt_os_error(), 0);
	assert_ptr_equal(base, at);
	assert_int_equal(size, bytes);
	assert_iosb_untouched(iosb);
}

static void base_is_rounded_down_and_size_up(void **state)
{
	(void)state;
	assert_flushed(view, page, view, page);
	assert_flushed(view, 1, view, page);
	assert_flushed(view, page + 1, view, 2 * page);
	assert_flushed(view + page - 1, 1, view, page);
	assert_flushed(view + 3 * page + 5, 10, view + 3 * page, page);
	assert_flushed(view + PAGES * page - 1, 1, view + (PAGES - 1) * page, page);
	assert_flushed(view, PAGES * page, view, PAGES * page);
}

static void last_byte_of_an_unaligned_range_is_flushed_too(void **state)
{
	(void)state;
	assert_flushed(view + 100, page, view, 2 * page);
	assert_flushed(view + page - 1, 2, view, 2 * page);
}

static void size_0_means_to_the_views_end(void **state)
{
	(void)state;
	assert_flushed(view, 0, view, PAGES * page);
	assert_flushed(view + 3 * page, 0, view + 3 * page, (PAGES - 3) * page);
	assert_flushed(view + 3 * page + 7, 0, view + 3 * page, (PAGES - 3) * page);
}

static void view_of_a_broken_page_counts_it_whole(void **state)
{
	void *base = NULL;

	(void)state;
	assert_status(STATUS_SUCCESS, fb_nt_map_view(file, 0, page + 10, false, &base));
	assert_flushed(base, 0, base, 2 * page);
	assert_flushed(base, 2 * page, base, 2 * page);
	assert_status(STATUS_SUCCESS, fb_nt_unmap_view(base));
}

static void range_past_the_views_end_is_told(void **state)
{
	(void)state;
	assert_refused(STATUS_INVALID_PARAMETER_2, NtCurrentProcess(), view,
		       PAGES * page + 1);
	assert_refused(STATUS_INVALID_PARAMETER_2, NtCurrentProcess(),
		       view + (PAGES - 1) * page, page + 1);
	assert_refused(STATUS_INVALID_PARAMETER_2, NtCurrentProcess(),
		       view + PAGES * page - 1, 2);
}

static void size_that_overflows_is_told(void **state)
{
	const uintptr_t room = UINTPTR_MAX - (uintptr_t)view;

	(void)state;
	assert_refused(STATUS_INVALID_PARAMETER_2, NtCurrentProcess(), view, SIZE_MAX);
	assert_refused(STATUS_INVALID_PARAMETER_2, NtCurrentProcess(), view, room + 1);
	assert_refused(STATUS_INVALID_PARAMETER_2, NtCurrentProcess(), view, room);
	assert_refused(STATUS_INVALID_PARAMETER_2, NtCurrentProcess(), view,
		       room - page);
}

static void base_without_a_view_is_told(void **state)
{
	char on_stack;
	void *other = mmap(NULL, page, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	(void)state;
	assert_ptr_not_equal(other, MAP_FAILED);
	assert_refused(STATUS_NOT_MAPPED_VIEW, NtCurrentProcess(), NULL, page);
	assert_refused(STATUS_NOT_MAPPED_VIEW, NtCurrentProcess(), &on_stack, 1);
	assert_refused(STATUS_NOT_MAPPED_VIEW, NtCurrentProcess(), other, page);
	assert_refused(STATUS_NOT_MAPPED_VIEW, NtCurrentProcess(), other, 0);
	assert_refused(STATUS_NOT_MAPPED_VIEW, NtCurrentProcess(), view - 1, 1);
	assert_refused(STATUS_NOT_MAPPED_VIEW, NtCurrentProcess(), view + PAGES * page,
		       1);
	munmap(other, page);
}

/* Views beside each other: the kernel fills the hole of a view that is gone. */
static void range_across_two_views_is_told(void **state)
{
	void *low = NULL;
	void *high = NULL;
	char *first;

	(void)state;
	assert_status(STATUS_SUCCESS, fb_nt_map_view(file, 0, 4 * page, false, &high));
	assert_status(STATUS_SUCCESS, fb_nt_map_view(file, 0, 4 * page, false, &low));
	first = (char *)low < (char *)high ? low : high;
	if (first + 4 * page != (low == first ? (char *)high : (char *)low)) {
		print_error("skipped: the kernel did not map two views side by side\n");
		fb_nt_unmap_view(low);
		fb_nt_unmap_view(high);
		skip();
	}
	assert_refused(STATUS_INVALID_PARAMETER_2, NtCurrentProcess(), first,
		       4 * page + 1);
	assert_refused(STATUS_INVALID_PARAMETER_2, NtCurrentProcess(),
		       first + 4 * page - 1, 2);
	assert_flushed(first, 4 * page, first, 4 * page);
	assert_flushed(first + 2 * page, 0, first + 2 * page, 2 * page);
	assert_flushed(first + 4 * page, 0, first + 4 * page, 4 * page);
	assert_status(STATUS_SUCCESS, fb_nt_unmap_view(low));
	assert_status(STATUS_SUCCESS, fb_nt_unmap_view(high));
}

static void bad_pointer_is_told(void **state)
{
	IO_STATUS_BLOCK iosb = IOSB_UNTOUCHED;
	void *base = view;
	size_t size = page;
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
	assert_ptr_equal(base, view);
	assert_int_equal(size, page);
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
	out->base = view + 1;
	out->size = 1;
	assert_status(STATUS_SUCCESS,
		      NtFlushVirtualMemory(NtCurrentProcess(), &out->base, &out->size,
					   &out->iosb));
	assert_ptr_equal(out->base, view);
	assert_int_equal(out->size, page);
	assert_int_equal(out->iosb.Information, page);
	free(out);
}

static void what_is_stored_in_a_view_is_in_the_file(void **state)
{
	char back[5];
	void *part = NULL;

	(void)state;
	assert_status(STATUS_SUCCESS,
		      fb_nt_map_view(file, 4 * page, 2 * page, true, &part));
	memcpy((char *)part + 10, "hello", 5);
	assert_flushed(part, 0, part, 2 * page);
	assert_status(STATUS_SUCCESS, fb_nt_read(file, 4 * page + 10, back, 5));
	assert_memory_equal(back, "hello", 5);
	assert_status(STATUS_SUCCESS, fb_nt_unmap_view(part));
}

static void view_outlives_its_file_handle(void **state)
{
	(void)state;
	assert_status(STATUS_SUCCESS, NtClose(file));
	view[0] = 1;
	assert_flushed(view, 0, view, PAGES * page);
	assert_status(STATUS_SUCCESS, fb_nt_msync(view, 0));
}

static void unmapped_view_is_told(void **state)
{
	(void)state;
	assert_status(STATUS_NOT_MAPPED_VIEW, fb_nt_unmap_view(view + page));
	assert_status(STATUS_SUCCESS, fb_nt_unmap_view(view));
	assert_refused(STATUS_NOT_MAPPED_VIEW, NtCurrentProcess(), view, page);
	assert_status(STATUS_NOT_MAPPED_VIEW, fb_nt_msync(view, page));
	assert_status(STATUS_NOT_MAPPED_VIEW, fb_nt_unmap_view(view));
	assert_status(STATUS_NOT_MAPPED_VIEW, fb_nt_unmap_view(NULL));
}

static void msync_has_the_same_bounds(void **state)
{
	char on_stack;

	(void)state;
	view[0] = 1;
	assert_status(STATUS_SUCCESS, fb_nt_msync(view, 0));
	assert_status(STATUS_SUCCESS, fb_nt_msync(view + 5, 2 * page));
	assert_status(STATUS_SUCCESS, fb_nt_msync(view + PAGES * page - 1, 1));
	assert_status(STATUS_INVALID_PARAMETER_2, fb_nt_msync(view, PAGES * page + 1));
	assert_status(STATUS_INVALID_PARAMETER_2, fb_nt_msync(view, SIZE_MAX));
	assert_status(STATUS_NOT_MAPPED_VIEW, fb_nt_msync(&on_stack, 1));
}

static void msync_of_pages_that_are_gone_is_told(void **state)
{
	(void)state;
	assert_false(munmap(view + page, page));
	assert_status(STATUS_NOT_MAPPED_VIEW, fb_nt_msync(view, 0));
	assert_int_equal(fb_nt_os_error(), ENOMEM);
	assert_status(STATUS_SUCCESS, fb_nt_msync(view, page));
}

static void read_only_file_makes_a_read_only_view(void **state)
{
	HANDLE h = NULL;
	void *base = NULL;
	int fds[2];

	(void)state;
	assert_status(STATUS_SUCCESS,
		      fb_nt_open_file(path, FILE_READ_DATA, 0, FB_NT_OPEN, &h));
	assert_status(STATUS_SUCCESS, fb_nt_map_view(h, 0, page, false, &base));
	assert_flushed(base, page, base, page);
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
		      fb_nt_map_view(file, 0, 0, false, &base));
	assert_status(STATUS_INVALID_PARAMETER,
		      fb_nt_map_view(file, 1, 1, false, &base));
	assert_status(STATUS_INVALID_PARAMETER,
		      fb_nt_map_view(file, 0, PAGES * page + 1, false, &base));
	assert_status(STATUS_INVALID_PARAMETER,
		      fb_nt_map_view(file, page, PAGES * page, false, &base));
	assert_status(
		STATUS_INVALID_PARAMETER,
		fb_nt_map_view(file, UINT64_MAX & ~(page - 1), page, false, &base));
	assert_status(STATUS_INVALID_HANDLE, fb_nt_map_view(NULL, 0, 1, false, &base));
	assert_status(STATUS_SUCCESS,
		      fb_nt_open_file(path, FILE_WRITE_DATA, 0, FB_NT_OPEN, &h));
	assert_status(STATUS_ACCESS_DENIED, fb_nt_map_view(h, 0, page, false, &base));
	assert_int_equal(fb_nt_os_error(), 0);
	assert_status(STATUS_SUCCESS, NtClose(h));
	assert_status(STATUS_SUCCESS,
		      fb_nt_open_file(folder, RW, FILE_DIRECTORY_FILE, FB_NT_OPEN, &h));
	assert_status(STATUS_OBJECT_TYPE_MISMATCH,
		      fb_nt_map_view(h, 0, page, false, &base));
	assert_status(STATUS_SUCCESS, NtClose(h));
	assert_null(base);
}

static void many_views_are_told_apart(void **state)
{
	enum { VIEWS = 300 };
	void *base[VIEWS];

	(void)state;
	for (size_t i = 0; i < VIEWS; i++)
		assert_status(STATUS_SUCCESS, fb_nt_map_view(file, (i % PAGES) * page,
							     page, false, &base[i]));
	for (size_t i = 0; i < VIEWS; i += 2)
		assert_status(STATUS_SUCCESS, fb_nt_unmap_view(base[i]));
	for (size_t i = 0; i < VIEWS; i++) {
		if (i % 2)
			assert_flushed((char *)base[i] + 9, 0, base[i], page);
		else
			assert_refused(STATUS_NOT_MAPPED_VIEW, NtCurrentProcess(),
				       base[i], 1);
	}
	for (size_t i = 1; i < VIEWS; i += 2)
		assert_status(STATUS_SUCCESS, fb_nt_unmap_view(base[i]));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
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
