#include "nt/key_hive.h"

#include "nt/key_name.h"
#include "nt/keys.h"
#include "nt/status.h"

#include <errno.h>

/*
 * struct opening - a handle to be made
 * @path: below @parent, checked
 */
struct opening {
	struct fb_nt_key *parent;
	struct fb_hive_name path;
	struct fb_nt_key *key;
	bool make;
	bool made;
};

/* All but the last part is followed; that one, empty if there is none, is in @last. */
static int follow(const struct fb_hive *store, struct fb_hive_name path, uint32_t *cell,
		  struct fb_hive_name *last)
{
	int ret = 0;

	*last = fb_nt_path_part(&path);
	while (!ret && path.n) {
		ret = fb_key_find(store, *cell, *last, cell);
		*last = fb_nt_path_part(&path);
	}
	return ret;
}

static NTSTATUS make(struct opening *o, struct fb_hive_name name, uint32_t *cell)
{
	int ret;

	if (!(o->parent->access & KEY_CREATE_SUB_KEY))
		return fb_nt_told(STATUS_ACCESS_DENIED);
	ret = fb_key_create(o->parent->hive->store, *cell, name, cell);
	o->made = !ret;
	return ret ? fb_nt_told_tree(-ret) : STATUS_SUCCESS;
}

static NTSTATUS find_or_make(struct opening *o)
{
	const struct fb_nt_key *parent = o->parent;
	struct fb_hive_name last;
	uint32_t cell;
	NTSTATUS status = fb_nt_key_check(parent, &cell);
	int ret;

	if (status)
		return status;
	ret = follow(parent->hive->store, o->path, &cell, &last);
	if (ret)
		return fb_nt_told_tree(-ret);
	if (last.n)
		ret = fb_key_find(parent->hive->store, cell, last, &cell);
	if (ret == -ENOENT && o->make)
		status = make(o, last, &cell);
	else if (ret)
		status = fb_nt_told_tree(-ret);
	if (!status)
		fb_nt_key_attach(o->key, cell);
	return status;
}

static NTSTATUS find_or_make_locked(struct opening *o)
{
	struct fb_nt_hive *h = o->parent->hive;
	NTSTATUS status;

	if (o->make) {
		fb_nt_change_begin(&h->lock);
		status = find_or_make(o);
		fb_nt_hive_change_end(h);
	} else {
		fb_nt_query_begin(&h->lock);
		status = find_or_make(o);
		fb_nt_query_end(&h->lock);
	}
	return status;
}

static NTSTATUS open_below(struct opening *o, const char *name, ACCESS_MASK access,
			   HANDLE *out)
{
	struct fb_nt_name_room room;
	HANDLE handle;
	NTSTATUS status;

	if (!out || access & ~(ACCESS_MASK)KEY_ALL_ACCESS)
		return fb_nt_told(STATUS_INVALID_PARAMETER);
	status = fb_nt_path(name, &room, &o->path);
	if (!status)
		status = fb_nt_key_new(o->parent->hive, access, &o->key, &handle);
	if (status)
		return status;
	status = find_or_make_locked(o);
	if (status)
		fb_nt_object_close(handle, FB_NT_OBJECT_KEY);
	else
		*out = handle;
	return status;
}

NTSTATUS fb_nt_create_key(HANDLE parent, const char *name, ACCESS_MASK access,
			  HANDLE *out, bool *created)
{
	struct opening o = {.make = true};
	NTSTATUS status = fb_nt_key_get(parent, &o.parent);

	if (status)
		return status;
	status = open_below(&o, name, access, out);
	if (!status && created)
		*created = o.made;
	fb_nt_key_put(o.parent);
	return status;
}

NTSTATUS fb_nt_open_key(HANDLE parent, const char *name, ACCESS_MASK access,
			HANDLE *out)
{
	struct opening o = {.make = false};
	NTSTATUS status = fb_nt_key_get(parent, &o.parent);

	if (status)
		return status;
	status = open_below(&o, name, access, out);
	fb_nt_key_put(o.parent);
	return status;
}

static NTSTATUS delete_locked(struct fb_nt_key *k)
{
	struct fb_hive *store = k->hive->store;
	uint32_t cell;
	const NTSTATUS status = fb_nt_key_check(k, &cell);
	int ret;

	if (status)
		return status;
	if (cell == fb_hive_root(store))
		return fb_nt_told(STATUS_CANNOT_DELETE);
	ret = fb_key_delete(store, cell);
	if (ret)
		return fb_nt_told_tree(-ret);
	fb_nt_key_forget(k->hive, cell);
	return STATUS_SUCCESS;
}

NTSTATUS fb_nt_delete_key(HANDLE key)
{
	struct fb_nt_key *k;
	NTSTATUS status = fb_nt_key_get(key, &k);

	if (status)
		return status;
	if (!(k->access & DELETE)) {
		status = fb_nt_told(STATUS_ACCESS_DENIED);
	} else {
		fb_nt_change_begin(&k->hive->lock);
		status = delete_locked(k);
		fb_nt_hive_change_end(k->hive);
	}
	fb_nt_key_put(k);
	return status;
}

static NTSTATUS name_of_child(const struct fb_nt_key *k, ULONG index, char *name,
			      size_t cap)
{
	const struct fb_hive *store = k->hive->store;
	uint16_t units[FB_KEY_NAME_MAX];
	uint32_t cell;
	const NTSTATUS status = fb_nt_key_check(k, &cell);
	int ret;

	if (status)
		return status;
	ret = fb_key_child(store, cell, index, &cell);
	if (ret == -ENOENT)
		return fb_nt_told(STATUS_NO_MORE_ENTRIES);
	if (!ret)
		ret = fb_key_name(store, cell, units);
	if (ret < 0)
		return fb_nt_told_tree(-ret);
	ret = fb_name_to_utf8((struct fb_hive_name){units, (size_t)ret}, name, cap);
	return ret < 0 ? fb_nt_told_as(STATUS_BUFFER_TOO_SMALL, -ret) : STATUS_SUCCESS;
}

NTSTATUS fb_nt_enumerate_key(HANDLE key, ULONG index, char *name, size_t cap)
{
	struct fb_nt_key *k;
	NTSTATUS status = fb_nt_key_get(key, &k);

	if (status)
		return status;
	if (!(k->access & KEY_ENUMERATE_SUB_KEYS)) {
		status = fb_nt_told(STATUS_ACCESS_DENIED);
	} else if (!name) {
		status = fb_nt_told(STATUS_INVALID_PARAMETER);
	} else {
		fb_nt_query_begin(&k->hive->lock);
		status = name_of_child(k, index, name, cap);
		fb_nt_query_end(&k->hive->lock);
	}
	fb_nt_key_put(k);
	return status;
}
