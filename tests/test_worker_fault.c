/*
 * A write that the system breaks off: how the driver ends, alone and within a batch.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "path/fault.h"
#include "support/nvmem_case.h"
#include "support/worker_rig.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

static uint64_t fault_at;
static char *hole; /* a page that no store can reach */

static int fake_write(struct fb_lane *l, const struct fb_write *w)
{
	const int ret = worker_rig_write(l, w);

	if (worker.writes == fault_at)
		*(volatile char *)hole = 1;
	return ret;
}

static int fake_guard(struct fb_lane *l, void (*work)(void *arg), void *arg)
{
	if (!fb_fault_guard(work, arg, NULL))
		return 0;
	return fb_err_set(&l->err, -EIO, "a store faulted");
}

static const struct fb_path_ops guarded = {.stamps = FB_STAMPS_FENCED,
					   .guard = fake_guard,
					   .write = fake_write,
					   .flush = worker_rig_flush};

static int set_up(void **state)
{
	const int fd = memfd_create("empty", MFD_CLOEXEC);

	(void)state;
	hole = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (hole == MAP_FAILED)
		return -1;
	fault_at = 0;
	worker_rig_make(&guarded, nvmem_case(64, 1 << 20));
	return 0;
}

static int tear_down(void **state)
{
	munmap(hole, 4096);
	return worker_rig_leave(state);
}

static void go(uint64_t batch, uint64_t limit)
{
	worker.lane.err.text[0] = '\0';
	worker.c.batch = batch;
	worker.w.limit = limit;
	worker.w.end = 0;
	worker.writes = 0;
	/* Not in set_up: cmocka puts a handler of its own around a test. */
	assert_int_equal(fb_fault_install(), 0);
	worker_rig_go();
}

static void a_write_that_faults_ends_the_case(void **state)
{
	static const uint64_t batches[] = {1, 10};

	(void)state;
	fault_at = 37;
	for (size_t i = 0; i < 2; i++) {
		go(batches[i], 1000);
		assert_int_equal(worker.w.ended, FB_ENDED_ERROR);
		assert_int_equal(worker.w.done, 36 / batches[i] * batches[i]);
		assert_int_equal(worker.hist[FB_OP_COMMIT].count, 36 / batches[i]);
		assert_int_equal(worker.w.end, worker.now);
		assert_string_equal(worker.lane.err.text, "a store faulted");
	}
}

static void a_guarded_loop_that_goes_well_ends_as_any(void **state)
{
	(void)state;
	go(10, 100);
	assert_int_equal(worker.w.ended, FB_ENDED_OPS);
	assert_int_equal(worker.w.done, 100);
	assert_int_equal(worker.hist[FB_OP_COMMIT].count, 10);
	assert_string_equal(worker.lane.err.text, "");
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
