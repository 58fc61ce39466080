/*
 * Persistent memory as the kernel shows it, in trees made after those of real machines:
 * an NVDIMM, memory set aside by hand, a virtio device, a device DAX of old and of new.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "device/nv.h"
#include "support/tmpdir.h"
#include "support/tree.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NVDIMM "devices/LNXSYSTM:00/LNXSYBUS:00/ACPI0012:00/ndbus0"
#define E820   "devices/platform/e820_pmem/ndbus1"
#define VIRTIO "devices/pci0000:00/0000:00:04.0/virtio1/ndbus2"
#define DISK   "/region3/namespace3.0/block/pmem3"

static char sys[TMPDIR_LEN];
static struct fb_nv nv;

static int enter(void **state)
{
	(void)state;
	memset(&nv, 0x5a, sizeof(nv));
	return tmpdir_make(sys);
}

static int leave(void **state)
{
	(void)state;
	tmpdir_remove(sys);
	return 0;
}

static void put(const char *name, const char *text)
{
	char line[64];

	assert_true(snprintf(line, sizeof(line), "%s\n", text) < (int)sizeof(line));
	tree_put(sys, name, line);
}

/* The entry of a device that lies in @folder; its path in one that lasts a test. */
static const char *entry(const char *name, const char *folder)
{
	static char path[TREE_PATH];
	char to[TREE_PATH];

	snprintf(to, sizeof(to), "%s/dev", folder);
	tree_folders(sys, to);
	snprintf(to, sizeof(to), "../%s", folder);
	tree_folders(sys, "dev/entry");
	snprintf(path, sizeof(path), "%s/dev/%s", sys, name);
	assert_int_equal(symlink(to, path), 0);
	return path;
}

static void make_nvdimm(const char *domain, const char *read_only)
{
	put(NVDIMM "/provider", "ACPI.NFIT");
	put(NVDIMM "/region3/read_only", read_only);
	put(NVDIMM "/region3/devtype", "nd_pmem");
	if (domain)
		put(NVDIMM "/region3/persistence_domain", domain);
}

/* What the device in @folder leads to, into nv. */
static void find(const char *name, const char *folder)
{
	assert_int_equal(fb_nv_find_entry(entry(name, folder), &nv), 0);
}

static void a_disk_on_an_nvdimm_leads_to_its_region(void **state)
{
	(void)state;
	make_nvdimm("memory_controller", "0");
	find("259:0", NVDIMM DISK);
	assert_string_equal(nv.region, "region3");
	assert_string_equal(nv.provider, "ACPI.NFIT");
	assert_int_equal(nv.domain, FB_NV_DOMAIN_MEMORY);
	assert_int_equal(nv.read_only, FB_NO);
}

static void a_partition_leads_to_the_region_too(void **state)
{
	(void)state;
	make_nvdimm("cpu_cache", "0");
	find("259:1", NVDIMM "/region3/pfn3.1/block/pmem3/pmem3p1");
	assert_string_equal(nv.region, "region3");
	assert_int_equal(nv.domain, FB_NV_DOMAIN_CPU);
}

static void an_unarmed_nvdimm_is_read_only(void **state)
{
	(void)state;
	make_nvdimm("memory_controller", "1");
	find("259:0", NVDIMM DISK);
	assert_int_equal(nv.read_only, FB_YES);
}

/* As with memory set aside by hand and with a machine that tells nothing. */
static void a_domain_that_is_not_told_is_unknown(void **state)
{
	(void)state;
	put(E820 "/provider", "e820");
	find("259:0", E820 "/region0/namespace0.0/block/pmem0");
	assert_string_equal(nv.region, "region0");
	assert_string_equal(nv.provider, "e820");
	assert_int_equal(nv.domain, FB_NV_DOMAIN_UNKNOWN);
	assert_int_equal(nv.read_only, FB_MAYBE);
	put(E820 "/region0/persistence_domain", "something_new");
	find("259:9", E820 "/region0/x");
	assert_int_equal(nv.domain, FB_NV_DOMAIN_UNKNOWN);
}

static void assert_none(const char *at)
{
	struct fb_nv before = nv;

	assert_int_equal(fb_nv_find_entry(at, &nv), -ENODEV);
	assert_memory_equal(&nv, &before, sizeof(nv));
}

static void what_is_no_persistent_memory_has_no_region(void **state)
{
	(void)state;
	assert_none(entry("8:0", "devices/pci0000:00/ata1/block/sda"));
	assert_none(entry("254:0", "devices/virtual/block/dm-0"));
	assert_none(entry("259:4", "devices/pci0000:00/region0/x"));
	assert_none(entry("259:5", NVDIMM "/nmem0/x"));
	assert_none("/sys/dev/block/no:such");
}

/* A device driver may show ordinary memory by the same bus. */
static void a_volatile_region_is_told_from_none(void **state)
{
	(void)state;
	make_nvdimm("memory_controller", "0");
	put(NVDIMM "/region3/devtype", "nd_volatile");
	find("259:0", NVDIMM DISK);
	assert_string_equal(nv.region, "");
	assert_string_equal(nv.provider, "ACPI.NFIT");
	assert_int_equal(nv.domain, FB_NV_DOMAIN_NONE);
	assert_int_equal(nv.read_only, FB_NO);
}

/* May a view be mapped on what @folder shows, by a file system or as a device? */
static void assert_may_map(const char *name, const char *folder, bool may)
{
	find(name, folder);
	assert_int_equal(fb_nv_may_map(&nv, false), may);
	assert_int_equal(fb_nv_may_map(&nv, true), may);
}

static void only_what_lines_last_in_may_be_mapped(void **state)
{
	const struct fb_nv none = {0};

	(void)state;
	make_nvdimm("memory_controller", "0");
	assert_may_map("259:0", NVDIMM DISK, true);
	put(NVDIMM "/region3/devtype", "nd_volatile");
	assert_may_map("259:1", NVDIMM DISK, false);
	put(VIRTIO "/provider", "virtio-pmem");
	assert_may_map("259:2", VIRTIO "/region0/namespace0.0/block/pmem0", false);
	put(E820 "/provider", "e820");
	assert_may_map("259:3", E820 "/region0/namespace0.0/block/pmem0", true);
	/* A file system answers for what it lies on, as on a device-mapper target. */
	assert_true(fb_nv_may_map(&none, false));
	assert_false(fb_nv_may_map(&none, true));
}

static struct fb_nv joined(const struct fb_nv *a, const struct fb_nv *b)
{
	struct fb_nv ab = *a, ba = *b;

	fb_nv_join(&ab, b);
	fb_nv_join(&ba, a);
	assert_string_equal(ab.provider, ba.provider);
	assert_int_equal(ab.domain, ba.domain);
	assert_int_equal(ab.read_only, ba.read_only);
	assert_int_equal(!*ab.region, !*ba.region);
	return ab;
}

static void of_several_disks_the_weakest_counts(void **state)
{
	const struct fb_nv eadr = {"region0", "ACPI.NFIT", FB_NV_DOMAIN_CPU, FB_NO};
	const struct fb_nv adr = {"region1", "ACPI.NFIT", FB_NV_DOMAIN_MEMORY, FB_YES};
	const struct fb_nv hand = {"region2", "e820", FB_NV_DOMAIN_UNKNOWN, FB_MAYBE};
	const struct fb_nv other = {"region3", "of_pmem", FB_NV_DOMAIN_MEMORY, FB_NO};
	const struct fb_nv fleeting = {"", "ACPI.NFIT", FB_NV_DOMAIN_NONE, FB_NO};
	const struct fb_nv no_pmem = {0};
	struct fb_nv all;

	(void)state;
	all = joined(&eadr, &adr);
	assert_string_equal(all.region, "region0");
	assert_string_equal(all.provider, "ACPI.NFIT");
	assert_int_equal(all.domain, FB_NV_DOMAIN_MEMORY);
	assert_int_equal(all.read_only, FB_YES);
	all = joined(&eadr, &hand);
	assert_string_equal(all.provider, "e820");
	assert_int_equal(all.domain, FB_NV_DOMAIN_UNKNOWN);
	assert_int_equal(all.read_only, FB_MAYBE);
	all = joined(&eadr, &other);
	assert_string_equal(all.provider, "");
	assert_string_equal(all.region, "region0");
	all = joined(&adr, &fleeting);
	assert_string_equal(all.region, "");
	assert_int_equal(all.domain, FB_NV_DOMAIN_NONE);
	all = joined(&adr, &no_pmem);
	assert_string_equal(all.region, "");
	assert_int_equal(all.domain, FB_NV_DOMAIN_UNKNOWN);
	assert_int_equal(all.read_only, FB_YES);
}

static void make_dax(const char *folder, const char *bytes)
{
	char path[TREE_PATH], to[TREE_PATH];

	snprintf(path, sizeof(path), "%s/size", folder);
	put(path, bytes);
	snprintf(to, sizeof(to), "%s/bus/dax", sys);
	mkdir(to, 0700);
	put("bus/dax/drivers_probe", "");
	snprintf(path, sizeof(path), "%s/%s/subsystem", sys, folder);
	assert_int_equal(symlink(to, path), 0);
}

static void assert_dax(const char *at, uint64_t bytes, uint64_t align)
{
	uint64_t got_bytes = 0, got_align = 0;

	assert_int_equal(fb_dax_size_entry(at, &got_bytes, &got_align), 0);
	assert_int_equal(got_bytes, bytes);
	assert_int_equal(got_align, align);
}

static void a_device_dax_tells_its_size_and_alignment(void **state)
{
	const char *at;

	(void)state;
	make_nvdimm("memory_controller", "0");
	make_dax(NVDIMM "/region3/dax3.0/dax3.0", "132120576");
	put(NVDIMM "/region3/dax3.0/dax3.0/align", "4096");
	put(NVDIMM "/region3/dax3.0/align", "1073741824");
	at = entry("252:0", NVDIMM "/region3/dax3.0/dax3.0");
	assert_dax(at, 132120576, 4096);
	assert_int_equal(fb_nv_find_entry(at, &nv), 0);
	assert_string_equal(nv.region, "region3");
}

static void an_older_kernel_tells_the_alignment_beside(void **state)
{
	(void)state;
	make_dax(NVDIMM "/region3/dax3.0/dax/dax3.0", "4194304");
	put(NVDIMM "/region3/dax3.0/align", "1048576");
	assert_dax(entry("252:0", NVDIMM "/region3/dax3.0/dax/dax3.0"), 4194304,
		   1048576);
}

static void an_alignment_that_is_not_told_is_a_huge_page(void **state)
{
	(void)state;
	make_dax(VIRTIO "/region0/dax0.0/dax0.0", "4194304");
	assert_dax(entry("252:0", VIRTIO "/region0/dax0.0/dax0.0"), 4194304, 2 << 20);
	put(VIRTIO "/region0/dax0.0/align", "3");
	assert_dax(entry("252:1", VIRTIO "/region0/dax0.0/dax0.0"), 4194304, 2 << 20);
}

static void what_is_no_device_dax_has_no_size(void **state)
{
	uint64_t bytes = 7, align = 7;
	const char *at;

	(void)state;
	put("devices/virtual/mtd/mtd0/size", "4194304");
	at = entry("90:0", "devices/virtual/mtd/mtd0");
	assert_int_equal(fb_dax_size_entry(at, &bytes, &align), -ENODEV);
	assert_int_equal(fb_dax_size(1, 3, &bytes, &align), -ENODEV);
	assert_int_equal(bytes, 7);
	assert_int_equal(align, 7);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_disk_on_an_nvdimm_leads_to_its_region),
		CASE(a_partition_leads_to_the_region_too),
		CASE(an_unarmed_nvdimm_is_read_only),
		CASE(a_domain_that_is_not_told_is_unknown),
		CASE(what_is_no_persistent_memory_has_no_region),
		CASE(a_volatile_region_is_told_from_none),
		CASE(only_what_lines_last_in_may_be_mapped),
		CASE(of_several_disks_the_weakest_counts),
		CASE(a_device_dax_tells_its_size_and_alignment),
		CASE(an_older_kernel_tells_the_alignment_beside),
		CASE(an_alignment_that_is_not_told_is_a_huge_page),
		CASE(what_is_no_device_dax_has_no_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
