#include "host/host.h"

#include "base/units.h"
#include "device/sysfs.h"
#include "host/machine.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Free, or held by caches that give way; a kernel that does not tell: all there is. */
static uint64_t available(const char *root)
{
	uint64_t total = FB_UNKNOWN, kib;
	char path[PATH_MAX], line[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/proc/meminfo", root);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "MemTotal: %" SCNu64, &kib) == 1)
			total = kib * 1024;
		if (sscanf(line, "MemAvailable: %" SCNu64, &kib) == 1) {
			total = kib * 1024;
			break;
		}
	}
	if (f)
		fclose(f);
	return total;
}

/* "max" and the like are none. */
static bool see_limit(const char *folder, bool second, void *ctx)
{
	uint64_t *limit = ctx, bytes;
	char text[32];

	if (!fb_sysfs_read(text, sizeof(text), "%s/%s", folder,
			   second ? "memory.max" : "memory.limit_in_bytes") &&
	    sscanf(text, "%" SCNu64, &bytes) == 1)
		*limit = least(*limit, bytes);
	return false;
}

uint64_t fb_host_memory(const char *root)
{
	uint64_t bytes = available(root);

	fb_machine_cgroup(root, "memory", see_limit, &bytes);
	return bytes;
}
