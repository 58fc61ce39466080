#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "nt/key_lock.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

static struct fb_nt_key_lock lock;

static int setup(void **state)
{
	(void)state;
	return fb_nt_key_lock_init(&lock);
}

static int teardown(void **state)
{
	(void)state;
	fb_nt_key_lock_destroy(&lock);
	return 0;
}

static void start(pthread_t *id, void *(*main)(void *), void *arg)
{
	assert_false(pthread_create(id, NULL, main, arg));
}

/* struct turn - one that waits for the lock; its place in the order they had it */
struct turn {
	pthread_t id;
	unsigned place;
};

static atomic_uint places;

static void *change_once(void *arg)
{
	struct turn *t = arg;

	fb_nt_change_begin(&lock);
	t->place = atomic_fetch_add(&places, 1);
	fb_nt_change_end(&lock);
	return NULL;
}

static void *flush_once(void *arg)
{
	struct turn *t = arg;

	fb_nt_flush_begin(&lock);
	t->place = atomic_fetch_add(&places, 1);
	fb_nt_flush_end(&lock);
	return NULL;
}

static void wait_for_changes(unsigned n)
{
	unsigned waiting;

	do {
		sched_yield();
		pthread_mutex_lock(&lock.mutex);
		waiting = lock.waiting;
		pthread_mutex_unlock(&lock.mutex);
	} while (waiting < n);
}

/* Two flushes and three changes wait for the one that is under way. */
static void take_turns(struct turn flushes[2], struct turn changes[3])
{
	unsigned asked;

	atomic_store(&places, 0);
	fb_nt_flush_begin(&lock);
	asked = atomic_load(&lock.tickets);
	for (unsigned i = 0; i < 2; i++) {
		start(&flushes[i].id, flush_once, &flushes[i]);
		while (atomic_load(&lock.tickets) == asked + i)
			sched_yield();
	}
	for (int i = 0; i < 3; i++)
		start(&changes[i].id, change_once, &changes[i]);
	wait_for_changes(3);
	fb_nt_flush_end(&lock);
	for (int i = 0; i < 3; i++)
		pthread_join(changes[i].id, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(flushes[i].id, NULL);
}

/* Who is fastest is chance, so one round would prove little. */
static void waiting_changes_come_before_the_next_flush(void **state)
{
	struct turn changes[3];
	struct turn flushes[2];

	(void)state;
	for (int round = 0; round < 300; round++) {
		take_turns(flushes, changes);
		for (int i = 0; i < 3; i++)
			assert_true(changes[i].place < 3);
		assert_int_equal(flushes[0].place, 3);
		assert_int_equal(flushes[1].place, 4);
	}
}

static void waiting_flush_comes_before_new_changes(void **state)
{
	struct turn flush;
	struct turn change;

	(void)state;
	atomic_store(&places, 0);
	fb_nt_change_begin(&lock);
	start(&flush.id, flush_once, &flush);
	while (!atomic_load(&lock.tickets))
		sched_yield();
	start(&change.id, change_once, &change);
	fb_nt_change_end(&lock);
	pthread_join(change.id, NULL);
	pthread_join(flush.id, NULL);
	assert_int_equal(flush.place, 0);
	assert_int_equal(change.place, 1);
}

/* A query that could still join those under way would keep the change out. */
static void waiting_change_comes_before_new_queries(void **state)
{
	struct turn change;

	(void)state;
	fb_nt_query_begin(&lock);
	start(&change.id, change_once, &change);
	while (!pthread_rwlock_tryrdlock(&lock.tree)) {
		fb_nt_query_end(&lock);
		sched_yield();
	}
	fb_nt_query_end(&lock);
	pthread_join(change.id, NULL);
}

static atomic_bool over;

static void *change_until_over(void *arg)
{
	(void)arg;
	while (!atomic_load(&over)) {
		fb_nt_change_begin(&lock);
		fb_nt_change_end(&lock);
	}
	return NULL;
}

static void *flush_until_over(void *arg)
{
	(void)arg;
	while (!atomic_load(&over)) {
		fb_nt_flush_begin(&lock);
		fb_nt_flush_end(&lock);
	}
	return NULL;
}

static void *query_until_over(void *arg)
{
	(void)arg;
	while (!atomic_load(&over)) {
		fb_nt_query_begin(&lock);
		fb_nt_query_end(&lock);
	}
	return NULL;
}

static void tight_loops_of_each_kind_let_the_others_in(void **state)
{
	void *(*const loops[])(void *) = {change_until_over, change_until_over,
					  flush_until_over,  flush_until_over,
					  query_until_over,  query_until_over};
	pthread_t ids[6];
	struct turn t;

	(void)state;
	atomic_store(&over, false);
	for (int i = 0; i < 6; i++)
		start(&ids[i], loops[i], NULL);
	for (int i = 0; i < 200; i++) {
		change_once(&t);
		flush_once(&t);
		fb_nt_query_begin(&lock);
		fb_nt_query_end(&lock);
	}
	atomic_store(&over, true);
	for (int i = 0; i < 6; i++)
		pthread_join(ids[i], NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(waiting_changes_come_before_the_next_flush),
		TEST(waiting_flush_comes_before_new_changes),
		TEST(waiting_change_comes_before_new_queries),
		TEST(tight_loops_of_each_kind_let_the_others_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
