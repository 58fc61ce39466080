/*
 * hive_damage.h - ways to damage a hive, and what must be told of each
 *
 * They are for the hive of hive_specimen.h. Include it after cmocka.h.
 */
#ifndef FB_TESTS_HIVE_DAMAGE_H
#define FB_TESTS_HIVE_DAMAGE_H

#include "support/hive_image.h"

enum { HIVE_UNHURT = 0 };

/*
 * struct hive_damage - lists of them end with one without a name
 * @make:  does it to an image, returns the file offset that must be told; HIVE_UNHURT:
 *         the hive has no such thing
 * @id:    of the finding
 * @alone: nothing else is told
 */
struct hive_damage {
	const char *name;
	uint64_t (*make)(struct hive_image *i);
	const char *id;
	bool alone;
};

extern const struct hive_damage hive_damage_file[];
extern const struct hive_damage hive_damage_tree[];
extern const struct hive_damage hive_damage_security[];
extern const struct hive_damage hive_damage_value[];

#endif
