#include "fuzz/scene.h"

#include "fuzz/walk.h"
#include "hive/records.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUBKEYS = 8, BIG = 2 * FB_REGF_BIG_DATA + 1, VERY_LONG = 300 };

static void ok(int ret)
{
	fuzz_must(!ret, "a shape is made by calls that succeed");
}

static struct fb_hive_name name(const char *text, uint16_t first)
{
	static uint16_t units[VERY_LONG];
	size_t n = 0;

	for (; text[n]; n++)
		units[n] = (unsigned char)text[n];
	if (first)
		units[0] = first;
	return (struct fb_hive_name){units, n};
}

static void add_values(struct fb_hive *h)
{
	static const uint8_t sizes[] = {0, 1, 4, 5, 8, 40, 200};
	unsigned char data[200];
	char text[VERY_LONG] = "";

	memset(data, 'd', sizeof(data));
	for (unsigned i = 0; i < 14; i++) {
		ok(fb_value_set(h, fb_hive_root(h), name(text, i == 9 ? 0x3A9 : 0), i,
				data, sizes[i % sizeof(sizes)]));
		snprintf(text, sizeof(text), "value%u", i);
	}
	memset(text, 'n', sizeof(text) - 1);
	ok(fb_value_set(h, fb_hive_root(h), name(text, 0), 77, data, 7));
}

static void add_big(struct fb_hive *h)
{
	unsigned char *data = malloc(BIG);

	memset(data, 'b', BIG);
	ok(fb_value_set(h, fb_hive_root(h), name("big", 0), 3, data, BIG));
	free(data);
}

static void add_keys(struct fb_hive *h)
{
	uint32_t key, child;
	char text[16];

	for (unsigned i = 0; i < SUBKEYS; i++) {
		snprintf(text, sizeof(text), "%ckey%u", 'A' + i, i);
		ok(fb_key_create(h, fb_hive_root(h), name(text, i == 7 ? 0x439 : 0),
				 &key));
		ok(fb_key_create(h, key, name("below", 0), &child));
		ok(fb_value_set(h, child, name("v", 0), 4, "1234", 4));
	}
}

static void add_descriptors(struct fb_hive *h)
{
	unsigned char descriptor[256];
	const void *old;
	size_t bytes;
	uint32_t key;

	for (uint32_t i = 0; i < 4; i++) {
		ok(fb_key_child(h, fb_hive_root(h), i, &key));
		ok(fb_key_security(h, key, &old, &bytes));
		memcpy(descriptor, old, bytes);
		descriptor[bytes - 1] = (unsigned char)(i / 2);
		ok(fb_key_set_security(h, key, descriptor, bytes));
	}
}

/* The store gives no key a class; hives of Windows have them. */
static void add_class(struct fb_hive *h)
{
	uint32_t key, rel;
	unsigned char *nk;

	ok(fb_key_child(h, fb_hive_root(h), 0, &key));
	ok(fb_cell_alloc(&h->bins, 10, key, &rel));
	memcpy(h->bins.at + rel + FB_REGF_CELL_HEAD, "c\0l\0a\0s\0s", 10);
	nk = h->bins.at + key + FB_REGF_CELL_HEAD;
	fb_put32(nk + FB_NK_CLASS, rel);
	fb_put16(nk + FB_NK_CLASS_BYTES, 10);
	nk = h->bins.at + fb_hive_root(h) + FB_REGF_CELL_HEAD;
	fb_put32(nk + FB_NK_MAX_CLASS, 10);
}

/* What a writer would make of a thousand keys, made of eight. */
static void make_index(struct fb_hive *h, const char *signature)
{
	unsigned char *nk = h->bins.at + fb_hive_root(h) + FB_REGF_CELL_HEAD, *ri;
	uint32_t keys[SUBKEYS], leaf[2], index, old = fb_get32(nk + FB_NK_LIST);
	unsigned step = signature[1] == 'i' ? 4 : 8;

	for (uint32_t i = 0; i < SUBKEYS; i++)
		ok(fb_key_child(h, fb_hive_root(h), i, &keys[i]));
	ok(fb_cell_alloc(&h->bins, 12, old, &index));
	ri = h->bins.at + index + FB_REGF_CELL_HEAD;
	memcpy(ri, "ri\2", 4);
	for (unsigned l = 0; l < 2; l++) {
		const unsigned char *from = h->bins.at + old + 8 + l * 4 * 8;
		unsigned char *to;

		ok(fb_cell_alloc(&h->bins, 4 + 4 * step, old, &leaf[l]));
		fb_put32(ri + 4 + 4 * l, leaf[l]);
		to = h->bins.at + leaf[l] + FB_REGF_CELL_HEAD;
		memcpy(to, signature, 2);
		fb_put16(to + 2, 4);
		for (unsigned i = 0; i < 4; i++)
			memcpy(to + 4 + i * step, from + i * 8, step);
	}
	ok(fb_cell_free(&h->bins, old));
	fb_put32(nk + FB_NK_LIST, index);
}

void fuzz_shape_make(enum fuzz_shape shape, struct fuzz_disk *d)
{
	struct fb_hive_options o = {.now = fuzz_now, .minor = shape >= FUZZ_LF ? 3 : 5};
	struct fb_hive *h;

	ok(fb_hive_new(&h, &o));
	if (shape >= FUZZ_KEYS)
		add_keys(h);
	if (shape == FUZZ_VALUES)
		add_values(h);
	else if (shape == FUZZ_BIG)
		add_big(h);
	else if (shape == FUZZ_KEYS)
		add_descriptors(h), add_class(h);
	else if (shape == FUZZ_INDEX || shape == FUZZ_LI)
		make_index(h, shape == FUZZ_LI ? "li" : "lh");
	fuzz_disk_init(d);
	fuzz_disk_put(d, FB_HIVE_PRIMARY, "", 0);
	ok(fb_hive_save(h, &d->io, NULL));
	fb_hive_free(h);
}
