/*
 * nv_cpu.h - the CPU's instructions that push stores out to memory
 *
 * One file an architecture, chosen by its name's end; the generic one has none of
 * this. A struct fb_nv_cpu is what a token's routines are made of.
 */
#ifndef FB_NT_NV_CPU_H
#define FB_NT_NV_CPU_H

#include "nt/objects.h"

#include <stddef.h>
#include <stdint.h>

/*
 * struct fb_nv_cpu - one way to flush lines, with the CPU's widest streaming stores
 * @line:   bytes of a cache line, a power of two
 * @flush:  every line that holds a byte of [from, to), from < to; does not wait
 * @stream: copy to whole lines, past the caches: @to a multiple of @line, @n one and
 *          not 0, @from anywhere; NULL: the CPU has no such stores
 * @stream_fill: likewise, @word repeated (all its bytes are the same)
 * @stream_word: one aligned word of 8 bytes, likewise
 * @fence:  what was flushed and streamed before has arrived when it returns
 *
 * Only the line of the last byte may be touched past a range, and no line crosses
 * a page.
 */
struct fb_nv_cpu {
	enum fb_nt_nv_flush how;
	const char *name;
	const char *stream_name;
	size_t line;
	void (*flush)(uintptr_t from, uintptr_t to);
	void (*stream)(char *to, const char *from, size_t n);
	void (*stream_fill)(char *to, uint64_t word, size_t n);
	void (*stream_word)(char *to, uint64_t word);
	void (*fence)(void);
};

/*
 * fb_nv_cpu_get - 0, or -ENOTSUP when the CPU lacks that instruction
 * @how: FB_NT_NV_AUTO: the best to flush lines with
 *
 * Asks the CPU at the first call; any thread.
 */
int fb_nv_cpu_get(enum fb_nt_nv_flush how, const struct fb_nv_cpu **out);

#endif
