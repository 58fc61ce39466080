#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "device/btrfs_chunks.h"
#include "support/extent_lab.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MIB = 1 << 20, MINE = 7, BLOCKS = 1000, SECTORS = LAB_BLOCK / LAB_SECTOR };

static struct extent_lab lab;
static struct fb_extents found;
static int fd;

static int enter(void **state)
{
	(void)state;
	fd = -1;
	memset(&found, 0, sizeof(found));
	return extent_lab_enter(&lab);
}

static int leave(void **state)
{
	(void)state;
	if (fd >= 0)
		close(fd);
	fb_extents_free(&found);
	extent_lab_leave(&lab);
	return 0;
}

/* --data and --metadata as mkfs.btrfs calls them. */
static void make(size_t disks, const char *data, const char *metadata)
{
	const char *const mkfs[] = {"mkfs.btrfs", "-q", "-f",     "-K", "-d",
				    data,         "-m", metadata, NULL};

	extent_lab_disks(&lab, disks, 512);
	extent_lab_make(&lab, mkfs, "btrfs", NULL);
}

static void write_all(unsigned version)
{
	extent_lab_write(fd, MINE, version, (const uint64_t[]){0, BLOCKS});
	assert_int_equal(fsync(fd), 0);
}

static void find(void)
{
	struct fb_err err;

	if (fb_extents_add_file(&found, fd, &err))
		fail_msg("%s", err.text);
	fb_extents_join(&found);
}

/* What btrfs itself calls its address. */
static uint64_t logical_address(void)
{
	union {
		struct fiemap map;
		char room[sizeof(struct fiemap) + sizeof(struct fiemap_extent)];
	} m;

	memset(&m, 0, sizeof(m));
	m.map.fm_length = FIEMAP_MAX_OFFSET;
	m.map.fm_extent_count = 1;
	assert_int_equal(ioctl(fd, FS_IOC_FIEMAP, &m.map), 0);
	assert_int_equal(m.map.fm_mapped_extents, 1);
	return m.map.fm_extents[0].fe_physical;
}

static uint64_t first_data_chunk_end(void)
{
	struct fb_btrfs b;
	uint64_t end = 0;

	assert_int_equal(fb_btrfs_read(&b, fd), 0);
	for (size_t i = 0; !end && i < b.n_chunks; i++)
		if (b.chunks[i].data)
			end = b.chunks[i].logical + b.chunks[i].length;
	fb_btrfs_free(&b);
	return end;
}

/* One file after the other, until one lies in another chunk than the first. */
static void open_outside_first_chunk(void)
{
	char name[16];

	for (unsigned i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "mine%u", i);
		fd = extent_lab_open(&lab, name, FS_NOCOW_FL);
		assert_int_equal(fallocate(fd, 0, 0, BLOCKS * LAB_BLOCK), 0);
		assert_int_equal(fsync(fd), 0);
		if (logical_address() >= first_data_chunk_end())
			return;
		close(fd);
		fd = -1;
	}
	fail_msg("all in the first chunk");
}

static void find_in_place(size_t disks, const char *data, unsigned copies)
{
	make(disks, data, disks > 1 ? "raid1" : "dup");
	open_outside_first_chunk();
	find();
	write_all(1);
	extent_lab_expect(&lab, &found, MINE, BLOCKS, copies);
}

static void a_file_outside_the_first_chunk_lies_where_the_device_has_it(void **state)
{
	uint64_t logical;

	(void)state;
	find_in_place(1, "single", 1);
	logical = logical_address();
	assert_false(fb_extents_hold(&found, found.list[0].dev_major,
				     found.list[0].dev_minor, logical / LAB_SECTOR));
}

static void both_copies_of_dup_are_found(void **state)
{
	(void)state;
	find_in_place(1, "dup", 2);
}

static void both_copies_of_raid1_are_found(void **state)
{
	(void)state;
	find_in_place(2, "raid1", 2);
}

static void three_copies_of_raid1c3_are_found(void **state)
{
	(void)state;
	find_in_place(3, "raid1c3", 3);
}

static void the_stripes_of_raid0_are_found(void **state)
{
	(void)state;
	find_in_place(3, "raid0", 1);
}

static void the_copies_of_the_stripes_of_raid10_are_found(void **state)
{
	(void)state;
	find_in_place(4, "raid10", 2);
}

static void a_partition_begins_further_in(void **state)
{
	const char *const mkfs[] = {"mkfs.btrfs", "-q", "-f", "-K", NULL};

	(void)state;
	extent_lab_disks(&lab, 1, 260);
	extent_lab_part(&lab, 2056, 256);
	extent_lab_make(&lab, mkfs, "btrfs", NULL);
	fd = extent_lab_open(&lab, "mine", FS_NOCOW_FL);
	write_all(1);
	find();
	extent_lab_expect(&lab, &found, MINE, BLOCKS, 1);
}

static void raid5_has_no_place_for_a_file_written_in_place(void **state)
{
	(void)state;
	make(3, "raid5", "raid1");
	fd = extent_lab_open(&lab, "mine", FS_NOCOW_FL);
	write_all(1);
	find();
	assert_int_equal(found.n, 0);
	assert_string_equal(found.unknown, "btrfs: raid5 chunks");
}

/* What the file system says all its data chunks hold, without parity and copies. */
static uint64_t data_space(void)
{
	enum { ROOM = 16 };
	union {
		struct btrfs_ioctl_space_args args;
		char room[sizeof(struct btrfs_ioctl_space_args) +
			  ROOM * sizeof(struct btrfs_ioctl_space_info)];
	} s;
	uint64_t sum = 0;

	memset(&s, 0, sizeof(s));
	s.args.space_slots = ROOM;
	assert_int_equal(ioctl(fd, BTRFS_IOC_SPACE_INFO, &s.args), 0);
	for (uint64_t i = 0; i < s.args.total_spaces; i++)
		if (s.args.spaces[i].flags & BTRFS_BLOCK_GROUP_DATA)
			sum += s.args.spaces[i].total_bytes;
	return sum;
}

/* @scale: device bytes for two bytes of data. */
static void find_copied(size_t disks, const char *data, unsigned scale)
{
	const unsigned before[] = {MINE, 1}, after[] = {MINE, 2};
	struct extent_seen old, new;

	make(disks, data, disks > 1 ? "raid1" : "dup");
	fd = extent_lab_open(&lab, "mine", 0);
	write_all(1);
	find();
	write_all(2);
	assert_string_equal(found.unknown, "");
	assert_int_equal(extent_lab_sectors(&found) * LAB_SECTOR * 2,
			 data_space() * scale);
	old = extent_lab_look(&lab, &found, before, BLOCKS);
	new = extent_lab_look(&lab, &found, after, BLOCKS);
	assert_int_equal(old.outside + new.outside, 0);
	assert_true(new.min >= 1);
	assert_true(old.min >= 1);
	/* The superblocks, so metadata, lie elsewhere. */
	for (size_t i = 0; i < found.n; i++)
		assert_false(fb_extents_hold(&found, found.list[i].dev_major,
					     found.list[i].dev_minor,
					     (64 << 10) / LAB_SECTOR));
}

static void a_copied_files_next_blocks_lie_in_the_data_chunks(void **state)
{
	(void)state;
	find_copied(1, "single", 2);
}

static void data_chunks_of_raid10_are_there_with_their_copies(void **state)
{
	(void)state;
	find_copied(4, "raid10", 4);
}

static void data_chunks_of_raid5_are_there_with_their_parity(void **state)
{
	(void)state;
	find_copied(3, "raid5", 3);
}

static void mixed_chunks_are_data_chunks(void **state)
{
	const char *const mkfs[] = {"mkfs.btrfs", "-q", "-f", "-K", "--mixed", NULL};

	(void)state;
	extent_lab_disks(&lab, 1, 128);
	extent_lab_make(&lab, mkfs, "btrfs", NULL);
	fd = extent_lab_open(&lab, "mine", 0);
	write_all(1);
	find();
	assert_string_equal(found.unknown, "");
	assert_int_equal(
		extent_lab_look(&lab, &found, (const unsigned[]){MINE, 1}, BLOCKS)
			.inside,
		BLOCKS * SECTORS);
}

static void without_root_it_says_why(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	make(1, "single", "dup");
	fd = extent_lab_open(&lab, "mine", FS_NOCOW_FL);
	write_all(1);
	pid = fork();
	if (!pid) {
		int ret = setresuid(65534, 65534, 65534) ||
			  fb_extents_add_file(&found, fd, NULL) || found.n ||
			  !strstr(found.unknown, "needs root");

		_exit(ret);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_file_outside_the_first_chunk_lies_where_the_device_has_it),
		CASE(both_copies_of_dup_are_found),
		CASE(both_copies_of_raid1_are_found),
		CASE(three_copies_of_raid1c3_are_found),
		CASE(the_stripes_of_raid0_are_found),
		CASE(the_copies_of_the_stripes_of_raid10_are_found),
		CASE(a_partition_begins_further_in),
		CASE(raid5_has_no_place_for_a_file_written_in_place),
		CASE(a_copied_files_next_blocks_lie_in_the_data_chunks),
		CASE(data_chunks_of_raid10_are_there_with_their_copies),
		CASE(data_chunks_of_raid5_are_there_with_their_parity),
		CASE(mixed_chunks_are_data_chunks),
		CASE(without_root_it_says_why),
	};

	if (!geteuid() && own_mounts())
		fprintf(stderr, "no private mount namespace\n");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
