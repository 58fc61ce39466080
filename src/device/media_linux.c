#include "device/media.h"

#include "base/units.h"
#include "device/nvme.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LIBRARY "libnvme.so.1"

enum {
	SMART_CRITICAL = 0,
	SMART_KELVIN = 1,
	SMART_UNITS_WRITTEN = 48,
	UNIT_BYTES = 512000,
	ZERO_CELSIUS = 273,
	OCP_MEDIA_WRITTEN = 0,
	OCP_GUID = 496,
	IDENTIFY_VWC = 525,
	VWC_PRESENT = 1,
};

/* AFD514C9-7C6F-4F9C-A4F2-BFEA2810AFC5: a page of that number is any maker's own. */
static const unsigned char ocp_guid[16] = {0xc5, 0xaf, 0x10, 0x28, 0xea, 0xbf,
					   0xf2, 0xa4, 0x9c, 0x4f, 0x6f, 0x7c,
					   0xc9, 0x14, 0xd5, 0xaf};

static struct fb_nvme of_the_system;
static const struct fb_nvme *in_use;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void open_it(void)
{
	if (!fb_nvme_open(LIBRARY, &of_the_system))
		in_use = &of_the_system;
}

static const struct fb_nvme *library(void)
{
	pthread_once(&once, open_it);
	return in_use;
}

void fb_nvme_use(const struct fb_nvme *n)
{
	pthread_once(&once, open_it);
	in_use = n;
}

const char *fb_media_library(void)
{
	const struct fb_nvme *n = library();

	return n ? n->version : NULL;
}

int fb_nvme_node(const char *disk, char out[FB_DISK_NAME])
{
	unsigned subsystem, controller, space;
	int length = -1;

	if (sscanf(disk, "nvme%uc%un%u%n", &subsystem, &controller, &space, &length) ==
		    3 &&
	    !disk[length]) {
		snprintf(out, FB_DISK_NAME, "nvme%u", controller);
		return 0;
	}
	length = -1;
	if (sscanf(disk, "nvme%un%u%n", &subsystem, &space, &length) != 2 ||
	    disk[length])
		return -ENODEV;
	snprintf(out, FB_DISK_NAME, "nvme%un%u", subsystem, space);
	return 0;
}

/* An open one, or a negative errno. */
static int open_drive(const char *dev, const struct fb_disk *d)
{
	char node[FB_DISK_NAME], path[FB_DISK_NAME + 256];
	int fd = fb_nvme_node(d->name, node);

	if (fd)
		return fd;
	if (!library())
		return -ENOSYS;
	snprintf(path, sizeof(path), "%s/%s", dev, node);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static uint64_t number(const unsigned char *at, size_t bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | at[bytes];
	return value;
}

/* Of 128 bits, in units of @unit; FB_UNKNOWN: more than can be said here. */
static uint64_t bytes_of(const unsigned char *at, uint64_t unit)
{
	uint64_t low = number(at, 8);

	return number(at + 8, 8) || low > FB_UNKNOWN / unit ? FB_UNKNOWN : low * unit;
}

static void take_smart(const unsigned char *log, struct fb_media *out)
{
	uint64_t kelvin = number(log + SMART_KELVIN, 2);

	out->critical = log[SMART_CRITICAL];
	out->celsius = kelvin >= ZERO_CELSIUS ? kelvin - ZERO_CELSIUS : FB_UNKNOWN;
	out->host_bytes = bytes_of(log + SMART_UNITS_WRITTEN, UNIT_BYTES);
}

int fb_media_read_in(const char *dev, const struct fb_disk *d, struct fb_media *out)
{
	unsigned char log[FB_NVME_LOG_BYTES];
	int fd = open_drive(dev, d);
	int ret;

	if (fd < 0)
		return fd;
	ret = library()->log(fd, FB_NVME_SMART_LOG, log);
	if (ret)
		goto out_close;
	take_smart(log, out);
	out->media_bytes = FB_UNKNOWN;
	if (!library()->log(fd, FB_NVME_OCP_LOG, log) &&
	    !memcmp(log + OCP_GUID, ocp_guid, sizeof(ocp_guid)))
		out->media_bytes = bytes_of(log + OCP_MEDIA_WRITTEN, 1);
out_close:
	close(fd);
	return ret;
}

enum fb_tri fb_media_cache_in(const char *dev, const struct fb_disk *d)
{
	unsigned char id[FB_NVME_IDENTIFY_BYTES];
	int fd = open_drive(dev, d);
	int ret;

	if (fd < 0)
		return FB_MAYBE;
	ret = library()->identify(fd, id);
	close(fd);
	if (ret)
		return FB_MAYBE;
	return id[IDENTIFY_VWC] & VWC_PRESENT ? FB_YES : FB_NO;
}

int fb_media_read(const struct fb_disk *d, struct fb_media *out)
{
	return fb_media_read_in("/dev", d, out);
}

enum fb_tri fb_media_cache(const struct fb_disk *d)
{
	return fb_media_cache_in("/dev", d);
}
