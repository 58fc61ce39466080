#include "hive/memory.h"

#include <errno.h>
#include <sys/mman.h>

void *fb_memory_reserve(size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

int fb_memory_commit(void *base, size_t bytes)
{
	return bytes && mprotect(base, bytes, PROT_READ | PROT_WRITE) ? -ENOMEM : 0;
}

void fb_memory_release(void *base, size_t bytes)
{
	munmap(base, bytes);
}
