/*
 * What `probe` shows and prints, on whatever the tests' own folder lies.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "path/workdir.h"
#include "plan/vocab.h"
#include "support/probe_rig.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *value_of(const char *key)
{
	const char *value = probe_fact(key);

	return value ? value : "";
}

static void every_group_is_on_the_screen(void **state)
{
	static const char *const parts[] = {
		"machine ",
		"\n  kernel ",
		"\n  processor ",
		"\n  clock ",
		"\n\ntarget ",
		"\n  options ",
		"\n\nflush, tried with overwrites of 4 KiB and fdatasync\n",
		"\n\ncost of measuring\n",
		"CLOCK_MONOTONIC",
		"\n\nmodes, by what a completed flush survives here\n",
		"file: ",
		"mapped: ",
		"registry: ",
		"null: none",
	};

	(void)state;
	assert_exit(0, cli_run(&lab.c, "probe --target %s", lab.target), lab.c);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		assert_says(lab.c.out, parts[i]);
	assert_string_equal(lab.c.err, "");
	assert_untouched(0);
}

static size_t longest_line(const char *text)
{
	size_t most = 0;

	for (const char *at = text; *at; at += strcspn(at, "\n"), at += *at == '\n') {
		const size_t n = strcspn(at, "\n");

		most = n > most ? n : most;
	}
	return most;
}

static void a_narrow_terminal_is_filled_and_not_overrun(void **state)
{
	static const struct {
		const char *columns;
		size_t most;
	} cases[] = {{"20", 60}, {"60", 60}, {"80", 80}, {"1000", 100}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		setenv("COLUMNS", cases[i].columns, 1);
		cli_run(&lab.c, "probe --target %s", lab.target);
		unsetenv("COLUMNS");
		assert_exit(0, lab.c.exit, lab.c);
		assert_in_range(longest_line(lab.c.out), cases[i].most / 2,
				cases[i].most);
	}
}

static void both_tables_have_the_columns_of_a_run(void **state)
{
	static const char *const system[] = {"run_id", "host", "key", "value"};
	static const char *const warnings[] = {"run_id", "host",    "case_id",
					       "rep",    "id",      "severity",
					       "text",   "evidence"};

	(void)state;
	assert_exit(0, probe_csv("--target %s", lab.target), lab.c);
	assert_int_equal(fb_csv_columns(lab.run.table[FB_RUN_SYSTEM]), 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(fb_csv_find(lab.run.table[FB_RUN_SYSTEM], system[i]),
				 i);
	assert_int_equal(fb_csv_columns(lab.run.table[FB_RUN_WARNINGS]), 8);
	for (int i = 0; i < 8; i++)
		assert_int_equal(
			fb_csv_find(lab.run.table[FB_RUN_WARNINGS], warnings[i]), i);
	for (size_t i = 0; i < row_count(FB_RUN_SYSTEM); i++)
		assert_string_equal(field(FB_RUN_SYSTEM, i, "run_id"), "probe");
	for (size_t i = 0; i < row_count(FB_RUN_WARNINGS); i++) {
		assert_string_equal(field(FB_RUN_WARNINGS, i, "case_id"), "");
		assert_true(*field(FB_RUN_WARNINGS, i, "id"));
	}
	assert_string_equal(lab.c.err, "");
	assert_untouched(2);
}

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/* What is measured anew, and what only one of the two tells. */
static bool is_own(const char *key)
{
	static const char *const ends[] = {"run_start", "run_end", "command", "cases",
					   "repetitions"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (!strcmp(key, ends[i]))
			return true;
	return begins(key, "overhead_") || begins(key, "sanity_") ||
	       begins(key, "mode_") || begins(key, "clock_step_") ||
	       begins(key, "nv_") || begins(key, "libpmem") ||
	       strstr(key, "_written_bytes");
}

/* Everything the table says that is not own, as lines. */
static char *list_facts(void)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	for (size_t i = 0; i < row_count(FB_RUN_SYSTEM); i++)
		if (!is_own(field(FB_RUN_SYSTEM, i, "key")))
			fprintf(f, "%s %s=%s\n", field(FB_RUN_SYSTEM, i, "host"),
				field(FB_RUN_SYSTEM, i, "key"),
				field(FB_RUN_SYSTEM, i, "value"));
	fclose(f);
	return text;
}

static void facts_are_those_a_run_writes(void **state)
{
	char *probed, *ran;
	bool same;

	(void)state;
	assert_exit(0, probe_csv("--target %s", lab.target), lab.c);
	probed = list_facts();
	assert_exit(0, measure("--mode normal --ops 5"), lab.c);
	ran = list_facts();
	same = !strcmp(probed, ran) && strlen(ran) > 100;
	if (!same)
		fprintf(stderr, "probe:\n%srun:\n%s", probed, ran);
	free(probed);
	free(ran);
	assert_true(same);
}

static void every_mode_has_a_fact_of_two_words(void **state)
{
	char fidelity[32], survives[32], key[64];

	(void)state;
	assert_exit(0, probe_csv("--target %s", lab.target), lab.c);
	for (int p = 0; p < FB_PATH_COUNT; p++) {
		for (int m = 0; m < FB_MODE_COUNT; m++) {
			if (!fb_mode_on((enum fb_path_id)p, (enum fb_mode)m))
				continue;
			snprintf(key, sizeof(key), "mode_%s_%s", fb_path_names[p],
				 fb_mode_names[m]);
			if (sscanf(value_of(key), "%31s %31s", fidelity, survives) != 2)
				fail_msg("%s is \"%s\"", key, value_of(key));
		}
	}
	assert_non_null(probe_fact("mode_file_no-sync_fsync"));
}

static void a_run_promises_what_was_shown(void **state)
{
	static const char *const modes[] = {"none", "normal", "data-only",
					    "write-dsync"};
	char told[4][64], key[64], is[64];

	(void)state;
	assert_exit(0, probe_csv("--target %s", lab.target), lab.c);
	for (size_t i = 0; i < 4; i++) {
		snprintf(key, sizeof(key), "mode_file_%s", modes[i]);
		snprintf(told[i], sizeof(told[i]), "%s", value_of(key));
	}
	assert_exit(0, measure("--mode none,normal,data-only,write-dsync --ops 5"),
		    lab.c);
	for (size_t i = 0; i < 4; i++) {
		const size_t row = row_where(FB_RUN_SUMMARY, "mode", modes[i]);
		const char *survives = field(FB_RUN_SUMMARY, row, "survives");

		snprintf(is, sizeof(is), "%s %s",
			 field(FB_RUN_SUMMARY, row, "fidelity"),
			 *survives ? survives : "-");
		assert_string_equal(is, told[i]);
	}
}

static void a_hundred_flushes_were_tried(void **state)
{
	(void)state;
	assert_exit(0, probe_csv("--target %s", lab.target), lab.c);
	assert_null(probe_fact("sanity_refused"));
	assert_true(atof(value_of("sanity_commit_p50_ns")) > 0);
	assert_true(atof(value_of("sanity_flush_p50_ns")) > 0);
	assert_true(atof(value_of("sanity_write_p50_ns")) > 0);
	assert_in_range(atoi(value_of("sanity_flushes")), 1, 100);
	assert_true(*value_of("sanity_source"));
	assert_true(*value_of("sanity_verdict"));
}

static void nothing_is_printed_of_it_when_it_is_interrupted(void **state)
{
	char work[CLI_PATH + 32];

	(void)state;
	tmpdir_join(work, sizeof(work), lab.target, FB_WORKDIR_NAME);
	cli_start(&lab.c, "probe --target %s", lab.target);
	for (int i = 0; i < 10000 && folder_entries(work) < 0; i++)
		cli_sleep_ms(1);
	kill(lab.c.pid, SIGINT);
	cli_wait(&lab.c, 10000);
	assert_exit(3, lab.c.exit, lab.c);
	assert_says(lab.c.err, "interrupted");
	assert_string_equal(lab.c.out, "");
	assert_untouched(0);
}

static void what_a_killed_one_left_the_next_removes(void **state)
{
	char work[CLI_PATH + 32];

	(void)state;
	tmpdir_join(work, sizeof(work), lab.target, FB_WORKDIR_NAME);
	cli_start(&lab.c, "probe --target %s", lab.target);
	for (int i = 0; i < 10000 && folder_entries(work) < 2; i++) /* lock and file */
		cli_sleep_ms(1);
	kill(lab.c.pid, SIGKILL);
	cli_wait(&lab.c, 10000);
	assert_int_equal(folder_entries(lab.target), 1);
	assert_exit(0, cli_run(&lab.c, "probe --target %s", lab.target), lab.c);
	assert_says(lab.c.err, "removed what a killed run had left");
	assert_untouched(0);
}

static void somebody_without_rights_sees_what_there_is(void **state)
{
	(void)state;
	need(geteuid() ? "needs root to become somebody else" : NULL);
	assert_int_equal(chmod(lab.top, 0711), 0);
	assert_int_equal(chmod(lab.target, 0777), 0);
	lab.c.uid = 65534;
	assert_exit(0, probe_csv("--target %s", lab.target), lab.c);
	assert_true(*value_of("kernel"));
	assert_true(*value_of("target_mount"));
	assert_true(atof(value_of("sanity_commit_p50_ns")) > 0);
	assert_true(strcmp(value_of("sanity_source"), "trace") != 0);
	assert_tidy();
	assert_exit(0, cli_run(&lab.c, "probe --target %s", lab.target), lab.c);
	assert_says(lab.c.out, "\nflush, tried");
}

static void a_target_nobody_may_write_to_is_shown_all_the_same(void **state)
{
	(void)state;
	need(geteuid() ? "needs root to become somebody else" : NULL);
	assert_int_equal(chmod(lab.top, 0711), 0);
	assert_int_equal(chmod(lab.target, 0755), 0);
	lab.c.uid = 65534;
	assert_exit(0, probe_csv("--target %s", lab.target), lab.c);
	assert_says(value_of("sanity_refused"), lab.target);
	assert_null(probe_fact("sanity_verdict"));
	assert_true(*value_of("mode_file_normal"));
	assert_exit(0, cli_run(&lab.c, "probe --target %s", lab.target), lab.c);
	assert_says(lab.c.out, "\n  not tried     ");
	assert_says(lab.c.out, "file: ");
	assert_tidy();
}

static void a_target_another_run_works_in_is_shown_all_the_same(void **state)
{
	char work[CLI_PATH + 32];

	(void)state;
	tmpdir_join(work, sizeof(work), lab.target, FB_WORKDIR_NAME);
	cli_start(&lab.other,
		  "run --mode none --size 1m --runtime 60 --target %s --results %s",
		  lab.target, lab.results);
	for (int i = 0; i < 10000 && folder_entries(work) < 2; i++)
		cli_sleep_ms(1);
	probe_csv("--target %s", lab.target);
	kill(lab.other.pid, SIGINT);
	cli_wait(&lab.other, 10000);
	assert_exit(0, lab.c.exit, lab.c);
	assert_true(*value_of("sanity_refused"));
	assert_true(*value_of("kernel"));
}

static void help_says_what_it_takes(void **state)
{
	(void)state;
	assert_exit(0, cli_run(&lab.c, "probe --help"), lab.c);
	assert_says(lab.c.out, "usage: flushbench probe [options]\n");
	assert_says(lab.c.out, "--target DIR");
	assert_says(lab.c.out, "--allow-device PATH");
	assert_says(lab.c.out, "--csv");
	assert_exit(0, cli_run(&lab.c, "--help"), lab.c);
	assert_says(lab.c.out, "\n  probe ");
}

static void what_is_no_option_or_target_is_refused(void **state)
{
	static const char *const words[][2] = {
		{"probe here", "to name a folder or a device: --target here; "},
		{"probe --cvs", "did you mean --csv?"},
		{"probe --bs 4k", "--bs is no option"},
		{"probe --target /nowhere/at/all", "--target /nowhere/at/all: "},
		{"probe --target /dev/no-such-disk", "there is no such device"},
		{"probe --target /dev/null", "keeps nothing"},
		{"probe --target . --allow-device /dev/sda", "is no device"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		assert_exit(2, run_in_target(words[i][0]), lab.c);
		assert_says(lab.c.err, words[i][1]);
		assert_string_equal(lab.c.out, "");
	}
	assert_untouched(0);
}

static void what_cannot_be_printed_is_told(void **state)
{
	(void)state;
	need(access("/dev/full", W_OK) ? "there is no /dev/full" : NULL);
	lab.c.fd_out = open("/dev/full", O_WRONLY | O_CLOEXEC);
	cli_run(&lab.c, "probe --csv --target %s", lab.target);
	close(lab.c.fd_out);
	assert_exit(1, lab.c.exit, lab.c);
	assert_says(lab.c.err, "stdout: not all could be written");
	assert_tidy();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, cli_lab_enter, cli_lab_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_group_is_on_the_screen),
		TEST(a_narrow_terminal_is_filled_and_not_overrun),
		TEST(both_tables_have_the_columns_of_a_run),
		TEST(facts_are_those_a_run_writes),
		TEST(every_mode_has_a_fact_of_two_words),
		TEST(a_run_promises_what_was_shown),
		TEST(a_hundred_flushes_were_tried),
		TEST(nothing_is_printed_of_it_when_it_is_interrupted),
		TEST(what_a_killed_one_left_the_next_removes),
		TEST(somebody_without_rights_sees_what_there_is),
		TEST(a_target_nobody_may_write_to_is_shown_all_the_same),
		TEST(a_target_another_run_works_in_is_shown_all_the_same),
		TEST(help_says_what_it_takes),
		TEST(what_is_no_option_or_target_is_refused),
		TEST(what_cannot_be_printed_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
