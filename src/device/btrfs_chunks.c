#include "device/btrfs_chunks.h"

#include <stdlib.h>

enum { SECTOR = 512 };

/*
 * How a chunk is laid out: @columns take turns, a stripe length each, and each column
 * is kept @copies times, on stripes beside each other.
 */
struct layout {
	unsigned columns, copies;
};

static struct layout layout_of(const struct fb_btrfs_chunk *c)
{
	switch (c->profile) {
	case FB_BTRFS_RAID0:
		return (struct layout){c->n_stripes, 1};
	case FB_BTRFS_RAID10:
		return (struct layout){c->n_stripes / c->sub_stripes, c->sub_stripes};
	default:
		return (struct layout){1, c->n_stripes};
	}
}

static unsigned data_columns(const struct fb_btrfs_chunk *c)
{
	if (c->profile == FB_BTRFS_RAID5)
		return c->n_stripes - 1;
	if (c->profile == FB_BTRFS_RAID6)
		return c->n_stripes - 2;
	return layout_of(c).columns;
}

static int add_part(struct fb_extents *e, const struct fb_btrfs_stripe *s,
		    uint64_t begin, uint64_t end)
{
	const struct fb_extent x = {
		.dev_major = s->dev_major,
		.dev_minor = s->dev_minor,
		.begin = (s->begin + begin) / SECTOR,
		.end = (s->begin + end + SECTOR - 1) / SECTOR,
	};

	if (s->placed)
		return fb_extents_add(e, &x);
	fb_extents_unknown(e, "btrfs: one of its devices cannot be found");
	return 0;
}

/* The n-th or an earlier piece of a chunk that is @column's turn. */
static uint64_t last_turn(uint64_t n, unsigned column, unsigned columns)
{
	return n - (n % columns + columns - column) % columns;
}

/*
 * What is in one piece in a chunk is in one piece in each column, too: from its first
 * turn in it up to its last.
 */
static void column_part(const struct fb_btrfs_chunk *c, unsigned column,
			uint64_t *begin, uint64_t *end)
{
	const uint64_t len = c->stripe_len;
	const unsigned columns = layout_of(c).columns;
	uint64_t first = *begin / len, last = (*end - 1) / len;
	uint64_t first_own = last_turn(first + columns - 1, column, columns);
	uint64_t last_own;

	if (first_own > last) {
		*begin = *end = 0;
		return;
	}
	last_own = last_turn(last, column, columns);
	*begin = first_own / columns * len + (first_own == first ? *begin % len : 0);
	*end = last_own / columns * len +
	       (last_own == last ? (*end - 1) % len + 1 : len);
}

static int add_in_chunk(struct fb_extents *e, const struct fb_btrfs *b,
			const struct fb_btrfs_chunk *c, const uint64_t range[2])
{
	const struct layout l = layout_of(c);
	int ret = 0;

	for (unsigned i = 0; !ret && i < l.columns * l.copies; i++) {
		uint64_t begin = range[0], end = range[1];

		if (l.columns > 1)
			column_part(c, i / l.copies, &begin, &end);
		if (begin < end)
			ret = add_part(e, &b->stripes[c->stripe + i], begin, end);
	}
	return ret;
}

static const char *why_not(const struct fb_btrfs_chunk *c)
{
	switch (c->profile) {
	case FB_BTRFS_RAID5:
		return "raid5";
	case FB_BTRFS_RAID6:
		return "raid6";
	case FB_BTRFS_NEW:
		return "unknown";
	default:
		return NULL;
	}
}

static const struct fb_btrfs_chunk *find_chunk(const struct fb_btrfs *b, uint64_t at)
{
	size_t low = 0, high = b->n_chunks;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct fb_btrfs_chunk *c = &b->chunks[mid];

		if (at >= c->logical && at - c->logical < c->length)
			return c;
		if (at < c->logical)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

int fb_btrfs_add_range(struct fb_extents *e, const struct fb_btrfs *b, uint64_t logical,
		       uint64_t length)
{
	int ret = 0;

	while (!ret && length) {
		const struct fb_btrfs_chunk *c = find_chunk(b, logical);
		uint64_t range[2];

		if (!c) {
			fb_extents_unknown(e, "btrfs: an address is in no chunk");
			return 0;
		}
		range[0] = logical - c->logical;
		range[1] = length < c->length - range[0] ? range[0] + length
							 : c->length;
		if (why_not(c))
			fb_extents_unknown(e, "btrfs: %s chunks", why_not(c));
		else
			ret = add_in_chunk(e, b, c, range);
		logical += range[1] - range[0];
		length -= range[1] - range[0];
	}
	return ret;
}

int fb_btrfs_add_data(struct fb_extents *e, const struct fb_btrfs *b)
{
	int ret = 0;

	for (size_t i = 0; i < b->n_chunks; i++) {
		const struct fb_btrfs_chunk *c = &b->chunks[i];

		if (!c->data)
			continue;
		if (c->profile == FB_BTRFS_NEW)
			fb_extents_unknown(e, "btrfs: %s chunks", why_not(c));
		else
			for (unsigned s = 0; !ret && s < c->n_stripes; s++)
				ret = add_part(e, &b->stripes[c->stripe + s], 0,
					       c->length / data_columns(c));
	}
	return ret;
}

void fb_btrfs_free(struct fb_btrfs *b)
{
	free(b->chunks);
	free(b->stripes);
	*b = (struct fb_btrfs){0};
}
