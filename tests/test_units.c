#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/rng.h"
#include "base/units.h"
#include "base/warn.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct parse_case {
	const char *text;
	int ret;
	uint64_t value;
};

static void check_parse(int (*parse)(const char *, uint64_t *),
			const struct parse_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t v = 12345;
		int ret = parse(cases[i].text, &v);

		if (ret != cases[i].ret || v != (ret ? 12345 : cases[i].value))
			fail_msg("\"%s\": %d, %" PRIu64, cases[i].text, ret, v);
	}
}

#define CHECK_PARSE(parse, cases)                                                      \
	check_parse(parse, cases, sizeof(cases) / sizeof(cases[0]))

static void sizes_are_read_in_steps_of_1024(void **state)
{
	static const struct parse_case cases[] = {
		{"0", 0, 0},
		{"4096", 0, 4096},
		{"4k", 0, 4096},
		{"4K", 0, 4096},
		{"4kB", 0, 4096},
		{"4KiB", 0, 4096},
		{"4kib", 0, 4096},
		{"1.5m", 0, 1572864},
		{"0.5k", 0, 512},
		{"1.50000000000000000000000k", 0, 1536},
		{"2g", 0, 2147483648},
		{"1t", 0, 1099511627776},
		{"0000000000000000000000000000007", 0, 7},
		{"9223372036854775807", 0, INT64_MAX},
	};

	(void)state;
	CHECK_PARSE(fb_parse_size, cases);
}

static void what_is_no_size_is_refused(void **state)
{
	static const struct parse_case cases[] = {
		{"", -EINVAL, 0},
		{"k", -EINVAL, 0},
		{"-1", -EINVAL, 0},
		{"+1", -EINVAL, 0},
		{" 1", -EINVAL, 0},
		{"1 k", -EINVAL, 0},
		{"1x", -EINVAL, 0},
		{"4kk", -EINVAL, 0},
		{"4KiBs", -EINVAL, 0},
		{"4B", -EINVAL, 0},
		{"1.", -EINVAL, 0},
		{".5k", -EINVAL, 0},
		{"1.5", -EINVAL, 0},
		{"0.3k", -EINVAL, 0},
		{"1e3", -EINVAL, 0},
		{"0x10", -EINVAL, 0},
		{"1,5k", -EINVAL, 0},
		{"4096b", -EINVAL, 0},
		{"1.0000000000000000000000001k", -EINVAL, 0},
	};

	(void)state;
	CHECK_PARSE(fb_parse_size, cases);
}

static void sizes_past_the_largest_offset_are_out_of_range(void **state)
{
	static const struct parse_case cases[] = {
		{"9223372036854775808", -ERANGE, 0},
		{"18446744073709551616", -ERANGE, 0},
		{"99999999999999999999999999", -ERANGE, 0},
		{"8388608t", -ERANGE, 0},
		{"8388607t", 0, 8388607ull << 40},
	};

	(void)state;
	CHECK_PARSE(fb_parse_size, cases);
}

static void counts_are_read_in_steps_of_1000(void **state)
{
	static const struct parse_case cases[] = {
		{"10", 0, 10},
		{"10k", 0, 10000},
		{"1.5M", 0, 1500000},
		{"2g", 0, 2000000000},
		{"1kB", -EINVAL, 0},
		{"1t", -EINVAL, 0},
		{"0.5", -EINVAL, 0},
		{"", -EINVAL, 0},
		{"9223372036854775808", -ERANGE, 0},
	};

	(void)state;
	CHECK_PARSE(fb_parse_count, cases);
}

static int parse_seconds(const char *s, uint64_t *ns)
{
	return fb_parse_duration(s, 1000000000, ns);
}

static int parse_micros(const char *s, uint64_t *ns)
{
	return fb_parse_duration(s, 1000, ns);
}

static void durations_count_their_unit_when_bare(void **state)
{
	static const struct parse_case seconds[] = {
		{"5", 0, 5000000000},
		{"2.5", 0, 2500000000},
		{"500ms", 0, 500000000},
		{"7us", 0, 7000},
		{"9ns", 0, 9},
		{"1m", 0, 60000000000},
		{"2h", 0, 7200000000000},
		{"2.5s", 0, 2500000000},
		{"24000h", 0, 86400000000000000},
		{"24000.1h", -ERANGE, 0},
		{"0.1ns", -EINVAL, 0},
		{"5S", -EINVAL, 0},
		{"5 s", -EINVAL, 0},
		{"s", -EINVAL, 0},
		{"-5", -EINVAL, 0},
	};
	static const struct parse_case micros[] = {
		{"5", 0, 5000}, {"0.5", 0, 500}, {"5s", 0, 5000000000}};

	(void)state;
	CHECK_PARSE(parse_seconds, seconds);
	CHECK_PARSE(parse_micros, micros);
}

static void formatted_sizes_read_back_alike(void **state)
{
	char out[FB_FORMAT_LEN];
	struct fb_rng r;

	(void)state;
	assert_string_equal(fb_format_size(out, 0), "0");
	assert_string_equal(fb_format_size(out, 4096), "4k");
	assert_string_equal(fb_format_size(out, 1536), "1536");
	assert_string_equal(fb_format_size(out, 256 << 20), "256m");
	assert_string_equal(fb_format_size(out, 3ull << 40), "3t");
	fb_rng_init(&r, 1);
	for (int i = 0; i < 10000; i++) {
		uint64_t v = fb_rng_next(&r) >> (1 + i % 60), back = v + 1;

		v = i & 1 ? v & ~(uint64_t)1023 : v;
		assert_int_equal(fb_parse_size(fb_format_size(out, v), &back), 0);
		assert_true(back == v);
	}
}

static void formats_keep_three_digits(void **state)
{
	static const struct {
		double v;
		const char *ns, *bytes, *rate;
	} cases[] = {
		{0, "0 ns", "0 B", "0"},
		{0.0273, "0.0273 ns", "0.0273 B", "0.0273"},
		{0.74, "0.740 ns", "0.740 B", "0.740"},
		{0.9996, "1.00 ns", "1.00 B", "1.00"},
		{20, "20 ns", "20 B", "20"},
		{20.44, "20.4 ns", "20.4 B", "20.4"},
		{850, "850 ns", "850 B", "850"},
		{999.4, "999 ns", "999 B", "999"},
		{999.6, "1.00 us", "0.976 KiB", "1.00k"},
		{1024, "1.02 us", "1.00 KiB", "1.02k"},
		{9994, "9.99 us", "9.76 KiB", "9.99k"},
		{9996, "10.0 us", "9.76 KiB", "10.0k"},
		{11200, "11.2 us", "10.9 KiB", "11.2k"},
		{88100, "88.1 us", "86.0 KiB", "88.1k"},
		{99960, "100 us", "97.6 KiB", "100k"},
		{1360000, "1.36 ms", "1.30 MiB", "1.36M"},
		{2.5e9, "2.50 s", "2.33 GiB", "2.50G"},
		{3.6e12, "3600 s", "3.27 TiB", "3.60T"},
	};
	char out[FB_FORMAT_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_string_equal(fb_format_ns(out, cases[i].v), cases[i].ns);
		assert_string_equal(fb_format_bytes(out, cases[i].v), cases[i].bytes);
		assert_string_equal(fb_format_rate(out, cases[i].v), cases[i].rate);
	}
}

static void waiting_times_are_told_in_the_unit_that_suits(void **state)
{
	char out[FB_FORMAT_LEN];

	(void)state;
	assert_string_equal(fb_format_span(out, 0.44), "0.4 s");
	assert_string_equal(fb_format_span(out, 34.4), "34 s");
	assert_string_equal(fb_format_span(out, 59.6), "1 min 0 s");
	assert_string_equal(fb_format_span(out, 310), "5 min 10 s");
	assert_string_equal(fb_format_span(out, 300000), "83 h 20 min");
}

static void any_double_fits_the_format(void **state)
{
	static const double extremes[] = {1e300, -1e300, 1e-300, -999.9e15, 0.001};
	char out[FB_FORMAT_LEN];

	(void)state;
	assert_string_equal(fb_format_ns(out, NAN), "-");
	assert_string_equal(fb_format_rate(out, INFINITY), "-");
	for (size_t i = 0; i < sizeof(extremes) / sizeof(extremes[0]); i++) {
		assert_true(strlen(fb_format_ns(out, extremes[i])) < 16);
		assert_true(strlen(fb_format_bytes(out, extremes[i])) < 16);
		assert_true(strlen(fb_format_rate(out, extremes[i])) < 16);
	}
}

static void random_stream_is_the_published_one(void **state)
{
	/* splitmix64 of seed 0, as its reference code gives it */
	uint64_t seed = 0;
	struct fb_rng a = {{1, 2, 3, 4}}, b, c;

	(void)state;
	assert_true(fb_rng_splitmix(&seed) == 0xe220a8397b1dcdafu);
	assert_true(fb_rng_splitmix(&seed) == 0x6e789e6aa1b965f4u);
	/* xoshiro256++ from state 1 2 3 4, as its reference code gives it */
	assert_true(fb_rng_next(&a) == 41943041u);
	assert_true(fb_rng_next(&a) == 58720359u);
	assert_true(fb_rng_next(&a) == 3588806011781223u);
	fb_rng_init(&b, 7);
	fb_rng_init(&c, 7);
	for (int i = 0; i < 100; i++)
		assert_true(fb_rng_next(&b) == fb_rng_next(&c));
}

static void fill_writes_every_byte_and_no_other(void **state)
{
	unsigned char buf[64], seen[64] = {0};
	struct fb_rng r;

	(void)state;
	fb_rng_init(&r, 3);
	for (size_t len = 0; len <= 32; len++) {
		for (int round = 0; round < 40; round++) {
			memset(buf, 0, sizeof(buf));
			fb_rng_fill(&r, buf + 8, len);
			for (size_t i = 0; i < sizeof(buf); i++) {
				if (i < 8 || i >= 8 + len)
					assert_int_equal(buf[i], 0);
				else
					seen[i] |= buf[i];
			}
		}
	}
	for (size_t i = 8; i < 8 + 32; i++)
		assert_true(seen[i] != 0);
}

static void below_stays_below_and_reaches_all(void **state)
{
	unsigned hit[10] = {0};
	struct fb_rng r;

	(void)state;
	fb_rng_init(&r, 11);
	for (int i = 0; i < 10000; i++) {
		uint64_t v = fb_rng_below(&r, 10);
		double u = fb_rng_unit(&r);

		assert_true(v < 10);
		hit[v]++;
		assert_true(u >= 0 && u < 1);
	}
	for (int i = 0; i < 10; i++)
		assert_in_range(hit[i], 850, 1150);
}

static void error_text_is_cut_never_overrun(void **state)
{
	struct fb_err err = {.status = 5};
	char text[2 * FB_ERR_TEXT];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	assert_int_equal(fb_err_set(&err, -EIO, "%s", text), -EIO);
	assert_int_equal(strlen(err.text), FB_ERR_TEXT - 1);
	assert_int_equal(err.os_error, EIO);
	assert_int_equal(err.status, 0);
	assert_int_equal(fb_err_set(NULL, -EINVAL, "nobody listens"), -EINVAL);
}

static void warnings_are_kept_in_order(void **state)
{
	struct fb_warnings ws = {0};
	struct fb_warning w = {.id = "low_n", .severity = FB_SEVERITY_NOTE};

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		w.case_id = i;
		assert_int_equal(fb_warnings_add(&ws, &w), 0);
	}
	assert_int_equal(ws.n, 100);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(ws.list[i].case_id, i);
	fb_warnings_free(&ws);
	assert_int_equal(ws.n, 0);
	assert_null(ws.list);
	assert_string_equal(fb_severity_name(FB_SEVERITY_NOTE), "note");
	assert_string_equal(fb_severity_name(FB_SEVERITY_WARNING), "warning");
}

static void a_gain_is_known_when_both_ends_are(void **state)
{
	(void)state;
	assert_true(fb_gain(5, 7) == 2);
	assert_true(fb_gain(7, 7) == 0);
	assert_true(fb_gain(7, 5) == FB_UNKNOWN);
	assert_true(fb_gain(FB_UNKNOWN, 5) == FB_UNKNOWN);
	assert_true(fb_gain(5, FB_UNKNOWN) == FB_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_read_in_steps_of_1024),
		cmocka_unit_test(what_is_no_size_is_refused),
		cmocka_unit_test(sizes_past_the_largest_offset_are_out_of_range),
		cmocka_unit_test(counts_are_read_in_steps_of_1000),
		cmocka_unit_test(durations_count_their_unit_when_bare),
		cmocka_unit_test(formatted_sizes_read_back_alike),
		cmocka_unit_test(formats_keep_three_digits),
		cmocka_unit_test(waiting_times_are_told_in_the_unit_that_suits),
		cmocka_unit_test(any_double_fits_the_format),
		cmocka_unit_test(random_stream_is_the_published_one),
		cmocka_unit_test(fill_writes_every_byte_and_no_other),
		cmocka_unit_test(below_stays_below_and_reaches_all),
		cmocka_unit_test(error_text_is_cut_never_overrun),
		cmocka_unit_test(warnings_are_kept_in_order),
		cmocka_unit_test(a_gain_is_known_when_both_ends_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
