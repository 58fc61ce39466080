#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "nt/nt.h"
#include "nt/objects.h"
#include "support/nt_assert.h"
#include "support/tmpdir.h"
#include "support/view_rig.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGES 4

static pid_t child;

static int setup(void **state)
{
	(void)state;
	return view_rig_make(PAGES);
}

static int teardown(void **state)
{
	if (child > 0) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		child = 0;
	}
	return view_rig_leave(state);
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
	assert_view_refused(STATUS_INVALID_HANDLE, NULL, view_rig.view, view_rig.page);
	assert_view_refused(STATUS_INVALID_HANDLE, (HANDLE)0xdeadbeef, view_rig.view,
			    view_rig.page);
	assert_view_refused(STATUS_INVALID_HANDLE, (HANDLE)-2, view_rig.view,
			    view_rig.page);
	assert_view_refused(STATUS_ACCESS_DENIED, view_rig.file, view_rig.view,
			    view_rig.page);
	/* The handle is looked at first. */
	assert_status(STATUS_INVALID_HANDLE,
		      NtFlushVirtualMemory(NULL, NULL, NULL, NULL));
	assert_status(STATUS_ACCESS_DENIED,
		      NtFlushVirtualMemory(view_rig.file, NULL, NULL, NULL));
}

static void own_process_by_number_is_the_current_one(void **state)
{
	IO_STATUS_BLOCK iosb = IOSB_UNTOUCHED;
	void *base = view_rig.view;
	size_t size = 0;
	HANDLE process = NULL;

	(void)state;
	need_process_handles();
	assert_status(STATUS_SUCCESS, fb_nt_open_process(getpid(), &process));
	assert_status(STATUS_SUCCESS,
		      NtFlushVirtualMemory(process, &base, &size, &iosb));
	assert_iosb(STATUS_SUCCESS, PAGES * view_rig.page, iosb);
	assert_status(STATUS_SUCCESS, NtClose(process));
	assert_view_refused(STATUS_INVALID_HANDLE, process, view_rig.view,
			    view_rig.page);
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
	assert_view_refused(STATUS_ACCESS_DENIED, process, view_rig.view,
			    view_rig.page);
	assert_false(kill(child, SIGKILL));
	assert_false(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT));
	assert_view_refused(STATUS_PROCESS_IS_TERMINATING, process, view_rig.view,
			    view_rig.page);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_view_refused(STATUS_PROCESS_IS_TERMINATING, process, view_rig.view,
			    view_rig.page);
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
