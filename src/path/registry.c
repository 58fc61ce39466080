#include "path/registry.h"

#include "nt/nt.h"
#include "path/promise.h"
#include "path/registry_hives.h"
#include "path/target_file.h"
#include "plan/hive_layout.h"

#include <errno.h>
#include <stdlib.h>

/* @roots: of every hive of the case */
struct registry_path {
	struct fb_path base;
	const struct fb_target *target;
	uint64_t values;
	unsigned n;
	HANDLE *roots;
};

/*
 * @first: this lane's first hive, of @hives
 * @key:   number of the key that is open in each of them, as @keys; NO_KEY: none
 */
struct registry_lane {
	struct fb_lane base;
	const struct registry_path *path;
	unsigned first, hives;
	uint64_t key;
	ULONG type;
	HANDLE keys[];
};

#define NO_KEY UINT64_MAX

static int registry_open(struct fb_path **out, const struct fb_case *c,
			 const struct fb_target *t, struct fb_err *err)
{
	struct registry_path *p = calloc(1, sizeof(*p));
	int ret;

	if (p)
		p->roots = calloc(fb_registry_hives(c), sizeof(HANDLE));
	if (!p || !p->roots) {
		free(p);
		return fb_err_set(err, -ENOMEM, "out of memory");
	}
	p->base = (struct fb_path){&fb_path_registry, c};
	p->target = t;
	p->values = fb_hive_layout_values(c);
	p->n = fb_registry_hives(c);
	ret = fb_registry_make(c, t, err);
	if (ret)
		goto out_free;
	ret = fb_registry_load(c, t, p->roots, err);
	if (ret)
		goto out_remove;
	*out = &p->base;
	return 0;
out_remove:
	fb_registry_remove(c, t, NULL);
out_free:
	free(p->roots);
	free(p);
	return ret;
}

static int registry_close(struct fb_path *base, struct fb_err *err)
{
	struct registry_path *p = (struct registry_path *)base;
	int ret;

	fb_registry_unload(p->roots, p->n);
	ret = fb_registry_remove(base->c, p->target, err);
	free(p->roots);
	free(p);
	return ret;
}

static int registry_sync(struct fb_path *base, struct fb_err *err)
{
	struct registry_path *p = (struct registry_path *)base;
	char name[FB_TARGET_NAME];

	for (unsigned i = 0; i < p->n; i++) {
		NTSTATUS status = fb_nt_reconcile_hive(p->roots[i]);

		if (NT_SUCCESS(status))
			continue;
		fb_target_name(p->target, i, name);
		return fb_target_fail(err, status, "cannot be brought up to date",
				      name);
	}
	return 0;
}

static void registry_counters(struct fb_path *base, struct fb_path_counters *out)
{
	struct registry_path *p = (struct registry_path *)base;
	struct fb_nt_hive_counters one, all = {0};

	for (unsigned i = 0; i < p->n; i++) {
		if (!NT_SUCCESS(fb_nt_hive_counters(p->roots[i], &one)))
			return;
		all.log_bytes += one.log_bytes;
		all.primary_bytes += one.primary_bytes;
		all.hive_bytes += one.hive_bytes;
		all.lazy_flushes += one.lazy_flushes;
		all.lazy_bytes += one.lazy_bytes;
	}
	out->log_bytes = all.log_bytes;
	out->primary_bytes = all.primary_bytes;
	out->hive_growth_bytes = all.hive_bytes;
	out->lazy_flushes = all.lazy_flushes;
	out->lazy_bytes = all.lazy_bytes;
}

static int registry_lane_open(struct fb_lane **out, struct fb_path *base,
			      unsigned thread, struct fb_err *err)
{
	const struct fb_case *c = base->c;
	unsigned hives = (unsigned)c->hives;
	struct registry_lane *l = calloc(1, sizeof(*l) + hives * sizeof(l->keys[0]));

	if (!l)
		return fb_err_set(err, -ENOMEM, "out of memory");
	l->base.ops = &fb_path_registry;
	l->path = (const struct registry_path *)base;
	l->first = fb_target_of(c, thread) * hives;
	l->hives = hives;
	l->key = NO_KEY;
	l->type = c->value_size == sizeof(ULONG) ? REG_DWORD : REG_BINARY;
	*out = &l->base;
	return 0;
}

static int lane_fail(struct registry_lane *l, NTSTATUS status, unsigned hive,
		     const char *what)
{
	char name[FB_TARGET_NAME];

	fb_target_name(l->path->target, l->first + hive, name);
	return fb_target_fail(&l->base.err, status, what, name);
}

static void close_keys(struct registry_lane *l)
{
	for (unsigned h = 0; h < l->hives; h++) {
		if (l->keys[h])
			NtClose(l->keys[h]);
		l->keys[h] = NULL;
	}
	l->key = NO_KEY;
}

/* An empty hive has its keys, and their groups, made when they are first needed. */
static NTSTATUS make_key(HANDLE root, uint64_t key, const char *name, HANDLE *out)
{
	NTSTATUS status = fb_nt_create_key(root, name, KEY_SET_VALUE, out, NULL);
	char group[FB_HIVE_LAYOUT_NAME];
	HANDLE made;

	if (status != STATUS_OBJECT_NAME_NOT_FOUND)
		return status;
	fb_hive_layout_group(key / FB_HIVE_LAYOUT_GROUP, group);
	status = fb_nt_create_key(root, group, 0, &made, NULL);
	if (!NT_SUCCESS(status))
		return status;
	NtClose(made);
	return fb_nt_create_key(root, name, KEY_SET_VALUE, out, NULL);
}

static int open_keys(struct registry_lane *l, uint64_t key)
{
	bool make = l->path->base.c->prepare == FB_PREPARE_EXTEND;
	char name[FB_HIVE_LAYOUT_NAME];

	close_keys(l);
	fb_hive_layout_key(key, name);
	for (unsigned h = 0; h < l->hives; h++) {
		HANDLE root = l->path->roots[l->first + h];
		NTSTATUS status;

		if (make)
			status = make_key(root, key, name, &l->keys[h]);
		else
			status = fb_nt_open_key(root, name, KEY_SET_VALUE, &l->keys[h]);
		if (!NT_SUCCESS(status))
			return lane_fail(l, status, h, "a key cannot be opened");
	}
	l->key = key;
	return 0;
}

static int registry_write(struct fb_lane *base, const struct fb_write *w)
{
	struct registry_lane *l = (struct registry_lane *)base;
	const struct fb_case *c = l->path->base.c;
	uint64_t value = w->offset / c->value_size, key = value / c->values_per_key;
	char name[FB_HIVE_LAYOUT_NAME];
	int ret;

	if (value >= l->path->values)
		return lane_fail(l, STATUS_INVALID_PARAMETER, 0,
				 "there is no such value");
	if (key != l->key) {
		ret = open_keys(l, key);
		if (ret)
			return ret;
	}
	fb_hive_layout_value(value % c->values_per_key, name);
	for (unsigned h = 0; h < l->hives; h++) {
		NTSTATUS status = fb_nt_set_value(l->keys[h], name, l->type, w->data,
						  w->length);

		if (!NT_SUCCESS(status))
			return lane_fail(l, status, h, "a value cannot be set");
	}
	return 0;
}

static int registry_flush(struct fb_lane *base, uint64_t offset, uint64_t length)
{
	struct registry_lane *l = (struct registry_lane *)base;

	(void)offset; /* the documented call knows no range: the whole hive */
	(void)length;
	for (unsigned h = 0; h < l->hives; h++) {
		HANDLE key = l->key == NO_KEY ? l->path->roots[l->first + h]
					      : l->keys[h];
		NTSTATUS status = NtFlushKey(key);

		if (!NT_SUCCESS(status))
			return lane_fail(l, status, h, "flush failed");
	}
	return 0;
}

/* Here and not in the flush: the last key of an op is what it flushes by. */
static void registry_end_op(struct fb_lane *base)
{
	close_keys((struct registry_lane *)base);
}

static void registry_lane_close(struct fb_lane *base)
{
	close_keys((struct registry_lane *)base);
	free(base);
}

/* The last hive of a target is flushed last: what it holds they all hold. */
static int registry_read_back(struct fb_path *base, unsigned thread, uint64_t offset,
			      void *data, uint64_t length)
{
	struct registry_path *p = (struct registry_path *)base;
	const struct fb_case *c = base->c;
	uint64_t value = offset / c->value_size;
	char name[FB_TARGET_NAME];

	if (value >= p->values || length != c->value_size)
		return -ENODATA;
	fb_target_name(p->target,
		       (fb_target_of(c, thread) + 1) * (unsigned)c->hives - 1, name);
	return fb_registry_read(c, name, value, data);
}

const struct fb_path_ops fb_path_registry = {
	.id = FB_PATH_REGISTRY,
	.open = registry_open,
	.lane_open = registry_lane_open,
	.lane_enter = fb_target_enter,
	.write = registry_write,
	.flush = registry_flush,
	.end_op = registry_end_op,
	.lane_close = registry_lane_close,
	.sync = registry_sync,
	.close = registry_close,
	.counters = registry_counters,
	.promise = fb_promise_of,
	.read_back = registry_read_back,
};
