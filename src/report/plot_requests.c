#include "report/plot_stacks.h"

#include "base/units.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { REQUESTS, BYTES };

/* Also what FB_STACK_PARTS has room for. */
static const char *const classes[] = {
	"data", "journal", "metadata", "flush", "read", "discard", "other",
};

enum { CLASSES = sizeof(classes) / sizeof(*classes) };

/* struct sums - over the traced repetitions of a case */
struct sums {
	double of[FB_STACK_BARS][CLASSES];
	double fua;
	double others; /* requests, which are in none of these */
	bool any;
};

/* struct filling - of rows, and over all cases of the picture what its note tells */
struct filling {
	const struct fb_plot *p;
	struct fb_err *err;
	double own, others, lost;
};

/* struct columns - of io.csv */
struct columns {
	const struct fb_csv_table *t;
	int device, class, fua, issuer, requests, bytes;
};

static struct columns columns_of(const struct fb_csv_table *t)
{
	return (struct columns){
		.t = t,
		.device = fb_csv_find(t, "device"),
		.class = fb_csv_find(t, "class"),
		.fua = fb_csv_find(t, "fua"),
		.issuer = fb_csv_find(t, "issuer"),
		.requests = fb_csv_find(t, "requests"),
		.bytes = fb_csv_find(t, "bytes"),
	};
}

/* disk0, disk1...: those that the mount sits on. */
static bool is_disk_key(const char *key)
{
	return !strncmp(key, "disk", 4) && isdigit((unsigned char)key[4]) &&
	       !key[4 + strspn(key + 4, "0123456789")];
}

/* What stands below them answers for the same requests once more. Where the run names
 * no disk there is nothing to tell them apart by. */
static bool is_own(const struct fb_plot *p, const char *device)
{
	const struct fb_csv_table *t = p->run->table[FB_RUN_SYSTEM];
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

static int class_of(const char *name)
{
	for (int i = 0; i < CLASSES; i++)
		if (!strcmp(classes[i], name))
			return i;
	return CLASSES - 1;
}

static int add_row(const struct columns *c, size_t row, struct sums *sums,
		   struct fb_err *err)
{
	int class = class_of(fb_csv_get(c->t, row, c->class));
	double requests, bytes;
	int ret = fb_csv_get_real(c->t, row, c->requests, &requests, err);

	if (!ret)
		ret = fb_csv_get_real(c->t, row, c->bytes, &bytes, err);
	if (ret || isnan(requests))
		return ret;
	if (!strcmp(fb_csv_get(c->t, row, c->issuer), "others")) {
		sums->others += requests;
		return 0;
	}
	sums->of[REQUESTS][class] += requests;
	sums->of[BYTES][class] += isnan(bytes) ? 0 : bytes;
	if (!strcmp(fb_csv_get(c->t, row, c->fua), "1"))
		sums->fua += requests;
	return 0;
}

static int sum_case(const struct filling *f, unsigned case_id, struct sums *sums)
{
	struct fb_case_row at = {.traced = true};
	const struct fb_case_rows *io = &f->p->io;
	struct columns c;
	int ret = 0;

	*sums = (struct sums){.any = false};
	if (!io->t)
		return 0;
	c = columns_of(io->t);
	while (!ret && fb_case_rows_next(io, case_id, &at)) {
		if (!is_own(f->p, fb_csv_get(c.t, at.row, c.device)))
			continue;
		sums->any = true;
		ret = add_row(&c, at.row, sums, f->err);
	}
	return ret;
}

/* A column of summary.csv over the traced repetitions of a case, what is unknown as 0.
 */
static int sum_column(const struct filling *f, unsigned case_id, const char *column,
		      double *out)
{
	struct fb_case_row at = {.traced = true};
	const struct fb_csv_table *t = f->p->summary.t;
	int i = fb_csv_find(t, column), ret = 0;
	double v;

	*out = 0;
	while (!ret && fb_case_rows_next(&f->p->summary, case_id, &at)) {
		ret = fb_csv_get_real(t, at.row, i, &v, f->err);
		*out += !ret && v > 0 ? v : 0;
	}
	return ret;
}

static void format_count(char out[FB_FORMAT_LEN], double v)
{
	char text[FB_CASES_TEXT];

	fb_cases_format(FB_FIGURE_WRITE_AMP, v, text);
	snprintf(out, FB_FORMAT_LEN, "%.20s", text);
}

static void format_row(struct fb_stack *row, const struct sums *sums, double by)
{
	double all[FB_STACK_BARS] = {0}, fua = sums->fua / by;
	char text[FB_FORMAT_LEN], past[FB_FORMAT_LEN];

	for (int i = 0; i < CLASSES; i++) {
		for (int bar = 0; bar < FB_STACK_BARS; bar++) {
			row->part[bar][i] = sums->of[bar][i] / by;
			all[bar] += row->part[bar][i];
		}
		format_count(row->shown[REQUESTS][i], row->part[REQUESTS][i]);
		fb_format_bytes(row->shown[BYTES][i], row->part[BYTES][i]);
	}
	format_count(text, all[REQUESTS]);
	format_count(past, fua);
	if (fua > 0)
		snprintf(row->total[REQUESTS], sizeof(row->total[REQUESTS]),
			 "%.10s, FUA %.10s", text, past);
	else
		snprintf(row->total[REQUESTS], sizeof(row->total[REQUESTS]), "%s",
			 text);
	snprintf(row->total[BYTES], sizeof(row->total[BYTES]), "%s",
		 fb_format_bytes(text, all[BYTES]));
}

static void count_row(struct filling *f, const struct sums *sums)
{
	for (int i = 0; i < CLASSES; i++)
		f->own += sums->of[REQUESTS][i];
	f->others += sums->others;
}

static int fill_row(struct filling *f, size_t at, struct fb_stack *row)
{
	const struct fb_cases_row *c = fb_plot_case(f->p, at);
	unsigned case_id = fb_cases_number(f->p->cases, c);
	double flushes = 0, ops = 0, lost = 0;
	struct sums sums;
	int ret;

	fb_stacks_trouble(f->p, c, row->trouble);
	if (*row->trouble)
		return 0;
	ret = sum_case(f, case_id, &sums);
	if (!ret)
		ret = sum_column(f, case_id, "app_flushes", &flushes);
	if (!ret)
		ret = sum_column(f, case_id, "ops", &ops);
	if (!ret)
		ret = sum_column(f, case_id, "lost_events", &lost);
	if (ret)
		return ret;
	if (!flushes)
		row->suffix = " (per op)";
	if (!flushes && !ops) {
		snprintf(row->trouble, sizeof(row->trouble), "no op was finished");
		return 0;
	}
	format_row(row, &sums, flushes ? flushes : ops);
	count_row(f, &sums);
	f->lost += lost;
	if (!sums.any)
		snprintf(row->trouble, sizeof(row->trouble),
			 "the device was asked for nothing");
	return 0;
}

static void write_note(const struct filling *f, char *note, size_t room)
{
	size_t len = (size_t)snprintf(
		note, room,
		"of the traced repetition; FUA: writes past the cache, of those shown");

	if (f->others > 0)
		len += (size_t)snprintf(
			note + len, room - len,
			"; requests of others, %.2g %% of all, are left out",
			100 * f->others / (f->own + f->others));
	if (f->lost > 0)
		snprintf(note + len, room - len,
			 "; %.0f events were lost: there were more requests", f->lost);
}

/* The bytes' axis in a unit that leaves its numbers short. */
static void scale_bytes(const struct fb_plot *p, struct fb_stacks *s)
{
	static const struct {
		const char *name;
		double bytes;
	} units[] = {{"GiB", 0x1p30}, {"MiB", 0x1p20}, {"KiB", 0x1p10}, {"bytes", 1}};
	double most = fb_stacks_longest(p, s, BYTES);
	size_t i = 0;

	while (i < 3 && most < units[i].bytes)
		i++;
	fb_stacks_shorten(p, s, BYTES, units[i].bytes);
	snprintf(s->meaning[BYTES], sizeof(s->meaning[BYTES]), "%s, per flush",
		 units[i].name);
}

int fb_plot_put_requests(FILE *out, const struct fb_plot *p, struct fb_err *err)
{
	struct fb_stacks s = {
		.name = "requests",
		.names = classes,
		.parts = CLASSES,
		.heading = {"requests by class", "bytes by class"},
		.meaning = {"requests, per flush"},
		.rows = fb_stacks_new(p),
	};
	struct filling f = {.p = p, .err = err};
	int ret = 0;

	if (!s.rows)
		return fb_err_set(err, -ENOMEM, "out of memory");
	for (size_t at = 0; !ret && at < p->cases->n; at++)
		ret = fill_row(&f, at, &s.rows[at]);
	if (!ret) {
		write_note(&f, s.note, sizeof(s.note));
		scale_bytes(p, &s);
		fb_stacks_put(out, p, &s);
	}
	free(s.rows);
	return ret;
}

bool fb_plot_has_requests(const struct fb_plot *p)
{
	for (size_t i = 0; p->io.t && i < p->cases->n; i++) {
		struct fb_case_row at = {.traced = true};

		if (fb_case_rows_next(&p->io,
				      fb_cases_number(p->cases, &p->cases->cases[i]),
				      &at))
			return true;
	}
	return false;
}
