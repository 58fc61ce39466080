/*
 * What `run` would do: the plan that --dry-run shows, and what is left out of it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/cli.h"

#include <stdio.h>
#include <stdlib.h>

static void a_dry_run_shows_the_plan_and_leaves_nothing(void **state)
{
	(void)state;
	assert_exit(0,
		    run_in_target("run --path file,mapped,null --mode all --direct 0,1 "
				  "--runtime 2 --ramp_time 1 --reps 3 --dry-run"),
		    lab.c);
	assert_says(lab.c.out, "22 cases, 66 repetitions");
	assert_says(lab.c.out, "\nall with pattern=rand bs=4k size=256m ");
	assert_says(lab.c.out, "\n     1  path=file   mode=none           direct=0\n");
	assert_says(lab.c.out, "path=mapped mode=msync");
	assert_says(lab.c.out, "left out: direct: a mapped view is the page cache");
	assert_says(lab.c.out, "3 cases, as path=mapped");
	assert_says(lab.c.out, "left out: direct: the null path");
	assert_says(lab.c.out, "expected duration: 3 min 18 s");
	assert_string_equal(lab.c.err, "");
	assert_untouched(0);
}

/* What an option takes from a profile was meant; what it asks for in vain is told. */
static void a_key_that_an_option_leaves_no_case_for_is_not_told(void **state)
{
	(void)state;
	assert_exit(0, run_in_target("run quick --path null --dry-run"), lab.c);
	assert_null(strstr(lab.c.err, "no_sync"));
	assert_exit(0, run_in_target("run quick --zipf_theta 0.5 --dry-run"), lab.c);
	assert_says(lab.c.err, "it counts only with pattern zipf");
}

static void a_width_that_nobody_reads_is_none(void **state)
{
	static const char *const widths[] = {"1", "-7", "abc", "99999999999999999999"};

	(void)state;
	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		setenv("COLUMNS", widths[i], 1);
		run_in_target("run quick --dry-run");
		unsetenv("COLUMNS");
		assert_exit(0, lab.c.exit, lab.c);
		assert_says(lab.c.out, "\nexpected duration: ");
		assert_says(lab.c.out, "all with pattern=rand bs=4k size=16m ");
	}
}

static void one_case_is_not_called_cases(void **state)
{
	(void)state;
	assert_exit(0, run_in_target("run --path null --mode none --reps 1 --dry-run"),
		    lab.c);
	assert_says(lab.c.out, "1 case, 1 repetition,");
}

static void a_case_without_a_time_has_no_expected_duration(void **state)
{
	(void)state;
	assert_exit(0, run_in_target("run --path null --mode none --ops 5 --dry-run"),
		    lab.c);
	assert_says(lab.c.out, "expected duration: not known");
}

static void cache_off_is_refused_by_name_on_a_disk_of_others(void **state)
{
	(void)state;
	assert_exit(
		0,
		run_in_target("run --mode no-sync --no_sync range,cache-off --dry-run"),
		lab.c);
	assert_says(lab.c.out, "left out: no_sync=cache-off: ");
	assert_exit(4, run_in_target("run --mode no-sync --no_sync cache-off"), lab.c);
	assert_says(lab.c.err, "no_sync=cache-off: ");
	assert_says(lab.c.err, "no case is left");
	assert_untouched(0);
}

static char *numbers_to(int n)
{
	char *list = calloc((size_t)n, 8), *at = list;

	assert_non_null(list);
	for (int i = 1; i <= n; i++)
		at += sprintf(at, "%s%d", i > 1 ? "," : "", i);
	return list;
}

static void plan_of(int seeds, int ops)
{
	char *a = numbers_to(seeds), *b = numbers_to(ops);

	cli_run(&lab.c,
		"run --path null --mode none --reps 1 --seed %s --ops %s --dry-run", a,
		b);
	free(a);
	free(b);
}

static void plans_may_be_large_but_not_endless(void **state)
{
	(void)state;
	plan_of(100, 100);
	assert_exit(0, lab.c.exit, lab.c);
	assert_says(lab.c.out, "10000 cases, 10000 repetitions");
	assert_says(lab.c.out, "     1  path=null mode=none ops=1   seed=1\n");
	assert_says(lab.c.out, " 10000  path=null mode=none ops=100 seed=100\n");
	plan_of(400, 251);
	assert_exit(2, lab.c.exit, lab.c);
	assert_says(lab.c.err, "100000 cases");
	assert_string_equal(lab.c.out, "");
}

static void comma_lists_make_every_combination(void **state)
{
	(void)state;
	assert_exit(0,
		    run_in_target(
			    "run --mode normal,data-only --bs 4k,8k,4096 --pattern seq "
			    "--dry-run"),
		    lab.c);
	assert_says(lab.c.out, "4 cases");
	assert_says(lab.c.out, "mode=normal    bs=8k\n");
	assert_says(lab.c.out, "mode=data-only bs=8k\n");
	assert_says(lab.c.out, "\nall with pattern=seq ");
}

static void cases_that_differ_are_told_apart(void **state)
{
	(void)state;
	assert_exit(
		0,
		run_in_target(
			"run --mode normal --runtime 1,2 --thinktime 0,250 --dry-run"),
		lab.c);
	assert_says(lab.c.out, "mode=normal runtime=1s thinktime=0s\n");
	assert_says(lab.c.out, "mode=normal runtime=1s thinktime=250us\n");
	assert_says(lab.c.out, "mode=normal runtime=2s thinktime=0s\n");
}

static void a_yes_no_option_takes_every_word_for_it_or_none(void **state)
{
	static const struct {
		const char *words, *cases;
		bool direct;
	} list[] = {
		{"--direct", "1 case,", true},
		{"--direct yes", "1 case,", true},
		{"--direct on", "1 case,", true},
		{"--direct true", "1 case,", true},
		{"--direct 0", "1 case,", false},
		{"--direct no", "1 case,", false},
		{"--direct off", "1 case,", false},
		{"--direct=false", "1 case,", false},
		{"--direct no,yes", "2 cases,", true},
		{"--direct 1,0,off", "2 cases,", true},
	};
	char words[96];

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		snprintf(words, sizeof(words), "run --dry-run --mode normal %s",
			 list[i].words);
		assert_exit(0, run_in_target(words), lab.c);
		assert_says(lab.c.out, list[i].cases);
		assert_true(!strstr(lab.c.out, "direct=1") == !list[i].direct);
	}
	assert_exit(2, run_in_target("run --dry-run --mode normal --direct nosuch"),
		    lab.c);
	assert_says(lab.c.err, "no profile nosuch");
}

static void repetitions_are_not_endless(void **state)
{
	char *seeds = numbers_to(1001);

	(void)state;
	assert_exit(2,
		    cli_run(&lab.c,
			    "run --path null --mode none --reps 10000 --seed %s "
			    "--dry-run",
			    seeds),
		    lab.c);
	free(seeds);
	assert_says(lab.c.err, "--reps: reps=10000: ");
	assert_says(lab.c.err, "10000000 repetitions");
	assert_string_equal(lab.c.out, "");
}

static int widest_line(const char *s)
{
	int widest = 0;

	for (; *s; s += strcspn(s, "\n") + 1)
		widest = (int)strcspn(s, "\n") > widest ? (int)strcspn(s, "\n")
							: widest;
	return widest;
}

static void a_plan_is_as_wide_as_the_screen(void **state)
{
	static const char *const widths[] = {"60", "80", "100", "200"};

	(void)state;
	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		setenv("COLUMNS", widths[i], 1);
		run_in_target(
			"run --mode all --bs 4k,64k --numjobs 1,2 --share own,one "
			"--writes_per_flush 1,16 --thinktime 0,5ms --no_sync "
			"range,cache-off --dry-run");
		unsetenv("COLUMNS");
		assert_exit(0, lab.c.exit, lab.c);
		assert_true(widest_line(lab.c.out) <= atoi(widths[i]));
	}
	/* With room enough one line each, in columns. */
	assert_says(lab.c.out,
		    "\n     2  path=file mode=none           bs=4k  "
		    "writes_per_flush=1  numjobs=1 share=own thinktime=5ms\n");
}

static void jobs_are_named_where_there_are_several(void **state)
{
	static const char two[] = "[one]\nmode=normal\n[two]\nmode=normal\n";
	static const char alone[] = "[one]\nmode=normal\n";

	(void)state;
	assert_exit(0,
		    cli_run(&lab.c, "run %s --dry-run",
			    file_put("p.ini", two, sizeof(two) - 1)),
		    lab.c);
	assert_says(lab.c.out, "[one]\n     1  path=file mode=normal\n"
			       "[two]\n     2  path=file mode=normal\n");
	assert_exit(0,
		    cli_run(&lab.c, "run %s --dry-run",
			    file_put("p.ini", alone, sizeof(alone) - 1)),
		    lab.c);
	assert_null(strstr(lab.c.out, "[one]"));
	assert_says(lab.c.out, "\nwith pattern=rand ");
}

static void what_is_given_in_vain_is_told_and_the_run_goes_on(void **state)
{
	(void)state;
	assert_exit(0, run_in_target("run --mode normal --zipf_theta 0.5 --dry-run"),
		    lab.c);
	assert_string_equal(
		lab.c.err, "flushbench: --zipf_theta: zipf_theta=0.5 has no meaning in "
			   "any case of this plan; it counts only with pattern zipf\n");
	assert_exit(0, measure("--path null --mode none --flush_range whole"), lab.c);
	assert_says(lab.c.err, "--flush_range: flush_range=whole has no meaning ");
	assert_string_equal(field(FB_RUN_SUMMARY, 0, "flush_range"), "");
}

static void what_cpus_may_be_used_is_told(void **state)
{
	(void)state;
	assert_exit(4, run_in_target("run --mode normal --cpus_allowed 4095"), lab.c);
	assert_says(lab.c.err, "not all of these CPUs may be used here; choose from ");
	assert_untouched(0);
}

static void a_write_may_be_as_large_as_its_table_says(void **state)
{
	(void)state;
	assert_exit(0, run_in_target("run --mode normal --bs 1g --size 2g --dry-run"),
		    lab.c);
	assert_says(lab.c.out, "bs=1g size=2g");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, cli_lab_enter, cli_lab_leave)
	const struct CMUnitTest tests[] = {
		TEST(a_dry_run_shows_the_plan_and_leaves_nothing),
		TEST(a_key_that_an_option_leaves_no_case_for_is_not_told),
		TEST(a_width_that_nobody_reads_is_none),
		TEST(one_case_is_not_called_cases),
		TEST(a_case_without_a_time_has_no_expected_duration),
		TEST(cache_off_is_refused_by_name_on_a_disk_of_others),
		TEST(plans_may_be_large_but_not_endless),
		TEST(comma_lists_make_every_combination),
		TEST(cases_that_differ_are_told_apart),
		TEST(a_yes_no_option_takes_every_word_for_it_or_none),
		TEST(repetitions_are_not_endless),
		TEST(a_plan_is_as_wide_as_the_screen),
		TEST(jobs_are_named_where_there_are_several),
		TEST(what_is_given_in_vain_is_told_and_the_run_goes_on),
		TEST(what_cpus_may_be_used_is_told),
		TEST(a_write_may_be_as_large_as_its_table_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
