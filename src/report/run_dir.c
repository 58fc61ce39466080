#include "report/run_dir.h"

#include "report/run_rows.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const fb_run_file_names[] = {
	"summary.csv", "histogram.csv", "series.csv",
	"io.csv",      "system.csv",    "warnings.csv",
};

/* @id's strings are our own copies. */
struct fb_run_dir {
	struct fb_run_id id;
	char *path;
	struct fb_csv_out *file[FB_RUN_FILES];
};

static bool good_name(const char *s)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	return *s && strspn(s, allowed) == strlen(s) && strcmp(s, ".") &&
	       strcmp(s, "..");
}

static int told(int ret, const char *what, const char *path, struct fb_err *err)
{
	return fb_err_set(
		err, ret,
		"cannot %s %s: %s; make room there, or name another folder with --results",
		what, path, strerror(-ret));
}

/*
 * Makes @path and the folders above it. @made: length of the first that was not
 * there, 0 if all were.
 */
static int make_folders(char *path, size_t *made)
{
	size_t len = strlen(path);

	*made = 0;
	for (size_t i = 1; i <= len; i++) {
		char c = path[i];
		int ret;

		if (c && c != '/')
			continue;
		path[i] = '\0';
		ret = mkdir(path, 0777) ? -errno : 0;
		path[i] = c;
		if (!ret && !*made)
			*made = i;
		if (ret && ret != -EEXIST)
			return ret;
	}
	return 0;
}

/* From @path up to the folder whose name ends at @made, as far as they are empty. */
static void remove_folders(char *path, size_t made)
{
	for (size_t i = strlen(path); made && i >= made; i--) {
		if (path[i] && path[i] != '/')
			continue;
		path[i] = '\0';
		rmdir(path);
	}
}

static char *file_path(const struct fb_run_dir *d, enum fb_run_file f)
{
	char *path;

	if (asprintf(&path, "%s/%s", d->path, fb_run_file_names[f]) < 0)
		return NULL;
	return path;
}

static int create_file(struct fb_run_dir *d, enum fb_run_file f, struct fb_err *err)
{
	void *owned;
	size_t n;
	const char *const *columns = fb_run_columns(f, &n, &owned);
	char *path = file_path(d, f);
	int ret;

	if (!columns || !path)
		ret = fb_err_set(err, -ENOMEM, "out of memory");
	else
		ret = fb_csv_create(&d->file[f], path, columns, n, err);
	free(path);
	free(owned);
	return ret;
}

static void remove_file(struct fb_run_dir *d, enum fb_run_file f)
{
	char *path = file_path(d, f);

	fb_csv_close(d->file[f], NULL);
	d->file[f] = NULL;
	if (path)
		unlink(path);
	free(path);
}

static int create_files(struct fb_run_dir *d, struct fb_err *err)
{
	int f, ret = 0;

	for (f = 0; f < FB_RUN_FILES && !ret; f++)
		ret = create_file(d, f, err);
	if (!ret)
		return 0;
	/* The last one tried is not there. */
	for (f -= 2; f >= 0; f--)
		remove_file(d, f);
	return ret;
}

static void release(struct fb_run_dir *d)
{
	free((char *)d->id.name);
	free((char *)d->id.profile);
	free((char *)d->id.host);
	free((char *)d->id.os);
	free(d->path);
	free(d);
}

/* "results/" and "results" give the same path. */
static char *join(const char *results, const char *name)
{
	size_t len = strlen(results);
	char *path;

	while (len > 1 && results[len - 1] == '/')
		len--;
	if (asprintf(&path, "%.*s/%s", (int)len, results, name) < 0)
		return NULL;
	return path;
}

static struct fb_run_dir *new_dir(const struct fb_run_id *id)
{
	struct fb_run_dir *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->id.name = strdup(id->name);
	d->id.profile = strdup(id->profile ? id->profile : "");
	d->id.host = strdup(id->host ? id->host : "");
	d->id.os = strdup(id->os ? id->os : "");
	d->path = join(id->results, id->name);
	if (d->id.name && d->id.profile && d->id.host && d->id.os && d->path)
		return d;
	release(d);
	return NULL;
}

static int create_run_folder(struct fb_run_dir *d, struct fb_err *err)
{
	int ret;

	if (!mkdir(d->path, 0777))
		return 0;
	ret = -errno;
	if (ret == -EEXIST)
		return fb_err_set(err, ret,
				  "%s is there already; a run is never mixed into "
				  "another: give --run-id another name",
				  d->path);
	return told(ret, "create", d->path, err);
}

static int create_all(struct fb_run_dir *d, char *results, struct fb_err *err)
{
	size_t made;
	int ret = make_folders(results, &made);

	if (ret) {
		told(ret, "create", results, err);
		goto out_folders;
	}
	ret = create_run_folder(d, err);
	if (ret)
		goto out_folders;
	ret = create_files(d, err);
	if (ret)
		goto out_run_folder;
	return 0;

out_run_folder:
	rmdir(d->path);
out_folders:
	remove_folders(results, made);
	return ret;
}

int fb_run_dir_create(struct fb_run_dir **out, const struct fb_run_id *id,
		      struct fb_err *err)
{
	struct fb_run_dir *d;
	char *results;
	int ret;

	if (!*id->results)
		return fb_err_set(err, -EINVAL, "--results is empty; name a folder");
	if (!good_name(id->name))
		return fb_err_set(err, -EINVAL,
				  "--run-id %.80s: only letters, digits, '.', '_' and "
				  "'-' make the name of a run; choose another",
				  id->name);
	d = new_dir(id);
	results = strdup(id->results);
	if (d && results)
		ret = create_all(d, results, err);
	else
		ret = fb_err_set(err, -ENOMEM, "out of memory");
	free(results);
	if (!ret)
		*out = d;
	else if (d)
		release(d);
	return ret;
}

const char *fb_run_dir_path(const struct fb_run_dir *d)
{
	return d->path;
}

int fb_run_dir_fact(struct fb_run_dir *d, const char *key, const char *value,
		    struct fb_err *err)
{
	struct fb_csv_out *o = d->file[FB_RUN_SYSTEM];

	fb_csv_text(o, d->id.name);
	fb_csv_text(o, d->id.host);
	fb_csv_text(o, key);
	fb_csv_text(o, value);
	fb_csv_end_row(o);
	return fb_csv_commit(o, err);
}

int fb_run_dir_warning(struct fb_run_dir *d, const struct fb_warning *w,
		       struct fb_err *err)
{
	struct fb_csv_out *o = d->file[FB_RUN_WARNINGS];

	fb_run_put_warning(o, &d->id, w);
	return fb_csv_commit(o, err);
}

static void put_warnings(struct fb_csv_out *o, const struct fb_run_id *id,
			 const struct fb_result *r, const struct fb_warning *low_n)
{
	for (size_t i = 0; i < r->warnings.n; i++) {
		struct fb_warning w = r->warnings.list[i];

		/* So that readers drop it with the repetition it is about. */
		w.case_id = r->c->case_id;
		w.rep = r->rep;
		fb_run_put_warning(o, id, &w);
	}
	if (low_n)
		fb_run_put_warning(o, id, low_n);
}

static void put_rows(struct fb_run_dir *d, enum fb_run_file f,
		     const struct fb_result *r, const struct fb_warning *low_n)
{
	struct fb_csv_out *o = d->file[f];

	switch (f) {
	case FB_RUN_HISTOGRAM:
		fb_run_put_histograms(o, &d->id, r);
		break;
	case FB_RUN_SERIES:
		fb_run_put_series(o, &d->id, r);
		break;
	case FB_RUN_IO:
		fb_run_put_io(o, &d->id, r);
		break;
	case FB_RUN_WARNINGS:
		put_warnings(o, &d->id, r, low_n);
		break;
	default:
		fb_run_put_summary(o, &d->id, r, low_n);
		break;
	}
}

int fb_run_dir_result(struct fb_run_dir *d, const struct fb_result *r,
		      struct fb_err *err)
{
	static const enum fb_run_file order[] = {
		FB_RUN_HISTOGRAM, FB_RUN_SERIES,  FB_RUN_IO,
		FB_RUN_WARNINGS,  FB_RUN_SUMMARY,
	};
	struct fb_warning w;
	const struct fb_warning *low_n = fb_run_low_n(r, &w) ? &w : NULL;

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		int ret;

		/* One by one: a row gathered behind a failure would be written later.
		 */
		put_rows(d, order[i], r, low_n);
		ret = fb_csv_commit(d->file[order[i]], err);
		if (ret)
			return ret;
	}
	return 0;
}

static int sync_folder(const char *path, struct fb_err *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), ret = 0;

	/* A file system that cannot sync a folder answers EINVAL. */
	if (fd < 0 || (fsync(fd) && errno != EINVAL))
		ret = told(-errno, "sync", path, err);
	if (fd >= 0)
		close(fd);
	return ret;
}

int fb_run_dir_sync(struct fb_run_dir *d, struct fb_err *err)
{
	/* Backwards: summary.csv, which says what is finished, comes last. */
	for (int f = FB_RUN_FILES - 1; f >= 0; f--) {
		int ret = fb_csv_sync(d->file[f], err);

		if (ret)
			return ret;
	}
	return sync_folder(d->path, err);
}

int fb_run_dir_close(struct fb_run_dir *d, struct fb_err *err)
{
	int first = 0;

	for (int f = 0; f < FB_RUN_FILES; f++) {
		int ret = fb_csv_close(d->file[f], first ? NULL : err);

		first = first ? first : ret;
	}
	release(d);
	return first;
}
