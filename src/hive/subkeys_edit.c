#include "hive/lists.h"

#include <errno.h>
#include <string.h>

enum { FIRST_ROOM = 4 };

/*
 * What stands beside a key in lf and lh: four letters of its name, or its hash. Where a
 * letter is no byte there are none, for a reader would take those before it for all.
 */
static uint32_t hint(const char *signature, struct fb_hive_name name)
{
	unsigned char letters[4] = {0};

	if (!strcmp(signature, "lh"))
		return fb_name_hash(name);
	for (size_t i = 0; i < 4 && i < name.n; i++) {
		if (name.units[i] > 0xFF)
			return 0;
		letters[i] = (unsigned char)name.units[i];
	}
	return fb_get32(letters);
}

static void put_element(unsigned char *at, const struct fb_list *l,
			struct fb_hive_name name, uint32_t key)
{
	char signature[3] = {(char)l->at[0], (char)l->at[1], 0};

	fb_put32(at, key);
	if (l->step == 8)
		fb_put32(at + 4, hint(signature, name));
}

static int make_list(struct fb_hive *h, const char *signature, uint32_t capacity,
		     uint32_t near, struct fb_list *l)
{
	uint32_t step = *signature == 'l' && signature[1] != 'i' ? 8 : 4, rel;
	int ret = fb_cell_alloc(&h->bins, FB_LIST_ITEMS + capacity * step, near, &rel);

	if (ret)
		return ret;
	memcpy(h->bins.at + rel + FB_REGF_CELL_HEAD, signature, 2);
	return fb_list_get(h, rel, l);
}

static void set_count(struct fb_hive *h, struct fb_list *l, uint32_t n)
{
	fb_put16((unsigned char *)fb_cell_edit(&h->bins, l->at, FB_LIST_COUNT, 2) +
			 FB_LIST_COUNT,
		 (uint16_t)n);
	l->n = n;
}

/* Elements @from .. @from + @n of one list at the end of another of the same kind. */
static void append(struct fb_hive *h, struct fb_list *to, const struct fb_list *l,
		   uint32_t from, uint32_t n)
{
	memcpy(h->bins.at + (fb_list_element(to, to->n) - h->bins.at),
	       fb_list_element(l, from), (size_t)n * l->step);
	set_count(h, to, to->n + n);
}

/* Open a gap of one element, or close one; @l must have the room. */
static unsigned char *shift(struct fb_hive *h, struct fb_list *l, uint32_t at, int by)
{
	uint32_t from = FB_LIST_ITEMS + at * l->step;
	uint32_t moved = (l->n - at - (by < 0)) * l->step;
	uint32_t dirty = moved + l->step;
	unsigned char *list, *gap;

	list = fb_cell_edit(&h->bins, l->at, from, dirty);
	gap = list + from;
	if (by > 0)
		memmove(gap + l->step, gap, moved);
	else
		memmove(gap, gap + l->step, moved);
	set_count(h, l, l->n + (uint32_t)by);
	return gap;
}

static void free_list(struct fb_hive *h, const struct fb_list *l)
{
	fb_cell_free(&h->bins, l->rel);
}

/* Room for one more: the same cell, or a larger one in @l, the old one not yet freed.
 */
static int widen(struct fb_hive *h, struct fb_list *l)
{
	char signature[3] = {(char)l->at[0], (char)l->at[1], 0};
	struct fb_list wider;
	uint32_t n = l->n + l->n / 2 + 1;
	int ret;

	if (l->n < fb_list_room(l))
		return 0;
	ret = make_list(h, signature, n < l->max ? n : l->max, l->rel, &wider);
	if (ret)
		return ret;
	append(h, &wider, l, 0, l->n);
	*l = wider;
	return 0;
}

/* An lf that is full goes on as li. */
static int lf_to_li(struct fb_hive *h, struct fb_list *l)
{
	struct fb_list li;
	int ret = make_list(h, "li", l->n + l->n / 2, l->rel, &li);

	if (ret)
		return ret;
	for (uint32_t i = 0; i < l->n; i++)
		fb_put32(h->bins.at + (fb_list_element(&li, i) - h->bins.at),
			 fb_list_target(l, i));
	set_count(h, &li, l->n);
	*l = li;
	return 0;
}

/* A full leaf's two halves in cells of their own, each with room for one key more; the
 * leaf itself is not freed. */
static int halve(struct fb_hive *h, const struct fb_list *l, struct fb_list half[2])
{
	char signature[3] = {(char)l->at[0], (char)l->at[1], 0};
	uint32_t n = l->n / 2;
	int ret = make_list(h, signature, n + 1, l->rel, &half[0]);

	if (ret)
		return ret;
	ret = make_list(h, signature, l->n - n + 1, l->rel, &half[1]);
	if (ret) {
		free_list(h, &half[0]);
		return ret;
	}
	append(h, &half[0], l, 0, n);
	append(h, &half[1], l, n, l->n - n);
	return 0;
}

/* The index with the leaf at p->leaf_at replaced by its halves. */
static int split(struct fb_hive *h, struct fb_list_place *p, uint32_t *list)
{
	struct fb_list half[2], index = p->index;
	int ret = halve(h, &p->leaf, half);

	if (ret)
		return ret;
	if (!index.at)
		ret = make_list(h, "ri", FIRST_ROOM, p->leaf.rel, &index);
	else if (index.n < UINT16_MAX)
		ret = widen(h, &index);
	else
		ret = -ENOSPC;
	if (ret) {
		free_list(h, &half[0]);
		free_list(h, &half[1]);
		return ret;
	}
	if (!p->index.at)
		shift(h, &index, 0, 1);
	fb_put32(shift(h, &index, p->leaf_at, 1), half[0].rel);
	fb_put32(h->bins.at + (fb_list_element(&index, p->leaf_at + 1) - h->bins.at),
		 half[1].rel);
	if (p->index.at && p->index.rel != index.rel)
		free_list(h, &p->index);
	free_list(h, &p->leaf);
	*list = index.rel;
	return 0;
}

static int insert_at(struct fb_hive *h, struct fb_list_place *p, uint32_t *list,
		     struct fb_hive_name name, uint32_t key)
{
	struct fb_list leaf = p->leaf;
	int ret = leaf.n < leaf.max ? widen(h, &leaf) : lf_to_li(h, &leaf);

	if (ret)
		return ret;
	put_element(shift(h, &leaf, p->at, 1), &leaf, name, key);
	if (leaf.rel == p->leaf.rel)
		return 0;
	if (p->index.at)
		fb_record_put32(h, p->index.at, FB_LIST_ITEMS + 4 * p->leaf_at,
				leaf.rel);
	else
		*list = leaf.rel;
	free_list(h, &p->leaf);
	return 0;
}

static int insert_first(struct fb_hive *h, uint32_t *list, struct fb_hive_name name,
			uint32_t key)
{
	struct fb_list l;
	int ret = make_list(h, h->base.minor >= 5 ? "lh" : "lf", FIRST_ROOM, key, &l);

	if (ret)
		return ret;
	put_element(shift(h, &l, 0, 1), &l, name, key);
	*list = l.rel;
	return 0;
}

/* An lf goes on as li, unless that could not count the keys of an lf over its max. */
static bool must_split(const struct fb_list *leaf)
{
	return leaf->n >= leaf->max &&
	       (!fb_regf_is(leaf->at, "lf") || leaf->n == UINT16_MAX);
}

int fb_subkeys_insert(struct fb_hive *h, uint32_t *list, struct fb_hive_name name,
		      uint32_t key)
{
	struct fb_list_place p;
	int ret;

	if (*list == FB_REGF_NIL)
		return insert_first(h, list, name, key);
	ret = fb_list_search(h, *list, name, &p);
	if (!ret && p.hit)
		ret = -EEXIST;
	if (!ret && must_split(&p.leaf)) {
		ret = split(h, &p, list);
		if (!ret)
			ret = fb_list_search(h, *list, name, &p);
	}
	return ret ? ret : insert_at(h, &p, list, name, key);
}

int fb_subkeys_remove(struct fb_hive *h, uint32_t *list, struct fb_hive_name name,
		      uint32_t key)
{
	struct fb_list_place p;
	int ret;

	if (*list == FB_REGF_NIL)
		return -ENOENT;
	ret = fb_list_search(h, *list, name, &p);
	if (ret)
		return ret;
	if (p.hit && fb_list_target(&p.leaf, p.at) != key)
		ret = fb_list_seek(h, *list, key, &p);
	if (ret || !p.hit)
		return ret ? ret : -ENOENT;
	shift(h, &p.leaf, p.at, -1);
	if (p.leaf.n)
		return 0;
	free_list(h, &p.leaf);
	if (!p.index.at) {
		*list = FB_REGF_NIL;
		return 0;
	}
	shift(h, &p.index, p.leaf_at, -1);
	if (p.index.n > 1)
		return 0;
	/* One leaf needs no index; and an index of none is no list. */
	*list = p.index.n ? fb_list_target(&p.index, 0) : FB_REGF_NIL;
	free_list(h, &p.index);
	return 0;
}
