/*
 * Log entries, beside bytes that are put together here and a Marvin32 of the test's
 * own.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/rng.h"
#include "hive/log_entry.h"
#include "hive/regf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 4096, PAGES = 40, ENTRY_MAX = (PAGES + 3) * PAGE };

/* What a test took: given back by leave(), whether it passed or not. */
static struct {
	unsigned char data[PAGES * PAGE];
	unsigned char flat[ENTRY_MAX]; /* an entry, as it would lie in the file */
	struct fb_pages pages;
	uint32_t flags;
	struct fb_entry e;
	struct fb_entry_parts parts;
	unsigned char *copy; /* of its exact length, so that reading on is caught */
} lab;

static int enter(void **state)
{
	struct fb_rng rng;

	(void)state;
	memset(&lab, 0, sizeof(lab));
	fb_rng_init(&rng, 4);
	for (size_t i = 0; i < sizeof(lab.data); i++)
		lab.data[i] = (unsigned char)fb_rng_next(&rng);
	return fb_pages_reserve(&lab.pages, PAGES);
}

static int leave(void **state)
{
	(void)state;
	fb_entry_free(&lab.parts);
	fb_pages_free(&lab.pages);
	free(lab.copy);
	return 0;
}

static uint32_t turn(uint32_t x, int by)
{
	return x << by | x >> (32 - by);
}

/* The hash of an entry as the eight bytes that stand in the file; whole words only. */
static void marvin(const unsigned char *at, size_t bytes, unsigned char out[8])
{
	uint32_t a = 0x7A4E55C5, b = 0x82EF4D88;

	for (size_t i = 0; i <= bytes + 4; i += 4) {
		a += i < bytes ? fb_get32(at + i) : i == bytes ? 0x80 : 0;
		b ^= a;
		a = turn(a, 20) + b;
		b = turn(b, 9) ^ a;
		a = turn(a, 27) + b;
		b = turn(b, 19);
	}
	fb_put32(out, a);
	fb_put32(out + 4, b);
}

static void hash_again(unsigned char *entry, size_t bytes)
{
	marvin(entry + 40, bytes - 40, entry + 24);
	marvin(entry, 32, entry + 32);
}

static void build(uint32_t bins, uint64_t at)
{
	size_t n = 0;

	fb_entry_free(&lab.parts);
	lab.e = (struct fb_entry){.sequence = 2, .flags = lab.flags, .bins = bins};
	assert_int_equal(fb_entry_build(&lab.e, lab.data, &lab.pages, at, &lab.parts),
			 0);
	for (unsigned i = 0; i < lab.parts.n; i++) {
		assert_true(n + lab.parts.spans[i].bytes <= ENTRY_MAX);
		memcpy(lab.flat + n, lab.parts.spans[i].data, lab.parts.spans[i].bytes);
		n += lab.parts.spans[i].bytes;
	}
	assert_int_equal(n, lab.e.size);
}

/* The first @bytes of the entry read as if the file ended there; NULL: it is one. */
static const char *fault_of(size_t bytes)
{
	const struct fb_entry untouched = {9, 9, 9, 9, 9};
	struct fb_entry e = untouched;
	const char *why = NULL;

	free(lab.copy);
	lab.copy = malloc(bytes ? bytes : 1);
	assert_non_null(lab.copy);
	memcpy(lab.copy, lab.flat, bytes);
	if (fb_entry_read(lab.copy, bytes, &e, &why)) {
		assert_null(why);
		return NULL;
	}
	assert_memory_equal(&e, &untouched, sizeof(e));
	assert_non_null(why);
	return why;
}

/* Of the first entry of a log that Windows 10 wrote (yarp, NewDirtyHive1). */
static const unsigned char genuine[40] = {
	0x48, 0x76, 0x4c, 0x45, 0x00, 0x5e, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x50, 0x00, 0x00,
	0x01, 0x00, 0x00, 0x00, 0x31, 0xe4, 0x07, 0x18, 0x66, 0x6c,
	0x86, 0x67, 0x02, 0x7f, 0x65, 0xa7, 0xcf, 0xf3, 0x44, 0xcd,
};

static void entry_of_genuine_layout_is_rebuilt_byte_for_byte(void **state)
{
	static unsigned char expected[0x5e00];

	(void)state;
	memcpy(expected, genuine, 24);
	fb_put32(expected + 40, 0);
	fb_put32(expected + 44, 0x5000);
	memcpy(expected + 48, lab.data, 0x5000);
	hash_again(expected, sizeof(expected));
	fb_pages_add(&lab.pages, 0, 4);
	build(0x5000, 512);
	assert_int_equal(lab.e.size, 0x5e00);
	assert_int_equal(lab.e.refs, 1);
	assert_memory_equal(lab.flat, expected, sizeof(expected));
	assert_null(fault_of(0x5e00));
}

/* The contents that the genuine header speaks of are not here. */
static void genuine_header_has_the_right_hash(void **state)
{
	(void)state;
	memcpy(lab.flat, genuine, sizeof(genuine));
	assert_string_equal(fault_of(0x5e00), "hash of the contents");
	lab.flat[12]++;
	assert_string_equal(fault_of(0x5e00), "hash of the header");
}

static void assert_ref(uint32_t i, uint32_t first, uint32_t pages)
{
	const unsigned char *ref = lab.flat + 40 + (size_t)8 * i;

	assert_int_equal(fb_get32(ref), first * PAGE);
	assert_int_equal(fb_get32(ref + 4), pages * PAGE);
}

static void page_0_is_first_even_when_unchanged(void **state)
{
	(void)state;
	fb_pages_add(&lab.pages, 7, 8);
	build(PAGES * PAGE, 4096);
	assert_int_equal(lab.e.refs, 2);
	assert_ref(0, 0, 1);
	assert_ref(1, 7, 2);
	fb_pages_clear(&lab.pages);
	build(PAGE, 4096);
	assert_int_equal(lab.e.refs, 1);
	assert_ref(0, 0, 1);
}

static void neighbours_are_one_range(void **state)
{
	(void)state;
	fb_pages_add(&lab.pages, 1, 2);
	fb_pages_add(&lab.pages, 3, 3);
	fb_pages_add(&lab.pages, 5, 5);
	fb_pages_add(&lab.pages, PAGES - 1, PAGES - 1);
	build(PAGES * PAGE, 4096);
	assert_int_equal(lab.e.refs, 3);
	assert_ref(0, 0, 4);
	assert_ref(1, 5, 1);
	assert_ref(2, PAGES - 1, 1);
	assert_ptr_equal(lab.parts.spans[1].data, lab.data);
	assert_ptr_equal(lab.parts.spans[2].data, lab.data + (size_t)5 * PAGE);
}

static void one_changed_page_is_12_KiB_of_log(void **state)
{
	(void)state;
	fb_pages_add(&lab.pages, 9, 9);
	build(PAGES * PAGE, 4096);
	assert_int_equal(lab.e.size, 3 * PAGE);
}

static void entry_ends_with_a_page_of_the_file(void **state)
{
	(void)state;
	for (uint64_t at = 512; at < 4 * PAGE; at += 512) {
		fb_pages_clear(&lab.pages);
		for (uint32_t i = 0; i < PAGES; i += 2) {
			fb_pages_add(&lab.pages, i, i);
			build(PAGES * PAGE, at);
			assert_int_equal((at + lab.e.size) % PAGE, 0);
			assert_int_equal(lab.e.size % 512, 0);
			assert_null(fault_of(lab.e.size));
		}
	}
}

/* 443 references and the header fill 3584 bytes, so at 512 there is nothing to pad. */
static void entry_may_end_without_padding(void **state)
{
	const uint32_t bins = 900 * PAGE;
	struct fb_entry e = {.sequence = 1, .bins = bins};
	unsigned char *data = calloc(1, bins);

	(void)state;
	assert_non_null(data);
	lab.copy = data;
	assert_int_equal(fb_pages_reserve(&lab.pages, 900), 0);
	for (uint32_t i = 0; i < 443; i++)
		fb_pages_add(&lab.pages, 2 * i, 2 * i);
	assert_int_equal(fb_entry_build(&e, data, &lab.pages, 512, &lab.parts), 0);
	assert_int_equal(e.refs, 443);
	assert_int_equal(e.size, 3584 + 443 * PAGE);
	assert_int_equal(lab.parts.n, 1 + 443);
}

/* Into a copy that has other bytes everywhere; what is not in a range stays so. */
static void apply(unsigned char *copy)
{
	uint32_t offset, bytes;
	uint64_t at = 0;

	for (uint32_t i = 0; i < lab.e.refs; i++) {
		const void *from = fb_entry_range(lab.flat, i, &at, &offset, &bytes);

		assert_ptr_equal(from, lab.flat + at);
		memcpy(copy + offset, from, bytes);
	}
}

static void assert_pages_are_as(const unsigned char *copy, const struct fb_pages *p)
{
	static const unsigned char other[PAGE];
	uint32_t first;

	for (uint32_t i = 0; i < PAGES; i++) {
		uint32_t n = fb_pages_run(p, i, &first);
		bool in = !i || (n && first == i);

		assert_memory_equal(copy + (size_t)i * PAGE,
				    in ? lab.data + (size_t)i * PAGE : other, PAGE);
	}
}

static void what_was_built_is_read(void **state)
{
	static unsigned char copy[PAGES * PAGE];
	struct fb_rng rng;

	(void)state;
	fb_rng_init(&rng, 1);
	for (int round = 0; round < 300; round++) {
		fb_pages_clear(&lab.pages);
		for (uint64_t n = fb_rng_below(&rng, PAGES); n; n--) {
			uint32_t i = (uint32_t)fb_rng_below(&rng, PAGES);

			fb_pages_add(&lab.pages, i, i);
		}
		memset(copy, 0, sizeof(copy));
		build(PAGES * PAGE, 512 * (1 + fb_rng_below(&rng, 20)));
		assert_null(fault_of(lab.e.size));
		apply(copy);
		assert_pages_are_as(copy, &lab.pages);
	}
}

static void read_fields_are_those_that_were_built(void **state)
{
	struct fb_entry got;
	const char *why;

	(void)state;
	lab.flags = 1;
	fb_pages_add(&lab.pages, 5, 5);
	build(6 * PAGE, 512);
	assert_true(fb_entry_read(lab.flat, sizeof(lab.flat), &got, &why));
	assert_memory_equal(&got, &lab.e, sizeof(got));
	assert_int_equal(got.flags, 1);
	fb_put32(lab.flat + 12, UINT32_MAX);
	hash_again(lab.flat, lab.e.size);
	assert_true(fb_entry_read(lab.flat, sizeof(lab.flat), &got, &why));
	assert_int_equal(got.sequence, UINT32_MAX);
}

static void assert_not_built(uint32_t bins, int expected)
{
	struct fb_entry e = {.bins = bins};

	assert_int_equal(fb_entry_build(&e, lab.data, &lab.pages, 512, &lab.parts),
			 expected);
	assert_null(lab.parts.spans);
	assert_int_equal(e.size, 0);
}

static void data_that_no_entry_can_tell_of_is_refused(void **state)
{
	(void)state;
	assert_not_built(0, -EINVAL);
	assert_not_built(PAGE + 512, -EINVAL);
	assert_not_built(FB_REGF_BINS_MAX + PAGE, -EFBIG);
	fb_pages_add(&lab.pages, 6, 6);
	assert_not_built(6 * PAGE, -EINVAL);
}

/* One field changed, hashes right again: so nothing but the field can be the reason. */
static void each_rule_is_checked(void **state)
{
	static const struct {
		uint32_t at, value;
		const char *why;
	} broken[] = {
		{0, 0x454c7641, "no HvLE signature"},
		{4, 0, "size is no multiple of 512"},
		{4, 256, "size is no multiple of 512"},
		{4, 3 * PAGE + 8, "size is no multiple of 512"},
		{4, 4 * PAGE, "size is beyond the end of the file"},
		{4, 0xFFFFFE00, "size is beyond the end of the file"},
		{16, 0, "bad size of hive data"},
		{16, 9 * PAGE + 512, "bad size of hive data"},
		{16, 0x80001000, "bad size of hive data"},
		{20, 0, "no ranges"},
		{20, (3 * PAGE - 40) / 8 + 1, "more ranges than fit"},
		{20, UINT32_MAX, "more ranges than fit"},
		{40, 512, "a range is not whole pages"},
		{44, 0, "a range is not whole pages"},
		{44, 2048, "a range is not whole pages"},
		{40, 10 * PAGE, "a range is beyond the hive data"},
		{48, 0xFFFFF000, "a range is beyond the hive data"},
		{52, 2 * PAGE, "a range is beyond the hive data"},
		{52, 0xFFFFF000, "a range is beyond the hive data"},
		{44, 2 * PAGE, "ranges are longer than the entry"},
	};

	(void)state;
	fb_pages_add(&lab.pages, 9, 9);
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		build(10 * PAGE, 4096);
		assert_int_equal(lab.e.size, 3 * PAGE);
		assert_int_not_equal(fb_get32(lab.flat + broken[i].at),
				     broken[i].value);
		fb_put32(lab.flat + broken[i].at, broken[i].value);
		hash_again(lab.flat, 3 * PAGE);
		assert_string_equal(fault_of(3 * PAGE), broken[i].why);
	}
}

/* The writer pads to a page; readers need no more than sectors, up to 2 GiB of data. */
static void limits_of_the_rules_are_accepted(void **state)
{
	(void)state;
	fb_pages_add(&lab.pages, 9, 9);
	build(10 * PAGE, 4096);
	fb_put32(lab.flat + 4, 2 * PAGE + 512);
	fb_put32(lab.flat + 16, 0x80000000);
	fb_put32(lab.flat + 48, 0x7FFFF000);
	hash_again(lab.flat, 2 * PAGE + 512);
	assert_null(fault_of(2 * PAGE + 512));
}

static void entry_cut_anywhere_is_refused(void **state)
{
	(void)state;
	build(PAGE, 512);
	assert_int_equal(lab.e.size, 2 * PAGE - 512);
	for (size_t n = 0; n < lab.e.size; n++)
		assert_non_null(fault_of(n));
	assert_null(fault_of(lab.e.size));
}

static void entry_with_any_byte_changed_is_refused(void **state)
{
	struct fb_rng rng;

	(void)state;
	fb_rng_init(&rng, 2);
	build(PAGE, 512);
	for (size_t i = 0; i < lab.e.size; i++) {
		unsigned char flip = (unsigned char)(1u << fb_rng_below(&rng, 8));

		lab.flat[i] ^= flip;
		assert_non_null(fault_of(lab.e.size));
		lab.flat[i] ^= flip;
	}
	assert_null(fault_of(lab.e.size));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)
	const struct CMUnitTest tests[] = {
		TEST(entry_of_genuine_layout_is_rebuilt_byte_for_byte),
		TEST(genuine_header_has_the_right_hash),
		TEST(page_0_is_first_even_when_unchanged),
		TEST(neighbours_are_one_range),
		TEST(one_changed_page_is_12_KiB_of_log),
		TEST(entry_ends_with_a_page_of_the_file),
		TEST(entry_may_end_without_padding),
		TEST(what_was_built_is_read),
		TEST(read_fields_are_those_that_were_built),
		TEST(data_that_no_entry_can_tell_of_is_refused),
		TEST(each_rule_is_checked),
		TEST(limits_of_the_rules_are_accepted),
		TEST(entry_cut_anywhere_is_refused),
		TEST(entry_with_any_byte_changed_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
