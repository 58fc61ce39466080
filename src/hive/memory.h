/*
 * memory.h - address space that grows in place
 */
#ifndef FB_HIVE_MEMORY_H
#define FB_HIVE_MEMORY_H

#include <stddef.h>

/* fb_memory_reserve - @bytes of address space, none of it usable yet; NULL: none */
void *fb_memory_reserve(size_t bytes);

/* fb_memory_commit - the first @bytes may be used, new ones are zero; 0 or -ENOMEM */
int fb_memory_commit(void *base, size_t bytes);
void fb_memory_release(void *base, size_t bytes);

#endif
