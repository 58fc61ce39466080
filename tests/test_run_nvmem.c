/*
 * A run over path nvmem, from the options to the row: what is counted, what is empty,
 * what is refused and what is left out.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "device/device.h"
#include "path/path.h"
#include "plan/vocab.h"
#include "support/cli.h"

#include <math.h>
#include <stdio.h>

#define NVMEM "--path nvmem --nv_emulate --runtime 1 --ops 1000 "

/* @dirtied, @flushed: lines of an op in mode flush, and by ranges */
static void lines_of_an_op_are_counted_exactly(void **state)
{
	static const struct {
		const char *options;
		double dirtied, flushed, by_ranges;
	} list[] = {
		{"--bs 1 --align 64", 1, 1, 1},
		{"--bs 64", 1, 1, 1},
		{"--bs 65 --align 64", 2, 2, 2},
		{"--bs 4k", 64, 64, 64},
		{"--bs 64 --ranges 4 --stride 256 --align 4k", 4, 13, 4},
		{"--bs 32 --ranges 4 --align 4k", 2, 2, 4},
		{"--bs 8 --ranges 3 --stride 65 --align 4k", 3, 3, 3},
		{"--bs 64 --pattern seq --writes_per_flush 16", 16, 16, 16},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		assert_exit(0, measure(NVMEM "--mode flush %s", list[i].options),
			    lab.c);
		assert_true(only("ops") == 1000);
		assert_true(only("lines_dirtied") == 1000 * list[i].dirtied);
		assert_true(only("lines_flushed") == 1000 * list[i].flushed);
		assert_exit(0, measure(NVMEM "--mode ranges %s", list[i].options),
			    lab.c);
		assert_true(only("lines_dirtied") == 1000 * list[i].dirtied);
		assert_true(only("lines_flushed") == 1000 * list[i].by_ranges);
	}
}

static void disks_have_no_part_in_it(void **state)
{
	static const char *const empty[] = {"dev_bytes", "dev_writes",  "dev_flushes",
					    "write_amp", "flush_amp",   "prepare",
					    "account",   "no_sync",     "direct",
					    "fill_bs",   "flush_range", "log_bytes"};

	(void)state;
	assert_exit(0, measure(NVMEM "--mode flush --bs 64"), lab.c);
	for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++)
		assert_string_equal(field(FB_RUN_SUMMARY, 0, empty[i]), "");
	assert_string_equal(field(FB_RUN_SUMMARY, 0, "account_source"), "process");
	assert_string_equal(field(FB_RUN_SUMMARY, 0, "survives"), "nothing");
	assert_string_equal(field(FB_RUN_SUMMARY, 0, "fidelity"), "emulated");
	assert_tidy();
}

static void the_parameters_stand_in_their_columns(void **state)
{
	(void)state;
	assert_exit(0,
		    measure(NVMEM "--mode flush --bs 64 --batch 10 --ranges 3 --stride "
				  "128 --align 1k --nv_flush none"),
		    lab.c);
	assert_true(only("batch") == 10 && only("ranges") == 3);
	assert_true(only("stride") == 128 && only("align") == 1024);
	assert_true(only("nv_emulate") == 1);
	assert_string_equal(field(FB_RUN_SUMMARY, 0, "nv_flush"), "none");
	assert_exit(0, measure(NVMEM "--mode flush --bs 64"), lab.c);
	assert_string_equal(field(FB_RUN_SUMMARY, 0, "stride"), "");
	assert_true(only("align") == 64);
	assert_exit(0, measure("--mode normal --ops 3"), lab.c);
	assert_string_equal(field(FB_RUN_SUMMARY, 0, "batch"), "");
	assert_string_equal(field(FB_RUN_SUMMARY, 0, "nv_emulate"), "");
}

static void a_batch_has_a_mean_and_no_tail(void **state)
{
	(void)state;
	assert_exit(0, measure(NVMEM "--mode flush --bs 64 --batch 100"), lab.c);
	assert_true(only("ops") == 1000);
	assert_true(only("app_flushes") == 1000);
	assert_true(only("lines_flushed") == 1000);
	assert_true(count_of(FB_RUN_HISTOGRAM, "1", "commit") == 10);
	assert_true(only("commit_p50_ns") > 0);
	assert_true(isnan(only("commit_p99_ns")) && isnan(only("commit_max_ns")));
	assert_true(isnan(only("flush_p50_ns")) && isnan(only("write_p50_ns")));
}

static void each_range_is_a_write_of_the_application(void **state)
{
	static const struct {
		enum fb_mode mode;
		double flushes;
	} modes[] = {{FB_MODE_FLUSH, 2000}, {FB_MODE_WRITE_NT, 12000}};

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_exit(0,
			    measure(NVMEM "--mode %s --numjobs 2 --bs 64 --ranges 3 "
					  "--writes_per_flush 2",
				    fb_mode_names[modes[i].mode]),
			    lab.c);
		assert_true(only("ops") == 2000);
		assert_true(only("app_writes") == 2000 * 6);
		assert_true(only("app_bytes") == 2000 * 6 * 64);
		assert_true(only("app_flushes") == modes[i].flushes);
	}
}

static void a_count_of_one_target_is_dealt_out_in_batches(void **state)
{
	(void)state;
	assert_exit(0,
		    measure(NVMEM "--mode flush --numjobs 2 --share one --ops 30 "
				  "--batch 10"),
		    lab.c);
	assert_string_equal(field(FB_RUN_SUMMARY, 0, "ended"), "ops");
	assert_true(only("ops") == 30);
	assert_true(count_of(FB_RUN_HISTOGRAM, "1", "commit") == 3);
}

static void a_thread_that_is_left_no_batch_waited_for_nothing(void **state)
{
	(void)state;
	assert_exit(0,
		    measure(NVMEM "--mode flush --share one --numjobs 2 --ops 100 "
				  "--batch 100 --ramp_time 0"),
		    lab.c);
	assert_string_not_equal(field(FB_RUN_SUMMARY, 0, "run_delay_ns"), "");
}

/* What it did in the ramp is no part of what was measured. */
static void a_thread_that_is_left_no_batch_has_done_nothing(void **state)
{
	(void)state;
	assert_exit(0,
		    measure(NVMEM "--mode flush --numjobs 3 --share one --ops 200 "
				  "--batch 100 --ramp_time 50ms"),
		    lab.c);
	assert_true(only("ops") == 200);
	assert_true(only("app_writes") == 200 && only("app_flushes") == 200);
	assert_true(only("app_bytes") == 200 * 4096);
}

static void every_mode_runs_with_threads_shared_and_apart(void **state)
{
	(void)state;
	for (int share = 0; share < 2; share++) {
		assert_exit(0,
			    measure(NVMEM "--mode all --numjobs 2 --share %s --bs 200 "
					  "--ranges 2 --stride 300 --align 8",
				    fb_share_names[share]),
			    lab.c);
		assert_int_equal(row_count(FB_RUN_SUMMARY), 11);
		for (size_t i = 0; i < 11; i++) {
			assert_true(number(FB_RUN_SUMMARY, i, "errors") == 0);
			assert_true(number(FB_RUN_SUMMARY, i, "ops") ==
				    (share == FB_SHARE_ONE ? 1000 : 2000));
		}
	}
}

static void what_is_no_persistent_memory_is_a_row_that_says_so(void **state)
{
	struct fb_device d;

	(void)state;
	assert_int_equal(fb_device_resolve(lab.target, &d, NULL), 0);
	if (*d.nv.region)
		need("the tests' folder lies on persistent memory");
	assert_exit(0, measure("--path nvmem --mode write-nt"), lab.c);
	assert_string_equal(field(FB_RUN_SUMMARY, 0, "fidelity"), "missing");
	assert_string_equal(field(FB_RUN_SUMMARY, 0, "survives"), "");
	assert_string_equal(field(FB_RUN_SUMMARY, 0, "status"), "0xC00000BB");
	assert_true(only("ops") == 0);
	assert_says(lab.c.err, "--nv_emulate");
	assert_tidy();
}

static const char *why_not(int path, int emulate, bool dax, unsigned jobs)
{
	const struct fb_device d = {.raw = true, .dax = dax};
	const struct fb_target t = {.dir = "/dev/x", .device = &d};
	const struct fb_case c = {.path = path,
				  .mode = path == FB_PATH_NVMEM ? FB_MODE_FLUSH
								: FB_MODE_NORMAL,
				  .nv_emulate = emulate,
				  .numjobs = jobs};

	return fb_path_why_not(&c, &t);
}

static void a_device_is_for_the_path_that_can_use_it(void **state)
{
	(void)state;
	assert_null(why_not(FB_PATH_NVMEM, 0, true, 1));
	assert_null(why_not(FB_PATH_NULL, 0, true, 1));
	assert_non_null(strstr(why_not(FB_PATH_FILE, 0, true, 1), "path nvmem"));
	assert_non_null(strstr(why_not(FB_PATH_MAPPED, 0, true, 1), "path nvmem"));
	assert_non_null(strstr(why_not(FB_PATH_NVMEM, 0, true, 2), "share one"));
	assert_non_null(strstr(why_not(FB_PATH_NVMEM, 0, false, 1), "device DAX"));
	assert_null(why_not(FB_PATH_FILE, 0, false, 1));
	/* what stands for it in memory needs no device, and leaves this one alone */
	assert_null(why_not(FB_PATH_NVMEM, 1, false, 2));
	assert_null(why_not(FB_PATH_NVMEM, 1, true, 2));
}

static void emulated_regions_take_memory_and_no_room_on_the_disk(void **state)
{
	struct fb_case c = {.path = FB_PATH_NVMEM, .size = 1000, .numjobs = 3};

	(void)state;
	assert_int_equal(fb_path_disk_bytes(&c), 3000);
	assert_int_equal(fb_path_memory_bytes(&c), 0);
	c.nv_emulate = 1;
	assert_int_equal(fb_path_disk_bytes(&c), 0);
	assert_int_equal(fb_path_memory_bytes(&c), 3000);
	c.share = FB_SHARE_ONE;
	assert_int_equal(fb_path_memory_bytes(&c), 1000);
	c.path = FB_PATH_FILE;
	assert_int_equal(fb_path_disk_bytes(&c), 1000);
	assert_int_equal(fb_path_memory_bytes(&c), 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, cli_lab_enter, cli_lab_leave)
	const struct CMUnitTest tests[] = {
		TEST(lines_of_an_op_are_counted_exactly),
		TEST(disks_have_no_part_in_it),
		TEST(the_parameters_stand_in_their_columns),
		TEST(a_batch_has_a_mean_and_no_tail),
		TEST(each_range_is_a_write_of_the_application),
		TEST(a_count_of_one_target_is_dealt_out_in_batches),
		TEST(a_thread_that_is_left_no_batch_has_done_nothing),
		TEST(a_thread_that_is_left_no_batch_waited_for_nothing),
		TEST(every_mode_runs_with_threads_shared_and_apart),
		TEST(what_is_no_persistent_memory_is_a_row_that_says_so),
		cmocka_unit_test(a_device_is_for_the_path_that_can_use_it),
		cmocka_unit_test(emulated_regions_take_memory_and_no_room_on_the_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
