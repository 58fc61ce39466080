/*
 * The path to the registry: which hives it makes, what a write and a flush do to them,
 * and what it counts.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "nt/nt_types.h"
#include "path/registry_hives.h"
#include "path/target_file.h"
#include "plan/hive_layout.h"
#include "support/path_rig.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

enum { LANES = PATH_RIG_LANES };

static struct path_rig rig;

static int set_up(void **state)
{
	(void)state;
	return path_rig_make(&rig, (struct fb_case){
					   .path = FB_PATH_REGISTRY,
					   .mode = FB_MODE_KEY,
					   .pattern = FB_PATTERN_SEQ,
					   .size = 1 << 20,
					   .values_per_key = 100,
					   .value_size = 4,
					   .hives = 1,
					   .writes_per_flush = 1,
					   .numjobs = LANES,
					   .flushers = LANES,
				   });
}

static int tear_down(void **state)
{
	const struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};

	(void)state;
	setrlimit(RLIMIT_FSIZE, &none);
	return path_rig_remove(&rig);
}

static int try_write(unsigned thread, uint64_t value, const void *data)
{
	const struct fb_write w = {value * rig.c.value_size, data, rig.c.value_size};

	return rig.path->ops->write(rig.lane[thread], &w);
}

static void write_value(unsigned thread, uint64_t value, uint32_t data)
{
	if (try_write(thread, value, &data))
		fail_msg("%s", rig.lane[thread]->err.text);
}

static void flush(unsigned thread)
{
	if (rig.path->ops->flush(rig.lane[thread], 0, rig.c.value_size))
		fail_msg("%s", rig.lane[thread]->err.text);
	rig.path->ops->end_op(rig.lane[thread]);
}

static struct fb_path_counters counters(void)
{
	struct fb_path_counters now;

	memset(&now, 0xff, sizeof(now));
	rig.path->ops->counters(rig.path, &now);
	return now;
}

static const char *file_name(unsigned i)
{
	static char name[FB_TARGET_NAME];

	fb_target_name(&rig.target, i, name);
	return name;
}

/* What the hive's files hold of a value; fails the test when it is not there. */
static uint32_t durable(unsigned file, uint64_t value)
{
	uint32_t data = 0;

	assert_int_equal(fb_registry_read(&rig.c, file_name(file), value, &data), 0);
	return data;
}

static uint64_t file_bytes(unsigned i, const char *end)
{
	char name[FB_TARGET_NAME + 8];
	struct stat s;

	snprintf(name, sizeof(name), "%s%s", file_name(i), end);
	assert_int_equal(stat(name, &s), 0);
	return (uint64_t)s.st_size;
}

static void a_thread_has_a_hive_of_the_size_asked_for_and_its_logs(void **state)
{
	uint64_t all = 0;

	(void)state;
	rig.c.size = 4 << 20;
	path_rig_open(&rig);
	for (unsigned i = 0; i < LANES; i++) {
		uint64_t bytes = file_bytes(i, "");

		assert_in_range(bytes, rig.c.size / 100 * 95, rig.c.size / 100 * 105);
		all += bytes + file_bytes(i, ".LOG1") + file_bytes(i, ".LOG2");
	}
	assert_int_equal(folder_entries(rig.dir), 3 * LANES);
	assert_in_range(fb_path_disk_bytes(&rig.c), all, 2 * all);
	assert_in_range(fb_path_memory_bytes(&rig.c), 2 * rig.c.size,
			3 * rig.c.size - 1);
	path_rig_close(&rig);
}

static void what_was_not_flushed_is_lost(void **state)
{
	uint32_t before;

	(void)state;
	path_rig_open(&rig);
	before = durable(0, 123);
	write_value(0, 123, before + 1);
	assert_int_equal(durable(0, 123), before);
	flush(0);
	assert_int_equal(durable(0, 123), before + 1);
	assert_int_not_equal(durable(1, 123), before + 1);
	path_rig_close(&rig);
}

static void no_two_values_begin_alike(void **state)
{
	(void)state;
	path_rig_open(&rig);
	for (uint64_t v = 1; v < 30; v++)
		assert_int_not_equal(durable(0, v), durable(0, v - 1));
	path_rig_close(&rig);
}

static void a_flush_takes_what_others_changed_with_it(void **state)
{
	(void)state;
	rig.c.share = FB_SHARE_ONE;
	path_rig_open(&rig);
	write_value(0, 7, 1111);
	write_value(0, 5007, 2222);
	write_value(1, 9007, 3333);
	flush(1);
	assert_int_equal(durable(0, 7), 1111);
	assert_int_equal(durable(0, 5007), 2222);
	assert_int_equal(durable(0, 9007), 3333);
	path_rig_close(&rig);
}

static void every_hive_has_every_write_and_is_flushed(void **state)
{
	(void)state;
	rig.c.hives = 3;
	rig.c.size = 256 << 10;
	path_rig_open(&rig);
	assert_int_equal(folder_entries(rig.dir), 3 * 3 * LANES);
	write_value(1, 42, 4242);
	write_value(1, 43, 4343);
	flush(1);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_not_equal(durable(i, 42), 4242);
		assert_int_equal(durable(3 + i, 42), 4242);
		assert_int_equal(durable(3 + i, 43), 4343);
	}
	path_rig_close(&rig);
}

static void one_small_value_logs_at_most_16_kib(void **state)
{
	struct fb_path_counters was, is;

	(void)state;
	rig.c.size = 8 << 20;
	path_rig_open(&rig);
	was = counters();
	for (uint64_t i = 1; i <= 50; i++) {
		write_value(0, i * 4001, (uint32_t)i);
		flush(0);
	}
	is = counters();
	assert_in_range(is.log_bytes - was.log_bytes, 50 * 4096, 50 * 16384);
	/* its base block once, then the log alone */
	assert_true(is.primary_bytes - was.primary_bytes <= 4096);
	assert_int_equal(is.hive_growth_bytes, was.hive_growth_bytes);
	assert_int_equal(is.lazy_flushes, 0);
	assert_int_equal(is.lazy_bytes, 0);
	assert_int_equal(is.lines_flushed, UINT64_MAX);
	path_rig_close(&rig);
}

static void a_flush_of_a_clean_hive_writes_nothing(void **state)
{
	struct fb_path_counters was, is;

	(void)state;
	path_rig_open(&rig);
	write_value(0, 1, 1);
	flush(0);
	was = counters();
	flush(0);
	flush(1);
	is = counters();
	assert_memory_equal(&is, &was, sizeof(is));
	path_rig_close(&rig);
}

static void the_older_strategy_writes_the_file_each_time(void **state)
{
	struct fb_path_counters was, is;

	(void)state;
	rig.c.mode = FB_MODE_KEY_LEGACY;
	path_rig_open(&rig);
	was = counters();
	for (uint64_t i = 1; i <= 20; i++) {
		write_value(0, i * 301, (uint32_t)i);
		flush(0);
		assert_int_equal(durable(0, i * 301), i);
	}
	is = counters();
	assert_true(is.primary_bytes - was.primary_bytes >= 20 * 4096);
	assert_true(is.log_bytes - was.log_bytes >= 20 * 4096);
	path_rig_close(&rig);
}

static void an_empty_hive_grows_by_what_is_written(void **state)
{
	struct fb_path_counters was, is;
	uint64_t values = fb_hive_layout_values(&rig.c);
	uint32_t data;

	(void)state;
	rig.c.prepare = FB_PREPARE_EXTEND;
	path_rig_open(&rig);
	assert_int_equal(
		rig.path->ops->read_back(rig.path, 0, 4 * (values - 1), &data, 4),
		-ENODATA);
	was = counters();
	/* from the end: groups and keys are made in any order */
	for (uint64_t v = values; v--;)
		write_value(0, v, (uint32_t)v);
	flush(0);
	is = counters();
	assert_in_range(is.hive_growth_bytes - was.hive_growth_bytes,
			rig.c.size / 100 * 85, rig.c.size / 100 * 105);
	assert_int_equal(
		rig.path->ops->read_back(rig.path, 0, 4 * (values - 1), &data, 4), 0);
	assert_int_equal(data, values - 1);
	assert_int_equal(durable(0, 0), 0);
	path_rig_close(&rig);
}

static void the_lazy_flusher_is_counted_apart(void **state)
{
	const struct timespec pause = {0, 5000000};
	struct fb_path_counters was, is;

	(void)state;
	rig.c.lazy_flush_ns = 20000000;
	path_rig_open(&rig);
	was = counters();
	write_value(0, 77, 7777);
	rig.path->ops->end_op(rig.lane[0]);
	is = counters();
	for (int i = 0; !is.lazy_flushes && i < 4000; i++) {
		nanosleep(&pause, NULL);
		is = counters();
	}
	assert_true(is.lazy_flushes > 0);
	assert_int_equal(durable(0, 77), 7777);
	assert_true(is.lazy_bytes >= 4096);
	assert_int_equal(is.log_bytes, was.log_bytes);
	assert_int_equal(is.primary_bytes, was.primary_bytes);
	path_rig_close(&rig);
}

static void syncing_leaves_nothing_for_the_log(void **state)
{
	struct fb_path_counters was, is;

	(void)state;
	path_rig_open(&rig);
	write_value(0, 3, 33);
	assert_int_equal(rig.path->ops->sync(rig.path, &rig.err), 0);
	was = counters();
	assert_int_equal(rig.path->ops->sync(rig.path, &rig.err), 0);
	is = counters();
	assert_memory_equal(&is, &was, sizeof(is));
	assert_int_equal(durable(0, 3), 33);
	path_rig_close(&rig);
}

static void a_value_past_the_last_is_told(void **state)
{
	uint64_t values = fb_hive_layout_values(&rig.c);
	uint32_t data = 1;

	(void)state;
	path_rig_open(&rig);
	assert_int_equal(try_write(0, values - 1, &data), 0);
	assert_int_not_equal(try_write(1, values, &data), 0);
	assert_int_equal(rig.lane[1]->err.status, (uint32_t)STATUS_INVALID_PARAMETER);
	assert_non_null(strstr(rig.lane[1]->err.text, "data-1"));
	assert_int_equal(rig.path->ops->read_back(rig.path, 0, 4 * values, &data, 4),
			 -ENODATA);
	path_rig_close(&rig);
}

static void a_flush_that_finds_no_room_is_told_with_its_status(void **state)
{
	const struct rlimit small = {64 << 10, RLIM_INFINITY};
	struct rlimit before;
	uint32_t data = 5;
	int ret = 0;

	(void)state;
	rig.c.prepare = FB_PREPARE_EXTEND;
	rig.c.mode = FB_MODE_KEY_LEGACY;
	path_rig_open(&rig);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (uint64_t v = 0; !ret && v < 20000; v++) {
		ret = try_write(0, v, &data);
		if (!ret && v % 1000 == 0)
			ret = rig.path->ops->flush(rig.lane[0], 4 * v, 4);
	}
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_not_equal(ret, 0);
	assert_int_equal(rig.lane[0]->err.status, (uint32_t)STATUS_REGISTRY_IO_FAILED);
	assert_int_equal(rig.lane[0]->err.os_error, EFBIG);
	assert_non_null(strstr(rig.lane[0]->err.text, "data-0: flush failed"));
	path_rig_close(&rig);
}

static bool always(void)
{
	return true;
}

static void preparing_can_be_cancelled_and_leaves_nothing(void **state)
{
	(void)state;
	rig.target.cancelled = always;
	assert_int_equal(fb_path_get(FB_PATH_REGISTRY)
				 ->open(&rig.path, &rig.c, &rig.target, &rig.err),
			 -EINTR);
	assert_int_equal(folder_entries(rig.dir), 0);
}

static void what_a_case_before_left_is_in_no_hive(void **state)
{
	char name[FB_TARGET_NAME + 8];
	FILE *f;

	(void)state;
	for (int i = 0; i < 2; i++) {
		snprintf(name, sizeof(name), "%s%s", file_name(0), i ? ".LOG1" : "");
		f = fopen(name, "w");
		assert_non_null(f);
		fputs("regf and nothing else", f);
		fclose(f);
	}
	path_rig_open(&rig);
	write_value(0, 9, 99);
	flush(0);
	assert_int_equal(durable(0, 9), 99);
	path_rig_close(&rig);
}

static void a_raw_device_has_no_room_for_hives(void **state)
{
	const char *why;

	(void)state;
	rig.device.raw = true;
	why = fb_path_why_not(&rig.c, &rig.target);
	assert_non_null(why);
	assert_non_null(strstr(why, "path file"));
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_thread_has_a_hive_of_the_size_asked_for_and_its_logs),
		T(what_was_not_flushed_is_lost),
		T(no_two_values_begin_alike),
		T(a_flush_takes_what_others_changed_with_it),
		T(every_hive_has_every_write_and_is_flushed),
		T(one_small_value_logs_at_most_16_kib),
		T(a_flush_of_a_clean_hive_writes_nothing),
		T(the_older_strategy_writes_the_file_each_time),
		T(an_empty_hive_grows_by_what_is_written),
		T(the_lazy_flusher_is_counted_apart),
		T(syncing_leaves_nothing_for_the_log),
		T(a_value_past_the_last_is_told),
		T(a_flush_that_finds_no_room_is_told_with_its_status),
		T(preparing_can_be_cancelled_and_leaves_nothing),
		T(what_a_case_before_left_is_in_no_hive),
		T(a_raw_device_has_no_room_for_hives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
