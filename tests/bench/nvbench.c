/*
 * nvbench.c - the routines for non-volatile memory beside libpmem, on the same buffer
 *
 * nvbench [PAIRS]   each ratio the median of so many pairs (15), run in turn ABBA, so
 *                   that a drift of the machine hits both sides alike
 *
 * Ordinary memory stands for non-volatile memory: an emulated token, the instructions
 * that libpmem chooses, too.
 */
#include "nt/nt.h"
#include "nt/nv_cpu.h"
#include "nt/objects.h"
#include "stats/summary.h"

#include <libpmem.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	LINE = 64,
	PAIRS_MAX = 999,
	BUFFER = 16 << 20,
	PLACES = 16, /* a power of two */
	PLACE_STEP = 17 * 4096 + LINE,
	SLICES = 9,
	SLICE_NS = 500000,
	RANGES_MAX = 64,
	RANGE_STRIDE = 4096,
};

static char *memory, *source;
static char *places[PLACES];
static unsigned n_places, turn;
static PVOID token, bare;
static NV_MEMORY_RANGE ranges[RANGES_MAX];
static uint64_t beat;

/* One op of a side, on @n bytes (of the range calls: ranges). */
typedef void side(size_t n);

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void must(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "nvbench: %s failed\n", what);
	exit(1);
}

static inline char *next_place(void)
{
	return places[turn++ & (n_places - 1)];
}

/* A store to every line, or there were nothing to flush. */
static inline void dirty(char *at, size_t n)
{
	beat++;
	for (size_t i = 0; i < n; i += LINE)
		*(volatile uint64_t *)(at + i) = beat;
}

static void flush_ours(size_t n)
{
	char *nv = next_place();

	dirty(nv, n);
	RtlFlushNonVolatileMemory(token, nv, n, 0);
}

static void flush_pmem(size_t n)
{
	char *nv = next_place();

	dirty(nv, n);
	pmem_persist(nv, n);
}

/* The source is left alone: a word stored into it would be waited for by the wide load.
 */
static void persist_ours(size_t n)
{
	RtlWriteNonVolatileMemory(token, next_place(), source, n,
				  WRITE_NV_MEMORY_FLAG_PERSIST);
}

static void persist_pmem(size_t n)
{
	pmem_memcpy_persist(next_place(), source, n);
}

static inline void dirty_ranges(size_t n)
{
	for (size_t i = 0; i < n; i++)
		dirty(ranges[i].BaseAddress, LINE);
}

static void ranges_call(size_t n)
{
	dirty_ranges(n);
	RtlFlushNonVolatileMemoryRanges(token, ranges, n, 0);
}

static void ranges_loop(size_t n)
{
	dirty_ranges(n);
	for (size_t i = 0; i < n; i++)
		RtlFlushNonVolatileMemory(token, ranges[i].BaseAddress,
					  ranges[i].Length,
					  FLUSH_NV_MEMORY_IN_FLAG_NO_DRAIN);
	RtlDrainNonVolatileFlush(token);
}

/* The routine without an instruction to flush with, beside nothing. */
static void call_bare(size_t n)
{
	RtlFlushNonVolatileMemory(bare, memory, n, FLUSH_NV_MEMORY_IN_FLAG_NO_DRAIN);
}

static void call_nothing(size_t n)
{
	__asm__ volatile("" : : "r"(n) : "memory");
}

/* What the routine comes to, called as the engine is, without a token. */
static const struct fb_nv_cpu *engine;

static void flush_engine(size_t n)
{
	char *nv = next_place();

	dirty(nv, n);
	engine->flush((uintptr_t)nv, (uintptr_t)nv + n);
	engine->fence();
}

static double time_side(side *s, size_t n, unsigned ops)
{
	double t = now_ns();

	for (unsigned i = 0; i < ops; i++)
		s(n);
	return (now_ns() - t) / ops;
}

/* So many that a slice is long beside the clock and short beside a time slice. */
static unsigned ops_for(side *s, size_t n)
{
	double ops = SLICE_NS / time_side(s, n, 100);

	return ops < 10 ? 10 : (unsigned)ops;
}

/*
 * Short ops go from place to place, and each pair has places of its own: how far a line
 * has to go depends on the channel of the memory that it lies in, and one place would
 * be one channel's answer.
 */
static void choose_places(unsigned pair, size_t n)
{
	n_places = n < 4096 ? PLACES : 1;
	for (unsigned i = 0; i < PLACES; i++)
		places[i] = memory + (size_t)(pair * PLACES + i) * PLACE_STEP %
					     (BUFFER / 2) / LINE * LINE;
	for (size_t k = 0; k < RANGES_MAX; k++)
		ranges[k] = (NV_MEMORY_RANGE){places[0] + k * RANGE_STRIDE, LINE};
}

struct pair {
	double ours, peer, ratio, excess;
};

/* Medians of slices in turn: another program's time slice falls out. */
static struct pair compare_here(side *ours, side *peer, size_t n, unsigned ops)
{
	double a[SLICES], b[SLICES];
	struct pair p;

	for (int i = 0; i < SLICES; i++) {
		if (i % 2)
			b[i] = time_side(peer, n, ops);
		a[i] = time_side(ours, n, ops);
		if (!(i % 2))
			b[i] = time_side(peer, n, ops);
	}
	p.ours = fb_median(a, SLICES);
	p.peer = fb_median(b, SLICES);
	p.ratio = p.ours / p.peer;
	p.excess = p.ours - p.peer;
	return p;
}

static struct pair compare(side *ours, side *peer, size_t n, unsigned pairs)
{
	static double a[PAIRS_MAX], b[PAIRS_MAX], ratio[PAIRS_MAX], excess[PAIRS_MAX];
	const unsigned ops = ops_for(peer, n);

	for (unsigned i = 0; i < pairs; i++) {
		struct pair p;

		choose_places(i, n);
		p = compare_here(ours, peer, n, ops);
		a[i] = p.ours;
		b[i] = p.peer;
		ratio[i] = p.ratio;
		excess[i] = p.excess;
	}
	return (struct pair){fb_median(a, pairs), fb_median(b, pairs),
			     fb_median(ratio, pairs), fb_median(excess, pairs)};
}

static void show(const char *what, size_t n, struct pair p, const char *peer,
		 const char *asked)
{
	printf("%-14s %8zu  ours %9.1f ns  %s %9.1f ns  ratio %.3f  (%s)\n", what, n,
	       p.ours, peer, p.peer, p.ratio, asked);
	fflush(stdout);
}

static void set_up(void)
{
	HANDLE file;
	void *view;

	must(NT_SUCCESS(fb_nt_create_memory(2 * BUFFER, &file)), "making memory");
	must(NT_SUCCESS(fb_nt_map_view(file, 0, 2 * BUFFER, false, &view)),
	     "mapping it");
	memset(view, 1, 2 * BUFFER);
	memory = view;
	source = memory + BUFFER;
	must(NT_SUCCESS(fb_nt_emulate_nv_token(memory, BUFFER, &token)), "a token");
	must(NT_SUCCESS(fb_nt_emulate_nv_token(memory, BUFFER, &bare)), "a token");
	must(NT_SUCCESS(fb_nt_choose_nv_flush(bare, FB_NT_NV_NONE)), "choosing none");
	must(!fb_nv_cpu_get(FB_NT_NV_AUTO, &engine), "asking the CPU");
	choose_places(0, LINE);
}

static void compare_flushes(unsigned pairs)
{
	for (size_t n = 64; n <= 1 << 20; n *= 4)
		show("flush", n, compare(flush_ours, flush_pmem, n, pairs),
		     "pmem_persist", "at most 1.02");
	for (size_t n = 1; n <= RANGES_MAX; n *= 4)
		show("ranges of 64", n, compare(ranges_call, ranges_loop, n, pairs),
		     "one by one", "at most 1");
}

static void compare_writes(unsigned pairs)
{
	for (size_t n = 64; n <= 1 << 20; n *= 4) {
		struct pair p = compare(persist_ours, persist_pmem, n, pairs);

		p.ratio = 1 / p.ratio;
		printf("write-persist  %8zu  ours %9.1f ns  pmem_memcpy_persist %9.1f "
		       "ns  %.3f times faster  (%s)\n",
		       n, p.ours, p.peer, p.ratio,
		       n == 64    ? "at least 1.4"
		       : n == 256 ? "at least 1.15"
		       : n < 4096 ? "nothing asked"
				  : "at least 0.98");
		fflush(stdout);
	}
}

static void show_dispatch(unsigned pairs)
{
	struct pair p = compare(call_bare, call_nothing, LINE, pairs);

	printf("dispatch             call %5.2f ns, beside a call that does nothing "
	       "%.2f: %.2f more  (at most 3)\n",
	       p.ours, p.peer, p.excess);
	p = compare(flush_ours, flush_engine, LINE, pairs);
	printf("dispatch             flush of a line %.1f ns, the same without a token "
	       "%.1f: %.2f more  (at most 3)\n",
	       p.ours, p.peer, p.excess);
}

int main(int argc, char **argv)
{
	const int pairs = argc > 1 ? atoi(argv[1]) : 15;
	struct fb_nt_nv_info info;

	must(pairs > 0 && pairs <= PAIRS_MAX, "reading the number of pairs");
	set_up();
	must(NT_SUCCESS(fb_nt_query_nv_token(token, &info)), "asking the token");
	printf("flush by %s, stream by %s; each ratio the median of %d pairs\n",
	       info.flush_name, info.stream_name, pairs);
	compare_flushes((unsigned)pairs);
	compare_writes((unsigned)pairs);
	show_dispatch((unsigned)pairs);
	return 0;
}
