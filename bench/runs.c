#include "bench/runs.h"

#include "bench/host.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The newest run seen so far. */
struct newest {
	const char *results;
	char name[256];
	double time;
};

static bool is_run(const char *folder, char *summary, size_t room)
{
	snprintf(summary, room, "%s/summary.csv", folder);
	return bench_is_file(summary);
}

static void see_run(const char *name, void *ctx)
{
	struct newest *n = ctx;
	char folder[4096], summary[4352];
	double time;

	snprintf(folder, sizeof(folder), "%s/%s", n->results, name);
	if (!is_run(folder, summary, sizeof(summary)))
		return;
	time = bench_modified(summary);
	if (*n->name && time < n->time)
		return;
	snprintf(n->name, sizeof(n->name), "%s", name);
	n->time = time;
}

static int find_newest(const char *results, char *out, size_t room, struct fb_err *err)
{
	struct newest n = {.results = results};

	bench_each_file(results, see_run, &n);
	if (!*n.name)
		return fb_err_set(err, -ENOENT,
				  "there is no run in %s; `flushbench run quick` makes "
				  "one, --results names another folder",
				  results);
	snprintf(out, room, "%s/%s", results, n.name);
	return 0;
}

int bench_find_run(const char *name, const char *results, char *out, size_t room,
		   struct fb_err *err)
{
	char folder[4096], summary[4352];

	if (!name)
		return find_newest(results, out, room, err);
	snprintf(folder, sizeof(folder), "%s", name);
	if (!is_run(folder, summary, sizeof(summary)) && !strchr(name, '/'))
		snprintf(folder, sizeof(folder), "%s/%s", results, name);
	if (bench_is_refused(summary))
		return fb_err_set(
			err, -EACCES,
			"%s: permission denied; name the folder of a run that "
			"you may read",
			summary);
	if (!is_run(folder, summary, sizeof(summary)))
		return fb_err_set(
			err, -ENOENT,
			"%s is no run: no summary.csv is there%s%s%s; name the "
			"folder that `flushbench run` told of",
			name, strchr(name, '/') ? "" : ", nor in ",
			strchr(name, '/') ? "" : results, strchr(name, '/') ? "" : "/");
	snprintf(out, room, "%s", folder);
	return 0;
}
