/*
 * nvme.h - the two questions that an NVMe drive is asked about itself, and who asks
 *
 * By libnvme, or by a test.
 */
#ifndef FB_DEVICE_NVME_H
#define FB_DEVICE_NVME_H

#include "device/media.h"

enum {
	FB_NVME_SMART_LOG = 0x02,
	FB_NVME_OCP_LOG = 0xc0,
	FB_NVME_LOG_BYTES = 512,
	FB_NVME_IDENTIFY_BYTES = 4096,
};

/*
 * struct fb_nvme - 0 or a negative errno, -EREMOTEIO: the drive does not know that
 * @log:      FB_NVME_LOG_BYTES of a log page, of the whole controller
 * @identify: FB_NVME_IDENTIFY_BYTES, the controller's
 */
struct fb_nvme {
	int (*log)(int fd, unsigned page, void *to);
	int (*identify)(int fd, void *to);
	char version[32];
};

/*
 * fb_nvme_open - libnvme of that file name; stays loaded
 *
 * 0, -ENOENT: not there, -ENOSYS: it lacks a call, or this was built without its
 * header.
 */
int fb_nvme_open(const char *name, struct fb_nvme *out);

/* fb_nvme_use - that one in place of the system's; NULL: none. For tests. */
void fb_nvme_use(const struct fb_nvme *n);

/*
 * fb_nvme_node - name in /dev of what answers for a disk; 0 or -ENODEV: no NVMe
 *
 * The disk itself; of a path that is hidden behind it (nvme0c1n1) the controller, for
 * it has no name in /dev.
 */
int fb_nvme_node(const char *disk, char out[FB_DISK_NAME]);

/* fb_media_read_in, fb_media_cache_in - as in media.h, with a folder of devices */
int fb_media_read_in(const char *dev, const struct fb_disk *d, struct fb_media *out);
enum fb_tri fb_media_cache_in(const char *dev, const struct fb_disk *d);

#endif
