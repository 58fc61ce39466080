#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/plan_rig.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void a_repeated_key_continues_its_list(void **state)
{
	(void)state;
	assert_int_equal(expand("mode=normal\nbs=4k\nbs=8k, 16k\n"), 0);
	assert_int_equal(rig.plan.n_cases, 3);
}

static void global_gives_defaults_to_every_job(void **state)
{
	(void)state;
	assert_int_equal(expand("[global]\nbs=8k\nmode=normal\n[a]\n[b]\nbs=16k\n"), 0);
	assert_int_equal(rig.plan.n_cases, 2);
	assert_string_equal(rig.plan.cases[0].job, "a");
	assert_int_equal(rig.plan.cases[0].bs, 8192);
	assert_int_equal(rig.plan.cases[1].bs, 16384);
}

static void indented_lines_and_comments_are_read(void **state)
{
	(void)state;
	assert_int_equal(expand("# head\n[a]\n  mode = normal ; why\n\tbs=8k\r\n\n"),
			 0);
	assert_int_equal(rig.plan.n_cases, 1);
	assert_int_equal(rig.plan.cases[0].bs, 8192);
}

static void options_override_every_job(void **state)
{
	(void)state;
	assert_int_equal(load("[a]\nbs=4k,8k\nmode=normal\n[b]\nmode=none\n"), 0);
	assert_int_equal(fb_profile_override(&rig.profile, fb_param_find("bs"), "1m",
					     "--bs", &rig.err),
			 0);
	assert_int_equal(fb_plan_expand(&rig.plan, &rig.profile, &rig.err), 0);
	assert_int_equal(rig.plan.n_cases, 2);
	assert_int_equal(rig.plan.cases[1].bs, 1 << 20);
	assert_string_equal(fb_plan_origin(&rig.profile, &rig.plan.cases[0], "bs"),
			    "--bs");
}

static void mistakes_are_told_with_line_value_and_what_was_meant(void **state)
{
	static const struct {
		const char *text;
		unsigned line;
		const char *what;
	} bad[] = {
		{"[a]\nblocksize=4k\n", 2, "--bs"},
		{"[a]\nnumjob=4\n", 2, "did you mean numjobs?"},
		{"[a]\n\nmode=data-sync\n", 3, "did you mean data-sync-only?"},
		{"mode=nrmal\n", 1, "mode=nrmal"},
		{"mode=fdatasync\n", 1, "did you mean data-sync-only?"},
		{"mode=fsync\n", 1, "did you mean normal?"},
		{"[GLOBAL]\nbs=4k\n", 1, "did you mean [global]?"},
		{"bs=4q\n", 1, "bs=4q"},
		{"bs=-4k\n", 1, "bs=-4k"},
		{"bs=0\n", 1, "bs=0"},
		{"bs=\n", 1, "bs has an empty value"},
		{"bs=4k,,8k\n", 1, "empty"},
		{"numjobs=0\n", 1, "numjobs=0"},
		{"numjobs=-1\n", 1, "numjobs=-1"},
		{"numjobs=99999999999999999999999\n", 1, "numjobs="},
		{"reps=0\n", 1, "reps=0"},
		{"size=0\n", 1, "size=0"},
		{"runtime=0\n", 1, "runtime=0"},
		{"runtime=5x\n", 1, "runtime=5x"},
		{"writes_per_flush=0\n", 1, "writes_per_flush=0"},
		{"zipf_theta=1\n", 1, "zipf_theta=1"},
		{"zipf_theta=nan\n", 1, "zipf_theta=nan"},
		{"direct=maybe\n", 1, "direct=maybe"},
		{"cpus_allowed=0-\n", 1, "cpus_allowed=0-"},
		{"fdatasync=1\n", 1, "--mode data-sync-only"},
		{"fsync=8\n", 1, "--writes_per_flush"},
		{"rw=randwrite\n", 1, "--pattern"},
		{"iodepth=8\n", 1, "numjobs"},
		{"[a]\nmode=normal\n[a]\n", 3, "second time"},
		{"[a]\nmode=normal\n[global]\n", 3, "before"},
		{"[a\n", 1, "ends in ]"},
		{"[a]\njust words\n", 2, "neither"},
		{"[a] junk\nmode=none\n", 1, "only a comment"},
		{"[a]mode=none\n", 1, "only a comment"},
		{"just words\nblok=1\n", 1, "neither"},
		{"blok=1\njust words\n", 1, "blok is no parameter"},
		{"just words\n[a\n", 1, "neither"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(load(bad[i].text), -EINVAL);
		assert_told(bad[i].line, bad[i].what);
		plan_rig_again();
	}
}

static void contradictions_are_refused_with_both_values_and_their_origins(void **state)
{
	static const struct {
		const char *text;
		unsigned line;
		const char *what;
	} bad[] = {
		{"mode=normal\nbs=8k\nsize=4k\n", 3,
		 "size=4k: size must be at least bs (bs=8k, /tmp/"},
		{"mode=normal\nruntime=1\nramp_time=2\n", 3, "ramp_time=2s: "},
		{"mode=normal\nbs=1000\ndirect=1\n", 3, "512 bytes (bs=1000, "},
		{"mode=normal\nnumjobs=2\nflushers=3\n", 3, "flushers=3: "},
		{"mode=normal\nrate_iops=10\nthinktime=5\n", 3, "thinktime=5us: "},
		{"mode=normal\nsize=8k\nfill_bs=16k\n", 3, "fill_bs=16k: "},
		{"mode=normal\nsize=8k\nwrites_per_flush=3\n", 2,
		 "(writes_per_flush=3, /tmp/"},
		{"mode=normal\nsize=8k\nwrites_per_flush=3\n", 2,
		 "; bs=4k, the default)"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(expand(bad[i].text), -EINVAL);
		assert_told(bad[i].line, bad[i].what);
		plan_rig_again();
	}
}

static void what_contradicts_a_default_is_told_by_what_was_set(void **state)
{
	static const struct {
		const char *text;
		unsigned line;
		const char *what;
	} bad[] = {
		{"mode=normal\n\nbs=512m\n", 3,
		 "bs=512m: size must be at least bs (size=256m, the default)"},
		{"bs=1m\nwrites_per_flush=1000\n", 2,
		 "writes_per_flush=1000: size must hold"},
		{"bs=1m\nwrites_per_flush=1000\n", 2,
		 "(size=256m, the default; bs=1m, "},
		{"ramp_time=6\n", 1, "(runtime=5s, the default)"},
		{"mode=none\nfill_bs=512m\n", 2, "(size=256m, the default)"},
		{"flushers=2\n", 1, "(numjobs=1, the default)"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(expand(bad[i].text), -EINVAL);
		assert_told(bad[i].line, bad[i].what);
		plan_rig_again();
	}
}

static void odd_files_are_refused(void **state)
{
	char *big = malloc(10 << 20);
	char line[400];

	(void)state;
	assert_int_equal(load_bytes("# nothing but this\n\n", 20), -EINVAL);
	assert_non_null(strstr(rig.err.text, "neither a [section] nor a key"));
	plan_rig_again();
	assert_int_equal(load_bytes("[a]\nbs=4\0k\n", 11), -EINVAL);
	assert_told(2, "NUL");
	plan_rig_again();
	memset(line, 'x', sizeof(line));
	memcpy(line, "[a]\nbs=", 7);
	assert_int_equal(load_bytes(line, sizeof(line)), -EINVAL);
	assert_told(2, "190");
	plan_rig_again();
	memset(big, 'x', 10 << 20);
	assert_int_equal(load_bytes(big, 10 << 20), -EINVAL);
	assert_non_null(strstr(rig.err.text, "1 MiB"));
	free(big);
	plan_rig_again();
	rig.path[0] = '\0';
	assert_int_equal(fb_profile_load(&rig.profile, "/nowhere/x.ini", &rig.err),
			 -ENOENT);
	assert_int_not_equal(fb_profile_load(&rig.profile, "/tmp", &rig.err), 0);
}

static void a_value_of_a_continued_list_has_its_own_line(void **state)
{
	static const char *const texts[] = {
		"mode=normal\nbs=4k, 8k\nbs=16k, 512m\nbs=32k\n",
		"[global]\nbs=4k\nbs=512m\nbs=1g\n[a]\nmode=normal\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(expand(texts[i]), -EINVAL);
		assert_told(3, "bs=512m: size must be at least");
		plan_rig_again();
	}
	assert_int_equal(expand("bs=4k\nbs=8k\nsize=4k\n"), -EINVAL);
	assert_told(3, "size=4k: ");
	assert_non_null(strstr(rig.err.text, ":2)"));
}

static void a_byte_order_mark_hides_no_section(void **state)
{
	(void)state;
	assert_int_equal(expand("\xef\xbb\xbf[a]\nmode=normal\n[b]\nmode=none\n"), 0);
	assert_int_equal(rig.plan.n_cases, 2);
	assert_string_equal(rig.plan.cases[0].job, "a");
	plan_rig_again();
	assert_int_equal(load("\xef\xbb\xbfmode=normal\nblok=1\n"), -EINVAL);
	assert_told(2, "blok");
}

static void a_comment_may_follow_a_section(void **state)
{
	(void)state;
	assert_int_equal(expand("[a] ; one\nmode=none\n[b]# two\r\nmode=none\n"
				"[c] \t\r\nmode=none\n"),
			 0);
	assert_int_equal(rig.plan.n_cases, 3);
	assert_string_equal(rig.plan.cases[1].job, "b");
}

#define T(f) cmocka_unit_test_setup_teardown(f, plan_rig_enter, plan_rig_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_repeated_key_continues_its_list),
		T(global_gives_defaults_to_every_job),
		T(indented_lines_and_comments_are_read),
		T(options_override_every_job),
		T(mistakes_are_told_with_line_value_and_what_was_meant),
		T(contradictions_are_refused_with_both_values_and_their_origins),
		T(what_contradicts_a_default_is_told_by_what_was_set),
		T(odd_files_are_refused),
		T(a_value_of_a_continued_list_has_its_own_line),
		T(a_byte_order_mark_hides_no_section),
		T(a_comment_may_follow_a_section),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
