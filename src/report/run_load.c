#include "report/run_dir.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Case and repetition in one number, to sort and seek by. */
#define NO_KEY UINT64_MAX

struct finished {
	uint64_t *keys;
	size_t n;
};

/* What fb_csv_keep's question is asked with. */
struct keeper {
	const struct finished *done;
	int case_column;
	int rep_column;
	uint64_t last; /* neighbouring rows are mostly of one repetition */
	int last_kept;
	int ret;
	struct fb_err *err;
};

static int read_key(const struct fb_csv_table *t, size_t row, struct keeper *k,
		    uint64_t *key)
{
	double id, rep;
	int ret = fb_csv_get_real(t, row, k->case_column, &id, k->err);

	if (!ret)
		ret = fb_csv_get_real(t, row, k->rep_column, &rep, k->err);
	if (ret)
		return ret;
	if (isnan(id) || isnan(rep) || id < 0 || rep < 0 || id > UINT32_MAX ||
	    rep > UINT32_MAX)
		*key = NO_KEY;
	else
		*key = (uint64_t)id << 32 | (uint64_t)rep;
	return 0;
}

static int compare_keys(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static int find_columns(const struct fb_csv_table *t, const char *dir,
			enum fb_run_file file, struct keeper *k)
{
	k->case_column = fb_csv_find(t, "case_id");
	k->rep_column = fb_csv_find(t, "rep");
	if (k->case_column >= 0 && k->rep_column >= 0)
		return 0;
	return fb_err_set(k->err, -EINVAL, "%s/%s: no column %s", dir,
			  fb_run_file_names[file],
			  k->case_column < 0 ? "case_id" : "rep");
}

static int list_finished(const struct fb_csv_table *t, const char *dir,
			 struct finished *done, struct fb_err *err)
{
	struct keeper k = {.err = err};
	size_t rows = fb_csv_rows(t);
	int ret = find_columns(t, dir, FB_RUN_SUMMARY, &k);

	if (ret)
		return ret;
	done->keys = malloc((rows + 1) * sizeof(*done->keys));
	if (!done->keys)
		return fb_err_set(err, -ENOMEM, "%s: out of memory", dir);
	for (size_t row = 0; row < rows; row++) {
		ret = read_key(t, row, &k, &done->keys[row]);
		if (ret)
			return ret;
	}
	done->n = rows;
	qsort(done->keys, rows, sizeof(*done->keys), compare_keys);
	return 0;
}

static int keep_finished(const struct fb_csv_table *t, size_t row, void *ctx)
{
	struct keeper *k = ctx;
	uint64_t key;
	int ret;

	/* A warning about the whole run, or about a case before it ran. */
	if (!*fb_csv_get(t, row, k->case_column) || !*fb_csv_get(t, row, k->rep_column))
		return 1;
	ret = read_key(t, row, k, &key);
	if (ret) {
		k->ret = k->ret ? k->ret : ret;
		return 1;
	}
	if (key != k->last) {
		k->last = key;
		k->last_kept = bsearch(&key, k->done->keys, k->done->n, sizeof(key),
				       compare_keys) != NULL;
	}
	return k->last_kept;
}

static int drop_unfinished(struct fb_run *r, const char *dir,
			   const struct finished *done, struct fb_err *err)
{
	static const enum fb_run_file files[] = {
		FB_RUN_HISTOGRAM,
		FB_RUN_SERIES,
		FB_RUN_IO,
		FB_RUN_WARNINGS,
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct keeper k = {.done = done, .last = NO_KEY, .err = err};
		struct fb_csv_table *t = r->table[files[i]];
		int ret = t ? find_columns(t, dir, files[i], &k) : 0;

		if (ret)
			return ret;
		if (t)
			fb_csv_keep(t, keep_finished, &k);
		if (k.ret)
			return k.ret;
	}
	return 0;
}

static int load_tables(struct fb_run *r, const char *dir, struct fb_err *err)
{
	for (int f = 0; f < FB_RUN_FILES; f++) {
		char *path;
		int ret;

		if (asprintf(&path, "%s/%s", dir, fb_run_file_names[f]) < 0)
			return fb_err_set(err, -ENOMEM, "%s: out of memory", dir);
		ret = fb_csv_load(&r->table[f], path, err);
		free(path);
		if (ret == -ENOENT && f != FB_RUN_SUMMARY && f != FB_RUN_SYSTEM)
			ret = 0;
		if (ret)
			return ret;
	}
	return 0;
}

/* A newer program may have changed what a column means. */
static int check_schema(const struct fb_csv_table *t, const char *dir,
			struct fb_err *err)
{
	int column = fb_csv_find(t, "schema");

	for (size_t row = 0; row < fb_csv_rows(t); row++) {
		double schema;
		int ret = fb_csv_get_real(t, row, column, &schema, err);

		if (ret)
			return ret;
		if (schema > FB_SCHEMA)
			return fb_err_set(
				err, -EINVAL,
				"%s: written by a newer flushbench (schema "
				"%.0f, this one reads up to %d); use that one",
				dir, schema, FB_SCHEMA);
	}
	return 0;
}

/* NULL: there is none of that key. */
static const char *fact(const struct fb_csv_table *t, const char *key)
{
	int column = fb_csv_find(t, "key");

	for (size_t row = 0; row < fb_csv_rows(t); row++)
		if (!strcmp(fb_csv_get(t, row, column), key))
			return fb_csv_get(t, row, fb_csv_find(t, "value"));
	return NULL;
}

/* A copy may have lost rows: the run itself said how many there are. */
static int is_complete(const struct fb_run *r)
{
	const char *planned = fact(r->table[FB_RUN_SYSTEM], "repetitions");

	return fact(r->table[FB_RUN_SYSTEM], "run_end") &&
	       (!planned ||
		strtoul(planned, NULL, 10) <= fb_csv_rows(r->table[FB_RUN_SUMMARY]));
}

int fb_run_load(struct fb_run *r, const char *dir, struct fb_err *err)
{
	struct fb_run run = {{0}, 0};
	struct finished done = {0};
	int ret = load_tables(&run, dir, err);

	if (!ret)
		ret = check_schema(run.table[FB_RUN_SUMMARY], dir, err);
	if (!ret)
		ret = list_finished(run.table[FB_RUN_SUMMARY], dir, &done, err);
	if (!ret)
		ret = drop_unfinished(&run, dir, &done, err);
	free(done.keys);
	if (ret) {
		fb_run_free(&run);
		return ret;
	}
	run.complete = is_complete(&run);
	*r = run;
	return 0;
}

void fb_run_free(struct fb_run *r)
{
	for (int f = 0; f < FB_RUN_FILES; f++)
		fb_csv_free(r->table[f]);
	*r = (struct fb_run){{0}, 0};
}
