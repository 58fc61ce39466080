#include "bench/bench.h"

#include "base/suggest.h"
#include "bench/host.h"
#include "bench/command.h"
#include "bench/options.h"
#include "plan/vocab.h"

#include <stdio.h>
#include <string.h>

/* The first line of a profile's head comment says what it is for. */
static void list_profile(const char *name, void *ctx)
{
	const char *folder = ctx;
	size_t n = strlen(name);
	char path[4096], line[256] = "";
	FILE *f;

	if (n < 5 || strcmp(name + n - 4, ".ini"))
		return;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "r");
	if (f) {
		if (!fgets(line, sizeof(line), f))
			line[0] = '\0';
		fclose(f);
	}
	line[strcspn(line, "\n")] = '\0';
	printf("  %-20.*s %s\n", (int)(n - 4), name, line + strspn(line, "#; "));
}

static int list_profiles(void)
{
	char folder[4096];

	for (int i = 0; bench_folder("workloads", i, folder, sizeof(folder)); i++)
		bench_each_file(folder, list_profile, folder);
	return EXIT_OK;
}

static void list_mode(enum fb_path_id p, enum fb_mode m)
{
	const struct fb_mode_info *info = fb_mode_get(m);

	if (!fb_mode_on(p, m))
		return;
	printf("    %-15s %s\n", fb_mode_names[m], info->help);
	if (strcmp(info->call, "-"))
		printf("    %-15s for %s\n", "", info->call);
}

static int list_modes(void)
{
	for (int p = 0; p < FB_PATH_COUNT; p++) {
		printf("  %s\n", fb_path_names[p]);
		for (int m = 0; m < FB_MODE_COUNT; m++)
			list_mode((enum fb_path_id)p, (enum fb_mode)m);
	}
	return EXIT_OK;
}

static int list_params(void)
{
	options_print_params(stdout);
	return EXIT_OK;
}

static const struct topic {
	const char *name;
	int (*list)(void);
	const char *help;
} topics[] = {
	{"profiles", list_profiles, "Profiles, for `flushbench run NAME`:"},
	{"modes", list_modes,
	 "Paths and their modes, what each does on Linux, and for which routine:"},
	{"params", list_params, "Parameters, profile keys and options alike:"},
};

enum { N_TOPICS = sizeof(topics) / sizeof(topics[0]) };

static void list_all(void)
{
	for (int i = 0; i < N_TOPICS; i++) {
		printf("%s%s\n", i ? "\n" : "", topics[i].help);
		topics[i].list();
	}
}

static int list_one(const char *name)
{
	const char *names[N_TOPICS];
	const char *near;

	for (int i = 0; i < N_TOPICS; i++) {
		names[i] = topics[i].name;
		if (!strcmp(names[i], name))
			return topics[i].list();
	}
	near = fb_suggest(name, names, N_TOPICS);
	bench_say("%s: nothing of that name to list; %s%s", name,
		  near ? "did you mean " : "choose profiles, modes or params",
		  near ? near : "");
	return EXIT_USAGE;
}

static int list(int argc, char **argv)
{
	struct options o;
	struct fb_err err;
	int code = EXIT_OK;

	if (options_parse(&o, &bench_list, NULL, argc, argv, &err)) {
		bench_say("%s", err.text);
		code = EXIT_USAGE;
	} else if (o.help) {
		options_print_help(stdout, &bench_list);
	} else if (o.n_operands) {
		code = list_one(o.operands[0]);
	} else {
		list_all();
	}
	options_free(&o);
	return code;
}

static const struct bench_option no_options[] = {{0}};

const struct bench_command bench_list = {
	.name = "list",
	.operands = "[profiles|modes|params]",
	.operands_max = 1,
	.help = "show profiles, paths and modes, parameters",
	.about = "Shows what can be asked for; without a word all three.",
	.options = no_options,
	.main = list,
};
