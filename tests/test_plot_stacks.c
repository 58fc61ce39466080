/*
 * What gnuplot is told of traced repetitions: requests by class, and shares of a
 * commit.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/plot_rig.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void draw(enum fb_plot_id which)
{
	plot_rig_draw(which, FB_OP_COMMIT);
}

static void requests_are_divided_by_the_flushes_asked_for(void **state)
{
	(void)state;
	plot_rig_trace(1, 2, "normal");
	draw(FB_PLOT_REQUESTS);
	plot_rig_has("title = 'What one flush costs the device'\n", 1);
	plot_rig_has("\n2\t0\t1\t1\t1.00\t\n2\t1\t1.4\t2\t0.40\t\n"
		     "2\t1.4\t1.42\t3\t0.02\t\n2\t1.42\t2.42\t4\t1.00\t\n",
		     1);
	plot_rig_has("\n2\t4\tnormal\t2.42\t8.88 KiB\t \t\n", 1);
	plot_rig_has("most[1] = 2.42\n", 1);
	plot_rig_has("meaning[2] = 'KiB, per flush'\n", 1);
	plot_rig_has("\n2\t0\t4\t1\t4.00 KiB\t\n2\t4\t8.8\t2\t4.80 KiB\t\n", 1);
	plot_rig_has("part_there[4] = 1\n", 1);
	/* read: nobody asked for any */
	plot_rig_has("part_there[5] = 0\n", 1);
}

static void a_mode_that_flushes_nothing_is_told_per_op(void **state)
{
	(void)state;
	plot_rig_put(&(struct plot_rep){
		.mode = "none", .samples = 100, .traced = true, .app_flushes = "0"});
	plot_rig_put_io(1, 1, "vda,data,0,kernel,50,409600");
	draw(FB_PLOT_REQUESTS);
	plot_rig_has("\tnone (per op)\t0.25\t2.00 KiB\t", 1);
	plot_rig_has("label_chars = 13\n", 1);
}

static void what_goes_past_the_cache_is_counted_apart(void **state)
{
	(void)state;
	plot_rig_trace(1, 2, "normal");
	draw(FB_PLOT_REQUESTS);
	plot_rig_has("FUA", 0);
	plot_rig_put_io(1, 2, "vda,journal,1,kernel,50,204800");
	draw(FB_PLOT_REQUESTS);
	plot_rig_has("\t2.92, FUA 0.50\t", 1);
	plot_rig_has("FUA: writes past the cache, of those shown", 1);
}

/* A loop device's backing disk does the same work once more. */
static void disks_below_the_mounts_own_are_left_out(void **state)
{
	(void)state;
	plot_rig_append(FB_RUN_SYSTEM, "r,h,disk1,vdb\nr,h,below0,sda\n");
	plot_rig_trace(1, 2, "normal");
	plot_rig_put_io(1, 2, "sda,other,0,kernel,500,2048000");
	draw(FB_PLOT_REQUESTS);
	plot_rig_has("\t2.42\t8.88 KiB\t", 1);
	plot_rig_put_io(1, 2, "vdb,journal,0,kernel,100,0");
	draw(FB_PLOT_REQUESTS);
	plot_rig_has("\t3.42\t8.88 KiB\t", 1);
}

static void requests_of_others_are_left_out_and_told(void **state)
{
	(void)state;
	plot_rig_trace(1, 2, "normal");
	draw(FB_PLOT_REQUESTS);
	plot_rig_has("left out", 0);
	plot_rig_put_io(1, 2, "vda,read,0,others,242,991232");
	draw(FB_PLOT_REQUESTS);
	plot_rig_has("\t2.42\t8.88 KiB\t", 1);
	plot_rig_has("; at least 50 % of all requests and 52 % of all bytes were not "
		     "this run",
		     1);
	plot_rig_has("s and are left out'", 1);
}

/* What kernel threads write back for others lies where the target does not. */
static void what_is_not_the_targets_is_nobodys_of_the_run(void **state)
{
	(void)state;
	plot_rig_trace(1, 2, "normal");
	plot_rig_put_io(1, 2, "vda,other,0,kernel,242,0");
	draw(FB_PLOT_REQUESTS);
	plot_rig_has("\t2.42\t8.88 KiB\t", 1);
	plot_rig_has("; at least 50 % of all requests and 0 % of all bytes", 1);
}

static void other_stays_where_the_targets_blocks_are_in_doubt(void **state)
{
	(void)state;
	plot_rig_replace(FB_RUN_WARNINGS,
			 "run_id,host,case_id,rep,id,severity,text,evidence\n"
			 "r,h,11,2,extents_unknown,warning,t,e\n");
	plot_rig_trace(1, 2, "normal");
	plot_rig_put_io(1, 2, "vda,other,0,kernel,100,0");
	draw(FB_PLOT_REQUESTS);
	plot_rig_has("\t2.42\t8.88 KiB\t", 1);
	plot_rig_append(FB_RUN_WARNINGS, "r,h,1,2,extents_unknown,warning,t,e\n");
	draw(FB_PLOT_REQUESTS);
	plot_rig_has("\t3.42\t8.88 KiB\t", 1);
	plot_rig_has("left out", 0);
}

static void other_stays_on_a_file_system_that_marks_nothing(void **state)
{
	(void)state;
	plot_rig_replace(FB_RUN_SYSTEM, "run_id,host,key,value\nr,h,target_fs,vfat\n"
					"r,h,disk0,vda\nr,h,run_end,now\n");
	plot_rig_trace(1, 2, "normal");
	plot_rig_put_io(1, 2, "vda,other,0,kernel,100,0");
	draw(FB_PLOT_REQUESTS);
	plot_rig_has("\t3.42\t8.88 KiB\t", 1);
}

static void data_too_narrow_for_a_label_is_told_beside_the_bar(void **state)
{
	(void)state;
	plot_rig_trace(1, 2, "normal");
	plot_rig_put_io(1, 2, "vda,metadata,0,self,800,14000000");
	draw(FB_PLOT_REQUESTS);
	plot_rig_has("\t10.4, data 1.00\t146 KiB, data 4.00 KiB\t", 1);
}

static void a_class_without_a_visible_bar_is_not_in_the_legend(void **state)
{
	(void)state;
	plot_rig_trace(1, 2, "normal");
	plot_rig_put_io(1, 2, "vda,read,0,kernel,1,40");
	plot_rig_put_io(1, 2, "vda,flush,0,kernel,600,0");
	draw(FB_PLOT_REQUESTS);
	plot_rig_has("part_there[5] = 0\n", 1);
	plot_rig_has("\t5\t0.01\t\n", 1);
	plot_rig_put_io(1, 2, "vda,read,0,kernel,3,40");
	draw(FB_PLOT_REQUESTS);
	plot_rig_has("part_there[5] = 1\n", 1);
}

static void rows_of_untraced_repetitions_are_not_counted(void **state)
{
	(void)state;
	plot_rig_put_mode(1, "normal", "4096");
	plot_rig_put_io(1, 1, "vda,flush,,,700,0");
	plot_rig_trace(1, 2, "normal");
	draw(FB_PLOT_REQUESTS);
	plot_rig_has("\t2.42\t8.88 KiB\t", 1);
}

static void cases_without_figures_say_why(void **state)
{
	(void)state;
	plot_rig_trace(1, 1, "normal");
	plot_rig_put_mode(2, "purge", "4096");
	plot_rig_put(&(struct plot_rep){
		.case_id = 3, .mode = "msync", .traced = true, .status = "0xC000007F"});
	plot_rig_put(&(struct plot_rep){.case_id = 4, .mode = "view", .traced = true});
	plot_rig_put_io(4, 1, "vda,other,0,others,7,0");
	draw(FB_PLOT_REQUESTS);
	plot_rig_has("\tpurge\t \t \tnot traced\t", 1);
	plot_rig_has("\tmsync\t \t \tfailed: DISK_FULL\t", 1);
	plot_rig_has("\tview\t0.00\t0 B\tthe device was asked for nothing\t", 1);
	draw(FB_PLOT_SHARES);
	plot_rig_has("\tpurge\t \t \tnot traced\t", 1);
	plot_rig_has("\tview\t \t \tno op was seen whole\t", 1);
}

/* A traced repetition of 100 ops. */
static void put_one(const char *columns, const char *values)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "schema,case_id,rep,errors,run_id,mode,status,traced,ops,app_flushes,"
		 "commit_min_ns,%s\n1,1,2,0,r,normal,0,1,100,100,5,%s\n",
		 columns, values);
	plot_rig_replace(FB_RUN_SUMMARY, text);
}

/* An answer that was lost takes a time with it, and no request. */
static void only_requests_that_nobody_saw_are_told(void **state)
{
	(void)state;
	plot_rig_trace(1, 2, "normal");
	put_one("lost_events,dev_flushes,dev_bytes", "12,100,909312");
	draw(FB_PLOT_REQUESTS);
	plot_rig_has("lost", 0);
	plot_rig_has("not seen", 0);
	put_one("lost_events,dev_flushes,dev_bytes", "12,200,909312");
	draw(FB_PLOT_REQUESTS);
	plot_rig_has("; up to 50 % of what the disk did was not seen", 1);
	put_one("lost_events,dev_flushes,dev_bytes", "12,100,910312");
	draw(FB_PLOT_REQUESTS);
	plot_rig_has("; up to 0.1 % of what the disk did was not seen", 1);
}

static void assert_lacks_shares(const char *columns, const char *values,
				const char *why)
{
	char cell[128];

	put_one(columns, values);
	draw(FB_PLOT_SHARES);
	snprintf(cell, sizeof(cell), "\t%s\t", why);
	plot_rig_has(cell, 1);
	assert_string_equal(fb_plot_why_no_shares(&plot_rig.plot), why);
}

static void shares_that_are_missing_say_why(void **state)
{
	(void)state;
	assert_lacks_shares("numjobs,batch,lost_events", "2,1,5",
			    "more than one op was in flight");
	assert_lacks_shares("numjobs,batch,lost_events", "1,16,5",
			    "more than one op was in flight");
	assert_lacks_shares("numjobs,cpu_idle,lost_events", "1,allow,5",
			    "too many answers were lost (try cpu_idle=busy)");
	assert_lacks_shares("numjobs,cpu_idle,lost_events", "1,busy,5",
			    "too many answers were lost");
	assert_lacks_shares("numjobs,lost_events", "1,0", "no op was seen whole");
}

static void what_tracing_cost_is_told_only_where_it_shows(void **state)
{
	(void)state;
	plot_rig_trace(1, 2, "normal");
	draw(FB_PLOT_SHARES);
	plot_rig_has("; tracing made the median commit 3.1 % dearer'", 1);
	put_one("trace_cost", "2.18");
	draw(FB_PLOT_SHARES);
	plot_rig_has("; commits differed more by themselves than by tracing'", 1);
	put_one("trace_cost", "");
	draw(FB_PLOT_SHARES);
	plot_rig_has("count as flush'", 1);
}

static void a_commit_is_cut_into_device_and_the_rest(void **state)
{
	(void)state;
	plot_rig_put(&(struct plot_rep){.rep = 1, .samples = 300});
	plot_rig_put(&(struct plot_rep){.rep = 2, .traced = true});
	plot_rig_put_op(1, 2, "commit", 100000);
	plot_rig_put_op(1, 2, "dev_write", 30000);
	plot_rig_put_op(1, 2, "dev_flush", 20000);
	draw(FB_PLOT_SHARES);
	plot_rig_has("title = 'Where the time of a commit goes'\n", 1);
	plot_rig_has("\n2\t0\t30\t1\t30.0 us\t\n2\t30\t50\t2\t20.0 us\t\n"
		     "2\t50\t100\t3\t50.0 us\t\n",
		     1);
	plot_rig_has("\n2\t0\t30\t1\t30 %\t\n2\t30\t50\t2\t20 %\t\n"
		     "2\t50\t100\t3\t50 %\t\n",
		     1);
	plot_rig_has("\tnormal\t100 us\tdevice 50 %\t", 1);
	plot_rig_has("meaning[1] = 'commit, mean, us'\n", 1);
}

static void a_device_busy_for_longer_than_a_commit_leaves_nothing_over(void **state)
{
	(void)state;
	plot_rig_put(&(struct plot_rep){.traced = true});
	plot_rig_put_op(1, 1, "commit", 40000);
	plot_rig_put_op(1, 1, "dev_write", 60000);
	plot_rig_put_op(1, 1, "dev_flush", 20000);
	draw(FB_PLOT_SHARES);
	plot_rig_has("\tnormal\t40.0 us\tdevice 100 %\t", 1);
	plot_rig_has("most[1] = 80\n", 1);
	plot_rig_has("part_there[3] = 0\n", 1);
}

static void there_is_something_to_draw_only_of_traced_cases(void **state)
{
	(void)state;
	plot_rig_put_mode(1, "normal", "4096");
	plot_rig_put_io(1, 1, "vda,flush,,,700,0");
	plot_rig_load(FB_OP_COMMIT);
	for (int i = 0; i < PLOT_ALWAYS; i++)
		assert_true(fb_plot_has(&plot_rig.plot, (enum fb_plot_id)i));
	assert_false(fb_plot_has(&plot_rig.plot, FB_PLOT_REQUESTS));
	assert_false(fb_plot_has(&plot_rig.plot, FB_PLOT_SHARES));
	/* with several ops in flight */
	plot_rig_put(&(struct plot_rep){.rep = 2, .samples = 300, .traced = true});
	plot_rig_put_io(1, 2, "vda,flush,0,self,700,0");
	plot_rig_load(FB_OP_COMMIT);
	assert_true(fb_plot_has(&plot_rig.plot, FB_PLOT_REQUESTS));
	assert_false(fb_plot_has(&plot_rig.plot, FB_PLOT_SHARES));
	plot_rig_trace(1, 3, "normal");
	plot_rig_load(FB_OP_COMMIT);
	assert_true(fb_plot_has(&plot_rig.plot, FB_PLOT_SHARES));
	plot_rig.cases.n = 0;
	assert_false(fb_plot_has(&plot_rig.plot, FB_PLOT_REQUESTS));
}

static void a_figure_that_is_none_is_told(void **state)
{
	(void)state;
	plot_rig_trace(1, 2, "normal");
	plot_rig_put_io(1, 2, "vda,flush,0,self,many,0");
	plot_rig_load(FB_OP_COMMIT);
	assert_int_equal(plot_rig_write(FB_PLOT_REQUESTS), -EINVAL);
	assert_non_null(strstr(plot_rig.err.text, "many"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, plot_rig_enter, plot_rig_leave)
	const struct CMUnitTest tests[] = {
		T(requests_are_divided_by_the_flushes_asked_for),
		T(a_mode_that_flushes_nothing_is_told_per_op),
		T(what_goes_past_the_cache_is_counted_apart),
		T(disks_below_the_mounts_own_are_left_out),
		T(requests_of_others_are_left_out_and_told),
		T(rows_of_untraced_repetitions_are_not_counted),
		T(cases_without_figures_say_why),
		T(what_is_not_the_targets_is_nobodys_of_the_run),
		T(other_stays_where_the_targets_blocks_are_in_doubt),
		T(other_stays_on_a_file_system_that_marks_nothing),
		T(data_too_narrow_for_a_label_is_told_beside_the_bar),
		T(a_class_without_a_visible_bar_is_not_in_the_legend),
		T(only_requests_that_nobody_saw_are_told),
		T(shares_that_are_missing_say_why),
		T(what_tracing_cost_is_told_only_where_it_shows),
		T(a_commit_is_cut_into_device_and_the_rest),
		T(a_device_busy_for_longer_than_a_commit_leaves_nothing_over),
		T(there_is_something_to_draw_only_of_traced_cases),
		T(a_figure_that_is_none_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
