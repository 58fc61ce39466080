#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/rng.h"
#include "hive/name.h"
#include "hive/regf.h"
#include "support/need.h"
#include "support/tmpdir.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UNITS = 0x10000, NAME_MAX_UNITS = 40, TEXT_MAX = 3 * NAME_MAX_UNITS + 1 };

static size_t length(const uint16_t *units)
{
	size_t n = 0;

	while (units[n])
		n++;
	return n;
}

static struct fb_hive_name name_of(const uint16_t *units)
{
	struct fb_hive_name name = {units, length(units)};

	return name;
}

static void upcase_changes_973_units_and_none_twice(void **state)
{
	unsigned changed = 0;

	(void)state;
	for (uint32_t c = 0; c < UNITS; c++) {
		uint16_t up = fb_upcase((uint16_t)c);

		changed += up != c;
		if (fb_upcase(up) != up)
			fail_msg("U+%04" PRIX32 " goes on", c);
	}
	assert_int_equal(changed, 973);
}

/* FNV-1a of the 65536 units, little-endian, taken of the table that mkntfs writes. */
static void upcase_is_the_table_of_ntfs_by_its_sum(void **state)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);

	(void)state;
	for (uint32_t c = 0; c < UNITS; c++) {
		uint16_t up = fb_upcase((uint16_t)c);

		sum = (sum ^ (up & 0xFF)) * UINT64_C(0x100000001b3);
		sum = (sum ^ up >> 8) * UINT64_C(0x100000001b3);
	}
	assert_true(sum == UINT64_C(0x48ed4531e9399927));
}

static FILE *ntfs_table(const char *folder)
{
	char command[4 * TMPDIR_LEN];

	snprintf(command, sizeof(command),
		 "PATH=$PATH:/usr/sbin:/sbin; cd '%s' && truncate -s 2M image && "
		 "mkntfs -F -Q image >/dev/null 2>&1 && "
		 "ntfscat -f image '$UpCase' >table 2>/dev/null && cat table",
		 folder);
	return popen(command, "r");
}

static void upcase_is_the_table_that_mkntfs_writes(void **state)
{
	static unsigned char table[UNITS * 2];
	char folder[TMPDIR_LEN];
	size_t got = 0;
	FILE *in;

	(void)state;
	assert_int_equal(tmpdir_make(folder), 0);
	in = ntfs_table(folder);
	if (in) {
		got = fread(table, 1, sizeof(table), in);
		pclose(in);
	}
	tmpdir_remove(folder);
	need(got == sizeof(table) ? NULL
				  : "mkntfs and ntfscat (ntfs-3g) make no table");
	for (uint32_t c = 0; c < UNITS; c++) {
		if (fb_upcase((uint16_t)c) != fb_get16(table + 2 * c))
			fail_msg("U+%04" PRIX32, c);
	}
}

static void upcase_differs_from_unicode_where_nt_does(void **state)
{
	static const uint16_t pairs[][2] = {
		{'a', 'A'},       {'z', 'Z'},       {'`', '`'},       {'{', '{'},
		{0x7F, 0x7F},     {0x80, 0x80},     {0xB5, 0xB5},     {0xDF, 0xDF},
		{0xE0, 0xC0},     {0xF6, 0xD6},     {0xF7, 0xF7},     {0xF8, 0xD8},
		{0xFE, 0xDE},     {0xFF, 0x178},    {0x100, 0x100},   {0x101, 0x100},
		{0x131, 0x131},   {0x17F, 0x17F},   {0x1C5, 0x1C5},   {0x3C2, 0x3C2},
		{0x3C3, 0x3A3},   {0x1F80, 0x1F88}, {0x2170, 0x2160}, {0xD800, 0xD800},
		{0xFF41, 0xFF21}, {0xFF5A, 0xFF3A}, {0xFF5B, 0xFF5B}, {0xFFFF, 0xFFFF},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		if (fb_upcase(pairs[i][0]) != pairs[i][1])
			fail_msg("U+%04X", pairs[i][0]);
	}
}

static void the_hash_of_a_name_is_that_of_windows(void **state)
{
	(void)state;
	assert_int_equal(fb_name_hash(name_of(u"A")), 0x41);
	assert_int_equal(fb_name_hash(name_of(u"a")), 0x41);
	assert_int_equal(fb_name_hash(name_of(u"Caf\u00E9")), 0x00352F57);
	assert_int_equal(fb_name_hash(name_of(u"Software")), 0xE9FE1463);
	assert_int_equal(fb_name_hash(name_of(u"sOFTWARE")), 0xE9FE1463);
	assert_int_equal(fb_name_hash(name_of(u"System")), 0x6141D0F9);
	assert_int_equal(fb_name_hash(name_of(u"key0000005")), 0x64BC3136);
	assert_int_equal(fb_name_hash(name_of(u"")), 0);
}

static void a_name_takes_a_byte_a_unit_when_none_is_above_ff(void **state)
{
	(void)state;
	assert_true(fb_name_fits_8bit(name_of(u"")));
	assert_true(fb_name_fits_8bit(name_of(u"a\u00FE\u00FF")));
	assert_false(fb_name_fits_8bit(name_of(u"a\u0100")));
	assert_false(fb_name_fits_8bit(name_of(u"\u0101a")));
	assert_int_equal(fb_name_disk_bytes(name_of(u"")), 0);
	assert_int_equal(fb_name_disk_bytes(name_of(u"ab\u00FF")), 3);
	assert_int_equal(fb_name_disk_bytes(name_of(u"ab\u0100")), 6);
}

static void a_name_is_put_as_latin_1_or_as_utf_16(void **state)
{
	unsigned char at[8];

	(void)state;
	memset(at, 0xAA, sizeof(at));
	fb_name_put(at, name_of(u"a\u00FF"));
	assert_memory_equal(at, "a\xFF\xAA", 3);
	memset(at, 0xAA, sizeof(at));
	fb_name_put(at, name_of(u"a\u0100\u20AC"));
	assert_memory_equal(at, "a\0\x00\x01\xAC\x20\xAA\xAA", 8);
}

static void an_odd_last_byte_of_a_utf_16_name_is_left_out(void **state)
{
	uint16_t out[3] = {0};

	(void)state;
	assert_int_equal(fb_name_get("a\0b", 3, false, out), 1);
	assert_int_equal(out[0], 'a');
	assert_int_equal(out[1], 0);
	assert_true(fb_name_equal_disk(name_of(u"A"), "a\0b", 3, false));
	assert_int_equal(fb_name_get("", 0, false, out), 0);
}

/* Few different letters, so that names are often nearly alike. */
static size_t random_name(struct fb_rng *rng, uint16_t *out, bool wide)
{
	static const uint16_t letters[] = {'a', 'A',  'b',   'B',   '_',    '0',
					   'z', 0xE9, 0xC9,  0xFF,  0xB5,   0xF7,
					   0,   0x80, 'Z',   'k',   0x178,  0x131,
					   'I', 'i',  0x3C3, 0x3A3, 0xD800, 0xFFFF};
	size_t n = (size_t)fb_rng_below(rng, 6);

	for (size_t i = 0; i < n; i++)
		out[i] = letters[fb_rng_below(rng, wide ? 24 : 16)];
	return n;
}

static int naive_compare(const uint16_t *a, size_t n, const uint16_t *b, size_t m)
{
	for (size_t i = 0;; i++) {
		if (i == n || i == m)
			return (n > m) - (n < m);
		if (fb_upcase(a[i]) != fb_upcase(b[i]))
			return fb_upcase(a[i]) < fb_upcase(b[i]) ? -1 : 1;
	}
}

static int sign(int v)
{
	return (v > 0) - (v < 0);
}

static void names_compare_as_their_upcased_units(void **state)
{
	uint16_t a[8], b[8];
	unsigned char disk[16];
	struct fb_rng rng;
	unsigned equal = 0;

	(void)state;
	fb_rng_init(&rng, 3);
	for (int i = 0; i < 200000; i++) {
		bool wide = i % 2;
		struct fb_hive_name left = {a, random_name(&rng, a, i % 3)};
		struct fb_hive_name right = {b, random_name(&rng, b, wide)};
		int want = naive_compare(a, left.n, b, right.n);
		bool is_8bit = fb_name_fits_8bit(right);
		size_t bytes = fb_name_disk_bytes(right);

		fb_name_put(disk, right);
		assert_int_equal(sign(fb_name_compare_disk(left, disk, bytes, is_8bit)),
				 want);
		assert_int_equal(fb_name_equal_disk(left, disk, bytes, is_8bit), !want);
		equal += !want;
	}
	assert_in_range(equal, 1000, 100000);
}

static void a_narrow_name_stored_wide_is_the_same_name(void **state)
{
	(void)state;
	assert_true(fb_name_equal_disk(name_of(u"aB"), "A\0b\0", 4, false));
	assert_int_equal(fb_name_compare_disk(name_of(u"aB"), "A\0b\0", 4, false), 0);
	assert_false(fb_name_equal_disk(name_of(u"aB"), "A\0b\0", 4, true));
	assert_true(fb_name_equal_disk(name_of(u""), "", 0, true));
	assert_true(fb_name_compare_disk(name_of(u"\u00FF"), "z", 1, true) > 0);
	assert_true(fb_name_compare_disk(name_of(u"_"), "a", 1, true) > 0);
}

static void names_on_disk_are_got_as_they_were_put(void **state)
{
	uint16_t a[8], got[16];
	unsigned char disk[16];
	struct fb_rng rng;

	(void)state;
	fb_rng_init(&rng, 5);
	for (int i = 0; i < 10000; i++) {
		struct fb_hive_name name = {a, random_name(&rng, a, i % 2)};

		fb_name_put(disk, name);
		assert_int_equal(fb_name_get(disk, fb_name_disk_bytes(name),
					     fb_name_fits_8bit(name), got),
				 name.n);
		assert_memory_equal(got, a, name.n * sizeof(*a));
	}
}

struct text_case {
	const char *text;
	const uint16_t *units;
};

/* The first and last character of each length, surrogates alone, and a pair. */
static const struct text_case texts[] = {
	{"", u""},
	{"Software", u"Software"},
	{"\x01\x7F", u"\x01\x7F"},
	{"\xC2\x80\xDF\xBF", u"\x80\x7FF"},
	{"\xE0\xA0\x80\xEF\xBF\xBF", u"\x800\xFFFF"},
	{"\xF0\x90\x80\x80", u"\xD800\xDC00"},
	{"\xF4\x8F\xBF\xBF", u"\xDBFF\xDFFF"},
	{"\xED\x9F\xBF\xEE\x80\x80", u"\xD7FF\xE000"},
	{"\xED\xA0\x80", u"\xD800"},
	{"\xED\xAF\xBFz", u"\xDBFFz"},
	{"\xED\xB0\x80", u"\xDC00"},
	{"\xED\xBF\xBF", u"\xDFFF"},
	{"\xED\xB0\x80\xED\xA0\x80", u"\xDC00\xD800"},
	{"\xED\xA0\x80\xF0\x90\x80\x80", u"\xD800\xD800\xDC00"},
};

static void text_becomes_units_and_text_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct fb_hive_name want = name_of(texts[i].units);
		uint16_t units[16];
		char text[TEXT_MAX];

		assert_int_equal(fb_name_from_utf8(texts[i].text, units, want.n),
				 want.n);
		assert_memory_equal(units, want.units, want.n * sizeof(*units));
		assert_int_equal(fb_name_to_utf8(want, text, sizeof(text)),
				 strlen(texts[i].text));
		assert_string_equal(text, texts[i].text);
	}
}

static void any_units_survive_the_way_through_text(void **state)
{
	uint16_t units[NAME_MAX_UNITS], back[NAME_MAX_UNITS];
	char text[TEXT_MAX];
	struct fb_rng rng;

	(void)state;
	fb_rng_init(&rng, 6);
	for (int i = 0; i < 20000; i++) {
		size_t n = (size_t)fb_rng_below(&rng, NAME_MAX_UNITS + 1);
		struct fb_hive_name name = {units, n};
		uint64_t mask = i % 2 ? 0x7FF : 0xFFFF;
		uint16_t base = i % 2 ? 0xD800 : 0;

		for (size_t k = 0; k < n; k++) {
			units[k] = (uint16_t)((fb_rng_next(&rng) & mask) | base);
			units[k] = (uint16_t)(units[k] + !units[k]);
		}
		assert_true(fb_name_to_utf8(name, text, 3 * n + 1) >= (int)n);
		assert_int_equal(fb_name_from_utf8(text, back, n), n);
		assert_memory_equal(back, units, n * sizeof(*units));
	}
}

static void malformed_text_is_refused_and_nothing_is_written(void **state)
{
	static const char *const bad[] = {
		"\x80",
		"a\xBF",
		"\xC0\x80",
		"\xC1\xBF",
		"\xC2",
		"\xC2z",
		"\xDF\xC0",
		"\xE0\x80\x80",
		"\xE0\x9F\xBF",
		"\xE2\x82",
		"\xE2\x28\xA1",
		"\xE2\x82z",
		"\xF0\x80\x80\x80",
		"\xF0\x8F\xBF\xBF",
		"\xF0\x90\x80",
		"\xF0\x90\x80z",
		"\xF4\x90\x80\x80",
		"\xF5\x80\x80\x80",
		"\xF8\x88\x80\x80\x80",
		"\xF8\x90\x80\x80",
		"\xFE",
		"\xFF",
		"good\xFF",
		"\xED\xA0\x80\xED\xB0\x80", /* a pair has a form of its own */
	};
	uint16_t out[8] = {7, 7, 7, 7, 7, 7, 7, 7}, same[8];

	(void)state;
	memcpy(same, out, sizeof(out));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (fb_name_from_utf8(bad[i], out, 8) != -EILSEQ)
			fail_msg("number %zu is taken", i);
		assert_memory_equal(out, same, sizeof(out));
	}
}

static void room_that_is_too_small_is_told_and_left_alone(void **state)
{
	uint16_t units[2] = {7, 7};
	char text[4] = "....";

	(void)state;
	assert_int_equal(fb_name_from_utf8("abc", units, 2), -ENAMETOOLONG);
	assert_int_equal(fb_name_from_utf8("a\xF0\x90\x80\x80", units, 2),
			 -ENAMETOOLONG);
	assert_int_equal(units[0], 7);
	assert_int_equal(fb_name_from_utf8("ab", units, 2), 2);
	assert_int_equal(fb_name_to_utf8(name_of(u"\u20ACb"), text, 4), -ENAMETOOLONG);
	assert_int_equal(fb_name_to_utf8(name_of(u""), text, 0), -ENAMETOOLONG);
	assert_memory_equal(text, "....", 4);
	assert_int_equal(fb_name_to_utf8(name_of(u"\u20AC"), text, 4), 3);
	assert_string_equal(text, "\u20AC");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(upcase_changes_973_units_and_none_twice),
		cmocka_unit_test(upcase_is_the_table_of_ntfs_by_its_sum),
		cmocka_unit_test(upcase_is_the_table_that_mkntfs_writes),
		cmocka_unit_test(upcase_differs_from_unicode_where_nt_does),
		cmocka_unit_test(the_hash_of_a_name_is_that_of_windows),
		cmocka_unit_test(a_name_takes_a_byte_a_unit_when_none_is_above_ff),
		cmocka_unit_test(a_name_is_put_as_latin_1_or_as_utf_16),
		cmocka_unit_test(an_odd_last_byte_of_a_utf_16_name_is_left_out),
		cmocka_unit_test(names_compare_as_their_upcased_units),
		cmocka_unit_test(a_narrow_name_stored_wide_is_the_same_name),
		cmocka_unit_test(names_on_disk_are_got_as_they_were_put),
		cmocka_unit_test(text_becomes_units_and_text_again),
		cmocka_unit_test(any_units_survive_the_way_through_text),
		cmocka_unit_test(malformed_text_is_refused_and_nothing_is_written),
		cmocka_unit_test(room_that_is_too_small_is_told_and_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
