/*
 * hive_specimen.h - a hive that has one of everything
 *
 * Keys aaa (values inline, cell of 100 bytes, big of SPECIMEN_BIG), bbb, ccc, ccc\sub,
 * and many with SPECIMEN_MANY subkeys; descriptors of hive_descriptor 0 to 2 on bbb,
 * ccc and many. Include it after cmocka.h.
 */
#ifndef FB_TESTS_HIVE_SPECIMEN_H
#define FB_TESTS_HIVE_SPECIMEN_H

#include "hive/hive.h"

enum { SPECIMEN_BIG = 40000, SPECIMEN_MANY = 1100 };

struct fb_hive *specimen_make(uint32_t minor);

/*
 * specimen_small - root with a default value, Cafe (accented) with a dword n and a key
 * sub, b with values Z, q"x\y and a Greek lambda
 */
struct fb_hive *specimen_small(void);

/* specimen_value - some data of at most SPECIMEN_BIG bytes; of the root for key "" */
void specimen_value(struct fb_hive *h, const char *key, const char *name, uint32_t type,
		    size_t bytes);

/* specimen_secure - give a key below the root hive_descriptor @which */
void specimen_secure(struct fb_hive *h, const char *key, unsigned which);

#endif
