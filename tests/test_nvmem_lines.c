#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "path/nvmem_lines.h"

#include <stdbool.h>

static void a_line_counts_once_however_often_an_op_writes_to_it(void **state)
{
	struct fb_lines same[] = {{4, 8}, {0, 2}, {5, 6}, {1, 3}, {7, 9}, {20, 21}};

	(void)state;
	assert_int_equal(fb_lines_union(same, 6), 3 + 5 + 1);
	assert_int_equal(fb_lines_union(same, 1), 2);
	assert_int_equal(fb_lines_union(same, 0), 0);
}

static void the_union_agrees_with_one_that_marks_each_line(void **state)
{
	enum { MOST = 40, LINES = 128 };
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct fb_lines s[MOST];
		bool marked[LINES] = {false};
		size_t n = (size_t)round % MOST;
		uint64_t want = 0;

		for (size_t i = 0; i < n; i++) {
			seed = seed * 1664525 + 1013904223;
			s[i].first = seed >> 25;
			s[i].end = s[i].first + 1 + (seed >> 8 & 7);
			s[i].end = s[i].end < LINES ? s[i].end : LINES;
			for (uint64_t k = s[i].first; k < s[i].end; k++)
				marked[k] = true;
		}
		for (int k = 0; k < LINES; k++)
			want += marked[k];
		assert_int_equal(fb_lines_union(s, n), want);
	}
}

static void lines_of_a_range_are_those_with_a_byte_or_a_word_of_it(void **state)
{
	static const struct {
		uint64_t offset, length, lines, words;
	} ranges[] = {
		{0, 1, 1, 0},   {0, 8, 1, 1},      {63, 1, 1, 0},     {63, 2, 2, 0},
		{60, 12, 2, 1}, {56, 16, 2, 2},    {57, 14, 2, 0},    {57, 15, 2, 1},
		{64, 64, 1, 1}, {1, 4096, 65, 64}, {8, 4096, 65, 65}, {60, 68, 2, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		uint64_t at = ranges[i].offset, n = ranges[i].length;

		assert_int_equal(fb_lines_count(fb_lines_of(at, n, 64)),
				 ranges[i].lines);
		assert_int_equal(fb_lines_count(fb_lines_of_words(at, n, 64)),
				 ranges[i].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_counts_once_however_often_an_op_writes_to_it),
		cmocka_unit_test(the_union_agrees_with_one_that_marks_each_line),
		cmocka_unit_test(
			lines_of_a_range_are_those_with_a_byte_or_a_word_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
