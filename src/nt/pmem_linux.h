/*
 * pmem_linux.h - libpmem, opened at run time, for it may not be installed
 */
#ifndef FB_NT_PMEM_LINUX_H
#define FB_NT_PMEM_LINUX_H

#include <stddef.h>
#include <sys/types.h>

/*
 * struct fb_pmem - what is used of it; its manual pages tell what each does
 * @version: the library's own, as "1.12.1"
 */
struct fb_pmem {
	void *(*map_file)(const char *path, size_t len, int flags, mode_t mode,
			  size_t *mapped_lenp, int *is_pmemp);
	int (*unmap)(void *addr, size_t len);
	char version[32];
};

/*
 * fb_pmem_open - open the library @name; it stays open
 *
 * 0, -ENOENT when it cannot be opened, -ENOSYS when it lacks what we use.
 */
int fb_pmem_open(const char *name, struct fb_pmem *out);

/* fb_pmem_get - the system's, NULL when there is none; opened by the first call */
const struct fb_pmem *fb_pmem_get(void);

/* fb_pmem_use - from now on fb_pmem_get answers this: for tests, NULL: none */
void fb_pmem_use(const struct fb_pmem *p);

#endif
