#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/hive_lab.h"
#include "support/hive_logs.h"

#include <errno.h>
#include <string.h>

static struct hive_lab *const lab = &hive_lab;

static void entries_of_one_log_are_applied(void **state)
{
	(void)state;
	hive_primary(5, 0);
	hive_log(FB_HIVE_LOG1, 5, 1, 3);
	hive_recovers(3, 5, 3);
}

static void entries_split_over_both_logs_either_way_round_are_applied(void **state)
{
	(void)state;
	for (int turn = 0; turn < 2; turn++) {
		hive_no_logs();
		hive_primary(5, 0);
		hive_log(turn ? FB_HIVE_LOG2 : FB_HIVE_LOG1, 5, 1, 2);
		hive_log(turn ? FB_HIVE_LOG1 : FB_HIVE_LOG2, 7, 3, 1);
		hive_recovers(3, 5, 3);
	}
}

static void a_gap_ends_recovery_in_a_log_and_between_logs(void **state)
{
	(void)state;
	hive_primary(5, 0);
	hive_log(FB_HIVE_LOG1, 5, 1, 1);
	hive_log_add(FB_HIVE_LOG1, 7, 3);
	hive_recovers(1, 5, 1);
	hive_no_logs();
	hive_primary(5, 0);
	hive_log(FB_HIVE_LOG1, 5, 1, 1);
	hive_log(FB_HIVE_LOG2, 7, 3, 1);
	hive_recovers(1, 5, 1);
}

static void a_damaged_entry_and_all_after_it_are_left_out(void **state)
{
	/* in its header, in a hash, in its references, in its pages, in its padding */
	static const size_t places[] = {0, 4, 8, 12, 24, 33, 41, 200, 4300, 8191};

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		size_t at;

		hive_no_logs();
		hive_primary(5, 0);
		hive_log(FB_HIVE_LOG1, 5, 1, 1);
		at = lab->disk.file[FB_HIVE_LOG1].bytes + places[i];

		hive_log_add(FB_HIVE_LOG1, 6, 2);
		hive_log_add(FB_HIVE_LOG1, 7, 3);
		lab->disk.file[FB_HIVE_LOG1].data[at] ^= 0x10;
		hive_recovers(1, 5, 1);
	}
}

static void a_last_entry_cut_short_or_zeroed_is_left_out(void **state)
{
	(void)state;
	for (int turn = 0; turn < 2; turn++) {
		struct hive_bytes *log = &lab->disk.file[FB_HIVE_LOG1];

		hive_no_logs();
		hive_primary(5, 0);
		hive_log(FB_HIVE_LOG1, 5, 1, 3);
		if (turn)
			hive_bytes_cut(log, log->bytes - 512);
		else
			memset(log->data + log->bytes - 7680, 0, 7680);
		hive_recovers(2, 5, 2);
	}
}

static void a_hive_that_grew_is_recovered(void **state)
{
	(void)state;
	assert_true(hive_steps[4].bytes > hive_steps[3].bytes);
	hive_primary(5, 3);
	hive_log(FB_HIVE_LOG1, 5, 4, 1);
	hive_recovers(4, 5, 1);
	assert_int_equal(lab->disk.file[FB_HIVE_PRIMARY].bytes,
			 4096 + hive_steps[4].bytes);
}

static void sequence_numbers_wrap(void **state)
{
	(void)state;
	hive_primary(0xFFFFFFFF, 0);
	hive_log(FB_HIVE_LOG1, 0xFFFFFFFF, 1, 2);
	hive_log(FB_HIVE_LOG2, 1, 3, 1);
	hive_recovers(3, 0xFFFFFFFF, 3);
	assert_int_equal(hive_lab_base(FB_HIVE_PRIMARY).seq1, 2);
	/* and a log from before the wrap is stale */
	hive_no_logs();
	hive_primary(0, 1);
	hive_log(FB_HIVE_LOG1, 0xFFFFFFFE, 2, 1);
	hive_recovers(1, 0, 0);
}

static void torn_pages_of_the_primary_are_repaired(void **state)
{
	struct hive_bytes *p = &lab->disk.file[FB_HIVE_PRIMARY];

	(void)state;
	hive_primary(5, 0);
	hive_log(FB_HIVE_LOG1, 5, 1, 3);
	memset(p->data + 4096 + 512, 0xEE, 1024); /* page 0 is in each entry */
	hive_recovers(3, 5, 3);
}

static void a_primary_that_ends_early_is_repaired_by_its_log_alone(void **state)
{
	struct hive_bytes *p = &lab->disk.file[FB_HIVE_PRIMARY];

	(void)state;
	hive_primary(5, 4);
	hive_log(FB_HIVE_LOG1, 5, 4, 1);
	hive_bytes_cut(p, 4096 + hive_steps[3].bytes);
	hive_recovers(4, 5, 1);
	hive_no_logs();
	hive_bytes_cut(p, 4096 + hive_steps[3].bytes);
	hive_refused("the file ends before its data");
}

/* A last page in the middle of a cell can be missing without a trace in the bins. */
static void a_primary_that_ended_early_is_as_long_as_it_says_again(void **state)
{
	struct hive_bytes *p = &lab->disk.file[FB_HIVE_PRIMARY];
	size_t whole;

	(void)state;
	hive_primary_clean(5, 0);
	hive_lab_open();
	hive_lab_set("fills its bin", 3 * 4096 - FB_BIN_HEAD - FB_REGF_CELL_HEAD, 1);
	assert_int_equal(fb_hive_reconcile(lab->h, NULL), 0);
	hive_lab_set("v", 4, 2);
	hive_lab_flush();
	hive_lab_drop();
	whole = p->bytes;
	hive_bytes_cut(p, whole - 4096);
	for (int turn = 0; turn < 2; turn++) {
		hive_lab_open();
		assert_true(hive_lab_is("v", 4, 2));
		assert_int_equal(fb_hive_recovered(lab->h)->dummy_bins, 0);
		hive_lab_drop();
		assert_int_equal(p->bytes, whole);
	}
}

static void a_log_may_be_missing_or_empty(void **state)
{
	(void)state;
	for (int turn = 0; turn < 2; turn++) {
		hive_no_logs();
		hive_primary(5, 0);
		hive_log(FB_HIVE_LOG1, 5, 1, 2);
		lab->disk.file[FB_HIVE_LOG2].there = turn;
		hive_recovers(2, 5, 2);
	}
}

static void a_log_with_a_bad_base_block_is_not_used(void **state)
{
	(void)state;
	hive_primary(5, 0);
	hive_log(FB_HIVE_LOG1, 5, 1, 2);
	lab->disk.file[FB_HIVE_LOG1].data[FB_BASE_CHECKSUM] ^= 1;
	hive_recovers(0, 5, 0);
	/* two different numbers: it was being written */
	hive_primary(5, 0);
	hive_log(FB_HIVE_LOG1, 5, 1, 2);
	hive_patch_base(FB_HIVE_LOG1, FB_BASE_SEQ1, 6);
	hive_recovers(0, 5, 0);
}

static void a_log_older_than_the_primary_is_stale(void **state)
{
	(void)state;
	hive_primary(5, 2);
	hive_log(FB_HIVE_LOG1, 3, 1, 1);
	hive_log(FB_HIVE_LOG2, 5, 3, 1);
	hive_recovers(3, 5, 1);
	hive_no_logs();
	hive_primary(5, 2);
	hive_log(FB_HIVE_LOG1, 4, 1, 3);
	hive_recovers(2, 5, 0);
}

static void entries_that_begin_later_than_the_primary_are_applied(void **state)
{
	(void)state;
	hive_primary(3, 1);
	hive_log(FB_HIVE_LOG1, 6, 2, 2);
	hive_recovers(3, 6, 2);
}

static void a_clean_primary_makes_every_log_stale(void **state)
{
	(void)state;
	hive_primary_clean(5, 0);
	hive_log(FB_HIVE_LOG1, 5, 1, 3);
	hive_lab_open();
	assert_false(fb_hive_recovered(lab->h)->dirty);
	hive_assert_step(0);
}

/* Else a crash would bring the stale entry back, or hide what has its number. */
static void numbers_of_stale_entries_are_never_given_out_again(void **state)
{
	static const enum fb_hive_file logs[] = {FB_HIVE_LOG1, FB_HIVE_LOG2};

	(void)state;
	for (int turn = 0; turn < 2; turn++) {
		hive_no_logs();
		hive_primary_clean(5, 0);
		hive_log(logs[turn], 5, 1, 2);
		hive_lab_open();
		assert_true(hive_lab_base(FB_HIVE_PRIMARY).seq1 > 6);
		assert_int_equal(hive_lab_base(FB_HIVE_PRIMARY).seq2,
				 hive_lab_base(FB_HIVE_PRIMARY).seq1);
		hive_lab_set("new", 4, 9);
		hive_lab_flush();
		hive_lab_drop();
		hive_lab_open();
		assert_int_equal(fb_hive_recovered(lab->h)->entries, 1);
		assert_true(hive_lab_is("new", 4, 9));
		assert_false(hive_lab_is("step2", 4, 2));
		hive_lab_drop();
	}
}

static void without_a_log_a_dirty_hive_is_as_it_was_reconciled(void **state)
{
	(void)state;
	hive_primary(5, 2);
	hive_recovers(2, 5, 0);
	hive_primary(5, 2);
	memset(lab->disk.file[FB_HIVE_PRIMARY].data + 4096, 0, 4);
	hive_refused("offset 0x1000: no bin begins here");
}

/* What the other strategy left must not pass for this one's after a crash. */
static void a_hive_may_change_its_strategy(void **state)
{
	char name[] = "a";

	(void)state;
	hive_primary_clean(5, 0);
	hive_lab_open();
	for (int turn = 0; turn < 12; turn++, name[0]++) {
		uint64_t time;

		hive_lab_set(name, 4, turn);
		hive_lab_flush();
		hive_lab_drop();
		lab->options.strategy = turn % 3 ? FB_HIVE_LOG_ONLY
						 : FB_HIVE_LOG_AND_PRIMARY;
		hive_lab_open();
		time = hive_lab_base(FB_HIVE_PRIMARY).time;
		for (int f = FB_HIVE_LOG1; turn % 3 && f <= FB_HIVE_LOG2; f++)
			if (lab->disk.file[f].data[FB_BASE_TYPE] == FB_REGF_LOG_OLD)
				assert_true(hive_lab_base((enum fb_hive_file)f).time !=
					    time);
		for (char c = 'a'; c <= name[0]; c++)
			assert_true(hive_lab_is((char[]){c, 0}, 4, c - 'a'));
	}
}

/* Whoever wrote them may have died before they were synced. */
static void data_are_durable_before_a_clean_base_block_is_written(void **state)
{
	(void)state;
	for (int turn = 0; turn < 3; turn++) {
		struct fb_hive *h;

		hive_no_logs();
		lab->options.without_logs = !turn;
		if (turn)
			hive_primary_clean(5, 2);
		else
			hive_primary(5, 2);
		if (turn == 2)
			hive_log(FB_HIVE_LOG1, 5, 1, 2);
		hive_disk_forget(&lab->disk);
		assert_int_equal(fb_hive_open(&h, &lab->disk.io, &lab->options, NULL),
				 0);
		fb_hive_free(h);
		assert_ptr_equal(strstr(hive_disk_story(&lab->disk),
					turn == 1 ? "! LOG" : "! clean !"),
				 hive_disk_story(&lab->disk));
	}
}

static void a_recovery_for_reading_writes_nothing(void **state)
{
	(void)state;
	hive_primary(5, 0);
	hive_log(FB_HIVE_LOG1, 5, 1, 3);
	lab->options.read_only = true;
	hive_lab_open();
	hive_assert_step(3);
	hive_lab_drop();
	assert_int_equal(hive_lab_base(FB_HIVE_PRIMARY).seq2, 5);
	assert_int_equal(lab->disk.file[FB_HIVE_LOG2].there, false);
}

static void an_opening_that_fails_at_any_call_leaves_all_to_the_next(void **state)
{
	struct fb_hive *h = NULL;
	unsigned k = 0;
	int ret;

	(void)state;
	do {
		hive_no_logs();
		hive_primary(5, 3);
		hive_log(FB_HIVE_LOG1, 5, 4, 1);
		hive_disk_forget(&lab->disk);
		lab->disk.fail_at = ++k;
		ret = fb_hive_open(&h, &lab->disk.io, &lab->options, &lab->err);
		lab->disk.fail_at = 0;
		if (ret) {
			assert_int_equal(ret, -EIO);
			assert_null(h);
			assert_non_null(strstr(lab->err.text, "hive"));
			hive_lab_open();
			hive_assert_step(4);
			hive_lab_drop();
		}
	} while (ret);
	assert_in_range(k, 10, 20);
	fb_hive_free(h);
}

#define CASE(test)                                                                     \
	cmocka_unit_test_setup_teardown(test, hive_logs_enter, hive_logs_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(entries_of_one_log_are_applied),
		CASE(entries_split_over_both_logs_either_way_round_are_applied),
		CASE(a_gap_ends_recovery_in_a_log_and_between_logs),
		CASE(a_damaged_entry_and_all_after_it_are_left_out),
		CASE(a_last_entry_cut_short_or_zeroed_is_left_out),
		CASE(a_hive_that_grew_is_recovered),
		CASE(sequence_numbers_wrap),
		CASE(torn_pages_of_the_primary_are_repaired),
		CASE(a_primary_that_ends_early_is_repaired_by_its_log_alone),
		CASE(a_primary_that_ended_early_is_as_long_as_it_says_again),
		CASE(a_log_may_be_missing_or_empty),
		CASE(a_log_with_a_bad_base_block_is_not_used),
		CASE(a_log_older_than_the_primary_is_stale),
		CASE(entries_that_begin_later_than_the_primary_are_applied),
		CASE(a_clean_primary_makes_every_log_stale),
		CASE(numbers_of_stale_entries_are_never_given_out_again),
		CASE(without_a_log_a_dirty_hive_is_as_it_was_reconciled),
		CASE(a_hive_may_change_its_strategy),
		CASE(data_are_durable_before_a_clean_base_block_is_written),
		CASE(a_recovery_for_reading_writes_nothing),
		CASE(an_opening_that_fails_at_any_call_leaves_all_to_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
