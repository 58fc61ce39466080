#include "bench/probe_modes.h"

#include "bench/probe_show.h"
#include "plan/plan.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct setting {
	const char *param, *text;
} all_modes[] = {
	{"path", "null,file,mapped,registry,nvmem"},
	{"mode", "all"},
	{"no_sync", "range,fsync,cache-off"},
};

static int expand(struct fb_profile *profile, struct fb_plan *plan)
{
	int ret = fb_profile_add_job(profile, "probe");

	for (size_t i = 0; !ret && i < sizeof(all_modes) / sizeof(all_modes[0]); i++)
		ret = fb_profile_override(profile, fb_param_find(all_modes[i].param),
					  all_modes[i].text, "probe", NULL);
	return ret ? ret : fb_plan_expand(plan, profile, NULL);
}

static const char *or_dash(const char *word)
{
	return *word ? word : "-";
}

static struct fb_promise promise_of(const struct fb_case *c, const struct fb_target *t,
				    enum probe_nvmem nvmem)
{
	if (c->path == FB_PATH_NVMEM && nvmem == PROBE_NVMEM_REFUSED)
		return (struct fb_promise){FB_SURVIVES_UNKNOWN, FB_FIDELITY_MISSING};
	return fb_path_get((enum fb_path_id)c->path)->promise(c, t->device);
}

static int add_mode(struct fb_facts *f, const struct fb_case *c,
		    const struct fb_promise *p)
{
	const bool way = c->mode == FB_MODE_NO_SYNC && c->no_sync != FB_NO_SYNC_RANGE;
	char key[sizeof(f->list->key)];

	snprintf(key, sizeof(key), PROBE_MODE_KEY "%s_%s%s%s", fb_path_names[c->path],
		 fb_mode_names[c->mode], way ? "_" : "",
		 way ? fb_no_sync_names[c->no_sync] : "");
	return fb_facts_add(f, key, "%s %s", or_dash(fb_fidelity_names[p->fidelity]),
			    or_dash(fb_survives_names[p->survives]));
}

static bool is_unknown(const struct fb_case *c, const struct fb_target *t,
		       enum probe_nvmem nvmem)
{
	if (fb_path_why_not(c, t))
		return true;
	return c->path == FB_PATH_NVMEM && nvmem == PROBE_NVMEM_UNTRIED &&
	       !t->device->nv.region[0] && !t->device->dax;
}

int probe_mode_facts(struct fb_facts *f, const struct fb_target *t,
		     enum probe_nvmem nvmem)
{
	struct fb_profile profile = {0};
	struct fb_plan plan = {0};
	int ret = expand(&profile, &plan);

	for (size_t i = 0; !ret && i < plan.n_cases; i++) {
		const struct fb_case *c = &plan.cases[i];
		struct fb_promise p;

		if (is_unknown(c, t, nvmem))
			continue;
		p = promise_of(c, t, nvmem);
		ret = add_mode(f, c, &p);
	}
	fb_plan_free(&plan);
	fb_profile_free(&profile);
	return ret;
}

/* A fact taken apart: the mode is what follows the path in its key. */
struct mode {
	char path[16], mode[40], fidelity[16], survives[16];
};

static bool read_mode(const struct fb_fact *fact, struct mode *m)
{
	const size_t n = strlen(PROBE_MODE_KEY);

	char *way;

	if (strncmp(fact->key, PROBE_MODE_KEY, n) != 0 ||
	    sscanf(fact->key + n, "%15[^_]_%39s", m->path, m->mode) != 2 ||
	    sscanf(fact->value, "%15s %15s", m->fidelity, m->survives) != 2)
		return false;
	way = strchr(m->mode, '_');
	if (way)
		*way = '=';
	return true;
}

static bool is_in(const struct mode *m, const char *path, const char *fidelity,
		  const char *survives)
{
	const bool missing = !strcmp(m->fidelity, "missing");

	if (strcmp(m->path, path) || strcmp(m->fidelity, fidelity))
		return false;
	return missing ? !strcmp(survives, "missing") : !strcmp(m->survives, survives);
}

/* The modes of one path and fidelity, or that these are all the path has. */
static size_t add_names(char *out, size_t room, const struct fb_facts *f,
			const char *path, const char *fidelity, const char *survives)
{
	char names[512] = "", count[32];
	size_t n = 0, all = 0;
	struct mode m;

	for (size_t i = 0; i < f->n; i++) {
		if (!read_mode(&f->list[i], &m))
			continue;
		all += !strcmp(m.path, path);
		if (!is_in(&m, path, fidelity, survives))
			continue;
		probe_add(names, sizeof(names), n++ ? " " : "", m.mode);
	}
	if (!n)
		return 0;
	snprintf(count, sizeof(count), "all %zu modes", n);
	probe_add(out, room, *out ? ", " : "", n == all && n > 3 ? count : names);
	/* Path null stands for no routine, and missing says itself. */
	if (strcmp(fidelity, "-") && strcmp(fidelity, "missing")) {
		probe_add(out, room, " (", fidelity);
		probe_add(out, room, ")", "");
	}
	return n;
}

static void path_line(const struct fb_facts *f, const char *path, const char *survives,
		      void (*line)(const char *survives, const char *modes, void *ctx),
		      void *ctx)
{
	char names[1024] = "", text[1088];

	for (int i = 0; i < FB_FIDELITY_COUNT; i++)
		add_names(names, sizeof(names), f, path, or_dash(fb_fidelity_names[i]),
			  survives);
	if (!*names)
		return;
	snprintf(text, sizeof(text), "%s: %s", path, names);
	line(survives, text, ctx);
}

void probe_mode_groups(const struct fb_facts *f,
		       void (*line)(const char *survives, const char *modes, void *ctx),
		       void *ctx)
{
	for (int s = FB_SURVIVES_COUNT - 1; s >= 0; s--)
		for (int p = 0; p < FB_PATH_COUNT; p++)
			path_line(f, fb_path_names[p], or_dash(fb_survives_names[s]),
				  line, ctx);
	for (int p = 0; p < FB_PATH_COUNT; p++)
		path_line(f, fb_path_names[p], "missing", line, ctx);
}
