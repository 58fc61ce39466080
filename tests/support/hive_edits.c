#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/hive_edits.h"

#include "hive/regf.h"

#include <errno.h>
#include <string.h>

enum { NAME_UNITS = 14, BIG = 50000 };

static uint32_t pick(struct hive_edits *e, uint32_t n)
{
	return (uint32_t)fb_rng_below(&e->rng, n);
}

void hive_edits_begin(struct hive_edits *e, struct fb_hive *h, uint64_t seed)
{
	*e = (struct hive_edits){.h = h, .keys = {fb_hive_root(h)}, .n = 1};
	fb_rng_init(&e->rng, seed);
	for (unsigned k = 0; k < e->n; k++)
		for (uint32_t i = 0, child; !fb_key_child(h, e->keys[k], i, &child);
		     i++) {
			assert_true(e->n < HIVE_EDITS_KEYS);
			e->keys[e->n++] = child;
		}
}

/* Half of the names fit 8 bit, and some have no letter beyond ASCII. */
static struct fb_hive_name a_name(struct hive_edits *e, uint16_t *units)
{
	static const uint16_t letters[] = {
		'a',  'b',  'c',  'd',   'Q',   'R',    'S',   'T',    '_',  '-',
		'0',  '1',  '[',  '(',   ' ',   '~',    'Z',   0xe9,   0xdc, 0xdf,
		0xff, 0xb5, 0xc5, 0x3bb, 0x416, 0x8a9e, 0x131, 0xfb01,
	};
	static const uint32_t known[] = {17, 23, 28};
	uint32_t n = 1 + pick(e, NAME_UNITS - 1), of = known[e->plain ? 0 : pick(e, 3)];

	for (uint32_t i = 0; i < n; i++)
		units[i] = letters[pick(e, of)];
	/* Some readers cut blanks at the end. */
	units[n - 1] = 'e';
	return (struct fb_hive_name){units, n};
}

static void make_key(struct hive_edits *e)
{
	uint16_t units[NAME_UNITS];
	struct fb_hive_name name = a_name(e, units);
	/* A few keys with many subkeys, others deep. */
	uint32_t key, parent = e->keys[pick(e, pick(e, 2) ? e->n : (e->n + 19) / 20)];
	int ret;

	if (e->n == HIVE_EDITS_KEYS)
		return;
	ret = fb_key_create(e->h, parent, name, &key);
	if (ret == -EEXIST || ret == -EINVAL)
		return;
	assert_int_equal(ret, 0);
	e->keys[e->n++] = key;
}

static void delete_key(struct hive_edits *e)
{
	unsigned i = e->n - 1 - pick(e, (e->n + 3) / 4);
	int ret;

	if (!i)
		return;
	ret = fb_key_delete(e->h, e->keys[i]);
	if (ret == -ENOTEMPTY)
		return;
	assert_int_equal(ret, 0);
	e->keys[i] = e->keys[--e->n];
}

static size_t a_size(struct hive_edits *e)
{
	switch (pick(e, 20)) {
	case 0:
		return pick(e, BIG);
	case 1:
		return FB_REGF_BIG_DATA - 1 + pick(e, 3);
	case 2:
		return 2 * FB_REGF_BIG_DATA - 1 + pick(e, 3);
	case 3:
		return pick(e, 5000);
	default:
		return pick(e, pick(e, 2) ? 6 : 80);
	}
}

static void set_value(struct hive_edits *e)
{
	static unsigned char data[BIG];
	static const uint32_t odd_types[] = {0x7fffffff, 0xffff0012, 0x12, 100};
	uint16_t units[NAME_UNITS];
	struct fb_hive_name name = a_name(e, units);
	uint32_t type = pick(e, 15), key = e->keys[pick(e, e->n)], value;
	size_t bytes = a_size(e);

	if (type > FB_REG_QWORD)
		type = odd_types[pick(e, 4)];
	if (!pick(e, 10))
		name.n = 0;
	/* Often one that is there. */
	if (pick(e, 2) && !fb_value_at(e->h, key, pick(e, 4), &value)) {
		uint16_t there[FB_VALUE_NAME_MAX];
		int n = fb_value_name(e->h, value, there);

		assert_true(n >= 0 && n <= NAME_UNITS);
		memcpy(units, there, (size_t)n * sizeof(*units));
		name = (struct fb_hive_name){units, (size_t)n};
	}
	fb_rng_fill(&e->rng, data, bytes);
	assert_int_equal(fb_value_set(e->h, key, name, type, data, bytes), 0);
}

static void delete_value(struct hive_edits *e)
{
	uint16_t units[FB_VALUE_NAME_MAX];
	uint32_t key = e->keys[pick(e, e->n)], value;
	int n;

	if (fb_value_at(e->h, key, pick(e, 3), &value))
		return;
	n = fb_value_name(e->h, value, units);
	assert_true(n >= 0);
	assert_int_equal(
		fb_value_delete(e->h, key, (struct fb_hive_name){units, (size_t)n}), 0);
}

const void *hive_descriptor(unsigned which, size_t *bytes)
{
	/* Owner and group S-1-5-32-544; full access to S-1-5-<last>. */
	static unsigned char d[80] = {
		1,    0, 4,    0x80, 0x30, 0, 0,  0, 0x40, 0, 0, 0, 0,    0, 0,  0,
		20,   0, 0,    0,    2,    0, 28, 0, 1,    0, 0, 0, 0,    2, 20, 0,
		0x3f, 0, 0x0f, 0,    1,    1, 0,  0, 0,    0, 0, 5, 18,   0, 0,  0,
		1,    2, 0,    0,    0,    0, 0,  5, 32,   0, 0, 0, 0x20, 2, 0,  0,
		1,    2, 0,    0,    0,    0, 0,  5, 32,   0, 0, 0, 0x20, 2, 0,  0,
	};

	d[44] = (unsigned char)(18 + which % 3);
	*bytes = sizeof(d);
	return d;
}

static void set_security(struct hive_edits *e)
{
	size_t bytes;
	const void *d = hive_descriptor(pick(e, 3), &bytes);

	assert_int_equal(fb_key_set_security(e->h, e->keys[pick(e, e->n)], d, bytes),
			 0);
}

void hive_edits_do(struct hive_edits *e, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint32_t what = pick(e, e->plain ? 45 : 100);

		if (what < 35)
			make_key(e);
		else if (what < 45)
			delete_key(e);
		else if (what < 85)
			set_value(e);
		else if (what < 97)
			delete_value(e);
		else
			set_security(e);
	}
}

void hive_edits_save(struct fb_hive *h, const char *path)
{
	struct fb_hive_io *io;
	struct fb_err err = {.text = ""};

	if (fb_hive_disk_open(&io, path, FB_HIVE_CREATE, &err))
		fail_msg("%s", err.text);
	if (fb_hive_save(h, io, &err))
		fail_msg("%s", err.text);
	io->ops->close(io);
}

struct fb_hive *hive_edits_open(const char *path, bool read_only)
{
	struct fb_hive_options o = {.read_only = read_only, .log_cap = 1 << 20};
	struct fb_err err = {.text = ""};
	struct fb_hive_io *io;
	struct fb_hive *h;

	if (fb_hive_disk_open(&io, path, read_only ? FB_HIVE_READ : FB_HIVE_WRITE,
			      &err))
		fail_msg("%s", err.text);
	if (fb_hive_open(&h, io, &o, &err)) {
		io->ops->close(io);
		fail_msg("%s", err.text);
	}
	return h;
}
