/*
 * `probe` on targets of every kind: what lies below them, and what a flush does there.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "path/workdir.h"
#include "support/cache_lab.h"
#include "support/fusefs.h"
#include "support/loopfs.h"
#include "support/probe_rig.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define MIB (UINT64_C(1) << 20)

static struct loopfs loop;
static struct fusefs fuse;

static int enter(void **state)
{
	loop = (struct loopfs){.name = NULL};
	fuse = (struct fusefs){.pid = 0};
	return cli_lab_enter(state) || cache_lab_enter(state);
}

static int leave(void **state)
{
	loopfs_unmount(&loop);
	fusefs_unmount(&fuse);
	cache_lab_leave(state);
	return cli_lab_leave(state);
}

static void mount_loop(const char *type, uint64_t bytes, const char *options)
{
	const struct loopfs_spec spec = {type, bytes, options, NULL};

	need(loopfs_missing(type));
	assert_int_equal(loopfs_mount(&loop, &spec), 0);
}

static void assert_nothing_left_in(const char *folder, int before)
{
	assert_int_equal(folder_entries(folder), before);
}

static void a_loop_device_is_followed_to_the_disk_of_its_file(void **state)
{
	const char *below;
	int before;

	(void)state;
	mount_loop("ext4", 16 * MIB, NULL);
	before = folder_entries(loop.dir);
	assert_exit(0, probe_csv("--target %s", loop.dir), lab.c);
	assert_probed("target_fs", "ext4");
	assert_probed("target_mount", loop.dir);
	assert_probed("target_medium", "disk");
	assert_probed("disk0", loop.name);
	assert_true(*probe_fact("disk0_write_cache"));
	below = probe_fact("below0");
	if (below)
		assert_probed("below0_above", loop.name);
	assert_exit(0, cli_run(&lab.c, "probe --target %s", loop.dir), lab.c);
	assert_says(lab.c.out, "\n  ext4          ");
	assert_says(lab.c.out, loop.name);
	assert_nothing_left_in(loop.dir, before);
}

static void flushes_that_reach_the_disk_are_counted(void **state)
{
	(void)state;
	mount_loop("ext4", 16 * MIB, NULL);
	assert_exit(0, probe_csv("--target %s", loop.dir), lab.c);
	assert_probed("sanity_verdict", "reached");
	assert_true(atof(probe_fact("sanity_dev_flushes")) >=
		    0.9 * atof(probe_fact("sanity_flushes")));
	assert_true(atof(probe_fact("sanity_dev_bytes")) >=
		    atof(probe_fact("sanity_app_bytes")));
	assert_probed("mode_file_normal", "equivalent power-loss");
	assert_probed("mode_file_data-only", "equivalent os-crash");
	assert_exit(0, cli_run(&lab.c, "probe --target %s", loop.dir), lab.c);
	assert_says(lab.c.out, "\n  verdict       flushes reach loop");
	assert_says(lab.c.out, "\n  power-loss    file: write-dsync (native), ");
}

/* Somebody who writes and flushes on the loop device all the time. */
static void start_another(void)
{
	char folder[TMPDIR_LEN + 32], work[TMPDIR_LEN + 64];

	snprintf(folder, sizeof(folder), "%s/another", loop.dir);
	assert_int_equal(mkdir(folder, 0700), 0);
	tmpdir_join(work, sizeof(work), folder, FB_WORKDIR_NAME);
	cli_start(&lab.other,
		  "run --mode data-sync-only --size 1m --ramp_time 0 --runtime 60 "
		  "--target %s --results %s",
		  folder, lab.results);
	for (int i = 0; i < 10000 && folder_entries(work) < 2; i++)
		cli_sleep_ms(1);
}

static void stop_another(void)
{
	kill(lab.other.pid, SIGINT);
	cli_wait(&lab.other, 10000);
}

static void what_others_ask_of_the_disk_is_not_counted_as_ours(void **state)
{
	int code;

	(void)state;
	mount_loop("ext4", 16 * MIB, NULL);
	start_another();
	code = probe_csv("--target %s", loop.dir);
	stop_another();
	assert_exit(0, code, lab.c);
	need(strcmp(probe_fact("sanity_source"), "trace") ? "takes a trace" : NULL);
	assert_true(atof(probe_fact("sanity_dev_flushes")) <=
		    1.1 * atof(probe_fact("sanity_flushes")) + 2);
	assert_true(atof(probe_fact("sanity_dev_bytes")) <=
		    1.3 * atof(probe_fact("sanity_app_bytes")));
	if (strcmp(probe_fact("sanity_verdict"), "shared"))
		assert_probed("sanity_verdict", "reached");
}

static void a_mount_that_sends_no_flush_is_told(void **state)
{
	(void)state;
	mount_loop("ext4", 16 * MIB, "nobarrier");
	assert_exit(0, probe_csv("--target %s", loop.dir), lab.c);
	assert_probed("sanity_verdict", "missing");
	assert_probed("sanity_dev_flushes", "0");
	assert_probed("mode_file_normal", "equivalent os-crash");
	assert_true(probe_warned("barriers_off"));
	assert_exit(0, cli_run(&lab.c, "probe --target %s", loop.dir), lab.c);
	assert_says(lab.c.out, "no flush reached loop");
	assert_says(lab.c.out, "\n  options       nobarrier");
	assert_says(lab.c.out, "\nwarning: barriers_off: ");
}

static void a_target_mounted_read_only_is_shown_all_the_same(void **state)
{
	(void)state;
	mount_loop("ext4", 16 * MIB, NULL);
	assert_int_equal(mount(NULL, loop.dir, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
	assert_exit(0, probe_csv("--target %s", loop.dir), lab.c);
	assert_says(probe_fact("sanity_refused"), loop.dir);
	assert_null(probe_fact("sanity_verdict"));
	assert_probed("disk0", loop.name);
	assert_probed("mode_file_normal", "equivalent power-loss");
}

static void fill(const char *folder)
{
	static const char block[65536];
	char path[TMPDIR_LEN + 32];
	int fd;

	snprintf(path, sizeof(path), "%s/filler", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	while (write(fd, block, sizeof(block)) > 0)
		;
	close(fd);
}

static void a_full_target_is_shown_all_the_same(void **state)
{
	int before;

	(void)state;
	mount_loop("ext4", 16 * MIB, NULL);
	fill(loop.dir);
	before = folder_entries(loop.dir);
	assert_exit(0, probe_csv("--target %s", loop.dir), lab.c);
	assert_true(*probe_fact("sanity_refused"));
	assert_probed("disk0", loop.name);
	assert_nothing_left_in(loop.dir, before);
}

static void btrfs_and_xfs_flush_too(void **state)
{
	(void)state;
	mount_loop("btrfs", 256 * MIB, NULL);
	assert_exit(0, probe_csv("--target %s", loop.dir), lab.c);
	assert_probed("target_fs", "btrfs");
	assert_probed("disk0", loop.name);
	assert_probed("sanity_verdict", "reached");
	assert_probed("mode_file_data-only", "equivalent process-crash");
	loopfs_unmount(&loop);
	mount_loop("xfs", 320 * MIB, NULL);
	assert_exit(0, probe_csv("--target %s", loop.dir), lab.c);
	assert_probed("target_fs", "xfs");
	assert_probed("sanity_verdict", "reached");
}

static void in_memory_nothing_survives(void **state)
{
	char target[] = "/dev/shm/flushbench-test-XXXXXX";
	int code, left;

	(void)state;
	need(mkdtemp(target) ? NULL : "there is no /dev/shm to be written to");
	code = probe_csv("--target %s", target);
	left = folder_entries(target);
	rmdir(target);
	assert_exit(0, code, lab.c);
	assert_int_equal(left, 0);
	assert_probed("target_medium", "memory");
	assert_probed("sanity_verdict", "memory");
	assert_probed("mode_file_normal", "equivalent nothing");
	assert_true(probe_warned("memory_target"));
	assert_null(probe_fact("disk0"));
}

static void a_file_system_nobody_knows_promises_nothing_known(void **state)
{
	(void)state;
	need(fusefs_missing());
	assert_int_equal(fusefs_mount(&fuse, false), 0);
	assert_exit(0, probe_csv("--target %s", fuse.dir), lab.c);
	assert_null(probe_fact("disk0"));
	assert_probed("sanity_verdict", "uncounted");
	assert_probed("mode_file_normal", "equivalent -");
	assert_exit(0, cli_run(&lab.c, "probe --target %s", fuse.dir), lab.c);
	assert_says(lab.c.out, "no disk of it is found here");
	assert_says(lab.c.out, "\n  not known     file: ");
	assert_nothing_left_in(fuse.dir, 0);
}

/* On Debian's root a nvmem case is refused, on a DAX mount it is not: what a run says.
 */
static void path_nvmem_is_missing_where_a_run_would_refuse_it(void **state)
{
	const char *fidelity;
	bool missing;

	(void)state;
	assert_exit(0, probe_csv("--target %s", lab.target), lab.c);
	missing = !strcmp(probe_fact("mode_nvmem_flush"), "missing -");
	assert_exit(0, measure("--path nvmem --mode flush --size 64k --ops 5"), lab.c);
	fidelity = field(FB_RUN_SUMMARY, 0, "fidelity");
	assert_int_equal(missing, !strcmp(fidelity, "missing"));
}

static void a_device_named_once_is_looked_at_and_not_written_to(void **state)
{
	static char before[65536], after[sizeof(before)];
	int fd;

	(void)state;
	cache_lab_need();
	fd = open(cache_lab.a.dev, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	memset(before, 'x', sizeof(before));
	assert_int_equal(pwrite(fd, before, sizeof(before), 0), sizeof(before));
	assert_exit(0, probe_csv("--target %s", cache_lab.a.dev), lab.c);
	assert_says(probe_fact("sanity_refused"), "--allow-device");
	assert_probed("disk0", cache_lab.a.name);
	assert_probed("mode_file_normal", "equivalent power-loss");
	assert_null(probe_fact("mode_mapped_view"));
	assert_int_equal(pread(fd, after, sizeof(after), 0), sizeof(after));
	close(fd);
	assert_memory_equal(before, after, sizeof(before));
}

static void a_device_named_twice_is_tried(void **state)
{
	(void)state;
	cache_lab_need();
	assert_exit(0,
		    probe_csv("--target %s --allow-device %s", cache_lab.a.dev,
			      cache_lab.a.dev),
		    lab.c);
	assert_null(probe_fact("sanity_refused"));
	assert_probed("sanity_verdict", "reached");
}

static void a_cache_a_killed_run_left_off_is_put_on_again(void **state)
{
	(void)state;
	cache_lab_need();
	cache_lab_start_run(false);
	cache_lab_kill_guardian(cache_lab.note);
	cache_lab_kill_run();
	assert_true(cache_lab_is(&cache_lab.a, "write through"));
	assert_exit(0, probe_csv("--target %s", cache_lab.a.dev), lab.c);
	assert_says(lab.c.err, "a killed run had left the write cache of");
	assert_true(cache_lab_is(&cache_lab.a, "write back"));
	assert_probed("disk0_write_cache", "write back");
}

static void a_cache_that_a_run_has_off_is_told(void **state)
{
	(void)state;
	cache_lab_need();
	cache_lab_start_run(false);
	assert_exit(0, probe_csv("--target %s", cache_lab.a.dev), lab.c);
	assert_says(probe_fact("sanity_refused"), cache_lab.a.name);
	assert_true(cache_lab_is(&cache_lab.a, "write through"));
}

static void what_is_no_folder_is_refused(void **state)
{
	(void)state;
	cli_run(&lab.c, "probe --target %s", file_put("file", "mine", 4));
	assert_exit(2, lab.c.exit, lab.c);
	assert_says(lab.c.err, "is no folder and no device");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_loop_device_is_followed_to_the_disk_of_its_file),
		TEST(flushes_that_reach_the_disk_are_counted),
		TEST(what_others_ask_of_the_disk_is_not_counted_as_ours),
		TEST(a_mount_that_sends_no_flush_is_told),
		TEST(a_target_mounted_read_only_is_shown_all_the_same),
		TEST(a_full_target_is_shown_all_the_same),
		TEST(btrfs_and_xfs_flush_too),
		TEST(in_memory_nothing_survives),
		TEST(a_file_system_nobody_knows_promises_nothing_known),
		TEST(path_nvmem_is_missing_where_a_run_would_refuse_it),
		TEST(a_device_named_once_is_looked_at_and_not_written_to),
		TEST(a_device_named_twice_is_tried),
		TEST(a_cache_a_killed_run_left_off_is_put_on_again),
		TEST(a_cache_that_a_run_has_off_is_told),
		TEST(what_is_no_folder_is_refused),
	};

	if (!geteuid() && own_mounts())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
