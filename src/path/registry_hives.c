#include "path/registry_hives.h"

#include "base/rng.h"
#include "nt/nt.h"
#include "path/target_file.h"
#include "plan/hive_layout.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOGS = 2, LOG_BYTES = 4 << 20, LOG_NAME = FB_TARGET_NAME + 16, PAGE = 4096 };

static const char *const ends[1 + LOGS] = {"", ".LOG1", ".LOG2"};

unsigned fb_registry_hives(const struct fb_case *c)
{
	return fb_target_files(c) * (unsigned)c->hives;
}

/* @data: of a value, marked anew for each */
struct filling {
	const struct fb_case *c;
	const struct fb_target *t;
	HANDLE root;
	char *data;
	uint64_t mark;
};

static NTSTATUS open_next_key(const struct filling *f, uint64_t key, HANDLE *out)
{
	char name[FB_HIVE_LAYOUT_NAME];
	NTSTATUS status;

	if (key % FB_HIVE_LAYOUT_GROUP == 0) {
		fb_hive_layout_group(key / FB_HIVE_LAYOUT_GROUP, name);
		status = fb_nt_create_key(f->root, name, 0, out, NULL);
		if (!NT_SUCCESS(status))
			return status;
		NtClose(*out);
	}
	fb_hive_layout_key(key, name);
	return fb_nt_create_key(f->root, name, KEY_SET_VALUE, out, NULL);
}

static NTSTATUS fill_key(struct filling *f, uint64_t key, uint64_t values)
{
	const size_t bytes = f->c->value_size;
	const ULONG type = bytes == sizeof(ULONG) ? REG_DWORD : REG_BINARY;
	char name[FB_HIVE_LAYOUT_NAME];
	HANDLE h;
	NTSTATUS status = open_next_key(f, key, &h);

	if (!NT_SUCCESS(status))
		return status;
	for (uint64_t v = 0; NT_SUCCESS(status) && v < values; v++) {
		fb_hive_layout_value(v, name);
		if (f->c->data == FB_DATA_RANDOM)
			fb_rng_mark(f->data, bytes, &f->mark);
		status = fb_nt_set_value(h, name, type, f->data, bytes);
	}
	NtClose(h);
	return status;
}

static int fill_hive(struct filling *f, struct fb_err *err)
{
	const uint64_t each = f->c->values_per_key;
	uint64_t left = fb_hive_layout_values(f->c);

	for (uint64_t key = 0; left; key++) {
		uint64_t n = left < each ? left : each;
		NTSTATUS status;

		if (f->t->cancelled && f->t->cancelled())
			return fb_err_set(err, -EINTR, "interrupted while preparing");
		status = fill_key(f, key, n);
		if (!NT_SUCCESS(status))
			return fb_target_fail(err, status, "cannot be filled",
					      "the hive");
		left -= n;
	}
	return 0;
}

static int make_data(struct filling *f, struct fb_err *err)
{
	struct fb_rng rng;

	f->data = calloc(1, f->c->value_size);
	if (!f->data)
		return fb_err_set(err, -ENOMEM, "out of memory for value_size");
	if (f->c->data == FB_DATA_RANDOM) {
		fb_rng_init(&rng, f->c->seed);
		fb_rng_fill(&rng, f->data, f->c->value_size);
		f->mark = fb_rng_marks();
	}
	return 0;
}

static int new_hive(const struct fb_case *c, const struct fb_target *t, HANDLE *root,
		    struct fb_err *err)
{
	struct filling f = {.c = c, .t = t};
	NTSTATUS status = fb_nt_new_hive(&f.root);
	int ret = 0;

	if (!NT_SUCCESS(status))
		return fb_target_fail(err, status, "cannot be made", "a hive");
	if (c->prepare == FB_PREPARE_WRITTEN)
		ret = make_data(&f, err);
	if (!ret && f.data)
		ret = fill_hive(&f, err);
	free(f.data);
	if (ret)
		NtClose(f.root);
	else
		*root = f.root;
	return ret;
}

static int remove_files(const char *hive, struct fb_err *err)
{
	char name[LOG_NAME];
	int ret = 0;

	for (int i = 0; i <= LOGS; i++) {
		snprintf(name, sizeof(name), "%s%s", hive, ends[i]);
		if (remove(name) && errno != ENOENT && !ret)
			ret = fb_err_set(err, -errno, "%s: cannot be removed: %s",
					 fb_target_shown(name), strerror(errno));
	}
	return ret;
}

int fb_registry_remove(const struct fb_case *c, const struct fb_target *t,
		       struct fb_err *err)
{
	char name[FB_TARGET_NAME];
	int ret = 0;

	for (unsigned i = 0; i < fb_registry_hives(c); i++) {
		int removed;

		fb_target_name(t, i, name);
		removed = remove_files(name, ret ? NULL : err);
		ret = ret ? ret : removed;
	}
	return ret;
}

int fb_registry_make(const struct fb_case *c, const struct fb_target *t,
		     struct fb_err *err)
{
	char name[FB_TARGET_NAME];
	HANDLE root = NULL;
	int ret = new_hive(c, t, &root, err);

	if (ret)
		return ret;
	for (unsigned i = 0; !ret && i < fb_registry_hives(c); i++) {
		NTSTATUS status;

		/* What an earlier case could not remove. */
		fb_target_name(t, i, name);
		ret = remove_files(name, err);
		if (ret)
			break;
		status = fb_nt_save_hive(root, name);
		if (!NT_SUCCESS(status))
			ret = fb_target_fail(err, status, "cannot be written in full",
					     name);
	}
	NtClose(root);
	if (ret)
		fb_registry_remove(c, t, NULL);
	return ret;
}

int fb_registry_load(const struct fb_case *c, const struct fb_target *t, HANDLE *roots,
		     struct fb_err *err)
{
	const struct fb_nt_hive_options o = {
		.strategy = c->mode == FB_MODE_KEY_LEGACY ? FB_NT_LOG_AND_PRIMARY
							  : FB_NT_LOG_ONLY,
		.lazy_flush_ns = c->lazy_flush_ns,
	};
	char name[FB_TARGET_NAME];

	for (unsigned i = 0; i < fb_registry_hives(c); i++) {
		NTSTATUS status;

		fb_target_name(t, i, name);
		status = fb_nt_load_hive(name, &o, &roots[i]);
		if (NT_SUCCESS(status))
			continue;
		fb_registry_unload(roots, i);
		return fb_target_fail(err, status, "cannot be loaded", name);
	}
	return 0;
}

void fb_registry_unload(HANDLE *roots, unsigned n)
{
	/* Whether a file could still be brought up to date is of no concern: every
	 * one is removed. */
	for (unsigned i = 0; i < n; i++) {
		fb_nt_unload_hive(roots[i]);
		NtClose(roots[i]);
	}
}

static int copy_bytes(FILE *from, FILE *to)
{
	char buffer[1 << 16];
	size_t n;

	while ((n = fread(buffer, 1, sizeof(buffer), from)))
		if (fwrite(buffer, 1, n, to) != n)
			return -EIO;
	return ferror(from) ? -EIO : 0;
}

static int copy_file(const char *from_name, const char *to_name)
{
	FILE *from = fopen(from_name, "rb"), *to = NULL;
	int ret = from ? 0 : -errno;

	if (!ret) {
		to = fopen(to_name, "wb");
		ret = to ? copy_bytes(from, to) : -errno;
	}
	if (from)
		fclose(from);
	if (to && fclose(to) && !ret)
		ret = -EIO;
	return ret;
}

static int copy_hive(const char *hive, const char *copy)
{
	char from[LOG_NAME], to[LOG_NAME];
	int ret = 0;

	for (int i = 0; !ret && i <= LOGS; i++) {
		snprintf(from, sizeof(from), "%s%s", hive, ends[i]);
		snprintf(to, sizeof(to), "%s%s", copy, ends[i]);
		ret = copy_file(from, to);
	}
	return ret;
}

static NTSTATUS query(const struct fb_case *c, HANDLE root, uint64_t value, void *data)
{
	char name[FB_HIVE_LAYOUT_NAME];
	size_t bytes = 0;
	HANDLE key;
	NTSTATUS status;

	fb_hive_layout_key(value / c->values_per_key, name);
	status = fb_nt_open_key(root, name, KEY_QUERY_VALUE, &key);
	if (!NT_SUCCESS(status))
		return status;
	fb_hive_layout_value(value % c->values_per_key, name);
	status = fb_nt_query_value(key, name, NULL, data, c->value_size, &bytes);
	NtClose(key);
	return NT_SUCCESS(status) && bytes != c->value_size
		       ? STATUS_OBJECT_NAME_NOT_FOUND
		       : status;
}

int fb_registry_read(const struct fb_case *c, const char *file, uint64_t value,
		     void *data)
{
	const struct fb_nt_hive_options o = {.read_only = true};
	char copy[FB_TARGET_NAME + 8];
	HANDLE root;
	NTSTATUS status;
	int ret;

	snprintf(copy, sizeof(copy), "%s.copy", file);
	ret = copy_hive(file, copy);
	if (ret)
		goto out;
	status = fb_nt_load_hive(copy, &o, &root);
	if (NT_SUCCESS(status)) {
		status = query(c, root, value, data);
		NtClose(root);
	}
	ret = status == STATUS_OBJECT_NAME_NOT_FOUND ? -ENODATA : fb_nt_errno(status);
out:
	remove_files(copy, NULL);
	return ret;
}

/* The largest entry of a log: each write of an op in pages of its own. */
static uint64_t log_bytes(const struct fb_case *c)
{
	uint64_t pages = c->writes_per_flush * (2 + c->value_size / PAGE);
	uint64_t dirty = pages * PAGE < c->size ? pages * PAGE : c->size;

	return dirty < LOG_BYTES ? LOG_BYTES : dirty + c->size / PAGE + PAGE;
}

uint64_t fb_registry_disk_bytes(const struct fb_case *c)
{
	return fb_registry_hives(c) * (c->size + c->size / 20 + LOGS * log_bytes(c));
}

uint64_t fb_registry_memory_bytes(const struct fb_case *c)
{
	return fb_registry_hives(c) * (c->size + c->size / 16);
}
