#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "nt/nt.h"
#include "nt/objects.h"
#include "support/badmem.h"
#include "support/need.h"
#include "support/nt_assert.h"
#include "support/nv_rig.h"

#include <stdlib.h>
#include <string.h>

#define BAD STATUS_INVALID_PARAMETER

static struct nv_rig rig;

static int setup(void **state)
{
	(void)state;
	nv_rig_make(&rig, 4);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	nv_rig_remove(&rig);
	return 0;
}

/* Every routine that takes a token answers @expected for this one. */
static void assert_all_answer(NTSTATUS expected, PVOID token, char *at)
{
	NV_MEMORY_RANGE one = {at, 1};
	const char source = 1;

	assert_status(expected, RtlFlushNonVolatileMemory(token, at, 1, 0));
	assert_status(expected, RtlFlushNonVolatileMemoryRanges(token, &one, 1, 0));
	assert_status(expected, RtlDrainNonVolatileFlush(token));
	assert_status(expected, RtlWriteNonVolatileMemory(token, at, &source, 1, 0));
	assert_status(expected, RtlFillNonVolatileMemory(token, at, 1, 1, 0));
}

/* As any that was never given out: none can be used, asked, changed or freed. */
static void assert_no_token(PVOID token)
{
	struct fb_nt_nv_info info;
	struct fb_nt_nv_info before;

	memset(&info, 0x5a, sizeof(info));
	memcpy(&before, &info, sizeof(info));
	assert_all_answer(BAD, token, rig.at);
	assert_int_equal(fb_nt_os_error(), 0);
	assert_status(BAD, fb_nt_query_nv_token(token, &info));
	assert_memory_equal(&info, &before, sizeof(info));
	assert_status(BAD, fb_nt_choose_nv_flush(token, FB_NT_NV_NONE));
	assert_status(BAD, RtlFreeNonVolatileToken(token));
	assert_int_equal(rig.at[0], 0);
}

static void a_token_serves_all_routines_until_it_is_freed(void **state)
{
	(void)state;
	assert_all_answer(STATUS_SUCCESS, rig.token, rig.at);
	assert_int_equal(rig.at[0], 1);
	rig.at[0] = 0;
	assert_status(STATUS_SUCCESS, RtlFreeNonVolatileToken(rig.token));
	assert_no_token(rig.token);
}

static void an_invented_token_is_told(void **state)
{
	const uintptr_t t = (uintptr_t)rig.token;
	int on_stack;
	const uintptr_t invented[] = {
		0,
		1,
		2,
		3,
		4,
		8,
		64,
		0xdeadbeef,
		t << 19,
		t >> 2,
		~t,
		(uintptr_t)-1,
		(uintptr_t)-2,
		(uintptr_t)-4,
		(uintptr_t)&on_stack,
		(uintptr_t)rig.at,
		(uintptr_t)&rig,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(invented) / sizeof(invented[0]); i++)
		assert_no_token((PVOID)invented[i]);
	for (uintptr_t d = 1; d <= 64; d++) {
		assert_no_token((PVOID)(t + d));
		assert_no_token((PVOID)(t - d));
	}
	for (unsigned bit = 0; bit < 8 * sizeof(t); bit++)
		assert_no_token((PVOID)(t ^ (uintptr_t)1 << bit));
	assert_all_answer(STATUS_SUCCESS, rig.token, rig.at);
}

static void the_default_token_is_refused(void **state)
{
	(void)state;
	assert_int_equal(FLUSH_NV_MEMORY_DEFAULT_TOKEN, UINTPTR_MAX);
	assert_no_token((PVOID)FLUSH_NV_MEMORY_DEFAULT_TOKEN);
}

static void handles_and_tokens_are_no_stand_in_for_each_other(void **state)
{
	IO_STATUS_BLOCK iosb = IOSB_UNTOUCHED;
	HANDLE memory = NULL;

	(void)state;
	assert_status(STATUS_SUCCESS, fb_nt_create_memory(rig.page, &memory));
	assert_no_token(memory);
	assert_no_token(NtCurrentProcess());
	assert_status(STATUS_SUCCESS, NtFlushBuffersFile(memory, &iosb));
	assert_status(STATUS_SUCCESS, NtClose(memory));
	assert_status(STATUS_INVALID_HANDLE, NtClose(rig.token));
	assert_status(STATUS_INVALID_HANDLE, NtFlushBuffersFile(rig.token, &iosb));
	assert_status(STATUS_INVALID_HANDLE, NtFlushKey(rig.token));
	assert_all_answer(STATUS_SUCCESS, rig.token, rig.at);
}

static void a_recycled_slot_knows_its_old_tokens_no_more(void **state)
{
	const PVOID old = nv_token(rig.at, 1);
	PVOID again = old;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		assert_status(STATUS_SUCCESS, RtlFreeNonVolatileToken(again));
		again = nv_token(rig.at, 1);
		assert_ptr_not_equal(again, old);
		assert_status(BAD, RtlDrainNonVolatileFlush(old));
	}
	assert_no_token(old);
	assert_status(STATUS_SUCCESS, RtlDrainNonVolatileFlush(again));
	assert_status(STATUS_SUCCESS, RtlFreeNonVolatileToken(again));
}

static void unmapping_a_view_ends_the_tokens_of_its_parts(void **state)
{
	char *view = nv_memory_view(2 * rig.page);
	const PVOID part[] = {
		nv_token(view, 1),
		nv_token(view + 2 * rig.page - 1, 1),
		nv_token(view + 100, rig.page),
		nv_token(view, 2 * rig.page),
	};

	(void)state;
	assert_all_answer(STATUS_SUCCESS, part[3], view);
	assert_status(STATUS_SUCCESS, fb_nt_unmap_view(view));
	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++)
		assert_no_token(part[i]);
	assert_all_answer(STATUS_SUCCESS, rig.token, rig.at);
}

static void a_view_mapped_again_at_its_address_has_no_tokens_yet(void **state)
{
	char *view = nv_memory_view(rig.page);
	const PVOID old = nv_token(view, rig.page);
	PVOID fresh;
	char *again;

	(void)state;
	assert_status(STATUS_SUCCESS, fb_nt_unmap_view(view));
	again = nv_memory_view(rig.page);
	if (again != view)
		fb_nt_unmap_view(again);
	need(again == view ? NULL : "the system mapped it elsewhere");
	assert_all_answer(BAD, old, again);
	fresh = nv_token(again, rig.page);
	assert_all_answer(BAD, old, again);
	assert_all_answer(STATUS_SUCCESS, fresh, again);
	assert_status(STATUS_SUCCESS, fb_nt_unmap_view(again));
}

static void tokens_of_neighbouring_views_are_left_alone(void **state)
{
	char *a = nv_memory_view(rig.page);
	char *b = nv_memory_view(rig.page);
	char *c = nv_memory_view(rig.page);
	const PVOID of_a = nv_token(a, rig.page);
	const PVOID of_c = nv_token(c, rig.page);

	(void)state;
	assert_status(STATUS_SUCCESS, fb_nt_unmap_view(b));
	assert_all_answer(STATUS_SUCCESS, of_a, a);
	assert_all_answer(STATUS_SUCCESS, of_c, c);
	assert_status(STATUS_SUCCESS, fb_nt_unmap_view(a));
	assert_all_answer(STATUS_SUCCESS, of_c, c);
	assert_status(STATUS_SUCCESS, fb_nt_unmap_view(c));
}

static void a_full_table_is_told_and_serves_again(void **state)
{
	PVOID *tokens = calloc(FB_NT_TOKENS_MAX, sizeof(*tokens));
	PVOID untouched = &untouched;

	(void)state;
	assert_non_null(tokens);
	/* The rig has one. */
	for (size_t i = 1; i < FB_NT_TOKENS_MAX; i++)
		tokens[i] = nv_token(rig.at + i, 1);
	for (int round = 0; round < 3; round++) {
		assert_status(STATUS_INSUFFICIENT_RESOURCES,
			      fb_nt_emulate_nv_token(rig.at, 1, &untouched));
		assert_ptr_equal(untouched, &untouched);
		assert_status(STATUS_SUCCESS, RtlFreeNonVolatileToken(tokens[77]));
		tokens[77] = nv_token(rig.at + 77, 1);
	}
	for (size_t i = 1; i < FB_NT_TOKENS_MAX; i++) {
		assert_all_answer(STATUS_SUCCESS, tokens[i], rig.at + i);
		assert_status(BAD, RtlFlushNonVolatileMemory(tokens[i], rig.at + i + 1,
							     1, 0));
		assert_status(STATUS_SUCCESS, RtlFreeNonVolatileToken(tokens[i]));
	}
	free(tokens);
}

static void a_bad_place_for_the_token_is_told(void **state)
{
	struct badmem bad;

	(void)state;
	assert_false(badmem_make(&bad));
	for (int i = 0; i < BADMEM_COUNT_8; i++) {
		assert_status(BAD, RtlGetNonVolatileToken(rig.at, 1, bad.at[i]));
		assert_status(BAD, fb_nt_emulate_nv_token(rig.at, 1, bad.at[i]));
	}
	badmem_free(&bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(a_token_serves_all_routines_until_it_is_freed),
		T(an_invented_token_is_told),
		T(the_default_token_is_refused),
		T(handles_and_tokens_are_no_stand_in_for_each_other),
		T(a_recycled_slot_knows_its_old_tokens_no_more),
		T(unmapping_a_view_ends_the_tokens_of_its_parts),
		T(a_view_mapped_again_at_its_address_has_no_tokens_yet),
		T(tokens_of_neighbouring_views_are_left_alone),
		T(a_full_table_is_told_and_serves_again),
		T(a_bad_place_for_the_token_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
