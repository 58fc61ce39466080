#include "bench/bench.h"

#include "base/suggest.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct command {
	const char *name;
	int (*main)(int argc, char **argv);
	const char *help;
} commands[] = {
	{"list", cmd_list, "show profiles, paths and modes, parameters"},
};

enum { N_COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static void print_help(FILE *out)
{
	fprintf(out, "usage: flushbench COMMAND [options]\n\n"
		     "What does it cost to make a write durable?\n\n");
	for (int i = 0; i < N_COMMANDS; i++)
		fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].help);
	fprintf(out, "\n`flushbench COMMAND --help` has its options; "
		     "`flushbench --version` the version.\n"
		     "Exit: 0 ok, 1 something failed, 2 usage, profile or target,\n"
		     "      3 interrupted, 4 cannot be done here.\n");
}

static int unknown(const char *name)
{
	const char *names[N_COMMANDS];
	const char *near;

	for (int i = 0; i < N_COMMANDS; i++)
		names[i] = commands[i].name;
	near = fb_suggest(name, names, N_COMMANDS);
	if (near)
		bench_say("%s is no command; did you mean %s?", name, near);
	else
		bench_say("%s is no command; `flushbench --help` shows them", name);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	/* A reader that leaves early must not keep us from tidying up. */
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
	    !strcmp(argv[1], "help")) {
		print_help(stdout);
		return EXIT_OK;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("flushbench %s\n", bench_version);
		return EXIT_OK;
	}
	for (int i = 0; i < N_COMMANDS; i++) {
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].main(argc - 1, argv + 1);
	}
	return unknown(argv[1]);
}
