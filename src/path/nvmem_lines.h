/*
 * nvmem_lines.h - cache lines that ranges of bytes touch: pure
 */
#ifndef FB_PATH_NVMEM_LINES_H
#define FB_PATH_NVMEM_LINES_H

#include <stddef.h>
#include <stdint.h>

/* struct fb_lines - lines from @first on, those before @end */
struct fb_lines {
	uint64_t first, end;
};

/*
 * fb_lines_of - the lines that hold a byte of a range
 * @line: bytes of a line; offset 0 is where one begins
 */
static inline struct fb_lines fb_lines_of(uint64_t offset, uint64_t length,
					  uint64_t line)
{
	return (struct fb_lines){offset / line, (offset + length + line - 1) / line};
}

/*
 * fb_lines_of_words - the lines that hold a whole word of 8 bytes of a range
 *
 * None: @first is not before @end.
 */
struct fb_lines fb_lines_of_words(uint64_t offset, uint64_t length, uint64_t line);

/* fb_lines_count - how many lines it is */
static inline uint64_t fb_lines_count(struct fb_lines s)
{
	return s.first < s.end ? s.end - s.first : 0;
}

/*
 * fb_lines_union - how many lines are in at least one of @n, none of them empty
 *
 * They are in order of @first when it returns; n log n steps at most, n where they are
 * already. Takes no memory.
 */
uint64_t fb_lines_union(struct fb_lines *all, size_t n);

#endif
