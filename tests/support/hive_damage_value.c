#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/hive_damage.h"
#include "support/hive_specimen.h"

#include <string.h>

static uint64_t value_count(struct hive_image *i)
{
	uint32_t nk = image_key(i, "\\aaa");

	image_put32(i, nk, FB_NK_VALUES, 1000);
	return image_field(nk, FB_NK_VALUES);
}

static uint64_t value_list_nowhere(struct hive_image *i)
{
	uint32_t nk = image_key(i, "\\aaa");

	image_put32(i, nk, FB_NK_VALUE_LIST, FB_REGF_NIL);
	return image_field(nk, FB_NK_VALUE_LIST);
}

static uint64_t value_nowhere(struct hive_image *i)
{
	uint32_t list = image_u32(i, image_key(i, "\\aaa"), FB_NK_VALUE_LIST);

	image_put32(i, list, 0, 12);
	return image_field(list, 0);
}

static uint64_t value_twice(struct hive_image *i)
{
	uint32_t list = image_u32(i, image_key(i, "\\aaa"), FB_NK_VALUE_LIST);

	image_put32(i, list, 4, image_u32(i, list, 0));
	return image_field(list, 4);
}

static uint64_t value_signature(struct hive_image *i)
{
	uint32_t vk = image_value(i, "\\aaa", "cell");

	i->at[image_field(vk, 0)] = 'n';
	return image_field(vk, 0);
}

static uint64_t value_name(struct hive_image *i)
{
	uint32_t vk = image_value(i, "\\aaa", "cell");

	image_put16(i, vk, FB_VK_NAME_BYTES, 200);
	return image_field(vk, FB_VK_NAME_BYTES);
}

static uint64_t data_nowhere(struct hive_image *i)
{
	uint32_t vk = image_value(i, "\\aaa", "cell");

	image_put32(i, vk, FB_VK_DATA, (uint32_t)i->bytes);
	return image_field(vk, FB_VK_DATA);
}

static uint64_t data_past_cell(struct hive_image *i)
{
	uint32_t vk = image_value(i, "\\aaa", "cell");

	image_put32(i, vk, FB_VK_DATA_BYTES, 120);
	return image_field(vk, FB_VK_DATA_BYTES);
}

static uint64_t data_of_great_size(struct hive_image *i)
{
	uint32_t vk = image_value(i, "\\aaa", "cell");

	image_put32(i, vk, FB_VK_DATA_BYTES, 0x7fffffff);
	return image_field(vk, FB_VK_DATA_BYTES);
}

static uint64_t inline_past_field(struct hive_image *i)
{
	uint32_t vk = image_value(i, "\\aaa", "inline");

	image_put32(i, vk, FB_VK_DATA_BYTES, FB_VK_INLINE | 5);
	return image_field(vk, FB_VK_DATA_BYTES);
}

/* The db record of the big value; 0: it has none. */
static uint32_t db(const struct hive_image *i)
{
	uint32_t rel = image_u32(i, image_value(i, "\\aaa", "big"), FB_VK_DATA);

	return fb_regf_is(i->at + image_field(rel, 0), "db") ? rel : 0;
}

static uint64_t db_signature(struct hive_image *i)
{
	if (!db(i))
		return HIVE_UNHURT;
	i->at[image_field(db(i), 0)] = 'x';
	return image_field(image_value(i, "\\aaa", "big"), FB_VK_DATA_BYTES);
}

static uint64_t db_segments(struct hive_image *i)
{
	if (!db(i))
		return HIVE_UNHURT;
	image_put16(i, db(i), FB_DB_SEGMENTS, 2);
	return image_field(db(i), FB_DB_SEGMENTS);
}

static uint64_t db_list(struct hive_image *i)
{
	if (!db(i))
		return HIVE_UNHURT;
	image_put32(i, db(i), FB_DB_LIST, 0x21);
	return image_field(db(i), FB_DB_LIST);
}

static uint64_t db_segment(struct hive_image *i)
{
	uint32_t list;

	if (!db(i))
		return HIVE_UNHURT;
	list = image_u32(i, db(i), FB_DB_LIST);
	image_put32(i, list, 4, 0);
	return image_field(list, 4);
}

static uint64_t db_segment_short(struct hive_image *i)
{
	uint32_t list, segment, bytes;

	if (!db(i))
		return HIVE_UNHURT;
	list = image_u32(i, db(i), FB_DB_LIST);
	segment = image_u32(i, list, 0);
	bytes = image_cell_bytes(i, segment);
	image_put_cell(i, segment + 64, -(bytes - 64));
	return image_put_cell(i, segment, -64U);
}

static uint64_t max_value_name(struct hive_image *i)
{
	image_put32(i, image_key(i, "\\aaa"), FB_NK_MAX_VALUE_NAME, 11);
	return image_field(image_key(i, "\\aaa"), FB_NK_MAX_VALUE_NAME);
}

static uint64_t max_value_data(struct hive_image *i)
{
	image_put32(i, image_key(i, "\\aaa"), FB_NK_MAX_VALUE_DATA, SPECIMEN_BIG - 1);
	return image_field(image_key(i, "\\aaa"), FB_NK_MAX_VALUE_DATA);
}

const struct hive_damage hive_damage_value[] = {
	{"value count over its list", value_count, "value_count", true},
	{"value list NIL", value_list_nowhere, "value_list", true},
	{"value is no cell", value_nowhere, "value", true},
	{"value twice", value_twice, "cell_twice", true},
	{"vk signature", value_signature, "value_signature", true},
	{"value name over its cell", value_name, "value_name_past_cell", true},
	{"data offset", data_nowhere, "data", true},
	{"data size over its cell", data_past_cell, "data_size", true},
	{"data size of 2 GiB", data_of_great_size, "data_size", true},
	{"inline data of 5 bytes", inline_past_field, "data_size", true},
	{"db signature", db_signature, "data_size", true},
	{"db segment count", db_segments, "db_segments", true},
	{"db list", db_list, "db_list", true},
	{"db segment", db_segment, "db_segment", true},
	{"db segment too short", db_segment_short, "db_segment_short", true},
	{"longest value name too small", max_value_name, "max_value_name", true},
	{"longest data too small", max_value_data, "max_value_data", true},
	{0},
};
