#include "bench/hivebench.h"

#include "nt/nt.h"
#include "stats/summary.h"

#include <fcntl.h>
#include <hivex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	SIZES = 3,
	MIB = 1 << 20,
	PAGE = 4096,
	BLOCK = 8192,
	FILE_BYTES = 4 * MIB, /* as a log has, so that neither is spread wider */
	PATH = 4096,
	LEGACY_SHARE = 10, /* of the pairs */
	HIVEX_OPS = 15,
};

static const unsigned mib[SIZES] = {1, 10, 100};

/* struct times - of @n operations, in ns */
struct times {
	double *ns;
	unsigned n;
};

/*
 * struct bed - one size: a hive for each strategy and one for hivex
 * @values: of each; @block: of the file, measured beside this size
 * @most: bytes of log that a flush by mode key took
 */
struct bed {
	struct fb_case c;
	uint64_t values;
	char path[PATH], legacy_path[PATH], hivex_path[PATH];
	HANDLE root, legacy;
	struct times key, block, key_legacy, hivex;
	uint64_t most;
};

static struct fb_rng rng;
static int file; /* FILE_BYTES long, already written */

static void note(struct times *t, double ns)
{
	t->ns[t->n++] = ns;
}

/* Page by page, as the store writes its logs: large folios would cost the block more.
 */
static void make_file(const char *folder)
{
	unsigned char *data = malloc(FILE_BYTES);
	char path[PATH];

	fb_rng_fill(&rng, data, FILE_BYTES);
	snprintf(path, PATH, "%s/file", folder);
	file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	bench_must(file >= 0, "making a file");
	for (size_t i = 0; i < FILE_BYTES; i += PAGE)
		bench_must(write(file, data + i, PAGE) == PAGE, "writing a file");
	bench_must(!fsync(file), "writing a file");
	free(data);
}

static HANDLE load(const char *path, enum fb_nt_flush_strategy strategy)
{
	struct fb_nt_hive_options o = {.strategy = strategy};
	HANDLE root;

	bench_must(NT_SUCCESS(fb_nt_load_hive(path, &o, &root)), "loading a hive");
	return root;
}

static void make_bed(struct bed *b, const char *folder, unsigned size, unsigned ops)
{
	b->c = bench_case((uint64_t)size * MIB);
	snprintf(b->path, PATH, "%s/hive%u", folder, size);
	snprintf(b->legacy_path, PATH, "%s/legacy%u", folder, size);
	snprintf(b->hivex_path, PATH, "%s/hivex%u", folder, size);
	b->values = bench_save(b->path, &b->c);
	bench_save(b->legacy_path, &b->c);
	bench_save(b->hivex_path, &b->c);
	b->root = load(b->path, FB_NT_LOG_ONLY);
	b->legacy = load(b->legacy_path, FB_NT_LOG_AND_PRIMARY);
	b->key.ns = calloc(ops, sizeof(double));
	b->block.ns = calloc(ops, sizeof(double));
	b->key_legacy.ns = calloc(ops, sizeof(double));
	b->hivex.ns = calloc(HIVEX_OPS, sizeof(double));
}

/* The key is opened before and closed after: what is timed is the change alone. */
static double change_value(const struct bed *b, HANDLE root)
{
	uint64_t at = fb_rng_below(&rng, b->values);
	ULONG data = (ULONG)fb_rng_next(&rng);
	char key[FB_HIVE_LAYOUT_NAME], value[FB_HIVE_LAYOUT_NAME];
	HANDLE h;
	double t;

	fb_hive_layout_key(at / b->c.values_per_key, key);
	fb_hive_layout_value(at % b->c.values_per_key, value);
	bench_must(NT_SUCCESS(fb_nt_open_key(root, key, KEY_SET_VALUE, &h)),
		   "opening a key");
	t = bench_now_ns();
	bench_must(
		NT_SUCCESS(fb_nt_set_value(h, value, REG_DWORD, &data, sizeof(data))) &&
			NT_SUCCESS(NtFlushKey(h)),
		"a flush");
	t = bench_now_ns() - t;
	NtClose(h);
	return t;
}

static double change_block(void)
{
	static unsigned char data[BLOCK];
	off_t at = (off_t)(fb_rng_below(&rng, FILE_BYTES / BLOCK) * BLOCK);
	uint64_t mark = fb_rng_next(&rng);
	double t;

	for (size_t i = 0; i < BLOCK; i += 512)
		memcpy(data + i, &mark, sizeof(mark));
	t = bench_now_ns();
	bench_must(pwrite(file, data, BLOCK, at) == BLOCK && !fdatasync(file),
		   "overwriting a block");
	return bench_now_ns() - t;
}

static struct fb_nt_hive_counters count(HANDLE root)
{
	struct fb_nt_hive_counters n;

	bench_must(NT_SUCCESS(fb_nt_hive_counters(root, &n)), "counting");
	return n;
}

static void change_key(struct bed *b)
{
	uint64_t before = count(b->root).log_bytes, bytes;

	note(&b->key, change_value(b, b->root));
	bytes = count(b->root).log_bytes - before;
	b->most = bytes > b->most ? bytes : b->most;
}

/* Sizes in turn and sides in turn, so that a drift of the disk hits all alike. */
static void run_pairs(struct bed *beds, unsigned ops)
{
	for (unsigned i = 0; i < ops; i++) {
		for (int s = 0; s < SIZES; s++) {
			struct bed *b = &beds[s];

			if (i % 2)
				note(&b->block, change_block());
			change_key(b);
			if (i % 2 == 0)
				note(&b->block, change_block());
		}
	}
}

static void run_legacy(struct bed *beds, unsigned ops)
{
	for (unsigned i = 0; i < ops; i++) {
		for (int s = 0; s < SIZES; s++)
			note(&beds[s].key_legacy,
			     change_value(&beds[s], beds[s].legacy));
	}
}

/* hivex syncs nothing, so we do it, to promise the same. */
static double change_hivex(const struct bed *b, hive_h *h, hive_node_h node)
{
	uint32_t data = (uint32_t)fb_rng_next(&rng);
	char value[FB_HIVE_LAYOUT_NAME];
	hive_set_value set = {value, 4, sizeof(data), (char *)&data};
	double t;
	int fd;

	fb_hive_layout_value(fb_rng_below(&rng, b->c.values_per_key), value);
	t = bench_now_ns();
	bench_must(!hivex_node_set_value(h, node, &set, 0) && !hivex_commit(h, NULL, 0),
		   "a commit of hivex");
	fd = open(b->hivex_path, O_RDWR | O_CLOEXEC);
	bench_must(fd >= 0 && !fsync(fd), "fsync");
	t = bench_now_ns() - t;
	close(fd);
	return t;
}

static void run_hivex(struct bed *b)
{
	hive_h *h = hivex_open(b->hivex_path, HIVEX_OPEN_WRITE);
	char key[FB_HIVE_LAYOUT_NAME], *name;
	hive_node_h node;

	bench_must(h != NULL, "opening a hive with hivex");
	for (unsigned i = 0; i < HIVEX_OPS; i++) {
		fb_hive_layout_key(fb_rng_below(&rng, b->values) / b->c.values_per_key,
				   key);
		name = strchr(key, '\\');
		*name++ = '\0';
		node = hivex_node_get_child(h, hivex_root(h), key);
		node = node ? hivex_node_get_child(h, node, name) : 0;
		bench_must(node != 0, "finding a key with hivex");
		note(&b->hivex, change_hivex(b, h, node));
	}
	hivex_close(h);
}

static double mean(const struct times *t)
{
	double sum = 0;

	for (unsigned i = 0; i < t->n; i++)
		sum += t->ns[i];
	return sum / t->n;
}

static double median(struct times *t)
{
	return fb_median(t->ns, t->n);
}

static void print_row(const struct bed *b, const char *what, struct times *t,
		      struct times *base)
{
	printf("%4u  %-18s %9.1f", (unsigned)(b->c.size / MIB), what, median(t) / 1e3);
	if (base)
		printf("  %7.2f", median(t) / median(base));
	else
		printf("  %7s", "");
	printf("  %9.1f", mean(t) / 1e3);
	if (base)
		printf("  %7.2f", mean(t) / mean(base));
	printf("\n");
}

static void print_bed(struct bed *b)
{
	print_row(b, "8 KiB of a file", &b->block, NULL);
	print_row(b, "key", &b->key, &b->block);
	print_row(b, "key-legacy", &b->key_legacy, &b->block);
	print_row(b, "hivex and fsync", &b->hivex, &b->block);
}

static void print_bytes(const struct bed *b)
{
	struct fb_nt_hive_counters n = count(b->root), o = count(b->legacy);

	printf("%4u  key: log %4.1f, at most %4.1f, hive %4.1f; key-legacy: log %4.1f, "
	       "hive %4.1f\n",
	       (unsigned)(b->c.size / MIB), (double)n.log_bytes / b->key.n / 1024,
	       (double)b->most / 1024, (double)n.primary_bytes / b->key.n / 1024,
	       (double)o.log_bytes / b->key_legacy.n / 1024,
	       (double)o.primary_bytes / b->key_legacy.n / 1024);
}

static void print_beds(struct bed *beds)
{
	double low = median(&beds[0].key), high = low;

	printf("  MB                     median us    ratio    mean us    ratio\n");
	for (int s = 0; s < SIZES; s++) {
		double m = median(&beds[s].key);

		print_bed(&beds[s]);
		low = m < low ? m : low;
		high = m > high ? m : high;
	}
	printf("key's medians, largest by smallest: %.3f\nKiB of a flush:\n",
	       high / low);
	for (int s = 0; s < SIZES; s++)
		print_bytes(&beds[s]);
}

void hivebench_flush(const char *folder, unsigned ops)
{
	static struct bed beds[SIZES];

	fb_rng_init(&rng, 1);
	make_file(folder);
	for (int s = 0; s < SIZES; s++)
		make_bed(&beds[s], folder, mib[s], ops);
	run_pairs(beds, ops);
	run_legacy(beds, ops / LEGACY_SHARE + 1);
	for (int s = 0; s < SIZES; s++)
		run_hivex(&beds[s]);
	print_beds(beds);
	for (int s = 0; s < SIZES; s++) {
		fb_nt_unload_hive(beds[s].root);
		fb_nt_unload_hive(beds[s].legacy);
	}
}
