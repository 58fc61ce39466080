/*
 * What a plan makes of path registry: its parameters, what has no meaning there, what
 * contradicts itself.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan/hive_layout.h"
#include "support/plan_rig.h"

#include <stdio.h>
#include <string.h>

#define REGISTRY "path=registry\nmode=key\n"

static void all_modes_of_the_registry_are_its_two_strategies(void **state)
{
	(void)state;
	assert_int_equal(expand("path=registry\nmode=all\n"), 0);
	assert_int_equal(rig.plan.n_cases, 2);
	assert_int_equal(rig.plan.cases[0].mode, FB_MODE_KEY);
	assert_int_equal(rig.plan.cases[1].mode, FB_MODE_KEY_LEGACY);
}

static void the_defaults_are_those_of_the_table(void **state)
{
	const struct fb_case *c;

	(void)state;
	assert_int_equal(expand(REGISTRY), 0);
	c = rig.plan.cases;
	assert_int_equal(c->values_per_key, 100);
	assert_int_equal(c->value_size, 4);
	assert_int_equal(c->hives, 1);
	assert_int_equal(c->lazy_flush_ns, 0);
	assert_int_equal(c->writes_per_flush, 1);
	assert_true(is_given(c, "lazy_flush"));
	assert_false(is_given(c, "dirty_share"));
}

static void what_belongs_to_blocks_is_empty_there_and_the_other_way_round(void **state)
{
	static const char *const of_blocks[] = {"bs",     "fill_bs",     "invalidate",
						"direct", "flush_range", "no_sync"};
	static const char *const of_hives[] = {"values_per_key", "value_size",
					       "dirty_share", "lazy_flush", "hives"};

	(void)state;
	assert_int_equal(expand("path=file,registry\nmode=normal,key\nbs=4k,8k\n"
				"value_size=4,64\ndirty_share=0.5\nsize=1m\n"),
			 0);
	assert_int_equal(rig.plan.n_cases, 4);
	for (size_t i = 0; i < rig.plan.n_cases; i++) {
		const struct fb_case *c = &rig.plan.cases[i];
		bool hive = c->path == FB_PATH_REGISTRY;

		for (size_t k = 0; k < 6; k++)
			assert_int_equal(is_given(c, of_blocks[k]), !hive && k < 4);
		for (size_t k = 0; k < 5; k++)
			assert_int_equal(is_given(c, of_hives[k]), hive);
	}
}

static void a_share_sets_the_writes_of_an_op(void **state)
{
	(void)state;
	assert_int_equal(expand(REGISTRY "size=1m\ndirty_share=0.1,1e-9,1\n"), 0);
	assert_int_equal(rig.plan.n_cases, 3);
	for (int i = 0; i < 3; i++) {
		static const double share[] = {0.1, 0, 1};
		const struct fb_case *c = &rig.plan.cases[i];
		double wanted = share[i] * (double)fb_hive_layout_values(c);

		assert_true((double)c->writes_per_flush > wanted - 1);
		assert_true((double)c->writes_per_flush < wanted + 1.5);
		assert_true(c->writes_per_flush >= 1);
		assert_true(is_given(c, "dirty_share"));
	}
	/* also where writes_per_flush itself could not be so many */
	plan_rig_again();
	assert_int_equal(expand(REGISTRY "size=1g\ndirty_share=0.1\n"), 0);
	assert_true(rig.plan.cases[0].writes_per_flush > 2000000);
	/* and has none on other paths */
	plan_rig_again();
	assert_int_equal(expand("mode=normal\ndirty_share=0.1\nsize=1m\n"), 0);
	assert_int_equal(rig.plan.cases[0].writes_per_flush, 1);
}

static void a_share_is_described_as_it_was_given(void **state)
{
	char text[256];

	(void)state;
	assert_int_equal(expand(REGISTRY "size=1m\ndirty_share=0.25\n"), 0);
	fb_plan_describe(&rig.plan.cases[0], text, sizeof(text));
	assert_non_null(strstr(text, " dirty_share=0.25"));
	plan_rig_again();
	assert_int_equal(expand(REGISTRY "size=1m\n"), 0);
	fb_plan_describe(&rig.plan.cases[0], text, sizeof(text));
	assert_string_equal(text, "path=registry mode=key size=1m");
}

static void a_share_is_above_none_and_at_most_all(void **state)
{
	(void)state;
	assert_not_planned(REGISTRY "dirty_share=0\n", 3, "at most 1");
	assert_not_planned(REGISTRY "dirty_share=1.01\n", 3, "at most 1");
	assert_not_planned(REGISTRY "dirty_share=nan\n", 3, "at most 1");
	assert_not_planned(REGISTRY "dirty_share=half\n", 3, "0.01");
	assert_not_planned("mode=normal\npattern=zipf\nzipf_theta=1\n", 3, "below 1");
}

static void what_contradicts_itself_is_refused_with_its_line(void **state)
{
	(void)state;
	assert_not_planned(REGISTRY "writes_per_flush=2\ndirty_share=0.1\n", 4,
			   "give one of the two");
	assert_not_planned(REGISTRY "size=1025m\n", 3, "at most 1 GiB");
	assert_not_planned(REGISTRY "size=4k\n", 3, "one key with its values");
	assert_not_planned(REGISTRY "value_size=64k\nsize=1m\n", 4,
			   "one key with its values");
	assert_not_planned(REGISTRY "size=64k\nvalues_per_key=10\n"
				    "writes_per_flush=65536\n",
			   5, "a value for each write");
	assert_not_planned(REGISTRY "hives=0\n", 3, "hives=0");
	assert_not_planned(REGISTRY "value_size=2m\n", 3, "value_size=2m");
}

/* The size that a refusal names, in bytes. */
static unsigned long long named_size(const char *text)
{
	const char *at;
	unsigned long long n;
	char unit = ' ';

	plan_rig_again();
	assert_int_not_equal(expand(text), 0);
	at = strstr(rig.err.text, "size must be at least ");
	assert_non_null(at);
	assert_int_equal(sscanf(at, "size must be at least %llu%c", &n, &unit), 2);
	return unit == 'm' ? n << 20 : unit == 'k' ? n << 10 : n;
}

static void a_size_too_small_is_told_how_large_it_must_be(void **state)
{
	static const char *const others[] = {
		"",
		"value_size=64k\n",
		"values_per_key=7000\nvalue_size=100\n",
		"values_per_key=1\nwrites_per_flush=60000\n",
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		unsigned long long least;

		snprintf(text, sizeof(text), REGISTRY "%ssize=8k\n", others[i]);
		least = named_size(text);
		snprintf(text, sizeof(text), REGISTRY "%ssize=%llu\n", others[i],
			 least - 1);
		assert_int_equal(named_size(text), least);
		plan_rig_again();
		snprintf(text, sizeof(text), REGISTRY "%ssize=%llu\n", others[i],
			 least);
		assert_int_equal(expand(text), 0);
	}
}

static void small_numbers_are_written_as_people_do(void **state)
{
	static const struct {
		const char *given, *param, *shown, *field;
	} list[] = {
		{"lazy_flush=1ns\n", "lazy_flush", "1ns", "0.000000001"},
		{"lazy_flush=60\n", "lazy_flush", "60s", "60"},
		{"lazy_flush=2500ms\n", "lazy_flush", "2500ms", "2.5"},
		{"thinktime=1ns\n", "thinktime", "1ns", "0.001"},
		{"thinktime=1500\n", "thinktime", "1500us", "1500"},
		{"dirty_share=1e-6\n", "dirty_share", "0.000001", "0.000001"},
		{"dirty_share=0.25\n", "dirty_share", "0.25", "0.25"},
		{"dirty_share=1\n", "dirty_share", "1", "1"},
		{"dirty_share=1e-30\n", "dirty_share", "1e-30", "1e-30"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		const struct fb_param *p = &fb_params[fb_param_find(list[i].param)];
		char text[128];

		plan_rig_again();
		snprintf(text, sizeof(text), REGISTRY "size=1m\n%s", list[i].given);
		assert_int_equal(expand(text), 0);
		fb_param_show(p, rig.plan.cases, text);
		assert_string_equal(text, list[i].shown);
		fb_param_format(p, rig.plan.cases, text);
		assert_string_equal(text, list[i].field);
	}
}

static void what_has_no_meaning_is_left_out_with_its_reason(void **state)
{
	(void)state;
	assert_non_null(strstr(only_left_out(REGISTRY "direct=1\n"), "direct: "));
	assert_non_null(strstr(only_left_out(REGISTRY "prepare=unwritten\n"),
			       "prepare unwritten: "));
	assert_non_null(
		strstr(only_left_out(REGISTRY "pattern=create\n"), "pattern create: "));
	assert_non_null(strstr(only_left_out("mode=key\n"), "--path registry"));
	assert_non_null(
		strstr(only_left_out("path=registry\nmode=normal\n"), "--path file"));
	/* Of two paths each has one of two modes: nothing is to be added. */
	plan_rig_again();
	assert_int_equal(expand("path=file,registry\nmode=data-sync-only,key\n"), 0);
	assert_int_equal(rig.plan.n_cases, 2);
	assert_int_equal(rig.plan.n_left_out, 2);
	for (int i = 0; i < 2; i++)
		assert_null(strstr(rig.plan.left_out[i].reason, "add "));
	assert_non_null(
		strstr(rig.plan.left_out[0].reason,
		       "it is one of path registry, and runs with --path registry"));
}

static void what_counts_on_that_path_alone_is_told_elsewhere(void **state)
{
	(void)state;
	assert_int_equal(expand("mode=normal\nvalues_per_key=5\nhives=2\n"), 0);
	assert_int_equal(fb_plan_find_unheard(&rig.plan, &rig.profile, &rig.err), 0);
	assert_int_equal(rig.plan.n_unheard, 2);
	assert_string_equal(rig.plan.unheard[0].when, "on path registry");
	plan_rig_again();
	assert_int_equal(expand(REGISTRY "bs=8k\n"), 0);
	assert_int_equal(fb_plan_find_unheard(&rig.plan, &rig.profile, &rig.err), 0);
	assert_int_equal(rig.plan.n_unheard, 1);
	assert_string_equal(rig.plan.unheard[0].param, "bs");
}

#define T(f) cmocka_unit_test_setup_teardown(f, plan_rig_enter, plan_rig_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(all_modes_of_the_registry_are_its_two_strategies),
		T(the_defaults_are_those_of_the_table),
		T(what_belongs_to_blocks_is_empty_there_and_the_other_way_round),
		T(a_share_sets_the_writes_of_an_op),
		T(a_share_is_described_as_it_was_given),
		T(a_share_is_above_none_and_at_most_all),
		T(what_contradicts_itself_is_refused_with_its_line),
		T(a_size_too_small_is_told_how_large_it_must_be),
		T(small_numbers_are_written_as_people_do),
		T(what_has_no_meaning_is_left_out_with_its_reason),
		T(what_counts_on_that_path_alone_is_told_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
