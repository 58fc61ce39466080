#include "report/plot_stacks.h"

#include "base/units.h"

#include "report/io_sums.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { REQUESTS, BYTES };

/* A part of the longest bar that has no room for a label. */
#define NARROW 0.12

/* struct filling - of rows, and over all cases of the picture what its note tells */
struct filling {
	const struct fb_plot *p;
	struct fb_err *err;
	double own, own_bytes, foreign, foreign_bytes;
	double fua, unseen;
};

static void format_count(char out[FB_FORMAT_LEN], double v)
{
	char text[FB_CASES_TEXT];

	fb_cases_format(FB_FIGURE_WRITE_AMP, v, text);
	snprintf(out, FB_FORMAT_LEN, "%.20s", text);
}

static double total_of(const struct fb_stack *row, int bar)
{
	double sum = 0;

	for (int i = 0; i < FB_IO_CLASSES; i++)
		sum += row->part[bar][i];
	return sum;
}

static void format_row(struct fb_stack *row, const struct fb_io_sums *sums, double by)
{
	char text[FB_FORMAT_LEN], past[FB_FORMAT_LEN];
	double bytes;

	for (int i = 0; i < FB_IO_CLASSES; i++) {
		row->part[REQUESTS][i] = sums->requests[i] / by;
		row->part[BYTES][i] = sums->bytes[i] / by;
		format_count(row->shown[REQUESTS][i], row->part[REQUESTS][i]);
		fb_format_bytes(row->shown[BYTES][i], row->part[BYTES][i]);
	}
	format_count(text, total_of(row, REQUESTS));
	format_count(past, sums->fua / by);
	snprintf(row->total[REQUESTS], FB_STACK_TOTAL, "%.12s%s%.12s", text,
		 sums->fua > 0 ? ", FUA " : "", sums->fua > 0 ? past : "");
	bytes = total_of(row, BYTES);
	/* A byte in a thousand ops is none. */
	snprintf(row->total[BYTES], FB_STACK_TOTAL, "%s",
		 fb_format_bytes(text, bytes < 0.5 ? 0 : bytes));
}

static void count_row(struct filling *f, const struct fb_io_sums *sums)
{
	for (int i = 0; i < FB_IO_CLASSES; i++) {
		f->own += sums->requests[i];
		f->own_bytes += sums->bytes[i];
	}
	f->foreign += sums->foreign_requests;
	f->foreign_bytes += sums->foreign_bytes;
	f->fua += sums->fua;
	f->unseen = sums->unseen > f->unseen ? sums->unseen : f->unseen;
}

static int fill_row(struct filling *f, size_t at, struct fb_stack *row)
{
	const struct fb_io_source source = {f->p->run, &f->p->io, &f->p->summary};
	const struct fb_cases_row *c = fb_plot_case(f->p, at);
	struct fb_io_sums sums;
	double by;
	int ret;

	fb_stacks_trouble(f->p, c, row->trouble);
	if (*row->trouble)
		return 0;
	ret = fb_io_sums_make(&sums, &source, fb_cases_number(f->p->cases, c), f->err);
	if (ret)
		return ret;
	if (!(sums.flushes > 0))
		row->suffix = " (per op)";
	by = fb_io_sums_divisor(&sums);
	if (!(by > 0)) {
		snprintf(row->trouble, sizeof(row->trouble), "no op was finished");
		return 0;
	}
	format_row(row, &sums, by);
	count_row(f, &sums);
	if (!(total_of(row, REQUESTS) > 0))
		snprintf(row->trouble, sizeof(row->trouble),
			 "the device was asked for nothing");
	return 0;
}

/* Data is what a reader looks for, however little of the bar it is. */
static void tell_narrow_data(const struct fb_plot *p, struct fb_stacks *s, int bar)
{
	const double longest = fb_stacks_longest(p, s, bar);
	char shown[FB_FORMAT_LEN];

	for (size_t at = 0; at < p->cases->n; at++) {
		struct fb_stack *row = &s->rows[at];
		const double data = row->part[bar][FB_IO_DATA];
		const size_t len = strlen(row->total[bar]);

		memcpy(shown, row->shown[bar][FB_IO_DATA], sizeof(shown));
		if (data > 0 && data < NARROW * longest)
			snprintf(row->total[bar] + len, FB_STACK_TOTAL - len,
				 ", data %.12s", shown);
	}
}

static double percent(double part, double rest)
{
	return part > 0 ? 100 * part / (part + rest) : 0;
}

static void write_note(const struct filling *f, char *note, size_t room)
{
	char requests[FB_SHARE_TEXT], bytes[FB_SHARE_TEXT], unseen[FB_SHARE_TEXT];
	size_t len = (size_t)snprintf(
		note, room, "of the traced repetition%s",
		f->fua > 0 ? "; FUA: writes past the cache, of those shown" : "");

	fb_io_share(percent(f->foreign, f->own), requests);
	fb_io_share(percent(f->foreign_bytes, f->own_bytes), bytes);
	fb_io_share(100 * f->unseen, unseen);
	if (*requests || *bytes)
		len += (size_t)snprintf(
			note + len, room - len,
			"; at least %s %% of all requests and %s %% of "
			"all bytes were not this run's and are left out",
			*requests ? requests : "0", *bytes ? bytes : "0");
	if (*unseen)
		snprintf(note + len, room - len,
			 "; up to %s %% of what the disk did was not seen", unseen);
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
		.names = fb_io_class_names,
		.parts = FB_IO_CLASSES,
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
		tell_narrow_data(p, &s, REQUESTS);
		tell_narrow_data(p, &s, BYTES);
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
