#include "host/host.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int fb_facts_add(struct fb_facts *f, const char *key, const char *fmt, ...)
{
	struct fb_fact *fact;
	va_list ap;

	if (f->n == f->room) {
		size_t room = f->room ? 2 * f->room : 32;
		struct fb_fact *list = realloc(f->list, room * sizeof(*list));

		if (!list)
			return -ENOMEM;
		f->list = list;
		f->room = room;
	}
	fact = &f->list[f->n++];
	snprintf(fact->key, sizeof(fact->key), "%s", key);
	va_start(ap, fmt);
	vsnprintf(fact->value, sizeof(fact->value), fmt, ap);
	va_end(ap);
	return 0;
}

void fb_facts_free(struct fb_facts *f)
{
	free(f->list);
	*f = (struct fb_facts){0};
}

static int add_known(struct fb_facts *f, const char *key, const char *value)
{
	return *value ? fb_facts_add(f, key, "%s", value) : 0;
}

static const char *choose(enum fb_tri t, const char *yes, const char *no)
{
	if (t == FB_MAYBE)
		return "";
	return t == FB_YES ? yes : no;
}

/* @as: "disk0", "below2" */
static int add_disk(struct fb_facts *f, const char *as, const struct fb_disk *d)
{
	const bool loop = *d->backing_file;
	const struct {
		const char *what, *value;
	} list[] = {
		{"", d->name},
		{"_above", d->above},
		{"_model", d->model},
		{"_write_cache", choose(d->write_cache, "write back", "write through")},
		{"_fua", choose(d->fua, "yes", "no")},
		{"_rotational", choose(d->rotational, "yes", "no")},
		{"_scheduler", d->scheduler},
		{"_backing_file", d->backing_file},
		{"_direct_io", loop ? choose(d->direct_io, "yes", "no") : ""},
	};
	char key[sizeof(f->list->key)];
	int ret = 0;

	for (size_t i = 0; !ret && i < sizeof(list) / sizeof(list[0]); i++) {
		snprintf(key, sizeof(key), "%s%s", as, list[i].what);
		ret = add_known(f, key, list[i].value);
	}
	return ret;
}

static int add_disks(struct fb_facts *f, const char *word, const struct fb_disk *list,
		     size_t n)
{
	char as[32];
	int ret = 0;

	for (size_t i = 0; !ret && i < n; i++) {
		snprintf(as, sizeof(as), "%s%zu", word, i);
		ret = add_disk(f, as, &list[i]);
	}
	return ret;
}

static int add_nv(struct fb_facts *f, const struct fb_nv *nv)
{
	static const char *const domain[] = {
		[FB_NV_DOMAIN_UNKNOWN] = "",
		[FB_NV_DOMAIN_NONE] = "",
		[FB_NV_DOMAIN_MEMORY] = "memory_controller",
		[FB_NV_DOMAIN_CPU] = "cpu_cache",
	};
	int ret;

	if (!nv->region[0])
		return 0;
	ret = add_known(f, "nv_region", nv->region);
	if (!ret)
		ret = add_known(f, "nv_provider", nv->provider);
	if (!ret)
		ret = add_known(f, "nv_persistence_domain", domain[nv->domain]);
	if (!ret)
		ret = add_known(f, "nv_read_only", choose(nv->read_only, "yes", "no"));
	return ret;
}

int fb_host_device_facts(struct fb_facts *f, const struct fb_device *d)
{
	static const char *const medium[] = {
		[FB_MEDIUM_UNKNOWN] = "",
		[FB_MEDIUM_DISK] = "disk",
		[FB_MEDIUM_MEMORY] = "memory",
		[FB_MEDIUM_NETWORK] = "network",
	};
	int ret = add_known(f, "target_fs", d->fs);

	if (!ret)
		ret = add_known(f, "target_mount", d->mount_point);
	if (!ret)
		ret = add_known(f, "target_source", d->source);
	if (!ret)
		ret = add_known(f, "target_options", d->options);
	if (!ret)
		ret = add_known(f, "target_medium", medium[d->medium]);
	if (!ret)
		ret = add_disks(f, "disk", d->disks, d->n_disks);
	if (!ret)
		ret = add_disks(f, "below", d->below, d->n_below);
	return ret ? ret : add_nv(f, &d->nv);
}
