/*
 * name.h - names of keys and values: UTF-16 in memory, 8-bit on disk where they fit
 */
#ifndef FB_HIVE_NAME_H
#define FB_HIVE_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FB_KEY_NAME_MAX = 255,     /* UTF-16 units; libregf */
	FB_VALUE_NAME_MAX = 16383, /* likewise */
};

/* struct fb_hive_name - @n UTF-16 units, not terminated; 0 units: the default value */
struct fb_hive_name {
	const uint16_t *units;
	size_t n;
};

/*
 * fb_upcase - RtlUpcaseUnicodeChar: one UTF-16 unit as NT's table maps it
 *
 * Not Unicode's simple upper case: U+00B5, U+0131 and U+017F stay. Pure. Source: the
 * $UpCase table that Windows writes on NTFS volumes.
 */
uint16_t fb_upcase(uint16_t unit);

/* fb_name_hash - of an lh list: H = 37 * H + upcased unit, modulo 2^32 */
uint32_t fb_name_hash(struct fb_hive_name name);

/* fb_name_fits_8bit - every unit is at most 0xFF, so a byte each will do on disk */
bool fb_name_fits_8bit(struct fb_hive_name name);

/*
 * fb_name_disk_bytes - bytes it takes on disk: @n, or 2 @n when it does not fit 8 bit
 * fb_name_put - write it there in that form
 */
size_t fb_name_disk_bytes(struct fb_hive_name name);
void fb_name_put(void *at, struct fb_hive_name name);

/*
 * fb_name_compare_disk - upcased, unit by unit: below, at or above 0
 * @disk, @bytes, @is_8bit: a name as it stands in a record
 *
 * name <=> disk. The order of subkey lists.
 */
int fb_name_compare_disk(struct fb_hive_name name, const void *disk, size_t bytes,
			 bool is_8bit);

/* fb_name_equal_disk - compare == 0, decided faster when they differ in length */
bool fb_name_equal_disk(struct fb_hive_name name, const void *disk, size_t bytes,
			bool is_8bit);

/*
 * fb_name_get - a name on disk as UTF-16 units
 * @out: room for @bytes units
 *
 * Units written. An odd last byte of a UTF-16 name is left out.
 */
size_t fb_name_get(const void *disk, size_t bytes, bool is_8bit, uint16_t *out);

/*
 * fb_name_from_utf8 - text to UTF-16; a lone surrogate may stand as its 3-byte form
 * @out, @cap: room in units
 *
 * Units written, -EILSEQ (no such UTF-8, or a pair as two 3-byte forms) or
 * -ENAMETOOLONG.
 */
int fb_name_from_utf8(const char *text, uint16_t *out, size_t cap);

/*
 * fb_name_to_utf8 - and back; a lone surrogate becomes its 3-byte form
 * @out, @cap: bytes, the terminating NUL included; 3 * n + 1 always suffices
 *
 * Bytes written without the NUL, or -ENAMETOOLONG.
 */
int fb_name_to_utf8(struct fb_hive_name name, char *out, size_t cap);

#endif
