/*
 * nv_stream_x86_64.h - streaming stores of whole lines, by the width of the vectors
 */
#ifndef FB_NT_NV_STREAM_X86_64_H
#define FB_NT_NV_STREAM_X86_64_H

#include <stddef.h>
#include <stdint.h>

/* struct fb_nv_stream - as struct fb_nv_cpu says of its members */
struct fb_nv_stream {
	const char *name;
	void (*copy)(char *to, const char *from, size_t n);
	void (*fill)(char *to, uint64_t word, size_t n);
};

/* fb_nv_stream_get - the widest that the CPU and the system have */
const struct fb_nv_stream *fb_nv_stream_get(void);

/* fb_nv_stream_word - as fb_nv_cpu.stream_word */
void fb_nv_stream_word(char *to, uint64_t word);

#endif
