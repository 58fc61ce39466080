#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

/* The engine anew, with instructions that are told to the nv_medium. */
#define FB_NV_INSN "support/nv_record_x86_64.h"
#define LINE       CPU_LINE
#include "nt/nv_cpu_x86_64.c"
#undef LINE
#define LINE STREAM_LINE
#include "nt/nv_stream_x86_64.c"
#undef LINE

#include "nt/nt.h"
#include "support/need.h"
#include "support/nt_assert.h"
#include "support/nv_medium.h"
#include "support/nv_shots.h"

#include <stdio.h>

static int setup(void **state)
{
	(void)state;
	nv_range_make();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	nv_range_remove();
	return 0;
}

/* Flush by @how, whatever this CPU has, and stream as wide as @s. */
static void use(enum fb_nt_nv_flush how, const struct fb_nv_stream *s)
{
	const struct fb_nv_cpu *any;
	struct fb_nv_cpu cpu;

	assert_false(fb_nv_cpu_get(FB_NT_NV_NONE, &any));
	cpu = cpus[how];
	cpu.stream_name = s->name;
	cpu.stream = s->copy;
	cpu.stream_fill = s->fill;
	nv_range_use(&cpu);
}

static void shoot_all(enum fb_nt_nv_flush how)
{
	use(how, fb_nv_stream_get());
	for (size_t i = 0; i < NV_CALLS; i++) {
		nv_shots_small(&nv_calls[i]);
		nv_shots_large(&nv_calls[i]);
	}
}

static void clwb_covers_what_was_written_before_the_drain(void **state)
{
	(void)state;
	shoot_all(FB_NT_NV_CLWB);
}

static void clflushopt_covers_what_was_written_before_the_drain(void **state)
{
	(void)state;
	shoot_all(FB_NT_NV_CLFLUSHOPT);
}

static void clflush_covers_what_was_written_before_the_drain(void **state)
{
	(void)state;
	shoot_all(FB_NT_NV_CLFLUSH);
}

static void where_the_caches_are_saved_only_fences_are_issued(void **state)
{
	(void)state;
	shoot_all(FB_NT_NV_NONE);
}

/* The widest were shot at above. */
static void stream_as(const char *isa, bool there, struct fb_nv_stream s)
{
	char reason[64];

	snprintf(reason, sizeof(reason), "this CPU has no %s", isa);
	need(there ? NULL : reason);
	use(FB_NT_NV_CLWB, &s);
	for (size_t i = 0; i < NV_CALLS; i++) {
		if (!nv_calls[i].stores)
			continue;
		nv_shots_small(&nv_calls[i]);
		nv_shots_large(&nv_calls[i]);
	}
}

static void streaming_64_bytes_at_once_covers_all(void **state)
{
	(void)state;
	stream_as("avx512f", __builtin_cpu_supports("avx512f"),
		  (struct fb_nv_stream){"avx512", copy_512, fill_512});
}

static void streaming_32_bytes_at_once_covers_all(void **state)
{
	(void)state;
	stream_as("avx2", __builtin_cpu_supports("avx2"),
		  (struct fb_nv_stream){"avx2", copy_256, fill_256});
}

static void streaming_16_bytes_at_once_covers_all(void **state)
{
	(void)state;
	stream_as("sse2", true, (struct fb_nv_stream){"sse2", copy_128, fill_128});
}

static void a_refused_list_of_ranges_flushes_none(void **state)
{
	char *at = nv_range.rig.at;
	NV_MEMORY_RANGE r[] = {{at, 64}, {at + 64, 1}, {at - 1, 2}};

	(void)state;
	use(FB_NT_NV_CLWB, fb_nv_stream_get());
	nv_medium_forget();
	assert_status(STATUS_INVALID_PARAMETER,
		      RtlFlushNonVolatileMemoryRanges(nv_range.token, r, 3, 0));
	assert_int_equal(nv_medium.n_events, 0);
	assert_int_equal(nv_medium.fences, 0);
	assert_status(STATUS_SUCCESS,
		      RtlFlushNonVolatileMemoryRanges(nv_range.token, r, 2, 0));
	assert_int_equal(nv_medium.n_events, 2);
	assert_int_equal(nv_medium.fences, 1);
	assert_status(STATUS_SUCCESS,
		      RtlFlushNonVolatileMemoryRanges(nv_range.token, r, 0, 0));
	assert_int_equal(nv_medium.n_events, 2);
	assert_int_equal(nv_medium.fences, 2);
}

/* Judged as if FLUSH had been asked for. */
static NTSTATUS write_past_the_caches(size_t at, size_t n, ULONG flags)
{
	(void)flags;
	return RtlWriteNonVolatileMemory(nv_range.token, nv_range.rig.at + at,
					 nv_new_bytes(), n,
					 WRITE_NV_MEMORY_FLAG_NON_TEMPORAL);
}

static NTSTATUS write_the_cheaper_way(size_t at, size_t n, ULONG flags)
{
	(void)flags;
	return RtlWriteNonVolatileMemory(nv_range.token, nv_range.rig.at + at,
					 nv_new_bytes(), n,
					 WRITE_NV_MEMORY_FLAG_PERSIST);
}

static void a_cpu_without_streaming_stores_flushes_instead(void **state)
{
	const struct nv_call both[] = {
		{"non-temporal", write_past_the_caches, WRITE_NV_MEMORY_FLAG_FLUSH,
		 true, true, false},
		{"persist", write_the_cheaper_way, WRITE_NV_MEMORY_FLAG_FLUSH, true,
		 true, false},
	};

	(void)state;
	use(FB_NT_NV_CLWB, &(struct fb_nv_stream){"none", NULL, NULL});
	for (int i = 0; i < 2; i++)
		nv_shots_small(&both[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(clwb_covers_what_was_written_before_the_drain),
		T(clflushopt_covers_what_was_written_before_the_drain),
		T(clflush_covers_what_was_written_before_the_drain),
		T(where_the_caches_are_saved_only_fences_are_issued),
		T(streaming_64_bytes_at_once_covers_all),
		T(streaming_32_bytes_at_once_covers_all),
		T(streaming_16_bytes_at_once_covers_all),
		T(a_refused_list_of_ranges_flushes_none),
		T(a_cpu_without_streaming_stores_flushes_instead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
