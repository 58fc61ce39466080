#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/hive_rig.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct fb_hive *hive_rig_new(uint32_t minor)
{
	struct fb_hive_options o = {.minor = minor};
	struct fb_hive *h;

	assert_int_equal(fb_hive_new(&h, &o), 0);
	return h;
}

struct fb_hive_name hive_name(const char *utf8)
{
	static uint16_t room[4][FB_VALUE_NAME_MAX + 1];
	static unsigned turn;
	uint16_t *units = room[turn++ % 4];
	int n = fb_name_from_utf8(utf8, units, FB_VALUE_NAME_MAX + 1);

	assert_true(n >= 0);
	return (struct fb_hive_name){units, (size_t)n};
}

uint32_t hive_key(struct fb_hive *h, uint32_t parent, const char *name)
{
	uint32_t key;
	int ret = fb_key_find(h, parent, hive_name(name), &key);

	if (ret == -ENOENT)
		ret = fb_key_create(h, parent, hive_name(name), &key);
	assert_int_equal(ret, 0);
	return key;
}

void hive_fill(struct fb_hive *h)
{
	assert_int_equal(fb_bins_resize(&h->bins, FB_REGF_BINS_MAX), 0);
}

static bool begins(const struct fb_bins *b, uint32_t at)
{
	return b->cells[at / 512] >> (at / 8 % 64) & 1;
}

static void assert_index(const struct fb_bins *b, unsigned cells)
{
	unsigned marked = 0;

	for (uint32_t w = 0; w < b->bytes / 512; w++)
		marked += (unsigned)__builtin_popcountll(b->cells[w]);
	assert_int_equal(marked, cells);
	for (uint32_t n = 1; n < b->free.leaves; n++) {
		uint32_t l = b->free.largest[2 * n], r = b->free.largest[2 * n + 1];

		assert_int_equal(b->free.largest[n], l > r ? l : r);
	}
}

/* One bin; returns its size, adds its cells to @cells. */
static uint32_t assert_bin(const struct fb_bins *b, uint32_t bin, bool joined,
			   unsigned *cells)
{
	uint32_t size = fb_get32(b->at + bin + FB_BIN_SIZE), at = bin + FB_BIN_HEAD;
	bool was_free = false;

	assert_memory_equal(b->at + bin, "hbin", 4);
	assert_int_equal(fb_get32(b->at + bin + FB_BIN_OFFSET), bin);
	assert_true(b->heads[bin / 4096 / 64] >> bin / 4096 % 64 & 1);
	for (uint32_t p = bin / 4096 + 1; p < (bin + size) / 4096; p++)
		assert_false(b->heads[p / 64] >> p % 64 & 1);
	while (at < bin + size) {
		uint32_t raw = fb_get32(b->at + at);
		bool is_free = raw < FB_REGF_BINS_MAX;
		uint32_t bytes = is_free ? raw : -raw;

		assert_true(bytes >= 8 && bytes % 8 == 0 && at + bytes <= bin + size);
		assert_true(begins(b, at));
		assert_false(joined && is_free && was_free);
		if (is_free)
			assert_true(b->free.largest[b->free.leaves + at / 4096] >=
				    bytes);
		was_free = is_free;
		++*cells;
		at += bytes;
	}
	return size;
}

void hive_assert_bins(const struct fb_bins *b, bool joined)
{
	uint32_t *largest = calloc(b->bytes / 4096 + 1, sizeof(*largest));
	unsigned cells = 0;

	for (uint32_t at = 0; at < b->bytes;)
		at += assert_bin(b, at, joined, &cells);
	assert_index(b, cells);
	for (uint32_t at = 0; at < b->bytes; at += 8) {
		uint32_t raw = fb_get32(b->at + at);

		if (begins(b, at) && raw < FB_REGF_BINS_MAX && raw > largest[at / 4096])
			largest[at / 4096] = raw;
	}
	for (uint32_t p = 0; p < b->bytes / 4096; p++)
		assert_int_equal(b->free.largest[b->free.leaves + p], largest[p]);
	free(largest);
}

unsigned hive_allocated(const struct fb_bins *b)
{
	unsigned n = 0;

	for (uint32_t at = 0; at < b->bytes; at += 8)
		n += fb_cell_get(b, at, 0) != NULL;
	return n;
}

/* struct census - cells met on a walk over the tree, and users of each descriptor */
struct census {
	const struct fb_hive *h;
	unsigned cells;
	uint32_t *users; /* by rel / 8 */
	uint8_t *seen;
};

static void meet(struct census *c, uint32_t rel)
{
	assert_non_null(fb_cell_get(&c->h->bins, rel, 0));
	assert_false(c->seen[rel / 8]);
	c->seen[rel / 8] = 1;
	c->cells++;
}

static void meet_data(struct census *c, const unsigned char *vk)
{
	uint32_t bytes = fb_get32(vk + FB_VK_DATA_BYTES);
	uint32_t rel = fb_get32(vk + FB_VK_DATA), list, n;
	const unsigned char *db;

	if (bytes & FB_VK_INLINE) {
		assert_true((bytes & ~FB_VK_INLINE) <= 4);
		return;
	}
	assert_true(bytes > 4);
	meet(c, rel);
	if (bytes <= FB_REGF_BIG_DATA || c->h->base.minor < 4)
		return;
	db = fb_cell_get(&c->h->bins, rel, FB_DB_BYTES);
	assert_memory_equal(db, "db", 2);
	n = fb_get16(db + FB_DB_SEGMENTS);
	assert_int_equal(n, (bytes + FB_REGF_BIG_DATA - 1) / FB_REGF_BIG_DATA);
	list = fb_get32(db + FB_DB_LIST);
	meet(c, list);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t part = fb_get32(c->h->bins.at + list + 4 + 4 * i);

		meet(c, part);
		assert_int_equal(fb_get32(c->h->bins.at + part), -(uint32_t)16352);
	}
}

static void meet_values(struct census *c, const unsigned char *nk)
{
	uint32_t n = fb_get32(nk + FB_NK_VALUES),
		 list = fb_get32(nk + FB_NK_VALUE_LIST);

	if (!n) {
		assert_int_equal(list, FB_REGF_NIL);
		return;
	}
	meet(c, list);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t rel = fb_get32(c->h->bins.at + list + 4 + 4 * i);
		const unsigned char *vk = fb_vk_get(c->h, rel);
		struct fb_value_info info;

		assert_non_null(vk);
		assert_int_equal(fb_value_info(c->h, rel, &info), 0);
		assert_true(fb_get32(nk + FB_NK_MAX_VALUE_NAME) >= 2 * info.name_units);
		meet(c, rel);
		meet_data(c, vk);
		assert_true(fb_get32(nk + FB_NK_MAX_VALUE_DATA) >=
			    (fb_get32(vk + FB_VK_DATA_BYTES) & ~FB_VK_INLINE));
	}
}

static void meet_key(struct census *c, uint32_t rel, uint32_t parent);

static const char *leaf_signature(const struct fb_hive *h, uint32_t n, bool indexed)
{
	if (h->base.minor >= 5)
		return "lh";
	return n > 507 || indexed ? "li" : "lf";
}

/* The first four letters; none where one of them is no byte. */
static void assert_letters(const unsigned char *at, struct fb_hive_name name)
{
	bool fits = true;

	for (size_t i = 0; i < 4 && i < name.n; i++)
		fits = fits && name.units[i] <= 0xFF;
	if (!fits)
		assert_int_equal(at[0], 0);
	for (size_t i = 0; fits && i < 4; i++)
		assert_int_equal(at[i], i < name.n ? name.units[i] : 0);
}

/* Keys of one leaf, in order after @last, the key before them. */
static uint32_t meet_leaf(struct census *c, uint32_t rel, uint32_t parent,
			  uint32_t *last)
{
	const unsigned char *l = fb_cell_get(&c->h->bins, rel, 4), *nk, *before;
	uint32_t n = fb_get16(l + FB_LIST_COUNT), key;
	uint16_t units[FB_KEY_NAME_MAX];
	bool is_li = fb_regf_is(l, "li");

	meet(c, rel);
	assert_in_range(n, 1, fb_regf_is(l, "lf") ? 507 : 1013);
	for (uint32_t i = 0; i < n; i++) {
		const unsigned char *e = l + 4 + i * (is_li ? 4 : 8);
		struct fb_hive_name name = {units, 0};

		key = fb_get32(e);
		assert_non_null(fb_nk_get(c->h, key));
		name.n = (size_t)fb_key_name(c->h, key, units);
		if (fb_regf_is(l, "lh"))
			assert_int_equal(fb_get32(e + 4), fb_name_hash(name));
		if (fb_regf_is(l, "lf"))
			assert_letters(e + 4, name);
		if (*last != FB_REGF_NIL) {
			before = fb_nk_get(c->h, *last);
			assert_true(fb_name_compare_disk(
					    name, before + FB_NK_NAME,
					    fb_get16(before + FB_NK_NAME_BYTES),
					    fb_nk_is_8bit(before)) > 0);
		}
		nk = fb_nk_get(c->h, parent);
		assert_true(fb_get16(nk + FB_NK_MAX_SUBKEY_NAME) >= 2 * name.n);
		meet_key(c, key, parent);
		*last = key;
	}
	return n;
}

static uint32_t meet_list(struct census *c, uint32_t rel, uint32_t parent)
{
	const unsigned char *l = fb_cell_get(&c->h->bins, rel, 4);
	uint32_t n, total = 0, last = FB_REGF_NIL;

	assert_non_null(l);
	n = fb_get16(l + FB_LIST_COUNT);
	if (!fb_regf_is(l, "ri")) {
		if (c->h->base.minor >= 5)
			assert_memory_equal(l, leaf_signature(c->h, n, false), 2);
		return meet_leaf(c, rel, parent, &last);
	}
	meet(c, rel);
	assert_true(n > 1);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t leaf = fb_get32(l + 4 + 4 * i);

		assert_memory_equal(fb_cell_get(&c->h->bins, leaf, 4),
				    leaf_signature(c->h, 0, true), 2);
		total += meet_leaf(c, leaf, parent, &last);
	}
	return total;
}

static void meet_key(struct census *c, uint32_t rel, uint32_t parent)
{
	const unsigned char *nk = fb_nk_get(c->h, rel);
	uint32_t n;

	assert_non_null(nk);
	meet(c, rel);
	if (parent != FB_REGF_NIL)
		assert_int_equal(fb_get32(nk + FB_NK_PARENT), parent);
	c->users[fb_get32(nk + FB_NK_SECURITY) / 8]++;
	meet_values(c, nk);
	n = fb_get32(nk + FB_NK_SUBKEYS);
	if (n)
		assert_int_equal(meet_list(c, fb_get32(nk + FB_NK_LIST), rel), n);
	else
		assert_int_equal(fb_get32(nk + FB_NK_LIST), FB_REGF_NIL);
}

static void meet_ring(struct census *c)
{
	uint32_t root = fb_get32(fb_nk_get(c->h, c->h->base.root) + FB_NK_SECURITY);
	uint32_t rel = root, next;

	do {
		const unsigned char *sk = fb_sk_get(c->h, rel);

		assert_non_null(sk);
		meet(c, rel);
		assert_int_equal(fb_get32(sk + FB_SK_USERS), c->users[rel / 8]);
		assert_true(c->users[rel / 8] > 0);
		next = fb_get32(sk + FB_SK_NEXT);
		assert_int_equal(fb_get32(fb_sk_get(c->h, next) + FB_SK_PREVIOUS), rel);
		rel = next;
	} while (rel != root);
}

void hive_assert_tree(const struct fb_hive *h)
{
	struct census c = {
		.h = h,
		.users = calloc(h->bins.bytes / 8, sizeof(*c.users)),
		.seen = calloc(h->bins.bytes / 8, 1),
	};

	meet_key(&c, h->base.root, FB_REGF_NIL);
	meet_ring(&c);
	assert_int_equal(c.cells, hive_allocated(&h->bins));
	free(c.users);
	free(c.seen);
}
