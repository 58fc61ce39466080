#include "fuzz/walk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { KEYS = 3000, VALUES = 20000, DATA = 1 << 16, DATA_ALL = 4 << 20 };

/*
 * struct walk - keys still to be looked at
 * @data: bytes that may still be read
 */
struct walk {
	const struct fb_hive *h;
	uint32_t keys[KEYS];
	unsigned next, n, values;
	size_t data;
	uint64_t damage;
	volatile unsigned char sum;
};

void fuzz_must(bool holds, const char *claim)
{
	if (holds)
		return;
	fprintf(stderr, "does not hold: %s\n", claim);
	abort();
}

uint64_t fuzz_now(void)
{
	static uint64_t now = UINT64_C(133000000000000000);

	return now += 10;
}

static bool good(struct walk *w, int ret)
{
	fuzz_must(ret >= 0 || ret == -EBADMSG || ret == -ENOENT,
		  "reading answers 0, damaged or not there");
	w->damage += ret < 0;
	return ret >= 0;
}

static void touch(struct walk *w, const void *data, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		w->sum = w->sum ^ ((const unsigned char *)data)[i];
}

static void read_data(struct walk *w, uint32_t value, uint32_t bytes)
{
	unsigned char *data = malloc(DATA);

	for (uint32_t at = 0; at < bytes && w->data; at += DATA) {
		size_t n = bytes - at < DATA ? bytes - at : DATA;

		if (!good(w, fb_value_read(w->h, value, at, data, n)))
			break;
		w->data = w->data > n ? w->data - n : 0;
	}
	free(data);
}

static void read_value(struct walk *w, uint32_t key, uint32_t value)
{
	static uint16_t units[FB_VALUE_NAME_MAX];
	struct fb_value_info info;
	uint32_t found;
	int n;

	if (!good(w, fb_value_info(w->h, value, &info)))
		return;
	n = fb_value_name(w->h, value, units);
	if (good(w, n))
		good(w, fb_value_find(w->h, key,
				      (struct fb_hive_name){units, (size_t)n}, &found));
	read_data(w, value, info.bytes);
}

static void read_parts(struct walk *w, uint32_t key)
{
	const void *data;
	size_t bytes;

	if (good(w, fb_key_class(w->h, key, &data, &bytes)))
		touch(w, data, bytes);
	if (good(w, fb_key_security(w->h, key, &data, &bytes)))
		touch(w, data, bytes);
}

static void read_child(struct walk *w, uint32_t key, uint32_t child)
{
	uint16_t units[FB_KEY_NAME_MAX];
	int n = fb_key_name(w->h, child, units);
	uint32_t found;

	if (good(w, n))
		good(w, fb_key_find(w->h, key, (struct fb_hive_name){units, (size_t)n},
				    &found));
	if (w->n < KEYS)
		w->keys[w->n++] = child;
}

static void read_key(struct walk *w, uint32_t key)
{
	struct fb_key_info info;
	uint32_t cell;

	if (!good(w, fb_key_info(w->h, key, &info)))
		return;
	read_parts(w, key);
	for (uint32_t i = 0; i < info.values && w->values; i++, w->values--) {
		if (!good(w, fb_value_at(w->h, key, i, &cell)))
			break;
		read_value(w, key, cell);
	}
	for (uint32_t i = 0; i < info.subkeys && w->n < KEYS; i++) {
		if (!good(w, fb_key_child(w->h, key, i, &cell)))
			break;
		read_child(w, key, cell);
	}
}

uint64_t fuzz_walk(const struct fb_hive *h)
{
	static struct walk w;

	w.h = h;
	w.keys[0] = fb_hive_root(h);
	w.next = 0;
	w.n = 1;
	w.values = VALUES;
	w.data = DATA_ALL;
	w.damage = 0;
	while (w.next < w.n)
		read_key(&w, w.keys[w.next++]);
	return w.damage;
}
