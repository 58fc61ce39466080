#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/rng.h"
#include "hive/memory.h"
#include "hive/pages.h"

#include <inttypes.h>
#include <string.h>

enum { MODEL_PAGES = 1200 };

struct model {
	bool in[MODEL_PAGES];
};

static uint32_t model_run(const struct model *m, uint32_t from, uint32_t *first)
{
	uint32_t n = 0;

	while (from < MODEL_PAGES && !m->in[from])
		from++;
	*first = from;
	while (from + n < MODEL_PAGES && m->in[from + n])
		n++;
	return n;
}

static void check_runs(const struct fb_pages *p, const struct model *m)
{
	uint32_t count = 0;

	for (uint32_t from = 0; from < MODEL_PAGES; from++) {
		uint32_t want_first, first = 0;
		uint32_t want = model_run(m, from, &want_first);
		uint32_t got = fb_pages_run(p, from, &first);

		if (got != want || (want && first != want_first))
			fail_msg("from %" PRIu32 ": %" PRIu32 " at %" PRIu32, from, got,
				 first);
		count += m->in[from];
	}
	assert_int_equal(p->n, count);
}

static void a_set_of_pages_equals_a_list_of_flags(void **state)
{
	struct fb_rng rng;

	(void)state;
	fb_rng_init(&rng, 2);
	for (int round = 0; round < 20; round++) {
		struct fb_pages p = {0};
		struct model m = {0};

		assert_int_equal(fb_pages_reserve(&p, MODEL_PAGES), 0);
		for (int i = 0; i < 12; i++) {
			uint32_t first = (uint32_t)fb_rng_below(&rng, MODEL_PAGES);
			uint32_t n = 1 + (uint32_t)fb_rng_below(&rng, i % 3 ? 4 : 300);
			uint32_t last = first + n - 1;

			if (last >= MODEL_PAGES)
				last = MODEL_PAGES - 1;
			fb_pages_add(&p, first, last);
			memset(m.in + first, true, last - first + 1);
			check_runs(&p, &m);
		}
		fb_pages_free(&p);
	}
}

/* Runs that begin or end at, before or behind the edge of a word. */
static void runs_are_right_at_every_edge_of_a_word(void **state)
{
	static const uint32_t edges[] = {
		0,  1,  2,  3,  4,   5,   7,   8,   9,   15,  16,  17,  31,  32,
		33, 63, 64, 65, 127, 128, 129, 255, 256, 257, 511, 512, 513, 1023};
	size_t n = sizeof(edges) / sizeof(edges[0]);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = i; k < n; k++) {
			struct fb_pages p = {0};
			uint32_t first = UINT32_MAX;

			assert_int_equal(fb_pages_reserve(&p, 1024), 0);
			fb_pages_add(&p, edges[i], edges[k]);
			assert_int_equal(p.n, edges[k] - edges[i] + 1);
			assert_int_equal(fb_pages_run(&p, 0, &first), p.n);
			assert_int_equal(first, edges[i]);
			assert_int_equal(fb_pages_run(&p, edges[k], &first), 1);
			assert_int_equal(first, edges[k]);
			assert_int_equal(fb_pages_run(&p, edges[k] + 1, &first), 0);
			fb_pages_free(&p);
		}
	}
}

static void a_run_may_fill_the_whole_room(void **state)
{
	struct fb_pages p = {0};
	uint32_t first = 1;

	(void)state;
	assert_int_equal(fb_pages_run(&p, 0, &first), 0);
	assert_int_equal(fb_pages_reserve(&p, 130), 0);
	assert_int_equal(fb_pages_run(&p, 0, &first), 0);
	assert_int_equal(fb_pages_run(&p, p.room, &first), 0);
	assert_int_equal(fb_pages_run(&p, UINT32_MAX, &first), 0);
	assert_int_equal(first, 1);
	fb_pages_add(&p, 0, p.room - 1);
	assert_int_equal(fb_pages_run(&p, 0, &first), p.room);
	assert_int_equal(first, 0);
	assert_int_equal(fb_pages_run(&p, p.room, &first), 0);
	assert_int_equal(fb_pages_run(&p, UINT32_MAX, &first), 0);
	fb_pages_free(&p);
}

static void a_page_is_counted_once(void **state)
{
	struct fb_pages p = {0};

	(void)state;
	assert_int_equal(fb_pages_reserve(&p, 200), 0);
	fb_pages_add(&p, 10, 10);
	fb_pages_add(&p, 10, 10);
	assert_int_equal(p.n, 1);
	fb_pages_add(&p, 5, 150);
	fb_pages_add(&p, 60, 70);
	assert_int_equal(p.n, 146);
	fb_pages_free(&p);
}

static void growing_keeps_what_is_in_the_set(void **state)
{
	struct fb_pages p = {0};
	uint32_t first;

	(void)state;
	for (uint32_t pages = 1; pages <= 3000; pages++) {
		assert_int_equal(fb_pages_reserve(&p, pages), 0);
		assert_true(p.room >= pages);
		fb_pages_add(&p, pages - 1, pages - 1);
	}
	assert_int_equal(fb_pages_run(&p, 0, &first), 3000);
	assert_int_equal(first, 0);
	assert_int_equal(fb_pages_reserve(&p, 1), 0);
	assert_int_equal(p.n, 3000);
	fb_pages_free(&p);
	assert_null(p.words);
	assert_int_equal(p.room, 0);
	fb_pages_free(&p);
}

static void a_set_cleared_is_empty_and_keeps_its_room(void **state)
{
	struct fb_pages p = {0};
	uint32_t first, room;

	(void)state;
	fb_pages_clear(&p);
	assert_int_equal(fb_pages_reserve(&p, 100), 0);
	room = p.room;
	fb_pages_add(&p, 0, 99);
	fb_pages_clear(&p);
	assert_int_equal(p.n, 0);
	assert_int_equal(p.room, room);
	assert_int_equal(fb_pages_run(&p, 0, &first), 0);
	fb_pages_add(&p, 50, 50);
	assert_int_equal(fb_pages_run(&p, 0, &first), 1);
	fb_pages_free(&p);
}

static void sets_joined_hold_the_pages_of_both(void **state)
{
	struct fb_pages a = {0}, b = {0};
	uint32_t first;

	(void)state;
	assert_int_equal(fb_pages_reserve(&a, 300), 0);
	assert_int_equal(fb_pages_reserve(&b, 300), 0);
	fb_pages_add(&a, 0, 99);
	fb_pages_add(&b, 90, 199);
	fb_pages_add(&b, 299, 299);
	fb_pages_join(&a, &b);
	assert_int_equal(a.n, 201);
	assert_int_equal(fb_pages_run(&a, 0, &first), 200);
	assert_int_equal(fb_pages_run(&a, 200, &first), 1);
	assert_int_equal(first, 299);
	assert_int_equal(b.n, 111);
	fb_pages_free(&a);
	fb_pages_free(&b);
}

static void memory_grows_in_place_and_new_bytes_are_zero(void **state)
{
	size_t room = (size_t)1 << 31;
	unsigned char *at = fb_memory_reserve(room);

	(void)state;
	assert_non_null(at);
	assert_int_equal(fb_memory_commit(at, 0), 0);
	for (size_t bytes = 4096; bytes <= 1 << 20; bytes *= 2) {
		size_t had = bytes == 4096 ? 0 : bytes / 2;

		assert_int_equal(fb_memory_commit(at, bytes), 0);
		for (size_t i = 0; i < had; i++)
			assert_int_equal(at[i], 0x5A);
		for (size_t i = had; i < bytes; i++)
			assert_int_equal(at[i], 0);
		memset(at + had, 0x5A, bytes - had);
	}
	fb_memory_release(at, room);
}

static void committing_again_or_less_keeps_what_is_there(void **state)
{
	unsigned char *at = fb_memory_reserve(1 << 20);

	(void)state;
	assert_non_null(at);
	assert_int_equal(fb_memory_commit(at, 1 << 16), 0);
	memset(at, 0x5A, 1 << 16);
	assert_int_equal(fb_memory_commit(at, 4096), 0);
	assert_int_equal(at[(1 << 16) - 1], 0x5A);
	assert_int_equal(fb_memory_commit(at, 1 << 16), 0);
	assert_int_equal(at[0], 0x5A);
	fb_memory_release(at, 1 << 20);
}

static void space_that_is_not_there_is_told(void **state)
{
	(void)state;
	assert_null(fb_memory_reserve(SIZE_MAX / 2));
	assert_null(fb_memory_reserve(0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_set_of_pages_equals_a_list_of_flags),
		cmocka_unit_test(runs_are_right_at_every_edge_of_a_word),
		cmocka_unit_test(a_run_may_fill_the_whole_room),
		cmocka_unit_test(a_page_is_counted_once),
		cmocka_unit_test(growing_keeps_what_is_in_the_set),
		cmocka_unit_test(a_set_cleared_is_empty_and_keeps_its_room),
		cmocka_unit_test(sets_joined_hold_the_pages_of_both),
		cmocka_unit_test(memory_grows_in_place_and_new_bytes_are_zero),
		cmocka_unit_test(committing_again_or_less_keeps_what_is_there),
		cmocka_unit_test(space_that_is_not_there_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
