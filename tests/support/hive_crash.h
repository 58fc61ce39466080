/*
 * hive_crash.h - the states that a crash may leave of what hive_disk recorded
 *
 * A write that was not synced may be there, or not, or some of its sectors of 512
 * bytes; a file that it made longer may have its new length or the old one. A failed
 * sync loses what it was to sync, see hive_op. Include it after cmocka.h.
 */
#ifndef FB_TESTS_HIVE_CRASH_H
#define FB_TESTS_HIVE_CRASH_H

#include "base/rng.h"
#include "support/hive_disk.h"

enum { HIVE_CRASH_ALL = 6 }; /* every subset of that many writes */

/*
 * struct hive_crash - a walk along a record
 * @rec:       the record
 * @at:        ops that were done before the crash
 * @durable:   the files as the syncs among them left them
 * @pending:   indices of the writes that no sync made durable
 * @keep_lost: what failed syncs lost did arrive, else it never did
 */
struct hive_crash {
	const struct hive_disk *rec;
	size_t at;
	struct hive_disk durable;
	size_t *pending;
	size_t n, room;
	bool keep_lost;
};

/* hive_crash_begin - before the first op of @rec, when the files were as @start */
void hive_crash_begin(struct hive_crash *c, const struct hive_disk *rec,
		      const struct hive_disk *start);
void hive_crash_end(struct hive_crash *c);

/* hive_crash_step - one op further; false: there is none */
bool hive_crash_step(struct hive_crash *c);

/*
 * hive_crash_state - one of the states possible here
 * @i: below hive_crash_exact() the i-th subset of whole writes; else one that @r picks
 * @out: gets the files
 * @told: what of each pending write is there, for a person; or NULL
 */
uint64_t hive_crash_exact(const struct hive_crash *c);
void hive_crash_state(const struct hive_crash *c, uint64_t i, struct fb_rng *r,
		      struct hive_disk *out, char *told, size_t room);

#endif
