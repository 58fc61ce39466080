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
	assert_int_equal(fb_host_facts(&host_rig.facts), 0);
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
	assert_int_equal(fb_host_facts(&host_rig.facts), 0);
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
	assert_int_equal(fb_host_facts(&host_rig.facts), 0);
	said = fact_value("virtualised");
	if (!said) {
		fprintf(stderr, "this processor has no flags line\n");
		skip();
	}
	assert_string_equal(said, flagged ? "yes" : "no");
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
			   .backing_file = "/img"}},
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

static const struct fb_warning *only_warning(const struct fb_device *d)
{
	assert_int_equal(fb_host_warn_target(&host_rig.warnings, d), 0);
	assert_int_equal(host_rig.warnings.n, 1);
	assert_int_equal(host_rig.warnings.list[0].case_id, FB_WARN_RUN);
	assert_string_not_equal(host_rig.warnings.list[0].text, "");
	return &host_rig.warnings.list[0];
}

static void memory_is_warned_of_with_evidence(void **state)
{
	struct fb_device d = {.medium = FB_MEDIUM_MEMORY,
			      .fs = "tmpfs",
			      .source = "shm",
			      .mount_point = "/dev/shm"};
	const struct fb_warning *w;

	(void)state;
	w = only_warning(&d);
	assert_string_equal(w->id, "memory_target");
	assert_int_equal(w->severity, FB_SEVERITY_WARNING);
	assert_string_equal(w->evidence, "tmpfs from shm on /dev/shm");
}

static void a_network_is_warned_of(void **state)
{
	struct fb_device d = {.medium = FB_MEDIUM_NETWORK, .fs = "nfs4"};

	(void)state;
	assert_string_equal(only_warning(&d)->id, "network_target");
}

static void an_overlay_is_a_note(void **state)
{
	struct fb_device d = {.medium = FB_MEDIUM_DISK, .overlay = true};
	const struct fb_warning *w;

	(void)state;
	w = only_warning(&d);
	assert_string_equal(w->id, "overlay_target");
	assert_int_equal(w->severity, FB_SEVERITY_NOTE);
}

static void a_volatile_overlay_is_a_warning_that_says_so(void **state)
{
	struct fb_device d = {
		.medium = FB_MEDIUM_DISK, .overlay = true, .syncs_dropped = true};
	const struct fb_warning *w;

	(void)state;
	w = only_warning(&d);
	assert_string_equal(w->id, "overlay_target");
	assert_int_equal(w->severity, FB_SEVERITY_WARNING);
	assert_non_null(strstr(w->text, "volatile"));
	assert_non_null(strstr(w->evidence, "volatile"));
}

static void an_overlay_in_memory_is_both(void **state)
{
	struct fb_device d = {.medium = FB_MEDIUM_MEMORY, .overlay = true};

	(void)state;
	assert_int_equal(fb_host_warn_target(&host_rig.warnings, &d), 0);
	assert_int_equal(host_rig.warnings.n, 2);
}

static void a_plain_disk_is_not_warned_of(void **state)
{
	struct fb_device d = {.medium = FB_MEDIUM_DISK};

	(void)state;
	assert_int_equal(fb_host_warn_target(&host_rig.warnings, &d), 0);
	assert_int_equal(host_rig.warnings.n, 0);
}

/* A text that does not fit would lose what to do. */
static void every_text_ends_as_a_sentence(void **state)
{
	const struct fb_device d[] = {
		{.medium = FB_MEDIUM_MEMORY, .overlay = true},
		{.medium = FB_MEDIUM_NETWORK, .overlay = true, .syncs_dropped = true},
	};

	(void)state;
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(fb_host_warn_target(&host_rig.warnings, &d[i]), 0);
	assert_sentences(4);
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
		CASE(a_name_is_cut_to_its_room),
		CASE(a_device_is_described_disk_by_disk),
		CASE(what_is_unknown_of_a_device_is_no_fact),
		CASE(memory_is_warned_of_with_evidence),
		CASE(a_network_is_warned_of),
		CASE(an_overlay_is_a_note),
		CASE(a_volatile_overlay_is_a_warning_that_says_so),
		CASE(an_overlay_in_memory_is_both),
		CASE(a_plain_disk_is_not_warned_of),
		CASE(every_text_ends_as_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
