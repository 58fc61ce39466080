#include "nt/nv_cpu.h"

#include "nt/nv_stream_x86_64.h"

#ifndef FB_NV_INSN
#define FB_NV_INSN "nt/nv_insn_x86_64.h"
#endif
#include FB_NV_INSN

#include <cpuid.h>
#include <errno.h>
#include <pthread.h>

enum { LINE = 64 };

/* CPUID: leaf 1 EDX, and bytes of a line / 8 in EBX; leaf 7 EBX. */
#define HAS_CLFLUSH    (1u << 19)
#define LINE_SHIFT     8
#define HAS_CLFLUSHOPT (1u << 23)
#define HAS_CLWB       (1u << 24)

static void flush_clwb(uintptr_t from, uintptr_t to)
{
	for (from &= ~(uintptr_t)(LINE - 1); from < to; from += LINE)
		fb_nv_clwb(from);
}

static void flush_clflushopt(uintptr_t from, uintptr_t to)
{
	for (from &= ~(uintptr_t)(LINE - 1); from < to; from += LINE)
		fb_nv_clflushopt(from);
}

static void flush_clflush(uintptr_t from, uintptr_t to)
{
	for (from &= ~(uintptr_t)(LINE - 1); from < to; from += LINE)
		fb_nv_clflush(from);
}

static void flush_none(uintptr_t from, uintptr_t to)
{
	(void)from;
	(void)to;
}

static void fence(void)
{
	fb_nv_sfence();
}

#define CPU(id, text, function)                                                        \
	[id] = {.how = id,                                                             \
		.name = text,                                                          \
		.line = LINE,                                                          \
		.flush = function,                                                     \
		.stream_word = fb_nv_stream_word,                                      \
		.fence = fence}

static struct fb_nv_cpu cpus[] = {
	CPU(FB_NT_NV_CLWB, "clwb", flush_clwb),
	CPU(FB_NT_NV_CLFLUSHOPT, "clflushopt", flush_clflushopt),
	CPU(FB_NT_NV_CLFLUSH, "clflush", flush_clflush),
	CPU(FB_NT_NV_NONE, "none", flush_none),
};

static bool has[FB_NT_NV_NONE + 1];

static void ask_cpu(void)
{
	const struct fb_nv_stream *s = fb_nv_stream_get();
	unsigned a, b = 0, c, d = 0, b7 = 0, d7;
	bool lines;

	__get_cpuid(1, &a, &b, &c, &d);
	/* What is built for lines of 64 bytes would miss some of shorter ones. */
	lines = d & HAS_CLFLUSH && (b >> LINE_SHIFT & 0xff) * 8 == LINE;
	__get_cpuid_count(7, 0, &a, &b7, &c, &d7);
	has[FB_NT_NV_CLWB] = lines && b7 & HAS_CLWB;
	has[FB_NT_NV_CLFLUSHOPT] = lines && b7 & HAS_CLFLUSHOPT;
	has[FB_NT_NV_CLFLUSH] = lines;
	has[FB_NT_NV_NONE] = true;
	for (int i = FB_NT_NV_CLWB; i <= FB_NT_NV_NONE; i++) {
		cpus[i].stream_name = s->name;
		cpus[i].stream = s->copy;
		cpus[i].stream_fill = s->fill;
	}
}

int fb_nv_cpu_get(enum fb_nt_nv_flush how, const struct fb_nv_cpu **out)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, ask_cpu);
	if (how == FB_NT_NV_AUTO)
		for (how = FB_NT_NV_CLWB; how < FB_NT_NV_CLFLUSH && !has[how];)
			how++;
	if (how > FB_NT_NV_NONE || !has[how])
		return -ENOTSUP;
	*out = &cpus[how];
	return 0;
}
