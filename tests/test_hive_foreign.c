/* What hives of other programs have and ours do not. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/hive_lab.h"
#include "support/hive_logs.h"

#include <errno.h>
#include <string.h>

/* Perflib's in a hive of Windows: the handle stands where values are counted. */
static void a_key_that_stands_for_a_handle_has_no_values(void **state)
{
	struct fb_hive *h = hive_rig_new(5);
	uint32_t key = hive_key(h, fb_hive_root(h), "k"), value;
	unsigned char *nk = h->bins.at + key + FB_REGF_CELL_HEAD;
	struct fb_key_info info;

	(void)state;
	fb_put16(nk + FB_NK_FLAGS, FB_NK_FLAG_8BIT | FB_NK_FLAG_PREDEF);
	fb_put32(nk + FB_NK_VALUES, 0x80000050);
	fb_put32(nk + FB_NK_VALUE_LIST, 0);
	assert_int_equal(fb_key_info(h, key, &info), 0);
	assert_int_equal(info.values, 0);
	assert_int_equal(fb_value_at(h, key, 0, &value), -ENOENT);
	assert_int_equal(fb_value_find(h, key, hive_name("v"), &value), -ENOENT);
	assert_int_equal(fb_value_delete(h, key, hive_name("v")), -ENOENT);
	assert_int_equal(fb_value_set(h, key, hive_name("v"), 4, "abcd", 4), -EINVAL);
	assert_int_equal(fb_get32(nk + FB_NK_VALUES), 0x80000050);
	assert_int_equal(fb_key_delete(h, key), 0);
	hive_assert_tree(h);
	fb_hive_free(h);
}

/* Raw bytes in a cell of their own. */
static void a_class_is_read_and_goes_with_its_key(void **state)
{
	struct fb_hive *h = hive_rig_new(5);
	uint32_t key = hive_key(h, fb_hive_root(h), "k"), cell;
	unsigned char *nk = h->bins.at + key + FB_REGF_CELL_HEAD;
	const void *got = "";
	size_t bytes = 1;

	(void)state;
	assert_int_equal(fb_key_class(h, key, &got, &bytes), 0);
	assert_null(got);
	assert_int_equal(bytes, 0);
	assert_int_equal(fb_cell_alloc(&h->bins, 6, key, &cell), 0);
	memcpy(h->bins.at + cell + FB_REGF_CELL_HEAD, "c\0l\0s", 6);
	fb_put32(nk + FB_NK_CLASS, cell);
	fb_put16(nk + FB_NK_CLASS_BYTES, 6);
	assert_int_equal(fb_key_class(h, key, &got, &bytes), 0);
	assert_int_equal(bytes, 6);
	assert_memory_equal(got, "c\0l\0s", 6);
	fb_put16(nk + FB_NK_CLASS_BYTES, 600);
	assert_int_equal(fb_key_class(h, key, &got, &bytes), -EBADMSG);
	assert_int_equal(bytes, 6);
	assert_int_equal(fb_key_delete(h, key), 0);
	hive_assert_tree(h);
	fb_hive_free(h);
}

static void a_base_block_of_another_kind_is_refused(void **state)
{
	static const struct {
		unsigned field;
		uint32_t v;
		const char *text;
	} kinds[] = {
		{FB_BASE_MAJOR, 0, "version is none"},
		{FB_BASE_MAJOR, 2, "version is none"},
		{FB_BASE_MINOR, 2, "version is none"},
		{FB_BASE_MINOR, 7, "version is none"},
		{FB_BASE_TYPE, FB_REGF_LOG_OLD, "type is that of a log"},
		{FB_BASE_TYPE, FB_REGF_LOG_NEW, "type is that of a log"},
		{FB_BASE_FORMAT, 0, "format is not 1"},
		{FB_BASE_FORMAT, 2, "format is not 1"},
		{FB_BASE_BINS, 0, "size of the data"},
		{FB_BASE_BINS, 4097, "size of the data"},
		{FB_BASE_BINS, FB_REGF_BINS_MAX + 4096, "size of the data"},
		{FB_BASE_ROOT, FB_REGF_NIL, "root key is not there"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		for (uint32_t dirty = 0; dirty < 2; dirty++) {
			hive_primary_clean(5, 1);
			hive_patch_base(FB_HIVE_PRIMARY, FB_BASE_SEQ1, 5 + dirty);
			hive_patch_base(FB_HIVE_PRIMARY, kinds[i].field, kinds[i].v);
			hive_refused(kinds[i].text);
		}
	}
}

#define DISK(test)                                                                     \
	cmocka_unit_test_setup_teardown(test, hive_logs_enter, hive_logs_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_that_stands_for_a_handle_has_no_values),
		cmocka_unit_test(a_class_is_read_and_goes_with_its_key),
		DISK(a_base_block_of_another_kind_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
