#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "device/device.h"
#include "support/disk.h"
#include "support/fuse_root.h"

#include <errno.h>
#include <linux/blkpg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MIB = 1 << 20 };

/* What a test took: given back by leave(), whether it passed or not. */
static struct {
	char folder[TMPDIR_LEN];
	char mnt[TMPDIR_LEN + 8], top[TMPDIR_LEN + 8];
	struct disk a, b;
	bool mounted, top_mounted, partitioned;
} lab;

static int enter(void **state)
{
	(void)state;
	if (tmpdir_make(lab.folder))
		return -1;
	snprintf(lab.mnt, sizeof(lab.mnt), "%s/mnt", lab.folder);
	snprintf(lab.top, sizeof(lab.top), "%s/top", lab.folder);
	return mkdir(lab.mnt, 0700) || mkdir(lab.top, 0700);
}

static void partition(int op)
{
	struct blkpg_partition part = {.start = MIB, .length = 16 * MIB, .pno = 1};
	struct blkpg_ioctl_arg arg = {
		.op = op,
		.datalen = sizeof(part),
		.data = &part,
	};

	lab.partitioned = !ioctl(lab.a.fd, BLKPG, &arg) && op == BLKPG_ADD_PARTITION;
}

static int leave(void **state)
{
	(void)state;
	if (lab.top_mounted)
		umount2(lab.top, MNT_DETACH);
	if (lab.mounted)
		umount2(lab.mnt, MNT_DETACH);
	if (lab.partitioned)
		partition(BLKPG_DEL_PARTITION);
	disk_detach(&lab.a);
	disk_detach(&lab.b);
	tmpdir_remove(lab.folder);
	memset(&lab, 0, sizeof(lab));
	return 0;
}

static void need_disks(void)
{
	if (!disk_can_run())
		skip();
}

static void attach(struct disk *d, const char *name, unsigned mib)
{
	assert_int_equal(disk_attach(d, lab.folder, name, (uint64_t)mib * MIB), 0);
}

static void mount_on(const char *where, const char *source, const char *fs,
		     const char *options)
{
	if (mount(source, where, fs, 0, options))
		fail_msg("mount %s on %s: %s", fs, where, strerror(errno));
	if (where == lab.top)
		lab.top_mounted = true;
	else
		lab.mounted = true;
}

static void mount_ext4(const char *dev, const char *options)
{
	const char *const mkfs[] = {"mkfs.ext4", "-q", "-F", dev, NULL};

	if (disk_run(mkfs)) {
		fprintf(stderr, "mkfs.ext4 cannot make a file system\n");
		skip();
	}
	mount_on(lab.mnt, dev, "ext4", options);
}

static void make_folders(void)
{
	char path[2 * TMPDIR_LEN];

	for (const char *const *name = (const char *const[]){"l", "u", "w", NULL};
	     *name; name++) {
		snprintf(path, sizeof(path), "%s/%s", lab.mnt, *name);
		assert_int_equal(mkdir(path, 0700), 0);
	}
}

static void mount_overlay(const char *more)
{
	char options[4 * TMPDIR_LEN];

	make_folders();
	snprintf(options, sizeof(options), "lowerdir=%s/l,upperdir=%s/u,workdir=%s/w%s",
		 lab.mnt, lab.mnt, lab.mnt, more);
	mount_on(lab.top, "overlay", "overlay", options);
}

static void resolve(const char *path, struct fb_device *d)
{
	struct fb_err err;

	memset(d, 0xa5, sizeof(*d));
	if (fb_device_resolve(path, d, &err))
		fail_msg("%s", err.text);
}

static void assert_is_disk(const struct fb_device *d, size_t i, const struct disk *disk)
{
	assert_int_equal(d->medium, FB_MEDIUM_DISK);
	assert_true(i < d->n_disks);
	assert_string_equal(d->disks[i].name, disk->name);
	assert_string_equal(d->disks[i].backing_file, disk->image);
}

static void shared_memory_is_memory(void **state)
{
	struct fb_device d;

	(void)state;
	resolve("/dev/shm", &d);
	assert_string_equal(d.fs, "tmpfs");
	assert_string_equal(d.mount_point, "/dev/shm");
	assert_int_equal(d.medium, FB_MEDIUM_MEMORY);
	assert_int_equal(d.n_disks, 0);
	assert_int_equal(fb_device_cache(&d), FB_MAYBE);
}

static void proc_has_an_unknown_medium(void **state)
{
	struct fb_device d;

	(void)state;
	resolve("/proc/self", &d);
	assert_string_equal(d.fs, "proc");
	assert_int_equal(d.medium, FB_MEDIUM_UNKNOWN);
}

static void a_missing_path_is_an_error_and_leaves_the_output(void **state)
{
	struct fb_device d = {.n_disks = 3};
	struct fb_err err;

	(void)state;
	assert_int_equal(fb_device_resolve("/no/such/place", &d, &err), -ENOENT);
	assert_non_null(strstr(err.text, "/no/such/place"));
	assert_int_equal(d.n_disks, 3);
	assert_int_equal(fb_device_resolve("/no/such/place", &d, NULL), -ENOENT);
}

static void ext4_on_a_loop_device_is_its_disk(void **state)
{
	struct fb_device d;

	(void)state;
	need_disks();
	attach(&lab.a, "a", 32);
	mount_ext4(lab.a.dev, NULL);
	resolve(lab.mnt, &d);
	assert_string_equal(d.fs, "ext4");
	assert_string_equal(d.mount_point, lab.mnt);
	assert_string_equal(d.source, lab.a.dev);
	assert_int_equal(d.n_disks, 1);
	assert_is_disk(&d, 0, &lab.a);
	assert_int_equal(d.disks[0].write_cache, FB_YES);
	assert_int_equal(d.disks[0].fua, FB_NO);
	assert_int_equal(d.barriers, FB_YES);
	assert_int_equal(fb_device_cache(&d), FB_YES);
	assert_false(d.overlay || d.raw || d.syncs_dropped);
	disk_queue_set(&lab.a, "write_cache", "write through");
	resolve(lab.mnt, &d);
	assert_int_equal(fb_device_cache(&d), FB_NO);
}

static void nobarrier_means_no_barriers(void **state)
{
	struct fb_device d;

	(void)state;
	need_disks();
	attach(&lab.a, "a", 32);
	mount_ext4(lab.a.dev, "nobarrier");
	resolve(lab.mnt, &d);
	assert_int_equal(d.barriers, FB_NO);
	assert_false(d.syncs_dropped);
}

static void a_partition_resolves_to_the_whole_disk(void **state)
{
	char part[48];
	struct fb_device d;

	(void)state;
	need_disks();
	attach(&lab.a, "a", 32);
	partition(BLKPG_ADD_PARTITION);
	snprintf(part, sizeof(part), "%sp1", lab.a.dev);
	if (!lab.partitioned || access(part, F_OK)) {
		fprintf(stderr, "no partitions on loop devices here\n");
		skip();
	}
	resolve(part, &d);
	assert_true(d.raw);
	assert_is_disk(&d, 0, &lab.a);
	mount_ext4(part, NULL);
	resolve(lab.mnt, &d);
	assert_int_equal(d.n_disks, 1);
	assert_is_disk(&d, 0, &lab.a);
}

static void btrfs_lists_all_its_devices(void **state)
{
	struct fb_device d;

	(void)state;
	need_disks();
	attach(&lab.a, "a", 128);
	attach(&lab.b, "b", 128);
	const char *const mkfs[] = {"mkfs.btrfs", "-q",      "-f",      "-d",
				    "single",     lab.a.dev, lab.b.dev, NULL};
	const char *const scan[] = {"btrfs", "device", "scan", lab.a.dev, NULL};
	const char *const scan2[] = {"btrfs", "device", "scan", lab.b.dev, NULL};

	if (disk_run(mkfs) || disk_run(scan) || disk_run(scan2)) {
		fprintf(stderr, "no btrfs-progs\n");
		skip();
	}
	mount_on(lab.mnt, lab.a.dev, "btrfs", NULL);
	resolve(lab.mnt, &d);
	assert_string_equal(d.fs, "btrfs");
	assert_int_equal(d.n_disks, 2);
	bool in_order = d.disks[0].dev_minor < d.disks[1].dev_minor;
	bool a_first = !strcmp(d.disks[0].name, lab.a.name);

	assert_true(in_order);
	assert_is_disk(&d, 0, a_first ? &lab.a : &lab.b);
	assert_is_disk(&d, 1, a_first ? &lab.b : &lab.a);
}

static void an_overlay_is_on_its_upper_folders_disk(void **state)
{
	struct fb_device d;

	(void)state;
	need_disks();
	attach(&lab.a, "a", 32);
	mount_ext4(lab.a.dev, NULL);
	mount_overlay("");
	resolve(lab.top, &d);
	assert_string_equal(d.fs, "overlay");
	assert_string_equal(d.mount_point, lab.top);
	assert_true(d.overlay);
	assert_false(d.syncs_dropped);
	assert_int_equal(d.barriers, FB_YES);
	assert_int_equal(d.n_disks, 1);
	assert_is_disk(&d, 0, &lab.a);
}

static void a_volatile_overlay_drops_syncs(void **state)
{
	struct fb_device d;

	(void)state;
	need_disks();
	attach(&lab.a, "a", 32);
	mount_ext4(lab.a.dev, NULL);
	mount_overlay(",volatile");
	resolve(lab.top, &d);
	assert_true(d.syncs_dropped);
	assert_int_equal(d.barriers, FB_NO);
	assert_is_disk(&d, 0, &lab.a);
}

static void an_overlay_in_memory_is_memory(void **state)
{
	struct fb_device d;

	(void)state;
	need_disks();
	mount_on(lab.mnt, "none", "tmpfs", NULL);
	mount_overlay("");
	resolve(lab.top, &d);
	assert_true(d.overlay);
	assert_int_equal(d.medium, FB_MEDIUM_MEMORY);
}

static void an_overlay_whose_upper_folder_is_hidden_is_unknown(void **state)
{
	struct fb_device d;

	(void)state;
	need_disks();
	attach(&lab.a, "a", 32);
	mount_ext4(lab.a.dev, NULL);
	mount_overlay("");
	umount2(lab.mnt, MNT_DETACH);
	resolve(lab.top, &d);
	assert_true(d.overlay);
	assert_int_equal(d.medium, FB_MEDIUM_UNKNOWN);
	assert_int_equal(d.n_disks, 0);
}

static void resolve_fuse(const char *type, struct fb_device *d)
{
	struct fuse_root root;
	int ret;

	need_disks();
	if (access("/dev/fuse", R_OK | W_OK)) {
		fprintf(stderr, "/dev/fuse: %s\n", strerror(errno));
		skip();
	}
	assert_int_equal(fuse_root_mount(&root, lab.mnt, type, "far:/away"), 0);
	ret = fb_device_resolve(lab.mnt, d, NULL);
	fuse_root_unmount(&root);
	assert_int_equal(ret, 0);
	assert_string_equal(d->fs, type);
	assert_string_equal(d->source, "far:/away");
	assert_int_equal(d->n_disks, 0);
	assert_int_equal(d->barriers, FB_MAYBE);
}

static void a_network_file_system_is_network(void **state)
{
	struct fb_device d;

	(void)state;
	resolve_fuse("fuse.sshfs", &d);
	assert_int_equal(d.medium, FB_MEDIUM_NETWORK);
}

static void any_other_fuse_is_unknown(void **state)
{
	struct fb_device d;

	(void)state;
	resolve_fuse("fuse.something", &d);
	assert_int_equal(d.medium, FB_MEDIUM_UNKNOWN);
}

static void a_block_device_is_raw(void **state)
{
	struct fb_device d;

	(void)state;
	need_disks();
	attach(&lab.a, "a", 1);
	resolve(lab.a.dev, &d);
	assert_true(d.raw);
	assert_string_equal(d.fs, "");
	assert_string_equal(d.source, lab.a.dev);
	assert_int_equal(d.n_disks, 1);
	assert_is_disk(&d, 0, &lab.a);
	assert_int_equal(d.barriers, FB_YES);
}

static void a_character_device_leads_to_no_disk(void **state)
{
	struct fb_device d;

	(void)state;
	resolve("/dev/null", &d);
	assert_true(d.raw);
	assert_false(d.dax);
	assert_string_equal(d.nv.region, "");
	assert_int_equal(d.medium, FB_MEDIUM_UNKNOWN);
	assert_int_equal(d.n_disks, 0);
}

static void the_cache_is_as_unsure_as_its_least_known_disk(void **state)
{
	struct fb_device d = {.n_disks = 2};

	(void)state;
	d.disks[0].write_cache = d.disks[1].write_cache = FB_NO;
	assert_int_equal(fb_device_cache(&d), FB_NO);
	d.disks[0].write_cache = FB_MAYBE;
	assert_int_equal(fb_device_cache(&d), FB_MAYBE);
	d.disks[1].write_cache = FB_YES;
	assert_int_equal(fb_device_cache(&d), FB_YES);
	d.n_disks = 0;
	assert_int_equal(fb_device_cache(&d), FB_MAYBE);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(shared_memory_is_memory),
		CASE(proc_has_an_unknown_medium),
		CASE(a_missing_path_is_an_error_and_leaves_the_output),
		CASE(ext4_on_a_loop_device_is_its_disk),
		CASE(nobarrier_means_no_barriers),
		CASE(a_partition_resolves_to_the_whole_disk),
		CASE(btrfs_lists_all_its_devices),
		CASE(an_overlay_is_on_its_upper_folders_disk),
		CASE(a_volatile_overlay_drops_syncs),
		CASE(an_overlay_in_memory_is_memory),
		CASE(an_overlay_whose_upper_folder_is_hidden_is_unknown),
		CASE(a_network_file_system_is_network),
		CASE(any_other_fuse_is_unknown),
		CASE(a_block_device_is_raw),
		CASE(a_character_device_leads_to_no_disk),
		CASE(the_cache_is_as_unsure_as_its_least_known_disk),
	};

	if (!geteuid() && own_mounts())
		fprintf(stderr, "no private mount namespace\n");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
