#include "bench/probe_show.h"

#include "base/units.h"
#include "bench/facts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT = 2048, DEPTH_MAX = 8 };

static double number(const struct fb_facts *f, const char *key)
{
	const char *value = bench_fact(f, key);

	return value ? strtod(value, NULL) : NAN;
}

void probe_add(char *out, size_t room, const char *a, const char *b)
{
	const size_t at = strlen(out);

	snprintf(out + at, room - at, "%s%s", a, b);
}

static void add_part(char *out, size_t room, const char *part)
{
	probe_add(out, room, *out ? ", " : "", part);
}

/* @count: how many reached it says more. */
static const struct verdict {
	const char *word, *text;
	bool count;
} verdicts[] = {
	{"reached", "flushes reach %s", true},
	{"some", "not every flush reaches %s", true},
	{"shared",
	 "flushes reach %s, but others flush it meanwhile, and theirs may have served "
	 "for ours",
	 true},
	{"missing",
	 "no flush reached %s though its cache is volatile: what was flushed "
	 "is lost with the power",
	 false},
	{"unneeded",
	 "no flush was sent to %s, and none is needed: it has no volatile cache",
	 false},
	{"unsent",
	 "no flush was sent to %s; whether its cache is volatile is not known", false},
	{"uncounted",
	 "flushes were answered; whether they reach a disk is not counted here", false},
	{"memory", "the target is memory: a flush moves nothing", false},
	{"implausible",
	 "a flush is faster than a device can be: something else answers for %s",
	 false},
};

/* The text's one %s is the disk's name. */
static void fill_in(char *out, size_t room, const char *text, const char *name)
{
	const char *at = strstr(text, "%s");

	if (at)
		snprintf(out, room, "%.*s%s%s", (int)(at - text), text, name, at + 2);
	else
		snprintf(out, room, "%s", text);
}

static const struct verdict *find_verdict(const char *word)
{
	for (size_t i = 0; word && i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		if (!strcmp(verdicts[i].word, word))
			return &verdicts[i];
	return NULL;
}

static void flush_verdict(const struct fb_facts *f, probe_say *say, void *ctx)
{
	const struct verdict *v = find_verdict(bench_fact(f, "sanity_verdict"));
	const char *disk = bench_fact(f, "disk0");
	double each = number(f, "sanity_dev_flushes") / number(f, "sanity_flushes");
	char text[TEXT], name[FB_DISK_NAME + 16], more[80];

	if (!v)
		return;
	snprintf(name, sizeof(name), "%.63s%s", disk ? disk : "the disk",
		 bench_fact(f, "disk1") ? " and others" : "");
	fill_in(text, sizeof(text), v->text, name);
	if (v->count && isfinite(each)) {
		snprintf(more, sizeof(more), ": %.2f for each that was asked for",
			 each);
		probe_add(text, sizeof(text), more, "");
	}
	say(ctx, "verdict", text);
}

static void flush_latency(const struct fb_facts *f, probe_say *say, void *ctx)
{
	double commit = number(f, "sanity_commit_p50_ns");
	double alone = number(f, "sanity_write_p50_ns");
	char text[TEXT] = "", a[FB_FORMAT_LEN];

	if (!isfinite(commit))
		return;
	probe_add(text, sizeof(text), fb_format_ns(a, commit),
		  " to write 4 KiB and flush");
	if (isfinite(alone)) {
		probe_add(text, sizeof(text), ", ", fb_format_ns(a, alone));
		probe_add(text, sizeof(text), " without a flush", "");
	}
	say(ctx, "median", text);
}

/* Both of a repetition of its own, which is no measure for the others. */
static void flush_in_disk(const struct fb_facts *f, probe_say *say, void *ctx)
{
	double device = number(f, "sanity_dev_flush_p50_ns");
	double commit = number(f, "sanity_traced_p50_ns");
	char text[TEXT] = "", a[FB_FORMAT_LEN];

	if (!(device > 0) || !isfinite(commit))
		return;
	probe_add(text, sizeof(text), fb_format_ns(a, commit),
		  " in a round of its own, ");
	probe_add(text, sizeof(text), fb_format_ns(a, device),
		  " of it the disk's flush");
	say(ctx, "traced", text);
}

static const char *source_words(const char *source)
{
	if (!strcmp(source, "trace"))
		return "by the kernel's block events";
	if (!strcmp(source, "disk"))
		return "by the disk's counters";
	return "by the process's own counters, which see no device";
}

static void flush_counts(const struct fb_facts *f, probe_say *say, void *ctx)
{
	const char *source = bench_fact(f, "sanity_source");
	double amp = number(f, "sanity_dev_bytes") / number(f, "sanity_app_bytes");
	char text[TEXT] = "", part[80];

	if (!source)
		return;
	probe_add(text, sizeof(text), source_words(source), "");
	if (isfinite(amp)) {
		snprintf(part, sizeof(part), "%.2f bytes written for each of ours",
			 amp);
		add_part(text, sizeof(text), part);
	}
	say(ctx, "counted", text);
}

void probe_show_flush(const struct fb_facts *f, probe_say *say, void *ctx)
{
	const char *refused = bench_fact(f, "sanity_refused");

	if (refused)
		say(ctx, "not tried", refused);
	flush_verdict(f, say, ctx);
	flush_latency(f, say, ctx);
	flush_in_disk(f, say, ctx);
	flush_counts(f, say, ctx);
}

/* One disk of the facts: "disk" or "below", and its number. */
struct disk {
	const struct fb_facts *f;
	const char *kind;
	size_t i;
};

static const char *of_disk(const struct disk *d, const char *what)
{
	char key[64];

	snprintf(key, sizeof(key), "%s%zu%s", d->kind, d->i, what);
	return bench_fact(d->f, key);
}

/* What to say when a fact is "yes", and when it is anything else. */
static void add_choice(char *out, size_t room, const char *value, const char *yes,
		       const char *no)
{
	const char *words = !value ? "" : strcmp(value, "yes") == 0 ? yes : no;

	if (*words)
		add_part(out, room, words);
}

static void add_written(char *out, size_t room, const struct disk *d, const char *what,
			const char *words)
{
	const char *value = of_disk(d, what);
	char text[96], bytes[FB_FORMAT_LEN];

	if (!value)
		return;
	snprintf(text, sizeof(text), "%s %s",
		 fb_format_bytes(bytes, strtod(value, NULL)), words);
	add_part(out, room, text);
}

static void describe(const struct disk *d, char *out, size_t room)
{
	const char *model = of_disk(d, "_model"), *cache = of_disk(d, "_write_cache");
	const char *scheduler = of_disk(d, "_scheduler");
	const char *file = of_disk(d, "_backing_file");

	*out = '\0';
	if (model)
		add_part(out, room, model);
	if (cache)
		add_part(out, room,
			 strcmp(cache, "write back") == 0 ? "volatile cache"
							  : "no volatile cache");
	add_choice(out, room, of_disk(d, "_fua"), "FUA", "no FUA");
	if (scheduler) {
		add_part(out, room, "scheduler ");
		probe_add(out, room, scheduler, "");
	}
	add_choice(out, room, of_disk(d, "_rotational"), "rotational",
		   "not rotational");
	if (file) {
		add_part(out, room, "file ");
		probe_add(out, room, file, "");
	}
	add_choice(out, room, of_disk(d, "_direct_io"), "read and written directly",
		   file ? "through the page cache" : "");
	add_written(out, room, d, "_host_written_bytes", "written by hosts so far");
	add_written(out, room, d, "_media_written_bytes", "to its flash");
	if (!*out)
		probe_add(out, room, "nothing more is known of it", "");
}

static void show_disk(const struct disk *d, int depth, probe_say *say, void *ctx)
{
	const char *name = of_disk(d, "");
	struct disk below = {d->f, "below", 0};
	char label[FB_DISK_NAME + 2 * DEPTH_MAX], text[TEXT];
	const char *each;

	snprintf(label, sizeof(label), "%*s%s", 2 * depth, "", name);
	describe(d, text, sizeof(text));
	say(ctx, label, text);
	for (; depth < DEPTH_MAX && (each = of_disk(&below, "")); below.i++) {
		const char *above = of_disk(&below, "_above");

		if (above && !strcmp(above, name))
			show_disk(&below, depth + 1, say, ctx);
	}
}

static void show_top(const struct fb_facts *f, probe_say *say, void *ctx)
{
	const char *fs = bench_fact(f, "target_fs");
	const char *mount = bench_fact(f, "target_mount");
	const char *source = bench_fact(f, "target_source");
	const char *target = bench_fact(f, "target");
	char text[TEXT + 16];

	if (!fs) {
		say(ctx, "device", target ? target : "");
		return;
	}
	snprintf(text, sizeof(text), "%s%s%s", mount ? mount : "",
		 source ? ", from " : "", source ? source : "");
	say(ctx, fs, text);
}

void probe_show_devices(const struct fb_facts *f, probe_say *say, void *ctx)
{
	const char *medium = bench_fact(f, "target_medium");
	struct disk d = {f, "disk", 0};

	show_top(f, say, ctx);
	for (; of_disk(&d, ""); d.i++)
		show_disk(&d, 1, say, ctx);
	if (d.i)
		return;
	if (medium && !strcmp(medium, "memory"))
		say(ctx, "  memory", "gone with the power");
	else if (medium && !strcmp(medium, "network"))
		say(ctx, "  network", "its disks are not seen from here");
	else
		say(ctx, "  -",
		    "no disk of it is found here, so what a flush does to one "
		    "is not known");
}
