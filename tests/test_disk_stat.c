#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/units.h"
#include "device/device.h"
#include "support/stuck_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MIB = 1 << 20 };

/* What a test took: given back by leave(), whether it passed or not. */
static struct {
	char folder[TMPDIR_LEN];
	struct disk a;
	struct stuck_disk stuck;
} lab;

static int enter(void **state)
{
	(void)state;
	return tmpdir_make(lab.folder);
}

static int leave(void **state)
{
	(void)state;
	stuck_disk_free(&lab.stuck);
	disk_detach(&lab.a);
	tmpdir_remove(lab.folder);
	memset(&lab, 0, sizeof(lab));
	return 0;
}

static void attach(struct disk *d, const char *name)
{
	if (!disk_can_run())
		skip();
	assert_int_equal(disk_attach(d, lab.folder, name, MIB), 0);
}

static void resolve(const char *path, struct fb_device *d)
{
	assert_int_equal(fb_device_resolve(path, d, NULL), 0);
}

static void one_write_and_one_fsync_are_counted_exactly(void **state)
{
	struct fb_disk_stat before, written, flushed;
	void *page = aligned_alloc(4096, 4096);
	struct fb_device d;
	int fd;

	(void)state;
	attach(&lab.a, "a");
	resolve(lab.a.dev, &d);
	fd = open(lab.a.dev, O_RDWR | O_DIRECT | O_CLOEXEC);
	assert_true(fd >= 0);
	memset(page, 7, 4096);
	assert_int_equal(fb_device_quiesce(&d, 5000), 0);
	assert_int_equal(fb_disk_stat_read(&d.disks[0], &before), 0);
	ssize_t put = pwrite(fd, page, 4096, 4096);
	int quiet = fb_device_quiesce(&d, 5000);
	int ret = fb_disk_stat_read(&d.disks[0], &written);
	int synced = fsync(fd);

	close(fd);
	free(page);
	assert_int_equal(put, 4096);
	assert_int_equal(quiet | ret | synced, 0);
	assert_int_equal(fb_device_quiesce(&d, 5000), 0);
	assert_int_equal(fb_disk_stat_read(&d.disks[0], &flushed), 0);
	assert_int_equal(written.writes - before.writes, 1);
	assert_int_equal(written.write_bytes - before.write_bytes, 4096);
	assert_int_equal(written.flushes - before.flushes, 0);
	assert_int_equal(flushed.flushes - written.flushes, 1);
	assert_int_equal(flushed.write_bytes - written.write_bytes, 0);
	assert_int_equal(flushed.in_flight, 0);
}

static void counting_switched_off_is_told(void **state)
{
	struct fb_disk_stat st = {.reads = 5};
	struct fb_device d;

	(void)state;
	attach(&lab.a, "a");
	resolve(lab.a.dev, &d);
	assert_int_equal(disk_queue_set(&lab.a, "iostats", "0"), 0);
	assert_int_equal(fb_disk_stat_read(&d.disks[0], &st), -ENODATA);
	assert_int_equal(st.reads, 5);
}

static void a_disk_that_is_not_there_has_no_counters(void **state)
{
	struct fb_device d = {.n_disks = 1, .disks[0].dev_major = 4095};
	struct fb_disk_stat st;

	(void)state;
	assert_int_equal(fb_disk_stat_read(&d.disks[0], &st), -ENOENT);
	assert_int_equal(fb_device_quiesce(&d, 100), -ENOENT);
}

static void no_disks_are_quiet_at_once(void **state)
{
	struct fb_device d = {0};

	(void)state;
	assert_int_equal(fb_device_quiesce(&d, 0), 0);
}

static void read_text(const char *text, bool counts_flushes, struct fb_disk_stat *st)
{
	struct fb_disk_meter m = {.counts_flushes = counts_flushes};
	int ret;

	m.fd = memfd_create("stat", MFD_CLOEXEC);
	assert_true(m.fd >= 0);
	assert_int_equal(write(m.fd, text, strlen(text)), (int)strlen(text));
	ret = fb_disk_meter_read(&m, st);
	fb_disk_meter_close(&m);
	assert_int_equal(ret, 0);
}

static void every_counter_is_read_from_its_field(void **state)
{
	struct fb_disk_stat st;

	(void)state;
	read_text("  1 2 3 4  5 6 7 8 9 10 11 12 13 14 15 16 17\n", true, &st);
	assert_int_equal(st.reads, 1);
	assert_int_equal(st.read_bytes, 3 * 512);
	assert_int_equal(st.writes, 5);
	assert_int_equal(st.write_bytes, 7 * 512);
	assert_int_equal(st.in_flight, 9);
	assert_int_equal(st.discards, 12);
	assert_int_equal(st.discard_bytes, 14 * 512);
	assert_int_equal(st.flushes, 16);
}

static void what_an_older_kernel_does_not_count_is_unknown(void **state)
{
	struct fb_disk_stat st;

	(void)state;
	read_text("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n", true, &st);
	assert_int_equal(st.discards, 12);
	assert_true(st.flushes == FB_UNKNOWN);
	read_text("1 2 3 4 5 6 7 8 9 10 11\n", true, &st);
	assert_int_equal(st.writes, 5);
	assert_true(st.discards == FB_UNKNOWN && st.discard_bytes == FB_UNKNOWN);
}

static void flushes_of_a_disk_without_request_queue_are_unknown(void **state)
{
	struct fb_disk_stat st;

	(void)state;
	read_text("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 0 0\n", false, &st);
	assert_true(st.flushes == FB_UNKNOWN);
	assert_int_equal(st.writes, 5);
}

static void a_disk_kept_busy_times_out_and_is_quiet_later(void **state)
{
	struct fb_disk_stat st = {0};
	struct fb_device d;

	(void)state;
	if (stuck_disk_make(&lab.stuck, lab.folder))
		skip();
	resolve(lab.stuck.disk.dev, &d);
	for (int i = 0; !st.in_flight && i < 5000; i++) {
		usleep(1000);
		assert_int_equal(fb_disk_stat_read(&d.disks[0], &st), 0);
	}
	assert_true(st.in_flight > 0);
	assert_int_equal(fb_device_quiesce(&d, 5), -ETIMEDOUT);
	stuck_disk_release(&lab.stuck);
	assert_int_equal(fb_device_quiesce(&d, 5000), 0);
}

static void waiting_for_space_ends_when_there_is_enough_or_none_comes(void **state)
{
	(void)state;
	assert_int_equal(fb_device_reclaim(lab.folder, 0, 0), 0);
	assert_int_equal(fb_device_reclaim(lab.folder, UINT64_MAX, 20), -ETIMEDOUT);
	assert_int_equal(fb_device_reclaim("/nonexistent", 0, 0), -ENOENT);
}

static void an_unreadable_disk_is_told_once_the_others_are_idle(void **state)
{
	struct fb_device d;

	(void)state;
	attach(&lab.a, "a");
	resolve(lab.a.dev, &d);
	d.disks[d.n_disks++] = (struct fb_disk){.dev_major = 4095};
	assert_int_equal(fb_device_quiesce(&d, 5000), -ENOENT);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(one_write_and_one_fsync_are_counted_exactly),
		CASE(counting_switched_off_is_told),
		CASE(a_disk_that_is_not_there_has_no_counters),
		CASE(no_disks_are_quiet_at_once),
		CASE(every_counter_is_read_from_its_field),
		CASE(what_an_older_kernel_does_not_count_is_unknown),
		CASE(flushes_of_a_disk_without_request_queue_are_unknown),
		CASE(waiting_for_space_ends_when_there_is_enough_or_none_comes),
		CASE(an_unreadable_disk_is_told_once_the_others_are_idle),
		CASE(a_disk_kept_busy_times_out_and_is_quiet_later),
	};

	if (!geteuid() && own_mounts())
		fprintf(stderr, "no private mount namespace\n");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
