#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "run/cursor.h"

#include <stdlib.h>
#include <string.h>

static struct fb_case a_case(int pattern, int prepare)
{
	return (struct fb_case){
		.path = FB_PATH_FILE,
		.pattern = pattern,
		.prepare = prepare,
		.bs = 4096,
		.size = 1000 * 4096,
		.writes_per_flush = 1,
		.numjobs = 1,
		.seed = 7,
		.zipf_theta = 0.99,
	};
}

/* How often each block is written until the space ends or @ops are done. */
static uint64_t count_blocks(struct fb_case *c, unsigned *seen, uint64_t ops)
{
	struct fb_cursor k;
	uint64_t done;

	assert_int_equal(fb_cursor_init(&k, c, 0, NULL), 0);
	for (done = 0; done < ops && fb_cursor_advance(&k); done++) {
		for (uint64_t i = 0; i < k.per_op; i++) {
			assert_int_equal(k.writes[i].offset % c->bs, 0);
			assert_true(k.writes[i].offset + c->bs <= c->size);
			assert_true(k.writes[i].offset >= k.span.offset);
			assert_true(k.writes[i].offset + c->bs <=
				    k.span.offset + k.span.length);
			seen[k.writes[i].offset / c->bs]++;
		}
	}
	fb_cursor_free(&k);
	return done;
}

static void seq_goes_around(void **state)
{
	struct fb_case c = a_case(FB_PATTERN_SEQ, FB_PREPARE_WRITTEN);
	unsigned seen[1000] = {0};

	(void)state;
	assert_int_equal(count_blocks(&c, seen, 3000), 3000);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(seen[i], 3);
}

static void append_ends_at_the_end(void **state)
{
	struct fb_case c = a_case(FB_PATTERN_APPEND, FB_PREPARE_WRITTEN);
	unsigned seen[1000] = {0};

	(void)state;
	c.writes_per_flush = 3;
	assert_int_equal(count_blocks(&c, seen, 5000), 333);
	for (int i = 0; i < 999; i++)
		assert_int_equal(seen[i], 1);
	assert_int_equal(seen[999], 0);
}

static struct fb_case values_of_a_hive(uint64_t value_size)
{
	return (struct fb_case){
		.path = FB_PATH_REGISTRY,
		.pattern = FB_PATTERN_SEQ,
		.size = 64 << 10,
		.values_per_key = 10,
		.value_size = value_size,
		.hives = 1,
		.writes_per_flush = 1,
		.numjobs = 1,
	};
}

static void on_a_hive_every_value_is_written_once_in_a_round(void **state)
{
	struct fb_case c = values_of_a_hive(4);
	uint64_t values = fb_case_space(&c) / 4;
	struct fb_cursor k;

	(void)state;
	assert_true(values > 100);
	assert_int_equal(fb_cursor_init(&k, &c, 0, NULL), 0);
	for (uint64_t i = 0; i < 2 * values; i++) {
		assert_true(fb_cursor_advance(&k));
		assert_int_equal(k.writes[0].offset, i % values * 4);
		assert_int_equal(k.writes[0].length, 4);
	}
	fb_cursor_free(&k);
}

/* A value set to what it was might be no change at all. */
static void no_two_of_many_small_values_are_alike(void **state)
{
	static const uint64_t sizes[] = {2, 4, 7, 8, 9, 100};
	static bool seen[1 << 16];

	(void)state;
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		struct fb_case c = values_of_a_hive(sizes[s]);
		struct fb_cursor k;

		memset(seen, 0, sizeof(seen));
		assert_int_equal(fb_cursor_init(&k, &c, 0, NULL), 0);
		for (int i = 0; i < 3000; i++) {
			uint16_t begin;

			assert_true(fb_cursor_advance(&k));
			memcpy(&begin, k.writes[0].data, sizeof(begin));
			assert_false(seen[begin]);
			seen[begin] = true;
		}
		fb_cursor_free(&k);
	}
}

static void rand_over_unwritten_blocks_writes_each_once(void **state)
{
	static const int prepares[] = {FB_PREPARE_UNWRITTEN, FB_PREPARE_EXTEND};

	(void)state;
	for (int p = 0; p < 2; p++) {
		struct fb_case c = a_case(FB_PATTERN_RAND, prepares[p]);
		unsigned seen[1000] = {0};

		assert_int_equal(count_blocks(&c, seen, 5000), 1000);
		for (int i = 0; i < 1000; i++)
			assert_int_equal(seen[i], 1);
	}
}

static void rand_is_even(void **state)
{
	struct fb_case c = a_case(FB_PATTERN_RAND, FB_PREPARE_WRITTEN);
	unsigned seen[1000] = {0};
	double chi = 0;

	(void)state;
	count_blocks(&c, seen, 100000);
	for (int i = 0; i < 1000; i++)
		chi += (seen[i] - 100.0) * (seen[i] - 100.0) / 100.0;
	/* 999 degrees of freedom: 5 sigma either way */
	assert_true(chi > 999 - 224 && chi < 999 + 224);
}

static int falling(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return x < y ? 1 : x > y ? -1 : 0;
}

static void zipf_has_the_favourites_theta_says(void **state)
{
	struct fb_case c = a_case(FB_PATTERN_ZIPF, FB_PREPARE_WRITTEN);
	unsigned seen[1000] = {0};

	(void)state;
	count_blocks(&c, seen, 1000000);
	qsort(seen, 1000, sizeof(seen[0]), falling);
	/* 1 / H(1000, 0.99) = 12.9 %, the second 2^-0.99 of it */
	assert_in_range(seen[0], 125000, 134000);
	assert_in_range(seen[1], 62000, 68000);
	assert_true(seen[999] > 0 && seen[999] < 400);
}

static void create_begins_every_file_at_its_start(void **state)
{
	struct fb_case c = a_case(FB_PATTERN_CREATE, FB_PREPARE_WRITTEN);
	unsigned seen[1000] = {0};

	(void)state;
	c.writes_per_flush = 10;
	assert_int_equal(count_blocks(&c, seen, 5000), 100);
	for (int i = 0; i < 10; i++)
		assert_int_equal(seen[i], 100);
	assert_int_equal(seen[10], 0);
}

static void threads_of_a_shared_target_never_meet(void **state)
{
	static const int patterns[] = {FB_PATTERN_APPEND, FB_PATTERN_RAND};

	(void)state;
	for (int p = 0; p < 2; p++) {
		struct fb_case c = a_case(patterns[p], FB_PREPARE_UNWRITTEN);
		_Atomic uint64_t shared = 0;
		unsigned seen[1000] = {0};
		struct fb_cursor k[3];
		int done = 0;

		c.share = FB_SHARE_ONE;
		c.numjobs = 3;
		for (unsigned i = 0; i < 3; i++)
			assert_int_equal(fb_cursor_init(&k[i], &c, i, &shared), 0);
		while (fb_cursor_advance(&k[done % 3])) {
			seen[k[done % 3].writes[0].offset / c.bs]++;
			done++;
		}
		assert_int_equal(done, 1000);
		for (int i = 0; i < 1000; i++)
			assert_int_equal(seen[i], 1);
		for (int i = 0; i < 3; i++)
			fb_cursor_free(&k[i]);
	}
}

static void equal_seeds_give_equal_walks(void **state)
{
	struct fb_case c = a_case(FB_PATTERN_RAND, FB_PREPARE_WRITTEN);
	struct fb_cursor a, b, other;
	int same = 0;

	(void)state;
	fb_cursor_init(&a, &c, 0, NULL);
	fb_cursor_init(&b, &c, 0, NULL);
	fb_cursor_init(&other, &c, 1, NULL);
	for (int i = 0; i < 500; i++) {
		fb_cursor_advance(&a);
		fb_cursor_advance(&b);
		fb_cursor_advance(&other);
		assert_int_equal(a.span.offset, b.span.offset);
		same += a.span.offset == other.span.offset;
	}
	assert_true(same < 20);
	fb_cursor_free(&a);
	fb_cursor_free(&b);
	fb_cursor_free(&other);
}

/* What two cursors of a case hand out in 30 ops, in blocks of 4 KiB. */
static size_t collect_blocks(const struct fb_case *c, char **blocks)
{
	const size_t per_write = c->bs / 4096;
	size_t n = 0;

	*blocks = malloc(2 * 30 * c->writes_per_flush * c->bs);
	for (int rep = 0; rep < 2; rep++) {
		struct fb_cursor k;

		assert_int_equal(fb_cursor_init(&k, c, 0, NULL), 0);
		for (int op = 0; op < 30; op++) {
			assert_true(fb_cursor_advance(&k));
			/* as the loop does: all are filled before any is written */
			for (uint64_t i = 0; i < k.per_op; i++) {
				assert_int_equal((uintptr_t)k.writes[i].data % 4096, 0);
				memcpy(*blocks + n * 4096, k.writes[i].data, c->bs);
				n += per_write;
			}
		}
		fb_cursor_free(&k);
	}
	return n;
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, 4096);
}

static void no_two_random_blocks_are_alike(void **state)
{
	static const struct {
		uint64_t bs, per_op;
	} shapes[] = {{4096, 1}, {4096, 64}, {8192, 2}, {65536, 4}, {262144, 3}};

	(void)state;
	for (size_t s = 0; s < sizeof(shapes) / sizeof(shapes[0]); s++) {
		struct fb_case c = a_case(FB_PATTERN_SEQ, FB_PREPARE_WRITTEN);
		char *blocks;
		size_t n;

		c.bs = shapes[s].bs;
		c.size = 64 * c.bs;
		c.writes_per_flush = shapes[s].per_op;
		n = collect_blocks(&c, &blocks);
		qsort(blocks, n, 4096, by_bytes);
		for (size_t i = 1; i < n; i++)
			assert_int_not_equal(
				by_bytes(blocks + (i - 1) * 4096, blocks + i * 4096),
				0);
		free(blocks);
	}
}

static void zero_is_zero(void **state)
{
	struct fb_case c = a_case(FB_PATTERN_SEQ, FB_PREPARE_WRITTEN);
	static const char zero[4096];
	struct fb_cursor k;

	(void)state;
	c.data = FB_DATA_ZERO;
	fb_cursor_init(&k, &c, 0, NULL);
	for (int i = 0; i < 100; i++) {
		fb_cursor_advance(&k);
		assert_memory_equal(k.writes[0].data, zero, sizeof(zero));
	}
	fb_cursor_free(&k);
}

static void the_null_path_has_no_space_to_use_up(void **state)
{
	struct fb_case c = a_case(FB_PATTERN_APPEND, FB_PREPARE_WRITTEN);
	unsigned seen[1000] = {0};

	(void)state;
	c.path = FB_PATH_NULL;
	assert_int_equal(count_blocks(&c, seen, 3000), 3000);
}

static void a_shuffle_of_any_size_is_a_permutation(void **state)
{
	static const uint64_t sizes[] = {1,  2,  3,  4,  5,    7,    16,
					 17, 63, 64, 65, 4095, 65537};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char *seen = calloc(sizes[i], 1);
		struct fb_shuffle s;

		fb_shuffle_init(&s, sizes[i], 99 + i);
		for (uint64_t j = 0; j < sizes[i]; j++) {
			uint64_t at = fb_shuffle_at(&s, j);

			assert_true(at < sizes[i]);
			assert_int_equal(seen[at], 0);
			seen[at] = 1;
		}
		free(seen);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seq_goes_around),
		cmocka_unit_test(append_ends_at_the_end),
		cmocka_unit_test(on_a_hive_every_value_is_written_once_in_a_round),
		cmocka_unit_test(no_two_of_many_small_values_are_alike),
		cmocka_unit_test(rand_over_unwritten_blocks_writes_each_once),
		cmocka_unit_test(rand_is_even),
		cmocka_unit_test(zipf_has_the_favourites_theta_says),
		cmocka_unit_test(create_begins_every_file_at_its_start),
		cmocka_unit_test(threads_of_a_shared_target_never_meet),
		cmocka_unit_test(equal_seeds_give_equal_walks),
		cmocka_unit_test(no_two_random_blocks_are_alike),
		cmocka_unit_test(zero_is_zero),
		cmocka_unit_test(the_null_path_has_no_space_to_use_up),
		cmocka_unit_test(a_shuffle_of_any_size_is_a_permutation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
