#include "fuzz/disk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct fuzz_file *file_of(struct fb_hive_io *io, enum fb_hive_file f)
{
	return &((struct fuzz_disk *)io)->file[f];
}

static int grow(struct fuzz_file *f, uint64_t bytes)
{
	unsigned char *grown;

	if (bytes <= f->bytes)
		return 0;
	if (bytes > FUZZ_DISK_MAX)
		return -ENOSPC;
	grown = realloc(f->data, bytes);
	if (!grown)
		return -ENOMEM;
	memset(grown + f->bytes, 0, bytes - f->bytes);
	f->data = grown;
	f->bytes = bytes;
	return 0;
}

static int disk_size(struct fb_hive_io *io, enum fb_hive_file f, uint64_t *bytes)
{
	if (!file_of(io, f)->is_there)
		return -ENOENT;
	*bytes = file_of(io, f)->bytes;
	return 0;
}

static int disk_read(struct fb_hive_io *io, enum fb_hive_file f, uint64_t offset,
		     void *data, size_t bytes)
{
	const struct fuzz_file *at = file_of(io, f);

	if (offset > at->bytes || bytes > at->bytes - offset)
		return -ENODATA;
	if (bytes)
		memcpy(data, at->data + offset, bytes);
	return 0;
}

static int disk_write(struct fb_hive_io *io, enum fb_hive_file f, uint64_t offset,
		      const struct fb_hive_span *spans, unsigned n)
{
	struct fuzz_file *at = file_of(io, f);

	for (unsigned i = 0; i < n; i++) {
		int ret = grow(at, offset + spans[i].bytes);

		if (ret)
			return ret;
		if (spans[i].bytes)
			memcpy(at->data + offset, spans[i].data, spans[i].bytes);
		offset += spans[i].bytes;
	}
	return 0;
}

static int disk_reserve(struct fb_hive_io *io, enum fb_hive_file f, uint64_t bytes)
{
	file_of(io, f)->is_there = true;
	return grow(file_of(io, f), bytes);
}

static int disk_sync(struct fb_hive_io *io, enum fb_hive_file f)
{
	(void)io;
	(void)f;
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
	(void)io;
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

void fuzz_disk_init(struct fuzz_disk *d)
{
	*d = (struct fuzz_disk){.io = {&ops}};
}

void fuzz_disk_free(struct fuzz_disk *d)
{
	for (int f = 0; f < FB_HIVE_FILES; f++)
		free(d->file[f].data);
	fuzz_disk_init(d);
}

void fuzz_disk_put(struct fuzz_disk *d, enum fb_hive_file f, const void *data,
		   size_t bytes)
{
	struct fb_hive_span span = {data, bytes};

	free(d->file[f].data);
	d->file[f] = (struct fuzz_file){.is_there = true};
	if (disk_write(&d->io, f, 0, &span, 1))
		abort();
}

void fuzz_disk_copy(struct fuzz_disk *to, const struct fuzz_disk *from)
{
	fuzz_disk_init(to);
	for (int f = 0; f < FB_HIVE_FILES; f++) {
		if (from->file[f].is_there)
			fuzz_disk_put(to, (enum fb_hive_file)f, from->file[f].data,
				      from->file[f].bytes);
	}
}
