#include "fuzz/scene.h"

#include "fuzz/walk.h"
#include "hive/base_block.h"
#include "hive/regf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 4, KEYS = 3, LOG = 128 << 10, KEPT = 2 };

static uint64_t clock_of_scene;

static uint64_t scene_now(void)
{
	return clock_of_scene += 10;
}

static void ok(int ret)
{
	fuzz_must(!ret, "a scene is made by calls that succeed");
}

static struct fb_hive_name name(const char *text)
{
	static uint16_t units[64];
	size_t n = 0;

	for (; text[n]; n++)
		units[n] = (unsigned char)text[n];
	return (struct fb_hive_name){units, n};
}

static void save(struct fb_hive *h, struct fuzz_disk *d)
{
	fuzz_disk_init(d);
	fuzz_disk_put(d, FB_HIVE_PRIMARY, "", 0);
	ok(fb_hive_save(h, &d->io, NULL));
	fb_hive_free(h);
}

static void begin(struct fuzz_disk *d)
{
	struct fb_hive_options o = {.now = scene_now};
	struct fb_hive *h;
	unsigned char data[600] = {1, 2, 3};
	uint32_t key;
	char text[8];

	clock_of_scene = UINT64_C(132000000000000000);
	ok(fb_hive_new(&h, &o));
	for (int i = 0; i < KEYS; i++) {
		snprintf(text, sizeof(text), "key%d", i);
		ok(fb_key_create(h, fb_hive_root(h), name(text), &key));
		ok(fb_value_set(h, key, name("text"), FB_REG_SZ, data, sizeof(data)));
		ok(fb_value_set(h, key, name("n"), FB_REG_DWORD, data, 4));
	}
	save(h, d);
}

static void change(struct fb_hive *h, int round)
{
	unsigned char data[3000];
	char text[8];
	uint32_t key;

	memset(data, round, sizeof(data));
	snprintf(text, sizeof(text), "key%d", round % KEYS);
	ok(fb_key_find(h, fb_hive_root(h), name(text), &key));
	ok(fb_value_set(h, key, name("n"), FB_REG_DWORD, &round, 4));
	ok(fb_value_set(h, key, name("more"), FB_REG_BINARY, data, sizeof(data)));
	ok(fb_hive_flush(h, NULL));
}

static struct fb_hive *open_scene(struct fuzz_disk *d, enum fb_hive_strategy strategy)
{
	struct fb_hive_options o = {
		.now = scene_now, .log_cap = LOG, .strategy = strategy};
	struct fb_hive *h;

	ok(fb_hive_open(&h, &d->io, &o, NULL));
	return h;
}

/* The entries after the first KEPT go on in LOG2, as if the logs had been swapped. */
static void split_log(struct fuzz_disk *d)
{
	struct fuzz_file *log = &d->file[FB_HIVE_LOG1];
	uint64_t at = FB_REGF_SECTOR, rest;
	struct fb_base_block b;
	unsigned char *second;

	fb_base_get(log->data, &b);
	for (int i = 0; i < KEPT; i++)
		at += fb_get32(log->data + at + 4);
	rest = log->bytes - at;
	second = malloc(FB_REGF_SECTOR + rest);
	memcpy(second, log->data, FB_REGF_SECTOR);
	b.seq1 += KEPT;
	b.seq2 += KEPT;
	fb_base_put(second, &b);
	memcpy(second + FB_REGF_SECTOR, log->data + at, rest);
	fuzz_disk_put(d, FB_HIVE_LOG2, second, FB_REGF_SECTOR + rest);
	free(second);
	memset(log->data + at, 0, rest);
}

/* Reserved, unwritten space of a log would only make inputs long. */
static void trim(struct fuzz_disk *d, enum fb_hive_file f)
{
	struct fuzz_file log = d->file[f];

	while (log.bytes > FB_REGF_SECTOR && !log.data[log.bytes - 1])
		log.bytes--;
	log.bytes = (log.bytes + FB_REGF_SECTOR - 1) / FB_REGF_SECTOR * FB_REGF_SECTOR;
	d->file[f] = (struct fuzz_file){0};
	fuzz_disk_put(d, f, log.data, log.bytes);
	free(log.data);
}

static void make_new(struct fuzz_disk *d, bool split)
{
	struct fb_hive *h = open_scene(d, FB_HIVE_LOG_ONLY);

	for (int i = 0; i < ROUNDS; i++)
		change(h, i);
	fb_hive_free(h);
	if (split)
		split_log(d);
}

/* The log is whole, the base block marked, none of the pages has arrived. */
static void make_old(struct fuzz_disk *d)
{
	struct fb_hive *h = open_scene(d, FB_HIVE_LOG_AND_PRIMARY);
	struct fuzz_disk before;
	struct fb_base_block b;
	struct fuzz_file *primary = &d->file[FB_HIVE_PRIMARY];

	change(h, 0);
	fuzz_disk_copy(&before, d);
	change(h, 1);
	fb_hive_free(h);
	fb_base_get(primary->data, &b);
	b.seq2 = b.seq1 - 1;
	b.bins = fb_get32(before.file[FB_HIVE_PRIMARY].data + FB_BASE_BINS);
	fuzz_disk_put(d, FB_HIVE_PRIMARY, before.file[FB_HIVE_PRIMARY].data,
		      before.file[FB_HIVE_PRIMARY].bytes);
	fb_base_put(primary->data, &b);
	fuzz_disk_free(&before);
}

void fuzz_scene_make(enum fuzz_scene scene, struct fuzz_disk *d)
{
	begin(d);
	if (scene == FUZZ_OLD || scene == FUZZ_OLD_LOST) {
		make_old(d);
	} else {
		struct fuzz_disk clean;

		fuzz_disk_copy(&clean, d);
		make_new(d, scene != FUZZ_NEW_ONE);
		if (scene == FUZZ_CLEAN)
			fuzz_disk_put(d, FB_HIVE_PRIMARY,
				      clean.file[FB_HIVE_PRIMARY].data,
				      clean.file[FB_HIVE_PRIMARY].bytes);
		fuzz_disk_free(&clean);
	}
	if (scene == FUZZ_NEW_LOST || scene == FUZZ_OLD_LOST)
		d->file[FB_HIVE_PRIMARY].data[FB_BASE_CHECKSUM] ^= 1;
	trim(d, FB_HIVE_LOG1);
	trim(d, FB_HIVE_LOG2);
}
