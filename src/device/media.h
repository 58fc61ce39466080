/*
 * media.h - what a drive itself says it has written
 *
 * NVMe alone, through libnvme, which is looked for at run time; a build without its
 * header knows none.
 */
#ifndef FB_DEVICE_MEDIA_H
#define FB_DEVICE_MEDIA_H

#include "device/device.h"

/*
 * struct fb_media - since the drive was new; FB_UNKNOWN where it does not tell
 * @host_bytes:  written by the host: SMART, data units of 512000 bytes, so one case may
 *               not show
 * @media_bytes: written to its flash, the host's among them: the OCP log page
 * @celsius:     its temperature; @critical: its SMART critical warning bits
 */
struct fb_media {
	uint64_t host_bytes;
	uint64_t media_bytes;
	uint64_t celsius;
	uint64_t critical;
};

/*
 * fb_media_read - of a whole disk
 *
 * 0; -ENODEV: no NVMe; -ENOSYS: no libnvme, here or when this was built; -EACCES or
 * -EPERM: takes root; another negative errno: the drive refused.
 */
int fb_media_read(const struct fb_disk *d, struct fb_media *out);

/* fb_media_library - version of the libnvme in use, NULL: there is none */
const char *fb_media_library(void);

/* fb_media_cache - has the drive a volatile cache, by its own word (vwc)? */
enum fb_tri fb_media_cache(const struct fb_disk *d);

#endif
