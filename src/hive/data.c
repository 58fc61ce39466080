#include "hive/records.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint32_t segments_of(uint32_t bytes)
{
	return (bytes + FB_REGF_BIG_DATA - 1) / FB_REGF_BIG_DATA;
}

/* A cell that holds it all is one, whatever the version: 1.3 knows no big data. */
static bool is_one_cell(const struct fb_hive *h, struct fb_hive_data d)
{
	return d.bytes <= FB_REGF_BIG_DATA || fb_cell_get(&h->bins, d.rel, d.bytes);
}

/* The list of segments of big data, NULL when it is damaged. */
static const unsigned char *segment_list(const struct fb_hive *h, struct fb_hive_data d)
{
	const unsigned char *db = fb_cell_get(&h->bins, d.rel, FB_DB_BYTES);
	uint32_t n = segments_of(d.bytes);

	if (!db || !fb_regf_is(db, "db") || fb_get16(db + FB_DB_SEGMENTS) != n)
		return NULL;
	return fb_cell_get(&h->bins, fb_get32(db + FB_DB_LIST), n * 4);
}

static uint32_t segment_bytes(uint32_t bytes, uint32_t i)
{
	uint32_t left = bytes - i * FB_REGF_BIG_DATA;

	return left < FB_REGF_BIG_DATA ? left : FB_REGF_BIG_DATA;
}

/* One that holds its own list would change it while it is written. */
static const unsigned char *segment(const struct fb_hive *h, const unsigned char *list,
				    struct fb_hive_data d, uint32_t i)
{
	uint32_t rel = fb_get32(list + 4 * (size_t)i);
	const unsigned char *at = fb_cell_get(&h->bins, rel, segment_bytes(d.bytes, i));

	return at == list || rel == d.rel ? NULL : at;
}

static int check_segments(const struct fb_hive *h, const unsigned char *list,
			  struct fb_hive_data d, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++) {
		if (!segment(h, list, d, i))
			return -EBADMSG;
	}
	return 0;
}

int fb_data_check(const struct fb_hive *h, struct fb_hive_data d)
{
	const unsigned char *list;

	if (is_one_cell(h, d))
		return fb_cell_get(&h->bins, d.rel, d.bytes) ? 0 : -EBADMSG;
	list = segment_list(h, d);
	return list ? check_segments(h, list, d, 0, segments_of(d.bytes)) : -EBADMSG;
}

/* All segments are looked at before the first is copied: a failure leaves @out alone.
 */
static int read_segments(const struct fb_hive *h, struct fb_hive_data d, size_t offset,
			 unsigned char *out, size_t bytes)
{
	const unsigned char *list = segment_list(h, d);
	uint32_t i = (uint32_t)(offset / FB_REGF_BIG_DATA);
	size_t skip = offset % FB_REGF_BIG_DATA;

	if (!list ||
	    check_segments(h, list, d, i, segments_of((uint32_t)(offset + bytes))))
		return -EBADMSG;
	for (; bytes; i++, skip = 0) {
		size_t n = segment_bytes(d.bytes, i) - skip;

		n = n < bytes ? n : bytes;
		memcpy(out, segment(h, list, d, i) + skip, n);
		out += n;
		bytes -= n;
	}
	return 0;
}

int fb_data_read(const struct fb_hive *h, struct fb_hive_data d, size_t offset,
		 void *out, size_t bytes)
{
	const unsigned char *from;

	if (!is_one_cell(h, d))
		return read_segments(h, d, offset, out, bytes);
	from = fb_cell_get(&h->bins, d.rel, d.bytes);
	if (!from)
		return -EBADMSG;
	memcpy(out, from + offset, bytes);
	return 0;
}

void fb_data_free(struct fb_hive *h, struct fb_hive_data d)
{
	const unsigned char *list;

	if (!is_one_cell(h, d)) {
		list = segment_list(h, d);
		for (uint32_t i = 0; list && i < segments_of(d.bytes); i++)
			fb_cell_free(&h->bins, fb_get32(list + 4 * (size_t)i));
		if (list)
			fb_cell_free(&h->bins,
				     (uint32_t)(list - h->bins.at) - FB_REGF_CELL_HEAD);
	}
	fb_cell_free(&h->bins, d.rel);
}

/* As Windows does, the last segment's cell is as large as the others. */
static int store_segments(struct fb_hive *h, uint32_t list, const unsigned char *data,
			  uint32_t bytes)
{
	uint32_t n = segments_of(bytes), rel;

	for (uint32_t i = 0; i < n; i++) {
		int ret = fb_cell_alloc(&h->bins, FB_REGF_BIG_DATA, FB_REGF_NIL, &rel);

		if (ret) {
			while (i--)
				fb_cell_free(&h->bins,
					     fb_get32(h->bins.at + list + 4 + 4 * i));
			return ret;
		}
		memcpy(h->bins.at + rel + FB_REGF_CELL_HEAD,
		       data + (size_t)i * FB_REGF_BIG_DATA, segment_bytes(bytes, i));
		fb_put32(h->bins.at + list + 4 + 4 * i, rel);
	}
	return 0;
}

static int store_big(struct fb_hive *h, uint32_t near, const void *data, uint32_t bytes,
		     uint32_t *rel)
{
	uint32_t n = segments_of(bytes), db, list;
	unsigned char *at;
	int ret;

	if (n > UINT16_MAX)
		return -ENOSPC;
	ret = fb_cell_alloc(&h->bins, FB_DB_BYTES, near, &db);
	if (ret)
		return ret;
	ret = fb_cell_alloc(&h->bins, n * 4, near, &list);
	if (ret)
		goto out_db;
	ret = store_segments(h, list, data, bytes);
	if (ret)
		goto out_list;
	at = h->bins.at + db + FB_REGF_CELL_HEAD;
	memcpy(at, "db", 2);
	fb_put16(at + FB_DB_SEGMENTS, (uint16_t)n);
	fb_put32(at + FB_DB_LIST, list);
	*rel = db;
	return 0;
out_list:
	fb_cell_free(&h->bins, list);
out_db:
	fb_cell_free(&h->bins, db);
	return ret;
}

int fb_data_store(struct fb_hive *h, uint32_t near, const void *data, uint32_t bytes,
		  uint32_t *rel)
{
	int ret;

	if (bytes > FB_REGF_BIG_DATA && h->base.minor >= 4)
		return store_big(h, near, data, bytes, rel);
	ret = fb_cell_alloc(&h->bins, bytes, near, rel);
	if (!ret)
		memcpy(h->bins.at + *rel + FB_REGF_CELL_HEAD, data, bytes);
	return ret;
}

static void overwrite(struct fb_hive *h, const unsigned char *cell, const void *data,
		      uint32_t bytes)
{
	memcpy(fb_cell_edit(&h->bins, cell, 0, bytes), data, bytes);
}

static int replace_cell(struct fb_hive *h, struct fb_hive_data d, const void *data,
			uint32_t bytes)
{
	const unsigned char *cell = fb_cell_get(&h->bins, d.rel, d.bytes);

	if ((bytes > FB_REGF_BIG_DATA && h->base.minor >= 4) || !cell ||
	    fb_cell_bytes(cell) != (bytes + 11) / 8 * 8 - 4)
		return -ENOSPC;
	overwrite(h, cell, data, bytes);
	return 0;
}

static int replace_big(struct fb_hive *h, struct fb_hive_data d, const char *data)
{
	const unsigned char *list;

	if (fb_data_check(h, d))
		return -ENOSPC;
	list = segment_list(h, d);
	for (uint32_t i = 0; i < segments_of(d.bytes); i++)
		overwrite(h, segment(h, list, d, i),
			  data + (size_t)i * FB_REGF_BIG_DATA,
			  segment_bytes(d.bytes, i));
	return 0;
}

int fb_data_replace(struct fb_hive *h, struct fb_hive_data d, const void *data,
		    uint32_t bytes)
{
	if (is_one_cell(h, d))
		return replace_cell(h, d, data, bytes);
	return bytes == d.bytes ? replace_big(h, d, data) : -ENOSPC;
}
