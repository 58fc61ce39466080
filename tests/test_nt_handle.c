#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "nt/handle.h"
#include "nt/nt.h"
#include "nt/objects.h"
#include "support/nt_assert.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct thing {
	struct fb_nt_object o;
	atomic_int released;
};

static void release(struct fb_nt_object *o)
{
	atomic_fetch_add(&((struct thing *)o)->released, 1);
}

static void init(struct thing *t, enum fb_nt_object_type type)
{
	memset(t, 0, sizeof(*t));
	t->o.type = type;
	t->o.release = release;
}

static HANDLE add(struct thing *t, enum fb_nt_object_type type)
{
	HANDLE h = NULL;

	init(t, type);
	assert_status(STATUS_SUCCESS, fb_nt_object_add(&t->o, &h));
	return h;
}

static NTSTATUS look_up(HANDLE h, enum fb_nt_object_type type)
{
	struct fb_nt_object *o = NULL;
	const NTSTATUS status = fb_nt_object_get(h, type, &o);

	if (!status)
		fb_nt_object_put(o);
	return status;
}

static void a_handle_finds_its_object(void **state)
{
	struct fb_nt_object *o = NULL;
	struct thing t;
	const HANDLE h = add(&t, FB_NT_OBJECT_FILE);

	(void)state;
	assert_non_null(h);
	assert_ptr_not_equal(h, NtCurrentProcess());
	assert_int_equal((uintptr_t)h % 4, 0);
	assert_status(STATUS_SUCCESS, fb_nt_object_get(h, FB_NT_OBJECT_FILE, &o));
	assert_ptr_equal(o, &t.o);
	fb_nt_object_put(o);
	assert_int_equal(t.released, 0);
	assert_status(STATUS_SUCCESS, NtClose(h));
	assert_int_equal(t.released, 1);
}

static void another_type_is_a_mismatch(void **state)
{
	struct thing t;
	const HANDLE h = add(&t, FB_NT_OBJECT_KEY);

	(void)state;
	assert_status(STATUS_OBJECT_TYPE_MISMATCH, look_up(h, FB_NT_OBJECT_FILE));
	assert_status(STATUS_OBJECT_TYPE_MISMATCH,
		      fb_nt_object_close(h, FB_NT_OBJECT_PROCESS));
	assert_status(STATUS_OBJECT_TYPE_MISMATCH,
		      look_up(NtCurrentProcess(), FB_NT_OBJECT_FILE));
	assert_status(STATUS_SUCCESS, fb_nt_object_close(h, FB_NT_OBJECT_KEY));
	assert_int_equal(t.released, 1);
}

static void a_closed_handle_is_told(void **state)
{
	struct thing t;
	const HANDLE h = add(&t, FB_NT_OBJECT_FILE);

	(void)state;
	assert_status(STATUS_SUCCESS, NtClose(h));
	assert_status(STATUS_INVALID_HANDLE, look_up(h, FB_NT_OBJECT_FILE));
	assert_status(STATUS_INVALID_HANDLE, NtClose(h));
	assert_int_equal(t.released, 1);
}

static void a_recycled_slot_knows_its_old_handle_no_more(void **state)
{
	struct thing first;
	struct thing second;
	const HANDLE old = add(&first, FB_NT_OBJECT_FILE);
	HANDLE recycled;

	(void)state;
	assert_status(STATUS_SUCCESS, NtClose(old));
	recycled = add(&second, FB_NT_OBJECT_FILE);
	assert_int_equal(first.o.slot, second.o.slot);
	assert_ptr_not_equal(old, recycled);
	assert_status(STATUS_INVALID_HANDLE, look_up(old, FB_NT_OBJECT_FILE));
	assert_status(STATUS_INVALID_HANDLE, NtClose(old));
	assert_status(STATUS_SUCCESS, look_up(recycled, FB_NT_OBJECT_FILE));
	assert_status(STATUS_SUCCESS, NtClose(recycled));
}

static void an_invented_handle_is_told(void **state)
{
	struct thing t;
	const uintptr_t h = (uintptr_t)add(&t, FB_NT_OBJECT_FILE);
	int on_stack;
	const uintptr_t invented[] = {
		0,
		1,
		2,
		3,
		4,
		8,
		0xdeadbeef,
		h + 1,
		h + 2,
		h + 3,
		h + 4,
		h - 4,
		h ^ 1u << 19,
		h | 1u << 18,
		h << 19,
		h >> 2,
		~h,
		(uintptr_t)-2,
		(uintptr_t)-4,
		(uintptr_t)&on_stack,
		(uintptr_t)&t,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(invented) / sizeof(invented[0]); i++) {
		assert_status(STATUS_INVALID_HANDLE,
			      look_up((HANDLE)invented[i], FB_NT_OBJECT_FILE));
		assert_status(STATUS_INVALID_HANDLE, NtClose((HANDLE)invented[i]));
	}
	assert_status(STATUS_SUCCESS, NtClose((HANDLE)h));
}

static void the_own_process_is_closed_without_effect(void **state)
{
	(void)state;
	assert_status(STATUS_SUCCESS, NtClose(NtCurrentProcess()));
	assert_status(STATUS_SUCCESS, NtClose(NtCurrentProcess()));
}

/* Any number with a low bit set is none, whatever object's handle is next to it. */
static void an_odd_number_is_no_handle_to_close(void **state)
{
	struct thing t;
	const uintptr_t h = (uintptr_t)add(&t, FB_NT_OBJECT_FILE);

	(void)state;
	for (uintptr_t odd = h - 63; odd < h + 64; odd += 2)
		assert_status(STATUS_INVALID_HANDLE, NtClose((HANDLE)odd));
	for (unsigned bit = 1; bit < 63; bit++)
		assert_status(STATUS_INVALID_HANDLE,
			      NtClose((HANDLE)(h ^ (uintptr_t)1 << bit ^ 1)));
	assert_int_equal(t.released, 0);
	assert_status(STATUS_SUCCESS, NtClose((HANDLE)h));
}

/* A view of a page of memory, and a token for it. */
static void *view_with_token(PVOID *token)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	HANDLE memory = NULL;
	void *view = NULL;

	assert_status(STATUS_SUCCESS, fb_nt_create_memory(page, &memory));
	assert_status(STATUS_SUCCESS, fb_nt_map_view(memory, 0, page, false, &view));
	assert_status(STATUS_SUCCESS, NtClose(memory));
	assert_status(STATUS_SUCCESS, fb_nt_emulate_nv_token(view, page, token));
	return view;
}

static void a_token_is_no_handle_to_close(void **state)
{
	PVOID token = NULL;
	void *view = view_with_token(&token);

	(void)state;
	assert_status(STATUS_INVALID_HANDLE, NtClose(token));
	for (int type = FB_NT_OBJECT_FILE; type <= FB_NT_OBJECT_KEY; type++)
		assert_status(STATUS_INVALID_HANDLE, look_up(token, type));
	assert_status(STATUS_SUCCESS, RtlFreeNonVolatileToken(token));
	assert_status(STATUS_INVALID_HANDLE, NtClose(token));
	assert_status(STATUS_SUCCESS, fb_nt_unmap_view(view));
}

static void an_object_in_use_outlives_its_handle(void **state)
{
	struct fb_nt_object *a = NULL;
	struct fb_nt_object *b = NULL;
	struct thing t;
	struct thing other;
	const HANDLE h = add(&t, FB_NT_OBJECT_FILE);
	HANDLE next;

	(void)state;
	assert_status(STATUS_SUCCESS, fb_nt_object_get(h, FB_NT_OBJECT_FILE, &a));
	assert_status(STATUS_SUCCESS, fb_nt_object_get(h, FB_NT_OBJECT_FILE, &b));
	assert_status(STATUS_SUCCESS, NtClose(h));
	assert_status(STATUS_INVALID_HANDLE, look_up(h, FB_NT_OBJECT_FILE));
	next = add(&other, FB_NT_OBJECT_FILE);
	assert_int_not_equal(t.o.slot, other.o.slot);
	fb_nt_object_put(a);
	assert_int_equal(t.released, 0);
	fb_nt_object_put(b);
	assert_int_equal(t.released, 1);
	assert_status(STATUS_SUCCESS, NtClose(next));
}

static void a_full_table_is_told(void **state)
{
	struct thing *things = calloc(FB_NT_OBJECTS_MAX + 1, sizeof(*things));
	HANDLE *handles = calloc(FB_NT_OBJECTS_MAX, sizeof(*handles));
	HANDLE untouched = NULL;

	(void)state;
	assert_non_null(things);
	assert_non_null(handles);
	for (size_t i = 0; i < FB_NT_OBJECTS_MAX; i++)
		handles[i] = add(&things[i], FB_NT_OBJECT_FILE);
	init(&things[FB_NT_OBJECTS_MAX], FB_NT_OBJECT_FILE);
	assert_status(STATUS_TOO_MANY_OPENED_FILES,
		      fb_nt_object_add(&things[FB_NT_OBJECTS_MAX].o, &untouched));
	assert_null(untouched);
	assert_int_equal(things[FB_NT_OBJECTS_MAX].released, 0);
	for (size_t i = 0; i < FB_NT_OBJECTS_MAX; i++) {
		assert_status(STATUS_SUCCESS, NtClose(handles[i]));
		assert_int_equal(things[i].released, 1);
	}
	free(handles);
	free(things);
}

/* One thread opens and closes, the others look up whatever handle it left last. */
struct race {
	_Atomic uintptr_t handle;
	atomic_bool over;
	atomic_int dead_seen;
	atomic_int found;
};

static void *look_up_until_over(void *arg)
{
	struct race *r = arg;
	struct fb_nt_object *o;
	HANDLE h;

	while (!atomic_load(&r->over)) {
		h = (HANDLE)atomic_load(&r->handle);
		if (fb_nt_object_get(h, FB_NT_OBJECT_FILE, &o))
			continue;
		atomic_fetch_add(&r->found, 1);
		atomic_fetch_add(&r->dead_seen,
				 atomic_load(&((struct thing *)o)->released));
		fb_nt_object_put(o);
	}
	return NULL;
}

static void a_held_object_is_never_released(void **state)
{
	enum { THINGS = 50000, READERS = 2 };
	static struct thing things[THINGS];
	struct race race = {0};
	pthread_t readers[READERS];

	(void)state;
	for (int i = 0; i < READERS; i++)
		assert_false(
			pthread_create(&readers[i], NULL, look_up_until_over, &race));
	for (int i = 0; i < THINGS || !atomic_load(&race.found); i++) {
		const HANDLE h = add(&things[i % THINGS], FB_NT_OBJECT_FILE);

		atomic_store(&race.handle, (uintptr_t)h);
		assert_status(STATUS_SUCCESS, NtClose(h));
		/* A reader may still hold it; it must be gone before it is used anew.
		 */
		while (!atomic_load(&things[i % THINGS].released))
			sched_yield();
	}
	atomic_store(&race.over, true);
	for (int i = 0; i < READERS; i++)
		pthread_join(readers[i], NULL);
	assert_int_equal(race.dead_seen, 0);
	for (int i = 0; i < THINGS; i++)
		assert_int_equal(things[i].released, 1);
}

struct close_race {
	HANDLE handle;
	pthread_barrier_t start;
	atomic_int won;
};

static void *close_it(void *arg)
{
	struct close_race *r = arg;

	pthread_barrier_wait(&r->start);
	if (!NtClose(r->handle))
		atomic_fetch_add(&r->won, 1);
	return NULL;
}

static void of_two_that_close_one_succeeds(void **state)
{
	struct close_race race;
	pthread_t other;
	struct thing t;

	(void)state;
	for (int i = 0; i < 200; i++) {
		race.handle = add(&t, FB_NT_OBJECT_FILE);
		atomic_store(&race.won, 0);
		pthread_barrier_init(&race.start, NULL, 2);
		assert_false(pthread_create(&other, NULL, close_it, &race));
		close_it(&race);
		pthread_join(other, NULL);
		pthread_barrier_destroy(&race.start);
		assert_int_equal(race.won, 1);
		assert_int_equal(t.released, 1);
	}
}

static void a_status_has_a_name_and_an_errno(void **state)
{
	(void)state;
	assert_string_equal(fb_nt_status_name(STATUS_DISK_FULL), "STATUS_DISK_FULL");
	assert_string_equal(fb_nt_status_name(STATUS_SUCCESS), "STATUS_SUCCESS");
	assert_string_equal(fb_nt_status_name((NTSTATUS)0xC0ABCDEF), "0xC0ABCDEF");
	assert_int_equal(fb_nt_errno(STATUS_SUCCESS), 0);
	assert_int_equal(fb_nt_errno(STATUS_CACHE_PAGE_LOCKED), 0);
	assert_int_equal(fb_nt_errno(STATUS_DISK_FULL), -ENOSPC);
	assert_int_equal(fb_nt_errno(STATUS_MEDIA_WRITE_PROTECTED), -EROFS);
	assert_int_equal(fb_nt_errno(STATUS_ACCESS_DENIED), -EACCES);
	assert_int_equal(fb_nt_errno((NTSTATUS)0xC0ABCDEF), -EIO);
	assert_int_equal(fb_nt_errno((NTSTATUS)0x40000000), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_handle_finds_its_object),
		cmocka_unit_test(another_type_is_a_mismatch),
		cmocka_unit_test(a_closed_handle_is_told),
		cmocka_unit_test(a_recycled_slot_knows_its_old_handle_no_more),
		cmocka_unit_test(an_invented_handle_is_told),
		cmocka_unit_test(the_own_process_is_closed_without_effect),
		cmocka_unit_test(an_odd_number_is_no_handle_to_close),
		cmocka_unit_test(a_token_is_no_handle_to_close),
		cmocka_unit_test(an_object_in_use_outlives_its_handle),
		cmocka_unit_test(a_full_table_is_told),
		cmocka_unit_test(a_held_object_is_never_released),
		cmocka_unit_test(of_two_that_close_one_succeeds),
		cmocka_unit_test(a_status_has_a_name_and_an_errno),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
