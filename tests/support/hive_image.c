#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/hive_image.h"

#include "hive/base_block.h"
#include "support/hive_edits.h"
#include "support/hive_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void hive_image_load(struct hive_image *i, const char *path)
{
	FILE *f = fopen(path, "rb");
	long bytes;

	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	bytes = ftell(f);
	rewind(f);
	memset(i, 0, sizeof(*i));
	i->bytes = (uint64_t)bytes;
	i->at = malloc(i->bytes + 1);
	assert_non_null(i->at);
	assert_int_equal(fread(i->at, 1, i->bytes, f), i->bytes);
	fclose(f);
	i->h = hive_edits_open(path, true);
}

void hive_image_make(struct hive_image *i, struct fb_hive *h)
{
	struct fb_base_block b = {
		.seq1 = 5,
		.seq2 = 5,
		.time = 0x01d0000000000000,
		.major = 1,
		.minor = fb_hive_minor(h),
		.root = fb_hive_root(h),
		.bins = (uint32_t)fb_hive_bytes(h),
	};

	memset(i, 0, sizeof(*i));
	i->bytes = FB_REGF_PAGE + fb_hive_bytes(h);
	i->at = calloc(1, i->bytes);
	assert_non_null(i->at);
	fb_base_make(i->at, &b, "image");
	memcpy(i->at + FB_REGF_PAGE, fb_hive_bins(h), fb_hive_bytes(h));
	i->h = h;
}

void hive_image_free(struct hive_image *i)
{
	free(i->at);
	fb_hive_free(i->h);
	memset(i, 0, sizeof(*i));
}

void hive_image_copy(struct hive_image *to, const struct hive_image *from)
{
	*to = *from;
	/* A byte over its end is then not ours. */
	to->at = malloc(from->bytes ? from->bytes : 1);
	assert_non_null(to->at);
	memcpy(to->at, from->at, from->bytes);
}

void hive_image_seal(struct hive_image *i)
{
	fb_put32(i->at + FB_BASE_CHECKSUM, fb_base_checksum(i->at));
}

static void note(void *ctx, const struct fb_finding *f)
{
	struct hive_image *i = ctx;

	if (i->n_found < IMAGE_FINDINGS) {
		i->found[i->n_found].offset = f->offset;
		snprintf(i->found[i->n_found].id, sizeof(i->found[0].id), "%s", f->id);
		snprintf(i->found[i->n_found].text, sizeof(i->found[0].text), "%s",
			 f->text);
	}
	i->n_found++;
}

void hive_image_check(struct hive_image *i)
{
	struct fb_sink sink = {note, i};
	int64_t said;

	i->n_found = 0;
	said = fb_hive_survey(i->at, i->bytes, &sink, &i->survey);
	assert_int_equal(said, i->n_found);
}

static int64_t kept(const struct hive_image *i)
{
	return i->n_found < IMAGE_FINDINGS ? i->n_found : IMAGE_FINDINGS;
}

bool hive_image_told(const struct hive_image *i, const char *id, uint64_t offset)
{
	for (int64_t k = 0; k < kept(i); k++)
		if (!strcmp(i->found[k].id, id) && i->found[k].offset == offset)
			return true;
	return false;
}

void hive_image_show(const struct hive_image *i)
{
	for (int64_t k = 0; k < kept(i); k++)
		fprintf(stderr, "  0x%llx %s: %s\n",
			(unsigned long long)i->found[k].offset, i->found[k].id,
			i->found[k].text);
	fprintf(stderr, "  %lld findings\n", (long long)i->n_found);
}

uint32_t image_key(const struct hive_image *i, const char *path)
{
	uint32_t key = fb_hive_root(i->h);

	while (*path) {
		char name[64];
		size_t n = strcspn(++path, "\\");

		snprintf(name, sizeof(name), "%.*s", (int)n, path);
		assert_int_equal(fb_key_find(i->h, key, hive_name(name), &key), 0);
		path += n;
	}
	return key;
}

uint32_t image_value(const struct hive_image *i, const char *path, const char *name)
{
	uint32_t value;

	assert_int_equal(
		fb_value_find(i->h, image_key(i, path), hive_name(name), &value), 0);
	return value;
}

uint64_t image_field(uint32_t rel, uint32_t field)
{
	return FB_REGF_PAGE + (uint64_t)rel + FB_REGF_CELL_HEAD + field;
}

uint32_t image_u32(const struct hive_image *i, uint32_t rel, uint32_t field)
{
	return fb_get32(i->at + image_field(rel, field));
}

void image_put32(struct hive_image *i, uint32_t rel, uint32_t field, uint32_t v)
{
	fb_put32(i->at + image_field(rel, field), v);
}

void image_put16(struct hive_image *i, uint32_t rel, uint32_t field, uint16_t v)
{
	fb_put16(i->at + image_field(rel, field), v);
}

uint32_t image_cell_bytes(const struct hive_image *i, uint32_t rel)
{
	return -fb_get32(i->at + FB_REGF_PAGE + rel);
}

uint64_t image_put_cell(struct hive_image *i, uint32_t rel, uint32_t raw)
{
	fb_put32(i->at + FB_REGF_PAGE + rel, raw);
	return FB_REGF_PAGE + (uint64_t)rel;
}

uint32_t image_free_cell(const struct hive_image *i, uint32_t from, uint32_t bytes)
{
	uint32_t size = (uint32_t)(i->bytes - FB_REGF_PAGE);

	for (uint32_t at = from; at < size;) {
		int32_t raw = (int32_t)fb_get32(i->at + FB_REGF_PAGE + at);

		if (at % FB_REGF_PAGE == 0 &&
		    fb_regf_is(i->at + FB_REGF_PAGE + at, "hbin")) {
			at += FB_BIN_HEAD;
			continue;
		}
		if (raw >= (int32_t)bytes)
			return at;
		at += (uint32_t)(raw < 0 ? -raw : raw);
	}
	return 0;
}
