#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/plot_lab.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const variables[] = {"PATH", "HOME"};

enum { VARIABLES = sizeof(variables) / sizeof(*variables) };

static char folder[PLOT_LAB_PATH];
static char *before[VARIABLES];

int plot_lab_enter(void **state)
{
	if (cli_lab_enter(state) || mkdir(lab.results, 0755))
		return -1;
	for (int i = 0; i < VARIABLES; i++) {
		const char *value = getenv(variables[i]);

		before[i] = value ? strdup(value) : NULL;
	}
	plot_lab_begin("one");
	plot_rig_cases(3);
	plot_rig_end();
	return 0;
}

int plot_lab_leave(void **state)
{
	for (int i = 0; i < VARIABLES; i++) {
		if (before[i])
			setenv(variables[i], before[i], 1);
		else
			unsetenv(variables[i]);
		free(before[i]);
		before[i] = NULL;
	}
	return cli_lab_leave(state);
}

void plot_lab_begin(const char *name)
{
	tmpdir_join(folder, sizeof(folder), lab.results, name);
	plot_rig_begin(folder, name);
}

const char *plot_lab_folder(void)
{
	return folder;
}

const char *plot_lab_file(const char *name)
{
	static char path[PLOT_LAB_PATH + 64];

	snprintf(path, sizeof(path), "%s/plots/%s", folder, name);
	return path;
}

void plot_lab_rename(const char *name)
{
	char old[PLOT_LAB_PATH];

	memcpy(old, folder, sizeof(old));
	tmpdir_join(folder, sizeof(folder), lab.results, name);
	assert_int_equal(rename(old, folder), 0);
}

bool plot_lab_there(const char *name)
{
	return !access(plot_lab_file(name), F_OK);
}

int plot_lab_count(void)
{
	return folder_entries(plot_lab_file(""));
}

int plot(const char *words)
{
	lab.c.cwd = lab.top;
	return cli_run(&lab.c, "plot --results %s %s", lab.results, words);
}

void plot_succeeds(const char *words)
{
	plot(words);
	assert_exit(0, lab.c.exit, lab.c);
	assert_string_equal(lab.c.err, "");
}

void plot_fails(int code, const char *words, const char *advice)
{
	plot(words);
	assert_exit(code, lab.c.exit, lab.c);
	assert_string_equal(lab.c.out, "");
	assert_says(lab.c.err, advice);
	/* A message, and perhaps another one: nothing that gnuplot says. */
	for (const char *s = lab.c.err; *s; s = strchr(s, '\n') + 1)
		assert_int_equal(strncmp(s, "flushbench: ", 12), 0);
}
