/*
 * csv.h - RFC 4180 rows out and in, through libcsv
 *
 * Rows are written with LF at their ends, as files are here, and a field is quoted
 * only where it must be; LF, CRLF and CR are read.
 */
#ifndef FB_REPORT_CSV_H
#define FB_REPORT_CSV_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * struct fb_csv_out - a file being written, a whole batch of rows at a time
 *
 * Rows gather in memory; fb_csv_commit hands them to the kernel in one write, so
 * a killed program leaves at most one unterminated line. A failed field (out of
 * memory) is remembered and told by the next commit. One thread at a time.
 */
struct fb_csv_out;

/* fb_csv_create - new file @path with a header; -EEXIST if there is one */
int fb_csv_create(struct fb_csv_out **out, const char *path, const char *const *columns,
		  size_t n, struct fb_err *err);

/*
 * fb_csv_to_stream - the same on a stream, which stays the caller's
 *
 * A commit hands the rows to the stream and fails for want of memory alone: what the
 * stream could not take ferror tells. Nothing to sync. -ENOMEM.
 */
int fb_csv_to_stream(struct fb_csv_out **out, FILE *stream, const char *const *columns,
		     size_t n, struct fb_err *err);

/* One field of the row at hand: text, number, or nothing (unknown). */
void fb_csv_text(struct fb_csv_out *o, const char *s);
void fb_csv_u64(struct fb_csv_out *o, uint64_t v); /* FB_UNKNOWN: empty */
void fb_csv_real(struct fb_csv_out *o, double v);  /* NAN: empty; shortest exact-ish */
void fb_csv_empty(struct fb_csv_out *o);

/* fb_csv_end_row - asserts that the row has as many fields as the header */
void fb_csv_end_row(struct fb_csv_out *o);

/*
 * fb_csv_commit - write the gathered rows
 *
 * 0 or negative errno (full disk...): then the file ends where it ended before, and
 * the rows are forgotten.
 */
int fb_csv_commit(struct fb_csv_out *o, struct fb_err *err);

/* fb_csv_sync - make what was committed durable */
int fb_csv_sync(struct fb_csv_out *o, struct fb_err *err);

/* fb_csv_close - commit and release, also on failure; the file stays */
int fb_csv_close(struct fb_csv_out *o, struct fb_err *err);

/*
 * struct fb_csv_table - a whole file in memory, columns by name
 *
 * An unterminated last line is dropped, blank lines are skipped, spaces are part of
 * a field. Rows and columns count from 0, the header is not among the rows.
 */
struct fb_csv_table;

/*
 * fb_csv_load - read @path
 *
 * -errno when it cannot be read (-EFBIG from 4 GiB), -EINVAL with file, line and
 * column when a row has more or fewer fields than the header, a quote is not closed
 * or misplaced, there is a NUL byte, a header name is empty or twice, and when not
 * even the header line is whole.
 */
int fb_csv_load(struct fb_csv_table **out, const char *path, struct fb_err *err);
void fb_csv_free(struct fb_csv_table *t); /* NULL does nothing */

size_t fb_csv_rows(const struct fb_csv_table *t);
size_t fb_csv_columns(const struct fb_csv_table *t);
const char *fb_csv_column_name(const struct fb_csv_table *t, size_t column);

/* fb_csv_find - index of a column, or -1 */
int fb_csv_find(const struct fb_csv_table *t, const char *column);

/* fb_csv_get - a field, "" for empty or when @column is -1; lives as long as @t */
const char *fb_csv_get(const struct fb_csv_table *t, size_t row, int column);

/*
 * fb_csv_get_real - a field as a number
 *
 * 0 and NAN for an empty one; -EINVAL with file, line and column when it is not one.
 */
int fb_csv_get_real(const struct fb_csv_table *t, size_t row, int column, double *out,
		    struct fb_err *err);

/* fb_csv_keep - drop the rows for which @keep, asked once each in order, answers 0 */
void fb_csv_keep(struct fb_csv_table *t,
		 int (*keep)(const struct fb_csv_table *t, size_t row, void *ctx),
		 void *ctx);

#endif
