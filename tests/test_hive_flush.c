#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/hive_lab.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define KIB 1024u

static struct hive_lab *const lab = &hive_lab;

/* What was recorded since the last call. */
static void assert_story(const char *story)
{
	assert_string_equal(hive_disk_story(&lab->disk), story);
	hive_disk_forget(&lab->disk);
}

static void open_with_cap(uint64_t cap)
{
	hive_lab_drop();
	lab->options.log_cap = cap;
	hive_lab_open();
}

static void a_hive_is_saved_data_first_then_the_base_block(void **state)
{
	struct hive_disk d;

	(void)state;
	hive_lab_set("more", 9000, 1);
	hive_disk_begin(&d);
	assert_int_equal(fb_hive_save(lab->h, &d.io, NULL), 0);
	assert_string_equal(hive_disk_story(&d), "pages ! head !");
	for (size_t i = 0; i < d.n; i++)
		assert_true(d.ops[i].bytes <= 4096); /* else a large folio */
	assert_int_equal(d.file[FB_HIVE_PRIMARY].bytes, 4096 + fb_hive_bytes(lab->h));
	assert_memory_equal(d.file[FB_HIVE_PRIMARY].data + 4096, fb_hive_bins(lab->h),
			    fb_hive_bytes(lab->h));
	hive_disk_end(&d);
}

static void opening_syncs_what_it_read_and_reserves_both_logs(void **state)
{
	struct hive_disk d;
	struct fb_hive *h;

	(void)state;
	hive_disk_begin(&d);
	assert_int_equal(fb_hive_save(lab->h, &d.io, NULL), 0);
	hive_disk_forget(&d);
	lab->options.log_cap = 0;
	assert_int_equal(fb_hive_open(&h, &d.io, &lab->options, NULL), 0);
	assert_string_equal(hive_disk_story(&d), "! LOG1@0 LOG1! LOG2@0 LOG2!");
	assert_int_equal(d.file[FB_HIVE_LOG1].bytes, FB_HIVE_LOG_CAP);
	assert_int_equal(d.file[FB_HIVE_LOG2].bytes, FB_HIVE_LOG_CAP);
	assert_false(fb_hive_recovered(h)->dirty);
	fb_hive_free(h);
	hive_disk_end(&d);
}

static void the_entry_is_durable_before_the_mark_and_only_the_first_has_one(void **s)
{
	(void)s;
	hive_lab_set("a", 4, 1);
	hive_lab_flush();
	assert_story("LOG1@0 LOG1! mark !");
	hive_lab_set("a", 4, 2);
	hive_lab_flush();
	assert_story("LOG1@+ LOG1!");
}

static void a_clean_hive_flushes_without_io(void **state)
{
	struct fb_hive_counters before, after;

	(void)state;
	hive_lab_flush();
	assert_int_equal(lab->disk.calls, 0);
	hive_lab_set("a", 4, 1);
	hive_lab_flush();
	fb_hive_count(lab->h, &before);
	hive_disk_forget(&lab->disk);
	hive_lab_flush();
	fb_hive_count(lab->h, &after);
	assert_int_equal(lab->disk.calls, 0);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_int_equal(after.flushes, 1);
}

static void pages_are_durable_before_the_clean_base_and_the_logs_take_turns(void **s)
{
	(void)s;
	for (int turn = 0; turn < 4; turn++) {
		hive_lab_set("a", 4, turn);
		hive_lab_flush();
		assert_story(turn % 2 ? "LOG2@0 LOG2! mark !" : "LOG1@0 LOG1! mark !");
		assert_int_equal(fb_hive_reconcile(lab->h, NULL), 0);
		assert_story("pages ! clean !");
		assert_int_equal(fb_hive_reconcile(lab->h, NULL), 0);
		assert_story("");
	}
}

static void closing_reconciles(void **state)
{
	struct fb_hive *h = lab->h;

	(void)state;
	hive_lab_set("a", 4, 1);
	lab->h = NULL;
	assert_int_equal(fb_hive_close(h, NULL), 0);
	assert_story("LOG1@0 LOG1! mark ! pages ! clean !");
	assert_int_equal(lab->disk.opens, 0);
	hive_lab_open();
	assert_false(fb_hive_recovered(lab->h)->dirty);
	assert_true(hive_lab_is("a", 4, 1));
}

static void a_log_that_another_such_entry_would_fill_is_reconciled(void **state)
{
	(void)state;
	open_with_cap(16 * KIB);
	hive_lab_set("a", 4, 1);
	hive_lab_flush(); /* 8 KiB: one more fits */
	assert_story("LOG1@0 LOG1! mark !");
	hive_lab_set("a", 4, 2);
	hive_lab_flush();
	assert_story("LOG1@+ LOG1! pages ! clean !");
	hive_lab_set("a", 4, 3);
	hive_lab_flush();
	assert_story("LOG2@0 LOG2! mark !");
}

static void an_entry_that_does_not_fit_begins_the_other_log(void **state)
{
	struct fb_hive_counters c;

	(void)state;
	open_with_cap(32 * KIB);
	hive_lab_set("a", 4, 1);
	hive_lab_flush();
	hive_disk_forget(&lab->disk);
	hive_lab_set("b", 30 * KIB, 2);
	hive_lab_flush();
	assert_story("LOG2@0 LOG2! pages ! clean !");
	assert_true(lab->disk.file[FB_HIVE_LOG2].bytes > 32 * KIB);
	hive_lab_set("a", 4, 3);
	hive_lab_flush();
	assert_story("LOG1@0 LOG1! mark !");
	fb_hive_count(lab->h, &c);
	assert_int_equal(c.reconciles, 1);
	assert_int_equal(c.flushes, 3);
}

/* Else neither log could begin anew. */
static void entries_in_both_logs_are_reconciled_though_there_is_room(void **state)
{
	(void)state;
	open_with_cap(64 * KIB);
	for (int i = 0; i < 6; i++) {
		hive_lab_set("a", 4, i);
		hive_lab_flush();
	}
	hive_disk_forget(&lab->disk);
	hive_lab_set("b", 9 * KIB, 2);
	hive_lab_flush();
	assert_story("LOG2@0 LOG2! pages ! clean !");
}

/* The failed entry may have arrived: a reader must not meet it before the new one. */
static void a_failed_entry_is_written_over_even_where_the_retry_does_not_fit(void **s)
{
	(void)s;
	open_with_cap(32 * KIB);
	hive_lab_set("a", 4, 1);
	hive_lab_flush();
	hive_lab_set("a", 4, 2);
	hive_disk_forget(&lab->disk);
	lab->disk.fail_at = 2;
	assert_int_equal(fb_hive_flush(lab->h, &lab->err), -EIO);
	assert_non_null(strstr(lab->err.text, "hive.LOG1: sync"));
	assert_story("LOG1@+");
	lab->disk.fail_at = 0;
	hive_lab_set("b", 30 * KIB, 3);
	hive_lab_flush();
	assert_story("LOG1@+ LOG1! pages ! clean !");
	/* one that begins the other log begins it again */
	hive_lab_set("a", 4, 4);
	hive_lab_flush();
	hive_lab_set("b", 31 * KIB, 5);
	hive_disk_forget(&lab->disk);
	lab->disk.fail_at = 2;
	assert_int_equal(fb_hive_flush(lab->h, &lab->err), -EIO);
	assert_story("LOG1@0");
	lab->disk.fail_at = 0;
	hive_lab_flush();
	assert_story("LOG1@0 LOG1! pages ! clean !");
}

static void assert_base(uint32_t seq1, uint32_t seq2, uint32_t bins)
{
	struct fb_base_block b = hive_lab_base(FB_HIVE_PRIMARY);

	assert_int_equal(b.seq1, seq1);
	assert_int_equal(b.seq2, seq2);
	assert_int_equal(b.bins, bins);
}

static void numbers_and_size_in_the_base_block_are_those_of_windows(void **state)
{
	uint64_t time = hive_lab_base(FB_HIVE_PRIMARY).time;

	(void)state;
	open_with_cap(1024 * KIB);
	assert_base(1, 1, 4096);
	hive_lab_set("b", 10 * KIB, 1);
	hive_lab_flush();
	assert_base(2, 1, 4096);
	hive_lab_set("b", 30 * KIB, 2);
	hive_lab_flush();
	assert_base(2, 1, 4096);
	assert_int_equal(hive_lab_base(FB_HIVE_LOG1).seq1, 1);
	assert_int_equal(hive_lab_base(FB_HIVE_LOG1).seq2, 1);
	assert_int_equal(hive_lab_base(FB_HIVE_LOG1).type, FB_REGF_LOG_NEW);
	assert_int_equal(fb_hive_reconcile(lab->h, NULL), 0);
	assert_base(3, 3, (uint32_t)fb_hive_bytes(lab->h));
	assert_int_equal(lab->disk.file[FB_HIVE_PRIMARY].bytes,
			 4096 + fb_hive_bytes(lab->h));
	assert_int_equal(hive_lab_base(FB_HIVE_PRIMARY).time, time);
}

static void the_old_strategy_writes_log_mark_data_and_clean_each_time(void **state)
{
	(void)state;
	for (uint32_t turn = 1; turn < 4; turn++) {
		struct fb_base_block log, base;

		hive_lab_set("a", turn * 5000, (int)turn);
		hive_lab_flush();
		assert_story("LOG1@0 LOG1! mark ! pages ! clean !");
		assert_base(turn + 1, turn + 1, (uint32_t)fb_hive_bytes(lab->h));
		log = hive_lab_base(FB_HIVE_LOG1);
		base = hive_lab_base(FB_HIVE_PRIMARY);
		assert_int_equal(log.seq1, turn + 1);
		assert_int_equal(log.seq2, turn + 1);
		assert_int_equal(log.type, FB_REGF_LOG_OLD);
		assert_int_equal(log.bins, base.bins);
		assert_true(log.time == base.time);
		assert_true(fb_get64((const char *)fb_hive_bins(lab->h) +
				     FB_BIN_TIME) == base.time);
		hive_lab_flush();
		assert_story("");
	}
}

static void the_old_strategy_uses_log2_after_failed_data_and_returns(void **state)
{
	(void)state;
	hive_lab_set("a", 4, 1);
	lab->disk.fail_at = 5; /* log, sync, mark, sync, data */
	assert_int_equal(fb_hive_flush(lab->h, &lab->err), -EIO);
	assert_non_null(strstr(lab->err.text, "hive: "));
	assert_story("LOG1@0 LOG1! mark ! pages");
	hive_lab_set("b", 4, 2);
	lab->disk.fail_at = 0;
	hive_lab_flush();
	assert_story("LOG2@0 LOG2! mark ! pages ! clean !");
	hive_lab_set("a", 4, 3);
	hive_lab_flush();
	assert_story("LOG1@0 LOG1! mark ! pages ! clean !");
}

/* A hive of about @mib MiB, reconciled. */
static void fill(unsigned mib)
{
	char name[32];

	for (unsigned i = 0; i < mib * 64; i++) {
		snprintf(name, sizeof(name), "fill%u", i);
		hive_lab_set(name, 16 * KIB, 7);
	}
	for (unsigned i = 0; i < 50; i++) {
		snprintf(name, sizeof(name), "small%u", i);
		hive_lab_set(name, 4, 7);
	}
	assert_int_equal(fb_hive_reconcile(lab->h, NULL), 0);
}

static void one_value_costs_the_log_little_whatever_the_size(void **state)
{
	static const unsigned mib[] = {1, 20};
	uint64_t bytes[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct fb_hive_counters before, after;

		fill(mib[i]);
		assert_true(fb_hive_bytes(lab->h) > mib[i] << 20);
		hive_lab_set("small7", 4, 8);
		hive_lab_flush();
		fb_hive_count(lab->h, &before);
		hive_lab_set("small7", 4, 9);
		hive_lab_flush();
		fb_hive_count(lab->h, &after);
		bytes[i] = after.log_bytes - before.log_bytes;
		assert_in_range(bytes[i], 4096, 16 * KIB);
		assert_int_equal(after.primary_bytes, before.primary_bytes);
		assert_int_equal(after.syncs - before.syncs, 1);
	}
	assert_int_equal(bytes[0], bytes[1]);
}

static void a_hive_in_memory_has_nothing_to_flush_to(void **state)
{
	struct fb_hive *h = hive_rig_new(5);
	struct fb_err err;

	(void)state;
	assert_int_equal(fb_hive_flush(h, &err), -EINVAL);
	assert_non_null(strstr(err.text, "save"));
	assert_int_equal(fb_hive_close(h, NULL), 0);
}

static void a_hive_opened_for_reading_writes_nothing(void **state)
{
	struct fb_hive *h;

	(void)state;
	hive_lab_set("a", 4, 1);
	hive_lab_flush();
	hive_lab_drop();
	lab->options.read_only = true;
	hive_lab_open();
	assert_true(fb_hive_recovered(lab->h)->dirty);
	assert_true(hive_lab_is("a", 4, 1));
	assert_int_equal(fb_value_delete(lab->h, fb_hive_root(lab->h), hive_name("a")),
			 -EROFS);
	hive_lab_flush();
	h = lab->h;
	lab->h = NULL;
	assert_int_equal(fb_hive_close(h, NULL), 0);
	assert_int_equal(lab->disk.n, 0);
	assert_base(2, 1, 4096);
}

static uint64_t stopped_clock(void)
{
	return 5;
}

static void the_time_of_a_hive_never_stands(void **state)
{
	uint64_t was;

	(void)state;
	lab->h->options.now = stopped_clock;
	was = fb_hive_now(lab->h);
	assert_true(was > hive_lab_base(FB_HIVE_PRIMARY).time);
	assert_true(fb_hive_now(lab->h) > was);
	lab->h->options.now = NULL;
	was = fb_hive_now(lab->h);
	assert_in_range(was / 10000000 / 86400 / 365, 400, 700); /* years since 1601 */
}

#define NEW(test) cmocka_unit_test_setup_teardown(test, hive_lab_enter, hive_lab_leave)
#define OLD(test)                                                                      \
	cmocka_unit_test_setup_teardown(test, hive_lab_enter_old, hive_lab_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		NEW(a_hive_is_saved_data_first_then_the_base_block),
		NEW(opening_syncs_what_it_read_and_reserves_both_logs),
		NEW(the_entry_is_durable_before_the_mark_and_only_the_first_has_one),
		NEW(a_clean_hive_flushes_without_io),
		NEW(pages_are_durable_before_the_clean_base_and_the_logs_take_turns),
		NEW(closing_reconciles),
		NEW(a_log_that_another_such_entry_would_fill_is_reconciled),
		NEW(an_entry_that_does_not_fit_begins_the_other_log),
		NEW(entries_in_both_logs_are_reconciled_though_there_is_room),
		NEW(a_failed_entry_is_written_over_even_where_the_retry_does_not_fit),
		NEW(numbers_and_size_in_the_base_block_are_those_of_windows),
		OLD(the_old_strategy_writes_log_mark_data_and_clean_each_time),
		OLD(the_old_strategy_uses_log2_after_failed_data_and_returns),
		NEW(one_value_costs_the_log_little_whatever_the_size),
		NEW(a_hive_in_memory_has_nothing_to_flush_to),
		NEW(a_hive_opened_for_reading_writes_nothing),
		NEW(the_time_of_a_hive_never_stands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
