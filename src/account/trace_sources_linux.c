#include "account/trace_ring.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Events of what has requests and of what has not. */
static const bool of_requests[FB_BLOCK_KINDS] = {
	[FB_BLOCK_QUEUE] = true,
	[FB_BLOCK_ISSUE] = true,
	[FB_BLOCK_COMPLETE] = true,
	[FB_BLOCK_REQUEUE] = true,
};
static const bool of_bios[FB_BLOCK_KINDS] = {
	[FB_BLOCK_QUEUE] = true,
	[FB_BLOCK_BIO_DONE] = true,
};

bool fb_trace_disk_has(const struct fb_disk *d, enum fb_block_kind kind)
{
	return (d->queued == FB_NO ? of_bios : of_requests)[kind];
}

uint32_t fb_trace_disk_number(const struct fb_disk *d)
{
	return d->dev_major << 20 | d->dev_minor;
}

/*
 * An empty flush, or a request in several steps, is answered once more without a
 * sector: that would cost as much as an event that tells something.
 */
static void write_filter(FILE *out, const struct fb_trace_ask *ask,
			 enum fb_block_kind kind)
{
	const char *join = "";

	for (size_t i = 0; i < ask->n_disks; i++) {
		const struct fb_disk *d = ask->disks[i];

		if (!fb_trace_disk_has(d, kind))
			continue;
		fprintf(out, "%sdev == %u", *join ? join : "(",
			fb_trace_disk_number(d));
		join = " || ";
	}
	if (*join)
		fputs(kind == FB_BLOCK_COMPLETE
			      ? ") && (nr_sector > 0 || rwbs ~ \"F*\")"
			      : ")",
		      out);
}

/* NULL in @out where no disk has such events. */
static int make_filter(const struct fb_trace_ask *ask, enum fb_block_kind kind,
		       char **out)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return -ENOMEM;
	write_filter(f, ask, kind);
	if (fclose(f)) {
		free(text);
		return -ENOMEM;
	}
	if (!len) {
		free(text);
		text = NULL;
	}
	*out = text;
	return 0;
}

static int take_source(struct fb_trace_source *s, enum fb_block_kind kind,
		       const char *format)
{
	if (!s->filter)
		return 0;
	/* A kernel that cannot say that a request was given back never does so. */
	if (!format)
		return kind == FB_BLOCK_REQUEUE ? 0 : -ENODEV;
	if (fb_trace_format_parse(&s->format, format))
		return -ENODEV;
	/* Whose name stands in the others is of no use: a kernel thread's. */
	if (kind != FB_BLOCK_QUEUE)
		s->format.comm.size = 0;
	return 0;
}

int fb_trace_sources_make(struct fb_trace_source *sources,
			  const struct fb_trace_ask *ask, struct fb_err *err)
{
	char *formats[FB_BLOCK_KINDS];
	int ret = fb_tracefs_formats(formats, err);

	if (ret)
		return ret;
	memset(sources, 0, FB_BLOCK_KINDS * sizeof(*sources));
	for (int i = 0; i < FB_BLOCK_KINDS; i++) {
		if (!ret)
			ret = make_filter(ask, (enum fb_block_kind)i,
					  &sources[i].filter);
		if (!ret)
			ret = take_source(&sources[i], (enum fb_block_kind)i,
					  formats[i]);
		free(formats[i]);
	}
	if (!ret)
		return 0;
	fb_trace_sources_free(sources);
	if (ret == -ENODEV)
		return fb_err_set(
			err, ret,
			"this kernel's block tracepoints are laid out as none "
			"that is known; count with --account disk");
	return fb_err_set(err, ret, "tracing: out of memory");
}

void fb_trace_sources_free(struct fb_trace_source *sources)
{
	for (size_t i = 0; i < FB_BLOCK_KINDS; i++) {
		free(sources[i].filter);
		sources[i].filter = NULL;
	}
}
