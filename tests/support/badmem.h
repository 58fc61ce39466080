/*
 * badmem.h - addresses that must never be written to
 */
#ifndef FB_TESTS_BADMEM_H
#define FB_TESTS_BADMEM_H

#include <stddef.h>

#define BADMEM_COUNT 7

/*
 * struct badmem - bad places for an object of 8 to 16 bytes, aligned to 8
 * @at:   NULL, a read-only page, an inaccessible one, an unmapped one, a kernel
 *        address, the last 8 bytes of the address space, and 8 bytes before an
 *        inaccessible page (bad only for more than 8 bytes)
 * @what: their names
 */
struct badmem {
	void *at[BADMEM_COUNT];
	const char *what[BADMEM_COUNT];
	char *pages;
	size_t page;
};

/* How many of them are bad for an object of 8 bytes. */
#define BADMEM_COUNT_8 (BADMEM_COUNT - 1)

/* badmem_make - 0 or -errno */
int badmem_make(struct badmem *b);

/* badmem_free - unmap; all zero is left alone */
void badmem_free(struct badmem *b);

#endif
