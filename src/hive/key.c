#include "hive/records.h"

#include <errno.h>
#include <string.h>

const unsigned char *fb_nk_get(const struct fb_hive *h, uint32_t rel)
{
	const unsigned char *nk = fb_cell_get(&h->bins, rel, FB_NK_NAME);

	if (!nk || nk[0] != 'n' || nk[1] != 'k' ||
	    fb_get16(nk + FB_NK_NAME_BYTES) > fb_cell_bytes(nk) - FB_NK_NAME)
		return NULL;
	return nk;
}

uint32_t fb_hive_root(const struct fb_hive *h)
{
	return h->base.root;
}

int fb_key_find(const struct fb_hive *h, uint32_t parent, struct fb_hive_name name,
		uint32_t *key)
{
	const unsigned char *nk = fb_nk_get(h, parent);

	if (!nk)
		return -EBADMSG;
	if (!fb_get32(nk + FB_NK_SUBKEYS))
		return -ENOENT;
	return fb_subkeys_find(h, fb_get32(nk + FB_NK_LIST), name, key);
}

int fb_key_child(const struct fb_hive *h, uint32_t key, uint32_t index, uint32_t *child)
{
	const unsigned char *nk = fb_nk_get(h, key);

	if (!nk)
		return -EBADMSG;
	if (index >= fb_get32(nk + FB_NK_SUBKEYS))
		return -ENOENT;
	return fb_subkeys_at(h, fb_get32(nk + FB_NK_LIST), index, child);
}

int fb_key_next(const struct fb_hive *h, uint32_t key, struct fb_key_walk *w,
		uint32_t *child)
{
	const unsigned char *nk = fb_nk_get(h, key);
	int ret;

	if (!nk)
		return -EBADMSG;
	if (w->seen >= fb_get32(nk + FB_NK_SUBKEYS))
		return -ENOENT;
	ret = fb_subkeys_next(h, fb_get32(nk + FB_NK_LIST), w, child);
	w->seen += !ret;
	return ret;
}

static bool is_good_name(struct fb_hive_name name)
{
	if (!name.n || name.n > FB_KEY_NAME_MAX)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		if (name.units[i] == '\\' || !name.units[i])
			return false;
	}
	return true;
}

/* Whether a key may have children: a tree is FB_REGF_LEVELS deep at most. */
static int check_depth(const struct fb_hive *h, uint32_t key)
{
	unsigned levels = 1;

	while (key != h->base.root) {
		const unsigned char *nk = fb_nk_get(h, key);

		if (!nk)
			return -EBADMSG;
		if (++levels >= FB_REGF_LEVELS)
			return -EINVAL;
		key = fb_get32(nk + FB_NK_PARENT);
	}
	return 0;
}

static void fill_key(struct fb_hive *h, unsigned char *nk, uint32_t parent,
		     struct fb_hive_name name)
{
	const unsigned char *above = fb_nk_get(h, parent);

	memcpy(nk, "nk", 2);
	if (fb_name_fits_8bit(name))
		fb_put16(nk + FB_NK_FLAGS, FB_NK_FLAG_8BIT);
	fb_put64(nk + FB_NK_TIME, fb_hive_now(h));
	fb_put32(nk + FB_NK_PARENT, parent);
	fb_put32(nk + FB_NK_LIST, FB_REGF_NIL);
	fb_put32(nk + FB_NK_VOLATILE_LIST, FB_REGF_NIL);
	fb_put32(nk + FB_NK_VALUE_LIST, FB_REGF_NIL);
	fb_put32(nk + FB_NK_SECURITY, fb_get32(above + FB_NK_SECURITY));
	fb_put32(nk + FB_NK_CLASS, FB_REGF_NIL);
	fb_put16(nk + FB_NK_NAME_BYTES, (uint16_t)fb_name_disk_bytes(name));
	fb_name_put(nk + FB_NK_NAME, name);
}

static uint32_t list_of(const unsigned char *nk)
{
	return fb_get32(nk + FB_NK_SUBKEYS) ? fb_get32(nk + FB_NK_LIST) : FB_REGF_NIL;
}

/* The parent's side of a subkey more or less. */
static void put_list(struct fb_hive *h, uint32_t parent, uint32_t list, int by)
{
	const unsigned char *nk = fb_nk_get(h, parent);

	if (fb_get32(nk + FB_NK_LIST) != list)
		fb_record_put32(h, nk, FB_NK_LIST, list);
	if (!by)
		return;
	fb_record_put32(h, nk, FB_NK_SUBKEYS,
			fb_get32(nk + FB_NK_SUBKEYS) + (uint32_t)by);
	fb_nk_touched(h, nk);
}

static int make_key(struct fb_hive *h, uint32_t parent, struct fb_hive_name name,
		    uint32_t *key)
{
	uint32_t list, rel, bytes = FB_NK_NAME + (uint32_t)fb_name_disk_bytes(name);
	const unsigned char *nk = fb_nk_get(h, parent);
	int ret = fb_security_hold(h, fb_get32(nk + FB_NK_SECURITY));

	if (ret)
		return ret;
	ret = fb_cell_alloc(&h->bins, bytes, parent, &rel);
	if (ret)
		goto out_security;
	fill_key(h, h->bins.at + rel + FB_REGF_CELL_HEAD, parent, name);
	list = list_of(nk);
	ret = fb_subkeys_insert(h, &list, name, rel);
	if (ret) {
		put_list(h, parent, list, 0);
		goto out_cell;
	}
	put_list(h, parent, list, 1);
	if (fb_get16(nk + FB_NK_MAX_SUBKEY_NAME) < 2 * name.n)
		fb_put16((unsigned char *)fb_cell_edit(&h->bins, nk,
						       FB_NK_MAX_SUBKEY_NAME, 2) +
				 FB_NK_MAX_SUBKEY_NAME,
			 (uint16_t)(2 * name.n));
	*key = rel;
	return 0;
out_cell:
	fb_cell_free(&h->bins, rel);
out_security:
	fb_security_release(h, fb_get32(nk + FB_NK_SECURITY));
	return ret;
}

int fb_key_create(struct fb_hive *h, uint32_t parent, struct fb_hive_name name,
		  uint32_t *key)
{
	uint32_t found;
	int ret;

	if (h->options.read_only)
		return -EROFS;
	if (!is_good_name(name))
		return -EINVAL;
	ret = fb_key_find(h, parent, name, &found);
	if (!ret)
		return -EEXIST;
	if (ret != -ENOENT)
		return ret;
	ret = check_depth(h, parent);
	return ret ? ret : make_key(h, parent, name, key);
}

static int name_of(const unsigned char *nk, uint16_t *out)
{
	size_t bytes = fb_get16(nk + FB_NK_NAME_BYTES);

	if ((fb_nk_is_8bit(nk) ? bytes : bytes / 2) > FB_KEY_NAME_MAX)
		return -EBADMSG;
	return (int)fb_name_get(nk + FB_NK_NAME, bytes, fb_nk_is_8bit(nk), out);
}

int fb_key_delete(struct fb_hive *h, uint32_t key)
{
	const unsigned char *nk = fb_nk_get(h, key), *above;
	uint16_t units[FB_KEY_NAME_MAX];
	uint32_t parent, list;
	int n, ret;

	if (h->options.read_only)
		return -EROFS;
	if (!nk)
		return -EBADMSG;
	if (key == h->base.root)
		return -EINVAL;
	if (fb_get32(nk + FB_NK_SUBKEYS))
		return -ENOTEMPTY;
	parent = fb_get32(nk + FB_NK_PARENT);
	above = fb_nk_get(h, parent);
	n = name_of(nk, units);
	ret = fb_values_check(h, key);
	if (!above || n < 0 || ret || !fb_sk_get(h, fb_get32(nk + FB_NK_SECURITY)))
		return -EBADMSG;
	list = list_of(above);
	ret = fb_subkeys_remove(h, &list, (struct fb_hive_name){units, (size_t)n}, key);
	if (ret)
		return ret == -ENOENT ? -EBADMSG : ret;
	put_list(h, parent, list, -1);
	fb_values_free(h, key);
	if (fb_get32(nk + FB_NK_CLASS) != FB_REGF_NIL)
		fb_cell_free(&h->bins, fb_get32(nk + FB_NK_CLASS));
	fb_security_release(h, fb_get32(nk + FB_NK_SECURITY));
	return fb_cell_free(&h->bins, key);
}

int fb_key_info(const struct fb_hive *h, uint32_t key, struct fb_key_info *out)
{
	const unsigned char *nk = fb_nk_get(h, key);
	size_t bytes;

	if (!nk)
		return -EBADMSG;
	bytes = fb_get16(nk + FB_NK_NAME_BYTES);
	*out = (struct fb_key_info){
		.time = fb_get64(nk + FB_NK_TIME),
		.parent = fb_get32(nk + FB_NK_PARENT),
		.subkeys = fb_get32(nk + FB_NK_SUBKEYS),
		.values = fb_nk_values(nk),
		.security = fb_get32(nk + FB_NK_SECURITY),
		.flags = fb_get16(nk + FB_NK_FLAGS),
		.name_units = fb_nk_is_8bit(nk) ? bytes : bytes / 2,
		.class_bytes = fb_get32(nk + FB_NK_CLASS) == FB_REGF_NIL
				       ? 0
				       : fb_get16(nk + FB_NK_CLASS_BYTES),
	};
	return 0;
}

int fb_key_name(const struct fb_hive *h, uint32_t key, uint16_t *out)
{
	const unsigned char *nk = fb_nk_get(h, key);

	return nk ? name_of(nk, out) : -EBADMSG;
}

int fb_key_class(const struct fb_hive *h, uint32_t key, const void **out, size_t *bytes)
{
	struct fb_key_info info;
	int ret = fb_key_info(h, key, &info);
	const void *cell = NULL;

	if (ret)
		return ret;
	if (info.class_bytes) {
		cell = fb_cell_get(&h->bins, fb_get32(fb_nk_get(h, key) + FB_NK_CLASS),
				   (uint32_t)info.class_bytes);
		if (!cell)
			return -EBADMSG;
	}
	*out = cell;
	*bytes = info.class_bytes;
	return 0;
}
