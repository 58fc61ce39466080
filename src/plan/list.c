#include "plan/profile.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A set of values by their text, open addressing, at most half full. */
struct set {
	char (*slots)[FB_PARAM_TEXT];
	size_t mask;
};

static bool set_add(struct set *s, const char *text)
{
	uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
	size_t at;

	for (const char *c = text; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 0x100000001b3u;
	for (at = hash & s->mask; s->slots[at][0]; at = (at + 1) & s->mask) {
		if (!strcmp(s->slots[at], text))
			return false;
	}
	snprintf(s->slots[at], FB_PARAM_TEXT, "%s", text);
	return true;
}

static size_t room_for(const char *list)
{
	size_t n = 4;

	for (const char *c = list; *c; c++)
		n += *c == ',';
	while (n & (n - 1))
		n += n & -n;
	return 2 * n;
}

char *fb_list_unique(const struct fb_param *p, const char *list)
{
	const size_t room = room_for(list);
	struct set seen = {calloc(room, sizeof(*seen.slots)), room - 1};
	char *out = malloc(strlen(list) + 1);
	char value[FB_PARAM_TEXT], plain[FB_PARAM_TEXT];
	struct fb_case c;
	size_t at = 0;

	if (!seen.slots || !out) {
		free(seen.slots);
		free(out);
		return NULL;
	}
	out[0] = '\0';
	while (list) {
		list = fb_list_next(p, list, value, sizeof(value));
		if (fb_value_is_all(p, value)) {
			strcpy(out, value);
			break;
		}
		if (fb_param_parse(p, value, &c, NULL))
			continue;
		fb_param_format(p, &c, plain);
		if (set_add(&seen, plain))
			at += (size_t)sprintf(out + at, "%s%s", at ? "," : "", value);
	}
	free(seen.slots);
	return out;
}
