#include "report/io_sums.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const fb_io_class_names[FB_IO_CLASSES] = {
	"data", "journal", "metadata", "flush", "read", "discard", "other",
};

/* Columns of io.csv, and what is added up beside the sums. */
struct adding {
	const struct fb_csv_table *t;
	int device, class, fua, issuer, requests, bytes;
	bool other_is_foreign;
	double flushes, written; /* whoever asked */
	struct fb_io_sums *sums;
	struct fb_err *err;
};

/* disk0, disk1...: those that the mount sits on. */
static bool is_disk_key(const char *key)
{
	return !strncmp(key, "disk", 4) && isdigit((unsigned char)key[4]) &&
	       !key[4 + strspn(key + 4, "0123456789")];
}

/* What stands below them answers for the same requests once more. Where the run names
 * no disk there is nothing to tell them apart by. */
static bool is_own(const struct fb_run *run, const char *device)
{
	const struct fb_csv_table *t = run->table[FB_RUN_SYSTEM];
	int key = fb_csv_find(t, "key"), value = fb_csv_find(t, "value");
	bool any = false;

	for (size_t row = 0; row < fb_csv_rows(t); row++) {
		if (!is_disk_key(fb_csv_get(t, row, key)))
			continue;
		if (!strcmp(fb_csv_get(t, row, value), device))
			return true;
		any = true;
	}
	return !any;
}

/* Those whose data, log and marks are all known; others write what nothing marks. */
static bool marks_all(const struct fb_run *run)
{
	static const char *const names[] = {"ext3", "ext4", "xfs", "btrfs"};
	const struct fb_csv_table *t = run->table[FB_RUN_SYSTEM];
	int key = fb_csv_find(t, "key"), value = fb_csv_find(t, "value");

	for (size_t row = 0; row < fb_csv_rows(t); row++) {
		if (strcmp(fb_csv_get(t, row, key), "target_fs") != 0)
			continue;
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (!strcmp(fb_csv_get(t, row, value), names[i]))
				return true;
	}
	return false;
}

static bool has_doubt(const struct fb_run *run, unsigned case_id)
{
	const struct fb_csv_table *t = run->table[FB_RUN_WARNINGS];
	int id = t ? fb_csv_find(t, "id") : -1;
	int at = t ? fb_csv_find(t, "case_id") : -1;
	char number[16];

	snprintf(number, sizeof(number), "%u", case_id);
	for (size_t row = 0; t && row < fb_csv_rows(t); row++)
		if (!strcmp(fb_csv_get(t, row, id), "extents_unknown") &&
		    !strcmp(fb_csv_get(t, row, at), number))
			return true;
	return false;
}

static enum fb_io_kind class_of(const char *name)
{
	int i = 0;

	while (i < FB_IO_OTHER && strcmp(fb_io_class_names[i], name) != 0)
		i++;
	return (enum fb_io_kind)i;
}

static bool is_foreign(const struct adding *a, size_t row, enum fb_io_kind class)
{
	return (class == FB_IO_OTHER && a->other_is_foreign) ||
	       !strcmp(fb_csv_get(a->t, row, a->issuer), "others");
}

static int add_row(struct adding *a, size_t row)
{
	enum fb_io_kind class = class_of(fb_csv_get(a->t, row, a->class));
	double requests, bytes;
	int ret = fb_csv_get_real(a->t, row, a->requests, &requests, a->err);

	if (!ret)
		ret = fb_csv_get_real(a->t, row, a->bytes, &bytes, a->err);
	if (ret || isnan(requests))
		return ret;
	bytes = isnan(bytes) ? 0 : bytes;
	a->sums->any = true;
	/* What zeroes is a discard here, and written to the counters. */
	a->written += class == FB_IO_READ ? 0 : bytes;
	a->flushes += class == FB_IO_FLUSH ? requests : 0;
	if (is_foreign(a, row, class)) {
		a->sums->foreign_requests += requests;
		a->sums->foreign_bytes += bytes;
		return 0;
	}
	a->sums->requests[class] += requests;
	a->sums->bytes[class] += bytes;
	if (!strcmp(fb_csv_get(a->t, row, a->fua), "1"))
		a->sums->fua += requests;
	return 0;
}

static int add_rows(struct adding *a, const struct fb_io_source *s, unsigned case_id)
{
	struct fb_case_row at = {.traced = true};
	int ret = 0;

	a->t = s->io->t;
	if (!a->t)
		return 0;
	a->device = fb_csv_find(a->t, "device");
	a->class = fb_csv_find(a->t, "class");
	a->fua = fb_csv_find(a->t, "fua");
	a->issuer = fb_csv_find(a->t, "issuer");
	a->requests = fb_csv_find(a->t, "requests");
	a->bytes = fb_csv_find(a->t, "bytes");
	while (!ret && fb_case_rows_next(s->io, case_id, &at))
		if (is_own(s->run, fb_csv_get(a->t, at.row, a->device)))
			ret = add_row(a, at.row);
	return ret;
}

/* What is unknown adds nothing. */
static int sum_column(const struct fb_io_source *s, unsigned case_id,
		      const char *column, double *out, struct fb_err *err)
{
	struct fb_case_row at = {.traced = true};
	const struct fb_csv_table *t = s->summary->t;
	int i = t ? fb_csv_find(t, column) : -1, ret = 0;
	double v;

	*out = 0;
	while (!ret && fb_case_rows_next(s->summary, case_id, &at)) {
		ret = fb_csv_get_real(t, at.row, i, &v, err);
		*out += !ret && v > 0 ? v : 0;
	}
	return ret;
}

static double part_unseen(double seen, double counted)
{
	return counted > seen ? 1 - seen / counted : 0;
}

static int fill_unseen(struct adding *a, const struct fb_io_source *s, unsigned case_id)
{
	double flushes, bytes;
	int ret = sum_column(s, case_id, "dev_flushes", &flushes, a->err);

	if (!ret)
		ret = sum_column(s, case_id, "dev_bytes", &bytes, a->err);
	if (!ret)
		a->sums->unseen = fmax(part_unseen(a->flushes, flushes),
				       part_unseen(a->written, bytes));
	return ret;
}

int fb_io_sums_make(struct fb_io_sums *out, const struct fb_io_source *s,
		    unsigned case_id, struct fb_err *err)
{
	struct fb_io_sums sums = {.any = false};
	struct adding a = {
		.other_is_foreign = marks_all(s->run) && !has_doubt(s->run, case_id),
		.sums = &sums,
		.err = err,
	};
	int ret = add_rows(&a, s, case_id);

	if (!ret)
		ret = fill_unseen(&a, s, case_id);
	if (!ret)
		ret = sum_column(s, case_id, "app_flushes", &sums.flushes, err);
	if (!ret)
		ret = sum_column(s, case_id, "ops", &sums.ops, err);
	if (!ret)
		*out = sums;
	return ret;
}

void fb_io_share(double percent, char out[FB_SHARE_TEXT])
{
	*out = '\0';
	if (percent >= 0.05)
		snprintf(out, FB_SHARE_TEXT, "%.*f", percent < 9.95, percent);
}

double fb_io_sums_divisor(const struct fb_io_sums *s)
{
	return s->flushes > 0 ? s->flushes : s->ops;
}

double fb_io_sums_written(const struct fb_io_sums *s)
{
	return s->bytes[FB_IO_DATA] + s->bytes[FB_IO_JOURNAL] +
	       s->bytes[FB_IO_METADATA] + s->bytes[FB_IO_OTHER];
}
