/*
 * recover.h - what the logs of a hive hold that its primary lacks
 *
 * Windows rules as msuhanov/regf tells them, but for one: when the base block is lost
 * and the two logs follow one another, both are applied, where Windows takes the later
 * one alone and loses what only the other has.
 */
#ifndef FB_HIVE_RECOVER_H
#define FB_HIVE_RECOVER_H

#include "hive/store.h"

/*
 * struct fb_log_file - a log as found
 * @good:  its base block is valid, its two sequence numbers are equal
 * @data:  what was read of it: the first sector, or all that may be applied
 * @bytes: of @data; 0: no log is there
 */
struct fb_log_file {
	bool good;
	struct fb_base_block base;
	unsigned char *data;
	uint64_t bytes;
};

/* struct fb_logs - both, index 0 is LOG1 */
struct fb_logs {
	struct fb_log_file log[2];
};

/*
 * fb_logs_read - the first sectors of the logs, or @whole ones
 *
 * Whole is up to where no header of the next entry stands, or, in the old format, as
 * far as its bitmap has bits: the rest of the file costs no memory and no time. A log
 * that is not there, or too short to be one, is no error. Free it with fb_logs_free,
 * which also ends one of zeros.
 */
int fb_logs_read(struct fb_logs *l, struct fb_hive_io *io, bool whole,
		 struct fb_err *err);
void fb_logs_free(struct fb_logs *l);

/* fb_sequence_before - @a comes before @b, modulo 2^32 */
static inline bool fb_sequence_before(uint32_t a, uint32_t b)
{
	return a != b && b - a < UINT32_C(0x80000000);
}

/*
 * struct fb_log_chain - new-format logs to be applied, in this order
 * @last: when the base block is lost: of the last entry
 */
struct fb_log_chain {
	const struct fb_log_file *log[2];
	unsigned n;
	uint32_t last;
};

/*
 * fb_log_entries - how many entries of a new-format log follow one another from its
 * first; 0 of any other
 */
uint32_t fb_log_entries(const struct fb_log_file *l);

/*
 * fb_chain_find - the logs that hold what the primary lacks
 * @primary: first sector of its base block; NULL: it is lost
 *
 * Logs that begin later than the primary ends are left by a partial reconcile. They are
 * taken when they name the same hive, for another hive's would begin anywhere.
 */
void fb_chain_find(struct fb_log_chain *c, const struct fb_logs *logs,
		   const unsigned char *primary);

/*
 * fb_recover_extent - may the data become @bins bytes?
 * @log: bytes of the log entry that says so
 *
 * -EFBIG: most of that is in no file. What is missing becomes empty bins, and a number
 * that lies must not make gigabytes of those. Our choice: as much may be missing as the
 * files have, and 16 MiB. Else what asking the file's length is answered with.
 */
int fb_recover_extent(const struct fb_hive *h, uint32_t bins, uint64_t log);

/*
 * fb_chain_apply - write the pages of all entries that follow one another
 *
 * Into the data, which grows, and into @h->unreconciled; fills @h->recovery. Entries
 * applied, -ENOMEM, or what fb_recover_extent answers.
 */
int64_t fb_chain_apply(struct fb_hive *h, const struct fb_log_chain *c);

/*
 * fb_old_find - the old-format log that was written at @time, the later if both; or
 * NULL
 */
const struct fb_log_file *fb_old_find(const struct fb_logs *logs, uint64_t time);

/* fb_old_apply - write its sectors, with the errors of fb_chain_apply */
int fb_old_apply(struct fb_hive *h, const struct fb_log_file *l);

/*
 * fb_recover - apply what the logs hold to the data as the primary has it
 * @lost: the base block is bad; it is taken from a log
 *
 * Afterwards the bins are scanned, bad ones replaced where something was applied, and
 * @h->log.next is the number of the next entry. -EBADMSG: damaged beyond use.
 */
int fb_recover(struct fb_hive *h, const struct fb_logs *logs, bool lost,
	       struct fb_err *err);

/* fb_recover_damage - tell it in @err, returns -EBADMSG */
int fb_recover_damage(const struct fb_hive *h, uint64_t offset, const char *what,
		      struct fb_err *err);

#endif
