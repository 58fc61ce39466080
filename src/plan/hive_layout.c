#include "plan/hive_layout.h"

#include <string.h>

/* Of the format, which src/hive/regf.h describes; this folder may not see it. */
enum {
	PAGE = 4096,
	BIN_HEAD = 32,
	BIN_ROOM = PAGE - BIN_HEAD,
	CELL_HEAD = 4,
	KEY = 76,
	VALUE = 20,
	VALUE_INLINE = 4,
	LIST_HEAD = 4,
	LIST_ITEM = 8,
	LIST_MOST = 1013,
	SECURITY = 164,
	BIG_RECORD = 8,
	SEGMENT = 16344,
};

static uint64_t cell(uint64_t payload)
{
	return (payload + CELL_HEAD + 7) / 8 * 8;
}

/* @small: bytes of cells that fit in where there is room; @bins: of bins for the
 * others; @spare: what is free in those. */
struct room {
	uint64_t small, bins, spare;
};

/* Cells so large that a bin of theirs is seldom full. */
static void add_large(struct room *r, uint64_t n, uint64_t payload)
{
	uint64_t size = cell(payload);
	uint64_t bin = (size + BIN_HEAD + PAGE - 1) / PAGE * PAGE;
	uint64_t each = (bin - BIN_HEAD) / size;
	uint64_t bins = (n + each - 1) / each;

	r->bins += bins * bin;
	r->spare += bins * (bin - BIN_HEAD) - n * size;
}

static void add_data(struct room *r, uint64_t n, uint64_t bytes)
{
	uint64_t segments = (bytes + SEGMENT - 1) / SEGMENT;

	if (bytes <= VALUE_INLINE)
		return;
	if (segments == 1) {
		add_large(r, n, bytes);
		return;
	}
	/* The last segment has a whole cell, too. */
	r->small += n * (cell(BIG_RECORD) + cell(4 * segments));
	add_large(r, n * segments, SEGMENT);
}

static void add_list(struct room *r, uint64_t n, uint64_t bytes)
{
	if (cell(bytes) > BIN_ROOM / 2)
		add_large(r, n, bytes);
	else
		r->small += n * cell(bytes);
}

/* Items that a list has room for which grew to @n by halves of itself. */
static uint64_t room_of_list(uint64_t n)
{
	uint64_t items = 0;

	while (items < n)
		items = (cell((items + items / 2 + 1) * 4) - CELL_HEAD) / 4;
	return items;
}

static void add_keys(struct room *r, const struct fb_case *c, uint64_t values)
{
	uint64_t full = values / c->values_per_key, rest = values % c->values_per_key;
	uint64_t keys = full + !!rest;
	uint64_t groups = (keys + FB_HIVE_LAYOUT_GROUP - 1) / FB_HIVE_LAYOUT_GROUP;
	uint64_t last = keys % FB_HIVE_LAYOUT_GROUP;
	char name[FB_HIVE_LAYOUT_NAME];
	uint64_t group_name = (uint64_t)fb_hive_layout_group(groups, name);
	uint64_t key_name = (uint64_t)fb_hive_layout_key(keys, name) - group_name - 1;

	r->small += groups * cell(KEY + group_name) + keys * cell(KEY + key_name);
	add_list(r, !!groups, LIST_HEAD + LIST_ITEM * room_of_list(groups));
	add_list(r, keys / FB_HIVE_LAYOUT_GROUP, LIST_HEAD + LIST_ITEM * LIST_MOST);
	add_list(r, !!last, LIST_HEAD + LIST_ITEM * last);
	add_list(r, full, 4 * room_of_list(c->values_per_key));
	add_list(r, !!rest, 4 * room_of_list(rest));
}

uint64_t fb_hive_layout_bytes(const struct fb_case *c, uint64_t values)
{
	char name[FB_HIVE_LAYOUT_NAME];
	uint64_t most = values < c->values_per_key ? values : c->values_per_key;
	struct room r = {.small = cell(KEY + strlen("ROOT")) + cell(SECURITY)};

	if (values) {
		r.small += values *
			   cell(VALUE + (uint64_t)fb_hive_layout_value(most - 1, name));
		add_keys(&r, c, values);
		add_data(&r, values, c->value_size);
	}
	/* Measured: so much stays free between small cells, where lists outgrew theirs.
	 */
	r.small += r.small / 40;
	if (r.small > r.spare)
		r.bins += (r.small - r.spare + BIN_ROOM - 1) / BIN_ROOM * PAGE;
	return PAGE + r.bins;
}

uint64_t fb_hive_layout_values(const struct fb_case *c)
{
	/* A value takes more than its own name; so @above is always too many. */
	uint64_t fits = 0, above = c->size / cell(VALUE) + 1;

	while (above - fits > 1) {
		uint64_t middle = fits + (above - fits) / 2;

		if (fb_hive_layout_bytes(c, middle) <= c->size)
			fits = middle;
		else
			above = middle;
	}
	return fits;
}

/* By hand, for a name is made in every write: digits, @least at least. */
static int put_number(char *out, uint64_t n, int least)
{
	char digits[20];
	int count = 0;

	for (; n || count < least; n /= 10)
		digits[count++] = (char)('0' + n % 10);
	for (int i = 0; i < count; i++)
		out[i] = digits[count - 1 - i];
	out[count] = '\0';
	return count;
}

static int put_name(char *out, const char *word, uint64_t n, int least)
{
	int at = (int)strlen(word);

	memcpy(out, word, (size_t)at);
	return at + put_number(out + at, n, least);
}

int fb_hive_layout_group(uint64_t group, char out[FB_HIVE_LAYOUT_NAME])
{
	return put_name(out, "group", group, 4);
}

int fb_hive_layout_key(uint64_t key, char out[FB_HIVE_LAYOUT_NAME])
{
	int at = fb_hive_layout_group(key / FB_HIVE_LAYOUT_GROUP, out);

	out[at++] = '\\';
	return at + put_name(out + at, "key", key, 7);
}

int fb_hive_layout_value(uint64_t value, char out[FB_HIVE_LAYOUT_NAME])
{
	return put_name(out, "value", value, 2);
}
