/*
 * nv_insn_x86_64.h - the instructions themselves, one function each
 *
 * A test compiles the engine with a header of its own in this one's place
 * (FB_NV_INSN), which notes what each would do.
 */
#ifndef FB_NT_NV_INSN_X86_64_H
#define FB_NT_NV_INSN_X86_64_H

#include <immintrin.h>
#include <stdint.h>

#define FB_NV_INLINE    static inline __attribute__((always_inline))
#define FB_NV_WITH(isa) __attribute__((target(isa)))

/*
 * Flush the line that holds @at. clwb may leave it in the caches, the others do not.
 * All memory is named as touched, for no store to the line's other bytes may move past
 * it.
 */
FB_NV_INLINE void fb_nv_clwb(uintptr_t at)
{
	__asm__ volatile("clwb %0" : "+m"(*(volatile char *)at) : : "memory");
}

FB_NV_INLINE void fb_nv_clflushopt(uintptr_t at)
{
	__asm__ volatile("clflushopt %0" : "+m"(*(volatile char *)at) : : "memory");
}

FB_NV_INLINE void fb_nv_clflush(uintptr_t at)
{
	__asm__ volatile("clflush %0" : "+m"(*(volatile char *)at) : : "memory");
}

FB_NV_INLINE void fb_nv_sfence(void)
{
	__asm__ volatile("sfence" : : : "memory");
}

/* Store past the caches: 64, 32, 16 and 8 bytes, to a multiple of as many. */
FB_NV_INLINE FB_NV_WITH("avx512f") void fb_nv_stream_512(char *to, __m512i v)
{
	_mm512_stream_si512((__m512i *)to, v);
}

FB_NV_INLINE FB_NV_WITH("avx") void fb_nv_stream_256(char *to, __m256i v)
{
	_mm256_stream_si256((__m256i *)to, v);
}

FB_NV_INLINE void fb_nv_stream_128(char *to, __m128i v)
{
	_mm_stream_si128((__m128i *)to, v);
}

FB_NV_INLINE void fb_nv_stream_64(char *to, uint64_t v)
{
	_mm_stream_si64((long long *)to, (long long)v);
}

#endif
