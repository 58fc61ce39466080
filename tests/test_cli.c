/*
 * The command line: what is understood, what is refused and in which words, and
 * that neither leaves anything behind.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan/param.h"
#include "support/cli.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void help_and_version_are_data(void **state)
{
	static const char *const lines[] = {
		"--help",     "-h",     "help",        "--version",
		"run --help", "run -h", "list --help",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_exit(0, run_in_target(lines[i]), lab.c);
		assert_string_equal(lab.c.err, "");
		assert_says(lab.c.out, "flushbench");
	}
	assert_exit(2, run_in_target(""), lab.c);
	assert_string_equal(lab.c.out, "");
	assert_says(lab.c.err, "usage: flushbench COMMAND");
}

static void run_help_has_every_parameter(void **state)
{
	char option[64];

	(void)state;
	assert_exit(0, run_in_target("run --help"), lab.c);
	for (size_t i = 0; i < fb_params_count; i++) {
		snprintf(option, sizeof(option), "--%s ", fb_params[i].name);
		assert_says(lab.c.out, option);
	}
	assert_says(lab.c.out, "--dry-run");
	assert_says(lab.c.out, "--allow-device");
}

static void list_has_profiles_modes_and_params(void **state)
{
	(void)state;
	assert_exit(0, run_in_target("list modes"), lab.c);
	for (int m = 0; m < FB_MODE_COUNT; m++)
		assert_says(lab.c.out, fb_mode_names[m]);
	assert_says(lab.c.out, "NtFlushBuffersFileEx");
	assert_exit(0, run_in_target("list params"), lab.c);
	for (size_t i = 0; i < fb_params_count; i++)
		assert_says(lab.c.out, fb_params[i].name);
	assert_exit(0, run_in_target("list"), lab.c);
	assert_says(lab.c.out, "Profiles");
	assert_says(lab.c.out, "write-dsync");
	assert_says(lab.c.out, "--writes_per_flush");
	assert_string_equal(lab.c.err, "");
}

/* struct refusal - words, exit code, and what the message must name */
struct refusal {
	const char *words;
	int exit;
	const char *says[3];
};

static void refused(const struct refusal *r)
{
	int code = run_in_target(r->words);

	if (code != r->exit)
		fail_msg("%s: exit %d, not %d: %s", r->words, code, r->exit, lab.c.err);
	for (int i = 0; i < 3 && r->says[i]; i++)
		if (!strstr(lab.c.err, r->says[i]))
			fail_msg("%s: \"%s\" is not in: %s", r->words, r->says[i],
				 lab.c.err);
	assert_string_equal(lab.c.out, "");
	assert_untouched(0);
}

static void what_is_not_understood_is_told_with_what_was_meant(void **state)
{
	static const struct refusal list[] = {
		{"rnu", 2, {"rnu", "did you mean run"}},
		{"xyzzy", 2, {"xyzzy", "flushbench --help"}},
		{"list modse", 2, {"modse", "did you mean modes"}},
		{"list a b", 2, {"one too many", "list --help"}},
		{"run --targte x", 2, {"--targte", "did you mean --target"}},
		{"run --wites-per-flush 2", 2, {"--wites", "--writes_per_flush"}},
		{"run --xyzzy=1", 2, {"--xyzzy", "run --help"}},
		{"run -q", 2, {"-q", "run --help"}},
		{"run -- --bs", 2, {"--bs", "no profile"}},
		{"run qick", 2, {"no profile qick", "did you mean quick"}},
		{"run xyzzyx", 2, {"no profile xyzzyx", "list profiles"}},
		{"run --mode view", 2, {"one of path mapped", "and runs with"}},
		{"run --path mapped --mode purge",
		 2,
		 {"one of path file", "and runs with"}},
		{"run --fdatasync=1", 2, {"--fdatasync=1", "--mode data-sync-only"}},
		{"run --fsync=8", 2, {"--mode normal", "--writes_per_flush N"}},
		{"run --rw=randwrite", 2, {"--rw=randwrite", "--pattern"}},
		{"run --warmup 3", 2, {"--warmup", "--ramp_time"}},
		{"run --runs 10", 2, {"--runs", "--reps"}},
		{"run --export-csv x", 2, {"--export-csv", "always written"}},
		{"run --iodepth 4", 2, {"--iodepth", "--numjobs"}},
		{"run --filename=x", 2, {"--filename=x", "--target"}},
		{"run --rwmixread=50", 2, {"not measured"}},
		{"run -b4K", 2, {"-b4K", "--bs"}},
		{"run -t4", 2, {"-t4", "--numjobs"}},
		{"run -d10", 2, {"-d10", "--runtime"}},
		{"run -Sh", 2, {"-Sh", "write-through --direct 1"}},
		{"run --bs", 2, {"--bs needs a value"}},
		{"run --target", 2, {"--target needs a value"}},
		{"run --target=", 2, {"--target is empty"}},
		{"run --dry-run=1", 2, {"--dry-run takes no value"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		refused(&list[i]);
}

static void bad_values_are_named_with_what_is_possible(void **state)
{
	static const struct refusal list[] = {
		{"run --bs=", 2, {"bs", "empty"}},
		{"run --bs 4k,,8k", 2, {"bs", "empty"}},
		{"run --bs=abc", 2, {"bs=abc", "4k"}},
		{"run --bs=4k4", 2, {"bs=4k4"}},
		{"run --bs=4x", 2, {"bs=4x"}},
		{"run --size=99999999999999999999999", 2, {"size=9999", "range"}},
		{"run --seed=1.5", 2, {"seed=1.5", "whole number"}},
		{"run --runtime=5parsecs", 2, {"runtime=5parsecs", "500ms"}},
		{"run --mode nomal", 2, {"mode=nomal", "did you mean normal"}},
		{"run --path disk", 2, {"path=disk", "file"}},
		{"run --direct=maybe", 2, {"direct=maybe", "1 or 0"}},
		{"run --zipf_theta=1", 2, {"zipf_theta=1", "below 1"}},
		{"run --zipf_theta=0", 2, {"zipf_theta=0", "above 0"}},
		{"run --zipf_theta=nan", 2, {"zipf_theta=nan"}},
		{"run --cpus_allowed=3-1", 2, {"cpus_allowed=3-1", "0-1,3"}},
		{"run --cpus_allowed=x", 2, {"cpus_allowed=x"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		refused(&list[i]);
}

static void contradictions_name_both_sides(void **state)
{
	static const struct refusal list[] = {
		{"run --size 4k --bs 8k", 2, {"--size: size=4k: ", "(bs=8k, --bs)"}},
		{"run --size 8k --writes_per_flush 3", 2, {"size=8k", "one op"}},
		{"run --size 8k --fill_bs 16k", 2, {"fill_bs=16k", "size=8k"}},
		{"run --runtime 1 --ramp_time 2", 2, {"ramp_time=2s", "runtime=1s"}},
		{"run --direct --bs 100", 2, {"direct=1", "512", "bs=100"}},
		{"run --numjobs 2 --flushers 3", 2, {"flushers=3", "numjobs=2"}},
		{"run --thinktime 5 --rate_iops 5",
		 2,
		 {"thinktime=5us", "rate_iops=5"}},
		{"run --size 4k --numjobs 1000000", 2, {"numjobs=1000000", "1 GiB"}},
		{"run --bs 1g --size 8g --numjobs 5",
		 2,
		 {"--bs: bs=1g: ", "4 GiB", "(numjobs=5, --numjobs)"}},
		{"run --bs 1g --size 8g --writes_per_flush 5",
		 2,
		 {"--bs: bs=1g: ", "5.00 GiB", "(writes_per_flush=5, "}},
		{"run --size 8g --writes_per_flush 65536 --numjobs 20",
		 2,
		 {"--writes_per_flush: ", "4 GiB", "(bs=4k, the default)"}},
		{"run --size 1000000t --numjobs 100", 2, {"size="}},
		{"run --path mapped --direct", 2, {"left out", "direct", "no case"}},
		{"run --path mapped --pattern create", 2, {"create", "no case"}},
		{"run --path mapped --mode normal", 2, {"no such mode", "no case"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		refused(&list[i]);
}

static bool is_number(const struct fb_param *p)
{
	return p->type == FB_TYPE_SIZE || p->type == FB_TYPE_DURATION ||
	       p->type == FB_TYPE_COUNT;
}

static void refused_value(const struct fb_param *p, const char *value)
{
	char words[160], named[128];
	const struct refusal r = {words, 2, {named}};

	snprintf(named, sizeof(named), "%s=%s", p->name, value);
	snprintf(words, sizeof(words), "run --%s", named);
	refused(&r);
}

static void numbers_outside_the_table_are_refused(void **state)
{
	char above[32];

	(void)state;
	for (size_t i = 0; i < fb_params_count; i++) {
		const struct fb_param *p = &fb_params[i];

		if (!is_number(p))
			continue;
		snprintf(above, sizeof(above), "%" PRIu64,
			 p->max / (p->unit_ns ? p->unit_ns : 1) + 1);
		refused_value(p, "-1");
		refused_value(p, "1e");
		refused_value(p, "99999999999999999999");
		refused_value(p, above);
		if (p->min)
			refused_value(p, "0");
	}
}

static void a_run_id_is_a_plain_name(void **state)
{
	static const char *const bad[] = {"a/b", "../x", "..", ".", "a*b", "\xc3\xa4"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_exit(2,
			    cli_run(&lab.c,
				    "run --path null --mode none --runtime 1ms "
				    "--target %s --results %s --run-id %s",
				    lab.target, lab.results, bad[i]),
			    lab.c);
		assert_says(lab.c.err, "--run-id");
		assert_says(lab.c.err, bad[i]);
		assert_untouched(0);
	}
}

static void results_that_are_there_are_not_touched(void **state)
{
	char folder[CLI_PATH + 8];

	(void)state;
	mkdir(lab.results, 0700);
	mkdir(tmpdir_join(folder, sizeof(folder), lab.results, "r"), 0700);
	file_put("results/r/summary.csv", "mine\n", 5);
	assert_exit(2,
		    cli_run(&lab.c,
			    "run --path null --mode none --runtime 1ms --target %s "
			    "--results %s --run-id r",
			    lab.target, lab.results),
		    lab.c);
	assert_says(lab.c.err, folder);
	assert_says(lab.c.err, "--run-id");
	assert_int_equal(folder_entries(folder), 1);
	assert_int_equal(folder_entries(lab.results), 1);
	assert_tidy();
}

/* The terminal's end that a person would look at. */
static int open_terminal(int *inner)
{
	int outer = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	assert_true(outer >= 0);
	assert_int_equal(grantpt(outer) | unlockpt(outer), 0);
	*inner = open(ptsname(outer), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(*inner >= 0);
	return outer;
}

static void progress_is_for_terminals_only(void **state)
{
	char seen[16384];
	int inner, outer = open_terminal(&inner);
	ssize_t n;

	(void)state;
	assert_exit(0, measure("--path null --mode none --runtime 150ms"), lab.c);
	assert_null(strchr(lab.c.err, '\r'));
	assert_null(strstr(lab.c.err, "[1/1]"));
	lab.c.fd_err = inner;
	assert_exit(0, measure("--path null --mode none --runtime 150ms --reps 2"),
		    lab.c);
	close(inner);
	n = read(outer, seen, sizeof(seen) - 1);
	close(outer);
	assert_true(n > 0);
	seen[n] = '\0';
	assert_says(seen, "\r[1/2] path=null mode=none ");
	assert_says(seen, "[2/2] ");
	assert_says(seen, " s left");
	assert_says(seen, "ops/s");
	assert_null(strchr(lab.c.out, '\r'));
}

static void a_time_left_has_room_for_any_plan(void **state)
{
	char seen[4096] = "";
	int inner, outer = open_terminal(&inner);
	size_t at = 0;
	ssize_t n = 1;

	(void)state;
	lab.c.fd_err = inner;
	measure_start("--path null --mode none --runtime 999.9h --ramp_time 0 "
		      "--reps 10000");
	close(inner);
	while (n > 0 && at < sizeof(seen) - 1 && !strstr(seen, " left")) {
		n = read(outer, seen + at, sizeof(seen) - 1 - at);
		at += n > 0 ? (size_t)n : 0;
		seen[at] = '\0';
	}
	kill(lab.c.pid, SIGINT);
	close(outer);
	cli_wait(&lab.c, 60000);
	assert_says(seen, "  999");
	assert_says(seen, " min left");
}

static void the_command_kept_is_one_for_a_shell(void **state)
{
	char folder[CLI_PATH + 16];

	(void)state;
	assert_int_equal(
		mkdir(tmpdir_join(folder, sizeof(folder), lab.top, "it's#1"), 0700), 0);
	assert_exit(0, measure("--path null --mode none --target %s", folder), lab.c);
	assert_says(field(FB_RUN_SYSTEM, row_where(FB_RUN_SYSTEM, "key", "command"),
			  "value"),
		    "/it'\\''s#1'");
}

static void what_is_to_be_typed_next_can_be_typed(void **state)
{
	char hint[CLI_PATH * 2];

	(void)state;
	cli_run(&lab.c,
		"run --path null --mode none --runtime 10ms --reps 1 --target %s "
		"--results %s/it's --run-id r",
		lab.target, lab.top);
	assert_exit(0, lab.c.exit, lab.c);
	snprintf(hint, sizeof(hint), "\nto draw them: %s plot '%s/it'\\''s/r'\n",
		 cli_program(), lab.top);
	assert_says(lab.c.out, hint);
}

static void stdout_has_the_table_and_stderr_the_messages(void **state)
{
	char *line, *rest;

	(void)state;
	assert_exit(0, measure("--path file,null --mode normal,none"), lab.c);
	assert_says(lab.c.out, "equivalent");
	assert_says(lab.c.out, "results in ");
	assert_null(strstr(lab.c.out, "flushbench:"));
	assert_null(strchr(lab.c.out, '\033'));
	rest = lab.c.err;
	while ((line = strsep(&rest, "\n")))
		assert_true(!*line || !strncmp(line, "flushbench: ", 12));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, cli_lab_enter, cli_lab_leave)
	const struct CMUnitTest tests[] = {
		TEST(help_and_version_are_data),
		TEST(run_help_has_every_parameter),
		TEST(list_has_profiles_modes_and_params),
		TEST(what_is_not_understood_is_told_with_what_was_meant),
		TEST(bad_values_are_named_with_what_is_possible),
		TEST(contradictions_name_both_sides),
		TEST(numbers_outside_the_table_are_refused),
		TEST(a_run_id_is_a_plain_name),
		TEST(results_that_are_there_are_not_touched),
		TEST(progress_is_for_terminals_only),
		TEST(a_time_left_has_room_for_any_plan),
		TEST(the_command_kept_is_one_for_a_shell),
		TEST(what_is_to_be_typed_next_can_be_typed),
		TEST(stdout_has_the_table_and_stderr_the_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
