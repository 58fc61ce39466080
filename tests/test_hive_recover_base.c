#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/hive_lab.h"
#include "support/hive_logs.h"

#include <string.h>

static struct hive_lab *const lab = &hive_lab;

static void a_lost_base_block_comes_from_the_log(void **state)
{
	(void)state;
	hive_primary(5, 0);
	hive_log(FB_HIVE_LOG1, 5, 1, 2);
	hive_lose_base();
	hive_recovers(2, 5, 2);
	assert_true(hive_recovered.base_lost);
	assert_int_equal(hive_lab_base(FB_HIVE_PRIMARY).type, FB_REGF_PRIMARY);
	assert_int_equal(hive_lab_base(FB_HIVE_PRIMARY).root, FB_REGF_ROOT);
}

static void a_lost_base_block_uses_both_logs_when_they_follow_one_another(void **state)
{
	(void)state;
	hive_primary(5, 0);
	hive_log(FB_HIVE_LOG2, 5, 1, 2);
	hive_log(FB_HIVE_LOG1, 7, 3, 2);
	hive_lose_base();
	hive_recovers(4, 5, 4);
	assert_int_equal(hive_recovered.logs, 2);
	/* a gap: the later alone */
	hive_no_logs();
	hive_primary(5, 2);
	hive_log(FB_HIVE_LOG2, 3, 1, 1);
	hive_log(FB_HIVE_LOG1, 7, 3, 2);
	hive_lose_base();
	hive_recovers(4, 7, 2);
	/* the later has nothing: the earlier */
	hive_no_logs();
	hive_primary(5, 0);
	hive_log(FB_HIVE_LOG2, 5, 1, 3);
	hive_log(FB_HIVE_LOG1, 8, 4, 1);
	memset(lab->disk.file[FB_HIVE_LOG1].data + 512, 0, 512);
	hive_lose_base();
	hive_recovers(3, 5, 3);
}

static void without_base_block_and_log_it_is_no_hive(void **state)
{
	struct hive_bytes *p = &lab->disk.file[FB_HIVE_PRIMARY];

	(void)state;
	hive_primary(5, 0);
	hive_lose_base();
	hive_refused("this is no hive");
	hive_bytes_cut(p, 0);
	hive_refused("this is no hive");
	hive_primary(5, 0);
	hive_log(FB_HIVE_LOG1, 5, 1, 1);
	hive_patch_base(FB_HIVE_LOG1, FB_BASE_MINOR, 9);
	hive_lose_base();
	hive_refused("none of 1.3 to 1.6");
	hive_primary_clean(5, 0);
	hive_patch_base(FB_HIVE_PRIMARY, FB_BASE_TYPE, FB_REGF_LOG_NEW);
	hive_refused("its type is that of a log");
	hive_primary_clean(5, 0);
	hive_patch_base(FB_HIVE_PRIMARY, FB_BASE_MINOR, 9);
	hive_refused("none of 1.3 to 1.6");
	hive_primary_clean(5, 0);
	hive_patch_base(FB_HIVE_PRIMARY, FB_BASE_ROOT, 0x78);
	hive_refused("the root key is not there");
	hive_primary_clean(5, 0);
	hive_patch_base(FB_HIVE_PRIMARY, FB_BASE_BINS, 0x12345);
	hive_refused("size of the data");
}

static void a_bad_bin_of_a_dirty_hive_becomes_an_empty_one(void **state)
{
	struct hive_bytes *p = &lab->disk.file[FB_HIVE_PRIMARY];
	const uint32_t last = 4096; /* bin 2, which no entry has */
	const uint32_t after_ballast = last + FB_BIN_HEAD + 12008;

	(void)state;
	hive_primary(5, 3);
	hive_log(FB_HIVE_LOG1, 5, 1, 1);
	memset(p->data + 4096 + last, 0, 16);
	hive_lab_open();
	assert_int_equal(fb_hive_recovered(lab->h)->dummy_bins, 1);
	assert_memory_equal((const char *)fb_hive_bins(lab->h) + last, "hbin", 4);
	hive_assert_bins(&lab->h->bins, false);
	hive_lab_drop();
	hive_lab_open(); /* it was written back */
	assert_false(fb_hive_recovered(lab->h)->dirty);
	hive_lab_drop();
	/* a cell of a good bin */
	hive_primary(5, 3);
	hive_log(FB_HIVE_LOG1, 5, 1, 1);
	fb_put32(p->data + 4096 + last + FB_BIN_HEAD, 3);
	hive_lab_open();
	assert_int_equal(fb_hive_recovered(lab->h)->dummy_bins, 1);
	hive_lab_drop();
	/* in a page of it that is not its first */
	hive_primary(5, 3);
	hive_log(FB_HIVE_LOG1, 5, 1, 1);
	fb_put32(p->data + 4096 + after_ballast, 3);
	hive_lab_open();
	assert_int_equal(fb_hive_recovered(lab->h)->dummy_bins, 1);
	hive_lab_drop();
	hive_lab_open();
	assert_false(fb_hive_recovered(lab->h)->dirty);
	hive_assert_bins(&lab->h->bins, false);
	hive_lab_drop();
	/* but in a clean one it is damage */
	hive_primary_clean(5, 3);
	memset(p->data + 4096 + last, 0, 16);
	hive_refused("no bin begins here");
}

static void an_old_log_of_the_primarys_time_is_applied(void **state)
{
	(void)state;
	for (uint32_t xp = 0; xp < 2; xp++) {
		hive_no_logs();
		hive_primary(5, 0);
		/* Vista: the primary's first number; XP and before: one less */
		hive_log_old(FB_HIVE_LOG1, 6 - xp, 3, xp ? 2 : 1);
		hive_recovers(3, 6 - xp, 1);
		assert_true(hive_recovered.old_format);
		assert_int_equal(hive_lab_base(FB_HIVE_PRIMARY).seq1, 6);
	}
}

static void an_old_log_of_another_time_is_not_applied(void **state)
{
	(void)state;
	hive_primary(5, 0);
	hive_log_old(FB_HIVE_LOG1, 6, 3, 1);
	hive_patch_base(FB_HIVE_LOG1, FB_BASE_TIME, 77);
	hive_recovers(0, 5, 0);
	assert_false(hive_recovered.old_format);
	/* the second log has it */
	hive_primary(5, 0);
	hive_log_old(FB_HIVE_LOG1, 6, 2, 1);
	hive_patch_base(FB_HIVE_LOG1, FB_BASE_TIME, 77);
	hive_log_old(FB_HIVE_LOG2, 6, 3, 1);
	hive_recovers(3, 6, 1);
}

static void of_two_old_logs_of_one_time_the_later_number_is_applied(void **state)
{
	(void)state;
	for (int turn = 0; turn < 2; turn++) {
		enum fb_hive_file later = turn ? FB_HIVE_LOG1 : FB_HIVE_LOG2;

		hive_no_logs();
		hive_primary(5, 0);
		hive_log_old(fb_hive_other_log(later), 0xFFFFFFFF, 2, 1);
		hive_log_old(later, 0, 3, 1);
		hive_recovers(3, 0, 1);
	}
}

static void an_old_log_repairs_a_lost_base_block_by_the_time_of_the_bins(void **state)
{
	(void)state;
	hive_primary(5, 0);
	hive_log_old(FB_HIVE_LOG1, 6, 3, 1);
	hive_lose_base();
	hive_recovers(3, 6, 1);
	assert_true(hive_recovered.base_lost);
	hive_primary(5, 0);
	hive_lose_base();
	hive_patch_base(FB_HIVE_LOG1, FB_BASE_TIME, 77);
	hive_refused("this is no hive");
}

static void which_format_is_later_decides_when_the_base_block_is_lost(void **state)
{
	(void)state;
	hive_primary(5, 0);
	hive_log_old(FB_HIVE_LOG1, 6, 3, 1);
	hive_log(FB_HIVE_LOG2, 3, 1, 1);
	hive_lose_base();
	hive_recovers(3, 6, 1);
	hive_primary(5, 0);
	hive_log(FB_HIVE_LOG2, 8, 1, 2);
	hive_lose_base();
	hive_recovers(2, 8, 2);
}

/* The first bit is the log's, the others the primary's. */
static void an_entry_sets_and_clears_the_first_flag(void **state)
{
	(void)state;
	hive_primary(5, 0);
	hive_log(FB_HIVE_LOG1, 5, 1, 2);
	hive_patch_base(FB_HIVE_PRIMARY, FB_BASE_FLAGS, 3);
	hive_recovers(2, 5, 2);
	assert_int_equal(hive_lab_base(FB_HIVE_PRIMARY).flags, 2);
	hive_no_logs();
	hive_primary_clean(5, 0);
	hive_patch_base(FB_HIVE_PRIMARY, FB_BASE_FLAGS, 3);
	hive_lab_open();
	hive_lab_set("v", 4, 1);
	hive_lab_flush();
	hive_lab_drop();
	hive_patch_base(FB_HIVE_PRIMARY, FB_BASE_FLAGS, 2);
	hive_lab_open();
	assert_true(hive_lab_is("v", 4, 1));
	assert_int_equal(hive_lab_base(FB_HIVE_PRIMARY).flags, 3);
	hive_lab_drop();
}

#define CASE(test)                                                                     \
	cmocka_unit_test_setup_teardown(test, hive_logs_enter, hive_logs_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_lost_base_block_comes_from_the_log),
		CASE(a_lost_base_block_uses_both_logs_when_they_follow_one_another),
		CASE(without_base_block_and_log_it_is_no_hive),
		CASE(a_bad_bin_of_a_dirty_hive_becomes_an_empty_one),
		CASE(an_old_log_of_the_primarys_time_is_applied),
		CASE(an_old_log_of_another_time_is_not_applied),
		CASE(of_two_old_logs_of_one_time_the_later_number_is_applied),
		CASE(an_old_log_repairs_a_lost_base_block_by_the_time_of_the_bins),
		CASE(which_format_is_later_decides_when_the_base_block_is_lost),
		CASE(an_entry_sets_and_clears_the_first_flag),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
