#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "account/account.h"
#include "support/stuck_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { MIB = 1 << 20, PAGE = 4096, QUIET_MS = 5000 };

/* What a test took: given back by leave(), whether it passed or not. */
static struct {
	char folder[TMPDIR_LEN];
	struct disk a, b;
	struct stuck_disk stuck;
	struct fb_device d;
	struct fb_account *account;
	struct fb_io io;
	int control;
	int extra; /* a loop device made for the test, -1: none */
} lab;

static int enter(void **state)
{
	(void)state;
	lab.extra = lab.control = -1;
	return tmpdir_make(lab.folder);
}

static int leave(void **state)
{
	(void)state;
	fb_account_close(lab.account);
	if (lab.extra >= 0)
		ioctl(lab.control, LOOP_CTL_REMOVE, lab.extra);
	if (lab.control >= 0)
		close(lab.control);
	stuck_disk_free(&lab.stuck);
	disk_detach(&lab.a);
	disk_detach(&lab.b);
	tmpdir_remove(lab.folder);
	memset(&lab, 0, sizeof(lab));
	return 0;
}

static void add_disk(const char *path)
{
	struct fb_device d;

	assert_int_equal(fb_device_resolve(path, &d, NULL), 0);
	assert_int_equal(d.n_disks, 1);
	lab.d.medium = FB_MEDIUM_DISK;
	lab.d.disks[lab.d.n_disks++] = d.disks[0];
}

static void attach(struct disk *d, const char *name)
{
	if (!disk_can_run())
		skip();
	assert_int_equal(disk_attach(d, lab.folder, name, MIB), 0);
	add_disk(d->dev);
}

static void open_account(bool process_only)
{
	const struct fb_account_how how = {.process_only = process_only};

	assert_int_equal(fb_account_open(&lab.account, &lab.d, &how), 0);
}

static void begin(void)
{
	assert_true(fb_account_begin(lab.account, QUIET_MS));
}

static void end(void)
{
	memset(&lab.io, 0xa5, sizeof(lab.io));
	assert_true(fb_account_end(lab.account, QUIET_MS, &lab.io));
}

/* @writes pages, each followed by @syncs fsyncs; the number of failed calls. */
static int put(const char *dev, int writes, int syncs)
{
	void *page = aligned_alloc(PAGE, PAGE);
	int fd = open(dev, O_RDWR | O_DIRECT | O_CLOEXEC);
	int failed = fd < 0;

	memset(page, 1, PAGE);
	for (int i = 0; !failed && i < writes; i++) {
		failed += pwrite(fd, page, PAGE, (off_t)i * PAGE) != PAGE;
		for (int j = 0; j < syncs; j++)
			failed += fsync(fd) != 0;
	}
	if (fd >= 0)
		close(fd);
	free(page);
	return failed;
}

static const struct fb_io_class *find_class(const char *device, const char *klass)
{
	for (size_t i = 0; i < lab.io.n_classes; i++)
		if (!strcmp(lab.io.classes[i].device, device) &&
		    !strcmp(lab.io.classes[i].klass, klass))
			return &lab.io.classes[i];
	fail_msg("no class %s of %s", klass, device);
	return NULL;
}

static void assert_class(const char *device, const char *klass, uint64_t requests,
			 uint64_t bytes)
{
	const struct fb_io_class *c = find_class(device, klass);

	assert_int_equal(c->requests, requests);
	assert_int_equal(c->bytes, bytes);
	assert_string_equal(c->fua, "");
	assert_string_equal(c->issuer, "");
}

static void writes_and_flushes_are_counted_exactly(void **state)
{
	(void)state;
	attach(&lab.a, "a");
	open_account(false);
	begin();
	assert_int_equal(put(lab.a.dev, 8, 0), 0);
	end();
	assert_string_equal(lab.io.source, "disk");
	assert_int_equal(lab.io.dev_writes, 8);
	assert_int_equal(lab.io.dev_bytes, 8 * PAGE);
	assert_int_equal(lab.io.dev_flushes, 0);
	begin();
	assert_int_equal(put(lab.a.dev, 5, 2), 0);
	end();
	/* The kernel counts an empty flush as a write as well. */
	assert_int_equal(lab.io.dev_writes, 5 + 10);
	assert_int_equal(lab.io.dev_bytes, 5 * PAGE);
	assert_int_equal(lab.io.dev_flushes, 10);
	assert_true(lab.io.dev_fua == FB_UNKNOWN);
	assert_true(lab.io.lost_events == FB_UNKNOWN);
	assert_int_equal(lab.io.proc_write_bytes, 5 * PAGE);
}

static void every_class_of_a_disk_has_a_row(void **state)
{
	uint64_t range[2] = {0, 16 * PAGE};

	(void)state;
	attach(&lab.a, "a");
	open_account(false);
	begin();
	assert_int_equal(put(lab.a.dev, 3, 1), 0);
	assert_int_equal(ioctl(lab.a.fd, BLKDISCARD, range), 0);
	end();
	assert_int_equal(lab.io.n_classes, 4);
	assert_class(lab.a.name, "other", FB_UNKNOWN, 3 * PAGE);
	assert_class(lab.a.name, "flush", 3, 0);
	assert_class(lab.a.name, "discard", 1, 16 * PAGE);
	assert_class(lab.a.name, "read", 0, 0);
}

static void disks_are_summed_and_told_apart(void **state)
{
	(void)state;
	attach(&lab.a, "a");
	attach(&lab.b, "b");
	open_account(false);
	begin();
	assert_int_equal(put(lab.a.dev, 2, 1), 0);
	assert_int_equal(put(lab.b.dev, 3, 0), 0);
	end();
	assert_int_equal(lab.io.dev_writes, 2 + 2 + 3);
	assert_int_equal(lab.io.dev_bytes, 5 * PAGE);
	assert_int_equal(lab.io.dev_flushes, 2);
	assert_int_equal(lab.io.n_classes, 8);
	assert_class(lab.a.name, "flush", 2, 0);
	assert_class(lab.b.name, "flush", 0, 0);
	assert_class(lab.b.name, "other", 3, 3 * PAGE);
}

/* No request is counted in two classes: of the unknown none is claimed. */
static void classes_never_count_a_request_twice(void **state)
{
	(void)state;
	attach(&lab.a, "a");
	open_account(false);
	begin();
	assert_int_equal(put(lab.a.dev, 7, 0), 0);
	end();
	assert_class(lab.a.name, "flush", 0, 0);
	assert_class(lab.a.name, "other", 7, 7 * PAGE);
	begin();
	assert_int_equal(put(lab.a.dev, 7, 1), 0);
	end();
	assert_int_equal(lab.io.dev_writes, 7 + 7);
	assert_class(lab.a.name, "flush", 7, 0);
	assert_class(lab.a.name, "other", FB_UNKNOWN, 7 * PAGE);
}

static void process_only_leaves_the_disks_unknown(void **state)
{
	(void)state;
	attach(&lab.a, "a");
	open_account(true);
	begin();
	assert_int_equal(put(lab.a.dev, 4, 0), 0);
	end();
	assert_string_equal(lab.io.source, "process");
	assert_int_equal(lab.io.proc_write_bytes, 4 * PAGE);
	assert_true(lab.io.dev_writes == FB_UNKNOWN);
	assert_true(lab.io.dev_bytes == FB_UNKNOWN);
	assert_true(lab.io.dev_flushes == FB_UNKNOWN);
	assert_int_equal(lab.io.n_classes, 0);
}

static void without_disks_the_process_is_the_source(void **state)
{
	(void)state;
	open_account(false);
	begin();
	end();
	assert_string_equal(lab.io.source, "process");
	assert_int_equal(lab.io.proc_write_bytes, 0);
	assert_true(lab.io.dev_writes == FB_UNKNOWN);
}

static void one_unreadable_disk_makes_all_unknown(void **state)
{
	(void)state;
	attach(&lab.a, "a");
	lab.d.disks[lab.d.n_disks++] = (struct fb_disk){.dev_major = 4095};
	open_account(false);
	begin();
	end();
	assert_string_equal(lab.io.source, "process");
	assert_true(lab.io.dev_writes == FB_UNKNOWN);
	assert_int_equal(lab.io.n_classes, 0);
}

static void a_disk_that_vanishes_makes_its_figures_unknown(void **state)
{
	char path[32];

	(void)state;
	attach(&lab.a, "a");
	lab.control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	for (int n = 200; lab.extra < 0 && n < 230; n++)
		lab.extra = ioctl(lab.control, LOOP_CTL_ADD, n);
	if (lab.extra < 0) {
		fprintf(stderr, "no loop device can be added: %s\n", strerror(errno));
		skip();
	}
	snprintf(path, sizeof(path), "/dev/loop%d", lab.extra);
	add_disk(path);
	open_account(false);
	begin();
	end();
	assert_string_equal(lab.io.source, "disk");
	begin();
	assert_int_equal(ioctl(lab.control, LOOP_CTL_REMOVE, lab.extra), 0);
	lab.extra = -1;
	end();
	assert_string_equal(lab.io.source, "process");
	assert_true(lab.io.dev_bytes == FB_UNKNOWN);
	assert_int_equal(lab.io.n_classes, 0);
}

static void use_stuck_disk(void)
{
	struct fb_disk_stat st = {0};

	if (stuck_disk_make(&lab.stuck, lab.folder))
		skip();
	add_disk(lab.stuck.disk.dev);
	for (int i = 0; !st.in_flight && i < 5000; i++) {
		usleep(1000);
		assert_int_equal(
			fb_disk_stat_read(&lab.d.disks[lab.d.n_disks - 1], &st), 0);
	}
}

static void requests_under_way_are_told_when_only_the_process_counts(void **state)
{
	(void)state;
	use_stuck_disk();
	open_account(true);
	assert_false(fb_account_begin(lab.account, 5));
	assert_false(fb_account_end(lab.account, 5, &lab.io));
	assert_string_equal(lab.io.source, "process");
	stuck_disk_release(&lab.stuck);
	begin();
	end();
}

static void requests_under_way_are_told_beside_an_unreadable_disk(void **state)
{
	(void)state;
	lab.d.disks[lab.d.n_disks++] = (struct fb_disk){.dev_major = 4095};
	use_stuck_disk();
	open_account(false);
	assert_false(fb_account_begin(lab.account, 5));
	stuck_disk_release(&lab.stuck);
	begin();
}

static void requests_still_under_way_are_told(void **state)
{
	(void)state;
	use_stuck_disk();
	open_account(false);
	assert_false(fb_account_begin(lab.account, 5));
	assert_false(fb_account_end(lab.account, 5, &lab.io));
	assert_string_equal(lab.io.source, "disk");
	stuck_disk_release(&lab.stuck);
	end();
	assert_int_equal(lab.io.dev_bytes, PAGE);
}

static void an_end_without_begin_knows_nothing(void **state)
{
	(void)state;
	attach(&lab.a, "a");
	open_account(false);
	end();
	assert_string_equal(lab.io.source, "");
	assert_true(lab.io.proc_write_bytes == FB_UNKNOWN);
	assert_true(lab.io.dev_writes == FB_UNKNOWN);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(writes_and_flushes_are_counted_exactly),
		CASE(every_class_of_a_disk_has_a_row),
		CASE(disks_are_summed_and_told_apart),
		CASE(classes_never_count_a_request_twice),
		CASE(process_only_leaves_the_disks_unknown),
		CASE(without_disks_the_process_is_the_source),
		CASE(one_unreadable_disk_makes_all_unknown),
		CASE(a_disk_that_vanishes_makes_its_figures_unknown),
		CASE(requests_still_under_way_are_told),
		CASE(requests_under_way_are_told_when_only_the_process_counts),
		CASE(requests_under_way_are_told_beside_an_unreadable_disk),
		CASE(an_end_without_begin_knows_nothing),
	};

	if (!geteuid() && own_mounts())
		fprintf(stderr, "no private mount namespace\n");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
