/*
 * store.h - inside of a hive, for the files of this folder
 */
#ifndef FB_HIVE_STORE_H
#define FB_HIVE_STORE_H

#include "hive/base_block.h"
#include "hive/bins.h"
#include "hive/hive.h"

/* struct fb_hive_spot - a place in a log; offset 0: none */
struct fb_hive_spot {
	enum fb_hive_file file;
	uint64_t offset;
};

/*
 * struct fb_hive_log - where the next entry goes
 * @file:  of the log in use
 * @end:   byte after the last entry; 0 in a log that has none
 * @next:  sequence number of the next entry
 * @both:  entries since the last reconcile lie in both logs
 * @tried: where an entry was written that did not become durable
 */
struct fb_hive_log {
	enum fb_hive_file file;
	uint64_t end;
	uint32_t next;
	bool both;
	struct fb_hive_spot tried;
};

/* What a crash would leave in the base block of the primary. */
enum fb_hive_mark {
	FB_HIVE_CLEAN,
	FB_HIVE_DIRTY,
	FB_HIVE_IN_DOUBT, /* a write or sync of it failed */
};

/*
 * struct fb_hive
 * @sector, @base: base block of the primary as it was last durable, or last marked
 *                 dirty, were that durable or not
 * @mark:          which of the two
 * @marked_for:    the old-format log that a dirty base block speaks of
 * @unreconciled:  pages that a log has and the primary lacks
 * @out_of_order:  a list of subkeys is, as hivex leaves them
 * @last:          time that fb_hive_now last gave
 */
struct fb_hive {
	struct fb_bins bins;
	unsigned char sector[FB_REGF_SECTOR];
	struct fb_base_block base;
	enum fb_hive_mark mark;
	enum fb_hive_file marked_for;
	struct fb_hive_options options;
	struct fb_hive_io *io; /* NULL: in memory alone */
	struct fb_hive_log log;
	struct fb_pages unreconciled;
	bool out_of_order;
	uint64_t last;
	struct fb_hive_recovery recovery;
	struct fb_hive_counters counters;
};

/* fb_hive_now - FILETIME, never the same twice in a hive, never back */
uint64_t fb_hive_now(struct fb_hive *h);

/* fb_hive_other_log - LOG2 of LOG1, LOG1 of LOG2 */
static inline enum fb_hive_file fb_hive_other_log(enum fb_hive_file f)
{
	return f == FB_HIVE_LOG1 ? FB_HIVE_LOG2 : FB_HIVE_LOG1;
}

#endif
