/*
 * What a target is warned of, by what is known of it and by files made up for it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/host_rig.h"

#include <stdio.h>
#include <string.h>

/* A disk that nothing is said of. */
#define PLAIN_DISK                                                                     \
	.write_cache = FB_YES, .own_cache = FB_MAYBE, .fua = FB_NO,                    \
	.rotational = FB_NO, .queued = FB_YES, .direct_io = FB_MAYBE

static struct fb_device device;

/* On a machine of its own, so that no drive of this one is asked. */
static int enter(void **state)
{
	(void)state;
	host_put("proc/cpuinfo", "flags : fpu\n");
	device = (struct fb_device){
		.fs = "ext4",
		.medium = FB_MEDIUM_DISK,
		.barriers = FB_YES,
		.source = "/dev/sda1",
		.n_disks = 1,
		.disks = {{.name = "sda", PLAIN_DISK}},
	};
	return 0;
}

static void look(void)
{
	fb_warnings_free(&host_rig.warnings);
	assert_int_equal(
		fb_host_warn_target(&host_rig.warnings, &device, host_rig.root), 0);
}

static void only(const char *id, enum fb_severity severity, const char *part)
{
	look();
	assert_warned(id, severity, part);
	assert_int_equal(warned(id)->case_id, FB_WARN_RUN);
	assert_sentences(1);
}

static void a_plain_disk_is_not_warned_of(void **state)
{
	(void)state;
	look();
	assert_sentences(0);
}

static void memory_is_warned_of_with_evidence(void **state)
{
	(void)state;
	device = (struct fb_device){.medium = FB_MEDIUM_MEMORY,
				    .fs = "tmpfs",
				    .source = "shm",
				    .mount_point = "/dev/shm"};
	only("memory_target", FB_SEVERITY_WARNING, "tmpfs from shm on /dev/shm");
}

static void a_network_is_warned_of(void **state)
{
	(void)state;
	device = (struct fb_device){.medium = FB_MEDIUM_NETWORK, .fs = "nfs4"};
	only("network_target", FB_SEVERITY_WARNING, "nfs4");
	snprintf(device.fs, sizeof(device.fs), "fuse.sshfs");
	only("network_target", FB_SEVERITY_WARNING, "fuse.sshfs");
}

static void an_overlay_is_a_note(void **state)
{
	(void)state;
	device.overlay = true;
	only("overlay_target", FB_SEVERITY_NOTE, "");
}

static void a_volatile_overlay_is_a_warning_that_says_so(void **state)
{
	(void)state;
	device.overlay = device.syncs_dropped = true;
	device.barriers = FB_NO;
	only("overlay_target", FB_SEVERITY_WARNING, "volatile");
	assert_non_null(strstr(warned("overlay_target")->text, "volatile"));
}

static void an_overlay_in_memory_is_both(void **state)
{
	(void)state;
	device = (struct fb_device){.medium = FB_MEDIUM_MEMORY, .overlay = true};
	look();
	assert_sentences(2);
}

static void a_fuse_daemon_is_warned_of(void **state)
{
	(void)state;
	device = (struct fb_device){
		.fs = "fuse.lazyfs", .source = "lazyfs", .barriers = FB_MAYBE};
	only("fuse_target", FB_SEVERITY_WARNING, "fuse.lazyfs from lazyfs");
	snprintf(device.fs, sizeof(device.fs), "fuseblk");
	device.medium = FB_MEDIUM_DISK;
	only("fuse_target", FB_SEVERITY_WARNING, "fuseblk");
}

static void zfs_is_told_of(void **state)
{
	(void)state;
	device = (struct fb_device){.fs = "zfs", .source = "tank/db"};
	only("zfs_target", FB_SEVERITY_NOTE, "tank/db");
}

static void barriers_off_matter_as_far_as_a_cache_is_volatile(void **state)
{
	(void)state;
	device.barriers = FB_NO;
	snprintf(device.options, sizeof(device.options), "rw,nobarrier");
	only("barriers_off", FB_SEVERITY_WARNING, "rw,nobarrier");
	device.disks[0].write_cache = FB_MAYBE;
	only("barriers_off", FB_SEVERITY_WARNING, "rw,nobarrier");
	device.disks[0].write_cache = FB_NO;
	only("barriers_off", FB_SEVERITY_NOTE, "rw,nobarrier");
}

static void a_cache_seen_other_than_it_is_is_warned_of(void **state)
{
	(void)state;
	device.disks[0].own_cache = FB_YES;
	look();
	assert_sentences(0);
	device.disks[0].write_cache = FB_NO;
	only("cache_view", FB_SEVERITY_WARNING,
	     "sda: queue/write_cache is write through, the disk's own is write back");
	device.disks[0].own_cache = FB_NO;
	look();
	assert_sentences(0);
	device.disks[0].write_cache = FB_YES;
	only("cache_view", FB_SEVERITY_WARNING,
	     "sda: queue/write_cache is write back, the disk's own is write through");
	device.disks[0].write_cache = FB_MAYBE;
	look();
	assert_sentences(0);
}

static void the_cache_of_a_disk_below_counts_too(void **state)
{
	(void)state;
	device.n_below = 1;
	device.below[0] = (struct fb_disk){.name = "sdb", PLAIN_DISK};
	device.below[0].own_cache = FB_NO;
	only("cache_view", FB_SEVERITY_WARNING, "sdb");
}

static void make_loop(enum fb_tri direct)
{
	device.disks[0] =
		(struct fb_disk){.name = "loop3", PLAIN_DISK, .backing_file = "/img"};
	device.disks[0].direct_io = direct;
}

static void a_loop_device_is_a_note_and_without_direct_io_a_warning(void **state)
{
	(void)state;
	make_loop(FB_YES);
	only("loop_target", FB_SEVERITY_NOTE, "loop3");
	make_loop(FB_NO);
	only("loop_target", FB_SEVERITY_WARNING, "loop3: loop/dio is 0");
}

static void a_loop_device_told_to_have_no_cache_is_found(void **state)
{
	(void)state;
	make_loop(FB_YES);
	device.disks[0].write_cache = FB_NO;
	look();
	assert_warned("cache_view", FB_SEVERITY_WARNING, "loop3");
	assert_sentences(2);
}

static void disks_of_memory_are_warned_of(void **state)
{
	static const char *const names[] = {"ram0", "zram1", "nullb0"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(device.disks[0].name, FB_DISK_NAME, "%s", names[i]);
		only("memory_disk", FB_SEVERITY_WARNING, names[i]);
	}
	snprintf(device.disks[0].name, FB_DISK_NAME, "ramses");
	look();
	assert_sentences(0);
}

static void memory_at_the_bottom_is_warned_of(void **state)
{
	(void)state;
	make_loop(FB_YES);
	device.below_memory = true;
	look();
	assert_warned("memory_disk", FB_SEVERITY_WARNING, "loop3 stands on memory");
	assert_warned("memory_disk", FB_SEVERITY_WARNING, "/img");
	assert_warned("loop_target", FB_SEVERITY_NOTE, "");
	assert_sentences(2);
}

static void a_disk_shown_by_a_hypervisor_is_a_note(void **state)
{
	(void)state;
	host_put("proc/cpuinfo", "flags : hypervisor\n");
	look();
	assert_sentences(0);
	snprintf(device.disks[0].model, FB_DISK_NAME, "QEMU HARDDISK");
	only("virtual_disk", FB_SEVERITY_NOTE, "sda of an unknown hypervisor");
	device.disks[0].model[0] = '\0';
	snprintf(device.disks[0].name, FB_DISK_NAME, "vdb");
	host_put("sys/hypervisor/type", "kvm\n");
	only("virtual_disk", FB_SEVERITY_NOTE, "vdb of kvm");
	host_put("proc/cpuinfo", "flags : fpu\n");
	look();
	assert_sentences(0);
}

static void a_disk_without_a_queue_counts_no_flushes(void **state)
{
	(void)state;
	snprintf(device.disks[0].name, FB_DISK_NAME, "dm-0");
	device.disks[0].queued = FB_NO;
	device.n_below = 1;
	device.below[0] = (struct fb_disk){.name = "sdb", PLAIN_DISK, .above = "dm-0"};
	only("flushes_uncounted", FB_SEVERITY_NOTE, "dm-0");
	device.disks[0].queued = FB_YES;
	device.below[0].queued = FB_NO;
	look();
	assert_sentences(0);
}

static void a_drive_that_may_fall_asleep_is_told(void **state)
{
	static const char file[] =
		"sys/class/nvme/nvme0/power/pm_qos_latency_tolerance_us";

	(void)state;
	snprintf(device.disks[0].name, FB_DISK_NAME, "nvme0n1");
	look();
	assert_sentences(0);
	host_put(file, "100000\n");
	only("nvme_power_saving", FB_SEVERITY_NOTE, "nvme0n1: pm_qos");
	host_put(file, "0\n");
	look();
	assert_sentences(0);
	host_put("sys/block/nvme0n1/device/power/pm_qos_latency_tolerance_us",
		 "auto\n");
	only("nvme_power_saving", FB_SEVERITY_NOTE, "auto");
}

static void a_drive_at_its_highest_temperature_is_warned_of(void **state)
{
	(void)state;
	host_put("sys/block/sda/device/hwmon/hwmon2/temp1_input", "69900\n");
	look();
	assert_sentences(0);
	host_put("sys/block/sda/device/hwmon/hwmon2/temp1_max", "70000\n");
	look();
	assert_sentences(0);
	host_put("sys/block/sda/device/hwmon/hwmon2/temp1_input", "70000\n");
	only("drive_hot", FB_SEVERITY_WARNING, "sda: 70 C, its maximum is 70");
	snprintf(device.disks[0].name, FB_DISK_NAME, "nvme1n1");
	host_put("sys/block/nvme1n1/device/hwmon5/temp1_input", "84850\n");
	host_put("sys/block/nvme1n1/device/hwmon5/temp1_max", "81850\n");
	only("drive_hot", FB_SEVERITY_WARNING, "nvme1n1: 84 C, its maximum is 81");
}

/* A text that does not fit would lose what to do. */
static void every_text_ends_as_a_sentence(void **state)
{
	(void)state;
	device = (struct fb_device){
		.fs = "fuse", .overlay = true, .syncs_dropped = true};
	look();
	assert_sentences(2);
	for (size_t i = 0; i < sizeof(device.source) - 1; i++)
		device.source[i] = device.options[i] = device.mount_point[i] = 'x';
	device.overlay = device.syncs_dropped = false;
	device.medium = FB_MEDIUM_DISK;
	device.n_disks = FB_DISKS_MAX;
	for (size_t i = 0; i < FB_DISKS_MAX; i++)
		snprintf(device.disks[i].name, FB_DISK_NAME, "zram%02zu%050d", i, 0);
	look();
	assert_warned("memory_disk", FB_SEVERITY_WARNING, "zram");
	assert_warned("barriers_off", FB_SEVERITY_NOTE, "xxx");
	assert_sentences(host_rig.warnings.n);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, enter, host_rig_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_plain_disk_is_not_warned_of),
		CASE(memory_is_warned_of_with_evidence),
		CASE(a_network_is_warned_of),
		CASE(an_overlay_is_a_note),
		CASE(a_volatile_overlay_is_a_warning_that_says_so),
		CASE(an_overlay_in_memory_is_both),
		CASE(a_fuse_daemon_is_warned_of),
		CASE(zfs_is_told_of),
		CASE(barriers_off_matter_as_far_as_a_cache_is_volatile),
		CASE(a_cache_seen_other_than_it_is_is_warned_of),
		CASE(the_cache_of_a_disk_below_counts_too),
		CASE(a_loop_device_is_a_note_and_without_direct_io_a_warning),
		CASE(a_loop_device_told_to_have_no_cache_is_found),
		CASE(disks_of_memory_are_warned_of),
		CASE(memory_at_the_bottom_is_warned_of),
		CASE(a_disk_shown_by_a_hypervisor_is_a_note),
		CASE(a_disk_without_a_queue_counts_no_flushes),
		CASE(a_drive_that_may_fall_asleep_is_told),
		CASE(a_drive_at_its_highest_temperature_is_warned_of),
		CASE(every_text_ends_as_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
