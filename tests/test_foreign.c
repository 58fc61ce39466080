/*
 * Names of fio and diskspd: each is answered with what it is called here.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan/param.h"

#include <stdio.h>
#include <string.h>

/* struct answer - a name and what the sentence about it says */
struct answer {
	const char *name, *says;
};

static const struct answer answers[] = {
	{"fdatasync", "--mode data-sync-only"},
	{"fsync", "--mode normal --writes_per_flush N"},
	{"sync", "--mode write-through"},
	{"sync_file_range", "--mode data-only"},
	{"sync-file-range", "--mode data-only"},
	{"end_fsync", "every op ends in its flush"},
	{"rw", "--pattern"},
	{"rwmixread", "not measured"},
	{"bsrange", "--bs 4k,64k"},
	{"nrfiles", "--pattern create"},
	{"ioengine", "nvmem for libpmem"},
	{"blockalign", "--align"},
	{"iodepth", "--numjobs"},
	{"group_reporting", "leave it out"},
	{"time_based", "--runtime alone"},
	{"name", "--run-id"},
	{"loops", "--reps"},
	{"directory", "--target"},
	{"filename", "--target"},
	{"randseed", "--seed"},
	{"norandommap", "--pattern rand"},
	{"output-format", "--results"},
	{"zero_buffers", "--data zero"},
	{"file_append", "--pattern append --prepare extend"},
	{"b", "--bs"},
	{"t", "--numjobs"},
	{"d", "--runtime"},
	{"o", "--numjobs"},
	{"r", "--pattern rand"},
	{"w", "only writes"},
	{"W", "--ramp_time"},
	{"C", "no cool-down"},
	{"c", "--size"},
	{"L", "always measured"},
	{"D", "series.csv"},
	{"Sh", "--mode write-through --direct 1"},
	{"Su", "--direct 1"},
	{"Sw", "--mode write-through"},
	{"Sm", "--path mapped"},
	{"Nv", "--path mapped --mode view"},
	{"Nn", "--path nvmem --mode flush"},
	{"Ni", "--path nvmem --mode flush-drain"},
};

enum { ANSWERS = sizeof(answers) / sizeof(answers[0]) };

static void each_name_is_answered_with_ours(void **state)
{
	(void)state;
	for (size_t i = 0; i < ANSWERS; i++) {
		const char *found = fb_param_foreign(answers[i].name);

		if (!found || !strstr(found, answers[i].says))
			fail_msg("%s: '%s' is not in '%s'", answers[i].name,
				 answers[i].says, found ? found : "nothing");
	}
}

static bool is_option_of_run(const char *word)
{
	static const char *const own[] = {"target", "results", "run-id"};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (!strcmp(own[i], word))
			return true;
	return fb_param_find(word) >= 0;
}

/* A word in small letters or figures behind an option is one of its values. */
static void check_value(const char *option, const char *value)
{
	static const char *const sentence[] = {"here",  "with",   "gives",  "has",
					       "for",   "makes",  "limits", "comes",
					       "alone", "writes", "is"};
	int p = fb_param_find(option);
	struct fb_case c;
	struct fb_err err;

	for (size_t i = 0; i < sizeof(sentence) / sizeof(sentence[0]); i++)
		if (!strcmp(sentence[i], value))
			return;
	if (p >= 0 && fb_params[p].type == FB_TYPE_ENUM &&
	    fb_param_parse(&fb_params[p], value, &c, &err))
		fail_msg("--%s %s: %s", option, value, err.text);
}

static void check_options(const char *sentence)
{
	static const char word[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";

	for (const char *at = sentence; (at = strstr(at, "--"));) {
		char option[64], value[64];
		size_t n = strspn(at += 2, word);

		snprintf(option, sizeof(option), "%.*s", (int)n, at);
		if (!is_option_of_run(option))
			fail_msg("--%s, which '%s' names, is no option", option,
				 sentence);
		at += n;
		n = *at == ' ' ? strspn(at + 1, word) : 0;
		snprintf(value, sizeof(value), "%.*s", (int)n, at + 1);
		if (n && strncmp(value, "--", 2))
			check_value(option, value);
	}
}

static void what_an_answer_names_can_be_given(void **state)
{
	char name[] = "?";

	(void)state;
	for (size_t i = 0; i < ANSWERS; i++)
		check_options(fb_param_foreign(answers[i].name));
	for (name[0] = 'A'; name[0] <= 'z'; name[0]++)
		if (fb_param_foreign(name))
			check_options(fb_param_foreign(name));
}

static void names_of_nobody_have_no_answer(void **state)
{
	static char long_name[300];

	(void)state;
	memset(long_name, 'b', sizeof(long_name) - 1);
	assert_null(fb_param_foreign("xyzzy"));
	assert_null(fb_param_foreign(""));
	assert_null(fb_param_foreign("B"));
	assert_null(fb_param_foreign(long_name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_name_is_answered_with_ours),
		cmocka_unit_test(what_an_answer_names_can_be_given),
		cmocka_unit_test(names_of_nobody_have_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
