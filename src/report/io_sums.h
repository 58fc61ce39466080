/*
 * io_sums.h - what the disks were asked for in the traced repetitions of a case
 *
 * Private to the folder. The one place that adds up io.csv.
 */
#ifndef FB_REPORT_IO_SUMS_H
#define FB_REPORT_IO_SUMS_H

#include "report/case_rows.h"
#include "report/run_dir.h"

enum fb_io_kind {
	FB_IO_DATA,
	FB_IO_JOURNAL,
	FB_IO_METADATA,
	FB_IO_FLUSH,
	FB_IO_READ,
	FB_IO_DISCARD,
	FB_IO_OTHER,
	FB_IO_CLASSES,
};

extern const char *const fb_io_class_names[FB_IO_CLASSES]; /* as in io.csv */

/* struct fb_io_source - a run; @io and @summary: the rows of its io.csv and summary.csv
 */
struct fb_io_source {
	const struct fb_run *run;
	const struct fb_case_rows *io;
	const struct fb_case_rows *summary;
};

/*
 * struct fb_io_sums - over the traced repetitions, of the disks the mount sits on
 * @requests, @bytes: by class, without what is foreign
 * @fua:      those of @requests that went past the cache
 * @foreign_requests, @foreign_bytes: of programs that are not the run's, and of class
 *            other, unless that is where the run's own may be: on a file system that
 *            marks nothing, or when the target's blocks were not all known
 * @unseen:   of what the disks' counters have the part that no row has: of flushes or
 *            of bytes, whichever is more; 0 where nothing was lost
 * @flushes, @ops: of the case, what was asked for
 * @any:      there are rows
 */
struct fb_io_sums {
	double requests[FB_IO_CLASSES];
	double bytes[FB_IO_CLASSES];
	double fua;
	double foreign_requests, foreign_bytes;
	double unseen;
	double flushes, ops;
	bool any;
};

/* fb_io_sums_make - 0 or -EINVAL when a figure cannot be read */
int fb_io_sums_make(struct fb_io_sums *out, const struct fb_io_source *s,
		    unsigned case_id, struct fb_err *err);

enum { FB_SHARE_TEXT = 16 };

/* fb_io_share - "0.4", "31"; "" for less than a twentieth of a percent */
void fb_io_share(double percent, char out[FB_SHARE_TEXT]);

/* fb_io_sums_divisor - flushes, or ops where none was asked for; 0: neither */
double fb_io_sums_divisor(const struct fb_io_sums *s);

/* fb_io_sums_written - bytes written for the run */
double fb_io_sums_written(const struct fb_io_sums *s);

#endif
