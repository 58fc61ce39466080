#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "device/extents.h"

#include <errno.h>
#include <string.h>

static struct fb_extents found;

static int enter(void **state)
{
	(void)state;
	memset(&found, 0, sizeof(found));
	return 0;
}

static int leave(void **state)
{
	(void)state;
	fb_extents_free(&found);
	return 0;
}

static void add(unsigned minor, uint64_t begin, uint64_t end)
{
	const struct fb_extent x = {
		.dev_major = 8, .dev_minor = minor, .begin = begin, .end = end};

	assert_int_equal(fb_extents_add(&found, &x), 0);
}

static void assert_extent(size_t i, unsigned minor, uint64_t begin, uint64_t end)
{
	assert_true(i < found.n);
	assert_int_equal(found.list[i].dev_minor, minor);
	assert_int_equal(found.list[i].begin, begin);
	assert_int_equal(found.list[i].end, end);
}

static void joining_leaves_gaps_and_disks_apart(void **state)
{
	(void)state;
	add(1, 40, 50);
	add(0, 20, 30);
	add(0, 10, 20);
	add(0, 31, 33);
	add(0, 12, 15);
	add(1, 45, 60);
	add(0, 33, 33);
	fb_extents_join(&found);
	assert_int_equal(found.n, 3);
	assert_extent(0, 0, 10, 30);
	assert_extent(1, 0, 31, 33);
	assert_extent(2, 1, 40, 60);
	fb_extents_join(&found);
	assert_int_equal(found.n, 3);
}

static void nothing_joins_to_nothing(void **state)
{
	(void)state;
	fb_extents_join(&found);
	assert_int_equal(found.n, 0);
	assert_false(fb_extents_hold(&found, 8, 0, 0));
}

static void an_extent_holds_its_first_sector_but_not_its_end(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 100; i++)
		add(i % 3, 100 * i + 10, 100 * i + 20);
	fb_extents_join(&found);
	for (unsigned i = 0; i < 100; i++) {
		assert_false(fb_extents_hold(&found, 8, i % 3, 100 * i + 9));
		assert_true(fb_extents_hold(&found, 8, i % 3, 100 * i + 10));
		assert_true(fb_extents_hold(&found, 8, i % 3, 100 * i + 19));
		assert_false(fb_extents_hold(&found, 8, i % 3, 100 * i + 20));
		assert_false(fb_extents_hold(&found, 8, (i + 1) % 3, 100 * i + 10));
		assert_false(fb_extents_hold(&found, 7, i % 3, 100 * i + 10));
		assert_false(fb_extents_hold(&found, 9, i % 3, 100 * i + 10));
	}
}

static void the_first_reason_stays(void **state)
{
	(void)state;
	fb_extents_unknown(&found, "%s", "first");
	fb_extents_unknown(&found, "%s", "second");
	assert_string_equal(found.unknown, "first");
	fb_extents_free(&found);
	assert_string_equal(found.unknown, "");
}

static void a_missing_folder_is_an_error_that_adds_nothing(void **state)
{
	struct fb_err err;

	(void)state;
	assert_int_equal(
		fb_extents_add(&found, &(struct fb_extent){.begin = 1, .end = 2}), 0);
	assert_int_equal(fb_extents_add_folder(&found, "/no/such/place", &err),
			 -ENOENT);
	assert_non_null(strstr(err.text, "/no/such/place"));
	assert_int_equal(fb_extents_add_file(&found, -1, NULL), -EBADF);
	assert_int_equal(found.n, 1);
	assert_string_equal(found.unknown, "");
}

static void what_is_no_block_device_is_refused(void **state)
{
	struct fb_err err;

	(void)state;
	assert_int_equal(fb_extents_add_device(&found, "/dev/null", &err), -ENOTBLK);
	assert_non_null(strstr(err.text, "/dev/null"));
	assert_int_equal(fb_extents_add_device(&found, "/no/such", &err), -ENOENT);
	assert_int_equal(found.n, 0);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(joining_leaves_gaps_and_disks_apart),
		CASE(nothing_joins_to_nothing),
		CASE(an_extent_holds_its_first_sector_but_not_its_end),
		CASE(the_first_reason_stays),
		CASE(what_is_no_block_device_is_refused),
		CASE(a_missing_folder_is_an_error_that_adds_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
