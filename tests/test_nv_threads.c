#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "nt/nt.h"
#include "nt/objects.h"
#include "support/nt_assert.h"
#include "support/nv_rig.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { READERS = 2, MAKERS = 4 };

static struct nv_rig rig;

static int setup(void **state)
{
	(void)state;
	nv_rig_make(&rig, 64);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	nv_rig_remove(&rig);
	return 0;
}

/*
 * Two regions so that a mixture of them is a third one: a long one begins where the
 * view does, a short one further on. The short one's base with the long one's length
 * would hold BEYOND, which neither does.
 */
enum { LONG = 128 * 1024, SHORT_AT = 160 * 1024, SHORT = 4096, BEYOND = 200 * 1024 };

struct region {
	size_t at;
	size_t length;
	size_t inside;
};

static const struct region regions[] = {
	{0, LONG, 1000},
	{SHORT_AT, SHORT, SHORT_AT + 1000},
};

/* A token's address and which region it is for, told at once. */
struct made {
	PVOID token;
	const struct region *region;
};

/* One thread makes and frees tokens in one slot, the others look at the last one. */
struct race {
	_Atomic(const struct made *) last;
	atomic_bool over;
	atomic_int used;
	atomic_int refused;
	atomic_int torn;
};

static bool right_region(const struct made *m, const struct fb_nt_nv_info *info)
{
	return info->base == (uintptr_t)rig.at + m->region->at &&
	       info->length == m->region->length;
}

/* Whether the token was seen to be for anything but its region. */
static bool is_torn(const struct made *m)
{
	const struct region *other = &regions[m->region == &regions[0]];
	struct fb_nt_nv_info info;

	if (!fb_nt_query_nv_token(m->token, &info) && !right_region(m, &info))
		return true;
	return !RtlWriteNonVolatileMemory(m->token, rig.at + other->inside, "x", 1,
					  0) ||
	       !RtlFlushNonVolatileMemory(m->token, rig.at + BEYOND, 1, 1);
}

static void *look_until_over(void *arg)
{
	struct race *r = arg;
	const struct made *m;
	char *inside;

	while (!atomic_load(&r->over)) {
		m = atomic_load(&r->last);
		if (!m)
			continue;
		for (int i = 0; i < 4; i++)
			if (is_torn(m))
				atomic_fetch_add(&r->torn, 1);
		inside = rig.at + m->region->inside;
		if (RtlFillNonVolatileMemory(m->token, inside, 8, 1, 0))
			atomic_fetch_add(&r->refused, 1);
		else
			atomic_fetch_add(&r->used, 1);
	}
	return NULL;
}

/* All slots but one are taken, so that each token gets the slot of the one before. */
static void fill_table(PVOID tokens[FB_NT_TOKENS_MAX])
{
	for (size_t i = 2; i < FB_NT_TOKENS_MAX; i++)
		tokens[i] = nv_token(rig.at, 1);
}

static void free_table(PVOID tokens[FB_NT_TOKENS_MAX])
{
	for (size_t i = 2; i < FB_NT_TOKENS_MAX; i++)
		assert_status(STATUS_SUCCESS, RtlFreeNonVolatileToken(tokens[i]));
}

static void wait_for_more(atomic_int *count)
{
	const int before = atomic_load(count);

	while (atomic_load(count) == before)
		sched_yield();
}

/* Now and then a token waits to be used, and a freed one to be tried. */
static void make_one(struct race *r, struct made *m, size_t i)
{
	m->region = &regions[i % 2];
	m->token = nv_token(rig.at + m->region->at, m->region->length);
	atomic_store(&r->last, m);
	if (i % 32768 == 0)
		wait_for_more(&r->used);
	assert_status(STATUS_SUCCESS, RtlFreeNonVolatileToken(m->token));
	if (i % 32768 == 16384)
		wait_for_more(&r->refused);
}

static void a_slot_that_changes_hands_is_never_seen_half_way(void **state)
{
	enum { TOKENS = 1500000 };
	struct made *made = calloc(TOKENS, sizeof(*made));
	static PVOID others[FB_NT_TOKENS_MAX];
	static struct race race;
	pthread_t readers[READERS];

	(void)state;
	assert_non_null(made);
	fill_table(others);
	for (int i = 0; i < READERS; i++)
		assert_false(pthread_create(&readers[i], NULL, look_until_over, &race));
	for (size_t i = 0; i < TOKENS; i++)
		make_one(&race, &made[i], i);
	atomic_store(&race.over, true);
	for (int i = 0; i < READERS; i++)
		pthread_join(readers[i], NULL);
	assert_int_equal(race.torn, 0);
	free_table(others);
	free(made);
}

/* Each thread has a part of the region to itself and works on that alone. */
struct maker {
	pthread_t thread;
	char *part;
	size_t length;
	unsigned char mark;
	int wrong;
};

static int use_token(const struct maker *m, PVOID token, size_t at, size_t n)
{
	NV_MEMORY_RANGE r = {m->part + at, n};
	const ULONG persist = FILL_NV_MEMORY_FLAG_PERSIST;
	int wrong = 0;

	wrong += !!RtlFillNonVolatileMemory(token, m->part + at, n, m->mark, persist);
	wrong += !!RtlFlushNonVolatileMemoryRanges(token, &r, 1, 1);
	wrong += !!RtlDrainNonVolatileFlush(token);
	wrong += !RtlFlushNonVolatileMemory(token, m->part + at - 1, 1, 0);
	wrong += !RtlFlushNonVolatileMemory(token, m->part + at + n, 1, 0);
	return wrong;
}

static void *make_and_use(void *arg)
{
	struct maker *m = arg;
	PVOID token;

	for (size_t i = 0; i < 20000; i++) {
		const size_t at = i * 97 % (m->length / 2);
		const size_t n = 1 + i * 31 % 500;

		if (fb_nt_emulate_nv_token(m->part + at, n, &token)) {
			m->wrong++;
			continue;
		}
		m->wrong += use_token(m, token, at, n);
		m->wrong += !!RtlFreeNonVolatileToken(token);
		m->wrong += !RtlFreeNonVolatileToken(token);
	}
	return NULL;
}

static void tokens_of_many_threads_do_not_disturb_each_other(void **state)
{
	struct maker makers[MAKERS] = {0};

	(void)state;
	for (int i = 0; i < MAKERS; i++) {
		makers[i].length = rig.length / MAKERS;
		makers[i].part = rig.at + (size_t)i * makers[i].length;
		makers[i].mark = (unsigned char)(i + 1);
		assert_false(pthread_create(&makers[i].thread, NULL, make_and_use,
					    &makers[i]));
	}
	for (int i = 0; i < MAKERS; i++) {
		pthread_join(makers[i].thread, NULL);
		assert_int_equal(makers[i].wrong, 0);
	}
	for (size_t i = 0; i < rig.length; i++) {
		const struct maker *m = &makers[i / (rig.length / MAKERS)];

		assert_true(rig.at[i] == 0 || rig.at[i] == m->mark);
	}
}

/* The table's slots are shared out: none twice, none lost. */
struct taker {
	pthread_t thread;
	size_t n;
	PVOID tokens[FB_NT_TOKENS_MAX];
};

static void *take_all(void *arg)
{
	struct taker *t = arg;

	for (t->n = 0; t->n < FB_NT_TOKENS_MAX; t->n++)
		if (fb_nt_emulate_nv_token(rig.at, 1, &t->tokens[t->n]))
			break;
	return NULL;
}

static int by_value(const void *a, const void *b)
{
	const uintptr_t x = *(const uintptr_t *)a;
	const uintptr_t y = *(const uintptr_t *)b;

	return (x > y) - (x < y);
}

static void every_slot_is_given_out_once(void **state)
{
	static struct taker takers[MAKERS];
	static PVOID all[MAKERS * FB_NT_TOKENS_MAX];
	size_t n = 0;

	(void)state;
	for (int i = 0; i < MAKERS; i++)
		assert_false(
			pthread_create(&takers[i].thread, NULL, take_all, &takers[i]));
	for (int i = 0; i < MAKERS; i++) {
		pthread_join(takers[i].thread, NULL);
		memcpy(all + n, takers[i].tokens, takers[i].n * sizeof(*all));
		n += takers[i].n;
	}
	/* The rig has one. */
	assert_int_equal(n, FB_NT_TOKENS_MAX - 1);
	qsort(all, n, sizeof(*all), by_value);
	for (size_t i = 1; i < n; i++)
		assert_ptr_not_equal(all[i - 1], all[i]);
	for (size_t i = 0; i < n; i++)
		assert_status(STATUS_SUCCESS, RtlFreeNonVolatileToken(all[i]));
}

struct free_race {
	_Atomic(PVOID) token;
	pthread_barrier_t start;
	atomic_int won;
};

static void *free_it(void *arg)
{
	struct free_race *r = arg;

	pthread_barrier_wait(&r->start);
	if (!RtlFreeNonVolatileToken(atomic_load(&r->token)))
		atomic_fetch_add(&r->won, 1);
	return NULL;
}

static void of_two_that_free_one_succeeds(void **state)
{
	struct free_race race;
	pthread_t other;

	(void)state;
	for (int i = 0; i < 500; i++) {
		atomic_store(&race.token, nv_token(rig.at, 1));
		atomic_store(&race.won, 0);
		pthread_barrier_init(&race.start, NULL, 2);
		assert_false(pthread_create(&other, NULL, free_it, &race));
		free_it(&race);
		pthread_join(other, NULL);
		pthread_barrier_destroy(&race.start);
		assert_int_equal(race.won, 1);
	}
}

/* A view is mapped and unmapped, and its tokens never outlive it in the table. */
static void *unmap_again_and_again(void *arg)
{
	int *wrong = arg;
	PVOID token;
	char *view;

	for (int i = 0; i < 2000; i++) {
		HANDLE memory = NULL;
		void *base = NULL;

		*wrong += !!fb_nt_create_memory(4096, &memory);
		*wrong += !!fb_nt_map_view(memory, 0, 4096, false, &base);
		view = base;
		*wrong += !!fb_nt_emulate_nv_token(view + 7, 100, &token);
		*wrong += !!RtlFillNonVolatileMemory(token, view + 7, 100, 3, 3);
		*wrong += !!fb_nt_unmap_view(view);
		*wrong += !RtlDrainNonVolatileFlush(token);
		*wrong += !!NtClose(memory);
	}
	return NULL;
}

static void views_that_come_and_go_end_their_own_tokens_only(void **state)
{
	pthread_t threads[MAKERS];
	int wrong[MAKERS] = {0};

	(void)state;
	for (int i = 0; i < MAKERS; i++)
		assert_false(pthread_create(&threads[i], NULL, unmap_again_and_again,
					    &wrong[i]));
	for (int i = 0; i < MAKERS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(wrong[i], 0);
	}
	assert_status(STATUS_SUCCESS, RtlDrainNonVolatileFlush(rig.token));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(a_slot_that_changes_hands_is_never_seen_half_way),
		T(tokens_of_many_threads_do_not_disturb_each_other),
		T(every_slot_is_given_out_once),
		T(of_two_that_free_one_succeeds),
		T(views_that_come_and_go_end_their_own_tokens_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
