/*
 * Are the counts exact? Ours, the kernel's own and perf's, of the same 10 000 flushes.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "account/account.h"
#include "base/units.h"
#include "support/loopfs.h"
#include "support/need.h"
#include "support/perf_judge.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MIB = 1 << 20, PAGE = 4096, PAGES = 1024, FLUSHES = 10000, QUIET_MS = 20000 };

/*
 * Others than us may wake the file system just before or after what is counted, and the
 * kernel may lose an event, which it counts and we tell: then all is done again. Exact
 * is what nothing was lost of.
 */
enum { TRIES = 5, WATCHED = 500 };

/* What a test took: given back by leave(), whether it passed or not. */
static struct {
	struct loopfs fs;
	struct fb_device d;
	struct fb_account *account;
	struct perf_judge perf;
	char memory[TMPDIR_LEN]; /* holds the image: no other disk has to do with it */
	char folder[TMPDIR_LEN + 32];
	int fd;
	bool per_op;
	int (*flush)(int fd);
	unsigned char page[PAGE];
} lab;

static struct fb_io io;

static int enter(void **state)
{
	(void)state;
	lab.fd = -1;
	return 0;
}

static int leave(void **state)
{
	(void)state;
	perf_kill(&lab.perf);
	fb_account_close(lab.account);
	if (lab.fd >= 0)
		close(lab.fd);
	loopfs_unmount(&lab.fs);
	if (lab.memory[0])
		umount2(lab.memory, MNT_DETACH);
	tmpdir_remove(lab.memory);
	memset(&lab, 0, sizeof(lab));
	return 0;
}

static void make_disk(const char *fs)
{
	const struct loopfs_spec spec = {
		.type = fs,
		.bytes = (uint64_t)(!strcmp(fs, "xfs") ? 320 : 64) * MIB,
		.options = !strcmp(fs, "ext4") ? "commit=300" : NULL,
		.image_in = lab.memory,
	};

	assert_int_equal(own_mounts(), 0);
	assert_int_equal(tmpdir_make(lab.memory), 0);
	assert_int_equal(mount("tmpfs", lab.memory, "tmpfs", 0, "size=512m"), 0);
	assert_int_equal(loopfs_mount(&lab.fs, &spec), 0);
}

static void make_target(void)
{
	char name[TMPDIR_LEN + 48];

	tmpdir_join(lab.folder, sizeof(lab.folder), lab.fs.dir, "target");
	assert_int_equal(mkdir(lab.folder, 0700), 0);
	tmpdir_join(name, sizeof(name), lab.folder, "file");
	lab.fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(lab.fd >= 0);
	for (int i = 0; i < PAGES; i++)
		assert_int_equal(pwrite(lab.fd, lab.page, PAGE, (off_t)i * PAGE), PAGE);
	assert_int_equal(syncfs(lab.fd), 0);
	assert_int_equal(fb_device_resolve(lab.folder, &lab.d, NULL), 0);
	assert_int_equal(lab.d.n_disks, 1);
}

static void open_account(void)
{
	const struct fb_account_how how = {
		.trace = true, .per_op = lab.per_op, .target = lab.folder};

	fb_account_close(lab.account);
	lab.account = NULL;
	assert_int_equal(fb_account_open(&lab.account, &lab.d, &how), 0);
}

static struct fb_disk_stat read_stat(void)
{
	struct fb_disk_stat s;

	assert_int_equal(fb_device_quiesce(&lab.d, QUIET_MS), 0);
	assert_int_equal(fb_disk_stat_read(&lab.d.disks[0], &s), 0);
	return s;
}

static bool same(const struct fb_disk_stat *a, const struct fb_disk_stat *b)
{
	return a->writes == b->writes && a->flushes == b->flushes &&
	       a->write_bytes == b->write_bytes && a->reads == b->reads;
}

/* 7 and PAGES have no common divisor, so each page comes before one comes again. */
static int flush_all(void)
{
	int failed = 0;

	for (int i = 0; i < FLUSHES; i++) {
		lab.page[0] = (unsigned char)i;
		failed += pwrite(lab.fd, lab.page, PAGE,
				 (off_t)(i * 7 % PAGES) * PAGE) != PAGE;
		failed += lab.flush(lab.fd) != 0;
		if (lab.per_op)
			fb_account_end_op(lab.account);
		else if (i % WATCHED == 0)
			fb_account_watch(lab.account);
	}
	return failed;
}

/* What happened between the two readings into @gain; false: perf saw more than that, or
 * something was lost. */
static bool count_once(struct fb_disk_stat *gain, struct perf_count *seen)
{
	struct fb_disk_stat edge, before, after, late;

	open_account();
	edge = read_stat();
	assert_int_equal(perf_start(&lab.perf, lab.fs.top, lab.d.disks[0].dev_major,
				    lab.d.disks[0].dev_minor),
			 0);
	before = read_stat();
	assert_true(fb_account_begin(lab.account, QUIET_MS));
	assert_int_equal(flush_all(), 0);
	assert_true(fb_account_end(lab.account, QUIET_MS, &io));
	after = read_stat();
	assert_int_equal(perf_stop(&lab.perf, seen), 0);
	late = read_stat();
	gain->writes = after.writes - before.writes;
	gain->flushes = after.flushes - before.flushes;
	gain->write_bytes = after.write_bytes - before.write_bytes;
	return same(&edge, &before) && same(&after, &late) && !io.lost_events &&
	       !seen->lost;
}

/* Why there is no trace after all, if so. */
static void assert_traced(void)
{
	struct fb_warnings ws = {0};
	char why[512] = "no warning tells why";

	assert_int_equal(fb_account_warn(lab.account, &ws), 0);
	if (ws.n)
		snprintf(why, sizeof(why), "%s: %s", ws.list[0].id,
			 ws.list[0].evidence);
	fb_warnings_free(&ws);
	if (strcmp(io.source, "trace"))
		fail_msg("%s", why);
}

static uint64_t sum_of(const char *klass, uint64_t *bytes)
{
	uint64_t requests = 0;

	for (size_t i = 0; i < io.n_classes; i++)
		if (!strcmp(io.classes[i].device, lab.fs.name) &&
		    (!klass || !strcmp(io.classes[i].klass, klass))) {
			requests += io.classes[i].requests;
			*bytes += io.classes[i].bytes;
		}
	return requests;
}

/* The rows' classes partition the requests. */
static void assert_rows_add_up(void)
{
	uint64_t bytes = 0, other = 0;
	uint64_t flushes = sum_of("flush", &bytes);

	assert_int_equal(bytes, 0);
	assert_int_equal(flushes, io.dev_flushes);
	sum_of(NULL, &bytes);
	sum_of("read", &other);
	sum_of("discard", &other);
	assert_int_equal(bytes - other, io.dev_bytes);
	bytes = 0;
	assert_true(sum_of("data", &bytes) >= FLUSHES);
	assert_true(bytes >= (uint64_t)FLUSHES * PAGE);
}

static void assert_exact(const struct fb_disk_stat *kernel,
			 const struct perf_count *seen)
{
	print_message("kernel, ours, perf: writes %" PRIu64 " %" PRIu64 " %" PRIu64
		      ", flushes %" PRIu64 " %" PRIu64 " %" PRIu64 ", bytes %" PRIu64
		      " %" PRIu64 " %" PRIu64 "\n",
		      kernel->writes, io.dev_writes, seen->writes, kernel->flushes,
		      io.dev_flushes, seen->flushes, kernel->write_bytes, io.dev_bytes,
		      seen->bytes);
	assert_traced();
	assert_true(io.dev_flushes >= FLUSHES);
	assert_int_equal(io.dev_writes, kernel->writes);
	assert_int_equal(io.dev_flushes, kernel->flushes);
	assert_int_equal(io.dev_bytes, kernel->write_bytes);
	assert_int_equal(io.dev_writes, seen->writes);
	assert_int_equal(io.dev_flushes, seen->flushes);
	assert_int_equal(io.dev_bytes, seen->bytes);
	assert_rows_add_up();
}

static void counts_are_exact(const char *fs, int (*flush)(int), bool per_op)
{
	struct fb_disk_stat kernel;
	struct perf_count seen;
	int tries = TRIES;

	need(loopfs_missing(fs));
	need(perf_missing());
	lab.flush = flush;
	lab.per_op = per_op;
	make_disk(fs);
	make_target();
	while (!count_once(&kernel, &seen))
		if (!--tries)
			fail_msg("no quiet time in %d tries; lost: ours %" PRIu64
				 ", perf's %" PRIu64,
				 TRIES, io.lost_events, seen.lost);
	assert_exact(&kernel, &seen);
}

static void every_fdatasync_on_ext4_is_counted_once(void **state)
{
	(void)state;
	counts_are_exact("ext4", fdatasync, true);
}

static void every_fsync_on_ext4_is_counted_once(void **state)
{
	(void)state;
	counts_are_exact("ext4", fsync, false);
}

static void every_fdatasync_on_xfs_is_counted_once(void **state)
{
	(void)state;
	counts_are_exact("xfs", fdatasync, false);
}

static void every_fsync_on_xfs_is_counted_once(void **state)
{
	(void)state;
	counts_are_exact("xfs", fsync, true);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_fdatasync_on_ext4_is_counted_once),
		TEST(every_fsync_on_ext4_is_counted_once),
		TEST(every_fdatasync_on_xfs_is_counted_once),
		TEST(every_fsync_on_xfs_is_counted_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
