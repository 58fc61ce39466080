/*
 * disk.h - the three files of a hive, in memory
 */
#ifndef FB_TESTS_FUZZ_DISK_H
#define FB_TESTS_FUZZ_DISK_H

#include "hive/io.h"

/* A file grows no further, -ENOSPC. */
#define FUZZ_DISK_MAX (UINT64_C(64) << 20)

/* struct fuzz_file - exactly @bytes at @data, so that reading past them is seen */
struct fuzz_file {
	unsigned char *data;
	uint64_t bytes;
	bool is_there;
};

/*
 * struct fuzz_disk - zeros, then fuzz_disk_init
 *
 * Closing @io changes nothing: the files can be opened again.
 */
struct fuzz_disk {
	struct fb_hive_io io;
	struct fuzz_file file[FB_HIVE_FILES];
};

void fuzz_disk_init(struct fuzz_disk *d);
void fuzz_disk_free(struct fuzz_disk *d);

/* fuzz_disk_put - a file with a copy of these bytes in place of what was there */
void fuzz_disk_put(struct fuzz_disk *d, enum fb_hive_file f, const void *data,
		   size_t bytes);

/* fuzz_disk_copy - all files of @from; @to is a new one */
void fuzz_disk_copy(struct fuzz_disk *to, const struct fuzz_disk *from);

#endif
