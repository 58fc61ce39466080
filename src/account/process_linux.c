#include "account/process.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

/*
 * cancelled_write_bytes is not subtracted: it grows when dirty pages are thrown away,
 * charged to whoever truncates, so that deleting what was prepared before the case
 * would take away from what the case wrote.
 */
int fb_process_write_bytes(uint64_t *bytes)
{
	FILE *f = fopen("/proc/self/io", "re");
	int ret = -ENODATA;
	char line[128];

	if (!f)
		return -errno;
	while (ret && fgets(line, sizeof(line), f))
		if (sscanf(line, "write_bytes: %" SCNu64, bytes) == 1)
			ret = 0;
	fclose(f);
	return ret;
}
