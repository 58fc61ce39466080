#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/hive_rig.h"

#include <errno.h>
#include <string.h>

static uint32_t give(struct fb_bins *b, uint32_t bytes)
{
	uint32_t rel;

	assert_int_equal(fb_cell_alloc(b, bytes, FB_REGF_NIL, &rel), 0);
	return rel;
}

static struct fb_bins some_bins(void)
{
	struct fb_bins b;

	assert_int_equal(fb_bins_init(&b), 0);
	return b;
}

static void a_cell_is_rounded_to_eight_bytes_and_zeroed(void **state)
{
	struct fb_bins b = some_bins();

	(void)state;
	for (uint32_t bytes = 1; bytes < 70; bytes++) {
		uint32_t rel = give(&b, bytes);
		const unsigned char *at = fb_cell_get(&b, rel, bytes);

		assert_non_null(at);
		assert_int_equal(fb_cell_bytes(at), (bytes + 4 + 7) / 8 * 8 - 4);
		for (uint32_t i = 0; i < bytes; i++)
			assert_int_equal(at[i], 0);
		memset(fb_cell_edit(&b, at, 0, bytes), 0xAA, bytes);
		if (bytes % 3 == 0)
			assert_int_equal(fb_cell_free(&b, rel), 0);
	}
	hive_assert_bins(&b, true);
	fb_bins_free(&b);
}

static void a_large_cell_gets_a_bin_of_its_size(void **state)
{
	static const uint32_t cell_and_bin[][2] = {{4064 - 4, 4096},
						   {4065 - 4, 8192},
						   {16352 - 4, 16384},
						   {65536 - 4, 69632}};
	uint32_t before, rel;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct fb_bins b = some_bins();

		give(&b, 100);
		before = b.bytes;
		rel = give(&b, cell_and_bin[i][0]);
		assert_int_equal(rel, before + FB_BIN_HEAD);
		assert_int_equal(b.bytes - before, cell_and_bin[i][1]);
		hive_assert_bins(&b, true);
		fb_bins_free(&b);
	}
}

static void a_freed_cell_joins_both_neighbours_and_no_other_bin(void **state)
{
	struct fb_bins b = some_bins();
	uint32_t a = give(&b, 60), c = give(&b, 60), d = give(&b, 60);
	uint32_t rest = give(&b, 4064 - 3 * 64 - 4), e = give(&b, 4060);

	(void)state;
	assert_int_equal(b.bytes, 2 * 4096);
	assert_int_equal(fb_cell_free(&b, a), 0);
	assert_int_equal(fb_cell_free(&b, d), 0);
	hive_assert_bins(&b, true);
	assert_int_equal(fb_cell_free(&b, c), 0);
	assert_int_equal(fb_get32(b.at + a), 3 * 64);
	assert_int_equal(fb_cell_free(&b, e), 0);
	assert_int_equal(fb_cell_free(&b, rest), 0);
	assert_int_equal(fb_get32(b.at + a), 4064);
	assert_int_equal(fb_get32(b.at + e), 4064);
	hive_assert_bins(&b, true);
	assert_int_equal(give(&b, 4060), a);
	assert_int_equal(give(&b, 4060), e);
	assert_int_equal(b.bytes, 2 * 4096);
	fb_bins_free(&b);
}

static void what_is_no_cell_is_told(void **state)
{
	struct fb_bins b = some_bins();
	uint32_t rel = give(&b, 100);

	(void)state;
	assert_null(fb_cell_get(&b, 0, 0));
	assert_null(fb_cell_get(&b, rel + 4, 0));
	assert_null(fb_cell_get(&b, rel + 8, 0));
	assert_null(fb_cell_get(&b, rel + 104, 0)); /* free */
	assert_null(fb_cell_get(&b, b.bytes, 0));
	assert_null(fb_cell_get(&b, FB_REGF_NIL, 0));
	assert_null(fb_cell_get(&b, rel, 101));
	assert_non_null(fb_cell_get(&b, rel, 100));
	assert_int_equal(fb_cell_free(&b, rel + 8), -EBADMSG);
	assert_int_equal(fb_cell_free(&b, rel), 0);
	assert_int_equal(fb_cell_free(&b, rel), -EBADMSG);
	fb_bins_free(&b);
}

static void a_change_marks_its_pages_and_no_others(void **state)
{
	struct fb_bins b = some_bins();
	uint32_t big, small, first;

	(void)state;
	big = give(&b, 16344);
	small = give(&b, 100);
	fb_pages_clear(&b.dirty);
	fb_cell_edit(&b, fb_cell_get(&b, big, 16344), 4095, 4);
	assert_int_equal(fb_pages_run(&b.dirty, 0, &first), 1);
	assert_int_equal(first, 1);
	fb_pages_clear(&b.dirty);
	fb_cell_edit(&b, fb_cell_get(&b, big, 16344), 4000, 8192);
	assert_int_equal(fb_pages_run(&b.dirty, 0, &first), 3);
	assert_int_equal(first, 0);
	fb_pages_clear(&b.dirty);
	assert_int_equal(fb_cell_free(&b, big), 0);
	assert_int_equal(fb_pages_run(&b.dirty, 0, &first), 1);
	assert_int_equal(first, 0);
	fb_pages_clear(&b.dirty);
	assert_int_equal(fb_cell_free(&b, small), 0);
	assert_int_equal(fb_pages_run(&b.dirty, 0, &first), 1);
	assert_int_equal(first, 4);
	fb_bins_free(&b);
}

static void a_cell_is_made_near_another_where_there_is_room(void **state)
{
	struct fb_bins b = some_bins();
	uint32_t low = give(&b, 2000), high, near;

	(void)state;
	while (b.bytes == 4096)
		give(&b, 500);
	high = give(&b, 500);
	assert_int_equal(fb_cell_free(&b, low), 0);
	assert_int_equal(fb_cell_alloc(&b, 40, high, &near), 0);
	assert_int_equal(near / 4096, high / 4096);
	assert_int_equal(fb_cell_alloc(&b, 40, FB_REGF_NIL, &near), 0);
	assert_int_equal(near / 4096, 0);
	fb_bins_free(&b);
}

static void a_full_hive_is_told_and_left_as_it_was(void **state)
{
	struct fb_bins b = some_bins();
	uint32_t rel = give(&b, 4060);

	(void)state;
	assert_int_equal(fb_bins_resize(&b, FB_REGF_BINS_MAX - 8192), 0);
	assert_int_equal(fb_cell_alloc(&b, 10000, FB_REGF_NIL, &rel), -ENOSPC);
	assert_int_equal(fb_cell_alloc(&b, UINT32_MAX, FB_REGF_NIL, &rel), -ENOSPC);
	assert_int_equal(fb_cell_alloc(&b, UINT32_MAX - 11, FB_REGF_NIL, &rel),
			 -ENOSPC);
	assert_int_equal(fb_cell_alloc(&b, 0, FB_REGF_NIL, &rel), -EINVAL);
	assert_int_equal(b.bytes, FB_REGF_BINS_MAX - 8192);
	assert_int_equal(fb_cell_alloc(&b, 4060, FB_REGF_NIL, &rel), 0);
	assert_int_equal(fb_cell_alloc(&b, 4060, FB_REGF_NIL, &rel), 0);
	assert_int_equal(b.bytes, FB_REGF_BINS_MAX);
	assert_int_equal(fb_cell_alloc(&b, 4060, FB_REGF_NIL, &rel), -ENOSPC);
	fb_bins_free(&b);
}

static void data_that_shrank_and_grew_again_are_zero_and_no_cells(void **state)
{
	struct fb_bins b;
	uint32_t cell;

	(void)state;
	assert_int_equal(fb_bins_init(&b), 0);
	assert_int_equal(fb_cell_alloc(&b, 3000, FB_REGF_NIL, &cell), 0);
	assert_int_equal(fb_cell_alloc(&b, 3000, FB_REGF_NIL, &cell), 0);
	memset(b.at + cell + FB_REGF_CELL_HEAD, 0x5A, 3000);
	assert_int_equal(fb_bins_resize(&b, 4096), 0);
	assert_null(fb_cell_get(&b, cell, 0));
	assert_int_equal(fb_bins_resize(&b, 8192), 0);
	assert_null(fb_cell_get(&b, cell, 0));
	for (uint32_t i = 4096; i < 8192; i++)
		assert_int_equal(b.at[i], 0);
	fb_bins_free(&b);
}

/* Random gives and frees; the index must agree with the cells all the while. */
static void the_index_agrees_after_any_order_of_changes(void **state)
{
	enum { LIVE = 400, STEPS = 40000 };
	static uint32_t live[LIVE];
	struct fb_bins b = some_bins(), again;
	struct fb_bins_fault fault;
	struct fb_rng rng;
	unsigned n = 0;

	(void)state;
	fb_rng_init(&rng, 11);
	for (unsigned i = 0; i < STEPS; i++) {
		uint64_t r = fb_rng_next(&rng);

		if (n == LIVE || (n && r % 3 == 0)) {
			unsigned k = (unsigned)(r >> 8) % n;

			assert_int_equal(fb_cell_free(&b, live[k]), 0);
			live[k] = live[--n];
		} else {
			uint32_t bytes = 1 + (r >> 8) % ((r >> 40) % 50 ? 300 : 20000);

			assert_int_equal(
				fb_cell_alloc(&b, bytes,
					      n ? live[(r >> 24) % n] : FB_REGF_NIL,
					      &live[n]),
				0);
			n++;
		}
		if (i % 500 == 0)
			hive_assert_bins(&b, true);
	}
	hive_assert_bins(&b, true);
	again = some_bins();
	assert_int_equal(fb_bins_resize(&again, b.bytes), 0);
	memcpy(again.at, b.at, b.bytes);
	assert_int_equal(fb_bins_scan(&again, &fault), 0);
	hive_assert_bins(&again, true);
	while (n)
		assert_int_equal(fb_cell_free(&again, live[--n]), 0);
	hive_assert_bins(&again, true);
	fb_bins_free(&again);
	fb_bins_free(&b);
}

static void assert_fault(struct fb_bins *b, uint32_t offset, const char *word)
{
	struct fb_bins_fault fault = {0};

	assert_int_equal(fb_bins_scan(b, &fault), -EBADMSG);
	assert_int_equal(fault.offset, offset);
	assert_non_null(strstr(fault.what, word));
}

static void a_scan_tells_where_bins_or_cells_are_damaged(void **state)
{
	static const uint32_t sizes[] = {
		0,          7,          12,         4,          4072,
		0x80000000, 0xFFFFFFFF, 0xFFFFFFFC, 0x7FFFFFF8, -(uint32_t)4072};
	struct fb_bins b = some_bins();
	struct fb_bins_fault fault;
	uint32_t rel, old;

	(void)state;
	give(&b, 4060);
	give(&b, 9000);
	rel = give(&b, 100);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		old = fb_get32(b.at + rel);
		fb_put32(b.at + rel, sizes[i]);
		assert_fault(&b, rel, "cell");
		fb_put32(b.at + rel, old);
		assert_int_equal(fb_bins_scan(&b, &fault), 0);
	}
	b.at[4096] = 'H';
	assert_fault(&b, 4096, "no bin");
	b.at[4096] = 'h';
	fb_put32(b.at + 4096 + FB_BIN_OFFSET, 0);
	assert_fault(&b, 4096, "offset");
	fb_put32(b.at + 4096 + FB_BIN_OFFSET, 4096);
	fb_put32(b.at + 4096 + FB_BIN_SIZE, 16384);
	assert_fault(&b, 4096, "size");
	fb_put32(b.at + 4096 + FB_BIN_SIZE, 100);
	assert_fault(&b, 4096, "size");
	fb_put32(b.at + 4096 + FB_BIN_SIZE, 0);
	assert_fault(&b, 4096, "size");
	fb_bins_free(&b);
}

static void a_bad_bin_is_replaced_up_to_the_next_good_one(void **state)
{
	struct fb_bins b = some_bins();
	struct fb_bins_fault fault;
	uint32_t first = give(&b, 4060), bad = give(&b, 9000), last = give(&b, 4060);

	(void)state;
	fb_pages_clear(&b.dirty);
	memset(b.at + 4096, 0x5A, 4096);
	assert_int_equal(fb_bins_scan(&b, &fault), -EBADMSG);
	fb_bins_mend(&b, fault.offset);
	assert_int_equal(fb_bins_scan(&b, &fault), 0);
	hive_assert_bins(&b, true);
	assert_non_null(fb_cell_get(&b, first, 0));
	assert_non_null(fb_cell_get(&b, last, 0));
	assert_null(fb_cell_get(&b, bad, 0));
	assert_int_equal(b.dirty.n, 3);
	fb_bins_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cell_is_rounded_to_eight_bytes_and_zeroed),
		cmocka_unit_test(a_large_cell_gets_a_bin_of_its_size),
		cmocka_unit_test(a_freed_cell_joins_both_neighbours_and_no_other_bin),
		cmocka_unit_test(what_is_no_cell_is_told),
		cmocka_unit_test(a_change_marks_its_pages_and_no_others),
		cmocka_unit_test(a_cell_is_made_near_another_where_there_is_room),
		cmocka_unit_test(a_full_hive_is_told_and_left_as_it_was),
		cmocka_unit_test(data_that_shrank_and_grew_again_are_zero_and_no_cells),
		cmocka_unit_test(the_index_agrees_after_any_order_of_changes),
		cmocka_unit_test(a_scan_tells_where_bins_or_cells_are_damaged),
		cmocka_unit_test(a_bad_bin_is_replaced_up_to_the_next_good_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
