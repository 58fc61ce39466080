/*
 * units.h - numbers as people write and read them
 */
#ifndef FB_BASE_UNITS_H
#define FB_BASE_UNITS_H

#include <stddef.h>
#include <stdint.h>

/* A figure nobody could learn; an empty field in CSV, never 0. */
#define FB_UNKNOWN UINT64_MAX

/* fb_gain - what a counter gained; unknown when either end is, or when it went back */
static inline uint64_t fb_gain(uint64_t before, uint64_t after)
{
	return before == FB_UNKNOWN || after == FB_UNKNOWN || after < before
		       ? FB_UNKNOWN
		       : after - before;
}

/*
 * fb_parse_size - "4096", "4k", "4KiB", "1.5m" to bytes
 *
 * k, m, g, t are 1024-based in either case, with or without an "iB" or "B".
 * 0, or -EINVAL (not a size, negative, not a whole number of bytes), or
 * -ERANGE (above INT64_MAX, the largest offset a file can have).
 */
int fb_parse_size(const char *s, uint64_t *bytes);

/*
 * fb_parse_duration - "5", "500ms", "2.5s", "1m" to nanoseconds
 * @unit_ns: what a bare number counts
 *
 * Suffixes ns, us, ms, s, m, h. 0, -EINVAL (not a duration, negative, finer than
 * a nanosecond), or -ERANGE above 1000 days.
 */
int fb_parse_duration(const char *s, uint64_t unit_ns, uint64_t *ns);

/* fb_parse_count - a whole number, suffixes k, m, g 1000-based; as above */
int fb_parse_count(const char *s, uint64_t *n);

/* Text written by the fb_format functions, terminator included, fits. */
#define FB_FORMAT_LEN 32

/*
 * fb_format_size - "4k", "256m", else plain bytes: exact, read back alike
 * fb_format_bytes - "12.3 MiB": three digits, for tables
 * fb_format_ns - "850 ns", "88.1 us", "1.36 ms", "2.50 s": three digits
 * fb_format_rate - "11.2k": three digits, 1000-based
 * fb_format_span - "0.4 s", "34 s", "5 min 10 s", "83 h 20 min": how long to wait
 *
 * A whole number of bytes, nanoseconds or events is written whole ("20 ns"); what
 * is not finite is "-". All write at most FB_FORMAT_LEN bytes to @out and return
 * @out.
 */
char *fb_format_size(char out[FB_FORMAT_LEN], uint64_t bytes);
char *fb_format_bytes(char out[FB_FORMAT_LEN], double bytes);
char *fb_format_ns(char out[FB_FORMAT_LEN], double ns);
char *fb_format_rate(char out[FB_FORMAT_LEN], double per_s);
char *fb_format_span(char out[FB_FORMAT_LEN], double seconds);

#endif
