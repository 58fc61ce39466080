#include "hive/check_walk.h"

/*
 * struct walk - the lists of one key
 * @last: name of the key before, in whatever leaf
 * @n:    keys so far
 */
struct walk {
	struct fb_check *c;
	const struct fb_check_key *key;
	struct fb_check_longest *longest;
	struct fb_check_name last;
	uint64_t n;
};

enum kind { LI, LF, LH, RI, NO_LIST };

static enum kind kind_of(const struct fb_check_cell *list)
{
	static const char *const signatures[] = {"li", "lf", "lh", "ri"};

	if (list->bytes < FB_LIST_ITEMS)
		return NO_LIST;
	for (int i = 0; i < NO_LIST; i++)
		if (fb_regf_is(list->at, signatures[i]))
			return (enum kind)i;
	return NO_LIST;
}

/* Elements of a list, as many as its cell holds. */
static uint32_t count_of(struct fb_check *c, const struct fb_check_cell *list,
			 uint32_t item)
{
	uint32_t n = fb_get16(list->at + FB_LIST_COUNT);
	uint32_t room = (list->bytes - FB_LIST_ITEMS) / item;

	if (n <= room)
		return n;
	fb_check_tell(c, fb_check_field(list, FB_LIST_COUNT), "list_count",
		      "list of %u keys, but its cell holds %u", n, room);
	return room;
}

static void check_name(struct walk *w, const struct fb_check_name *name, uint64_t place)
{
	if (w->last.at) {
		enum fb_check_order order = fb_check_order(&w->last, name);

		if (order == FB_CHECK_EQUAL)
			fb_check_tell(w->c, place, "subkey_twice",
				      "a subkey of the same name as the one before");
		else if (order == FB_CHECK_DESCENDING)
			fb_check_tell(w->c, place, "subkey_order",
				      "a subkey whose name sorts before the one "
				      "that precedes it");
	}
	if (fb_check_units(name) * 2 > w->longest->subkey_name)
		w->longest->subkey_name = fb_check_units(name) * 2;
	w->last = *name;
}

static void check_item(struct walk *w, enum kind kind, const unsigned char *item,
		       uint64_t place)
{
	struct fb_check_ref ref = {place, "subkey", "subkey"};
	struct fb_check_name name;
	struct fb_check_cell nk;

	if (!fb_check_follow(w->c, fb_get32(item), &ref, &nk)) {
		w->c->incomplete = true;
		return;
	}
	fb_check_enqueue(
		w->c, &(struct fb_check_key){nk.rel, w->key->rel, w->key->level + 1});
	name = fb_check_key_name(&nk);
	if (!name.at)
		return;
	check_name(w, &name, place);
	if (kind == LH && !fb_check_hash_fits(&name, item + 4))
		fb_check_tell(w->c, place + 4, "lh_hash",
			      "hash 0x%08x is not that of the subkey's name",
			      fb_get32(item + 4));
	if (kind == LF && !fb_check_hint_fits(&name, item + 4))
		fb_check_tell(w->c, place + 4, "lf_hint",
			      "the letters are not those of the subkey's name");
}

static void check_leaf(struct walk *w, const struct fb_check_cell *list, enum kind kind)
{
	uint32_t size = kind == LI ? 4 : 8, n = count_of(w->c, list, size);

	if (!fb_check_afford(w->c, fb_check_field(list, FB_LIST_COUNT), n * size))
		return;
	for (uint32_t i = 0; i < n && !w->c->no_memory; i++) {
		uint32_t at = FB_LIST_ITEMS + i * size;

		check_item(w, kind, list->at + at, fb_check_field(list, at));
	}
	w->n += n;
}

static void tell_no_list(struct walk *w, const struct fb_check_cell *list)
{
	w->c->incomplete = true;
	fb_check_tell(w->c, fb_check_field(list, 0), "list_signature",
		      "no list of subkeys here: lf, lh, li or ri is missing");
}

static void check_under_root(struct walk *w, uint32_t rel, uint64_t place)
{
	struct fb_check_ref ref = {place, "list", "list of subkeys"};
	struct fb_check_cell list;
	enum kind kind;

	if (!fb_check_follow(w->c, rel, &ref, &list)) {
		w->c->incomplete = true;
		return;
	}
	kind = kind_of(&list);
	if (kind == NO_LIST) {
		tell_no_list(w, &list);
	} else if (kind == RI) {
		w->c->incomplete = true;
		fb_check_tell(w->c, fb_check_field(&list, 0), "ri_in_ri",
			      "an ri list under an ri list");
	} else {
		check_leaf(w, &list, kind);
	}
}

static void check_list(struct walk *w, const struct fb_check_cell *list)
{
	enum kind kind = kind_of(list);

	if (kind == NO_LIST) {
		tell_no_list(w, list);
	} else if (kind == RI) {
		uint32_t n = count_of(w->c, list, 4);

		if (!fb_check_afford(w->c, fb_check_field(list, FB_LIST_COUNT), 4 * n))
			return;
		for (uint32_t i = 0; i < n && !w->c->no_memory; i++) {
			uint32_t at = FB_LIST_ITEMS + 4 * i;

			check_under_root(w, fb_get32(list->at + at),
					 fb_check_field(list, at));
		}
	} else {
		check_leaf(w, list, kind);
	}
}

/* hivex keeps an empty list, and others leave anything in the field. */
static bool is_left_over(struct fb_check *c, uint32_t rel)
{
	struct fb_check_cell list;

	return !fb_check_look(c, rel, &list) || !fb_check_bit(c->starts, rel) ||
	       fb_check_bit(c->used, rel) || kind_of(&list) == NO_LIST;
}

void fb_check_subkeys(struct fb_check *c, const struct fb_check_cell *nk,
		      const struct fb_check_key *key, struct fb_check_longest *longest)
{
	struct fb_check_ref ref = {fb_check_field(nk, FB_NK_LIST), "list",
				   "list of subkeys"};
	uint32_t count = fb_get32(nk->at + FB_NK_SUBKEYS);
	uint32_t rel = fb_get32(nk->at + FB_NK_LIST);
	struct walk w = {.c = c, .key = key, .longest = longest};
	struct fb_check_cell list;

	if (!count && is_left_over(c, rel))
		return;
	if (!fb_check_follow(c, rel, &ref, &list)) {
		c->incomplete = true;
		return;
	}
	check_list(&w, &list);
	if (w.n != count)
		fb_check_tell(c, fb_check_field(nk, FB_NK_SUBKEYS), "subkey_count",
			      "%u subkeys, but its lists have %llu", count,
			      (unsigned long long)w.n);
}
