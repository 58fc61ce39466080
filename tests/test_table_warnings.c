/*
 * What stands below a table: warnings in full, notes in a line.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/table_rig.h"

#include <stdio.h>
#include <string.h>

static void warn_of(const char *where, const char *id, const char *text,
		    const char *evidence)
{
	char row[512];

	snprintf(row, sizeof(row), "r,h,%s,%s,warning,\"%s\",\"%s\"\n", where, id, text,
		 evidence);
	table_put(FB_RUN_WARNINGS, row);
}

static void warn(const char *where, const char *id, const char *severity,
		 const char *text)
{
	char row[512];

	snprintf(row, sizeof(row), "r,h,%s,%s,%s,\"%s\",seen\n", where, id, severity,
		 text);
	table_put(FB_RUN_WARNINGS, row);
}

/* What is of no repetition that was finished is not told. */
static void print(int width)
{
	for (int i = 1; i <= 200; i++)
		table_put_row(i, 1, "normal", 4096, POWER_LOSS GOOD "1,1,1,,,,");
	table_put_row(2, 2, "normal", 4096, POWER_LOSS GOOD "1,1,1,,,,");
	assert_int_equal(table_print(width, 0), 0);
}

static void a_warning_is_told_once_with_the_cases_it_concerns(void **state)
{
	(void)state;
	warn("7,1", "run_delay", "warning", "others had the CPU");
	warn("2,1", "run_delay", "warning", "others had the CPU");
	warn("2,2", "run_delay", "warning", "others had the CPU");
	warn("3,1", "run_delay", "warning", "others had the CPU");
	warn("4,1", "run_delay", "warning", "others had the CPU");
	warn("4,1", "bimodal", "warning", "two prices");
	print(100);
	table_has("\n\nwarning: run_delay (cases 2-4, 7): others had the CPU (seen, "
		  "case 7)\n"
		  "warning: bimodal (case 4): two prices (seen)\n",
		  1);
	table_has("warnings.csv", 0);
}

static void a_warning_shows_the_worst_it_saw(void **state)
{
	(void)state;
	warn_of("7,1", "run_delay", "others", "7 %: 140 ms in 2.00 s");
	warn_of("2,1", "run_delay", "others", "11 %: 221 ms in 2.00 s");
	warn_of("3,1", "run_delay", "others", "9 %: 180 ms in 2.00 s");
	/* not to be compared */
	warn_of("1,1", "noise", "theirs", "2.73 MiB by others");
	warn_of("2,1", "noise", "theirs", "500 KiB by others");
	print(100);
	table_has("warning: run_delay (cases 2-3, 7): others (11 %: 221 ms in 2.00 s, "
		  "case 2)\n"
		  "warning: noise (cases 1-2): theirs (2.73 MiB by others, case 1)\n",
		  1);
}

/* Its words stand above the table, where the run began. */
static void what_was_told_before_the_run_has_one_line(void **state)
{
	(void)state;
	warn_of(",", "loop_target", "through the page cache", "loop4: loop/dio is 0");
	warn_of(",", "io_limited", "slower",
		"a very long list of limits, of which a single line of sixty columns "
		"does not hold all");
	warn("3,", "zero_data", "warning", "of a case");
	print(60);
	table_has("\n\nwarning: loop_target: loop4: loop/dio is 0\n"
		  "warning: io_limited: a very long list of limits, of ...\n"
		  "warning: zero_data (case 3): of a case (seen)\n"
		  "warnings.csv has all of them in full\n",
		  1);
	table_has("page cache", 0);
}

static void many_cases_are_cut_short(void **state)
{
	char where[16];

	(void)state;
	for (int i = 1; i < 200; i += 2) {
		snprintf(where, sizeof(where), "%d,1", i);
		warn(where, "noise", "warning", "others use the disk");
	}
	print(100);
	table_has("warning: noise (cases 1, 3, 5, 7, 9, 11, 13, 15, 17 ...): others",
		  1);
}

static void a_note_has_one_line_whatever_its_texts(void **state)
{
	(void)state;
	warn("1,1", "tick", "note",
	     "this one goes on for longer than a line of the table, and says what to do "
	     "about it");
	warn("2,1", "tick", "note", "another text");
	warn("1,1", "short_run", "note", "space was used up");
	print(60);
	table_has("\n\nnote: tick (cases 1-2): this one goes on for longer than ...\n"
		  "note: short_run (case 1): space was used up\n"
		  "warnings.csv has all of them in full\n",
		  1);
	table_has("another", 0);
	assert_true(table_widest() <= 60);
	print(200);
	table_has("what to do about it\n", 1);
	table_has("warnings.csv", 0);
}

static void why_a_mode_was_refused_is_told_in_full(void **state)
{
	(void)state;
	warn("1,1", "refused", "note",
	     "the target is no persistent memory; name a folder that is mounted for "
	     "DAX");
	warn("1,1", "short_run", "note", "space was used up");
	warn("2,1", "refused", "note", "the CPU has no clwb");
	print(60);
	table_has("mounted for DAX\n", 1);
	table_has("note: refused (case 2): the CPU has no clwb\n"
		  "note: short_run (case 1): space was used up\n",
		  1);
	table_has("warnings.csv", 0);
}

static void warnings_stand_before_notes(void **state)
{
	(void)state;
	warn("1,1", "short_run", "note", "space was used up");
	warn("1,1", "noise", "warning", "others use the disk");
	print(100);
	assert_true(strstr(table.text, "warning: noise") <
		    strstr(table.text, "note: short_run"));
}

#define IN_FOLDER(f)                                                                   \
	cmocka_unit_test_setup_teardown(f, table_rig_enter, table_rig_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(a_warning_is_told_once_with_the_cases_it_concerns),
		IN_FOLDER(a_warning_shows_the_worst_it_saw),
		IN_FOLDER(what_was_told_before_the_run_has_one_line),
		IN_FOLDER(many_cases_are_cut_short),
		IN_FOLDER(a_note_has_one_line_whatever_its_texts),
		IN_FOLDER(why_a_mode_was_refused_is_told_in_full),
		IN_FOLDER(warnings_stand_before_notes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
