/*
 * Cases that give reason for a warning when they are planned, or measured, run for
 * real.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/warn_lab.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#define MIB (UINT64_C(1) << 20)

static void a_plan_is_told_what_flatters_it(void **state)
{
	(void)state;
	measure_well("--mode data-sync-only --data zero --numjobs 2");
	assert_run_warns("zero_data", "note", "1 of 1 cases");
	assert_run_warns("small_target", "note", "1.00 MiB");
	assert_run_warns("commit_batching", "note", "several flushers");
	assert_says(lab.c.err, "zero_data");
}

static int first_cpu(void)
{
	cpu_set_t set;

	assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &set))
			return i;
	return -1;
}

/* In a session of its own, so that the scheduler gives it as much as all of ours. */
static void start_hog(int cpu)
{
	warn_lab.child = fork();
	assert_true(warn_lab.child >= 0);
	if (!warn_lab.child) {
		cpu_set_t set;

		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setsid();
		sched_setaffinity(0, sizeof(set), &set);
		for (;;)
			__asm__ volatile("" ::: "memory");
	}
}

static void a_hog_on_the_same_cpu_is_told(void **state)
{
	const int cpu = first_cpu();
	char words[128];

	(void)state;
	start_hog(cpu);
	snprintf(words, sizeof(words),
		 "--mode data-sync-only --runtime 500ms --cpus_allowed %d", cpu);
	measure_well(words);
	assert_run_warns("run_delay", "warning", "%");
	assert_says(field(FB_RUN_SUMMARY, 0, "warnings"), "run_delay");
	/* Whether ops end on ticks is the scheduler's choice; what is told is not. */
	if (run_warns("tick_artefact"))
		assert_run_warns("tick_artefact", "warning", "a tick each");
}

/* Written past the cache, so that it is under way while the case is. */
static void start_writer(void)
{
	void *block = aligned_alloc(4096, MIB);
	char path[CLI_PATH];
	int fd;

	assert_non_null(block);
	memset(block, 7, MIB);
	tmpdir_join(path, sizeof(path), lab.top, "noise");
	fd = open(path, O_WRONLY | O_CREAT | O_DIRECT | O_CLOEXEC, 0600);
	warn_lab.child = fd < 0 ? -1 : fork();
	if (!warn_lab.child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (int i = 0;; i++)
			if (pwrite(fd, block, MIB, (off_t)(i % 16) * (off_t)MIB) < 0)
				_exit(1);
	}
	free(block);
	if (fd < 0)
		need("the folder of tests has no direct I/O");
	close(fd);
	assert_true(warn_lab.child > 0);
}

static void others_on_the_disk_are_told_with_who_did_most(void **state)
{
	(void)state;
	start_writer();
	measure_well("--mode data-sync-only --runtime 500ms");
	assert_run_warns("noise", "warning", "most by ");
}

/* Large pages are made of large writes, as far as the kernel has them. */
static void a_store_into_a_large_page_is_told(void **state)
{
	const struct loopfs_spec spec = {.type = "ext4", .bytes = 128 * MIB};

	(void)state;
	use_loopfs(&spec);
	measure_well("--path mapped --mode msync --size 32m --fill_bs 1m "
		     "--invalidate 0 --runtime 300ms");
	if (only("write_amp") < 4)
		need("this kernel's ext4 has no large pages");
	assert_run_warns("folio_amplification", "warning", "fill_bs 1048576");
	measure_well("--path mapped --mode msync --size 32m --fill_bs 4k "
		     "--runtime 300ms");
	assert_run_silent("folio_amplification");
}

/* It answers every flush without doing it: the kernel never hears of one. */
static const char liar[] = "int fsync(int fd) { return fd < 0; }\n"
			   "int fdatasync(int fd) { return fd < 0; }\n";

static void flushes_that_do_not_reach_the_disk_are_told(void **state)
{
	const struct loopfs_spec spec = {.type = "ext4", .bytes = 64 * MIB};
	const char *library;

	(void)state;
	library = warn_lab_library("libliar.so", liar);
	if (!library)
		need("there is no cc");
	use_loopfs(&spec);
	measure_preloaded(library, "--mode data-sync-only --bs 512 --ops 2000");
	assert_run_warns("flush_neutralised", "warning", "libliar.so");
	assert_run_warns("flushes_missing", "warning", "2000 asked for");
	if (only("commit_p50_ns") < 2000)
		assert_run_warns("implausible_flush", "warning", "commit p50");
	else
		assert_run_silent("implausible_flush");
}

static void a_clock_too_coarse_for_the_op_is_told(void **state)
{
	double step;
	size_t row;

	(void)state;
	measure_well("--path nvmem --mode flush --nv_emulate --nv_flush none --bs 64");
	row = row_where(FB_RUN_SYSTEM, "key", "clock_step_ns");
	if (row == SIZE_MAX)
		need("the clock's step could not be learnt");
	step = number(FB_RUN_SYSTEM, row, "value");
	assert_true(step > 0);
	if (only("flush_p50_ns") < 10 * step)
		assert_run_warns("coarse_clock", "warning", "flush p50");
	else if (only("write_p50_ns") >= 10 * step)
		assert_run_silent("coarse_clock");
}

/* What is asked for is more than can be done, so each op starts later than it should.
 */
static void a_latency_that_only_grows_is_told(void **state)
{
	(void)state;
	measure_well("--path null --mode none --rate_iops 1000000000 --runtime 400ms");
	assert_run_warns("drifting", "note", "in the first third");
}

/* Of what is told of a quiet case there, all comes from the machine or others on it. */
static void a_case_that_nothing_is_wrong_with_is_not_blamed(void **state)
{
	static const char *const never[] = {
		"memory_target",     "network_target",      "fuse_target",
		"zfs_target",        "barriers_off",        "cache_view",
		"memory_disk",       "overlay_target",      "zero_data",
		"small_target",      "commit_batching",     "flush_neutralised",
		"coarse_clock",      "out_of_range",        "flushes_missing",
		"implausible_flush", "folio_amplification", "refused",
		"lost_events",       "flushes_uncounted",
	};
	const struct loopfs_spec spec = {.type = "ext4", .bytes = 384 * MIB};

	(void)state;
	use_loopfs(&spec);
	measure_well("--path file,mapped --mode data-sync-only,msync --size 256m "
		     "--runtime 300ms");
	assert_int_equal(row_count(FB_RUN_SUMMARY), 2);
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		assert_run_silent(never[i]);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, warn_lab_enter, warn_lab_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_plan_is_told_what_flatters_it),
		CASE(a_hog_on_the_same_cpu_is_told),
		CASE(others_on_the_disk_are_told_with_who_did_most),
		CASE(a_store_into_a_large_page_is_told),
		CASE(flushes_that_do_not_reach_the_disk_are_told),
		CASE(a_clock_too_coarse_for_the_op_is_told),
		CASE(a_latency_that_only_grows_is_told),
		CASE(a_case_that_nothing_is_wrong_with_is_not_blamed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
