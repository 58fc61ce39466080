#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/journal_lab.h"

#include "support/need.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MIB = 1 << 20, SECTOR = 512, QUIET_MS = 5000 };

struct journal_lab journal;

/* Nothing of its own accord while a test runs. */
#define SLOW "commit=300"

const struct journal_kind journal_ext4 = {
	"ext4",
	{"mkfs.ext4", "-q", "-b", "4096", "-E", "nodiscard,lazy_itable_init=0"},
	SLOW};
const struct journal_kind journal_ext4_small = {"ext4",
						{"mkfs.ext4", "-q", "-b", "1024", "-J",
						 "size=2", "-E",
						 "nodiscard,lazy_itable_init=0"},
						SLOW};
const struct journal_kind journal_ext4_none = {"ext4",
					       {"mkfs.ext4", "-q", "-b", "4096", "-O",
						"^has_journal", "-E",
						"nodiscard,lazy_itable_init=0"},
					       NULL};
const struct journal_kind journal_ext4_fast = {"ext4",
					       {"mkfs.ext4", "-q", "-b", "1024", "-O",
						"fast_commit", "-E",
						"nodiscard,lazy_itable_init=0"},
					       SLOW};
const struct journal_kind journal_ext4_data = {
	"ext4",
	{"mkfs.ext4", "-q", "-b", "4096", "-E", "nodiscard,lazy_itable_init=0"},
	SLOW ",data=journal"};
const struct journal_kind journal_xfs = {"xfs", {"mkfs.xfs", "-q", "-K"}, NULL};
const struct journal_kind journal_btrfs = {"btrfs", {"mkfs.btrfs", "-q", "-K"}, SLOW};

int journal_enter(void **state)
{
	(void)state;
	journal.file = journal.dir = -1;
	return tmpdir_make(journal.folder);
}

int journal_leave(void **state)
{
	(void)state;
	if (journal.file >= 0)
		close(journal.file);
	if (journal.dir >= 0)
		close(journal.dir);
	fb_trace_close(journal.trace);
	fb_requests_free(journal.r);
	fb_requests_free(journal.half);
	fb_requests_free(journal.deaf);
	fb_extents_free(&journal.extents);
	fb_extents_free(&journal.log);
	if (journal.mounted)
		umount2(journal.mnt, 0);
	disk_detach(&journal.disk);
	tmpdir_remove(journal.folder);
	memset(&journal, 0, sizeof(journal));
	return 0;
}

static const char *missing(const struct journal_kind *k)
{
	static char why[96];
	const char *argv[] = {k->mkfs[0], "-V", NULL};

	if (!disk_can_run())
		return "no loop devices";
	if (own_mounts())
		return "no mount namespace";
	if (disk_run(argv)) {
		snprintf(why, sizeof(why), "%s is not installed", k->mkfs[0]);
		return why;
	}
	return NULL;
}

static void make(const struct journal_kind *k)
{
	const char *argv[16];
	size_t n = 0;

	for (; k->mkfs[n]; n++)
		argv[n] = k->mkfs[n];
	argv[n++] = journal.disk.dev;
	argv[n] = NULL;
	assert_int_equal(disk_run(argv), 0);
	assert_int_equal(mkdir(tmpdir_join(journal.mnt, sizeof(journal.mnt),
					   journal.folder, "mnt"),
			       0700),
			 0);
	if (mount(journal.disk.dev, journal.mnt, k->fs, 0, k->options)) {
		fprintf(stderr, "%s %s: %s\n", k->fs, k->options ? k->options : "",
			strerror(errno));
		skip();
	}
	journal.mounted = true;
	tmpdir_join(journal.target, sizeof(journal.target), journal.mnt, "target");
	assert_int_equal(mkdir(journal.target, 0700), 0);
}

void journal_write(int fd, uint64_t page)
{
	static unsigned char data[JOURNAL_LAB_PAGE];

	data[0]++;
	assert_int_equal(
		pwrite(fd, data, JOURNAL_LAB_PAGE, (off_t)page * JOURNAL_LAB_PAGE),
		JOURNAL_LAB_PAGE);
}

/* A file with all its blocks, on a file system that has nothing else to do. */
static void prepare(void)
{
	journal.dir = open(journal.target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	journal.file = openat(journal.dir, "file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(journal.dir >= 0 && journal.file >= 0);
	for (uint64_t i = 0; i < 64; i++)
		journal_write(journal.file, i);
	assert_int_equal(fsync(journal.file), 0);
	/* btrfs writes more the first time. */
	journal_write(journal.file, 0);
	assert_int_equal(fsync(journal.file), 0);
	assert_int_equal(syncfs(journal.dir), 0);
	journal_write(journal.file, 0);
	assert_int_equal(fsync(journal.file), 0);
}

void journal_start(const struct journal_kind *k)
{
	struct fb_requests_setup s = {
		.n_disks = 1,
		.n_own = 1,
		.fs = k->fs,
		.extents = &journal.extents,
		.late = true,
		.issuer = fb_issuer_of,
		.ctx = &journal.issuers,
	};
	struct fb_err err;

	need(missing(k));
	assert_int_equal(disk_attach(&journal.disk, journal.folder, "image",
				     (uint64_t)400 * MIB),
			 0);
	make(k);
	assert_int_equal(fb_device_resolve(journal.target, &journal.d, NULL), 0);
	assert_int_equal(journal.d.n_disks, 1);
	s.disks[0] = &journal.d.disks[0];
	if (fb_trace_open(&journal.trace, s.disks, 1, &err)) {
		fprintf(stderr, "no trace: %s\n", err.text);
		skip();
	}
	assert_int_equal(fb_requests_new(&journal.r, &s), 0);
	assert_int_equal(fb_requests_new(&journal.half, &s), 0);
	assert_int_equal(fb_requests_new(&journal.deaf, &s), 0);
	fb_rng_init(&journal.dice, 8);
	prepare();
}

static void find_target(void)
{
	assert_int_equal(fb_extents_add_folder(&journal.extents, journal.target, NULL),
			 0);
	fb_extents_join(&journal.extents);
	assert_string_equal(journal.extents.unknown, "");
}

static void see(const struct fb_block_event *e, void *ctx)
{
	(void)ctx;
	if (e->kind == FB_BLOCK_COMPLETE && e->flags & FB_BLOCK_WRITE &&
	    fb_extents_hold(&journal.log, e->dev_major, e->dev_minor, e->sector))
		journal.log_bytes += (uint64_t)e->sectors * SECTOR;
	fb_requests_see(journal.r, e);
	if (e->kind != FB_BLOCK_COMPLETE || fb_rng_below(&journal.dice, 2))
		fb_requests_see(journal.half, e);
	if (e->kind != FB_BLOCK_COMPLETE)
		fb_requests_see(journal.deaf, e);
}

void journal_begin(void)
{
	/* Longer than a tick, for a file's time has to change. */
	const struct timespec tick = {.tv_nsec = 30 * 1000 * 1000};

	nanosleep(&tick, NULL);
	find_target();
	fb_requests_reset(journal.r);
	fb_requests_reset(journal.half);
	fb_requests_reset(journal.deaf);
	fb_issuers_reset(&journal.issuers);
	journal.log_bytes = 0;
	memset(&journal.io, 0, sizeof(journal.io));
	assert_int_equal(fb_device_quiesce(&journal.d, QUIET_MS), 0);
	assert_int_equal(fb_trace_start(journal.trace), 0);
	assert_int_equal(fb_disk_stat_read(&journal.d.disks[0], &journal.before), 0);
}

static void comes_to_the_same(struct fb_requests *r)
{
	static struct fb_io io;
	struct fb_requests_sum sum;

	memset(&io, 0, sizeof(io));
	fb_requests_finish(r, &io, NULL, &sum);
	sum.unanswered = 0;
	assert_memory_equal(&sum, &journal.sum, sizeof(sum));
	assert_memory_equal(&io, &journal.io, sizeof(io));
}

bool journal_ended_whole(void)
{
	struct fb_disk_stat is;

	assert_int_equal(fb_device_quiesce(&journal.d, QUIET_MS), 0);
	assert_int_equal(fb_disk_stat_read(&journal.d.disks[0], &is), 0);
	fb_trace_stop(journal.trace);
	fb_trace_read(journal.trace, see, NULL);
	if (fb_trace_lost(journal.trace))
		return false;
	find_target();
	fb_requests_finish(journal.r, &journal.io, NULL, &journal.sum);
	assert_int_equal(journal.sum.unanswered, 0);
	comes_to_the_same(journal.half);
	comes_to_the_same(journal.deaf);
	assert_int_equal(journal.sum.writes, is.writes - journal.before.writes);
	assert_int_equal(journal.sum.bytes,
			 is.write_bytes - journal.before.write_bytes);
	if (is.flushes != FB_UNKNOWN)
		assert_int_equal(journal.sum.flushes,
				 is.flushes - journal.before.flushes);
	return true;
}

void journal_end(void)
{
	if (!journal_ended_whole())
		need("block events were lost");
}

uint64_t journal_bytes(const char *klass)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < journal.io.n_classes; i++)
		if (!strcmp(journal.io.classes[i].klass, klass))
			bytes += journal.io.classes[i].bytes;
	return bytes;
}

void journal_drain(void)
{
	fb_trace_read(journal.trace, see, NULL);
}
