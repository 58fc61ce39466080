#include "host/machine.h"
#include "host/tell.h"
#include "host/warn_parts.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

struct limit {
	const char *root;
	char said[200];
};

/* "8:0 rbps=max wbps=1048576 riops=max wiops=max": is a write limited? */
static bool line_limits(const char *line)
{
	static const char *const keys[] = {"wbps=", "wiops="};
	const char *at;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		at = strstr(line, keys[i]);
		if (at && strncmp(at + strlen(keys[i]), "max", 3))
			return true;
	}
	return false;
}

/* The first version has a file for each kind, with lines "8:0 1048576". */
static bool read_limit(struct limit *l, const char *folder, const char *name,
		       bool keyed)
{
	char path[PATH_MAX], line[160];
	bool limits = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "re");
	while (f && !limits && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		limits = keyed ? line_limits(line) : *line != '\0';
	}
	if (f)
		fclose(f);
	if (limits)
		snprintf(l->said, sizeof(l->said), "%.90s: %.80s",
			 path + strlen(l->root), line);
	return limits;
}

static bool see(const char *folder, bool second, void *ctx)
{
	if (second)
		return read_limit(ctx, folder, "io.max", true);
	return read_limit(ctx, folder, "blkio.throttle.write_bps_device", false) ||
	       read_limit(ctx, folder, "blkio.throttle.write_iops_device", false);
}

int fb_warn_io_limit(struct fb_warnings *ws, const char *root)
{
	static const struct fb_warning w = {
		.id = "io_limited",
		.severity = FB_SEVERITY_WARNING,
		.text = "The control group this runs in limits writes to a disk: what "
			"is above the limit is held back, and latencies and rates are "
			"then the limit's, not the disk's. Run outside the group, or "
			"lift the limit.",
	};
	struct limit l = {.root = root};

	fb_machine_cgroup(root, "blkio", see, &l);
	return l.said[0] ? fb_host_tell(ws, &w, "%s", l.said) : 0;
}
