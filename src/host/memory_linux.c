#include "host/host.h"

#include "base/units.h"
#include "device/sysfs.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

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

/* Of a control group and of every one above it; "max" and the like are none. */
static uint64_t group_limit(const char *folder, char *group, const char *file)
{
	uint64_t limit = FB_UNKNOWN, bytes;
	char text[32], *slash;

	for (;;) {
		if (!fb_sysfs_read(text, sizeof(text), "%s%s/%s", folder, group,
				   file) &&
		    sscanf(text, "%" SCNu64, &bytes) == 1)
			limit = least(limit, bytes);
		slash = strrchr(group, '/');
		if (!slash)
			return limit;
		*slash = '\0';
	}
}

static bool has_word(char *list, const char *word)
{
	char *each;

	while ((each = strsep(&list, ",")))
		if (!strcmp(each, word))
			return true;
	return false;
}

/* A line is number:controllers:group; the second version's has no controllers. */
static uint64_t line_limit(const char *root, char *line)
{
	char folder[PATH_MAX];
	char *controllers = strchr(line, ':');
	char *group = controllers ? strchr(controllers + 1, ':') : NULL;

	if (!group)
		return FB_UNKNOWN;
	*group++ = '\0';
	group[strcspn(group, "\n")] = '\0';
	snprintf(folder, sizeof(folder), "%s/sys/fs/cgroup%s", root,
		 controllers[1] ? "/memory" : "");
	if (!controllers[1])
		return group_limit(folder, group, "memory.max");
	if (has_word(controllers + 1, "memory"))
		return group_limit(folder, group, "memory.limit_in_bytes");
	return FB_UNKNOWN;
}

uint64_t fb_host_memory(const char *root)
{
	uint64_t bytes = available(root);
	char path[PATH_MAX], line[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/proc/self/cgroup", root);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		bytes = least(bytes, line_limit(root, line));
	if (f)
		fclose(f);
	return bytes;
}
