/*
 * walk.h - everything that can be read of a hive, and changes that a script asks for
 */
#ifndef FB_TESTS_FUZZ_WALK_H
#define FB_TESTS_FUZZ_WALK_H

#include "hive/hive.h"

/*
 * fuzz_walk - names, classes, descriptors, values and their data
 *
 * How many calls told damage. Ends after some thousand keys.
 */
uint64_t fuzz_walk(const struct fb_hive *h);

/*
 * fuzz_edit - some changes, 4 bytes of script each
 *
 * Whatever they return: keys and values made, changed and deleted, descriptors set,
 * flushes and reconciles between them.
 */
void fuzz_edit(struct fb_hive *h, const uint8_t *script, size_t bytes);

/* fuzz_now - a FILETIME that only goes on */
uint64_t fuzz_now(void);

/* fuzz_must - end the program, telling @claim and the input, unless @holds */
void fuzz_must(bool holds, const char *claim);

#endif
