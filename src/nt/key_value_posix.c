#include "nt/key_hive.h"

#include "nt/key_name.h"
#include "nt/keys.h"
#include "nt/status.h"

#include <errno.h>

/*
 * struct call - one routine on one value
 * @key: held
 */
struct call {
	struct fb_nt_key *key;
	struct fb_hive_name name;
	struct fb_nt_name_room room;
};

/* Handle, access and name, in that order; what succeeds ends in leave. */
static NTSTATUS enter(struct call *c, HANDLE key, ACCESS_MASK access, const char *name)
{
	NTSTATUS status = fb_nt_key_get(key, &c->key);

	if (status)
		return status;
	if (c->key->access & access)
		status = fb_nt_name(name, &c->room, &c->name);
	else
		status = fb_nt_told(STATUS_ACCESS_DENIED);
	if (status)
		fb_nt_key_put(c->key);
	return status;
}

static NTSTATUS leave(struct call *c, NTSTATUS status)
{
	fb_nt_key_put(c->key);
	return status;
}

NTSTATUS fb_nt_set_value(HANDLE key, const char *name, ULONG type, const void *data,
			 size_t bytes)
{
	struct call c;
	uint32_t cell;
	NTSTATUS status = enter(&c, key, KEY_SET_VALUE, name);
	int ret;

	if (status)
		return status;
	if ((!data && bytes) || bytes > INT32_MAX)
		return leave(&c, fb_nt_told(STATUS_INVALID_PARAMETER));
	fb_nt_change_begin(&c.key->hive->lock);
	status = fb_nt_key_check(c.key, &cell);
	if (!status) {
		ret = fb_value_set(c.key->hive->store, cell, c.name, type, data, bytes);
		status = ret ? fb_nt_told_tree(-ret) : STATUS_SUCCESS;
	}
	fb_nt_hive_change_end(c.key->hive);
	return leave(&c, status);
}

NTSTATUS fb_nt_delete_value(HANDLE key, const char *name)
{
	struct call c;
	uint32_t cell;
	NTSTATUS status = enter(&c, key, KEY_SET_VALUE, name);
	int ret;

	if (status)
		return status;
	fb_nt_change_begin(&c.key->hive->lock);
	status = fb_nt_key_check(c.key, &cell);
	if (!status) {
		ret = fb_value_delete(c.key->hive->store, cell, c.name);
		status = ret ? fb_nt_told_tree(-ret) : STATUS_SUCCESS;
	}
	fb_nt_hive_change_end(c.key->hive);
	return leave(&c, status);
}

/* struct result - where a value goes; @cap bytes at @data, what it has in @info */
struct result {
	void *data;
	size_t cap;
	struct fb_value_info info;
};

static NTSTATUS read_value(const struct call *c, struct result *r)
{
	const struct fb_hive *store = c->key->hive->store;
	uint32_t cell;
	const NTSTATUS status = fb_nt_key_check(c->key, &cell);
	int ret;

	if (status)
		return status;
	ret = fb_value_find(store, cell, c->name, &cell);
	if (!ret)
		ret = fb_value_info(store, cell, &r->info);
	if (!ret && r->info.bytes > r->cap)
		return fb_nt_told(STATUS_BUFFER_TOO_SMALL);
	if (!ret && r->info.bytes)
		ret = fb_value_read(store, cell, 0, r->data, r->info.bytes);
	return ret ? fb_nt_told_tree(-ret) : STATUS_SUCCESS;
}

NTSTATUS fb_nt_query_value(HANDLE key, const char *name, ULONG *type, void *data,
			   size_t cap, size_t *bytes)
{
	struct result r = {.data = data, .cap = cap};
	struct call c;
	NTSTATUS status = enter(&c, key, KEY_QUERY_VALUE, name);

	if (status)
		return status;
	if (!data && cap)
		return leave(&c, fb_nt_told(STATUS_INVALID_PARAMETER));
	fb_nt_query_begin(&c.key->hive->lock);
	status = read_value(&c, &r);
	fb_nt_query_end(&c.key->hive->lock);
	if (bytes && (!status || status == STATUS_BUFFER_TOO_SMALL))
		*bytes = r.info.bytes;
	if (type && !status)
		*type = r.info.type;
	return leave(&c, status);
}
