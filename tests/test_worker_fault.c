/*
 * A write that the system breaks off: how the driver ends, alone and within a batch.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "path/fault.h"
#include "run/worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct {
	uint64_t now;
	uint64_t writes, fault_at;
} world;

static char *hole; /* a page that no store can reach */

static uint64_t fake_read(const struct fb_clock *c)
{
	(void)c;
	return world.now;
}

static const struct fb_clock fake_clock = {.mult = UINT64_C(1) << 32,
					   .read = fake_read};

static int fake_write(struct fb_lane *l, const struct fb_write *w)
{
	(void)l;
	(void)w;
	world.now += 100;
	if (++world.writes == world.fault_at)
		*(volatile char *)hole = 1;
	return 0;
}

static int fake_flush(struct fb_lane *l, uint64_t offset, uint64_t length)
{
	(void)l;
	(void)offset;
	(void)length;
	world.now += 1000;
	return 0;
}

static int fake_guard(struct fb_lane *l, void (*work)(void *arg), void *arg)
{
	if (!fb_fault_guard(work, arg))
		return 0;
	return fb_err_set(&l->err, -EIO, "a store faulted");
}

static const struct fb_path_ops guarded = {.stamps = FB_STAMPS_FENCED,
					   .guard = fake_guard,
					   .write = fake_write,
					   .flush = fake_flush};

static struct rig {
	struct fb_case c;
	struct fb_lane lane;
	struct fb_cursor cursor;
	struct fb_hist hist[FB_OP_COUNT];
	struct fb_worker w;
} rig;

static int set_up(void **state)
{
	static const atomic_bool never;
	const int fd = memfd_create("empty", MFD_CLOEXEC);

	(void)state;
	memset(&world, 0, sizeof(world));
	hole = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (hole == MAP_FAILED)
		return -1;
	rig.c = (struct fb_case){
		.path = FB_PATH_NVMEM,
		.pattern = FB_PATTERN_SEQ,
		.bs = 64,
		.size = 1 << 20,
		.writes_per_flush = 1,
		.numjobs = 1,
		.ranges = 1,
		.stride = 64,
		.align = 64,
	};
	rig.w = (struct fb_worker){.clock = &fake_clock,
				   .ops = &guarded,
				   .lane = &rig.lane,
				   .cursor = &rig.cursor,
				   .stop = &never,
				   .flushes = true};
	for (int i = 0; i < FB_OP_COUNT; i++)
		rig.w.hist[i] = &rig.hist[i];
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	munmap(hole, 4096);
	fb_cursor_free(&rig.cursor);
	return 0;
}

static void go(uint64_t batch, uint64_t limit)
{
	for (int i = 0; i < FB_OP_COUNT; i++)
		fb_hist_reset(&rig.hist[i]);
	rig.lane.err.text[0] = '\0';
	rig.c.batch = batch;
	rig.w.limit = limit;
	rig.w.end = 0;
	world.writes = 0;
	/* Not in set_up: cmocka puts a handler of its own around a test. */
	assert_int_equal(fb_fault_install(), 0);
	assert_int_equal(fb_cursor_init(&rig.cursor, &rig.c, 0, NULL), 0);
	fb_worker_run(&rig.w);
	fb_cursor_free(&rig.cursor);
}

static void a_write_that_faults_ends_the_case(void **state)
{
	static const uint64_t batches[] = {1, 10};

	(void)state;
	world.fault_at = 37;
	for (size_t i = 0; i < 2; i++) {
		go(batches[i], 1000);
		assert_int_equal(rig.w.ended, FB_ENDED_ERROR);
		assert_int_equal(rig.w.done, 36 / batches[i] * batches[i]);
		assert_int_equal(rig.hist[FB_OP_COMMIT].count, 36 / batches[i]);
		assert_int_equal(rig.w.end, world.now);
		assert_string_equal(rig.lane.err.text, "a store faulted");
	}
}

static void a_guarded_loop_that_goes_well_ends_as_any(void **state)
{
	(void)state;
	go(10, 100);
	assert_int_equal(rig.w.ended, FB_ENDED_OPS);
	assert_int_equal(rig.w.done, 100);
	assert_int_equal(rig.hist[FB_OP_COMMIT].count, 10);
	assert_string_equal(rig.lane.err.text, "");
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_write_that_faults_ends_the_case),
		T(a_guarded_loop_that_goes_well_ends_as_any),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
