#include "plan/profile_ini.h"

#include <errno.h>
#include <ini.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	FILE_MAX_BYTES = 1 << 20,
	/* The packaged library cuts longer lines and names without a word. */
	LINE_MAX_BYTES = 190,
	NAME_MAX_BYTES = 48,
};

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

struct reader {
	const char *path;
	const char *at; /* rest of the file's text */
	unsigned line;
	struct fb_profile *p;
	struct fb_job global;
	struct fb_job *section; /* NULL: before the first, or [global] */
	size_t first_job;       /* jobs of earlier files come before it */
	int ret;
	unsigned failed; /* line of what is in ret */
	struct fb_err *err;
	bool said_anything; /* a section or a key: else it is no profile */
};

/* Only the first failure is told: the library goes on after it. */
static int fail(struct reader *r, const struct fb_err *why)
{
	if (!r->ret) {
		r->failed = r->line;
		r->ret = fb_err_set(r->err, -EINVAL, "%s:%u: %s", r->path, r->line,
				    why->text);
	}
	return -EINVAL;
}

static int fail_text(struct reader *r, const char *text)
{
	struct fb_err why;

	fb_err_set(&why, -EINVAL, "%s", text);
	return fail(r, &why);
}

static bool section_known(const struct reader *r, const char *name)
{
	for (size_t i = r->first_job; i < r->p->n_jobs; i++) {
		if (!strcmp(r->p->jobs[i].name, name))
			return true;
	}
	return false;
}

/* The library drops what follows a section's name without a word. */
static bool ends_there(const char *s)
{
	s += strspn(s, " \t\r\n");
	return !*s || strchr(";#", *s);
}

/* The library calls nobody for a section without keys, which is a job to us. */
static void begin_section(struct reader *r, const char *line)
{
	const char *end = strchr(line, ']');
	char name[NAME_MAX_BYTES + 1];
	size_t n = end ? (size_t)(end - line - 1) : 0;

	if (!end || !n || n > NAME_MAX_BYTES) {
		fail_text(r, end ? "a section's name has 1 to 48 bytes; give it "
				   "another"
				 : "a section's name ends in ]; write [name]");
		return;
	}
	if (!ends_there(end + 1)) {
		fail_text(r,
			  "after a section's ] only a comment may stand; begin a new "
			  "line");
		return;
	}
	snprintf(name, sizeof(name), "%.*s", (int)n, line + 1);
	if (strcmp(name, "global") && !strcasecmp(name, "global")) {
		fail_text(r, "did you mean [global]?");
		return;
	}
	r->said_anything = true;
	if (!strcmp(name, "global")) {
		r->section = NULL;
		if (r->p->n_jobs > r->first_job)
			fail_text(
				r,
				"[global] comes before the jobs it is for; move it up");
		return;
	}
	if (section_known(r, name)) {
		fail_text(
			r,
			"this section stands here a second time; name it otherwise or "
			"join the two");
		return;
	}
	if (fb_profile_add_job(r->p, name)) {
		fail_text(r, "out of memory");
		return;
	}
	r->section = &r->p->jobs[r->p->n_jobs - 1];
}

/* fgets for the library: a line of the text without the blanks before it, which
 * would make it a continuation of the last one. */
static char *read_line(char *out, int room, void *stream)
{
	struct reader *r = stream;
	size_t n;

	if (r->ret || !*r->at)
		return NULL;
	r->line++;
	n = strcspn(r->at, "\n");
	if (n > LINE_MAX_BYTES || n + 2 > (size_t)room) {
		fail_text(r, "a line has at most 190 bytes; a list may go on under the "
			     "same key");
		return NULL;
	}
	while (n && strchr(" \t", *r->at)) {
		r->at++;
		n--;
	}
	snprintf(out, (size_t)room, "%.*s\n", (int)n, r->at);
	r->at += n + (r->at[n] == '\n');
	if (out[0] == '[')
		begin_section(r, out);
	return out;
}

static int on_key(void *user, const char *section, const char *key, const char *value)
{
	struct reader *r = user;
	struct fb_job *job = r->section ? r->section : &r->global;
	int i = fb_param_find(key);
	char origin[600];
	struct fb_err why;

	(void)section;
	if (r->ret)
		return 0;
	r->said_anything = true;
	if (i < 0) {
		fb_profile_unknown_key(key, &why);
		return !fail(r, &why);
	}
	snprintf(origin, sizeof(origin), "%s:%u", r->path, r->line);
	if (fb_setting_append(&job->set[i], &fb_params[i], value, origin, &why))
		return !fail(r, &why);
	return 1;
}

static int inherit_global(struct reader *r)
{
	for (size_t j = r->first_job; j < r->p->n_jobs; j++) {
		for (size_t i = 0; i < fb_params_count; i++) {
			struct fb_setting *to = &r->p->jobs[j].set[i];
			const struct fb_setting *from = &r->global.set[i];

			if (to->text || !from->text)
				continue;
			if (fb_setting_copy(to, from))
				return fb_err_set(r->err, -ENOMEM, "out of memory");
		}
	}
	return 0;
}

static int job_named_after(struct reader *r)
{
	const char *slash = strrchr(r->path, '/');
	char name[NAME_MAX_BYTES + 1];
	char *dot;

	snprintf(name, sizeof(name), "%s", slash ? slash + 1 : r->path);
	dot = strrchr(name, '.');
	if (dot && dot != name)
		*dot = '\0';
	if (fb_profile_add_job(r->p, name))
		return fb_err_set(r->err, -ENOMEM, "out of memory");
	return 0;
}

static int parse_text(struct reader *r)
{
	int line = ini_parse_stream(read_line, r, on_key, r);

	if (!r->ret && line < 0)
		r->ret = fb_err_set(r->err, -ENOMEM, "%s: out of memory", r->path);
	/* The library goes on after a line that it does not understand. */
	if (line > 0 && (!r->ret || (unsigned)line < r->failed))
		r->ret = fb_err_set(
			r->err, -EINVAL,
			"%s:%d: neither key = value nor [section]; begin a comment "
			"with #",
			r->path, line);
	if (!r->ret && !r->said_anything)
		r->ret = fb_err_set(r->err, -EINVAL,
				    "%s: has neither a [section] nor a key = value; "
				    "mode = normal is enough",
				    r->path);
	if (!r->ret && r->p->n_jobs == r->first_job)
		r->ret = job_named_after(r);
	if (!r->ret)
		r->ret = inherit_global(r);
	return r->ret;
}

static int check_bytes(const char *path, const char *text, size_t n, struct fb_err *err)
{
	const char *nul = memchr(text, '\0', n);
	unsigned line = 1;

	if (n > FILE_MAX_BYTES)
		return fb_err_set(err, -EINVAL,
				  "%s: over 1 MiB, as no profile is; name another file",
				  path);
	if (!nul)
		return 0;
	for (const char *p = text; p < nul; p++)
		line += *p == '\n';
	return fb_err_set(err, -EINVAL,
			  "%s:%u: a NUL byte; a profile is plain UTF-8 text", path,
			  line);
}

static int read_text(const char *path, char **out, struct fb_err *err)
{
	FILE *f = fopen(path, "rb");
	char *text = malloc(FILE_MAX_BYTES + 2);
	int ret = 0;
	size_t n;

	if (!f || !text) {
		ret = fb_err_set(err, f ? -ENOMEM : -errno, "%s: %s%s", path,
				 f ? "out of memory" : strerror(errno),
				 f ? "" : "; name a profile that can be read");
		goto out_free;
	}
	n = fread(text, 1, FILE_MAX_BYTES + 1, f);
	if (ferror(f))
		ret = fb_err_set(err, -EIO, "%s: %s; name a profile, not a folder",
				 path, strerror(errno));
	else
		ret = check_bytes(path, text, n, err);
	text[n] = '\0';
out_free:
	if (f)
		fclose(f);
	if (ret)
		free(text);
	else
		*out = text;
	return ret;
}

int fb_profile_load(struct fb_profile *p, const char *path, struct fb_err *err)
{
	struct reader r = {.path = path, .p = p, .first_job = p->n_jobs, .err = err};
	struct fb_profile globals = {0};
	char *text;
	int ret = read_text(path, &text, err);

	if (ret)
		return ret;
	ret = fb_profile_add_job(&globals, "global");
	if (ret) {
		fb_err_set(err, ret, "out of memory");
		goto out_text;
	}
	r.global = globals.jobs[0];
	r.at = text + (strncmp(text, BYTE_ORDER_MARK, 3) ? 0 : 3);
	ret = parse_text(&r);
	fb_profile_free(&globals);
out_text:
	free(text);
	return ret;
}
