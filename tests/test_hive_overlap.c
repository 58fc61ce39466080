/* Cells that overlap, as only a hostile file has them, do not make the check endless.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "hive/base_block.h"
#include "hive/check.h"
#include "hive/regf.h"

#include <stdbool.h>
#include <string.h>

enum {
	BINS = 256 * 1024,
	/* a list of values, 8 bytes, and a key behind it */
	EACH = 96,
	KEYS = 2000,
	LIST = 128, /* of the keys; they follow it */
	FIRST = 16384,
};

/* Not a multiple of 8, so that every place behind it may be a cell. */
#define REACHES_TO_THE_END UINT32_C(0x80000001)

static unsigned char file[FB_REGF_PAGE + BINS];
static unsigned char *const data = file + FB_REGF_PAGE;

/* struct key - a key of a hostile file; @values of it in the list at @list */
struct key {
	uint32_t at, subkeys, subkey_list, values, list;
};

static void put_key(const struct key *k)
{
	unsigned char *nk = data + k->at + FB_REGF_CELL_HEAD;

	fb_put32(data + k->at, (uint32_t)-88);
	memcpy(nk, "nk", 2);
	fb_put16(nk + FB_NK_FLAGS, FB_NK_FLAG_8BIT);
	fb_put32(nk + FB_NK_SUBKEYS, k->subkeys);
	fb_put32(nk + FB_NK_LIST, k->subkey_list);
	fb_put32(nk + FB_NK_VALUES, k->values);
	fb_put32(nk + FB_NK_VALUE_LIST, k->list);
	fb_put32(nk + FB_NK_SECURITY, FB_REGF_NIL);
	fb_put16(nk + FB_NK_NAME_BYTES, 4);
	memcpy(nk + FB_NK_NAME, "name", 4);
}

static void put_base(void)
{
	const struct fb_base_block b = {
		.seq1 = 1,
		.seq2 = 1,
		.major = 1,
		.minor = 5,
		.root = FB_REGF_ROOT,
		.bins = BINS,
	};

	memset(file, 0, sizeof(file));
	fb_base_make(file, &b, "overlap");
	memcpy(data, "hbin", 4);
	fb_put32(data + FB_BIN_SIZE, BINS);
}

/* The list names the keys from the last on, so that none is used before its turn. */
static void put_keys(uint32_t (*list_of)(uint32_t at))
{
	put_base();
	put_key(&(struct key){
		.at = FB_REGF_ROOT, .subkeys = KEYS, .subkey_list = LIST});
	fb_put32(data + FB_REGF_ROOT, REACHES_TO_THE_END);
	fb_put32(data + LIST, REACHES_TO_THE_END);
	memcpy(data + LIST + FB_REGF_CELL_HEAD, "li", 2);
	fb_put16(data + LIST + FB_REGF_CELL_HEAD + FB_LIST_COUNT, KEYS);
	for (uint32_t i = 0; i < KEYS; i++) {
		uint32_t at = FIRST + i * EACH;
		struct key k = {.at = at + 8, .list = at};

		k.values = list_of(at);
		fb_put32(data + at, REACHES_TO_THE_END);
		put_key(&k);
		fb_put32(data + LIST + 8 + 4 * (size_t)(KEYS - 1 - i), at + 8);
	}
}

static bool overlap_told;

static void note(void *ctx, const struct fb_finding *f)
{
	(void)ctx;
	overlap_told = overlap_told || !strcmp(f->id, "cells_overlap");
}

static uint32_t all_that_follows(uint32_t at)
{
	return (BINS - at - 8) / 4;
}

static uint32_t one_value(uint32_t at)
{
	(void)at;
	return 1;
}

/* Read to its end, each list would make some 20000 findings. */
static void lists_that_each_reach_to_the_end_are_not_all_read(void **state)
{
	int64_t n;

	(void)state;
	put_keys(all_that_follows);
	overlap_told = false;
	n = fb_hive_check(file, sizeof(file), note, NULL);
	assert_true(overlap_told);
	assert_true(n > KEYS);
	assert_true(n < BINS);
}

static void lists_that_are_short_are_read_whatever_their_cells_say(void **state)
{
	(void)state;
	put_keys(one_value);
	overlap_told = false;
	assert_true(fb_hive_check(file, sizeof(file), note, NULL) > KEYS);
	assert_false(overlap_told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_that_each_reach_to_the_end_are_not_all_read),
		cmocka_unit_test(
			lists_that_are_short_are_read_whatever_their_cells_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
