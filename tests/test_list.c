/*
 * `list --tsv`: what other programs are told is what the tables say, whole and in a
 * form that cannot be misread.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan/param.h"
#include "plan/vocab.h"
#include "support/cli.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROWS_MAX = 256, CELLS_MAX = 12 };

/* struct sheet - the rows that were printed, the names of the columns first */
static struct sheet {
	char *text;
	char *cell[ROWS_MAX][CELLS_MAX];
	int rows;
	int columns;
} sheet;

static const char *const topics[] = {"profiles", "modes", "params", "commands",
				     "options"};

static int cut_row(char *line, char **cell)
{
	int n = 0;

	for (char *rest = line; rest; n++) {
		assert_true(n < CELLS_MAX);
		cell[n] = strsep(&rest, "\t");
	}
	return n;
}

static void load(const char *topic)
{
	char *rest;

	assert_exit(0, cli_run(&lab.c, "list --tsv %s", topic), lab.c);
	assert_string_equal(lab.c.err, "");
	free(sheet.text);
	sheet.text = rest = strdup(lab.c.out);
	assert_non_null(sheet.text);
	for (sheet.rows = 0; *rest; sheet.rows++) {
		char *line = strsep(&rest, "\n");
		int n = cut_row(line, sheet.cell[sheet.rows]);

		assert_true(sheet.rows + 1 < ROWS_MAX);
		assert_non_null(rest);
		if (!sheet.rows)
			sheet.columns = n;
		assert_int_equal(n, sheet.columns);
	}
	assert_true(sheet.rows > 1);
}

static const char *cell(int row, const char *column)
{
	for (int i = 0; i < sheet.columns; i++) {
		if (!strcmp(sheet.cell[0][i], column))
			return sheet.cell[row][i];
	}
	fail_msg("there is no column %s", column);
	return NULL;
}

static int row_of(const char *column, const char *value)
{
	for (int row = 1; row < sheet.rows; row++) {
		if (!strcmp(cell(row, column), value))
			return row;
	}
	fail_msg("no row has %s=%s", column, value);
	return -1;
}

static int leave(void **state)
{
	free(sheet.text);
	sheet.text = NULL;
	return cli_lab_leave(state);
}

static void every_row_has_the_cells_of_the_header_and_no_control_bytes(void **state)
{
	(void)state;
	for (size_t t = 0; t < sizeof(topics) / sizeof(topics[0]); t++) {
		load(topics[t]);
		for (const char *c = lab.c.out; *c; c++)
			assert_true((unsigned char)*c >= ' ' || *c == '\n' ||
				    *c == '\t');
	}
}

static void params_are_the_table_row_for_row(void **state)
{
	(void)state;
	load("params");
	assert_int_equal(sheet.rows - 1, fb_params_count);
	for (size_t i = 0; i < fb_params_count; i++) {
		const struct fb_param *p = &fb_params[i];
		int row = (int)i + 1;

		assert_string_equal(cell(row, "name"), p->name);
		assert_string_equal(cell(row, "column"), fb_param_column(p));
		assert_string_equal(cell(row, "default"), p->initial);
		assert_string_equal(cell(row, "unit"), p->unit ? p->unit : "");
		assert_string_equal(cell(row, "help"), p->help);
		assert_string_equal(cell(row, "when"), p->when ? p->when : "");
	}
}

static void the_choices_are_all_that_may_be_written(void **state)
{
	(void)state;
	load("params");
	for (size_t i = 0; i < fb_params_count; i++) {
		const struct fb_param *p = &fb_params[i];
		char *rest = sheet.cell[i + 1][6], *word;
		struct fb_case c;
		int n = 0;

		assert_string_equal(sheet.cell[0][6], "choices");
		while (*rest && (word = strsep(&rest, ",")) && ++n) {
			if (strcmp(word, "all") || p->choices != fb_mode_names)
				assert_int_equal(fb_param_parse(p, word, &c, NULL), 0);
			if (!rest)
				break;
		}
		for (int k = 0; p->type == FB_TYPE_ENUM && p->choices[k]; k++)
			n--;
		if (p->type == FB_TYPE_BOOL)
			n -= 2;
		assert_int_equal(n, p->choices == fb_mode_names);
	}
}

static void modes_are_those_of_every_path(void **state)
{
	int n = 0;

	(void)state;
	load("modes");
	for (int p = 0; p < FB_PATH_COUNT; p++) {
		for (int m = 0; m < FB_MODE_COUNT; m++) {
			if (!fb_mode_on((enum fb_path_id)p, (enum fb_mode)m))
				continue;
			n++;
			assert_string_equal(cell(n, "path"), fb_path_names[p]);
			assert_string_equal(cell(n, "mode"), fb_mode_names[m]);
			assert_string_equal(cell(n, "help"),
					    fb_mode_get((enum fb_mode)m)->help);
		}
	}
	assert_int_equal(sheet.rows - 1, n);
}

/* Every --word that begins a line of the help, with the blank after it. */
static int count_options(const char *help)
{
	int n = 0;

	for (const char *at = help; (at = strstr(at, "\n  --")); at++)
		n++;
	return n;
}

static void options_are_those_of_every_commands_help(void **state)
{
	char names[16][64], line[128];
	int commands, listed;

	(void)state;
	load("commands");
	commands = sheet.rows - 1;
	for (int i = 0; i < commands; i++)
		snprintf(names[i], sizeof(names[i]), "%s", cell(i + 1, "name"));
	for (int i = 0; i < commands; i++) {
		load("commands");
		listed = strcmp(cell(i + 1, "params"), "yes") ? 0
							      : (int)fb_params_count;
		load("options");
		assert_exit(0, cli_run(&lab.c, "%s --help", names[i]), lab.c);
		for (int row = 1; row < sheet.rows; row++) {
			if (strcmp(cell(row, "command"), names[i]))
				continue;
			snprintf(line, sizeof(line), "\n  --%s %s", cell(row, "name"),
				 cell(row, "value"));
			assert_says(lab.c.out, line);
			listed++;
		}
		assert_int_equal(count_options(lab.c.out), listed);
	}
}

static void commands_are_those_of_help(void **state)
{
	int commands = 0;

	(void)state;
	load("commands");
	assert_exit(0, cli_run(&lab.c, "--help"), lab.c);
	for (int row = 1; row < sheet.rows; row++)
		assert_says(lab.c.out, cell(row, "help"));
	for (const char *at = lab.c.out; (at = strstr(at, "\n  ")); at++)
		commands += at[3] != ' ';
	assert_int_equal(sheet.rows - 1, commands);
}

static void what_stands_before_a_command_is_listed_and_works(void **state)
{
	(void)state;
	load("options");
	for (int row = 1; row < sheet.rows; row++) {
		if (!*cell(row, "command"))
			assert_exit(0, cli_run(&lab.c, "--%s", cell(row, "name")),
				    lab.c);
	}
	assert_string_equal(cell(row_of("name", "version"), "command"), "");
}

static void profiles_are_found_by_the_name_that_is_listed(void **state)
{
	(void)state;
	load("profiles");
	assert_string_equal(cell(row_of("name", "quick"), "path") +
				    strlen(cell(row_of("name", "quick"), "path")) -
				    strlen("/workloads/quick.ini"),
			    "/workloads/quick.ini");
	for (int row = 1; row < sheet.rows; row++)
		assert_exit(0,
			    cli_run(&lab.c, "run %s --dry-run --target %s",
				    cell(row, "name"), lab.target),
			    lab.c);
}

static void a_table_must_be_named(void **state)
{
	(void)state;
	assert_exit(2, cli_run(&lab.c, "list --tsv"), lab.c);
	assert_string_equal(lab.c.out, "");
	for (size_t t = 0; t < sizeof(topics) / sizeof(topics[0]); t++)
		assert_says(lab.c.err, topics[t]);
	assert_exit(2, cli_run(&lab.c, "list --tsv xyzzy"), lab.c);
	assert_says(lab.c.err, "choose");
}

static void people_are_told_that_dashes_do_for_underscores(void **state)
{
	static const char *const lines[] = {"list", "list params", "run --help"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_exit(0, cli_run(&lab.c, "%s", lines[i]), lab.c);
		assert_says(lab.c.out, "dashes do for underscores");
	}
}

/* However many there are: each to its last letter, and no line too long. */
static void every_choice_stands_whole_in_the_help(void **state)
{
	char word[80];

	(void)state;
	assert_exit(0, cli_run(&lab.c, "run --help"), lab.c);
	for (const char *line = lab.c.out; *line; line += *line == '\n') {
		assert_true(strcspn(line, "\n") <= 79);
		line += strcspn(line, "\n");
	}
	for (size_t i = 0; i < fb_params_count; i++) {
		const struct fb_param *p = &fb_params[i];

		for (int k = 0; p->type == FB_TYPE_ENUM && p->choices[k]; k++) {
			snprintf(word, sizeof(word), " %s%s", p->choices[k],
				 p->choices[k + 1] ? "," : "\n");
			assert_says(lab.c.out, word);
		}
	}
}

static void modes_stand_in_a_column_of_their_own(void **state)
{
	size_t help_at = 0;

	(void)state;
	assert_exit(0, cli_run(&lab.c, "list modes"), lab.c);
	for (int m = 0; m < FB_MODE_COUNT; m++) {
		char word[80];
		const char *line, *help;

		snprintf(word, sizeof(word), "\n    %s  ", fb_mode_names[m]);
		line = strstr(lab.c.out, word);
		assert_non_null(line);
		help = strstr(line, fb_mode_get((enum fb_mode)m)->help);
		assert_non_null(help);
		help_at = help_at ? help_at : (size_t)(help - line);
		assert_int_equal(help - line, help_at);
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, cli_lab_enter, leave)
	const struct CMUnitTest tests[] = {
		TEST(every_row_has_the_cells_of_the_header_and_no_control_bytes),
		TEST(params_are_the_table_row_for_row),
		TEST(the_choices_are_all_that_may_be_written),
		TEST(modes_are_those_of_every_path),
		TEST(options_are_those_of_every_commands_help),
		TEST(commands_are_those_of_help),
		TEST(what_stands_before_a_command_is_listed_and_works),
		TEST(profiles_are_found_by_the_name_that_is_listed),
		TEST(a_table_must_be_named),
		TEST(people_are_told_that_dashes_do_for_underscores),
		TEST(every_choice_stands_whole_in_the_help),
		TEST(modes_stand_in_a_column_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
