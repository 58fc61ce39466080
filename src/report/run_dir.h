/*
 * run_dir.h - the folder of a run: its CSV files out, and in again
 */
#ifndef FB_REPORT_RUN_DIR_H
#define FB_REPORT_RUN_DIR_H

#include "base/err.h"
#include "base/warn.h"
#include "plan/result.h"
#include "report/csv.h"

#define FB_SCHEMA 1

struct fb_run_dir;

/*
 * struct fb_run_id - who is writing
 * @results: the folder runs go to, made if missing
 * @name:    the run's own folder in it and its run_id: letters, digits, . _ -
 */
struct fb_run_id {
	const char *results;
	const char *name;
	const char *profile;
	const char *host;
	const char *os;
};

/*
 * fb_run_dir_create - a new folder with the headers of all six files
 * @id: copied
 *
 * -EEXIST when the folder exists: a run is never mixed into another. -EINVAL for a
 * name that is none. On failure nothing is left behind.
 */
int fb_run_dir_create(struct fb_run_dir **out, const struct fb_run_id *id,
		      struct fb_err *err);

/* fb_run_dir_path - results/name; lives as long as the folder is open */
const char *fb_run_dir_path(const struct fb_run_dir *d);

/* fb_run_dir_fact - a row of system.csv, on disk when it returns */
int fb_run_dir_fact(struct fb_run_dir *d, const char *key, const char *value,
		    struct fb_err *err);

/*
 * fb_run_dir_warning - a row of warnings.csv that belongs to no repetition
 *
 * Its case_id is kept, and such a row stays whether or not the case finishes.
 */
int fb_run_dir_warning(struct fb_run_dir *d, const struct fb_warning *w,
		       struct fb_err *err);

/*
 * fb_run_dir_result - all rows of one repetition; summary.csv's last, which marks
 * the repetition finished
 *
 * Adds a low_n warning where a percentile has fewer than ten samples above it. After
 * a failure the repetition is not finished, whatever was written of it.
 */
int fb_run_dir_result(struct fb_run_dir *d, const struct fb_result *r,
		      struct fb_err *err);

/* fb_run_dir_sync - make everything written so far durable */
int fb_run_dir_sync(struct fb_run_dir *d, struct fb_err *err);

/* fb_run_dir_close - release, also on failure; the folder stays */
int fb_run_dir_close(struct fb_run_dir *d, struct fb_err *err);

/* The files of a run, in the order of struct fb_run's tables. */
enum fb_run_file {
	FB_RUN_SUMMARY,
	FB_RUN_HISTOGRAM,
	FB_RUN_SERIES,
	FB_RUN_IO,
	FB_RUN_SYSTEM,
	FB_RUN_WARNINGS,
	FB_RUN_FILES,
};
extern const char *const fb_run_file_names[]; /* "summary.csv" ... */

/*
 * struct fb_run - a run read back, all zero before it is loaded
 * @complete: system.csv has run_end, and every repetition it planned is there
 *
 * Rows of a case and repetition without a row in summary.csv are not in it. A file
 * that is not there is NULL (an empty table), except summary.csv and system.csv.
 */
struct fb_run {
	struct fb_csv_table *table[FB_RUN_FILES];
	int complete;
};

/*
 * fb_run_load - read the folder @dir, of a finished, running or killed run
 *
 * -errno as fb_csv_load; -ENOTSUP when it was written by a newer schema.
 */
int fb_run_load(struct fb_run *r, const char *dir, struct fb_err *err);
void fb_run_free(struct fb_run *r);

#endif
