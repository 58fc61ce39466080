#include "bench/bench.h"
#include "bench/command.h"
#include "bench/options.h"

#include "base/suggest.h"
#include "base/text.h"
#include "hive/check.h"
#include "hive/export.h"
#include "hive/regf.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hive_options {
	bool dry_run, without_logs;
};

/*
 * struct work - one command on one hive
 * @shown: its path as it may be printed
 */
struct work {
	const char *path;
	char shown[4096];
	struct hive_options o;
	struct fb_err err;
};

/* A hive that is not there is a wrong word; one that may not be had now is not. */
static int code_of(int ret)
{
	switch (ret) {
	case -ENOENT:
	case -ENOTDIR:
	case -EISDIR:
	case -EINVAL:
	case -ENAMETOOLONG:
	case -ELOOP:
		return EXIT_USAGE;
	case -EBADMSG:
	case -EIO:
	case -ENODATA:
	case -EFBIG:
		return EXIT_FAILED;
	default:
		return EXIT_NOT_HERE;
	}
}

static void print_finding(void *ctx, const struct fb_finding *f)
{
	const struct work *w = ctx;

	printf("%s: offset 0x%" PRIx64 ": %s\n", w->shown, f->offset, f->text);
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void print_sum(const struct work *w, int64_t findings, const struct fb_survey *s)
{
	if (findings)
		printf("%s: %" PRId64 " finding%s", w->shown, findings,
		       plural((uint64_t)findings));
	else
		printf("%s: no damage", w->shown);
	printf("; %" PRIu64 " key%s, %" PRIu64 " value%s, %" PRIu64
	       " security descriptor%s",
	       s->keys, plural(s->keys), s->values, plural(s->values), s->descriptors,
	       plural(s->descriptors));
	if (s->lost_cells)
		printf("; %" PRIu64 " cell%s of %" PRIu64
		       " bytes that nothing refers to, which is no damage",
		       s->lost_cells, plural(s->lost_cells), s->lost_bytes);
	putchar('\n');
}

static int read_whole(struct work *w, void **file, uint64_t *bytes)
{
	/* Windows makes its files longer by steps of 256 KiB. */
	const uint64_t most = UINT64_C(262144) + FB_REGF_PAGE + FB_REGF_BINS_MAX;
	struct fb_hive_io *io;
	void *all = NULL;
	int ret = fb_hive_disk_open(&io, w->path, FB_HIVE_READ, &w->err);

	if (ret)
		return ret;
	ret = io->ops->size(io, FB_HIVE_PRIMARY, bytes);
	if (!ret && *bytes > most)
		ret = -EFBIG;
	if (!ret) {
		all = malloc(*bytes ? *bytes : 1);
		ret = all ? io->ops->read(io, FB_HIVE_PRIMARY, 0, all, *bytes)
			  : -ENOMEM;
	}
	io->ops->close(io);
	if (!ret) {
		*file = all;
		return 0;
	}
	free(all);
	return fb_err_set(&w->err, ret, "%s: %s", w->path,
			  ret == -EFBIG ? "larger than any hive: their data have "
					  "2 GiB at most; name another file"
					: strerror(-ret));
}

static int check(struct work *w)
{
	struct fb_sink sink = {print_finding, w};
	struct fb_survey survey;
	uint64_t bytes;
	int64_t findings;
	void *file = NULL;
	int ret = read_whole(w, &file, &bytes);

	if (ret)
		return code_of(ret);
	findings = fb_hive_survey(file, bytes, &sink, &survey);
	free(file);
	if (findings < 0) {
		fb_err_set(&w->err, (int)findings, "%s: there is no memory to check it",
			   w->path);
		return EXIT_NOT_HERE;
	}
	print_sum(w, findings, &survey);
	return findings ? EXIT_FAILED : EXIT_OK;
}

static int open_hive(struct work *w, const struct fb_hive_options *o,
		     struct fb_hive **h)
{
	struct fb_hive_io *io;
	int ret = fb_hive_disk_open(
		&io, w->path, o->read_only ? FB_HIVE_READ : FB_HIVE_WRITE, &w->err);

	if (ret)
		return ret;
	ret = fb_hive_open(h, io, o, &w->err);
	if (ret)
		io->ops->close(io);
	return ret;
}

/* What the logs held, as a clause. */
static void describe(const struct fb_hive_recovery *r, char *out, size_t room)
{
	if (!r->entries)
		snprintf(out, room, "no log holds what it lacks, it stays as it lies");
	else if (r->old_format)
		snprintf(out, room, "a log of the old format, %" PRIu64 " page%s",
			 r->pages, plural(r->pages));
	else if (r->entries == 1)
		snprintf(out, room, "log entry %u, %" PRIu64 " page%s", r->first,
			 r->pages, plural(r->pages));
	else
		snprintf(out, room,
			 "log entries %u to %u from %u log%s, %" PRIu64 " page%s",
			 r->first, r->last, r->logs, plural(r->logs), r->pages,
			 plural(r->pages));
}

/* A reader that leaves has had enough; main tells what else goes wrong with stdout. */
static int put_text(void *ctx, const char *text, size_t n)
{
	errno = 0;
	if (fwrite(text, 1, n, ctx) == n)
		return 0;
	if (errno != EPIPE)
		return -EIO;
	clearerr(ctx);
	return -EPIPE;
}

static void tell_if_dirty(const struct work *w, const struct fb_hive *h)
{
	const struct fb_hive_recovery *r = fb_hive_recovered(h);
	char found[128];

	if (!r->dirty)
		return;
	if (!r->entries) {
		bench_say("%s is dirty, and neither %s nor %s holds what it lacks; "
			  "shown as it lies, which may be neither whole nor the latest",
			  w->path, fb_hive_file_name(h, FB_HIVE_LOG1),
			  fb_hive_file_name(h, FB_HIVE_LOG2));
		return;
	}
	describe(r, found, sizeof(found));
	bench_say("%s is dirty; shown as recovered, in memory alone: %s; `flushbench "
		  "hive recover` writes it",
		  w->path, found);
}

static int dump(struct work *w)
{
	struct fb_export e = {.put = put_text, .ctx = stdout};
	struct fb_hive_options o = {.read_only = true};
	struct fb_hive *h;
	int ret = open_hive(w, &o, &h);

	if (ret)
		return code_of(ret);
	tell_if_dirty(w, h);
	ret = fb_hive_export(h, &e, &w->err);
	fb_hive_free(h);
	if (e.veiled)
		bench_say("%s: %" PRIu64 " name%s what cannot be shown, a ? stands for "
			  "it",
			  w->path, e.veiled, e.veiled == 1 ? " has" : "s have");
	if (ret == -EPIPE || ferror(stdout))
		w->err.text[0] = '\0';
	return !ret || ret == -EPIPE ? EXIT_OK : code_of(ret);
}

static void print_recovery(const struct work *w, const struct fb_hive_recovery *r)
{
	const char *would = w->o.dry_run ? "would be " : "";
	char found[128];

	describe(r, found, sizeof(found));
	if (r->base_lost)
		printf("%s: base block was bad, %staken from a log\n", w->shown, would);
	printf("%s: %s%s%s\n", w->shown, r->entries ? would : "",
	       r->entries ? "applied: " : "", found);
	if (r->dummy_bins)
		printf("%s: %u bin%s %sreplaced by empty ones; what they held is lost\n",
		       w->shown, r->dummy_bins,
		       r->dummy_bins == 1 ? " was bad and" : "s were bad and", would);
}

static int recover(struct work *w)
{
	struct fb_hive_options o = {.read_only = true,
				    .recover_only = true,
				    .without_logs = w->o.without_logs};
	struct fb_hive_recovery r;
	struct fb_hive *h;
	int ret = open_hive(w, &o, &h);

	if (ret)
		return code_of(ret);
	r = *fb_hive_recovered(h);
	fb_hive_free(h);
	if (!r.dirty) {
		printf("%s: clean, there is nothing to recover\n", w->shown);
		return EXIT_OK;
	}
	if (!w->o.dry_run) {
		o.read_only = false;
		ret = open_hive(w, &o, &h);
		if (ret)
			return code_of(ret);
		r = *fb_hive_recovered(h);
		ret = fb_hive_close(h, &w->err);
		if (ret)
			return EXIT_FAILED;
	}
	print_recovery(w, &r);
	return r.dummy_bins ? EXIT_FAILED : EXIT_OK;
}

static const struct action {
	const char *name;
	int (*run)(struct work *w);
	const char *about;
} actions[] = {
	{"check", check,
	 "Tells every fault of FILE with its offset, from the bytes of the primary "
	 "alone; exit 1 when there is one. Cells that nothing refers to are counted, "
	 "they are no fault."},
	{"dump", dump,
	 "Prints all keys and values of FILE in the format of regedit, as "
	 "`hivexregedit --export FILE '\\'` does, in UTF-8. Changes nothing: a dirty "
	 "hive is recovered in memory, one without its logs shown as it lies."},
	{"recover", recover,
	 "Applies to FILE what its logs, FILE.LOG1 and FILE.LOG2, hold and it lacks, and "
	 "says what that was; exit 1 when something was lost. A hive that waits for logs "
	 "which are not there is left alone: --without-logs takes it as it lies. With "
	 "--dry-run it only says what would be done."},
};

enum { N_ACTIONS = sizeof(actions) / sizeof(actions[0]) };

static const struct action *find_action(const char *name, struct fb_err *err)
{
	const char *names[N_ACTIONS], *near;

	for (int i = 0; i < N_ACTIONS; i++) {
		if (!strcmp(actions[i].name, name))
			return &actions[i];
		names[i] = actions[i].name;
	}
	near = fb_suggest(name, names, N_ACTIONS);
	if (near)
		fb_err_set(err, -EINVAL, "hive %s: did you mean hive %s?", name, near);
	else
		fb_err_set(err, -EINVAL,
			   "hive %s: choose check, dump or recover, and name the file "
			   "after it",
			   name);
	return NULL;
}

static int print_help(struct work *w, const struct options *given)
{
	const struct action *a;

	if (!given->n_operands) {
		options_print_help(stdout, &bench_hive);
		return EXIT_OK;
	}
	a = find_action(given->operands[0], &w->err);
	if (!a)
		return EXIT_USAGE;
	printf("usage: flushbench hive %s FILE%s\n\n", a->name,
	       a->run == recover ? " [--dry-run] [--without-logs]" : "");
	options_wrap(stdout, a->about, 0);
	return EXIT_OK;
}

static int refuse_option(struct work *w, const struct action *a)
{
	if (w->o.dry_run)
		fb_err_set(&w->err, -EINVAL,
			   "--dry-run: hive %s changes nothing anyway, leave it out",
			   a->name);
	else
		fb_err_set(&w->err, -EINVAL,
			   "--without-logs: hive %s does without them anyway, leave it "
			   "out",
			   a->name);
	return EXIT_USAGE;
}

static int run(struct work *w, const struct options *given)
{
	const struct action *a;

	if (!given->n_operands) {
		fb_err_set(&w->err, -EINVAL,
			   "what shall be done, to which file? flushbench hive "
			   "check|dump|recover FILE");
		return EXIT_USAGE;
	}
	a = find_action(given->operands[0], &w->err);
	if (!a)
		return EXIT_USAGE;
	if (given->n_operands == 1) {
		fb_err_set(&w->err, -EINVAL, "hive %s: name the file of the hive",
			   a->name);
		return EXIT_USAGE;
	}
	if ((w->o.dry_run || w->o.without_logs) && a->run != recover)
		return refuse_option(w, a);
	w->path = given->operands[1];
	snprintf(w->shown, sizeof(w->shown), "%s", w->path);
	fb_text_disarm(w->shown);
	return a->run(w);
}

static int hive(int argc, char **argv)
{
	static struct work w;
	struct options given;
	int code = EXIT_USAGE;

	if (!options_parse(&given, &bench_hive, &w.o, argc, argv, &w.err)) {
		code = given.help ? print_help(&w, &given) : run(&w, &given);
	}
	if (code != EXIT_OK && *w.err.text)
		bench_say("%s", w.err.text);
	options_free(&given);
	return code;
}

static const struct bench_option hive_options[] = {
	{"dry-run", NULL, offsetof(struct hive_options, dry_run),
	 "recover: say what the logs hold, change nothing"},
	{"without-logs", NULL, offsetof(struct hive_options, without_logs),
	 "recover: take a dirty hive whose logs are lost as it lies"},
	{0},
};

const struct bench_command bench_hive = {
	.name = "hive",
	.operands = "check|dump|recover FILE",
	.operands_max = 2,
	.help = "check a registry hive, print it as text, or apply its logs",
	.about = "check tells every fault of the hive FILE with its place; dump prints "
		 "it in the format of regedit; recover applies what FILE.LOG1 and "
		 "FILE.LOG2 hold and it lacks.",
	.options = hive_options,
	.main = hive,
};
