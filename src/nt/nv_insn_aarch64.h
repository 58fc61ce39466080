/*
 * nv_insn_aarch64.h - the instructions themselves, one function each
 *
 * A test compiles the engine with a header of its own in this one's place
 * (FB_NV_INSN), which does the same and notes it.
 */
#ifndef FB_NT_NV_INSN_AARCH64_H
#define FB_NT_NV_INSN_AARCH64_H

#include <stdint.h>

#define FB_NV_INLINE static inline __attribute__((always_inline))

/*
 * Clean the line that holds @at to the point of persistence: dc cvap, written as a
 * number, for an assembler takes the name only when it is told of ARMv8.2.
 */
FB_NV_INLINE void fb_nv_cvap(uintptr_t at)
{
	__asm__ volatile("sys #3, c7, c12, #1, %0" : : "r"(at) : "memory");
}

/* Clean it to the point of coherency. */
FB_NV_INLINE void fb_nv_cvac(uintptr_t at)
{
	__asm__ volatile("dc cvac, %0" : : "r"(at) : "memory");
}

/*
 * Wait until what was cleaned has arrived. Cleaning is cache maintenance: only a DSB
 * waits for it, a DMB orders accesses alone (Arm ARM, "Ordering and completion of data
 * and instruction cache instructions"). Of the full system, for memory that keeps its
 * contents need not lie in the inner shareable domain; Linux waits for its own
 * persistent memory likewise (dcache_clean_pop in arch/arm64/mm/cache.S).
 */
FB_NV_INLINE void fb_nv_dsb(void)
{
	__asm__ volatile("dsb sy" : : : "memory");
}

#endif
