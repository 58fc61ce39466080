#include "nt/nv_cpu.h"

#include <errno.h>

/*
 * Not even FB_NT_NV_NONE: which fence waits until stores are durable is known of a CPU
 * or it is not.
 */
int fb_nv_cpu_get(enum fb_nt_nv_flush how, const struct fb_nv_cpu **out)
{
	(void)how;
	(void)out;
	return -ENOTSUP;
}
