/*
 * hive_model.h - keys and values kept beside a hive, and random changes of both
 *
 * Include it after cmocka.h.
 */
#ifndef FB_TESTS_HIVE_MODEL_H
#define FB_TESTS_HIVE_MODEL_H

#include "base/rng.h"
#include "hive/hive.h"

enum { HIVE_MODEL_KEYS = 40, HIVE_MODEL_VALUES = 6 };

/*
 * struct hive_model - zeros: an empty hive
 * @key:   number 0 is the root; key k is called "k<number>"
 * @value: of each key, "v<number>"; its data are the stream of @seed
 */
struct hive_model {
	struct hive_model_key {
		bool there;
		unsigned parent;
	} key[HIVE_MODEL_KEYS];
	struct hive_model_value {
		bool there;
		uint32_t type;
		size_t bytes;
		uint64_t seed;
	} value[HIVE_MODEL_KEYS][HIVE_MODEL_VALUES];
	size_t bytes;
};

/* hive_model_edit - make or delete a key, set or delete a value, of any size */
void hive_model_edit(struct hive_model *m, struct fb_hive *h, struct fb_rng *r);

/* hive_model_assert - the hive has exactly these keys and values */
void hive_model_assert(const struct hive_model *m, const struct fb_hive *h);

#endif
