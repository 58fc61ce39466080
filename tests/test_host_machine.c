/*
 * What a machine made up of a few files says of its processor, clock and groups.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "host/machine.h"
#include "support/host_rig.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define CPU   "sys/devices/system/cpu/"
#define CLOCK "sys/devices/system/clocksource/clocksource0/"

static char text[256];

static const char *hypervisor(void)
{
	return fb_machine_hypervisor(host_rig.root, text, sizeof(text)) ? NULL : text;
}

static void a_hypervisor_is_named_by_firmware_then_kernel_then_clock(void **state)
{
	(void)state;
	host_put("proc/cpuinfo", "flags : fpu hypervisor vme\n");
	assert_null(hypervisor());
	host_put(CLOCK "available_clocksource", "tsc kvm-clock \n");
	assert_string_equal(hypervisor(), "KVM");
	host_put(CLOCK "available_clocksource", "hyperv_clocksource_tsc_page tsc\n");
	assert_string_equal(hypervisor(), "Hyper-V");
	host_put("sys/hypervisor/type", "xen\n");
	assert_string_equal(hypervisor(), "xen");
	host_put("sys/class/dmi/id/sys_vendor", "Amazon EC2\n");
	assert_string_equal(hypervisor(), "Amazon EC2");
	host_put("sys/class/dmi/id/product_name", "m5.large\n");
	assert_string_equal(hypervisor(), "Amazon EC2 m5.large");
}

static void a_bare_machine_has_no_hypervisor(void **state)
{
	(void)state;
	host_put("proc/cpuinfo", "flags : fpu hypervisors vme\n");
	host_put("sys/class/dmi/id/sys_vendor", "Dell\n");
	assert_int_equal(fb_machine_virtual(host_rig.root), FB_NO);
	assert_null(hypervisor());
	host_put("proc/cpuinfo", "processor : 0\n");
	assert_int_equal(fb_machine_virtual(host_rig.root), FB_MAYBE);
}

static void governors_are_counted_where_they_differ(void **state)
{
	(void)state;
	host_put("proc/cpuinfo", "");
	assert_int_equal(fb_machine_governors(host_rig.root, text, sizeof(text)),
			 -ENOENT);
	host_put(CPU "cpu0/cpufreq/scaling_governor", "performance\n");
	host_put(CPU "cpu1/cpufreq/scaling_governor", "performance\n");
	assert_int_equal(fb_machine_governors(host_rig.root, text, sizeof(text)), 0);
	assert_string_equal(text, "performance");
	host_put(CPU "cpu1/cpufreq/scaling_governor", "schedutil\n");
	host_put(CPU "cpu10/cpufreq/scaling_governor", "schedutil\n");
	assert_int_equal(fb_machine_governors(host_rig.root, text, sizeof(text)), 0);
	assert_string_equal(text, "performance 1, schedutil 2");
}

static void put_state(const char *where, const char *name, const char *us,
		      const char *disable)
{
	char file[128];

	snprintf(file, sizeof(file), CPU "%s/name", where);
	host_put(file, name);
	snprintf(file, sizeof(file), CPU "%s/latency", where);
	host_put(file, us);
	snprintf(file, sizeof(file), CPU "%s/disable", where);
	host_put(file, disable);
}

static void idle_states_that_no_cpu_enters_are_left_out(void **state)
{
	unsigned us = 77;

	(void)state;
	put_state("cpu0/cpuidle/state0", "POLL\n", "0\n", "0\n");
	put_state("cpu0/cpuidle/state1", "C1\n", "2\n", "0\n");
	put_state("cpu0/cpuidle/state2", "C6\n", "133\n", "1\n");
	put_state("cpu1/cpuidle/state1", "C1\n", "2\n", "0\n");
	assert_int_equal(fb_machine_idle_states(host_rig.root, text, sizeof(text), &us),
			 0);
	assert_string_equal(text, "POLL 0 us, C1 2 us");
	assert_int_equal(us, 2);
	put_state("cpu1/cpuidle/state2", "C6\n", "133\n", "0\n");
	assert_int_equal(fb_machine_idle_states(host_rig.root, text, sizeof(text), &us),
			 0);
	assert_string_equal(text, "POLL 0 us, C1 2 us, C6 133 us");
	assert_int_equal(us, 133);
}

static void more_states_than_there_is_room_for_are_cut(void **state)
{
	char where[64], name[64], few[40];
	unsigned us;

	(void)state;
	for (int i = 0; i < 40; i++) {
		snprintf(where, sizeof(where), "cpu0/cpuidle/state%d", i);
		snprintf(name, sizeof(name), "a rather long name %d\n", i);
		put_state(where, name, "1\n", "0\n");
	}
	memset(few, '#', sizeof(few));
	assert_int_equal(fb_machine_idle_states(host_rig.root, few, 30, &us), 0);
	assert_true(strlen(few) < 30);
	assert_int_equal(few[30], '#');
	assert_int_equal(fb_machine_idle_states(host_rig.root, text, sizeof(text), &us),
			 0);
	assert_true(strlen(text) < sizeof(text));
}

static void without_idle_states_nothing_is_touched(void **state)
{
	unsigned us = 77;

	(void)state;
	host_put("proc/cpuinfo", "");
	snprintf(text, sizeof(text), "as it was");
	assert_int_equal(fb_machine_idle_states(host_rig.root, text, sizeof(text), &us),
			 -ENOENT);
	assert_string_equal(text, "as it was");
	assert_int_equal(us, 77);
}

static void a_tick_moves_the_coarse_clock(void **state)
{
	const uint64_t tick = fb_machine_tick_ns();
	struct timespec a, b;
	uint64_t moved;

	(void)state;
	assert_true(tick >= 1000000000 / 10000 && tick <= 1000000000 / 24);
	clock_gettime(CLOCK_MONOTONIC_COARSE, &a);
	do {
		clock_gettime(CLOCK_MONOTONIC_COARSE, &b);
		moved = (uint64_t)(b.tv_sec - a.tv_sec) * 1000000000 +
			(uint64_t)b.tv_nsec - (uint64_t)a.tv_nsec;
	} while (!moved);
	/* A tick that comes late moves it by several. */
	assert_true((moved + tick / 100) % tick <= tick / 50);
}

static char visited[512];

static bool visit(const char *folder, bool second, void *ctx)
{
	const size_t at = strlen(visited);

	snprintf(visited + at, sizeof(visited) - at, "%s%s ",
		 folder + strlen(host_rig.root), second ? "" : "(1)");
	return ctx && !strcmp(folder + strlen(host_rig.root), ctx);
}

static const char *walk(const char *controller, char *stop)
{
	visited[0] = '\0';
	fb_machine_cgroup(host_rig.root, controller, visit, stop);
	return visited;
}

static void groups_are_climbed_to_the_top_in_both_versions(void **state)
{
	char stop[] = "/sys/fs/cgroup/blkio/c";

	(void)state;
	host_put("proc/self/cgroup",
		 "5:blkio,cpu:/c/d\n4:memory:/m\n0::/a\nnonsense\n");
	assert_string_equal(walk("blkio", NULL),
			    "/sys/fs/cgroup/blkio/c/d(1) /sys/fs/cgroup/blkio/c(1) "
			    "/sys/fs/cgroup/blkio(1) /sys/fs/cgroup/a /sys/fs/cgroup "
			    "/sys/fs/cgroup/unified/a /sys/fs/cgroup/unified ");
	assert_string_equal(walk("blkio", stop),
			    "/sys/fs/cgroup/blkio/c/d(1) /sys/fs/cgroup/blkio/c(1) "
			    "/sys/fs/cgroup/a /sys/fs/cgroup "
			    "/sys/fs/cgroup/unified/a /sys/fs/cgroup/unified ");
}

#define CASE(test) cmocka_unit_test_teardown(test, host_rig_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_hypervisor_is_named_by_firmware_then_kernel_then_clock),
		CASE(a_bare_machine_has_no_hypervisor),
		CASE(governors_are_counted_where_they_differ),
		CASE(idle_states_that_no_cpu_enters_are_left_out),
		CASE(more_states_than_there_is_room_for_are_cut),
		CASE(without_idle_states_nothing_is_touched),
		CASE(a_tick_moves_the_coarse_clock),
		CASE(groups_are_climbed_to_the_top_in_both_versions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
