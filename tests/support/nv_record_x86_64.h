/*
 * nv_record_x86_64.h - nt/nv_insn_x86_64.h for a test: each instruction is told to the
 * nv_medium
 *
 * The flushes are only told: what they do cannot be seen from inside, and a CPU that
 * lacks one can be tested for it all the same.
 */
#ifndef FB_TESTS_SUPPORT_NV_RECORD_X86_64_H
#define FB_TESTS_SUPPORT_NV_RECORD_X86_64_H

#include "support/nv_medium.h"

#include <immintrin.h>
#include <stdint.h>

#define FB_NV_INLINE    static inline __attribute__((always_inline))
#define FB_NV_WITH(isa) __attribute__((target(isa)))

FB_NV_INLINE void fb_nv_clwb(uintptr_t at)
{
	nv_medium_flush(at, FB_NT_NV_CLWB);
}

FB_NV_INLINE void fb_nv_clflushopt(uintptr_t at)
{
	nv_medium_flush(at, FB_NT_NV_CLFLUSHOPT);
}

FB_NV_INLINE void fb_nv_clflush(uintptr_t at)
{
	nv_medium_flush(at, FB_NT_NV_CLFLUSH);
}

FB_NV_INLINE void fb_nv_sfence(void)
{
	nv_medium_fence();
}

FB_NV_INLINE FB_NV_WITH("avx512f") void fb_nv_stream_512(char *to, __m512i v)
{
	_mm512_stream_si512((__m512i *)to, v);
	nv_medium_stream(to, sizeof(v));
}

FB_NV_INLINE FB_NV_WITH("avx") void fb_nv_stream_256(char *to, __m256i v)
{
	_mm256_stream_si256((__m256i *)to, v);
	nv_medium_stream(to, sizeof(v));
}

FB_NV_INLINE void fb_nv_stream_128(char *to, __m128i v)
{
	_mm_stream_si128((__m128i *)to, v);
	nv_medium_stream(to, sizeof(v));
}

FB_NV_INLINE void fb_nv_stream_64(char *to, uint64_t v)
{
	_mm_stream_si64((long long *)to, (long long)v);
	nv_medium_stream(to, sizeof(v));
}

#endif
