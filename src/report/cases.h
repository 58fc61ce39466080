/*
 * cases.h - the cases of a run, each with the figures of all its repetitions
 *
 * What the table prints and the pictures draw.
 */
#ifndef FB_REPORT_CASES_H
#define FB_REPORT_CASES_H

#include "plan/param.h"
#include "plan/result.h"
#include "report/csv.h"

#include <stdbool.h>
#include <stdint.h>

enum { FB_CASES_TEXT = FB_PARAM_TEXT };

enum fb_figure {
	/* In the order of enum fb_op, so that P50 + op and P99 + op are an op's. */
	FB_FIGURE_WRITE_P50,
	FB_FIGURE_FLUSH_P50,
	FB_FIGURE_COMMIT_P50,
	FB_FIGURE_WRITE_P99,
	FB_FIGURE_FLUSH_P99,
	FB_FIGURE_COMMIT_P99,
	FB_FIGURE_COMMITS,
	FB_FIGURE_WRITE_AMP,
	FB_FIGURE_FLUSH_AMP,
	FB_FIGURE_LOG,   /* bytes a flush logged, of hives alone */
	FB_FIGURE_LINES, /* lines flushed by lines dirtied, of path nvmem alone */
	FB_FIGURES,
};

/*
 * struct fb_cases_row - one case
 * @row:    a row of summary.csv, of a repetition that went well if there is one, rather
 *          of one that was not traced
 * @reps:   repetitions that were not traced; @traced: those that were
 * @failed: of both, those that ended by an error; @failed_row is the first
 * @figure: medians; NAN: unknown, also where a repetition has too few samples for it.
 *          Of latencies, rates and counters over the untraced repetitions; write_amp
 *          and flush_amp over the traced ones, where the case has any
 * @least, @most: of the repetitions; NAN where @figure is
 */
struct fb_cases_row {
	size_t row;
	size_t failed_row;
	unsigned reps;
	unsigned traced;
	unsigned failed;
	double figure[FB_FIGURES];
	double least[FB_FIGURES];
	double most[FB_FIGURES];
};

/*
 * struct fb_cases - cases by number; @t is summary.csv and stays the caller's
 * @all: how many there were before fb_cases_keep
 */
struct fb_cases {
	const struct fb_csv_table *t;
	struct fb_cases_row *cases;
	size_t n;
	size_t all;
};

/* fb_cases_make - 0, -ENOMEM, or -EINVAL when a figure cannot be read */
int fb_cases_make(struct fb_cases *m, const struct fb_csv_table *t, struct fb_err *err);
void fb_cases_free(struct fb_cases *m);

/* fb_cases_row_is_traced - was the repetition of a row of summary.csv traced? */
bool fb_cases_row_is_traced(const struct fb_csv_table *t, size_t row);

/* fb_cases_reps - "medians of 5 repetitions", "one repetition"; of those not traced */
void fb_cases_reps(const struct fb_cases *m, char out[FB_CASES_TEXT]);

/* fb_cases_number - the case_id of a case */
unsigned fb_cases_number(const struct fb_cases *m, const struct fb_cases_row *c);

/* fb_cases_survives - what a completed flush of it survives */
enum fb_survives fb_cases_survives(const struct fb_cases *m,
				   const struct fb_cases_row *c);

/* fb_cases_is_emulated - does ordinary memory stand for what its path is named after?
 */
bool fb_cases_is_emulated(const struct fb_cases *m, const struct fb_cases_row *c);

/* fb_cases_is_refused - a mode that this system lacks or refuses: an answer, no failure
 */
bool fb_cases_is_refused(const struct fb_cases *m, const struct fb_cases_row *c);

/* fb_cases_all - is @is true of every case? */
bool fb_cases_all(const struct fb_cases *m,
		  bool (*is)(const struct fb_cases *, const struct fb_cases_row *));

/* fb_cases_batch - how many ops were timed together: of more than one there is a mean
 * and no tail */
uint64_t fb_cases_batch(const struct fb_cases *m, const struct fb_cases_row *c);

/* fb_cases_has_samples - of this op; a case timed in batches has none of some */
bool fb_cases_has_samples(const struct fb_cases *m, const struct fb_cases_row *c,
			  enum fb_op op);

/*
 * fb_cases_shows - is there a column for a figure, or would it be empty?
 *
 * Only hives have a log, only path nvmem has lines; where nothing else is, no disk was
 * asked for anything.
 */
bool fb_cases_shows(const struct fb_cases *m, enum fb_figure f);

/* fb_cases_keep - forget the cases for which @keep answers false */
void fb_cases_keep(struct fb_cases *m, bool (*keep)(unsigned number, void *ctx),
		   void *ctx);

/* fb_cases_field - text of a case's @column, "" if there is none */
const char *fb_cases_field(const struct fb_cases *m, const struct fb_cases_row *c,
			   const char *column);

/* What to do with a parameter. Path and mode have a column of their own. */
enum fb_param_kind {
	FB_PARAM_PLACED,
	FB_PARAM_CONSTANT, /* one value in all cases that have any */
	FB_PARAM_VARIES,
	/* is always what one above it is, or varies as if nobody had given it */
	FB_PARAM_FOLLOWS,
};

enum fb_param_kind fb_cases_param_kind(const struct fb_cases *m,
				       const struct fb_param *p);

/* fb_cases_value - parameter @p of a case, for people: "256m", "400ms"; "" for none */
void fb_cases_value(const struct fb_cases *m, const struct fb_cases_row *c,
		    const struct fb_param *p, char out[FB_CASES_TEXT]);

/* fb_cases_is_plain - does @value say no more than that nobody asked for it, where only
 * some cases were? A label does without "batch=1". */
bool fb_cases_is_plain(const struct fb_param *p, const char *value);

/* fb_cases_format - a figure for people: "88.1 us", "11.2k", "37.4", "13.8 KiB"; "-"
 * for NAN */
void fb_cases_format(enum fb_figure f, double v, char out[FB_CASES_TEXT]);

/* fb_cases_trouble - "failed: DISK_FULL" or "refused: NOT_SUPPORTED", of the first
 * repetition that failed; "" */
void fb_cases_trouble(const struct fb_cases *m, const struct fb_cases_row *c,
		      char out[FB_CASES_TEXT]);

/* fb_cases_status - "DISK_FULL" for 0xC000007F, NULL for one not known */
const char *fb_cases_status(const char *hex);

#endif
