#include "base/units.h"
#include "device/media.h"
#include "device/sysfs.h"
#include "host/tell.h"
#include "host/warn_parts.h"

#include <glob.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

/* Of the SMART critical warning bits the one for temperature. */
enum { CRITICAL_HOT = 1 << 1 };

enum { FULL_PERCENT = 90 };

/* The file is there on a drive whose power states change by themselves, with how long
 * waking may take; 0 switches that off. */
static bool sleeps(const struct fb_disk *d, const char *root, char *said, size_t room)
{
	static const char file[] = "power/pm_qos_latency_tolerance_us";
	unsigned number;

	if (sscanf(d->name, "nvme%u", &number) != 1)
		return false;
	if (fb_sysfs_read(said, room, "%s/sys/block/%s/device/%s", root, d->name,
			  file) &&
	    fb_sysfs_read(said, room, "%s/sys/class/nvme/nvme%u/%s", root, number,
			  file))
		return false;
	return strcmp(said, "0") != 0;
}

static int warn_sleep(struct fb_warnings *ws, const struct fb_disk *d, const char *root)
{
	static const struct fb_warning w = {
		.id = "nvme_power_saving",
		.severity = FB_SEVERITY_NOTE,
		.text = "The drive may fall asleep by itself when idle (APST), and the "
			"next request wakes it: with pauses between ops (thinktime, "
			"rate_iops) latencies hold that, up to milliseconds. Boot with "
			"nvme_core.default_ps_max_latency_us=0 to compare.",
	};
	char said[32];

	if (!sleeps(d, root, said, sizeof(said)))
		return 0;
	return fb_host_tell(ws, &w, "%s: pm_qos_latency_tolerance_us is %s", d->name,
			    said);
}

/* Thousandths of a degree, of the sensor that @input is; what says nothing is 0. */
static long sensor(const char *input, const char *what)
{
	char path[PATH_MAX], text[32];
	const int len = (int)(strlen(input) - strlen("input"));

	snprintf(path, sizeof(path), "%.*s%s", len, input, what);
	return fb_sysfs_read(text, sizeof(text), "%s", path) ? 0
							     : strtol(text, NULL, 10);
}

static bool is_hot_by_hwmon(const struct fb_disk *d, const char *root, char *said,
			    size_t room)
{
	static const char *const places[] = {"hwmon*", "hwmon/hwmon*"};
	char pattern[PATH_MAX];
	bool hot = false;
	glob_t found;

	for (size_t i = 0; !hot && i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(pattern, sizeof(pattern),
			 "%s/sys/block/%s/device/%s/temp1_input", root, d->name,
			 places[i]);
		if (glob(pattern, 0, NULL, &found))
			continue;
		const long is = sensor(found.gl_pathv[0], "input");
		const long max = sensor(found.gl_pathv[0], "max");

		globfree(&found);
		hot = max > 0 && is >= max;
		snprintf(said, room, "%s: %ld C, its maximum is %ld", d->name,
			 is / 1000, max / 1000);
	}
	return hot;
}

static bool is_hot_by_smart(const struct fb_disk *d, char *said, size_t room)
{
	struct fb_media m;

	if (fb_media_read(d, &m) || m.critical == FB_UNKNOWN ||
	    !(m.critical & CRITICAL_HOT))
		return false;
	snprintf(said, room, "%s: SMART critical warning %" PRIu64, d->name,
		 m.critical);
	if (m.celsius != FB_UNKNOWN)
		snprintf(said + strlen(said), room - strlen(said), ", %" PRIu64 " C",
			 m.celsius);
	return true;
}

static int warn_hot(struct fb_warnings *ws, const struct fb_disk *d, const char *root)
{
	static const struct fb_warning w = {
		.id = "drive_hot",
		.severity = FB_SEVERITY_WARNING,
		.text = "The drive is as hot as it may be and slows itself down: "
			"latencies are longer than they need be and change while it "
			"cools. Cool it, wait, and run again.",
	};
	char said[128];

	if (!is_hot_by_hwmon(d, root, said, sizeof(said)) &&
	    (*root || !is_hot_by_smart(d, said, sizeof(said))))
		return 0;
	return fb_host_tell(ws, &w, "%s", said);
}

/* As df counts: what only root may use is neither used nor free. */
static int warn_full(struct fb_warnings *ws, const struct fb_device *d,
		     const char *root)
{
	static const struct fb_warning w = {
		.id = "target_full",
		.severity = FB_SEVERITY_NOTE,
		.text = "The file system is nearly full: free blocks are few and "
			"scattered, and flash without free room tidies up while it "
			"writes, so it is slower than it was and will be. Free some "
			"room, or trim it (fstrim), and run again.",
	};
	char path[PATH_MAX];
	struct statvfs s;
	double used, room;

	if (d->raw || d->dax || d->medium != FB_MEDIUM_DISK || !*d->mount_point)
		return 0;
	snprintf(path, sizeof(path), "%s%s", root, d->mount_point);
	if (statvfs(path, &s) || !s.f_blocks)
		return 0;
	used = (double)(s.f_blocks - s.f_bfree);
	room = used + (double)s.f_bavail;
	if (100 * used < FULL_PERCENT * room)
		return 0;
	return fb_host_tell(ws, &w, "%.100s: %.0f %% used", d->mount_point,
			    100 * used / room);
}

static int warn_drive(struct fb_warnings *ws, const struct fb_disk *d, const char *root)
{
	const int ret = warn_sleep(ws, d, root);

	return ret ? ret : warn_hot(ws, d, root);
}

int fb_warn_drives(struct fb_warnings *ws, const struct fb_device *d, const char *root)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < d->n_disks; i++)
		ret = warn_drive(ws, &d->disks[i], root);
	for (size_t i = 0; !ret && i < d->n_below; i++)
		ret = warn_drive(ws, &d->below[i], root);
	return ret ? ret : warn_full(ws, d, root);
}
