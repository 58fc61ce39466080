/*
 * The table of requests below that of the cases.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/table_rig.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void put_io(int case_id, const char *rest)
{
	char row[256];

	if (access(table_file(FB_RUN_IO), F_OK))
		table_put(FB_RUN_IO, "run_id,case_id,rep,device,class,fua,issuer,"
				     "requests,bytes\n");
	snprintf(row, sizeof(row), "r,%d,2,%s\n", case_id, rest);
	table_put(FB_RUN_IO, row);
}

/* One that was not traced, of no concern here, and one that was, of 1000 ops. The
 * disk's counters have what put_usual puts. */
static void put_case(int case_id, const char *mode, int flushes)
{
	char rows[512];

	snprintf(rows, sizeof(rows),
		 "%d,1,file,%s,0,1000,%d,,\n%d,2,file,%s,1,1000,%d,%s\n", case_id, mode,
		 flushes, case_id, mode, flushes, flushes ? "100,819200" : "0,0");
	table_put(FB_RUN_SUMMARY, rows);
}

static int enter(void **state)
{
	int ret = table_rig_enter(state);

	unlink(table_file(FB_RUN_SUMMARY));
	table_put(FB_RUN_SUMMARY, "case_id,rep,path,mode,traced,ops,app_flushes,"
				  "dev_flushes,dev_bytes\n");
	table_put(FB_RUN_SYSTEM,
		  "r,h,target_fs,ext4\nr,h,disk0,loop0\nr,h,below0,vda\n");
	return ret;
}

static void put_usual(void)
{
	put_case(1, "normal", 100);
	put_io(1, "loop0,data,0,self,100,409600");
	put_io(1, "loop0,journal,0,kernel,200,409600");
	put_io(1, "loop0,flush,0,kernel,100,0");
	put_io(1, "loop0,read,0,self,0,0");
	put_io(1, "vda,other,0,kernel,5000,5000000");
}

static void requests_are_told_by_class_for_each_flush(void **state)
{
	(void)state;
	put_usual();
	put_case(2, "purge", 200);
	put_io(2, "loop0,data,0,self,200,819200");
	put_io(2, "loop0,flush,0,self,200,0");
	assert_int_equal(table_print(100, 0), 0);
	table_has("\n\nrequests of the disk for each flush, traced\n"
		  "path\n"
		  "  mode    case  data  journal  flush   written\n"
		  "file\n"
		  "  normal     1  1.00     2.00   1.00  8.00 KiB\n"
		  "  purge      2  1.00     0.00   1.00  4.00 KiB\n",
		  1);
}

static void a_mode_that_flushes_nothing_has_them_per_op(void **state)
{
	(void)state;
	put_usual();
	put_case(2, "none", 0);
	put_io(2, "loop0,data,0,kernel,500,2048000");
	assert_int_equal(table_print(100, 0), 0);
	table_has("\n\nrequests of the disk for each flush or op, traced\n", 1);
	table_has("  normal     1  flush  1.00     2.00   1.00  8.00 KiB\n"
		  "  none       2  op     0.50     0.00   0.00  2.00 KiB\n",
		  1);
}

static void what_is_not_the_runs_stands_last(void **state)
{
	(void)state;
	put_usual();
	put_io(1, "loop0,other,0,kernel,50,4096");
	put_io(1, "loop0,flush,0,others,25,0");
	assert_int_equal(table_print(100, 0), 0);
	table_has("  mode    case  data  journal  flush  others   written\n", 1);
	table_has("  normal     1  1.00     2.00   1.00    0.75  8.00 KiB\n", 1);
	table_put(FB_RUN_WARNINGS, "r,h,1,2,extents_unknown,warning,t,e\n");
	assert_int_equal(table_print(100, 0), 0);
	table_has("data  journal  flush  other  others   written\n", 1);
	table_has("1.00     2.00   1.00   0.50    0.25  8.04 KiB\n", 1);
}

static void cases_that_asked_for_nothing_have_no_row(void **state)
{
	(void)state;
	put_case(2, "none", 0);
	put_io(2, "vda,other,0,kernel,5000,5000000");
	assert_int_equal(table_print(100, 0), 0);
	table_has("requests of the disk", 0);
	put_usual();
	put_io(2, "loop0,flush,0,kernel,1,0");
	assert_int_equal(table_print(100, 0), 0);
	table_has("  none       2  ", 1);
	table_has("  none       2  op", 0);
	table_has("for each flush, traced\n", 1);
}

/* An answer that was lost is no request that was. */
static void what_nobody_saw_is_told(void **state)
{
	(void)state;
	put_usual();
	assert_int_equal(table_print(100, 0), 0);
	table_has("not seen", 0);
	put_case(2, "purge", 100);
	put_io(2, "loop0,data,0,self,100,819200");
	put_io(2, "loop0,flush,0,self,75,0");
	assert_int_equal(table_print(100, 0), 0);
	table_has("traced; up to 25 % of what it did was not seen\n", 1);
}

static void what_has_no_room_stands_in_a_table_below(void **state)
{
	static const char *const classes[] = {"metadata", "read", "discard"};
	char row[64];

	(void)state;
	put_usual();
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		snprintf(row, sizeof(row), "loop0,%s,0,self,100,0", classes[i]);
		put_io(1, row);
	}
	put_io(1, "loop0,read,0,others,100,0");
	put_case(2, "none", 0);
	put_io(2, "loop0,data,0,kernel,100,409600");
	for (int width = 60; width <= 100; width++) {
		assert_int_equal(table_print(width, 0), 0);
		assert_true(table_widest() <= (size_t)width);
		table_has("data", 1);
		table_has("journal", 1);
		table_has("metadata", 1);
		table_has("discard", 1);
		table_has("others", 1);
		table_has("written", 1);
	}
	assert_int_equal(table_print(60, 0), 0);
	table_has("\n\npath\n  mode    case  read  discard", 1);
}

static void a_figure_that_is_none_is_told(void **state)
{
	(void)state;
	put_usual();
	put_io(1, "loop0,data,0,self,many,0");
	assert_int_not_equal(table_print(100, 0), 0);
	assert_non_null(strstr(table.err.text, "many"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, enter, table_rig_leave)
	const struct CMUnitTest tests[] = {
		T(requests_are_told_by_class_for_each_flush),
		T(a_mode_that_flushes_nothing_has_them_per_op),
		T(what_is_not_the_runs_stands_last),
		T(cases_that_asked_for_nothing_have_no_row),
		T(what_nobody_saw_is_told),
		T(what_has_no_room_stands_in_a_table_below),
		T(a_figure_that_is_none_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
