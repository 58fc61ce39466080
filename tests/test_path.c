/*
 * One suite for every path and mode: what is written and flushed is there, a place
 * outside is told, a full disk is told, nothing is left behind.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "nt/objects.h"
#include "path/path.h"
#include "path/target_file.h"
#include "support/loopfs.h"
#include "support/need.h"
#include "support/tmpdir.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

struct rig {
	char dir[64];
	struct fb_device device;
	struct fb_target target;
	struct fb_err err;
};

static struct rig rig;

static int set_up(void **state)
{
	(void)state;
	memset(&rig, 0, sizeof(rig));
	strcpy(rig.dir, "flushbench-test-XXXXXX");
	if (!mkdtemp(rig.dir))
		return -1;
	rig.target.dir = rig.dir;
	rig.target.device = &rig.device;
	return fb_device_resolve(rig.dir, &rig.device, &rig.err);
}

static int tear_down(void **state)
{
	(void)state;
	return rmdir(rig.dir);
}

static struct fb_case a_case(int path, int mode)
{
	return (struct fb_case){
		.path = path,
		.mode = mode,
		.pattern = FB_PATTERN_SEQ,
		.bs = 4096,
		.fill_bs = 4096,
		.size = 64 * 4096,
		.writes_per_flush = 1,
		.numjobs = 2,
		.flushers = 2,
		.values_per_key = 4,
		.value_size = 4096,
		.hives = 1,
		.batch = 1,
		.nv_emulate = 1,
		.ranges = 1,
		.stride = 4096,
		.align = 4096,
	};
}

static void open_both(struct fb_path **p, struct fb_lane *l[2], const struct fb_case *c)
{
	const struct fb_path_ops *ops = fb_path_get((enum fb_path_id)c->path);

	if (ops->open(p, c, &rig.target, &rig.err))
		fail_msg("%s %s: %s", fb_path_names[c->path], fb_mode_names[c->mode],
			 rig.err.text);
	for (unsigned i = 0; i < 2; i++) {
		if (ops->lane_open(&l[i], *p, i, &rig.err))
			fail_msg("%s", rig.err.text);
	}
}

static void close_both(struct fb_path *p, struct fb_lane *l[2])
{
	const struct fb_path_ops *ops = p->ops;

	ops->lane_close(l[0]);
	ops->lane_close(l[1]);
	assert_int_equal(ops->close(p, &rig.err), 0);
	assert_int_equal(folder_entries(rig.dir), 0);
}

static void write_and_flush(struct fb_lane *l, uint64_t offset, char *data, char fill,
			    const struct fb_case *c)
{
	struct fb_write w = {.offset = offset, .data = data, .length = c->bs};

	memset(data, fill, c->bs);
	if (l->ops->begin_ops)
		l->ops->begin_ops(l, &w, 1, 1);
	assert_int_equal(l->ops->write(l, &w), 0);
	if (!fb_mode_get((enum fb_mode)c->mode)->one_call)
		assert_int_equal(l->ops->flush(l, offset, c->bs), 0);
	if (l->ops->end_op)
		l->ops->end_op(l);
}

static void try_mode(struct fb_case c)
{
	static char data[4096] __attribute__((aligned(4096)));
	char back[4096];
	struct fb_path *p;
	struct fb_lane *l[2];

	open_both(&p, l, &c);
	for (unsigned i = 0; i < 2; i++) {
		write_and_flush(l[i], (3 + i) * 4096, data, (char)('a' + i), &c);
		if (!p->ops->read_back)
			continue;
		assert_int_equal(p->ops->read_back(p, i, (3 + i) * 4096, back, 4096),
				 0);
		assert_memory_equal(back, data, 4096);
		assert_int_equal(p->ops->read_back(p, i, c.size, back, 4096), -ENODATA);
	}
	close_both(p, l);
}

static void each_mode(void (*try)(struct fb_case c), struct fb_case like)
{
	for (int path = 0; path < FB_PATH_COUNT; path++) {
		for (int mode = 0; mode < FB_MODE_COUNT; mode++) {
			struct fb_case c = like;

			if (!fb_mode_on((enum fb_path_id)path, (enum fb_mode)mode))
				continue;
			/* Nor has a hive values without data. */
			if (path == FB_PATH_REGISTRY &&
			    c.prepare == FB_PREPARE_UNWRITTEN)
				continue;
			c.path = path;
			c.mode = mode;
			try(c);
		}
	}
}

static void what_is_flushed_is_in_the_file(void **state)
{
	struct fb_case c = a_case(0, 0);

	(void)state;
	each_mode(try_mode, c);
	c.share = FB_SHARE_ONE;
	each_mode(try_mode, c);
	c.share = FB_SHARE_OWN;
	c.prepare = FB_PREPARE_UNWRITTEN;
	each_mode(try_mode, c);
	c.prepare = FB_PREPARE_WRITTEN;
	c.flush_range = FB_FLUSH_RANGE_WHOLE;
	each_mode(try_mode, c);
	c.flush_range = FB_FLUSH_RANGE_OP;
	c.no_sync = FB_NO_SYNC_FSYNC;
	each_mode(try_mode, c);
}

static void direct_writes_reach_the_file(void **state)
{
	struct fb_case c = a_case(FB_PATH_FILE, FB_MODE_NORMAL);

	(void)state;
	c.direct = 1;
	for (c.mode = 0; c.mode < FB_MODE_COUNT; c.mode++) {
		if (fb_mode_on(FB_PATH_FILE, (enum fb_mode)c.mode))
			try_mode(c);
	}
}

static uint64_t blocks_of(const char *name)
{
	char path[128];
	struct stat s;

	snprintf(path, sizeof(path), "%s/%s", rig.dir, name);
	assert_int_equal(stat(path, &s), 0);
	return (uint64_t)s.st_blocks * 512;
}

static void targets_are_prepared_as_asked(void **state)
{
	static const struct {
		int prepare;
		uint64_t size, blocks;
	} want[] = {
		{FB_PREPARE_WRITTEN, 64 * 4096, 64 * 4096},
		{FB_PREPARE_UNWRITTEN, 64 * 4096, 64 * 4096},
		{FB_PREPARE_EXTEND, 0, 0},
	};

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct fb_case c = a_case(FB_PATH_FILE, FB_MODE_NORMAL);
		struct fb_path *p;
		struct fb_lane *l[2];
		char back[4096], path[128];
		struct stat s;

		c.prepare = want[i].prepare;
		open_both(&p, l, &c);
		snprintf(path, sizeof(path), "%s/data-1", rig.dir);
		assert_int_equal(stat(path, &s), 0);
		assert_int_equal(s.st_size, want[i].size);
		assert_int_equal(blocks_of("data-0"), want[i].blocks);
		if (want[i].prepare == FB_PREPARE_WRITTEN) {
			assert_int_equal(p->ops->read_back(p, 0, 8192, back, 4096), 0);
			assert_int_not_equal(back[100] | back[200] | back[300], 0);
		}
		close_both(p, l);
	}
}

static void extending_writes_grow_the_file(void **state)
{
	static char data[4096];
	struct fb_case c = a_case(FB_PATH_FILE, FB_MODE_DATA_SYNC_ONLY);
	struct fb_path *p;
	struct fb_lane *l[2];
	char back[4096];

	(void)state;
	c.prepare = FB_PREPARE_EXTEND;
	open_both(&p, l, &c);
	assert_int_equal(p->ops->read_back(p, 0, 0, back, 4096), -ENODATA);
	write_and_flush(l[0], 0, data, 'x', &c);
	assert_int_equal(p->ops->read_back(p, 0, 0, back, 4096), 0);
	close_both(p, l);
}

static void create_makes_a_file_an_op_and_removes_them_all(void **state)
{
	static char data[4096];
	struct fb_path *p;
	struct fb_lane *l[2];

	(void)state;
	for (int share = 0; share < 2; share++) {
		struct fb_case c = a_case(FB_PATH_FILE, FB_MODE_NORMAL);
		char path[128];
		struct stat s;

		c.pattern = FB_PATTERN_CREATE;
		c.share = share;
		open_both(&p, l, &c);
		for (int i = 0; i < 5; i++) {
			write_and_flush(l[0], 0, data, 'x', &c);
			write_and_flush(l[1], 0, data, 'y', &c);
		}
		snprintf(path, sizeof(path), "%s/data-0", rig.dir);
		assert_int_equal(folder_entries(path), share == FB_SHARE_ONE ? 10 : 5);
		snprintf(path, sizeof(path), "%s/data-0/0-4", rig.dir);
		assert_int_equal(stat(path, &s), 0);
		assert_int_equal(s.st_size, 4096);
		close_both(p, l);
	}
}

static void no_two_blocks_of_a_target_are_alike(void **state)
{
	struct fb_case c = a_case(FB_PATH_FILE, FB_MODE_NORMAL);
	char a[4096], b[4096];
	struct fb_path *p;
	struct fb_lane *l[2];

	(void)state;
	c.fill_bs = 8 * 4096;
	open_both(&p, l, &c);
	assert_int_equal(p->ops->read_back(p, 0, 0, a, 4096), 0);
	for (uint64_t i = 0; i < 128; i++) {
		if (i % 64 == 0 && i / 64 == 0)
			continue;
		assert_int_equal(p->ops->read_back(p, (unsigned)(i / 64), i % 64 * 4096,
						   b, 4096),
				 0);
		assert_int_not_equal(memcmp(a, b, 4096), 0);
	}
	close_both(p, l);
}

static size_t cached_pages_of_target(size_t pages)
{
	unsigned char there[64];
	char name[FB_TARGET_NAME];
	size_t n = 0;
	void *map;
	int fd;

	fb_target_name(&rig.target, 0, name);
	fd = open(name, O_RDONLY);
	assert_true(fd >= 0 && pages <= sizeof(there));
	map = mmap(NULL, pages * 4096, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	assert_ptr_not_equal(map, MAP_FAILED);
	assert_int_equal(mincore(map, pages * 4096, there), 0);
	munmap(map, pages * 4096);
	for (size_t i = 0; i < pages; i++)
		n += there[i] & 1;
	return n;
}

static void what_the_fill_left_in_the_cache_stays_only_if_asked_to(void **state)
{
	struct fb_case c = a_case(FB_PATH_FILE, FB_MODE_NORMAL);
	struct fb_path *p;
	struct fb_lane *l[2];

	(void)state;
	for (c.invalidate = 0; c.invalidate < 2; c.invalidate++) {
		open_both(&p, l, &c);
		assert_int_equal(cached_pages_of_target(64), c.invalidate ? 0 : 64);
		close_both(p, l);
	}
}

static void syncing_reaches_files_that_create_made(void **state)
{
	const struct loopfs_spec spec = {.type = "ext4", .bytes = 64 << 20};
	struct fb_case c = a_case(FB_PATH_FILE, FB_MODE_NONE);
	struct loopfs_io before, after;
	static char data[4096];
	struct fb_path *p;
	struct fb_lane *l[2];
	struct loopfs fs;

	(void)state;
	need(loopfs_missing("ext4"));
	assert_int_equal(loopfs_mount(&fs, &spec), 0);
	rig.target.dir = fs.dir;
	assert_int_equal(fb_device_resolve(fs.dir, &rig.device, &rig.err), 0);
	c.pattern = FB_PATTERN_CREATE;
	open_both(&p, l, &c);
	for (int i = 0; i < 50; i++)
		write_and_flush(l[0], 0, data, 'x', &c);
	loopfs_read_io(&fs, &before);
	assert_int_equal(p->ops->sync(p, &rig.err), 0);
	loopfs_read_io(&fs, &after);
	l[0]->ops->lane_close(l[0]);
	l[1]->ops->lane_close(l[1]);
	assert_int_equal(p->ops->close(p, &rig.err), 0);
	loopfs_unmount(&fs);
	assert_true(after.bytes_written - before.bytes_written >= 50 * 4096);
}

static void a_write_that_does_not_fit_is_told_with_its_status(void **state)
{
	struct rlimit small = {2 * 4096, RLIM_INFINITY}, before;
	struct fb_case c = a_case(FB_PATH_FILE, FB_MODE_NORMAL);
	static char data[4096];
	struct fb_write w = {.offset = 2 * 4096 - 100, .data = data, .length = 4096};
	struct fb_path *p;
	struct fb_lane *l[2];

	(void)state;
	c.prepare = FB_PREPARE_EXTEND;
	open_both(&p, l, &c);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_not_equal(l[0]->ops->write(l[0], &w), 0);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_not_equal(l[0]->err.status, 0);
	assert_int_equal(l[0]->err.os_error, EFBIG);
	assert_non_null(strstr(l[0]->err.text, "data-0"));
	close_both(p, l);
}

struct one_write {
	struct fb_lane *lane;
	struct fb_write w;
};

static void write_one(void *arg)
{
	const struct one_write *o = arg;

	o->lane->ops->write(o->lane, &o->w);
}

static void a_store_past_a_cut_file_is_an_error_and_no_crash(void **state)
{
	struct fb_case c = a_case(FB_PATH_MAPPED, FB_MODE_VIEW);
	static char data[4096];
	struct one_write o = {.w = {.offset = 40 * 4096, .data = data, .length = 4096}};
	struct fb_path *p;
	struct fb_lane *l[2];
	char path[128];

	(void)state;
	open_both(&p, l, &c);
	o.lane = l[0];
	snprintf(path, sizeof(path), "%s/data-0", rig.dir);
	assert_int_equal(truncate(path, 4096), 0);
	assert_int_equal(p->ops->guard(l[0], write_one, &o), -EIO);
	assert_int_equal(l[0]->err.status, (uint32_t)STATUS_IO_DEVICE_ERROR);
	assert_non_null(strstr(l[0]->err.text, "163840"));
	/* and the next one is caught as well */
	assert_int_equal(p->ops->guard(l[0], write_one, &o), -EIO);
	o.w.offset = 0;
	assert_int_equal(p->ops->guard(l[0], write_one, &o), 0);
	close_both(p, l);
}

static bool always(void)
{
	return true;
}

static void preparing_can_be_cancelled_and_leaves_nothing(void **state)
{
	struct fb_case c = a_case(FB_PATH_FILE, FB_MODE_NORMAL);
	struct fb_path *p;

	(void)state;
	rig.target.cancelled = always;
	assert_int_equal(fb_path_get(FB_PATH_FILE)->open(&p, &c, &rig.target, &rig.err),
			 -EINTR);
	assert_int_equal(folder_entries(rig.dir), 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_is_flushed_is_in_the_file),
		T(direct_writes_reach_the_file),
		T(targets_are_prepared_as_asked),
		T(extending_writes_grow_the_file),
		T(create_makes_a_file_an_op_and_removes_them_all),
		T(no_two_blocks_of_a_target_are_alike),
		T(what_the_fill_left_in_the_cache_stays_only_if_asked_to),
		T(syncing_reaches_files_that_create_made),
		T(a_write_that_does_not_fit_is_told_with_its_status),
		T(a_store_past_a_cut_file_is_an_error_and_no_crash),
		T(preparing_can_be_cancelled_and_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
