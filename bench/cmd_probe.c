#include "bench/bench.h"

#include "bench/command.h"
#include "bench/facts.h"
#include "bench/host.h"
#include "bench/nvmem.h"
#include "bench/options.h"
#include "bench/place.h"
#include "bench/probe_modes.h"
#include "bench/probe_show.h"
#include "bench/probe_try.h"
#include "device/cache_off.h"
#include "report/run_stream.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct request {
	struct options given;
	const char *target;
	const char *allow_device; /* NULL: none */
	bool csv;
	struct place place;
	struct fb_clock clock;
	struct fb_facts facts;
	struct fb_warnings warnings;
	enum probe_nvmem nvmem;
};

/* To look at a device takes no leave; to write to it does. */
static bool may_write(const struct request *q)
{
	return !q->place.device.raw || q->allow_device;
}

static int look(struct request *q, int *code, struct fb_err *err)
{
	int ret = q->allow_device
			  ? place_look(&q->place, q->target, q->allow_device, err)
			  : place_see(&q->place, q->target, err);

	*code = ret == -EACCES ? EXIT_NOT_HERE : EXIT_USAGE;
	return ret;
}

static int learn(struct request *q)
{
	const struct fb_device *d = &q->place.device;
	char now[32];
	int ret;

	bench_utc(now, sizeof(now), false);
	ret = fb_facts_add(&q->facts, "run_start", "%s", now);
	ret |= fb_facts_add(&q->facts, "version", "%s", bench_version);
	ret |= bench_facts(&q->facts, &q->place, &q->clock);
	ret |= nvmem_facts(&q->facts, NULL);
	ret |= bench_written_facts(&q->facts, d, "");
	ret |= fb_host_warn_machine(&q->warnings, "");
	ret |= fb_host_warn_target(&q->warnings, d, "");
	if (d->nv.region[0] || d->nv.domain == FB_NV_DOMAIN_NONE || d->dax)
		ret |= nvmem_warnings(&q->warnings, NULL, d);
	return ret;
}

static int try_taken(struct request *q, bool leftover, struct fb_err *err)
{
	struct fb_err why;

	if (leftover)
		bench_say("removed what a killed run had left under %s", q->place.name);
	if (place_check_space(&q->place, probe_try_bytes(), leftover, &why))
		return probe_refuse(&q->facts, why.text);
	return probe_try(&q->place, &q->clock, &q->facts, &q->warnings, &q->nvmem, err);
}

/*
 * What stands in the way of it is an answer.
 * @off: why the disk's cache must not be trusted, NULL: it may
 */
static int try(struct request *q, const char *off, struct fb_err *err)
{
	struct fb_err why;
	bool leftover;
	int ret, left;

	if (off)
		return probe_refuse(&q->facts, off);
	if (!may_write(q))
		return probe_refuse(
			&q->facts, "it would destroy what is on the device; if that is "
				   "meant, add --allow-device with the same path");
	q->place.target.cancelled = bench_stopped;
	if (place_take(&q->place, &leftover, &why)) {
		place_leave(&q->place, NULL);
		return probe_refuse(&q->facts, why.text);
	}
	ret = try_taken(q, leftover, err);
	left = place_leave(&q->place, ret ? NULL : err);
	return ret ? ret : left;
}

static int put_facts(const struct request *q, const struct fb_run_id *id,
		     struct fb_err *err)
{
	struct fb_run_stream *s;
	int ret = fb_run_stream_open(&s, stdout, FB_RUN_SYSTEM, id, err);

	if (ret)
		return ret;
	for (size_t i = 0; i < q->facts.n; i++)
		fb_run_stream_fact(s, q->facts.list[i].key, q->facts.list[i].value);
	return fb_run_stream_close(s, err);
}

static int put_warnings(const struct request *q, const struct fb_run_id *id,
			struct fb_err *err)
{
	struct fb_run_stream *s;
	int ret = fb_run_stream_open(&s, stdout, FB_RUN_WARNINGS, id, err);

	if (ret)
		return ret;
	for (size_t i = 0; i < q->warnings.n; i++)
		fb_run_stream_warning(s, &q->warnings.list[i]);
	return fb_run_stream_close(s, err);
}

static int put_csv(const struct request *q, struct fb_err *err)
{
	char host[256];
	const struct fb_run_id id = {.name = "probe", .host = host};
	int ret;

	fb_host_name(host, sizeof(host));
	ret = put_facts(q, &id, err);
	if (ret)
		return ret;
	fputc('\n', stdout);
	return put_warnings(q, &id, err);
}

static int show(const struct request *q, struct fb_err *err)
{
	const struct probe_view v = {stdout, bench_width(), bench_colour(1)};

	if (q->csv)
		return put_csv(q, err);
	if (probe_show(&v, &q->facts, &q->warnings))
		return fb_err_set(err, -ENOMEM, "out of memory");
	return 0;
}

static int probe_target(struct request *q, int *code, struct fb_err *err)
{
	int off, ret = look(q, code, err);
	struct fb_err why;

	if (ret)
		return ret;
	*code = EXIT_FAILED;
	bench_catch_signals();
	/* Before the facts: it puts right what the device seems to be meanwhile. */
	off = fb_cache_off_check(&q->place.device, &why);
	fb_clock_init(&q->clock);
	if (learn(q))
		return fb_err_set(err, -ENOMEM, "out of memory");
	ret = try(q, off ? why.text : NULL, err);
	if (bench_stopped()) {
		*code = EXIT_INTERRUPTED;
		return fb_err_set(err, -EINTR, "interrupted; nothing is left behind");
	}
	if (!ret && probe_mode_facts(&q->facts, &q->place.target, q->nvmem))
		ret = fb_err_set(err, -ENOMEM, "out of memory");
	return ret ? ret : show(q, err);
}

static int probe(int argc, char **argv)
{
	static struct request q = {.target = "."};
	struct fb_err err;
	int code = EXIT_USAGE;

	if (options_parse(&q.given, &bench_probe, &q, argc, argv, &err)) {
		bench_say("%s", err.text);
	} else if (q.given.help) {
		options_print_help(stdout, &bench_probe);
		code = EXIT_OK;
	} else if (probe_target(&q, &code, &err)) {
		bench_say("%s", err.text);
	} else {
		code = EXIT_OK;
	}
	fb_facts_free(&q.facts);
	fb_warnings_free(&q.warnings);
	options_free(&q.given);
	return code;
}

#define AT(field) offsetof(struct request, field)

static const struct bench_option probe_options[] = {
	{"target", "DIR", AT(target),
	 "folder whose file system is looked at, or a device (default: the current "
	 "folder)"},
	{"allow-device", "PATH", AT(allow_device),
	 "with the same PATH as --target: try a flush on that block device or device "
	 "DAX, destroying what is on it"},
	{"csv", NULL, AT(csv),
	 "print the tables system.csv and warnings.csv of a run, an empty line between "
	 "them"},
	{0},
};

const struct bench_command bench_probe = {
	.name = "probe",
	.operands = "",
	.operands_max = 0,
	.help = "show this machine: devices, what a flush does, what makes numbers lie",
	.about =
		"Shows the machine, the devices under a target down to the last disk, "
		"what a flush of a small file did there, what each mode survives, what "
		"measuring costs, and what would make the numbers lie.",
	.options = probe_options,
	.params = false,
	.main = probe,
};
