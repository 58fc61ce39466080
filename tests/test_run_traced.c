/*
 * Runs with account=trace: the repetition more, what it leaves, and what is left where
 * nothing can be traced.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/cli.h"
#include "support/disk.h"
#include "support/loopfs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct loopfs disk;
static struct disk raw;

static int leave(void **state)
{
	loopfs_unmount(&disk);
	disk_detach(&raw);
	memset(&disk, 0, sizeof(disk));
	memset(&raw, 0, sizeof(raw));
	return cli_lab_leave(state);
}

/* In memory, so that no disk below is traced as well: between two disks that work at
 * once an event may get lost. */
static void mount_on(const char *type, uint64_t mib)
{
	const struct loopfs_spec spec = {
		.type = type, .bytes = mib << 20, .image_in = "/dev/shm"};

	need(loopfs_missing(type));
	assert_int_equal(loopfs_mount(&disk, &spec), 0);
}

/* On the loop disk; the words come last. */
static void trace(const char *words)
{
	assert_exit(0,
		    measure("--account trace --target %s --ops 200 --runtime 20 %s",
			    disk.dir, words),
		    lab.c);
}

static size_t traced_row(void)
{
	return row_where(FB_RUN_SUMMARY, "traced", "1");
}

static double of(const char *column)
{
	return number(FB_RUN_SUMMARY, traced_row(), column);
}

/* Requests or bytes of io.csv in a repetition, of one disk and class, summed; "" any.
 */
static double io_sum(const char *rep, const char *device, const char *klass,
		     const char *column)
{
	double all = 0;

	for (size_t row = 0; row < row_count(FB_RUN_IO); row++)
		if (!strcmp(field(FB_RUN_IO, row, "rep"), rep) &&
		    !strcmp(field(FB_RUN_IO, row, "device"), device) &&
		    (!*klass || !strcmp(field(FB_RUN_IO, row, "class"), klass)))
			all += number(FB_RUN_IO, row, column);
	return all;
}

static void one_more_repetition_is_traced_the_last(void **state)
{
	(void)state;
	mount_on("ext4", 64);
	trace("--mode data-sync-only --reps 2");
	assert_int_equal(row_count(FB_RUN_SUMMARY), 3);
	assert_int_equal(traced_row(), 2);
	for (size_t row = 0; row < 3; row++) {
		bool traced = row == 2;

		assert_int_equal(number(FB_RUN_SUMMARY, row, "rep"), row + 1);
		assert_int_equal(number(FB_RUN_SUMMARY, row, "reps"), 2);
		assert_string_equal(field(FB_RUN_SUMMARY, row, "account"), "trace");
		assert_string_equal(field(FB_RUN_SUMMARY, row, "account_source"),
				    traced ? "trace" : "disk");
		assert_string_equal(field(FB_RUN_SUMMARY, row, "traced"),
				    traced ? "1" : "0");
		assert_int_equal(*field(FB_RUN_SUMMARY, row, "lost_events") != '\0',
				 traced);
		assert_int_equal(number(FB_RUN_SUMMARY, row, "ops"), 200);
	}
	assert_true(fact_is("repetitions", "3"));
	assert_tidy();
}

static void a_flush_is_one_write_and_one_flush_of_the_disk(void **state)
{
	(void)state;
	mount_on("ext4", 64);
	trace("--mode data-sync-only");
	assert_int_equal(of("dev_flushes"), 200);
	assert_int_equal(io_sum("2", disk.name, "data", "requests"), 200);
	assert_int_equal(io_sum("2", disk.name, "data", "bytes"), 200 * 4096);
	assert_int_equal(io_sum("2", disk.name, "flush", "requests"), 200);
	assert_int_equal(of("dev_fua"), 0);
	assert_int_equal(count_of(FB_RUN_HISTOGRAM, "1", "requests_per_flush"), 200);
	assert_int_equal(count_of(FB_RUN_HISTOGRAM, "1", "dev_flush"), 200);
	assert_int_equal(count_of(FB_RUN_HISTOGRAM, "1", "rq_data"), 200);
}

static void classes_add_up_to_what_the_disk_did(void **state)
{
	double writes = 0, bytes = 0;
	static const char *const classes[] = {"data", "journal", "metadata", "other"};

	(void)state;
	mount_on("ext4", 64);
	trace("--mode normal --thinktime 5ms --ops 60");
	for (size_t i = 0; i < 4; i++) {
		writes += io_sum("2", disk.name, classes[i], "requests");
		bytes += io_sum("2", disk.name, classes[i], "bytes");
	}
	assert_true(io_sum("2", disk.name, "journal", "requests") >= 60);
	assert_float_equal(bytes, of("dev_bytes"), 0.5);
	/* Empty flushes are writes to the kernel, and no class of writes. */
	assert_true(writes <= of("dev_writes"));
	assert_true(io_sum("2", disk.name, "flush", "requests") == of("dev_flushes"));
}

static void who_asked_is_told(void **state)
{
	bool self = false, kernel = false;

	(void)state;
	mount_on("ext4", 64);
	trace("--mode normal --thinktime 5ms --ops 60");
	for (size_t row = 0; row < row_count(FB_RUN_IO); row++) {
		const char *klass = field(FB_RUN_IO, row, "class");
		const char *issuer = field(FB_RUN_IO, row, "issuer");

		self |= !strcmp(klass, "data") && !strcmp(issuer, "self");
		kernel |= !strcmp(klass, "journal") && !strcmp(issuer, "kernel");
		assert_false(!strcmp(klass, "data") && !strcmp(issuer, "others"));
	}
	assert_true(self);
	assert_true(kernel);
}

static void the_disk_below_a_loop_has_rows_of_its_own(void **state)
{
	const char *below;
	size_t row;

	const struct loopfs_spec spec = {.type = "ext4", .bytes = 64 << 20};

	(void)state;
	need(loopfs_missing("ext4"));
	assert_int_equal(loopfs_mount(&disk, &spec), 0);
	trace("--mode data-sync-only");
	row = row_where(FB_RUN_SYSTEM, "key", "below0");
	if (row == SIZE_MAX)
		skip();
	below = field(FB_RUN_SYSTEM, row, "value");
	assert_true(io_sum("2", below, "other", "bytes") >= 200 * 4096);
	assert_true(io_sum("2", below, "data", "bytes") == 0);
	/* The counters tell of it as well. */
	assert_true(io_sum("1", below, "other", "bytes") >= 200 * 4096);
}

static void what_the_observer_costs_is_stored(void **state)
{
	(void)state;
	mount_on("ext4", 64);
	/* It is left out where the machine is too busy to tell. */
	for (int i = 0; i == 0 || (i < 8 && isnan(of("trace_cost"))); i++)
		trace("--mode data-sync-only --ops 0 --runtime 300ms");
	assert_false(isnan(of("trace_cost")));
	assert_true(of("trace_cost") > -0.5 && of("trace_cost") < 5);
	assert_string_equal(field(FB_RUN_SUMMARY, 0, "trace_cost"), "");
}

static void threads_are_traced_without_distributions_by_op(void **state)
{
	(void)state;
	mount_on("ext4", 64);
	trace("--mode data-sync-only --numjobs 3 --size 1m");
	assert_int_equal(io_sum("2", disk.name, "data", "bytes"), 600 * 4096);
	assert_int_equal(count_of(FB_RUN_HISTOGRAM, "1", "requests_per_flush"), 0);
	assert_true(count_of(FB_RUN_HISTOGRAM, "1", "rq_data") > 0);
}

/* Its blocks are there only when it has ended. */
static void data_past_the_end_of_the_file_is_data(void **state)
{
	(void)state;
	mount_on("ext4", 64);
	trace("--mode data-sync-only --pattern append --prepare extend --size 4m");
	assert_int_equal(io_sum("2", disk.name, "data", "bytes"), 200 * 4096);
	assert_true(io_sum("2", disk.name, "journal", "requests") > 0);
}

static void new_files_are_data_too(void **state)
{
	(void)state;
	mount_on("xfs", 320);
	trace("--mode normal --pattern create --size 4m");
	assert_int_equal(io_sum("2", disk.name, "data", "bytes"), 200 * 4096);
	assert_true(io_sum("2", disk.name, "journal", "requests") > 0);
}

static void a_device_itself_is_all_data(void **state)
{
	(void)state;
	if (!disk_can_run())
		skip();
	assert_int_equal(disk_attach(&raw, lab.top, "image", 8 << 20), 0);
	assert_exit(0,
		    measure("--account trace --target %s --allow-device %s --ops 100 "
			    "--runtime 20 --mode data-sync-only --direct 1 --size 4m",
			    raw.dev, raw.dev),
		    lab.c);
	assert_int_equal(io_sum("2", raw.name, "data", "requests"), 100);
	assert_int_equal(io_sum("2", raw.name, "", "requests"), 200);
}

static void without_the_rights_it_falls_back_and_says_so(void **state)
{
	(void)state;
	need(geteuid() ? "needs root to become somebody else" : NULL);
	assert_int_equal(chmod(lab.top, 0777) | chmod(lab.target, 0777), 0);
	lab.c.uid = 65534;
	measure("--account trace --mode data-sync-only");
	need(lab.c.exit == 126 || lab.c.exit == 127
		     ? "the program lies where only its owner may go"
		     : NULL);
	assert_exit(0, lab.c.exit, lab.c);
	assert_int_equal(row_count(FB_RUN_SUMMARY), 2);
	assert_string_equal(field(FB_RUN_SUMMARY, 1, "traced"), "0");
	assert_string_equal(field(FB_RUN_SUMMARY, 1, "account_source"), "disk");
	assert_non_null(
		strstr(field(FB_RUN_SUMMARY, 1, "warnings"), "trace_unavailable"));
	assert_says(lab.c.err, "not traced: ");
}

static void a_dry_run_says_how_many_are_traced(void **state)
{
	(void)state;
	cli_run(&lab.c,
		"run --dry-run --account trace --mode normal,data-sync-only --reps 3 "
		"--runtime 2 --ramp_time 0 --target %s",
		lab.target);
	assert_says(lab.c.out, "2 cases, 8 repetitions (2 of them traced)");
	assert_says(lab.c.out, "expected duration: 17 s");
}

static void on_memory_nothing_is_added(void **state)
{
	(void)state;
	cli_run(&lab.c,
		"run --dry-run --path nvmem --nv_emulate --account trace --mode flush "
		"--reps 3 --target %s",
		lab.target);
	assert_says(lab.c.out, "1 case, 3 repetitions, in");
	cli_run(&lab.c,
		"run --dry-run --path null --account trace --reps 3 --target %s",
		lab.target);
	assert_says(lab.c.out, "1 case, 3 repetitions, in");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, cli_lab_enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(one_more_repetition_is_traced_the_last),
		CASE(a_flush_is_one_write_and_one_flush_of_the_disk),
		CASE(classes_add_up_to_what_the_disk_did),
		CASE(who_asked_is_told),
		CASE(the_disk_below_a_loop_has_rows_of_its_own),
		CASE(what_the_observer_costs_is_stored),
		CASE(threads_are_traced_without_distributions_by_op),
		CASE(data_past_the_end_of_the_file_is_data),
		CASE(new_files_are_data_too),
		CASE(a_device_itself_is_all_data),
		CASE(without_the_rights_it_falls_back_and_says_so),
		CASE(a_dry_run_says_how_many_are_traced),
		CASE(on_memory_nothing_is_added),
	};

	if (!geteuid() && own_mounts())
		fprintf(stderr, "no private mount namespace\n");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
