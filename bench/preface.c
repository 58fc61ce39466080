#include "bench/preface.h"

#include "bench/bench.h"
#include "bench/facts.h"
#include "bench/host.h"
#include "bench/nvmem.h"
#include "host/host.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int add_facts(const struct preface *p, struct fb_facts *f)
{
	char now[32];
	int ret;

	bench_utc(now, sizeof(now), false);
	ret = fb_facts_add(f, "run_start", "%s", now);
	ret |= fb_facts_add(f, "version", "%s", bench_version);
	ret |= fb_facts_add(f, "command", "%s", p->command);
	ret |= fb_facts_add(f, "cases", "%zu", p->plan->n_cases);
	ret |= fb_facts_add(f, "repetitions", "%zu", p->plan->n_steps);
	ret |= bench_facts(f, p->place, p->clock);
	ret |= nvmem_facts(f, p->plan);
	return ret;
}

/* A run that writes nothing to the target asks nothing of it. */
static bool uses_target(const struct fb_plan *plan)
{
	for (size_t i = 0; i < plan->n_cases; i++)
		if (fb_path_disk_bytes(&plan->cases[i]))
			return true;
	return false;
}

static int add_warnings(const struct preface *p, struct fb_warnings *ws)
{
	const struct fb_device *d = &p->place->device;
	int ret = nvmem_warnings(ws, p->plan, d);

	ret |= fb_host_warn_machine(ws, "");
	if (uses_target(p->plan))
		ret |= fb_host_warn_target(ws, d, "");
	ret |= fb_host_warn_plan(ws, d, p->plan->cases, p->plan->n_cases);
	return ret;
}

static int write_facts(const struct preface *p, const struct fb_facts *f,
		       struct fb_err *err)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < f->n; i++)
		ret = fb_run_dir_fact(p->dir, f->list[i].key, f->list[i].value, err);
	return ret;
}

static void tell_notes(const struct fb_warnings *ws)
{
	char names[512] = "";
	size_t at = 0;

	for (size_t i = 0; i < ws->n && at < sizeof(names); i++)
		if (ws->list[i].severity == FB_SEVERITY_NOTE)
			at += (size_t)snprintf(names + at, sizeof(names) - at, "%s%s",
					       at ? ", " : "", ws->list[i].id);
	if (at)
		bench_say("worth knowing: %s; warnings.csv says more", names);
}

static int write_warnings(const struct preface *p, const struct fb_warnings *ws,
			  struct fb_err *err)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < ws->n; i++) {
		const struct fb_warning *w = &ws->list[i];

		if (w->severity != FB_SEVERITY_NOTE)
			bench_say("%s: %s: %s (%s)", fb_severity_name(w->severity),
				  w->id, w->text, w->evidence);
		ret = fb_run_dir_warning(p->dir, w, err);
	}
	tell_notes(ws);
	return ret;
}

int preface_write(const struct preface *p, struct fb_err *err)
{
	struct fb_facts facts = {0};
	struct fb_warnings warnings = {0};
	int ret = add_facts(p, &facts) | add_warnings(p, &warnings);

	if (ret)
		ret = fb_err_set(err, -ENOMEM, "out of memory");
	if (!ret)
		ret = write_facts(p, &facts, err);
	if (!ret)
		ret = write_warnings(p, &warnings, err);
	if (!ret)
		ret = preface_media(p, "begin", err);
	fb_facts_free(&facts);
	fb_warnings_free(&warnings);
	return ret;
}

int preface_media(const struct preface *p, const char *when, struct fb_err *err)
{
	struct fb_facts f = {0};
	char suffix[16];
	int ret;

	snprintf(suffix, sizeof(suffix), "_%s", when);
	ret = bench_written_facts(&f, &p->place->device, suffix);
	ret = ret ? fb_err_set(err, ret, "out of memory") : write_facts(p, &f, err);
	fb_facts_free(&f);
	return ret;
}
