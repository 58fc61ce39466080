/*
 * The table on terminals of every width.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/table_rig.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void fill_widely(int cases)
{
	static const char *const modes[] = {"none", "data-sync-only", "write-through"};

	for (int i = 0; i < cases; i++)
		table_put_row(
			i + 1, 1, modes[i % 3], 4096 << (i % 5),
			"process-crash,equivalent," GOOD
			"123456789,987654321,1111111111,9999999999,1234567,1234.5,999.9");
}

static void what_has_no_room_stands_below_the_least_needed_first(void **state)
{
	/* of the second case, in the order in which the header promises they go */
	static const char *const values[] = {
		" 8.00 KiB", " 55.5",  " 11 ns", " stronger", " 1.25",  " 7.77",
		" 6.66",     " 44 ns", " 22 ns", " 0-1,3-5",  " 250us", " 16k",
	};
	enum { VALUES = sizeof(values) / sizeof(values[0]) };
	size_t gone = 0;

	(void)state;
	unlink(table_file(FB_RUN_SUMMARY));
	table_put(FB_RUN_SUMMARY,
		  "case_id,rep,path,mode,cpus_allowed,bs,thinktime,survives,fidelity,"
		  "write_p50_ns,flush_p50_ns,commit_p50_ns,commit_p99_ns,commits_per_s,"
		  "write_amp,flush_amp,app_flushes,log_bytes,lines_dirtied,"
		  "lines_flushed\n"
		  "1,1,file,write-through,0,4096,0,process-crash,native,,,,,,,,,,,\n"
		  "2,1,file,write-through,\"0-1,3-5,7-9,11-13,15-17,19-21\",16384,250,"
		  "process-crash,stronger,11,22,33,44,55.5,6.66,7.77,3,24576,4,5\n");
	for (int width = 157; width >= 60; width--) {
		char *below;

		assert_int_equal(table_print(width, 0), 0);
		assert_true(table_widest() <= (size_t)width);
		for (size_t i = 0; i < VALUES; i++)
			table_has(values[i], 1);
		below = strstr(strstr(table.text, "\npath") + 1, "\n\npath");
		/* In several tables the number tells which case a row is of. */
		if (below) {
			table_has("  write-through     2  ", 1);
			assert_non_null(strstr(below, "  write-through     2  "));
			*below = '\0';
		}
		table_has(" 33 ns", 1);
		table_has("process-crash", 1);
		while (gone < VALUES && !strstr(table.text, values[gone]))
			gone++;
		for (size_t i = gone; i < VALUES; i++)
			table_has(values[i], 1);
		assert_int_equal(!below, !gone);
	}
	assert_int_equal(gone, 10);
}

static void any_number_of_cases_keeps_its_columns_straight(void **state)
{
	static const int sizes[] = {1, 3, 14, 40};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const char *head, *s;
		size_t column;

		unlink(table_file(FB_RUN_SUMMARY));
		table_put(FB_RUN_SUMMARY, TABLE_HEAD);
		fill_widely(sizes[i]);
		assert_int_equal(table_print(80, 0), 0);
		assert_true(table_widest() <= 80);
		head = strstr(table.text, "  mode");
		assert_non_null(head);
		column = (size_t)(strstr(head, "survives") - head);
		for (s = strstr(head, "file\n") + 5; *s != '\n';
		     s += strcspn(s, "\n") + 1)
			assert_int_equal(strncmp(s + column, "process-crash ", 14), 0);
	}
}

static void sixty_columns_are_the_least(void **state)
{
	static char at_60[sizeof(table.text)];

	(void)state;
	fill_widely(5);
	assert_int_equal(table_print(60, 0), 0);
	assert_true(table_widest() <= 60);
	memcpy(at_60, table.text, sizeof(table.text));
	assert_int_equal(table_print(20, 0), 0);
	assert_string_equal(table.text, at_60);
	assert_int_equal(table_print(0, 0), 0);
	assert_string_equal(table.text, at_60);
}

static void what_is_as_if_not_given_has_no_column(void **state)
{
	static const char head[] = "case_id,rep,path,mode,bs,size,numjobs,flushers,"
				   "fill_bs,commit_p50_ns\n";

	(void)state;
	unlink(table_file(FB_RUN_SUMMARY));
	table_put(FB_RUN_SUMMARY, head);
	table_put(FB_RUN_SUMMARY, "1,1,file,normal,512,1048576,1,1,4096,1\n"
				  "2,1,file,normal,8192,1048576,4,4,8192,1\n");
	assert_int_equal(table_print(120, 0), 0);
	table_has(" bs  numjobs  survives", 1);
	table_has("fill", 0);
	table_has("flushers", 0);
	table_put(FB_RUN_SUMMARY, "3,1,file,normal,8192,1048576,4,2,65536,1\n");
	assert_int_equal(table_print(120, 0), 0);
	table_has(" bs  numjobs  flushers    bs  survives", 1);
	table_has("  fill  ", 1);
}

static void a_word_without_end_is_cut(void **state)
{
	char row[700], id[301];

	(void)state;
	memset(id, 'x', sizeof(id) - 1);
	id[300] = '\0';
	snprintf(row, sizeof(row), "1,%s,1,1,file,normal\n", id);
	unlink(table_file(FB_RUN_SUMMARY));
	table_put(FB_RUN_SUMMARY, "schema,run_id,case_id,rep,path,mode\n");
	table_put(FB_RUN_SUMMARY, row);
	table_put(
		FB_RUN_WARNINGS,
		"run-1,here,,,a,note,"
		"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
		"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
		"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
		"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4,z\n");
	for (int width = 60; width < 64; width++) {
		assert_int_equal(table_print(width, 0), 0);
		assert_true(table_widest() <= (size_t)width);
		/* No line begins within a letter. */
		for (const char *s = table.text; (s = strchr(s, '\n')); s++)
			assert_true(((unsigned char)s[1 + strspn(s + 1, " ")] & 0xC0) !=
				    0x80);
	}
}

static void long_texts_are_wrapped_and_set_in(void **state)
{
	(void)state;
	table_put_row(1, 1, "normal", 4096, POWER_LOSS GOOD "1,1,1,,,,");
	table_put(
		FB_RUN_WARNINGS,
		"run-1,here,1,,memory,warning,the target is in memory and so a flush of it "
		"costs nothing; name a folder on a disk,z\n");
	assert_int_equal(table_print(80, 0), 0);
	table_has("\nwarning: memory (case 1): the target is in memory and so a flush "
		  "of it costs\n  nothing; name a folder on a disk (z)\n",
		  1);
	assert_int_equal(table_print(200, 0), 0);
	table_has("it costs nothing; name", 1);
}

static void a_number_keeps_its_percent_sign(void **state)
{
	(void)state;
	table_put_row(1, 1, "normal", 4096, POWER_LOSS GOOD "1,1,1,,,,");
	table_put(FB_RUN_WARNINGS, "run-1,here,1,1,noise,warning,others write,"
				   "\"of a second and all that was done 31 %: 2 s\"\n");
	for (int width = 60; width <= 100; width++) {
		assert_int_equal(table_print(width, 0), 0);
		table_has("31 %:", 1);
	}
}

#define IN_FOLDER(f)                                                                   \
	cmocka_unit_test_setup_teardown(f, table_rig_enter, table_rig_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(what_has_no_room_stands_below_the_least_needed_first),
		IN_FOLDER(any_number_of_cases_keeps_its_columns_straight),
		IN_FOLDER(sixty_columns_are_the_least),
		IN_FOLDER(what_is_as_if_not_given_has_no_column),
		IN_FOLDER(a_word_without_end_is_cut),
		IN_FOLDER(long_texts_are_wrapped_and_set_in),
		IN_FOLDER(a_number_keeps_its_percent_sign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
