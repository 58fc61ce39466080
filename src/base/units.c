#include "base/units.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* digits / 10^places: exact, because a double would make 0.3m of 300000 uncertain */
struct decimal {
	uint64_t digits;
	unsigned places;
	bool huge;
};

static void add_digit(struct decimal *d, unsigned digit)
{
	if (d->digits > (UINT64_MAX - 9) / 10)
		d->huge = true;
	else
		d->digits = 10 * d->digits + digit;
}

/* Past the last digit, or NULL when @s does not begin with a number. */
static const char *read_decimal(const char *s, struct decimal *d)
{
	const char *end;
	size_t kept;

	*d = (struct decimal){0};
	if (!isdigit((unsigned char)*s))
		return NULL;
	for (; isdigit((unsigned char)*s); s++)
		add_digit(d, (unsigned)(*s - '0'));
	if (*s != '.')
		return s;
	s++;
	if (!isdigit((unsigned char)*s))
		return NULL;
	kept = strspn(s, "0123456789");
	end = s + kept;
	while (kept && s[kept - 1] == '0')
		kept--;
	for (size_t i = 0; i < kept; i++)
		add_digit(d, (unsigned)(s[i] - '0'));
	d->places = (unsigned)kept;
	return end;
}

static int scale(const struct decimal *d, uint64_t unit, uint64_t max, uint64_t *out)
{
	unsigned __int128 v = (unsigned __int128)d->digits * unit;

	/* Twenty digits that do not fit: too large, or finer than any unit. */
	if (d->huge)
		return d->places ? -EINVAL : -ERANGE;
	for (unsigned i = 0; i < d->places; i++) {
		if (v % 10)
			return -EINVAL;
		v /= 10;
	}
	if (v > max)
		return -ERANGE;
	*out = (uint64_t)v;
	return 0;
}

/* 0 when @s is none of "k", "kB", "KiB" and so on. */
static uint64_t size_unit(const char *s)
{
	static const char letters[] = "kmgt";
	const char *at;

	if (!*s)
		return 1;
	at = strchr(letters, tolower((unsigned char)*s));
	if (!at || (s[1] && strcasecmp(s + 1, "iB") && strcasecmp(s + 1, "B")))
		return 0;
	return 1ull << (10 * (at - letters + 1));
}

int fb_parse_size(const char *s, uint64_t *bytes)
{
	struct decimal d;
	const char *suffix = read_decimal(s, &d);
	uint64_t unit = suffix ? size_unit(suffix) : 0;

	return unit ? scale(&d, unit, INT64_MAX, bytes) : -EINVAL;
}

static uint64_t duration_unit(const char *s, uint64_t bare)
{
	static const struct {
		const char *suffix;
		uint64_t ns;
	} units[] = {
		{"ns", 1},          {"us", 1000},        {"ms", 1000000},
		{"s", 1000000000u}, {"m", 60000000000u}, {"h", 3600000000000u},
	};

	if (!*s)
		return bare;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(s, units[i].suffix))
			return units[i].ns;
	return 0;
}

int fb_parse_duration(const char *s, uint64_t unit_ns, uint64_t *ns)
{
	const uint64_t thousand_days = 1000ull * 24 * 3600 * 1000000000;
	struct decimal d;
	const char *suffix = read_decimal(s, &d);
	uint64_t unit = suffix ? duration_unit(suffix, unit_ns) : 0;

	return unit ? scale(&d, unit, thousand_days, ns) : -EINVAL;
}

static uint64_t count_unit(const char *s)
{
	if (!*s)
		return 1;
	if (s[1])
		return 0;
	switch (tolower((unsigned char)*s)) {
	case 'k':
		return 1000;
	case 'm':
		return 1000000;
	case 'g':
		return 1000000000;
	default:
		return 0;
	}
}

int fb_parse_count(const char *s, uint64_t *n)
{
	struct decimal d;
	const char *suffix = read_decimal(s, &d);
	uint64_t unit = suffix ? count_unit(suffix) : 0;

	return unit ? scale(&d, unit, INT64_MAX, n) : -EINVAL;
}

char *fb_format_size(char out[FB_FORMAT_LEN], uint64_t bytes)
{
	static const char *const units[] = {"", "k", "m", "g", "t"};
	size_t u = 0;

	while (bytes && bytes % 1024 == 0 && u < 4) {
		bytes /= 1024;
		u++;
	}
	snprintf(out, FB_FORMAT_LEN, "%" PRIu64 "%s", bytes, units[u]);
	return out;
}

static int places(double v)
{
	double size = fabs(v);

	/* Where rounding would add a digit, one place less is left. */
	if (size && size < 0.9995)
		return size < 0.09995 ? 4 : 3;
	return size < 9.995 ? 2 : size < 99.95 ? 1 : 0;
}

static char *format_scaled(char out[FB_FORMAT_LEN], double v, double step,
			   const char *const *units)
{
	size_t u = 0;
	bool whole = v == floor(v);

	if (!isfinite(v)) {
		snprintf(out, FB_FORMAT_LEN, "-");
		return out;
	}
	while (fabs(v) >= 999.5 && units[u + 1]) {
		v /= step;
		u++;
	}
	snprintf(out, FB_FORMAT_LEN, fabs(v) < 1e15 ? "%.*f%s" : "%.*e%s",
		 whole && !u ? 0 : places(v), v, units[u]);
	return out;
}

char *fb_format_bytes(char out[FB_FORMAT_LEN], double bytes)
{
	static const char *const units[] = {" B",   " KiB", " MiB", " GiB",
					    " TiB", " PiB", NULL};

	return format_scaled(out, bytes, 1024, units);
}

char *fb_format_ns(char out[FB_FORMAT_LEN], double ns)
{
	static const char *const units[] = {" ns", " us", " ms", " s", NULL};

	return format_scaled(out, ns, 1000, units);
}

char *fb_format_rate(char out[FB_FORMAT_LEN], double per_s)
{
	static const char *const units[] = {"", "k", "M", "G", "T", NULL};

	return format_scaled(out, per_s, 1000, units);
}

char *fb_format_span(char out[FB_FORMAT_LEN], double seconds)
{
	uint64_t s = (uint64_t)(seconds + 0.5);

	if (seconds < 9.95)
		snprintf(out, FB_FORMAT_LEN, "%.1f s", seconds);
	else if (s < 60)
		snprintf(out, FB_FORMAT_LEN, "%" PRIu64 " s", s);
	else if (s < 3600)
		snprintf(out, FB_FORMAT_LEN, "%" PRIu64 " min %" PRIu64 " s", s / 60,
			 s % 60);
	else
		snprintf(out, FB_FORMAT_LEN, "%" PRIu64 " h %" PRIu64 " min", s / 3600,
			 s / 60 % 60);
	return out;
}
