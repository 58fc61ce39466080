#include "bench/hivebench.h"

#include "hive/hive.h"
#include "nt/nt.h"
#include "stats/summary.h"

#include <hivex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	KEYS = 10000,
	VALUES = 100,
	OPS = 200000,
	HIVEX_OPS = 2000,
	PATH = 4096,
	LOADS = 9,
	LOAD_MIB = 100
};

/* struct pick - one value of the hive, named before the clock runs */
struct pick {
	char key[FB_HIVE_LAYOUT_NAME];
	char value[FB_HIVE_LAYOUT_NAME];
};

static struct pick picks[OPS];

static void pick_all(struct fb_rng *r)
{
	for (unsigned i = 0; i < OPS; i++) {
		fb_hive_layout_key(fb_rng_below(r, KEYS), picks[i].key);
		fb_hive_layout_value(fb_rng_below(r, VALUES), picks[i].value);
	}
}

static HANDLE open_key(HANDLE root, const char *name)
{
	HANDLE h;

	bench_must(NT_SUCCESS(fb_nt_open_key(root, name, KEY_SET_VALUE, &h)),
		   "opening a key");
	return h;
}

static void set_value(HANDLE key, const char *name, ULONG data)
{
	bench_must(
		NT_SUCCESS(fb_nt_set_value(key, name, REG_DWORD, &data, sizeof(data))),
		"setting a value");
}

/* The key is open: VALUES sets of random values of it, then another key. */
static double set_of_open_key(HANDLE root)
{
	double ns = 0;

	for (unsigned i = 0; i < OPS; i += VALUES) {
		HANDLE h = open_key(root, picks[i].key);
		double t = bench_now_ns();

		for (unsigned v = 0; v < VALUES; v++)
			set_value(h, picks[i + v].value, i);
		ns += bench_now_ns() - t;
		NtClose(h);
	}
	return ns / OPS;
}

static double set_by_name(HANDLE root)
{
	double t = bench_now_ns();

	for (unsigned i = 0; i < OPS; i++) {
		HANDLE h = open_key(root, picks[i].key);

		set_value(h, picks[i].value, i);
		NtClose(h);
	}
	return (bench_now_ns() - t) / OPS;
}

/* What the store itself takes, without names in UTF-8, handles and locks. */
static struct fb_hive_name name_of(const char *text, uint16_t *units)
{
	int n = fb_name_from_utf8(text, units, FB_HIVE_LAYOUT_NAME);

	bench_must(n >= 0, "a name");
	return (struct fb_hive_name){units, (size_t)n};
}

static uint32_t find_key(const struct fb_hive *h, char *path)
{
	uint16_t units[FB_HIVE_LAYOUT_NAME];
	char *name = strchr(path, '\\');
	uint32_t key = fb_hive_root(h);

	*name = '\0';
	bench_must(!fb_key_find(h, key, name_of(path, units), &key), "finding a group");
	*name = '\\';
	bench_must(!fb_key_find(h, key, name_of(name + 1, units), &key),
		   "finding a key");
	return key;
}

static double store_open_key(struct fb_hive *h)
{
	uint16_t units[FB_HIVE_LAYOUT_NAME];
	double ns = 0;

	for (unsigned i = 0; i < OPS; i += VALUES) {
		uint32_t key = find_key(h, picks[i].key);
		double t = bench_now_ns();

		for (unsigned v = 0; v < VALUES; v++)
			bench_must(!fb_value_set(h, key,
						 name_of(picks[i + v].value, units),
						 REG_DWORD, &v, sizeof(v)),
				   "setting a value");
		ns += bench_now_ns() - t;
	}
	return ns / OPS;
}

static double store_by_name(struct fb_hive *h)
{
	uint16_t units[FB_HIVE_LAYOUT_NAME];
	double t = bench_now_ns();

	for (unsigned i = 0; i < OPS; i++)
		bench_must(!fb_value_set(h, find_key(h, picks[i].key),
					 name_of(picks[i].value, units), REG_DWORD, &i,
					 sizeof(i)),
			   "setting a value");
	return (bench_now_ns() - t) / OPS;
}

static double hivex_by_name(const char *path)
{
	hive_h *h = hivex_open(path, HIVEX_OPEN_WRITE);
	double t = bench_now_ns();

	bench_must(h != NULL, "opening a hive with hivex");
	for (unsigned i = 0; i < HIVEX_OPS; i++) {
		char *name = strchr(picks[i].key, '\\');
		hive_set_value set = {picks[i].value, 4, sizeof(i), (char *)&i};
		hive_node_h node;

		*name = '\0';
		node = hivex_node_get_child(h, hivex_root(h), picks[i].key);
		*name = '\\';
		node = node ? hivex_node_get_child(h, node, name + 1) : 0;
		bench_must(node && !hivex_node_set_value(h, node, &set, 0),
			   "setting a value with hivex");
	}
	t = (bench_now_ns() - t) / HIVEX_OPS;
	hivex_close(h);
	return t;
}

static struct fb_hive *open_store(const char *path)
{
	struct fb_hive_io *io;
	struct fb_hive *h;

	bench_must(!fb_hive_disk_open(&io, path, FB_HIVE_WRITE, NULL),
		   "opening the files of a hive");
	bench_must(!fb_hive_open(&h, io, NULL, NULL), "opening a hive");
	return h;
}

void hivebench_memory(const char *folder)
{
	struct fb_case c = bench_case(0);
	struct fb_hive *h;
	struct fb_rng r;
	char path[PATH];
	HANDLE root;

	fb_rng_init(&r, 1);
	pick_all(&r);
	snprintf(path, sizeof(path), "%s/memory", folder);
	bench_must(NT_SUCCESS(fb_nt_new_hive(&root)), "making a hive");
	bench_fill(root, &c, (uint64_t)KEYS * VALUES);
	bench_must(NT_SUCCESS(fb_nt_save_hive(root, path)), "saving a hive");
	set_of_open_key(root);
	printf("set_open_key %.0f\n", set_of_open_key(root));
	printf("set_by_name %.0f\n", set_by_name(root));
	NtClose(root);
	h = open_store(path);
	store_open_key(h);
	printf("store_open_key %.0f\n", store_open_key(h));
	printf("store_by_name %.0f\n", store_by_name(h));
	fb_hive_free(h);
	printf("hivex_by_name %.0f\n", hivex_by_name(path));
}

static double load_ours(const char *path, bool read_only)
{
	struct fb_nt_hive_options o = {.read_only = read_only};
	double t = bench_now_ns();
	HANDLE root;

	bench_must(NT_SUCCESS(fb_nt_load_hive(path, &o, &root)), "loading a hive");
	t = bench_now_ns() - t;
	fb_nt_unload_hive(root);
	NtClose(root);
	return t;
}

static double load_hivex(const char *path)
{
	double t = bench_now_ns();
	hive_h *h = hivex_open(path, HIVEX_OPEN_WRITE);

	bench_must(h != NULL, "opening a hive with hivex");
	t = bench_now_ns() - t;
	hivex_close(h);
	return t;
}

void hivebench_load(const char *folder)
{
	struct fb_case c = bench_case((uint64_t)LOAD_MIB << 20);
	double ours[LOADS], reading[LOADS], hivex[LOADS];
	char path[PATH];

	snprintf(path, sizeof(path), "%s/load", folder);
	bench_save(path, &c);
	printf("first %.1f\n", load_ours(path, false) / 1e6);
	for (int i = 0; i < LOADS; i++) {
		ours[i] = load_ours(path, false) / 1e6;
		hivex[i] = load_hivex(path) / 1e6;
		reading[i] = load_ours(path, true) / 1e6;
	}
	printf("load %.1f\n", fb_median(ours, LOADS));
	printf("load_read_only %.1f\n", fb_median(reading, LOADS));
	printf("load_hivex %.1f\n", fb_median(hivex, LOADS));
}
