/*
 * The log of Windows before 8.1, beside bytes that are put together here.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/rng.h"
#include "hive/log_old.h"

#include <stdlib.h>
#include <string.h>

enum {
	PAGE = 4096,
	BINS = 487424, /* 119 pages: the example of the format's documents */
	DATA = 1024,   /* where the sectors of such a log begin */
	DIRTY = 8,
	WHOLE = DATA + DIRTY * PAGE,
};

/* What a test took: given back by leave(), whether it passed or not. */
static struct {
	unsigned char log[WHOLE];
	struct fb_pages pages;
	struct fb_log_old old;
	unsigned char *copy; /* of its exact length, so that reading on is caught */
} lab;

static int enter(void **state)
{
	(void)state;
	memset(&lab, 0, sizeof(lab));
	return fb_pages_reserve(&lab.pages, BINS / PAGE);
}

static int leave(void **state)
{
	(void)state;
	fb_pages_free(&lab.pages);
	free(lab.copy);
	return 0;
}

static void put_sum(unsigned char *sector)
{
	uint32_t sum = 0;

	for (int i = 0; i < 508; i += 4)
		sum ^= fb_get32(sector + i);
	fb_put32(sector + 508, sum);
}

/* A log of eight pages, in four runs. */
static void make_log(void)
{
	static const unsigned char dirty[DIRTY] = {0, 1, 2, 9, 10, 63, 64, 118};

	memset(lab.log, 0, sizeof(lab.log));
	memcpy(lab.log, "regf", 4);
	fb_put32(lab.log + 4, 5);
	fb_put32(lab.log + 8, 5);
	fb_put32(lab.log + 20, 1);
	fb_put32(lab.log + 24, 5);
	fb_put32(lab.log + 28, 1);
	fb_put32(lab.log + 36, 32);
	fb_put32(lab.log + 40, BINS);
	put_sum(lab.log);
	memcpy(lab.log + 512, "DIRT", 4);
	for (int i = 0; i < DIRTY; i++) {
		lab.log[516 + dirty[i]] = 0xFF;
		for (int s = 0; s < 8; s++)
			memset(lab.log + DATA + i * PAGE + s * 512, dirty[i] + s, 512);
	}
}

/* The log read as a file of @bytes; NULL: it is one. */
static const char *fault_of(size_t bytes)
{
	const char *why = NULL;

	free(lab.copy);
	lab.copy = malloc(bytes ? bytes : 1);
	assert_non_null(lab.copy);
	memcpy(lab.copy, lab.log, bytes);
	if (fb_log_old_read(&lab.old, lab.copy, bytes, &why)) {
		assert_null(why);
		return NULL;
	}
	assert_non_null(why);
	return why;
}

static void assert_run(uint32_t offset, uint32_t bytes, uint64_t from)
{
	uint32_t got_offset = 1, got_bytes = 1;
	const unsigned char *at = fb_log_old_run(&lab.old, &got_offset, &got_bytes);

	assert_ptr_equal(at, lab.copy + from);
	assert_int_equal(got_offset, offset);
	assert_int_equal(got_bytes, bytes);
}

static void assert_no_run(void)
{
	uint32_t offset = 1, bytes = 1;

	assert_null(fb_log_old_run(&lab.old, &offset, &bytes));
	assert_int_equal(offset, 1);
	assert_int_equal(bytes, 1);
}

static void sectors_begin_at_the_next_512_after_the_bitmap(void **state)
{
	(void)state;
	assert_int_equal(fb_log_old_data(PAGE), 1024);
	assert_int_equal(fb_log_old_data(BINS), 1024);
	assert_int_equal(fb_log_old_data(2080768), 1024);
	assert_int_equal(fb_log_old_data(2080768 + PAGE), 1536);
	assert_int_equal(fb_log_old_data(0x80000000), 525312);
}

static void log_is_built_byte_for_byte(void **state)
{
	unsigned char out[DATA];

	(void)state;
	make_log();
	fb_pages_add(&lab.pages, 0, 2);
	fb_pages_add(&lab.pages, 9, 10);
	fb_pages_add(&lab.pages, 63, 64);
	fb_pages_add(&lab.pages, 118, 118);
	memset(out, 'x', sizeof(out));
	fb_log_old_build(out, lab.log, BINS, &lab.pages);
	assert_memory_equal(out, lab.log, sizeof(out));
}

static void runs_of_a_log_are_read(void **state)
{
	(void)state;
	make_log();
	assert_null(fault_of(WHOLE));
	assert_int_equal(lab.old.base.bins, BINS);
	assert_int_equal(lab.old.base.seq1, 5);
	assert_run(0, 3 * PAGE, DATA);
	assert_run(9 * PAGE, 2 * PAGE, DATA + 3 * PAGE);
	assert_run(63 * PAGE, 2 * PAGE, DATA + 5 * PAGE);
	assert_run(118 * PAGE, PAGE, DATA + 7 * PAGE);
	assert_no_run();
	assert_no_run();
}

static void single_sectors_are_read(void **state)
{
	(void)state;
	make_log();
	memset(lab.log + 516, 0, BINS / PAGE);
	lab.log[516] = 0x81;
	lab.log[517] = 0x01;
	lab.log[520] = 0x16;
	assert_null(fault_of(WHOLE));
	assert_run(0, 512, DATA);
	assert_run(7 * 512, 1024, DATA + 512);
	assert_run(4 * PAGE + 512, 1024, DATA + 1536);
	assert_run(4 * PAGE + 4 * 512, 512, DATA + 2560);
	assert_no_run();
}

/* A bitmap bit by bit, beside one that is looked at in the plainest way. */
static void any_bitmap_is_read_in_its_order(void **state)
{
	struct fb_rng rng;

	(void)state;
	fb_rng_init(&rng, 3);
	for (int round = 0; round < 500; round++) {
		uint64_t from = DATA, bit = 0;

		make_log();
		for (int i = 0; i < 8; i++) {
			uint64_t r = fb_rng_next(&rng);

			lab.log[516 + i] = r & 1 ? 0xFF : (unsigned char)(r >> 8);
		}
		memset(lab.log + 524, 0, BINS / PAGE - 8);
		assert_null(fault_of(WHOLE));
		while (bit < 64) {
			uint64_t n = 0;

			while (bit + n < 64 &&
			       lab.log[516 + (bit + n) / 8] >> (bit + n) % 8 & 1)
				n++;
			if (n)
				assert_run((uint32_t)bit * 512, (uint32_t)n * 512,
					   from);
			from += n * 512;
			bit += n + 1;
		}
		assert_no_run();
	}
}

static void remnants_after_the_bitmap_are_ignored(void **state)
{
	(void)state;
	make_log();
	memset(lab.log + 516, 0, BINS / PAGE);
	memset(lab.log + 516 + BINS / PAGE, 0xFF, DATA - 516 - BINS / PAGE);
	assert_null(fault_of(WHOLE));
	assert_no_run();
}

static void runs_end_with_the_last_whole_sector_of_a_short_log(void **state)
{
	(void)state;
	make_log();
	assert_null(fault_of(DATA + 2 * PAGE + 1024 + 511));
	assert_run(0, 2 * PAGE + 1024, DATA);
	assert_no_run();
	assert_null(fault_of(DATA + 3 * PAGE));
	assert_run(0, 3 * PAGE, DATA);
	assert_no_run();
	assert_null(fault_of(DATA));
	assert_no_run();
	assert_null(fault_of(516 + BINS / PAGE));
	assert_no_run();
}

static void log_shorter_than_its_bitmap_is_refused(void **state)
{
	(void)state;
	make_log();
	for (size_t n = 0; n < 516 + BINS / PAGE; n++)
		assert_non_null(fault_of(n));
	assert_null(fault_of(516 + BINS / PAGE));
}

static void each_rule_is_checked(void **state)
{
	static const struct {
		uint32_t at, value;
		const char *why;
	} broken[] = {
		{0, 0x66676573, "bad base block"},
		{28, 0, "not a log of the old format"},
		{28, 6, "not a log of the old format"},
		{4, 6, "its two sequence numbers differ"},
		{40, 0, "bad size of hive data"},
		{40, BINS + 512, "bad size of hive data"},
		{40, 0x80001000, "bad size of hive data"},
		{40, 0x10000000, "bitmap is beyond the end of the file"},
		{512, 0x74726964, "no DIRT signature"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		make_log();
		fb_put32(lab.log + broken[i].at, broken[i].value);
		put_sum(lab.log);
		assert_string_equal(fault_of(WHOLE), broken[i].why);
	}
	make_log();
	lab.log[508]++;
	assert_string_equal(fault_of(WHOLE), "bad base block");
	make_log();
	fb_put32(lab.log + 28, 2);
	put_sum(lab.log);
	assert_null(fault_of(WHOLE));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)
	const struct CMUnitTest tests[] = {
		TEST(sectors_begin_at_the_next_512_after_the_bitmap),
		TEST(log_is_built_byte_for_byte),
		TEST(runs_of_a_log_are_read),
		TEST(single_sectors_are_read),
		TEST(any_bitmap_is_read_in_its_order),
		TEST(remnants_after_the_bitmap_are_ignored),
		TEST(runs_end_with_the_last_whole_sector_of_a_short_log),
		TEST(log_shorter_than_its_bitmap_is_refused),
		TEST(each_rule_is_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
