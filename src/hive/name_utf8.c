#include "hive/name.h"

#include <errno.h>

enum {
	SURROGATES = 0xD800, /* the high ones */
	LOW_SURROGATES = 0xDC00,
	PLANES = 0x10000, /* from here on a pair */
	LAST_POINT = 0x10FFFF,
};

static bool is_high(uint32_t point)
{
	return point >> 10 == SURROGATES >> 10;
}

static bool is_low(uint32_t point)
{
	return point >> 10 == LOW_SURROGATES >> 10;
}

/* One character; the byte after it, or NULL when it is no UTF-8. */
static const unsigned char *decode(const unsigned char *at, uint32_t *point)
{
	static const uint32_t least[] = {0, 0x80, 0x800, PLANES};
	unsigned more = *at >= 0xF0 ? 3 : *at >= 0xE0 ? 2 : *at >= 0xC0;
	uint32_t p = *at < 0x80 ? *at : *at & (0x3Fu >> more);

	if ((*at >= 0x80 && !more) || *at >= 0xF8)
		return NULL;
	at++;
	for (unsigned i = 0; i < more; i++, at++) {
		if ((*at & 0xC0) != 0x80)
			return NULL;
		p = p << 6 | (*at & 0x3F);
	}
	if (p < least[more] || p > LAST_POINT)
		return NULL;
	*point = p;
	return at;
}

/* A pair written as two 3-byte forms would be a second spelling of one name. */
static int units_of(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	bool after_high = false;
	size_t n = 0;

	while (*at) {
		uint32_t point;

		at = decode(at, &point);
		if (!at || (after_high && is_low(point)))
			return -EILSEQ;
		after_high = is_high(point);
		n += point < PLANES ? 1 : 2;
	}
	return n <= INT32_MAX ? (int)n : -ENAMETOOLONG;
}

int fb_name_from_utf8(const char *text, uint16_t *out, size_t cap)
{
	const unsigned char *at = (const unsigned char *)text;
	int n = units_of(text);

	if (n < 0)
		return n;
	if ((size_t)n > cap)
		return -ENAMETOOLONG;
	while (*at) {
		uint32_t point;

		at = decode(at, &point);
		if (point >= PLANES) {
			*out++ = (uint16_t)(SURROGATES + ((point - PLANES) >> 10));
			*out++ = (uint16_t)(LOW_SURROGATES + (point & 0x3FF));
		} else {
			*out++ = (uint16_t)point;
		}
	}
	return n;
}

/* The character at @i; @i goes to the next. */
static uint32_t point_at(struct fb_hive_name name, size_t *i)
{
	uint32_t high = name.units[(*i)++];
	uint32_t low = *i < name.n ? name.units[*i] : 0;

	if (!is_high(high) || !is_low(low))
		return high;
	++*i;
	return PLANES + ((high - SURROGATES) << 10) + (low - LOW_SURROGATES);
}

static size_t bytes_of(uint32_t point)
{
	if (point < 0x800)
		return point < 0x80 ? 1 : 2;
	return point < PLANES ? 3 : 4;
}

static char *encode(char *out, uint32_t point)
{
	static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
	size_t n = bytes_of(point);

	for (size_t i = n; i-- > 1; point >>= 6)
		out[i] = (char)(0x80 | (point & 0x3F));
	out[0] = (char)(lead[n] | point);
	return out + n;
}

int fb_name_to_utf8(struct fb_hive_name name, char *out, size_t cap)
{
	size_t n = 0;

	for (size_t i = 0; i < name.n;)
		n += bytes_of(point_at(name, &i));
	if (n >= cap || n > INT32_MAX)
		return -ENAMETOOLONG;
	for (size_t i = 0; i < name.n;)
		out = encode(out, point_at(name, &i));
	*out = '\0';
	return (int)n;
}
