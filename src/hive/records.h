/*
 * records.h - key, value and security records, checked as they are read
 */
#ifndef FB_HIVE_RECORDS_H
#define FB_HIVE_RECORDS_H

#include "hive/store.h"

/*
 * fb_nk_get - a key's record: signature right, its name inside the cell
 * fb_vk_get, fb_sk_get - likewise a value's, a security descriptor's
 *
 * NULL when @rel is no such record.
 */
const unsigned char *fb_nk_get(const struct fb_hive *h, uint32_t rel);
const unsigned char *fb_vk_get(const struct fb_hive *h, uint32_t rel);
const unsigned char *fb_sk_get(const struct fb_hive *h, uint32_t rel);

/* fb_record_put32 - change a field of a record, marking its page */
static inline void fb_record_put32(struct fb_hive *h, const void *record,
				   uint32_t field, uint32_t v)
{
	fb_put32((unsigned char *)fb_cell_edit(&h->bins, record, field, 4) + field, v);
}

/* fb_record_raise - the same where the field is below @v: the fields for the largest */
static inline void fb_record_raise(struct fb_hive *h, const void *record,
				   uint32_t field, uint32_t v)
{
	if (fb_get32((const unsigned char *)record + field) < v)
		fb_record_put32(h, record, field, v);
}

/* fb_nk_touched - the key changed: its time is now */
static inline void fb_nk_touched(struct fb_hive *h, const void *nk)
{
	fb_put64((unsigned char *)fb_cell_edit(&h->bins, nk, FB_NK_TIME, 8) +
			 FB_NK_TIME,
		 fb_hive_now(h));
}

/* fb_nk_is_8bit, fb_vk_is_8bit - how the name stands in the record */
static inline bool fb_nk_is_8bit(const unsigned char *nk)
{
	return fb_get16(nk + FB_NK_FLAGS) & FB_NK_FLAG_8BIT;
}

/* fb_nk_is_predefined - it stands for a handle, whose number is where values are
 * counted */
static inline bool fb_nk_is_predefined(const unsigned char *nk)
{
	return fb_get16(nk + FB_NK_FLAGS) & FB_NK_FLAG_PREDEF;
}

/* fb_nk_values - how many values it has */
static inline uint32_t fb_nk_values(const unsigned char *nk)
{
	return fb_nk_is_predefined(nk) ? 0 : fb_get32(nk + FB_NK_VALUES);
}

static inline bool fb_vk_is_8bit(const unsigned char *vk)
{
	return fb_get16(vk + FB_VK_FLAGS) & FB_VK_FLAG_8BIT;
}

/* --- subkey lists: lf, li, lh, ri --- */

/*
 * fb_subkeys_find - the subkey @name in @list, which has some
 *
 * 0 with @key, -ENOENT, -EBADMSG.
 */
int fb_subkeys_find(const struct fb_hive *h, uint32_t list, struct fb_hive_name name,
		    uint32_t *key);

/* fb_subkeys_at - number @index in order; -ENOENT past the last */
int fb_subkeys_at(const struct fb_hive *h, uint32_t list, uint32_t index,
		  uint32_t *key);

/* fb_subkeys_next - the one after w->leaf and w->at, which move on */
int fb_subkeys_next(const struct fb_hive *h, uint32_t list, struct fb_key_walk *w,
		    uint32_t *key);

/*
 * fb_subkeys_insert - @key, whose name is @name, which the list lacks
 * @list: the list's cell, NIL if there is none yet; its new cell, on failure too
 */
int fb_subkeys_insert(struct fb_hive *h, uint32_t *list, struct fb_hive_name name,
		      uint32_t key);

/* fb_subkeys_remove - @key, found by @name; NIL in @list after the last; -ENOENT */
int fb_subkeys_remove(struct fb_hive *h, uint32_t *list, struct fb_hive_name name,
		      uint32_t key);

/* --- security --- */

/* fb_security_hold, fb_security_release - one user more or less; at none it is freed */
int fb_security_hold(struct fb_hive *h, uint32_t sk);
int fb_security_release(struct fb_hive *h, uint32_t sk);

/* --- values --- */

/* fb_values_check - every value of a key can be freed; fb_values_free - do it */
int fb_values_check(const struct fb_hive *h, uint32_t key);
void fb_values_free(struct fb_hive *h, uint32_t key);

/* --- data of a value: inline, one cell, or big data --- */

/* struct fb_hive_data - where a value's bytes are: @bytes of them in or below cell @rel
 */
struct fb_hive_data {
	uint32_t rel, bytes;
};

/* fb_data_store - @bytes over 4 into cells of their own near @near */
int fb_data_store(struct fb_hive *h, uint32_t near, const void *data, uint32_t bytes,
		  uint32_t *rel);

/* fb_data_replace - @bytes over @d in its cells; -ENOSPC if they would be others */
int fb_data_replace(struct fb_hive *h, struct fb_hive_data d, const void *data,
		    uint32_t bytes);

/* fb_data_check - can it be read whole? fb_data_free - give its cells back */
int fb_data_check(const struct fb_hive *h, struct fb_hive_data d);
void fb_data_free(struct fb_hive *h, struct fb_hive_data d);

/* fb_data_read - a part of it, which must be inside */
int fb_data_read(const struct fb_hive *h, struct fb_hive_data d, size_t offset,
		 void *out, size_t bytes);

/* fb_tree_make - bin 0 of an empty hive: root key, its security, free space */
int fb_tree_make(struct fb_hive *h);

#endif
