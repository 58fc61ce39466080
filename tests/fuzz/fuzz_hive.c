/*
 * fuzz_hive.c - a primary file of any bytes: read, judged, changed
 *
 * What is over after whole sectors of 512 bytes is the script of the changes.
 */
#include "fuzz/disk.h"
#include "fuzz/repair.h"
#include "fuzz/walk.h"
#include "hive/check.h"
#include "hive/export.h"
#include "hive/regf.h"

#include <errno.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
			       unsigned int seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

enum { LOG = 64 << 10 };

static int count_text(void *ctx, const char *text, size_t n)
{
	(void)text;
	*(uint64_t *)ctx += n;
	return 0;
}

static bool export_is_whole(const struct fb_hive *h)
{
	uint64_t bytes = 0;
	struct fb_export e = {.put = count_text, .ctx = &bytes};
	int ret = fb_hive_export(h, &e, NULL);

	fuzz_must(!ret || ret == -EBADMSG, "an export ends well or tells damage");
	/* Each name at most once for each level it is shown on. */
	fuzz_must(bytes < 64 * fb_hive_bytes(h) + 4096, "an export is bounded");
	return !ret;
}

static int open_hive(struct fuzz_disk *d, bool read_only, struct fb_hive **h)
{
	struct fb_hive_options o = {.log_cap = LOG,
				    .read_only = read_only,
				    .without_logs = true,
				    .now = fuzz_now};
	int ret = fb_hive_open(h, &d->io, &o, NULL);

	fuzz_must(!ret || ret == -EBADMSG, "opening ends well or tells damage");
	return ret;
}

static void read_all(struct fuzz_disk *d, bool sound)
{
	struct fb_hive *h;
	uint64_t damage;
	int ret = open_hive(d, true, &h);

	fuzz_must(!ret || !sound, "what has no finding can be opened");
	if (ret)
		return;
	damage = fuzz_walk(h);
	fuzz_must(!damage || !sound, "what has no finding can be read");
	export_is_whole(h);
	fb_hive_free(h);
}

static void crash_and_compare(const struct fuzz_disk *d, const struct fb_hive *h,
			      bool sound)
{
	struct fuzz_disk left;
	struct fb_hive *again;
	int ret;

	fuzz_disk_copy(&left, d);
	ret = open_hive(&left, true, &again);
	fuzz_must(!ret || !sound, "what was flushed can be opened after a crash");
	if (!ret) {
		fuzz_must(!sound || (fb_hive_bytes(again) == fb_hive_bytes(h) &&
				     !memcmp(fb_hive_bins(again), fb_hive_bins(h),
					     fb_hive_bytes(h))),
			  "a crash leaves what was flushed");
		fb_hive_free(again);
	}
	fuzz_disk_free(&left);
}

static void change_all(struct fuzz_disk *d, const uint8_t *script, size_t n, bool sound)
{
	const struct fuzz_file *primary = &d->file[FB_HIVE_PRIMARY];
	struct fb_hive *h;

	if (open_hive(d, false, &h))
		return;
	fuzz_edit(h, script, n);
	fuzz_must(!fb_hive_flush(h, NULL), "a flush succeeds");
	crash_and_compare(d, h, sound);
	fuzz_walk(h);
	fuzz_must(!fb_hive_close(h, NULL), "closing succeeds");
	fuzz_must(!sound || !fb_hive_check(primary->data, primary->bytes, NULL, NULL),
		  "a sound hive stays sound");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t whole = size - size % FB_REGF_SECTOR;
	bool sound = !fb_hive_check(data, whole, NULL, NULL);
	struct fuzz_disk d;

	fuzz_disk_init(&d);
	fuzz_disk_put(&d, FB_HIVE_PRIMARY, data, whole);
	read_all(&d, sound);
	change_all(&d, data + whole, size - whole, sound);
	fuzz_disk_free(&d);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
			       unsigned int seed)
{
	size_t script;
	struct fb_rng r;

	fb_rng_init(&r, seed);
	if (!fb_rng_below(&r, 4))
		return LLVMFuzzerMutate(data, size, max);
	script = size % FB_REGF_SECTOR;
	for (uint64_t n = 1 + fb_rng_below(&r, 3); n; n--)
		fuzz_mutate_record(&r, data, size - script);
	if (!fb_rng_below(&r, 4)) {
		size_t room = max - (size - script);

		if (room >= FB_REGF_SECTOR)
			room = FB_REGF_SECTOR - 1;
		size = size - script +
		       LLVMFuzzerMutate(data + size - script, script, room);
	}
	fuzz_repair_hive(data, size - size % FB_REGF_SECTOR);
	return size;
}
