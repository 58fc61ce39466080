#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "hive/lists.h"
#include "support/hive_rig.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t minors[] = {3, 4, 5, 6};

static struct fb_hive_name numbered(unsigned i)
{
	char text[32];

	snprintf(text, sizeof(text), "key%07u", i);
	return hive_name(text);
}

static const unsigned char *list_of(const struct fb_hive *h, uint32_t key)
{
	return fb_cell_get(&h->bins, fb_get32(fb_nk_get(h, key) + FB_NK_LIST), 4);
}

static void the_empty_hive_is_the_one_of_offreg(void **state)
{
	struct fb_hive *h = hive_rig_new(5);
	const unsigned char *nk = fb_nk_get(h, 0x20), *sk = fb_sk_get(h, 0x78);

	(void)state;
	assert_int_equal(fb_hive_root(h), 0x20);
	assert_int_equal(fb_hive_bytes(h), 4096);
	assert_int_equal(fb_get32(h->bins.at + 0x20), -(uint32_t)88);
	assert_int_equal(fb_get32(h->bins.at + 0x78), -(uint32_t)168);
	assert_int_equal(fb_get32(h->bins.at + 0x120), 0xEE0);
	assert_int_equal(fb_get16(nk + FB_NK_FLAGS), 0x2C);
	assert_memory_equal(nk + FB_NK_NAME, "ROOT", 4);
	assert_int_equal(fb_get32(nk + FB_NK_SECURITY), 0x78);
	assert_int_equal(fb_get32(sk + FB_SK_BYTES), 144);
	assert_int_equal(fb_get32(sk + FB_SK_USERS), 1);
	hive_assert_bins(&h->bins, true);
	hive_assert_tree(h);
	fb_hive_free(h);
}

static void a_key_is_found_in_any_case_of_letters(void **state)
{
	struct fb_hive *h = hive_rig_new(5);
	uint32_t root = fb_hive_root(h), made, key;
	uint16_t units[FB_KEY_NAME_MAX];

	(void)state;
	assert_int_equal(fb_key_create(h, root, hive_name("Café"), &made), 0);
	assert_int_equal(fb_key_find(h, root, hive_name("CAFÉ"), &key), 0);
	assert_int_equal(key, made);
	assert_int_equal(fb_key_create(h, root, hive_name("cafÉ"), &key), -EEXIST);
	assert_int_equal(fb_key_find(h, root, hive_name("Cafe"), &key), -ENOENT);
	assert_int_equal(fb_key_find(h, made, hive_name("Café"), &key), -ENOENT);
	assert_int_equal(fb_key_name(h, made, units), 4);
	assert_int_equal(units[0], 'C');
	assert_int_equal(units[3], 0xE9);
	hive_assert_tree(h);
	fb_hive_free(h);
}

static void a_name_is_kept_in_eight_bits_where_it_fits(void **state)
{
	struct fb_hive *h = hive_rig_new(5);
	uint32_t narrow = hive_key(h, fb_hive_root(h), "\xC3\xBF");
	uint32_t wide = hive_key(h, fb_hive_root(h), "\xC4\x80");

	(void)state;
	assert_true(fb_nk_is_8bit(fb_nk_get(h, narrow)));
	assert_int_equal(fb_get16(fb_nk_get(h, narrow) + FB_NK_NAME_BYTES), 1);
	assert_false(fb_nk_is_8bit(fb_nk_get(h, wide)));
	assert_int_equal(fb_get16(fb_nk_get(h, wide) + FB_NK_NAME_BYTES), 2);
	hive_assert_tree(h);
	fb_hive_free(h);
}

static void a_bad_name_is_refused(void **state)
{
	static uint16_t longest[FB_KEY_NAME_MAX + 1];
	struct fb_hive *h = hive_rig_new(5);
	uint32_t root = fb_hive_root(h), key;
	const uint16_t with_nul[] = {'a', 0, 'b'};

	(void)state;
	for (size_t i = 0; i < FB_KEY_NAME_MAX + 1; i++)
		longest[i] = 'x';
	assert_int_equal(fb_key_create(h, root, hive_name(""), &key), -EINVAL);
	assert_int_equal(fb_key_create(h, root, hive_name("a\\b"), &key), -EINVAL);
	assert_int_equal(
		fb_key_create(h, root, (struct fb_hive_name){with_nul, 3}, &key),
		-EINVAL);
	assert_int_equal(
		fb_key_create(h, root, (struct fb_hive_name){longest, 256}, &key),
		-EINVAL);
	assert_int_equal(
		fb_key_create(h, root, (struct fb_hive_name){longest, 255}, &key), 0);
	hive_assert_tree(h);
	fb_hive_free(h);
}

static void a_tree_is_512_levels_deep_at_most(void **state)
{
	struct fb_hive *h = hive_rig_new(5);
	uint32_t key = fb_hive_root(h);

	(void)state;
	for (int level = 2; level <= 512; level++)
		assert_int_equal(fb_key_create(h, key, hive_name("down"), &key), 0);
	assert_int_equal(fb_key_create(h, key, hive_name("down"), &key), -EINVAL);
	hive_assert_tree(h);
	fb_hive_free(h);
}

/* Sizes either side of each documented capacity: what the list is made of. */
static void assert_kind(const struct fb_hive *h, unsigned n)
{
	const unsigned char *l = list_of(h, fb_hive_root(h));
	bool hashes = fb_hive_minor(h) >= 5;

	if (n <= (hashes ? 1013 : 507))
		assert_memory_equal(l, hashes ? "lh" : "lf", 2);
	else if (n <= 1013)
		assert_memory_equal(l, "li", 2);
	else
		assert_memory_equal(l, "ri", 2);
	if (n == 1014) {
		const unsigned char *first = fb_cell_get(&h->bins, fb_get32(l + 4), 4);

		assert_int_equal(fb_get16(l + FB_LIST_COUNT), 2);
		assert_int_equal(fb_get16(first + FB_LIST_COUNT), 506);
	}
}

static void assert_walk(const struct fb_hive *h, uint32_t parent)
{
	struct fb_key_walk w = {0};
	uint32_t by_walk, by_index, n = 0;

	while (!fb_key_next(h, parent, &w, &by_walk)) {
		assert_int_equal(fb_key_child(h, parent, n++, &by_index), 0);
		assert_int_equal(by_walk, by_index);
	}
	assert_int_equal(fb_key_child(h, parent, n, &by_index), -ENOENT);
	assert_int_equal(fb_key_next(h, parent, &w, &by_walk), -ENOENT);
}

static void lists_change_their_kind_at_the_documented_capacities(void **state)
{
	(void)state;
	for (size_t m = 0; m < 4; m++) {
		struct fb_hive *h = hive_rig_new(minors[m]);
		uint32_t root = fb_hive_root(h), key;

		for (unsigned i = 1; i <= 5000; i++) {
			assert_int_equal(fb_key_create(h, root, numbered(i), &key), 0);
			if (i == 507 || i == 508 || i == 1013 || i == 1014)
				assert_kind(h, i);
		}
		hive_assert_bins(&h->bins, true);
		hive_assert_tree(h);
		for (unsigned i = 1; i <= 5000; i++)
			assert_int_equal(fb_key_find(h, root, numbered(i), &key), 0);
		assert_int_equal(fb_key_find(h, root, numbered(5001), &key), -ENOENT);
		assert_int_equal(fb_key_child(h, root, 0, &key), 0);
		assert_int_equal(fb_key_child(h, root, 4999, &key), 0);
		assert_int_equal(fb_key_child(h, root, 5000, &key), -ENOENT);
		assert_walk(h, root);
		fb_hive_free(h);
	}
}

static void an_lf_has_four_letters_of_a_name_or_none(void **state)
{
	static const char *const names[] = {"a",        "Abc",       "four",
					    "fiver",    "\u00e4b",   "\u0100",
					    "a\u0100b", "abc\u0100", "abcd\u0100"};

	(void)state;
	for (uint32_t minor = 3; minor <= 4; minor++) {
		struct fb_hive *h = hive_rig_new(minor);

		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			hive_key(h, fb_hive_root(h), names[i]);
		hive_assert_tree(h);
		fb_hive_free(h);
	}
}

static void keys_come_in_the_order_of_their_upcased_names(void **state)
{
	static const char *const given[] = {"b", "_", "a", "Z", "ä", "Ä1", "z1"};
	static const char *const order[] = {"a", "b", "Z", "z1", "_", "ä", "Ä1"};
	struct fb_hive *h = hive_rig_new(5);
	uint32_t key, found;

	(void)state;
	for (size_t i = 0; i < 7; i++)
		hive_key(h, fb_hive_root(h), given[i]);
	for (uint32_t i = 0; i < 7; i++) {
		assert_int_equal(fb_key_child(h, fb_hive_root(h), i, &key), 0);
		assert_int_equal(
			fb_key_find(h, fb_hive_root(h), hive_name(order[i]), &found),
			0);
		assert_int_equal(key, found);
	}
	fb_hive_free(h);
}

static void a_key_with_subkeys_and_the_root_are_not_deleted(void **state)
{
	struct fb_hive *h = hive_rig_new(5);
	uint32_t a = hive_key(h, fb_hive_root(h), "a"), b = hive_key(h, a, "b");

	(void)state;
	assert_int_equal(fb_key_delete(h, a), -ENOTEMPTY);
	assert_int_equal(fb_key_delete(h, fb_hive_root(h)), -EINVAL);
	assert_int_equal(fb_key_delete(h, b), 0);
	assert_int_equal(fb_key_delete(h, b), -EBADMSG);
	assert_int_equal(fb_key_delete(h, a), 0);
	assert_int_equal(hive_allocated(&h->bins), 2);
	hive_assert_tree(h);
	fb_hive_free(h);
}

/* Until nothing but the root and its security is left: no cell leaks. */
static void what_was_made_can_be_deleted_in_any_order(void **state)
{
	enum { KEYS = 3000 };
	static unsigned order[KEYS];
	struct fb_rng rng;

	(void)state;
	fb_rng_init(&rng, 5);
	for (unsigned i = 0; i < KEYS; i++)
		order[i] = i;
	for (size_t m = 0; m < 4; m++) {
		struct fb_hive *h = hive_rig_new(minors[m]);
		uint32_t key, bytes;

		for (unsigned i = 0; i < KEYS; i++) {
			unsigned j = (unsigned)(fb_rng_next(&rng) % KEYS), t = order[i];

			order[i] = order[j];
			order[j] = t;
		}
		for (unsigned i = 0; i < KEYS; i++)
			assert_int_equal(fb_key_create(h, fb_hive_root(h),
						       numbered(order[i]), &key),
					 0);
		bytes = (uint32_t)fb_hive_bytes(h);
		for (unsigned i = 0; i < KEYS; i++) {
			assert_int_equal(fb_key_find(h, fb_hive_root(h),
						     numbered(KEYS - 1 - i), &key),
					 0);
			assert_int_equal(fb_key_delete(h, key), 0);
			if (i % 400 == 0)
				hive_assert_tree(h);
		}
		assert_int_equal(hive_allocated(&h->bins), 2);
		hive_assert_bins(&h->bins, true);
		assert_int_equal(fb_hive_bytes(h), bytes);
		fb_hive_free(h);
	}
}

static void space_of_deleted_keys_is_used_again(void **state)
{
	struct fb_hive *h = hive_rig_new(5);
	uint64_t bytes = 0;
	uint32_t key;

	(void)state;
	for (unsigned turn = 0; turn < 20; turn++) {
		for (unsigned i = 0; i < 300; i++)
			assert_int_equal(
				fb_key_create(h, fb_hive_root(h), numbered(i), &key),
				0);
		if (turn == 1)
			bytes = fb_hive_bytes(h);
		for (unsigned i = 0; i < 300; i++) {
			assert_int_equal(
				fb_key_find(h, fb_hive_root(h), numbered(i), &key), 0);
			assert_int_equal(fb_key_delete(h, key), 0);
		}
	}
	assert_int_equal(fb_hive_bytes(h), bytes);
	fb_hive_free(h);
}

static void equal_descriptors_share_a_cell_with_an_exact_count(void **state)
{
	struct fb_hive *h = hive_rig_new(5);
	uint32_t keys[60], root = fb_hive_root(h);
	unsigned char sd[64];
	struct fb_key_info info;
	const void *at;
	size_t bytes;

	(void)state;
	assert_int_equal(fb_key_security(h, root, &at, &bytes), 0);
	for (unsigned i = 0; i < 60; i++) {
		assert_int_equal(fb_key_create(h, root, numbered(i), &keys[i]), 0);
		memset(sd, 0, sizeof(sd));
		sd[0] = 1;
		sd[30] = (unsigned char)(i % 7);
		assert_int_equal(fb_key_set_security(h, keys[i], sd, 32 + i % 7 * 4),
				 0);
		hive_assert_tree(h);
	}
	for (unsigned i = 0; i < 60; i++) {
		assert_int_equal(fb_key_info(h, keys[i], &info), 0);
		assert_int_equal(fb_get32(fb_sk_get(h, info.security) + FB_SK_USERS),
				 i % 7 < 4 ? 9 : 8);
		assert_int_equal(fb_key_security(h, keys[i], &at, &bytes), 0);
		assert_int_equal(bytes, 32 + i % 7 * 4);
	}
	for (unsigned i = 0; i < 60; i++) {
		assert_int_equal(fb_key_delete(h, keys[i]), 0);
		hive_assert_tree(h);
	}
	assert_int_equal(hive_allocated(&h->bins), 2);
	assert_int_equal(fb_key_set_security(h, root, sd, 19), -EINVAL);
	fb_hive_free(h);
}

static void a_subkey_has_its_parents_security(void **state)
{
	struct fb_hive *h = hive_rig_new(5);
	uint32_t a = hive_key(h, fb_hive_root(h), "a"), b;
	unsigned char sd[20] = {1};
	struct fb_key_info of_a, of_b;

	(void)state;
	assert_int_equal(fb_key_set_security(h, a, sd, sizeof(sd)), 0);
	b = hive_key(h, a, "b");
	assert_int_equal(fb_key_info(h, a, &of_a), 0);
	assert_int_equal(fb_key_info(h, b, &of_b), 0);
	assert_int_equal(of_a.security, of_b.security);
	assert_int_equal(of_b.parent, a);
	hive_assert_tree(h);
	fb_hive_free(h);
}

static void a_full_hive_refuses_a_key_and_stays_whole(void **state)
{
	(void)state;
	for (unsigned made = 500; made <= 1014; made += made == 500 ? 7 : 169) {
		struct fb_hive *h = hive_rig_new(made == 507 ? 3 : 5);
		uint32_t root = fb_hive_root(h), key, whole;
		unsigned n = 0;
		int ret;

		for (; n < made; n++)
			assert_int_equal(fb_key_create(h, root, numbered(n), &key), 0);
		whole = h->bins.bytes;
		hive_fill(h);
		do
			ret = fb_key_create(h, root, numbered(n++), &key);
		while (!ret && n < 2000);
		assert_int_equal(ret, -ENOSPC);
		assert_int_equal(fb_key_find(h, root, numbered(n - 1), &key), -ENOENT);
		assert_int_equal(fb_key_find(h, root, numbered(n - 2), &key), 0);
		h->bins.bytes = whole; /* the rest was never cells */
		hive_assert_tree(h);
		hive_assert_bins(&h->bins, true);
		fb_hive_free(h);
	}
}

static void swap(unsigned char *a, unsigned char *b)
{
	unsigned char t[8];

	memcpy(t, a, 8);
	memcpy(a, b, 8);
	memcpy(b, t, 8);
}

/* As hivex leaves it. In one leaf, and in a leaf of an index. */
static void a_key_is_found_in_a_list_that_is_out_of_order(void **state)
{
	(void)state;
	for (unsigned n = 5; n <= 2005; n += 2000) {
		struct fb_hive *h = hive_rig_new(5);
		uint32_t root = fb_hive_root(h), key;
		unsigned char *l;

		for (unsigned i = 0; i < n; i++)
			assert_int_equal(fb_key_create(h, root, numbered(i), &key), 0);
		assert_true(fb_lists_ascend(h));
		l = h->bins.at + (list_of(h, root) - h->bins.at);
		if (n > 1013)
			l = h->bins.at + fb_get32(l + 4) + 4;
		swap(l + 4, l + 4 + 8 * 4);
		assert_false(fb_lists_ascend(h));
		assert_int_equal(fb_key_find(h, root, numbered(0), &key), -ENOENT);
		h->out_of_order = true;
		for (unsigned i = 0; i < n; i++)
			assert_int_equal(fb_key_find(h, root, numbered(i), &key), 0);
		assert_int_equal(fb_key_find(h, root, numbered(n), &key), -ENOENT);
		assert_int_equal(fb_key_create(h, root, numbered(0), &key), -EEXIST);
		for (unsigned i = 0; i < n; i++) {
			assert_int_equal(fb_key_find(h, root, numbered(i), &key), 0);
			assert_int_equal(fb_key_delete(h, key), 0);
		}
		hive_assert_tree(h);
		fb_hive_free(h);
	}
}

/* hivex makes them of names that differ in the case of a letter beyond ASCII. */
static void a_key_whose_name_leads_to_another_is_deleted(void **state)
{
	(void)state;
	for (unsigned n = 5; n <= 2005; n += 2000) {
		struct fb_hive *h = hive_rig_new(5);
		uint32_t root = fb_hive_root(h), cell[3], key;

		for (unsigned i = 0; i < n; i++)
			assert_int_equal(fb_key_create(h, root, numbered(i), &key), 0);
		for (unsigned i = 0; i < 3; i++) {
			unsigned char *nk;

			assert_int_equal(
				fb_key_find(h, root, numbered(n - 3 + i), &cell[i]), 0);
			nk = h->bins.at + cell[i] + FB_REGF_CELL_HEAD;
			fb_name_put(nk + FB_NK_NAME, numbered(n - 3));
		}
		for (unsigned i = 0; i < 3; i++)
			assert_int_equal(fb_key_delete(h, cell[i]), 0);
		assert_int_equal(fb_key_find(h, root, numbered(n - 3), &key), -ENOENT);
		assert_int_equal(fb_key_find(h, root, numbered(n - 4), &key), 0);
		hive_assert_tree(h);
		fb_hive_free(h);
	}
}

/* Every structure of the tree points somewhere wild: told, never followed. */
static void a_damaged_tree_is_told(void **state)
{
	static const uint32_t wild[] = {0,          1,           0x24, 4096,
					0x7FFFFFF8, FB_REGF_NIL, 0x78};
	static const uint32_t fields[] = {FB_NK_LIST, FB_NK_SECURITY, FB_NK_PARENT};

	(void)state;
	for (size_t f = 0; f < 3; f++) {
		for (size_t i = 0; i < 7; i++) {
			struct fb_hive *h = hive_rig_new(5);
			uint32_t a = hive_key(h, fb_hive_root(h), "a"), key = 77;
			const unsigned char *nk = fb_nk_get(h, a);

			hive_key(h, a, "b");
			if (wild[i] == 0x78 && fields[f] == FB_NK_SECURITY)
				fb_record_put32(h, nk, FB_NK_SECURITY, 0x20);
			else
				fb_record_put32(h, nk, fields[f], wild[i]);
			assert_int_equal(fb_key_create(h, a, hive_name("c"), &key),
					 -EBADMSG);
			assert_int_equal(key, 77);
			hive_assert_bins(&h->bins, true);
			fb_hive_free(h);
		}
	}
}

static void a_hive_opened_for_reading_is_not_changed(void **state)
{
	struct fb_hive *h = hive_rig_new(5);
	uint32_t a = hive_key(h, fb_hive_root(h), "a"), key;
	unsigned char sd[20] = {1};

	(void)state;
	h->options.read_only = true;
	assert_int_equal(fb_key_create(h, a, hive_name("b"), &key), -EROFS);
	assert_int_equal(fb_key_delete(h, a), -EROFS);
	assert_int_equal(fb_key_set_security(h, a, sd, 20), -EROFS);
	assert_int_equal(fb_value_set(h, a, hive_name("v"), 4, sd, 4), -EROFS);
	assert_int_equal(fb_value_delete(h, a, hive_name("v")), -EROFS);
	h->options.read_only = false;
	fb_hive_free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_empty_hive_is_the_one_of_offreg),
		cmocka_unit_test(a_key_is_found_in_any_case_of_letters),
		cmocka_unit_test(a_name_is_kept_in_eight_bits_where_it_fits),
		cmocka_unit_test(a_bad_name_is_refused),
		cmocka_unit_test(a_tree_is_512_levels_deep_at_most),
		cmocka_unit_test(lists_change_their_kind_at_the_documented_capacities),
		cmocka_unit_test(an_lf_has_four_letters_of_a_name_or_none),
		cmocka_unit_test(keys_come_in_the_order_of_their_upcased_names),
		cmocka_unit_test(a_key_with_subkeys_and_the_root_are_not_deleted),
		cmocka_unit_test(what_was_made_can_be_deleted_in_any_order),
		cmocka_unit_test(space_of_deleted_keys_is_used_again),
		cmocka_unit_test(equal_descriptors_share_a_cell_with_an_exact_count),
		cmocka_unit_test(a_subkey_has_its_parents_security),
		cmocka_unit_test(a_full_hive_refuses_a_key_and_stays_whole),
		cmocka_unit_test(a_key_is_found_in_a_list_that_is_out_of_order),
		cmocka_unit_test(a_key_whose_name_leads_to_another_is_deleted),
		cmocka_unit_test(a_damaged_tree_is_told),
		cmocka_unit_test(a_hive_opened_for_reading_is_not_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
