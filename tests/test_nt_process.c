#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "nt/nt.h"
#include "nt/objects.h"
#include "support/nt_assert.h"
#include "support/tmpdir.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define RW    (FILE_READ_DATA | FILE_WRITE_DATA)
#define PAGES 4

static char folder[TMPDIR_LEN];
static char path[TMPDIR_LEN + 8];
static HANDLE file;
static char *view;
static size_t page;
static pid_t child;

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
	if (child > 0) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		child = 0;
	}
	fb_nt_unmap_view(view);
	NtClose(file);
	view = NULL;
	file = NULL;
	tmpdir_remove(folder);
	return 0;
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

static void need_process_handles(void)
{
	HANDLE process = NULL;

	if (fb_nt_open_process(getpid(), &process) == STATUS_NOT_SUPPORTED) {
		print_error("skipped: no pidfd_open here\n");
		skip();
	}
	NtClose(process);
}

static void bad_process_handle_is_told(void **state)
{
	(void)state;
	assert_refused(STATUS_INVALID_HANDLE, NULL, view, page);
	assert_refused(STATUS_INVALID_HANDLE, (HANDLE)0xdeadbeef, view, page);
	assert_refused(STATUS_INVALID_HANDLE, (HANDLE)-2, view, page);
	assert_refused(STATUS_ACCESS_DENIED, file, view, page);
	/* The handle is looked at first. */
	assert_status(STATUS_INVALID_HANDLE,
		      NtFlushVirtualMemory(NULL, NULL, NULL, NULL));
	assert_status(STATUS_ACCESS_DENIED,
		      NtFlushVirtualMemory(file, NULL, NULL, NULL));
}

static void own_process_by_number_is_the_current_one(void **state)
{
	IO_STATUS_BLOCK iosb = IOSB_UNTOUCHED;
	void *base = view;
	size_t size = 0;
	HANDLE process = NULL;

	(void)state;
	need_process_handles();
	assert_status(STATUS_SUCCESS, fb_nt_open_process(getpid(), &process));
	assert_status(STATUS_SUCCESS,
		      NtFlushVirtualMemory(process, &base, &size, &iosb));
	assert_iosb(STATUS_SUCCESS, PAGES * page, iosb);
	assert_status(STATUS_SUCCESS, NtClose(process));
	assert_refused(STATUS_INVALID_HANDLE, process, view, page);
}

static void another_process_is_denied_until_it_has_exited(void **state)
{
	HANDLE process = NULL;
	siginfo_t info;

	(void)state;
	need_process_handles();
	child = fork();
	if (!child) {
		pause();
		_exit(0);
	}
	assert_true(child > 0);
	assert_status(STATUS_SUCCESS, fb_nt_open_process(child, &process));
	assert_refused(STATUS_ACCESS_DENIED, process, view, page);
	assert_false(kill(child, SIGKILL));
	assert_false(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT));
	assert_refused(STATUS_PROCESS_IS_TERMINATING, process, view, page);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_refused(STATUS_PROCESS_IS_TERMINATING, process, view, page);
	assert_status(STATUS_INVALID_PARAMETER, fb_nt_open_process(child, &process));
	child = 0;
	assert_status(STATUS_SUCCESS, NtClose(process));
}

static void no_such_process_is_told(void **state)
{
	HANDLE process = NULL;

	(void)state;
	need_process_handles();
	assert_status(STATUS_INVALID_PARAMETER, fb_nt_open_process(0, &process));
	assert_status(STATUS_INVALID_PARAMETER, fb_nt_open_process(-1, &process));
	assert_status(STATUS_INVALID_PARAMETER,
		      fb_nt_open_process(INT32_MAX, &process));
	assert_null(process);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(bad_process_handle_is_told),
		TEST(own_process_by_number_is_the_current_one),
		TEST(another_process_is_denied_until_it_has_exited),
		TEST(no_such_process_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
