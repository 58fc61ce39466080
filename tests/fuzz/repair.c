#include "fuzz/repair.h"

#include "hive/base_block.h"
#include "hive/marvin.h"
#include "hive/regf.h"

#include <string.h>

enum { CELLS = 4096, ENTRIES = 64, ENTRY_HEAD = 40 };

static void repair_base(uint8_t *sector, uint32_t type)
{
	memcpy(sector, "regf", 4);
	fb_put32(sector + FB_BASE_MAJOR, 1);
	fb_put32(sector + FB_BASE_FORMAT, 1);
	fb_put32(sector + FB_BASE_TYPE, type);
	fb_put32(sector + FB_BASE_CHECKSUM, fb_base_checksum(sector));
}

static uint32_t repair_cell(uint8_t *cell, uint32_t left)
{
	uint32_t raw = fb_get32(cell);
	uint32_t size = raw < FB_REGF_BINS_MAX ? raw : -raw;

	if (size && size % FB_REGF_CELL_STEP == 0 && size <= left)
		return size;
	fb_put32(cell, -left);
	return left;
}

static uint32_t repair_bin(uint8_t *bins, uint32_t at, uint32_t left)
{
	uint32_t size = fb_get32(bins + at + FB_BIN_SIZE);

	if (!size || size % FB_REGF_PAGE || size > left)
		size = FB_REGF_PAGE;
	memcpy(bins + at, "hbin", 4);
	fb_put32(bins + at + FB_BIN_OFFSET, at);
	fb_put32(bins + at + FB_BIN_SIZE, size);
	for (uint32_t in = FB_BIN_HEAD; in < size;)
		in += repair_cell(bins + at + in, size - in);
	return size;
}

void fuzz_repair_hive(uint8_t *file, size_t bytes)
{
	uint32_t data, minor;

	if (bytes < 2 * FB_REGF_PAGE)
		return;
	data = (uint32_t)(bytes / FB_REGF_PAGE - 1) * FB_REGF_PAGE;
	minor = fb_get32(file + FB_BASE_MINOR);
	if (minor < 3 || minor > 6)
		fb_put32(file + FB_BASE_MINOR, 3 + minor % 4);
	fb_put32(file + FB_BASE_SEQ2, fb_get32(file + FB_BASE_SEQ1));
	fb_put32(file + FB_BASE_BINS, data);
	repair_base(file, FB_REGF_PRIMARY);
	for (uint32_t at = 0; at < data;)
		at += repair_bin(file + FB_REGF_PAGE, at, data - at);
}

static uint32_t repair_entry(uint8_t *e, size_t left, uint32_t sequence)
{
	uint32_t size = fb_get32(e + 4);

	if (size < FB_REGF_SECTOR || size % FB_REGF_SECTOR || size > left)
		size = (uint32_t)(left / FB_REGF_SECTOR * FB_REGF_SECTOR);
	memcpy(e, "HvLE", 4);
	fb_put32(e + 4, size);
	fb_put32(e + 12, sequence);
	fb_put64(e + 24,
		 fb_marvin(FB_MARVIN_HIVE_SEED, e + ENTRY_HEAD, size - ENTRY_HEAD));
	fb_put64(e + 32, fb_marvin(FB_MARVIN_HIVE_SEED, e, 32));
	return size;
}

void fuzz_repair_log(uint8_t *log, size_t bytes)
{
	uint32_t sequence, type;
	size_t at = FB_REGF_SECTOR;

	if (bytes < 2 * FB_REGF_SECTOR)
		return;
	type = fb_get32(log + FB_BASE_TYPE);
	if (type != FB_REGF_LOG_NEW)
		type = FB_REGF_LOG_OLD;
	sequence = fb_get32(log + FB_BASE_SEQ1);
	fb_put32(log + FB_BASE_SEQ2, sequence);
	repair_base(log, type);
	if (type == FB_REGF_LOG_OLD) {
		memcpy(log + FB_REGF_SECTOR, "DIRT", 4);
		return;
	}
	for (int i = 0; i < ENTRIES && bytes - at >= FB_REGF_SECTOR; i++) {
		if (i && !fb_regf_is(log + at, "HvLE"))
			break;
		at += repair_entry(log + at, bytes - at, sequence++);
	}
}

uint32_t fuzz_word(struct fb_rng *r, uint32_t was)
{
	static const uint32_t limits[] = {
		0,          1,          2,          4,          8,          32,
		512,        4096,       8192,       16344,      16345,      0x7FFF,
		0xFFFF,     0x8000,     0x7FFFFFFF, 0x7FFFF000, 0x80000000, 0x80000004,
		0x80000005, 0xFFFFF000, 0xFFFFFFF8, 0xFFFFFFFF};

	switch (fb_rng_below(r, 4)) {
	case 0:
		return was + (uint32_t)fb_rng_below(r, 17) - 8;
	case 1:
		return was ^ UINT32_C(1) << fb_rng_below(r, 32);
	case 2:
		return (uint32_t)fb_rng_below(r, 64) * FB_REGF_PAGE;
	default:
		return limits[fb_rng_below(r, sizeof(limits) / sizeof(limits[0]))];
	}
}

/* The first cells of a hive, as their sizes have it. */
static unsigned find_cells(const uint8_t *bins, uint32_t bytes, uint32_t *cells)
{
	unsigned n = 0;

	for (uint32_t at = 0, end = 0; at + 8 <= bytes && n < CELLS;) {
		uint32_t raw, size;

		if (at == end) {
			end += fb_get32(bins + at + FB_BIN_SIZE) & ~UINT32_C(4095);
			if (end <= at || end > bytes)
				end = at / FB_REGF_PAGE * FB_REGF_PAGE + FB_REGF_PAGE;
			at += FB_BIN_HEAD;
			continue;
		}
		raw = fb_get32(bins + at);
		size = raw < FB_REGF_BINS_MAX ? raw : -raw;
		if (size < 8 || size % 8 || size > end - at) {
			at = end;
			continue;
		}
		cells[n++] = at;
		at += size;
	}
	return n;
}

void fuzz_mutate_record(struct fb_rng *r, uint8_t *file, size_t bytes)
{
	static uint32_t cells[CELLS];
	uint32_t data, at, raw, size;
	unsigned n;
	uint8_t *field;

	if (bytes < 2 * FB_REGF_PAGE)
		return;
	data = (uint32_t)(bytes / FB_REGF_PAGE - 1) * FB_REGF_PAGE;
	n = find_cells(file + FB_REGF_PAGE, data, cells);
	if (!n)
		return;
	at = cells[fb_rng_below(r, n)];
	raw = fb_get32(file + FB_REGF_PAGE + at);
	size = raw < FB_REGF_BINS_MAX ? raw : -raw;
	if (size > 96)
		size = 96;
	field = file + FB_REGF_PAGE + at + fb_rng_below(r, size / 4) * 4;
	switch (fb_rng_below(r, 4)) {
	case 0:
		fb_put16(field + 2 * fb_rng_below(r, 2), (uint16_t)fuzz_word(r, 0));
		break;
	case 1:
		fb_put32(field, fuzz_word(r, fb_get32(field)));
		break;
	default:
		fb_put32(field, cells[fb_rng_below(r, n)]);
	}
}

void fuzz_mutate_log(struct fb_rng *r, uint8_t *log, size_t bytes)
{
	static const uint8_t base[] = {FB_BASE_SEQ1, FB_BASE_SEQ2,  FB_BASE_TIME,
				       FB_BASE_TYPE, FB_BASE_MINOR, FB_BASE_ROOT,
				       FB_BASE_BINS, FB_BASE_FLAGS};
	size_t sectors = bytes / FB_REGF_SECTOR;
	uint8_t *field;

	if (!sectors)
		return;
	if (sectors == 1 || !fb_rng_below(r, 3)) {
		field = log + base[fb_rng_below(r, sizeof(base))];
	} else {
		size_t at = 1 + fb_rng_below(r, sectors - 1);

		/* Where entries begin, or somewhere. */
		for (size_t i = 1; i < sectors && fb_rng_below(r, 8); i++) {
			if (fb_regf_is(log + i * FB_REGF_SECTOR, "HvLE")) {
				at = i;
				if (fb_rng_below(r, 2))
					break;
			}
		}
		field = log + at * FB_REGF_SECTOR + 4 * fb_rng_below(r, 16);
	}
	fb_put32(field, fuzz_word(r, fb_get32(field)));
}
