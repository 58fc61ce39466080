#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "report/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Columns of the rows that these tests write; the others are absent, so unknown. */
#define HEAD                                                                           \
	"schema,run_id,case_id,rep,path,mode,bs,size,writes_per_flush,fill_bs,"        \
	"thinktime,direct,survives,fidelity,errors,status,os_error,write_p50_ns,"      \
	"flush_p50_ns,commit_p50_ns,commit_p99_ns,commits_per_s,write_amp,flush_amp\n"

/* case, repetition, mode, bs; of path file */
#define ROW_START  "1,run-1,%d,%d,file,%s,%d,1048576,1,%d,0,0,"
#define POWER_LOSS "power-loss,equivalent,"
#define GOOD       "0,0x00000000,0,"

static char folder[256], path[300], text[65536];
static struct fb_run run;
static struct fb_err err;

static const char *file_of(enum fb_run_file f)
{
	snprintf(path, sizeof(path), "%s/%s", folder, fb_run_file_names[f]);
	return path;
}

static void put(enum fb_run_file f, const char *s)
{
	FILE *file = fopen(file_of(f), "a");

	assert_non_null(file);
	assert_true(fputs(s, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int make_folder(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(folder, sizeof(folder), "%s/fb-test-table-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(folder))
		return -1;
	put(FB_RUN_SUMMARY, HEAD);
	put(FB_RUN_SYSTEM, "run_id,host,key,value\nrun-1,here,run_end,now\n");
	put(FB_RUN_WARNINGS, "run_id,host,case_id,rep,id,severity,text,evidence\n");
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	fb_run_free(&run);
	for (int f = 0; f < FB_RUN_FILES; f++)
		unlink(file_of((enum fb_run_file)f));
	return rmdir(folder);
}

static void put_row(int case_id, int rep, const char *mode, int bs, const char *rest)
{
	char row[1024];

	snprintf(row, sizeof(row), ROW_START "%s\n", case_id, rep, mode, bs, bs, rest);
	put(FB_RUN_SUMMARY, row);
}

/* What is printed, in @text. */
static int print(int width, int colour)
{
	FILE *out = fmemopen(text, sizeof(text), "w");
	int ret;

	assert_non_null(out);
	fb_run_free(&run);
	if (fb_run_load(&run, folder, &err))
		fail_msg("%s", err.text);
	ret = fb_table_print(out, &run, width, colour, &err);
	assert_int_equal(fclose(out), 0);
	return ret;
}

static void check_has(const char *part, int expected)
{
	if (!strstr(text, part) != !expected)
		fail_msg("'%s' is %s:\n%s", part, expected ? "missing" : "there", text);
}

static size_t widest_line(void)
{
	size_t widest = 0;

	for (const char *s = text; *s; s += strcspn(s, "\n"), s += *s == '\n') {
		size_t len = strcspn(s, "\n");

		assert_true(!len || s[len - 1] != ' ');
		widest = len > widest ? len : widest;
	}
	return widest;
}

static void a_run_is_laid_out_like_this(void **state)
{
	(void)state;
	put(FB_RUN_SUMMARY, "1,run-1,1,1,null,none,4096,1048576,1,,0,0,,," GOOD
			    "20,10,31,40,30000000,,\n");
	put_row(2, 1, "normal", 4096,
		POWER_LOSS GOOD "1900,88000,90123,133000,11100,1.02,1");
	put_row(3, 1, "write-through", 4096,
		"power-loss,stronger," GOOD "87000,,87000,131000,11400,37.44,256.2");
	put(FB_RUN_WARNINGS,
	    "run-1,here,2,1,low_n,note,few samples,\"write p99 (3 above), commit p99 (3 above)\"\n");
	put(FB_RUN_WARNINGS,
	    "run-1,here,3,1,low_n,note,few samples,flush p50 (1 above)\n");
	/* of no percentile that is shown */
	put(FB_RUN_WARNINGS,
	    "run-1,here,1,1,low_n,note,few samples,flush p999 (1 above)\n");
	put(FB_RUN_WARNINGS, "run-1,here,,,memory,warning,no disk,z\n");
	assert_int_equal(print(120, 0), 0);
	assert_string_equal(
		text,
		"run-1: 3 cases, one repetition\n"
		"bs=4k size=1m writes_per_flush=1 fill_bs=4k\n"
		"\n"
		"path                                       write    flush   commit"
		"  commit  commits  write  flush\n"
		"  mode           survives    fidelity        p50      p50      p50"
		"     p99    per s    amp    amp\n"
		"null\n"
		"  none           -           -             20 ns    10 ns    31 ns"
		"   40 ns    30.0M      -      -\n"
		"file\n"
		"  normal         power-loss  equivalent  1.90 us  88.0 us  90.1 us"
		"  133 us    11.1k   1.02   1.00\n"
		"  write-through  power-loss  stronger    87.0 us        -  87.0 us"
		"  131 us    11.4k   37.4    256\n"
		"\n"
		"warning: memory: no disk\n"
		"note: low_n (2 times): few samples\n");
}

static void figures_are_medians_of_the_repetitions(void **state)
{
	(void)state;
	put_row(1, 1, "normal", 4096, POWER_LOSS GOOD "1,,5000,,,,");
	put_row(1, 2, "normal", 4096, POWER_LOSS GOOD "3,,1000,,,,");
	put_row(1, 3, "normal", 4096, POWER_LOSS GOOD "8,,3000,,,,");
	put_row(1, 4, "normal", 4096, POWER_LOSS GOOD ",,9000,,,,");
	assert_int_equal(print(120, 0), 0);
	check_has("medians of 4 repetitions", 1);
	check_has("  3 ns  ", 1);
	check_has("  4.00 us  ", 1);
}

static void cases_interleaved_by_the_plan_come_in_order(void **state)
{
	const char *a, *b;

	(void)state;
	put_row(10, 1, "purge", 4096, POWER_LOSS GOOD "1,1,7000,,,,");
	put_row(2, 2, "buffers", 4096, POWER_LOSS GOOD "1,1,5000,,,,");
	put_row(10, 2, "purge", 4096, POWER_LOSS GOOD "1,1,9000,,,,");
	put_row(2, 1, "buffers", 4096, POWER_LOSS GOOD "1,1,1000,,,,");
	put_row(2, 3, "buffers", 4096, POWER_LOSS GOOD "1,1,6000,,,,");
	assert_int_equal(print(80, 0), 0);
	check_has("2 cases, medians of 2 to 3 repetitions", 1);
	a = strstr(text, "buffers");
	b = strstr(text, "purge");
	assert_true(a && b && a < b);
	check_has("5.00 us", 1);
	check_has("8.00 us", 1);
}

static void a_failed_case_shows_its_status_and_no_figure(void **state)
{
	(void)state;
	put_row(1, 1, "normal", 4096, POWER_LOSS GOOD "1000,77000,78000,,,,");
	put_row(1, 2, "normal", 4096, POWER_LOSS "1,0xC0000185,5,1000,77000,78000,,,,");
	put_row(2, 1, "purge", 4096, POWER_LOSS "1,0xC0DE0001,0,,,,,,,");
	put_row(3, 1, "buffers", 4096, POWER_LOSS "1,0x00000000,28,,,,,,,");
	put_row(4, 1, "none", 4096, ",missing,0,0xC0000002,0,,,,,,,");
	assert_int_equal(print(100, 0), 0);
	check_has("  0xC0000185 IO_DEVICE_ERROR, os error 5, 1 of 2\n", 1);
	check_has("  0xC0DE0001\n", 1);
	check_has("  error, os error 28\n", 1);
	check_has("  0xC0000002 NOT_IMPLEMENTED\n", 1);
	check_has("77.0 us", 0);
	assert_true(widest_line() <= 100);
	assert_int_equal(print(80, 0), 0);
	assert_true(widest_line() <= 80);
	check_has("  0xC0000185 IO_DEVICE_ERROR", 1);
}

static void a_case_without_samples_has_dashes(void **state)
{
	(void)state;
	put_row(1, 1, "normal", 4096, POWER_LOSS GOOD ",,,,,,");
	assert_int_equal(print(120, 0), 0);
	check_has(
		"  normal  power-loss  equivalent      -      -       -       -        -"
		"      -      -\n",
		1);
}

static void what_differs_has_a_column_and_the_rest_is_said_once(void **state)
{
	(void)state;
	put_row(1, 1, "normal", 4096, POWER_LOSS GOOD "1,1,1,,,,");
	put_row(2, 1, "normal", 65536, POWER_LOSS GOOD "1,1,1,,,,");
	assert_int_equal(print(120, 0), 0);
	check_has("size=1m writes_per_flush=1\n", 1);
	check_has("bs=", 0);
	check_has("  mode     bs  survives", 1);
	check_has("  normal   4k  power-loss", 1);
	check_has("  normal  64k  power-loss", 1);
	/* follows bs, so it says nothing more; off, as ever; both without a word */
	check_has("fill", 0);
	check_has("thinktime", 0);
	check_has("direct", 0);
}

static void long_names_stand_over_two_lines(void **state)
{
	(void)state;
	put(FB_RUN_SUMMARY,
	    "1,run-1,1,1,file,normal,4096,1048576,1,,0,0," POWER_LOSS GOOD
	    "1,1,1,,,,\n");
	put(FB_RUN_SUMMARY,
	    "1,run-1,2,1,file,normal,4096,1048576,16,,250,0," POWER_LOSS GOOD
	    "1,1,1,,,,\n");
	assert_int_equal(print(120, 0), 0);
	check_has("path         writes ", 1);
	check_has("  mode    per_flush  thinktime  survives", 1);
	check_has("  normal          1          0  power-loss", 1);
	check_has("  normal         16      250us  power-loss", 1);
}

static void fill_widely(int cases)
{
	static const char *const modes[] = {"none", "data-sync-only", "write-through"};

	for (int i = 0; i < cases; i++)
		put_row(i + 1, 1, modes[i % 3], 4096 << (i % 5),
			"process-crash,equivalent," GOOD
			"123456789,987654321,1111111111,9999999999,1234567,1234.5,999.9");
}

static void the_least_needed_columns_go_first(void **state)
{
	/* of the one case, in the order in which the header promises they go */
	static const char *const values[] = {
		" 55.5",  " 11 ns",   " 7.77",  " 6.66", " 44 ns",
		" 22 ns", " 0-1,3-5", " 250us", " 16k",
	};
	enum { VALUES = sizeof(values) / sizeof(values[0]) };
	size_t gone = 0;

	(void)state;
	unlink(file_of(FB_RUN_SUMMARY));
	put(FB_RUN_SUMMARY,
	    "case_id,rep,path,mode,cpus_allowed,bs,thinktime,survives,fidelity,"
	    "write_p50_ns,flush_p50_ns,commit_p50_ns,commit_p99_ns,commits_per_s,"
	    "write_amp,flush_amp\n"
	    "1,1,file,write-through,0,4096,0,process-crash,native,,,,,,,\n"
	    "2,1,file,write-through,\"0-1,3-5,7-9,11-13,15-17,19-21\",16384,250,"
	    "process-crash,stronger,11,22,33,44,55.5,6.66,7.77\n");
	for (int width = 140; width >= 80; width--) {
		assert_int_equal(print(width, 0), 0);
		assert_true(widest_line() <= (size_t)width);
		check_has(" 33 ns", 1);
		check_has("write-through", 1);
		check_has("process-crash", 1);
		check_has(" stronger", 1);
		while (gone < VALUES && !strstr(text, values[gone]))
			gone++;
		for (size_t i = gone; i < VALUES; i++)
			check_has(values[i], 1);
	}
	assert_int_equal(gone, 7);
	check_has("\nno room for commits per s, write p50, flush amp,", 1);
}

static void any_number_of_cases_keeps_its_columns_straight(void **state)
{
	static const int sizes[] = {1, 3, 14, 40};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const char *head, *s;
		size_t column;

		unlink(file_of(FB_RUN_SUMMARY));
		put(FB_RUN_SUMMARY, HEAD);
		fill_widely(sizes[i]);
		assert_int_equal(print(80, 0), 0);
		assert_true(widest_line() <= 80);
		head = strstr(text, "  mode");
		assert_non_null(head);
		column = (size_t)(strstr(head, "survives") - head);
		for (s = strstr(head, "file\n") + 5; *s != '\n';
		     s += strcspn(s, "\n") + 1)
			assert_int_equal(strncmp(s + column, "process-crash ", 14), 0);
	}
}

static void eighty_columns_are_the_least(void **state)
{
	static char at_80[sizeof(text)];

	(void)state;
	fill_widely(5);
	assert_int_equal(print(80, 0), 0);
	memcpy(at_80, text, sizeof(text));
	assert_int_equal(print(20, 0), 0);
	assert_string_equal(text, at_80);
	assert_int_equal(print(0, 0), 0);
	assert_string_equal(text, at_80);
}

static void long_texts_are_wrapped_and_set_in(void **state)
{
	(void)state;
	put_row(1, 1, "normal", 4096, POWER_LOSS GOOD "1,1,1,,,,");
	put(FB_RUN_WARNINGS,
	    "run-1,here,,,memory,warning,the target is in memory and so a flush of it "
	    "costs nothing; name a folder on a disk,z\n");
	assert_int_equal(print(80, 0), 0);
	check_has("\nwarning: memory: the target is in memory and so a flush of it "
		  "costs "
		  "nothing;\n  name a folder on a disk\n",
		  1);
	assert_int_equal(print(200, 0), 0);
	check_has("it costs nothing; name", 1);
}

static void colour_is_there_only_when_asked_for(void **state)
{
	(void)state;
	put_row(1, 1, "normal", 4096, POWER_LOSS GOOD "1,1,1,,,,");
	put(FB_RUN_WARNINGS, "run-1,here,,,memory,warning,no disk,z\n");
	put(FB_RUN_WARNINGS, "run-1,here,,,low_n,note,few,write p99 (2 above)\n");
	assert_int_equal(print(80, 0), 0);
	check_has("\033", 0);
	assert_int_equal(print(80, 1), 0);
	check_has("\033[33mwarning: memory: no disk\033[0m\n", 1);
	check_has("\nnote: low_n", 1);
	check_has("\033[2mpath", 1);
}

static void text_from_files_cannot_command_the_terminal(void **state)
{
	(void)state;
	put_row(1, 1, "nor\033[2Jmal", 4096, POWER_LOSS GOOD "1,1,1,,,,");
	put(FB_RUN_WARNINGS, "run-1,here,,,bell\a,warning,\"up\033[A\nhere\",z\n");
	assert_int_equal(print(80, 0), 0);
	check_has("\033", 0);
	check_has("\a", 0);
	check_has("nor?[2Jmal", 1);
	check_has("up?[A here", 1);
}

static void an_incomplete_run_says_so(void **state)
{
	(void)state;
	put_row(1, 1, "normal", 4096, POWER_LOSS GOOD "1,1,1,,,,");
	assert_int_equal(print(80, 0), 0);
	check_has("incomplete", 0);
	unlink(file_of(FB_RUN_SYSTEM));
	put(FB_RUN_SYSTEM, "run_id,host,key,value\n");
	assert_int_equal(print(80, 0), 0);
	check_has("incomplete", 1);
}

static void a_run_without_repetitions_says_so(void **state)
{
	(void)state;
	put(FB_RUN_WARNINGS, "run-1,here,,,memory,warning,no disk,z\n");
	assert_int_equal(print(80, 0), 0);
	assert_string_equal(text, "no repetition was finished\n"
				  "\nwarning: memory: no disk\n");
	unlink(file_of(FB_RUN_WARNINGS));
	assert_int_equal(print(80, 0), 0);
	assert_string_equal(text, "no repetition was finished\n");
}

static void an_unreadable_figure_is_told_with_its_place(void **state)
{
	(void)state;
	put_row(1, 1, "normal", 4096, POWER_LOSS GOOD "1,1,1,,,,");
	put_row(2, 1, "normal", 4096, POWER_LOSS GOOD "1,1,fast,,,,");
	assert_int_equal(print(80, 0), -EINVAL);
	assert_non_null(strstr(err.text, ":3: column 20 (commit_p50_ns): 'fast'"));
}

#define IN_FOLDER(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(a_run_is_laid_out_like_this),
		IN_FOLDER(figures_are_medians_of_the_repetitions),
		IN_FOLDER(cases_interleaved_by_the_plan_come_in_order),
		IN_FOLDER(a_failed_case_shows_its_status_and_no_figure),
		IN_FOLDER(a_case_without_samples_has_dashes),
		IN_FOLDER(what_differs_has_a_column_and_the_rest_is_said_once),
		IN_FOLDER(long_names_stand_over_two_lines),
		IN_FOLDER(the_least_needed_columns_go_first),
		IN_FOLDER(any_number_of_cases_keeps_its_columns_straight),
		IN_FOLDER(eighty_columns_are_the_least),
		IN_FOLDER(long_texts_are_wrapped_and_set_in),
		IN_FOLDER(colour_is_there_only_when_asked_for),
		IN_FOLDER(text_from_files_cannot_command_the_terminal),
		IN_FOLDER(an_incomplete_run_says_so),
		IN_FOLDER(a_run_without_repetitions_says_so),
		IN_FOLDER(an_unreadable_figure_is_told_with_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
