/*
 * hivebench.c - the hive store beside its peers: a file of plain blocks, and hivex
 */
#include "bench/hivebench.h"

#include "nt/nt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { VALUES_PER_KEY = 100 };

double bench_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

void bench_must(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "hivebench: %s failed\n", what);
	exit(1);
}

struct fb_case bench_case(uint64_t bytes)
{
	return (struct fb_case){
		.size = bytes,
		.values_per_key = VALUES_PER_KEY,
		.value_size = sizeof(ULONG),
	};
}

static HANDLE make_key(HANDLE root, const char *name)
{
	HANDLE key;

	bench_must(NT_SUCCESS(fb_nt_create_key(root, name, KEY_SET_VALUE, &key, NULL)),
		   "making a key");
	return key;
}

static void fill_key(HANDLE root, uint64_t key, uint64_t values)
{
	char name[FB_HIVE_LAYOUT_NAME];
	HANDLE h;

	if (key % FB_HIVE_LAYOUT_GROUP == 0) {
		fb_hive_layout_group(key / FB_HIVE_LAYOUT_GROUP, name);
		NtClose(make_key(root, name));
	}
	fb_hive_layout_key(key, name);
	h = make_key(root, name);
	for (uint64_t v = 0; v < values; v++) {
		ULONG data = (ULONG)(key * VALUES_PER_KEY + v);

		fb_hive_layout_value(v, name);
		bench_must(NT_SUCCESS(fb_nt_set_value(h, name, REG_DWORD, &data,
						      sizeof(data))),
			   "making a value");
	}
	NtClose(h);
}

uint64_t bench_fill(HANDLE root, const struct fb_case *c, uint64_t values)
{
	for (uint64_t done = 0; done < values; done += c->values_per_key)
		fill_key(root, done / c->values_per_key,
			 values - done < c->values_per_key ? values - done
							   : c->values_per_key);
	return values;
}

uint64_t bench_save(const char *path, const struct fb_case *c)
{
	HANDLE root;
	uint64_t values;

	bench_must(NT_SUCCESS(fb_nt_new_hive(&root)), "making a hive");
	values = bench_fill(root, c, fb_hive_layout_values(c));
	bench_must(NT_SUCCESS(fb_nt_save_hive(root, path)), "saving a hive");
	NtClose(root);
	return values;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "flush"))
		hivebench_flush(argv[2], (unsigned)strtoul(argv[3], NULL, 10));
	else if (argc == 3 && !strcmp(argv[1], "memory"))
		hivebench_memory(argv[2]);
	else if (argc == 3 && !strcmp(argv[1], "load"))
		hivebench_load(argv[2]);
	else {
		fprintf(stderr, "usage: hivebench flush FOLDER OPS | hivebench memory "
				"FOLDER | hivebench load FOLDER\n");
		return 2;
	}
	return 0;
}
