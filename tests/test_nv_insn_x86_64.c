#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "nt/nt.h"
#include "nt/objects.h"
#include "support/need.h"
#include "support/nt_assert.h"
#include "support/nv_rig.h"
#include "support/nv_step_x86_64.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct nv_rig rig;
static char *source;
static struct nv_trace trace;

static int setup(void **state)
{
	(void)state;
	nv_rig_make(&rig, 2);
	source = nv_source(rig.length);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	nv_source_free(source, rig.length);
	nv_rig_remove(&rig);
	source = NULL;
	return 0;
}

/* A call to step through. */
struct call {
	NTSTATUS (*routine)(const struct call *c);
	size_t at;
	size_t n;
	ULONG flags;
};

static NTSTATUS do_flush(const struct call *c)
{
	return RtlFlushNonVolatileMemory(rig.token, rig.at + c->at, c->n, c->flags);
}

static NTSTATUS do_ranges(const struct call *c)
{
	NV_MEMORY_RANGE r[] = {
		{rig.at + c->at, c->n},
		{rig.at + c->at + 1024, c->n},
		{rig.at + c->at + 2048, c->n},
	};

	return RtlFlushNonVolatileMemoryRanges(rig.token, r, 3, c->flags);
}

static NTSTATUS do_drain(const struct call *c)
{
	(void)c;
	return RtlDrainNonVolatileFlush(rig.token);
}

static NTSTATUS do_write(const struct call *c)
{
	return RtlWriteNonVolatileMemory(rig.token, rig.at + c->at, source, c->n,
					 c->flags);
}

static NTSTATUS do_fill(const struct call *c)
{
	return RtlFillNonVolatileMemory(rig.token, rig.at + c->at, c->n, 0x77,
					c->flags);
}

static NTSTATUS call_it(void *ctx)
{
	const struct call *c = ctx;

	return c->routine(c);
}

static void step(struct call c)
{
	need(nv_step(call_it, &c, &trace));
	assert_true(trace.count[NV_OTHER] > 10);
}

static unsigned count_from_to(enum nv_insn from, enum nv_insn to)
{
	unsigned n = 0;

	for (enum nv_insn i = from; i <= to; i++)
		n += trace.count[i];
	return n;
}

static unsigned flushes(void)
{
	return count_from_to(NV_CLWB, NV_CLFLUSH);
}

static unsigned streams(void)
{
	return count_from_to(NV_STREAM_8, NV_STREAM_64);
}

static void assert_one_fence_at_the_end(void)
{
	enum nv_insn last;

	assert_true(trace.n > 0);
	last = trace.order[trace.n - 1];
	assert_int_equal(count_from_to(NV_SFENCE, NV_MFENCE), 1);
	assert_true(last == NV_SFENCE || last == NV_MFENCE);
}

static void assert_no_fence(void)
{
	assert_int_equal(count_from_to(NV_SFENCE, NV_LFENCE), 0);
}

/* @lines times this one and no other, no streaming store, the fence that is due. */
static void assert_flushed(struct call c, enum nv_insn insn, unsigned lines)
{
	step(c);
	assert_int_equal(trace.count[insn], lines);
	assert_int_equal(flushes(), lines);
	assert_int_equal(streams(), 0);
	assert_one_fence_at_the_end();
	if (c.routine == do_flush || c.routine == do_ranges)
		c.flags |= FLUSH_NV_MEMORY_IN_FLAG_NO_DRAIN;
	else
		c.flags |= WRITE_NV_MEMORY_FLAG_NO_DRAIN;
	step(c);
	assert_int_equal(trace.count[insn], lines);
	assert_int_equal(flushes(), lines);
	assert_no_fence();
}

static void choose(enum fb_nt_nv_flush how, const char *name)
{
	char reason[64];
	NTSTATUS status = fb_nt_choose_nv_flush(rig.token, how);

	snprintf(reason, sizeof(reason), "this CPU has no %s", name);
	if (status)
		assert_status(STATUS_NOT_SUPPORTED, status);
	need(status ? reason : NULL);
}

static void assert_all_flush_by(enum nv_insn insn)
{
	const ULONG flush = WRITE_NV_MEMORY_FLAG_FLUSH;

	assert_flushed((struct call){do_flush, 0, 64, 0}, insn, 1);
	assert_flushed((struct call){do_flush, 63, 1, 0}, insn, 1);
	assert_flushed((struct call){do_flush, 63, 2, 0}, insn, 2);
	assert_flushed((struct call){do_flush, 0, 300, 0}, insn, 5);
	assert_flushed((struct call){do_flush, 60, 300, 0}, insn, 6);
	assert_flushed((struct call){do_ranges, 60, 300, 0}, insn, 18);
	assert_flushed((struct call){do_write, 0, 64, flush}, insn, 1);
	assert_flushed((struct call){do_write, 60, 300, flush}, insn, 6);
	assert_flushed((struct call){do_fill, 0, 64, flush}, insn, 1);
	assert_flushed((struct call){do_fill, 60, 300, flush}, insn, 6);
}

static void clwb_is_clwb(void **state)
{
	(void)state;
	choose(FB_NT_NV_CLWB, "clwb");
	assert_all_flush_by(NV_CLWB);
}

static void clflushopt_is_clflushopt(void **state)
{
	(void)state;
	choose(FB_NT_NV_CLFLUSHOPT, "clflushopt");
	assert_all_flush_by(NV_CLFLUSHOPT);
}

static void clflush_is_clflush(void **state)
{
	(void)state;
	choose(FB_NT_NV_CLFLUSH, "clflush");
	assert_all_flush_by(NV_CLFLUSH);
}

static void none_is_a_fence_alone(void **state)
{
	(void)state;
	choose(FB_NT_NV_NONE, "none");
	assert_flushed((struct call){do_flush, 60, 300, 0}, NV_CLWB, 0);
	assert_flushed((struct call){do_ranges, 60, 300, 0}, NV_CLWB, 0);
	assert_flushed((struct call){do_write, 60, 300, 1}, NV_CLWB, 0);
	assert_flushed((struct call){do_fill, 60, 300, 1}, NV_CLWB, 0);
}

/* Nothing is gained past the caches where they are saved, too. */
static void without_flushes_persist_stores_plainly(void **state)
{
	const ULONG persist = WRITE_NV_MEMORY_FLAG_PERSIST;

	(void)state;
	choose(FB_NT_NV_NONE, "none");
	for (int i = 0; i < 2; i++) {
		step((struct call){i ? do_fill : do_write, 0, 300, persist});
		assert_int_equal(flushes(), 0);
		assert_int_equal(streams(), 0);
		assert_one_fence_at_the_end();
	}
}

static void a_drain_is_a_fence_whatever_flushes(void **state)
{
	(void)state;
	for (int i = 0; !i || nv_all_flushes[i - 1] != FB_NT_NV_AUTO; i++) {
		if (fb_nt_choose_nv_flush(rig.token, nv_all_flushes[i]))
			continue;
		step((struct call){.routine = do_drain});
		assert_int_equal(trace.n, 1);
		assert_one_fence_at_the_end();
	}
}

static void a_plain_store_is_neither_flushed_nor_fenced(void **state)
{
	(void)state;
	step((struct call){do_write, 60, 300, 0});
	assert_int_equal(trace.n, 0);
	step((struct call){do_fill, 60, 300, 0});
	assert_int_equal(trace.n, 0);
}

/* What the token says that it streams by, and how much that stores at once. */
static enum nv_insn stream_insn(unsigned *bytes)
{
	struct fb_nt_nv_info info;

	assert_status(STATUS_SUCCESS, fb_nt_query_nv_token(rig.token, &info));
	*bytes = 64;
	if (!strcmp(info.stream_name, "avx512"))
		return NV_STREAM_64;
	*bytes = 32;
	if (!strcmp(info.stream_name, "avx2"))
		return NV_STREAM_32;
	*bytes = 16;
	assert_string_equal(info.stream_name, "sse2");
	return NV_STREAM_16;
}

/* @lines whole ones by the widest stores, @words by movnti, @flushed parts of lines. */
static void assert_streamed(struct call c, unsigned lines, unsigned words,
			    unsigned flushed)
{
	unsigned bytes;
	const enum nv_insn wide = stream_insn(&bytes);

	step(c);
	assert_int_equal(trace.count[wide], lines * 64 / bytes);
	assert_int_equal(trace.count[NV_STREAM_8], words);
	assert_int_equal(streams(), lines * 64 / bytes + words);
	assert_int_equal(flushes(), flushed);
	assert_one_fence_at_the_end();
}

static void non_temporal_streams_lines_and_words(void **state)
{
	const ULONG nt = WRITE_NV_MEMORY_FLAG_NON_TEMPORAL;

	(void)state;
	for (int i = 0; i < 2; i++) {
		NTSTATUS (*const f)(const struct call *) = i ? do_fill : do_write;

		assert_streamed((struct call){f, 0, 64, nt}, 1, 0, 0);
		assert_streamed((struct call){f, 0, 256, nt}, 4, 0, 0);
		assert_streamed((struct call){f, 8, 8, nt}, 0, 1, 0);
		assert_streamed((struct call){f, 0, 7, nt}, 0, 0, 1);
		assert_streamed((struct call){f, 0, 300, nt}, 4, 5, 1);
		assert_streamed((struct call){f, 56, 80, nt}, 1, 2, 0);
	}
}

static void persist_streams_lines_and_flushes_parts_of_them(void **state)
{
	const ULONG persist = WRITE_NV_MEMORY_FLAG_PERSIST;

	(void)state;
	for (int i = 0; i < 2; i++) {
		NTSTATUS (*const f)(const struct call *) = i ? do_fill : do_write;

		assert_streamed((struct call){f, 0, 64, persist}, 1, 0, 0);
		assert_streamed((struct call){f, 0, 256, persist}, 4, 0, 0);
		assert_streamed((struct call){f, 0, 8, persist}, 0, 0, 1);
		assert_streamed((struct call){f, 60, 8, persist}, 0, 0, 2);
		assert_streamed((struct call){f, 0, 300, persist}, 4, 0, 1);
	}
}

static NTSTATUS take_stamp(void *ctx)
{
	*(volatile uint64_t *)ctx = fb_stamp_tsc_fenced();
	return STATUS_SUCCESS;
}

static void a_fenced_stamp_waits_for_stores_then_reads_the_counter(void **state)
{
	uint64_t t;

	(void)state;
	need(nv_step(take_stamp, &t, &trace));
	assert_int_equal(trace.n, 3);
	assert_int_equal(trace.order[0], NV_MFENCE);
	assert_int_equal(trace.order[1], NV_LFENCE);
	assert_int_equal(trace.order[2], NV_RDTSC);
}

static void the_best_that_the_cpu_has_is_chosen(void **state)
{
	struct fb_nt_nv_info info;

	(void)state;
	assert_status(STATUS_SUCCESS, fb_nt_query_nv_token(rig.token, &info));
	assert_string_equal(info.flush_name, nv_kernel_lists("clwb") ? "clwb"
					     : nv_kernel_lists("clflushopt")
						     ? "clflushopt"
						     : "clflush");
	assert_string_equal(info.stream_name, nv_kernel_lists("avx512f") ? "avx512"
					      : nv_kernel_lists("avx2")  ? "avx2"
									 : "sse2");
	assert_int_equal(info.line, 64);
}

/* As the manuals encode them, and what looks like one and is none. */
static void the_decoder_knows_the_encodings(void **state)
{
	static const struct {
		unsigned char code[16];
		enum nv_insn insn;
	} known[] = {
		{{0x66, 0x0f, 0xae, 0x30}, NV_CLWB},
		{{0x66, 0x41, 0x0f, 0xae, 0x30}, NV_CLWB},
		{{0x66, 0x0f, 0xae, 0x38}, NV_CLFLUSHOPT},
		{{0x0f, 0xae, 0x3f}, NV_CLFLUSH},
		{{0x41, 0x0f, 0xae, 0x7c, 0x24, 0x40}, NV_CLFLUSH},
		{{0x0f, 0xae, 0xf8}, NV_SFENCE},
		{{0x0f, 0xae, 0xf0}, NV_MFENCE},
		{{0x0f, 0xae, 0xe8}, NV_LFENCE},
		{{0x0f, 0x31}, NV_RDTSC},
		{{0x48, 0x0f, 0xc3, 0x07}, NV_STREAM_8},
		{{0x66, 0x0f, 0xe7, 0x07}, NV_STREAM_16},
		{{0x0f, 0x2b, 0x07}, NV_STREAM_16},
		{{0xc5, 0xf9, 0xe7, 0x07}, NV_STREAM_16},
		{{0xc5, 0xfd, 0xe7, 0x07}, NV_STREAM_32},
		{{0xc4, 0xc1, 0x7d, 0xe7, 0x07}, NV_STREAM_32},
		{{0x62, 0xf1, 0x7d, 0x48, 0xe7, 0x07}, NV_STREAM_64},
		{{0x62, 0xf1, 0x7d, 0x28, 0xe7, 0x07}, NV_STREAM_32},
		{{0x0f, 0xae, 0x30}, NV_OTHER},             /* xsaveopt */
		{{0x0f, 0xae, 0x38 | 0xc0, 0}, NV_SFENCE},  /* mod 3 */
		{{0xf3, 0x0f, 0xae, 0xe8}, NV_OTHER},       /* incsspd */
		{{0x66, 0x0f, 0xae, 0xf0}, NV_OTHER},       /* tpause */
		{{0xc5, 0xfe, 0x7f, 0x07}, NV_OTHER},       /* vmovdqu */
		{{0x62, 0xf1, 0xfe, 0x48, 0x7f}, NV_OTHER}, /* vmovdqu64 */
		{{0x90}, NV_OTHER},
		{{0x48, 0x89, 0x07}, NV_OTHER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		assert_int_equal(nv_decode(known[i].code), known[i].insn);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(clwb_is_clwb),
		T(clflushopt_is_clflushopt),
		T(clflush_is_clflush),
		T(none_is_a_fence_alone),
		T(without_flushes_persist_stores_plainly),
		T(a_drain_is_a_fence_whatever_flushes),
		T(a_plain_store_is_neither_flushed_nor_fenced),
		T(non_temporal_streams_lines_and_words),
		T(persist_streams_lines_and_flushes_parts_of_them),
		T(a_fenced_stamp_waits_for_stores_then_reads_the_counter),
		T(the_best_that_the_cpu_has_is_chosen),
		T(the_decoder_knows_the_encodings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
