#include "plan/profile_ini.h"

#include "base/suggest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *fb_list_next(const struct fb_param *p, const char *list, char *out,
			 size_t room)
{
	const char *end = p->type == FB_TYPE_CPUS ? NULL : strchr(list, ',');
	size_t n = end ? (size_t)(end - list) : strlen(list);
	const char *rest = end ? end + 1 : NULL;

	while (n && strchr(" \t", *list)) {
		list++;
		n--;
	}
	while (n && strchr(" \t", list[n - 1]))
		n--;
	snprintf(out, room, "%.*s", (int)n, list);
	return rest;
}

bool fb_value_is_all(const struct fb_param *p, const char *value)
{
	return p->choices == fb_mode_names && !strcmp(value, "all");
}

const char *fb_list_find(const struct fb_param *p, const char *list,
			 const struct fb_case *c)
{
	char value[FB_PARAM_TEXT], wanted[FB_PARAM_TEXT], found[FB_PARAM_TEXT];
	struct fb_case d;

	fb_param_format(p, c, wanted);
	while (list) {
		const char *at = list;

		list = fb_list_next(p, list, value, sizeof(value));
		if (fb_value_is_all(p, value)) {
			if (fb_mode_on((enum fb_path_id)c->path, (enum fb_mode)c->mode))
				return at;
			continue;
		}
		if (fb_param_parse(p, value, &d, NULL))
			continue;
		fb_param_format(p, &d, found);
		if (!strcmp(found, wanted))
			return at;
	}
	return NULL;
}

static int check_list(const struct fb_param *p, const char *list, struct fb_err *err)
{
	char value[FB_PARAM_TEXT];
	struct fb_case scratch;

	while (list) {
		list = fb_list_next(p, list, value, sizeof(value));
		if (!*value)
			return fb_err_set(
				err, -EINVAL,
				"%s has an empty value; give one or leave it out",
				p->name);
		if (fb_value_is_all(p, value))
			continue;
		if (fb_param_parse(p, value, &scratch, err))
			return -EINVAL;
	}
	return 0;
}

int fb_profile_add_job(struct fb_profile *p, const char *name)
{
	struct fb_job *jobs = realloc(p->jobs, (p->n_jobs + 1) * sizeof(*jobs));
	struct fb_job job;

	if (!jobs)
		return -ENOMEM;
	p->jobs = jobs;
	job.name = strdup(name);
	job.set = calloc(fb_params_count, sizeof(*job.set));
	if (!job.name || !job.set) {
		free(job.name);
		free(job.set);
		return -ENOMEM;
	}
	p->jobs[p->n_jobs++] = job;
	return 0;
}

static void setting_free(struct fb_setting *s)
{
	for (size_t i = 0; i < s->n_origins; i++)
		free(s->origins[i].name);
	free(s->origins);
	free(s->text);
	*s = (struct fb_setting){0};
}

static int setting_add(struct fb_setting *s, const char *text, const char *origin)
{
	size_t at = s->text ? strlen(s->text) + 1 : 0, room = at + strlen(text) + 1;
	char *joined = malloc(room), *name = strdup(origin);
	struct fb_origin *origins = realloc(s->origins,
					    (s->n_origins + 1) * sizeof(*origins));

	if (origins)
		s->origins = origins;
	if (!joined || !name || !origins) {
		free(joined);
		free(name);
		return -ENOMEM;
	}
	snprintf(joined, room, "%s%s%s", at ? s->text : "", at ? "," : "", text);
	free(s->text);
	s->text = joined;
	s->origins[s->n_origins++] = (struct fb_origin){at, name};
	return 0;
}

static int setting_store(struct fb_setting *s, const char *text, const char *origin)
{
	struct fb_setting fresh = {0};

	if (setting_add(&fresh, text, origin)) {
		setting_free(&fresh);
		return -ENOMEM;
	}
	setting_free(s);
	*s = fresh;
	return 0;
}

int fb_setting_copy(struct fb_setting *to, const struct fb_setting *from)
{
	struct fb_setting fresh = {
		.text = strdup(from->text),
		.origins = calloc(from->n_origins, sizeof(*fresh.origins)),
	};
	bool whole = fresh.text && fresh.origins;

	for (size_t i = 0; whole && i < from->n_origins; i++) {
		fresh.origins[i].at = from->origins[i].at;
		fresh.origins[i].name = strdup(from->origins[i].name);
		whole = fresh.origins[i].name;
		fresh.n_origins++;
	}
	if (!whole) {
		setting_free(&fresh);
		return -ENOMEM;
	}
	*to = fresh;
	return 0;
}

const char *fb_setting_origin(const struct fb_setting *s, const struct fb_param *p,
			      const struct fb_case *c)
{
	const char *value = s->text ? fb_list_find(p, s->text, c) : NULL;
	size_t i = s->n_origins;

	if (!value)
		return NULL;
	while (i > 1 && s->text + s->origins[i - 1].at > value)
		i--;
	return s->origins[i - 1].name;
}

int fb_profile_override(struct fb_profile *p, int param, const char *text,
			const char *origin, struct fb_err *err)
{
	int ret = check_list(&fb_params[param], text, err);

	for (size_t i = 0; !ret && i < p->n_jobs; i++)
		ret = setting_store(&p->jobs[i].set[param], text, origin);
	if (ret == -ENOMEM)
		fb_err_set(err, ret, "out of memory");
	return ret;
}

void fb_profile_free(struct fb_profile *p)
{
	for (size_t i = 0; i < p->n_jobs; i++) {
		for (size_t j = 0; j < fb_params_count; j++)
			setting_free(&p->jobs[i].set[j]);
		free(p->jobs[i].set);
		free(p->jobs[i].name);
	}
	free(p->jobs);
	*p = (struct fb_profile){0};
}

int fb_setting_append(struct fb_setting *s, const struct fb_param *p, const char *text,
		      const char *origin, struct fb_err *err)
{
	int ret = check_list(p, text, err);

	if (ret)
		return ret;
	/* A CPU list is one value: the last one holds. */
	ret = p->type == FB_TYPE_CPUS ? setting_store(s, text, origin)
				      : setting_add(s, text, origin);
	return ret ? fb_err_set(err, ret, "out of memory") : 0;
}

int fb_profile_unknown_key(const char *key, struct fb_err *err)
{
	const char *names[64];
	const char *near = fb_param_foreign(key);

	if (near)
		return fb_err_set(err, -EINVAL, "%s: %s", key, near);
	for (size_t i = 0; i < fb_params_count; i++)
		names[i] = fb_params[i].name;
	near = fb_suggest(key, names, fb_params_count);
	if (near)
		return fb_err_set(err, -EINVAL, "%s is no parameter; did you mean %s?",
				  key, near);
	return fb_err_set(err, -EINVAL,
			  "%s is no parameter; `flushbench list` shows them all", key);
}
