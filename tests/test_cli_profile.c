/*
 * Profiles as `run` takes them: found, read, refused by file and line, overridden.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PUT(name, text) file_put(name, text, sizeof(text) - 1)

static int dry(const char *profile)
{
	lab.c.cwd = lab.target;
	return cli_run(&lab.c, "run %s --dry-run", profile);
}

/* Refused with 2, naming @says (file:line and what is wrong), and nothing made. */
static void refused(const char *profile, const char *where, const char *says_what)
{
	const int before = folder_entries(lab.top);

	assert_exit(2, dry(profile), lab.c);
	assert_says(lab.c.err, where);
	assert_says(lab.c.err, says_what);
	assert_string_equal(lab.c.out, "");
	assert_tidy();
	assert_int_equal(folder_entries(lab.top), before);
}

static void a_missing_profile_is_told_by_name(void **state)
{
	char path[CLI_PATH + 16];

	(void)state;
	refused("nosuch", "nosuch", "list profiles");
	refused("./nosuch.ini", "./nosuch.ini", "No such file");
	refused(tmpdir_join(path, sizeof(path), lab.top, "x.ini"), path,
		"No such file");
}

static void what_is_no_profile_is_told(void **state)
{
	static char blob[10 << 20];
	const char *path;

	(void)state;
	refused(lab.top, lab.top, "folder");
	path = PUT("nul.ini", "bs = 4k\nmode = no\0ne\n");
	refused(path, "nul.ini:2", "NUL");
	memset(blob, 'x', sizeof(blob));
	path = file_put("large.ini", blob, sizeof(blob));
	refused(path, "large.ini", "1 MiB");
	path = file_put("long.ini", blob, 100000);
	refused(path, "long.ini:1", "190 bytes");
	refused("/dev/null/x.ini", "/dev/null/x.ini", "Not a directory");
}

static void mistakes_are_told_with_file_and_line(void **state)
{
	static const struct {
		const char *text, *where, *what;
	} list[] = {
		{"bs = 4k\n\nblok = 1\n", "p.ini:3", "blok"},
		{"bs = 4k\nruntme = 1\n", "p.ini:2", "did you mean runtime"},
		{"[a]\nbs = 4k\nmode = nomal\n", "p.ini:3", "did you mean normal"},
		{"bs = 4k,\n", "p.ini:1", "empty"},
		{"bs =\n", "p.ini:1", "empty"},
		{"# x\nfdatasync = 1\n", "p.ini:2", "--mode data-sync-only"},
		{"bs = 4k\nrubbish\n", "p.ini:2", "key = value"},
		{"[a]\nbs = 4k\n[a]\n", "p.ini:3", "second time"},
		{"[a]\n[global]\n", "p.ini:2", "[global]"},
		{"[a\n", "p.ini:1", "]"},
		{"bs = 8k\nsize = 4k\n", "p.ini:2", "size=4k"},
		{"mode = none\n\nbs = 512m\n", "p.ini:3", "bs=512m"},
		{"bs 8k\nblok = 1\n", "p.ini:1", "key = value"},
		{"[a] b\n", "p.ini:1", "comment"},
		{"mode = none\nnumjobs = 1000000\nsize=4k\n", "p.ini:2",
		 "numjobs=1000000"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		refused(file_put("p.ini", list[i].text, strlen(list[i].text)),
			list[i].where, list[i].what);
}

static void an_unreadable_profile_is_told(void **state)
{
	const char *path;

	(void)state;
	need(geteuid() ? "needs root to become somebody else" : NULL);
	path = PUT("secret.ini", "mode = none\n");
	assert_int_equal(chmod(path, 0600) | chmod(lab.top, 0711), 0);
	lab.c.uid = 65534;
	if (cli_run(&lab.c, "run %s --dry-run --target /", path) == 127)
		need("others may not run the program");
	assert_exit(2, lab.c.exit, lab.c);
	assert_says(lab.c.err, path);
	assert_says(lab.c.err, "Permission denied");
}

static void copy_program(const char *to)
{
	FILE *in = fopen(cli_program(), "rb");
	FILE *out = fopen(to, "wb");
	char block[65536];
	size_t n;

	assert_true(in && out);
	while ((n = fread(block, 1, sizeof(block), in)))
		assert_int_equal(fwrite(block, 1, n, out), n);
	fclose(in);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(chmod(to, 0700), 0);
}

static void a_name_is_found_beside_the_program_from_anywhere(void **state)
{
	char path[CLI_PATH + 32];

	(void)state;
	mkdir(tmpdir_join(path, sizeof(path), lab.top, "workloads"), 0700);
	PUT("workloads/mine.ini", "# for this test\n[a]\npath = null\nmode = none\n");
	copy_program(tmpdir_join(path, sizeof(path), lab.top, "flushbench"));
	lab.c.program = path;
	assert_exit(0, dry("mine"), lab.c);
	assert_says(lab.c.out, "path=null mode=none");
	assert_exit(2, dry("mine.ini"), lab.c);
	lab.c.cwd = "/";
	assert_exit(0, cli_run(&lab.c, "list profiles"), lab.c);
	assert_says(lab.c.out, "mine");
	assert_says(lab.c.out, "for this test");
	assert_exit(2, cli_run(&lab.c, "run min --dry-run"), lab.c);
}

static void options_override_every_job(void **state)
{
	char words[CLI_PATH + 64];
	const char *path;

	(void)state;
	path = PUT("p.ini", "[global]\npath = file\nbs = 4k\nruntime = 3\n"
			    "[a]\nmode = normal\n[b]\nmode = data-only\nbs = 16k\n");
	assert_exit(0, dry(path), lab.c);
	assert_says(lab.c.out, " runtime=3s ");
	assert_says(lab.c.out, "mode=normal    bs=4k\n");
	assert_says(lab.c.out, "mode=data-only bs=16k\n");
	snprintf(words, sizeof(words), "%s --bs=8k --reps=1 --bs=32k", path);
	assert_exit(0, dry(words), lab.c);
	assert_says(lab.c.out, "2 cases, 2 repetitions");
	assert_says(lab.c.out, " bs=32k ");
	assert_says(lab.c.out, "mode=normal\n");
	assert_says(lab.c.out, "mode=data-only\n");
	assert_null(strstr(lab.c.out, "16k"));
	assert_null(strstr(lab.c.out, "8k"));
}

static void several_profiles_run_one_after_another(void **state)
{
	char first[CLI_PATH + 64];
	const char *second;

	(void)state;
	strcpy(first, PUT("one.ini", "path = null\nmode = none\n"));
	second = PUT("two.ini", "mode = normal\nbs = 8k\n");
	assert_exit(0, measure("%s %s", first, second), lab.c);
	assert_int_equal(row_count(FB_RUN_SUMMARY), 2);
	assert_string_equal(field(FB_RUN_SUMMARY, 0, "job"), "one");
	assert_string_equal(field(FB_RUN_SUMMARY, 1, "job"), "two");
	assert_string_equal(field(FB_RUN_SUMMARY, 1, "profile"), "one+two");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, cli_lab_enter, cli_lab_leave)
	const struct CMUnitTest tests[] = {
		TEST(a_missing_profile_is_told_by_name),
		TEST(what_is_no_profile_is_told),
		TEST(mistakes_are_told_with_file_and_line),
		TEST(an_unreadable_profile_is_told),
		TEST(a_name_is_found_beside_the_program_from_anywhere),
		TEST(options_override_every_job),
		TEST(several_profiles_run_one_after_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
