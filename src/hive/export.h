/*
 * export.h - a hive as text, in the format of regedit
 *
 * As `hivexregedit --export HIVE '\'` prints it: keys and values in the order of their
 * code points, a 4-byte REG_DWORD as dword:, everything else as hex(TYPE): on one line,
 * quotes and backslashes of value names behind a backslash. Where that is not sane it
 * differs: names are UTF-8 throughout (hivexregedit writes Latin-1 unless
 * PERL_UNICODE=O is set), and what of a name would break the line or steer a terminal
 * is a '?'.
 */
#ifndef FB_HIVE_EXPORT_H
#define FB_HIVE_EXPORT_H

#include "hive/hive.h"

/*
 * struct fb_export - where the text goes, and what it came to
 * @put:    @n bytes, not terminated; 0, or a negative errno that ends it
 * @veiled: names that hold a '?' in place of something else
 */
struct fb_export {
	int (*put)(void *ctx, const char *text, size_t n);
	void *ctx;
	uint64_t keys, values, veiled;
};

/*
 * fb_hive_export - all keys and values of @h
 *
 * -EBADMSG: damaged, @err names the key: something is out of reach, used twice, deeper
 * than FB_REGF_LEVELS, or more than the hive has room for; what comes before it was
 * put. -ENOMEM, and what @put answered.
 */
int fb_hive_export(const struct fb_hive *h, struct fb_export *e, struct fb_err *err);

#endif
