#include "bench/options.h"

#include "base/suggest.h"
#include "plan/profile.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 96 };

struct option {
	char name[64];
	const char *value; /* after '=', else NULL */
	const char *written;
};

/* A command line being read. */
struct reader {
	const struct bench_command *cmd;
	void *own;
	struct options *into;
	int argc;
	char **argv;
	int at;
	bool only_operands; /* after -- */
};

static const struct bench_option *find_own(const struct bench_command *cmd,
					   const char *name)
{
	for (const struct bench_option *o = cmd->options; o->name; o++) {
		if (!fb_suggest_distance(o->name, name))
			return o;
	}
	return NULL;
}

static size_t list_names(const struct bench_command *cmd, const char **names)
{
	size_t n = 0;

	for (const struct bench_option *o = cmd->options; o->name; o++)
		names[n++] = o->name;
	names[n++] = "help";
	for (size_t i = 0; cmd->params && i < fb_params_count; i++)
		names[n++] = fb_params[i].name;
	return n;
}

static int unknown_option(const struct reader *r, const struct option *o,
			  struct fb_err *err)
{
	const char *names[NAMES_MAX];
	const char *near = r->cmd->params ? fb_param_foreign(o->name) : NULL;

	if (near)
		return fb_err_set(err, -EINVAL, "%s: %s", o->written, near);
	near = fb_suggest(o->name, names, list_names(r->cmd, names));
	if (near)
		return fb_err_set(err, -EINVAL, "%s is no option; did you mean --%s?",
				  o->written, near);
	return fb_err_set(err, -EINVAL,
			  "%s is no option; `flushbench %s --help` shows them",
			  o->written, r->cmd->name);
}

/* fio's users write --bs 4k, diskspd's -b4K: say what the letter is called here. */
static int short_option(const struct reader *r, const char *written, struct fb_err *err)
{
	char name[3] = {written[1], '\0', '\0'};
	const char *here;

	if (name[0] == 'S' || name[0] == 'N')
		name[1] = written[2];
	here = r->cmd->params ? fb_param_foreign(name) : NULL;
	if (here)
		return fb_err_set(err, -EINVAL, "%s: %s", written, here);
	return fb_err_set(err, -EINVAL,
			  "%s is no option; `flushbench %s --help` shows them", written,
			  r->cmd->name);
}

static int need_value(struct reader *r, struct option *o, struct fb_err *err)
{
	if (o->value)
		return 0;
	if (r->at + 1 >= r->argc)
		return fb_err_set(
			err, -EINVAL,
			"%s needs a value; `flushbench %s --help` shows which",
			o->written, r->cmd->name);
	o->value = r->argv[++r->at];
	return 0;
}

static int take_own(struct reader *r, const struct bench_option *w, struct option *o,
		    struct fb_err *err)
{
	void *at = (char *)r->own + w->offset;
	int ret = w->value ? need_value(r, o, err) : 0;

	if (ret)
		return ret;
	if (w->value) {
		if (!*o->value)
			return fb_err_set(
				err, -EINVAL,
				"--%s is empty; give it a value or leave it out",
				w->name);
		*(const char **)at = o->value;
		return 0;
	}
	if (o->value)
		return fb_err_set(
			err, -EINVAL,
			"--%s takes no value; leave out what follows the =", w->name);
	*(bool *)at = true;
	return 0;
}

static bool is_list_of(const struct fb_param *p, const char *text)
{
	char value[FB_PARAM_TEXT];
	struct fb_case scratch;

	while (text) {
		text = fb_list_next(p, text, value, sizeof(value));
		if (fb_param_parse(p, value, &scratch, NULL))
			return false;
	}
	return true;
}

static int take_param(struct reader *r, int param, struct option *o, struct fb_err *err)
{
	const struct fb_param *p = &fb_params[param];
	struct options *into = r->into;
	int ret;

	/* A yes/no option may stand alone. */
	if (p->type == FB_TYPE_BOOL && !o->value &&
	    !(r->at + 1 < r->argc && is_list_of(p, r->argv[r->at + 1])))
		o->value = "1";
	ret = need_value(r, o, err);
	if (ret)
		return ret;
	into->set[into->n_set].param = param;
	into->set[into->n_set].text = o->value;
	into->set[into->n_set].written = o->written;
	into->n_set++;
	return 0;
}

static int take_option(struct reader *r, struct option *o, struct fb_err *err)
{
	const struct bench_option *w = find_own(r->cmd, o->name);
	int param = r->cmd->params ? fb_param_find(o->name) : -1;

	if (w)
		return take_own(r, w, o, err);
	if (param >= 0)
		return take_param(r, param, o, err);
	if (strcmp(o->name, "help") != 0)
		return unknown_option(r, o, err);
	if (o->value)
		return fb_err_set(
			err, -EINVAL,
			"--help takes no value; leave out what follows the =");
	r->into->help = true;
	return 0;
}

/* What was meant is most often a folder. */
static int refuse_operand(const struct reader *r, const char *arg, struct fb_err *err)
{
	const bool target = find_own(r->cmd, "target");

	return fb_err_set(err, -EINVAL,
			  "%s: %s takes options alone%s%s; `flushbench %s --help`", arg,
			  r->cmd->name,
			  target ? "; to name a folder or a device: --target " : "",
			  target ? arg : "", r->cmd->name);
}

static int take_operand(struct reader *r, const char *arg, struct fb_err *err)
{
	if (!r->cmd->operands_max)
		return refuse_operand(r, arg, err);
	if (r->into->n_operands == r->cmd->operands_max)
		return fb_err_set(err, -EINVAL,
				  "%s is one too many: %s takes at most %d; "
				  "`flushbench %s --help`",
				  arg, r->cmd->name, r->cmd->operands_max,
				  r->cmd->name);
	r->into->operands[r->into->n_operands++] = arg;
	return 0;
}

static int parse_one(struct reader *r, struct fb_err *err)
{
	const char *arg = r->argv[r->at];
	struct option o = {.written = arg};
	const char *equals;
	size_t n;

	if (r->only_operands || arg[0] != '-' || !arg[1])
		return take_operand(r, arg, err);
	if (!strcmp(arg, "-h")) {
		r->into->help = true;
		return 0;
	}
	if (!strcmp(arg, "--")) {
		r->only_operands = true;
		return 0;
	}
	if (arg[1] != '-')
		return short_option(r, arg, err);
	equals = strchr(arg, '=');
	n = equals ? (size_t)(equals - arg) - 2 : strlen(arg) - 2;
	snprintf(o.name, sizeof(o.name), "%.*s", (int)n, arg + 2);
	if (equals)
		o.value = equals + 1;
	return take_option(r, &o, err);
}

int options_parse(struct options *o, const struct bench_command *cmd, void *own,
		  int argc, char **argv, struct fb_err *err)
{
	struct reader r = {cmd, own, o, argc, argv, 1, false};
	int ret = 0;

	*o = (struct options){
		.operands = calloc((size_t)argc + 1, sizeof(*o->operands)),
		.set = calloc((size_t)argc + 1, sizeof(*o->set)),
	};
	if (!o->operands || !o->set)
		return fb_err_set(err, -ENOMEM, "out of memory");
	for (; !ret && r.at < argc; r.at++)
		ret = parse_one(&r, err);
	return ret;
}

void options_free(struct options *o)
{
	free(o->operands);
	free(o->set);
	*o = (struct options){0};
}

/* Words of @text after @column, with a blank between two; the column of the end. */
static int wrap(FILE *out, const char *text, int column, int indent)
{
	while (*text) {
		int n = (int)strcspn(text, " ");

		if (column > indent && column + 1 + n > 79) {
			fprintf(out, "\n%*s", indent, "");
			column = indent;
		} else if (column > indent) {
			fputc(' ', out);
			column++;
		}
		fprintf(out, "%.*s", n, text);
		column += n;
		text += n;
		text += *text == ' ';
	}
	return column;
}

void options_wrap(FILE *out, const char *text, int indent)
{
	wrap(out, text, indent, indent);
	fputc('\n', out);
}

const char *options_value_name(const struct fb_param *p)
{
	switch (p->type) {
	case FB_TYPE_BOOL:
		return "[0|1]";
	case FB_TYPE_ENUM:
		return "WORD";
	case FB_TYPE_SIZE:
		return "SIZE";
	case FB_TYPE_DURATION:
		return p->unit_ns == 1000 ? "USEC" : "SEC";
	case FB_TYPE_CPUS:
		return "CPUS";
	default:
		return "N";
	}
}

static void print_choices(FILE *out, const struct fb_param *p)
{
	int column = 26;

	if (p->type != FB_TYPE_ENUM)
		return;
	fprintf(out, "%*s", column, "");
	for (int i = 0; p->choices[i]; i++) {
		char word[64];

		snprintf(word, sizeof(word), "%s%s", p->choices[i],
			 p->choices[i + 1] ? "," : "");
		column = wrap(out, word, column, 26);
	}
	fputc('\n', out);
}

void options_print_params(FILE *out)
{
	fprintf(out,
		"Parameters: options, profile keys and CSV columns alike. A comma list\n"
		"runs every combination. Sizes take k, m, g (1024-based), times us, ms,\n"
		"s, m; dashes do for underscores.\n");
	for (size_t i = 0; i < fb_params_count; i++) {
		const struct fb_param *p = &fb_params[i];
		char head[48], text[512];

		snprintf(head, sizeof(head), "--%s %s", p->name, options_value_name(p));
		fprintf(out, "  %-23s ", head);
		if (strlen(head) > 23)
			fprintf(out, "\n%26s", "");
		snprintf(text, sizeof(text), "%s%s%s%s", p->help,
			 *p->initial ? " (default " : "", p->initial,
			 *p->initial ? ")" : "");
		options_wrap(out, text, 26);
		print_choices(out, p);
	}
}

static void print_option(FILE *out, const struct bench_option *o)
{
	char head[48];

	snprintf(head, sizeof(head), "--%s %s", o->name, o->value ? o->value : "");
	fprintf(out, "  %-23s ", head);
	options_wrap(out, o->help, 26);
}

void options_print_own(FILE *out, const struct bench_command *cmd)
{
	for (const struct bench_option *o = cmd->options; o->name; o++)
		print_option(out, o);
	print_option(out, &options_help);
}

const struct bench_option options_help = {.name = "help", .help = "show this"};

void options_print_help(FILE *out, const struct bench_command *cmd)
{
	fprintf(out, "usage: flushbench %s%s%s [options]\n\n", cmd->name,
		*cmd->operands ? " " : "", cmd->operands);
	options_wrap(out, cmd->about, 0);
	fprintf(out, "\nOptions:\n");
	options_print_own(out, cmd);
	if (!cmd->params)
		return;
	fputc('\n', out);
	options_print_params(out);
}
