/*
 * trace_format.h - where the fields of a tracepoint's record stand, and what they say
 *
 * Offsets differ from event to event and from kernel to kernel.
 */
#ifndef FB_ACCOUNT_TRACE_FORMAT_H
#define FB_ACCOUNT_TRACE_FORMAT_H

#include "account/trace.h"

/* struct fb_trace_field - @size 0: the event has no such field */
struct fb_trace_field {
	unsigned offset, size;
};

/* struct fb_trace_format - of one event; @id is what perf_event_open wants */
struct fb_trace_format {
	unsigned id;
	struct fb_trace_field dev, sector, nr_sector, rwbs, comm;
};

/*
 * fb_trace_format_parse - a `format` file's text
 *
 * 0, or -EINVAL with @out untouched: no ID, or one of dev, sector, nr_sector and rwbs
 * is missing or of a size that cannot be.
 */
int fb_trace_format_parse(struct fb_trace_format *out, const char *text);

/*
 * fb_trace_decode - a raw record into @out's device, place, flags and comm
 *
 * -EINVAL when @size is too small for a field.
 */
int fb_trace_decode(const struct fb_trace_format *f, const void *raw, size_t size,
		    struct fb_block_event *out);

/* fb_trace_flags - letters like "FWFSM", @n of them or up to a zero, as FB_BLOCK_* */
uint32_t fb_trace_flags(const char *rwbs, size_t n);

/*
 * fb_tracefs_formats - the texts of the block events' format files
 * @out: FB_BLOCK_KINDS texts that the caller frees; NULL where the kernel has no such
 *       event
 *
 * From tracefs where it is mounted, else from a mount of our own that has no place in
 * any folder and ends with the call (from Linux 5.2 on). 0, -EACCES, -EPERM, -ENODEV (a
 * kernel without), -ENOMEM.
 */
int fb_tracefs_formats(char *out[FB_BLOCK_KINDS], struct fb_err *err);

#endif
