#include "hive/check_walk.h"

#include "hive/base_block.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { WINDOWS_STEP = 256 * 1024 };

void fb_check_tell(struct fb_check *c, uint64_t offset, const char *id, const char *fmt,
		   ...)
{
	char text[256];
	struct fb_finding f = {offset, id, text};
	va_list ap;

	c->findings++;
	if (!c->sink.tell)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	c->sink.tell(c->sink.ctx, &f);
}

bool fb_check_grow(struct fb_check *c, void **items, size_t *room, size_t size)
{
	size_t more = *room ? 2 * *room : 256;
	void *p = realloc(*items, more * size);

	if (!p) {
		c->no_memory = true;
		return false;
	}
	*items = p;
	*room = more;
	return true;
}

static void check_sequence(struct fb_check *c, const struct fb_base_block *b)
{
	if (b->seq1 != b->seq2)
		fb_check_tell(c, FB_BASE_SEQ1, "sequence",
			      "sequence numbers %u and %u differ: logs wait to be "
			      "applied, `flushbench hive recover FILE` does it",
			      b->seq1, b->seq2);
}

static bool has_log_type(const struct fb_base_block *b)
{
	return b->type == FB_REGF_LOG_NEW || b->type == FB_REGF_LOG_OLD ||
	       b->type == FB_REGF_LOG_VERY_OLD;
}

static void check_type(struct fb_check *c, const struct fb_base_block *b)
{
	if (has_log_type(b))
		fb_check_tell(c, FB_BASE_TYPE, "type",
			      "type %u is that of a transaction log, a hive has 0; "
			      "name the hive that it belongs to",
			      b->type);
	else if (b->type != FB_REGF_PRIMARY)
		fb_check_tell(c, FB_BASE_TYPE, "type", "type %u, a hive has 0",
			      b->type);
	if (fb_get32(c->file + FB_BASE_FORMAT) != 1)
		fb_check_tell(c, FB_BASE_FORMAT, "format", "format %u, there is only 1",
			      fb_get32(c->file + FB_BASE_FORMAT));
	if (b->major != 1)
		fb_check_tell(c, FB_BASE_MAJOR, "major", "major version %u, not 1",
			      b->major);
	if (b->minor < 3 || b->minor > 6)
		fb_check_tell(c, FB_BASE_MINOR, "minor",
			      "minor version %u, known are 3 to 6", b->minor);
}

static void check_base(struct fb_check *c, const struct fb_base_block *b)
{
	uint32_t sum = fb_base_checksum(c->file);

	if (!fb_regf_is(c->file, "regf"))
		fb_check_tell(
			c, FB_BASE_SIGNATURE, "signature",
			"the file does not begin with \"regf\": its base block is "
			"lost");
	if (fb_get32(c->file + FB_BASE_CHECKSUM) != sum)
		fb_check_tell(c, FB_BASE_CHECKSUM, "checksum",
			      "checksum 0x%08x, the base block's is 0x%08x; "
			      "`flushbench hive recover FILE` takes it from a log",
			      fb_get32(c->file + FB_BASE_CHECKSUM), sum);
	check_sequence(c, b);
	check_type(c, b);
}

/* As far as one bin leads to the next. */
static uint64_t end_of_chain(const struct fb_check *c, uint64_t limit)
{
	uint64_t at = 0;

	while (limit - at >= FB_REGF_PAGE) {
		const unsigned char *bin = c->data + at;
		uint32_t size = fb_get32(bin + FB_BIN_SIZE);

		if (!fb_regf_is(bin, "hbin") || fb_get32(bin + FB_BIN_OFFSET) != at ||
		    !size || size % FB_REGF_PAGE || size > limit - at)
			break;
		at += size;
	}
	return at;
}

static bool is_zero(const unsigned char *at, uint64_t n)
{
	while (n && !*at) {
		at++;
		n--;
	}
	return !n;
}

static void check_tail(struct fb_check *c, uint64_t there, uint32_t told)
{
	if (c->bytes % WINDOWS_STEP == 0 || is_zero(c->data + told, there - told))
		return;
	fb_check_tell(c, fb_check_place(told), "trailing",
		      "%llu bytes behind the last bin that are neither zero nor "
		      "fill the file to a multiple of 256 KiB",
		      (unsigned long long)(there - told));
}

/* Where the data end: the base block says it, and the chain of bins knows better. */
static void measure(struct fb_check *c, uint32_t told)
{
	uint64_t there = c->bytes - FB_REGF_PAGE, chain;

	if (there > FB_REGF_BINS_MAX)
		there = FB_REGF_BINS_MAX;
	chain = end_of_chain(c, there);
	c->size = (uint32_t)(there / FB_REGF_PAGE * FB_REGF_PAGE);
	if (!told || told % FB_REGF_PAGE || told > FB_REGF_BINS_MAX) {
		fb_check_tell(c, FB_BASE_BINS, "bins_size",
			      "0x%x bytes of data, must be pages of 4096; the bins "
			      "end after 0x%llx",
			      told, (unsigned long long)chain);
		if (chain)
			c->size = (uint32_t)chain;
	} else if (told > there) {
		fb_check_tell(c, FB_BASE_BINS, "bins_past_file",
			      "0x%x bytes of data, but the file ends after 0x%llx: it "
			      "is cut short, or the number is wrong",
			      told, (unsigned long long)(c->bytes - FB_REGF_PAGE));
	} else if (chain > told &&
		   (c->bytes % WINDOWS_STEP || end_of_chain(c, told) < told)) {
		fb_check_tell(c, FB_BASE_BINS, "bins_short",
			      "0x%x bytes of data, but the bins go on to 0x%llx", told,
			      (unsigned long long)chain);
		c->size = (uint32_t)chain;
		check_tail(c, there, c->size);
	} else {
		c->size = told;
		check_tail(c, there, told);
	}
}

/* Remnants of bins may follow in a file of Windows, but nothing may need them. */
static void check_end(struct fb_check *c, uint32_t told)
{
	uint64_t there = c->bytes - FB_REGF_PAGE;

	if (c->past_end && c->size == told && there - told >= FB_REGF_PAGE &&
	    fb_regf_is(c->data + told, "hbin") &&
	    fb_get32(c->data + told + FB_BIN_OFFSET) == told)
		fb_check_tell(c, FB_BASE_BINS, "bins_short",
			      "0x%x bytes of data, but a bin follows, and there are "
			      "references beyond",
			      told);
}

static void count_lost(struct fb_check *c)
{
	for (uint32_t i = 0; i < c->size / 512; i++) {
		uint64_t lost = c->starts[i] & ~c->used[i];

		for (; lost; lost &= lost - 1) {
			uint32_t rel = i * 512 + (uint32_t)__builtin_ctzll(lost) * 8;

			c->survey.lost_cells++;
			c->survey.lost_bytes += -fb_get32(c->data + rel);
		}
	}
}

static bool take_sets(struct fb_check *c)
{
	uint64_t **sets[] = {&c->starts, &c->frees, &c->used, &c->sks, &c->loose};
	size_t words = c->size / 512 + 1;

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		*sets[i] = calloc(words, sizeof(**sets[i]));
		if (!*sets[i])
			return false;
	}
	return true;
}

static void check_data(struct fb_check *c, const struct fb_base_block *b)
{
	if (!take_sets(c)) {
		c->no_memory = true;
		return;
	}
	fb_check_bins(c);
	fb_check_keys(c, b->root);
	/* Without memory some cells are marked and yet not among @security. */
	if (c->no_memory)
		return;
	fb_check_security(c);
	fb_check_free(c);
	check_end(c, b->bins);
	if (!c->incomplete)
		count_lost(c);
}

static bool has_first_bin(const struct fb_check *c)
{
	return c->bytes >= 2 * FB_REGF_PAGE &&
	       fb_regf_is(c->file + FB_REGF_PAGE, "hbin");
}

/* Without a signature and a first bin there is nothing to go by. */
static bool is_hopeless(const struct fb_check *c)
{
	return !fb_regf_is(c->file, "regf") && !has_first_bin(c);
}

/* Nothing else is wrong with it but that it is none. */
static bool is_log(const struct fb_check *c, const struct fb_base_block *b)
{
	return has_log_type(b) && fb_base_valid(c->file) && !has_first_bin(c);
}

static void check_file(struct fb_check *c)
{
	struct fb_base_block b;

	if (c->bytes < FB_REGF_SECTOR) {
		fb_check_tell(c, 0, "file_short",
			      "%llu byte%s no hive: its base block has 4096",
			      (unsigned long long)c->bytes,
			      c->bytes == 1 ? " is" : "s are");
		return;
	}
	if (is_hopeless(c)) {
		fb_check_tell(
			c, FB_BASE_SIGNATURE, "signature",
			"this is no hive: it neither begins with \"regf\" nor has "
			"a bin at 0x1000");
		return;
	}
	fb_base_get(c->file, &b);
	if (is_log(c, &b)) {
		check_type(c, &b);
		return;
	}
	c->minor = b.minor;
	check_base(c, &b);
	if (c->bytes < 2 * FB_REGF_PAGE) {
		fb_check_tell(c, FB_BASE_BINS, "bins_past_file",
			      "0x%x bytes of data, but the file ends after %llu bytes: "
			      "it is cut short",
			      b.bins, (unsigned long long)c->bytes);
		return;
	}
	c->data = c->file + FB_REGF_PAGE;
	measure(c, b.bins);
	check_data(c, &b);
}

int64_t fb_hive_survey(const void *file, uint64_t bytes, const struct fb_sink *sink,
		       struct fb_survey *out)
{
	struct fb_check c = {.file = file, .bytes = bytes, .sink = *sink};

	check_file(&c);
	free(c.starts);
	free(c.frees);
	free(c.used);
	free(c.sks);
	free(c.loose);
	free(c.queue);
	free(c.security);
	if (c.no_memory)
		return -ENOMEM;
	*out = c.survey;
	return c.findings;
}

int64_t fb_hive_check(const void *file, uint64_t bytes, fb_finding_fn tell, void *ctx)
{
	struct fb_survey survey;

	return fb_hive_survey(file, bytes, &(struct fb_sink){tell, ctx}, &survey);
}
