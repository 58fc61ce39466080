#include "fuzz/walk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { PICKS = 64, MANY = 300, DATA = 40000, SCRIPT_MAX = 64 };

/* What a store may answer to a change of a hive that may be damaged. */
static void take(int ret)
{
	fuzz_must(ret == 0 || ret == -EBADMSG || ret == -ENOENT || ret == -EEXIST ||
			  ret == -ENOTEMPTY || ret == -EINVAL || ret == -ENOSPC,
		  "a change answers what its contract lists");
}

/* One of the first keys, in the order of their levels. */
static uint32_t pick_key(const struct fb_hive *h, uint8_t n)
{
	uint32_t keys[PICKS], child;
	unsigned last = 1;

	keys[0] = fb_hive_root(h);
	for (unsigned k = 0; k < last; k++) {
		for (uint32_t i = 0;
		     last < PICKS && !fb_key_child(h, keys[k], i, &child); i++)
			keys[last++] = child;
	}
	return keys[n % last];
}

static struct fb_hive_name make_name(const char *prefix, unsigned n)
{
	static uint16_t units[16];
	char text[16];

	snprintf(text, sizeof(text), "%s%u", prefix, n);
	for (size_t i = 0; text[i]; i++)
		units[i] = (uint16_t)(unsigned char)text[i];
	if (n % 5 == 4)
		units[0] = 0x3B1;
	return (struct fb_hive_name){units, strlen(text)};
}

/* A value that is there, or the name of a new one. */
static struct fb_hive_name pick_value(const struct fb_hive *h, uint32_t key, uint8_t n)
{
	static uint16_t units[FB_VALUE_NAME_MAX];
	uint32_t value;
	int got;

	if (fb_value_at(h, key, n, &value))
		return make_name("v", n);
	got = fb_value_name(h, value, units);
	return got < 0 ? make_name("v", n) : (struct fb_hive_name){units, (size_t)got};
}

static void set_value(struct fb_hive *h, uint32_t key, const uint8_t *op)
{
	static const uint16_t sizes[] = {0,   1,    4,     5,     12,    100,
					 500, 2000, 16344, 16345, 32688, DATA};
	static unsigned char data[DATA];
	size_t bytes = sizes[op[3] % (sizeof(sizes) / sizeof(sizes[0]))];

	memset(data, op[3], bytes);
	take(fb_value_set(h, key, pick_value(h, key, op[2]), op[3], data, bytes));
}

static void create_keys(struct fb_hive *h, uint32_t key, const uint8_t *op)
{
	static const unsigned counts[] = {1, 1, 40, MANY};
	unsigned n = counts[op[3] & 3];
	uint32_t made;

	for (unsigned i = 0; i < n; i++)
		take(fb_key_create(h, key, make_name("k", op[2] * n + i), &made));
}

/* The key, or its last subkeys, so many that lists shrink and go. */
static void delete_keys(struct fb_hive *h, uint32_t key, const uint8_t *op)
{
	struct fb_key_info info;
	uint32_t child;

	if (!(op[3] & 1)) {
		take(fb_key_delete(h, key));
		return;
	}
	if (fb_key_info(h, key, &info))
		return;
	for (unsigned i = 0; i < MANY && i < info.subkeys; i++) {
		if (!fb_key_child(h, key, info.subkeys - 1 - i, &child))
			take(fb_key_delete(h, child));
	}
}

static void set_security(struct fb_hive *h, uint32_t key, const uint8_t *op)
{
	unsigned char descriptor[512];
	const void *old;
	size_t bytes;

	if (fb_key_security(h, key, &old, &bytes) || bytes > sizeof(descriptor) ||
	    bytes < 48)
		return;
	memcpy(descriptor, old, bytes);
	descriptor[bytes - 1] = op[2] & 3;
	take(fb_key_set_security(h, key, descriptor, bytes));
}

static void edit(struct fb_hive *h, const uint8_t *op)
{
	uint32_t key = pick_key(h, op[1]);

	switch (op[0] & 7) {
	case 0:
	case 1:
		set_value(h, key, op);
		break;
	case 2:
		take(fb_value_delete(h, key, pick_value(h, key, op[2])));
		break;
	case 3:
		create_keys(h, key, op);
		break;
	case 4:
		delete_keys(h, key, op);
		break;
	case 5:
		set_security(h, key, op);
		break;
	case 6:
		fuzz_must(!fb_hive_flush(h, NULL), "a flush succeeds");
		break;
	default:
		fuzz_must(!fb_hive_reconcile(h, NULL), "a reconcile succeeds");
	}
}

void fuzz_edit(struct fb_hive *h, const uint8_t *script, size_t bytes)
{
	for (size_t at = 0; at + 4 <= bytes && at < SCRIPT_MAX; at += 4)
		edit(h, script + at);
}
