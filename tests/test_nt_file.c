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

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RW (FILE_READ_DATA | FILE_WRITE_DATA)

/* The flags that a regular file takes, 0 included. */
static const ULONG every_flag[] = {
	0,
	FLUSH_FLAGS_FILE_DATA_ONLY,
	FLUSH_FLAGS_NO_SYNC,
	FLUSH_FLAGS_FILE_DATA_SYNC_ONLY,
	FLUSH_FLAGS_FLUSH_AND_PURGE,
};
#define N_FLAGS (sizeof(every_flag) / sizeof(every_flag[0]))

/* A folder with one file of 64 KiB in it, open for reading and writing. */
static char folder[TMPDIR_LEN];
static char path[TMPDIR_LEN + 8];
static HANDLE file;

static int setup(void **state)
{
	char data[65536];

	(void)state;
	memset(data, 'a', sizeof(data));
	if (tmpdir_make(folder))
		return -1;
	tmpdir_join(path, sizeof(path), folder, "file");
	if (fb_nt_open_file(path, RW, 0, FB_NT_CREATE, &file))
		return -1;
	return fb_nt_write(file, 0, data, sizeof(data), false);
}

static int teardown(void **state)
{
	(void)state;
	NtClose(file);
	file = NULL;
	tmpdir_remove(folder);
	return 0;
}

static HANDLE open_as(const char *name, ACCESS_MASK access, ULONG options)
{
	HANDLE h = NULL;

	assert_status(STATUS_SUCCESS,
		      fb_nt_open_file(name, access, options, FB_NT_OPEN, &h));
	return h;
}

static NTSTATUS flush(HANDLE h, ULONG flags, PIO_STATUS_BLOCK iosb)
{
	return NtFlushBuffersFileEx(h, flags, NULL, 0, iosb);
}

/* Refused, with that status, by both routines, the status block left alone. */
static void assert_refused(NTSTATUS expected, HANDLE h)
{
	IO_STATUS_BLOCK iosb = IOSB_UNTOUCHED;

	assert_status(expected, NtFlushBuffersFile(h, &iosb));
	assert_int_equal(fb_nt_os_error(), 0);
	for (size_t i = 0; i < N_FLAGS; i++)
		assert_status(expected, flush(h, every_flag[i], &iosb));
	assert_iosb_untouched(iosb);
}

static void every_flag_succeeds_on_a_file(void **state)
{
	IO_STATUS_BLOCK iosb = IOSB_UNTOUCHED;

	(void)state;
	assert_status(STATUS_SUCCESS, NtFlushBuffersFile(file, &iosb));
	assert_iosb(STATUS_SUCCESS, 0, iosb);
	for (size_t i = 0; i < N_FLAGS; i++) {
		iosb = (IO_STATUS_BLOCK)IOSB_UNTOUCHED;
		assert_status(STATUS_SUCCESS, flush(file, every_flag[i], &iosb));
		assert_iosb(STATUS_SUCCESS, 0, iosb);
	}
}

static void status_block_may_be_anywhere_writable(void **state)
{
	static IO_STATUS_BLOCK in_data;
	IO_STATUS_BLOCK *on_heap = malloc(sizeof(*on_heap));

	(void)state;
	assert_non_null(on_heap);
	*on_heap = in_data = (IO_STATUS_BLOCK)IOSB_UNTOUCHED;
	assert_status(STATUS_SUCCESS, flush(file, 0, on_heap));
	assert_iosb(STATUS_SUCCESS, 0, *on_heap);
	assert_status(STATUS_SUCCESS, flush(file, 0, &in_data));
	assert_iosb(STATUS_SUCCESS, 0, in_data);
	free(on_heap);
}

static void *flush_with_status_block_at(void *iosb)
{
	return (void *)(intptr_t)NtFlushBuffersFile(file, iosb);
}

static void status_block_may_be_on_another_threads_stack(void **state)
{
	IO_STATUS_BLOCK iosb = IOSB_UNTOUCHED;
	pthread_t other;
	void *status;

	(void)state;
	assert_false(pthread_create(&other, NULL, flush_with_status_block_at, &iosb));
	pthread_join(other, &status);
	assert_status(STATUS_SUCCESS, (NTSTATUS)(intptr_t)status);
	assert_iosb(STATUS_SUCCESS, 0, iosb);
}

static void bad_status_block_is_told(void **state)
{
	struct badmem bad;
	NTSTATUS status;

	(void)state;
	assert_false(badmem_make(&bad));
	for (size_t i = 0; i < BADMEM_COUNT * N_FLAGS; i++) {
		status = flush(file, every_flag[i % N_FLAGS], bad.at[i / N_FLAGS]);
		if (status != STATUS_ACCESS_VIOLATION)
			fail_msg("%s: %s", bad.what[i / N_FLAGS],
				 fb_nt_status_name(status));
		assert_int_equal(fb_nt_os_error(), 0);
	}
	assert_status(STATUS_ACCESS_VIOLATION, NtFlushBuffersFile(file, NULL));
	badmem_free(&bad);
}

static void null_handle_is_told(void **state)
{
	(void)state;
	assert_refused(STATUS_INVALID_HANDLE, NULL);
}

static void closed_handle_is_told(void **state)
{
	const HANDLE old = open_as(path, RW, 0);
	HANDLE recycled;

	(void)state;
	assert_status(STATUS_SUCCESS, NtClose(old));
	assert_refused(STATUS_INVALID_HANDLE, old);
	recycled = open_as(path, RW, 0);
	assert_refused(STATUS_INVALID_HANDLE, old);
	assert_status(STATUS_SUCCESS, NtClose(recycled));
}

static void invented_handle_is_told(void **state)
{
	(void)state;
	assert_refused(STATUS_INVALID_HANDLE, (HANDLE)0xdeadbeef);
	assert_refused(STATUS_INVALID_HANDLE, (HANDLE)((uintptr_t)file + 1));
	assert_refused(STATUS_INVALID_HANDLE, &file);
}

static void handle_of_a_process_is_a_mismatch(void **state)
{
	HANDLE process = NULL;
	const NTSTATUS opened = fb_nt_open_process(getpid(), &process);

	(void)state;
	if (opened == STATUS_NOT_SUPPORTED) {
		print_error("skipped: no pidfd_open here\n");
		skip();
	}
	assert_status(STATUS_SUCCESS, opened);
	assert_refused(STATUS_OBJECT_TYPE_MISMATCH, process);
	assert_status(STATUS_SUCCESS, NtClose(process));
	assert_refused(STATUS_OBJECT_TYPE_MISMATCH, NtCurrentProcess());
}

static void flush_without_write_access_is_denied(void **state)
{
	const HANDLE h = open_as(path, FILE_READ_DATA, 0);

	(void)state;
	assert_refused(STATUS_ACCESS_DENIED, h);
	assert_status(STATUS_SUCCESS, NtClose(h));
}

static void access_is_checked_before_parameters(void **state)
{
	const HANDLE h = open_as(path, FILE_READ_DATA, 0);
	int parameters;

	(void)state;
	assert_status(STATUS_ACCESS_DENIED, NtFlushBuffersFile(h, NULL));
	assert_status(STATUS_ACCESS_DENIED,
		      NtFlushBuffersFileEx(h, 99, &parameters, 4, NULL));
	assert_status(STATUS_SUCCESS, NtClose(h));
	assert_status(STATUS_INVALID_HANDLE,
		      NtFlushBuffersFileEx(h, 99, &parameters, 4, NULL));
}

static void append_access_is_enough(void **state)
{
	const HANDLE h = open_as(path, FILE_APPEND_DATA, 0);
	IO_STATUS_BLOCK iosb = IOSB_UNTOUCHED;

	(void)state;
	for (size_t i = 0; i < N_FLAGS; i++)
		assert_status(STATUS_SUCCESS, flush(h, every_flag[i], &iosb));
	assert_iosb(STATUS_SUCCESS, 0, iosb);
	assert_status(STATUS_SUCCESS, NtClose(h));
}

static void unknown_flags_and_combinations_are_refused(void **state)
{
	IO_STATUS_BLOCK iosb = IOSB_UNTOUCHED;

	(void)state;
	for (ULONG flags = 0; flags < 64; flags++)
		if (flags & (flags - 1) || flags > FLUSH_FLAGS_FLUSH_AND_PURGE)
			assert_status(STATUS_INVALID_PARAMETER,
				      flush(file, flags, &iosb));
	for (int bit = 4; bit < 32; bit++)
		assert_status(STATUS_INVALID_PARAMETER,
			      flush(file, (ULONG)1 << bit, &iosb));
	assert_status(STATUS_INVALID_PARAMETER, flush(file, UINT32_MAX, &iosb));
	assert_iosb_untouched(iosb);
}

static void parameters_must_be_absent(void **state)
{
	IO_STATUS_BLOCK iosb = IOSB_UNTOUCHED;
	int parameters = 0;

	(void)state;
	assert_status(STATUS_INVALID_PARAMETER,
		      NtFlushBuffersFileEx(file, 0, &parameters, 0, &iosb));
	assert_status(STATUS_INVALID_PARAMETER,
		      NtFlushBuffersFileEx(file, 0, NULL, 4, &iosb));
	assert_status(STATUS_INVALID_PARAMETER,
		      NtFlushBuffersFileEx(file, 0, &parameters, 4, &iosb));
	assert_iosb_untouched(iosb);
}

static void folder_takes_every_flag_but_data_sync_only(void **state)
{
	const ACCESS_MASK ways[] = {FILE_ADD_FILE, FILE_ADD_SUBDIRECTORY};
	IO_STATUS_BLOCK iosb;

	(void)state;
	for (size_t w = 0; w < 2; w++) {
		const HANDLE h = open_as(folder, ways[w], FILE_DIRECTORY_FILE);

		for (size_t i = 0; i < N_FLAGS; i++) {
			iosb = (IO_STATUS_BLOCK)IOSB_UNTOUCHED;
			if (every_flag[i] == FLUSH_FLAGS_FILE_DATA_SYNC_ONLY) {
				assert_status(STATUS_INVALID_PARAMETER,
					      flush(h, every_flag[i], &iosb));
				assert_iosb_untouched(iosb);
			} else {
				assert_status(STATUS_SUCCESS,
					      flush(h, every_flag[i], &iosb));
				assert_iosb(STATUS_SUCCESS, 0, iosb);
			}
		}
		assert_status(STATUS_SUCCESS, NtClose(h));
	}
}

static void folder_opened_for_reading_is_denied(void **state)
{
	const HANDLE h = open_as(folder, FILE_READ_DATA, FILE_DIRECTORY_FILE);

	(void)state;
	assert_refused(STATUS_ACCESS_DENIED, h);
	assert_status(STATUS_SUCCESS, NtClose(h));
}

static void folder_of_others_cannot_be_opened_for_writing(void **state)
{
	HANDLE denied = NULL;
	HANDLE readable = NULL;
	NTSTATUS to_write;
	NTSTATUS to_read;

	(void)state;
	assert_false(chmod(folder, 0555));
	if (!geteuid())
		assert_false(seteuid(65534));
	to_write = fb_nt_open_file(folder, FILE_ADD_FILE, FILE_DIRECTORY_FILE,
				   FB_NT_OPEN, &denied);
	to_read = fb_nt_open_file(folder, FILE_READ_DATA, FILE_DIRECTORY_FILE,
				  FB_NT_OPEN, &readable);
	if (!getuid())
		assert_false(seteuid(0));
	assert_false(chmod(folder, 0700));
	assert_status(STATUS_ACCESS_DENIED, to_write);
	assert_null(denied);
	assert_status(STATUS_SUCCESS, to_read);
	assert_status(STATUS_SUCCESS, NtClose(readable));
}

static void volume_takes_flags_0_only(void **state)
{
	IO_STATUS_BLOCK iosb = IOSB_UNTOUCHED;
	HANDLE h = NULL;

	(void)state;
	if (access("/dev/shm", W_OK)) {
		print_error("skipped: /dev/shm is not ours to write to\n");
		skip();
	}
	assert_status(STATUS_SUCCESS, fb_nt_open_volume("/dev/shm", &h));
	for (size_t i = 1; i < N_FLAGS; i++)
		assert_status(STATUS_INVALID_PARAMETER, flush(h, every_flag[i], &iosb));
	assert_iosb_untouched(iosb);
	assert_status(STATUS_SUCCESS, flush(h, 0, &iosb));
	assert_iosb(STATUS_SUCCESS, 0, iosb);
	assert_status(STATUS_SUCCESS, NtFlushBuffersFile(h, &iosb));
	assert_status(STATUS_SUCCESS, NtClose(h));
}

static void only_a_mounts_root_opens_as_volume(void **state)
{
	HANDLE h = NULL;

	(void)state;
	assert_status(STATUS_INVALID_PARAMETER, fb_nt_open_volume(folder, &h));
	assert_status(STATUS_NOT_A_DIRECTORY, fb_nt_open_volume(path, &h));
	assert_status(STATUS_OBJECT_NAME_NOT_FOUND, fb_nt_open_volume("/nowhere", &h));
	assert_status(STATUS_INVALID_PARAMETER, fb_nt_open_volume(NULL, &h));
	assert_null(h);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(every_flag_succeeds_on_a_file),
		TEST(status_block_may_be_anywhere_writable),
		TEST(status_block_may_be_on_another_threads_stack),
		TEST(bad_status_block_is_told),
		TEST(null_handle_is_told),
		TEST(closed_handle_is_told),
		TEST(invented_handle_is_told),
		TEST(handle_of_a_process_is_a_mismatch),
		TEST(flush_without_write_access_is_denied),
		TEST(access_is_checked_before_parameters),
		TEST(append_access_is_enough),
		TEST(unknown_flags_and_combinations_are_refused),
		TEST(parameters_must_be_absent),
		TEST(folder_takes_every_flag_but_data_sync_only),
		TEST(folder_opened_for_reading_is_denied),
		TEST(folder_of_others_cannot_be_opened_for_writing),
		TEST(volume_takes_flags_0_only),
		TEST(only_a_mounts_root_opens_as_volume),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
