#include "bench/profiles.h"

#include "bench/bench.h"
#include "bench/host.h"

#include <stdio.h>
#include <string.h>

struct walk {
	const char *folder;
	void (*see)(const struct bench_profile *p, void *ctx);
	void *ctx;
};

static void read_head(const char *path, char *line, size_t room)
{
	FILE *f = fopen(path, "r");

	line[0] = '\0';
	if (!f)
		return;
	if (!fgets(line, (int)room, f))
		line[0] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	fclose(f);
}

static void see_file(const char *file, void *ctx)
{
	const struct walk *w = ctx;
	char name[256], path[4096], found[4096], line[256];
	size_t n = strlen(file);

	if (n < 5 || n >= sizeof(name) || strcmp(file + n - 4, ".ini"))
		return;
	snprintf(name, sizeof(name), "%.*s", (int)(n - 4), file);
	snprintf(path, sizeof(path), "%s/%s", w->folder, file);
	/* One of the same name in an earlier folder is the one that would be run. */
	if (bench_find_file(name, "workloads", ".ini", found, sizeof(found), NULL) ||
	    strcmp(found, path) != 0)
		return;
	read_head(path, line, sizeof(line));
	w->see(&(struct bench_profile){name, path, line + strspn(line, "#; ")}, w->ctx);
}

void bench_each_profile(void (*see)(const struct bench_profile *p, void *ctx),
			void *ctx)
{
	char folder[4096];

	for (int i = 0; bench_folder("workloads", i, folder, sizeof(folder)); i++) {
		struct walk w = {folder, see, ctx};

		bench_each_file(folder, see_file, &w);
	}
}
