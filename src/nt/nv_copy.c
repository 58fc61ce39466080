#include "nt/nv_copy.h"

#include <string.h>

enum { WORD = sizeof(uint64_t) };

/* Bytes from @at to the next multiple of @unit, at most @n. */
static size_t up_to(const char *at, size_t unit, size_t n)
{
	const size_t gap = -(uintptr_t)at & (unit - 1);

	return gap < n ? gap : n;
}

static struct fb_nv_source after(struct fb_nv_source s, size_t n)
{
	if (s.from)
		s.from += n;
	return s;
}

void fb_nv_store(char *to, struct fb_nv_source s, size_t n)
{
	if (s.from)
		memcpy(to, s.from, n);
	else
		memset(to, (int)(s.word & 0xff), n);
}

void fb_nv_store_and_flush(const struct fb_nv_cpu *cpu, char *to, struct fb_nv_source s,
			   size_t n)
{
	if (!n)
		return;
	fb_nv_store(to, s, n);
	cpu->flush((uintptr_t)to, (uintptr_t)to + n);
}

static void stream_lines(const struct fb_nv_cpu *cpu, char *to, struct fb_nv_source s,
			 size_t n)
{
	if (!n)
		return;
	if (s.from)
		cpu->stream(to, s.from, n);
	else
		cpu->stream_fill(to, s.word, n);
}

/* Less than a line: its words past the caches, what is less than a word flushed. */
static void stream_part(const struct fb_nv_cpu *cpu, char *to, struct fb_nv_source s,
			size_t n)
{
	const size_t head = up_to(to, WORD, n);
	const size_t tail = (n - head) & (WORD - 1);
	uint64_t word = s.word;

	fb_nv_store_and_flush(cpu, to, s, head);
	for (size_t i = head; i < n - tail; i += WORD) {
		if (s.from)
			memcpy(&word, s.from + i, WORD);
		cpu->stream_word(to + i, word);
	}
	fb_nv_store_and_flush(cpu, to + n - tail, after(s, n - tail), tail);
}

void fb_nv_stream(const struct fb_nv_cpu *cpu, char *to, struct fb_nv_source s,
		  size_t n)
{
	const size_t head = up_to(to, cpu->line, n);
	const size_t tail = (n - head) & (cpu->line - 1);

	stream_part(cpu, to, s, head);
	stream_lines(cpu, to + head, after(s, head), n - head - tail);
	stream_part(cpu, to + n - tail, after(s, n - tail), tail);
}

void fb_nv_push(const struct fb_nv_cpu *cpu, char *to, struct fb_nv_source s, size_t n)
{
	const size_t head = up_to(to, cpu->line, n);
	const size_t tail = (n - head) & (cpu->line - 1);

	fb_nv_store_and_flush(cpu, to, s, head);
	stream_lines(cpu, to + head, after(s, head), n - head - tail);
	fb_nv_store_and_flush(cpu, to + n - tail, after(s, n - tail), tail);
}
