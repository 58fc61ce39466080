/*
 * Whole runs on targets of our own making: a disk whose every request can be counted,
 * memory, an overlay, FUSE, and a bare device.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/cache_lab.h"
#include "support/cli.h"
#include "support/fusefs.h"
#include "support/loopfs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static struct {
	struct loopfs loop;
	struct fusefs fuse;
	struct disk disk, other;
	char mounted[CLI_PATH];
} rig;

static int enter(void **state)
{
	memset(&rig, 0, sizeof(rig));
	return cli_lab_enter(state);
}

static int leave(void **state)
{
	cli_free(&lab.c);
	cli_free(&lab.other);
	if (rig.mounted[0])
		umount2(rig.mounted, MNT_DETACH);
	loopfs_unmount(&rig.loop);
	fusefs_unmount(&rig.fuse);
	cache_lab_forget(&rig.disk);
	disk_detach(&rig.disk);
	disk_detach(&rig.other);
	return cli_lab_leave(state);
}

static void use_as_target(const char *folder)
{
	tmpdir_join(lab.target, sizeof(lab.target), folder, "t");
	assert_int_equal(mkdir(lab.target, 0755), 0);
}

/* The target is a file system on a loop device of our own, the results are not. */
static void use_loop(const char *type)
{
	const struct loopfs_spec spec = {
		.type = type,
		.bytes = 256 << 20,
	};

	need(loopfs_missing(type));
	assert_int_equal(loopfs_mount(&rig.loop, &spec), 0);
	use_as_target(rig.loop.dir);
}

static void mount_as_target(const char *type, const char *options)
{
	need(geteuid() ? "mounts need root" : NULL);
	need(own_mounts() ? "no mount namespace" : NULL);
	tmpdir_join(rig.mounted, sizeof(rig.mounted), lab.top, "mnt");
	mkdir(rig.mounted, 0755);
	if (mount(type, rig.mounted, type, 0, options)) {
		fprintf(stderr, "%s cannot be mounted: %s\n", type, strerror(errno));
		rig.mounted[0] = '\0';
		skip();
	}
	use_as_target(rig.mounted);
}

static const char *text(size_t row, const char *column)
{
	return field(FB_RUN_SUMMARY, row, column);
}

static double of_mode(const char *mode, const char *column)
{
	return number(FB_RUN_SUMMARY, row_where(FB_RUN_SUMMARY, "mode", mode), column);
}

static const char *survives(const char *mode)
{
	return text(row_where(FB_RUN_SUMMARY, "mode", mode), "survives");
}

static void a_flush_is_a_flush_of_the_device(void **state)
{
	double asked, done;

	(void)state;
	use_loop("ext4");
	assert_exit(0,
		    measure("--mode data-sync-only --runtime 200ms --ramp_time 20ms"),
		    lab.c);
	asked = only("app_flushes");
	done = only("dev_flushes");
	assert_true(asked > 5);
	assert_in_range(done, asked, 1.1 * asked + 5);
	assert_true(only("dev_bytes") >= only("app_bytes"));
	assert_true(only("write_amp") >= 1);
	assert_true(only("flush_amp") >= 1);
	assert_string_equal(text(0, "account_source"), "disk");
	assert_string_equal(field(FB_RUN_IO, 0, "device"), rig.loop.name);
	assert_tidy();
}

/* What the kernel counts for the device outside the program is what it reported. */
static void what_was_counted_agrees_with_the_kernel(void **state)
{
	struct loopfs_io before, after;

	(void)state;
	use_loop("ext4");
	assert_int_equal(loopfs_read_io(&rig.loop, &before), 0);
	assert_exit(0, measure("--mode normal,none --ops 50 --runtime 60"), lab.c);
	assert_int_equal(loopfs_read_io(&rig.loop, &after), 0);
	assert_true(of_mode("normal", "dev_flushes") <=
		    (double)(after.flushes - before.flushes));
	assert_true(of_mode("normal", "dev_bytes") <=
		    (double)(after.bytes_written - before.bytes_written));
	assert_true(of_mode("normal", "dev_flushes") >= 50);
	assert_true(of_mode("none", "dev_flushes") <= 2);
}

static void promises_follow_the_file_system(void **state)
{
	(void)state;
	use_loop("ext4");
	assert_exit(0, measure("--mode none,normal,data-only,write-through --ops 3"),
		    lab.c);
	assert_string_equal(survives("none"), "process-crash");
	assert_string_equal(survives("normal"), "power-loss");
	assert_string_equal(survives("data-only"), "os-crash");
	assert_string_equal(survives("write-through"), "power-loss");
	assert_exit(0, measure("--mode data-only --prepare unwritten --ops 3"), lab.c);
	assert_string_equal(text(0, "survives"), "process-crash");
}

/* As use_loop, with an image that still has a name and so an owner. */
static void use_disk(void)
{
	const char *mkfs[] = {"mkfs.ext4", "-q", "-F", NULL, NULL};

	need(loopfs_missing("ext4"));
	assert_int_equal(disk_attach(&rig.disk, lab.top, "a.img", 64 << 20), 0);
	mkfs[3] = rig.disk.dev;
	assert_int_equal(disk_run(mkfs), 0);
	tmpdir_join(rig.mounted, sizeof(rig.mounted), lab.top, "mnt");
	mkdir(rig.mounted, 0755);
	assert_int_equal(mount(rig.disk.dev, rig.mounted, "ext4", 0, NULL), 0);
	use_as_target(rig.mounted);
}

static void cache_is_on(void)
{
	char cache[32];

	assert_int_equal(disk_queue_get(&rig.disk, "write_cache", cache, sizeof(cache)),
			 0);
	assert_string_equal(cache, "write back");
}

static void cache_off_asks_for_no_flush_and_is_undone(void **state)
{
	(void)state;
	use_disk();
	cache_is_on();
	assert_exit(
		0,
		measure("--mode no-sync --no_sync cache-off,fsync --ops 50 --runtime 60"),
		lab.c);
	assert_int_equal(row_count(FB_RUN_SUMMARY), 2);
	for (size_t row = 0; row < 2; row++) {
		bool off = !strcmp(text(row, "no_sync"), "cache-off");
		double flushes = number(FB_RUN_SUMMARY, row, "dev_flushes");

		assert_true(off ? flushes <= 2 : flushes >= 50);
		assert_string_equal(text(row, "survives"),
				    off ? "os-crash" : "power-loss");
	}
	cache_is_on();
	assert_tidy();
}

static void a_cache_switched_meanwhile_leaves_no_promise(void **state)
{
	char work[CLI_PATH + 32];

	(void)state;
	use_disk();
	tmpdir_join(work, sizeof(work), lab.target, "flushbench.work");
	measure_start("--mode data-sync-only --runtime 700ms");
	while (folder_entries(work) < 2)
		cli_sleep_ms(1);
	cli_sleep_ms(200);
	disk_queue_set(&rig.disk, "write_cache", "write through");
	assert_int_equal(cli_wait(&lab.c, 20000), 0);
	disk_queue_set(&rig.disk, "write_cache", "write back");
	measure_load();
	assert_string_equal(text(0, "survives"), "");
	assert_non_null(strstr(text(0, "warnings"), "cache_switched"));
	assert_tidy();
}

static void start_with_cache_off(void)
{
	use_disk();
	measure_start("--mode no-sync --no_sync cache-off --runtime 60");
	assert_true(cache_lab_becomes(&rig.disk, "write through"));
}

static void what_a_killed_run_switched_off_does_not_count(void **state)
{
	char note[FB_NOTE_PATH];
	size_t row;

	(void)state;
	start_with_cache_off();
	cache_lab_note_of(&rig.disk, note);
	cache_lab_kill_guardian(note);
	kill(lab.c.pid, SIGKILL);
	cli_wait(&lab.c, 3000);
	assert_true(cache_lab_is(&rig.disk, "write through"));
	assert_exit(0, measure("--mode data-only,no-sync --no_sync fsync --ops 20"),
		    lab.c);
	assert_says(lab.c.err, "it is on again");
	assert_says(lab.c.err, rig.disk.name);
	assert_string_equal(survives("data-only"), "os-crash");
	row = row_where(FB_RUN_SUMMARY, "mode", "no-sync");
	assert_string_equal(text(row, "fidelity"), "stronger");
	assert_true(number(FB_RUN_SUMMARY, row, "dev_flushes") >= 20);
	assert_true(fact_is("disk0_write_cache", "write back"));
	cache_is_on();
	assert_tidy();
}

static void cache_is_on_again_after_an_interrupt(void **state)
{
	(void)state;
	start_with_cache_off();
	kill(lab.c.pid, SIGINT);
	assert_exit(3, cli_wait(&lab.c, 3000), lab.c);
	cache_is_on();
	assert_tidy();
}

static void memory_survives_nothing_and_warns(void **state)
{
	(void)state;
	mount_as_target("tmpfs", "size=64m");
	assert_exit(0, measure("--mode all"), lab.c);
	for (size_t row = 0; row < row_count(FB_RUN_SUMMARY); row++) {
		assert_string_equal(text(row, "survives"), "nothing");
		assert_string_equal(text(row, "dev_bytes"), "");
	}
	assert_true(row_where(FB_RUN_WARNINGS, "id", "memory_target") < SIZE_MAX);
	assert_says(lab.c.out, "memory_target");
	assert_tidy();
}

static void an_overlay_is_warned_of(void **state)
{
	char options[3 * CLI_PATH + 64], folder[CLI_PATH + 8];

	(void)state;
	mkdir(tmpdir_join(folder, sizeof(folder), lab.top, "lower"), 0755);
	mkdir(tmpdir_join(folder, sizeof(folder), lab.top, "upper"), 0755);
	mkdir(tmpdir_join(folder, sizeof(folder), lab.top, "work"), 0755);
	snprintf(options, sizeof(options),
		 "lowerdir=%s/lower,upperdir=%s/upper,"
		 "workdir=%s/work",
		 lab.top, lab.top, lab.top);
	mount_as_target("overlay", options);
	assert_exit(0, measure("--mode normal,data-only"), lab.c);
	assert_true(row_where(FB_RUN_WARNINGS, "id", "overlay_target") < SIZE_MAX);
	assert_string_equal(survives("data-only"), fact_is("target_medium", "memory")
							   ? "nothing"
							   : "process-crash");
	assert_tidy();
}

static void what_fuse_survives_is_not_known(void **state)
{
	(void)state;
	need(fusefs_missing());
	assert_int_equal(fusefs_mount(&rig.fuse, false), 0);
	use_as_target(rig.fuse.dir);
	assert_exit(0, measure("--mode normal,data-sync-only,write-through --ops 20"),
		    lab.c);
	for (size_t row = 0; row < 3; row++) {
		assert_string_equal(text(row, "survives"), "");
		assert_string_equal(text(row, "dev_bytes"), "");
		assert_string_equal(text(row, "ops"), "20");
	}
	assert_true(atomic_load(&rig.fuse.shared->fdatasyncs) >= 20);
	assert_true(atomic_load(&rig.fuse.shared->fsyncs) >= 20);
	assert_tidy();
}

static void use_device(void)
{
	need(disk_can_run() ? NULL : "no device of our own");
	assert_int_equal(disk_attach(&rig.disk, lab.top, "a.img", 8 << 20), 0);
	assert_int_equal(disk_attach(&rig.other, lab.top, "b.img", 8 << 20), 0);
}

static int on_device(const char *target, const char *words)
{
	cli_run(&lab.c,
		"run --target %s --results %s --run-id r --reps 1 --runtime 60ms "
		"--ramp_time 0 --size 1m %s",
		target, lab.results, words);
	measure_load();
	return lab.c.exit;
}

/* Does the device hold anything but zeros? */
static bool is_written(const struct disk *d)
{
	char block[65536];
	int fd = open(d->dev, O_RDONLY | O_CLOEXEC);
	bool written = false;
	ssize_t n;

	assert_true(fd >= 0);
	while ((n = read(fd, block, sizeof(block))) > 0)
		for (ssize_t i = 0; i < n; i++)
			written = written || block[i];
	close(fd);
	return written;
}

static void a_device_is_written_only_when_named_twice(void **state)
{
	char words[128];

	(void)state;
	use_device();
	assert_exit(2, on_device(rig.disk.dev, ""), lab.c);
	assert_says(lab.c.err, rig.disk.dev);
	assert_says(lab.c.err, "--allow-device");
	snprintf(words, sizeof(words), "--allow-device %s", rig.other.dev);
	assert_exit(2, on_device(rig.disk.dev, words), lab.c);
	assert_exit(2, on_device(lab.target, words), lab.c);
	assert_says(lab.c.err, "is no device");
	assert_false(is_written(&rig.disk) || is_written(&rig.other));
	assert_int_equal(folder_entries(lab.results), -1);
	snprintf(words, sizeof(words), "--allow-device %s --mode normal,none",
		 rig.disk.dev);
	assert_exit(0, on_device(rig.disk.dev, words), lab.c);
	assert_int_equal(row_count(FB_RUN_SUMMARY), 2);
	assert_true(is_written(&rig.disk));
	assert_false(is_written(&rig.other));
}

static void a_device_takes_what_has_a_meaning_on_it(void **state)
{
	char words[160];

	(void)state;
	use_device();
	snprintf(words, sizeof(words),
		 "--allow-device %s --path file,mapped,null --mode all --dry-run",
		 rig.disk.dev);
	assert_exit(0, on_device(rig.disk.dev, words), lab.c);
	assert_says(lab.c.out, "left out: a raw device is for path file only");
	assert_says(lab.c.out, "10 cases");
	snprintf(words, sizeof(words), "--allow-device %s --mode none --size 9m",
		 rig.disk.dev);
	assert_exit(2, on_device(rig.disk.dev, words), lab.c);
	assert_says(lab.c.err, "size");
	assert_false(is_written(&rig.disk));
}

static void a_mounted_device_is_refused(void **state)
{
	char words[128];

	(void)state;
	use_loop("ext4");
	snprintf(words, sizeof(words), "--allow-device %s --mode none",
		 rig.loop.device);
	assert_exit(2, on_device(rig.loop.device, words), lab.c);
	assert_says(lab.c.err, rig.loop.device);
	assert_says(lab.c.err, "mounted");
	assert_int_equal(folder_entries(lab.results), -1);
}

static void a_device_that_keeps_nothing_is_refused(void **state)
{
	(void)state;
	assert_exit(2, on_device("/dev/null", "--mode none --dry-run"), lab.c);
	assert_says(lab.c.err, "--target /dev/null is a character device");
	assert_exit(2, on_device("/dev/null", "--allow-device /dev/null --mode none"),
		    lab.c);
	assert_says(lab.c.err, "--target /dev/null is a character device");
	assert_int_equal(folder_entries(lab.results), -1);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, enter, leave)
	const struct CMUnitTest tests[] = {
		TEST(a_flush_is_a_flush_of_the_device),
		TEST(what_was_counted_agrees_with_the_kernel),
		TEST(promises_follow_the_file_system),
		TEST(cache_off_asks_for_no_flush_and_is_undone),
		TEST(a_cache_switched_meanwhile_leaves_no_promise),
		TEST(what_a_killed_run_switched_off_does_not_count),
		TEST(cache_is_on_again_after_an_interrupt),
		TEST(memory_survives_nothing_and_warns),
		TEST(an_overlay_is_warned_of),
		TEST(what_fuse_survives_is_not_known),
		TEST(a_device_is_written_only_when_named_twice),
		TEST(a_device_takes_what_has_a_meaning_on_it),
		TEST(a_mounted_device_is_refused),
		TEST(a_device_that_keeps_nothing_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
