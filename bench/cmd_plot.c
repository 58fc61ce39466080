#include "bench/bench.h"
#include "bench/command.h"
#include "bench/host.h"
#include "bench/options.h"
#include "bench/pictures.h"
#include "bench/runs.h"

#include "base/text.h"
#include "report/plot.h"
#include "report/sketch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct plot_options {
	const char *results;
	const char *out;
	const char *format; /* NULL: all */
	const char *op;
	const char *cases;
	bool text;
	bool print;
};

struct plotting {
	struct options given;
	struct plot_options o;
	char folder[4096]; /* of the run */
	char out[4352];
	enum fb_op op;
	struct fb_run run;
	struct fb_cases cases;
	bool damaged;
	bool varies[FB_PARAMS_MAX]; /* parameters, over the whole run */
	struct fb_plot plot;
};

static int find_word(const char *option, const char *word, const char *const *words,
		     size_t n, struct fb_err *err)
{
	char all[128] = "";

	for (size_t i = 0; i < n; i++) {
		size_t at = strlen(all);

		if (!strcmp(words[i], word))
			return (int)i;
		snprintf(all + at, sizeof(all) - at, "%s%s", i ? ", " : "", words[i]);
	}
	return fb_err_set(err, -EINVAL, "--%s %s: choose from %s", option, word, all);
}

static int check_options(struct plotting *p, struct fb_err *err)
{
	int op = p->o.op ? find_word("op", p->o.op, fb_op_names, FB_OP_COUNT, err)
			 : FB_OP_COMMIT;

	if (op < 0)
		return op;
	p->op = (enum fb_op)op;
	if (p->o.format) {
		int format = find_word("format", p->o.format, picture_formats,
				       PICTURE_FORMATS, err);

		if (format < 0)
			return format;
	}
	if (p->o.text && p->o.op)
		return fb_err_set(
			err, -EINVAL,
			"--text shows write, flush and commit together: leave "
			"out --op");
	if (p->o.text && (p->o.print || p->o.out || p->o.format))
		return fb_err_set(err, -EINVAL,
				  "--text draws in the terminal: leave out --%s",
				  p->o.print ? "print"
				  : p->o.out ? "out"
					     : "format");
	return 0;
}

static bool is_listed(unsigned number, void *ctx)
{
	const char *list = ctx;

	while (*list) {
		char *end;
		unsigned long first = strtoul(list, &end, 10), last = first;

		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		if (number >= first && number <= last)
			return true;
		list = end + (*end == ',');
	}
	return false;
}

/* Numbers and ranges with commas between them: 3,5-7 */
static bool is_list(const char *list)
{
	for (;;) {
		size_t digits = strspn(list, "0123456789");

		if (!digits || digits > 9)
			return false;
		list += digits;
		if (*list == '-') {
			digits = strspn(++list, "0123456789");
			if (!digits || digits > 9)
				return false;
			list += digits;
		}
		if (*list != ',')
			return !*list;
		list++;
	}
}

static int choose_cases(struct plotting *p, struct fb_err *err)
{
	size_t all = p->cases.n;

	if (!all)
		return fb_err_set(err, -ENODATA,
				  "%s: no repetition was finished, there is nothing to "
				  "draw; let a run come further, or name another",
				  p->folder);
	if (p->o.cases) {
		if (!is_list(p->o.cases))
			return fb_err_set(
				err, -EINVAL,
				"--case %.80s: give numbers of cases, as 3,5-7",
				p->o.cases);
		fb_cases_keep(&p->cases, is_listed, (void *)p->o.cases);
		if (!p->cases.n)
			return fb_err_set(
				err, -EINVAL,
				"--case %.80s: the run has none of these; its %zu "
				"cases are in %s/summary.csv, column case_id",
				p->o.cases, all, p->folder);
	}
	if (p->cases.n > FB_PLOT_CASES_MAX && !p->o.text)
		return fb_err_set(err, -EINVAL,
				  "%zu cases are more than a picture can show (%d); "
				  "choose some with --case 1-%d",
				  p->cases.n, FB_PLOT_CASES_MAX, FB_PLOT_CASES_MAX);
	return 0;
}

/* What a run's files hold is no fault of the command line. */
static int of_files(struct plotting *p, int ret, int *code)
{
	if (ret == -EINVAL)
		p->damaged = true;
	if (ret)
		*code = ret == -ENOTSUP || ret == -ENOENT ? EXIT_USAGE
			: ret == -EACCES || ret == -EPERM ? EXIT_NOT_HERE
							  : EXIT_FAILED;
	return ret;
}

static bool has_samples(const struct fb_cases *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (!m->cases[i].failed &&
		    (fb_cases_has_samples(m, &m->cases[i], FB_OP_WRITE) ||
		     fb_cases_has_samples(m, &m->cases[i], FB_OP_COMMIT)))
			return true;
	return false;
}

/* Empty pictures would say less than this. */
static int check_measured(const struct plotting *p, struct fb_err *err)
{
	if (p->o.text || !fb_cases_all(&p->cases, fb_cases_is_refused))
		return 0;
	return fb_err_set(err, -ENODATA,
			  "%s: nothing was measured, there is nothing to draw: every "
			  "case was refused; %s/warnings.csv says why",
			  p->folder, p->folder);
}

/* The others are drawn all the same. */
static void tell_of_lost(const struct plotting *p)
{
	static const enum fb_run_file files[] = {FB_RUN_HISTOGRAM, FB_RUN_SERIES};

	if (!has_samples(&p->cases))
		return;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (!p->run.table[files[i]] || !fb_csv_rows(p->run.table[files[i]]))
			bench_say("%s/%s has no rows, so %s cannot be drawn; take a "
				  "whole copy of the run",
				  p->folder, fb_run_file_names[files[i]],
				  files[i] == FB_RUN_SERIES
					  ? "latency over time"
					  : "percentiles and distribution");
}

static int load(struct plotting *p, int *code, struct fb_err *err)
{
	int ret = bench_find_run(p->given.n_operands ? p->given.operands[0] : NULL,
				 p->o.results, p->folder, sizeof(p->folder), err);

	*code = ret == -EACCES ? EXIT_NOT_HERE : EXIT_USAGE;
	if (!ret)
		ret = of_files(p, fb_run_load(&p->run, p->folder, err), code);
	if (!ret)
		ret = of_files(
			p, fb_cases_make(&p->cases, p->run.table[FB_RUN_SUMMARY], err),
			code);
	for (size_t i = 0; !ret && i < fb_params_count; i++)
		p->varies[i] = fb_cases_param_kind(&p->cases, &fb_params[i]) ==
			       FB_PARAM_VARIES;
	if (!ret) {
		ret = choose_cases(p, err);
		ret = ret ? ret : check_measured(p, err);
		*code = EXIT_USAGE;
	}
	if (!ret)
		ret = of_files(p,
			       fb_plot_make(&p->plot, &p->run, &p->cases, p->op, err),
			       code);
	return ret;
}

static void sketch_title(const struct plotting *p, size_t i, char *out, size_t room)
{
	const struct fb_cases_row *c = &p->cases.cases[i];
	const char *survives = fb_cases_field(&p->cases, c, "survives");
	size_t at = (size_t)snprintf(out, room, "case %u: %s %s",
				     fb_cases_number(&p->cases, c),
				     fb_cases_field(&p->cases, c, "path"),
				     fb_cases_field(&p->cases, c, "mode"));

	for (size_t k = 0; k < fb_params_count && at < room; k++) {
		char value[FB_CASES_TEXT];

		if (!p->varies[k])
			continue;
		fb_cases_value(&p->cases, c, &fb_params[k], value);
		if (*value && !fb_cases_is_plain(&fb_params[k], value))
			at += (size_t)snprintf(out + at, room - at, " %s=%s",
					       fb_params[k].name, value);
	}
	if (*survives && at < room)
		snprintf(out + at, room - at, ", survives %s%s", survives,
			 fb_cases_is_emulated(&p->cases, c) ? " (emulated)" : "");
}

static int sketch_case(const struct plotting *p, size_t i, struct fb_hist *h,
		       struct fb_err *err)
{
	const struct fb_cases_row *c = &p->cases.cases[i];
	char title[512], trouble[FB_CASES_TEXT];
	struct fb_sketch s = {.title = title,
			      .batched = fb_cases_batch(&p->cases, c) > 1};
	int ret = 0;

	sketch_title(p, i, title, sizeof(title));
	if (c->failed) {
		fb_cases_trouble(&p->cases, c, trouble);
		printf("%s\n%s, %u of %u repetitions\n", title, trouble, c->failed,
		       c->reps + c->traced);
		return 0;
	}
	for (int op = 0; !ret && op < FB_OP_COUNT; op++) {
		ret = fb_case_rows_pool(&p->plot.histograms,
					fb_cases_number(&p->cases, c), (enum fb_op)op,
					&h[op], err);
		s.hist[op] = &h[op];
	}
	if (!ret)
		fb_sketch_print(stdout, &s, bench_width(), bench_colour(1));
	return ret;
}

static int sketch(const struct plotting *p, struct fb_err *err)
{
	struct fb_hist *h = calloc(FB_OP_COUNT, sizeof(*h));
	int ret = h ? 0 : fb_err_set(err, -ENOMEM, "out of memory");

	if (!ret && !p->run.complete)
		printf("incomplete: the run did not come to its end\n\n");
	for (size_t i = 0; !ret && i < p->cases.n; i++) {
		if (i)
			putchar('\n');
		ret = sketch_case(p, i, h, err);
	}
	free(h);
	return ret;
}

/* What is not there nobody should have to look for. */
static void tell_of_pictures(struct plotting *p)
{
	const bool requests = fb_plot_has(&p->plot, FB_PLOT_REQUESTS);
	const bool shares = fb_plot_has(&p->plot, FB_PLOT_SHARES);

	printf("pictures in %s\n", fb_text_disarm(p->out));
	if (!requests && !shares)
		puts("without requests and shares: they take a run with --account "
		     "trace");
	else if (!shares)
		printf("without shares: %s\n", fb_plot_why_no_shares(&p->plot));
}

static int plot_run(struct plotting *p, struct fb_err *err)
{
	struct pictures pictures = {&p->plot, p->out, p->o.format};
	int code = EXIT_USAGE, ret = check_options(p, err);

	if (!ret)
		ret = load(p, &code, err);
	if (ret)
		return code;
	tell_of_lost(p);
	snprintf(p->out, sizeof(p->out), "%s%s", p->o.out ? p->o.out : p->folder,
		 p->o.out ? "" : "/plots");
	code = EXIT_FAILED;
	if (p->o.text)
		ret = sketch(p, err);
	else if (p->o.print)
		ret = pictures_print(&pictures, stdout, err);
	else
		ret = pictures_draw(&pictures, &code, err);
	p->damaged = ret == -EINVAL;
	if (ret)
		return code;
	if (!p->o.text && !p->o.print)
		tell_of_pictures(p);
	return EXIT_OK;
}

static int plot(int argc, char **argv)
{
	static struct plotting p = {.o = {.results = "results"}};
	struct fb_err err = {.text = ""};
	int code = EXIT_USAGE;

	if (!options_parse(&p.given, &bench_plot, &p.o, argc, argv, &err)) {
		if (p.given.help) {
			options_print_help(stdout, &bench_plot);
			code = EXIT_OK;
		} else {
			code = plot_run(&p, &err);
		}
	}
	if (code != EXIT_OK)
		bench_say("%s", err.text);
	if (p.damaged)
		bench_say("the files of %s are not as flushbench wrote them; take an "
			  "undamaged copy, or run again",
			  p.folder);
	fb_plot_free(&p.plot);
	fb_cases_free(&p.cases);
	fb_run_free(&p.run);
	options_free(&p.given);
	return code;
}

#define AT(field) offsetof(struct plot_options, field)

static const struct bench_option plot_options[] = {
	{"results", "DIR", AT(results), "where runs are looked for (default: results)"},
	{"out", "DIR", AT(out),
	 "folder for the pictures (default: plots in the run's)"},
	{"format", "png|svg", AT(format), "kind of picture (default: both)"},
	{"op", "write|flush|commit", AT(op), "latency that is drawn (default: commit)"},
	{"case", "LIST", AT(cases), "only the cases of these numbers, as 3,5-7"},
	{"text", NULL, AT(text),
	 "percentile curves in the terminal instead, without gnuplot"},
	{"print", NULL, AT(print),
	 "print what gnuplot would be told, and draw nothing"},
	{0},
};

const struct bench_command bench_plot = {
	.name = "plot",
	.operands = "[RUN]",
	.operands_max = 1,
	.help = "draw a run: pictures with gnuplot, or curves in the terminal",
	.about =
		"Draws the run in folder RUN, or of that name under results, or the "
		"newest there: latency (p50 and p99), percentiles, distribution, "
		"amplification, time, and of runs with --account trace requests (what one "
		"flush costs the device) and shares (where the time of a commit goes), "
		"as PNG and SVG.",
	.options = plot_options,
	.main = plot,
};
