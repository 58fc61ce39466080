#include "bench/probe_show.h"

#include "base/units.h"
#include "bench/facts.h"
#include "bench/probe_modes.h"
#include "report/table_text.h"
#include "report/trace_cost.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH_LEAST = 60, WIDTH_MOST = 100, INDENT = 16 };

/* @failed: -ENOMEM once a line could not be put together */
struct screen {
	const struct probe_view *v;
	const struct fb_facts *f;
	int width;
	int failed;
	char last[48]; /* what the line before was about */
};

static void heading(const struct screen *s, const char *text)
{
	fb_text_wrap(s->v->out, text, s->width, 2, "");
}

/* Wrapped as if blanks stood in the label's place, where it is put afterwards. */
static void say(void *ctx, const char *label, const char *text)
{
	struct screen *s = ctx;
	const size_t n = strlen(label);
	char *line = NULL, *padded = NULL;
	size_t size;
	FILE *f;

	/* One that is longer has the text behind it, not below. */
	if (n + 3 > INDENT) {
		if (asprintf(&padded, "  %s  %s", label, text) < 0)
			padded = NULL;
	} else if (asprintf(&padded, "%*s%s", INDENT, "", text) < 0) {
		padded = NULL;
	}
	f = padded ? open_memstream(&line, &size) : NULL;
	if (!f) {
		free(padded);
		s->failed = -ENOMEM;
		return;
	}
	fb_text_wrap(f, padded, s->width, INDENT, "");
	fclose(f);
	if (n + 3 <= INDENT)
		memcpy(line + 2, label, n);
	fputs(line, s->v->out);
	free(line);
	free(padded);
}

static void say_fact(struct screen *s, const char *label, const char *key)
{
	const char *value = bench_fact(s->f, key);

	if (value)
		say(s, label, value);
}

static const char *fact_or(const struct screen *s, const char *key, const char *other)
{
	const char *value = bench_fact(s->f, key);

	return value ? value : other;
}

static void say_processor(struct screen *s)
{
	const char *virtual = bench_fact(s->f, "virtualised");
	const char *hypervisor = bench_fact(s->f, "hypervisor");
	const char *memory = bench_fact(s->f, "memory_bytes");
	char text[2048], bytes[FB_FORMAT_LEN];

	snprintf(text, sizeof(text), "%s, %s CPUs", fact_or(s, "cpu", "not known"),
		 fact_or(s, "cpus", "?"));
	say(s, "processor", text);
	if (memory)
		say(s, "memory", fb_format_bytes(bytes, strtod(memory, NULL)));
	if (!virtual)
		return;
	snprintf(text, sizeof(text), "%s%s%s", virtual, hypervisor ? ", on " : "",
		 hypervisor ? hypervisor : "");
	say(s, "virtual", text);
}

static void say_clock(struct screen *s)
{
	const char *source = bench_fact(s->f, "clock_source");
	const char *tick = bench_fact(s->f, "tick_hz");
	const char *step = bench_fact(s->f, "clock_step_ns");
	char text[512];
	int n = snprintf(text, sizeof(text), "%s", fact_or(s, "clock", "not known"));

	if (step)
		n += snprintf(text + n, sizeof(text) - (size_t)n,
			      " in steps of %.20s ns", step);
	if (source)
		n += snprintf(text + n, sizeof(text) - (size_t)n,
			      "; the kernel's is %.100s", source);
	if (tick)
		snprintf(text + n, sizeof(text) - (size_t)n, "; tick %.20s Hz", tick);
	say(s, "clock", text);
}

static void show_machine(struct screen *s)
{
	char text[1100];

	snprintf(text, sizeof(text), "machine %s",
		 fact_or(s, "hostname", "without a name"));
	heading(s, text);
	say_fact(s, "kernel", "kernel");
	say_processor(s);
	say_fact(s, "governor", "cpu_governor");
	say_fact(s, "idle", "cpu_idle_states");
	say_clock(s);
}

/* What a flush costs or promises hangs on these; the others are in --csv. */
static bool matters(const char *option, size_t n)
{
	static const char *const words[] = {
		"ro",        "sync",      "dirsync",     "barrier",       "nobarrier",
		"data=",     "commit=",   "journal",     "dax",           "discard",
		"nodatacow", "nodatasum", "datacow",     "compress",      "lazytime",
		"logbufs=",  "logbsize=", "logdev=",     "fsync",         "volatile",
		"degraded",  "ssd",       "strictatime", "flushoncommit", "notreelog",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const size_t len = strlen(words[i]);

		if (len > n || strncmp(option, words[i], len))
			continue;
		/* "ro" is not the beginning of another word. */
		if (len == n || words[i][len - 1] == '=' || len > 3)
			return true;
	}
	return false;
}

static void say_options(struct screen *s)
{
	const char *at = bench_fact(s->f, "target_options");
	char text[1100] = "";

	while (at && *at) {
		const size_t n = strcspn(at, ",");

		if (matters(at, n))
			snprintf(text + strlen(text), sizeof(text) - strlen(text),
				 "%s%.*s", *text ? ", " : "", (int)n, at);
		at += n;
		at += *at == ',';
	}
	if (bench_fact(s->f, "target_options"))
		say(s, "options", *text ? text : "none that change a flush");
}

static void say_persistent(struct screen *s)
{
	const char *region = bench_fact(s->f, "nv_region");
	char text[1100];

	if (!region)
		return;
	snprintf(text, sizeof(text), "%.40s, provider %.80s, kept from %.80s on%s",
		 region, fact_or(s, "nv_provider", "not known"),
		 fact_or(s, "nv_persistence_domain", "nobody says where"),
		 strcmp(fact_or(s, "nv_read_only", "no"), "yes") ? "" : ", read-only");
	say(s, "persistent", text);
}

static void show_target(struct screen *s)
{
	char text[1100];

	snprintf(text, sizeof(text), "\ntarget %s", fact_or(s, "target", ""));
	fputc('\n', s->v->out);
	heading(s, text + 1);
	probe_show_devices(s->f, say, s);
	say_options(s);
	say_persistent(s);
}

static void show_flush(struct screen *s)
{
	fputc('\n', s->v->out);
	heading(s, "flush, tried with overwrites of 4 KiB and fdatasync");
	probe_show_flush(s->f, say, s);
}

static void add_overhead(const struct screen *s, char *out, size_t room,
			 const char *key, const char *words)
{
	const char *value = bench_fact(s->f, key);
	const size_t at = strlen(out);
	char ns[FB_FORMAT_LEN];

	if (value)
		snprintf(out + at, room - at, "%s%s %s", at ? ", " : "", words,
			 fb_format_ns(ns, strtod(value, NULL)));
}

static void show_overhead(struct screen *s)
{
	char text[512] = "";
	const char *cost;
	double share;

	add_overhead(s, text, sizeof(text), "overhead_stamp_ns", "a stamp");
	add_overhead(s, text, sizeof(text), "overhead_stamp_ordered_ns", "ordered");
	add_overhead(s, text, sizeof(text), "overhead_stamp_fenced_ns", "fenced");
	add_overhead(s, text, sizeof(text), "overhead_stamp_monotonic_ns",
		     "CLOCK_MONOTONIC");
	add_overhead(s, text, sizeof(text), "overhead_record_ns", "a record");
	add_overhead(s, text, sizeof(text), "overhead_loop_ns",
		     "an op that does nothing");
	add_overhead(s, text, sizeof(text), "overhead_null_commit_p50_ns",
		     "seen as a commit of");
	fputc('\n', s->v->out);
	heading(s, "cost of measuring");
	say(s, "each", text);
	cost = bench_fact(s->f, "sanity_trace_cost");
	if (!cost)
		return;
	share = strtod(cost, NULL);
	if (fb_trace_cost_tells(share))
		snprintf(text, sizeof(text), "%.1f %% of a commit",
			 share > 0 ? 100 * share : 0);
	else
		snprintf(text, sizeof(text),
			 "commits differ more by themselves than by recording");
	say(s, "block events", text);
}

static void say_modes(const char *survives, const char *modes, void *ctx)
{
	struct screen *s = ctx;
	const char *word = strcmp(survives, "-") ? survives : "not known";

	say(s, strcmp(s->last, word) ? word : "", modes);
	snprintf(s->last, sizeof(s->last), "%s", word);
}

static void show_modes(struct screen *s)
{
	fputc('\n', s->v->out);
	heading(s, "modes, by what a completed flush survives here");
	probe_mode_groups(s->f, say_modes, s);
}

static void show_warning(struct screen *s, const struct fb_warning *w)
{
	const bool note = w->severity == FB_SEVERITY_NOTE;
	char text[sizeof(w->text) + sizeof(w->evidence) + 128];

	snprintf(text, sizeof(text), "%s: %s: %s%s%s%s", fb_severity_name(w->severity),
		 w->id, note ? w->evidence : w->text, note ? "" : " (",
		 note ? "" : w->evidence, note ? "" : ")");
	fb_text_wrap(s->v->out, text, s->width, 2,
		     s->v->colour && !note ? FB_YELLOW : "");
}

/* Of a note only what was seen: there are many, and they need no answer. */
static void show_warnings(struct screen *s, const struct fb_warnings *ws)
{
	size_t notes = 0;

	fputc('\n', s->v->out);
	if (!ws->n)
		heading(s, "nothing here makes a number less than it seems");
	for (int pass = FB_SEVERITY_WARNING; pass >= FB_SEVERITY_NOTE; pass--)
		for (size_t i = 0; i < ws->n; i++)
			if ((int)ws->list[i].severity == pass) {
				show_warning(s, &ws->list[i]);
				notes += pass == FB_SEVERITY_NOTE;
			}
	if (notes)
		heading(s, "what the notes mean, and what to do: probe --csv, or "
			   "docs/warnings.md");
}

int probe_show(const struct probe_view *v, const struct fb_facts *f,
	       const struct fb_warnings *ws)
{
	const int width = v->width < WIDTH_LEAST  ? WIDTH_LEAST
			  : v->width > WIDTH_MOST ? WIDTH_MOST
						  : v->width;
	struct screen s = {.v = v, .f = f, .width = width};

	show_machine(&s);
	show_target(&s);
	show_flush(&s);
	show_overhead(&s);
	show_modes(&s);
	show_warnings(&s, ws);
	return s.failed;
}
