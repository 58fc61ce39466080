#include "plan/param.h"

#include "base/suggest.h"
#include "base/units.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool same_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		if ((*a == '-' ? '_' : *a) != (*b == '-' ? '_' : *b))
			return false;
	}
	return *a == *b;
}

int fb_param_find(const char *name)
{
	for (size_t i = 0; i < fb_params_count; i++) {
		if (same_name(fb_params[i].name, name))
			return (int)i;
	}
	return -1;
}

const char *fb_param_column(const struct fb_param *p)
{
	return p->column ? p->column : p->name;
}

static size_t count_words(const char *const *words)
{
	size_t n = 0;

	while (words[n])
		n++;
	return n;
}

static void join_words(const char *const *words, char *out, size_t room)
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; words[i] && at < room; i++)
		at += (size_t)snprintf(out + at, room - at, "%s%s", i ? ", " : "",
				       words[i]);
}

static const char *what_others_call(const struct fb_param *p, const char *text)
{
	if (p->choices == fb_mode_names)
		return fb_mode_of_call(text);
	return p->choices == fb_path_names ? fb_path_of_word(text) : NULL;
}

static int parse_choice(const struct fb_param *p, const char *text, int *out,
			struct fb_err *err)
{
	char all[384];
	const char *near;

	for (int i = 0; p->choices[i]; i++) {
		if (same_name(p->choices[i], text)) {
			*out = i;
			return 0;
		}
	}
	near = what_others_call(p, text);
	if (!near)
		near = fb_suggest(text, p->choices, count_words(p->choices));
	join_words(p->choices, all, sizeof(all));
	if (near)
		return fb_err_set(err, -EINVAL,
				  "%s=%s is not known; did you mean %s? (%s)", p->name,
				  text, near, all);
	return fb_err_set(err, -EINVAL, "%s=%s is not known; choose from %s", p->name,
			  text, all);
}

static int parse_bool(const struct fb_param *p, const char *text, int *out,
		      struct fb_err *err)
{
	static const char *const words[] = {"0",     "1",    "no",  "yes",
					    "false", "true", "off", "on"};

	for (int i = 0; i < 8; i++) {
		if (!strcmp(words[i], text)) {
			*out = i & 1;
			return 0;
		}
	}
	return fb_err_set(err, -EINVAL, "%s=%s is neither yes nor no; write 1 or 0",
			  p->name, text);
}

static int parse_real(const struct fb_param *p, const char *text, double *out,
		      struct fb_err *err)
{
	const char *usual = *p->initial ? p->initial : "0.01";
	char *end;
	double v = strtod(text, &end);

	if (end == text || *end)
		return fb_err_set(err, -EINVAL,
				  "%s=%s is not a number; write one such as %s",
				  p->name, text, usual);
	if (!(v > 0 && (v < 1 || (p->max && v == 1))))
		return fb_err_set(err, -EINVAL,
				  "%s=%s must be above 0 and %s (such as %s)", p->name,
				  text, p->max ? "at most 1" : "below 1", usual);
	*out = v;
	return 0;
}

static bool cpu_list_ok(const char *s)
{
	for (;;) {
		char *end;
		unsigned long from, to;

		if (!isdigit((unsigned char)*s))
			return false;
		from = to = strtoul(s, &end, 10);
		if (*end == '-') {
			s = end + 1;
			if (!isdigit((unsigned char)*s))
				return false;
			to = strtoul(s, &end, 10);
		}
		if (to < from || to >= 4096)
			return false;
		if (!*end)
			return true;
		if (*end != ',')
			return false;
		s = end + 1;
	}
}

static int parse_cpus(const struct fb_param *p, const char *text, char *out,
		      struct fb_err *err)
{
	if (*text && (strlen(text) >= FB_CPUS_TEXT || !cpu_list_ok(text)))
		return fb_err_set(err, -EINVAL, "%s=%s is no CPU list such as 0-1,3",
				  p->name, text);
	snprintf(out, FB_CPUS_TEXT, "%s", text);
	return 0;
}

bool fb_param_is_silent(const struct fb_param *p, const char *value)
{
	return !strcmp(value, p->initial) &&
	       (!strcmp(value, "0") || p->type == FB_TYPE_BOOL || p->quiet);
}

bool fb_param_is_derived(const struct fb_param *p)
{
	return !*p->initial && p->type != FB_TYPE_CPUS;
}

/* In the largest unit that keeps it whole. */
static void show_duration(uint64_t ns, char out[FB_FORMAT_LEN])
{
	static const char *const units[] = {"ns", "us", "ms", "s"};
	size_t u = 0;

	while (ns % 1000 == 0 && u < 3) {
		ns /= 1000;
		u++;
	}
	snprintf(out, FB_FORMAT_LEN, "%" PRIu64 "%s", ns, units[u]);
}

static void show_number(const struct fb_param *p, uint64_t v, char out[FB_FORMAT_LEN])
{
	if (p->type == FB_TYPE_SIZE)
		fb_format_size(out, v);
	else if (p->type == FB_TYPE_DURATION)
		show_duration(v, out);
	else
		snprintf(out, FB_FORMAT_LEN, "%" PRIu64, v);
}

static int explain_number(const struct fb_param *p, const char *text, int code,
			  struct fb_err *err)
{
	char low[FB_FORMAT_LEN], high[FB_FORMAT_LEN];
	const char *what = p->type == FB_TYPE_SIZE ? "a size such as 4096, 4k or 1m"
			   : p->type == FB_TYPE_DURATION
				   ? "a time such as 5, 500ms or 2m"
				   : "a whole number such as 8";

	show_number(p, p->min, low);
	show_number(p, p->max, high);
	if (code == -EINVAL)
		return fb_err_set(err, -EINVAL, "%s=%s is not %s%s%s%s", p->name, text,
				  what, p->unit ? " (bare numbers are " : "",
				  p->unit ? p->unit : "", p->unit ? ")" : "");
	return fb_err_set(err, -EINVAL, "%s=%s is out of range; %s to %s is possible",
			  p->name, text, low, high);
}

static int parse_number(const struct fb_param *p, const char *text, uint64_t *out,
			struct fb_err *err)
{
	uint64_t v = 0;
	int ret;

	if (p->type == FB_TYPE_SIZE)
		ret = fb_parse_size(text, &v);
	else if (p->type == FB_TYPE_DURATION)
		ret = fb_parse_duration(text, p->unit_ns, &v);
	else
		ret = fb_parse_count(text, &v);
	if (!ret && (v < p->min || v > p->max))
		ret = -ERANGE;
	if (ret)
		return explain_number(p, text, ret, err);
	*out = v;
	return 0;
}

int fb_param_parse(const struct fb_param *p, const char *text, struct fb_case *c,
		   struct fb_err *err)
{
	void *at = (char *)c + p->offset;

	switch (p->type) {
	case FB_TYPE_ENUM:
		return parse_choice(p, text, at, err);
	case FB_TYPE_BOOL:
		return parse_bool(p, text, at, err);
	case FB_TYPE_REAL:
		return parse_real(p, text, at, err);
	case FB_TYPE_CPUS:
		return parse_cpus(p, text, at, err);
	default:
		return parse_number(p, text, at, err);
	}
}

/* A point with nothing behind it goes as well. */
static void trim_zeros(char *text)
{
	size_t n = strlen(text);

	while (text[n - 1] == '0')
		n--;
	text[text[n - 1] == '.' ? n - 1 : n] = '\0';
}

/* Twelve digits as people write them: 0.000001, not 1e-06. */
static void format_real(double v, char out[FB_PARAM_TEXT])
{
	if (v < 1e-18) {
		snprintf(out, FB_PARAM_TEXT, "%.12g", v);
		return;
	}
	snprintf(out, FB_PARAM_TEXT, "%.*f", 11 - (int)floor(log10(v)), v);
	trim_zeros(out);
}

/* In units of @unit_ns, which divides a second: 0.000000001, not 1e-09. */
static void format_duration(uint64_t ns, uint64_t unit_ns, char out[FB_PARAM_TEXT])
{
	uint64_t billionth = ns % unit_ns * (UINT64_C(1000000000) / unit_ns);

	snprintf(out, FB_PARAM_TEXT, "%" PRIu64 ".%09" PRIu64, ns / unit_ns, billionth);
	trim_zeros(out);
}

void fb_param_format(const struct fb_param *p, const struct fb_case *c,
		     char out[FB_PARAM_TEXT])
{
	const void *at = (const char *)c + p->offset;

	switch (p->type) {
	case FB_TYPE_ENUM:
		snprintf(out, FB_PARAM_TEXT, "%s", p->choices[*(const int *)at]);
		break;
	case FB_TYPE_BOOL:
		snprintf(out, FB_PARAM_TEXT, "%d", *(const int *)at);
		break;
	case FB_TYPE_REAL:
		format_real(*(const double *)at, out);
		break;
	case FB_TYPE_CPUS:
		snprintf(out, FB_PARAM_TEXT, "%s", (const char *)at);
		break;
	case FB_TYPE_DURATION:
		format_duration(*(const uint64_t *)at, p->unit_ns, out);
		break;
	default:
		snprintf(out, FB_PARAM_TEXT, "%" PRIu64, *(const uint64_t *)at);
		break;
	}
}

void fb_param_show(const struct fb_param *p, const struct fb_case *c,
		   char out[FB_PARAM_TEXT])
{
	const void *at = (const char *)c + p->offset;

	if (p->type == FB_TYPE_SIZE || p->type == FB_TYPE_DURATION)
		show_number(p, *(const uint64_t *)at, out);
	else
		fb_param_format(p, c, out);
}
