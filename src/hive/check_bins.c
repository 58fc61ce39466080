#include "hive/check_walk.h"

bool fb_check_look(const struct fb_check *c, uint32_t rel, struct fb_check_cell *out)
{
	uint32_t raw, length;

	if (rel % FB_REGF_CELL_STEP || rel >= c->size)
		return false;
	raw = fb_get32(c->data + rel);
	length = raw >= FB_REGF_BINS_MAX ? -raw : raw;
	if (!fb_check_bit(c->starts, rel) && !fb_check_bit(c->frees, rel)) {
		if (!fb_check_bit(c->loose, rel))
			return false;
		length &= ~7U;
	}
	if (length > c->size - rel)
		length = c->size - rel;
	if (length < FB_REGF_CELL_STEP)
		length = FB_REGF_CELL_STEP;
	*out = (struct fb_check_cell){c->data + rel + FB_REGF_CELL_HEAD,
				      length - FB_REGF_CELL_HEAD, rel};
	return true;
}

static void tell_dangling(struct fb_check *c, uint32_t rel,
			  const struct fb_check_ref *ref)
{
	if (rel == FB_REGF_NIL)
		fb_check_tell(c, ref->field, ref->id, "no %s", ref->what);
	else if (rel >= c->size)
		fb_check_tell(c, ref->field, ref->id,
			      "%s at 0x%x, but the data end at 0x%x", ref->what, rel,
			      c->size);
	else
		fb_check_tell(c, ref->field, ref->id,
			      "%s at 0x%x, but no cell begins there", ref->what, rel);
	if (rel != FB_REGF_NIL && rel >= c->size)
		c->past_end = true;
}

bool fb_check_follow(struct fb_check *c, uint32_t rel, const struct fb_check_ref *ref,
		     struct fb_check_cell *out)
{
	if (!fb_check_look(c, rel, out)) {
		tell_dangling(c, rel, ref);
		return false;
	}
	if (fb_check_bit(c->used, rel)) {
		fb_check_tell(c, ref->field, "cell_twice",
			      "%s at 0x%x, a cell that is in use elsewhere", ref->what,
			      rel);
		return false;
	}
	fb_check_mark(c->used, rel);
	if (fb_check_bit(c->frees, rel))
		fb_check_tell(c, fb_check_place(rel), "cell_free",
			      "a cell marked free, but it is the %s that 0x%llx names",
			      ref->what, (unsigned long long)ref->field);
	return true;
}

bool fb_check_afford(struct fb_check *c, uint64_t field, uint64_t bytes)
{
	if (bytes > c->size - c->walked) {
		c->incomplete = true;
		fb_check_tell(c, field, "cells_overlap",
			      "not looked at: cells overlap, so that lists and "
			      "descriptors have more bytes than the data");
		return false;
	}
	c->walked += bytes;
	return true;
}

/* Where cells lie behind a wrong size cannot be known; what refers there is believed.
 */
static void loosen(struct fb_check *c, uint32_t from, uint32_t to)
{
	for (uint32_t at = from; at < to; at += FB_REGF_CELL_STEP)
		fb_check_mark(c->loose, at);
}

static void check_cells(struct fb_check *c, uint32_t from, uint32_t to)
{
	uint32_t at = from;

	while (at < to) {
		uint32_t raw = fb_get32(c->data + at);
		bool is_free = raw < FB_REGF_BINS_MAX;
		uint32_t length = is_free ? raw : -raw;

		if (length < FB_REGF_CELL_STEP || length % FB_REGF_CELL_STEP) {
			fb_check_tell(c, fb_check_place(at), "cell_size",
				      "cell of %u bytes, must be a multiple of 8",
				      length);
			break;
		}
		if (length > to - at) {
			fb_check_tell(c, fb_check_place(at), "cell_past_bin",
				      "cell of %u bytes, but its bin ends after %u",
				      length, to - at);
			break;
		}
		fb_check_mark(is_free ? c->frees : c->starts, at);
		c->survey.free_bytes += is_free ? length : 0;
		at += length;
	}
	loosen(c, at, to);
}

static uint32_t next_bin(const struct fb_check *c, uint32_t at)
{
	for (at += FB_REGF_PAGE; at < c->size; at += FB_REGF_PAGE)
		if (fb_regf_is(c->data + at, "hbin") &&
		    fb_get32(c->data + at + FB_BIN_OFFSET) == at)
			break;
	return at;
}

static uint32_t check_bin(struct fb_check *c, uint32_t at)
{
	const unsigned char *bin = c->data + at;
	uint32_t size = fb_get32(bin + FB_BIN_SIZE), end = at + size;

	if (!fb_regf_is(bin, "hbin"))
		fb_check_tell(c, fb_check_place(at), "bin_signature",
			      "no bin begins here: \"hbin\" is missing");
	if (fb_get32(bin + FB_BIN_OFFSET) != at)
		fb_check_tell(c, fb_check_place(at) + FB_BIN_OFFSET, "bin_offset",
			      "the bin at 0x%x says that it is at 0x%x", at,
			      fb_get32(bin + FB_BIN_OFFSET));
	if (!size || size % FB_REGF_PAGE || size > c->size - at) {
		end = next_bin(c, at);
		fb_check_tell(c, fb_check_place(at) + FB_BIN_SIZE, "bin_size",
			      "bin of 0x%x bytes: must be pages of 4096, and 0x%x are "
			      "left",
			      size, c->size - at);
	}
	check_cells(c, at + FB_BIN_HEAD, end);
	return end;
}

void fb_check_bins(struct fb_check *c)
{
	for (uint32_t at = 0; at < c->size;)
		at = check_bin(c, at);
}
