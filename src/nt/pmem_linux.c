#include "nt/pmem_linux.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIBRARY "libpmem.so.1"
#define MARK    "src version: "

static struct fb_pmem of_the_system;
static const struct fb_pmem *in_use;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void copy_version(const char *text, size_t length, struct fb_pmem *out)
{
	const char *at = memmem(text, length, MARK, strlen(MARK));
	size_t n;

	if (!at)
		return;
	at += strlen(MARK);
	n = strnlen(at, length - (size_t)(at - text));
	if (n >= sizeof(out->version))
		n = sizeof(out->version) - 1;
	memcpy(out->version, at, n);
	out->version[n] = '\0';
}

/* No call tells it: pmem_check_version knows the interface's version alone, which has
 * been 1.1 for years. */
static void read_version(const char *path, struct fb_pmem *out)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *text;

	snprintf(out->version, sizeof(out->version), "1");
	if (fd < 0)
		return;
	if (!fstat(fd, &st) && st.st_size > 0) {
		text = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (text != MAP_FAILED) {
			copy_version(text, (size_t)st.st_size, out);
			munmap(text, (size_t)st.st_size);
		}
	}
	close(fd);
}

int fb_pmem_open(const char *name, struct fb_pmem *out)
{
	void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	struct fb_pmem p = {0};
	void *map, *unmap;
	Dl_info where;

	if (!library)
		return -ENOENT;
	map = dlsym(library, "pmem_map_file");
	unmap = dlsym(library, "pmem_unmap");
	if (!map || !unmap || !dladdr(map, &where)) {
		dlclose(library);
		return -ENOSYS;
	}
	/* C has no cast from an object's pointer to a function's. */
	memcpy(&p.map_file, &map, sizeof(map));
	memcpy(&p.unmap, &unmap, sizeof(unmap));
	read_version(where.dli_fname, &p);
	*out = p;
	return 0;
}

static void open_it(void)
{
	if (!fb_pmem_open(LIBRARY, &of_the_system))
		in_use = &of_the_system;
}

const struct fb_pmem *fb_pmem_get(void)
{
	pthread_once(&once, open_it);
	return in_use;
}

void fb_pmem_use(const struct fb_pmem *p)
{
	pthread_once(&once, open_it);
	in_use = p;
}
