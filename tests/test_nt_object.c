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
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define RW (FILE_READ_DATA | FILE_WRITE_DATA)

static char folder[TMPDIR_LEN];
static char path[TMPDIR_LEN + 16];
static HANDLE file;

static int setup(void **state)
{
	(void)state;
	if (tmpdir_make(folder))
		return -1;
	tmpdir_join(path, sizeof(path), folder, "file");
	return fb_nt_open_file(path, RW, 0, FB_NT_CREATE, &file);
}

static const char *in_folder(const char *name)
{
	static char full[TMPDIR_LEN + 300];

	return tmpdir_join(full, sizeof(full), folder, name);
}

static int teardown(void **state)
{
	(void)state;
	NtClose(file);
	file = NULL;
	umount2(in_folder("small"), MNT_DETACH);
	tmpdir_remove(folder);
	return 0;
}

static NTSTATUS try_open(const char *name, ACCESS_MASK access, ULONG options,
			 enum fb_nt_disposition how)
{
	HANDLE h = NULL;
	const NTSTATUS status = fb_nt_open_file(name, access, options, how, &h);

	if (!status)
		NtClose(h);
	else
		assert_null(h);
	return status;
}

static void open_tells_what_is_wrong_with_the_name(void **state)
{
	char long_name[300];

	(void)state;
	memset(long_name, 'n', sizeof(long_name));
	long_name[280] = 0;
	assert_status(STATUS_OBJECT_NAME_NOT_FOUND,
		      try_open(in_folder("none"), RW, 0, FB_NT_OPEN));
	assert_int_equal(fb_nt_os_error(), ENOENT);
	assert_status(STATUS_OBJECT_NAME_COLLISION,
		      try_open(path, RW, 0, FB_NT_CREATE));
	assert_status(STATUS_OBJECT_NAME_COLLISION,
		      try_open(folder, RW, FILE_DIRECTORY_FILE, FB_NT_CREATE));
	assert_status(STATUS_FILE_IS_A_DIRECTORY, try_open(folder, RW, 0, FB_NT_OPEN));
	assert_status(STATUS_FILE_IS_A_DIRECTORY,
		      try_open(folder, FILE_READ_DATA, 0, FB_NT_OPEN));
	assert_status(STATUS_NOT_A_DIRECTORY,
		      try_open(path, FILE_READ_DATA, FILE_DIRECTORY_FILE, FB_NT_OPEN));
	assert_status(STATUS_INVALID_PARAMETER,
		      try_open(in_folder(long_name), RW, 0, FB_NT_CREATE));
}

static void open_refuses_bad_parameters(void **state)
{
	(void)state;
	assert_status(STATUS_INVALID_PARAMETER, try_open(NULL, RW, 0, FB_NT_OPEN));
	assert_status(STATUS_INVALID_PARAMETER, try_open(path, 0, 0, FB_NT_OPEN));
	assert_status(STATUS_INVALID_PARAMETER, try_open(path, 0x100, 0, FB_NT_OPEN));
	assert_status(STATUS_INVALID_PARAMETER, try_open(path, RW, 0x40, FB_NT_OPEN));
	assert_status(STATUS_INVALID_PARAMETER,
		      try_open(path, RW, 0, (enum fb_nt_disposition)7));
	assert_status(STATUS_INVALID_PARAMETER,
		      try_open(folder, RW,
			       FILE_DIRECTORY_FILE | FILE_NO_INTERMEDIATE_BUFFERING,
			       FB_NT_OPEN));
	assert_int_equal(fb_nt_os_error(), 0);
}

static void too_many_open_files_is_told_and_leaves_nothing(void **state)
{
	struct rlimit before;
	struct rlimit none;
	NTSTATUS opened;
	NTSTATUS created;

	(void)state;
	assert_false(getrlimit(RLIMIT_NOFILE, &before));
	none = before;
	none.rlim_cur = 0;
	assert_false(setrlimit(RLIMIT_NOFILE, &none));
	opened = try_open(path, RW, 0, FB_NT_OPEN);
	created = try_open(in_folder("new"), RW, FILE_DIRECTORY_FILE, FB_NT_CREATE);
	assert_false(setrlimit(RLIMIT_NOFILE, &before));
	assert_status(STATUS_TOO_MANY_OPENED_FILES, opened);
	assert_status(STATUS_TOO_MANY_OPENED_FILES, created);
	assert_int_not_equal(access(in_folder("new"), F_OK), 0);
}

static void created_folder_is_there(void **state)
{
	struct stat st;

	(void)state;
	assert_status(STATUS_SUCCESS, try_open(in_folder("sub"), FILE_ADD_FILE,
					       FILE_DIRECTORY_FILE, FB_NT_CREATE));
	assert_false(stat(in_folder("sub"), &st));
	assert_true(S_ISDIR(st.st_mode));
}

static int open_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void close_closes(void **state)
{
	const int before = open_fds();
	HANDLE h = NULL;

	(void)state;
	assert_status(STATUS_SUCCESS, fb_nt_open_file(path, RW, 0, FB_NT_OPEN, &h));
	assert_int_equal(open_fds(), before + 1);
	assert_status(STATUS_SUCCESS, NtClose(h));
	assert_int_equal(open_fds(), before);
}

static void what_is_written_is_read_back(void **state)
{
	char data[] = "0123456789";
	char back[10];
	uint64_t size = 0;

	(void)state;
	assert_status(STATUS_SUCCESS, fb_nt_write(file, 5000, data, 10, false));
	assert_status(STATUS_SUCCESS, fb_nt_read(file, 5000, back, 10));
	assert_memory_equal(data, back, 10);
	assert_status(STATUS_SUCCESS, fb_nt_get_size(file, &size));
	assert_int_equal(size, 5010);
	assert_status(STATUS_UNEXPECTED_IO_ERROR, fb_nt_read(file, 5001, back, 10));
	assert_status(STATUS_SUCCESS, fb_nt_set_size(file, 100));
	assert_status(STATUS_SUCCESS, fb_nt_get_size(file, &size));
	assert_int_equal(size, 100);
}

static void append_only_writes_go_to_the_end(void **state)
{
	char back[4];
	HANDLE h = NULL;

	(void)state;
	assert_status(STATUS_SUCCESS, fb_nt_write(file, 0, "ab", 2, false));
	assert_status(STATUS_SUCCESS,
		      fb_nt_open_file(path, FILE_APPEND_DATA, 0, FB_NT_OPEN, &h));
	assert_status(STATUS_SUCCESS, fb_nt_write(h, 0, "cd", 2, false));
	assert_status(STATUS_SUCCESS, NtClose(h));
	assert_status(STATUS_SUCCESS, fb_nt_read(file, 0, back, 4));
	assert_memory_equal(back, "abcd", 4);
}

static void durable_write_writes(void **state)
{
	char back[2];

	(void)state;
	assert_status(STATUS_SUCCESS, fb_nt_write(file, 0, "ab", 2, true));
	assert_status(STATUS_SUCCESS, fb_nt_read(file, 0, back, 2));
	assert_memory_equal(back, "ab", 2);
}

static void write_through_is_o_dsync(void **state)
{
	const ULONG options[] = {0, FILE_WRITE_THROUGH};
	HANDLE h = NULL;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		/* The lowest free number is the one that the handle will hide. */
		const int fd = dup(0);

		close(fd);
		assert_status(STATUS_SUCCESS,
			      fb_nt_open_file(path, RW, options[i], FB_NT_OPEN, &h));
		assert_int_equal(!!(fcntl(fd, F_GETFL) & O_DSYNC), i);
		assert_status(STATUS_SUCCESS, NtClose(h));
	}
}

static void read_and_write_check_access_and_type(void **state)
{
	char byte = 0;
	HANDLE h = NULL;
	uint64_t size = 0;

	(void)state;
	assert_status(STATUS_SUCCESS,
		      fb_nt_open_file(path, FILE_READ_DATA, 0, FB_NT_OPEN, &h));
	assert_status(STATUS_ACCESS_DENIED, fb_nt_write(h, 0, &byte, 1, false));
	assert_status(STATUS_ACCESS_DENIED, fb_nt_set_size(h, 1));
	assert_status(STATUS_ACCESS_DENIED, fb_nt_allocate(h, 1));
	assert_status(STATUS_SUCCESS, NtClose(h));
	assert_status(STATUS_INVALID_HANDLE, fb_nt_write(h, 0, &byte, 1, false));
	assert_status(STATUS_SUCCESS,
		      fb_nt_open_file(path, FILE_WRITE_DATA, 0, FB_NT_OPEN, &h));
	assert_status(STATUS_ACCESS_DENIED, fb_nt_read(h, 0, &byte, 1));
	assert_status(STATUS_SUCCESS, NtClose(h));
	assert_status(STATUS_SUCCESS,
		      fb_nt_open_file(folder, RW, FILE_DIRECTORY_FILE, FB_NT_OPEN, &h));
	assert_status(STATUS_OBJECT_TYPE_MISMATCH, fb_nt_write(h, 0, &byte, 1, false));
	assert_status(STATUS_OBJECT_TYPE_MISMATCH, fb_nt_read(h, 0, &byte, 1));
	assert_status(STATUS_OBJECT_TYPE_MISMATCH, fb_nt_get_size(h, &size));
	assert_status(STATUS_SUCCESS, NtClose(h));
}

static void read_and_write_refuse_bad_parameters(void **state)
{
	struct badmem bad;
	char byte = 0;

	(void)state;
	assert_false(badmem_make(&bad));
	assert_status(STATUS_SUCCESS, fb_nt_write(file, 0, &byte, 1, false));
	assert_status(STATUS_ACCESS_VIOLATION,
		      fb_nt_write(file, 0, bad.at[2], 1, false));
	assert_status(STATUS_ACCESS_VIOLATION, fb_nt_read(file, 0, bad.at[1], 1));
	badmem_free(&bad);
	for (int dsync = 0; dsync < 2; dsync++) {
		assert_status(STATUS_INVALID_PARAMETER,
			      fb_nt_write(file, UINT64_MAX, &byte, 1, dsync));
		assert_status(STATUS_INVALID_PARAMETER,
			      fb_nt_write(file, (uint64_t)1 << 63, &byte, 1, dsync));
	}
	assert_status(STATUS_INVALID_PARAMETER, fb_nt_set_size(file, UINT64_MAX));
	assert_status(STATUS_INVALID_PARAMETER, fb_nt_allocate(file, 0));
	assert_status(STATUS_INVALID_PARAMETER,
		      fb_nt_set_no_sync(file, (enum fb_nt_no_sync)9));
}

static void allocated_blocks_are_there(void **state)
{
	struct stat st;
	const NTSTATUS status = fb_nt_allocate(file, 1 << 20);

	(void)state;
	if (status == STATUS_NOT_SUPPORTED) {
		print_error("skipped: no fallocate where $TMPDIR is\n");
		skip();
	}
	assert_status(STATUS_SUCCESS, status);
	assert_false(stat(path, &st));
	assert_int_equal(st.st_size, 1 << 20);
	assert_true(st.st_blocks * 512 >= 1 << 20);
}

static void write_past_a_limit_tells_why(void **state)
{
	char data[8192] = {0};
	struct rlimit before;
	struct rlimit small;
	NTSTATUS status;
	int os_error;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_false(getrlimit(RLIMIT_FSIZE, &before));
	small = before;
	small.rlim_cur = 4096;
	assert_false(setrlimit(RLIMIT_FSIZE, &small));
	status = fb_nt_write(file, 0, data, sizeof(data), false);
	os_error = fb_nt_os_error();
	assert_false(setrlimit(RLIMIT_FSIZE, &before));
	assert_status(STATUS_UNEXPECTED_IO_ERROR, status);
	assert_int_equal(os_error, EFBIG);
}

static void short_write_on_a_full_disk_is_told(void **state)
{
	static char data[256 * 1024];
	uint64_t size = 0;
	HANDLE h = NULL;

	(void)state;
	if (geteuid() || own_mounts()) {
		print_error("skipped: mounting a small tmpfs needs root\n");
		skip();
	}
	assert_false(mkdir(in_folder("small"), 0700));
	assert_false(mount("tmpfs", in_folder("small"), "tmpfs", 0, "size=128k"));
	assert_status(STATUS_SUCCESS, fb_nt_open_file(in_folder("small/file"), RW, 0,
						      FB_NT_CREATE, &h));
	assert_status(STATUS_DISK_FULL, fb_nt_write(h, 0, data, sizeof(data), false));
	assert_int_equal(fb_nt_os_error(), ENOSPC);
	assert_status(STATUS_SUCCESS, fb_nt_get_size(h, &size));
	assert_status(STATUS_SUCCESS, NtClose(h));
	/* It was short, not refused from the start. */
	assert_true(size > 0 && size < sizeof(data));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(open_tells_what_is_wrong_with_the_name),
		TEST(open_refuses_bad_parameters),
		TEST(too_many_open_files_is_told_and_leaves_nothing),
		TEST(created_folder_is_there),
		TEST(close_closes),
		TEST(what_is_written_is_read_back),
		TEST(append_only_writes_go_to_the_end),
		TEST(durable_write_writes),
		TEST(write_through_is_o_dsync),
		TEST(read_and_write_check_access_and_type),
		TEST(read_and_write_refuse_bad_parameters),
		TEST(allocated_blocks_are_there),
		TEST(write_past_a_limit_tells_why),
		TEST(short_write_on_a_full_disk_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
