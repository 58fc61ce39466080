/*
 * repair.h - make checksums, hashes and sizes right again after a mutation
 *
 * Without that a reader turns almost everything away at its door.
 */
#ifndef FB_TESTS_FUZZ_REPAIR_H
#define FB_TESTS_FUZZ_REPAIR_H

#include "base/rng.h"

/* fuzz_repair_hive - base block, bins and sizes of cells of a primary */
void fuzz_repair_hive(uint8_t *file, size_t bytes);

/*
 * fuzz_repair_log - base block, and of each entry number, size and hashes
 *
 * A log of the old format has its base block and signature mended.
 */
void fuzz_repair_log(uint8_t *log, size_t bytes);

/* fuzz_word - a number that is at a limit, or near @was */
uint32_t fuzz_word(struct fb_rng *r, uint32_t was);

/*
 * fuzz_mutate_record - change a field of some record of a primary
 *
 * To a limit, or to where another cell is.
 */
void fuzz_mutate_record(struct fb_rng *r, uint8_t *file, size_t bytes);

/* fuzz_mutate_log - change a field of a log's base block or of an entry */
void fuzz_mutate_log(struct fb_rng *r, uint8_t *log, size_t bytes);

#endif
