#include "bench/bench.h"

#include "base/suggest.h"
#include "bench/command.h"
#include "bench/host.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

const struct bench_command *const bench_commands[] = {
	&bench_run, &bench_probe, &bench_plot, &bench_hive, &bench_list, NULL,
};

enum { N_COMMANDS = sizeof(bench_commands) / sizeof(bench_commands[0]) - 1 };

static void print_help(FILE *out)
{
	fprintf(out, "usage: flushbench COMMAND [options]\n\n"
		     "What does it cost to make a write durable?\n\n");
	for (int i = 0; i < N_COMMANDS; i++)
		fprintf(out, "  %-8s %s\n", bench_commands[i]->name,
			bench_commands[i]->help);
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
		names[i] = bench_commands[i]->name;
	near = fb_suggest(name, names, N_COMMANDS);
	if (near)
		bench_say("%s is no command; did you mean %s?", name, near);
	else
		bench_say("%s is no command; `flushbench --help` shows them", name);
	return EXIT_USAGE;
}

static int dispatch(int argc, char **argv)
{
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
		if (!strcmp(argv[1], bench_commands[i]->name))
			return bench_commands[i]->main(argc - 1, argv + 1);
	}
	return unknown(argv[1]);
}

/* What could not be printed is a failure, unless its reader chose to leave. */
static int end_stdout(int code)
{
	errno = 0;
	if ((!fflush(stdout) && !ferror(stdout)) || errno == EPIPE)
		return code;
	bench_say("stdout: not all could be written%s%s; make room, or write "
		  "elsewhere",
		  errno ? ": " : "", errno ? strerror(errno) : "");
	return code == EXIT_OK ? EXIT_FAILED : code;
}

int main(int argc, char **argv)
{
	bench_own_descriptors();
	if (argc > 0 && strchr(argv[0], '/'))
		bench_called = argv[0];
	/* Neither a reader that leaves early nor a limit on file sizes may keep us
	 * from tidying up: both are told as errors. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	return end_stdout(dispatch(argc, argv));
}
