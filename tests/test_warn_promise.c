/*
 * Flushes that did not get through, and those too quick to have done anything.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/host_rig.h"

#include <stdio.h>

static struct fb_result *const r = &host_rig.result;
static struct fb_disk *const disk = &host_rig.device.disks[0];

static void look(void)
{
	fb_warnings_free(&host_rig.warnings);
	assert_int_equal(
		fb_host_warn_result(&host_rig.warnings, &host_rig.device, r, 0), 0);
}

static void only(const char *id, const char *part)
{
	look();
	assert_warned(id, FB_SEVERITY_WARNING, part);
	assert_int_equal(warned(id)->case_id, 7);
	assert_sentences(1);
}

static void none(void)
{
	look();
	assert_sentences(0);
}

static void flushes_that_never_arrive_are_missed(void **state)
{
	(void)state;
	none();
	r->io.dev_flushes = 0;
	only("flushes_missing", "10000 asked for, 0 reached sda");
	r->io.dev_flushes = r->app_flushes / 2 - 1;
	only("flushes_missing", "4999 reached sda");
	r->io.dev_flushes = r->app_flushes / 2;
	none();
	r->app_flushes = 1;
	r->io.dev_flushes = 0;
	only("flushes_missing", "1 asked for");
}

static void nobody_misses_what_was_not_promised_or_not_needed(void **state)
{
	(void)state;
	r->io.dev_flushes = 0;
	r->promise.survives = FB_SURVIVES_OS_CRASH;
	none();
	r->promise.survives = FB_SURVIVES_POWER_LOSS;
	disk->write_cache = FB_NO;
	none();
	disk->write_cache = FB_YES;
	r->io.dev_flushes = FB_UNKNOWN;
	none();
	r->io.dev_flushes = 0;
	r->app_flushes = 0;
	none();
}

/* Their flushes are joined on the way. */
static void threads_may_share_a_flush(void **state)
{
	(void)state;
	host_rig.c.numjobs = host_rig.c.flushers = 4;
	r->io.dev_flushes = r->app_flushes / 4;
	none();
	r->io.dev_flushes = r->app_flushes / 9;
	only("flushes_missing", "");
}

static void a_write_past_the_cache_needs_no_flush(void **state)
{
	(void)state;
	disk->fua = FB_YES;
	host_rig.c.mode = FB_MODE_WRITE_DSYNC;
	r->io.dev_flushes = 0;
	none();
	r->io.dev_fua = r->app_flushes;
	none();
	r->io.dev_fua = 3;
	only("flushes_missing", "3 reached");
	r->io.dev_fua = FB_UNKNOWN;
	host_rig.c.mode = FB_MODE_NORMAL;
	only("flushes_missing", "0 reached");
	disk->fua = FB_NO;
	host_rig.c.mode = FB_MODE_WRITE_DSYNC;
	only("flushes_missing", "0 reached");
}

static void a_call_takes_longer_than_that(void **state)
{
	(void)state;
	host_rig_record(FB_OP_FLUSH, 900, 100);
	host_rig_record(FB_OP_COMMIT, 2000, 100);
	disk->write_cache = FB_NO;
	none();
	host_rig_record(FB_OP_COMMIT, 1990, 100);
	only("implausible_flush", "commit p50 1.99 us on sda");
}

static void a_command_to_a_drive_takes_longer_than_that(void **state)
{
	(void)state;
	host_rig_record(FB_OP_COMMIT, 30000, 100);
	host_rig_record(FB_OP_FLUSH, 5001, 100);
	none();
	host_rig_record(FB_OP_FLUSH, 4000, 100);
	only("implausible_flush", "flush p50 4.00 us, and 10000 reached sda");
	disk->write_cache = FB_NO;
	none();
}

static void a_disk_that_turns_takes_longer_than_that(void **state)
{
	(void)state;
	disk->rotational = FB_YES;
	only("implausible_flush", "commit p50 100 us on sda, which turns");
	host_rig_record(FB_OP_COMMIT, 1100000, 100);
	none();
	host_rig_record(FB_OP_COMMIT, 100000, 100);
	disk->write_cache = FB_NO;
	none();
}

/* It says so by default, whatever it stands for. */
static void what_stands_for_a_disk_does_not_turn(void **state)
{
	(void)state;
	disk->rotational = FB_YES;
	snprintf(disk->name, sizeof(disk->name), "vda");
	none();
	snprintf(disk->name, sizeof(disk->name), "loop0");
	snprintf(disk->backing_file, sizeof(disk->backing_file), "/img");
	none();
	disk->backing_file[0] = '\0';
	snprintf(disk->name, sizeof(disk->name), "dm-0");
	disk->queued = FB_NO;
	none();
}

static void memory_may_be_as_quick_as_it_likes(void **state)
{
	(void)state;
	host_rig_record(FB_OP_FLUSH, 200, 100);
	host_rig_record(FB_OP_COMMIT, 300, 100);
	look();
	assert_warned("implausible_flush", FB_SEVERITY_WARNING, "");
	host_rig.c.path = FB_PATH_NVMEM;
	none();
	host_rig.c.path = FB_PATH_FILE;
	snprintf(host_rig.device.nv.region, sizeof(host_rig.device.nv.region),
		 "region0");
	none();
	host_rig.device.nv.region[0] = '\0';
	host_rig.device.medium = FB_MEDIUM_MEMORY;
	none();
}

#define CASE(test)                                                                     \
	cmocka_unit_test_setup_teardown(test, host_rig_result, host_rig_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(flushes_that_never_arrive_are_missed),
		CASE(nobody_misses_what_was_not_promised_or_not_needed),
		CASE(threads_may_share_a_flush),
		CASE(a_write_past_the_cache_needs_no_flush),
		CASE(a_call_takes_longer_than_that),
		CASE(a_command_to_a_drive_takes_longer_than_that),
		CASE(a_disk_that_turns_takes_longer_than_that),
		CASE(what_stands_for_a_disk_does_not_turn),
		CASE(memory_may_be_as_quick_as_it_likes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
