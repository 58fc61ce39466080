#include "bench/bench.h"

#include "base/suggest.h"
#include "base/text.h"
#include "bench/command.h"
#include "bench/list_tsv.h"
#include "bench/options.h"
#include "bench/profiles.h"
#include "plan/vocab.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct request {
	struct options given;
	bool tsv;
};

static void list_profile(const struct bench_profile *p, void *ctx)
{
	(void)ctx;
	char name[256], help[256];

	snprintf(name, sizeof(name), "%s", p->name);
	snprintf(help, sizeof(help), "%s", p->help);
	printf("  %-20s ", fb_text_disarm(name));
	options_wrap(stdout, fb_text_disarm(help), 23);
}

static void list_profiles(void)
{
	printf("Profiles, for `flushbench run NAME`:\n");
	bench_each_profile(list_profile, NULL);
}

/* Of the longest mode, which two blanks follow. */
static int mode_width(void)
{
	int width = 0;

	for (int m = 0; m < FB_MODE_COUNT; m++) {
		int len = (int)strlen(fb_mode_names[m]);

		width = len > width ? len : width;
	}
	return width + 2;
}

static void list_mode(enum fb_path_id p, enum fb_mode m)
{
	const struct fb_mode_info *info = fb_mode_get(m);

	if (!fb_mode_on(p, m))
		return;
	printf("    %-*s%s\n", mode_width(), fb_mode_names[m], info->help);
	if (strcmp(info->call, "-"))
		printf("    %-*sfor %s\n", mode_width(), "", info->call);
}

static void list_modes(void)
{
	printf("Paths and their modes, what each does on Linux, and for which "
	       "routine:\n");
	for (int p = 0; p < FB_PATH_COUNT; p++) {
		printf("  %s\n", fb_path_names[p]);
		for (int m = 0; m < FB_MODE_COUNT; m++)
			list_mode((enum fb_path_id)p, (enum fb_mode)m);
	}
}

static void list_params(void)
{
	options_print_params(stdout);
}

static void list_commands(void)
{
	printf("Commands:\n");
	for (int i = 0; bench_commands[i]; i++)
		printf("  %-20s %s\n", bench_commands[i]->name,
		       bench_commands[i]->help);
}

static void list_options(void)
{
	printf("Options that are no parameters:\n");
	for (int i = 0; bench_commands[i]; i++) {
		printf("  %s\n", bench_commands[i]->name);
		options_print_own(stdout, bench_commands[i]);
	}
}

/* The last two are for other programs more than for people: --help has them, too. */
enum { N_SHOWN = 3 };

static const struct topic {
	const char *name;
	void (*list)(void);
	void (*tsv)(FILE *out);
} topics[] = {
	{"profiles", list_profiles, list_tsv_profiles},
	{"modes", list_modes, list_tsv_modes},
	{"params", list_params, list_tsv_params},
	{"commands", list_commands, list_tsv_commands},
	{"options", list_options, list_tsv_options},
};

enum { N_TOPICS = sizeof(topics) / sizeof(topics[0]) };

static int list_all(bool tsv)
{
	if (tsv) {
		bench_say("--tsv needs to know which table: profiles, modes, params, "
			  "commands or options");
		return EXIT_USAGE;
	}
	for (int i = 0; i < N_SHOWN; i++) {
		if (i)
			printf("\n");
		topics[i].list();
	}
	return EXIT_OK;
}

static int list_one(const char *name, bool tsv)
{
	const char *names[N_TOPICS];
	const char *near;

	for (int i = 0; i < N_TOPICS; i++) {
		names[i] = topics[i].name;
		if (strcmp(names[i], name))
			continue;
		if (tsv)
			topics[i].tsv(stdout);
		else
			topics[i].list();
		return EXIT_OK;
	}
	near = fb_suggest(name, names, N_TOPICS);
	bench_say("%s: nothing of that name to list; %s%s", name,
		  near ? "did you mean "
		       : "choose profiles, modes, params, commands or options",
		  near ? near : "");
	return EXIT_USAGE;
}

static int list(int argc, char **argv)
{
	struct request q = {.tsv = false};
	struct fb_err err;
	int code = EXIT_OK;

	if (options_parse(&q.given, &bench_list, &q, argc, argv, &err)) {
		bench_say("%s", err.text);
		code = EXIT_USAGE;
	} else if (q.given.help) {
		options_print_help(stdout, &bench_list);
	} else if (q.given.n_operands) {
		code = list_one(q.given.operands[0], q.tsv);
	} else {
		code = list_all(q.tsv);
	}
	options_free(&q.given);
	return code;
}

static const struct bench_option list_options_own[] = {
	{"tsv", NULL, offsetof(struct request, tsv),
	 "as tab-separated values with a line of names, for other programs"},
	{0},
};

const struct bench_command bench_list = {
	.name = "list",
	.operands = "[profiles|modes|params|commands|options]",
	.operands_max = 1,
	.help = "show profiles, paths and modes, parameters",
	.about = "Shows what can be asked for; without a word profiles, modes and "
		 "parameters.",
	.options = list_options_own,
	.main = list,
};
