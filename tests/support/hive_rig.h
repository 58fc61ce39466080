/*
 * hive_rig.h - hives for tests, and what must hold of their inside
 *
 * Include it after cmocka.h.
 */
#ifndef FB_TESTS_HIVE_RIG_H
#define FB_TESTS_HIVE_RIG_H

#include "base/rng.h"
#include "hive/records.h"

/* hive_rig_new - an empty hive in memory */
struct fb_hive *hive_rig_new(uint32_t minor);

/* hive_name - text as a name; good until the fourth call after it */
struct fb_hive_name hive_name(const char *utf8);

/*
 * hive_assert_bins - bins and cells fill the data, the index agrees with them
 * @joined: no two free cells of a bin are neighbours
 */
void hive_assert_bins(const struct fb_bins *b, bool joined);

/*
 * hive_assert_tree - every cell is used exactly once, lists are sorted and within their
 * capacity, counts, parents, hints and users of descriptors are exact
 */
void hive_assert_tree(const struct fb_hive *h);

/* hive_allocated - cells given out */
unsigned hive_allocated(const struct fb_bins *b);

/* hive_key - find or make a key below @parent */
uint32_t hive_key(struct fb_hive *h, uint32_t parent, const char *name);

/* hive_fill - the hive is as large as one can be; free cells are as they were */
void hive_fill(struct fb_hive *h);

#endif
