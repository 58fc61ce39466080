#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/extent_lab.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MIB = 1 << 20, MINE = 7, OTHER = 8, SECTORS = LAB_BLOCK / LAB_SECTOR };

#define BLOCKS(from, to) ((const uint64_t[]){from, to})

static const char *const ext4[] = {
	"mkfs.ext4", "-q", "-F", "-b", "4096", "-E", "nodiscard,lazy_itable_init=0",
	NULL};
static const char *const xfs[] = {"mkfs.xfs", "-q", "-f", "-K", NULL};

static struct extent_lab lab;
static struct fb_extents found;
static int fds[2];
static char top[2 * TMPDIR_LEN];

static int enter(void **state)
{
	(void)state;
	fds[0] = fds[1] = -1;
	*top = '\0';
	memset(&found, 0, sizeof(found));
	return extent_lab_enter(&lab);
}

static int leave(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	if (*top)
		umount2(top, MNT_DETACH);
	fb_extents_free(&found);
	extent_lab_leave(&lab);
	return 0;
}

/* Without allocsize xfs gives a growing file blocks past its end as well. */
static void make_fs(const char *const *mkfs)
{
	const char *type = mkfs[0] + strlen("mkfs.");

	extent_lab_make(&lab, mkfs, type, strcmp(type, "xfs") ? NULL : "allocsize=4k");
}

static void make(const char *const *mkfs, unsigned mib)
{
	extent_lab_disks(&lab, 1, mib);
	make_fs(mkfs);
}

static void write_all(int fd, unsigned id, uint64_t blocks)
{
	extent_lab_write(fd, id, 1, BLOCKS(0, blocks));
	assert_int_equal(fsync(fd), 0);
}

static void find(int fd)
{
	struct fb_err err;

	if (fb_extents_add_file(&found, fd, &err))
		fail_msg("%s", err.text);
	fb_extents_join(&found);
}

static void find_folder(const char *dir)
{
	struct fb_err err;

	if (fb_extents_add_folder(&found, dir, &err))
		fail_msg("%s", err.text);
	fb_extents_join(&found);
}

static void find_by_device(const char *const *mkfs, unsigned mib)
{
	make(mkfs, mib);
	fds[0] = extent_lab_open(&lab, "mine", 0);
	fds[1] = extent_lab_open(&lab, "other", 0);
	write_all(fds[0], MINE, 1000);
	write_all(fds[1], OTHER, 1000);
	find(fds[0]);
	extent_lab_expect(&lab, &found, MINE, 1000, 1);
}

static void a_file_on_ext4_lies_where_the_device_has_it(void **state)
{
	(void)state;
	find_by_device(ext4, 64);
}

static void a_file_on_xfs_lies_where_the_device_has_it(void **state)
{
	(void)state;
	find_by_device(xfs, 320);
}

/* Twice as many pieces as one FIEMAP call is asked for, with the other file between. */
static void find_fragments(const char *const *mkfs, unsigned mib)
{
	enum { BLOCKS_ALL = 600 };

	make(mkfs, mib);
	fds[0] = extent_lab_open(&lab, "mine", 0);
	fds[1] = extent_lab_open(&lab, "other", 0);
	for (uint64_t b = 0; b < BLOCKS_ALL; b++) {
		const uint64_t back = BLOCKS_ALL - 1 - b;

		for (unsigned i = 0; i < 2; i++) {
			extent_lab_write(fds[i], MINE + i, 1, BLOCKS(back, back + 1));
			assert_int_equal(fdatasync(fds[i]), 0);
		}
	}
	assert_int_equal(fsync(fds[0]), 0);
	find(fds[0]);
	print_message("%zu pieces\n", found.n);
	assert_true(found.n > 1);
	extent_lab_expect(&lab, &found, MINE, BLOCKS_ALL, 1);
}

static void a_fragmented_file_is_found_whole_on_ext4(void **state)
{
	(void)state;
	find_fragments(ext4, 64);
}

static void a_fragmented_file_is_found_whole_on_xfs(void **state)
{
	(void)state;
	find_fragments(xfs, 320);
}

static void find_on_partition(const char *const *mkfs, uint64_t start, unsigned mib)
{
	extent_lab_disks(&lab, 1, mib + 4);
	extent_lab_part(&lab, start, mib);
	make_fs(mkfs);
	fds[0] = extent_lab_open(&lab, "mine", 0);
	write_all(fds[0], MINE, 500);
	find(fds[0]);
	extent_lab_expect(&lab, &found, MINE, 500, 1);
	fb_extents_free(&found);
	assert_int_equal(fb_extents_add_device(&found, lab.partition, NULL), 0);
	assert_int_equal(found.n, 1);
	assert_int_equal(found.list[0].begin, start);
	assert_int_equal(found.list[0].end, start + (uint64_t)mib * MIB / LAB_SECTOR);
}

static void a_partition_begins_further_in_on_ext4(void **state)
{
	(void)state;
	find_on_partition(ext4, 2048, 32);
}

static void a_partition_begins_further_in_on_xfs(void **state)
{
	(void)state;
	find_on_partition(xfs, 2056, 320);
}

static void a_hole_has_no_place(void **state)
{
	struct extent_seen seen;

	(void)state;
	make(ext4, 64);
	fds[0] = extent_lab_open(&lab, "mine", 0);
	extent_lab_write(fds[0], MINE, 1, BLOCKS(0, 10));
	extent_lab_write(fds[0], MINE, 1, BLOCKS(5000, 5010));
	assert_int_equal(fsync(fds[0]), 0);
	find(fds[0]);
	seen = extent_lab_look(&lab, &found, (const unsigned[]){MINE, 1}, 5010);
	assert_int_equal(seen.inside, 20 * SECTORS);
	assert_int_equal(seen.outside + seen.strange, 0);
	assert_int_equal(extent_lab_sectors(&found), 20 * SECTORS);
}

/* Found before anything is written there. */
static void find_unwritten(const char *const *mkfs, unsigned mib)
{
	make(mkfs, mib);
	fds[0] = extent_lab_open(&lab, "mine", 0);
	assert_int_equal(fallocate(fds[0], 0, 0, 800 * LAB_BLOCK), 0);
	assert_int_equal(fsync(fds[0]), 0);
	find(fds[0]);
	assert_int_equal(extent_lab_sectors(&found), 800 * SECTORS);
	write_all(fds[0], MINE, 800);
	extent_lab_expect(&lab, &found, MINE, 800, 1);
}

static void unwritten_blocks_have_their_place_already_on_ext4(void **state)
{
	(void)state;
	find_unwritten(ext4, 64);
}

static void unwritten_blocks_have_their_place_already_on_xfs(void **state)
{
	(void)state;
	find_unwritten(xfs, 320);
}

static void what_is_not_written_back_has_no_place_yet(void **state)
{
	(void)state;
	make(ext4, 64);
	fds[0] = extent_lab_open(&lab, "mine", 0);
	extent_lab_write(fds[0], MINE, 1, BLOCKS(0, 50));
	find(fds[0]);
	assert_int_equal(found.n, 0);
	assert_string_equal(found.unknown, "");
	assert_int_equal(fsync(fds[0]), 0);
	find(fds[0]);
	extent_lab_expect(&lab, &found, MINE, 50, 1);
}

static void what_is_inline_is_metadata(void **state)
{
	const char *const mkfs[] = {"mkfs.ext4", "-q", "-F", "-O", "inline_data", NULL};

	(void)state;
	make(mkfs, 64);
	fds[0] = extent_lab_open(&lab, "mine", 0);
	assert_int_equal(write(fds[0], "a few bytes", 11), 11);
	assert_int_equal(fsync(fds[0]), 0);
	find(fds[0]);
	assert_int_equal(found.n, 0);
	assert_string_equal(found.unknown, "");
}

static void make_folder(char path[2 * TMPDIR_LEN], const char *name)
{
	tmpdir_join(path, 2 * TMPDIR_LEN, lab.mnt, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

static void a_folder_is_all_files_in_it_and_below(void **state)
{
	char path[2 * TMPDIR_LEN], handle[32];
	int dir;

	(void)state;
	make(ext4, 64);
	make_folder(path, "work");
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	make_folder(path, "work/deep");
	make_folder(path, "work/deep/deeper");
	fds[0] = extent_lab_open(&lab, "work/deep/deeper/mine", 0);
	write_all(fds[0], MINE, 100);
	fds[1] = extent_lab_open(&lab, "other", 0);
	write_all(fds[1], OTHER, 100);
	tmpdir_join(path, sizeof(path), lab.mnt, "work/link");
	assert_int_equal(symlink("../other", path), 0);
	tmpdir_join(path, sizeof(path), lab.mnt, "work/folder");
	assert_int_equal(symlink("..", path), 0);
	snprintf(handle, sizeof(handle), "/proc/self/fd/%d", dir);
	find_folder(handle);
	close(dir);
	extent_lab_expect(&lab, &found, MINE, 100, 1);
}

static void another_file_system_in_the_folder_is_not_entered(void **state)
{
	char path[2 * TMPDIR_LEN];
	int fd;

	(void)state;
	make(ext4, 64);
	make_folder(path, "tmp");
	assert_int_equal(mount("none", path, "tmpfs", 0, NULL), 0);
	snprintf(top, sizeof(top), "%s/tmp", lab.mnt);
	fd = extent_lab_open(&lab, "tmp/file", 0);
	write_all(fd, OTHER, 10);
	close(fd);
	fds[0] = extent_lab_open(&lab, "mine", 0);
	write_all(fds[0], MINE, 10);
	find_folder(lab.mnt);
	extent_lab_expect(&lab, &found, MINE, 10, 1);
}

static void mount_overlay(void)
{
	char options[6 * TMPDIR_LEN], path[2 * TMPDIR_LEN];

	make_folder(path, "l");
	make_folder(path, "u");
	make_folder(path, "w");
	snprintf(options, sizeof(options), "lowerdir=%s/l,upperdir=%s/u,workdir=%s/w",
		 lab.mnt, lab.mnt, lab.mnt);
	snprintf(path, sizeof(path), "%s/top", lab.folder);
	assert_int_equal(mkdir(path, 0700), 0);
	if (mount("overlay", path, "overlay", 0, options)) {
		fprintf(stderr, "overlay: %s\n", strerror(errno));
		skip();
	}
	snprintf(top, sizeof(top), "%s", path);
}

static void a_file_on_an_overlay_lies_in_its_upper_folder(void **state)
{
	char path[2 * TMPDIR_LEN];

	(void)state;
	extent_lab_disks(&lab, 1, 68);
	extent_lab_part(&lab, 2048, 64);
	make_fs(ext4);
	mount_overlay();
	tmpdir_join(path, sizeof(path), top, "mine");
	fds[0] = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	write_all(fds[0], MINE, 100);
	find_folder(top);
	extent_lab_expect(&lab, &found, MINE, 100, 1);
}

static void an_overlay_whose_upper_folder_is_hidden_cannot_be_placed(void **state)
{
	char path[2 * TMPDIR_LEN];

	(void)state;
	make(ext4, 64);
	mount_overlay();
	tmpdir_join(path, sizeof(path), top, "mine");
	fds[0] = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	write_all(fds[0], MINE, 10);
	assert_int_equal(umount2(lab.mnt, MNT_DETACH), 0);
	find(fds[0]);
	assert_int_equal(found.n, 0);
	assert_non_null(strstr(found.unknown, "upper folder"));
}

static void memory_has_no_places(void **state)
{
	(void)state;
	if (!disk_can_run())
		skip();
	assert_int_equal(mount("none", lab.mnt, "tmpfs", 0, NULL), 0);
	lab.mounted = true;
	fds[0] = extent_lab_open(&lab, "mine", 0);
	find_folder(lab.mnt);
	assert_int_equal(found.n, 0);
	assert_non_null(strstr(found.unknown, "tmpfs"));
}

static void an_empty_folder_leaves_nothing_unknown(void **state)
{
	(void)state;
	find_folder(lab.mnt);
	assert_int_equal(found.n, 0);
	assert_string_equal(found.unknown, "");
}

static void a_device_is_there_whole(void **state)
{
	(void)state;
	extent_lab_disks(&lab, 1, 3);
	assert_int_equal(fb_extents_add_device(&found, lab.disk[0].dev, NULL), 0);
	assert_int_equal(found.n, 1);
	assert_int_equal(found.list[0].begin, 0);
	assert_int_equal(found.list[0].end, 3 * MIB / LAB_SECTOR);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_file_on_ext4_lies_where_the_device_has_it),
		CASE(a_file_on_xfs_lies_where_the_device_has_it),
		CASE(a_fragmented_file_is_found_whole_on_ext4),
		CASE(a_fragmented_file_is_found_whole_on_xfs),
		CASE(a_partition_begins_further_in_on_ext4),
		CASE(a_partition_begins_further_in_on_xfs),
		CASE(a_hole_has_no_place),
		CASE(unwritten_blocks_have_their_place_already_on_ext4),
		CASE(unwritten_blocks_have_their_place_already_on_xfs),
		CASE(what_is_not_written_back_has_no_place_yet),
		CASE(what_is_inline_is_metadata),
		CASE(a_folder_is_all_files_in_it_and_below),
		CASE(another_file_system_in_the_folder_is_not_entered),
		CASE(a_file_on_an_overlay_lies_in_its_upper_folder),
		CASE(an_overlay_whose_upper_folder_is_hidden_cannot_be_placed),
		CASE(memory_has_no_places),
		CASE(an_empty_folder_leaves_nothing_unknown),
		CASE(a_device_is_there_whole),
	};

	if (!geteuid() && own_mounts())
		fprintf(stderr, "no private mount namespace\n");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
