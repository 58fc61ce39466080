#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "nt/objects.h"
#include "support/key_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t child;

static int setup(void **state)
{
	(void)state;
	return key_lab_enter();
}

static int teardown(void **state)
{
	(void)state;
	if (child > 0) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	child = 0;
	key_lab_leave();
	return 0;
}

/* Values whose number tells what they must be. */
static void fill(HANDLE key, uint32_t n)
{
	char name[16];

	for (uint32_t i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "value %u", i);
		key_rig_set(key, name, i * 7);
	}
}

static void assert_filled(HANDLE key, uint32_t n)
{
	char name[16];

	for (uint32_t i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "value %u", i);
		assert_int_equal(key_rig_get(key, name), i * 7);
	}
}

static void unload_writes_everything(void **state)
{
	HANDLE key;

	(void)state;
	key_lab.root = key_rig_load(key_lab.path, NULL);
	key = key_rig_key(key_lab.root, "key");
	fill(key, 500);
	assert_status(STATUS_SUCCESS, NtClose(key));
	key_rig_unload(key_lab.root);
	key_lab.root = key_rig_load(key_lab.path, NULL);
	key = key_rig_key(key_lab.root, "key");
	assert_filled(key, 500);
	NtClose(key);
}

static void closing_the_last_key_unloads(void **state)
{
	HANDLE key;
	HANDLE again = NULL;

	(void)state;
	key_lab.root = key_rig_load(key_lab.path, NULL);
	key = key_rig_key(key_lab.root, "key");
	fill(key, 10);
	NtClose(key_lab.root);
	assert_status(STATUS_SHARING_VIOLATION,
		      fb_nt_load_hive(key_lab.path, NULL, &again));
	assert_int_equal(fb_nt_os_error(), EBUSY);
	assert_null(again);
	NtClose(key);
	key_lab.root = key_rig_load(key_lab.path, NULL);
	key = key_rig_key(key_lab.root, "key");
	assert_filled(key, 10);
	NtClose(key);
}

/* A child that flushes and then makes one change too many, until it is killed. */
static void flush_and_wait(enum fb_nt_flush_strategy strategy, int ready)
{
	const struct fb_nt_hive_options o = {.strategy = strategy};
	const uint32_t unflushed = 1;
	HANDLE h = NULL;
	HANDLE key = NULL;
	char name[16];

	if (fb_nt_load_hive(key_lab.path, &o, &h) ||
	    fb_nt_create_key(h, "key", KEY_SET_VALUE, &key, NULL))
		_exit(1);
	for (uint32_t i = 0; i < 300; i++) {
		const uint32_t n = i * 7;

		snprintf(name, sizeof(name), "value %u", i);
		if (fb_nt_set_value(key, name, REG_DWORD, &n, sizeof(n)) ||
		    (i % 50 == 49 && NtFlushKey(key)))
			_exit(2);
	}
	if (fb_nt_set_value(key, "unflushed", REG_DWORD, &unflushed, 4) ||
	    write(ready, "r", 1) != 1)
		_exit(3);
	pause();
	_exit(4);
}

static void assert_survives_a_kill(enum fb_nt_flush_strategy strategy)
{
	char byte = 0;
	int ready[2];
	uint32_t n;
	HANDLE key;

	assert_false(pipe2(ready, O_CLOEXEC));
	child = fork();
	assert_true(child >= 0);
	if (!child)
		flush_and_wait(strategy, ready[1]);
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	child = 0;
	key_lab.root = key_rig_load(key_lab.path, NULL);
	key = key_rig_key(key_lab.root, "key");
	assert_filled(key, 300);
	assert_status(STATUS_OBJECT_NAME_NOT_FOUND,
		      fb_nt_query_value(key, "unflushed", NULL, &n, 4, NULL));
	NtClose(key);
}

static void flushed_data_survive_a_kill(void **state)
{
	(void)state;
	assert_survives_a_kill(FB_NT_LOG_ONLY);
}

static void flushed_data_survive_a_kill_with_the_old_strategy(void **state)
{
	(void)state;
	assert_survives_a_kill(FB_NT_LOG_AND_PRIMARY);
}

static void clean_hive_is_flushed_without_io(void **state)
{
	struct fb_nt_hive_counters before;
	struct fb_nt_hive_counters after;

	(void)state;
	key_lab.root = key_rig_load(key_lab.path, NULL);
	key_rig_set(key_lab.root, "v", 1);
	assert_status(STATUS_SUCCESS, NtFlushKey(key_lab.root));
	before = key_rig_count(key_lab.root);
	for (int i = 0; i < 3; i++)
		assert_status(STATUS_SUCCESS, NtFlushKey(key_lab.root));
	after = key_rig_count(key_lab.root);
	assert_memory_equal(&before, &after, sizeof(before));
}

static void flush_reaches_the_log_alone_or_both(void **state)
{
	const struct fb_nt_hive_options both = {.strategy = FB_NT_LOG_AND_PRIMARY};
	struct fb_nt_hive_counters a;
	struct fb_nt_hive_counters b;

	(void)state;
	key_lab.root = key_rig_load(key_lab.path, NULL);
	key_rig_set(key_lab.root, "v", 1);
	assert_status(STATUS_SUCCESS, NtFlushKey(key_lab.root));
	a = key_rig_count(key_lab.root);
	key_rig_set(key_lab.root, "v", 2);
	assert_status(STATUS_SUCCESS, NtFlushKey(key_lab.root));
	b = key_rig_count(key_lab.root);
	assert_true(b.log_bytes > a.log_bytes);
	assert_int_equal(b.primary_bytes, a.primary_bytes);
	assert_status(STATUS_SUCCESS, fb_nt_reconcile_hive(key_lab.root));
	assert_true(key_rig_count(key_lab.root).primary_bytes > b.primary_bytes);
	assert_int_equal(key_rig_count(key_lab.root).log_bytes, b.log_bytes);
	key_rig_unload(key_lab.root);

	key_lab.root = key_rig_load(key_lab.path, &both);
	a = key_rig_count(key_lab.root);
	key_rig_set(key_lab.root, "v", 3);
	assert_status(STATUS_SUCCESS, NtFlushKey(key_lab.root));
	b = key_rig_count(key_lab.root);
	assert_true(b.log_bytes > a.log_bytes);
	assert_true(b.primary_bytes > a.primary_bytes);
}

static void log_cap_is_passed_on(void **state)
{
	const struct fb_nt_hive_options o = {.log_cap = 64 << 10};
	struct fb_nt_hive_counters c;
	uint64_t marked;

	(void)state;
	key_lab.root = key_rig_load(key_lab.path, &o);
	key_rig_set(key_lab.root, "v", 1);
	assert_status(STATUS_SUCCESS, NtFlushKey(key_lab.root));
	marked = key_rig_count(key_lab.root).primary_bytes;
	for (uint32_t i = 0; i < 64; i++) {
		key_rig_set(key_lab.root, "v", i);
		assert_status(STATUS_SUCCESS, NtFlushKey(key_lab.root));
	}
	c = key_rig_count(key_lab.root);
	assert_true(c.primary_bytes > marked + 4096);
}

static void counters_tell_how_the_hive_grows(void **state)
{
	uint64_t before;
	void *data = calloc(1, 1 << 20);

	(void)state;
	key_lab.root = key_rig_load(key_lab.path, NULL);
	before = key_rig_count(key_lab.root).hive_bytes;
	assert_int_equal(before, 4096);
	assert_status(STATUS_SUCCESS,
		      fb_nt_set_value(key_lab.root, "v", REG_BINARY, data, 1 << 20));
	free(data);
	assert_true(key_rig_count(key_lab.root).hive_bytes >= before + (1 << 20));
	assert_int_equal(key_rig_count(key_lab.root).lazy_flushes, 0);
	assert_int_equal(key_rig_count(key_lab.root).lazy_bytes, 0);
}

static void hive_in_memory_flushes_without_a_file(void **state)
{
	(void)state;
	assert_status(STATUS_SUCCESS, fb_nt_new_hive(&key_lab.root));
	key_rig_set(key_lab.root, "v", 6);
	assert_status(STATUS_SUCCESS, NtFlushKey(key_lab.root));
	assert_status(STATUS_SUCCESS, fb_nt_reconcile_hive(key_lab.root));
	assert_int_equal(key_rig_count(key_lab.root).log_bytes, 0);
	assert_status(STATUS_OBJECT_NAME_COLLISION,
		      fb_nt_save_hive(key_lab.root, key_lab.path));
	assert_status(STATUS_SUCCESS,
		      fb_nt_save_hive(key_lab.root, key_lab_in("saved")));
	assert_int_equal(key_rig_get(key_lab.root, "v"), 6);
	key_rig_unload(key_lab.root);
	key_lab.root = key_rig_load(key_lab_in("saved"), NULL);
	assert_int_equal(key_rig_get(key_lab.root, "v"), 6);
}

static void hive_loaded_for_reading_stays_as_it_is(void **state)
{
	const struct fb_nt_hive_options o = {.read_only = true, .lazy_flush_ns = 1};
	const uint32_t n = 1;
	HANDLE key = NULL;

	(void)state;
	key_lab.root = key_rig_load(key_lab.path, NULL);
	NtClose(key_rig_key(key_lab.root, "key"));
	key_rig_unload(key_lab.root);
	assert_false(unlink(key_lab_in("hive.LOG1")));
	key_lab.root = key_rig_load(key_lab.path, &o);
	assert_status(STATUS_ACCESS_DENIED,
		      fb_nt_set_value(key_lab.root, "v", REG_DWORD, &n, sizeof(n)));
	assert_int_equal(fb_nt_os_error(), EROFS);
	assert_status(STATUS_ACCESS_DENIED,
		      fb_nt_create_key(key_lab.root, "new", KEY_READ, &key, NULL));
	assert_status(STATUS_SUCCESS,
		      fb_nt_create_key(key_lab.root, "key", DELETE, &key, NULL));
	assert_status(STATUS_ACCESS_DENIED, fb_nt_delete_key(key));
	assert_status(STATUS_SUCCESS, NtFlushKey(key));
	assert_status(STATUS_SUCCESS, fb_nt_reconcile_hive(key));
	assert_int_equal(access(key_lab_in("hive.LOG1"), F_OK), -1);
	NtClose(key);
}

static void load_tells_what_is_wrong_with_the_file(void **state)
{
	HANDLE key = NULL;
	FILE *f;

	(void)state;
	assert_status(STATUS_OBJECT_NAME_NOT_FOUND,
		      fb_nt_load_hive(key_lab_in("none"), NULL, &key));
	assert_int_equal(fb_nt_os_error(), ENOENT);
	assert_false(mkdir(key_lab_in("folder"), 0700));
	assert_status(STATUS_FILE_IS_A_DIRECTORY,
		      fb_nt_load_hive(key_lab_in("folder"), NULL, &key));
	f = fopen(key_lab_in("text"), "w");
	assert_non_null(f);
	for (int i = 0; i < 1000; i++)
		fputs("this is no hive\n", f);
	fclose(f);
	assert_status(STATUS_REGISTRY_CORRUPT,
		      fb_nt_load_hive(key_lab_in("text"), NULL, &key));
	assert_null(key);
}

/* Overwrites the first @what of the file by zeros. */
static void damage(const char *what)
{
	static char data[16384];
	const int fd = open(key_lab.path, O_RDWR | O_CLOEXEC);
	const char zeros[8] = {0};
	ssize_t n;
	char *at;

	assert_true(fd >= 0);
	n = pread(fd, data, sizeof(data), 0);
	assert_true(n > 0);
	at = memmem(data, (size_t)n, what, strlen(what));
	assert_non_null(at);
	n = pwrite(fd, zeros, strlen(what), at - data);
	assert_int_equal(n, strlen(what));
	close(fd);
}

static void damage_is_told_by_what_meets_it(void **state)
{
	uint32_t n = 0;

	(void)state;
	key_lab.root = key_rig_load(key_lab.path, NULL);
	key_rig_set(key_lab.root, "v", 1);
	key_rig_unload(key_lab.root);
	damage("vk");
	key_lab.root = key_rig_load(key_lab.path, NULL);
	assert_status(STATUS_REGISTRY_CORRUPT,
		      fb_nt_query_value(key_lab.root, "v", NULL, &n, sizeof(n), NULL));
	assert_status(STATUS_REGISTRY_CORRUPT,
		      fb_nt_set_value(key_lab.root, "v", REG_DWORD, &n, sizeof(n)));
	assert_status(STATUS_REGISTRY_CORRUPT, fb_nt_delete_value(key_lab.root, "v"));
	assert_int_equal(fb_nt_os_error(), EBADMSG);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(unload_writes_everything),
		TEST(closing_the_last_key_unloads),
		TEST(flushed_data_survive_a_kill),
		TEST(flushed_data_survive_a_kill_with_the_old_strategy),
		TEST(clean_hive_is_flushed_without_io),
		TEST(flush_reaches_the_log_alone_or_both),
		TEST(log_cap_is_passed_on),
		TEST(counters_tell_how_the_hive_grows),
		TEST(hive_in_memory_flushes_without_a_file),
		TEST(hive_loaded_for_reading_stays_as_it_is),
		TEST(load_tells_what_is_wrong_with_the_file),
		TEST(damage_is_told_by_what_meets_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
