/*
 * values.h - values of a key, as they lie in the hive: for the two files that know them
 */
#ifndef FB_HIVE_VALUES_H
#define FB_HIVE_VALUES_H

#include "hive/records.h"

/* struct fb_values - a key's list of values; @at NULL when it has none */
struct fb_values {
	const unsigned char *at;
	uint32_t n;
};

/* fb_values_get - of a key's record; -EBADMSG */
int fb_values_get(const struct fb_hive *h, const unsigned char *nk,
		  struct fb_values *v);

/* fb_values_find - which of them is called @name; -ENOENT, -EBADMSG */
int fb_values_find(const struct fb_hive *h, const struct fb_values *v,
		   struct fb_hive_name name, uint32_t *index);

static inline uint32_t fb_values_rel(const struct fb_values *v, uint32_t i)
{
	return fb_get32(v->at + 4 * (size_t)i);
}

static inline bool fb_vk_is_inline(const unsigned char *vk)
{
	return fb_get32(vk + FB_VK_DATA_BYTES) & FB_VK_INLINE;
}

static inline struct fb_hive_data fb_vk_data(const unsigned char *vk)
{
	return (struct fb_hive_data){fb_get32(vk + FB_VK_DATA),
				     fb_get32(vk + FB_VK_DATA_BYTES) & ~FB_VK_INLINE};
}

/* fb_vk_has_cells - its data lie in cells of their own */
static inline bool fb_vk_has_cells(const unsigned char *vk)
{
	return !fb_vk_is_inline(vk) && fb_vk_data(vk).bytes;
}

#endif
