#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/host_rig.h"

#include <string.h>

static void persistent_memory_is_described(void **state)
{
	struct fb_device d = {.nv = {.region = "region2",
				     .provider = "ACPI.NFIT",
				     .domain = FB_NV_DOMAIN_CPU,
				     .read_only = FB_YES}};

	(void)state;
	assert_int_equal(fb_host_device_facts(&host_rig.facts, &d), 0);
	assert_int_equal(host_rig.facts.n, 4);
	assert_fact("nv_region", "region2");
	assert_fact("nv_provider", "ACPI.NFIT");
	assert_fact("nv_persistence_domain", "cpu_cache");
	assert_fact("nv_read_only", "yes");
	fb_facts_free(&host_rig.facts);
	d.nv = (struct fb_nv){
		.region = "region0", .domain = FB_NV_DOMAIN_MEMORY, .read_only = FB_NO};
	assert_int_equal(fb_host_device_facts(&host_rig.facts, &d), 0);
	assert_int_equal(host_rig.facts.n, 3);
	assert_fact("nv_persistence_domain", "memory_controller");
	assert_fact("nv_read_only", "no");
	fb_facts_free(&host_rig.facts);
	d.nv = (struct fb_nv){.region = "region0", .read_only = FB_MAYBE};
	assert_int_equal(fb_host_device_facts(&host_rig.facts, &d), 0);
	assert_int_equal(host_rig.facts.n, 1);
}

static const char *const *set_variables;

static const char *variable(unsigned i, const char **does)
{
	if (set_variables[i])
		*does = strstr(set_variables[i], "CLFLUSHOPT") ? "no clflushopt"
							       : "something else";
	return set_variables[i];
}

static void warn_nv(const struct fb_device *d, size_t emulated, size_t real,
		    const char *const *set)
{
	const struct fb_host_nv nv = {
		.emulated = emulated, .real = real, .variable = variable};

	set_variables = set;
	assert_int_equal(fb_host_warn_nv(&host_rig.warnings, d, &nv), 0);
}

static const char *const none_set[] = {NULL};

static void assert_nth_warned(size_t i, const char *id, const char *evidence)
{
	assert_true(i < host_rig.warnings.n);
	assert_string_equal(host_rig.warnings.list[i].id, id);
	assert_int_equal(host_rig.warnings.list[i].severity, FB_SEVERITY_WARNING);
	assert_int_equal(host_rig.warnings.list[i].case_id, FB_WARN_RUN);
	assert_string_equal(host_rig.warnings.list[i].evidence, evidence);
}

/* What the target lies on is nobody's matter then. */
static void assert_only_emulation_is_warned_of(const struct fb_device *d)
{
	fb_warnings_free(&host_rig.warnings);
	warn_nv(d, 1, 0, none_set);
	assert_int_equal(host_rig.warnings.n, 1);
	assert_string_equal(host_rig.warnings.list[0].id, "nv_emulated");
}

static void emulated_memory_is_warned_of(void **state)
{
	const struct fb_device d = {.medium = FB_MEDIUM_DISK};

	(void)state;
	warn_nv(&d, 3, 4, none_set);
	assert_int_equal(host_rig.warnings.n, 1);
	assert_nth_warned(0, "nv_emulated", "nv_emulate=1 in 3 of 7 nvmem cases");
	fb_warnings_free(&host_rig.warnings);
	warn_nv(&d, 0, 4, none_set);
	assert_int_equal(host_rig.warnings.n, 0);
}

static void memory_set_aside_by_hand_is_warned_of_where_it_is_used(void **state)
{
	struct fb_device d = {.nv = {.region = "region0", .provider = "e820"}};

	(void)state;
	warn_nv(&d, 0, 1, none_set);
	assert_int_equal(host_rig.warnings.n, 1);
	assert_nth_warned(0, "nv_plain_memory", "region0, provider e820");
	assert_only_emulation_is_warned_of(&d);
	fb_warnings_free(&host_rig.warnings);
	strcpy(d.nv.provider, "ACPI.NFIT");
	warn_nv(&d, 0, 1, none_set);
	assert_int_equal(host_rig.warnings.n, 0);
}

static void volatile_memory_is_warned_of_where_it_is_used(void **state)
{
	const struct fb_device d = {
		.nv = {.provider = "ACPI.NFIT", .domain = FB_NV_DOMAIN_NONE},
		.n_disks = 1,
		.disks = {{.name = "pmem0"}},
	};

	(void)state;
	warn_nv(&d, 0, 1, none_set);
	assert_int_equal(host_rig.warnings.n, 1);
	assert_nth_warned(0, "nv_volatile", "pmem0: nd_volatile, provider ACPI.NFIT");
	assert_only_emulation_is_warned_of(&d);
}

static void the_set_variables_are_named_with_what_they_do(void **state)
{
	const char *const set[] = {"PMEM_NO_CLFLUSHOPT=1", "PMEM_NO_CLWB=1", NULL};
	const struct fb_device d = {.medium = FB_MEDIUM_DISK};

	(void)state;
	warn_nv(&d, 0, 1, set);
	assert_int_equal(host_rig.warnings.n, 1);
	assert_nth_warned(
		0, "nv_environment",
		"PMEM_NO_CLFLUSHOPT=1 (no clflushopt), PMEM_NO_CLWB=1 (something else)");
	assert_non_null(strstr(host_rig.warnings.list[0].text, "MAP_SYNC"));
}

static void variables_that_do_not_fit_are_counted(void **state)
{
	const char *const set[] = {
		"PMEM_IS_PMEM_FORCE=1",
		"PMEM2_FORCE_GRANULARITY=CACHE_LINE",
		"PMEM_NO_FLUSH=1",
		"PMEM_NO_CLWB=1",
		"PMEM_NO_CLFLUSHOPT=1",
		"PMEM_NO_MOVNT=1",
		"PMEM_MOVNT_THRESHOLD=4096",
		"PMEM_AVX=0",
		"PMEM_MMAP_HINT=0x10000000000000000000000000000000000000000000000000000",
		NULL};
	const struct fb_device d = {.medium = FB_MEDIUM_DISK};
	const char *evidence;

	(void)state;
	warn_nv(&d, 0, 1, set);
	assert_int_equal(host_rig.warnings.n, 1);
	evidence = host_rig.warnings.list[0].evidence;
	assert_non_null(strstr(evidence, "PMEM_NO_CLFLUSHOPT=1 (no clflushopt)"));
	assert_string_equal(evidence + strlen(evidence) - strlen(", and 3 more"),
			    ", and 3 more");
}

static void without_nvmem_cases_no_variable_is_warned_of(void **state)
{
	const char *const set[] = {"PMEM_IS_PMEM_FORCE=1", NULL};
	const struct fb_device d = {.nv = {.region = "region0", .provider = "e820"}};

	(void)state;
	warn_nv(&d, 0, 0, set);
	assert_int_equal(host_rig.warnings.n, 0);
}

/* A text that does not fit would lose what to do. */
static void every_text_ends_as_a_sentence(void **state)
{
	const char *const set[] = {"PMEM_MMAP_HINT=0", NULL};
	const struct fb_device plain = {
		.nv = {.region = "region0", .provider = "e820"}};
	const struct fb_device fleeting = {.nv = {.domain = FB_NV_DOMAIN_NONE}};

	(void)state;
	warn_nv(&plain, 1, 1, set);
	warn_nv(&fleeting, 0, 1, none_set);
	assert_sentences(4);
}

#define CASE(test) cmocka_unit_test_teardown(test, host_rig_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(persistent_memory_is_described),
		CASE(emulated_memory_is_warned_of),
		CASE(memory_set_aside_by_hand_is_warned_of_where_it_is_used),
		CASE(volatile_memory_is_warned_of_where_it_is_used),
		CASE(the_set_variables_are_named_with_what_they_do),
		CASE(variables_that_do_not_fit_are_counted),
		CASE(without_nvmem_cases_no_variable_is_warned_of),
		CASE(every_text_ends_as_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
