/*
 * hive.h - a registry hive: a tree of keys and values in a regf file
 *
 * The whole hive lies in memory as it lies in the file; changes mark 4 KiB pages
 * dirty; a flush makes them durable by a transaction log. A key is named by its cell,
 * a number that holds until the key is deleted. Numbers and structures out of a
 * damaged or hostile file are checked at each step: -EBADMSG.
 *
 * Threads: one at a time; but any number at once in the functions that take a const
 * hive, as long as none is in another. A flush, a reconcile and a save change nothing
 * that the functions which read keys and values look at: those may go on meanwhile.
 *
 * Errors of every function that changes the tree, beside its own: -EBADMSG (damaged),
 * -EROFS (opened for reading), -ENOSPC (2 GiB are full), -ENOMEM, -EINVAL. The tree is
 * then as before.
 */
#ifndef FB_HIVE_HIVE_H
#define FB_HIVE_HIVE_H

#include "base/err.h"
#include "hive/io.h"
#include "hive/name.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fb_hive;

enum { FB_HIVE_LOG_CAP = 4 << 20 };

/* How a flush makes the dirty pages durable. */
enum fb_hive_strategy {
	FB_HIVE_LOG_ONLY, /* Windows 8.1 and later: the log now, the primary later */
	FB_HIVE_LOG_AND_PRIMARY /* before: an old-format log, then the primary */
};

/*
 * struct fb_hive_options - zeros are the defaults
 * @log_cap:   bytes after which the primary is reconciled; 0: FB_HIVE_LOG_CAP
 * @minor:     of a hive made anew: 3 to 6; 0: 5
 * @read_only: recovery is done in memory alone, nothing is written
 * @recover_only: recovery is written back, and that is all: no log is reserved, the
 *             hive can be read and not changed (-EROFS). With @read_only not even that,
 *             but it fails as it would
 * @without_logs: a dirty hive for which no log holds anything is taken as it lies
 * @now:       FILETIME; NULL: the system's clock
 */
struct fb_hive_options {
	enum fb_hive_strategy strategy;
	uint64_t log_cap;
	uint32_t minor;
	bool read_only, recover_only, without_logs;
	uint64_t (*now)(void);
};

/*
 * struct fb_hive_recovery - what opening found and did
 * @dirty:       the base block said that logs must be applied; with no entries: none
 *               did, and the data were taken as they are
 * @old_format:  they were of the format before Windows 8.1
 * @base_lost:   the base block was bad and taken from a log
 * @first, @last: sequence numbers of the entries applied; @entries of them, from
 *               @logs log files (old format: 1 entry, numbers of its base block)
 * @pages:       4 KiB pages they wrote
 * @dummy_bins:  bins that were bad after that and replaced by an empty one
 */
struct fb_hive_recovery {
	bool dirty, old_format, base_lost;
	uint32_t first, last, entries;
	unsigned logs;
	uint64_t pages;
	uint32_t dummy_bins;
};

/*
 * struct fb_hive_counters - since the hive was opened
 * @log_bytes, @primary_bytes: written to either, base blocks and padding included
 * @syncs: of either
 * @flushes: that had something to write; @reconciles: of the primary
 */
struct fb_hive_counters {
	uint64_t log_bytes, primary_bytes, syncs, flushes, reconciles;
};

/*
 * fb_hive_new - the minimal empty hive, in memory alone
 *
 * It may be filled and then saved; fb_hive_flush refuses it (-EINVAL).
 */
int fb_hive_new(struct fb_hive **out, const struct fb_hive_options *o);

/*
 * fb_hive_save - write the tree as a clean primary, durable, without entries in a log
 * @io: of FB_HIVE_CREATE; stays the caller's
 */
int fb_hive_save(struct fb_hive *h, struct fb_hive_io *io, struct fb_err *err);

/*
 * fb_hive_open - read a hive, recover it when its base block says so
 * @io: the hive's from now on, closed with it; on failure still the caller's
 *
 * Unless @o->read_only recovery is written back and both logs are reserved to
 * @o->log_cap. -EBADMSG: no hive, or damaged beyond use, @err says where; a bin that
 * is bad in a clean hive is damage, in a dirty one it is replaced as Windows does.
 *
 * -ENODATA: it is dirty and no log holds anything for it, so its logs are elsewhere: an
 * entry is durable before the hive is marked dirty. Writing would make them stale, so
 * nothing is written; @err names the logs looked for. @o->read_only alone shows the
 * data as they lie, @o->without_logs has them taken so.
 *
 * What the io's reserve answers: -EEXIST and -ELOOP for a file that stands in place of
 * a log. The recovery has then been written.
 */
int fb_hive_open(struct fb_hive **out, struct fb_hive_io *io,
		 const struct fb_hive_options *o, struct fb_err *err);

/*
 * fb_hive_flush - every change so far is durable when it returns 0
 *
 * A clean hive: 0 without I/O. On failure everything is still to be flushed, and the
 * next flush does it; a reconcile that fails after its entry is durable fails the
 * flush too, which then promises more than it says.
 */
int fb_hive_flush(struct fb_hive *h, struct fb_err *err);

/* fb_hive_reconcile - flush, then bring the primary up to date: it is clean after */
int fb_hive_reconcile(struct fb_hive *h, struct fb_err *err);

/* fb_hive_close - reconcile, then free, which is done in any case */
int fb_hive_close(struct fb_hive *h, struct fb_err *err);

/* fb_hive_free - forget it; what was not flushed is lost */
void fb_hive_free(struct fb_hive *h);

const struct fb_hive_recovery *fb_hive_recovered(const struct fb_hive *h);
void fb_hive_count(const struct fb_hive *h, struct fb_hive_counters *out);
uint32_t fb_hive_minor(const struct fb_hive *h);

/* fb_hive_file_name - of one of its files, for messages; NULL: it is in memory alone */
const char *fb_hive_file_name(const struct fb_hive *h, enum fb_hive_file f);

/* fb_hive_bytes - of hive-bins data; fb_hive_dirty_pages - that a flush would write */
uint64_t fb_hive_bytes(const struct fb_hive *h);
uint64_t fb_hive_dirty_pages(const struct fb_hive *h);

/* fb_hive_bins - the hive-bins data itself, fb_hive_bytes long; for the curious */
const void *fb_hive_bins(const struct fb_hive *h);

/* --- keys --- */

/* struct fb_key_info - @name_units: length of the name; times are FILETIMEs */
struct fb_key_info {
	uint64_t time;
	uint32_t parent;
	uint32_t subkeys, values;
	uint32_t security; /* cell of its descriptor */
	uint16_t flags;
	size_t name_units;
	size_t class_bytes;
};

uint32_t fb_hive_root(const struct fb_hive *h);

/* fb_key_find - subkey @name of @parent; -ENOENT */
int fb_key_find(const struct fb_hive *h, uint32_t parent, struct fb_hive_name name,
		uint32_t *key);

/*
 * fb_key_create - a new subkey, with its parent's security
 *
 * -EEXIST; -EINVAL for an empty name, a backslash or a NUL in it, more than
 * FB_KEY_NAME_MAX units, or a tree deeper than FB_REGF_LEVELS.
 */
int fb_key_create(struct fb_hive *h, uint32_t parent, struct fb_hive_name name,
		  uint32_t *key);

/* fb_key_delete - with its values; -ENOTEMPTY with subkeys, -EINVAL for the root */
int fb_key_delete(struct fb_hive *h, uint32_t key);

/*
 * fb_key_child - subkey number @index in the order of the lists; -ENOENT past the last
 *
 * Counts from the first leaf of the list each time; fb_key_next goes on from the last.
 */
int fb_key_child(const struct fb_hive *h, uint32_t key, uint32_t index,
		 uint32_t *child);

/* struct fb_key_walk - how far fb_key_next has come; zeros: before the first subkey */
struct fb_key_walk {
	uint32_t seen, leaf, at;
};

/* fb_key_next - the next subkey; -ENOENT after the last. No change in between. */
int fb_key_next(const struct fb_hive *h, uint32_t key, struct fb_key_walk *w,
		uint32_t *child);

int fb_key_info(const struct fb_hive *h, uint32_t key, struct fb_key_info *out);

/* fb_key_name - @out has room for FB_KEY_NAME_MAX units; units written or -EBADMSG */
int fb_key_name(const struct fb_hive *h, uint32_t key, uint16_t *out);

/* fb_key_class - the raw bytes; NULL and 0 bytes when it has none */
int fb_key_class(const struct fb_hive *h, uint32_t key, const void **out,
		 size_t *bytes);

/* fb_key_security - its self-relative descriptor, inside the hive */
int fb_key_security(const struct fb_hive *h, uint32_t key, const void **out,
		    size_t *bytes);

/*
 * fb_key_set_security - equal descriptors share one cell
 * @descriptor: self-relative, 20 to 65535 bytes
 */
int fb_key_set_security(struct fb_hive *h, uint32_t key, const void *descriptor,
			size_t bytes);

/* --- values --- */

/* struct fb_value_info - @name_units 0: the default value */
struct fb_value_info {
	uint32_t type;
	uint32_t bytes;
	size_t name_units;
};

/* fb_value_find - the value's cell; -ENOENT */
int fb_value_find(const struct fb_hive *h, uint32_t key, struct fb_hive_name name,
		  uint32_t *value);

/* fb_value_at - value number @index, in no order; -ENOENT past the last */
int fb_value_at(const struct fb_hive *h, uint32_t key, uint32_t index, uint32_t *value);

int fb_value_info(const struct fb_hive *h, uint32_t value, struct fb_value_info *out);

/* fb_value_name - @out has room for FB_VALUE_NAME_MAX units; units written */
int fb_value_name(const struct fb_hive *h, uint32_t value, uint16_t *out);

/* fb_value_read - @bytes of the data from @offset on; -EINVAL past its end */
int fb_value_read(const struct fb_hive *h, uint32_t value, size_t offset, void *out,
		  size_t bytes);

/*
 * fb_value_set - make the value or give it other data
 *
 * -EINVAL for a name over FB_VALUE_NAME_MAX, more than 2^31 - 1 bytes, or a key that
 * stands for a predefined handle, as some of Windows' do: it has no values.
 */
int fb_value_set(struct fb_hive *h, uint32_t key, struct fb_hive_name name,
		 uint32_t type, const void *data, size_t bytes);

/* fb_value_delete - -ENOENT */
int fb_value_delete(struct fb_hive *h, uint32_t key, struct fb_hive_name name);

#endif
