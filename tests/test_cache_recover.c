#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "device/cache_note.h"
#include "device/cache_off.h"
#include "support/cache_lab.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static void kill_run_and_guardian(void)
{
	cache_lab_kill_guardian(cache_lab.note);
	cache_lab_kill_run();
	assert_true(cache_lab_is(&cache_lab.a, "write through"));
}

static void recover_restores_what_both_left_and_names_it(void **state)
{
	char names[64];

	(void)state;
	cache_lab_need();
	cache_lab_start_run(false);
	kill_run_and_guardian();
	assert_int_equal(fb_cache_off_recover(names, sizeof(names), NULL), 0);
	assert_non_null(strstr(names, cache_lab.a.name));
	assert_true(cache_lab_is(&cache_lab.a, "write back"));
	assert_int_not_equal(access(cache_lab.note, F_OK), 0);
	assert_int_equal(fb_cache_off_recover(names, sizeof(names), NULL), 0);
	assert_null(strstr(names, cache_lab.a.name));
}

static void recover_leaves_a_living_run_alone(void **state)
{
	char names[64];

	(void)state;
	cache_lab_need();
	cache_lab_begin();
	assert_int_equal(fb_cache_off_recover(names, sizeof(names), NULL), 0);
	assert_true(cache_lab_is(&cache_lab.a, "write through"));
	assert_int_equal(access(cache_lab.note, F_OK), 0);
}

static void rewrite_note(void (*change)(struct fb_cache_note *))
{
	struct fb_cache_note n;

	assert_int_equal(fb_note_read(&n, cache_lab.note), 0);
	change(&n);
	unlink(cache_lab.note);
	assert_int_equal(fb_note_create(&n), 0);
}

static void another_diskseq(struct fb_cache_note *n)
{
	n->diskseq--;
}

static void another_name(struct fb_cache_note *n)
{
	snprintf(n->disk, sizeof(n->disk), "vdz");
}

static void guardian_is_this_process(struct fb_cache_note *n)
{
	n->guardian = getpid();
}

static void assert_removed_untouched(void (*change)(struct fb_cache_note *))
{
	char names[64];

	cache_lab_need();
	cache_lab_start_run(false);
	kill_run_and_guardian();
	rewrite_note(change);
	assert_int_equal(fb_cache_off_recover(names, sizeof(names), NULL), 0);
	assert_null(strstr(names, cache_lab.a.name));
	assert_true(cache_lab_is(&cache_lab.a, "write through"));
	assert_int_not_equal(access(cache_lab.note, F_OK), 0);
}

static void a_note_of_another_diskseq_is_removed_untouched(void **state)
{
	(void)state;
	assert_removed_untouched(another_diskseq);
}

static void a_note_of_another_disk_is_removed_untouched(void **state)
{
	(void)state;
	assert_removed_untouched(another_name);
}

static void a_recycled_guardian_id_does_not_hold_recovery_up(void **state)
{
	char names[64];

	(void)state;
	cache_lab_need();
	cache_lab_start_run(false);
	kill_run_and_guardian();
	rewrite_note(guardian_is_this_process);
	assert_int_equal(fb_cache_off_recover(names, sizeof(names), NULL), 0);
	assert_true(cache_lab_is(&cache_lab.a, "write back"));
}

static void a_loop_device_detached_since_is_restored(void **state)
{
	char names[64], path[64];
	struct disk was;

	(void)state;
	cache_lab_need();
	cache_lab_start_run(false);
	kill_run_and_guardian();
	was = cache_lab.a;
	cache_lab.a.name = NULL;
	close(was.fd);
	snprintf(path, sizeof(path), "/sys/block/%s/loop/backing_file", was.name);
	for (int i = 0; i < 5000 && !access(path, F_OK); i++)
		usleep(1000);
	assert_true(cache_lab_is(&was, "write through"));
	assert_int_equal(fb_cache_off_recover(names, sizeof(names), NULL), 0);
	assert_non_null(strstr(names, was.name));
	assert_true(cache_lab_is(&was, "write back"));
}

static void a_file_that_is_no_note_is_told(void **state)
{
	struct fb_err err;
	char names[64];
	FILE *f;

	(void)state;
	cache_lab_need();
	fb_note_unlock(fb_note_lock(true));
	f = fopen(cache_lab.note, "w");
	assert_non_null(f);
	fputs("hello\n", f);
	fclose(f);
	assert_int_equal(fb_cache_off_recover(names, sizeof(names), &err), -EBADMSG);
	assert_non_null(strstr(err.text, cache_lab.note));
}

static void who_holds_the_notes_for_long_holds_nobody_up(void **state)
{
	struct fb_err err = {0};
	char names[64];
	int fd;

	(void)state;
	cache_lab_need();
	fb_note_unlock(fb_note_lock(true));
	fd = open(FB_NOTE_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(fb_cache_off_recover(names, sizeof(names), &err), -EBUSY);
	close(fd);
	assert_non_null(strstr(err.text, FB_NOTE_DIR));
	assert_int_equal(fb_cache_off_recover(names, sizeof(names), &err), 0);
}

static void a_leftover_refuses_a_new_begin(void **state)
{
	struct fb_cache_off *off = NULL;

	(void)state;
	cache_lab_need();
	cache_lab_start_run(false);
	kill_run_and_guardian();
	assert_int_equal(fb_cache_off_begin(&off, &cache_lab.d, NULL), -EBUSY);
}

/* What a run that resolved its target too early believes. */
static void resolved_while_off(void)
{
	assert_int_equal(fb_device_resolve(cache_lab.a.dev, &cache_lab.d, NULL), 0);
	assert_int_equal(fb_device_cache(&cache_lab.d), FB_NO);
}

static void a_check_refuses_a_disk_another_run_has_off(void **state)
{
	struct fb_err err;
	char pid[32];

	(void)state;
	cache_lab_need();
	cache_lab_start_run(false);
	resolved_while_off();
	assert_int_equal(fb_cache_off_check(&cache_lab.d, &err), -EBUSY);
	snprintf(pid, sizeof(pid), "process %d ", (int)cache_lab.run);
	assert_non_null(strstr(err.text, pid));
	assert_non_null(strstr(err.text, cache_lab.a.name));
	assert_int_equal(fb_device_cache(&cache_lab.d), FB_NO);
}

static void a_check_refuses_a_leftover_nobody_restored(void **state)
{
	struct fb_err err;

	(void)state;
	cache_lab_need();
	cache_lab_start_run(false);
	kill_run_and_guardian();
	assert_int_equal(fb_cache_off_check(&cache_lab.d, &err), -EBUSY);
	assert_non_null(strstr(err.text, "the next run as root restores it"));
}

static void a_check_sees_the_cache_as_it_is_without_the_switch(void **state)
{
	(void)state;
	cache_lab_need();
	cache_lab_start_run(false);
	resolved_while_off();
	cache_lab_kill_run();
	assert_true(cache_lab_note_vanishes());
	assert_int_equal(fb_cache_off_check(&cache_lab.d, NULL), 0);
	assert_int_equal(fb_device_cache(&cache_lab.d), FB_YES);
}

/* Its note may outlive it where nobody has the right to remove it. */
static void a_check_does_not_mind_the_note_of_a_disk_that_is_on(void **state)
{
	(void)state;
	cache_lab_need();
	cache_lab_start_run(false);
	kill_run_and_guardian();
	disk_queue_set(&cache_lab.a, "write_cache", "write back");
	assert_int_equal(fb_cache_off_check(&cache_lab.d, NULL), 0);
}

#define CASE(test)                                                                     \
	cmocka_unit_test_setup_teardown(test, cache_lab_enter, cache_lab_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(recover_restores_what_both_left_and_names_it),
		CASE(recover_leaves_a_living_run_alone),
		CASE(a_note_of_another_diskseq_is_removed_untouched),
		CASE(a_note_of_another_disk_is_removed_untouched),
		CASE(a_recycled_guardian_id_does_not_hold_recovery_up),
		CASE(a_loop_device_detached_since_is_restored),
		CASE(a_file_that_is_no_note_is_told),
		CASE(who_holds_the_notes_for_long_holds_nobody_up),
		CASE(a_leftover_refuses_a_new_begin),
		CASE(a_check_refuses_a_disk_another_run_has_off),
		CASE(a_check_refuses_a_leftover_nobody_restored),
		CASE(a_check_sees_the_cache_as_it_is_without_the_switch),
		CASE(a_check_does_not_mind_the_note_of_a_disk_that_is_on),
	};

	cache_lab_adopt();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
