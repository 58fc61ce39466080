#include "hive/values.h"

#include <errno.h>
#include <string.h>

const unsigned char *fb_vk_get(const struct fb_hive *h, uint32_t rel)
{
	const unsigned char *vk = fb_cell_get(&h->bins, rel, FB_VK_NAME);

	if (!vk || vk[0] != 'v' || vk[1] != 'k' ||
	    fb_get16(vk + FB_VK_NAME_BYTES) > fb_cell_bytes(vk) - FB_VK_NAME)
		return NULL;
	return vk;
}

int fb_values_get(const struct fb_hive *h, const unsigned char *nk, struct fb_values *v)
{
	*v = (struct fb_values){.n = fb_nk_values(nk)};
	if (!v->n)
		return 0;
	if (v->n > FB_REGF_BINS_MAX / 4)
		return -EBADMSG;
	v->at = fb_cell_get(&h->bins, fb_get32(nk + FB_NK_VALUE_LIST), v->n * 4);
	return v->at ? 0 : -EBADMSG;
}

int fb_values_find(const struct fb_hive *h, const struct fb_values *v,
		   struct fb_hive_name name, uint32_t *index)
{
	for (uint32_t i = 0; i < v->n; i++) {
		const unsigned char *vk = fb_vk_get(h, fb_values_rel(v, i));

		if (!vk)
			return -EBADMSG;
		if (fb_name_equal_disk(name, vk + FB_VK_NAME,
				       fb_get16(vk + FB_VK_NAME_BYTES),
				       fb_vk_is_8bit(vk))) {
			*index = i;
			return 0;
		}
	}
	return -ENOENT;
}

int fb_value_find(const struct fb_hive *h, uint32_t key, struct fb_hive_name name,
		  uint32_t *value)
{
	const unsigned char *nk = fb_nk_get(h, key);
	struct fb_values v;
	uint32_t i;
	int ret = nk ? fb_values_get(h, nk, &v) : -EBADMSG;

	if (!ret)
		ret = fb_values_find(h, &v, name, &i);
	if (!ret)
		*value = fb_values_rel(&v, i);
	return ret;
}

int fb_value_at(const struct fb_hive *h, uint32_t key, uint32_t index, uint32_t *value)
{
	const unsigned char *nk = fb_nk_get(h, key);
	struct fb_values v;
	int ret = nk ? fb_values_get(h, nk, &v) : -EBADMSG;

	if (ret)
		return ret;
	if (index >= v.n)
		return -ENOENT;
	*value = fb_values_rel(&v, index);
	return 0;
}

int fb_value_info(const struct fb_hive *h, uint32_t value, struct fb_value_info *out)
{
	const unsigned char *vk = fb_vk_get(h, value);
	size_t bytes;

	if (!vk || (fb_vk_is_inline(vk) && fb_vk_data(vk).bytes > 4))
		return -EBADMSG;
	bytes = fb_get16(vk + FB_VK_NAME_BYTES);
	*out = (struct fb_value_info){
		.type = fb_get32(vk + FB_VK_TYPE),
		.bytes = fb_vk_data(vk).bytes,
		.name_units = fb_vk_is_8bit(vk) ? bytes : bytes / 2,
	};
	return 0;
}

int fb_value_name(const struct fb_hive *h, uint32_t value, uint16_t *out)
{
	const unsigned char *vk = fb_vk_get(h, value);
	size_t bytes;

	if (!vk)
		return -EBADMSG;
	bytes = fb_get16(vk + FB_VK_NAME_BYTES);
	if ((fb_vk_is_8bit(vk) ? bytes : bytes / 2) > FB_VALUE_NAME_MAX)
		return -EBADMSG;
	return (int)fb_name_get(vk + FB_VK_NAME, bytes, fb_vk_is_8bit(vk), out);
}

int fb_value_read(const struct fb_hive *h, uint32_t value, size_t offset, void *out,
		  size_t bytes)
{
	const unsigned char *vk = fb_vk_get(h, value);
	struct fb_hive_data d;

	if (!vk)
		return -EBADMSG;
	d = fb_vk_data(vk);
	if (offset > d.bytes || bytes > d.bytes - offset)
		return -EINVAL;
	if (!bytes)
		return 0;
	if (!fb_vk_is_inline(vk))
		return fb_data_read(h, d, offset, out, bytes);
	if (d.bytes > 4)
		return -EBADMSG;
	memcpy(out, vk + FB_VK_DATA + offset, bytes);
	return 0;
}
