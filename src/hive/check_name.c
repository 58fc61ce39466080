#include "hive/check_walk.h"

#include "hive/name.h"

static uint16_t unit(const struct fb_check_name *n, uint32_t i)
{
	return n->is_8bit ? n->at[i] : fb_get16(n->at + 2 * i);
}

static int compare(const struct fb_check_name *a, const struct fb_check_name *b)
{
	uint32_t na = fb_check_units(a), nb = fb_check_units(b);

	for (uint32_t i = 0; i < na && i < nb; i++) {
		int d = fb_upcase(unit(a, i)) - fb_upcase(unit(b, i));

		if (d)
			return d;
	}
	return (na > nb) - (na < nb);
}

/* A name as hivex has it: UTF-8, terminated. */
struct utf8 {
	unsigned char at[3 * FB_KEY_NAME_MAX + 1];
};

static void to_utf8(const struct fb_check_name *n, struct utf8 *out)
{
	uint16_t units[FB_KEY_NAME_MAX];
	uint32_t n_units = fb_check_units(n);

	for (uint32_t i = 0; i < n_units; i++)
		units[i] = unit(n, i);
	if (fb_name_to_utf8((struct fb_hive_name){units, n_units}, (char *)out->at,
			    sizeof(out->at)) < 0)
		out->at[0] = '\0';
}

static unsigned char lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c - 'A' + 'a') : c;
}

/* hivex sorts by the lower case of ASCII, byte by byte. */
static bool ascends_for_hivex(const struct fb_check_name *a,
			      const struct fb_check_name *b)
{
	struct utf8 ua, ub;
	const unsigned char *pa = ua.at, *pb = ub.at;

	to_utf8(a, &ua);
	to_utf8(b, &ub);
	while (*pa && lower(*pa) == lower(*pb)) {
		pa++;
		pb++;
	}
	return lower(*pa) < lower(*pb);
}

enum fb_check_order fb_check_order(const struct fb_check_name *first,
				   const struct fb_check_name *second)
{
	int d = compare(first, second);

	if (d < 0)
		return FB_CHECK_ASCENDING;
	if (!d)
		return FB_CHECK_EQUAL;
	return ascends_for_hivex(first, second) ? FB_CHECK_ASCENDING
						: FB_CHECK_DESCENDING;
}

static uint32_t hash_of_hivex(const struct fb_check_name *n)
{
	struct utf8 u;
	uint32_t h = 0;

	to_utf8(n, &u);
	for (const unsigned char *p = u.at; *p; p++) {
		uint32_t byte = lower(*p);

		if (byte >= 'a' && byte <= 'z')
			byte -= 'a' - 'A';
		/* A char of x86 has a sign. */
		h = 37 * h + (byte < 0x80 ? byte : byte - 0x100);
	}
	return h;
}

bool fb_check_hash_fits(const struct fb_check_name *n, const unsigned char *hash)
{
	uint32_t h = 0, n_units = fb_check_units(n);
	bool is_ascii = true;

	for (uint32_t i = 0; i < n_units; i++) {
		h = 37 * h + fb_upcase(unit(n, i));
		is_ascii = is_ascii && unit(n, i) < 0x80;
	}
	return h == fb_get32(hash) || (!is_ascii && hash_of_hivex(n) == fb_get32(hash));
}

/* What a writer makes of characters beyond ASCII is its own affair. */
bool fb_check_hint_fits(const struct fb_check_name *n, const unsigned char *hint)
{
	uint32_t n_units = fb_check_units(n);

	if (!hint[0])
		return true;
	for (uint32_t i = 0; i < 4; i++) {
		uint16_t c = i < n_units ? unit(n, i) : 0;

		if (c >= 0x80)
			return true;
		if (lower((unsigned char)c) != lower(hint[i]))
			return false;
	}
	return true;
}
