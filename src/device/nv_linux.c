#include "device/nv.h"

#include "device/sysfs.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a device DAX maps in where the kernel does not tell: a huge page. */
#define DAX_ALIGN_DEFAULT (UINT64_C(2) << 20)

/* Its bus is the parent. Between it and the device lie namespaces and the like, and not
 * each kernel names them alike; nor does each region have a persistence_domain. */
static int find_region(char region[PATH_MAX], const char *entry)
{
	char *at;

	if (!realpath(entry, region))
		return -ENODEV;
	at = strstr(region, "/ndbus");
	at = at ? strchr(at + 1, '/') : NULL;
	if (!at || strncmp(at, "/region", 7))
		return -ENODEV;
	at[1 + strcspn(at + 1, "/")] = '\0';
	return 0;
}

static bool is_volatile(const char *region)
{
	char type[32];

	return !fb_sysfs_read(type, sizeof(type), "%s/devtype", region) &&
	       !strcmp(type, "nd_volatile");
}

static enum fb_nv_domain read_domain(const char *region)
{
	char text[32];

	if (fb_sysfs_read(text, sizeof(text), "%s/persistence_domain", region))
		return FB_NV_DOMAIN_UNKNOWN;
	if (!strcmp(text, "cpu_cache"))
		return FB_NV_DOMAIN_CPU;
	return strcmp(text, "memory_controller") ? FB_NV_DOMAIN_UNKNOWN
						 : FB_NV_DOMAIN_MEMORY;
}

static enum fb_tri read_only(const char *region)
{
	char text[8];

	if (fb_sysfs_read(text, sizeof(text), "%s/read_only", region))
		return FB_MAYBE;
	return strcmp(text, "0") ? FB_YES : FB_NO;
}

int fb_nv_find_entry(const char *entry, struct fb_nv *out)
{
	struct fb_nv nv = {0};
	char region[PATH_MAX];

	if (find_region(region, entry))
		return -ENODEV;
	fb_sysfs_read(nv.provider, sizeof(nv.provider), "%s/../provider", region);
	nv.read_only = read_only(region);
	if (is_volatile(region)) {
		nv.domain = FB_NV_DOMAIN_NONE;
	} else {
		nv.domain = read_domain(region);
		snprintf(nv.region, sizeof(nv.region), "%.*s",
			 (int)sizeof(nv.region) - 1, strrchr(region, '/') + 1);
	}
	*out = nv;
	return 0;
}

int fb_nv_find(unsigned dev_major, unsigned dev_minor, bool block, struct fb_nv *out)
{
	char entry[64];

	snprintf(entry, sizeof(entry), "/sys/dev/%s/%u:%u", block ? "block" : "char",
		 dev_major, dev_minor);
	return fb_nv_find_entry(entry, out);
}

static bool is_dax(const char *entry)
{
	char link[PATH_MAX], real[PATH_MAX];

	snprintf(link, sizeof(link), "%s/subsystem", entry);
	return realpath(link, real) && !strcmp(strrchr(real, '/') + 1, "dax");
}

static int read_bytes(const char *folder, const char *file, uint64_t *bytes)
{
	char text[32];
	uint64_t n;

	if (fb_sysfs_read(text, sizeof(text), "%s/%s", folder, file) ||
	    sscanf(text, "%" SCNu64, &n) != 1)
		return -ENODEV;
	*bytes = n;
	return 0;
}

/* Newer kernels tell it with the device, older ones with the namespace around it. */
static uint64_t read_align(const char *entry)
{
	static const char *const where[] = {"align", "../align", "../../align",
					    "../dax_region/align",
					    "../../dax_region/align"};
	uint64_t align;

	for (size_t i = 0; i < sizeof(where) / sizeof(*where); i++)
		if (!read_bytes(entry, where[i], &align) && align &&
		    !(align & (align - 1)))
			return align;
	return DAX_ALIGN_DEFAULT;
}

int fb_dax_size_entry(const char *entry, uint64_t *bytes, uint64_t *align)
{
	uint64_t size;

	if (!is_dax(entry) || read_bytes(entry, "size", &size))
		return -ENODEV;
	*align = read_align(entry);
	*bytes = size;
	return 0;
}

int fb_dax_size(unsigned dev_major, unsigned dev_minor, uint64_t *bytes,
		uint64_t *align)
{
	char entry[64];

	snprintf(entry, sizeof(entry), "/sys/dev/char/%u:%u", dev_major, dev_minor);
	return fb_dax_size_entry(entry, bytes, align);
}
