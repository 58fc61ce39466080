/*
 * run_stream.h - one of a run's tables on a stream, where no run is
 */
#ifndef FB_REPORT_RUN_STREAM_H
#define FB_REPORT_RUN_STREAM_H

#include "report/run_dir.h"

#include <stdio.h>

struct fb_run_stream;

/*
 * fb_run_stream_open - begin with the header of @file
 * @file: FB_RUN_SYSTEM, which takes facts, or FB_RUN_WARNINGS, which takes warnings
 * @to:   stays the caller's, who asks it what it could not take
 * @id:   name and host alone; outlives the stream
 *
 * 0 or -ENOMEM.
 */
int fb_run_stream_open(struct fb_run_stream **out, FILE *to, enum fb_run_file file,
		       const struct fb_run_id *id, struct fb_err *err);

/* Rows as those in a run's folder; want of memory is told by the close. */
void fb_run_stream_fact(struct fb_run_stream *s, const char *key, const char *value);
void fb_run_stream_warning(struct fb_run_stream *s, const struct fb_warning *w);

/* fb_run_stream_close - hand over the rows and release; 0 or -ENOMEM */
int fb_run_stream_close(struct fb_run_stream *s, struct fb_err *err);

#endif
