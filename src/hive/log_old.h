/*
 * log_old.h - the log of Windows before 8.1: a bitmap of sectors, then those sectors
 */
#ifndef FB_HIVE_LOG_OLD_H
#define FB_HIVE_LOG_OLD_H

#include "hive/base_block.h"
#include "hive/pages.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* fb_log_old_data - offset of the first sector's bytes for @bins bytes of data */
uint64_t fb_log_old_data(uint32_t bins);

/*
 * fb_log_old_build - base block, "DIRT", bitmap and padding; the pages follow it
 * @sector: the base block as it is to be stored, type and checksum included
 * @out:    fb_log_old_data(@bins) bytes, filled
 */
void fb_log_old_build(void *out, const void *sector, uint32_t bins,
		      const struct fb_pages *pages);

/* fb_log_old_bytes - of the sectors that @log's bitmap, of @bins bytes of data, names
 */
uint64_t fb_log_old_bytes(const void *log, uint32_t bins);

/* struct fb_log_old - a log that was checked; its runs are read one by one */
struct fb_log_old {
	const unsigned char *log;
	uint64_t bytes;
	struct fb_base_block base;
	uint64_t next; /* sector */
	uint64_t at;   /* of its data */
};

/*
 * fb_log_old_read - is @log a whole log of the old format?
 *
 * Base block good, type 1 or 2, seq1 = seq2, data of whole pages up to 2 GiB, "DIRT",
 * bitmap inside; else @why says which rule it breaks. What stands between the bitmap
 * and the first sector is not looked at. A log shorter than its bitmap says is one, but
 * its runs end early, with the last whole sector. @log is the caller's and must outlive
 * @l.
 */
bool fb_log_old_read(struct fb_log_old *l, const void *log, uint64_t bytes,
		     const char **why);

/*
 * fb_log_old_run - the next run of dirty sectors that lie together
 *
 * Its bytes, where they go in the data, and how many; NULL when there is none left.
 */
const void *fb_log_old_run(struct fb_log_old *l, uint32_t *offset, uint32_t *bytes);

#endif
