/*
 * table_requests.h - what the disk was asked for, below a table of traced cases
 *
 * Private to the folder.
 */
#ifndef FB_REPORT_TABLE_REQUESTS_H
#define FB_REPORT_TABLE_REQUESTS_H

#include "report/cases.h"
#include "report/run_dir.h"

#include <stdio.h>

/* struct fb_requests_table - where to print it, how wide, with colours or not */
struct fb_requests_table {
	FILE *out;
	int width;
	bool colour;
};

/*
 * fb_table_requests_print - requests by class and bytes written, for each flush
 *
 * An empty line and a table of its own, with a row for each traced case that asked the
 * disk for anything; nothing where there is none. 0, -ENOMEM, or -EINVAL when a figure
 * cannot be read.
 */
int fb_table_requests_print(const struct fb_requests_table *to, const struct fb_run *r,
			    const struct fb_cases *m, struct fb_err *err);

#endif
