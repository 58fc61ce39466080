/*
 * Targets and machines that give reason for a warning, made for real as far as they can
 * be, and the program run on them.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "host/machine.h"
#include "support/disk.h"
#include "support/warn_lab.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define MIB (UINT64_C(1) << 20)

static const struct loopfs_spec ext4 = {.type = "ext4", .bytes = 64 * MIB};

static void a_target_in_memory_is_told(void **state)
{
	(void)state;
	use_mount("tmpfs", "size=64m");
	measure_well("--mode data-sync-only");
	assert_run_warns("memory_target", "warning", "tmpfs");
	assert_says(lab.c.err, "warning: memory_target: The target is kept in memory");
	assert_run_silent("loop_target");
}

static void set_direct_io(unsigned long on)
{
	const int fd = open(warn_lab.loop.device, O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	if (ioctl(fd, LOOP_SET_DIRECT_IO, on)) {
		close(fd);
		need("the image's file system has no direct I/O");
	}
	close(fd);
}

static void a_loop_device_is_told_by_its_direct_io(void **state)
{
	(void)state;
	use_loopfs(&ext4);
	measure_well("--mode data-sync-only");
	assert_run_warns("loop_target", "warning", warn_lab.loop.name);
	set_direct_io(1);
	measure_well("--mode data-sync-only");
	assert_run_warns("loop_target", "note", warn_lab.loop.name);
	/* Notes are named before the run, and kept in full. */
	assert_says(lab.c.err, "loop_target");
	assert_run_silent("memory_disk");
	assert_run_silent("barriers_off");
	assert_run_silent("cache_view");
}

static void a_loop_device_on_a_file_in_memory_is_told(void **state)
{
	struct loopfs_spec spec = ext4;

	(void)state;
	need(loopfs_missing("ext4"));
	use_mount("tmpfs", "size=128m");
	spec.image_in = warn_lab.mounted;
	assert_int_equal(rmdir(lab.target), 0);
	use_loopfs(&spec);
	measure_well("--mode data-sync-only");
	assert_run_warns("memory_disk", "warning", warn_lab.loop.name);
	assert_run_silent("memory_target");
}

static void a_mount_without_barriers_is_told(void **state)
{
	struct loopfs_spec spec = ext4;

	(void)state;
	spec.options = "nobarrier";
	use_loopfs(&spec);
	measure_well("--mode data-sync-only");
	assert_run_warns("barriers_off", "warning", "nobarrier");
	assert_string_equal(field(FB_RUN_SUMMARY, 0, "survives"), "os-crash");
	assert_run_silent("flushes_missing");
}

static void a_cache_that_somebody_denied_is_told(void **state)
{
	struct disk disk;

	(void)state;
	use_loopfs(&ext4);
	disk = (struct disk){.name = warn_lab.loop.name};
	assert_int_equal(disk_queue_set(&disk, "write_cache", "write through"), 0);
	measure_well("--mode data-sync-only");
	/* The queue keeps it when the device gets another image. */
	assert_int_equal(disk_queue_set(&disk, "write_cache", "write back"), 0);
	assert_run_warns("cache_view", "warning", "queue/write_cache is write through");
}

static void a_fuse_daemon_in_between_is_told(void **state)
{
	(void)state;
	need(fusefs_missing());
	assert_int_equal(fusefs_mount(&warn_lab.fuse, true), 0);
	tmpdir_join(lab.target, sizeof(lab.target), warn_lab.fuse.dir, "t");
	assert_int_equal(mkdir(lab.target, 0755), 0);
	measure_well("--mode normal");
	assert_run_warns("fuse_target", "warning", "fuse");
	assert_string_equal(field(FB_RUN_SUMMARY, 0, "survives"), "");
}

static void use_overlay(const char *more)
{
	char options[4 * CLI_PATH], path[CLI_PATH + 8];

	use_loopfs(&ext4);
	for (const char *const *name = (const char *const[]){"l", "u", "w", NULL};
	     *name; name++) {
		tmpdir_join(path, sizeof(path), warn_lab.loop.dir, *name);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	snprintf(options, sizeof(options), "lowerdir=%s/l,upperdir=%s/u,workdir=%s/w%s",
		 warn_lab.loop.dir, warn_lab.loop.dir, warn_lab.loop.dir, more);
	use_mount("overlay", options);
}

static void an_overlay_is_told(void **state)
{
	(void)state;
	use_overlay("");
	measure_well("--mode data-sync-only");
	assert_run_warns("overlay_target", "note", "overlay");
}

static void an_overlay_that_drops_syncs_is_told(void **state)
{
	(void)state;
	use_overlay(",volatile");
	measure_well("--mode data-sync-only");
	assert_run_warns("overlay_target", "warning", "volatile");
	assert_run_silent("barriers_off");
}

/* All but a twentieth of what there is room for, and the run needs but 1 MiB. */
static void a_file_system_nearly_full_is_told(void **state)
{
	char path[CLI_PATH + 8];
	struct statvfs s;
	uint64_t fill;
	int fd;

	(void)state;
	use_loopfs(&ext4);
	measure_well("--mode data-sync-only");
	assert_run_silent("target_full");
	tmpdir_join(path, sizeof(path), warn_lab.loop.dir, "fill");
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(fstatvfs(fd, &s), 0);
	fill = (uint64_t)s.f_bavail * s.f_frsize * 95 / 100;
	assert_int_equal(posix_fallocate(fd, 0, (off_t)fill), 0);
	assert_int_equal(close(fd), 0);
	measure_well("--mode data-sync-only");
	assert_run_warns("target_full", "note", "9");
}

static const char none[] = "--path null --mode none";

/* What the processor says, by another reader of it. */
static void a_virtual_machine_is_told_where_it_is_one(void **state)
{
	const bool flagged = !system("grep -qw hypervisor /proc/cpuinfo");

	(void)state;
	measure_well(none);
	if (flagged)
		assert_run_warns("virtual_machine", "note", "");
	else
		assert_run_silent("virtual_machine");
}

static const char *library(const char *name, const char *source)
{
	const char *path = warn_lab_library(name, source);

	if (!path)
		need("there is no cc");
	return path;
}

static void a_library_known_to_drop_flushes_is_told_by_its_name(void **state)
{
	(void)state;
	measure_preloaded(library("libeatmydata.so", "int fb_nothing;\n"), none);
	assert_run_warns("flush_neutralised", "warning", "libeatmydata.so is loaded");
	assert_says(lab.c.err, "Unset LD_PRELOAD");
	measure_well(none);
	assert_run_silent("flush_neutralised");
}

static void a_library_of_any_name_that_has_the_calls_is_told(void **state)
{
	(void)state;
	measure_preloaded(
		library("libharmless.so", "int fdatasync(int fd) { return fd < 0; }\n"),
		none);
	assert_run_warns("flush_neutralised", "warning", "fdatasync is that of ");
	assert_says(field(FB_RUN_WARNINGS,
			  row_where(FB_RUN_WARNINGS, "id", "flush_neutralised"),
			  "evidence"),
		    "libharmless.so");
}

static struct {
	char own[CLI_PATH];
	char made[2 * CLI_PATH];
	bool second;
} group;

/* The first that is there: our own, of the first version before that of the second. */
static bool see_group(const char *folder, bool second, void *ctx)
{
	(void)ctx;
	if (group.own[0] || access(folder, W_OK))
		return false;
	snprintf(group.own, sizeof(group.own), "%s", folder);
	group.second = second;
	return true;
}

static int write_in(const char *folder, const char *file, const char *text)
{
	char path[3 * CLI_PATH];
	int fd, ret;

	snprintf(path, sizeof(path), "%s/%s", folder, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

static int group_leave(void **state)
{
	char pid[16];

	if (group.made[0]) {
		snprintf(pid, sizeof(pid), "%d", (int)getpid());
		write_in(group.own, "cgroup.procs", pid);
		for (int i = 0; i < 500 && rmdir(group.made) && errno == EBUSY; i++)
			cli_sleep_ms(10);
	}
	memset(&group, 0, sizeof(group));
	return warn_lab_leave(state);
}

/* Of any disk there is, so high that it holds nothing back. */
static void set_limit(void)
{
	char line[96], dev[16] = "";
	glob_t found;
	FILE *f;

	assert_int_equal(glob("/sys/block/*/dev", 0, NULL, &found), 0);
	f = fopen(found.gl_pathv[0], "re");
	globfree(&found);
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%15s", dev), 1);
	fclose(f);
	snprintf(line, sizeof(line),
		 group.second ? "%s wbps=1099511627776" : "%s 1099511627776", dev);
	if (write_in(group.made,
		     group.second ? "io.max" : "blkio.throttle.write_bps_device", line))
		need("the kernel limits no I/O of control groups");
}

static void a_limit_of_the_control_group_is_told(void **state)
{
	char pid[16];

	(void)state;
	measure_well(none);
	if (run_warns("io_limited"))
		need("this runs in a limited control group");
	fb_machine_cgroup("", "blkio", see_group, NULL);
	if (!group.own[0])
		need("no control group can be made");
	snprintf(group.made, sizeof(group.made), "%s/flushbench-test-%d", group.own,
		 (int)getpid());
	if (mkdir(group.made, 0755)) {
		group.made[0] = '\0';
		need("no control group can be made");
	}
	set_limit();
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	assert_int_equal(write_in(group.made, "cgroup.procs", pid), 0);
	measure_well(none);
	assert_run_warns("io_limited", "warning", "flushbench-test-");
}

static uint64_t dirty_kib(void)
{
	uint64_t kib = 0;
	char line[128];
	FILE *f = fopen("/proc/meminfo", "re");

	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "Dirty: %" SCNu64, &kib) == 1)
			break;
	fclose(f);
	return kib;
}

/* Gone before the kernel begins to write it. */
static void unwritten_memory_is_told(void **state)
{
	static char block[1 << 20];
	char path[CLI_PATH];
	uint64_t after;
	int fd;

	(void)state;
	tmpdir_join(path, sizeof(path), lab.top, "dirty");
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	for (int i = 0; i < 300; i++)
		if (write(fd, block, sizeof(block)) != sizeof(block))
			need("no room for 300 MiB");
	measure_well(none);
	after = dirty_kib();
	assert_int_equal(close(fd), 0);
	assert_int_equal(unlink(path), 0);
	if (after < 280 * 1024)
		need("the kernel writes back at once here");
	assert_run_warns("dirty_memory", "note", "MiB");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, warn_lab_enter, warn_lab_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_target_in_memory_is_told),
		CASE(a_loop_device_is_told_by_its_direct_io),
		CASE(a_loop_device_on_a_file_in_memory_is_told),
		CASE(a_mount_without_barriers_is_told),
		CASE(a_cache_that_somebody_denied_is_told),
		CASE(a_fuse_daemon_in_between_is_told),
		CASE(an_overlay_is_told),
		CASE(an_overlay_that_drops_syncs_is_told),
		CASE(a_file_system_nearly_full_is_told),
		CASE(a_virtual_machine_is_told_where_it_is_one),
		CASE(a_library_known_to_drop_flushes_is_told_by_its_name),
		CASE(a_library_of_any_name_that_has_the_calls_is_told),
		cmocka_unit_test_setup_teardown(a_limit_of_the_control_group_is_told,
						warn_lab_enter, group_leave),
		CASE(unwritten_memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
