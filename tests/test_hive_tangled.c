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

enum { BIG = 2 * FB_REGF_BIG_DATA };

/* struct rig - a hive with one key, which has one value; @vk: its record */
struct rig {
	struct fb_hive *h;
	uint32_t key, value;
	unsigned char *vk;
	unsigned char data[BIG];
};

static struct rig rig;

static void begin(size_t bytes, int fill)
{
	rig.h = hive_rig_new(5);
	rig.key = hive_key(rig.h, fb_hive_root(rig.h), "k");
	memset(rig.data, fill, sizeof(rig.data));
	assert_int_equal(fb_value_set(rig.h, rig.key, hive_name("v"), FB_REG_BINARY,
				      rig.data, bytes),
			 0);
	assert_int_equal(fb_value_find(rig.h, rig.key, hive_name("v"), &rig.value), 0);
	rig.vk = rig.h->bins.at + rig.value + FB_REGF_CELL_HEAD;
}

static unsigned char *payload(uint32_t rel)
{
	return rig.h->bins.at + rel + FB_REGF_CELL_HEAD;
}

static int set(size_t bytes, int fill)
{
	memset(rig.data, fill, sizeof(rig.data));
	return fb_value_set(rig.h, rig.key, hive_name("v"), FB_REG_BINARY, rig.data,
			    bytes);
}

static void assert_is(size_t bytes, int fill)
{
	static unsigned char got[BIG];

	assert_int_equal(fb_value_find(rig.h, rig.key, hive_name("v"), &rig.value), 0);
	assert_int_equal(fb_value_read(rig.h, rig.value, 0, got, bytes), 0);
	for (size_t i = 0; i < bytes; i++)
		assert_int_equal(got[i], fill);
}

/* Written over, it would tell other cells than those that were checked. */
static void big_data_among_whose_parts_is_its_list_is_not_written_over(void **state)
{
	(void)state;
	for (int turn = 0; turn < 2; turn++) {
		unsigned char *db, *list;
		uint32_t part;

		begin(BIG, 1);
		db = payload(fb_get32(rig.vk + FB_VK_DATA));
		list = payload(fb_get32(db + FB_DB_LIST));
		part = fb_get32(list);
		if (turn) {
			memcpy(payload(part), db, FB_DB_BYTES);
			fb_put32(rig.vk + FB_VK_DATA, part);
		} else {
			memcpy(payload(part), list, 8);
			fb_put32(db + FB_DB_LIST, part);
		}
		assert_int_equal(fb_value_read(rig.h, rig.value, 0, rig.data, BIG),
				 -EBADMSG);
		assert_int_equal(set(BIG, 2), 0);
		assert_is(BIG, 2);
		hive_assert_bins(&rig.h->bins, true);
		fb_hive_free(rig.h);
	}
}

/* hivex writes one cell, whatever the version; its bytes are anybody's. */
static void one_cell_whose_bytes_look_like_big_data_is_data(void **state)
{
	uint32_t cell, list, other;

	(void)state;
	begin(8, 1);
	assert_int_equal(fb_cell_alloc(&rig.h->bins, BIG, FB_REGF_NIL, &cell), 0);
	assert_int_equal(fb_cell_alloc(&rig.h->bins, BIG, FB_REGF_NIL, &other), 0);
	assert_int_equal(fb_cell_alloc(&rig.h->bins, 8, FB_REGF_NIL, &list), 0);
	memset(payload(other), 7, BIG);
	fb_put32(payload(list), other);
	fb_put32(payload(list) + 4, other);
	memcpy(payload(cell), "db\2", 4);
	fb_put32(payload(cell) + FB_DB_LIST, list);
	fb_put32(rig.vk + FB_VK_DATA, cell);
	fb_put32(rig.vk + FB_VK_DATA_BYTES, BIG);
	assert_int_equal(set(BIG, 2), 0);
	assert_is(BIG, 2);
	for (uint32_t i = 0; i < BIG; i++)
		assert_int_equal(payload(other)[i], 7);
	assert_null(fb_cell_get(&rig.h->bins, cell, 0));
	fb_hive_free(rig.h);
}

/* The new data may come to lie just where the old ones were said to be. */
static void data_said_to_be_in_a_free_cell_are_replaced(void **state)
{
	(void)state;
	begin(50, 1);
	assert_int_equal(fb_cell_free(&rig.h->bins, fb_get32(rig.vk + FB_VK_DATA)), 0);
	assert_int_equal(set(50, 2), 0);
	assert_is(50, 2);
	hive_assert_tree(rig.h);
	fb_hive_free(rig.h);
}

/* Each is looked through before any is freed. */
static void a_list_that_names_more_data_than_there_are_is_told(void **state)
{
	uint32_t list;

	(void)state;
	begin(BIG, 1);
	assert_int_equal(fb_cell_alloc(&rig.h->bins, 12, FB_REGF_NIL, &list), 0);
	for (uint32_t i = 0; i < 3; i++)
		fb_put32(payload(list) + 4 * i, rig.value);
	fb_put32(payload(rig.key) + FB_NK_VALUE_LIST, list);
	fb_put32(payload(rig.key) + FB_NK_VALUES, 3);
	assert_true(fb_hive_bytes(rig.h) < 3 * BIG);
	assert_int_equal(fb_key_delete(rig.h, rig.key), -EBADMSG);
	assert_is(BIG, 1);
	fb_hive_free(rig.h);
}

/* The descriptors lead into a ring of their own, and not back. */
static void a_ring_of_descriptors_that_is_none_is_told(void **state)
{
	unsigned char sd[FB_SK_DESCRIPTOR + 8] = {1};
	uint32_t sk;

	(void)state;
	begin(4, 1);
	assert_int_equal(fb_key_set_security(rig.h, rig.key, sd, sizeof(sd)), 0);
	sk = fb_get32(payload(rig.key) + FB_NK_SECURITY);
	fb_put32(payload(sk) + FB_SK_NEXT, sk);
	sd[1] = 1;
	assert_int_equal(
		fb_key_set_security(rig.h, fb_hive_root(rig.h), sd, sizeof(sd)),
		-EBADMSG);
	fb_hive_free(rig.h);
}

static void a_descriptor_that_cannot_be_let_go_stays(void **state)
{
	unsigned char sd[FB_SK_DESCRIPTOR + 8] = {1};
	unsigned char *bins;
	uint32_t sk, bytes;

	(void)state;
	begin(4, 1);
	assert_int_equal(fb_key_set_security(rig.h, rig.key, sd, sizeof(sd)), 0);
	sk = fb_get32(payload(rig.key) + FB_NK_SECURITY);
	fb_put32(payload(sk) + FB_SK_PREVIOUS, FB_REGF_NIL);
	bytes = rig.h->bins.bytes;
	bins = malloc(bytes);
	assert_non_null(bins);
	memcpy(bins, rig.h->bins.at, bytes);
	sd[1] = 1;
	assert_int_equal(fb_key_set_security(rig.h, rig.key, sd, sizeof(sd)), -EBADMSG);
	assert_int_equal(rig.h->bins.bytes, bytes);
	assert_memory_equal(rig.h->bins.at, bins, bytes);
	free(bins);
	fb_hive_free(rig.h);
}

/* As many as the count of a list can say, each of them the same key. */
static void a_list_that_can_count_no_further_is_split(void **state)
{
	struct fb_hive *h = hive_rig_new(3);
	uint32_t root = fb_hive_root(h), a = hive_key(h, root, "a"), list, b, found;
	const unsigned char *nk = fb_nk_get(h, root);
	unsigned char *l;

	(void)state;
	assert_int_equal(fb_cell_alloc(&h->bins, FB_LIST_ITEMS + 8 * UINT16_MAX,
				       FB_REGF_NIL, &list),
			 0);
	l = h->bins.at + list + FB_REGF_CELL_HEAD;
	memcpy(l, "lf", 2);
	fb_put16(l + FB_LIST_COUNT, UINT16_MAX);
	for (size_t i = 0; i < UINT16_MAX; i++)
		fb_put32(l + FB_LIST_ITEMS + 8 * i, a);
	fb_record_put32(h, nk, FB_NK_LIST, list);
	fb_record_put32(h, nk, FB_NK_SUBKEYS, UINT16_MAX);
	assert_int_equal(fb_key_create(h, root, hive_name("b"), &b), 0);
	assert_int_equal(fb_key_find(h, root, hive_name("b"), &found), 0);
	assert_int_equal(found, b);
	assert_int_equal(fb_key_child(h, root, 0, &found), 0);
	assert_int_equal(found, a);
	assert_int_equal(fb_key_child(h, root, UINT16_MAX, &found), 0);
	assert_int_equal(found, b);
	fb_hive_free(h);
}

/* Looking through all of them might never end; such a hive is searched key by key. */
static void lists_that_share_their_keys_are_not_all_looked_through(void **state)
{
	enum { KEYS = 100, LISTS = 64 };
	struct fb_hive *h = hive_rig_new(5);
	uint32_t keys[KEYS], list;
	char name[8];

	(void)state;
	for (unsigned i = 0; i < KEYS; i++) {
		snprintf(name, sizeof(name), "%03u", i);
		keys[i] = hive_key(h, fb_hive_root(h), name);
	}
	for (unsigned i = 0; i < LISTS; i++) {
		unsigned char *l;

		assert_true(i > 1 || fb_lists_ascend(h));
		assert_int_equal(fb_cell_alloc(&h->bins, FB_LIST_ITEMS + 4 * KEYS,
					       FB_REGF_NIL, &list),
				 0);
		l = h->bins.at + list + FB_REGF_CELL_HEAD;
		memcpy(l, "li", 2);
		fb_put16(l + FB_LIST_COUNT, KEYS);
		for (unsigned k = 0; k < KEYS; k++)
			fb_put32(l + FB_LIST_ITEMS + 4 * k, keys[k]);
	}
	assert_false(fb_lists_ascend(h));
	fb_hive_free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			big_data_among_whose_parts_is_its_list_is_not_written_over),
		cmocka_unit_test(one_cell_whose_bytes_look_like_big_data_is_data),
		cmocka_unit_test(data_said_to_be_in_a_free_cell_are_replaced),
		cmocka_unit_test(a_list_that_names_more_data_than_there_are_is_told),
		cmocka_unit_test(a_ring_of_descriptors_that_is_none_is_told),
		cmocka_unit_test(a_descriptor_that_cannot_be_let_go_stays),
		cmocka_unit_test(a_list_that_can_count_no_further_is_split),
		cmocka_unit_test(
			lists_that_share_their_keys_are_not_all_looked_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
