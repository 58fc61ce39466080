#include "host/machine.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* A folder of control groups and who looks into it. */
struct walk {
	const char *folder;
	bool second;
	bool (*see)(const char *folder, bool second, void *ctx);
	void *ctx;
};

static bool has_word(char *list, const char *word)
{
	char *each;

	while ((each = strsep(&list, ",")))
		if (!strcmp(each, word))
			return true;
	return false;
}

static void climb(const struct walk *w, const char *group)
{
	char path[PATH_MAX], *slash;
	const size_t base = strlen(w->folder);

	if (snprintf(path, sizeof(path), "%s%s", w->folder, group) >= PATH_MAX)
		return;
	while (!w->see(path, w->second, w->ctx)) {
		slash = strrchr(path + base, '/');
		if (!slash)
			return;
		*slash = '\0';
	}
}

/* A line is number:controllers:group; the second version's has no controllers, and
 * where both versions are in use its folder is called unified. */
static void climb_line(const char *root, const char *controller, char *line,
		       const struct walk *seen_by)
{
	char folder[PATH_MAX];
	struct walk w = *seen_by;
	char *controllers = strchr(line, ':');
	char *group = controllers ? strchr(controllers + 1, ':') : NULL;

	if (!group)
		return;
	*group++ = '\0';
	group[strcspn(group, "\n")] = '\0';
	w.folder = folder;
	w.second = !controllers[1];
	snprintf(folder, sizeof(folder), "%s/sys/fs/cgroup%s%s", root,
		 w.second ? "" : "/", w.second ? "" : controller);
	if (!w.second && !has_word(controllers + 1, controller))
		return;
	climb(&w, group);
	if (w.second) {
		snprintf(folder, sizeof(folder), "%s/sys/fs/cgroup/unified", root);
		climb(&w, group);
	}
}

void fb_machine_cgroup(const char *root, const char *controller,
		       bool (*see)(const char *folder, bool second, void *ctx),
		       void *ctx)
{
	const struct walk w = {.see = see, .ctx = ctx};
	char path[PATH_MAX], line[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/proc/self/cgroup", root);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		climb_line(root, controller, line, &w);
	if (f)
		fclose(f);
}
