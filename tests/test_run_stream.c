/*
 * Tables on a stream are those of a run's folder, to the byte.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "report/run_stream.h"
#include "support/tmpdir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct fb_run_id id = {.name = "here", .host = "a,host"};

static const struct fb_warning warning = {
	.id = "low_n",
	.severity = FB_SEVERITY_NOTE,
	.case_id = 7,
	.rep = 2,
	.text = "says \"so\"",
	.evidence = "one,\ntwo",
};

static char top[TMPDIR_LEN];

static int enter(void **state)
{
	(void)state;
	return tmpdir_make(top);
}

static int leave(void **state)
{
	(void)state;
	tmpdir_remove(top);
	return 0;
}

static void fill(struct fb_run_stream *s, enum fb_run_file file)
{
	if (file == FB_RUN_WARNINGS) {
		fb_run_stream_warning(s, &warning);
		return;
	}
	fb_run_stream_fact(s, "plain", "1");
	fb_run_stream_fact(s, "quoted", " a, \"b\" ");
	fb_run_stream_fact(s, "empty", "");
}

static char *on_stream(enum fb_run_file file)
{
	struct fb_run_stream *s;
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	assert_int_equal(fb_run_stream_open(&s, f, file, &id, NULL), 0);
	fill(s, file);
	assert_int_equal(fb_run_stream_close(s, NULL), 0);
	assert_int_equal(fclose(f), 0);
	return text;
}

static char *read_file(const char *name)
{
	char path[2 * TMPDIR_LEN];
	char *text = calloc(1, 4096);
	FILE *f;

	assert_non_null(text);
	snprintf(path, sizeof(path), "%s/here/%s", top, name);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_true(fread(text, 1, 4095, f) > 0);
	fclose(f);
	return text;
}

static char *in_folder(enum fb_run_file file)
{
	struct fb_run_id in = id;
	struct fb_run_dir *d;

	in.results = top;
	assert_int_equal(fb_run_dir_create(&d, &in, NULL), 0);
	assert_int_equal(fb_run_dir_fact(d, "plain", "1", NULL), 0);
	assert_int_equal(fb_run_dir_fact(d, "quoted", " a, \"b\" ", NULL), 0);
	assert_int_equal(fb_run_dir_fact(d, "empty", "", NULL), 0);
	assert_int_equal(fb_run_dir_warning(d, &warning, NULL), 0);
	assert_int_equal(fb_run_dir_close(d, NULL), 0);
	return read_file(fb_run_file_names[file]);
}

static void assert_alike(enum fb_run_file file)
{
	char *a = on_stream(file), *b = in_folder(file);
	const int differ = strcmp(a, b);

	if (differ)
		fprintf(stderr, "on a stream:\n%sin a folder:\n%s", a, b);
	free(a);
	free(b);
	assert_int_equal(differ, 0);
}

static void facts_on_a_stream_are_those_of_a_folder(void **state)
{
	(void)state;
	assert_alike(FB_RUN_SYSTEM);
}

static void warnings_on_a_stream_are_those_of_a_folder(void **state)
{
	(void)state;
	assert_alike(FB_RUN_WARNINGS);
}

static void the_stream_stays_open_and_tells_what_it_could_not_take(void **state)
{
	struct fb_run_stream *s;
	FILE *f = fopen("/dev/full", "w");

	(void)state;
	if (!f)
		skip();
	setvbuf(f, NULL, _IONBF, 0);
	assert_int_equal(fb_run_stream_open(&s, f, FB_RUN_SYSTEM, &id, NULL), 0);
	assert_int_equal(fb_run_stream_close(s, NULL), 0);
	assert_true(ferror(f));
	fclose(f);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(facts_on_a_stream_are_those_of_a_folder),
		TEST(warnings_on_a_stream_are_those_of_a_folder),
		TEST(the_stream_stays_open_and_tells_what_it_could_not_take),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
