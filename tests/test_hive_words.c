#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/rng.h"
#include "hive/base_block.h"
#include "hive/marvin.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct vector {
	unsigned char seed[8]; /* seed and result as they lie in memory */
	const char *message;
	unsigned char result[8];
};

#define SEED_A                                                                         \
	{                                                                              \
		0xb7, 0x93, 0x08, 0xcd, 0xce, 0xd9, 0x3c, 0xd5                         \
	}
#define SEED_B                                                                         \
	{                                                                              \
		0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10                         \
	}
#define SEED_C                                                                         \
	{                                                                              \
		0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08                         \
	}

/* of microsoft/SymCrypt */
static const struct vector vectors[] = {
	{{0}, "", {0xa8, 0xea, 0xa4, 0x76, 0x06, 0xb0, 0x24, 0xe4}},
	{SEED_A, "", {0xaa, 0xa1, 0x17, 0x12, 0x3d, 0x71, 0xfa, 0x79}},
	{SEED_B, "Mar", {0x29, 0xfb, 0xae, 0x8c, 0x35, 0xd1, 0xd4, 0x09}},
	{SEED_A, "abc", {0xbf, 0x69, 0x27, 0x49, 0x39, 0x43, 0xc7, 0x22}},
	{SEED_A, "Marvin", {0x7c, 0x0a, 0xe1, 0x24, 0xd1, 0x18, 0x5a, 0x37}},
	{SEED_C, "Marvin32", {0x39, 0x09, 0xed, 0xbb, 0x05, 0x70, 0x40, 0x48}},
	{SEED_B, "Marvin32Check", {0xae, 0x7b, 0x5b, 0x97, 0x59, 0x13, 0x6f, 0x8a}},
	{SEED_A, "Marvin32Checksu", {0x70, 0xd7, 0xb8, 0x85, 0xe7, 0x6f, 0x93, 0x45}},
	{SEED_C, "Marvin32Checksum", {0x65, 0x5b, 0x31, 0x56, 0xd6, 0x72, 0xb6, 0x95}},
};

static void marvin_gives_the_results_its_authors_publish(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		const struct vector *v = &vectors[i];
		uint64_t got = fb_marvin(fb_get64(v->seed), v->message,
					 strlen(v->message));

		if (got != fb_get64(v->result))
			fail_msg("\"%s\": %016" PRIx64, v->message, got);
	}
}

static void marvin_with_the_seed_of_hives_gives_their_hashes(void **state)
{
	unsigned char counting[32], zeros[32] = {0};

	(void)state;
	for (unsigned i = 0; i < sizeof(counting); i++)
		counting[i] = (unsigned char)i;
	assert_true(fb_marvin(FB_MARVIN_HIVE_SEED, NULL, 0) ==
		    UINT64_C(0xB39EFCA403966E08));
	assert_true(fb_marvin(FB_MARVIN_HIVE_SEED, zeros, sizeof(zeros)) ==
		    UINT64_C(0xDA91A06AC5359223));
	assert_true(fb_marvin(FB_MARVIN_HIVE_SEED, counting, sizeof(counting)) ==
		    UINT64_C(0xC64FEEE425C2E24C));
}

static void the_header_of_an_entry_by_windows_has_its_second_hash(void **state)
{
	static const unsigned char header[] = {
		0x48, 0x76, 0x4c, 0x45, 0x00, 0x5e, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x50, 0x00, 0x00, 0x01, 0x00,
		0x00, 0x00, 0x31, 0xe4, 0x07, 0x18, 0x66, 0x6c, 0x86, 0x67};
	static const unsigned char hash[] = {0x02, 0x7f, 0x65, 0xa7,
					     0xcf, 0xf3, 0x44, 0xcd};

	(void)state;
	assert_int_equal(sizeof(header), 32);
	assert_true(fb_marvin(FB_MARVIN_HIVE_SEED, header, sizeof(header)) ==
		    fb_get64(hash));
}

static void marvin_in_pieces_equals_marvin_at_once(void **state)
{
	unsigned char data[4099];
	struct fb_rng rng;

	(void)state;
	fb_rng_init(&rng, 4);
	fb_rng_fill(&rng, data, sizeof(data));
	for (int i = 0; i < 300; i++) {
		size_t bytes = (size_t)fb_rng_below(&rng, sizeof(data) + 1);
		size_t at = 0;
		struct fb_marvin m;

		fb_marvin_begin(&m, 99);
		while (bytes - at > 3 && fb_rng_below(&rng, 8)) {
			size_t step = (size_t)fb_rng_below(&rng, (bytes - at) / 4 + 1);

			fb_marvin_add(&m, data + at, step * 4);
			at += step * 4;
		}
		assert_true(fb_marvin_end(&m, data + at, bytes - at) ==
			    fb_marvin(99, data, bytes));
	}
}

static void the_checksum_is_the_xor_of_the_words_before_it(void **state)
{
	unsigned char sector[FB_REGF_SECTOR] = {0};

	(void)state;
	fb_put32(sector, 0x66676572);
	fb_put32(sector + 504, 0x10000001);
	assert_int_equal(fb_base_checksum(sector), 0x76676573);
	fb_put32(sector + FB_BASE_CHECKSUM, 0x12345678);
	assert_int_equal(fb_base_checksum(sector), 0x76676573);
}

static void the_checksum_is_never_0_nor_all_ones(void **state)
{
	unsigned char sector[FB_REGF_SECTOR] = {0};

	(void)state;
	assert_int_equal(fb_base_checksum(sector), 1);
	fb_put32(sector + 100, 0xFFFFFFFF);
	assert_int_equal(fb_base_checksum(sector), 0xFFFFFFFE);
	fb_put32(sector + 100, 0xFFFFFFFE);
	assert_int_equal(fb_base_checksum(sector), 0xFFFFFFFE);
	fb_put32(sector + 100, 1);
	assert_int_equal(fb_base_checksum(sector), 1);
}

static struct fb_base_block a_block(void)
{
	struct fb_base_block b = {
		.seq1 = 0x01020304,
		.seq2 = 0x05060708,
		.time = UINT64_C(0x01DB3B5A12345678),
		.major = 1,
		.minor = 5,
		.type = FB_REGF_LOG_NEW,
		.root = FB_REGF_ROOT,
		.bins = 0x7000,
		.flags = 1,
	};

	return b;
}

static void a_new_base_block_has_every_field_at_its_place(void **state)
{
	unsigned char s[FB_REGF_SECTOR];
	unsigned char zeros[FB_REGF_SECTOR] = {0};
	struct fb_base_block b = a_block();

	(void)state;
	memset(s, 0xAA, sizeof(s));
	fb_base_make(s, &b, "");
	assert_memory_equal(s, "regf", 4);
	assert_int_equal(fb_get32(s + 4), 0x01020304);
	assert_int_equal(fb_get32(s + 8), 0x05060708);
	assert_true(fb_get64(s + 12) == UINT64_C(0x01DB3B5A12345678));
	assert_int_equal(fb_get32(s + 20), 1);
	assert_int_equal(fb_get32(s + 24), 5);
	assert_int_equal(fb_get32(s + 28), 6);
	assert_int_equal(fb_get32(s + 32), 1);
	assert_int_equal(fb_get32(s + 36), 32);
	assert_int_equal(fb_get32(s + 40), 0x7000);
	assert_int_equal(fb_get32(s + 44), 1);
	assert_memory_equal(s + 48, zeros, 96);
	assert_int_equal(fb_get32(s + 144), 1);
	assert_memory_equal(s + 148, zeros, 16);
	assert_memory_equal(s + 164, "rmtm", 4);
	assert_memory_equal(s + 168, zeros, 508 - 168);
	assert_true(fb_base_valid(s));
}

static void what_was_put_is_got(void **state)
{
	unsigned char s[FB_REGF_SECTOR];
	struct fb_base_block b = a_block(), got;

	(void)state;
	fb_base_make(s, &b, "hive");
	memset(&got, 0xAA, sizeof(got));
	fb_base_get(s, &got);
	assert_int_equal(got.seq1, b.seq1);
	assert_int_equal(got.seq2, b.seq2);
	assert_true(got.time == b.time);
	assert_int_equal(got.major, b.major);
	assert_int_equal(got.minor, b.minor);
	assert_int_equal(got.type, b.type);
	assert_int_equal(got.root, b.root);
	assert_int_equal(got.bins, b.bins);
	assert_int_equal(got.flags, b.flags);
}

/* Bytes that fb_base_put may change: its nine fields and the checksum. */
static bool is_a_field(size_t at)
{
	return (at >= 4 && at < 32) || (at >= 36 && at < 44) ||
	       (at >= 144 && at < 148) || at >= 508;
}

static void a_put_keeps_the_rest_of_the_sector(void **state)
{
	unsigned char before[FB_REGF_SECTOR], s[FB_REGF_SECTOR];
	struct fb_base_block b = a_block();
	struct fb_rng rng;

	(void)state;
	fb_rng_init(&rng, 1);
	fb_rng_fill(&rng, before, sizeof(before));
	fb_put32(before, 0x66676572);
	memcpy(s, before, sizeof(s));
	fb_base_put(s, &b);
	for (size_t i = 0; i < sizeof(s); i++) {
		if (!is_a_field(i) && s[i] != before[i])
			fail_msg("byte %zu was changed", i);
	}
	assert_true(fb_base_valid(s));
}

static void any_changed_bit_makes_a_base_block_invalid(void **state)
{
	unsigned char s[FB_REGF_SECTOR];
	struct fb_base_block b = a_block();

	(void)state;
	fb_base_make(s, &b, "C:\\hive");
	for (size_t bit = 0; bit < sizeof(s) * 8; bit++) {
		s[bit / 8] ^= (unsigned char)(1 << bit % 8);
		if (fb_base_valid(s))
			fail_msg("bit %zu was not missed", bit);
		s[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
}

static void a_sector_of_another_signature_is_invalid_with_a_good_checksum(void **state)
{
	unsigned char s[FB_REGF_SECTOR] = "hbin";

	(void)state;
	fb_put32(s + FB_BASE_CHECKSUM, fb_base_checksum(s));
	assert_false(fb_base_valid(s));
}

static void check_kept_name(const char *name, const uint16_t *kept)
{
	unsigned char s[FB_REGF_SECTOR], want[FB_BASE_NAME_BYTES] = {0};
	struct fb_base_block b = a_block();

	for (size_t i = 0; kept[i]; i++)
		fb_put16(want + 2 * i, kept[i]);
	fb_base_make(s, &b, name);
	if (memcmp(s + FB_BASE_NAME, want, sizeof(want)))
		fail_msg("\"%s\" is kept otherwise", name);
	assert_int_equal(fb_get32(s + 112), 0);
}

static void the_end_of_the_name_is_kept_in_31_units(void **state)
{
	(void)state;
	check_kept_name("a", u"a");
	check_kept_name("/123456789012345678901234567890", /* 31 */
			u"/123456789012345678901234567890");
	check_kept_name("//123456789012345678901234567890",
			u"/123456789012345678901234567890");
	check_kept_name("/a/rather/long/folder/name/\u00E9\u20AC/hives/software.hive",
			u"der/name/\u00E9\u20AC/hives/software.hive");
}

static void no_half_of_a_character_is_kept_of_the_name(void **state)
{
	(void)state;
	/* 30 units, then a pair that would be cut */
	check_kept_name("/\U0001F40D123456789012345678901234567890",
			u"123456789012345678901234567890");
	/* the pair just fits */
	check_kept_name("/\U0001F40D12345678901234567890123456789",
			u"\U0001F40D12345678901234567890123456789");
	check_kept_name("\U0001F40D\U0001F40D\U0001F40D\U0001F40D\U0001F40D\U0001F40D"
			"\U0001F40D\U0001F40D\U0001F40D\U0001F40D\U0001F40D\U0001F40D"
			"\U0001F40D\U0001F40D\U0001F40D\U0001F40D",
			u"\U0001F40D\U0001F40D\U0001F40D\U0001F40D\U0001F40D\U0001F40D"
			u"\U0001F40D\U0001F40D\U0001F40D\U0001F40D\U0001F40D\U0001F40D"
			u"\U0001F40D\U0001F40D\U0001F40D");
}

static void a_name_that_is_not_utf8_is_kept_byte_by_byte(void **state)
{
	(void)state;
	check_kept_name("/hives/caf\xE9", u"/hives/caf\u00E9");
	check_kept_name("0123456789012345678901234567890\xFF",
			u"123456789012345678901234567890\u00FF");
	check_kept_name("\x80\x80\x80", u"\x80\x80\x80");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(marvin_gives_the_results_its_authors_publish),
		cmocka_unit_test(marvin_with_the_seed_of_hives_gives_their_hashes),
		cmocka_unit_test(the_header_of_an_entry_by_windows_has_its_second_hash),
		cmocka_unit_test(marvin_in_pieces_equals_marvin_at_once),
		cmocka_unit_test(the_checksum_is_the_xor_of_the_words_before_it),
		cmocka_unit_test(the_checksum_is_never_0_nor_all_ones),
		cmocka_unit_test(a_new_base_block_has_every_field_at_its_place),
		cmocka_unit_test(what_was_put_is_got),
		cmocka_unit_test(a_put_keeps_the_rest_of_the_sector),
		cmocka_unit_test(any_changed_bit_makes_a_base_block_invalid),
		cmocka_unit_test(
			a_sector_of_another_signature_is_invalid_with_a_good_checksum),
		cmocka_unit_test(the_end_of_the_name_is_kept_in_31_units),
		cmocka_unit_test(no_half_of_a_character_is_kept_of_the_name),
		cmocka_unit_test(a_name_that_is_not_utf8_is_kept_byte_by_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
