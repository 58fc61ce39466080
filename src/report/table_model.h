/*
 * table_model.h - what the table says, before it is laid out
 *
 * Private to the folder.
 */
#ifndef FB_REPORT_TABLE_MODEL_H
#define FB_REPORT_TABLE_MODEL_H

#include "plan/param.h"
#include "report/csv.h"

#include <stdbool.h>

enum fb_figure {
	FB_FIGURE_WRITE_P50,
	FB_FIGURE_FLUSH_P50,
	FB_FIGURE_COMMIT_P50,
	FB_FIGURE_COMMIT_P99,
	FB_FIGURE_COMMITS,
	FB_FIGURE_WRITE_AMP,
	FB_FIGURE_FLUSH_AMP,
	FB_FIGURES,
};

/*
 * struct fb_table_case - one case
 * @row:    a row of summary.csv, of a repetition that went well if there is one
 * @failed: repetitions of @reps that ended by an error; @failed_row is the first
 * @figure: medians; NAN: unknown
 */
struct fb_table_case {
	size_t row;
	size_t failed_row;
	unsigned reps;
	unsigned failed;
	double figure[FB_FIGURES];
};

/* struct fb_table_model - cases by number; @t is summary.csv and stays the caller's */
struct fb_table_model {
	const struct fb_csv_table *t;
	struct fb_table_case *cases;
	size_t n;
};

/* fb_table_model_make - 0, -ENOMEM, or -EINVAL when a figure cannot be read */
int fb_table_model_make(struct fb_table_model *m, const struct fb_csv_table *t,
			struct fb_err *err);
void fb_table_model_free(struct fb_table_model *m);

/* fb_table_field - text of a case's @column, "" if there is none */
const char *fb_table_field(const struct fb_table_model *m,
			   const struct fb_table_case *c, const char *column);

/* What to do with a parameter. Path and mode have a column of their own. */
enum fb_param_kind {
	FB_PARAM_PLACED,
	FB_PARAM_CONSTANT, /* one value in all cases that have any */
	FB_PARAM_VARIES,
	FB_PARAM_FOLLOWS, /* varies, but is always what one above it is */
};

enum fb_param_kind fb_table_param_kind(const struct fb_table_model *m,
				       const struct fb_param *p);

enum { FB_TABLE_TEXT = 72 };

/* fb_table_value - parameter @p of a case, for people: "256m", "5s"; "" for none */
void fb_table_value(const struct fb_table_model *m, const struct fb_table_case *c,
		    const struct fb_param *p, char out[FB_TABLE_TEXT]);

/* fb_table_status - "DISK_FULL" for 0xC000007F, NULL for one not known */
const char *fb_table_status(const char *hex);

#endif
