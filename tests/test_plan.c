#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan/plan.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct rig {
	struct fb_profile profile;
	struct fb_plan plan;
	struct fb_err err;
	char path[64];
};

static struct rig rig;

static int set_up(void **state)
{
	(void)state;
	memset(&rig, 0, sizeof(rig));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fb_plan_free(&rig.plan);
	fb_profile_free(&rig.profile);
	if (rig.path[0])
		unlink(rig.path);
	return 0;
}

static int load_bytes(const void *bytes, size_t n)
{
	FILE *f;
	int fd;

	strcpy(rig.path, "/tmp/flushbench-test-XXXXXX");
	fd = mkstemp(rig.path);
	assert_true(fd >= 0);
	f = fdopen(fd, "wb");
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	fclose(f);
	return fb_profile_load(&rig.profile, rig.path, &rig.err);
}

static int load(const char *text)
{
	return load_bytes(text, strlen(text));
}

static int expand(const char *text)
{
	int ret = load(text);

	return ret ? ret : fb_plan_expand(&rig.plan, &rig.profile, &rig.err);
}

/* The message names the line, and says @what. */
static void assert_told(unsigned line, const char *what)
{
	char where[96];

	snprintf(where, sizeof(where), "%s:%u: ", rig.path, line);
	if (strncmp(rig.err.text, where, strlen(where)) || !strstr(rig.err.text, what))
		fail_msg("\"%s\" does not name line %u and say \"%s\"", rig.err.text,
			 line, what);
}

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
	assert_int_equal(expand("path = null, file, mapped\nmode = all\n"), 0);
	assert_int_equal(rig.plan.n_cases, 1 + 9 + 3);
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
	(void)state;
	assert_int_equal(expand("mode=normal\nbs=4k,4096,8k,4KiB\n"), 0);
	assert_int_equal(rig.plan.n_cases, 2);
}

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
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(load(bad[i].text), -EINVAL);
		assert_told(bad[i].line, bad[i].what);
		tear_down(NULL);
		set_up(NULL);
	}
}

static void contradictions_are_refused_with_their_origin(void **state)
{
	static const struct {
		const char *text;
		unsigned line;
		const char *what;
	} bad[] = {
		{"mode=normal\nbs=8k\nsize=4k\n", 3, "size=4096"},
		{"mode=normal\nruntime=1\nramp_time=2\n", 3, "ramp_time=2"},
		{"mode=normal\nbs=1000\ndirect=1\n", 3, "512"},
		{"mode=normal\nnumjobs=2\nflushers=3\n", 3, "flushers=3"},
		{"mode=normal\nrate_iops=10\nthinktime=5\n", 3, "thinktime=5"},
		{"mode=normal\nsize=8k\nwrites_per_flush=3\n", 2, "size=8192"},
		{"mode=normal\nsize=8k\nfill_bs=16k\n", 3, "fill_bs=16384"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(expand(bad[i].text), -EINVAL);
		assert_told(bad[i].line, bad[i].what);
		tear_down(NULL);
		set_up(NULL);
	}
}

static void odd_files_are_refused(void **state)
{
	char *big = malloc(10 << 20);
	char line[400];

	(void)state;
	assert_int_equal(load_bytes("[a]\nbs=4\0k\n", 11), -EINVAL);
	assert_told(2, "NUL");
	tear_down(NULL);
	memset(line, 'x', sizeof(line));
	memcpy(line, "[a]\nbs=", 7);
	assert_int_equal(load_bytes(line, sizeof(line)), -EINVAL);
	assert_told(2, "190");
	tear_down(NULL);
	memset(big, 'x', 10 << 20);
	assert_int_equal(load_bytes(big, 10 << 20), -EINVAL);
	assert_non_null(strstr(rig.err.text, "1 MiB"));
	free(big);
	tear_down(NULL);
	rig.path[0] = '\0';
	assert_int_equal(fb_profile_load(&rig.profile, "/nowhere/x.ini", &rig.err),
			 -ENOENT);
	assert_int_not_equal(fb_profile_load(&rig.profile, "/tmp", &rig.err), 0);
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

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

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
		T(a_repeated_key_continues_its_list),
		T(global_gives_defaults_to_every_job),
		T(indented_lines_and_comments_are_read),
		T(options_override_every_job),
		T(mistakes_are_told_with_line_value_and_what_was_meant),
		T(contradictions_are_refused_with_their_origin),
		T(odd_files_are_refused),
		T(a_plan_too_large_is_refused),
		T(repetitions_are_interleaved_and_shuffled_by_the_seed),
		T(what_cannot_be_done_here_is_left_out_by_name),
		T(csv_has_plain_numbers_in_the_tables_unit),
		T(every_default_is_a_valid_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
