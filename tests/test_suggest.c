#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/suggest.h"

static const char *const words[] = {
	"runtime", "ramp_time", "rate_iops",      "reps",
	"bs",      "size",      "data-sync-only", "data-only",
};
enum { WORDS = sizeof(words) / sizeof(words[0]) };

static void distance_counts_single_edits(void **state)
{
	(void)state;
	assert_int_equal(fb_suggest_distance("", ""), 0);
	assert_int_equal(fb_suggest_distance("", "abc"), 3);
	assert_int_equal(fb_suggest_distance("abc", ""), 3);
	assert_int_equal(fb_suggest_distance("runtime", "runtime"), 0);
	assert_int_equal(fb_suggest_distance("runtime", "rntime"), 1);
	assert_int_equal(fb_suggest_distance("rntime", "runtime"), 1);
	assert_int_equal(fb_suggest_distance("runtime", "runtame"), 1);
	assert_int_equal(fb_suggest_distance("kitten", "sitting"), 3);
}

static void swapped_neighbours_are_one_edit(void **state)
{
	(void)state;
	assert_int_equal(fb_suggest_distance("runtiem", "runtime"), 1);
	assert_int_equal(fb_suggest_distance("urntiem", "runtime"), 2);
}

static void case_and_dashes_do_not_count(void **state)
{
	(void)state;
	assert_int_equal(fb_suggest_distance("Ramp-Time", "ramp_time"), 0);
	assert_int_equal(fb_suggest_distance("ramp_time", "RAMP-TIME"), 0);
}

static void long_words_are_unlike_everything(void **state)
{
	static const char longest[] = "123456789012345678901234567890123456789012345678"
				      "901234567890123";
	static const char longer[] = "123456789012345678901234567890123456789012345678"
				     "9012345678901234";

	(void)state;
	assert_int_equal(sizeof(longest) - 1, 63);
	assert_int_equal(fb_suggest_distance(longest, longest), 0);
	assert_true(fb_suggest_distance(longer, longer) == SIZE_MAX);
	assert_true(fb_suggest_distance("", longer) == SIZE_MAX);
	assert_true(fb_suggest_distance(longer, "") == SIZE_MAX);
	assert_null(fb_suggest(longer, words, WORDS));
}

static void nearest_word_is_offered(void **state)
{
	(void)state;
	assert_string_equal(fb_suggest("runtme", words, WORDS), "runtime");
	assert_string_equal(fb_suggest("RAMP-TIME", words, WORDS), "ramp_time");
	assert_string_equal(fb_suggest("data-snc-only", words, WORDS),
			    "data-sync-only");
	assert_string_equal(fb_suggest("data-ony", words, WORDS), "data-only");
	assert_string_equal(fb_suggest("bs", words, WORDS), "bs");
	assert_string_equal(fb_suggest("sise", words, WORDS), "size");
}

static void nothing_is_offered_for_another_word(void **state)
{
	(void)state;
	assert_null(fb_suggest("filename", words, WORDS));
	assert_null(fb_suggest("bz", words, WORDS));
	assert_null(fb_suggest("", words, WORDS));
	assert_null(fb_suggest("runtime", words, 0));
	/* 2 of 6 letters is a third, 3 of 7 is more */
	assert_string_equal(fb_suggest("runxxme", words, WORDS), "runtime");
	assert_null(fb_suggest("runxxxe", words, WORDS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distance_counts_single_edits),
		cmocka_unit_test(swapped_neighbours_are_one_edit),
		cmocka_unit_test(case_and_dashes_do_not_count),
		cmocka_unit_test(long_words_are_unlike_everything),
		cmocka_unit_test(nearest_word_is_offered),
		cmocka_unit_test(nothing_is_offered_for_another_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
