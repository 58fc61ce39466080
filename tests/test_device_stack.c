#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "device/disk.h"
#include "support/tmpdir.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_ROOM = 2 * TMPDIR_LEN };

/* A /sys that is made up lies in it. */
static char folder[TMPDIR_LEN];
static struct fb_device d;

static int enter(void **state)
{
	(void)state;
	memset(&d, 0, sizeof(d));
	return tmpdir_make(folder);
}

static int leave(void **state)
{
	(void)state;
	tmpdir_remove(folder);
	return 0;
}

static void assert_disk(const struct fb_disk *disk, const char *name, const char *above)
{
	assert_string_equal(disk->name, name);
	assert_string_equal(disk->above, above);
}

static void put(const char *file, const char *text)
{
	char path[PATH_ROOM];
	FILE *f;

	snprintf(path, sizeof(path), "%s/sys/%s", folder, file);
	for (char *at = path + strlen(folder) + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		if (mkdir(path, 0700))
			assert_int_equal(errno, EEXIST);
		*at = '/';
	}
	f = fopen(path, "we");
	assert_non_null(f);
	fprintf(f, "%s\n", text);
	fclose(f);
}

static void point(const char *link, const char *to)
{
	char path[PATH_ROOM], target[PATH_ROOM];

	snprintf(path, sizeof(path), "%s/sys/%s", folder, link);
	snprintf(target, sizeof(target), "%s/sys/devices/%s", folder, to);
	assert_int_equal(symlink(target, path), 0);
}

/* /sys/devices/@name with its number, and an entry in /sys/dev/block. */
static void made_up_disk(const char *name, const char *number)
{
	char path[128];

	snprintf(path, sizeof(path), "devices/%s/slaves/.keep", name);
	put(path, "");
	snprintf(path, sizeof(path), "devices/%s/dev", name);
	put(path, number);
	put("dev/block/.keep", "");
	snprintf(path, sizeof(path), "dev/block/%s", number);
	point(path, name);
}

static void made_up_part(const char *disk, const char *name, const char *start)
{
	char path[128];

	snprintf(path, sizeof(path), "devices/%s/%s/partition", disk, name);
	put(path, "1");
	snprintf(path, sizeof(path), "devices/%s/%s/start", disk, name);
	put(path, start);
}

static void stands_on(const char *upper, const char *lower)
{
	char path[128];

	snprintf(path, sizeof(path), "devices/%s/slaves/%s", upper,
		 strrchr(lower, '/') ? strrchr(lower, '/') + 1 : lower);
	point(path, lower);
}

static void own_disk(const char *name, const char *number)
{
	char entry[PATH_ROOM];

	snprintf(entry, sizeof(entry), "%s/sys/dev/block/%s", folder, number);
	assert_int_equal(fb_disk_at(entry, &d.disks[d.n_disks], NULL), 0);
	assert_string_equal(d.disks[d.n_disks++].name, name);
}

static const struct fb_disk *below_named(const char *name)
{
	for (size_t i = 0; i < d.n_below; i++)
		if (!strcmp(d.below[i].name, name))
			return &d.below[i];
	fail_msg("%s is not below", name);
	return NULL;
}

static void below_device_mapper_and_md_are_their_members_disks(void **state)
{
	(void)state;
	made_up_disk("dm-0", "253:0");
	made_up_disk("md0", "9:0");
	made_up_disk("sda", "8:0");
	made_up_disk("sdb", "8:16");
	made_up_part("sda", "sda1", "2048");
	stands_on("dm-0", "md0");
	stands_on("md0", "sda/sda1");
	stands_on("md0", "sdb");
	own_disk("dm-0", "253:0");
	fb_device_add_below(&d, folder);
	assert_int_equal(d.n_below, 3);
	assert_disk(&d.below[0], "md0", "dm-0");
	assert_disk(below_named("sda"), "sda", "md0");
	assert_disk(below_named("sdb"), "sdb", "md0");
	assert_int_equal(below_named("sdb")->dev_minor, 16);
	assert_false(d.below_memory);
}

static void no_disk_is_there_twice(void **state)
{
	(void)state;
	made_up_disk("dm-0", "253:0");
	made_up_disk("dm-1", "253:1");
	made_up_disk("sda", "8:0");
	made_up_part("sda", "sda1", "2048");
	made_up_part("sda", "sda2", "4096");
	stands_on("dm-0", "sda/sda1");
	stands_on("dm-0", "sda/sda2");
	stands_on("dm-1", "sda/sda2");
	stands_on("dm-1", "dm-0");
	own_disk("dm-0", "253:0");
	own_disk("dm-1", "253:1");
	fb_device_add_below(&d, folder);
	assert_int_equal(d.n_below, 1);
	assert_disk(&d.below[0], "sda", "dm-0");
}

static void a_circle_ends(void **state)
{
	(void)state;
	made_up_disk("dm-0", "253:0");
	made_up_disk("dm-1", "253:1");
	made_up_disk("dm-2", "253:2");
	stands_on("dm-0", "dm-1");
	stands_on("dm-1", "dm-2");
	stands_on("dm-2", "dm-1");
	stands_on("dm-2", "dm-0");
	own_disk("dm-0", "253:0");
	fb_device_add_below(&d, folder);
	assert_int_equal(d.n_below, 2);
}

static void too_many_members_are_cut(void **state)
{
	char name[16], number[16];

	(void)state;
	made_up_disk("md0", "9:0");
	for (unsigned i = 0; i < FB_DISKS_MAX + 3; i++) {
		snprintf(name, sizeof(name), "sd%c", 'a' + (int)i);
		snprintf(number, sizeof(number), "8:%u", 16 * i);
		made_up_disk(name, number);
		stands_on("md0", name);
	}
	own_disk("md0", "9:0");
	fb_device_add_below(&d, folder);
	assert_int_equal(d.n_below, FB_DISKS_MAX);
}

static void a_ram_disk_at_the_bottom_is_memory_below(void **state)
{
	(void)state;
	made_up_disk("dm-0", "253:0");
	made_up_disk("ram0", "1:0");
	stands_on("dm-0", "ram0");
	own_disk("dm-0", "253:0");
	fb_device_add_below(&d, folder);
	assert_true(d.below_memory);
	assert_disk(&d.below[0], "ram0", "dm-0");
}

static struct fb_disk made_up_at(const char *number, uint64_t *sector)
{
	char entry[PATH_ROOM];
	struct fb_disk disk;

	snprintf(entry, sizeof(entry), "%s/sys/dev/block/%s", folder, number);
	memset(&disk, 0xa5, sizeof(disk));
	assert_int_equal(fb_disk_at(entry, &disk, sector), 0);
	return disk;
}

static void a_scsi_disk_says_itself_what_its_cache_is(void **state)
{
	static const struct {
		const char *text;
		enum fb_tri cache;
	} said[] = {
		{"write back", FB_YES},       {"write back, no read (daft)", FB_YES},
		{"write through", FB_NO},     {"none", FB_NO},
		{"something else", FB_MAYBE},
	};

	(void)state;
	made_up_disk("sda", "8:0");
	put("devices/sda/queue/write_cache", "write through");
	for (size_t i = 0; i < sizeof(said) / sizeof(*said); i++) {
		put("devices/sda/device/scsi_disk/2:0:0:0/cache_type", said[i].text);
		assert_int_equal(made_up_at("8:0", NULL).own_cache, said[i].cache);
		assert_int_equal(made_up_at("8:0", NULL).write_cache, FB_NO);
	}
}

static void a_virtio_disk_says_itself_what_its_cache_is(void **state)
{
	(void)state;
	made_up_disk("vda", "254:0");
	put("devices/vda/cache_type", "write back");
	put("devices/vda/queue/write_cache", "write through");
	put("devices/vda/queue/scheduler", "none mq-deadline [kyber] bfq");
	put("devices/vda/mq/0/nr_tags", "64");
	assert_int_equal(made_up_at("254:0", NULL).own_cache, FB_YES);
	assert_int_equal(made_up_at("254:0", NULL).write_cache, FB_NO);
	assert_int_equal(made_up_at("254:0", NULL).queued, FB_YES);
	assert_int_equal(made_up_at("254:0", NULL).direct_io, FB_MAYBE);
	assert_string_equal(made_up_at("254:0", NULL).scheduler, "kyber");
}

static void a_disk_without_requests_has_no_scheduler(void **state)
{
	(void)state;
	made_up_disk("dm-0", "253:0");
	put("devices/dm-0/queue/scheduler", "none");
	assert_int_equal(made_up_at("253:0", NULL).queued, FB_NO);
	assert_string_equal(made_up_at("253:0", NULL).scheduler, "");
	assert_int_equal(made_up_at("253:0", NULL).own_cache, FB_MAYBE);
}

static void a_partition_is_so_far_into_its_disk(void **state)
{
	uint64_t sector = 1;
	char path[PATH_ROOM];

	(void)state;
	made_up_disk("sda", "8:0");
	made_up_part("sda", "sda1", "2048");
	point("dev/block/8:1", "sda/sda1");
	assert_string_equal(made_up_at("8:1", &sector).name, "sda");
	assert_int_equal(sector, 2048);
	made_up_at("8:0", &sector);
	assert_int_equal(sector, 0);
	snprintf(path, sizeof(path), "%s/sys/devices/sda/sda1/start", folder);
	assert_int_equal(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/sys/dev/block/8:1", folder);
	sector = 77;
	assert_int_equal(fb_disk_at(path, &d.disks[0], &sector), -ENODEV);
	assert_int_equal(sector, 77);
	assert_string_equal(d.disks[0].name, "");
}

static void a_number_of_no_block_device_is_refused(void **state)
{
	struct fb_disk disk = {.name = "as it was"};
	uint64_t sector = 5;

	(void)state;
	assert_int_equal(fb_disk_place(0, 4095, &disk, &sector), -ENODEV);
	assert_string_equal(disk.name, "as it was");
	assert_int_equal(sector, 5);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(below_device_mapper_and_md_are_their_members_disks),
		CASE(no_disk_is_there_twice),
		CASE(a_circle_ends),
		CASE(too_many_members_are_cut),
		CASE(a_ram_disk_at_the_bottom_is_memory_below),
		CASE(a_scsi_disk_says_itself_what_its_cache_is),
		CASE(a_virtio_disk_says_itself_what_its_cache_is),
		CASE(a_disk_without_requests_has_no_scheduler),
		CASE(a_partition_is_so_far_into_its_disk),
		CASE(a_number_of_no_block_device_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
