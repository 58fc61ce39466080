#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/hive_model.h"

#include "hive/regf.h"
#include "support/hive_rig.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { DATA_MAX = 40000, FULL = 50000 };

static struct fb_hive_name name_of(char letter, unsigned number)
{
	char text[16];

	snprintf(text, sizeof(text), "%c%u", letter, number);
	return hive_name(text);
}

static uint32_t cell_of(const struct hive_model *m, const struct fb_hive *h, unsigned k)
{
	uint32_t parent, key;

	if (!k)
		return fb_hive_root(h);
	parent = cell_of(m, h, m->key[k].parent);
	assert_int_equal(fb_key_find(h, parent, name_of('k', k), &key), 0);
	return key;
}

static unsigned children_of(const struct hive_model *m, unsigned k)
{
	unsigned n = 0;

	for (unsigned i = 1; i < HIVE_MODEL_KEYS; i++)
		n += m->key[i].there && m->key[i].parent == k;
	return n;
}

static unsigned some_key(const struct hive_model *m, struct fb_rng *r)
{
	unsigned k = (unsigned)fb_rng_below(r, HIVE_MODEL_KEYS);

	return m->key[k].there ? k : 0;
}

static void make_or_delete_key(struct hive_model *m, struct fb_hive *h,
			       struct fb_rng *r)
{
	unsigned k = 1 + (unsigned)fb_rng_below(r, HIVE_MODEL_KEYS - 1);
	uint32_t cell;

	if (!m->key[k].there) {
		m->key[k].parent = some_key(m, r);
		cell = cell_of(m, h, m->key[k].parent);
		assert_int_equal(fb_key_create(h, cell, name_of('k', k), &cell), 0);
		m->key[k].there = true;
		return;
	}
	if (children_of(m, k))
		return;
	assert_int_equal(fb_key_delete(h, cell_of(m, h, k)), 0);
	m->key[k].there = false;
	for (unsigned v = 0; v < HIVE_MODEL_VALUES; v++) {
		m->bytes -= m->value[k][v].bytes;
		m->value[k][v] = (struct hive_model_value){0};
	}
}

static size_t some_size(struct fb_rng *r)
{
	uint64_t kind = fb_rng_below(r, 100);

	if (kind < 55)
		return (size_t)fb_rng_below(r, 5);
	if (kind < 85)
		return (size_t)fb_rng_below(r, 600);
	if (kind < 96)
		return (size_t)fb_rng_below(r, 9000);
	return FB_REGF_BIG_DATA - 8 +
	       (size_t)fb_rng_below(r, DATA_MAX - FB_REGF_BIG_DATA);
}

static void data_of(const struct hive_model_value *v, unsigned char *data)
{
	struct fb_rng r;

	fb_rng_init(&r, v->seed);
	fb_rng_fill(&r, data, v->bytes);
}

static void set_or_delete_value(struct hive_model *m, struct fb_hive *h,
				struct fb_rng *r)
{
	static unsigned char data[DATA_MAX];
	unsigned k = some_key(m, r), n = (unsigned)fb_rng_below(r, HIVE_MODEL_VALUES);
	struct hive_model_value *v = &m->value[k][n];
	uint32_t key = cell_of(m, h, k);
	bool full = m->bytes > FULL;

	m->bytes -= v->bytes;
	if (v->there && (full || !fb_rng_below(r, 5))) {
		*v = (struct hive_model_value){0};
		assert_int_equal(fb_value_delete(h, key, name_of('v', n)), 0);
		return;
	}
	*v = (struct hive_model_value){
		.there = true,
		.type = (uint32_t)fb_rng_below(r, 12),
		.bytes = full ? (size_t)fb_rng_below(r, 5) : some_size(r),
		.seed = fb_rng_next(r),
	};
	m->bytes += v->bytes;
	data_of(v, data);
	assert_int_equal(fb_value_set(h, key, name_of('v', n), v->type, data, v->bytes),
			 0);
}

void hive_model_edit(struct hive_model *m, struct fb_hive *h, struct fb_rng *r)
{
	m->key[0].there = true;
	if (fb_rng_below(r, 4))
		set_or_delete_value(m, h, r);
	else
		make_or_delete_key(m, h, r);
}

static void assert_value(const struct hive_model_value *v, const struct fb_hive *h,
			 uint32_t key, unsigned n)
{
	static unsigned char want[DATA_MAX], got[DATA_MAX];
	struct fb_value_info info;
	uint32_t value;

	assert_int_equal(fb_value_find(h, key, name_of('v', n), &value),
			 v->there ? 0 : -ENOENT);
	if (!v->there)
		return;
	assert_int_equal(fb_value_info(h, value, &info), 0);
	assert_int_equal(info.type, v->type);
	assert_int_equal(info.bytes, v->bytes);
	assert_int_equal(fb_value_read(h, value, 0, got, v->bytes), 0);
	data_of(v, want);
	assert_memory_equal(got, want, v->bytes);
}

void hive_model_assert(const struct hive_model *m, const struct fb_hive *h)
{
	for (unsigned k = 0; k < HIVE_MODEL_KEYS; k++) {
		struct fb_key_info info;
		unsigned values = 0;
		uint32_t key;

		if (k && !m->key[k].there)
			continue;
		key = cell_of(m, h, k);
		for (unsigned n = 0; n < HIVE_MODEL_VALUES; n++) {
			assert_value(&m->value[k][n], h, key, n);
			values += m->value[k][n].there;
		}
		assert_int_equal(fb_key_info(h, key, &info), 0);
		assert_int_equal(info.values, values);
		assert_int_equal(info.subkeys, children_of(m, k));
	}
}
