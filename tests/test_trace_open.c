#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "account/trace_ring.h"
#include "support/need.h"
#include "support/trace_lab.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MIB = 1 << 20 };

static void other_disks_are_not_seen(void **state)
{
	(void)state;
	trace_lab_attach(MIB);
	trace_lab.disks[0].dev_minor ^= 1u << 19;
	trace_lab_open_sized(0);
	trace_lab_start();
	trace_lab_write_pages(0, 10);
	trace_lab_stop();
	assert_int_equal(trace_lab.n_events, 0);
	trace_lab_assert_none_lost();
}

static void a_disk_without_requests_is_traced_by_its_bios(void **state)
{
	char device[32];

	(void)state;
	trace_lab_make_zram();
	snprintf(device, sizeof(device), "/dev/zram%d", trace_lab.zram);
	trace_lab.file = open(device, O_RDWR | O_DIRECT | O_CLOEXEC);
	assert_true(trace_lab.file >= 0);
	trace_lab_open_sized(0);
	trace_lab_start();
	for (int i = 0; i < 100; i++) {
		trace_lab_write_pages(i, 1);
		trace_lab_read_events();
	}
	trace_lab_stop();
	trace_lab_assert_none_lost();
	trace_lab_assert_count(trace_lab_count(FB_BLOCK_QUEUE, FB_BLOCK_WRITE, true),
			       100);
	trace_lab_assert_count(trace_lab_count(FB_BLOCK_BIO_DONE, FB_BLOCK_WRITE, true),
			       100);
	trace_lab_assert_count(trace_lab.n_events, 200);
	trace_lab_assert_of(&trace_lab.disks[0]);
	trace_lab_assert_ordered();
}

static void disks_of_both_sorts_have_each_their_events(void **state)
{
	char device[32];

	(void)state;
	trace_lab_attach(MIB);
	trace_lab_make_zram();
	snprintf(device, sizeof(device), "/dev/zram%d", trace_lab.zram);
	trace_lab.other = open(device, O_RDWR | O_DIRECT | O_CLOEXEC);
	assert_true(trace_lab.other >= 0);
	trace_lab_open_sized(0);
	trace_lab_start();
	trace_lab_write_pages(0, 10);
	assert_int_equal(pwrite(trace_lab.other, trace_lab.page, TRACE_LAB_PAGE, 0),
			 TRACE_LAB_PAGE);
	trace_lab_stop();
	trace_lab_assert_count(trace_lab_count(FB_BLOCK_QUEUE, FB_BLOCK_WRITE, true),
			       11);
	trace_lab_assert_count(trace_lab_count(FB_BLOCK_ISSUE, FB_BLOCK_WRITE, true),
			       10);
	trace_lab_assert_count(trace_lab_count(FB_BLOCK_COMPLETE, FB_BLOCK_WRITE, true),
			       10);
	trace_lab_assert_count(trace_lab_count(FB_BLOCK_BIO_DONE, FB_BLOCK_WRITE, true),
			       1);
}

enum { THREADS = 3, THREAD_OPS = 2000 };

static void *write_own_pages(void *arg)
{
	const int first = *(const int *)arg;
	long failed = 0;

	for (int i = 0; i < THREAD_OPS; i++)
		failed += pwrite(trace_lab.file, trace_lab.page, TRACE_LAB_PAGE,
				 (off_t)(first + i) * TRACE_LAB_PAGE) != TRACE_LAB_PAGE;
	return (void *)failed;
}

/* Each page is written once: what became of it comes in its order. */
static void requests_of_many_threads_keep_their_order(void **state)
{
	int first[THREADS];
	pthread_t threads[THREADS];
	uint8_t *next = calloc(THREADS * THREAD_OPS, 1);
	size_t wrong = 0;
	void *failed;

	(void)state;
	assert_non_null(next);
	trace_lab_attach((uint64_t)THREADS * THREAD_OPS * TRACE_LAB_PAGE);
	trace_lab_open_sized(0);
	trace_lab_start();
	for (int i = 0; i < THREADS; i++) {
		first[i] = i * THREAD_OPS;
		assert_int_equal(
			pthread_create(&threads[i], NULL, write_own_pages, &first[i]),
			0);
	}
	for (int i = 0; i < 2000; i++) {
		trace_lab_read_events();
		usleep(50);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &failed);
		wrong += failed != NULL;
	}
	trace_lab_stop();
	for (size_t i = 0; i < trace_lab.n_events; i++) {
		const struct fb_block_event *e = &trace_lab.events[i];

		if (e->flags & FB_BLOCK_WRITE)
			wrong += next[e->sector * 512 / TRACE_LAB_PAGE]++ != e->kind;
	}
	free(next);
	trace_lab_assert_count(wrong, 0);
	trace_lab_assert_none_lost();
	trace_lab_assert_count(trace_lab_count(FB_BLOCK_COMPLETE, FB_BLOCK_WRITE, true),
			       THREADS * THREAD_OPS);
}

static bool is_mounted(const char *type)
{
	char line[1024], mark[32];
	bool found = false;
	FILE *f = fopen("/proc/self/mountinfo", "re");

	assert_non_null(f);
	snprintf(mark, sizeof(mark), " - %s ", type);
	while (!found && fgets(line, sizeof(line), f))
		found = strstr(line, mark) != NULL;
	fclose(f);
	return found;
}

static void free_formats(char *formats[FB_BLOCK_KINDS])
{
	for (int i = 0; i < FB_BLOCK_KINDS; i++)
		free(formats[i]);
}

static void without_tracefs_formats_are_read_and_nothing_stays_mounted(void **state)
{
	char *formats[FB_BLOCK_KINDS];
	struct fb_trace_format f;
	struct fb_err err = {0};

	(void)state;
	need(trace_lab_no_rights());
	need(own_mounts() ? "no mount namespace" : NULL);
	while (!umount2("/sys/kernel/tracing", MNT_DETACH) ||
	       !umount2("/sys/kernel/debug/tracing", MNT_DETACH))
		;
	umount2("/sys/kernel/debug", MNT_DETACH);
	need(is_mounted("tracefs") ? "tracefs is mounted in an unusual place" : NULL);
	if (fb_tracefs_formats(formats, &err))
		fail_msg("%s", err.text);
	assert_false(is_mounted("tracefs"));
	for (int i = 0; i < FB_BLOCK_KINDS; i++)
		assert_int_equal(fb_trace_format_parse(&f, formats[i]), 0);
	free_formats(formats);
}

static void formats_are_read_where_tracefs_is_mounted(void **state)
{
	char *formats[FB_BLOCK_KINDS];
	struct fb_trace_format f;
	int ret;

	(void)state;
	need(trace_lab_no_rights());
	need(own_mounts() ? "no mount namespace" : NULL);
	need(access("/sys/kernel/tracing", F_OK) ? "no /sys/kernel/tracing" : NULL);
	assert_int_equal(mount("test", "/sys/kernel/tracing", "tracefs", 0, NULL), 0);
	ret = fb_tracefs_formats(formats, NULL);
	umount2("/sys/kernel/tracing", 0);
	assert_int_equal(ret, 0);
	assert_int_equal(fb_trace_format_parse(&f, formats[FB_BLOCK_QUEUE]), 0);
	assert_true(f.comm.size > 0);
	free_formats(formats);
}

/* In a child that gave its rights away: 0 if it was told what the test expects. */
static int try_without_rights(void)
{
	const struct fb_disk d = {.dev_major = 7, .queued = FB_YES};
	const struct fb_disk *const disks[] = {&d};
	struct fb_trace *t = NULL;
	struct fb_err err = {0};
	int ret;

	if (setgid(65534) || setuid(65534))
		return 2;
	ret = fb_trace_open(&t, disks, 1, &err);
	if (t || (ret != -EACCES && ret != -EPERM))
		return 3;
	return strstr(err.text, "run as root") && err.os_error == -ret ? 0 : 4;
}

static void without_rights_it_says_what_to_do(void **state)
{
	int status = -1;
	pid_t child;

	(void)state;
	need(geteuid() ? "needs root to give rights away" : NULL);
	child = fork();
	if (!child)
		_exit(try_without_rights());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void without_a_disk_there_is_nothing_to_trace(void **state)
{
	struct fb_trace *t = NULL;
	struct fb_err err = {0};

	(void)state;
	assert_int_equal(fb_trace_open(&t, NULL, 0, &err), -ENODEV);
	assert_null(t);
	assert_non_null(strstr(err.text, "no disk"));
	fb_trace_close(NULL);
}

#define lab_test(f) cmocka_unit_test_setup_teardown(f, trace_lab_enter, trace_lab_leave)
#define single_test(f)                                                                 \
	{                                                                              \
#f "_through_programs", f, trace_lab_enter_single, trace_lab_leave,    \
			NULL                                                           \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(other_disks_are_not_seen),
		single_test(other_disks_are_not_seen),
		lab_test(a_disk_without_requests_is_traced_by_its_bios),
		single_test(a_disk_without_requests_is_traced_by_its_bios),
		lab_test(disks_of_both_sorts_have_each_their_events),
		single_test(disks_of_both_sorts_have_each_their_events),
		lab_test(requests_of_many_threads_keep_their_order),
		lab_test(without_tracefs_formats_are_read_and_nothing_stays_mounted),
		lab_test(formats_are_read_where_tracefs_is_mounted),
		cmocka_unit_test(without_rights_it_says_what_to_do),
		cmocka_unit_test(without_a_disk_there_is_nothing_to_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
