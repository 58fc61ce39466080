/*
 * fuzz_log.c - logs of any bytes beside a primary of our own writer
 *
 * Byte 0 chooses the scene, bytes 4 to 7 tell how many of the bytes from 8 on are
 * LOG1; the rest is LOG2.
 */
#include "fuzz/disk.h"
#include "fuzz/repair.h"
#include "fuzz/scene.h"
#include "fuzz/walk.h"
#include "hive/log_entry.h"
#include "hive/log_old.h"
#include "hive/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
			       unsigned int seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

enum { HEAD = 8, LOG = 64 << 10 };

/* What is read goes somewhere, lest the compiler leave the reading out. */
static volatile unsigned char sum;

static size_t first_log(const uint8_t *data, size_t size)
{
	size_t n = fb_get32(data + 4);

	return n < size - HEAD ? n : size - HEAD;
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

static bool same_data(const struct fb_hive *a, const struct fb_hive *b)
{
	return fb_hive_bytes(a) == fb_hive_bytes(b) &&
	       !memcmp(fb_hive_bins(a), fb_hive_bins(b), fb_hive_bytes(a));
}

static void scan_again(struct fb_hive *h)
{
	struct fb_bins_fault fault;

	fuzz_must(!fb_bins_scan(&h->bins, &fault), "what was recovered is whole");
}

/* Recovery in memory, then on disk, then what that left. */
static void recover(struct fuzz_disk *d)
{
	struct fb_hive *seen, *h;
	int ret = open_hive(d, true, &seen);

	fuzz_must(ret == open_hive(d, false, &h), "reading only recovers as well");
	if (ret)
		return;
	fuzz_walk(seen);
	scan_again(seen);
	fuzz_must(same_data(seen, h), "reading only shows what recovery makes");
	fb_hive_free(h);
	fuzz_must(!open_hive(d, true, &h), "what was recovered can be opened");
	fuzz_must(!fb_hive_recovered(h)->dirty, "it is clean");
	fuzz_must(same_data(seen, h), "and the same");
	fb_hive_free(h);
	fb_hive_free(seen);
}

static void read_entries(const uint8_t *log, size_t bytes)
{
	struct fb_entry e;
	const char *why;

	for (size_t at = 0; at < bytes; at += FB_REGF_SECTOR) {
		uint64_t in = 0;

		if (!fb_entry_read(log + at, bytes - at, &e, &why))
			continue;
		for (uint32_t i = 0; i < e.refs; i++) {
			uint32_t offset, n;
			const unsigned char *page = fb_entry_range(log + at, i, &in,
								   &offset, &n);

			fuzz_must((uint64_t)offset + n <= e.bins, "a range is inside");
			sum = sum ^ page[0] ^ page[n - 1];
		}
	}
}

static void read_old(const uint8_t *log, size_t bytes)
{
	struct fb_log_old l;
	uint32_t offset, n;
	const char *why;
	const unsigned char *data;

	if (!fb_log_old_read(&l, log, bytes, &why))
		return;
	while ((data = fb_log_old_run(&l, &offset, &n))) {
		fuzz_must((uint64_t)offset + n <= l.base.bins, "a run is inside");
		sum = sum ^ data[0] ^ data[n - 1];
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz_disk scenes[FUZZ_SCENES];
	struct fuzz_disk d;
	const struct fuzz_disk *scene;
	size_t n;

	if (size < HEAD)
		return 0;
	for (int s = 0; !scenes[0].io.ops || !scenes[FUZZ_SCENES - 1].io.ops; s++)
		fuzz_scene_make((enum fuzz_scene)s, &scenes[s]);
	scene = &scenes[data[0] % FUZZ_SCENES];
	n = first_log(data, size);
	fuzz_disk_init(&d);
	fuzz_disk_put(&d, FB_HIVE_PRIMARY, scene->file[FB_HIVE_PRIMARY].data,
		      scene->file[FB_HIVE_PRIMARY].bytes);
	fuzz_disk_put(&d, FB_HIVE_LOG1, data + HEAD, n);
	fuzz_disk_put(&d, FB_HIVE_LOG2, data + HEAD + n, size - HEAD - n);
	read_entries(d.file[FB_HIVE_LOG1].data, n);
	read_old(d.file[FB_HIVE_LOG1].data, n);
	recover(&d);
	fuzz_disk_free(&d);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
			       unsigned int seed)
{
	struct fb_rng r;
	size_t n;

	fb_rng_init(&r, seed);
	if (size < HEAD || !fb_rng_below(&r, 4))
		return LLVMFuzzerMutate(data, size, max);
	if (!fb_rng_below(&r, 4))
		data[0] = (uint8_t)fb_rng_below(&r, FUZZ_SCENES);
	n = first_log(data, size);
	for (uint64_t k = 1 + fb_rng_below(&r, 3); k; k--) {
		if (fb_rng_below(&r, 2))
			fuzz_mutate_log(&r, data + HEAD, n);
		else
			fuzz_mutate_log(&r, data + HEAD + n, size - HEAD - n);
	}
	if (fb_rng_below(&r, 4)) {
		fuzz_repair_log(data + HEAD, n);
		fuzz_repair_log(data + HEAD + n, size - HEAD - n);
	}
	return size;
}
