#include "bench/bench.h"

#include "base/suggest.h"
#include "bench/host.h"
#include "bench/profiles.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Up from @path by one name, "" above the root. */
static void cut_last(char *path)
{
	char *slash = strrchr(path, '/');

	*(slash ? slash : path) = '\0';
}

const char *bench_folder(const char *folder, int i, char *out, size_t room)
{
	char at[4096];

	if (i > 1 || bench_program_path(at, sizeof(at)))
		return NULL;
	cut_last(at);
	if (i)
		cut_last(at);
	snprintf(out, room, "%s%s/%s", at, i ? "/share/flushbench" : "", folder);
	return out;
}

static int ends_in(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n > m && !strcmp(s + n - m, suffix);
}

/* The profile whose name is nearest to a word. */
struct guess {
	const char *word;
	size_t distance;
	char name[64];
};

static void try_profile(const struct bench_profile *p, void *ctx)
{
	struct guess *g = ctx;
	const char *const one[] = {p->name};

	if (fb_suggest(g->word, one, 1) &&
	    fb_suggest_distance(g->word, p->name) < g->distance) {
		g->distance = fb_suggest_distance(g->word, p->name);
		snprintf(g->name, sizeof(g->name), "%s", p->name);
	}
}

static int no_profile(const char *name, struct fb_err *err)
{
	struct guess g = {name, SIZE_MAX, ""};

	bench_each_profile(try_profile, &g);
	if (*g.name)
		return fb_err_set(err, -ENOENT,
				  "there is no profile %s; did you mean %s?", name,
				  g.name);
	return fb_err_set(err, -ENOENT,
			  "there is no profile %s; `flushbench list profiles` shows "
			  "them, ./%s names a file of yours",
			  name, name);
}

int bench_find_file(const char *name, const char *folder, const char *suffix, char *out,
		    size_t room, struct fb_err *err)
{
	char at[4096];

	snprintf(out, room, "%s", name);
	if (strchr(name, '/') || ends_in(name, suffix))
		return 0;
	for (int i = 0; bench_folder(folder, i, at, sizeof(at)); i++) {
		snprintf(out, room, "%s/%s%s", at, name, suffix);
		if (bench_is_file(out))
			return 0;
	}
	if (strcmp(suffix, ".ini"))
		return fb_err_set(err, -ENOENT,
				  "%s/%s%s is neither beside the program nor in "
				  "../share/flushbench; install flushbench anew",
				  folder, name, suffix);
	return err ? no_profile(name, err) : -ENOENT;
}
