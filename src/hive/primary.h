/*
 * primary.h - what a hive writes to its files, counted, its failures told
 */
#ifndef FB_HIVE_PRIMARY_H
#define FB_HIVE_PRIMARY_H

#include "hive/store.h"

/* fb_hive_write, fb_hive_sync - of one file; what the table says */
int fb_hive_write(struct fb_hive *h, const struct fb_hive_spot *at,
		  const struct fb_hive_span *spans, unsigned n, struct fb_err *err);
int fb_hive_sync(struct fb_hive *h, enum fb_hive_file f, struct fb_err *err);

/*
 * fb_primary_mark - the base block tells that a log is needed: seq1 = seq2 + 1, durable
 *
 * Its size of the data stays. On failure the mark is in doubt.
 */
int fb_primary_mark(struct fb_hive *h, struct fb_err *err);

/*
 * fb_primary_unmark - take the mark back, durable: no log has anything for the primary
 *
 * On failure the mark is in doubt.
 */
int fb_primary_unmark(struct fb_hive *h, struct fb_err *err);

/* fb_primary_pages - write @pages to their places and sync */
int fb_primary_pages(struct fb_hive *h, const struct fb_pages *pages,
		     struct fb_err *err);

/*
 * fb_primary_clean - the base block tells that the primary is whole: seq1 = seq2 =
 * @sequence, the size of the data as it is, durable
 *
 * All pages must be durable. On failure the mark is in doubt.
 */
int fb_primary_clean(struct fb_hive *h, uint32_t sequence, struct fb_err *err);

/* fb_flush_log - one flush by FB_HIVE_LOG_ONLY; fb_flush_both - by LOG_AND_PRIMARY */
int fb_flush_log(struct fb_hive *h, struct fb_err *err);
int fb_flush_both(struct fb_hive *h, struct fb_err *err);

/* fb_flush_reconcile - bring what was flushed to the primary; nothing may be dirty */
int fb_flush_reconcile(struct fb_hive *h, struct fb_err *err);

#endif
