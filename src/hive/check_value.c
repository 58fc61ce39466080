#include "hive/check_walk.h"

static void check_segments(struct fb_check *c, const struct fb_check_cell *list,
			   uint32_t size)
{
	uint32_t left = size;

	for (uint32_t i = 0; left && i < list->bytes / 4; i++) {
		struct fb_check_ref ref = {fb_check_field(list, 4 * i), "db_segment",
					   "segment of big data"};
		uint32_t need = left < FB_REGF_BIG_DATA ? left : FB_REGF_BIG_DATA;
		struct fb_check_cell cell;

		left -= need;
		if (fb_check_follow(c, fb_get32(list->at + 4 * i), &ref, &cell) &&
		    cell.bytes < need)
			fb_check_tell(c, fb_check_place(cell.rel), "db_segment_short",
				      "segment of big data of %u bytes, must be %u",
				      cell.bytes, need);
	}
}

static void check_big(struct fb_check *c, const struct fb_check_cell *db, uint32_t size)
{
	struct fb_check_ref ref = {fb_check_field(db, FB_DB_LIST), "db_list",
				   "list of segments"};
	uint32_t said = fb_get16(db->at + FB_DB_SEGMENTS);
	uint32_t need = (size + FB_REGF_BIG_DATA - 1) / FB_REGF_BIG_DATA;
	struct fb_check_cell list;

	if (said != need)
		fb_check_tell(c, fb_check_field(db, FB_DB_SEGMENTS), "db_segments",
			      "%u segments, but %u bytes of data have %u", said, size,
			      need);
	if (!fb_check_follow(c, fb_get32(db->at + FB_DB_LIST), &ref, &list))
		return;
	if (list.bytes / 4 < need)
		fb_check_tell(c, ref.field, "db_list",
			      "list of segments at 0x%x holds %u, must be %u", list.rel,
			      list.bytes / 4, need);
	if (need > list.bytes / 4)
		need = list.bytes / 4;
	if (fb_check_afford(c, ref.field, 4 * (uint64_t)need))
		check_segments(c, &list, size);
}

static bool is_big(const struct fb_check *c, const struct fb_check_cell *data,
		   uint32_t size)
{
	return c->minor >= 4 && size > FB_REGF_BIG_DATA && data->bytes >= FB_DB_BYTES &&
	       fb_regf_is(data->at, "db");
}

static void check_data(struct fb_check *c, const struct fb_check_cell *vk,
		       struct fb_check_longest *longest)
{
	struct fb_check_ref ref = {fb_check_field(vk, FB_VK_DATA), "data",
				   "value's data"};
	uint32_t said = fb_get32(vk->at + FB_VK_DATA_BYTES);
	uint32_t size = said & ~FB_VK_INLINE;
	uint64_t field = fb_check_field(vk, FB_VK_DATA_BYTES);
	struct fb_check_cell data;

	if (said & FB_VK_INLINE && size > 4) {
		fb_check_tell(c, field, "data_size", "%u bytes of data in a field of 4",
			      size);
		return;
	}
	if (!(said & FB_VK_INLINE) && size) {
		if (!fb_check_follow(c, fb_get32(vk->at + FB_VK_DATA), &ref, &data))
			return;
		if (size > data.bytes && is_big(c, &data, size)) {
			check_big(c, &data, size);
		} else if (size > data.bytes) {
			fb_check_tell(c, field, "data_size",
				      "%u bytes of data, but their cell has %u", size,
				      data.bytes);
			return;
		}
	}
	if (size > longest->value_data)
		longest->value_data = size;
}

static void check_name(struct fb_check *c, const struct fb_check_cell *vk,
		       struct fb_check_longest *longest)
{
	struct fb_check_name n = {
		.bytes = fb_get16(vk->at + FB_VK_NAME_BYTES),
		.is_8bit = fb_get16(vk->at + FB_VK_FLAGS) & FB_VK_FLAG_8BIT,
	};
	uint64_t field = fb_check_field(vk, FB_VK_NAME_BYTES);

	if (n.bytes > vk->bytes - FB_VK_NAME)
		fb_check_tell(c, field, "value_name_past_cell",
			      "name of %u bytes, but its cell has %u left", n.bytes,
			      vk->bytes - FB_VK_NAME);
	else if (!n.is_8bit && n.bytes % 2)
		fb_check_tell(c, field, "value_name",
			      "name of %u bytes, half a character at its end", n.bytes);
	else if (fb_check_units(&n) * 2 > longest->value_name)
		longest->value_name = fb_check_units(&n) * 2;
}

static void check_value(struct fb_check *c, uint32_t rel, uint64_t field,
			struct fb_check_longest *longest)
{
	struct fb_check_ref ref = {field, "value", "value"};
	struct fb_check_cell vk;

	if (!fb_check_follow(c, rel, &ref, &vk))
		return;
	if (!fb_regf_is(vk.at, "vk")) {
		fb_check_tell(c, fb_check_field(&vk, 0), "value_signature",
			      "no value here: \"vk\" is missing");
	} else if (vk.bytes < FB_VK_NAME) {
		fb_check_tell(c, fb_check_place(rel), "value_past_cell",
			      "a value needs %d bytes, its cell has %u", FB_VK_NAME,
			      vk.bytes);
	} else {
		c->survey.values++;
		check_name(c, &vk, longest);
		check_data(c, &vk, longest);
	}
}

void fb_check_values(struct fb_check *c, const struct fb_check_cell *nk,
		     struct fb_check_longest *longest)
{
	struct fb_check_ref ref = {fb_check_field(nk, FB_NK_VALUE_LIST), "value_list",
				   "list of values"};
	uint32_t count = fb_get32(nk->at + FB_NK_VALUES);
	struct fb_check_cell list, vk;
	bool too_many;

	if (!count || fb_get16(nk->at + FB_NK_FLAGS) & FB_NK_FLAG_PREDEF ||
	    !fb_check_follow(c, fb_get32(nk->at + FB_NK_VALUE_LIST), &ref, &list))
		return;
	too_many = count > list.bytes / 4;
	if (too_many) {
		fb_check_tell(c, fb_check_field(nk, FB_NK_VALUES), "value_count",
			      "%u values, but the cell of their list holds %u", count,
			      list.bytes / 4);
		count = list.bytes / 4;
	}
	if (!fb_check_afford(c, ref.field, 4 * (uint64_t)count))
		return;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t rel = fb_get32(list.at + 4 * i);

		/* The end of the cell is slack when the count is not to be trusted. */
		if (too_many && !fb_check_look(c, rel, &vk))
			break;
		check_value(c, rel, fb_check_field(&list, 4 * i), longest);
	}
}
