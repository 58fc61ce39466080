#include "hive/export.h"

#include "base/text.h"
#include "hive/pages.h"
#include "hive/regf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 3 * FB_VALUE_NAME_MAX + 1, LINE = 4096 };

struct item {
	char *name; /* UTF-8 */
	uint32_t cell;
};

/* struct items - keys or values of one key, in the order they are shown */
struct items {
	struct item *at;
	size_t n, room;
};

/* struct level - a key on the way down, and which of its subkeys is next */
struct level {
	struct items children;
	size_t next;
	size_t path; /* length of its own */
};

/*
 * struct writer
 * @seen: bit i: the cell at 8 * i was shown; so what is used twice ends it
 * @room: bytes of data that the hive may still have
 * @path: of the key at hand, veiled, "\" for the root
 */
struct writer {
	const struct fb_hive *h;
	struct fb_export *e;
	struct fb_err *err;
	uint64_t *seen;
	uint64_t room;
	struct level *levels;
	unsigned depth;
	char *path;
	size_t path_bytes, path_room;
	uint16_t units[FB_VALUE_NAME_MAX];
	char name[NAME_BYTES];
	char line[LINE];
};

static int damaged(struct writer *w, const char *what)
{
	return fb_err_set(w->err, -EBADMSG,
			  "key %.300s: %s; `flushbench hive check` tells where",
			  w->path_bytes ? w->path : "\\", what);
}

/* What the store answers where its caller cannot be at fault. */
static int of_store(struct writer *w, int ret, const char *what)
{
	if (ret == -ENOMEM)
		return fb_err_set(w->err, ret, "out of memory");
	return damaged(w, what);
}

static int put(struct writer *w, const char *text, size_t n)
{
	int ret = w->e->put(w->e->ctx, text, n);

	return ret ? fb_err_set(w->err, ret, "writing the text: %s", strerror(-ret))
		   : 0;
}

static int put_text(struct writer *w, const char *text)
{
	return put(w, text, strlen(text));
}

static bool see(struct writer *w, uint32_t cell)
{
	if (cell >= fb_hive_bytes(w->h) || fb_bit(w->seen, cell / FB_REGF_CELL_STEP))
		return false;
	fb_bit_set(w->seen, cell / FB_REGF_CELL_STEP);
	return true;
}

/* The name in @w->name, whole as it is, for the order; a NUL would end it. */
static int take_name(struct writer *w, int units)
{
	struct fb_hive_name name = {w->units, (size_t)units};

	for (int i = 0; i < units; i++)
		if (!w->units[i])
			w->units[i] = 1;
	if (units < 0 || fb_name_to_utf8(name, w->name, sizeof(w->name)) < 0)
		return damaged(w, "a name cannot be read");
	return 0;
}

static int add(struct writer *w, struct items *all, uint32_t cell)
{
	if (all->n == all->room) {
		size_t room = all->room ? 2 * all->room : 8;
		struct item *at = realloc(all->at, room * sizeof(*at));

		if (!at)
			return of_store(w, -ENOMEM, NULL);
		all->at = at;
		all->room = room;
	}
	all->at[all->n].name = strdup(w->name);
	if (!all->at[all->n].name)
		return of_store(w, -ENOMEM, NULL);
	all->at[all->n++].cell = cell;
	return 0;
}

static void free_items(struct items *all)
{
	for (size_t i = 0; i < all->n; i++)
		free(all->at[i].name);
	free(all->at);
	*all = (struct items){0};
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct item *)a)->name, ((const struct item *)b)->name);
}

static void sort(struct items *all)
{
	if (all->n)
		qsort(all->at, all->n, sizeof(*all->at), by_name);
}

static int list_keys(struct writer *w, uint32_t key, struct items *all)
{
	struct fb_key_walk at = {0};
	uint32_t cell;
	int ret;

	while (!(ret = fb_key_next(w->h, key, &at, &cell))) {
		if (!see(w, cell))
			return damaged(w, "a subkey occurs twice");
		ret = take_name(w, fb_key_name(w->h, cell, w->units));
		if (!ret)
			ret = add(w, all, cell);
		if (ret)
			return ret;
	}
	sort(all);
	return ret == -ENOENT ? 0 : of_store(w, ret, "its subkeys cannot be read");
}

static int list_values(struct writer *w, uint32_t key, struct items *all)
{
	uint32_t cell;
	int ret;

	for (uint32_t i = 0; !(ret = fb_value_at(w->h, key, i, &cell)); i++) {
		if (!see(w, cell))
			return damaged(w, "a value occurs twice");
		ret = take_name(w, fb_value_name(w->h, cell, w->units));
		if (!ret)
			ret = add(w, all, cell);
		if (ret)
			return ret;
	}
	sort(all);
	return ret == -ENOENT ? 0 : of_store(w, ret, "its values cannot be read");
}

/* In place: '?' for what breaks the line or steers a terminal. */
static void veil(struct writer *w, char *name)
{
	bool was_veiled = false;

	for (char *s = name; *s;) {
		size_t n = fb_text_character(s);

		if (!n) {
			*s = '?';
			was_veiled = true;
		}
		s += n ? n : 1;
	}
	w->e->veiled += was_veiled;
}

static int put_value_name(struct writer *w, char *name)
{
	int ret;

	if (!*name)
		return put_text(w, "@=");
	veil(w, name);
	ret = put_text(w, "\"");
	while (!ret && *name) {
		size_t plain = strcspn(name, "\\\"");

		ret = put(w, name, plain);
		name += plain;
		if (!ret && *name) {
			ret = put(w, "\\", 1);
			if (!ret)
				ret = put(w, name++, 1);
		}
	}
	return ret ? ret : put_text(w, "\"=");
}

static int put_bytes(struct writer *w, const unsigned char *data, size_t n, bool first)
{
	static const char digits[] = "0123456789abcdef";
	char *to = w->line;

	for (size_t i = 0; i < n; i++) {
		if (i || !first)
			*to++ = ',';
		*to++ = digits[data[i] >> 4];
		*to++ = digits[data[i] & 15];
	}
	return put(w, w->line, (size_t)(to - w->line));
}

static int put_hex(struct writer *w, uint32_t value, const struct fb_value_info *info)
{
	unsigned char data[LINE / 3];
	int ret;

	snprintf(w->line, sizeof(w->line), "hex(%x):", info->type);
	ret = put_text(w, w->line);
	for (size_t at = 0; !ret && at < info->bytes; at += sizeof(data)) {
		size_t left = info->bytes - at;
		size_t n = left < sizeof(data) ? left : sizeof(data);

		ret = fb_value_read(w->h, value, at, data, n);
		if (ret)
			return of_store(w, ret, "the data of a value cannot be read");
		ret = put_bytes(w, data, n, !at);
	}
	return ret ? ret : put_text(w, "\n");
}

static int put_value(struct writer *w, struct item *value)
{
	struct fb_value_info info;
	unsigned char dword[4];
	int ret = fb_value_info(w->h, value->cell, &info);

	if (ret)
		return of_store(w, ret, "a value cannot be read");
	/* Data that several values share would make the text longer than any hive. */
	if (info.bytes > w->room)
		return damaged(w, "its values have more data than the hive");
	w->room -= info.bytes;
	ret = put_value_name(w, value->name);
	if (ret)
		return ret;
	w->e->values++;
	if (info.type != FB_REG_DWORD || info.bytes != sizeof(dword))
		return put_hex(w, value->cell, &info);
	ret = fb_value_read(w->h, value->cell, 0, dword, sizeof(dword));
	if (ret)
		return of_store(w, ret, "the data of a value cannot be read");
	snprintf(w->line, sizeof(w->line), "dword:%08x\n", fb_get32(dword));
	return put_text(w, w->line);
}

static int put_key(struct writer *w, uint32_t key)
{
	struct items values = {0};
	int ret = put_text(w, "[");

	if (!ret)
		ret = put_text(w, w->path_bytes ? w->path : "\\");
	if (!ret)
		ret = put_text(w, "]\n");
	w->e->keys++;
	if (!ret)
		ret = list_values(w, key, &values);
	for (size_t i = 0; !ret && i < values.n; i++)
		ret = put_value(w, &values.at[i]);
	free_items(&values);
	return ret ? ret : put_text(w, "\n");
}

static int push_name(struct writer *w, char *name)
{
	size_t n = strlen(name);

	if (w->path_bytes + n + 2 > w->path_room) {
		size_t room = 2 * (w->path_bytes + n + 2);
		char *path = realloc(w->path, room);

		if (!path)
			return of_store(w, -ENOMEM, NULL);
		w->path = path;
		w->path_room = room;
	}
	veil(w, name);
	w->path[w->path_bytes++] = '\\';
	memcpy(w->path + w->path_bytes, name, n + 1);
	w->path_bytes += n;
	return 0;
}

static void leave(struct writer *w)
{
	free_items(&w->levels[--w->depth].children);
}

/* The key at hand, which becomes the last level. */
static int enter(struct writer *w, uint32_t key)
{
	struct level *l = &w->levels[w->depth];
	int ret;

	if (w->depth > FB_REGF_LEVELS)
		return damaged(w, "more levels than a registry has");
	*l = (struct level){.path = w->path_bytes};
	w->depth++;
	ret = put_key(w, key);
	return ret ? ret : list_keys(w, key, &l->children);
}

static int walk(struct writer *w)
{
	int ret = see(w, fb_hive_root(w->h)) ? enter(w, fb_hive_root(w->h))
					     : damaged(w, "there is no root");

	while (!ret && w->depth) {
		struct level *l = &w->levels[w->depth - 1];

		w->path_bytes = l->path;
		if (l->next == l->children.n) {
			leave(w);
			continue;
		}
		ret = push_name(w, l->children.at[l->next].name);
		if (!ret)
			ret = enter(w, l->children.at[l->next++].cell);
	}
	while (w->depth)
		leave(w);
	return ret;
}

int fb_hive_export(const struct fb_hive *h, struct fb_export *e, struct fb_err *err)
{
	struct writer *w = malloc(sizeof(*w));
	int ret = -ENOMEM;

	if (!w)
		return fb_err_set(err, ret, "out of memory");
	memset(w, 0, offsetof(struct writer, units));
	w->h = h;
	w->e = e;
	w->err = err;
	w->room = fb_hive_bytes(h);
	w->seen = calloc(fb_hive_bytes(h) / 512 + 1, sizeof(*w->seen));
	w->levels = calloc(FB_REGF_LEVELS + 1, sizeof(*w->levels));
	e->keys = e->values = e->veiled = 0;
	if (w->seen && w->levels)
		ret = put_text(w, "Windows Registry Editor Version 5.00\n\n");
	else
		fb_err_set(err, ret, "out of memory");
	if (!ret)
		ret = walk(w);
	free(w->seen);
	free(w->levels);
	free(w->path);
	free(w);
	return ret;
}
