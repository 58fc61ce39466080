/*
 * Whole runs of the program and what they leave: rows that agree with each other and
 * with what was asked for, and an empty target.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "nt/nv_cpu.h"
#include "plan/param.h"
#include "support/cli.h"

#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

static double sum(size_t row, const char *column)
{
	return number(FB_RUN_SUMMARY, row, column);
}

static const char *text(size_t row, const char *column)
{
	return field(FB_RUN_SUMMARY, row, column);
}

static bool is(size_t row, const char *column, const char *value)
{
	return !strcmp(text(row, column), value);
}

static bool one_call(size_t row)
{
	static const char *const modes[] = {
		"write-through", "write-dsync", "write-flush", "write-nt",
		"write-persist", "fill-flush",  "fill-nt",     "fill-persist"};

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (is(row, "mode", modes[i]))
			return true;
	return false;
}

static bool on_nvmem(size_t row)
{
	return is(row, "path", "nvmem");
}

/* Flushes of their own that were timed, by the threads that have any. */
static double timed_flushes(size_t row)
{
	double each = sum(row, "ops") / sum(row, "numjobs");

	if (one_call(row))
		return 0;
	return is(row, "flushers", text(row, "numjobs")) ? sum(row, "ops")
							 : each * sum(row, "flushers");
}

/* A thread that does not flush commits nothing. */
static double commits(size_t row)
{
	return one_call(row) ? sum(row, "ops") : timed_flushes(row);
}

static double asked_flushes(size_t row)
{
	if (is(row, "mode", "none"))
		return 0;
	return one_call(row) ? sum(row, "app_writes") : timed_flushes(row);
}

/* Ops of a batch are timed together, so a flush of theirs is no sample of its own. */
static void batches_agree(enum fb_run_file file, size_t row)
{
	const char *id = text(row, "case_id");
	double batches = sum(row, "ops") / sum(row, "batch");

	assert_true(count_of(file, id, "write") == (one_call(row) ? batches : 0));
	assert_true(count_of(file, id, "flush") == 0);
	assert_true(count_of(file, id, "commit") == batches);
}

static void counts_agree(enum fb_run_file file, size_t row)
{
	const char *id = text(row, "case_id");
	double ops = sum(row, "ops"), flushes = timed_flushes(row);

	if (on_nvmem(row) && !is(row, "batch", "1")) {
		batches_agree(file, row);
		return;
	}
	assert_true(count_of(file, id, "write") == ops);
	assert_true(count_of(file, id, "flush") == flushes);
	assert_true(count_of(file, id, "commit") == commits(row));
}

static void latencies_rise(size_t row, const char *op)
{
	static const char *const names[] = {"min",  "p50",   "p90", "p99",
					    "p999", "p9999", "max"};
	char column[32];
	double last = 0, v;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(column, sizeof(column), "%s_%s_ns", op, names[i]);
		v = sum(row, column);
		assert_false(v < last);
		last = isnan(v) ? last : v;
	}
}

static bool about(double a, double b)
{
	return fabs(a - b) <= 1e-6 * fabs(b);
}

/* All that must hold in the row of any repetition that went well; one repetition. */
static void row_agrees(size_t row)
{
	/* The null path writes nothing anywhere. */
	double writes = strcmp(text(row, "path"), "null")
				? sum(row, "ops") * sum(row, "writes_per_flush")
				: 0;
	bool hive = !strcmp(text(row, "path"), "registry");

	if (on_nvmem(row))
		writes *= sum(row, "ranges");
	assert_true(sum(row, "ops") > 0);
	assert_true(sum(row, "errors") == 0);
	assert_string_equal(text(row, "status"), "0x00000000");
	assert_true(sum(row, "os_error") == 0);
	assert_true(sum(row, "app_writes") == writes);
	assert_true(sum(row, "app_bytes") ==
		    writes * sum(row, hive ? "value_size" : "bs"));
	assert_true(sum(row, "app_flushes") == asked_flushes(row));
	assert_true(about(sum(row, "commits_per_s"),
			  commits(row) / sum(row, "elapsed_ns") * 1e9));
	if (sum(row, "reps") == 1) {
		counts_agree(FB_RUN_HISTOGRAM, row);
		counts_agree(FB_RUN_SERIES, row);
	}
	latencies_rise(row, "write");
	latencies_rise(row, "flush");
	latencies_rise(row, "commit");
	assert_true(isnan(sum(row, "flush_p50_ns")) || !one_call(row));
}

static void rows_agree(size_t expected)
{
	assert_int_equal(row_count(FB_RUN_SUMMARY), expected);
	for (size_t row = 0; row < expected; row++)
		row_agrees(row);
	assert_true(lab.run.complete);
	assert_tidy();
}

static void every_mode_of_every_path_gives_a_whole_row(void **state)
{
	char folder[CLI_PATH + 8];

	(void)state;
	assert_exit(0, measure("--path null,file,mapped,registry --mode all"), lab.c);
	rows_agree(15);
	for (size_t row = 0; row < 15; row++) {
		assert_string_equal(text(row, "run_id"), "r");
		assert_string_equal(text(row, "schema"), "1");
		assert_string_equal(text(row, "os"), "linux");
		assert_string_equal(text(row, "ended"), "time");
		assert_string_equal(text(row, "load"), "closed");
		assert_true(sum(row, "elapsed_ns") >= 6e7);
		assert_true(*text(row, "fidelity") || is(row, "path", "null"));
	}
	assert_int_equal(
		folder_entries(tmpdir_join(folder, sizeof(folder), lab.results, "r")),
		6);
	assert_true(row_where(FB_RUN_SYSTEM, "key", "run_end") < SIZE_MAX);
	assert_true(row_where(FB_RUN_SYSTEM, "key", "target_fs") < SIZE_MAX);
}

static void written_targets_take_every_pattern(void **state)
{
	(void)state;
	assert_exit(0,
		    measure("--path file,mapped --mode normal,msync,write-dsync "
			    "--pattern seq,rand,zipf,create --size 32k"),
		    lab.c);
	/* create is left out of mapped and of modes that flush in the write. */
	rows_agree(4 + 3 + 3);
	assert_says(lab.c.err, "left out: pattern create");
	assert_true(row_where(FB_RUN_SUMMARY, "pattern", "create") < SIZE_MAX);
	for (size_t row = 0; row < 10; row++)
		assert_string_equal(text(row, "ended"),
				    is(row, "pattern", "create") ? "space" : "time");
}

/* Ends when each block was written once: twice would take more ops than blocks. */
static void space_that_is_written_once_ends_the_case(void **state)
{
	(void)state;
	assert_exit(0,
		    measure("--path file,mapped --mode data-only,view,write-through "
			    "--pattern seq,rand,append --prepare unwritten,extend "
			    "--size 64k --runtime 60"),
		    lab.c);
	rows_agree(6 + 6 + 3);
	for (size_t row = 0; row < 15; row++) {
		assert_string_equal(text(row, "ended"), "space");
		assert_true(sum(row, "app_bytes") == 65536);
	}
}

static void space_counts_the_ramp_and_all_threads(void **state)
{
	(void)state;
	assert_exit(0,
		    measure("--mode data-only --pattern rand --prepare extend "
			    "--share one --numjobs 3 --size 128k --runtime 60"),
		    lab.c);
	rows_agree(1);
	assert_true(only("app_bytes") == 131072);
	assert_exit(0,
		    measure("--mode none --pattern append --size 400k --runtime 60 "
			    "--ramp_time 50ms --thinktime 2000"),
		    lab.c);
	rows_agree(1);
	assert_string_equal(text(0, "ended"), "space");
	assert_true(only("app_bytes") < 400 * 1024);
	assert_non_null(strstr(text(0, "warnings"), "short_run"));
	assert_exit(0,
		    measure("--mode none --pattern append --size 4k --ramp_time 50ms "
			    "--runtime 60"),
		    lab.c);
	assert_true(only("ops") == 0);
	assert_string_equal(text(0, "warnings"), "no_samples");
	assert_says(lab.c.out, "no_samples");
}

static void threads_have_targets_of_their_own_or_one(void **state)
{
	(void)state;
	assert_exit(0,
		    measure("--path file,mapped --mode normal,view,write-dsync "
			    "--numjobs 4 --share own,one --ops 5 --runtime 60"),
		    lab.c);
	rows_agree(6);
	for (size_t row = 0; row < 6; row++) {
		assert_true(sum(row, "ops") == (is(row, "share", "own") ? 20 : 5));
		assert_string_equal(text(row, "ended"), "ops");
	}
}

static void only_flushers_flush(void **state)
{
	(void)state;
	assert_exit(0,
		    measure("--mode normal --numjobs 3 --flushers 1 --ops 12 "
			    "--runtime 60"),
		    lab.c);
	rows_agree(1);
	assert_true(only("ops") == 36);
	assert_true(only("app_flushes") == 12);
	assert_true(count_of(FB_RUN_HISTOGRAM, "1", "flush") == 12);
	assert_true(count_of(FB_RUN_HISTOGRAM, "1", "write") == 36);
}

static void a_rate_makes_an_open_loop(void **state)
{
	(void)state;
	assert_exit(0, measure("--mode none --rate_iops 200 --runtime 250ms"), lab.c);
	rows_agree(1);
	assert_string_equal(text(0, "load"), "open");
	assert_true(only("ops") <= 51);
}

static void thinktime_spaces_the_ops(void **state)
{
	(void)state;
	assert_exit(0, measure("--mode none --thinktime 20000 --runtime 200ms"), lab.c);
	rows_agree(1);
	assert_true(only("ops") <= 11);
	assert_string_equal(text(0, "thinktime"), "20000");
}

static void a_count_alone_ends_a_case_without_runtime(void **state)
{
	(void)state;
	assert_exit(0,
		    cli_run(&lab.c,
			    "run --target %s --results %s --run-id r --reps 1 --size "
			    "1m --path null,file --mode none --ops 37 --ramp_time 0",
			    lab.target, lab.results),
		    lab.c);
	measure_load();
	rows_agree(2);
	for (size_t row = 0; row < 2; row++) {
		assert_true(sum(row, "ops") == 37);
		assert_string_equal(text(row, "ops_limit"), "37");
		assert_string_equal(text(row, "runtime"), "");
		assert_string_equal(text(row, "ended"), "ops");
	}
}

static void an_op_may_have_several_writes(void **state)
{
	(void)state;
	assert_exit(0,
		    measure("--path file,mapped --mode normal,msync,write-dsync "
			    "--writes_per_flush 8 --bs 2k --pattern seq,rand"),
		    lab.c);
	rows_agree(6);
}

static void direct_is_done_or_told_to_be_missing(void **state)
{
	(void)state;
	assert_exit(0, measure("--mode all --direct"), lab.c);
	assert_int_equal(row_count(FB_RUN_SUMMARY), 9);
	for (size_t row = 0; row < 9; row++) {
		assert_string_equal(text(row, "direct"), "1");
		if (is(row, "fidelity", "missing"))
			assert_true(sum(row, "ops") == 0);
		else
			row_agrees(row);
	}
	assert_tidy();
}

static int first_cpu(void)
{
	cpu_set_t set;
	int cpu = 0;

	assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
	while (!CPU_ISSET(cpu, &set))
		cpu++;
	return cpu;
}

static void threads_keep_to_their_cpus(void **state)
{
	char cpu[16];

	(void)state;
	snprintf(cpu, sizeof(cpu), "%d", first_cpu());
	assert_exit(0, measure("--mode none --numjobs 2 --cpus_allowed %s", cpu),
		    lab.c);
	rows_agree(1);
	assert_string_equal(text(0, "cpus_allowed"), cpu);
	assert_exit(4, measure("--mode none --cpus_allowed 4000"), lab.c);
	assert_says(lab.c.err, "cpus_allowed=4000");
	assert_false(lab.run.complete);
	assert_tidy();
}

static void the_process_alone_can_be_counted(void **state)
{
	static const char *const empty[] = {"dev_bytes", "dev_writes", "dev_flushes",
					    "dev_fua",   "write_amp",  "flush_amp"};

	(void)state;
	assert_exit(0, measure("--mode normal --account process"), lab.c);
	rows_agree(1);
	assert_string_equal(text(0, "account_source"), "process");
	for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++)
		assert_string_equal(text(0, empty[i]), "");
	if (fact_is("target_medium", "disk"))
		assert_true(only("proc_write_bytes") >= only("app_bytes"));
	assert_int_equal(row_count(FB_RUN_IO), 0);
}

/* Lines of 64 bytes: what they are where a CPU has the instructions. */
static void lines_agree(size_t row)
{
	double lines = sum(row, "app_writes");

	assert_true(sum(row, "lines_dirtied") == lines);
	assert_true(sum(row, "lines_flushed") >= lines);
	assert_string_equal(text(row, "account_source"), "process");
	assert_string_equal(text(row, "dev_bytes"), "");
	assert_string_equal(text(row, "survives"), "nothing");
	assert_string_equal(text(row, "fidelity"), "emulated");
}

static void need_lines(void)
{
	const struct fb_nv_cpu *cpu;

	if (fb_nv_cpu_get(FB_NT_NV_AUTO, &cpu)) {
		fprintf(stderr, "no instruction here flushes a line\n");
		skip();
	}
}

static void every_mode_of_emulated_memory_gives_a_whole_row(void **state)
{
	(void)state;
	need_lines();
	assert_exit(0,
		    measure("--path nvmem --mode all --nv_emulate --bs 64 --ranges 2 "
			    "--stride 192 --pattern seq,rand --batch 1,10"),
		    lab.c);
	rows_agree(11 * 2 * 2);
	for (size_t row = 0; row < 11 * 2 * 2; row++) {
		assert_string_equal(text(row, "ended"), "time");
		lines_agree(row);
	}
}

static void a_count_of_batches_ends_exactly(void **state)
{
	(void)state;
	need_lines();
	assert_exit(0,
		    measure("--path nvmem --mode flush,write-nt --nv_emulate --bs 64 "
			    "--batch 50 --ops 350 --numjobs 3 --share one,own "
			    "--runtime 60"),
		    lab.c);
	rows_agree(4);
	for (size_t row = 0; row < 4; row++)
		assert_true(sum(row, "ops") == (is(row, "share", "own") ? 1050 : 350));
}

static void repetitions_have_a_row_each(void **state)
{
	bool seen[3][4] = {{false}};

	(void)state;
	assert_exit(0, measure("--mode none,data-only --reps 3"), lab.c);
	rows_agree(6);
	for (size_t row = 0; row < 6; row++) {
		/* All cases have had one repetition before any has the next. */
		assert_true(sum(row, "rep") == (double)(1 + row / 2));
		seen[(int)sum(row, "case_id")][(int)sum(row, "rep")] = true;
	}
	for (int rep = 1; rep <= 3; rep++)
		assert_true(seen[1][rep] && seen[2][rep]);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, cli_lab_enter, cli_lab_leave)
	const struct CMUnitTest tests[] = {
		TEST(every_mode_of_every_path_gives_a_whole_row),
		TEST(written_targets_take_every_pattern),
		TEST(space_that_is_written_once_ends_the_case),
		TEST(space_counts_the_ramp_and_all_threads),
		TEST(threads_have_targets_of_their_own_or_one),
		TEST(only_flushers_flush),
		TEST(a_rate_makes_an_open_loop),
		TEST(thinktime_spaces_the_ops),
		TEST(a_count_alone_ends_a_case_without_runtime),
		TEST(an_op_may_have_several_writes),
		TEST(direct_is_done_or_told_to_be_missing),
		TEST(threads_keep_to_their_cpus),
		TEST(the_process_alone_can_be_counted),
		TEST(every_mode_of_emulated_memory_gives_a_whole_row),
		TEST(a_count_of_batches_ends_exactly),
		TEST(repetitions_have_a_row_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
