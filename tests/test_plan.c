#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/plan_rig.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void lists_make_every_combination(void **state)
{
	(void)state;
	assert_int_equal(expand("[a]\nmode = normal, none\nbs = 4k,8k,16k\n"
				"numjobs=1,2\n"),
			 0);
	assert_int_equal(rig.plan.n_cases, 12);
	for (unsigned i = 0; i < 12; i++)
		assert_int_equal(rig.plan.cases[i].case_id, i + 1);
	assert_int_equal(rig.plan.cases[0].mode, FB_MODE_NORMAL);
	assert_int_equal(rig.plan.cases[11].bs, 16384);
	assert_int_equal(rig.plan.cases[11].numjobs, 2);
	assert_int_equal(rig.plan.cases[11].flushers, 2);
}

static void all_means_every_mode_of_the_path(void **state)
{
	(void)state;
	assert_int_equal(
		expand("path = null, file, mapped, registry, nvmem\nmode = all\n"), 0);
	assert_int_equal(rig.plan.n_cases, 1 + 9 + 3 + 2 + 11);
	assert_int_equal(rig.plan.n_left_out, 0);
}

static void defaults_are_the_documented_ones(void **state)
{
	const struct fb_case *c;

	(void)state;
	assert_int_equal(expand("mode = normal\n"), 0);
	assert_int_equal(rig.plan.n_cases, 1);
	c = &rig.plan.cases[0];
	assert_int_equal(c->path, FB_PATH_FILE);
	assert_int_equal(c->pattern, FB_PATTERN_RAND);
	assert_int_equal(c->bs, 4096);
	assert_int_equal(c->size, 256 << 20);
	assert_int_equal(c->prepare, FB_PREPARE_WRITTEN);
	assert_int_equal(c->runtime_ns, 5000000000);
	assert_int_equal(c->ramp_time_ns, 1000000000);
	assert_int_equal(c->reps, 5);
	assert_int_equal(c->numjobs, 1);
	assert_int_equal(c->fill_bs, 4096);
}

static void a_count_without_a_time_ends_by_count_alone(void **state)
{
	(void)state;
	assert_int_equal(expand("mode=normal\nops=1000\n"), 0);
	assert_int_equal(rig.plan.cases[0].runtime_ns, 0);
	assert_int_equal(rig.plan.cases[0].ramp_time_ns, 1000000000);
	assert_true(isnan(fb_plan_seconds(&rig.plan)));
}

static void units_are_understood(void **state)
{
	const struct fb_case *c;

	(void)state;
	assert_int_equal(expand("mode=normal\nbs=16KiB\nsize=1.5m\nruntime=2500ms\n"
				"thinktime=250\nramp_time=0\n"),
			 0);
	c = &rig.plan.cases[0];
	assert_int_equal(c->bs, 16384);
	assert_int_equal(c->size, 1572864);
	assert_int_equal(c->runtime_ns, 2500000000);
	assert_int_equal(c->thinktime_ns, 250000);
	assert_int_equal(c->ramp_time_ns, 0);
}

static void a_parameter_without_meaning_is_empty_and_multiplies_nothing(void **state)
{
	int i = fb_param_find("no_sync");

	(void)state;
	assert_int_equal(expand("mode=normal,no-sync\nno_sync=range,fsync\n"), 0);
	assert_int_equal(rig.plan.n_cases, 3);
	assert_int_equal(rig.plan.n_left_out, 0);
	assert_false(rig.plan.cases[0].given >> i & 1);
	assert_true(rig.plan.cases[1].given >> i & 1);
	assert_int_equal(rig.plan.cases[2].no_sync, FB_NO_SYNC_FSYNC);
}

static void a_combination_without_meaning_is_left_out_and_told(void **state)
{
	(void)state;
	assert_int_equal(expand("path=file,mapped\nmode=all\ndirect=0,1\n"), 0);
	assert_int_equal(rig.plan.n_cases, 9 * 2 + 3);
	assert_int_equal(rig.plan.n_left_out, 1);
	assert_int_equal(rig.plan.left_out[0].count, 3);
	assert_non_null(strstr(rig.plan.left_out[0].reason, "direct"));
	assert_non_null(strstr(rig.plan.left_out[0].example, "path=mapped mode=view"));
}

static void a_value_said_twice_counts_once(void **state)
{
	static const struct {
		const char *text;
		size_t cases;
	} twice[] = {
		{"mode=normal\nbs=4k,4096,8k,4KiB\n", 2},
		{"mode=all,normal\n", 9},
		{"mode=normal,all\n", 9},
		{"mode=all,none,all\n", 9},
		{"path=mapped,mapped\nmode=msync,all,view\n", 3},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(twice) / sizeof(twice[0]); i++) {
		assert_int_equal(expand(twice[i].text), 0);
		assert_int_equal(rig.plan.n_cases, twice[i].cases);
		plan_rig_again();
	}
	/* "all" stands for the whole list, in the order of the vocabulary. */
	assert_int_equal(expand("mode=normal,all\n"), 0);
	assert_int_equal(rig.plan.cases[0].mode, FB_MODE_NONE);
	assert_int_equal(rig.plan.cases[8].mode, FB_MODE_WRITE_DSYNC);
}

static void a_plan_too_large_is_refused(void **state)
{
	char text[4096] = "mode=normal\n";
	size_t at = strlen(text);

	(void)state;
	for (int k = 0; k < 3; k++) {
		static const char *const keys[] = {"bs", "seed", "rate_iops"};

		for (int line = 0; line < 4; line++) {
			at += (size_t)sprintf(text + at, "%s=", keys[k]);
			for (int i = 0; i < 13; i++)
				at += (size_t)sprintf(text + at, "%s%d", i ? "," : "",
						      1 + line * 13 + i);
			at += (size_t)sprintf(text + at, "\n");
		}
	}
	assert_int_equal(expand(text), -EINVAL);
	assert_non_null(strstr(rig.err.text, "100000"));
	assert_null(rig.plan.cases);
}

static void add_thousand_cases(char *text)
{
	size_t at = strlen(text) + (size_t)sprintf(text + strlen(text), "mode=normal");

	for (int i = 0; i < 20; i++)
		at += (size_t)sprintf(text + at, "%s%d", i ? "," : "\nseed=", i);
	for (int i = 0; i < 50; i++)
		at += (size_t)sprintf(text + at, "%s%d", i % 25 ? "," : "\nbs=", i + 1);
	strcpy(text + at, "\n");
}

static void too_many_repetitions_are_refused_by_reps(void **state)
{
	char text[1024] = "[b]\nreps=10000\n";

	(void)state;
	add_thousand_cases(text);
	strcat(text, "[c]\nmode=none\n");
	assert_int_equal(expand(text), -EINVAL);
	assert_told(2, "reps=10000: the plan has more than 10000000 repetitions");
	assert_null(rig.plan.cases);
}

static void as_many_repetitions_as_allowed_are_planned(void **state)
{
	char text[1024] = "reps=10000\n";

	(void)state;
	add_thousand_cases(text);
	assert_int_equal(expand(text), 0);
	assert_int_equal(rig.plan.n_cases, 1000);
}

static void repetitions_are_interleaved_and_shuffled_by_the_seed(void **state)
{
	struct fb_plan again = {0};
	bool moved = false;

	(void)state;
	assert_int_equal(expand("[a]\nmode=normal\nbs=1,2,3,4,5,6,7,8\nreps=3\n"
				"[b]\nmode=none\nreps=2\n"),
			 0);
	assert_int_equal(fb_plan_order(&rig.plan, &rig.err), 0);
	assert_int_equal(rig.plan.n_steps, 8 * 3 + 2);
	for (unsigned i = 0; i < 24; i++) {
		assert_int_equal(rig.plan.steps[i].rep, i / 8 + 1);
		assert_true(rig.plan.steps[i].index < 8);
		moved |= rig.plan.steps[i].index != i % 8;
	}
	assert_true(moved);
	assert_int_equal(rig.plan.steps[24].index, 8);
	assert_int_equal(fb_plan_expand(&again, &rig.profile, &rig.err), 0);
	assert_int_equal(fb_plan_order(&again, &rig.err), 0);
	assert_memory_equal(again.steps, rig.plan.steps, 26 * sizeof(again.steps[0]));
	fb_plan_free(&again);
}

static const char *no_cache_off(const struct fb_case *c, void *ctx)
{
	(void)ctx;
	return c->mode == FB_MODE_NO_SYNC && c->no_sync == FB_NO_SYNC_CACHE_OFF
		       ? "not here"
		       : NULL;
}

static void what_cannot_be_done_here_is_left_out_by_name(void **state)
{
	(void)state;
	assert_int_equal(expand("mode=no-sync\nno_sync=range,cache-off,fsync\n"), 0);
	assert_int_equal(fb_plan_filter(&rig.plan, no_cache_off, NULL, &rig.err), 0);
	assert_int_equal(rig.plan.n_cases, 2);
	assert_int_equal(rig.plan.cases[1].case_id, 2);
	assert_string_equal(rig.plan.left_out[0].reason, "not here");
	assert_non_null(strstr(rig.plan.left_out[0].example, "no_sync=cache-off"));
}

static void csv_has_plain_numbers_in_the_tables_unit(void **state)
{
	char text[FB_PARAM_TEXT];

	(void)state;
	assert_int_equal(
		expand("mode=data-only\nruntime=400ms\nthinktime=1ms\nbs=4k\n"), 0);
	fb_param_format(&fb_params[fb_param_find("runtime")], &rig.plan.cases[0], text);
	assert_string_equal(text, "0.4");
	fb_param_format(&fb_params[fb_param_find("thinktime")], &rig.plan.cases[0],
			text);
	assert_string_equal(text, "1000");
	fb_param_format(&fb_params[fb_param_find("bs")], &rig.plan.cases[0], text);
	assert_string_equal(text, "4096");
	fb_param_format(&fb_params[fb_param_find("mode")], &rig.plan.cases[0], text);
	assert_string_equal(text, "data-only");
}

static const char *described(const char *text)
{
	static char what[256];

	plan_rig_again();
	assert_int_equal(expand(text), 0);
	fb_plan_describe(&rig.plan.cases[0], what, sizeof(what));
	return what;
}

static void a_description_has_what_differs_from_the_defaults(void **state)
{
	static const struct {
		const char *text, *what;
	} list[] = {
		{"mode=normal\n", ""},
		{"mode=normal\nbs=4096\nruntime=5\nramp_time=1\nflushers=1\n"
		 "fill_bs=4k\n",
		 ""},
		{"mode=normal\nruntime=2\n", " runtime=2s"},
		{"mode=normal\nruntime=1.5\nramp_time=0\n",
		 " runtime=1500ms ramp_time=0s"},
		{"mode=normal\nruntime=2\nramp_time=400ms\n", " runtime=2s"},
		{"mode=normal\nops=7\n", " ops=7"},
		{"mode=normal\nops=7\nruntime=5\n", " runtime=5s ops=7"},
		{"mode=normal\nnumjobs=4\n", " numjobs=4"},
		{"mode=normal\nnumjobs=4\nflushers=2\n", " numjobs=4 flushers=2"},
		{"mode=normal\nfill_bs=1m\n", " fill_bs=1m"},
		{"mode=normal\nthinktime=250\n", " thinktime=250us"},
		{"mode=normal\nthinktime=0.001\n", " thinktime=1ns"},
		{"mode=normal\nsize=5000\ncpus_allowed=0-1\n",
		 " size=5000 cpus_allowed=0-1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		char expected[256];

		snprintf(expected, sizeof(expected), "path=file mode=normal%s",
			 list[i].what);
		assert_string_equal(described(list[i].text), expected);
	}
}

static void a_description_is_read_back_alike(void **state)
{
	char text[256], first[256];

	(void)state;
	strcpy(first, described("mode=no-sync\nbs=12k\nruntime=1234.5ms\n"
				"ramp_time=3ms\nthinktime=1500\nno_sync=fsync\n"));
	strcpy(text, first);
	for (char *at = text; *at; at++)
		*at = *at == ' ' ? '\n' : *at;
	assert_string_equal(described(text), first);
	assert_int_equal(rig.plan.cases[0].runtime_ns, 1234500000);
	assert_int_equal(rig.plan.cases[0].thinktime_ns, 1500000);
}

static void combinations_that_nobody_can_wait_for_are_refused(void **state)
{
	char *list = malloc(20000);
	size_t at = 0;

	(void)state;
	for (int i = 1; i <= 2000; i++)
		at += (size_t)sprintf(list + at, "%s%d", i > 1 ? "," : "", i);
	assert_int_equal(load("path=mapped\nmode=view\ndirect=1\n"), 0);
	assert_int_equal(fb_profile_override(&rig.profile, fb_param_find("bs"), list,
					     "--bs", &rig.err),
			 0);
	assert_int_equal(fb_profile_override(&rig.profile, fb_param_find("seed"), list,
					     "--seed", &rig.err),
			 0);
	free(list);
	/* 4 million, all of them left out */
	assert_int_equal(fb_plan_expand(&rig.plan, &rig.profile, &rig.err), -EINVAL);
	assert_non_null(strstr(rig.err.text, "1000000 combinations"));
}

static void every_default_is_a_valid_value(void **state)
{
	struct fb_case c;

	(void)state;
	for (size_t i = 0; i < fb_params_count; i++) {
		const struct fb_param *p = &fb_params[i];

		if (*p->initial && !fb_value_is_all(p, p->initial))
			assert_int_equal(fb_param_parse(p, p->initial, &c, &rig.err),
					 0);
		assert_int_equal(fb_param_find(p->name), i);
		assert_null(fb_param_foreign(p->name));
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, plan_rig_enter, plan_rig_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(lists_make_every_combination),
		T(all_means_every_mode_of_the_path),
		T(defaults_are_the_documented_ones),
		T(a_count_without_a_time_ends_by_count_alone),
		T(units_are_understood),
		T(a_parameter_without_meaning_is_empty_and_multiplies_nothing),
		T(a_combination_without_meaning_is_left_out_and_told),
		T(a_value_said_twice_counts_once),
		T(a_plan_too_large_is_refused),
		T(too_many_repetitions_are_refused_by_reps),
		T(as_many_repetitions_as_allowed_are_planned),
		T(repetitions_are_interleaved_and_shuffled_by_the_seed),
		T(what_cannot_be_done_here_is_left_out_by_name),
		T(csv_has_plain_numbers_in_the_tables_unit),
		T(a_description_has_what_differs_from_the_defaults),
		T(a_description_is_read_back_alike),
		T(every_default_is_a_valid_value),
		T(combinations_that_nobody_can_wait_for_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
