/*
 * base_block.h - the first 512 bytes of a hive and of its logs
 */
#ifndef FB_HIVE_BASE_BLOCK_H
#define FB_HIVE_BASE_BLOCK_H

#include "hive/regf.h"

#include <stdbool.h>

/* struct fb_base_block - the fields that are ever looked at or changed */
struct fb_base_block {
	uint32_t seq1, seq2;
	uint64_t time; /* FILETIME: 100 ns since 1601 */
	uint32_t major, minor;
	uint32_t type;
	uint32_t root;
	uint32_t bins; /* bytes of hive-bins data */
	uint32_t flags;
};

/*
 * fb_base_checksum - XOR of the first 127 words; all ones become ~1, 0 becomes 1
 * @sector: 512 bytes
 */
uint32_t fb_base_checksum(const void *sector);

/* fb_base_valid - signature and checksum are right */
bool fb_base_valid(const void *sector);

void fb_base_get(const void *sector, struct fb_base_block *b);

/*
 * fb_base_put - change those fields and the checksum in @sector, which keeps the rest
 */
void fb_base_put(void *sector, const struct fb_base_block *b);

/*
 * fb_base_make - a new sector: zeros, signature, format 1, cluster 1, "rmtm", @b
 * @name: UTF-8, the path it is kept under; its last 31 UTF-16 units are stored, less
 *        one that is half of a pair. What is no UTF-8 is stored byte by byte.
 */
void fb_base_make(void *sector, const struct fb_base_block *b, const char *name);

#endif
