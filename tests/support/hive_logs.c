#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/hive_logs.h"

#include "hive/log_entry.h"
#include "hive/log_old.h"
#include "support/hive_lab.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hive_step hive_steps[HIVE_STEPS];
struct fb_hive_recovery hive_recovered;

static struct hive_lab *const lab = &hive_lab;

static void take_step(unsigned k)
{
	struct hive_step *s = &hive_steps[k];
	struct fb_bins *b = &lab->h->bins;

	*s = (struct hive_step){.bins = malloc(b->bytes), .bytes = b->bytes};
	assert_non_null(s->bins);
	memcpy(s->bins, b->at, b->bytes);
	assert_int_equal(fb_pages_reserve(&s->dirty, b->dirty.room), 0);
	fb_pages_join(&s->dirty, &b->dirty);
	fb_pages_clear(&b->dirty);
}

int hive_logs_enter(void **state)
{
	if (hive_lab_enter(state))
		return -1;
	hive_lab_set("ballast", 12000, 0x55);
	take_step(0);
	for (unsigned k = 1; k < HIVE_STEPS; k++) {
		char name[16];

		snprintf(name, sizeof(name), "step%u", k);
		hive_lab_set(name, k == 4 ? 8192 : 4, (int)k);
		take_step(k);
	}
	hive_lab_drop();
	hive_no_logs();
	return 0;
}

int hive_logs_leave(void **state)
{
	for (unsigned k = 0; k < HIVE_STEPS; k++) {
		free(hive_steps[k].bins);
		fb_pages_free(&hive_steps[k].dirty);
	}
	return hive_lab_leave(state);
}

static void put_primary(uint32_t seq1, uint32_t seq2, unsigned k)
{
	const struct hive_step *s = &hive_steps[k];
	struct hive_bytes *p = &lab->disk.file[FB_HIVE_PRIMARY];
	struct fb_base_block b = {.seq1 = seq1,
				  .seq2 = seq2,
				  .time = fb_get64(s->bins + FB_BIN_TIME),
				  .major = 1,
				  .minor = 5,
				  .root = FB_REGF_ROOT,
				  .bins = s->bytes};
	unsigned char page[4096] = {0};

	fb_base_make(page, &b, "hive");
	p->bytes = 0;
	hive_bytes_put(p, 0, page, sizeof(page));
	hive_bytes_put(p, sizeof(page), s->bins, s->bytes);
}

void hive_primary(uint32_t seq2, unsigned k)
{
	put_primary(seq2 + 1, seq2, k);
}

void hive_primary_clean(uint32_t seq, unsigned k)
{
	put_primary(seq, seq, k);
}

void hive_lose_base(void)
{
	lab->disk.file[FB_HIVE_PRIMARY].data[FB_BASE_CHECKSUM] ^= 0x40;
}

void hive_no_logs(void)
{
	for (int f = FB_HIVE_LOG1; f <= FB_HIVE_LOG2; f++) {
		lab->disk.file[f].bytes = 0;
		lab->disk.file[f].there = false;
	}
}

void hive_patch_base(enum fb_hive_file f, unsigned field, uint32_t v)
{
	unsigned char *sector = lab->disk.file[f].data;

	fb_put32(sector + field, v);
	fb_put32(sector + FB_BASE_CHECKSUM, fb_base_checksum(sector));
}

/* A log's base block: the primary's, with a type and number of its own. */
static void begin_log(enum fb_hive_file f, uint32_t seq, uint32_t type, uint32_t bins)
{
	unsigned char sector[FB_REGF_SECTOR];
	struct fb_base_block b;

	memcpy(sector, lab->disk.file[FB_HIVE_PRIMARY].data, sizeof(sector));
	fb_base_get(sector, &b);
	b.seq1 = seq;
	b.seq2 = seq;
	b.type = type;
	b.bins = bins;
	fb_base_put(sector, &b);
	lab->disk.file[f].bytes = 0;
	hive_bytes_put(&lab->disk.file[f], 0, sector, sizeof(sector));
}

void hive_log_add(enum fb_hive_file f, uint32_t seq, unsigned k)
{
	const struct hive_step *s = &hive_steps[k];
	struct hive_bytes *log = &lab->disk.file[f];
	struct fb_entry e = {.sequence = seq, .bins = s->bytes};
	struct fb_entry_parts parts;

	assert_int_equal(fb_entry_build(&e, s->bins, &s->dirty, log->bytes, &parts), 0);
	for (unsigned i = 0; i < parts.n; i++)
		hive_bytes_put(log, log->bytes, parts.spans[i].data,
			       parts.spans[i].bytes);
	fb_entry_free(&parts);
}

void hive_log(enum fb_hive_file f, uint32_t seq, unsigned k, unsigned n)
{
	begin_log(f, seq, FB_REGF_LOG_NEW, hive_steps[k].bytes);
	for (unsigned i = 0; i < n; i++)
		hive_log_add(f, seq + i, k + i);
}

void hive_log_old(enum fb_hive_file f, uint32_t seq, unsigned k, uint32_t type)
{
	const struct hive_step *s = &hive_steps[k];
	struct hive_bytes *log = &lab->disk.file[f];
	uint64_t head = fb_log_old_data(s->bytes);
	unsigned char *out = malloc(head);
	struct fb_pages pages = {0};
	uint32_t first = 0, n = 0;

	assert_non_null(out);
	assert_int_equal(fb_pages_reserve(&pages, s->dirty.room), 0);
	for (unsigned i = 1; i <= k; i++)
		fb_pages_join(&pages, &hive_steps[i].dirty);
	begin_log(f, seq, type, s->bytes);
	fb_log_old_build(out, log->data, s->bytes, &pages);
	hive_bytes_put(log, 0, out, head);
	while ((n = fb_pages_run(&pages, first + n, &first)))
		hive_bytes_put(log, log->bytes, s->bins + (size_t)first * 4096,
			       (size_t)n * 4096);
	fb_pages_free(&pages);
	free(out);
}

void hive_assert_step(unsigned k)
{
	assert_int_equal(fb_hive_bytes(lab->h), hive_steps[k].bytes);
	assert_memory_equal(fb_hive_bins(lab->h), hive_steps[k].bins,
			    hive_steps[k].bytes);
	hive_assert_tree(lab->h);
}

static void assert_clean(void)
{
	struct fb_base_block b = hive_lab_base(FB_HIVE_PRIMARY);
	const struct fb_hive_recovery *r = &hive_recovered;

	assert_int_equal(b.seq1, b.seq2);
	assert_int_equal(b.type, FB_REGF_PRIMARY);
	if (r->entries && !r->old_format)
		assert_true(b.seq1 - r->last - 1 < 8);
}

/* Its logs are elsewhere: nothing is written until they are given up. */
static void assert_asks_for_logs(void)
{
	hive_disk_forget(&lab->disk);
	for (int turn = 0; turn < 2; turn++) {
		lab->options.read_only = lab->options.recover_only = turn;
		assert_int_equal(
			fb_hive_open(&lab->h, &lab->disk.io, &lab->options, &lab->err),
			-ENODATA);
		assert_null(lab->h);
		assert_non_null(strstr(lab->err.text, "neither hive.LOG1 nor "
						      "hive.LOG2 beside it"));
	}
	lab->options.read_only = lab->options.recover_only = false;
	assert_int_equal(lab->disk.n, 0);
}

void hive_recovers(unsigned k, uint32_t first, uint32_t entries)
{
	if (!entries)
		assert_asks_for_logs();
	lab->options.without_logs = !entries;
	hive_lab_open();
	hive_recovered = *fb_hive_recovered(lab->h);
	assert_true(hive_recovered.dirty);
	assert_int_equal(hive_recovered.entries, entries);
	assert_int_equal(hive_recovered.dummy_bins, 0);
	if (entries) {
		assert_int_equal(hive_recovered.first, first);
		assert_int_equal(hive_recovered.last, first + entries - 1);
		assert_true(hive_recovered.pages >= 1);
	}
	hive_assert_step(k);
	hive_lab_drop();
	assert_clean();
	lab->options.without_logs = false;
	hive_lab_open();
	assert_false(fb_hive_recovered(lab->h)->dirty);
	hive_assert_step(k);
	hive_lab_drop();
}

void hive_refused(const char *text)
{
	hive_disk_forget(&lab->disk);
	assert_int_equal(fb_hive_open(&lab->h, &lab->disk.io, &lab->options, &lab->err),
			 -EBADMSG);
	assert_null(lab->h);
	if (!strstr(lab->err.text, text))
		fail_msg("\"%s\" is not in: %s", text, lab->err.text);
	assert_int_equal(lab->disk.n, 0);
}
