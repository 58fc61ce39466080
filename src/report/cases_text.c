#include "report/cases.h"

#include "base/units.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fb_cases_value(const struct fb_cases *m, const struct fb_cases_row *c,
		    const struct fb_param *p, char out[FB_CASES_TEXT])
{
	const char *text = fb_cases_field(m, c, fb_param_column(p));
	char shown[FB_PARAM_TEXT];
	struct fb_case parsed;

	/* None is none in any unit; a word that this version does not know stays. */
	if (strcmp(text, "0") != 0 && !fb_param_parse(p, text, &parsed, NULL)) {
		fb_param_show(p, &parsed, shown);
		text = shown;
	}
	snprintf(out, FB_CASES_TEXT, "%s", text);
}

bool fb_cases_is_plain(const struct fb_param *p, const char *value)
{
	return (!strcmp(p->name, "batch") || !strcmp(p->name, "ranges")) &&
	       !strcmp(value, p->initial);
}

static char *format_ratio(char out[FB_FORMAT_LEN], double v)
{
	if (v >= 999.5)
		return fb_format_rate(out, v);
	snprintf(out, FB_FORMAT_LEN, "%.*f", v < 9.995 ? 2 : v < 99.95, v);
	return out;
}

void fb_cases_format(enum fb_figure f, double v, char out[FB_CASES_TEXT])
{
	char text[FB_FORMAT_LEN];

	if (isnan(v))
		snprintf(text, sizeof(text), "-");
	else if (f == FB_FIGURE_COMMITS)
		fb_format_rate(text, v);
	else if (f == FB_FIGURE_WRITE_AMP || f == FB_FIGURE_FLUSH_AMP ||
		 f == FB_FIGURE_LINES)
		format_ratio(text, v);
	else if (f == FB_FIGURE_LOG)
		fb_format_bytes(text, v);
	else
		fb_format_ns(text, v);
	snprintf(out, FB_CASES_TEXT, "%s", text);
}

const char *fb_cases_status(const char *hex)
{
	static const struct {
		uint32_t status;
		const char *name;
	} names[] = {
		{0xC0000001u, "UNSUCCESSFUL"},
		{0xC0000002u, "NOT_IMPLEMENTED"},
		{0xC0000004u, "INFO_LENGTH_MISMATCH"},
		{0xC0000008u, "INVALID_HANDLE"},
		{0xC000000Du, "INVALID_PARAMETER"},
		{0xC000000Fu, "NO_SUCH_FILE"},
		{0xC0000010u, "INVALID_DEVICE_REQUEST"},
		{0xC0000017u, "NO_MEMORY"},
		{0xC0000022u, "ACCESS_DENIED"},
		{0xC0000024u, "OBJECT_TYPE_MISMATCH"},
		{0xC0000034u, "OBJECT_NAME_NOT_FOUND"},
		{0xC0000035u, "OBJECT_NAME_COLLISION"},
		{0xC000007Fu, "DISK_FULL"},
		{0xC000009Au, "INSUFFICIENT_RESOURCES"},
		{0xC00000A2u, "MEDIA_WRITE_PROTECTED"},
		{0xC00000BBu, "NOT_SUPPORTED"},
		{0xC00000E9u, "UNEXPECTED_IO_ERROR"},
		{0xC000011Fu, "TOO_MANY_OPENED_FILES"},
		{0xC000014Du, "REGISTRY_IO_FAILED"},
		{0xC000017Cu, "KEY_DELETED"},
		{0xC0000185u, "IO_DEVICE_ERROR"},
		{0xC000026Eu, "VOLUME_DISMOUNTED"},
	};
	unsigned long status = strtoul(hex, NULL, 16);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].status == status)
			return names[i].name;
	return NULL;
}

void fb_cases_trouble(const struct fb_cases *m, const struct fb_cases_row *c,
		      char out[FB_CASES_TEXT])
{
	const char *hex, *name;

	*out = '\0';
	if (!c->failed)
		return;
	hex = fb_csv_get(m->t, c->failed_row, fb_csv_find(m->t, "status"));
	name = fb_cases_status(hex);
	snprintf(out, FB_CASES_TEXT, "%s: %.60s",
		 fb_cases_is_refused(m, c) ? "refused" : "failed", name ? name : hex);
}
