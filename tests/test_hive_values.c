#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/hive_rig.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t minors[] = {3, 4, 5, 6};

static unsigned char *some_bytes(size_t n, uint64_t seed)
{
	unsigned char *data = malloc(n + 1);
	struct fb_rng rng;

	fb_rng_init(&rng, seed);
	for (size_t i = 0; i < n; i++)
		data[i] = (unsigned char)fb_rng_next(&rng);
	return data;
}

static void assert_value(const struct fb_hive *h, uint32_t key,
			 struct fb_hive_name name, uint32_t type, const void *data,
			 size_t bytes)
{
	struct fb_value_info info;
	unsigned char *got = malloc(bytes + 1);
	uint32_t value;

	assert_int_equal(fb_value_find(h, key, name, &value), 0);
	assert_int_equal(fb_value_info(h, value, &info), 0);
	assert_int_equal(info.type, type);
	assert_int_equal(info.bytes, bytes);
	assert_int_equal(fb_value_read(h, value, 0, got, bytes), 0);
	assert_memory_equal(got, data, bytes);
	free(got);
}

static const uint32_t sizes[] = {0,     1,     3,     4,     5,     8,     12,
				 13,    100,   4060,  4061,  16343, 16344, 16345,
				 32688, 32689, 40000, 65536, 98064, 98065, 1000000};
enum { SIZES = sizeof(sizes) / sizeof(sizes[0]) };

static void a_value_of_any_size_comes_back(void **state)
{
	(void)state;
	for (size_t m = 0; m < 4; m++) {
		struct fb_hive *h = hive_rig_new(minors[m]);
		uint32_t key = hive_key(h, fb_hive_root(h), "k");

		for (size_t i = 0; i < SIZES; i++) {
			unsigned char *data = some_bytes(sizes[i], i);

			assert_int_equal(
				fb_value_set(h, key, hive_name("v"), 3, data, sizes[i]),
				0);
			assert_value(h, key, hive_name("V"), 3, data, sizes[i]);
			hive_assert_tree(h);
			free(data);
		}
		assert_int_equal(fb_value_delete(h, key, hive_name("v")), 0);
		assert_int_equal(hive_allocated(&h->bins), 4);
		hive_assert_bins(&h->bins, true);
		fb_hive_free(h);
	}
}

static void a_tombstone_that_is_given_data_is_none_any_more(void **state)
{
	struct fb_hive *h = hive_rig_new(6);
	uint32_t key = fb_hive_root(h), value;

	(void)state;
	assert_int_equal(fb_value_set(h, key, hive_name("v"), 0, "", 0), 0);
	assert_int_equal(fb_value_find(h, key, hive_name("v"), &value), 0);
	fb_put16(h->bins.at + value + 4 + FB_VK_FLAGS,
		 FB_VK_FLAG_8BIT | FB_VK_FLAG_TOMBSTONE);
	assert_int_equal(fb_value_set(h, key, hive_name("v"), 4, "abcd", 4), 0);
	assert_int_equal(fb_get16(fb_vk_get(h, value) + FB_VK_FLAGS), FB_VK_FLAG_8BIT);
	assert_value(h, key, hive_name("v"), 4, "abcd", 4);
	fb_hive_free(h);
}

/* Every size after every other: the old cells are reused or given back. */
static void a_value_changes_from_any_size_to_any_other(void **state)
{
	struct fb_hive *h = hive_rig_new(5);
	uint32_t key = hive_key(h, fb_hive_root(h), "k");

	(void)state;
	for (size_t i = 0; i + 1 < SIZES; i++) {
		for (size_t j = 0; j + 1 < SIZES; j++) {
			unsigned char *a = some_bytes(sizes[i], i);
			unsigned char *b = some_bytes(sizes[j], 100 + j);

			assert_int_equal(
				fb_value_set(h, key, hive_name("v"), 1, a, sizes[i]),
				0);
			assert_int_equal(
				fb_value_set(h, key, hive_name("v"), 2, b, sizes[j]),
				0);
			assert_value(h, key, hive_name("v"), 2, b, sizes[j]);
			free(a);
			free(b);
		}
		hive_assert_tree(h);
	}
	fb_hive_free(h);
}

static void small_data_lies_in_the_record_itself(void **state)
{
	struct fb_hive *h = hive_rig_new(5);
	uint32_t key = fb_hive_root(h), value;
	const unsigned char *vk;
	unsigned cells = hive_allocated(&h->bins);

	(void)state;
	assert_int_equal(fb_value_set(h, key, hive_name("four"), 4, "abcd", 4), 0);
	assert_int_equal(fb_value_set(h, key, hive_name(""), 1, "", 0), 0);
	assert_int_equal(hive_allocated(&h->bins), cells + 3);
	assert_int_equal(fb_value_find(h, key, hive_name("FOUR"), &value), 0);
	vk = fb_vk_get(h, value);
	assert_int_equal(fb_get32(vk + FB_VK_DATA_BYTES), 0x80000004);
	assert_memory_equal(vk + FB_VK_DATA, "abcd", 4);
	assert_int_equal(fb_get16(vk + FB_VK_FLAGS), FB_VK_FLAG_8BIT);
	assert_int_equal(fb_value_find(h, key, hive_name(""), &value), 0);
	vk = fb_vk_get(h, value);
	assert_int_equal(fb_get32(vk + FB_VK_DATA_BYTES), 0x80000000);
	assert_int_equal(fb_get32(vk + FB_VK_DATA), 0);
	assert_int_equal(fb_get16(vk + FB_VK_FLAGS), 0);
	fb_hive_free(h);
}

static void big_data_begins_above_16344_bytes_from_version_1_4_on(void **state)
{
	unsigned char *data = some_bytes(16345, 1);

	(void)state;
	for (size_t m = 0; m < 4; m++) {
		struct fb_hive *h = hive_rig_new(minors[m]);
		uint32_t key = fb_hive_root(h), value;
		const unsigned char *cell;

		assert_int_equal(fb_value_set(h, key, hive_name("v"), 3, data, 16345),
				 0);
		assert_int_equal(fb_value_find(h, key, hive_name("v"), &value), 0);
		cell = fb_cell_get(&h->bins, fb_get32(fb_vk_get(h, value) + FB_VK_DATA),
				   8);
		if (minors[m] < 4) {
			assert_memory_equal(cell, data, 16345);
		} else {
			assert_memory_equal(cell, "db", 2);
			assert_int_equal(fb_get16(cell + FB_DB_SEGMENTS), 2);
		}
		fb_hive_free(h);
	}
	free(data);
}

static void a_part_of_a_value_can_be_read(void **state)
{
	struct fb_hive *h = hive_rig_new(5);
	unsigned char *data = some_bytes(60000, 2), got[20000];
	uint32_t value;

	(void)state;
	assert_int_equal(
		fb_value_set(h, fb_hive_root(h), hive_name("v"), 3, data, 60000), 0);
	assert_int_equal(fb_value_find(h, fb_hive_root(h), hive_name("v"), &value), 0);
	for (size_t at = 0; at <= 40000; at += 1999) {
		assert_int_equal(fb_value_read(h, value, at, got, sizeof(got)), 0);
		assert_memory_equal(got, data + at, sizeof(got));
	}
	assert_int_equal(fb_value_read(h, value, 60000, got, 0), 0);
	assert_int_equal(fb_value_read(h, value, 60000, got, 1), -EINVAL);
	assert_int_equal(fb_value_read(h, value, 59999, got, 2), -EINVAL);
	assert_int_equal(fb_value_read(h, value, SIZE_MAX, got, 2), -EINVAL);
	free(data);
	fb_hive_free(h);
}

static void values_are_counted_and_removed(void **state)
{
	struct fb_hive *h = hive_rig_new(5);
	uint32_t key = hive_key(h, fb_hive_root(h), "k"), value;
	struct fb_key_info info;
	char name[16];

	(void)state;
	for (unsigned i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "v%u", i);
		assert_int_equal(fb_value_set(h, key, hive_name(name), 4, &i, 4), 0);
	}
	assert_int_equal(fb_key_info(h, key, &info), 0);
	assert_int_equal(info.values, 500);
	assert_int_equal(fb_value_at(h, key, 499, &value), 0);
	assert_int_equal(fb_value_at(h, key, 500, &value), -ENOENT);
	for (unsigned i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "v%u", i * 7 % 500);
		assert_int_equal(fb_value_delete(h, key, hive_name(name)), 0);
		assert_int_equal(fb_value_delete(h, key, hive_name(name)), -ENOENT);
		if (i % 50 == 0)
			hive_assert_tree(h);
	}
	assert_int_equal(hive_allocated(&h->bins), 4);
	hive_assert_tree(h);
	fb_hive_free(h);
}

static void a_key_takes_its_values_with_it(void **state)
{
	struct fb_hive *h = hive_rig_new(5);
	uint32_t key = hive_key(h, fb_hive_root(h), "k");
	unsigned char *data = some_bytes(50000, 3);

	(void)state;
	assert_int_equal(fb_value_set(h, key, hive_name("a"), 3, data, 50000), 0);
	assert_int_equal(fb_value_set(h, key, hive_name("b"), 3, data, 500), 0);
	assert_int_equal(fb_value_set(h, key, hive_name("c"), 3, data, 4), 0);
	assert_int_equal(fb_key_delete(h, key), 0);
	assert_int_equal(hive_allocated(&h->bins), 2);
	hive_assert_bins(&h->bins, true);
	free(data);
	fb_hive_free(h);
}

static void a_set_marks_the_value_and_its_key_alone(void **state)
{
	struct fb_hive *h = hive_rig_new(5);
	uint32_t key = 0, value, first;
	char name[16];

	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "k%u", i);
		key = hive_key(h, fb_hive_root(h), name);
		for (unsigned v = 0; v < 20; v++) {
			snprintf(name, sizeof(name), "v%u", v);
			assert_int_equal(
				fb_value_set(h, key, hive_name(name), 4, &v, 4), 0);
		}
	}
	fb_pages_clear(&h->bins.dirty);
	assert_int_equal(fb_value_set(h, key, hive_name("v7"), 4, "wxyz", 4), 0);
	assert_int_equal(fb_value_find(h, key, hive_name("v7"), &value), 0);
	assert_in_range(h->bins.dirty.n, 1, 2);
	assert_true(fb_pages_run(&h->bins.dirty, value / 4096, &first));
	assert_int_equal(first, value / 4096);
	assert_true(fb_pages_run(&h->bins.dirty, key / 4096, &first));
	assert_int_equal(first, key / 4096);
	fb_hive_free(h);
}

static void a_full_hive_refuses_a_value_and_keeps_the_old_one(void **state)
{
	struct fb_hive *h = hive_rig_new(5);
	uint32_t key = hive_key(h, fb_hive_root(h), "k"), whole;
	unsigned char *data = some_bytes(50000, 3);

	(void)state;
	assert_int_equal(fb_value_set(h, key, hive_name("old"), 3, data, 40000), 0);
	whole = h->bins.bytes;
	hive_fill(h);
	assert_int_equal(fb_value_set(h, key, hive_name("old"), 3, data + 9, 50000),
			 -ENOSPC);
	assert_int_equal(fb_value_set(h, key, hive_name("new"), 3, data, 50000),
			 -ENOSPC);
	assert_int_equal(fb_value_set(h, key, hive_name("new"), 3, data, 16344),
			 -ENOSPC);
	assert_value(h, key, hive_name("old"), 3, data, 40000);
	h->bins.bytes = whole;
	hive_assert_tree(h);
	hive_assert_bins(&h->bins, true);
	free(data);
	fb_hive_free(h);
}

static void names_and_sizes_beyond_the_format_are_refused(void **state)
{
	static uint16_t units[FB_VALUE_NAME_MAX + 1];
	struct fb_hive *h = hive_rig_new(5);
	uint32_t key = fb_hive_root(h);
	struct fb_hive_name name = {units, FB_VALUE_NAME_MAX + 1};

	(void)state;
	for (size_t i = 0; i < name.n; i++)
		units[i] = 0x100;
	assert_int_equal(fb_value_set(h, key, name, 4, "abcd", 4), -EINVAL);
	name.n--;
	assert_int_equal(fb_value_set(h, key, name, 4, "abcd", 4), 0);
	assert_value(h, key, name, 4, "abcd", 4);
	assert_int_equal(fb_value_set(h, key, hive_name("v"), 3, "", UINT32_MAX),
			 -EINVAL);
	hive_assert_tree(h);
	fb_hive_free(h);
}

/* A model beside it: fixed keys and names, what each holds. */
enum { KEYS = 12, NAMES = 40, STEPS = 20000 };

struct model {
	uint32_t type, bytes, seed;
	bool there;
};

static void names_of(unsigned i, char out[64])
{
	static const char *const shapes[] = {"n", "Größe ", "Ωmega",
					     "a long name that takes room "};

	if (i)
		snprintf(out, 64, "%s%u", shapes[i % 4], i);
	else
		out[0] = '\0';
}

static void compare_model(const struct fb_hive *h, const uint32_t *keys,
			  struct model model[KEYS][NAMES])
{
	char name[64];
	uint32_t value;

	for (unsigned k = 0; k < KEYS; k++) {
		for (unsigned n = 0; n < NAMES; n++) {
			const struct model *m = &model[k][n];
			unsigned char *data = some_bytes(m->bytes, m->seed);

			names_of(n, name);
			if (m->there)
				assert_value(h, keys[k], hive_name(name), m->type, data,
					     m->bytes);
			else
				assert_int_equal(fb_value_find(h, keys[k],
							       hive_name(name), &value),
						 -ENOENT);
			free(data);
		}
	}
}

static void random_changes_agree_with_a_model(void **state)
{
	static struct model model[KEYS][NAMES];
	uint32_t keys[KEYS];
	struct fb_rng rng;
	char name[64];

	(void)state;
	for (size_t m = 0; m < 4; m++) {
		struct fb_hive *h = hive_rig_new(minors[m]);

		fb_rng_init(&rng, 17 + m);
		memset(model, 0, sizeof(model));
		for (unsigned k = 0; k < KEYS; k++) {
			snprintf(name, sizeof(name), "key %u", k);
			keys[k] = hive_key(h, k % 3 ? keys[k / 3] : fb_hive_root(h),
					   name);
		}
		for (unsigned i = 0; i < STEPS / 4; i++) {
			uint64_t r = fb_rng_next(&rng);
			unsigned k = r % KEYS, n = (r >> 8) % NAMES;
			struct model *v = &model[k][n];
			unsigned char *data;

			names_of(n, name);
			if (r >> 60 < 5) {
				assert_int_equal(
					fb_value_delete(h, keys[k], hive_name(name)),
					v->there ? 0 : -ENOENT);
				v->there = false;
				continue;
			}
			*v = (struct model){.type = (r >> 16) % 14,
					    .bytes = sizes[(r >> 24) % (SIZES - 1)],
					    .seed = i,
					    .there = true};
			if ((r >> 32) % 3)
				v->bytes %= 60;
			data = some_bytes(v->bytes, v->seed);
			assert_int_equal(fb_value_set(h, keys[k], hive_name(name),
						      v->type, data, v->bytes),
					 0);
			free(data);
		}
		compare_model(h, keys, model);
		hive_assert_tree(h);
		hive_assert_bins(&h->bins, true);
		fb_hive_free(h);
	}
}

/* The third of its segments is gone: none of the first two may be handed out. */
static void a_read_that_fails_leaves_the_buffer_alone(void **state)
{
	struct fb_hive *h = hive_rig_new(5);
	uint32_t key = fb_hive_root(h), value;
	unsigned char *data = some_bytes(40000, 1), *got = calloc(1, 40000);
	const unsigned char *db;

	(void)state;
	fb_value_set(h, key, hive_name("v"), 3, data, 40000);
	assert_int_equal(fb_value_find(h, key, hive_name("v"), &value), 0);
	db = fb_cell_get(&h->bins, fb_get32(fb_vk_get(h, value) + FB_VK_DATA),
			 FB_DB_BYTES);
	fb_put32(h->bins.at + fb_get32(db + FB_DB_LIST) + 4 + 8, 0x24);
	assert_int_equal(fb_value_read(h, value, 0, got, 40000), -EBADMSG);
	for (size_t i = 0; i < 40000; i++)
		assert_int_equal(got[i], 0);
	/* what does not touch it can be read */
	assert_int_equal(fb_value_read(h, value, 0, got, 2 * FB_REGF_BIG_DATA), 0);
	assert_memory_equal(got, data, 2 * FB_REGF_BIG_DATA);
	free(got);
	free(data);
	fb_hive_free(h);
}

/* Fields of a value point somewhere wild: told, never followed. */
static void a_damaged_value_is_told(void **state)
{
	static const struct {
		uint32_t field, wild;
	} damage[] = {
		{FB_VK_DATA, 0},           {FB_VK_DATA, 0x28},
		{FB_VK_DATA, 0x24},        {FB_VK_DATA, FB_REGF_NIL},
		{FB_VK_DATA_BYTES, 5000},  {FB_VK_DATA_BYTES, 0x7FFFFFFF},
		{FB_VK_DATA_BYTES, 20000}, {FB_VK_DATA_BYTES, 0x80000005},
	};
	unsigned char *data = some_bytes(40000, 1), got[8];

	(void)state;
	for (unsigned big = 0; big < 2; big++) {
		for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
			struct fb_hive *h = hive_rig_new(5);
			uint32_t key = hive_key(h, fb_hive_root(h), "k"), value;

			fb_value_set(h, key, hive_name("v"), 3, data, big ? 40000 : 50);
			assert_int_equal(fb_value_find(h, key, hive_name("v"), &value),
					 0);
			fb_record_put32(h, fb_vk_get(h, value), damage[i].field,
					damage[i].wild);
			assert_int_equal(fb_value_read(h, value, 0, got, 5), -EBADMSG);
			if (!(damage[i].wild & FB_VK_INLINE) ||
			    damage[i].field == FB_VK_DATA) {
				assert_int_equal(
					fb_value_delete(h, key, hive_name("v")),
					-EBADMSG);
				assert_int_equal(fb_key_delete(h, key), -EBADMSG);
			}
			hive_assert_bins(&h->bins, true);
			fb_hive_free(h);
		}
	}
	free(data);
}

static void a_damaged_list_of_values_is_told(void **state)
{
	static const uint32_t counts[] = {100, 0x20000000, 0x40000000, FB_REGF_NIL};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct fb_hive *h = hive_rig_new(5);
		uint32_t key = hive_key(h, fb_hive_root(h), "k"), value;

		fb_value_set(h, key, hive_name("v"), 4, "abcd", 4);
		fb_record_put32(h, fb_nk_get(h, key), FB_NK_VALUES, counts[i]);
		assert_int_equal(fb_value_find(h, key, hive_name("w"), &value),
				 -EBADMSG);
		assert_int_equal(fb_value_set(h, key, hive_name("w"), 4, "abcd", 4),
				 -EBADMSG);
		assert_int_equal(fb_value_at(h, key, 1, &value), -EBADMSG);
		assert_int_equal(fb_key_delete(h, key), -EBADMSG);
		fb_hive_free(h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_of_any_size_comes_back),
		cmocka_unit_test(a_tombstone_that_is_given_data_is_none_any_more),
		cmocka_unit_test(a_value_changes_from_any_size_to_any_other),
		cmocka_unit_test(small_data_lies_in_the_record_itself),
		cmocka_unit_test(big_data_begins_above_16344_bytes_from_version_1_4_on),
		cmocka_unit_test(a_part_of_a_value_can_be_read),
		cmocka_unit_test(values_are_counted_and_removed),
		cmocka_unit_test(a_key_takes_its_values_with_it),
		cmocka_unit_test(a_set_marks_the_value_and_its_key_alone),
		cmocka_unit_test(a_full_hive_refuses_a_value_and_keeps_the_old_one),
		cmocka_unit_test(names_and_sizes_beyond_the_format_are_refused),
		cmocka_unit_test(random_changes_agree_with_a_model),
		cmocka_unit_test(a_read_that_fails_leaves_the_buffer_alone),
		cmocka_unit_test(a_damaged_value_is_told),
		cmocka_unit_test(a_damaged_list_of_values_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
