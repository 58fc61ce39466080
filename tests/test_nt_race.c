#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "nt/nt.h"
#include "nt/objects.h"
#include "support/nt_assert.h"
#include "support/tmpdir.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

#define RW    (FILE_READ_DATA | FILE_WRITE_DATA)
#define PAGES 4

static char folder[TMPDIR_LEN];
static char path[TMPDIR_LEN + 8];
static HANDLE file;
static size_t page;

static int setup(void **state)
{
	(void)state;
	page = (size_t)sysconf(_SC_PAGESIZE);
	if (tmpdir_make(folder))
		return -1;
	tmpdir_join(path, sizeof(path), folder, "file");
	if (fb_nt_open_file(path, RW, 0, FB_NT_CREATE, &file) ||
	    fb_nt_set_size(file, PAGES * page))
		return -1;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	NtClose(file);
	file = NULL;
	tmpdir_remove(folder);
	return 0;
}

/* One thread makes and ends targets, the others flush whatever it made last. */
struct race {
	_Atomic(void *) target;
	atomic_bool over;
	atomic_int flushed;
	atomic_int unexpected;
};

static void *flush_files_until_over(void *arg)
{
	struct race *r = arg;
	IO_STATUS_BLOCK iosb;
	NTSTATUS status;

	while (!atomic_load(&r->over)) {
		status = NtFlushBuffersFileEx(atomic_load(&r->target),
					      FLUSH_FLAGS_FILE_DATA_ONLY, NULL, 0,
					      &iosb);
		if (!status)
			atomic_fetch_add(&r->flushed, 1);
		else if (status != STATUS_INVALID_HANDLE)
			atomic_fetch_add(&r->unexpected, 1);
	}
	return NULL;
}

static void closing_while_another_thread_flushes_is_safe(void **state)
{
	static struct race race;
	pthread_t others[2];

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_false(pthread_create(&others[i], NULL, flush_files_until_over,
					    &race));
	for (int i = 0; i < 2000 || !atomic_load(&race.flushed); i++) {
		HANDLE h = NULL;

		assert_status(STATUS_SUCCESS,
			      fb_nt_open_file(path, RW, 0, FB_NT_OPEN, &h));
		atomic_store(&race.target, h);
		sched_yield();
		assert_status(STATUS_SUCCESS, NtClose(h));
	}
	atomic_store(&race.over, true);
	for (int i = 0; i < 2; i++)
		pthread_join(others[i], NULL);
	assert_int_equal(race.unexpected, 0);
}

static void *flush_views_until_over(void *arg)
{
	struct race *r = arg;
	IO_STATUS_BLOCK iosb;
	NTSTATUS status;

	for (unsigned i = 0; !atomic_load(&r->over); i++) {
		void *base = atomic_load(&r->target);
		size_t size = 0;

		status = i % 2 ? NtFlushVirtualMemory(NtCurrentProcess(), &base, &size,
						      &iosb)
			       : fb_nt_msync(base, 0);
		if (!status)
			atomic_fetch_add(&r->flushed, 1);
		else if (status != STATUS_NOT_MAPPED_VIEW)
			atomic_fetch_add(&r->unexpected, 1);
	}
	return NULL;
}

static void unmapping_while_another_thread_flushes_is_safe(void **state)
{
	static struct race race;
	pthread_t others[2];

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_false(pthread_create(&others[i], NULL, flush_views_until_over,
					    &race));
	for (int i = 0; i < 500 || !atomic_load(&race.flushed); i++) {
		void *base = NULL;

		assert_status(STATUS_SUCCESS,
			      fb_nt_map_view(file, 0, 4 * page, false, &base));
		atomic_store(&race.target, base);
		*(char *)base = (char)i;
		sched_yield();
		assert_status(STATUS_SUCCESS, fb_nt_unmap_view(base));
	}
	atomic_store(&race.over, true);
	for (int i = 0; i < 2; i++)
		pthread_join(others[i], NULL);
	assert_int_equal(race.unexpected, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(closing_while_another_thread_flushes_is_safe),
		TEST(unmapping_while_another_thread_flushes_is_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
