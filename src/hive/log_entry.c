#include "hive/log_entry.h"

#include "hive/marvin.h"
#include "hive/regf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	ENTRY_SIZE = 4,
	ENTRY_FLAGS = 8,
	ENTRY_SEQUENCE = 12,
	ENTRY_BINS = 16,
	ENTRY_REFS = 20,
	ENTRY_HASH1 = 24, /* of all after the header */
	ENTRY_HASH2 = 32, /* of all before it */
	REF_LENGTH = 4,
	REF_BYTES = 8,
};

static const unsigned char zeros[FB_REGF_PAGE];

/* struct extent - what an entry of some pages will hold */
struct extent {
	uint32_t refs, padding;
	uint64_t end; /* of the last page's bytes, in the entry */
};

/* As fb_pages_run, but page 0 is always there; @from is 0 for the first run only. */
static uint32_t next_run(const struct fb_pages *p, uint32_t from, uint32_t *first)
{
	uint32_t at = 0;
	uint32_t n = fb_pages_run(p, from, &at);

	if (from || (n && !at)) {
		*first = at;
		return n;
	}
	*first = 0;
	return n && at == 1 ? n + 1 : 1;
}

static int measure(const struct fb_pages *pages, uint32_t bins, uint64_t at,
		   struct extent *out)
{
	struct extent x = {0};
	uint64_t count = 0;
	uint32_t first, n, end = 0;

	while ((n = next_run(pages, end, &first))) {
		end = first + n;
		count += n;
		x.refs++;
	}
	if (end > bins / FB_REGF_PAGE)
		return -EINVAL;
	x.end = FB_ENTRY_HEAD + (uint64_t)REF_BYTES * x.refs + count * FB_REGF_PAGE;
	x.padding = (uint32_t)(-(at + x.end) % FB_REGF_PAGE);
	*out = x;
	return 0;
}

/* References and spans; the last span is the padding, which may be of no bytes. */
static void fill(struct fb_entry_parts *p, const unsigned char *data,
		 const struct fb_pages *pages, const struct extent *x)
{
	unsigned char *ref = p->head + FB_ENTRY_HEAD;
	uint32_t first = 0, n = 0;

	p->spans[0].data = p->head;
	p->spans[0].bytes = FB_ENTRY_HEAD + (size_t)REF_BYTES * x->refs;
	for (uint32_t i = 0; i < x->refs; i++, ref += REF_BYTES) {
		n = next_run(pages, first + n, &first);
		fb_put32(ref, first * FB_REGF_PAGE);
		fb_put32(ref + REF_LENGTH, n * FB_REGF_PAGE);
		p->spans[i + 1].data = data + (size_t)first * FB_REGF_PAGE;
		p->spans[i + 1].bytes = (size_t)n * FB_REGF_PAGE;
	}
	p->spans[x->refs + 1].data = zeros;
	p->spans[x->refs + 1].bytes = x->padding;
	p->n = x->refs + 1 + (x->padding != 0);
}

static uint64_t hash_of_parts(const struct fb_entry_parts *p)
{
	struct fb_marvin m;

	fb_marvin_begin(&m, FB_MARVIN_HIVE_SEED);
	fb_marvin_add(&m, p->head + FB_ENTRY_HEAD, p->spans[0].bytes - FB_ENTRY_HEAD);
	for (unsigned i = 1; i < p->n; i++)
		fb_marvin_add(&m, p->spans[i].data, p->spans[i].bytes);
	return fb_marvin_end(&m, NULL, 0);
}

static void fill_head(struct fb_entry_parts *p, const struct fb_entry *e)
{
	unsigned char *h = p->head;

	memcpy(h, "HvLE", 4);
	fb_put32(h + ENTRY_SIZE, e->size);
	fb_put32(h + ENTRY_FLAGS, e->flags);
	fb_put32(h + ENTRY_SEQUENCE, e->sequence);
	fb_put32(h + ENTRY_BINS, e->bins);
	fb_put32(h + ENTRY_REFS, e->refs);
	fb_put64(h + ENTRY_HASH1, hash_of_parts(p));
	fb_put64(h + ENTRY_HASH2, fb_marvin(FB_MARVIN_HIVE_SEED, h, ENTRY_HASH2));
}

int fb_entry_build(struct fb_entry *e, const void *data, const struct fb_pages *pages,
		   uint64_t at, struct fb_entry_parts *out)
{
	struct fb_entry_parts p = {0};
	struct extent x;
	int ret;

	if (e->bins > FB_REGF_BINS_MAX)
		return -EFBIG;
	ret = fb_regf_bins_fit(e->bins) ? measure(pages, e->bins, at, &x) : -EINVAL;
	if (ret)
		return ret;
	p.head = malloc(FB_ENTRY_HEAD + (size_t)REF_BYTES * x.refs);
	p.spans = calloc((size_t)x.refs + 2, sizeof(*p.spans));
	if (!p.head || !p.spans) {
		fb_entry_free(&p);
		return -ENOMEM;
	}
	fill(&p, data, pages, &x);
	e->size = (uint32_t)(x.end + x.padding);
	e->refs = x.refs;
	fill_head(&p, e);
	*out = p;
	return 0;
}

void fb_entry_free(struct fb_entry_parts *p)
{
	free(p->spans);
	free(p->head);
	*p = (struct fb_entry_parts){0};
}

static const char *fault_in_head(const unsigned char *h, uint64_t bytes)
{
	uint32_t size, refs;

	if (bytes < FB_ENTRY_HEAD)
		return "no room for an entry";
	size = fb_get32(h + ENTRY_SIZE);
	refs = fb_get32(h + ENTRY_REFS);
	if (!fb_regf_is(h, "HvLE"))
		return "no HvLE signature";
	if (size < FB_REGF_SECTOR || size % FB_REGF_SECTOR)
		return "size is no multiple of 512";
	if (size > bytes)
		return "size is beyond the end of the file";
	if (!fb_regf_bins_fit(fb_get32(h + ENTRY_BINS)))
		return "bad size of hive data";
	if (!refs)
		return "no ranges";
	if (refs > (size - FB_ENTRY_HEAD) / REF_BYTES)
		return "more ranges than fit";
	return NULL;
}

static bool is_head_hash_right(const unsigned char *h)
{
	return fb_marvin(FB_MARVIN_HIVE_SEED, h, ENTRY_HASH2) ==
	       fb_get64(h + ENTRY_HASH2);
}

static const char *fault_in_hashes(const unsigned char *h)
{
	uint32_t body = fb_get32(h + ENTRY_SIZE) - FB_ENTRY_HEAD;

	if (!is_head_hash_right(h))
		return "hash of the header";
	if (fb_marvin(FB_MARVIN_HIVE_SEED, h + FB_ENTRY_HEAD, body) !=
	    fb_get64(h + ENTRY_HASH1))
		return "hash of the contents";
	return NULL;
}

static const char *fault_in_ranges(const unsigned char *h)
{
	const unsigned char *ref = h + FB_ENTRY_HEAD;
	uint32_t bins = fb_get32(h + ENTRY_BINS);
	uint32_t refs = fb_get32(h + ENTRY_REFS);
	uint64_t end = FB_ENTRY_HEAD + (uint64_t)REF_BYTES * refs;

	for (uint32_t i = 0; i < refs; i++, ref += REF_BYTES) {
		uint32_t offset = fb_get32(ref);
		uint32_t length = fb_get32(ref + REF_LENGTH);

		if (!length || offset % FB_REGF_PAGE || length % FB_REGF_PAGE)
			return "a range is not whole pages";
		if ((uint64_t)offset + length > bins)
			return "a range is beyond the hive data";
		end += length;
		if (end > fb_get32(h + ENTRY_SIZE))
			return "ranges are longer than the entry";
	}
	return NULL;
}

bool fb_entry_read(const void *log, uint64_t bytes, struct fb_entry *out,
		   const char **why)
{
	const unsigned char *h = log;
	const char *fault = fault_in_head(h, bytes);

	if (!fault)
		fault = fault_in_hashes(h);
	if (!fault)
		fault = fault_in_ranges(h);
	if (fault) {
		*why = fault;
		return false;
	}
	out->sequence = fb_get32(h + ENTRY_SEQUENCE);
	out->flags = fb_get32(h + ENTRY_FLAGS);
	out->bins = fb_get32(h + ENTRY_BINS);
	out->size = fb_get32(h + ENTRY_SIZE);
	out->refs = fb_get32(h + ENTRY_REFS);
	return true;
}

/* Every range is a page at least: no file has more entries than that lets it have. */
static bool has_room_for_pages(const unsigned char *h)
{
	return FB_ENTRY_HEAD + (uint64_t)fb_get32(h + ENTRY_REFS) *
				       (REF_BYTES + FB_REGF_PAGE) <=
	       fb_get32(h + ENTRY_SIZE);
}

uint32_t fb_entry_size(const void *head, uint64_t bytes, uint32_t sequence)
{
	const unsigned char *h = head;

	if (fault_in_head(h, bytes) || fb_get32(h + ENTRY_SEQUENCE) != sequence ||
	    !has_room_for_pages(h) || !is_head_hash_right(h))
		return 0;
	return fb_get32(h + ENTRY_SIZE);
}

const void *fb_entry_range(const void *log, uint32_t i, uint64_t *at, uint32_t *offset,
			   uint32_t *bytes)
{
	const unsigned char *h = log;
	const unsigned char *ref = h + FB_ENTRY_HEAD + (size_t)REF_BYTES * i;

	if (i)
		*at += fb_get32(ref - REF_BYTES + REF_LENGTH);
	else
		*at = FB_ENTRY_HEAD + (uint64_t)REF_BYTES * fb_get32(h + ENTRY_REFS);
	*offset = fb_get32(ref);
	*bytes = fb_get32(ref + REF_LENGTH);
	return h + *at;
}
