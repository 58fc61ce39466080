/* Nothing is told of undamaged hives, whoever wrote them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/hive_edits.h"
#include "support/hive_image.h"
#include "support/hive_rig.h"
#include "support/hive_specimen.h"

#include <stdlib.h>
#include <string.h>

static struct hive_image image;

static int leave(void **state)
{
	(void)state;
	hive_image_free(&image);
	return 0;
}

static void assert_nothing_found(void)
{
	hive_image_check(&image);
	if (image.n_found)
		hive_image_show(&image);
	assert_int_equal(image.n_found, 0);
}

static void random_hives_of_ours_have_no_fault_and_lose_nothing(void **state)
{
	static struct hive_edits e;

	(void)state;
	for (unsigned k = 0; k < 8; k++) {
		struct fb_hive *h = hive_rig_new(3 + k % 4);

		hive_edits_begin(&e, h, 100 + k);
		hive_edits_do(&e, 4000);
		hive_image_make(&image, h);
		assert_nothing_found();
		assert_int_equal(image.survey.lost_cells, 0);
		assert_int_equal(image.survey.keys, e.n);
		hive_image_free(&image);
	}
}

static void lengthen(uint64_t bytes, int fill)
{
	uint64_t end = image.bytes;

	image.at = realloc(image.at, bytes);
	assert_non_null(image.at);
	image.bytes = bytes;
	memset(image.at + end, fill, bytes - end);
}

static void windows_may_leave_remnants_up_to_256_kib(void **state)
{
	(void)state;
	hive_image_make(&image, specimen_make(5));
	lengthen(1 << 20, 0xa5);
	assert_nothing_found();
	/* Even such as look like the next bin. */
	memcpy(image.at + FB_REGF_PAGE + fb_hive_bytes(image.h),
	       "hbin\0\0\0\0\0\x10\0\0", 12);
	fb_put32(image.at + FB_REGF_PAGE + fb_hive_bytes(image.h) + FB_BIN_OFFSET,
		 (uint32_t)fb_hive_bytes(image.h));
	assert_nothing_found();
	/* But not if something refers to it. */
	fb_put32(image.at + FB_BASE_BINS,
		 fb_get32(image.at + FB_BASE_BINS) - FB_REGF_PAGE);
	hive_image_seal(&image);
	image_put32(&image, image_value(&image, "\\aaa", "cell"), FB_VK_DATA,
		    fb_get32(image.at + FB_BASE_BINS) + 32);
	hive_image_check(&image);
	assert_true(hive_image_told(&image, "bins_short", FB_BASE_BINS));
}

static void zeros_may_follow_the_data(void **state)
{
	(void)state;
	hive_image_make(&image, specimen_make(5));
	lengthen(image.bytes + 5000, 0);
	assert_nothing_found();
}

static void the_fields_that_mean_nothing_are_not_looked_at(void **state)
{
	uint32_t root, aaa;

	(void)state;
	hive_image_make(&image, specimen_make(5));
	root = image_key(&image, "");
	aaa = image_key(&image, "\\aaa");
	image_put32(&image, root, FB_NK_PARENT, 0x7c0);
	image_put32(&image, aaa, FB_NK_LIST, 0x80000020);
	image_put32(&image, aaa, FB_NK_VOLATILE_SUBKEYS, 3);
	image_put32(&image, aaa, FB_NK_VOLATILE_LIST, 0x80000078);
	image_put32(&image, root, FB_NK_VALUE_LIST, 0x12345);
	image_put32(&image, aaa, FB_NK_WORK_VAR, 0x450054);
	image_put32(&image, aaa, FB_NK_CLASS, 0x21);
	image_put16(&image, root, FB_NK_MAX_SUBKEY_NAME, 400);
	image_put32(&image, aaa, FB_NK_MAX_VALUE_DATA, 1 << 20);
	memcpy(image.at + FB_REGF_PAGE + FB_BIN_TIME, "\x11\x22\x33\x44", 4);
	assert_nothing_found();
}

/* HKEY_PERFORMANCE_TEXT, say, under Perflib; there is no list of values. */
static void a_predefined_handle_is_no_count_of_values(void **state)
{
	uint32_t key;

	(void)state;
	hive_image_make(&image, specimen_make(5));
	key = image_key(&image, "\\bbb");
	image_put16(&image, key, FB_NK_FLAGS, FB_NK_FLAG_8BIT | FB_NK_FLAG_PREDEF);
	image_put32(&image, key, FB_NK_VALUES, 0x80000050);
	assert_nothing_found();
}

static void version_1_6_is_known(void **state)
{
	(void)state;
	hive_image_make(&image, specimen_make(6));
	assert_nothing_found();
}

/* The sizes of a genuine one: nk of 120 bytes, sk of 168, free 0xEC0, file of 256 KiB.
 */
static void the_empty_hive_of_an_app_is_sound(void **state)
{
	struct fb_hive *h = hive_rig_new(3);
	unsigned char *data;

	(void)state;
	hive_image_make(&image, h);
	data = image.at + FB_REGF_PAGE;
	memmove(data + 0x98, data + 0x78, 168);
	fb_put32(data + 0x20, -120U);
	fb_put32(data + 0x24 + FB_NK_SECURITY, 0x98);
	fb_put32(data + 0x24 + FB_NK_PARENT, 0x7c0);
	fb_put16(data + 0x24 + FB_NK_NAME_BYTES, 38);
	memcpy(data + 0x24 + FB_NK_NAME, "{11111111-2222-3333-4444-555555555555}", 38);
	fb_put32(data + 0x9c + FB_SK_NEXT, 0x98);
	fb_put32(data + 0x9c + FB_SK_PREVIOUS, 0x98);
	fb_put32(data + 0x140, 0xec0);
	lengthen(256 * 1024, 0);
	assert_nothing_found();
}

/* Data of 1.3 in cells of a power of two, a list of values with room behind them. */
static void roomy_cells_are_sound(void **state)
{
	struct fb_hive *h = hive_rig_new(3);
	uint32_t list, room, keep;

	(void)state;
	specimen_value(h, "aaa", "big", FB_REG_BINARY, 32764);
	specimen_value(h, "aaa", "one", FB_REG_DWORD, 4);
	specimen_value(h, "aaa", "two", FB_REG_BINARY, 200);
	hive_image_make(&image, h);
	image_put32(&image, image_value(&image, "\\aaa", "big"), FB_VK_DATA_BYTES,
		    16420);
	/* The list takes the place of the data of "two", which becomes inline. */
	room = image_u32(&image, image_value(&image, "\\aaa", "two"), FB_VK_DATA);
	keep = image_u32(&image, image_key(&image, "\\aaa"), FB_NK_VALUE_LIST);
	list = image_key(&image, "\\aaa");
	memcpy(image.at + image_field(room, 0), image.at + image_field(keep, 0), 12);
	image_put32(&image, list, FB_NK_VALUE_LIST, room);
	image_put32(&image, image_value(&image, "\\aaa", "two"), FB_VK_DATA_BYTES,
		    FB_VK_INLINE | 2);
	assert_nothing_found();
	assert_int_equal(image.survey.lost_cells, 1);
}

static void cells_that_nothing_refers_to_are_counted_and_no_fault(void **state)
{
	uint32_t aaa;

	(void)state;
	hive_image_make(&image, specimen_make(5));
	aaa = image_key(&image, "\\aaa");
	image_put32(&image, aaa, FB_NK_VALUES, 0);
	assert_nothing_found();
	/* Three values, their list, data of 100 bytes, db, its list, three segments. */
	assert_int_equal(image.survey.lost_cells, 10);
	assert_true(image.survey.lost_bytes > SPECIMEN_BIG);
}

/* What a split leaves in the middle of a free cell of a hive with a past. */
static void cut_free_cells_are_told_whatever_they_held(void **state)
{
	static struct hive_edits e;
	struct fb_hive *h = hive_rig_new(5);
	unsigned cuts = 0;

	(void)state;
	hive_edits_begin(&e, h, 21);
	hive_edits_do(&e, 4000);
	hive_image_make(&image, h);
	for (uint32_t at = 0; (at = image_free_cell(&image, at, 64)) != 0;) {
		uint32_t bytes = -image_cell_bytes(&image, at), cut = bytes / 16 * 8;

		image_put_cell(&image, at + cut, bytes - cut);
		image_put_cell(&image, at, cut);
		hive_image_check(&image);
		if (image.n_found != 1)
			hive_image_show(&image);
		assert_int_equal(image.n_found, 1);
		assert_true(hive_image_told(&image, "free_adjacent",
					    FB_REGF_PAGE + (uint64_t)at + cut));
		image_put_cell(&image, at, bytes);
		at += bytes;
		cuts++;
	}
	assert_true(cuts > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_teardown(name, leave)
		T(random_hives_of_ours_have_no_fault_and_lose_nothing),
		T(windows_may_leave_remnants_up_to_256_kib),
		T(zeros_may_follow_the_data),
		T(the_fields_that_mean_nothing_are_not_looked_at),
		T(a_predefined_handle_is_no_count_of_values),
		T(version_1_6_is_known),
		T(the_empty_hive_of_an_app_is_sound),
		T(roomy_cells_are_sound),
		T(cells_that_nothing_refers_to_are_counted_and_no_fault),
		T(cut_free_cells_are_told_whatever_they_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
