/*
 * What the machine is warned of, each on one made up of a few files.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/host_rig.h"

#include <stdio.h>
#include <string.h>

#define CPU   "sys/devices/system/cpu/"
#define CLOCK "sys/devices/system/clocksource/clocksource0/"

/* A machine that nothing is said of: bare, fast and awake. */
static int enter(void **state)
{
	(void)state;
	host_put("proc/cpuinfo", "flags : fpu vme\n");
	host_put("proc/meminfo", "MemTotal: 8000 kB\nDirty: 262000 kB\n"
				 "Writeback: 144 kB\nWritebackTmp: 900000 kB\n");
	host_put("proc/self/maps",
		 "7f00-7f01 r-xp 00000000 fe:00 12 /usr/lib/libc.so.6\n"
		 "7f02-7f03 r-xp 00000000 fe:00 13 /opt/libeatmydata/bin/prog\n"
		 "7f04-7f05 rw-p 00000000 00:00 0 [stack]\n");
	host_put("proc/self/cgroup", "0::/user/session\n");
	host_put(CLOCK "current_clocksource", "tsc\n");
	host_put(CPU "cpu0/cpufreq/scaling_governor", "performance\n");
	host_put(CPU "cpu0/cpuidle/state0/name", "POLL\n");
	host_put(CPU "cpu0/cpuidle/state0/latency", "0\n");
	return 0;
}

static void look(void)
{
	fb_warnings_free(&host_rig.warnings);
	assert_int_equal(fb_host_warn_machine(&host_rig.warnings, host_rig.root), 0);
}

static void only(const char *id, enum fb_severity severity, const char *part)
{
	look();
	assert_warned(id, severity, part);
	assert_int_equal(warned(id)->case_id, FB_WARN_RUN);
	assert_sentences(1);
}

static void a_bare_and_awake_machine_is_not_warned_of(void **state)
{
	(void)state;
	look();
	assert_sentences(0);
}

static void a_virtual_machine_is_named(void **state)
{
	(void)state;
	host_put("proc/cpuinfo", "flags : fpu hypervisor\n");
	only("virtual_machine", FB_SEVERITY_NOTE, "does not say which");
	host_put("sys/class/dmi/id/sys_vendor", "QEMU\n");
	only("virtual_machine", FB_SEVERITY_NOTE, "QEMU");
}

static void each_slow_clock_is_warned_of_and_no_fast_one(void **state)
{
	static const char *const fast[] = {"tsc\n", "arch_sys_counter\n", "kvm-clock\n",
					   "hyperv_clocksource_tsc_page\n"};
	static const char *const slow[] = {"hpet\n", "acpi_pm\n", "jiffies\n",
					   "refined-jiffies\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(slow) / sizeof(slow[0]); i++) {
		host_put(CLOCK "current_clocksource", slow[i]);
		only("slow_clock", FB_SEVERITY_WARNING, "clock source ");
	}
	for (size_t i = 0; i < sizeof(fast) / sizeof(fast[0]); i++) {
		host_put(CLOCK "current_clocksource", fast[i]);
		look();
		assert_not_warned("slow_clock");
	}
}

static void one_cpu_with_another_governor_is_enough(void **state)
{
	(void)state;
	host_put(CPU "cpu1/cpufreq/scaling_governor", "powersave\n");
	only("cpu_governor", FB_SEVERITY_NOTE, "performance 1, powersave 1");
}

static void a_state_that_takes_time_to_leave_is_told(void **state)
{
	(void)state;
	host_put(CPU "cpu0/cpuidle/state1/name", "C6\n");
	host_put(CPU "cpu0/cpuidle/state1/latency", "133\n");
	host_put(CPU "cpu0/cpuidle/state1/disable", "0\n");
	only("cpu_idle_states", FB_SEVERITY_NOTE, "POLL 0 us, C6 133 us");
	host_put(CPU "cpu0/cpuidle/state1/disable", "1\n");
	look();
	assert_sentences(0);
}

static void a_library_known_to_drop_flushes_is_named(void **state)
{
	(void)state;
	host_put("proc/self/maps",
		 "7f00-7f01 r-xp 00000000 fe:00 12 /usr/lib/libc.so.6\n"
		 "7f02-7f03 r-xp 00000000 fe:00 13 /usr/lib/libeatmydata.so.1.3.0\n");
	only("flush_neutralised", FB_SEVERITY_WARNING,
	     "/usr/lib/libeatmydata.so.1.3.0");
}

static void this_process_has_its_own_calls(void **state)
{
	(void)state;
	assert_int_equal(fb_host_warn_machine(&host_rig.warnings, ""), 0);
	assert_not_warned("flush_neutralised");
}

static void a_limit_of_any_group_above_is_found(void **state)
{
	(void)state;
	host_put("sys/fs/cgroup/user/session/io.max", "");
	host_put("sys/fs/cgroup/user/io.max",
		 "8:0 rbps=1000 wbps=max riops=max wiops=max\n"
		 "254:0 rbps=max wbps=1048576 riops=max wiops=max\n");
	only("io_limited", FB_SEVERITY_WARNING, "254:0 rbps=max wbps=1048576");
	assert_non_null(
		strstr(warned("io_limited")->evidence, "/sys/fs/cgroup/user/io.max"));
}

static void limits_on_reading_do_not_hold_flushes_back(void **state)
{
	(void)state;
	host_put("sys/fs/cgroup/user/session/io.max",
		 "8:0 rbps=1000 wbps=max riops=10 wiops=max\n");
	look();
	assert_not_warned("io_limited");
}

static void limits_of_the_first_version_are_found(void **state)
{
	static const char *const files[] = {"write_bps_device", "write_iops_device"};
	char name[128];

	(void)state;
	host_put("proc/self/cgroup", "7:blkio:/jobs\n0::/\n");
	for (size_t i = 0; i < 2; i++) {
		snprintf(name, sizeof(name),
			 "sys/fs/cgroup/blkio/jobs/blkio.throttle.%s", files[i]);
		host_put(name, "254:0 500\n");
		only("io_limited", FB_SEVERITY_WARNING, files[i]);
		assert_non_null(strstr(warned("io_limited")->evidence, ": 254:0 500"));
		host_put(name, "");
	}
	look();
	assert_not_warned("io_limited");
}

static void much_unwritten_memory_is_told(void **state)
{
	(void)state;
	host_put("proc/meminfo", "Dirty: 262144 kB\nWriteback: 1024 kB\n");
	only("dirty_memory", FB_SEVERITY_NOTE, "257 MiB");
}

static void an_empty_machine_tells_nothing_and_harms_nothing(void **state)
{
	(void)state;
	tmpdir_remove(host_rig.root);
	assert_int_equal(tmpdir_make(host_rig.root), 0);
	look();
	assert_sentences(0);
}

static void all_texts_at_once_are_whole(void **state)
{
	(void)state;
	host_put("proc/cpuinfo", "flags : hypervisor\n");
	host_put("proc/meminfo", "Dirty: 99999999 kB\n");
	host_put("proc/self/maps", "0-1 r-xp 0 0:0 1 /nosync.so\n");
	host_put("sys/fs/cgroup/io.max", "8:0 rbps=max wbps=max wiops=5\n");
	host_put(CLOCK "current_clocksource", "hpet\n");
	host_put(CPU "cpu0/cpufreq/scaling_governor", "powersave\n");
	host_put(CPU "cpu0/cpuidle/state0/latency", "3\n");
	look();
	assert_sentences(7);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, enter, host_rig_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_bare_and_awake_machine_is_not_warned_of),
		CASE(a_virtual_machine_is_named),
		CASE(each_slow_clock_is_warned_of_and_no_fast_one),
		CASE(one_cpu_with_another_governor_is_enough),
		CASE(a_state_that_takes_time_to_leave_is_told),
		CASE(a_library_known_to_drop_flushes_is_named),
		CASE(this_process_has_its_own_calls),
		CASE(a_limit_of_any_group_above_is_found),
		CASE(limits_on_reading_do_not_hold_flushes_back),
		CASE(limits_of_the_first_version_are_found),
		CASE(much_unwritten_memory_is_told),
		CASE(an_empty_machine_tells_nothing_and_harms_nothing),
		CASE(all_texts_at_once_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
