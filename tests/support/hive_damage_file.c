#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/hive_damage.h"

#include "hive/base_block.h"

#include <stdlib.h>
#include <string.h>

static uint64_t base_put(struct hive_image *i, uint32_t field, uint32_t v)
{
	fb_put32(i->at + field, v);
	hive_image_seal(i);
	return field;
}

static uint64_t checksum(struct hive_image *i)
{
	i->at[FB_BASE_CHECKSUM] ^= 1;
	return FB_BASE_CHECKSUM;
}

static uint64_t sequence(struct hive_image *i)
{
	return base_put(i, FB_BASE_SEQ1, fb_get32(i->at + FB_BASE_SEQ2) + 1);
}

static uint64_t type_1(struct hive_image *i)
{
	return base_put(i, FB_BASE_TYPE, 1);
}

static uint64_t type_3(struct hive_image *i)
{
	return base_put(i, FB_BASE_TYPE, 3);
}

static uint64_t format(struct hive_image *i)
{
	return base_put(i, FB_BASE_FORMAT, 2);
}

static uint64_t major_2(struct hive_image *i)
{
	return base_put(i, FB_BASE_MAJOR, 2);
}

static uint64_t minor_9(struct hive_image *i)
{
	return base_put(i, FB_BASE_MINOR, 9);
}

static uint64_t root_nowhere(struct hive_image *i)
{
	return base_put(i, FB_BASE_ROOT, FB_REGF_ROOT + 8);
}

static uint64_t root_is_a_value(struct hive_image *i)
{
	return base_put(i, FB_BASE_ROOT, image_value(i, "\\aaa", "cell"));
}

static uint64_t data_past_file(struct hive_image *i)
{
	return base_put(i, FB_BASE_BINS, fb_get32(i->at + FB_BASE_BINS) + FB_REGF_PAGE);
}

static uint64_t data_short(struct hive_image *i)
{
	return base_put(i, FB_BASE_BINS, fb_get32(i->at + FB_BASE_BINS) - FB_REGF_PAGE);
}

static uint64_t data_in_a_page(struct hive_image *i)
{
	return base_put(i, FB_BASE_BINS, fb_get32(i->at + FB_BASE_BINS) - 512);
}

static uint64_t no_data(struct hive_image *i)
{
	return base_put(i, FB_BASE_BINS, 0);
}

static uint64_t trailing(struct hive_image *i)
{
	uint64_t end = i->bytes;

	i->bytes += 512;
	i->at = realloc(i->at, i->bytes);
	assert_non_null(i->at);
	memset(i->at + end, 0xa5, 512);
	return end;
}

static uint64_t truncated(struct hive_image *i)
{
	i->bytes -= 100;
	i->at = realloc(i->at, i->bytes);
	return FB_BASE_BINS;
}

static uint64_t truncated_by_pages(struct hive_image *i)
{
	i->bytes -= 3 * FB_REGF_PAGE;
	i->at = realloc(i->at, i->bytes);
	return FB_BASE_BINS;
}

/* The second bin. */
static uint64_t bin(const struct hive_image *i)
{
	return FB_REGF_PAGE + fb_get32(i->at + FB_REGF_PAGE + FB_BIN_SIZE);
}

static uint64_t bin_signature(struct hive_image *i)
{
	i->at[bin(i)] = 'H';
	return bin(i);
}

static uint64_t bin_offset(struct hive_image *i)
{
	uint64_t at = bin(i) + FB_BIN_OFFSET;

	fb_put32(i->at + at, fb_get32(i->at + at) + FB_REGF_PAGE);
	return at;
}

static uint64_t bin_size(struct hive_image *i)
{
	uint64_t at = bin(i) + FB_BIN_SIZE;

	fb_put32(i->at + at, 100);
	return at;
}

static uint64_t bin_past_end(struct hive_image *i)
{
	uint64_t at = bin(i) + FB_BIN_SIZE;

	fb_put32(i->at + at, (uint32_t)i->bytes);
	return at;
}

static uint64_t cell_past_bin(struct hive_image *i)
{
	return image_put_cell(i, image_value(i, "\\aaa", "cell"),
			      -(uint32_t)i->bytes / 8 * 8);
}

static uint64_t cell_misaligned(struct hive_image *i)
{
	uint32_t rel = image_value(i, "\\aaa", "cell");

	return image_put_cell(i, rel, -(image_cell_bytes(i, rel) + 4));
}

static uint64_t cell_of_nothing(struct hive_image *i)
{
	return image_put_cell(i, image_value(i, "\\aaa", "cell"), 0);
}

static uint64_t key_free(struct hive_image *i)
{
	uint32_t rel = image_key(i, "\\bbb");

	return image_put_cell(i, rel, image_cell_bytes(i, rel));
}

static uint64_t data_free(struct hive_image *i)
{
	uint32_t rel = image_u32(i, image_value(i, "\\aaa", "cell"), FB_VK_DATA);

	return image_put_cell(i, rel, image_cell_bytes(i, rel));
}

/* The last free cell that can be cut, somewhere in it. */
static uint64_t free_cut(struct hive_image *i)
{
	uint32_t last = 0, bytes;

	for (uint32_t at = 0; (at = image_free_cell(i, at, 256)) != 0;
	     at += -image_cell_bytes(i, at))
		last = at;
	assert_true(last);
	bytes = -image_cell_bytes(i, last);
	image_put_cell(i, last, 128);
	return image_put_cell(i, last + 128, bytes - 128);
}

const struct hive_damage hive_damage_file[] = {
	{"base checksum", checksum, "checksum", true},
	{"seq1 and seq2 differ", sequence, "sequence", true},
	{"type 1", type_1, "type", true},
	{"type 3", type_3, "type", true},
	{"format 2", format, "format", true},
	{"major 2", major_2, "major", true},
	{"minor 9", minor_9, "minor", true},
	{"root is no cell", root_nowhere, "root", true},
	{"root is a value", root_is_a_value, "root", true},
	{"data past the file", data_past_file, "bins_past_file", true},
	{"data too short", data_short, "bins_short", true},
	{"data end in a page", data_in_a_page, "bins_size", true},
	{"no data", no_data, "bins_size", true},
	{"trailing garbage", trailing, "trailing", true},
	{"file truncated", truncated, "bins_past_file", false},
	{"file truncated by pages", truncated_by_pages, "bins_past_file", false},
	{"hbin signature", bin_signature, "bin_signature", true},
	{"hbin offset", bin_offset, "bin_offset", true},
	{"hbin size", bin_size, "bin_size", true},
	{"hbin past the end", bin_past_end, "bin_size", true},
	{"cell over the end of its bin", cell_past_bin, "cell_past_bin", true},
	{"misaligned cell", cell_misaligned, "cell_size", true},
	{"cell of 0 bytes", cell_of_nothing, "cell_size", false},
	{"key's cell marked free", key_free, "cell_free", true},
	{"data cell marked free", data_free, "cell_free", true},
	{"adjacent free cells", free_cut, "free_adjacent", true},
	{0},
};
