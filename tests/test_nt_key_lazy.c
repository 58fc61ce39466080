#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "nt/objects.h"
#include "support/fusefs.h"
#include "support/key_rig.h"
#include "support/need.h"

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <time.h>

#define HOUR_NS UINT64_C(3600000000000)

static struct fusefs fuse;

static int setup(void **state)
{
	(void)state;
	return key_lab_enter();
}

static int teardown(void **state)
{
	(void)state;
	key_lab_unload();
	fusefs_unmount(&fuse);
	key_lab_leave();
	return 0;
}

static struct fb_nt_hive_counters wait_for_lazy_flush(uint64_t n)
{
	struct fb_nt_hive_counters c;

	do {
		sched_yield();
		c = key_rig_count(key_lab.root);
	} while (c.lazy_flushes < n);
	return c;
}

static void changes_are_flushed_without_anybody_asking(void **state)
{
	const struct fb_nt_hive_options o = {.lazy_flush_ns = 1000 * 1000};
	struct fb_nt_hive_counters before;
	struct fb_nt_hive_counters after;

	(void)state;
	key_lab.root = key_rig_load(key_lab.path, &o);
	before = key_rig_count(key_lab.root);
	assert_int_equal(before.lazy_bytes, 0);
	key_rig_set(key_lab.root, "v", 1);
	after = wait_for_lazy_flush(1);
	assert_true(after.lazy_bytes > 4096);
	assert_int_equal(after.log_bytes, before.log_bytes);
	assert_int_equal(after.primary_bytes, before.primary_bytes);
	/* Nothing is left to do, and nobody does it. */
	assert_status(STATUS_SUCCESS, NtFlushKey(key_lab.root));
	assert_int_equal(key_rig_count(key_lab.root).log_bytes, before.log_bytes);
	assert_int_equal(key_rig_count(key_lab.root).lazy_flushes, 1);
	key_rig_set(key_lab.root, "v", 2);
	assert_true(wait_for_lazy_flush(2).lazy_bytes > after.lazy_bytes);
}

static void flushes_asked_for_count_apart_from_the_lazy_ones(void **state)
{
	const struct fb_nt_hive_options o = {.lazy_flush_ns = HOUR_NS};
	uint64_t before;

	(void)state;
	key_lab.root = key_rig_load(key_lab.path, &o);
	before = key_rig_count(key_lab.root).log_bytes;
	key_rig_set(key_lab.root, "v", 1);
	assert_status(STATUS_SUCCESS, NtFlushKey(key_lab.root));
	assert_true(key_rig_count(key_lab.root).log_bytes > before);
	assert_int_equal(key_rig_count(key_lab.root).lazy_flushes, 0);
	assert_int_equal(key_rig_count(key_lab.root).lazy_bytes, 0);
}

/* The longest interval there is must not come out as none. */
static void nothing_is_flushed_before_its_time(void **state)
{
	const struct fb_nt_hive_options longest = {.lazy_flush_ns = UINT64_MAX};
	const struct timespec brief = {.tv_nsec = 20 * 1000 * 1000};

	(void)state;
	key_lab.root = key_rig_load(key_lab.path, &longest);
	key_rig_set(key_lab.root, "v", 1);
	nanosleep(&brief, NULL);
	assert_int_equal(key_rig_count(key_lab.root).lazy_flushes, 0);
}

/* Or this test would take an hour, or for ever. */
static void unload_does_not_wait_for_the_interval(void **state)
{
	const struct fb_nt_hive_options hour = {.lazy_flush_ns = HOUR_NS};
	const struct fb_nt_hive_options longest = {.lazy_flush_ns = UINT64_MAX};

	(void)state;
	key_lab.root = key_rig_load(key_lab.path, &hour);
	key_rig_set(key_lab.root, "v", 1);
	key_rig_unload(key_lab.root);
	key_lab.root = key_rig_load(key_lab.path, &longest);
	key_rig_set(key_lab.root, "v", 2);
	NtClose(key_lab.root);
	key_lab.root = key_rig_load(key_lab.path, NULL);
	assert_int_equal(key_rig_get(key_lab.root, "v"), 2);
}

static void failed_lazy_flush_is_tried_again(void **state)
{
	const struct fb_nt_hive_options o = {.lazy_flush_ns = 1000 * 1000};

	(void)state;
	need(fusefs_missing());
	assert_false(fusefs_mount(&fuse, false));
	tmpdir_join(key_lab.path, sizeof(key_lab.path), fuse.dir, "hive");
	key_rig_new(key_lab.path);
	key_lab.root = key_rig_load(key_lab.path, &o);
	fusefs_reset_counts(&fuse);
	fusefs_fail_fsync(&fuse, EIO, 0);
	key_rig_set(key_lab.root, "v", 1);
	while (atomic_load(&fuse.shared->fdatasyncs) < 3)
		sched_yield();
	assert_int_equal(key_rig_count(key_lab.root).lazy_flushes, 0);
	assert_status(STATUS_REGISTRY_IO_FAILED, NtFlushKey(key_lab.root));
	fusefs_fail_fsync(&fuse, 0, 0);
	wait_for_lazy_flush(1);
	key_rig_unload(key_lab.root);
	key_lab.root = key_rig_load(key_lab.path, NULL);
	assert_int_equal(key_rig_get(key_lab.root, "v"), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(changes_are_flushed_without_anybody_asking),
		TEST(flushes_asked_for_count_apart_from_the_lazy_ones),
		TEST(nothing_is_flushed_before_its_time),
		TEST(unload_does_not_wait_for_the_interval),
		TEST(failed_lazy_flush_is_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
