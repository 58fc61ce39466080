#include "support/badmem.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGES 4

/* Below what any process may map (vm.mmap_min_addr), so never taken meanwhile. */
#define UNMAPPED ((void *)4096)

int badmem_make(struct badmem *b)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *p = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memset(b, 0, sizeof(*b));
	if (p == MAP_FAILED)
		return -errno;
	b->pages = p;
	b->page = page;
	if (mprotect(p + page, page, PROT_READ) ||
	    mprotect(p + 3 * page, page, PROT_NONE)) {
		badmem_free(b);
		return -ENOMEM;
	}
	*b = (struct badmem){
		.at = {NULL, p + page, p + 3 * page, UNMAPPED,
		       (void *)((uintptr_t)1 << (sizeof(void *) * 8 - 1)),
		       (void *)(UINTPTR_MAX - 7), p + 3 * page - 8},
		.what = {"NULL", "read-only", "inaccessible", "unmapped", "kernel",
			 "end of the address space", "half inaccessible"},
		.pages = p,
		.page = page,
	};
	return 0;
}

void badmem_free(struct badmem *b)
{
	if (b->pages)
		munmap(b->pages, PAGES * b->page);
	memset(b, 0, sizeof(*b));
}
