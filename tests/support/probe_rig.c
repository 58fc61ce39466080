#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/probe_rig.h"

#include <stdio.h>
#include <stdlib.h>

static struct fb_csv_table *load_part(const char *name, const char *text, size_t n)
{
	struct fb_csv_table *t;
	struct fb_err err;

	if (fb_csv_load(&t, file_put(name, text, n), &err))
		fail_msg("%s", err.text);
	return t;
}

/* No field of ours holds an empty line, so the first one is that between the tables. */
static void load_tables(void)
{
	const char *gap = strstr(lab.c.out, "\n\n");

	if (!gap)
		fail_msg("there are not two tables in:\n%s", lab.c.out);
	fb_run_free(&lab.run);
	lab.run.table[FB_RUN_SYSTEM] = load_part("system.csv", lab.c.out,
						 (size_t)(gap + 1 - lab.c.out));
	lab.run.table[FB_RUN_WARNINGS] = load_part("warnings.csv", gap + 2,
						   strlen(gap + 2));
}

int probe_csv(const char *fmt, ...)
{
	va_list ap;
	char *words;
	int code;

	va_start(ap, fmt);
	if (vasprintf(&words, fmt, ap) < 0)
		words = NULL;
	va_end(ap);
	assert_non_null(words);
	code = cli_run(&lab.c, "probe --csv %s", words);
	free(words);
	if (!code)
		load_tables();
	return code;
}

const char *probe_fact(const char *key)
{
	const size_t row = row_where(FB_RUN_SYSTEM, "key", key);

	return row == SIZE_MAX ? NULL : field(FB_RUN_SYSTEM, row, "value");
}

void assert_probed(const char *key, const char *value)
{
	const char *is = probe_fact(key);

	if (!is)
		fail_msg("there is no fact %s", key);
	if (strcmp(is, value) != 0)
		fail_msg("%s is \"%s\", not \"%s\"", key, is, value);
}

bool probe_warned(const char *id)
{
	return row_where(FB_RUN_WARNINGS, "id", id) != SIZE_MAX;
}
