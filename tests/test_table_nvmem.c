/*
 * The table of runs with non-volatile memory among the cases.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/table_rig.h"

#include <string.h>
#include <unistd.h>

#define HEAD                                                                           \
	"run_id,case_id,rep,path,mode,bs,survives,fidelity,errors,status,"             \
	"write_min_ns,write_p50_ns,flush_min_ns,flush_p50_ns,commit_min_ns,"           \
	"commit_p50_ns,commit_p99_ns,commits_per_s,write_amp,flush_amp,app_flushes,"   \
	"lines_dirtied,lines_flushed,batch\n"

#define FILE_ROW                                                                       \
	"r,1,1,file,normal,4096,power-loss,equivalent,0,0x0,900,1900,80000,88000,"     \
	"81000,90123,133000,11100,1.02,1,500,,,\n"

#define FLUSH_ROW                                                                      \
	"r,2,1,nvmem,flush,64,nothing,emulated,0,0x0,20,30,110,130,140,163,410,"       \
	"6000000,,,500,200,300,1\n"

/* Of 100 ops each: a mean has neither a p99 nor a write and a flush of its own. */
#define BATCH_ROW                                                                      \
	"r,3,1,nvmem,flush-drain,64,nothing,emulated,0,0x0,,,,,96,98.5,,10000000,,,"   \
	"50000,50000,50000,100\n"

#define EMULATED                                                                       \
	"r,h,,,nv_emulated,warning,ordinary memory stands for non-volatile memory,x\n"

static void put_rows(const char *rows)
{
	unlink(table_file(FB_RUN_SUMMARY));
	table_put(FB_RUN_SUMMARY, HEAD);
	table_put(FB_RUN_SUMMARY, rows);
}

static void lines_flushed_stand_beside_what_disks_did(void **state)
{
	(void)state;
	put_rows(FILE_ROW FLUSH_ROW);
	assert_int_equal(table_print(120, 0), 0);
	table_has("  write  flush  line\n", 1);
	table_has("    amp    amp   amp\n", 1);
	table_has("   1.02   1.00     -\n", 1);
	table_has("      -      -  1.50\n", 1);
}

static void a_run_that_asked_no_disk_has_lines_alone(void **state)
{
	(void)state;
	put_rows(FLUSH_ROW BATCH_ROW);
	assert_int_equal(table_print(120, 0), 0);
	table_has("  commits  line\n", 1);
	table_has("    per s   amp\n", 1);
	table_has("    6.00M  1.50\n", 1);
	table_has("        -  1.00\n", 1);
}

static void a_run_without_lines_has_no_column_for_them(void **state)
{
	(void)state;
	put_rows(FILE_ROW);
	assert_int_equal(table_print(120, 0), 0);
	table_has("line", 0);
	/* Nothing was dirtied: nothing to divide by. */
	put_rows("r,1,1,nvmem,flush,64,nothing,emulated,0,0x0,,,,,,,,,,,0,0,0,1\n");
	assert_int_equal(table_print(120, 0), 0);
	table_has("line", 0);
	table_has("write  flush\n", 1);
}

static void a_batch_has_its_median_alone(void **state)
{
	(void)state;
	put_rows(FLUSH_ROW BATCH_ROW);
	assert_int_equal(table_print(120, 0), 0);
	table_has("  30 ns  130 ns   163 ns  410 ns    6.00M  1.50\n", 1);
	table_has("      -       -  98.5 ns       -        -  1.00\n", 1);
}

/* Of its single sample there is no median: that of the others would not be its own. */
static void a_batch_of_one_sample_has_no_median(void **state)
{
	(void)state;
	put_rows(BATCH_ROW "r,3,2,nvmem,flush-drain,64,nothing,emulated,0,0x0,,,,,97,,,"
			   "10000000,,,50000,50000,50000,100\n");
	assert_int_equal(table_print(120, 0), 0);
	table_has("98.5 ns", 0);
	table_has("      -      -       -       -        -  1.00\n", 1);
}

static void what_is_emulated_says_so_on_every_terminal(void **state)
{
	(void)state;
	put_rows(FILE_ROW FLUSH_ROW BATCH_ROW);
	table_put(FB_RUN_WARNINGS, EMULATED);
	for (int width = 60; width <= 140; width += 4) {
		assert_int_equal(table_print(width, 0), 0);
		assert_true(table_widest() <= (size_t)width);
		table_has(" nothing ", 1);
		table_has(" emulated", 1);
		table_has("\nnvmem (emulated)\n", 1);
		assert_non_null(strstr(strstr(table.text, " emulated"),
				       "\n\nwarning: nv_emulated: x\n"));
	}
}

static void what_was_refused_says_so_in_its_row(void **state)
{
	(void)state;
	put_rows(FLUSH_ROW
		 "r,3,1,nvmem,flush,64,,missing,0,0xC00000BB,,,,,,,,,,,,,,1\n"
		 "r,4,1,nvmem,write,64,,missing,1,0xC0000004,,,,,,,,,,,,,,1\n");
	assert_int_equal(table_print(120, 0), 0);
	table_has(" missing ", 1);
	table_has("  refused 0xC00000BB NOT_SUPPORTED\n", 1);
	table_has("  0xC0000004 INFO_LENGTH_MISMATCH\n", 1);
}

#define REFUSED(id, mode)                                                              \
	"r," id ",1,nvmem," mode ",64,,missing,0,0xC00000BB,,,,,,,,,,,,,,1\n"

static void one_path_is_two_where_some_of_it_is_emulated(void **state)
{
	(void)state;
	put_rows(FLUSH_ROW REFUSED("3", "write") "r,4,1,nvmem,ranges,64,power-loss,"
						 "equivalent,0,0x0,20,30,110,130,140,"
						 "163,410,6000000,,,500,200,300,1\n");
	assert_int_equal(table_print(120, 0), 0);
	table_has("\nnvmem (emulated)\n  flush ", 1);
	table_has("\nnvmem\n  write ", 1);
	table_has("\n  ranges     4  power-loss  equivalent", 1);
}

/* The refusal is one row's, and nothing is left for a table below. */
static void what_was_refused_needs_no_second_table(void **state)
{
	(void)state;
	put_rows(REFUSED("3", "flush") REFUSED("4", "write"));
	for (int width = 60; width <= 80; width += 4) {
		assert_int_equal(table_print(width, 0), 0);
		table_has("  refused 0xC00000BB", 1);
		assert_null(strstr(strstr(table.text, "refused"), "path "));
	}
	put_rows(REFUSED("3", "flush") FLUSH_ROW);
	assert_int_equal(table_print(70, 0), 0);
	assert_non_null(strstr(strstr(table.text, "refused"), "path "));
}

static void reasons_of_one_id_are_told_apart(void **state)
{
	(void)state;
	put_rows(REFUSED("3", "flush") REFUSED("4", "write"));
	table_put(FB_RUN_WARNINGS, "r,h,3,1,refused,note,no persistent memory,x\n"
				   "r,h,4,1,refused,note,the CPU has no clwb,x\n"
				   "r,h,4,1,refused,note,no persistent memory,x\n");
	assert_int_equal(table_print(120, 0), 0);
	table_has("\n\nnote: refused (cases 3-4): no persistent memory\n"
		  "note: refused (case 4): the CPU has no clwb\n",
		  1);
}

static void what_repeats_bs_is_not_said_again(void **state)
{
	(void)state;
	unlink(table_file(FB_RUN_SUMMARY));
	table_put(FB_RUN_SUMMARY, "run_id,case_id,rep,path,mode,bs,fill_bs,align\n"
				  "r,1,1,file,normal,4096,4096,\n"
				  "r,2,1,nvmem,flush,4096,,4096\n");
	assert_int_equal(table_print(120, 0), 0);
	table_has("\nbs=4k\n", 1);
	table_put(FB_RUN_SUMMARY, "r,3,1,nvmem,flush,4096,,64\n");
	assert_int_equal(table_print(120, 0), 0);
	table_has("  align  ", 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, table_rig_enter, table_rig_leave)
	const struct CMUnitTest tests[] = {
		T(lines_flushed_stand_beside_what_disks_did),
		T(a_run_that_asked_no_disk_has_lines_alone),
		T(a_run_without_lines_has_no_column_for_them),
		T(a_batch_has_its_median_alone),
		T(a_batch_of_one_sample_has_no_median),
		T(what_is_emulated_says_so_on_every_terminal),
		T(what_was_refused_says_so_in_its_row),
		T(one_path_is_two_where_some_of_it_is_emulated),
		T(what_was_refused_needs_no_second_table),
		T(reasons_of_one_id_are_told_apart),
		T(what_repeats_bs_is_not_said_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
