#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "nt/key_hive.h"
#include "nt/objects.h"
#include "support/key_rig.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static int setup(void **state)
{
	(void)state;
	if (key_lab_enter())
		return -1;
	key_lab.root = key_rig_load(key_lab.path, NULL);
	return 0;
}

/* Whatever other keys a failed test left open, the hive is closed. */
static int teardown(void **state)
{
	(void)state;
	key_lab_leave();
	return 0;
}

/* Every routine that works on a key says @expected of this one. */
static void assert_refused(NTSTATUS expected, HANDLE key)
{
	struct fb_nt_hive_counters c;
	HANDLE out = NULL;
	uint32_t n = 7;
	char name[8];

	assert_status(expected, NtFlushKey(key));
	assert_status(expected, fb_nt_reconcile_hive(key));
	assert_status(expected, fb_nt_save_hive(key, key_lab_in("copy")));
	assert_status(expected, fb_nt_unload_hive(key));
	assert_status(expected, fb_nt_hive_counters(key, &c));
	assert_status(expected, fb_nt_open_key(key, "", KEY_READ, &out));
	assert_status(expected, fb_nt_create_key(key, "x", KEY_READ, &out, NULL));
	assert_status(expected, fb_nt_enumerate_key(key, 0, name, sizeof(name)));
	assert_status(expected, fb_nt_set_value(key, "v", REG_DWORD, &n, sizeof(n)));
	assert_status(expected, fb_nt_query_value(key, "v", NULL, &n, sizeof(n), NULL));
	assert_status(expected, fb_nt_delete_value(key, "v"));
	assert_status(expected, fb_nt_delete_key(key));
	assert_null(out);
	assert_int_equal(n, 7);
}

static void what_is_no_key_is_told(void **state)
{
	const HANDLE key = key_rig_key(key_lab.root, "key");
	HANDLE file = NULL;

	(void)state;
	NtClose(key);
	assert_refused(STATUS_INVALID_HANDLE, NULL);
	assert_refused(STATUS_INVALID_HANDLE, (HANDLE)(intptr_t)0x7fffffff);
	assert_refused(STATUS_INVALID_HANDLE, key);
	assert_refused(STATUS_OBJECT_TYPE_MISMATCH, NtCurrentProcess());
	assert_status(STATUS_SUCCESS,
		      fb_nt_open_file(key_lab_in("file"), FILE_WRITE_DATA, 0,
				      FB_NT_CREATE, &file));
	assert_refused(STATUS_OBJECT_TYPE_MISMATCH, file);
	NtClose(file);
}

static void deleted_key_is_told_through_every_handle(void **state)
{
	const HANDLE one = key_rig_key(key_lab.root, "key");
	const HANDLE two = key_rig_key(key_lab.root, "KEY");
	const HANDLE other = key_rig_key(key_lab.root, "other");

	(void)state;
	key_rig_set(two, "v", 1);
	assert_status(STATUS_SUCCESS, fb_nt_delete_key(one));
	assert_refused(STATUS_KEY_DELETED, one);
	assert_refused(STATUS_KEY_DELETED, two);
	assert_status(STATUS_SUCCESS, NtFlushKey(other));
	NtClose(one);
	NtClose(two);
	NtClose(other);
}

static uint32_t cell_of(HANDLE handle)
{
	struct fb_nt_key *k = NULL;
	uint32_t cell;

	assert_status(STATUS_SUCCESS, fb_nt_key_get(handle, &k));
	cell = atomic_load(&k->cell);
	fb_nt_key_put(k);
	return cell;
}

static void deleted_key_stays_deleted_when_its_cell_is_used_again(void **state)
{
	const HANDLE old = key_rig_key(key_lab.root, "old");
	const HANDLE again = key_rig_key(key_lab.root, "old");
	const uint32_t cell = cell_of(old);
	HANDLE fresh;

	(void)state;
	assert_status(STATUS_SUCCESS, fb_nt_delete_key(old));
	fresh = key_rig_key(key_lab.root, "new");
	assert_int_equal(cell_of(fresh), cell);
	key_rig_set(fresh, "v", 1);
	assert_refused(STATUS_KEY_DELETED, old);
	assert_refused(STATUS_KEY_DELETED, again);
	assert_status(STATUS_SUCCESS, NtClose(old));
	assert_int_equal(key_rig_get(fresh, "v"), 1);
	assert_status(STATUS_SUCCESS, fb_nt_delete_key(fresh));
	assert_refused(STATUS_KEY_DELETED, fresh);
	NtClose(again);
	NtClose(fresh);
}

static void unloaded_hive_is_told_by_its_open_keys(void **state)
{
	const HANDLE key = key_rig_key(key_lab.root, "key");
	const HANDLE deleted = key_rig_key(key_lab.root, "deleted");

	(void)state;
	assert_status(STATUS_SUCCESS, fb_nt_delete_key(deleted));
	assert_status(STATUS_SUCCESS, fb_nt_unload_hive(key));
	assert_refused(STATUS_HIVE_UNLOADED, key);
	assert_refused(STATUS_HIVE_UNLOADED, key_lab.root);
	assert_refused(STATUS_KEY_DELETED, deleted);
	assert_status(STATUS_SUCCESS, NtClose(key));
	assert_status(STATUS_SUCCESS, NtClose(deleted));
}

static HANDLE open_with(ACCESS_MASK access)
{
	HANDLE key = NULL;

	assert_status(STATUS_SUCCESS,
		      fb_nt_open_key(key_lab.root, "key", access, &key));
	return key;
}

static void each_routine_asks_for_its_access(void **state)
{
	const HANDLE nothing = key_rig_key(key_lab.root, "key");
	const HANDLE wrong = open_with(KEY_ALL_ACCESS & ~KEY_SET_VALUE & ~DELETE &
				       ~KEY_QUERY_VALUE & ~KEY_CREATE_SUB_KEY &
				       ~KEY_ENUMERATE_SUB_KEYS);
	const HANDLE set = open_with(KEY_SET_VALUE);
	const HANDLE query = open_with(KEY_QUERY_VALUE);
	HANDLE out = NULL;
	uint32_t n = 1;
	char name[8];

	(void)state;
	NtClose(nothing);
	assert_status(STATUS_ACCESS_DENIED, fb_nt_set_value(wrong, "v", 4, &n, 4));
	assert_status(STATUS_ACCESS_DENIED, fb_nt_delete_value(wrong, "v"));
	assert_status(STATUS_ACCESS_DENIED,
		      fb_nt_query_value(wrong, "v", NULL, &n, 4, NULL));
	assert_status(STATUS_ACCESS_DENIED,
		      fb_nt_create_key(wrong, "sub", KEY_READ, &out, NULL));
	assert_status(STATUS_ACCESS_DENIED, fb_nt_enumerate_key(wrong, 0, name, 8));
	assert_status(STATUS_ACCESS_DENIED, fb_nt_delete_key(wrong));
	assert_int_equal(fb_nt_os_error(), 0);
	key_rig_set(set, "v", 5);
	assert_int_equal(key_rig_get(query, "v"), 5);
	NtClose(wrong);
	NtClose(set);
	NtClose(query);
}

static void flush_asks_for_no_access(void **state)
{
	HANDLE key;

	(void)state;
	NtClose(key_rig_key(key_lab.root, "key"));
	key = open_with(0);
	assert_status(STATUS_SUCCESS, NtFlushKey(key));
	assert_int_not_equal(key_rig_count(key_lab.root).log_bytes, 0);
	NtClose(key);
}

static void bad_parameter_is_told(void **state)
{
	const struct fb_nt_hive_options bad = {
		.strategy = (enum fb_nt_flush_strategy)2};
	const ACCESS_MASK all = KEY_ALL_ACCESS;
	HANDLE key = NULL;
	uint32_t n = 0;

	(void)state;
	assert_status(STATUS_INVALID_PARAMETER, fb_nt_new_hive(NULL));
	assert_status(STATUS_INVALID_PARAMETER, fb_nt_load_hive(NULL, NULL, &key));
	assert_status(STATUS_INVALID_PARAMETER,
		      fb_nt_load_hive(key_lab.path, NULL, NULL));
	assert_status(STATUS_INVALID_PARAMETER,
		      fb_nt_load_hive(key_lab.path, &bad, &key));
	assert_status(STATUS_INVALID_PARAMETER, fb_nt_save_hive(key_lab.root, NULL));
	assert_status(STATUS_INVALID_PARAMETER,
		      fb_nt_hive_counters(key_lab.root, NULL));
	assert_status(STATUS_INVALID_PARAMETER,
		      fb_nt_open_key(key_lab.root, NULL, all, &key));
	assert_status(STATUS_INVALID_PARAMETER,
		      fb_nt_open_key(key_lab.root, "", all, NULL));
	assert_status(STATUS_INVALID_PARAMETER,
		      fb_nt_open_key(key_lab.root, "", 0x80000000, &key));
	assert_status(STATUS_INVALID_PARAMETER,
		      fb_nt_set_value(key_lab.root, NULL, 4, &n, 4));
	assert_status(STATUS_INVALID_PARAMETER,
		      fb_nt_set_value(key_lab.root, "v", 4, NULL, 4));
	assert_status(STATUS_INVALID_PARAMETER,
		      fb_nt_set_value(key_lab.root, "v", 3, &n, (size_t)INT32_MAX + 1));
	assert_status(STATUS_INVALID_PARAMETER,
		      fb_nt_query_value(key_lab.root, "v", NULL, NULL, 4, NULL));
	assert_status(STATUS_INVALID_PARAMETER,
		      fb_nt_enumerate_key(key_lab.root, 0, NULL, 8));
	assert_null(key);
}

static void key_with_subkeys_and_the_root_cannot_be_deleted(void **state)
{
	const HANDLE key = key_rig_key(key_lab.root, "key");
	const HANDLE sub = key_rig_key(key, "sub");

	(void)state;
	assert_status(STATUS_CANNOT_DELETE, fb_nt_delete_key(key));
	assert_status(STATUS_CANNOT_DELETE, fb_nt_delete_key(key_lab.root));
	assert_status(STATUS_SUCCESS, fb_nt_delete_key(sub));
	assert_status(STATUS_CANNOT_DELETE, fb_nt_delete_key(key_lab.root));
	assert_status(STATUS_SUCCESS, fb_nt_delete_key(key));
	assert_status(STATUS_CANNOT_DELETE, fb_nt_delete_key(key_lab.root));
	NtClose(sub);
	NtClose(key);
}

static void failed_open_takes_no_handle(void **state)
{
	HANDLE key = NULL;

	(void)state;
	for (int i = 0; i <= FB_NT_OBJECTS_MAX; i++)
		assert_status(STATUS_OBJECT_NAME_NOT_FOUND,
			      fb_nt_open_key(key_lab.root, "none", KEY_READ, &key));
	assert_null(key);
}

static void full_handle_table_makes_no_key(void **state)
{
	static HANDLE open[FB_NT_OBJECTS_MAX];
	HANDLE key = NULL;
	NTSTATUS status;
	size_t n = 0;

	(void)state;
	do {
		status = fb_nt_open_key(key_lab.root, "", KEY_READ, &open[n]);
	} while (!status && ++n < FB_NT_OBJECTS_MAX);
	assert_status(STATUS_TOO_MANY_OPENED_FILES, status);
	assert_status(STATUS_TOO_MANY_OPENED_FILES,
		      fb_nt_create_key(key_lab.root, "new", KEY_READ, &key, NULL));
	while (n--)
		assert_status(STATUS_SUCCESS, NtClose(open[n]));
	assert_status(STATUS_OBJECT_NAME_NOT_FOUND,
		      fb_nt_open_key(key_lab.root, "new", KEY_READ, &key));
	assert_null(key);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_is_no_key_is_told),
		TEST(deleted_key_is_told_through_every_handle),
		TEST(deleted_key_stays_deleted_when_its_cell_is_used_again),
		TEST(unloaded_hive_is_told_by_its_open_keys),
		TEST(each_routine_asks_for_its_access),
		TEST(flush_asks_for_no_access),
		TEST(bad_parameter_is_told),
		TEST(key_with_subkeys_and_the_root_cannot_be_deleted),
		TEST(failed_open_takes_no_handle),
		TEST(full_handle_table_makes_no_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
