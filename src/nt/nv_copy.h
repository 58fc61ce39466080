/*
 * nv_copy.h - stores into non-volatile memory, by one struct fb_nv_cpu
 */
#ifndef FB_NT_NV_COPY_H
#define FB_NT_NV_COPY_H

#include "nt/nv_cpu.h"

/*
 * struct fb_nv_source - what is stored: bytes of a buffer, or one value
 * @from: NULL: @word, all bytes of which are the same
 */
struct fb_nv_source {
	const char *from;
	uint64_t word;
};

/* fb_nv_store - plainly; nothing is flushed */
void fb_nv_store(char *to, struct fb_nv_source s, size_t n);

/*
 * fb_nv_stream - past the caches, words at either end too; less than a word is stored
 * and flushed. Nothing is waited for. Likewise the others.
 */
void fb_nv_stream(const struct fb_nv_cpu *cpu, char *to, struct fb_nv_source s,
		  size_t n);

/* fb_nv_push - whole lines past the caches, parts of lines stored and flushed */
void fb_nv_push(const struct fb_nv_cpu *cpu, char *to, struct fb_nv_source s, size_t n);

/* fb_nv_store_and_flush - all of it stored, then flushed */
void fb_nv_store_and_flush(const struct fb_nv_cpu *cpu, char *to, struct fb_nv_source s,
			   size_t n);

#endif
