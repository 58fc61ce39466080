#include "nt/nv_stream_x86_64.h"

#ifndef FB_NV_INSN
#define FB_NV_INSN "nt/nv_insn_x86_64.h"
#endif
#include FB_NV_INSN

enum { LINE = 64, EIGHT = 8 * LINE };

/*
 * Eight lines at a time, all loads first: with a store after each load a copy of some
 * 64 KiB takes 4 % longer.
 */
FB_NV_WITH("avx512f") static void copy_512(char *to, const char *from, size_t n)
{
	for (; n >= EIGHT; n -= EIGHT, to += EIGHT, from += EIGHT) {
		const __m512i a = _mm512_loadu_si512(from + 0 * LINE);
		const __m512i b = _mm512_loadu_si512(from + 1 * LINE);
		const __m512i c = _mm512_loadu_si512(from + 2 * LINE);
		const __m512i d = _mm512_loadu_si512(from + 3 * LINE);
		const __m512i e = _mm512_loadu_si512(from + 4 * LINE);
		const __m512i f = _mm512_loadu_si512(from + 5 * LINE);
		const __m512i g = _mm512_loadu_si512(from + 6 * LINE);
		const __m512i h = _mm512_loadu_si512(from + 7 * LINE);

		fb_nv_stream_512(to + 0 * LINE, a);
		fb_nv_stream_512(to + 1 * LINE, b);
		fb_nv_stream_512(to + 2 * LINE, c);
		fb_nv_stream_512(to + 3 * LINE, d);
		fb_nv_stream_512(to + 4 * LINE, e);
		fb_nv_stream_512(to + 5 * LINE, f);
		fb_nv_stream_512(to + 6 * LINE, g);
		fb_nv_stream_512(to + 7 * LINE, h);
	}
	for (; n; n -= LINE, to += LINE, from += LINE)
		fb_nv_stream_512(to, _mm512_loadu_si512(from));
}

FB_NV_WITH("avx512f") static void fill_512(char *to, uint64_t word, size_t n)
{
	const __m512i v = _mm512_set1_epi64((long long)word);

	for (; n; n -= LINE, to += LINE)
		fb_nv_stream_512(to, v);
}

FB_NV_WITH("avx2") static void copy_256(char *to, const char *from, size_t n)
{
	for (; n; n -= LINE, to += LINE, from += LINE) {
		const __m256i *v = (const __m256i *)from;
		const __m256i a = _mm256_loadu_si256(v);
		const __m256i b = _mm256_loadu_si256(v + 1);

		fb_nv_stream_256(to, a);
		fb_nv_stream_256(to + 32, b);
	}
}

FB_NV_WITH("avx2") static void fill_256(char *to, uint64_t word, size_t n)
{
	const __m256i v = _mm256_set1_epi64x((long long)word);

	for (; n; n -= LINE, to += LINE) {
		fb_nv_stream_256(to, v);
		fb_nv_stream_256(to + 32, v);
	}
}

static void copy_128(char *to, const char *from, size_t n)
{
	for (; n; n -= LINE, to += LINE, from += LINE) {
		const __m128i *v = (const __m128i *)from;
		const __m128i a = _mm_loadu_si128(v);
		const __m128i b = _mm_loadu_si128(v + 1);
		const __m128i c = _mm_loadu_si128(v + 2);
		const __m128i d = _mm_loadu_si128(v + 3);

		fb_nv_stream_128(to, a);
		fb_nv_stream_128(to + 16, b);
		fb_nv_stream_128(to + 32, c);
		fb_nv_stream_128(to + 48, d);
	}
}

static void fill_128(char *to, uint64_t word, size_t n)
{
	const __m128i v = _mm_set1_epi64x((long long)word);

	for (; n; n -= LINE, to += LINE) {
		fb_nv_stream_128(to, v);
		fb_nv_stream_128(to + 16, v);
		fb_nv_stream_128(to + 32, v);
		fb_nv_stream_128(to + 48, v);
	}
}

void fb_nv_stream_word(char *to, uint64_t word)
{
	fb_nv_stream_64(to, word);
}

const struct fb_nv_stream *fb_nv_stream_get(void)
{
	static const struct fb_nv_stream avx512 = {"avx512", copy_512, fill_512};
	static const struct fb_nv_stream avx2 = {"avx2", copy_256, fill_256};
	static const struct fb_nv_stream sse2 = {"sse2", copy_128, fill_128};

	/* These ask the system, too: it must save the wide registers. */
	if (__builtin_cpu_supports("avx512f"))
		return &avx512;
	return __builtin_cpu_supports("avx2") ? &avx2 : &sse2;
}
