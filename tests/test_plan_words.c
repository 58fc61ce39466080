/*
 * What a plan says of itself: what its cases share, what tells them apart, and what
 * was given in vain.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/plan_rig.h"

#include <stdio.h>
#include <string.h>

static const char *common(void)
{
	static char text[1024];

	fb_plan_describe_common(&rig.plan, text, sizeof(text));
	return text;
}

/* What tells case @i apart. */
static const char *apart(size_t i)
{
	static char text[1024];

	fb_plan_describe_some(&rig.plan.cases[i], fb_plan_differing(&rig.plan), text,
			      sizeof(text));
	return text;
}

static void what_is_alike_is_common_and_the_rest_tells_apart(void **state)
{
	(void)state;
	assert_int_equal(expand("mode=normal,data-only\nbs=4k,8k\nthinktime=0,5ms\n"
				"pattern=seq\nruntime=400ms\n"),
			 0);
	assert_int_equal(rig.plan.n_cases, 8);
	assert_string_equal(
		common(),
		"pattern=seq size=256m writes_per_flush=1 runtime=400ms ramp_time=80ms "
		"reps=5 seed=1 numjobs=1 share=own flushers=1 prepare=written "
		"data=random account=disk");
	assert_string_equal(apart(0), "path=file mode=normal bs=4k thinktime=0s");
	assert_string_equal(apart(7), "path=file mode=data-only bs=8k thinktime=5ms");
}

static void what_follows_from_another_tells_nothing_apart(void **state)
{
	(void)state;
	assert_int_equal(expand("mode=normal\nbs=4k,8k\nnumjobs=1,2\nruntime=1,9\n"),
			 0);
	assert_string_equal(apart(7),
			    "path=file mode=normal bs=8k runtime=9s numjobs=2");
	assert_null(strstr(common(), "fill_bs"));
	plan_rig_again();
	assert_int_equal(expand("mode=normal\nbs=4k,8k\nfill_bs=64k,1m\n"), 0);
	assert_string_equal(apart(3), "path=file mode=normal bs=8k fill_bs=1m");
	plan_rig_again();
	assert_int_equal(expand("[a]\nmode=normal\n[b]\nmode=normal\nfill_bs=1m\n"), 0);
	assert_string_equal(apart(0), "path=file mode=normal fill_bs=4k");
}

static void what_has_a_meaning_in_some_cases_is_common_to_those(void **state)
{
	(void)state;
	assert_int_equal(expand("path=file,mapped\nmode=normal,view\n"
				"flush_range=whole\n"),
			 0);
	assert_non_null(strstr(common(), " flush_range=whole"));
	assert_string_equal(apart(1), "path=mapped mode=view");
}

/* The first thing given in vain of a plan that has @n of them. */
static const struct fb_unheard *unheard(const char *text, size_t n)
{
	plan_rig_again();
	assert_int_equal(expand(text), 0);
	assert_int_equal(fb_plan_find_unheard(&rig.plan, &rig.profile, &rig.err), 0);
	assert_int_equal(rig.plan.n_unheard, n);
	return n ? rig.plan.unheard : NULL;
}

static void assert_unheard(const struct fb_unheard *u, unsigned line, const char *what)
{
	char origin[96], said[96];

	snprintf(origin, sizeof(origin), "%s:%u", rig.path, line);
	snprintf(said, sizeof(said), "%s=%s", u->param, u->text);
	assert_string_equal(u->origin, origin);
	assert_string_equal(said, what);
	assert_string_equal(u->when, fb_params[fb_param_find(u->param)].when);
}

static void what_counts_in_no_case_is_named_with_its_line(void **state)
{
	const struct fb_unheard *u;

	(void)state;
	u = unheard("mode=normal\nzipf_theta=0.5,0.7\n", 1);
	assert_unheard(u, 2, "zipf_theta=0.5,0.7");
	assert_string_equal(u->when, "with pattern zipf");
	u = unheard("mode=normal\nflush_range=whole\nno_sync=fsync\n", 2);
	assert_unheard(&u[0], 2, "flush_range=whole");
	assert_unheard(&u[1], 3, "no_sync=fsync");
	u = unheard("path=null\nmode=none\nprepare=extend\nfill_bs=4k\ndata=zero\n", 3);
	assert_unheard(&u[2], 5, "data=zero");
	u = unheard("mode=normal\nprepare=unwritten\nfill_bs=1m\n", 1);
	assert_unheard(u, 3, "fill_bs=1m");
}

static void what_counts_in_one_case_is_not(void **state)
{
	(void)state;
	unheard("mode=normal,no-sync\nno_sync=range\n", 0);
	unheard("pattern=rand,zipf\nmode=normal\nzipf_theta=0.5\n", 0);
	unheard("[global]\nflush_range=whole\n[a]\nmode=normal\n[b]\npath=mapped\n", 0);
	unheard("mode=normal\nnumjobs=1\nshare=one\nthinktime=0\n", 0);
}

static void two_jobs_are_told_apart(void **state)
{
	(void)state;
	assert_unheard(unheard("[a]\nmode=normal\nflush_range=op\n"
			       "[b]\npath=mapped\nflush_range=op\n",
			       1),
		       3, "flush_range=op");
	/* said once for both */
	assert_unheard(unheard("[global]\nzipf_theta=0.5\n[a]\nmode=normal\n"
			       "[b]\nmode=none\n",
			       1),
		       2, "zipf_theta=0.5");
}

static void what_is_left_out_is_not_told_twice(void **state)
{
	(void)state;
	unheard("path=file,mapped\nmode=normal,view\ndirect=1\n", 0);
	unheard("[a]\nmode=normal\n[b]\npath=mapped\nprepare=extend\n"
		"flush_range=op\nzipf_theta=0.5\n",
		0);
	unheard("path=mapped\nmode=view\ndirect=0,1\n", 0);
}

static void a_yes_or_no_is_told_unless_it_is_the_default(void **state)
{
	(void)state;
	unheard("path=mapped\nmode=view\ndirect=no\n", 0);
	unheard("path=null\nmode=none\ninvalidate=1,yes\n", 0);
	assert_unheard(unheard("path=null\nmode=none\ninvalidate=no\n", 1), 3,
		       "invalidate=no");
}

static void an_option_is_named_as_it_was_written(void **state)
{
	(void)state;
	assert_int_equal(load("[a]\nmode=normal\n[b]\nmode=none\n"), 0);
	assert_int_equal(fb_profile_override(&rig.profile, fb_param_find("zipf_theta"),
					     "0.5", "--zipf-theta", &rig.err),
			 0);
	assert_int_equal(fb_plan_expand(&rig.plan, &rig.profile, &rig.err), 0);
	assert_int_equal(fb_plan_find_unheard(&rig.plan, &rig.profile, &rig.err), 0);
	assert_int_equal(rig.plan.n_unheard, 1);
	assert_string_equal(rig.plan.unheard[0].origin, "--zipf-theta");
}

static void every_parameter_with_a_condition_says_which(void **state)
{
	(void)state;
	for (size_t i = 0; i < fb_params_count; i++)
		if (!fb_params[i].when != !fb_params[i].applies)
			fail_msg("%s counts %s", fb_params[i].name,
				 fb_params[i].when
					 ? "always, not only when its words say"
					 : "sometimes; its row must say when");
}

#define T(f) cmocka_unit_test_setup_teardown(f, plan_rig_enter, plan_rig_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_is_alike_is_common_and_the_rest_tells_apart),
		T(what_follows_from_another_tells_nothing_apart),
		T(what_has_a_meaning_in_some_cases_is_common_to_those),
		T(what_counts_in_no_case_is_named_with_its_line),
		T(what_counts_in_one_case_is_not),
		T(two_jobs_are_told_apart),
		T(what_is_left_out_is_not_told_twice),
		T(a_yes_or_no_is_told_unless_it_is_the_default),
		T(an_option_is_named_as_it_was_written),
		T(every_parameter_with_a_condition_says_which),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
