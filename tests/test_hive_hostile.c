#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "hive/log_entry.h"
#include "hive/marvin.h"
#include "hive/recover.h"
#include "support/hive_lab.h"
#include "support/hive_logs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MIB = 1 << 20, ENTRY_BINS = 16, ENTRY_HASH2 = 32 };

static struct hive_lab *const lab = &hive_lab;

/* The size of the data that the first entry tells, its hash right again. */
static void patch_entry(enum fb_hive_file f, uint32_t bins)
{
	unsigned char *e = lab->disk.file[f].data + FB_REGF_SECTOR;

	fb_put32(e + ENTRY_BINS, bins);
	fb_put64(e + ENTRY_HASH2, fb_marvin(FB_MARVIN_HIVE_SEED, e, ENTRY_HASH2));
}

static void a_size_that_no_file_has_makes_no_gigabytes(void **state)
{
	(void)state;
	hive_primary(5, 3);
	hive_log(FB_HIVE_LOG1, 5, 1, 1);
	patch_entry(FB_HIVE_LOG1, FB_REGF_BINS_MAX);
	hive_refused("most of the data is neither");
	/* nor when a later entry takes it back */
	hive_log_add(FB_HIVE_LOG1, 6, 2);
	hive_refused("most of the data is neither");
	hive_primary(5, 3);
	hive_log(FB_HIVE_LOG1, 5, 1, 1);
	hive_patch_base(FB_HIVE_PRIMARY, FB_BASE_BINS, FB_REGF_BINS_MAX);
	hive_patch_base(FB_HIVE_LOG1, FB_BASE_TYPE, FB_REGF_PRIMARY);
	hive_refused("most of the data is neither");
	hive_primary(5, 3);
	hive_log_old(FB_HIVE_LOG1, 5, 3, FB_REGF_LOG_OLD);
	hive_bytes_put(&lab->disk.file[FB_HIVE_LOG1], 2 * MIB, "", 1);
	hive_patch_base(FB_HIVE_LOG1, FB_BASE_BINS, FB_REGF_BINS_MAX);
	hive_refused("most of the data is neither");
}

/* A hive may have grown by much in many entries since it was reconciled. */
static void what_earlier_entries_brought_counts_as_there(void **state)
{
	const uint32_t brought = 32 * MIB, missing = 16 * MIB;

	(void)state;
	hive_primary_clean(5, 0);
	hive_lab_open();
	assert_int_equal(fb_recover_extent(lab->h, 2 * brought + missing, 0), -EFBIG);
	assert_int_equal(
		fb_pages_reserve(&lab->h->unreconciled, brought / FB_REGF_PAGE), 0);
	fb_pages_add(&lab->h->unreconciled, 0, brought / FB_REGF_PAGE - 1);
	assert_int_equal(fb_recover_extent(lab->h, 2 * brought + missing, 0), 0);
	assert_int_equal(fb_recover_extent(lab->h, 2 * brought + 2 * missing, 0),
			 -EFBIG);
	hive_lab_drop();
}

static void some_megabytes_that_are_missing_become_empty_bins(void **state)
{
	const uint32_t bins = 16 * MIB;

	(void)state;
	hive_primary(5, 3);
	hive_log(FB_HIVE_LOG1, 5, 1, 1);
	patch_entry(FB_HIVE_LOG1, bins);
	hive_lab_open();
	assert_int_equal(fb_hive_bytes(lab->h), bins);
	assert_int_equal(fb_hive_recovered(lab->h)->dummy_bins, 1);
	hive_assert_bins(&lab->h->bins, false);
	hive_lab_drop();
}

/* Every other page of 16 MiB is no bin; what is between them stays. */
static void thousands_of_bad_bins_are_replaced_and_the_others_kept(void **state)
{
	struct hive_bytes *p = &lab->disk.file[FB_HIVE_PRIMARY];
	const uint32_t kept = hive_steps[3].bytes, bins = kept + 16 * MIB;
	unsigned char *page = calloc(1, FB_REGF_PAGE);

	(void)state;
	memcpy(page, "hbin", 4);
	fb_put32(page + FB_BIN_SIZE, FB_REGF_PAGE);
	fb_put32(page + FB_BIN_HEAD, (uint32_t) - (FB_REGF_PAGE - FB_BIN_HEAD));
	hive_primary(5, 3);
	for (uint32_t at = kept + FB_REGF_PAGE; at < bins; at += 2 * FB_REGF_PAGE) {
		fb_put32(page + FB_BIN_OFFSET, at);
		hive_bytes_put(p, FB_REGF_PAGE + (uint64_t)at, page, FB_REGF_PAGE);
	}
	free(page);
	hive_patch_base(FB_HIVE_PRIMARY, FB_BASE_BINS, bins);
	hive_log(FB_HIVE_LOG1, 5, 1, 1);
	patch_entry(FB_HIVE_LOG1, bins);
	hive_lab_open();
	assert_int_equal(fb_hive_recovered(lab->h)->dummy_bins,
			 (bins - kept) / (2 * FB_REGF_PAGE));
	hive_assert_bins(&lab->h->bins, false);
	for (uint32_t at = kept; at < bins; at += FB_REGF_PAGE) {
		bool is_kept = (at - kept) / FB_REGF_PAGE % 2;

		assert_true(is_kept == !!fb_cell_get(&lab->h->bins, at + 32, 0));
	}
	hive_lab_drop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_size_that_no_file_has_makes_no_gigabytes),
		cmocka_unit_test(what_earlier_entries_brought_counts_as_there),
		cmocka_unit_test(some_megabytes_that_are_missing_become_empty_bins),
		cmocka_unit_test(
			thousands_of_bad_bins_are_replaced_and_the_others_kept),
	};

	return cmocka_run_group_tests(tests, hive_logs_enter, hive_logs_leave);
}
