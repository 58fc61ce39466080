/*
 * What a hive of a size holds, judged by a store that makes it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "hive/hive.h"
#include "hive/regf.h"
#include "plan/hive_layout.h"

#include <math.h>
#include <string.h>

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)

static struct fb_case a_case(uint64_t size, uint64_t values_per_key,
			     uint64_t value_size)
{
	return (struct fb_case){
		.path = FB_PATH_REGISTRY,
		.size = size,
		.values_per_key = values_per_key,
		.value_size = value_size,
		.hives = 1,
	};
}

static struct fb_hive_name name_of(const char *text)
{
	static uint16_t units[FB_HIVE_LAYOUT_NAME];
	int n = fb_name_from_utf8(text, units, FB_HIVE_LAYOUT_NAME);

	assert_true(n > 0);
	return (struct fb_hive_name){units, (size_t)n};
}

static uint32_t make_key(struct fb_hive *h, uint64_t key, uint32_t *group)
{
	char name[FB_HIVE_LAYOUT_NAME];
	uint32_t made;

	if (key % FB_HIVE_LAYOUT_GROUP == 0) {
		fb_hive_layout_group(key / FB_HIVE_LAYOUT_GROUP, name);
		assert_int_equal(
			fb_key_create(h, fb_hive_root(h), name_of(name), group), 0);
	}
	fb_hive_layout_key(key, name);
	assert_int_equal(
		fb_key_create(h, *group, name_of(strchr(name, '\\') + 1), &made), 0);
	return made;
}

static uint64_t bytes_made(const struct fb_case *c, uint64_t values)
{
	static const char data[1 << 20];
	const struct fb_hive_options o = {0};
	uint32_t group = 0, key = 0;
	struct fb_hive *h;
	uint64_t bytes;

	assert_int_equal(fb_hive_new(&h, &o), 0);
	for (uint64_t v = 0; v < values; v++) {
		char name[FB_HIVE_LAYOUT_NAME];

		if (v % c->values_per_key == 0)
			key = make_key(h, v / c->values_per_key, &group);
		fb_hive_layout_value(v % c->values_per_key, name);
		assert_int_equal(fb_value_set(h, key, name_of(name), FB_REG_BINARY,
					      data, c->value_size),
				 0);
	}
	bytes = 4096 + fb_hive_bytes(h);
	fb_hive_free(h);
	return bytes;
}

static const struct fb_case *shapes(size_t *n)
{
	static struct fb_case list[32];
	static const uint64_t shape[][3] = {
		{1 * MIB, 100, 4},        {4 * MIB, 100, 4},
		{8 * MIB, 1, 4},          {2 * MIB, 1000, 4},
		{1 * MIB, 5000, 4},       {2 * MIB, 100, 1},
		{2 * MIB, 100, 5},        {2 * MIB, 100, 64},
		{4 * MIB, 10, 1000},      {4 * MIB, 10, 2000},
		{4 * MIB, 10, 3000},      {4 * MIB, 100, 4096},
		{8 * MIB, 10, 16344},     {8 * MIB, 10, 16345},
		{8 * MIB, 10, 40 * 1000}, {16 * MIB, 4, 100 * KIB},
		{64 * MIB, 2, MIB},       {300 * KIB, 10, 4},
		{2 * MIB, 10, 4},         {2 * MIB, 30, 4},
		{2 * MIB, 200, 4},
	};

	*n = sizeof(shape) / sizeof(shape[0]);
	for (size_t i = 0; i < *n; i++)
		list[i] = a_case(shape[i][0], shape[i][1], shape[i][2]);
	return list;
}

static void a_hive_comes_out_within_five_percent_of_its_size(void **state)
{
	size_t n;
	const struct fb_case *c = shapes(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		uint64_t values = fb_hive_layout_values(&c[i]);
		double made = (double)bytes_made(&c[i], values);
		/* One value more or less cannot be helped. */
		double off = fabs(made - (double)c[i].size) - (double)c[i].value_size;

		if (off > 0.05 * (double)c[i].size)
			fail_msg("%zu: %llu bytes, %llu x %llu bytes a key: %.0f made",
				 i, (unsigned long long)c[i].size,
				 (unsigned long long)c[i].values_per_key,
				 (unsigned long long)c[i].value_size, made);
	}
}

static void one_value_more_would_not_fit(void **state)
{
	size_t n;
	const struct fb_case *c = shapes(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		uint64_t values = fb_hive_layout_values(&c[i]);

		assert_true(values > 0);
		assert_true(fb_hive_layout_bytes(&c[i], values) <= c[i].size);
		/* Bins grow by pages, which hold several small values. */
		assert_true(fb_hive_layout_bytes(&c[i], values + 4096 / 32) >
			    c[i].size);
	}
}

static void what_is_too_small_holds_nothing(void **state)
{
	struct fb_case c = a_case(4096, 1, 4);

	(void)state;
	assert_int_equal(fb_hive_layout_values(&c), 0);
	c.size = 1;
	assert_int_equal(fb_hive_layout_values(&c), 0);
	c.size = 8192;
	assert_true(fb_hive_layout_values(&c) > 0);
}

static void the_largest_hive_has_as_many_groups_as_names(void **state)
{
	struct fb_case c = a_case(FB_HIVE_LAYOUT_MAX, 1, 4);
	uint64_t keys = fb_hive_layout_values(&c);

	(void)state;
	assert_in_range(keys, 5000000, 9999999);
	assert_true((keys - 1) / FB_HIVE_LAYOUT_GROUP <= 9999);
}

static void names_are_of_one_length_and_in_order(void **state)
{
	char name[FB_HIVE_LAYOUT_NAME];

	(void)state;
	assert_int_equal(fb_hive_layout_group(7, name), 9);
	assert_string_equal(name, "group0007");
	assert_int_equal(fb_hive_layout_key(12345, name), 20);
	assert_string_equal(name, "group0012\\key0012345");
	assert_int_equal(fb_hive_layout_key(0, name), 20);
	assert_string_equal(name, "group0000\\key0000000");
	assert_int_equal(fb_hive_layout_value(5, name), 7);
	assert_string_equal(name, "value05");
	fb_hive_layout_value(65535, name);
	assert_string_equal(name, "value65535");
}

static void a_case_says_how_large_a_write_is_and_where_writes_go(void **state)
{
	struct fb_case c = a_case(4 * MIB, 100, 16);

	(void)state;
	c.bs = 4096;
	c.hives = 3;
	assert_int_equal(fb_case_write_bytes(&c), 16);
	assert_int_equal(fb_case_space(&c), 16 * fb_hive_layout_values(&c));
	assert_int_equal(fb_case_hives(&c), 3);
	c.path = FB_PATH_FILE;
	assert_int_equal(fb_case_write_bytes(&c), 4096);
	assert_int_equal(fb_case_space(&c), 4 * MIB);
	assert_int_equal(fb_case_hives(&c), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hive_comes_out_within_five_percent_of_its_size),
		cmocka_unit_test(one_value_more_would_not_fit),
		cmocka_unit_test(what_is_too_small_holds_nothing),
		cmocka_unit_test(the_largest_hive_has_as_many_groups_as_names),
		cmocka_unit_test(names_are_of_one_length_and_in_order),
		cmocka_unit_test(a_case_says_how_large_a_write_is_and_where_writes_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
