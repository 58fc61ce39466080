#include "bench/list_tsv.h"

#include "base/text.h"

#include "bench/command.h"
#include "bench/options.h"
#include "bench/profiles.h"
#include "plan/profile.h"
#include "plan/vocab.h"

#include <string.h>

/* A profile is somebody's: its name and head must not break a row. */
static void put_cell(FILE *out, const char *text, char end)
{
	size_t n;

	for (; *text; text += n ? n : 1) {
		n = fb_text_character(text);
		fwrite(n ? text : " ", 1, n ? n : 1, out);
	}
	fputc(end, out);
}

static void put_profile(const struct bench_profile *p, void *ctx)
{
	FILE *out = ctx;

	put_cell(out, p->name, '\t');
	put_cell(out, p->path, '\t');
	put_cell(out, p->help, '\n');
}

void list_tsv_profiles(FILE *out)
{
	fputs("name\tpath\thelp\n", out);
	bench_each_profile(put_profile, out);
}

void list_tsv_modes(FILE *out)
{
	fputs("path\tmode\tcall\thelp\n", out);
	for (int p = 0; p < FB_PATH_COUNT; p++) {
		for (int m = 0; m < FB_MODE_COUNT; m++) {
			const struct fb_mode_info *info = fb_mode_get((enum fb_mode)m);

			if (!fb_mode_on((enum fb_path_id)p, (enum fb_mode)m))
				continue;
			put_cell(out, fb_path_names[p], '\t');
			put_cell(out, fb_mode_names[m], '\t');
			put_cell(out, strcmp(info->call, "-") ? info->call : "", '\t');
			put_cell(out, info->help, '\n');
		}
	}
}

static const char *type_name(enum fb_param_type type)
{
	static const char *const names[] = {
		[FB_TYPE_ENUM] = "choice",        [FB_TYPE_BOOL] = "yes/no",
		[FB_TYPE_SIZE] = "size",          [FB_TYPE_DURATION] = "time",
		[FB_TYPE_COUNT] = "whole number", [FB_TYPE_REAL] = "number",
		[FB_TYPE_CPUS] = "CPU list",
	};

	return names[type];
}

static void put_choices(FILE *out, const struct fb_param *p)
{
	if (p->type == FB_TYPE_BOOL)
		fputs("0,1", out);
	if (fb_value_is_all(p, "all"))
		fputs("all,", out);
	for (int i = 0; p->type == FB_TYPE_ENUM && p->choices[i]; i++)
		fprintf(out, "%s%s", i ? "," : "", p->choices[i]);
	fputc('\t', out);
}

void list_tsv_params(FILE *out)
{
	fputs("name\tcolumn\ttype\tvalue\tunit\tdefault\tchoices\thelp\twhen\n", out);
	for (size_t i = 0; i < fb_params_count; i++) {
		const struct fb_param *p = &fb_params[i];

		put_cell(out, p->name, '\t');
		put_cell(out, fb_param_column(p), '\t');
		put_cell(out, type_name(p->type), '\t');
		put_cell(out, options_value_name(p), '\t');
		put_cell(out, p->unit ? p->unit : "", '\t');
		put_cell(out, p->initial, '\t');
		put_choices(out, p);
		put_cell(out, p->help, '\t');
		put_cell(out, p->when ? p->when : "", '\n');
	}
}

void list_tsv_commands(FILE *out)
{
	fputs("name\toperands\tparams\thelp\tabout\n", out);
	for (int i = 0; bench_commands[i]; i++) {
		const struct bench_command *c = bench_commands[i];

		put_cell(out, c->name, '\t');
		put_cell(out, c->operands, '\t');
		put_cell(out, c->params ? "yes" : "no", '\t');
		put_cell(out, c->help, '\t');
		put_cell(out, c->about, '\n');
	}
}

/* What main answers to before it looks for a command. */
static const struct bench_option before_command[] = {
	{.name = "help", .help = "show the commands"},
	{.name = "version",
	 .help = "show the version, with the commit it is built from"},
	{0},
};

static void put_option(FILE *out, const char *command, const struct bench_option *o)
{
	put_cell(out, command, '\t');
	put_cell(out, o->name, '\t');
	put_cell(out, o->value ? o->value : "", '\t');
	put_cell(out, o->help, '\n');
}

void list_tsv_options(FILE *out)
{
	fputs("command\tname\tvalue\thelp\n", out);
	for (const struct bench_option *o = before_command; o->name; o++)
		put_option(out, "", o);
	for (int i = 0; bench_commands[i]; i++) {
		const struct bench_command *c = bench_commands[i];

		for (const struct bench_option *o = c->options; o->name; o++)
			put_option(out, c->name, o);
		put_option(out, c->name, &options_help);
	}
}
