/*
 * lists.h - lists of subkeys, read and searched: for the two files that know them
 */
#ifndef FB_HIVE_LISTS_H
#define FB_HIVE_LISTS_H

#include "hive/records.h"

/* struct fb_list - a list cell, checked; @step bytes an element, @max of them */
struct fb_list {
	uint32_t rel;
	const unsigned char *at;
	uint32_t n, step, max;
};

/*
 * struct fb_list_place - where a name is, or would be
 * @index:   the ri list, @index.at NULL when the leaf is the whole list
 * @leaf_at: of the leaf in it; @at: of the key in the leaf, if @hit
 */
struct fb_list_place {
	struct fb_list index, leaf;
	uint32_t leaf_at, at;
	bool hit;
};

/* fb_list_get - lf, li, lh or ri at @rel; -EBADMSG */
int fb_list_get(const struct fb_hive *h, uint32_t rel, struct fb_list *l);

/*
 * fb_list_search - @name in the list at @rel and in the leaf below it; -EBADMSG
 *
 * By halves; where the hive has lists out of order, then key by key.
 */
int fb_list_search(const struct fb_hive *h, uint32_t rel, struct fb_hive_name name,
		   struct fb_list_place *p);

/*
 * fb_list_seek - the element of the list at @rel that names the cell @key; -EBADMSG
 *
 * Key by key: for one whose name leads to another, as hivex makes them of names that
 * differ in the case of a letter beyond ASCII.
 */
int fb_list_seek(const struct fb_hive *h, uint32_t rel, uint32_t key,
		 struct fb_list_place *p);

static inline const unsigned char *fb_list_element(const struct fb_list *l, uint32_t i)
{
	return l->at + FB_LIST_ITEMS + (size_t)i * l->step;
}

/* fb_list_target - the cell that element @i names: a key, or a leaf in an ri */
static inline uint32_t fb_list_target(const struct fb_list *l, uint32_t i)
{
	return fb_get32(fb_list_element(l, i));
}

/* fb_list_room - elements that its cell can hold */
static inline uint32_t fb_list_room(const struct fb_list *l)
{
	return (fb_cell_bytes(l->at) - FB_LIST_ITEMS) / l->step;
}

/*
 * fb_lists_ascend - every list of subkeys is in the order of the format
 *
 * hivex sorts by lower-case letters, so that "a_b" comes before "ab".
 */
bool fb_lists_ascend(const struct fb_hive *h);

#endif
