#include "hive/lists.h"

/*
 * struct walk - @last: key before, NULL at the beginning of a list
 * @left: keys that may still be looked at; a sound hive has each in two lists at most,
 *        a hostile one could have them in many
 */
struct walk {
	const struct fb_hive *h;
	const unsigned char *last;
	uint32_t left;
};

/* The keys of a leaf, after those before it. */
static bool leaf_ascends(struct walk *w, const struct fb_list *l)
{
	const struct fb_hive *h = w->h;
	uint16_t units[FB_KEY_NAME_MAX];

	for (uint32_t i = 0; i < l->n; i++) {
		uint32_t key = fb_list_target(l, i);
		const unsigned char *nk = fb_nk_get(h, key);
		int n = fb_key_name(h, key, units);

		if (!w->left--)
			return false;
		/* No list, or a damaged one, which is told when it is used. */
		if (!nk || n < 0)
			return true;
		if (w->last &&
		    fb_name_compare_disk((struct fb_hive_name){units, (size_t)n},
					 w->last + FB_NK_NAME,
					 fb_get16(w->last + FB_NK_NAME_BYTES),
					 fb_nk_is_8bit(w->last)) <= 0)
			return false;
		w->last = nk;
	}
	return true;
}

static bool list_ascends(struct walk *w, uint32_t rel)
{
	const struct fb_hive *h = w->h;
	struct fb_list l, leaf;

	w->last = NULL;
	if (fb_list_get(h, rel, &l))
		return true;
	if (!fb_regf_is(l.at, "ri"))
		return leaf_ascends(w, &l);
	for (uint32_t i = 0; i < l.n; i++) {
		if (fb_list_get(h, fb_list_target(&l, i), &leaf) ||
		    fb_regf_is(leaf.at, "ri"))
			return true;
		if (!leaf_ascends(w, &leaf))
			return false;
	}
	return true;
}

/* Cell by cell, not down the tree: that could lead around in a damaged hive. */
bool fb_lists_ascend(const struct fb_hive *h)
{
	struct walk w = {.h = h, .left = h->bins.bytes / FB_REGF_CELL_STEP};

	for (uint32_t i = 0; i < h->bins.bytes / 512; i++) {
		for (uint64_t bits = h->bins.cells[i]; bits; bits &= bits - 1) {
			uint32_t rel = i * 512 + (uint32_t)__builtin_ctzll(bits) * 8;
			const unsigned char *at = h->bins.at + rel + FB_REGF_CELL_HEAD;
			bool may_be_list =
				(at[0] == 'l' &&
				 (at[1] == 'f' || at[1] == 'h' || at[1] == 'i')) ||
				(at[0] == 'r' && at[1] == 'i');

			if (may_be_list && !list_ascends(&w, rel))
				return false;
		}
	}
	return true;
}
