#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "nt/nt.h"
#include "nt/objects.h"
#include "support/nt_assert.h"
#include "support/nv_rig.h"

#include <stdlib.h>
#include <string.h>

/* Lengths 0 to LONGEST, at offsets 0 to ALIGNMENTS - 1 from a line. */
enum { LONGEST = 4096, ALIGNMENTS = 64, PAGES = 3, SOURCE = 4 * 4096 };

static struct nv_rig rig;
static char *source;
static char *model;

static const ULONG store_flags[] = {
	0, WRITE_NV_MEMORY_FLAG_FLUSH, WRITE_NV_MEMORY_FLAG_NON_TEMPORAL,
	WRITE_NV_MEMORY_FLAG_PERSIST,
	WRITE_NV_MEMORY_FLAG_FLUSH | WRITE_NV_MEMORY_FLAG_NO_DRAIN};

#define N_FLAGS (sizeof(store_flags) / sizeof(store_flags[0]))

static int setup(void **state)
{
	(void)state;
	nv_rig_make(&rig, PAGES);
	source = nv_source(SOURCE);
	model = malloc(rig.length);
	memset(rig.at, 0x55, rig.length);
	memset(model, 0x55, rig.length);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	nv_rig_remove(&rig);
	nv_source_free(source, SOURCE);
	free(model);
	source = NULL;
	model = NULL;
	return 0;
}

/* Where a store goes, how long it is, and by which flags. */
struct shot {
	size_t at;
	size_t n;
	ULONG flags;
};

static void assert_model(struct shot s, size_t from, size_t to)
{
	if (memcmp(rig.at + from, model + from, to - from))
		fail_msg("%zu bytes at %zu, flags 0x%x: other bytes than meant", s.n,
			 s.at, s.flags);
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Beside the range itself a little is looked at each time, all only now and then. */
static void assert_near(struct shot s)
{
	const size_t margin = 128;
	const size_t from = s.at - smaller(s.at, margin);

	assert_model(s, from, smaller(s.at + s.n + margin, rig.length));
}

static void shoot_write(struct shot s, const char *from)
{
	const NTSTATUS status = RtlWriteNonVolatileMemory(rig.token, rig.at + s.at,
							  from, s.n, s.flags);

	if (status)
		fail_msg("%zu bytes at %zu, flags 0x%x: %s", s.n, s.at, s.flags,
			 fb_nt_status_name(status));
	memcpy(model + s.at, from, s.n);
	assert_near(s);
}

static void shoot_fill(struct shot s, unsigned char value)
{
	const NTSTATUS status = RtlFillNonVolatileMemory(rig.token, rig.at + s.at, s.n,
							 value, s.flags);

	if (status)
		fail_msg("%zu bytes at %zu, flags 0x%x: %s", s.n, s.at, s.flags,
			 fb_nt_status_name(status));
	memset(model + s.at, value, s.n);
	assert_near(s);
}

/* Each length finds what the one before it left, so that no missing byte is missed. */
static const char *source_for(size_t at, size_t n)
{
	return source + 1 + (n * 29 + at) % 509;
}

static unsigned char value_for(size_t at, size_t n)
{
	return (unsigned char)(n * 37 + at);
}

static void copies_are_exact_at_every_alignment_and_length(void **state)
{
	(void)state;
	for (size_t f = 0; f < N_FLAGS; f++)
		for (size_t at = 0; at < ALIGNMENTS; at++) {
			struct shot s = {rig.page + at, 0, store_flags[f]};

			for (; s.n <= LONGEST; s.n++)
				shoot_write(s, source_for(at, s.n));
			assert_model(s, 0, rig.length);
		}
}

static void fills_are_exact_at_every_alignment_and_length(void **state)
{
	(void)state;
	for (size_t f = 0; f < N_FLAGS; f++)
		for (size_t at = 0; at < ALIGNMENTS; at++) {
			struct shot s = {rig.page + at, 0, store_flags[f]};

			for (; s.n <= LONGEST; s.n++)
				shoot_fill(s, value_for(at, s.n));
			assert_model(s, 0, rig.length);
		}
}

static void copies_are_exact_from_every_alignment_of_the_source(void **state)
{
	(void)state;
	for (size_t f = 0; f < N_FLAGS; f++)
		for (size_t at = 0; at < ALIGNMENTS; at++)
			for (size_t from = 0; from < ALIGNMENTS; from++) {
				const size_t n = 1 + (at * 67 + from * 131) % 700;
				const struct shot s = {at, n, store_flags[f]};

				shoot_write(s, source + from);
			}
}

/* The region and the source lie between pages that nobody may touch. */
static void nothing_before_or_after_the_region_is_touched(void **state)
{
	(void)state;
	for (size_t f = 0; f < N_FLAGS; f++)
		for (size_t n = 0; n <= LONGEST; n++) {
			struct shot s = {rig.length - n, n, store_flags[f]};

			shoot_write(s, source + SOURCE - n);
			shoot_fill(s, value_for(1, n));
			s.at = 0;
			shoot_write(s, source);
			shoot_fill(s, value_for(2, n));
		}
}

static void no_flush_touches_what_is_beside_the_region(void **state)
{
	NV_MEMORY_RANGE both[2];

	(void)state;
	for (ULONG flags = 0; flags < 2; flags++)
		for (size_t n = 0; n <= LONGEST; n++) {
			both[0] = (NV_MEMORY_RANGE){rig.at, n};
			both[1] = (NV_MEMORY_RANGE){rig.at + rig.length - n, n};
			for (int i = 0; i < 2; i++)
				assert_status(STATUS_SUCCESS,
					      RtlFlushNonVolatileMemory(
						      rig.token, both[i].BaseAddress, n,
						      flags));
			assert_status(STATUS_SUCCESS,
				      RtlFlushNonVolatileMemoryRanges(rig.token, both,
								      2, flags));
		}
	assert_memory_equal(rig.at, model, rig.length);
}

static void stores_by_every_instruction_are_exact(void **state)
{
	int chosen = 0;

	(void)state;
	for (int i = 0; !i || nv_all_flushes[i - 1] != FB_NT_NV_AUTO; i++) {
		if (fb_nt_choose_nv_flush(rig.token, nv_all_flushes[i]))
			continue;
		chosen++;
		for (size_t n = 0; n <= 300; n++)
			for (size_t at = 0; at < ALIGNMENTS; at++) {
				const ULONG flags = store_flags[(n + at) % N_FLAGS];
				const struct shot s = {at, n, flags};

				shoot_write(s, source_for(at, n));
				shoot_fill(s, value_for(at, n));
			}
	}
	assert_true(chosen >= 2);
}

static void large_stores_are_exact(void **state)
{
	const size_t length = 2 << 20;
	struct nv_rig small = rig;
	char *from = nv_source(length);
	char *kept = model;

	(void)state;
	nv_rig_make(&rig, length / small.page);
	model = calloc(1, length);
	assert_non_null(model);
	for (size_t f = 0; f < N_FLAGS; f++)
		for (size_t n = 8192; n <= length / 2; n *= 2)
			for (int d = -1; d <= 1; d++) {
				const size_t bytes = n + (size_t)d;
				const struct shot s = {bytes % 997, bytes,
						       store_flags[f]};

				shoot_write(s, from + bytes % 61);
				shoot_fill(s, value_for(f, n));
			}
	assert_memory_equal(rig.at, model, length);
	free(model);
	model = kept;
	nv_source_free(from, length);
	nv_rig_remove(&rig);
	rig = small;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(copies_are_exact_at_every_alignment_and_length),
		T(fills_are_exact_at_every_alignment_and_length),
		T(copies_are_exact_from_every_alignment_of_the_source),
		T(nothing_before_or_after_the_region_is_touched),
		T(no_flush_touches_what_is_beside_the_region),
		T(stores_by_every_instruction_are_exact),
		T(large_stores_are_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
