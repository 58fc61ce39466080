#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/hive_damage.h"

#include <string.h>

static uint32_t root_list(const struct hive_image *i)
{
	return image_u32(i, image_key(i, ""), FB_NK_LIST);
}

static bool has_list(const struct hive_image *i, const char *kind)
{
	return fb_regf_is(i->at + image_field(root_list(i), 0), kind);
}

static uint64_t lh_hash(struct hive_image *i)
{
	uint32_t field = FB_LIST_ITEMS + 8 + 4;

	if (!has_list(i, "lh"))
		return HIVE_UNHURT;
	image_put32(i, root_list(i), field, image_u32(i, root_list(i), field) ^ 1);
	return image_field(root_list(i), field);
}

static uint64_t lf_hint(struct hive_image *i)
{
	uint32_t field = FB_LIST_ITEMS + 8 + 4;

	if (!has_list(i, "lf"))
		return HIVE_UNHURT;
	image_put32(i, root_list(i), field, 0x78787878);
	return image_field(root_list(i), field);
}

static uint64_t order(struct hive_image *i)
{
	unsigned char *items = i->at + image_field(root_list(i), FB_LIST_ITEMS), t[8];

	memcpy(t, items, 8);
	memcpy(items, items + 8, 8);
	memcpy(items + 8, t, 8);
	return image_field(root_list(i), FB_LIST_ITEMS + 8);
}

static uint64_t same_name(struct hive_image *i)
{
	unsigned char *items = i->at + image_field(root_list(i), FB_LIST_ITEMS);

	memcpy(i->at + image_field(image_key(i, "\\bbb"), FB_NK_NAME), "AAA", 3);
	memcpy(items + 12, items + 4, 4);
	return image_field(root_list(i), FB_LIST_ITEMS + 8);
}

static uint64_t same_key(struct hive_image *i)
{
	image_put32(i, root_list(i), FB_LIST_ITEMS + 8,
		    image_u32(i, root_list(i), FB_LIST_ITEMS));
	return image_field(root_list(i), FB_LIST_ITEMS + 8);
}

static uint64_t list_signature(struct hive_image *i)
{
	i->at[image_field(root_list(i), 0)] = 'x';
	return image_field(root_list(i), 0);
}

static uint64_t list_past_cell(struct hive_image *i)
{
	image_put16(i, root_list(i), FB_LIST_COUNT, 5000);
	return image_field(root_list(i), FB_LIST_COUNT);
}

static uint64_t list_nowhere(struct hive_image *i)
{
	uint32_t root = image_key(i, "");

	image_put32(i, root, FB_NK_LIST, root_list(i) + 8);
	return image_field(root, FB_NK_LIST);
}

static uint64_t ri_in_ri(struct hive_image *i)
{
	uint32_t ri = image_u32(i, image_key(i, "\\many"), FB_NK_LIST), leaf;

	if (!fb_regf_is(i->at + image_field(ri, 0), "ri"))
		return HIVE_UNHURT;
	leaf = image_u32(i, ri, FB_LIST_ITEMS);
	memcpy(i->at + image_field(leaf, 0), "ri", 2);
	return image_field(leaf, 0);
}

static uint64_t parent(struct hive_image *i)
{
	uint32_t nk = image_key(i, "\\ccc\\sub");

	image_put32(i, nk, FB_NK_PARENT, image_key(i, "\\bbb"));
	return image_field(nk, FB_NK_PARENT);
}

static uint64_t subkey_count(struct hive_image *i)
{
	uint32_t nk = image_key(i, "");

	image_put32(i, nk, FB_NK_SUBKEYS, 5);
	return image_field(nk, FB_NK_SUBKEYS);
}

static uint64_t no_subkeys(struct hive_image *i)
{
	uint32_t nk = image_key(i, "\\many");

	image_put32(i, nk, FB_NK_SUBKEYS, 0);
	return image_field(nk, FB_NK_SUBKEYS);
}

static uint64_t key_name_past_cell(struct hive_image *i)
{
	image_put16(i, image_key(i, "\\bbb"), FB_NK_NAME_BYTES, 200);
	return image_field(image_key(i, "\\bbb"), FB_NK_NAME_BYTES);
}

static uint64_t key_without_name(struct hive_image *i)
{
	image_put16(i, image_key(i, "\\bbb"), FB_NK_NAME_BYTES, 0);
	return image_field(image_key(i, "\\bbb"), FB_NK_NAME_BYTES);
}

static uint64_t key_signature(struct hive_image *i)
{
	i->at[image_field(image_key(i, "\\ccc"), 1)] = 'x';
	return image_field(image_key(i, "\\ccc"), 0);
}

/* The second letter of bbb, whatever its hash and hint then are. */
static uint64_t backslash_in_name(struct hive_image *i)
{
	i->at[image_field(image_key(i, "\\bbb"), FB_NK_NAME + 1)] = '\\';
	return image_field(image_key(i, "\\bbb"), FB_NK_NAME + 1);
}

static uint64_t nul_in_name(struct hive_image *i)
{
	i->at[image_field(image_key(i, "\\bbb"), FB_NK_NAME + 2)] = '\0';
	return image_field(image_key(i, "\\bbb"), FB_NK_NAME + 2);
}

static uint64_t class_nowhere(struct hive_image *i)
{
	image_put16(i, image_key(i, "\\bbb"), FB_NK_CLASS_BYTES, 8);
	return image_field(image_key(i, "\\bbb"), FB_NK_CLASS);
}

static uint64_t max_subkey_name(struct hive_image *i)
{
	image_put16(i, image_key(i, ""), FB_NK_MAX_SUBKEY_NAME, 6);
	return image_field(image_key(i, ""), FB_NK_MAX_SUBKEY_NAME);
}

const struct hive_damage hive_damage_tree[] = {
	{"lh hash", lh_hash, "lh_hash", true},
	{"lf hint", lf_hint, "lf_hint", true},
	{"subkey order", order, "subkey_order", true},
	{"duplicate subkey by name", same_name, "subkey_twice", true},
	{"duplicate subkey by cell", same_key, "cell_twice", false},
	{"list signature", list_signature, "list_signature", false},
	{"list count past its cell", list_past_cell, "list_count", false},
	{"list is no cell", list_nowhere, "list", true},
	{"ri under ri", ri_in_ri, "ri_in_ri", false},
	{"child's parent", parent, "parent", true},
	{"subkey count", subkey_count, "subkey_count", true},
	{"subkey count 0 with a list", no_subkeys, "subkey_count", true},
	{"key name over its cell", key_name_past_cell, "key_name_past_cell", true},
	{"key without a name", key_without_name, "key_name", true},
	{"backslash in a key's name", backslash_in_name, "key_name", false},
	{"NUL in a key's name", nul_in_name, "key_name", false},
	{"nk signature", key_signature, "key_signature", true},
	{"class is no cell", class_nowhere, "class", true},
	{"longest subkey name too small", max_subkey_name, "max_subkey_name", true},
	{0},
};
