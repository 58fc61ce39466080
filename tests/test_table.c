#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/table_rig.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void a_run_is_laid_out_like_this(void **state)
{
	(void)state;
	table_put(FB_RUN_SUMMARY, "1,run-1,1,1,null,none,4096,1048576,1,,0,0,,," GOOD
				  "20,10,31,40,30000000,,\n");
	table_put_row(2, 1, "normal", 4096,
		      POWER_LOSS GOOD "1900,88000,90123,133000,11100,1.02,1");
	table_put_row(3, 1, "write-through", 4096,
		      "power-loss,stronger," GOOD
		      "87000,,87000,131000,11400,37.44,256.2");
	table_put(
		FB_RUN_WARNINGS,
		"run-1,here,2,1,low_n,note,few samples,\"write p99 (3 above), commit p99 (3 above)\"\n");
	table_put(FB_RUN_WARNINGS,
		  "run-1,here,3,1,low_n,note,few samples,flush p50 (1 above)\n");
	/* of no percentile that is shown */
	table_put(FB_RUN_WARNINGS,
		  "run-1,here,1,1,low_n,note,few samples,flush p999 (1 above)\n");
	table_put(FB_RUN_WARNINGS, "run-1,here,,,memory,warning,no disk,z\n");
	assert_int_equal(table_print(120, 0), 0);
	assert_string_equal(
		table.text,
		"run-1: 3 cases, one repetition\n"
		"bs=4k size=1m writes_per_flush=1\n"
		"\n"
		"path                                             write    flush   commit"
		"  commit  commits  write  flush\n"
		"  mode           case  survives    fidelity        p50      p50      p50"
		"     p99    per s    amp    amp\n"
		"null\n"
		"  none              1  -           -             20 ns    10 ns    31 ns"
		"   40 ns    30.0M      -      -\n"
		"file\n"
		"  normal            2  power-loss  equivalent  1.90 us  88.0 us  90.1 us"
		"  133 us    11.1k   1.02   1.00\n"
		"  write-through     3  power-loss  stronger    87.0 us        -  87.0 us"
		"  131 us    11.4k   37.4    256\n"
		"\n"
		"warning: memory: z\n"
		"note: low_n (cases 2-3): few samples\n"
		"warnings.csv has all of them in full\n");
}

static void figures_are_medians_of_the_repetitions(void **state)
{
	(void)state;
	table_put_row(1, 1, "normal", 4096, POWER_LOSS GOOD "1,,5000,,,,");
	table_put_row(1, 2, "normal", 4096, POWER_LOSS GOOD "3,,1000,,,,");
	table_put_row(1, 3, "normal", 4096, POWER_LOSS GOOD "8,,3000,,,,");
	table_put_row(1, 4, "normal", 4096, POWER_LOSS GOOD ",,9000,,,,");
	assert_int_equal(table_print(120, 0), 0);
	table_has("medians of 4 repetitions", 1);
	table_has("  3 ns  ", 1);
	table_has("  4.00 us  ", 1);
}

static void cases_interleaved_by_the_plan_come_in_order(void **state)
{
	const char *a, *b;

	(void)state;
	table_put_row(10, 1, "purge", 4096, POWER_LOSS GOOD "1,1,7000,,,,");
	table_put_row(2, 2, "buffers", 4096, POWER_LOSS GOOD "1,1,5000,,,,");
	table_put_row(10, 2, "purge", 4096, POWER_LOSS GOOD "1,1,9000,,,,");
	table_put_row(2, 1, "buffers", 4096, POWER_LOSS GOOD "1,1,1000,,,,");
	table_put_row(2, 3, "buffers", 4096, POWER_LOSS GOOD "1,1,6000,,,,");
	assert_int_equal(table_print(80, 0), 0);
	table_has("2 cases, medians of 2 to 3 repetitions", 1);
	a = strstr(table.text, "buffers");
	b = strstr(table.text, "purge");
	assert_true(a && b && a < b);
	table_has("5.00 us", 1);
	table_has("8.00 us", 1);
}

#define LOG_HEAD                                                                           \
	"case_id,rep,path,mode,survives,fidelity,errors,status,commit_p50_ns,app_flushes," \
	"log_bytes\n"

/* Where the log had no room: the table below is of the hives alone. */
static void a_case_without_anything_new_is_not_in_the_table_below(void **state)
{
	(void)state;
	unlink(table_file(FB_RUN_SUMMARY));
	table_put(FB_RUN_SUMMARY, LOG_HEAD);
	table_put(FB_RUN_SUMMARY,
		  "1,1,file,normal,power-loss,native,0,0x0,1000,5,\n"
		  "2,1,registry,key,power-loss,emulated,0,0x0,2000,100,1413120\n"
		  "3,1,registry,key-legacy,,,1,0xC000014D,,,\n");
	assert_int_equal(table_print(95, 0), 0);
	table_has("  mode        case    per s  per flush\n"
		  "registry\n"
		  "  key            2        -   13.8 KiB\n",
		  1);
	table_has("  key-legacy     3  ", 1);
	table_has("  key-legacy     3        -", 0);
}

/* What hives logged, by the flushes that were asked for. */
static void what_a_flush_logs_has_a_column_where_hives_are(void **state)
{
	(void)state;
	unlink(table_file(FB_RUN_SUMMARY));
	table_put(FB_RUN_SUMMARY, LOG_HEAD);
	table_put(FB_RUN_SUMMARY, "1,1,file,normal,power-loss,native,0,0x0,1000,5,\n");
	assert_int_equal(table_print(120, 0), 0);
	table_has("log", 0);
	table_put(FB_RUN_SUMMARY,
		  "2,1,registry,key,power-loss,emulated,0,0x0,2000,100,1413120\n"
		  "2,2,registry,key,power-loss,emulated,0,0x0,2000,200,2826240\n"
		  "2,3,registry,key,power-loss,emulated,0,0x0,2000,10,1413120\n"
		  "3,1,registry,key,power-loss,emulated,0,0x0,2000,0,1413120\n"
		  "4,1,registry,key,,,1,0xC000014D,,,\n");
	assert_int_equal(table_print(120, 0), 0);
	table_has("        log\n", 1);
	table_has("  amp  per flush\n", 1);
	table_has("      -          -\n", 1);
	table_has("      -   13.8 KiB\n", 1);
	table_has("138 KiB", 0);
	table_has("  0xC000014D REGISTRY_IO_FAILED\n", 1);
}

static void a_failed_case_shows_its_status_and_no_figure(void **state)
{
	(void)state;
	table_put_row(1, 1, "normal", 4096, POWER_LOSS GOOD "1000,77000,78000,,,,");
	table_put_row(1, 2, "normal", 4096,
		      POWER_LOSS "1,0xC0000185,5,1000,77000,78000,,,,");
	table_put_row(2, 1, "purge", 4096, POWER_LOSS "1,0xC0DE0001,0,,,,,,,");
	table_put_row(3, 1, "buffers", 4096, POWER_LOSS "1,0x00000000,28,,,,,,,");
	table_put_row(4, 1, "none", 4096, ",missing,0,0xC0000002,0,,,,,,,");
	assert_int_equal(table_print(100, 0), 0);
	table_has("  0xC0000185 IO_DEVICE_ERROR, os error 5, 1 of 2\n", 1);
	table_has("  0xC0DE0001\n", 1);
	table_has("  error, os error 28\n", 1);
	table_has("  refused 0xC0000002 NOT_IMPLEMENTED\n", 1);
	table_has("77.0 us", 0);
	assert_true(table_widest() <= 100);
	assert_int_equal(table_print(80, 0), 0);
	assert_true(table_widest() <= 80);
	table_has("  0xC0000185 IO_DEVICE_ERROR", 1);
}

static void the_first_failed_repetition_is_the_one_shown(void **state)
{
	(void)state;
	table_put_row(1, 1, "normal", 4096, POWER_LOSS GOOD "1000,77000,78000,,,,");
	table_put_row(1, 2, "normal", 4096, POWER_LOSS "1,0xC000007F,28,,,,,,,");
	table_put_row(1, 3, "normal", 4096, POWER_LOSS "1,0xC0000185,5,,,,,,,");
	assert_int_equal(table_print(120, 0), 0);
	table_has("  0xC000007F DISK_FULL, os error 28, 2 of 3\n", 1);
	table_has("IO_DEVICE_ERROR", 0);
	/* By their place in the file, in which they ended. */
	table_put_row(2, 2, "purge", 4096, POWER_LOSS "1,0xC0000185,5,,,,,,,");
	table_put_row(2, 1, "purge", 4096, POWER_LOSS "1,0xC0000022,13,,,,,,,");
	assert_int_equal(table_print(120, 0), 0);
	table_has("  0xC0000185 IO_DEVICE_ERROR, os error 5\n", 1);
	table_has("ACCESS_DENIED", 0);
}

static void put_percentiles(const char *rest)
{
	char row[128];

	snprintf(row, sizeof(row), "file,normal,power-loss,equivalent,%s\n", rest);
	table_put(FB_RUN_SUMMARY, row);
}

/* A median of the quick ones alone could lie below a lower percentile. */
static void a_percentile_that_one_repetition_lacks_is_unknown(void **state)
{
	(void)state;
	unlink(table_file(FB_RUN_SUMMARY));
	table_put(FB_RUN_SUMMARY, "path,mode,survives,fidelity,case_id,rep,"
				  "commit_min_ns,commit_p50_ns,commit_p99_ns\n");
	put_percentiles("1,1,9000,5000,7000");
	put_percentiles("1,2,8000,5000,");
	put_percentiles("1,3,9000,5000,7000");
	assert_int_equal(table_print(120, 0), 0);
	table_has("5.00 us       -        -", 1);
	table_has("7.00 us", 0);
	/* One without a sample says nothing of the others. */
	put_percentiles("2,1,9000,5000,7000");
	put_percentiles("2,2,,,");
	assert_int_equal(table_print(120, 0), 0);
	table_has("5.00 us  7.00 us", 1);
}

static void a_case_without_samples_has_dashes(void **state)
{
	(void)state;
	table_put_row(1, 1, "normal", 4096, POWER_LOSS GOOD ",,,,,,");
	assert_int_equal(table_print(120, 0), 0);
	table_has(
		"  normal     1  power-loss  equivalent      -      -       -       -        -"
		"      -      -\n",
		1);
}

static void what_differs_has_a_column_and_the_rest_is_said_once(void **state)
{
	(void)state;
	table_put_row(1, 1, "normal", 4096, POWER_LOSS GOOD "1,1,1,,,,");
	table_put_row(2, 1, "normal", 65536, POWER_LOSS GOOD "1,1,1,,,,");
	assert_int_equal(table_print(120, 0), 0);
	table_has("size=1m writes_per_flush=1\n", 1);
	table_has("bs=", 0);
	table_has("  mode    case   bs  survives", 1);
	table_has("  normal     1   4k  power-loss", 1);
	table_has("  normal     2  64k  power-loss", 1);
	/* follows bs, so it says nothing more; off, as ever; both without a word */
	table_has("fill", 0);
	table_has("thinktime", 0);
	table_has("direct", 0);
}

static void a_yes_or_no_is_said_when_it_is_not_the_default(void **state)
{
	(void)state;
	unlink(table_file(FB_RUN_SUMMARY));
	table_put(FB_RUN_SUMMARY, "case_id,rep,path,mode,bs,direct,invalidate\n"
				  "1,1,file,normal,4096,1,1\n");
	assert_int_equal(table_print(120, 0), 0);
	table_has("\nbs=4k direct=1\n", 1);
	unlink(table_file(FB_RUN_SUMMARY));
	table_put(FB_RUN_SUMMARY, "case_id,rep,path,mode,bs,direct,invalidate\n"
				  "1,1,file,normal,4096,0,0\n");
	assert_int_equal(table_print(120, 0), 0);
	table_has("\nbs=4k invalidate=0\n", 1);
}

static void long_names_stand_over_two_lines(void **state)
{
	(void)state;
	table_put(FB_RUN_SUMMARY,
		  "1,run-1,1,1,file,normal,4096,1048576,1,,0,0," POWER_LOSS GOOD
		  "1,1,1,,,,\n");
	table_put(FB_RUN_SUMMARY,
		  "1,run-1,2,1,file,normal,4096,1048576,16,,250,0," POWER_LOSS GOOD
		  "1,1,1,,,,\n");
	assert_int_equal(table_print(120, 0), 0);
	table_has("path               writes ", 1);
	table_has("  mode    case  per_flush  thinktime  survives", 1);
	table_has("  normal     1          1          0  power-loss", 1);
	table_has("  normal     2         16      250us  power-loss", 1);
}

static void colour_is_there_only_when_asked_for(void **state)
{
	(void)state;
	table_put_row(1, 1, "normal", 4096, POWER_LOSS GOOD "1,1,1,,,,");
	table_put(FB_RUN_WARNINGS, "run-1,here,,,memory,warning,no disk,z\n");
	table_put(FB_RUN_WARNINGS, "run-1,here,,,low_n,note,few,write p99 (2 above)\n");
	assert_int_equal(table_print(80, 0), 0);
	table_has("\033", 0);
	assert_int_equal(table_print(80, 1), 0);
	table_has("\033[33mwarning: memory: z\033[0m\n", 1);
	table_has("\nnote: low_n", 1);
	table_has("\033[2mpath", 1);
}

static void text_from_files_cannot_command_the_terminal(void **state)
{
	(void)state;
	table_put_row(1, 1, "nor\033[2Jmal", 4096, POWER_LOSS GOOD "1,1,1,,,,");
	table_put(FB_RUN_WARNINGS,
		  "run-1,here,1,1,bell\a,warning,\"up\033[A\nhere\",z\n");
	assert_int_equal(table_print(80, 0), 0);
	table_has("\033", 0);
	table_has("\a", 0);
	table_has("nor?[2Jmal", 1);
	table_has("up?[A here", 1);
}

static void an_incomplete_run_says_so(void **state)
{
	(void)state;
	table_put_row(1, 1, "normal", 4096, POWER_LOSS GOOD "1,1,1,,,,");
	assert_int_equal(table_print(80, 0), 0);
	table_has("incomplete", 0);
	unlink(table_file(FB_RUN_SYSTEM));
	table_put(FB_RUN_SYSTEM, "run_id,host,key,value\n");
	assert_int_equal(table_print(80, 0), 0);
	table_has("incomplete", 1);
}

static void a_run_without_repetitions_says_so(void **state)
{
	(void)state;
	table_put(FB_RUN_WARNINGS, "run-1,here,,,memory,warning,no disk,z\n");
	assert_int_equal(table_print(80, 0), 0);
	assert_string_equal(table.text, "no repetition was finished\n"
					"\nwarning: memory: z\n"
					"warnings.csv has all of them in full\n");
	unlink(table_file(FB_RUN_WARNINGS));
	assert_int_equal(table_print(80, 0), 0);
	assert_string_equal(table.text, "no repetition was finished\n");
}

static void an_unreadable_figure_is_told_with_its_place(void **state)
{
	(void)state;
	table_put_row(1, 1, "normal", 4096, POWER_LOSS GOOD "1,1,1,,,,");
	table_put_row(2, 1, "normal", 4096, POWER_LOSS GOOD "1,1,fast,,,,");
	assert_int_equal(table_print(80, 0), -EINVAL);
	assert_non_null(
		strstr(table.err.text, ":3: column 20 (commit_p50_ns): 'fast'"));
}

#define IN_FOLDER(f)                                                                   \
	cmocka_unit_test_setup_teardown(f, table_rig_enter, table_rig_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(a_run_is_laid_out_like_this),
		IN_FOLDER(figures_are_medians_of_the_repetitions),
		IN_FOLDER(cases_interleaved_by_the_plan_come_in_order),
		IN_FOLDER(what_a_flush_logs_has_a_column_where_hives_are),
		IN_FOLDER(a_case_without_anything_new_is_not_in_the_table_below),
		IN_FOLDER(a_failed_case_shows_its_status_and_no_figure),
		IN_FOLDER(the_first_failed_repetition_is_the_one_shown),
		IN_FOLDER(a_percentile_that_one_repetition_lacks_is_unknown),
		IN_FOLDER(a_case_without_samples_has_dashes),
		IN_FOLDER(what_differs_has_a_column_and_the_rest_is_said_once),
		IN_FOLDER(a_yes_or_no_is_said_when_it_is_not_the_default),
		IN_FOLDER(long_names_stand_over_two_lines),
		IN_FOLDER(colour_is_there_only_when_asked_for),
		IN_FOLDER(text_from_files_cannot_command_the_terminal),
		IN_FOLDER(an_incomplete_run_says_so),
		IN_FOLDER(a_run_without_repetitions_says_so),
		IN_FOLDER(an_unreadable_figure_is_told_with_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
