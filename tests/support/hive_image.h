/*
 * hive_image.h - the bytes of a hive, to be damaged at known places
 *
 * Include it after cmocka.h.
 */
#ifndef FB_TESTS_HIVE_IMAGE_H
#define FB_TESTS_HIVE_IMAGE_H

#include "hive/check.h"
#include "hive/hive.h"
#include "hive/regf.h"

#include <stdbool.h>

enum { IMAGE_FINDINGS = 64 };

/*
 * struct hive_image - a file as it would be read
 * @h:     the same hive before the damage, for where things are
 * @found: what the last check told, as far as there is room; @n_found all of it
 */
struct hive_image {
	unsigned char *at;
	uint64_t bytes;
	struct fb_hive *h;
	struct fb_survey survey;
	struct {
		uint64_t offset;
		char id[32];
		char text[256];
	} found[IMAGE_FINDINGS];
	int64_t n_found;
};

/* hive_image_load - of a file; hive_image_make - of a hive, which it then owns */
void hive_image_load(struct hive_image *i, const char *path);
void hive_image_make(struct hive_image *i, struct fb_hive *h);
void hive_image_free(struct hive_image *i);

/* hive_image_copy - to be damaged; shares @h with @from, and is freed before it */
void hive_image_copy(struct hive_image *to, const struct hive_image *from);

/* hive_image_seal - put the right checksum */
void hive_image_seal(struct hive_image *i);

/* hive_image_check - fills @found */
void hive_image_check(struct hive_image *i);

/* hive_image_told - is there such a finding? */
bool hive_image_told(const struct hive_image *i, const char *id, uint64_t offset);

/* hive_image_show - the findings, on stderr */
void hive_image_show(const struct hive_image *i);

/*
 * Places, relative to the data. A path is "\\a\\b"; "" is the root.
 * image_field - file offset of a record's field; image_u32 - what stands there
 */
uint32_t image_key(const struct hive_image *i, const char *path);
uint32_t image_value(const struct hive_image *i, const char *path, const char *name);
uint64_t image_field(uint32_t rel, uint32_t field);
uint32_t image_u32(const struct hive_image *i, uint32_t rel, uint32_t field);
void image_put32(struct hive_image *i, uint32_t rel, uint32_t field, uint32_t v);
void image_put16(struct hive_image *i, uint32_t rel, uint32_t field, uint16_t v);

/* image_put_cell - the size field of a cell; its place in the file */
uint64_t image_put_cell(struct hive_image *i, uint32_t rel, uint32_t raw);

/* image_cell_bytes - size of a cell, its head included */
uint32_t image_cell_bytes(const struct hive_image *i, uint32_t rel);

/* image_free_cell - the first from cell or bin @from on with @bytes at least; 0: none
 */
uint32_t image_free_cell(const struct hive_image *i, uint32_t from, uint32_t bytes);

#endif
