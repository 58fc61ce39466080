/*
 * How much memory may be taken, on machines made up of a few files.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/units.h"
#include "host/host.h"
#include "support/tmpdir.h"
#include "support/tree.h"

#define MEMORY "MemTotal:        8000 kB\nMemFree:  10 kB\nMemAvailable:    6000 kB\n"
#define KIB    UINT64_C(1024)

static char root[TMPDIR_LEN];

static int enter(void **state)
{
	(void)state;
	return tmpdir_make(root);
}

static int leave(void **state)
{
	(void)state;
	tmpdir_remove(root);
	return 0;
}

static void put(const char *name, const char *text)
{
	tree_put(root, name, text);
}

static void it_is_what_the_kernel_calls_available(void **state)
{
	(void)state;
	put("proc/meminfo", MEMORY);
	assert_int_equal(fb_host_memory(root), 6000 * KIB);
}

static void an_old_kernel_tells_of_all_there_is(void **state)
{
	(void)state;
	put("proc/meminfo", "MemTotal:        8000 kB\nMemFree:  10 kB\n");
	assert_int_equal(fb_host_memory(root), 8000 * KIB);
}

static void a_control_groups_limit_is_less(void **state)
{
	(void)state;
	put("proc/meminfo", MEMORY);
	put("proc/self/cgroup", "0::/a/b\n");
	put("sys/fs/cgroup/a/b/memory.max", "max\n");
	assert_int_equal(fb_host_memory(root), 6000 * KIB);
	put("sys/fs/cgroup/a/memory.max", "2097152\n");
	assert_int_equal(fb_host_memory(root), 2048 * KIB);
	put("sys/fs/cgroup/a/b/memory.max", "1048576\n");
	assert_int_equal(fb_host_memory(root), 1024 * KIB);
}

static void so_is_one_of_the_first_version_and_of_a_container(void **state)
{
	(void)state;
	put("proc/meminfo", MEMORY);
	put("proc/self/cgroup", "5:cpu:/far/away\n4:hugetlb,memory:/far/away\n0::/\n");
	put("sys/fs/cgroup/memory/memory.limit_in_bytes", "3145728\n");
	put("sys/fs/cgroup/cpu/memory.limit_in_bytes", "1\n");
	assert_int_equal(fb_host_memory(root), 3072 * KIB);
	put("sys/fs/cgroup/memory/far/away/memory.limit_in_bytes",
	    "9223372036854771712");
	assert_int_equal(fb_host_memory(root), 3072 * KIB);
}

static void nothing_told_is_unknown(void **state)
{
	(void)state;
	assert_true(fb_host_memory(root) == FB_UNKNOWN);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_is_what_the_kernel_calls_available),
		TEST(an_old_kernel_tells_of_all_there_is),
		TEST(a_control_groups_limit_is_less),
		TEST(so_is_one_of_the_first_version_and_of_a_container),
		TEST(nothing_told_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
