#include "hive/lists.h"

#include <errno.h>

/* A page's worth, as Windows fills them; ReactOS has the same figures. */
enum { LF_MAX = 507, LI_LH_MAX = 1013 };

static bool is_index(const struct fb_list *l)
{
	return fb_regf_is(l->at, "ri");
}

int fb_list_get(const struct fb_hive *h, uint32_t rel, struct fb_list *l)
{
	*l = (struct fb_list){.rel = rel,
			      .at = fb_cell_get(&h->bins, rel, FB_LIST_ITEMS)};
	if (!l->at)
		return -EBADMSG;
	l->n = fb_get16(l->at + FB_LIST_COUNT);
	if (fb_regf_is(l->at, "lf"))
		l->step = 8, l->max = LF_MAX;
	else if (fb_regf_is(l->at, "lh"))
		l->step = 8, l->max = LI_LH_MAX;
	else if (fb_regf_is(l->at, "li"))
		l->step = 4, l->max = LI_LH_MAX;
	else if (fb_regf_is(l->at, "ri"))
		l->step = 4, l->max = UINT16_MAX;
	else
		return -EBADMSG;
	return l->n <= fb_list_room(l) ? 0 : -EBADMSG;
}

static int get_leaf(const struct fb_hive *h, uint32_t rel, struct fb_list *l)
{
	int ret = fb_list_get(h, rel, l);

	return ret || !is_index(l) ? ret : -EBADMSG;
}

/* name <=> the name of the key in element @i of a leaf */
static int compare(const struct fb_hive *h, const struct fb_list *l, uint32_t i,
		   struct fb_hive_name name, int *order)
{
	const unsigned char *nk = fb_nk_get(h, fb_list_target(l, i));

	if (!nk)
		return -EBADMSG;
	*order = fb_name_compare_disk(name, nk + FB_NK_NAME,
				      fb_get16(nk + FB_NK_NAME_BYTES),
				      fb_nk_is_8bit(nk));
	return 0;
}

/* The first element of a leaf that is not below @name; @hit when it is @name. */
static int search_leaf(const struct fb_hive *h, const struct fb_list *l,
		       struct fb_hive_name name, uint32_t *at, bool *hit)
{
	uint32_t low = 0, high = l->n;

	*hit = false;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order, ret = compare(h, l, middle, name, &order);

		if (ret)
			return ret;
		if (!order) {
			*at = middle;
			*hit = true;
			return 0;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	*at = low;
	return 0;
}

/* The last leaf of an index whose first key is not above @name, or the first leaf. */
static int search_index(const struct fb_hive *h, const struct fb_list *index,
			struct fb_hive_name name, uint32_t *at)
{
	uint32_t low = 0, high = index->n;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;
		struct fb_list leaf;
		int order, ret = get_leaf(h, fb_list_target(index, middle), &leaf);

		if (!ret && !leaf.n)
			ret = -EBADMSG;
		if (!ret)
			ret = compare(h, &leaf, 0, name, &order);
		if (ret)
			return ret;
		if (order < 0)
			high = middle;
		else
			low = middle;
	}
	*at = low;
	return 0;
}

/* Every key of one leaf; p->hit when it is @name. */
static int scan_leaf(const struct fb_hive *h, struct fb_hive_name name,
		     struct fb_list_place *p)
{
	for (uint32_t i = 0; !p->hit && i < p->leaf.n; i++) {
		int order, ret = compare(h, &p->leaf, i, name, &order);

		if (ret)
			return ret;
		p->hit = !order;
		p->at = i;
	}
	return 0;
}

/* Key by key; @p is left as it is when there is none of that name. */
static int scan(const struct fb_hive *h, struct fb_hive_name name,
		struct fb_list_place *p)
{
	struct fb_list_place q = *p;
	int ret = 0;

	if (!q.index.at)
		ret = scan_leaf(h, name, &q);
	for (uint32_t i = 0; !ret && !q.hit && i < q.index.n; i++) {
		q.leaf_at = i;
		ret = get_leaf(h, fb_list_target(&q.index, i), &q.leaf);
		if (!ret)
			ret = scan_leaf(h, name, &q);
	}
	if (!ret && q.hit)
		*p = q;
	return ret;
}

int fb_list_search(const struct fb_hive *h, uint32_t rel, struct fb_hive_name name,
		   struct fb_list_place *p)
{
	int ret;

	*p = (struct fb_list_place){0};
	ret = fb_list_get(h, rel, &p->leaf);
	if (!ret && is_index(&p->leaf)) {
		p->index = p->leaf;
		ret = p->index.n ? search_index(h, &p->index, name, &p->leaf_at)
				 : -EBADMSG;
		if (!ret)
			ret = get_leaf(h, fb_list_target(&p->index, p->leaf_at),
				       &p->leaf);
	}
	if (!ret)
		ret = search_leaf(h, &p->leaf, name, &p->at, &p->hit);
	if (!ret && !p->hit && h->out_of_order)
		ret = scan(h, name, p);
	return ret;
}

static void seek_leaf(struct fb_list_place *p, uint32_t key)
{
	for (p->at = 0; p->at < p->leaf.n; p->at++) {
		p->hit = fb_list_target(&p->leaf, p->at) == key;
		if (p->hit)
			return;
	}
}

int fb_list_seek(const struct fb_hive *h, uint32_t rel, uint32_t key,
		 struct fb_list_place *p)
{
	int ret;

	*p = (struct fb_list_place){0};
	ret = fb_list_get(h, rel, &p->leaf);
	if (ret)
		return ret;
	if (!is_index(&p->leaf)) {
		seek_leaf(p, key);
		return 0;
	}
	p->index = p->leaf;
	for (uint32_t i = 0; !p->hit && i < p->index.n; i++) {
		p->leaf_at = i;
		ret = get_leaf(h, fb_list_target(&p->index, i), &p->leaf);
		if (ret)
			return ret;
		seek_leaf(p, key);
	}
	return 0;
}

int fb_subkeys_find(const struct fb_hive *h, uint32_t list, struct fb_hive_name name,
		    uint32_t *key)
{
	struct fb_list_place p;
	int ret;

	ret = fb_list_search(h, list, name, &p);
	if (ret)
		return ret;
	if (!p.hit)
		return -ENOENT;
	*key = fb_list_target(&p.leaf, p.at);
	return 0;
}

int fb_subkeys_at(const struct fb_hive *h, uint32_t list, uint32_t index, uint32_t *key)
{
	struct fb_list l, leaf;
	int ret;

	ret = fb_list_get(h, list, &l);
	if (ret)
		return ret;
	if (!is_index(&l)) {
		if (index >= l.n)
			return -ENOENT;
		*key = fb_list_target(&l, index);
		return 0;
	}
	for (uint32_t i = 0; i < l.n; i++) {
		ret = get_leaf(h, fb_list_target(&l, i), &leaf);
		if (ret)
			return ret;
		if (index < leaf.n) {
			*key = fb_list_target(&leaf, index);
			return 0;
		}
		index -= leaf.n;
	}
	return -ENOENT;
}

/* Empty leaves, which a sound list has none of, are passed over. */
int fb_subkeys_next(const struct fb_hive *h, uint32_t list, struct fb_key_walk *w,
		    uint32_t *key)
{
	struct fb_list index, leaf;
	int ret = fb_list_get(h, list, &index);

	if (ret)
		return ret;
	for (; w->leaf < (is_index(&index) ? index.n : 1); w->leaf++, w->at = 0) {
		leaf = index;
		if (is_index(&index))
			ret = get_leaf(h, fb_list_target(&index, w->leaf), &leaf);
		if (ret)
			return ret;
		if (w->at < leaf.n) {
			*key = fb_list_target(&leaf, w->at++);
			return 0;
		}
	}
	return -ENOENT;
}
