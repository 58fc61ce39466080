/*
 * hive_disk.h - the files of a hive in memory, which record what is done to them
 *
 * Include it after cmocka.h.
 */
#ifndef FB_TESTS_HIVE_DISK_H
#define FB_TESTS_HIVE_DISK_H

#include "hive/io.h"

/* struct hive_bytes - one file; @there: it exists */
struct hive_bytes {
	unsigned char *data;
	size_t bytes, room;
	bool there;
};

/*
 * struct hive_op - a write, or, with @data NULL, a sync of a file
 * @lost: a sync after it failed, so no later sync makes it durable, as Linux has it
 *
 * A reserve is a write of zeros and a sync.
 */
struct hive_op {
	enum fb_hive_file file;
	uint64_t offset;
	size_t bytes;
	unsigned char *data;
	bool lost;
};

/* The syncs of a hive, by what was written to the file last. */
enum hive_sync {
	HIVE_SYNC_NONE,
	HIVE_SYNC_LOG,
	HIVE_SYNC_MARK,  /* the base block, dirty */
	HIVE_SYNC_PAGES, /* of the primary */
	HIVE_SYNC_CLEAN, /* the base block, clean */
};

/*
 * struct hive_disk
 * @file:    what a reader sees
 * @ops:     what was done since hive_disk_forget
 * @deaf_to: syncs of this kind answer 0 and do nothing
 * @mark_first: recorded as if the mark had been written, and synced, before its entry
 * @calls:   of any kind, since hive_disk_forget
 * @fail_at: this call, counted from 1, fails with -EIO; a write after its first half
 * @bytes_read: since hive_disk_forget
 * @opens:   closing it counts down
 */
struct hive_disk {
	struct fb_hive_io io;
	struct hive_bytes file[FB_HIVE_FILES];
	struct hive_op *ops;
	size_t n, room;
	enum hive_sync deaf_to;
	bool mark_first;
	unsigned calls, fail_at;
	uint64_t bytes_read;
	int opens;
};

/* hive_disk_begin - no files but an empty primary */
void hive_disk_begin(struct hive_disk *d);
void hive_disk_end(struct hive_disk *d);

/* hive_disk_forget - what was recorded; the files stay */
void hive_disk_forget(struct hive_disk *d);

/* hive_disk_copy - the files of @from become those of @to */
void hive_disk_copy(struct hive_disk *to, const struct hive_disk *from);

/* hive_bytes_put - write to one file, which grows by zeros up to there */
void hive_bytes_put(struct hive_bytes *f, uint64_t offset, const void *data, size_t n);
void hive_bytes_cut(struct hive_bytes *f, size_t bytes);

/*
 * hive_disk_story - what was recorded, one word each, in a static room
 *
 * "LOG1@0" and "LOG1@+" are writes to the beginning of a log and further on, "LOG1!" is
 * a sync, "mark" and "clean" the two base blocks of the primary, "pages" neighbouring
 * writes to its data, "head" its first 4096 bytes, "!" its sync.
 */
const char *hive_disk_story(const struct hive_disk *d);

#endif
