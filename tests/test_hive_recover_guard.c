/*
 * What recovery must not do: take another hive's logs, read or clear more than it
 * needs, write more than it was asked to.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/hive_lab.h"
#include "support/hive_logs.h"

#include "hive/log_entry.h"

#include <errno.h>
#include <string.h>

enum { KIB = 1024, MIB = 1024 * KIB };

static struct hive_lab *const lab = &hive_lab;

static void rename_log(enum fb_hive_file f)
{
	hive_patch_base(f, FB_BASE_NAME, 0x00780078);
}

static void a_log_that_names_another_hive_fills_no_gap(void **state)
{
	(void)state;
	hive_primary(3, 1);
	hive_log(FB_HIVE_LOG1, 6, 2, 2);
	rename_log(FB_HIVE_LOG1);
	hive_recovers(1, 3, 0);
	/* of two logs the one that is the hive's */
	hive_no_logs();
	hive_primary(3, 1);
	hive_log(FB_HIVE_LOG1, 6, 3, 1);
	rename_log(FB_HIVE_LOG1);
	hive_log(FB_HIVE_LOG2, 9, 2, 1);
	hive_recovers(2, 9, 1);
}

static void a_renamed_hive_keeps_the_logs_that_begin_where_it_ends(void **state)
{
	(void)state;
	hive_primary(3, 1);
	hive_log(FB_HIVE_LOG1, 3, 2, 1);
	rename_log(FB_HIVE_LOG1);
	hive_log(FB_HIVE_LOG2, 4, 3, 1);
	rename_log(FB_HIVE_LOG2);
	hive_recovers(3, 3, 2);
}

static void add_resize(uint32_t seq, uint32_t bins)
{
	struct hive_bytes *log = &lab->disk.file[FB_HIVE_LOG1];
	struct fb_entry e = {.sequence = seq, .bins = bins};
	struct fb_pages none = {0};
	struct fb_entry_parts parts;

	assert_int_equal(
		fb_entry_build(&e, hive_steps[4].bins, &none, log->bytes, &parts), 0);
	for (unsigned i = 0; i < parts.n; i++)
		hive_bytes_put(log, log->bytes, parts.spans[i].data,
			       parts.spans[i].bytes);
	fb_entry_free(&parts);
}

/* Clearing and growing again, entry after entry, would take minutes. */
static void data_that_shrink_and_grow_in_a_log_are_not_cleared_meanwhile(void **state)
{
	(void)state;
	hive_primary(5, 3);
	hive_log(FB_HIVE_LOG1, 5, 4, 1);
	add_resize(6, hive_steps[3].bytes);
	add_resize(7, hive_steps[4].bytes);
	hive_recovers(4, 5, 3);
	/* the last size is the one that counts */
	hive_no_logs();
	hive_primary(5, 2);
	hive_log(FB_HIVE_LOG1, 5, 4, 1);
	hive_log_add(FB_HIVE_LOG1, 6, 3);
	hive_recovers(3, 5, 2);
}

static void what_follows_the_entries_of_a_log_is_not_read(void **state)
{
	struct hive_bytes *log = &lab->disk.file[FB_HIVE_LOG1];

	(void)state;
	for (int turn = 0; turn < 2; turn++) {
		hive_no_logs();
		hive_primary(5, 0);
		if (turn)
			hive_log_old(FB_HIVE_LOG1, 6, 3, 1);
		else
			hive_log(FB_HIVE_LOG1, 5, 1, 3);
		hive_bytes_put(log, 8 * MIB, "", 1);
		lab->options.read_only = true;
		hive_disk_forget(&lab->disk);
		assert_int_equal(
			fb_hive_open(&lab->h, &lab->disk.io, &lab->options, &lab->err),
			0);
		assert_int_equal(fb_hive_recovered(lab->h)->old_format, turn);
		hive_assert_step(3);
		assert_true(lab->disk.bytes_read < 256 * KIB);
		fb_hive_free(lab->h);
		lab->h = NULL;
	}
}

/* Its size, checked by nothing, reaches to the end of the file. */
static void a_header_that_lies_is_not_read_after(void **state)
{
	struct hive_bytes *log = &lab->disk.file[FB_HIVE_LOG1];

	(void)state;
	hive_primary(5, 0);
	hive_log(FB_HIVE_LOG1, 5, 1, 2);
	fb_put32(log->data + 512 + 4, 8 * MIB - 512);
	hive_bytes_put(log, 8 * MIB - 1, "", 1);
	hive_disk_forget(&lab->disk);
	assert_int_equal(fb_hive_open(&lab->h, &lab->disk.io, &lab->options, &lab->err),
			 -ENODATA);
	assert_true(lab->disk.bytes_read < 256 * KIB);
}

static void recovery_alone_makes_no_log_and_lets_nothing_be_changed(void **state)
{
	uint32_t key;

	(void)state;
	hive_primary(5, 0);
	hive_log(FB_HIVE_LOG1, 5, 1, 3);
	lab->options.recover_only = true;
	for (int turn = 0; turn < 2; turn++) {
		size_t log = lab->disk.file[FB_HIVE_LOG1].bytes;

		hive_disk_forget(&lab->disk);
		assert_int_equal(
			fb_hive_open(&lab->h, &lab->disk.io, &lab->options, &lab->err),
			0);
		lab->disk.opens++;
		assert_string_equal(hive_disk_story(&lab->disk),
				    turn ? "" : "pages ! clean !");
		assert_int_equal(fb_hive_recovered(lab->h)->dirty, !turn);
		assert_false(lab->disk.file[FB_HIVE_LOG2].there);
		assert_int_equal(lab->disk.file[FB_HIVE_LOG1].bytes, log);
		hive_assert_step(3);
		assert_int_equal(fb_key_create(lab->h, fb_hive_root(lab->h),
					       hive_name("k"), &key),
				 -EROFS);
		assert_int_equal(fb_hive_close(lab->h, &lab->err), 0);
		lab->h = NULL;
	}
}

/* With --without-logs what a log does hold is applied all the same. */
static void without_logs_is_no_reason_to_leave_one_out(void **state)
{
	(void)state;
	hive_primary(5, 0);
	hive_log(FB_HIVE_LOG1, 5, 1, 2);
	lab->options.without_logs = true;
	hive_lab_open();
	hive_assert_step(2);
}

#define CASE(test)                                                                     \
	cmocka_unit_test_setup_teardown(test, hive_logs_enter, hive_logs_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_log_that_names_another_hive_fills_no_gap),
		CASE(a_renamed_hive_keeps_the_logs_that_begin_where_it_ends),
		CASE(data_that_shrink_and_grow_in_a_log_are_not_cleared_meanwhile),
		CASE(what_follows_the_entries_of_a_log_is_not_read),
		CASE(a_header_that_lies_is_not_read_after),
		CASE(recovery_alone_makes_no_log_and_lets_nothing_be_changed),
		CASE(without_logs_is_no_reason_to_leave_one_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
