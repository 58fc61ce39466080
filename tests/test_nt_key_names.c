#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "hive/name.h"
#include "support/key_rig.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* In memory alone: what is here needs no file. */
static HANDLE root;

static int setup(void **state)
{
	(void)state;
	root = NULL;
	return fb_nt_new_hive(&root);
}

static int teardown(void **state)
{
	(void)state;
	fb_nt_unload_hive(root);
	NtClose(root);
	return 0;
}

static void name_that_can_be_none_is_told(void **state)
{
	static const char *const bad[] = {"\\a", "a\\", "a\\\\b", "\\", "\xff"};
	char name[FB_KEY_NAME_MAX + 2];
	HANDLE key = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_status(STATUS_OBJECT_NAME_INVALID,
			      fb_nt_open_key(root, bad[i], KEY_READ, &key));
		assert_status(STATUS_OBJECT_NAME_INVALID,
			      fb_nt_create_key(root, bad[i], KEY_READ, &key, NULL));
	}
	memset(name, 'n', sizeof(name));
	name[FB_KEY_NAME_MAX + 1] = 0;
	assert_status(STATUS_OBJECT_NAME_INVALID,
		      fb_nt_create_key(root, name, KEY_READ, &key, NULL));
	assert_null(key);
	name[FB_KEY_NAME_MAX] = 0;
	NtClose(key_rig_key(root, name));
}

static void value_name_may_be_long_but_not_longer(void **state)
{
	char *name = malloc(FB_VALUE_NAME_MAX + 2);
	uint32_t n = 9;

	(void)state;
	memset(name, 'v', FB_VALUE_NAME_MAX + 1);
	name[FB_VALUE_NAME_MAX + 1] = 0;
	assert_status(STATUS_OBJECT_NAME_INVALID,
		      fb_nt_set_value(root, name, REG_DWORD, &n, sizeof(n)));
	name[FB_VALUE_NAME_MAX] = 0;
	key_rig_set(root, name, n);
	assert_int_equal(key_rig_get(root, name), n);
	assert_status(STATUS_OBJECT_NAME_INVALID, fb_nt_delete_value(root, "\xc3"));
	free(name);
}

static void value_of_any_size_comes_back(void **state)
{
	static const size_t sizes[] = {0, 1, 4, 5, 16344, 16345, 100000};
	unsigned char *in = malloc(100000);
	unsigned char *out = malloc(100000);
	size_t bytes;
	ULONG type;

	(void)state;
	memset(in, 0x5a, 100000);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_status(STATUS_SUCCESS,
			      fb_nt_set_value(root, "", 77, in, sizes[i]));
		memset(out, 0, 100000);
		assert_status(STATUS_SUCCESS, fb_nt_query_value(root, "", &type, out,
								sizes[i], &bytes));
		assert_int_equal(type, 77);
		assert_int_equal(bytes, sizes[i]);
		assert_memory_equal(in, out, sizes[i]);
	}
	assert_status(STATUS_SUCCESS, fb_nt_delete_value(root, ""));
	assert_status(STATUS_OBJECT_NAME_NOT_FOUND, fb_nt_delete_value(root, ""));
	assert_status(STATUS_OBJECT_NAME_NOT_FOUND,
		      fb_nt_query_value(root, "", &type, out, 100000, &bytes));
	free(in);
	free(out);
}

static void buffer_too_small_is_told_with_the_size_it_takes(void **state)
{
	ULONG type = 123;
	size_t bytes = 0;
	char data[3] = "ab";

	(void)state;
	key_rig_set(root, "v", 1);
	assert_status(STATUS_BUFFER_TOO_SMALL,
		      fb_nt_query_value(root, "v", &type, data, 3, &bytes));
	assert_int_equal(bytes, 4);
	assert_int_equal(type, 123);
	assert_string_equal(data, "ab");
	assert_status(STATUS_BUFFER_TOO_SMALL,
		      fb_nt_query_value(root, "v", NULL, NULL, 0, NULL));
}

static void subkeys_are_enumerated_to_the_last(void **state)
{
	char name[766];

	(void)state;
	assert_status(STATUS_NO_MORE_ENTRIES,
		      fb_nt_enumerate_key(root, 0, name, sizeof(name)));
	NtClose(key_rig_key(root, "b\xc3\xb6se"));
	NtClose(key_rig_key(root, "alpha"));
	assert_status(STATUS_SUCCESS, fb_nt_enumerate_key(root, 0, name, sizeof(name)));
	assert_string_equal(name, "alpha");
	assert_status(STATUS_SUCCESS, fb_nt_enumerate_key(root, 1, name, 6));
	assert_string_equal(name, "b\xc3\xb6se");
	assert_status(STATUS_BUFFER_TOO_SMALL, fb_nt_enumerate_key(root, 1, name, 5));
	assert_status(STATUS_NO_MORE_ENTRIES,
		      fb_nt_enumerate_key(root, 2, name, sizeof(name)));
}

static void create_makes_only_the_last_key_of_a_path(void **state)
{
	HANDLE key = NULL;
	HANDLE out = NULL;
	bool created = false;

	(void)state;
	assert_status(STATUS_OBJECT_NAME_NOT_FOUND,
		      fb_nt_create_key(root, "a\\b", KEY_READ, &out, &created));
	NtClose(key_rig_key(root, "a"));
	assert_status(STATUS_SUCCESS,
		      fb_nt_create_key(root, "a\\b", KEY_SET_VALUE, &key, &created));
	assert_true(created);
	key_rig_set(key, "v", 3);
	NtClose(key);
	assert_status(STATUS_SUCCESS,
		      fb_nt_create_key(root, "A\\B", KEY_READ, &key, &created));
	assert_false(created);
	assert_int_equal(key_rig_get(key, "v"), 3);
	NtClose(key);
	assert_status(STATUS_OBJECT_NAME_NOT_FOUND,
		      fb_nt_open_key(root, "a\\c", KEY_READ, &out));
	assert_status(STATUS_OBJECT_NAME_NOT_FOUND,
		      fb_nt_open_key(root, "c\\b", KEY_READ, &out));
	assert_null(out);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(name_that_can_be_none_is_told),
		TEST(value_name_may_be_long_but_not_longer),
		TEST(value_of_any_size_comes_back),
		TEST(buffer_too_small_is_told_with_the_size_it_takes),
		TEST(subkeys_are_enumerated_to_the_last),
		TEST(create_makes_only_the_last_key_of_a_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
