#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "nt/nt.h"
#include "nt/objects.h"
#include "support/nt_assert.h"
#include "support/nv_rig.h"

#include <errno.h>
#include <string.h>

#define BAD STATUS_INVALID_PARAMETER

static struct nv_rig rig;

static int setup(void **state)
{
	(void)state;
	nv_rig_make(&rig, 2);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	nv_rig_remove(&rig);
	return 0;
}

/* One call of each routine, @at and @n the range that it works on. */
static NTSTATUS do_flush(void *at, size_t n, ULONG flags)
{
	return RtlFlushNonVolatileMemory(rig.token, at, n, flags);
}

static NTSTATUS do_ranges(void *at, size_t n, ULONG flags)
{
	NV_MEMORY_RANGE r[] = {{rig.at, 1}, {at, n}, {rig.at + 64, 1}};

	return RtlFlushNonVolatileMemoryRanges(rig.token, r, 3, flags);
}

static NTSTATUS do_write(void *at, size_t n, ULONG flags)
{
	static char source[4 * 4096];

	memset(source, 'w', sizeof(source));
	return RtlWriteNonVolatileMemory(rig.token, at, source, n, flags);
}

static NTSTATUS do_fill(void *at, size_t n, ULONG flags)
{
	return RtlFillNonVolatileMemory(rig.token, at, n, 'f', flags);
}

static const struct routine {
	const char *name;
	NTSTATUS (*call)(void *at, size_t n, ULONG flags);
	char stores;
	ULONG legal[6];
	size_t n_legal;
} routines[] = {
	{"flush", do_flush, 0, {0, 1}, 2},
	{"ranges", do_ranges, 0, {0, 1}, 2},
	{"write", do_write, 'w', {0, 1, 2, 3, 0x101}, 5},
	{"fill", do_fill, 'f', {0, 1, 2, 3, 0x101}, 5},
};

#define N_ROUTINES (sizeof(routines) / sizeof(routines[0]))

static bool is_legal(const struct routine *r, ULONG flags)
{
	for (size_t i = 0; i < r->n_legal; i++)
		if (r->legal[i] == flags)
			return true;
	return false;
}

static void assert_flags(const struct routine *r, ULONG flags)
{
	const bool legal = is_legal(r, flags);
	const NTSTATUS status = r->call(rig.at + 100, 50, flags);

	if (!!status == legal || (status && status != BAD))
		fail_msg("%s, flags 0x%x: %s", r->name, flags,
			 fb_nt_status_name(status));
	for (int i = 0; i < 50; i++)
		assert_int_equal(rig.at[100 + i], legal ? r->stores : 0);
	memset(rig.at + 100, 0, 50);
}

static void the_flags_have_their_documented_values(void **state)
{
	(void)state;
	assert_int_equal(FLUSH_NV_MEMORY_IN_FLAG_NO_DRAIN, 1);
	assert_int_equal(WRITE_NV_MEMORY_FLAG_FLUSH, 1);
	assert_int_equal(WRITE_NV_MEMORY_FLAG_NON_TEMPORAL, 2);
	assert_int_equal(WRITE_NV_MEMORY_FLAG_PERSIST, 3);
	assert_int_equal(WRITE_NV_MEMORY_FLAG_NO_DRAIN, 0x100);
	assert_int_equal(FILL_NV_MEMORY_FLAG_FLUSH, 1);
	assert_int_equal(FILL_NV_MEMORY_FLAG_NON_TEMPORAL, 2);
	assert_int_equal(FILL_NV_MEMORY_FLAG_PERSIST, 3);
	assert_int_equal(FILL_NV_MEMORY_FLAG_NO_DRAIN, 0x100);
	assert_int_equal(sizeof(NV_MEMORY_RANGE), 2 * sizeof(void *));
	assert_int_equal(offsetof(NV_MEMORY_RANGE, Length), sizeof(void *));
}

static void of_all_flags_only_the_documented_combinations_pass(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ROUTINES; i++) {
		for (ULONG flags = 0; flags < 1u << 10; flags++)
			assert_flags(&routines[i], flags);
		for (unsigned bit = 9; bit < 32; bit++)
			for (ULONG low = 0; low < 4; low++)
				assert_flags(&routines[i], 1u << bit | low);
	}
}

static void assert_range(NTSTATUS expected, char *at, size_t n)
{
	for (size_t i = 0; i < N_ROUTINES; i++) {
		const struct routine *r = &routines[i];

		for (size_t f = 0; f < r->n_legal; f++)
			assert_status(expected, r->call(at, n, r->legal[f]));
	}
}

static void a_range_in_the_region_passes(void **state)
{
	char *end = rig.at + rig.length;

	(void)state;
	assert_range(STATUS_SUCCESS, rig.at, 1);
	assert_range(STATUS_SUCCESS, rig.at, rig.length);
	assert_range(STATUS_SUCCESS, end - 1, 1);
	assert_range(STATUS_SUCCESS, rig.at + 63, 2);
	assert_range(STATUS_SUCCESS, rig.at + rig.page - 1, 2);
}

static void a_range_not_all_in_the_region_is_refused(void **state)
{
	char *end = rig.at + rig.length;

	(void)state;
	assert_range(BAD, rig.at, rig.length + 1);
	assert_range(BAD, rig.at + 1, rig.length);
	assert_range(BAD, end - 1, 2);
	assert_range(BAD, end, 1);
	assert_range(BAD, end + 1, 1);
	assert_range(BAD, rig.at - 1, 1);
	assert_range(BAD, rig.at - 1, 2);
	assert_range(BAD, rig.at - 1, rig.length + 2);
	assert_range(BAD, NULL, 1);
	assert_range(BAD, (char *)UINTPTR_MAX, 1);
	for (size_t i = 0; i < rig.length; i++)
		assert_int_equal(rig.at[i], 0);
}

static void a_range_that_wraps_around_is_refused(void **state)
{
	const size_t room = UINTPTR_MAX - (uintptr_t)rig.at;

	(void)state;
	assert_range(BAD, rig.at, SIZE_MAX);
	assert_range(BAD, rig.at + 1, SIZE_MAX);
	assert_range(BAD, rig.at + 64, SIZE_MAX - 63);
	assert_range(BAD, rig.at, room);
	assert_range(BAD, rig.at, room + 1);
	assert_range(BAD, rig.at + 1, room + 1);
	assert_range(BAD, rig.at - 1, SIZE_MAX);
	assert_range(BAD, (char *)UINTPTR_MAX, (size_t)rig.at + 2);
}

static void a_range_of_no_bytes_passes_anywhere_in_the_region(void **state)
{
	char *end = rig.at + rig.length;

	(void)state;
	assert_range(STATUS_SUCCESS, rig.at, 0);
	assert_range(STATUS_SUCCESS, rig.at + 77, 0);
	assert_range(STATUS_SUCCESS, end, 0);
	assert_range(BAD, rig.at - 1, 0);
	assert_range(BAD, end + 1, 0);
	assert_range(BAD, NULL, 0);
	assert_range(BAD, (char *)UINTPTR_MAX, 0);
}

static void a_token_of_a_part_knows_its_own_bounds(void **state)
{
	const PVOID whole = rig.token;

	(void)state;
	rig.token = nv_token(rig.at + 130, 70);
	assert_status(STATUS_SUCCESS, do_write(rig.at + 130, 70, 1));
	assert_status(STATUS_SUCCESS, do_fill(rig.at + 199, 1, 3));
	assert_status(STATUS_SUCCESS, do_flush(rig.at + 131, 69, 1));
	assert_status(BAD, do_write(rig.at + 129, 1, 1));
	assert_status(BAD, do_fill(rig.at + 200, 1, 3));
	assert_status(BAD, do_flush(rig.at + 131, 70, 1));
	assert_status(STATUS_SUCCESS, RtlFreeNonVolatileToken(rig.token));
	rig.token = whole;
	assert_status(STATUS_SUCCESS, do_write(rig.at + 129, 1, 1));
}

static void no_ranges_are_a_drain(void **state)
{
	NV_MEMORY_RANGE r = {NULL, 1};

	(void)state;
	for (ULONG flags = 0; flags < 2; flags++) {
		assert_status(STATUS_SUCCESS, RtlFlushNonVolatileMemoryRanges(
						      rig.token, NULL, 0, flags));
		assert_status(STATUS_SUCCESS,
			      RtlFlushNonVolatileMemoryRanges(rig.token, &r, 0, flags));
	}
	assert_status(BAD, RtlFlushNonVolatileMemoryRanges(rig.token, NULL, 0, 2));
}

static void missing_buffers_are_refused(void **state)
{
	(void)state;
	assert_status(BAD, RtlFlushNonVolatileMemoryRanges(rig.token, NULL, 1, 0));
	assert_status(BAD,
		      RtlFlushNonVolatileMemoryRanges(rig.token, NULL, SIZE_MAX, 0));
	assert_status(BAD, RtlWriteNonVolatileMemory(rig.token, rig.at, NULL, 1, 0));
	assert_status(STATUS_SUCCESS,
		      RtlWriteNonVolatileMemory(rig.token, rig.at, NULL, 0, 0));
}

static void each_of_many_ranges_must_be_good(void **state)
{
	enum { N = 1000 };
	NV_MEMORY_RANGE r[N];

	(void)state;
	for (size_t i = 0; i < N; i++)
		r[i] = (NV_MEMORY_RANGE){rig.at + i, i % 200};
	assert_status(STATUS_SUCCESS,
		      RtlFlushNonVolatileMemoryRanges(rig.token, r, N, 0));
	for (size_t i = 0; i < N; i += 37) {
		const NV_MEMORY_RANGE good = r[i];

		r[i].BaseAddress = rig.at + rig.length - 5;
		r[i].Length = 6;
		assert_status(BAD, RtlFlushNonVolatileMemoryRanges(rig.token, r, N, 0));
		/* The bad one is not reached. */
		assert_status(STATUS_SUCCESS,
			      RtlFlushNonVolatileMemoryRanges(rig.token, r, i, 0));
		r[i] = good;
	}
}

static void a_refused_call_has_no_error_of_the_system(void **state)
{
	HANDLE none = NULL;

	(void)state;
	assert_status(
		STATUS_OBJECT_NAME_NOT_FOUND,
		fb_nt_open_file("/no/such/file", FILE_READ_DATA, 0, FB_NT_OPEN, &none));
	assert_int_equal(fb_nt_os_error(), ENOENT);
	assert_status(BAD, do_flush(rig.at - 1, 1, 0));
	assert_int_equal(fb_nt_os_error(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(the_flags_have_their_documented_values),
		T(of_all_flags_only_the_documented_combinations_pass),
		T(a_range_in_the_region_passes),
		T(a_range_not_all_in_the_region_is_refused),
		T(a_range_that_wraps_around_is_refused),
		T(a_range_of_no_bytes_passes_anywhere_in_the_region),
		T(a_token_of_a_part_knows_its_own_bounds),
		T(no_ranges_are_a_drain),
		T(missing_buffers_are_refused),
		T(each_of_many_ranges_must_be_good),
		T(a_refused_call_has_no_error_of_the_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
