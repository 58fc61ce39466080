/*
 * flushbench plot and gnuplot: what is fed to it, where its pictures go, and what is
 * left when there is none, when it fails and when it is interrupted.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/picture.h"
#include "support/plot_lab.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A program of ours in the place of gnuplot. */
static void put_gnuplot(const char *script)
{
	char bin[CLI_PATH], program[CLI_PATH + 16], path[4096];
	FILE *f;

	tmpdir_join(bin, sizeof(bin), lab.top, "bin");
	mkdir(bin, 0755);
	f = fopen(tmpdir_join(program, sizeof(program), bin, "gnuplot"), "w");
	assert_non_null(f);
	fprintf(f, "#!/bin/sh\n%s", script);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(program, 0755), 0);
	if (strncmp(getenv("PATH"), bin, strlen(bin)) != 0) {
		snprintf(path, sizeof(path), "%s:%s", bin, getenv("PATH"));
		setenv("PATH", path, 1);
	}
}

static void put_old_picture(void)
{
	FILE *f;

	mkdir(plot_lab_file(""), 0755);
	f = fopen(plot_lab_file("latency.png"), "w");
	assert_non_null(f);
	fputs("old", f);
	fclose(f);
}

/* The old picture, and nothing beside it. */
static void assert_unchanged(void)
{
	struct stat s;

	assert_int_equal(plot_lab_count(), 1);
	assert_int_equal(stat(plot_lab_file("latency.png"), &s), 0);
	assert_int_equal(s.st_size, 3);
}

static void pictures_are_named_after_op_and_format(void **state)
{
	(void)state;
	need_gnuplot();
	plot_succeeds("one --op flush --format svg");
	assert_int_equal(plot_lab_count(), 5);
	assert_true(plot_lab_there("latency-flush.svg"));
	assert_true(plot_lab_there("percentiles-flush.svg"));
	assert_true(plot_lab_there("distribution-flush.svg"));
	assert_true(plot_lab_there("time-flush.svg"));
	assert_true(plot_lab_there("amplification.svg"));
	plot_succeeds("one --format png");
	assert_int_equal(plot_lab_count(), 10);
	assert_true(plot_lab_there("latency.png"));
	assert_false(plot_lab_there("latency.svg"));
	plot_succeeds("one");
	assert_says(lab.c.out, "pictures in ");
	assert_int_equal(plot_lab_count(), 14);
}

static void a_folder_may_have_any_name(void **state)
{
	(void)state;
	need_gnuplot();
	plot_lab_rename("it's `a` \"run\" $(x) @y\\n");
	plot_succeeds("");
	assert_int_equal(plot_lab_count(), 10);
}

static void another_folder_is_made_and_what_was_there_is_replaced(void **state)
{
	unsigned width, height;
	char path[CLI_PATH + 64];

	(void)state;
	need_gnuplot();
	plot_succeeds("one --out there");
	assert_string_equal(lab.c.out,
			    "pictures in there\nwithout requests and shares: they take "
			    "a run with --account trace\n");
	assert_int_equal(
		folder_entries(tmpdir_join(path, sizeof(path), lab.top, "there")), 10);
	assert_int_equal(plot_lab_count(), -1);
	put_old_picture();
	plot_succeeds("one");
	assert_int_equal(plot_lab_count(), 10);
	png_size(plot_lab_file("latency.png"), &width, &height);
}

static void a_folder_that_cannot_be_made_is_told(void **state)
{
	(void)state;
	need_gnuplot();
	plot_fails(4, "one --out /nowhere/at/all", "/nowhere/at/all: ");
	assert_says(lab.c.err, "name another folder with --out");
	plot_fails(4, "one --out results/one/summary.csv", "Not a directory");
}

/* As somebody who may write nothing there but in a folder of his own. */
static void results_may_be_read_only(void **state)
{
	(void)state;
	need_gnuplot();
	need(geteuid() ? "needs root to become somebody else" : NULL);
	assert_int_equal(chmod(lab.top, 0755), 0);
	assert_int_equal(chmod(lab.target, 0777), 0);
	lab.c.uid = 65534;
	plot("one");
	need(lab.c.exit == 126 || lab.c.exit == 127
		     ? "the program lies where only its owner may go"
		     : NULL);
	assert_exit(4, lab.c.exit, lab.c);
	assert_says(lab.c.err, "Permission denied; name another folder with --out");
	plot_succeeds("one --out target/mine");
}

static void without_gnuplot_there_is_advice(void **state)
{
	(void)state;
	setenv("PATH", "/nowhere", 1);
	plot_fails(4, "one", "there is no gnuplot; install it");
	assert_says(lab.c.err, "--text");
	plot_succeeds("one --print");
	unsetenv("PATH");
	plot_fails(4, "one", "there is no gnuplot");
	assert_int_equal(plot_lab_count(), -1);
}

static void a_gnuplot_that_fails_changes_nothing(void **state)
{
	static const struct {
		const char *script, *reason;
	} tries[] = {
		{"cat >/dev/null\necho x >latency.png\nexit 1\n", "ended with 1"},
		{"cat >/dev/null\necho x >latency.png\nkill -9 $$\n", "by signal 9"},
		{"exit 1\n", "ended with 1"},
		{"exec <&-\necho x >time.svg\nexit 3\n", "ended with 3"},
		/* It does not tell of a full disk: what it wrote does. */
		{"cat >/dev/null\n", "latency.png could not be written whole"},
		{"cat >/dev/null\nfor p in latency percentiles distribution "
		 "amplification time; do\n: >$p.png\n: >$p.svg\ndone\n",
		 "latency.png could not be written whole"},
	};

	(void)state;
	put_old_picture();
	for (size_t i = 0; i < sizeof(tries) / sizeof(*tries); i++) {
		put_gnuplot(tries[i].script);
		plot_fails(1, "one", tries[i].reason);
		assert_unchanged();
	}
}

/* Told to us alone, as a service manager does, while gnuplot hangs. */
static void a_gnuplot_that_hangs_is_ended_with_us(void **state)
{
	char ready[CLI_PATH], script[2 * CLI_PATH];

	(void)state;
	put_old_picture();
	tmpdir_join(ready, sizeof(ready), lab.top, "ready");
	snprintf(script, sizeof(script), "echo $$ >%s\nexec sleep 1000\n", ready);
	put_gnuplot(script);
	cli_start(&lab.c, "plot %s", plot_lab_folder());
	for (int i = 0; access(ready, F_OK) && i < 5000; i++)
		cli_sleep_ms(2);
	cli_sleep_ms(20);
	kill(lab.c.pid, SIGTERM);
	cli_wait(&lab.c, 20000);
	assert_exit(3, lab.c.exit, lab.c);
	assert_unchanged();
}

/* What somebody left in the folder is neither followed nor in the way. */
static void pictures_are_drawn_out_of_others_way(void **state)
{
	char precious[CLI_PATH], at[CLI_PATH * 2];

	(void)state;
	need_gnuplot();
	file_put("precious", "x", 1);
	tmpdir_join(precious, sizeof(precious), lab.top, "precious");
	snprintf(at, sizeof(at), "%s/plots", plot_lab_folder());
	assert_int_equal(mkdir(at, 0777), 0);
	snprintf(at, sizeof(at), "%s/plots/latency.png", plot_lab_folder());
	assert_int_equal(symlink(precious, at), 0);
	snprintf(at, sizeof(at), "%s/plots/.drawing-999999999", plot_lab_folder());
	assert_int_equal(mkdir(at, 0777), 0);
	plot(" one");
	assert_exit(0, lab.c.exit, lab.c);
	assert_int_equal(plot_lab_count(), 10);
	assert_int_equal(access(at, F_OK), -1);
	assert_int_equal(truncate(precious, 1), 0);
	snprintf(at, sizeof(at), "%s/plots/latency.png", plot_lab_folder());
	assert_int_equal(readlink(at, precious, sizeof(precious)), -1);
}

static void an_interrupted_drawing_changes_nothing(void **state)
{
	char go[CLI_PATH], ready[CLI_PATH], script[2 * CLI_PATH + 128];

	(void)state;
	put_old_picture();
	tmpdir_join(go, sizeof(go), lab.top, "go");
	tmpdir_join(ready, sizeof(ready), lab.top, "ready");
	snprintf(script, sizeof(script),
		 ": >%s\nwhile [ ! -e %s ]; do sleep 0.02; done\ncat >/dev/null\n"
		 "echo x >latency.png\n",
		 ready, go);
	put_gnuplot(script);
	cli_start(&lab.c, "plot %s", plot_lab_folder());
	for (int i = 0; access(ready, F_OK) && i < 5000; i++)
		cli_sleep_ms(2);
	kill(lab.c.pid, SIGTERM);
	file_put("go", "", 0);
	cli_wait(&lab.c, 20000);
	assert_exit(3, lab.c.exit, lab.c);
	assert_says(lab.c.err, "no picture was changed");
	assert_unchanged();
}

/* As cron and a bare container have it. */
static void without_a_locale_nothing_is_complained_of(void **state)
{
	const char *lang = getenv("LANG");
	char kept[64];

	(void)state;
	need_gnuplot();
	snprintf(kept, sizeof(kept), "%s", lang ? lang : "");
	unsetenv("LANG");
	plot("one");
	if (lang)
		setenv("LANG", kept, 1);
	assert_exit(0, lab.c.exit, lab.c);
	assert_string_equal(lab.c.err, "");
}

/* Somebody's own settings must not be in a picture, nor be told of. */
static void the_users_settings_of_gnuplot_do_not_matter(void **state)
{
	static const char settings[] =
		"print 'hello'\nset key outside\nno such thing\n";

	(void)state;
	need_gnuplot();
	file_put(".gnuplot", settings, sizeof(settings) - 1);
	setenv("HOME", lab.top, 1);
	plot_succeeds("one");
	assert_int_equal(plot_lab_count(), 10);
}

static void printed_commands_are_what_gnuplot_takes(void **state)
{
	struct cli gnuplot = {.program = "/usr/bin/env", .cwd = lab.top};
	const char *commands;

	(void)state;
	need_gnuplot();
	plot_succeeds("one --print");
	assert_int_equal(plot_lab_count(), -1);
	commands = file_put("commands.gp", lab.c.out, strlen(lab.c.out));
	cli_run(&gnuplot, "gnuplot -d %s", commands);
	assert_exit(0, gnuplot.exit, gnuplot);
	assert_string_equal(gnuplot.err, "");
	cli_free(&gnuplot);
	/* Beside target, results and the commands. */
	assert_int_equal(folder_entries(lab.top), 3 + 10);
}

/* No word of a run's files is ever a command. */
static void hostile_words_are_drawn_as_they_are(void **state)
{
	static const char *const modes[] = {
		"EOD",
		"system \"touch pwned\"",
		"# `touch pwned` 'it''s'",
		"back\\new\\101 100%% {/Bold x}_y",
		"x\nEOD\n!touch pwned\n",
		"\xff\xfe latin-\xfc",
		"<b>&amp;</b>",
		"it's @title \"@op\" '@op' ''x",
	};
	struct svg svg = {0};

	(void)state;
	need_gnuplot();
	plot_lab_begin("hostile");
	for (unsigned i = 0; i < sizeof(modes) / sizeof(*modes); i++)
		plot_rig_put(&(struct plot_rep){
			.case_id = i + 1, .mode = modes[i], .samples = 300});
	plot_succeeds("hostile");
	assert_int_equal(plot_lab_count(), 10);
	assert_int_equal(folder_entries(lab.top), 2);
	for (int which = 0; which < PLOT_ALWAYS; which++) {
		char name[32];

		snprintf(name, sizeof(name), "%s.svg", fb_plot_names[which]);
		assert_false(plot_lab_there("pwned"));
		svg_load(&svg, plot_lab_file(name));
		assert_int_equal(svg_count(&svg, modes[0]), 1);
		assert_int_equal(svg_count(&svg, modes[2]), 1);
		assert_int_equal(svg_count(&svg, modes[3]), 1);
		assert_int_equal(svg_count(&svg, "x?EOD?!touch pwned?"), 1);
		assert_int_equal(svg_count(&svg, "?? latin-?"), 1);
		assert_int_equal(svg_count(&svg, modes[6]), 1);
		assert_int_equal(svg_holds(&svg, "it's @title "), 1);
		svg_free(&svg);
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, plot_lab_enter, plot_lab_leave)
	const struct CMUnitTest tests[] = {
		T(pictures_are_named_after_op_and_format),
		T(a_folder_may_have_any_name),
		T(another_folder_is_made_and_what_was_there_is_replaced),
		T(a_folder_that_cannot_be_made_is_told),
		T(results_may_be_read_only),
		T(without_gnuplot_there_is_advice),
		T(a_gnuplot_that_fails_changes_nothing),
		T(a_gnuplot_that_hangs_is_ended_with_us),
		T(pictures_are_drawn_out_of_others_way),
		T(an_interrupted_drawing_changes_nothing),
		T(without_a_locale_nothing_is_complained_of),
		T(the_users_settings_of_gnuplot_do_not_matter),
		T(printed_commands_are_what_gnuplot_takes),
		T(hostile_words_are_drawn_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
