/*
 * hive_storm.h - a long random life of a hive, and every way it may have crashed
 *
 * Include it after cmocka.h.
 */
#ifndef FB_TESTS_HIVE_STORM_H
#define FB_TESTS_HIVE_STORM_H

#include "hive/hive.h"
#include "support/hive_disk.h"

/* What strategy a storm's hive is opened with, each time it is opened. */
enum hive_storm_mode { HIVE_STORM_NEW, HIVE_STORM_OLD, HIVE_STORM_MIXED };

/*
 * struct hive_storm - zeros but for @seed and @states are good
 * @seed:      of everything; the round i uses @seed + i
 * @states:    at least so many are tried, in as many rounds as it takes
 * @deaf_to:   this sync is left out: the harness must find what breaks
 * @mark_first: a mark goes to the disk before its entry, which must be found too
 * @errors:    calls fail at random and flushes are tried again
 * @violation: what broke a promise and how to see it again; empty if nothing did
 * @tried:     states
 */
struct hive_storm {
	enum hive_storm_mode mode;
	uint64_t seed, states;
	enum hive_sync deaf_to;
	bool mark_first, errors;
	char violation[1024];
	uint64_t tried;
};

/* hive_storm_run - until enough states were tried or a promise was broken */
void hive_storm_run(struct hive_storm *s);

#endif
