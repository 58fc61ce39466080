#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/hive_disk.h"

#include "hive/regf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct hive_disk *disk_of(struct fb_hive_io *io)
{
	return (struct hive_disk *)(void *)io;
}

static void grow(struct hive_bytes *f, size_t bytes)
{
	if (bytes > f->room) {
		f->room = bytes + bytes / 2;
		f->data = realloc(f->data, f->room);
		assert_non_null(f->data);
	}
	if (bytes > f->bytes) {
		memset(f->data + f->bytes, 0, bytes - f->bytes);
		f->bytes = bytes;
	}
	f->there = true;
}

void hive_bytes_put(struct hive_bytes *f, uint64_t offset, const void *data, size_t n)
{
	grow(f, (size_t)offset + n);
	memcpy(f->data + offset, data, n);
}

void hive_bytes_cut(struct hive_bytes *f, size_t bytes)
{
	if (bytes < f->bytes)
		f->bytes = bytes;
}

static void record(struct hive_disk *d, enum fb_hive_file f, uint64_t offset,
		   size_t bytes, unsigned char *data)
{
	if (d->n == d->room) {
		d->room = d->room ? d->room * 2 : 64;
		d->ops = realloc(d->ops, d->room * sizeof(*d->ops));
		assert_non_null(d->ops);
	}
	d->ops[d->n++] = (struct hive_op){
		.file = f, .offset = offset, .bytes = bytes, .data = data};
}

static int fails(struct hive_disk *d)
{
	return ++d->calls == d->fail_at ? -EIO : 0;
}

static int disk_size(struct fb_hive_io *io, enum fb_hive_file f, uint64_t *bytes)
{
	struct hive_disk *d = disk_of(io);

	if (fails(d))
		return -EIO;
	*bytes = d->file[f].bytes;
	return d->file[f].there ? 0 : -ENOENT;
}

static int disk_read(struct fb_hive_io *io, enum fb_hive_file f, uint64_t offset,
		     void *data, size_t bytes)
{
	struct hive_disk *d = disk_of(io);
	const struct hive_bytes *file = &d->file[f];

	if (fails(d))
		return -EIO;
	if (offset > file->bytes || bytes > file->bytes - offset)
		return -ENODATA;
	memcpy(data, file->data + offset, bytes);
	d->bytes_read += bytes;
	return 0;
}

static unsigned char *gather(const struct fb_hive_span *spans, unsigned n,
			     size_t *bytes)
{
	unsigned char *all;
	size_t at = 0;

	*bytes = 0;
	for (unsigned i = 0; i < n; i++)
		*bytes += spans[i].bytes;
	all = malloc(*bytes);
	assert_non_null(all);
	for (unsigned i = 0; i < n; at += spans[i++].bytes)
		memcpy(all + at, spans[i].data, spans[i].bytes);
	return all;
}

static int disk_write(struct fb_hive_io *io, enum fb_hive_file f, uint64_t offset,
		      const struct fb_hive_span *spans, unsigned n)
{
	struct hive_disk *d = disk_of(io);
	int ret = fails(d);
	size_t bytes;
	unsigned char *all = gather(spans, n, &bytes);

	if (ret)
		bytes = bytes / 2 / FB_REGF_SECTOR * FB_REGF_SECTOR;
	hive_bytes_put(&d->file[f], offset, all, bytes);
	record(d, f, offset, bytes, all);
	return ret;
}

/* What the sync of a file is for, told by the last write to it. */
static enum hive_sync kind_of_sync(const struct hive_disk *d, enum fb_hive_file f)
{
	if (f != FB_HIVE_PRIMARY)
		return HIVE_SYNC_LOG;
	for (size_t i = d->n; i--;) {
		const struct hive_op *op = &d->ops[i];

		if (op->file != f || !op->data)
			continue;
		if (op->offset)
			return HIVE_SYNC_PAGES;
		return fb_get32(op->data + FB_BASE_SEQ1) ==
				       fb_get32(op->data + FB_BASE_SEQ2)
			       ? HIVE_SYNC_CLEAN
			       : HIVE_SYNC_MARK;
	}
	return HIVE_SYNC_NONE;
}

static void lose_writes(struct hive_disk *d, enum fb_hive_file f)
{
	for (size_t i = d->n; i--;) {
		if (d->ops[i].file == f && !d->ops[i].data)
			break;
		if (d->ops[i].file == f)
			d->ops[i].lost = true;
	}
}

/* The last four are a write to a log, its sync, the mark, its sync. */
static void put_mark_first(struct hive_disk *d)
{
	struct hive_op *op = d->ops + d->n - 4, log[2];

	if (d->n < 4 || op[0].file == FB_HIVE_PRIMARY || op[1].data)
		return;
	memcpy(log, op, sizeof(log));
	memcpy(op, op + 2, sizeof(log));
	memcpy(op + 2, log, sizeof(log));
}

static int disk_sync(struct fb_hive_io *io, enum fb_hive_file f)
{
	struct hive_disk *d = disk_of(io);
	enum hive_sync kind;

	if (fails(d)) {
		lose_writes(d, f);
		return -EIO;
	}
	kind = kind_of_sync(d, f);
	if (!d->deaf_to || kind != d->deaf_to)
		record(d, f, 0, 0, NULL);
	if (d->mark_first && kind == HIVE_SYNC_MARK)
		put_mark_first(d);
	return 0;
}

static int disk_reserve(struct fb_hive_io *io, enum fb_hive_file f, uint64_t bytes)
{
	struct hive_disk *d = disk_of(io);
	struct hive_bytes *file = &d->file[f];
	size_t had = file->bytes;

	if (fails(d))
		return -EIO;
	grow(file, bytes);
	if (file->bytes == had)
		return 0;
	record(d, f, had, file->bytes - had, calloc(1, file->bytes - had));
	record(d, f, 0, 0, NULL);
	return 0;
}

static const char *disk_name(struct fb_hive_io *io, enum fb_hive_file f)
{
	static const char *const names[] = {"hive", "hive.LOG1", "hive.LOG2"};

	(void)io;
	return names[f];
}

static void disk_close(struct fb_hive_io *io)
{
	disk_of(io)->opens--;
}

static const struct fb_hive_io_ops ops = {
	.size = disk_size,
	.read = disk_read,
	.write = disk_write,
	.reserve = disk_reserve,
	.sync = disk_sync,
	.name = disk_name,
	.close = disk_close,
};

void hive_disk_begin(struct hive_disk *d)
{
	*d = (struct hive_disk){.io = {&ops}};
	d->file[FB_HIVE_PRIMARY].there = true;
}

void hive_disk_forget(struct hive_disk *d)
{
	for (size_t i = 0; i < d->n; i++)
		free(d->ops[i].data);
	d->n = 0;
	d->calls = 0;
	d->bytes_read = 0;
}

void hive_disk_end(struct hive_disk *d)
{
	hive_disk_forget(d);
	free(d->ops);
	for (int f = 0; f < FB_HIVE_FILES; f++)
		free(d->file[f].data);
	*d = (struct hive_disk){0};
}

void hive_disk_copy(struct hive_disk *to, const struct hive_disk *from)
{
	for (int f = 0; f < FB_HIVE_FILES; f++) {
		to->file[f].bytes = 0;
		to->file[f].there = from->file[f].there;
		if (from->file[f].bytes)
			hive_bytes_put(&to->file[f], 0, from->file[f].data,
				       from->file[f].bytes);
	}
}

static const char *word_of(const struct hive_op *op)
{
	static const char *const logs[][3] = {
		{"LOG1@0", "LOG1@+", "LOG1!"},
		{"LOG2@0", "LOG2@+", "LOG2!"},
	};

	if (op->file != FB_HIVE_PRIMARY)
		return logs[op->file - FB_HIVE_LOG1][!op->data    ? 2
						     : op->offset ? 1
								  : 0];
	if (!op->data)
		return "!";
	if (op->offset)
		return "pages";
	if (op->bytes != FB_REGF_SECTOR)
		return "head";
	return fb_get32(op->data + FB_BASE_SEQ1) == fb_get32(op->data + FB_BASE_SEQ2)
		       ? "clean"
		       : "mark";
}

const char *hive_disk_story(const struct hive_disk *d)
{
	static char story[1024];
	const char *last = "";
	size_t at = 0;

	story[0] = '\0';
	for (size_t i = 0; i < d->n && at < sizeof(story) - 16; i++) {
		const char *word = word_of(&d->ops[i]);

		if (strcmp(word, "pages") || strcmp(last, "pages"))
			at += (size_t)sprintf(story + at, "%s%s", at ? " " : "", word);
		last = word;
	}
	return story;
}
