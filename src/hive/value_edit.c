#include "hive/values.h"

#include <errno.h>
#include <string.h>

/* struct stored - data of a value as its record tells it: inline, or a cell's number */
struct stored {
	uint32_t bytes;
	unsigned char field[4];
	bool has_cells;
};

static int store(struct fb_hive *h, uint32_t near, const void *data, uint32_t bytes,
		 struct stored *s)
{
	uint32_t rel;
	int ret;

	*s = (struct stored){.bytes = bytes | FB_VK_INLINE};
	if (bytes <= 4) {
		if (bytes)
			memcpy(s->field, data, bytes);
		return 0;
	}
	ret = fb_data_store(h, near, data, bytes, &rel);
	*s = (struct stored){.bytes = bytes, .has_cells = true};
	fb_put32(s->field, rel);
	return ret;
}

/* What has data is no tombstone any more. */
static void put_stored(unsigned char *vk, uint32_t type, const struct stored *s)
{
	fb_put32(vk + FB_VK_DATA_BYTES, s->bytes);
	memcpy(vk + FB_VK_DATA, s->field, sizeof(s->field));
	fb_put32(vk + FB_VK_TYPE, type);
	fb_put16(vk + FB_VK_FLAGS,
		 fb_get16(vk + FB_VK_FLAGS) & ~(uint16_t)FB_VK_FLAG_TOMBSTONE);
}

static void *edit_data_fields(struct fb_hive *h, const unsigned char *vk)
{
	return fb_cell_edit(&h->bins, vk, FB_VK_DATA_BYTES,
			    FB_VK_SPARE - FB_VK_DATA_BYTES);
}

static int change(struct fb_hive *h, uint32_t value, uint32_t type, const void *data,
		  uint32_t bytes)
{
	const unsigned char *vk = fb_vk_get(h, value);
	struct fb_hive_data old = fb_vk_data(vk);
	bool frees;
	struct stored s;
	int ret;

	if (bytes > 4 && fb_vk_has_cells(vk) && !fb_data_replace(h, old, data, bytes)) {
		s = (struct stored){.bytes = bytes};
		memcpy(s.field, vk + FB_VK_DATA, sizeof(s.field));
		put_stored(edit_data_fields(h, vk), type, &s);
		return 0;
	}
	/* Asked first: the new data may be given the place that damage names. */
	frees = fb_vk_has_cells(vk) && !fb_data_check(h, old);
	ret = store(h, value, data, bytes, &s);
	if (ret)
		return ret;
	if (frees)
		fb_data_free(h, old);
	put_stored(edit_data_fields(h, vk), type, &s);
	return 0;
}

/* Room for one more in the list; a larger one is made first, the old one freed. */
static int widen(struct fb_hive *h, const unsigned char *nk, const struct fb_values *v,
		 uint32_t near)
{
	uint32_t rel, n = v->n + v->n / 2 + 1;
	int ret;

	if (v->at && (fb_cell_bytes(v->at)) / 4 > v->n)
		return 0;
	ret = fb_cell_alloc(&h->bins, n * 4, near, &rel);
	if (ret)
		return ret;
	if (v->at) {
		memcpy(h->bins.at + rel + FB_REGF_CELL_HEAD, v->at, v->n * 4);
		fb_cell_free(&h->bins, fb_get32(nk + FB_NK_VALUE_LIST));
	}
	fb_record_put32(h, nk, FB_NK_VALUE_LIST, rel);
	return 0;
}

static int make_value(struct fb_hive *h, uint32_t near, struct fb_hive_name name,
		      uint32_t *rel)
{
	unsigned char *vk;
	int ret = fb_cell_alloc(
		&h->bins, FB_VK_NAME + (uint32_t)fb_name_disk_bytes(name), near, rel);

	if (ret)
		return ret;
	vk = h->bins.at + *rel + FB_REGF_CELL_HEAD;
	memcpy(vk, "vk", 2);
	fb_put16(vk + FB_VK_NAME_BYTES, (uint16_t)fb_name_disk_bytes(name));
	if (name.n && fb_name_fits_8bit(name))
		fb_put16(vk + FB_VK_FLAGS, FB_VK_FLAG_8BIT);
	fb_name_put(vk + FB_VK_NAME, name);
	return 0;
}

struct new_value {
	struct fb_hive_name name;
	uint32_t type;
	const void *data;
	uint32_t bytes;
};

static int add(struct fb_hive *h, uint32_t key, const struct fb_values *v,
	       const struct new_value *n)
{
	const unsigned char *nk = fb_nk_get(h, key);
	struct stored s;
	uint32_t rel, at = v->n * 4;
	int ret = make_value(h, key, n->name, &rel);

	if (ret)
		return ret;
	ret = store(h, rel, n->data, n->bytes, &s);
	if (ret)
		goto out_value;
	ret = widen(h, nk, v, key);
	if (ret)
		goto out_data;
	put_stored(h->bins.at + rel + FB_REGF_CELL_HEAD, n->type, &s);
	fb_record_put32(h,
			fb_cell_get(&h->bins, fb_get32(nk + FB_NK_VALUE_LIST), at + 4),
			at, rel);
	fb_record_put32(h, nk, FB_NK_VALUES, v->n + 1);
	fb_record_raise(h, nk, FB_NK_MAX_VALUE_NAME, (uint32_t)(2 * n->name.n));
	return 0;
out_data:
	if (s.has_cells)
		fb_data_free(h, (struct fb_hive_data){fb_get32(s.field), s.bytes});
out_value:
	fb_cell_free(&h->bins, rel);
	return ret;
}

int fb_value_set(struct fb_hive *h, uint32_t key, struct fb_hive_name name,
		 uint32_t type, const void *data, size_t bytes)
{
	const unsigned char *nk = fb_nk_get(h, key);
	struct new_value n = {name, type, data, (uint32_t)bytes};
	struct fb_values v;
	uint32_t i;
	int ret;

	if (h->options.read_only)
		return -EROFS;
	if (name.n > FB_VALUE_NAME_MAX || bytes > INT32_MAX)
		return -EINVAL;
	if (!nk || fb_values_get(h, nk, &v))
		return -EBADMSG;
	if (fb_nk_is_predefined(nk))
		return -EINVAL;
	ret = fb_values_find(h, &v, name, &i);
	if (!ret)
		ret = change(h, fb_values_rel(&v, i), type, data, n.bytes);
	else if (ret == -ENOENT)
		ret = add(h, key, &v, &n);
	if (ret)
		return ret;
	fb_record_raise(h, nk, FB_NK_MAX_VALUE_DATA, n.bytes);
	fb_nk_touched(h, nk);
	return 0;
}

static int check_value(const struct fb_hive *h, const unsigned char *vk)
{
	if (!vk)
		return -EBADMSG;
	return fb_vk_has_cells(vk) ? fb_data_check(h, fb_vk_data(vk)) : 0;
}

static void free_value(struct fb_hive *h, uint32_t rel)
{
	const unsigned char *vk = fb_vk_get(h, rel);

	if (check_value(h, vk))
		return;
	if (fb_vk_has_cells(vk))
		fb_data_free(h, fb_vk_data(vk));
	fb_cell_free(&h->bins, rel);
}

/* A hostile list may name one large value over and over, which would take for ever. */
int fb_values_check(const struct fb_hive *h, uint32_t key)
{
	const unsigned char *nk = fb_nk_get(h, key);
	uint64_t left = h->bins.bytes;
	struct fb_values v;
	int ret = nk ? fb_values_get(h, nk, &v) : -EBADMSG;

	for (uint32_t i = 0; !ret && i < v.n; i++) {
		const unsigned char *vk = fb_vk_get(h, fb_values_rel(&v, i));
		uint64_t bytes = vk && fb_vk_has_cells(vk) ? fb_vk_data(vk).bytes : 0;

		if (bytes > left)
			return -EBADMSG;
		left -= bytes;
		ret = check_value(h, vk);
	}
	return ret;
}

void fb_values_free(struct fb_hive *h, uint32_t key)
{
	const unsigned char *nk = fb_nk_get(h, key);
	struct fb_values v;

	if (!nk || fb_values_get(h, nk, &v) || !v.n)
		return;
	for (uint32_t i = 0; i < v.n; i++)
		free_value(h, fb_values_rel(&v, i));
	fb_cell_free(&h->bins, fb_get32(nk + FB_NK_VALUE_LIST));
}

int fb_value_delete(struct fb_hive *h, uint32_t key, struct fb_hive_name name)
{
	const unsigned char *nk = fb_nk_get(h, key);
	unsigned char *list;
	struct fb_values v;
	uint32_t i, rel;
	int ret;

	if (h->options.read_only)
		return -EROFS;
	if (!nk || fb_values_get(h, nk, &v))
		return -EBADMSG;
	ret = fb_values_find(h, &v, name, &i);
	if (ret)
		return ret;
	rel = fb_values_rel(&v, i);
	if (check_value(h, fb_vk_get(h, rel)))
		return -EBADMSG;
	list = fb_cell_edit(&h->bins, v.at, 4 * i, 4 * (v.n - i));
	memmove(list + 4 * (size_t)i, list + 4 * (size_t)i + 4,
		4 * (size_t)(v.n - i - 1));
	free_value(h, rel);
	if (v.n == 1) {
		fb_cell_free(&h->bins, fb_get32(nk + FB_NK_VALUE_LIST));
		fb_record_put32(h, nk, FB_NK_VALUE_LIST, FB_REGF_NIL);
	}
	fb_record_put32(h, nk, FB_NK_VALUES, v.n - 1);
	fb_nk_touched(h, nk);
	return 0;
}
