/*
 * What cases are warned of before they run.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/host_rig.h"

#include <stdio.h>
#include <string.h>

#define MIB (UINT64_C(1) << 20)

static struct fb_device device;
static struct fb_case cases[3];

/* Three cases that nothing is said of. */
static int enter(void **state)
{
	(void)state;
	device = (struct fb_device){.fs = "xfs", .medium = FB_MEDIUM_DISK};
	for (size_t i = 0; i < 3; i++)
		cases[i] = (struct fb_case){.path = FB_PATH_FILE,
					    .mode = FB_MODE_NORMAL,
					    .size = 256 * MIB,
					    .numjobs = 1,
					    .flushers = 1};
	return 0;
}

static void look(void)
{
	fb_warnings_free(&host_rig.warnings);
	assert_int_equal(fb_host_warn_plan(&host_rig.warnings, &device, cases, 3), 0);
}

static void only(const char *id, const char *part)
{
	look();
	assert_warned(id, FB_SEVERITY_NOTE, part);
	assert_int_equal(warned(id)->case_id, FB_WARN_RUN);
	assert_sentences(1);
}

static void none(void)
{
	look();
	assert_sentences(0);
}

static void a_usual_plan_is_not_warned_of(void **state)
{
	(void)state;
	none();
	assert_int_equal(fb_host_warn_plan(&host_rig.warnings, &device, NULL, 0), 0);
	assert_sentences(0);
}

static void zeros_are_told_where_a_disk_gets_them(void **state)
{
	(void)state;
	cases[1].data = FB_DATA_ZERO;
	only("zero_data", "data=zero in 1 of 3 cases");
	cases[1].path = FB_PATH_NVMEM;
	none();
}

static void targets_are_small_when_the_largest_is(void **state)
{
	(void)state;
	cases[0].size = cases[1].size = MIB;
	none();
	cases[2].size = 128 * MIB;
	only("small_target", "largest size 128 MiB");
	cases[2].size = 256 * MIB - 1;
	only("small_target", "largest size");
	cases[2].size = 256 * MIB;
	none();
}

static void threads_with_files_of_their_own_write_more(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++)
		cases[i].size = 64 * MIB;
	only("small_target", "64.0 MiB");
	cases[0].numjobs = 4;
	cases[0].share = FB_SHARE_ONE;
	only("small_target", "64.0 MiB");
	cases[0].share = FB_SHARE_OWN;
	none();
}

static void what_is_on_no_disk_is_never_too_small_for_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		cases[i].size = MIB;
		cases[i].path = i ? FB_PATH_NULL : FB_PATH_NVMEM;
	}
	none();
	cases[0].path = FB_PATH_FILE;
	device.medium = FB_MEDIUM_MEMORY;
	none();
}

static void flushes_at_once_share_their_cost(void **state)
{
	(void)state;
	cases[0].numjobs = 4;
	none();
	cases[0].flushers = 4;
	only("commit_batching", "1 of 3 cases have several flushers on xfs");
	cases[0].mode = FB_MODE_DATA_ONLY;
	none();
	cases[0].mode = FB_MODE_NONE;
	none();
	cases[0].mode = FB_MODE_WRITE_DSYNC;
	device.raw = true;
	only("commit_batching", "on one device");
	device.medium = FB_MEDIUM_NETWORK;
	none();
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, enter, host_rig_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_usual_plan_is_not_warned_of),
		CASE(zeros_are_told_where_a_disk_gets_them),
		CASE(targets_are_small_when_the_largest_is),
		CASE(threads_with_files_of_their_own_write_more),
		CASE(what_is_on_no_disk_is_never_too_small_for_it),
		CASE(flushes_at_once_share_their_cost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
