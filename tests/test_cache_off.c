#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "device/cache_note.h"
#include "device/cache_off.h"
#include "support/cache_lab.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static void begin_switches_and_end_restores(void **state)
{
	(void)state;
	cache_lab_need();
	cache_lab_begin();
	assert_true(cache_lab_is(&cache_lab.a, "write through"));
	assert_int_equal(access(cache_lab.note, F_OK), 0);
	assert_int_equal(cache_lab_end(), 0);
	assert_true(cache_lab_is(&cache_lab.a, "write back"));
	assert_int_not_equal(access(cache_lab.note, F_OK), 0);
}

static void the_note_says_what_is_owed_and_by_whom(void **state)
{
	struct fb_cache_note n;

	(void)state;
	cache_lab_need();
	cache_lab_begin();
	assert_int_equal(fb_note_read(&n, cache_lab.note), 0);
	assert_string_equal(n.disk, cache_lab.a.name);
	assert_int_equal(n.dev_major, cache_lab.d.disks[0].dev_major);
	assert_int_equal(n.dev_minor, cache_lab.d.disks[0].dev_minor);
	assert_true(n.diskseq == fb_disk_seq(n.dev_major, n.dev_minor));
	assert_string_equal(n.was, "write back");
	assert_int_equal(n.run, getpid());
	assert_true(fb_note_guarded(&n));
	n.guardian_start--;
	assert_false(fb_note_guarded(&n));
}

static void all_disks_are_switched_and_restored(void **state)
{
	struct fb_device other;

	(void)state;
	cache_lab_need();
	cache_lab_attach(&cache_lab.b, "b");
	assert_int_equal(fb_device_resolve(cache_lab.b.dev, &other, NULL), 0);
	cache_lab.d.disks[cache_lab.d.n_disks++] = other.disks[0];
	cache_lab_begin();
	assert_true(cache_lab_is(&cache_lab.a, "write through"));
	assert_true(cache_lab_is(&cache_lab.b, "write through"));
	assert_int_equal(cache_lab_end(), 0);
	assert_true(cache_lab_is(&cache_lab.a, "write back"));
	assert_true(cache_lab_is(&cache_lab.b, "write back"));
}

static void a_disk_without_volatile_cache_is_left_alone(void **state)
{
	(void)state;
	cache_lab_need();
	disk_queue_set(&cache_lab.a, "write_cache", "write through");
	cache_lab_begin();
	assert_int_not_equal(access(cache_lab.note, F_OK), 0);
	assert_int_equal(cache_lab_end(), 0);
	assert_true(cache_lab_is(&cache_lab.a, "write through"));
}

static void the_guardian_restores_after_sigkill(void **state)
{
	(void)state;
	cache_lab_need();
	cache_lab_start_run(false);
	assert_true(cache_lab_is(&cache_lab.a, "write through"));
	cache_lab_kill_run();
	assert_true(cache_lab_becomes(&cache_lab.a, "write back"));
	assert_true(cache_lab_note_vanishes());
}

static void a_child_of_the_run_does_not_hold_the_guardian_up(void **state)
{
	(void)state;
	cache_lab_need();
	cache_lab_start_run(true);
	cache_lab_kill_run();
	assert_true(cache_lab_becomes(&cache_lab.a, "write back"));
}

static void the_guardian_outlives_signals_from_the_terminal(void **state)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
	struct fb_cache_note n;

	(void)state;
	cache_lab_need();
	cache_lab_begin();
	assert_int_equal(fb_note_read(&n, cache_lab.note), 0);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		assert_int_equal(kill(n.guardian, signals[i]), 0);
	usleep(20000);
	assert_true(fb_note_guarded(&n));
	assert_int_equal(getsid(n.guardian), n.guardian);
	assert_int_equal(cache_lab_end(), 0);
}

static void the_guardian_holds_only_what_it_needs(void **state)
{
	struct fb_cache_note n;
	char path[64], cwd[64] = "";
	int held = 99;

	(void)state;
	cache_lab_need();
	cache_lab_begin();
	assert_int_equal(fb_note_read(&n, cache_lab.note), 0);
	snprintf(path, sizeof(path), "/proc/%d/fd", (int)n.guardian);
	/* It closes the others in its own time: pipe, run and disk remain. */
	for (int i = 0; i < 5000 && held > 3; i++) {
		DIR *dir = opendir(path);

		assert_non_null(dir);
		held = -2; /* . and .. */
		while (readdir(dir))
			held++;
		closedir(dir);
		usleep(1000);
	}
	snprintf(path, sizeof(path), "/proc/%d/cwd", (int)n.guardian);
	assert_int_equal(readlink(path, cwd, sizeof(cwd) - 1), 1);
	assert_string_equal(cwd, "/");
	assert_in_range(held, 2, 3); /* two before Linux 5.3 */
}

static void end_restores_when_the_guardian_was_killed(void **state)
{
	struct fb_cache_note n;

	(void)state;
	cache_lab_need();
	cache_lab_begin();
	assert_int_equal(fb_note_read(&n, cache_lab.note), 0);
	kill(n.guardian, SIGKILL);
	assert_int_equal(cache_lab_end(), 0);
	assert_true(cache_lab_is(&cache_lab.a, "write back"));
	assert_int_not_equal(access(cache_lab.note, F_OK), 0);
}

static atomic_bool stop;

static void *allocate(void *unused)
{
	while (!stop)
		free(malloc(100000));
	return unused;
}

static void a_threaded_run_can_begin(void **state)
{
	pthread_t busy;
	int ret = 0;

	(void)state;
	cache_lab_need();
	stop = false;
	assert_int_equal(pthread_create(&busy, NULL, allocate, NULL), 0);
	for (int i = 0; !ret && i < 20; i++) {
		ret = fb_cache_off_begin(&cache_lab.off, &cache_lab.d, NULL);
		if (!ret)
			ret = cache_lab_end();
	}
	stop = true;
	pthread_join(busy, NULL);
	assert_int_equal(ret, 0);
}

static void a_disk_switched_off_by_another_run_is_busy(void **state)
{
	struct fb_cache_off *off = NULL;
	struct fb_err err;
	char pid[16];

	(void)state;
	cache_lab_need();
	cache_lab_start_run(false);
	assert_int_equal(fb_cache_off_begin(&off, &cache_lab.d, &err), -EBUSY);
	assert_null(off);
	snprintf(pid, sizeof(pid), "%d", (int)cache_lab.run);
	assert_non_null(strstr(err.text, pid));
	assert_true(cache_lab_is(&cache_lab.a, "write through"));
	assert_int_equal(access(cache_lab.note, F_OK), 0);
}

static void a_busy_second_disk_leaves_the_first_as_it_was(void **state)
{
	struct fb_device both = cache_lab.d, other;
	struct fb_cache_off *off = NULL;

	(void)state;
	cache_lab_need();
	cache_lab_attach(&cache_lab.b, "b");
	assert_int_equal(fb_device_resolve(cache_lab.b.dev, &other, NULL), 0);
	both.disks[0] = other.disks[0];
	both.disks[1] = cache_lab.d.disks[0];
	both.n_disks = 2;
	cache_lab_begin();
	assert_int_equal(fb_cache_off_begin(&off, &both, NULL), -EBUSY);
	assert_true(cache_lab_is(&cache_lab.b, "write back"));
}

static void our_own_loop_device_is_allowed(void **state)
{
	(void)state;
	cache_lab_need();
	assert_int_equal(fb_cache_off_allowed(&cache_lab.d, false, NULL), 0);
}

static void a_foreign_backing_file_is_refused_unless_forced(void **state)
{
	struct fb_err err;

	(void)state;
	cache_lab_need();
	assert_int_equal(chown(cache_lab.a.image, 12345, 0), 0);
	assert_int_equal(fb_cache_off_allowed(&cache_lab.d, false, &err), -EPERM);
	assert_non_null(strstr(err.text, cache_lab.a.image));
	assert_int_equal(fb_cache_off_allowed(&cache_lab.d, true, NULL), 0);
}

static void a_deleted_backing_file_is_refused(void **state)
{
	(void)state;
	cache_lab_need();
	unlink(cache_lab.a.image);
	assert_int_equal(fb_device_resolve(cache_lab.a.dev, &cache_lab.d, NULL), 0);
	assert_int_equal(fb_cache_off_allowed(&cache_lab.d, false, NULL), -EPERM);
}

static void a_real_disk_is_refused_unless_forced(void **state)
{
	struct fb_device d;

	(void)state;
	cache_lab_need();
	d = cache_lab.d;
	*d.disks[0].backing_file = '\0';
	assert_int_equal(fb_cache_off_allowed(&d, false, NULL), -EPERM);
	assert_int_equal(fb_cache_off_allowed(&d, true, NULL), 0);
}

static void where_no_note_can_be_left_the_cache_stays_on(void **state)
{
	struct fb_cache_off *off = NULL;
	struct fb_err asked, begun;
	int allowed, ret;

	(void)state;
	cache_lab_need();
	if (own_mounts()) {
		fprintf(stderr, "no private mount namespace\n");
		skip();
	}
	assert_int_equal(mount("run", "/run", "tmpfs", MS_RDONLY, NULL), 0);
	allowed = fb_cache_off_allowed(&cache_lab.d, true, &asked);
	ret = fb_cache_off_begin(&off, &cache_lab.d, &begun);
	umount2("/run", MNT_DETACH);
	assert_int_equal(allowed, -EPERM);
	assert_int_equal(ret, -EROFS);
	assert_true(cache_lab_is(&cache_lab.a, "write back"));
	assert_non_null(strstr(asked.text, FB_NOTE_DIR ": Read-only file system"));
	assert_non_null(strstr(begun.text, FB_NOTE_DIR ": Read-only file system"));
	assert_non_null(strstr(begun.text, "run as root"));
}

static void other_users_may_read_what_is_owed(void **state)
{
	struct stat note, folder;
	mode_t umasked;

	(void)state;
	cache_lab_need();
	rmdir(FB_NOTE_DIR);
	umasked = umask(077);
	cache_lab_begin();
	umask(umasked);
	assert_int_equal(stat(cache_lab.note, &note), 0);
	assert_int_equal(stat(FB_NOTE_DIR, &folder), 0);
	assert_int_equal(note.st_mode & 0777, 0644);
	assert_int_equal(folder.st_mode & 0777, 0755);
}

static void without_a_disk_there_is_nothing_to_switch(void **state)
{
	struct fb_device d = {0};
	struct fb_err err;

	(void)state;
	assert_int_equal(fb_cache_off_allowed(&d, true, &err), -ENODEV);
	assert_string_not_equal(err.text, "");
}

#define CASE(test)                                                                     \
	cmocka_unit_test_setup_teardown(test, cache_lab_enter, cache_lab_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(begin_switches_and_end_restores),
		CASE(the_note_says_what_is_owed_and_by_whom),
		CASE(all_disks_are_switched_and_restored),
		CASE(a_disk_without_volatile_cache_is_left_alone),
		CASE(the_guardian_restores_after_sigkill),
		CASE(a_child_of_the_run_does_not_hold_the_guardian_up),
		CASE(the_guardian_outlives_signals_from_the_terminal),
		CASE(the_guardian_holds_only_what_it_needs),
		CASE(end_restores_when_the_guardian_was_killed),
		CASE(a_threaded_run_can_begin),
		CASE(a_disk_switched_off_by_another_run_is_busy),
		CASE(a_busy_second_disk_leaves_the_first_as_it_was),
		CASE(our_own_loop_device_is_allowed),
		CASE(a_foreign_backing_file_is_refused_unless_forced),
		CASE(a_deleted_backing_file_is_refused),
		CASE(a_real_disk_is_refused_unless_forced),
		CASE(where_no_note_can_be_left_the_cache_stays_on),
		CASE(other_users_may_read_what_is_owed),
		CASE(without_a_disk_there_is_nothing_to_switch),
	};

	cache_lab_adopt();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
