/*
 * hive_edits.h - hives edited at random, for other programs to judge
 *
 * Include it after cmocka.h.
 */
#ifndef FB_TESTS_HIVE_EDITS_H
#define FB_TESTS_HIVE_EDITS_H

#include "base/rng.h"
#include "hive/hive.h"

enum { HIVE_EDITS_KEYS = 4096 };

/*
 * struct hive_edits - a hive and its keys, the root first
 * @plain: keys alone, their names ASCII
 */
struct hive_edits {
	struct fb_hive *h;
	struct fb_rng rng;
	uint32_t keys[HIVE_EDITS_KEYS];
	unsigned n;
	bool plain;
};

/* hive_edits_begin - on a hive with keys or without */
void hive_edits_begin(struct hive_edits *e, struct fb_hive *h, uint64_t seed);

/*
 * hive_edits_do - @n edits: keys made and deleted, values of every type, inline, in a
 * cell and big, set anew, set again and deleted, descriptors set
 */
void hive_edits_do(struct hive_edits *e, unsigned n);

/* hive_descriptor - one of a few that are valid; its bytes in @bytes */
const void *hive_descriptor(unsigned which, size_t *bytes);

/* hive_edits_save - as a new file */
void hive_edits_save(struct fb_hive *h, const char *path);

/* hive_edits_open - a file for writing or reading */
struct fb_hive *hive_edits_open(const char *path, bool read_only);

#endif
