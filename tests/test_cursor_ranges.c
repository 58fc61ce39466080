/*
 * Where writes go on path nvmem: places at any alignment, with ranges a stride apart,
 * and the ops of a batch.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "run/cursor.h"

static struct fb_case on_nvmem(int pattern, uint64_t align)
{
	return (struct fb_case){
		.path = FB_PATH_NVMEM,
		.pattern = pattern,
		.prepare = FB_PREPARE_WRITTEN,
		.bs = 64,
		.size = 64 << 10,
		.writes_per_flush = 1,
		.numjobs = 1,
		.seed = 7,
		.zipf_theta = 0.99,
		.ranges = 1,
		.stride = 64,
		.align = align,
	};
}

/* Where the first writes of @n ops begin, from a cursor of its own. */
static void first_offsets(const struct fb_case *c, uint64_t *at, size_t n)
{
	struct fb_cursor k;

	assert_int_equal(fb_cursor_init(&k, c, 0, NULL), 0);
	for (size_t i = 0; i < n; i++) {
		assert_true(fb_cursor_advance(&k));
		assert_int_equal(k.span.offset, k.writes[0].offset);
		assert_int_equal(k.span.length, fb_case_room(c));
		at[i] = k.writes[0].offset;
	}
	fb_cursor_free(&k);
}

static void align_says_where_random_writes_begin(void **state)
{
	static const uint64_t aligns[] = {1, 8, 48, 64, 4096};
	uint64_t at[5000];

	(void)state;
	for (size_t a = 0; a < sizeof(aligns) / sizeof(aligns[0]); a++) {
		struct fb_case c = on_nvmem(FB_PATTERN_RAND, aligns[a]);
		uint64_t last = fb_case_places(&c) - 1, far = 0;
		bool odd = false;

		first_offsets(&c, at, 5000);
		for (size_t i = 0; i < 5000; i++) {
			assert_int_equal(at[i] % aligns[a], 0);
			assert_true(at[i] + c.bs <= c.size);
			far = at[i] > far ? at[i] : far;
			odd |= at[i] % (2 * aligns[a]) != 0;
		}
		assert_true(odd);
		assert_true(far / aligns[a] > last - last / 50 - 1);
	}
}

static void forward_writes_step_over_each_other(void **state)
{
	struct fb_case c = on_nvmem(FB_PATTERN_SEQ, 48);
	uint64_t at[700];

	(void)state;
	first_offsets(&c, at, 700);
	/* 64 bytes at multiples of 48: at every second one; then around. */
	for (uint64_t i = 0; i < 700; i++)
		assert_int_equal(at[i], i % 683 * 96);
	c.pattern = FB_PATTERN_APPEND;
	first_offsets(&c, at, 683);
	for (uint64_t i = 0; i < 683; i++)
		assert_int_equal(at[i], i * 96);
}

static void a_place_has_its_ranges_a_stride_apart(void **state)
{
	static const int patterns[] = {FB_PATTERN_SEQ, FB_PATTERN_RAND,
				       FB_PATTERN_ZIPF};

	(void)state;
	for (int p = 0; p < 3; p++) {
		struct fb_case c = on_nvmem(patterns[p], 8);
		struct fb_cursor k;

		c.ranges = 3;
		c.stride = 200;
		c.writes_per_flush = 2;
		assert_int_equal(fb_cursor_init(&k, &c, 0, NULL), 0);
		assert_int_equal(k.per_op, 6);
		for (int op = 0; op < 1000; op++) {
			const struct fb_write *w = k.writes;
			uint64_t low, high;

			assert_true(fb_cursor_advance(&k));
			low = w[0].offset < w[3].offset ? w[0].offset : w[3].offset;
			high = w[0].offset + w[3].offset - low;
			for (int i = 0; i < 6; i++) {
				assert_int_equal(w[i].offset,
						 w[i / 3 * 3].offset +
							 (uint64_t)(i % 3) * 200);
				assert_int_equal(w[i].length, 64);
				assert_true(w[i].offset + 64 <= c.size);
			}
			assert_int_equal(k.span.offset, low);
			assert_int_equal(k.span.length, high - low + 464);
		}
		fb_cursor_free(&k);
	}
}

/* What is timed together goes where the same ops would have gone one by one. */
static void a_batch_is_the_same_walk(void **state)
{
	static const int patterns[] = {FB_PATTERN_SEQ, FB_PATTERN_RAND, FB_PATTERN_ZIPF,
				       FB_PATTERN_APPEND};

	(void)state;
	for (int p = 0; p < 4; p++) {
		struct fb_case c = on_nvmem(patterns[p], 64);
		struct fb_cursor one, many;

		c.data = FB_DATA_ZERO; /* or marks would move the random numbers on */
		c.ranges = 2;
		c.stride = 128;
		c.writes_per_flush = 3;
		c.align = 64;
		assert_int_equal(fb_cursor_init(&one, &c, 0, NULL), 0);
		c.batch = 7;
		assert_int_equal(fb_cursor_init(&many, &c, 0, NULL), 0);
		for (int i = 0; i < 10; i++) {
			assert_true(fb_cursor_advance(&many));
			for (uint64_t op = 0; op < 7; op++) {
				assert_true(fb_cursor_advance(&one));
				assert_memory_equal(&many.spans[op], &one.span,
						    sizeof(one.span));
				for (uint64_t w = 0; w < 6; w++)
					assert_int_equal(many.writes[op * 6 + w].offset,
							 one.writes[w].offset);
			}
		}
		fb_cursor_free(&one);
		fb_cursor_free(&many);
	}
}

static void a_place_alone_in_its_op_has_all_its_ranges(void **state)
{
	struct fb_case c = on_nvmem(FB_PATTERN_SEQ, 64);
	struct fb_cursor k;

	(void)state;
	c.ranges = 2;
	c.stride = 128;
	assert_int_equal(fb_cursor_init(&k, &c, 0, NULL), 0);
	for (uint64_t op = 0; op < 1000; op++) {
		assert_true(fb_cursor_advance(&k));
		assert_int_equal(k.writes[0].offset, op % 341 * 192);
		assert_int_equal(k.writes[1].offset, op % 341 * 192 + 128);
		assert_int_equal(k.span.offset, k.writes[0].offset);
		assert_int_equal(k.span.length, 192);
	}
	fb_cursor_free(&k);
}

static void cursors_of_one_target_share_no_place_of_a_batch(void **state)
{
	enum { CURSORS = 2, ROUNDS = 16, BATCH = 10, OP = 3 };
	static bool taken[CURSORS * ROUNDS * BATCH * OP];
	struct fb_case c = on_nvmem(FB_PATTERN_SEQ, 64);
	_Atomic uint64_t claimed = 0;
	struct fb_cursor k[CURSORS];

	(void)state;
	c.share = FB_SHARE_ONE;
	c.numjobs = CURSORS;
	c.batch = BATCH;
	c.writes_per_flush = OP;
	for (unsigned i = 0; i < CURSORS; i++)
		assert_int_equal(fb_cursor_init(&k[i], &c, i, &claimed), 0);
	for (int n = 0; n < CURSORS * ROUNDS; n++) {
		struct fb_cursor *next = &k[n % CURSORS];

		assert_true(fb_cursor_advance(next));
		for (int w = 0; w < BATCH * OP; w++) {
			uint64_t at = next->writes[w].offset / 64;

			assert_in_range(at, 0, sizeof(taken) - 1);
			assert_false(taken[at]);
			taken[at] = true;
		}
	}
	for (unsigned i = 0; i < CURSORS; i++)
		fb_cursor_free(&k[i]);
}

static void a_batch_that_does_not_fit_ends_the_space(void **state)
{
	struct fb_case c = on_nvmem(FB_PATTERN_APPEND, 64);
	struct fb_cursor k;
	int batches = 0;

	(void)state;
	c.batch = 100;
	assert_int_equal(fb_cursor_init(&k, &c, 0, NULL), 0);
	while (fb_cursor_advance(&k))
		batches++;
	assert_int_equal(batches, 1024 / 100);
	assert_int_equal(k.spans[99].offset, 999 * 64);
	fb_cursor_free(&k);
}

/* A batch read from more memory than an op alone would be timed with colder caches. */
static void ops_of_a_batch_are_read_from_the_memory_of_one(void **state)
{
	struct fb_case c = on_nvmem(FB_PATTERN_SEQ, 4096);
	uint64_t one;

	(void)state;
	c.bs = 4096;
	one = fb_cursor_bytes(&c);
	c.batch = 1000;
	assert_int_equal(fb_cursor_bytes(&c) - one,
			 999 * (sizeof(struct fb_write) + sizeof(struct fb_span)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(align_says_where_random_writes_begin),
		cmocka_unit_test(forward_writes_step_over_each_other),
		cmocka_unit_test(a_place_has_its_ranges_a_stride_apart),
		cmocka_unit_test(a_batch_is_the_same_walk),
		cmocka_unit_test(a_place_alone_in_its_op_has_all_its_ranges),
		cmocka_unit_test(cursors_of_one_target_share_no_place_of_a_batch),
		cmocka_unit_test(a_batch_that_does_not_fit_ends_the_space),
		cmocka_unit_test(ops_of_a_batch_are_read_from_the_memory_of_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
