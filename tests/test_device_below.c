#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "device/disk.h"
#include "support/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MIB = 1 << 20, PATH_ROOM = 2 * TMPDIR_LEN };

/* What a test took: given back by leave(), whether it passed or not. */
static struct {
	char folder[TMPDIR_LEN];
	char mnt[TMPDIR_LEN + 8], top[TMPDIR_LEN + 8];
	struct disk a, b;
	bool mounted, top_mounted, covered;
	int zram;
} lab;

static struct fb_device d;

static int enter(void **state)
{
	(void)state;
	lab.zram = -1;
	memset(&d, 0, sizeof(d));
	if (tmpdir_make(lab.folder))
		return -1;
	snprintf(lab.mnt, sizeof(lab.mnt), "%s/mnt", lab.folder);
	snprintf(lab.top, sizeof(lab.top), "%s/top", lab.folder);
	return mkdir(lab.mnt, 0700) || mkdir(lab.top, 0700);
}

static void write_word(const char *path, const char *word)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, word, strlen(word)) < 0)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

static int leave(void **state)
{
	char text[16];

	(void)state;
	if (lab.covered)
		umount2(lab.folder, MNT_DETACH);
	if (lab.top_mounted)
		umount2(lab.top, MNT_DETACH);
	disk_detach(&lab.b);
	if (lab.mounted)
		umount2(lab.mnt, MNT_DETACH);
	disk_detach(&lab.a);
	if (lab.zram >= 0) {
		snprintf(text, sizeof(text), "%d", lab.zram);
		write_word("/sys/class/zram-control/hot_remove", text);
	}
	tmpdir_remove(lab.folder);
	memset(&lab, 0, sizeof(lab));
	return 0;
}

static void need_disks(void)
{
	if (!disk_can_run())
		skip();
}

static void attach(struct disk *disk, const char *folder, unsigned mib)
{
	assert_int_equal(disk_attach(disk, folder, disk == &lab.a ? "a" : "b",
				     (uint64_t)mib * MIB),
			 0);
}

static void mount_at(char *where, const char *source, const char *fs)
{
	const char *const mkfs[] = {"mkfs.ext4", "-q", "-F", source, NULL};

	if (!strcmp(fs, "ext4") && disk_run(mkfs)) {
		fprintf(stderr, "mkfs.ext4 cannot make a file system\n");
		skip();
	}
	assert_int_equal(mount(source, where, fs, 0, NULL), 0);
	if (where == lab.top)
		lab.top_mounted = true;
	else
		lab.mounted = true;
}

static void resolve(const char *path)
{
	struct fb_err err;

	memset(&d, 0xa5, sizeof(d));
	if (fb_device_resolve(path, &d, &err))
		fail_msg("%s", err.text);
}

static void assert_disk(const struct fb_disk *disk, const char *name, const char *above)
{
	assert_string_equal(disk->name, name);
	assert_string_equal(disk->above, above);
}

/* The disk of the folder that the tests' images lie in, by its number alone. */
static void need_disk_under_folder(char name[NAME_MAX + 1])
{
	char link[64], real[PATH_MAX], probe[PATH_MAX + 16];
	struct stat st;

	assert_int_equal(stat(lab.folder, &st), 0);
	snprintf(link, sizeof(link), "/sys/dev/block/%u:%u", major(st.st_dev),
		 minor(st.st_dev));
	if (!realpath(link, real)) {
		fprintf(stderr, "%s lies on no block device\n", lab.folder);
		skip();
	}
	snprintf(probe, sizeof(probe), "%s/partition", real);
	if (!access(probe, F_OK))
		*strrchr(real, '/') = '\0';
	snprintf(name, NAME_MAX + 1, "%s", strrchr(real, '/') + 1);
}

static void below_a_loop_device_is_the_disk_of_its_file(void **state)
{
	char name[NAME_MAX + 1];

	(void)state;
	need_disks();
	need_disk_under_folder(name);
	attach(&lab.a, lab.folder, 32);
	mount_at(lab.mnt, lab.a.dev, "ext4");
	resolve(lab.mnt);
	assert_int_equal(d.n_disks, 1);
	assert_disk(&d.disks[0], lab.a.name, "");
	assert_true(d.n_below >= 1);
	assert_disk(&d.below[0], name, lab.a.name);
	assert_false(d.below_memory);
	resolve(lab.folder);
	assert_disk(&d.disks[0], name, "");
}

static void below_two_loop_devices_are_one_and_the_disk(void **state)
{
	char name[NAME_MAX + 1];

	(void)state;
	need_disks();
	need_disk_under_folder(name);
	attach(&lab.a, lab.folder, 64);
	mount_at(lab.mnt, lab.a.dev, "ext4");
	attach(&lab.b, lab.mnt, 32);
	mount_at(lab.top, lab.b.dev, "ext4");
	resolve(lab.top);
	assert_int_equal(d.n_disks, 1);
	assert_disk(&d.disks[0], lab.b.name, "");
	assert_true(d.n_below >= 2);
	assert_disk(&d.below[0], lab.a.name, lab.b.name);
	assert_disk(&d.below[1], name, lab.a.name);
}

static void a_loop_device_on_tmpfs_is_memory_below(void **state)
{
	(void)state;
	need_disks();
	mount_at(lab.mnt, "none", "tmpfs");
	attach(&lab.a, lab.mnt, 32);
	mount_at(lab.top, lab.a.dev, "ext4");
	resolve(lab.top);
	assert_int_equal(d.medium, FB_MEDIUM_DISK);
	assert_int_equal(d.n_below, 0);
	assert_true(d.below_memory);
}

static void a_deleted_file_on_tmpfs_is_memory_below(void **state)
{
	(void)state;
	need_disks();
	mount_at(lab.mnt, "none", "tmpfs");
	attach(&lab.a, lab.mnt, 32);
	assert_int_equal(unlink(lab.a.image), 0);
	resolve(lab.a.dev);
	assert_true(d.below_memory);
}

static void a_deleted_file_still_lies_on_its_disk(void **state)
{
	char name[NAME_MAX + 1];

	(void)state;
	need_disks();
	need_disk_under_folder(name);
	attach(&lab.a, lab.folder, 32);
	assert_int_equal(unlink(lab.a.image), 0);
	resolve(lab.a.dev);
	assert_true(d.n_below >= 1);
	assert_disk(&d.below[0], name, lab.a.name);
}

/* The file of the loop device is covered by a mount that has one of the same name. */
static void another_file_in_its_place_is_not_taken_for_it(void **state)
{
	char name[NAME_MAX + 1];

	(void)state;
	need_disks();
	need_disk_under_folder(name);
	attach(&lab.a, lab.folder, 32);
	assert_int_equal(mount("none", lab.folder, "tmpfs", 0, NULL), 0);
	lab.covered = true;
	close(open(lab.a.image, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	resolve(lab.a.dev);
	assert_false(d.below_memory);
	assert_true(d.n_below >= 1);
	assert_disk(&d.below[0], name, lab.a.name);
}

static void what_cannot_be_reached_has_nothing_below(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	need_disks();
	attach(&lab.a, lab.folder, 32);
	pid = fork();
	if (!pid) {
		int ret = setresuid(65534, 65534, 65534) ||
			  fb_device_resolve(lab.a.dev, &d, NULL) || d.n_disks != 1 ||
			  d.n_below || d.below_memory;

		_exit(ret);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void a_loop_device_on_a_loop_device_names_it(void **state)
{
	int image, fd;
	char dev[32];

	(void)state;
	need_disks();
	attach(&lab.a, lab.folder, 32);
	image = open(lab.a.dev, O_RDWR | O_CLOEXEC);
	assert_true(image >= 0);
	fd = disk_loop(image, false, dev);
	close(image);
	assert_true(fd >= 0);
	resolve(dev);
	close(fd);
	assert_true(d.n_below >= 1);
	assert_disk(&d.below[0], lab.a.name, dev + strlen("/dev/"));
}

/* Its name lies on tmpfs, which does not make memory of it. */
static void a_device_under_a_deleted_name_is_that_device(void **state)
{
	char path[PATH_ROOM], dev[32];
	struct stat st;
	int image, fd;

	(void)state;
	need_disks();
	attach(&lab.a, lab.folder, 32);
	mount_at(lab.mnt, "none", "tmpfs");
	tmpdir_join(path, sizeof(path), lab.mnt, "node");
	assert_int_equal(stat(lab.a.dev, &st), 0);
	assert_int_equal(mknod(path, S_IFBLK | 0600, st.st_rdev), 0);
	image = open(path, O_RDWR | O_CLOEXEC);
	assert_true(image >= 0);
	fd = disk_loop(image, false, dev);
	close(image);
	assert_true(fd >= 0);
	unlink(path);
	resolve(dev);
	close(fd);
	assert_false(d.below_memory);
	assert_true(d.n_below >= 1);
	assert_disk(&d.below[0], lab.a.name, dev + strlen("/dev/"));
}

static void an_overlay_has_what_is_below_its_upper_folder(void **state)
{
	char options[6 * TMPDIR_LEN], path[PATH_ROOM], name[NAME_MAX + 1];

	(void)state;
	need_disks();
	need_disk_under_folder(name);
	attach(&lab.a, lab.folder, 32);
	mount_at(lab.mnt, lab.a.dev, "ext4");
	for (const char *const *sub = (const char *const[]){"l", "u", "w", NULL}; *sub;
	     sub++)
		assert_int_equal(
			mkdir(tmpdir_join(path, sizeof(path), lab.mnt, *sub), 0700), 0);
	snprintf(options, sizeof(options), "lowerdir=%s/l,upperdir=%s/u,workdir=%s/w",
		 lab.mnt, lab.mnt, lab.mnt);
	if (mount("overlay", lab.top, "overlay", 0, options)) {
		fprintf(stderr, "overlay: %s\n", strerror(errno));
		skip();
	}
	lab.top_mounted = true;
	resolve(lab.top);
	assert_true(d.overlay);
	assert_disk(&d.disks[0], lab.a.name, "");
	assert_true(d.n_below >= 1);
	assert_disk(&d.below[0], name, lab.a.name);
}

static void a_ram_disk_is_memory_though_the_mount_sits_on_it(void **state)
{
	const char *const control = "/sys/class/zram-control/hot_add";
	char path[64];
	FILE *f;

	(void)state;
	need_disks();
	f = fopen(control, "re");
	if (!f || fscanf(f, "%d", &lab.zram) != 1)
		fprintf(stderr, "%s: no zram here\n", control);
	if (f)
		fclose(f);
	if (lab.zram < 0)
		skip();
	snprintf(path, sizeof(path), "/dev/zram%d", lab.zram);
	resolve(path);
	assert_int_equal(d.n_disks, 1);
	assert_int_equal(d.disks[0].queued, FB_NO);
	assert_string_equal(d.disks[0].scheduler, "");
	assert_true(d.below_memory);
	assert_int_equal(d.n_below, 0);
}

static void a_loop_device_tells_its_queue(void **state)
{
	char text[128], word[64];

	(void)state;
	need_disks();
	attach(&lab.a, lab.folder, 1);
	assert_int_equal(disk_queue_get(&lab.a, "scheduler", text, sizeof(text)), 0);
	assert_non_null(strchr(text, '['));
	assert_int_equal(sscanf(strchr(text, '['), "[%63[^]]", word), 1);
	resolve(lab.a.dev);
	assert_string_equal(d.disks[0].scheduler, word);
	assert_int_equal(d.disks[0].queued, FB_YES);
	assert_int_equal(d.disks[0].direct_io, FB_YES);
	assert_int_equal(d.disks[0].own_cache, FB_MAYBE);
}

static void a_loop_device_through_the_page_cache_says_so(void **state)
{
	char path[PATH_ROOM], dev[32];
	int image, fd;

	(void)state;
	need_disks();
	image = open(tmpdir_join(path, sizeof(path), lab.folder, "image"),
		     O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(ftruncate(image, MIB), 0);
	fd = disk_loop(image, false, dev);
	close(image);
	assert_true(fd >= 0);
	resolve(dev);
	close(fd);
	assert_int_equal(d.disks[0].direct_io, FB_NO);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(below_a_loop_device_is_the_disk_of_its_file),
		CASE(below_two_loop_devices_are_one_and_the_disk),
		CASE(a_loop_device_on_tmpfs_is_memory_below),
		CASE(a_deleted_file_on_tmpfs_is_memory_below),
		CASE(a_deleted_file_still_lies_on_its_disk),
		CASE(another_file_in_its_place_is_not_taken_for_it),
		CASE(what_cannot_be_reached_has_nothing_below),
		CASE(a_loop_device_on_a_loop_device_names_it),
		CASE(a_device_under_a_deleted_name_is_that_device),
		CASE(an_overlay_has_what_is_below_its_upper_folder),
		CASE(a_ram_disk_is_memory_though_the_mount_sits_on_it),
		CASE(a_loop_device_tells_its_queue),
		CASE(a_loop_device_through_the_page_cache_says_so),
	};

	if (!geteuid() && own_mounts())
		fprintf(stderr, "no private mount namespace\n");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
