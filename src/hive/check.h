/*
 * check.h - what is wrong with a hive, all of it, with its place in the file
 *
 * A reader of its own, which shares no code with the store: it looks at the bytes of
 * the primary alone, so a hive whose logs have not been applied is told as such and
 * then judged as it lies there.
 *
 * Not taken for damage, because undamaged hives have it:
 * - what follows the data in a file whose length is a multiple of 256 KiB, as Windows
 *   allocates it, and zeros anywhere;
 * - the parent field of the root, volatile lists, lists of keys without subkeys;
 * - allocated cells that nothing refers to: hivex leaves the segments of big data
 *   behind. They are counted;
 * - largest lengths that are greater than what there is: they are upper bounds;
 * - hivex's own hash and order of names beyond ASCII and of the characters between Z
 *   and a, where a pair of names is in its order;
 * - neighbours that are free, where a freed record still shows that the writer does not
 *   join cells (hivex does not; Windows and this store do). Without such a witness in
 *   the hive they are a fault.
 */
#ifndef FB_HIVE_CHECK_H
#define FB_HIVE_CHECK_H

#include <stddef.h>
#include <stdint.h>

/*
 * struct fb_finding - one thing that is wrong
 * @offset: in the file, of the field or record
 * @id:     short and stable: "lh_hash", "sk_users"
 * @text:   for a person; ends without a newline, lives until the callback returns
 */
struct fb_finding {
	uint64_t offset;
	const char *id;
	const char *text;
};

typedef void (*fb_finding_fn)(void *ctx, const struct fb_finding *f);

/*
 * fb_hive_check - read a primary file's bytes and tell every fault of them
 * @file, @bytes: the whole file; may be anything at all
 * @tell: called for each, in the order of the walk, not of offsets
 *
 * Number of findings, or -ENOMEM. Never reads outside @file, always ends. Memory: a
 * tenth of @bytes, and 12 bytes a key.
 */
int64_t fb_hive_check(const void *file, uint64_t bytes, fb_finding_fn tell, void *ctx);

/*
 * struct fb_survey - what a check came by
 * @descriptors: cells of them, each shared by any number of keys
 * @free_bytes:  in free cells
 * @lost_cells, @lost_bytes: allocated, and nothing refers to them; no fault
 */
struct fb_survey {
	uint64_t keys, values, descriptors;
	uint64_t free_bytes;
	uint64_t lost_cells, lost_bytes;
};

/* struct fb_sink - where findings go; @tell may be NULL */
struct fb_sink {
	fb_finding_fn tell;
	void *ctx;
};

/* fb_hive_survey - fb_hive_check that also counts; @out is filled unless -ENOMEM */
int64_t fb_hive_survey(const void *file, uint64_t bytes, const struct fb_sink *sink,
		       struct fb_survey *out);

#endif
