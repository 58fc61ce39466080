/*
 * hive_layout.h - what keys and values the hive of path registry holds
 *
 * Value v is number v % values_per_key of key v / values_per_key. Keys stand in
 * groups under the root, each of which one list of subkeys can hold:
 * group0000\key0000000 has value00, value01...
 */
#ifndef FB_PLAN_HIVE_LAYOUT_H
#define FB_PLAN_HIVE_LAYOUT_H

#include "plan/case.h"

enum {
	FB_HIVE_LAYOUT_GROUP = 1000, /* keys in a group */
	FB_HIVE_LAYOUT_NAME = 48,    /* room for any name, its end included */
};

/* Larger ones are refused: a hive lies in memory, and its making takes long. */
#define FB_HIVE_LAYOUT_MAX (UINT64_C(1) << 30)

/*
 * fb_hive_layout_bytes - length of the file of a hive that has @values values
 *
 * Within 5 percent of what src/hive makes of it, unless that is under 64 KiB.
 */
uint64_t fb_hive_layout_bytes(const struct fb_case *c, uint64_t values);

/* fb_hive_layout_values - the most values that @c->size holds; 0: not even one */
uint64_t fb_hive_layout_values(const struct fb_case *c);

/*
 * The names: of group @group alone; of key @key with its group's before a backslash;
 * of value number @value of its key. Bytes written, without the NUL at the end.
 */
int fb_hive_layout_group(uint64_t group, char out[FB_HIVE_LAYOUT_NAME]);
int fb_hive_layout_key(uint64_t key, char out[FB_HIVE_LAYOUT_NAME]);
int fb_hive_layout_value(uint64_t value, char out[FB_HIVE_LAYOUT_NAME]);

#endif
