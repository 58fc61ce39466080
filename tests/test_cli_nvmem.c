/*
 * What a run on path nvmem tells beside its rows: of the CPU, of libpmem, and what its
 * figures are worth.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "nt/nv_cpu.h"
#include "support/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SMALL "--path nvmem --size 64k --ops 20"

/* How often the run was warned of this. */
static size_t warned(const char *id)
{
	size_t n = 0;

	for (size_t i = 0; i < row_count(FB_RUN_WARNINGS); i++)
		n += !strcmp(field(FB_RUN_WARNINGS, i, "id"), id);
	return n;
}

static size_t count_text(const char *text, const char *part)
{
	size_t n = 0;

	for (; (text = strstr(text, part)); text++)
		n++;
	return n;
}

static void an_emulated_run_says_so_at_its_start_and_in_its_files(void **state)
{
	size_t row;

	(void)state;
	assert_exit(0, measure(SMALL " --mode flush,write-nt --nv_emulate"), lab.c);
	assert_says(lab.c.err, "warning: nv_emulated: Ordinary memory stands for");
	assert_says(lab.c.out, "nv_emulated");
	assert_int_equal(warned("nv_emulated"), 1);
	row = row_where(FB_RUN_WARNINGS, "id", "nv_emulated");
	assert_string_equal(field(FB_RUN_WARNINGS, row, "evidence"),
			    "nv_emulate=1 in 2 of 2 nvmem cases");
	assert_string_equal(field(FB_RUN_SUMMARY, 0, "fidelity"), "emulated");
	assert_string_equal(field(FB_RUN_SUMMARY, 0, "survives"), "nothing");
}

static void the_cpus_instructions_and_libpmem_are_facts(void **state)
{
	const struct fb_nv_cpu *cpu;
	char line[16];

	(void)state;
	assert_exit(0, measure(SMALL " --mode flush --nv_emulate"), lab.c);
	need(fb_nv_cpu_get(FB_NT_NV_AUTO, &cpu) ? "this CPU flushes no lines" : NULL);
	snprintf(line, sizeof(line), "%zu", cpu->line);
	assert_true(fact_is("nv_flush_auto", cpu->name));
	assert_true(fact_is("nv_streams", cpu->stream_name));
	assert_true(fact_is("nv_line_bytes", line));
	assert_true(row_where(FB_RUN_SYSTEM, "key", "libpmem") != SIZE_MAX);
}

static void a_run_without_the_path_tells_nothing_of_it(void **state)
{
	(void)state;
	setenv("PMEM_NO_CLWB", "1", 1);
	assert_exit(0, measure("--path null --mode none --ops 20"), lab.c);
	assert_int_equal(row_where(FB_RUN_SYSTEM, "key", "nv_flush_auto"), SIZE_MAX);
	assert_int_equal(row_where(FB_RUN_SYSTEM, "key", "libpmem"), SIZE_MAX);
	assert_int_equal(warned("nv_environment"), 0);
}

static void a_variable_of_libpmems_is_warned_of_with_its_value(void **state)
{
	size_t row;

	(void)state;
	setenv("PMEM_NO_CLWB", "1", 1);
	setenv("PMEM_IS_PMEM_FORCE", "1", 1);
	assert_exit(0, measure(SMALL " --mode flush --nv_emulate"), lab.c);
	assert_int_equal(warned("nv_environment"), 1);
	row = row_where(FB_RUN_WARNINGS, "id", "nv_environment");
	assert_string_equal(
		field(FB_RUN_WARNINGS, row, "evidence"),
		"PMEM_IS_PMEM_FORCE=1 (answers for it), PMEM_NO_CLWB=1 (no clwb)");
	assert_says(lab.c.err, "PMEM_NO_CLWB=1 (no clwb)");
}

/* Whatever libpmem is made to say. */
static void a_target_without_dax_gets_a_row_without_samples(void **state)
{
	(void)state;
	setenv("PMEM_IS_PMEM_FORCE", "1", 1);
	assert_exit(0, measure(SMALL " --mode flush"), lab.c);
	assert_int_equal(row_count(FB_RUN_SUMMARY), 1);
	assert_string_equal(field(FB_RUN_SUMMARY, 0, "status"), "0xC00000BB");
	assert_string_equal(field(FB_RUN_SUMMARY, 0, "fidelity"), "missing");
	assert_string_equal(field(FB_RUN_SUMMARY, 0, "ops"), "0");
	assert_says(lab.c.err, "nv_emulate");
	assert_int_equal(warned("nv_emulated"), 0);
	assert_tidy();
}

static void regions_that_do_not_fit_into_memory_are_refused(void **state)
{
	(void)state;
	assert_exit(
		2,
		run_in_target("run --path nvmem --mode flush --nv_emulate --size 1t"),
		lab.c);
	assert_says(lab.c.err, "--size");
	assert_says(lab.c.err, "with nv_emulate the regions take");
	assert_says(lab.c.err, "lower size or numjobs");
	assert_untouched(0);
}

static void why_a_row_was_refused_stands_below_the_table(void **state)
{
	size_t row;

	(void)state;
	assert_exit(0, measure(SMALL " --mode flush,ranges --reps 2"), lab.c);
	assert_int_equal(warned("refused"), 4);
	row = row_where(FB_RUN_WARNINGS, "id", "refused");
	assert_string_equal(field(FB_RUN_WARNINGS, row, "severity"), "note");
	assert_string_equal(field(FB_RUN_WARNINGS, row, "evidence"),
			    "status 0xC00000BB");
	assert_says(field(FB_RUN_WARNINGS, row, "text"), "--nv_emulate");
	assert_says(lab.c.out, "\n\nnote: refused (cases 1-2): ");
}

/* A target in memory is no matter to what is in memory anyhow. */
static void a_target_in_memory_is_warned_of_where_it_is_used(void **state)
{
	char target[] = "/dev/shm/flushbench-test-XXXXXX";
	int exit_emulated, exit_file;
	size_t emulated;

	(void)state;
	need(mkdtemp(target) ? NULL : "there is no /dev/shm to be written to");
	exit_emulated = cli_run(&lab.c,
				"run " SMALL " --mode flush --nv_emulate --reps 1 "
				"--target %s --results %s --run-id emulated",
				target, lab.results);
	emulated = count_text(lab.c.out, "memory_target");
	exit_file = cli_run(&lab.c,
			    "run --path file --mode normal --size 64k --ops 20 "
			    "--reps 1 --target %s --results %s --run-id file",
			    target, lab.results);
	rmdir(target);
	assert_exit(0, exit_emulated, lab.c);
	assert_exit(0, exit_file, lab.c);
	assert_int_equal(emulated, 0);
	assert_int_equal(count_text(lab.c.out, "memory_target"), 1);
}

static void one_reason_for_many_refused_rows_is_told_once(void **state)
{
	const char *told;

	(void)state;
	assert_exit(0, measure(SMALL " --mode all --reps 3"), lab.c);
	assert_int_equal(row_count(FB_RUN_SUMMARY), 33);
	told = strstr(lab.c.err, "no persistent memory");
	assert_non_null(told);
	assert_null(strstr(told + 1, "no persistent memory"));
}

static void buffers_that_are_too_large_name_what_multiplies_them(void **state)
{
	(void)state;
	assert_exit(2,
		    run_in_target("run --path nvmem --mode flush --nv_emulate "
				  "--size 64g --bs 64m --ranges 128 --numjobs 2"),
		    lab.c);
	assert_says(lab.c.err, "lower bs or ranges");
	assert_untouched(0);
}

static int leave(void **state)
{
	unsetenv("PMEM_NO_CLWB");
	unsetenv("PMEM_IS_PMEM_FORCE");
	return cli_lab_leave(state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, cli_lab_enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_emulated_run_says_so_at_its_start_and_in_its_files),
		TEST(the_cpus_instructions_and_libpmem_are_facts),
		TEST(a_run_without_the_path_tells_nothing_of_it),
		TEST(a_variable_of_libpmems_is_warned_of_with_its_value),
		TEST(a_target_without_dax_gets_a_row_without_samples),
		TEST(why_a_row_was_refused_stands_below_the_table),
		TEST(a_target_in_memory_is_warned_of_where_it_is_used),
		TEST(one_reason_for_many_refused_rows_is_told_once),
		TEST(buffers_that_are_too_large_name_what_multiplies_them),
		TEST(regions_that_do_not_fit_into_memory_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
