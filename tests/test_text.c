#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"

#include <stdio.h>

static void assert_disarmed(const char *in, const char *out)
{
	char text[64];

	snprintf(text, sizeof(text), "%s", in);
	assert_string_equal(fb_text_disarm(text), out);
}

static void what_steers_a_terminal_is_disarmed(void **state)
{
	(void)state;
	assert_disarmed("", "");
	assert_disarmed("plain ~", "plain ~");
	assert_disarmed("\033[31mred", "?[31mred");
	assert_disarmed("a\tb\r\nc\177", "a?b??c?");
	/* CSI as a single character, on both sides of it, and the first after C1 */
	assert_disarmed("\xc2\x9b"
			"31m \xc2\x80 \xc2\x9f \xc2\xa0",
			"??31m ?? ?? \xc2\xa0");
}

static void what_turns_the_direction_of_writing_is_disarmed(void **state)
{
	(void)state;
	assert_disarmed("\xe2\x80\xae", "???");
	assert_disarmed("\xe2\x80\x8e\xe2\x80\xa8\xe2\x81\xa6", "?????????");
	assert_disarmed("\xe2\x80\x8d\xe2\x80\xaf\xe2\x81\xaa",
			"\xe2\x80\x8d\xe2\x80\xaf\xe2\x81\xaa");
}

static void characters_are_taken_whole(void **state)
{
	(void)state;
	assert_int_equal(fb_text_character("x"), 1);
	assert_int_equal(fb_text_character("\xc3\xbc"), 2);
	assert_int_equal(fb_text_character("\xe2\x82\xac"), 3);
	assert_int_equal(fb_text_character("\xf0\x9f\x98\x80"), 4);
	assert_int_equal(fb_text_character(""), 0);
	assert_int_equal(fb_text_character("\xe2\x82"), 0);
	assert_int_equal(fb_text_character("\xbc"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_steers_a_terminal_is_disarmed),
		cmocka_unit_test(what_turns_the_direction_of_writing_is_disarmed),
		cmocka_unit_test(characters_are_taken_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
