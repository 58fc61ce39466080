#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "nt/objects.h"
#include "support/fusefs.h"
#include "support/key_rig.h"
#include "support/need.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct fusefs fuse;
static const char *missing;

static int setup(void **state)
{
	(void)state;
	return key_lab_enter();
}

static int setup_fuse(void **state)
{
	(void)state;
	missing = fusefs_missing();
	if (missing)
		return 0;
	if (fusefs_mount(&fuse, false))
		return -1;
	tmpdir_join(key_lab.path, sizeof(key_lab.path), fuse.dir, "hive");
	key_rig_new(key_lab.path);
	key_lab.root = key_rig_load(key_lab.path, NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	if (fuse.pid > 0)
		kill(fuse.pid, SIGCONT);
	key_lab_unload();
	fusefs_unmount(&fuse);
	key_lab_leave();
	return 0;
}

static void start(pthread_t *id, void *(*main)(void *), void *arg)
{
	assert_false(pthread_create(id, NULL, main, arg));
}

static atomic_bool over;

enum { WRITERS = 3, VALUES = 40, ROUNDS = 30 };

struct worker {
	pthread_t id;
	unsigned number;
	unsigned unexpected;
};

static NTSTATUS open_own(const struct worker *w, HANDLE *key)
{
	char name[24];

	snprintf(name, sizeof(name), "worker %u", w->number);
	return fb_nt_create_key(key_lab.root, name, KEY_ALL_ACCESS, key, NULL);
}

static NTSTATUS set_own(HANDLE key, uint32_t value, uint32_t round)
{
	char name[24];

	snprintf(name, sizeof(name), "value %u", value);
	return fb_nt_set_value(key, name, REG_DWORD, &round, sizeof(round));
}

/* Makes, changes and deletes below a key of its own; the last round stays. */
static void *write_rounds(void *arg)
{
	struct worker *w = arg;
	HANDLE key = NULL;
	HANDLE brief = NULL;

	if (open_own(w, &key))
		w->unexpected++;
	for (uint32_t round = 1; round <= ROUNDS; round++) {
		if (fb_nt_create_key(key, "brief", KEY_ALL_ACCESS, &brief, NULL) ||
		    set_own(brief, 0, round) || fb_nt_delete_key(brief) ||
		    NtFlushKey(brief) != STATUS_KEY_DELETED || NtClose(brief))
			w->unexpected++;
		for (uint32_t v = 0; v < VALUES; v++)
			w->unexpected += set_own(key, v, round) != STATUS_SUCCESS;
		if (NtFlushKey(key))
			w->unexpected++;
	}
	NtClose(key);
	return NULL;
}

/* What another thread writes is a whole value of some round, or not there yet. */
static void *read_until_over(void *arg)
{
	struct worker *w = arg;
	HANDLE key = NULL;
	uint32_t n = 0;
	NTSTATUS status;

	if (open_own(w, &key))
		w->unexpected++;
	for (unsigned i = 0; !atomic_load(&over); i++) {
		char name[24];

		snprintf(name, sizeof(name), "value %u", i % VALUES);
		status = fb_nt_query_value(key, name, NULL, &n, sizeof(n), NULL);
		if (status && status != STATUS_OBJECT_NAME_NOT_FOUND)
			w->unexpected++;
		if (!status && (!n || n > ROUNDS))
			w->unexpected++;
	}
	NtClose(key);
	return NULL;
}

static void *flush_root_until_over(void *arg)
{
	struct worker *w = arg;

	while (!atomic_load(&over))
		w->unexpected += NtFlushKey(key_lab.root) != STATUS_SUCCESS;
	return NULL;
}

static void assert_last_round_stayed(unsigned worker)
{
	const struct worker w = {.number = worker};
	char name[24];
	HANDLE key = NULL;
	HANDLE none = NULL;

	assert_status(STATUS_SUCCESS, open_own(&w, &key));
	for (int v = 0; v < VALUES; v++) {
		snprintf(name, sizeof(name), "value %d", v);
		assert_int_equal(key_rig_get(key, name), ROUNDS);
	}
	assert_status(STATUS_OBJECT_NAME_NOT_FOUND,
		      fb_nt_open_key(key, "brief", KEY_READ, &none));
	NtClose(key);
}

static void do_everything_at_once(const struct fb_nt_hive_options *o)
{
	struct worker workers[WRITERS + 3] = {0};

	key_lab.root = key_rig_load(key_lab.path, o);
	atomic_store(&over, false);
	for (unsigned i = 0; i < WRITERS + 3; i++) {
		workers[i].number = i % WRITERS;
		start(&workers[i].id,
		      i < WRITERS       ? write_rounds
		      : i < WRITERS + 2 ? read_until_over
					: flush_root_until_over,
		      &workers[i]);
	}
	for (int i = 0; i < WRITERS; i++)
		pthread_join(workers[i].id, NULL);
	atomic_store(&over, true);
	for (int i = WRITERS; i < WRITERS + 3; i++)
		pthread_join(workers[i].id, NULL);
	for (int i = 0; i < WRITERS + 3; i++)
		assert_int_equal(workers[i].unexpected, 0);
	key_rig_unload(key_lab.root);
	key_lab.root = key_rig_load(key_lab.path, NULL);
	for (unsigned i = 0; i < WRITERS; i++)
		assert_last_round_stayed(i);
}

static void everything_at_once_leaves_what_was_written(void **state)
{
	const struct fb_nt_hive_options o = {.log_cap = 256 << 10,
					     .lazy_flush_ns = 100 * 1000};

	(void)state;
	do_everything_at_once(&o);
}

static void everything_at_once_with_the_old_strategy_too(void **state)
{
	const struct fb_nt_hive_options o = {.strategy = FB_NT_LOG_AND_PRIMARY,
					     .lazy_flush_ns = 100 * 1000};

	(void)state;
	do_everything_at_once(&o);
}

static void *close_and_unload(void *arg)
{
	struct worker *w = arg;
	const NTSTATUS status = fb_nt_unload_hive(key_lab.root);

	w->unexpected = status && status != STATUS_HIVE_UNLOADED;
	w->number = !status;
	return NULL;
}

static void of_many_that_unload_one_does(void **state)
{
	const struct fb_nt_hive_options o = {.lazy_flush_ns = 1};

	(void)state;
	for (int round = 0; round < 50; round++) {
		struct worker w[3] = {0};

		key_lab.root = key_rig_load(key_lab.path, &o);
		key_rig_set(key_lab.root, "v", (uint32_t)round);
		for (int i = 0; i < 3; i++)
			start(&w[i].id, close_and_unload, &w[i]);
		for (int i = 0; i < 3; i++)
			pthread_join(w[i].id, NULL);
		assert_int_equal(w[0].number + w[1].number + w[2].number, 1);
		assert_int_equal(w[0].unexpected + w[1].unexpected + w[2].unexpected,
				 0);
		assert_status(STATUS_SUCCESS, NtClose(key_lab.root));
	}
	key_lab.root = key_rig_load(key_lab.path, NULL);
	assert_int_equal(key_rig_get(key_lab.root, "v"), 49);
}

/* struct one - a thread with one call to make; @tid 0 until it is about to */
struct one {
	pthread_t id;
	atomic_int tid;
	atomic_bool done;
	NTSTATUS status;
};

static void *flush_key(void *arg)
{
	struct one *o = arg;

	atomic_store(&o->tid, (int)gettid());
	o->status = NtFlushKey(key_lab.root);
	atomic_store(&o->done, true);
	return NULL;
}

static void *set_value(void *arg)
{
	const uint32_t n = 2;
	struct one *o = arg;

	atomic_store(&o->tid, (int)gettid());
	o->status = fb_nt_set_value(key_lab.root, "v", REG_DWORD, &n, sizeof(n));
	atomic_store(&o->done, true);
	return NULL;
}

/* The system call that the thread waits in; -1: in none */
static long waits_in(const struct one *o)
{
	const int tid = atomic_load(&o->tid);
	char name[64];
	long nr = -1;
	FILE *f;

	snprintf(name, sizeof(name), "/proc/self/task/%d/syscall", tid);
	f = tid ? fopen(name, "re") : NULL;
	if (!f)
		return -1;
	if (fscanf(f, "%ld", &nr) != 1)
		nr = -1;
	fclose(f);
	return nr;
}

/* Until it waits: for the disk, or for another thread. */
static void wait_until_it_waits(const struct one *o, bool for_disk)
{
	long nr;

	do {
		sched_yield();
		nr = waits_in(o);
	} while (!atomic_load(&o->done) &&
		 (for_disk ? nr < 0 || nr == SYS_futex : nr != SYS_futex));
}

static void during_a_flush_changes_wait_and_queries_do_not(void **state)
{
	struct one flush = {0};
	struct one change = {0};

	(void)state;
	need(missing);
	if (access("/proc/self/syscall", R_OK))
		need("no /proc/self/syscall");
	key_rig_set(key_lab.root, "v", 1);
	kill(fuse.pid, SIGSTOP);
	start(&flush.id, flush_key, &flush);
	wait_until_it_waits(&flush, true);
	start(&change.id, set_value, &change);
	wait_until_it_waits(&change, false);
	assert_int_equal(key_rig_get(key_lab.root, "v"), 1);
	assert_false(atomic_load(&flush.done));
	assert_false(atomic_load(&change.done));
	kill(fuse.pid, SIGCONT);
	pthread_join(flush.id, NULL);
	pthread_join(change.id, NULL);
	assert_status(STATUS_SUCCESS, flush.status);
	assert_status(STATUS_SUCCESS, change.status);
	assert_int_equal(key_rig_get(key_lab.root, "v"), 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(everything_at_once_leaves_what_was_written),
		TEST(everything_at_once_with_the_old_strategy_too),
		TEST(of_many_that_unload_one_does),
		cmocka_unit_test_setup_teardown(
			during_a_flush_changes_wait_and_queries_do_not, setup_fuse,
			teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
