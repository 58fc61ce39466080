/*
 * The regions that the path nvmem works on: taken, refused, left as they were.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "nt/nt.h"
#include "nt/nv_cpu.h"
#include "path/fault.h"
#include "path/nvmem_target.h"
#include "support/need.h"
#include "support/nvmem_case.h"
#include "support/path_rig.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { PAGE_SIZE = 4096, LANES = 2 };

static struct path_rig rig;
static struct fb_nvmem_region regions[LANES];
static bool made;

static int set_up(void **state)
{
	struct fb_case c = nvmem_case(64, 64 * PAGE_SIZE);

	(void)state;
	memset(regions, 0, sizeof(regions));
	made = false;
	c.fill_bs = PAGE_SIZE;
	c.numjobs = LANES;
	return path_rig_make(&rig, c);
}

static int make(void)
{
	int ret = fb_nvmem_make(&rig.c, &rig.target, regions, &rig.err);

	made = !ret;
	return ret;
}

static void unmake(void)
{
	if (made)
		assert_int_equal(
			fb_nvmem_remove(&rig.c, &rig.target, regions, &rig.err), 0);
	made = false;
	assert_int_equal(folder_entries(rig.dir), 0);
}

static int tear_down(void **state)
{
	(void)state;
	unmake();
	return path_rig_remove(&rig);
}

static long faults(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return r.ru_minflt;
}

static void no_store_is_a_pages_first(void **state)
{
	long before;

	(void)state;
	rig.c.size = 4096 * PAGE_SIZE;
	assert_int_equal(make(), 0);
	before = faults();
	for (int i = 0; i < LANES; i++)
		for (uint64_t at = 0; at < rig.c.size; at += PAGE_SIZE)
			((volatile char *)regions[i].view)[at] = 1;
	assert_true(faults() - before < 100);
}

static void a_region_is_all_of_its_size_and_no_other(void **state)
{
	PVOID token;

	(void)state;
	assert_int_equal(make(), 0);
	assert_ptr_not_equal(regions[0].view, regions[1].view);
	for (int i = 0; i < LANES; i++) {
		token = regions[i].token;
		assert_int_equal(RtlFlushNonVolatileMemory(token, regions[i].view,
							   rig.c.size, 0),
				 STATUS_SUCCESS);
		assert_int_equal(RtlFlushNonVolatileMemory(token, regions[i].view,
							   rig.c.size + 1, 0),
				 STATUS_INVALID_PARAMETER);
		assert_int_equal(
			RtlFlushNonVolatileMemory(token, regions[!i].view, 64, 0),
			STATUS_INVALID_PARAMETER);
	}
	unmake();
	assert_int_equal(RtlDrainNonVolatileFlush(token), STATUS_INVALID_PARAMETER);
}

static void assert_refused(const char *says)
{
	assert_int_equal(make(), -ENOTSUP);
	assert_int_equal(rig.err.status, (uint32_t)STATUS_NOT_SUPPORTED);
	if (!strstr(rig.err.text, says))
		fail_msg("\"%s\" does not say \"%s\"", rig.err.text, says);
	assert_int_equal(folder_entries(rig.dir), 0);
}

/* For one page to be written, not for all of a target. */
static bool has_waited_long(void)
{
	static int asked;

	return asked++ > 10;
}

static void a_target_that_is_no_persistent_memory_is_refused_with_a_way_on(void **state)
{
	(void)state;
	if (*rig.device.nv.region)
		need("the tests' folder lies on persistent memory");
	rig.c.nv_emulate = 0;
	rig.target.cancelled = has_waited_long;
	assert_refused("--target");
	assert_refused("--nv_emulate");
	assert_refused("the target is no persistent memory");
}

static void the_instruction_is_the_one_asked_for_or_refused_by_name(void **state)
{
	static const enum fb_nt_nv_flush wanted[FB_NV_FLUSH_COUNT] = {
		FB_NT_NV_AUTO, FB_NT_NV_CLWB, FB_NT_NV_CLFLUSHOPT, FB_NT_NV_CLFLUSH,
		FB_NT_NV_NONE};
	const struct fb_nv_cpu *cpu;

	(void)state;
	for (int i = 0; i < FB_NV_FLUSH_COUNT; i++) {
		struct fb_nt_nv_info info;

		rig.c.nv_flush = i;
		if (fb_nv_cpu_get(wanted[i], &cpu)) {
			assert_refused(fb_nv_flush_names[i]);
			continue;
		}
		assert_int_equal(make(), 0);
		fb_nt_query_nv_token(regions[1].token, &info);
		assert_int_equal(info.flush, cpu->how);
		unmake();
	}
}

static bool always(void)
{
	return true;
}

static void preparing_can_be_cancelled(void **state)
{
	(void)state;
	rig.target.cancelled = always;
	assert_int_equal(make(), -EINTR);
}

static void a_place_that_cannot_be_written_is_told_and_left_so(void **state)
{
	(void)state;
	rig.c.nv_emulate = 0;
	rig.target.dir = "/nowhere/at/all";
	assert_int_equal(make(), -ENOENT);
	assert_non_null(strstr(rig.err.text, "data-0"));
}

/* Open memory files; each is cut to nothing where @cut. */
static int memory_files(bool cut)
{
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *e;
	int n = 0;

	assert_non_null(dir);
	while ((e = readdir(dir))) {
		char link[PATH_MAX], name[PATH_MAX] = "";

		snprintf(link, sizeof(link), "/proc/self/fd/%s", e->d_name);
		if (readlink(link, name, sizeof(name) - 1) < 0 ||
		    !strstr(name, "memfd:"))
			continue;
		n++;
		if (cut)
			assert_int_equal(truncate(link, 0), 0);
	}
	closedir(dir);
	return n;
}

static void nothing_of_a_region_is_left_open(void **state)
{
	const int before = memory_files(false);

	(void)state;
	for (int i = 0; i < 100; i++) {
		assert_int_equal(make(), 0);
		assert_true(memory_files(false) >= before + LANES);
		unmake();
	}
	assert_int_equal(memory_files(false), before);
}

/* How many more descriptors the process may open. */
static void allow_descriptors(rlim_t n, struct rlimit *before)
{
	const int next = dup(STDIN_FILENO);
	struct rlimit less;

	assert_true(next >= 0);
	close(next);
	getrlimit(RLIMIT_NOFILE, before);
	less = (struct rlimit){(rlim_t)next + n, before->rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &less), 0);
}

static void regions_before_one_that_fails_are_given_back(void **state)
{
	const int before = memory_files(false);
	struct rlimit limit;
	int of_all, ret;

	(void)state;
	assert_int_equal(make(), 0);
	of_all = memory_files(false) - before;
	unmake();
	memset(regions, 0, sizeof(regions));
	allow_descriptors((rlim_t)of_all / LANES, &limit);
	ret = make();
	setrlimit(RLIMIT_NOFILE, &limit);
	assert_int_equal(ret, -EMFILE);
	assert_non_null(regions[0].token);
	assert_int_equal(RtlDrainNonVolatileFlush(regions[0].token),
			 STATUS_INVALID_PARAMETER);
	assert_int_equal(memory_files(false), before);
}

static void a_limit_on_files_is_told_with_what_to_do(void **state)
{
	struct rlimit before, less;
	int ret;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	less = (struct rlimit){4096, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &less), 0);
	ret = make();
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_not_equal(ret, 0);
	assert_non_null(strstr(rig.err.text, "ulimit -f"));
}

static bool cut_the_memory(void)
{
	memory_files(true);
	return false;
}

static void a_fault_while_it_is_touched_is_an_error_with_its_status(void **state)
{
	const int before = memory_files(false);

	(void)state;
	/* Not in set_up: cmocka puts a handler of its own around a test. */
	assert_int_equal(fb_fault_install(), 0);
	rig.target.cancelled = cut_the_memory;
	assert_int_equal(make(), -EIO);
	assert_int_equal(rig.err.status, (uint32_t)STATUS_IO_DEVICE_ERROR);
	assert_non_null(strstr(rig.err.text, "memory: a store faulted"));
	assert_int_equal(memory_files(false), before);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(no_store_is_a_pages_first),
		T(a_region_is_all_of_its_size_and_no_other),
		T(a_target_that_is_no_persistent_memory_is_refused_with_a_way_on),
		T(the_instruction_is_the_one_asked_for_or_refused_by_name),
		T(preparing_can_be_cancelled),
		T(nothing_of_a_region_is_left_open),
		T(regions_before_one_that_fails_are_given_back),
		T(a_limit_on_files_is_told_with_what_to_do),
		T(a_fault_while_it_is_touched_is_an_error_with_its_status),
		T(a_place_that_cannot_be_written_is_told_and_left_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
