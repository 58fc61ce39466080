#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "path/promise.h"

#include <stdio.h>
#include <string.h>

static struct fb_device a_device(const char *fs, enum fb_tri cache)
{
	struct fb_device d = {
		.medium = FB_MEDIUM_DISK, .barriers = FB_YES, .n_disks = 1};

	snprintf(d.fs, sizeof(d.fs), "%s", fs);
	d.disks[0].write_cache = cache;
	return d;
}

static struct fb_case a_case(int mode)
{
	return (struct fb_case){.path = (int)fb_mode_get((enum fb_mode)mode)->path,
				.mode = mode,
				.pattern = FB_PATTERN_RAND};
}

struct expected {
	int mode;
	int no_sync;
	enum fb_fidelity fidelity;
	enum fb_survives survives;
};

/* The table of the README: ext4, overwriting written blocks, a volatile cache. */
static const struct expected table[] = {
	{FB_MODE_NONE, 0, FB_FIDELITY_EQUIVALENT, FB_SURVIVES_PROCESS_CRASH},
	{FB_MODE_BUFFERS, 0, FB_FIDELITY_EQUIVALENT, FB_SURVIVES_POWER_LOSS},
	{FB_MODE_NORMAL, 0, FB_FIDELITY_EQUIVALENT, FB_SURVIVES_POWER_LOSS},
	{FB_MODE_DATA_ONLY, 0, FB_FIDELITY_EQUIVALENT, FB_SURVIVES_OS_CRASH},
	{FB_MODE_NO_SYNC, FB_NO_SYNC_RANGE, FB_FIDELITY_WEAKER, FB_SURVIVES_OS_CRASH},
	{FB_MODE_NO_SYNC, FB_NO_SYNC_FSYNC, FB_FIDELITY_STRONGER,
	 FB_SURVIVES_POWER_LOSS},
	{FB_MODE_NO_SYNC, FB_NO_SYNC_CACHE_OFF, FB_FIDELITY_EQUIVALENT,
	 FB_SURVIVES_OS_CRASH},
	{FB_MODE_DATA_SYNC_ONLY, 0, FB_FIDELITY_EQUIVALENT, FB_SURVIVES_POWER_LOSS},
	{FB_MODE_PURGE, 0, FB_FIDELITY_EQUIVALENT, FB_SURVIVES_POWER_LOSS},
	{FB_MODE_WRITE_THROUGH, 0, FB_FIDELITY_STRONGER, FB_SURVIVES_POWER_LOSS},
	{FB_MODE_WRITE_DSYNC, 0, FB_FIDELITY_NATIVE, FB_SURVIVES_POWER_LOSS},
	{FB_MODE_VIEW, 0, FB_FIDELITY_EQUIVALENT, FB_SURVIVES_OS_CRASH},
	{FB_MODE_VIEW_FILE, 0, FB_FIDELITY_EQUIVALENT, FB_SURVIVES_POWER_LOSS},
	{FB_MODE_MSYNC, 0, FB_FIDELITY_NATIVE, FB_SURVIVES_POWER_LOSS},
	{FB_MODE_KEY, 0, FB_FIDELITY_EMULATED, FB_SURVIVES_POWER_LOSS},
	{FB_MODE_KEY_LEGACY, 0, FB_FIDELITY_EMULATED, FB_SURVIVES_POWER_LOSS},
};

enum { ROWS = sizeof(table) / sizeof(table[0]) };

static bool is_starred(const struct expected *e)
{
	return fb_mode_get((enum fb_mode)e->mode)->range ||
	       (e->mode == FB_MODE_NO_SYNC && e->no_sync == FB_NO_SYNC_RANGE);
}

static struct fb_promise promise(const struct expected *e, const struct fb_device *d,
				 int prepare)
{
	struct fb_case c = a_case(e->mode);

	c.no_sync = e->no_sync;
	c.prepare = prepare;
	return fb_promise_of(&c, d);
}

static void every_mode_promises_what_the_table_says(void **state)
{
	struct fb_device ext4 = a_device("ext4", FB_YES), xfs = a_device("xfs", FB_YES);

	(void)state;
	for (int i = 0; i < ROWS; i++) {
		struct fb_promise p = promise(&table[i], &ext4, FB_PREPARE_WRITTEN);

		assert_int_equal(p.fidelity, table[i].fidelity);
		assert_int_equal(p.survives, table[i].survives);
		p = promise(&table[i], &xfs, FB_PREPARE_WRITTEN);
		assert_int_equal(p.survives, table[i].survives);
	}
}

static void range_flushes_promise_less_where_metadata_leads_to_the_data(void **state)
{
	struct fb_device ext4 = a_device("ext4", FB_YES),
			 btrfs = a_device("btrfs", FB_YES);
	struct fb_device journal = a_device("ext4", FB_YES);

	(void)state;
	snprintf(journal.options, sizeof(journal.options), "rw,data=journal,relatime");
	for (int i = 0; i < ROWS; i++) {
		enum fb_survives lower = is_starred(&table[i])
						 ? FB_SURVIVES_PROCESS_CRASH
						 : table[i].survives;

		assert_int_equal(promise(&table[i], &btrfs, 0).survives, lower);
		assert_int_equal(promise(&table[i], &journal, 0).survives, lower);
		assert_int_equal(promise(&table[i], &ext4, FB_PREPARE_EXTEND).survives,
				 lower);
		assert_int_equal(
			promise(&table[i], &ext4, FB_PREPARE_UNWRITTEN).survives,
			lower);
	}
}

static void without_a_volatile_cache_the_system_is_all_that_can_crash(void **state)
{
	struct fb_device ext4 = a_device("ext4", FB_NO),
			 btrfs = a_device("btrfs", FB_NO);

	(void)state;
	for (int i = 0; i < ROWS; i++) {
		enum fb_survives s = table[i].survives;
		struct fb_promise p = promise(&table[i], &ext4, 0);

		if (s == FB_SURVIVES_OS_CRASH)
			s = FB_SURVIVES_POWER_LOSS;
		assert_int_equal(p.survives, s);
		if (table[i].no_sync == FB_NO_SYNC_FSYNC)
			assert_int_equal(p.fidelity, FB_FIDELITY_EQUIVALENT);
		if (is_starred(&table[i]))
			assert_int_equal(promise(&table[i], &btrfs, 0).survives,
					 FB_SURVIVES_PROCESS_CRASH);
	}
}

static void barriers_off_lower_power_loss_unless_nothing_is_volatile(void **state)
{
	struct fb_device d = a_device("ext4", FB_YES);

	(void)state;
	d.barriers = FB_NO;
	for (int i = 0; i < ROWS; i++) {
		enum fb_survives s = table[i].survives;

		d.disks[0].write_cache = FB_YES;
		assert_int_equal(promise(&table[i], &d, 0).survives,
				 s == FB_SURVIVES_POWER_LOSS ? FB_SURVIVES_OS_CRASH
							     : s);
		d.disks[0].write_cache = FB_NO;
		assert_int_equal(promise(&table[i], &d, 0).survives,
				 s == FB_SURVIVES_OS_CRASH ? FB_SURVIVES_POWER_LOSS
							   : s);
	}
}

static void memory_promises_nothing_and_the_unknown_is_unknown(void **state)
{
	struct fb_device tmpfs = a_device("tmpfs", FB_MAYBE);
	struct fb_device nfs = a_device("nfs4", FB_MAYBE);
	struct fb_device fuse = a_device("fuse", FB_MAYBE);

	(void)state;
	tmpfs.medium = FB_MEDIUM_MEMORY;
	nfs.medium = FB_MEDIUM_NETWORK;
	fuse.medium = FB_MEDIUM_UNKNOWN;
	tmpfs.n_disks = nfs.n_disks = fuse.n_disks = 0;
	for (int i = 0; i < ROWS; i++) {
		assert_int_equal(promise(&table[i], &tmpfs, 0).survives,
				 FB_SURVIVES_NOTHING);
		assert_int_equal(promise(&table[i], &nfs, 0).survives,
				 FB_SURVIVES_UNKNOWN);
		assert_int_equal(promise(&table[i], &fuse, 0).survives,
				 FB_SURVIVES_UNKNOWN);
	}
}

/* A loop device on a tmpfs, a RAM disk. */
static void a_disk_made_of_memory_promises_nothing(void **state)
{
	struct fb_device ram = a_device("ext4", FB_YES);

	(void)state;
	ram.below_memory = true;
	for (int i = 0; i < ROWS; i++)
		assert_int_equal(promise(&table[i], &ram, 0).survives,
				 FB_SURVIVES_NOTHING);
}

static void an_overlay_that_drops_syncs_survives_no_system_crash(void **state)
{
	struct fb_device d = a_device("overlay", FB_YES);

	(void)state;
	d.overlay = true;
	for (int i = 0; i < ROWS; i++) {
		if (is_starred(&table[i]))
			assert_int_equal(promise(&table[i], &d, 0).survives,
					 FB_SURVIVES_PROCESS_CRASH);
	}
	d.syncs_dropped = true;
	for (int i = 0; i < ROWS; i++)
		assert_int_equal(promise(&table[i], &d, 0).survives,
				 FB_SURVIVES_PROCESS_CRASH);
}

static void the_null_path_promises_nothing(void **state)
{
	struct fb_device d = a_device("ext4", FB_YES);
	struct fb_case c = {.path = FB_PATH_NULL};

	(void)state;
	assert_int_equal(fb_promise_of(&c, &d).survives, FB_SURVIVES_NOTHING);
}

static struct fb_device an_nvdimm(enum fb_nv_domain domain)
{
	struct fb_device d = a_device("ext4", FB_MAYBE);

	d.barriers = FB_MAYBE;
	d.nv = (struct fb_nv){"region0", "ACPI.NFIT", domain, FB_NO};
	return d;
}

static struct fb_promise nv_promise(const struct fb_device *d, int flush, int emulate)
{
	struct fb_case c = a_case(FB_MODE_WRITE_PERSIST);

	c.nv_flush = flush;
	c.nv_emulate = emulate;
	return fb_promise_of(&c, d);
}

static void a_flushed_line_of_an_nvdimm_survives_a_power_loss(void **state)
{
	(void)state;
	for (int domain = 0; domain <= FB_NV_DOMAIN_CPU; domain++) {
		struct fb_device d = an_nvdimm((enum fb_nv_domain)domain);
		bool saved = domain == FB_NV_DOMAIN_CPU;

		for (int flush = 0; flush < FB_NV_FLUSH_COUNT; flush++) {
			struct fb_promise p = nv_promise(&d, flush, 0);
			bool less = flush == FB_NV_FLUSH_NONE && !saved;

			assert_int_equal(p.fidelity, FB_FIDELITY_EQUIVALENT);
			assert_int_equal(p.survives, less ? FB_SURVIVES_PROCESS_CRASH
							  : FB_SURVIVES_POWER_LOSS);
		}
	}
}

static void memory_that_firmware_does_not_describe_is_unknown(void **state)
{
	struct fb_device set_aside = an_nvdimm(FB_NV_DOMAIN_MEMORY);
	struct fb_device none = a_device("xfs", FB_NO);

	(void)state;
	snprintf(set_aside.nv.provider, sizeof(set_aside.nv.provider), "e820");
	assert_int_equal(nv_promise(&set_aside, 0, 0).survives, FB_SURVIVES_UNKNOWN);
	assert_int_equal(nv_promise(&none, 0, 0).survives, FB_SURVIVES_UNKNOWN);
	assert_int_equal(nv_promise(&none, FB_NV_FLUSH_NONE, 0).survives,
			 FB_SURVIVES_PROCESS_CRASH);
}

static void ordinary_memory_promises_nothing_on_any_target(void **state)
{
	struct fb_device nvdimm = an_nvdimm(FB_NV_DOMAIN_CPU);
	struct fb_device disk = a_device("ext4", FB_NO);

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct fb_promise p = nv_promise(i ? &disk : &nvdimm, 0, 1);

		assert_int_equal(p.survives, FB_SURVIVES_NOTHING);
		assert_int_equal(p.fidelity, FB_FIDELITY_EMULATED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_mode_promises_what_the_table_says),
		cmocka_unit_test(
			range_flushes_promise_less_where_metadata_leads_to_the_data),
		cmocka_unit_test(
			without_a_volatile_cache_the_system_is_all_that_can_crash),
		cmocka_unit_test(
			barriers_off_lower_power_loss_unless_nothing_is_volatile),
		cmocka_unit_test(memory_promises_nothing_and_the_unknown_is_unknown),
		cmocka_unit_test(a_disk_made_of_memory_promises_nothing),
		cmocka_unit_test(an_overlay_that_drops_syncs_survives_no_system_crash),
		cmocka_unit_test(a_flushed_line_of_an_nvdimm_survives_a_power_loss),
		cmocka_unit_test(memory_that_firmware_does_not_describe_is_unknown),
		cmocka_unit_test(ordinary_memory_promises_nothing_on_any_target),
		cmocka_unit_test(the_null_path_promises_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
