#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/host_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static void facts_are_kept_in_order(void **state)
{
	char key[16];

	(void)state;
	for (int i = 0; i < 100; i++) {
		snprintf(key, sizeof(key), "key%d", i);
		assert_int_equal(fb_facts_add(&host_rig.facts, key, "%d", i), 0);
	}
	assert_int_equal(host_rig.facts.n, 100);
	for (int i = 0; i < 100; i++)
		assert_int_equal(atoi(host_rig.facts.list[i].value), i);
	fb_facts_free(&host_rig.facts);
	assert_int_equal(host_rig.facts.n, 0);
	assert_null(host_rig.facts.list);
}

static void a_value_too_long_is_cut(void **state)
{
	(void)state;
	assert_int_equal(fb_facts_add(&host_rig.facts, "k", "%*s", 3000, "x"), 0);
	assert_int_equal(strlen(fact_value("k")),
			 sizeof(host_rig.facts.list->value) - 1);
}

static void the_machine_is_described(void **state)
{
	struct utsname u;
	char text[256];

	(void)state;
	assert_int_equal(uname(&u), 0);
	assert_int_equal(fb_host_facts(&host_rig.facts, ""), 0);
	assert_string_equal(fb_host_os(), "linux");
	assert_fact("os", fb_host_os());
	assert_int_equal(strncmp(fact_value("kernel"), u.release, strlen(u.release)),
			 0);
	assert_non_null(strstr(fact_value("kernel"), u.version));
	snprintf(text, sizeof(text), "%ld", sysconf(_SC_NPROCESSORS_ONLN));
	assert_fact("cpus", text);
	assert_true(strtoull(fact_value("memory_bytes"), NULL, 10) > 1 << 20);
	fb_host_name(text, sizeof(text));
	assert_fact("hostname", text);
}

static void no_fact_is_empty_or_told_twice(void **state)
{
	(void)state;
	assert_int_equal(fb_host_facts(&host_rig.facts, ""), 0);
	for (size_t i = 0; i < host_rig.facts.n; i++) {
		assert_string_not_equal(host_rig.facts.list[i].value, "");
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(host_rig.facts.list[i].key,
						host_rig.facts.list[j].key);
	}
}

/* The kernel's own file, searched in another way. */
static void the_hypervisor_flag_decides_virtualised(void **state)
{
	const char *said;
	bool flagged = !system("grep -qw hypervisor /proc/cpuinfo");

	(void)state;
	assert_int_equal(fb_host_facts(&host_rig.facts, ""), 0);
	said = fact_value("virtualised");
	if (!said) {
		fprintf(stderr, "this processor has no flags line\n");
		skip();
	}
	assert_string_equal(said, flagged ? "yes" : "no");
}

static void a_machine_made_of_files_is_described_by_them(void **state)
{
	(void)state;
	host_put("proc/cpuinfo", "processor\t: 0\nmodel name\t: Slow 1\n"
				 "flags\t\t: fpu hypervisor\n\nmodel name\t: Slow 2\n");
	host_put("sys/class/dmi/id/sys_vendor", "QEMU\n");
	host_put("sys/class/dmi/id/product_name", "Standard PC\n");
	host_put("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
	host_put("sys/devices/system/cpu/cpu0/cpuidle/state0/name", "C1\n");
	host_put("sys/devices/system/cpu/cpu0/cpuidle/state0/latency", "2\n");
	host_put("sys/devices/system/cpu/cpu0/cpuidle/state0/disable", "0\n");
	host_put("sys/devices/system/clocksource/clocksource0/current_clocksource",
		 "hpet\n");
	assert_int_equal(fb_host_facts(&host_rig.facts, host_rig.root), 0);
	assert_fact("cpu", "Slow 1");
	assert_fact("virtualised", "yes");
	assert_fact("hypervisor", "QEMU Standard PC");
	assert_fact("cpu_governor", "powersave");
	assert_fact("cpu_idle_states", "C1 2 us");
	assert_fact("clock_source", "hpet");
}

static void what_the_machine_does_not_tell_is_no_fact(void **state)
{
	(void)state;
	host_put("proc/cpuinfo", "processor : 0\n");
	assert_int_equal(fb_host_facts(&host_rig.facts, host_rig.root), 0);
	assert_null(fact_value("cpu"));
	assert_null(fact_value("virtualised"));
	assert_null(fact_value("hypervisor"));
	assert_null(fact_value("cpu_governor"));
	assert_null(fact_value("cpu_idle_states"));
	assert_null(fact_value("clock_source"));
}

/* The kernel's own word for it, where it gives one. */
static void the_tick_is_that_of_the_kernels_configuration(void **state)
{
	char text[32];

	(void)state;
	if (system("zcat /proc/config.gz >/dev/null 2>&1")) {
		fprintf(stderr, "no /proc/config.gz\n");
		skip();
	}
	assert_int_equal(fb_host_facts(&host_rig.facts, ""), 0);
	snprintf(text, sizeof(text), "CONFIG_HZ=%s", fact_value("tick_hz"));
	setenv("FB_TEST_HZ", text, 1);
	assert_int_equal(system("zcat /proc/config.gz | grep -qx \"$FB_TEST_HZ\""), 0);
}

static void a_name_is_cut_to_its_room(void **state)
{
	char text[4] = "xxx", whole[256];

	(void)state;
	fb_host_name(whole, sizeof(whole));
	assert_string_not_equal(whole, "");
	fb_host_name(text, 2);
	assert_int_equal(text[0], whole[0]);
	assert_int_equal(text[1], 0);
	assert_int_equal(text[2], 'x');
}

static void a_device_is_described_disk_by_disk(void **state)
{
	struct fb_device d = {
		.fs = "btrfs",
		.mount_point = "/data",
		.source = "/dev/sda1",
		.options = "rw,noatime",
		.medium = FB_MEDIUM_DISK,
		.n_disks = 2,
		.disks = {{.name = "sda",
			   .write_cache = FB_YES,
			   .fua = FB_NO,
			   .rotational = FB_YES,
			   .model = "Spinner 3000"},
			  {.name = "loop3",
			   .write_cache = FB_NO,
			   .fua = FB_MAYBE,
			   .rotational = FB_MAYBE,
			   .direct_io = FB_YES,
			   .scheduler = "none",
			   .backing_file = "/img"}},
		.n_below = 1,
		.below = {{.name = "nvme0n1",
			   .above = "loop3",
			   .write_cache = FB_YES,
			   .fua = FB_YES,
			   .rotational = FB_NO}},
	};

	(void)state;
	assert_int_equal(fb_host_device_facts(&host_rig.facts, &d), 0);
	assert_fact("target_fs", "btrfs");
	assert_fact("target_mount", "/data");
	assert_fact("target_source", "/dev/sda1");
	assert_fact("target_options", "rw,noatime");
	assert_fact("target_medium", "disk");
	assert_fact("disk0", "sda");
	assert_fact("disk0_model", "Spinner 3000");
	assert_fact("disk0_write_cache", "write back");
	assert_fact("disk0_fua", "no");
	assert_fact("disk0_rotational", "yes");
	assert_fact("disk1", "loop3");
	assert_fact("disk1_write_cache", "write through");
	assert_fact("disk1_backing_file", "/img");
	assert_fact("disk1_direct_io", "yes");
	assert_fact("disk1_scheduler", "none");
	assert_null(fact_value("disk0_direct_io"));
	assert_null(fact_value("disk0_above"));
	assert_fact("below0", "nvme0n1");
	assert_fact("below0_above", "loop3");
	assert_fact("below0_fua", "yes");
}

static void what_is_unknown_of_a_device_is_no_fact(void **state)
{
	struct fb_device d = {
		.n_disks = 1,
		.disks = {{.name = "vda",
			   .write_cache = FB_MAYBE,
			   .fua = FB_MAYBE,
			   .rotational = FB_MAYBE}},
	};

	(void)state;
	assert_int_equal(fb_host_device_facts(&host_rig.facts, &d), 0);
	assert_int_equal(host_rig.facts.n, 1);
	assert_fact("disk0", "vda");
}

#define CASE(test) cmocka_unit_test_teardown(test, host_rig_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(facts_are_kept_in_order),
		CASE(a_value_too_long_is_cut),
		CASE(the_machine_is_described),
		CASE(no_fact_is_empty_or_told_twice),
		CASE(the_hypervisor_flag_decides_virtualised),
		CASE(a_machine_made_of_files_is_described_by_them),
		CASE(what_the_machine_does_not_tell_is_no_fact),
		CASE(the_tick_is_that_of_the_kernels_configuration),
		CASE(a_name_is_cut_to_its_room),
		CASE(a_device_is_described_disk_by_disk),
		CASE(what_is_unknown_of_a_device_is_no_fact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
