#include "nt/nv_cpu.h"

#ifndef FB_NV_INSN
#define FB_NV_INSN "nt/nv_insn_aarch64.h"
#endif
#include FB_NV_INSN

#include <errno.h>
#include <pthread.h>
#include <sys/auxv.h>

/* AT_HWCAP: dc cvap may be used (kernel: arch/arm64/include/uapi/asm/hwcap.h). */
#define HAS_DCPOP (1ul << 16)

/* CTR_EL0.DminLine: words in the shortest line of all data caches, as log2. */
#define WORD_BYTES     4u
#define LINE_SHIFT     16
#define LINE_LOG2_MASK 0xfu

static size_t line;

static void flush_cvap(uintptr_t from, uintptr_t to)
{
	const size_t step = line;

	for (from &= ~(uintptr_t)(step - 1); from < to; from += step)
		fb_nv_cvap(from);
}

static void flush_cvac(uintptr_t from, uintptr_t to)
{
	const size_t step = line;

	for (from &= ~(uintptr_t)(step - 1); from < to; from += step)
		fb_nv_cvac(from);
}

static void flush_none(uintptr_t from, uintptr_t to)
{
	(void)from;
	(void)to;
}

static void fence(void)
{
	fb_nv_dsb();
}

#define CPU(id, text, function)                                                        \
	{                                                                              \
		.how = id, .name = text, .stream_name = "none", .flush = function,     \
		.fence = fence                                                         \
	}

static struct fb_nv_cpu cvap = CPU(FB_NT_NV_CVAP, "cvap", flush_cvap);
static struct fb_nv_cpu cvac = CPU(FB_NT_NV_CVAC, "cvac", flush_cvac);
static struct fb_nv_cpu none = CPU(FB_NT_NV_NONE, "none", flush_none);

static bool has_cvap;

static void ask_cpu(void)
{
	uint64_t ctr;

	__asm__("mrs %0, ctr_el0" : "=r"(ctr));
	line = WORD_BYTES << (ctr >> LINE_SHIFT & LINE_LOG2_MASK);
	cvap.line = cvac.line = none.line = line;
	has_cvap = getauxval(AT_HWCAP) & HAS_DCPOP;
}

int fb_nv_cpu_get(enum fb_nt_nv_flush how, const struct fb_nv_cpu **out)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, ask_cpu);
	/* Linux cleans to the point of coherency, too, where there is no other. */
	if (how == FB_NT_NV_AUTO)
		how = has_cvap ? FB_NT_NV_CVAP : FB_NT_NV_CVAC;
	if (how == FB_NT_NV_CVAP && has_cvap)
		*out = &cvap;
	else if (how == FB_NT_NV_CVAC)
		*out = &cvac;
	else if (how == FB_NT_NV_NONE)
		*out = &none;
	else
		return -ENOTSUP;
	return 0;
}
