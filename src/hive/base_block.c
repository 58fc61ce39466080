#include "hive/base_block.h"

#include "hive/name.h"

#include <string.h>

enum {
	BASE_RMTM = 164,
	NAME_UNITS = FB_BASE_NAME_BYTES / 2 - 1, /* a NUL follows them */
	UTF8_MAX = 4,
};

static const unsigned char regf[4] = {'r', 'e', 'g', 'f'};
static const unsigned char rmtm[4] = {'r', 'm', 't', 'm'};

uint32_t fb_base_checksum(const void *sector)
{
	uint32_t sum = 0;

	for (int i = 0; i < FB_BASE_CHECKSUM; i += 4)
		sum ^= fb_get32((const char *)sector + i);
	if (sum == UINT32_MAX)
		return UINT32_MAX - 1;
	return sum ? sum : 1;
}

bool fb_base_valid(const void *sector)
{
	return !memcmp(sector, regf, sizeof(regf)) &&
	       fb_get32((const char *)sector + FB_BASE_CHECKSUM) ==
		       fb_base_checksum(sector);
}

void fb_base_get(const void *sector, struct fb_base_block *b)
{
	const unsigned char *s = sector;

	b->seq1 = fb_get32(s + FB_BASE_SEQ1);
	b->seq2 = fb_get32(s + FB_BASE_SEQ2);
	b->time = fb_get64(s + FB_BASE_TIME);
	b->major = fb_get32(s + FB_BASE_MAJOR);
	b->minor = fb_get32(s + FB_BASE_MINOR);
	b->type = fb_get32(s + FB_BASE_TYPE);
	b->root = fb_get32(s + FB_BASE_ROOT);
	b->bins = fb_get32(s + FB_BASE_BINS);
	b->flags = fb_get32(s + FB_BASE_FLAGS);
}

void fb_base_put(void *sector, const struct fb_base_block *b)
{
	unsigned char *s = sector;

	fb_put32(s + FB_BASE_SEQ1, b->seq1);
	fb_put32(s + FB_BASE_SEQ2, b->seq2);
	fb_put64(s + FB_BASE_TIME, b->time);
	fb_put32(s + FB_BASE_MAJOR, b->major);
	fb_put32(s + FB_BASE_MINOR, b->minor);
	fb_put32(s + FB_BASE_TYPE, b->type);
	fb_put32(s + FB_BASE_ROOT, b->root);
	fb_put32(s + FB_BASE_BINS, b->bins);
	fb_put32(s + FB_BASE_FLAGS, b->flags);
	fb_put32(s + FB_BASE_CHECKSUM, fb_base_checksum(s));
}

/* Enough of the end of @name to hold the units that are kept, from a whole character
 * on. */
static const char *tail(const char *name)
{
	size_t n = strlen(name);
	size_t at = n;
	size_t chars = 0;

	while (at && chars < NAME_UNITS && n - at < (size_t)NAME_UNITS * UTF8_MAX) {
		at--;
		if ((name[at] & 0xC0) != 0x80)
			chars++;
	}
	return name + at;
}

/* A path need not be UTF-8 here; then its bytes stand for themselves. */
static size_t widen(const char *name, uint16_t *out)
{
	size_t n = strlen(name);
	size_t skip = n > NAME_UNITS ? n - NAME_UNITS : 0;

	return fb_name_get(name + skip, n - skip, true, out);
}

static void put_name(unsigned char *at, const char *name)
{
	uint16_t units[NAME_UNITS * UTF8_MAX];
	int got = fb_name_from_utf8(tail(name), units, NAME_UNITS * UTF8_MAX);
	size_t n = got < 0 ? widen(name, units) : (size_t)got;
	size_t first = n > NAME_UNITS ? n - NAME_UNITS : 0;

	if (first && (units[first] & 0xFC00) == 0xDC00)
		first++;
	for (size_t i = first; i < n; i++)
		fb_put16(at + (i - first) * 2, units[i]);
}

void fb_base_make(void *sector, const struct fb_base_block *b, const char *name)
{
	unsigned char *s = sector;

	memset(s, 0, FB_REGF_SECTOR);
	memcpy(s + FB_BASE_SIGNATURE, regf, sizeof(regf));
	fb_put32(s + FB_BASE_FORMAT, 1);
	fb_put32(s + FB_BASE_CLUSTER, 1);
	memcpy(s + BASE_RMTM, rmtm, sizeof(rmtm));
	put_name(s + FB_BASE_NAME, name);
	fb_base_put(s, b);
}
