#include "bench/options.h"

#include "base/suggest.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* What is an option of the program and no parameter of a case. */
static const struct own {
	const char *name;
	const char *value; /* what stands for it in --help; NULL: yes/no */
	size_t offset;
	const char *help;
} own[] = {
	{"target", "DIR", offsetof(struct run_options, target),
	 "folder whose file system is measured (default: the current one)"},
	{"allow-device", "PATH", offsetof(struct run_options, allow_device),
	 "with the same PATH as --target: write to that block device, destroying "
	 "what is on it"},
	{"results", "DIR", offsetof(struct run_options, results),
	 "where the folder of results goes (default: results)"},
	{"run-id", "NAME", offsetof(struct run_options, run_id),
	 "name of that folder (default: time, host and profile)"},
	{"dry-run", NULL, offsetof(struct run_options, dry_run),
	 "show the plan, what is left out and why, and how long it takes"},
	{"yes-disable-flushes", NULL, offsetof(struct run_options, yes_disable_flushes),
	 "let no_sync=cache-off switch the kernel's view of any disk's cache"},
	{"help", NULL, offsetof(struct run_options, help), "show this"},
};

enum { N_OWN = sizeof(own) / sizeof(own[0]) };

struct option {
	char name[64];
	const char *value; /* after '=', else NULL */
	const char *written;
};

static const struct own *find_own(const char *name)
{
	for (int i = 0; i < N_OWN; i++) {
		if (!fb_suggest_distance(own[i].name, name))
			return &own[i];
	}
	return NULL;
}

static int unknown_option(const struct option *o, struct fb_err *err)
{
	const char *names[N_OWN + 64];
	const char *near = fb_param_foreign(o->name);
	size_t n = 0;

	if (near)
		return fb_err_set(err, -EINVAL, "%s: %s", o->written, near);
	for (int i = 0; i < N_OWN; i++)
		names[n++] = own[i].name;
	for (size_t i = 0; i < fb_params_count; i++)
		names[n++] = fb_params[i].name;
	near = fb_suggest(o->name, names, n);
	if (near)
		return fb_err_set(err, -EINVAL, "%s is no option; did you mean --%s?",
				  o->written, near);
	return fb_err_set(err, -EINVAL,
			  "%s is no option; `flushbench run --help` shows them",
			  o->written);
}

/* fio's users write --bs 4k, diskspd's -b4K: say what the letter is called here. */
static int short_option(const char *written, struct fb_err *err)
{
	char name[3] = {written[1], '\0', '\0'};
	const char *here;

	if (name[0] == 'S' || name[0] == 'N')
		name[1] = written[2];
	here = fb_param_foreign(name);
	if (here)
		return fb_err_set(err, -EINVAL, "%s: %s", written, here);
	return fb_err_set(err, -EINVAL,
			  "%s is no option; `flushbench run --help` shows them",
			  written);
}

static int need_value(struct option *o, int *i, int argc, char **argv,
		      struct fb_err *err)
{
	if (o->value)
		return 0;
	if (*i + 1 >= argc)
		return fb_err_set(err, -EINVAL, "%s needs a value", o->written);
	o->value = argv[++*i];
	return 0;
}

static int take_own(struct run_options *r, const struct own *w, struct option *o,
		    struct fb_err *err)
{
	void *at = (char *)r + w->offset;

	if (w->value) {
		if (!*o->value)
			return fb_err_set(err, -EINVAL, "--%s is empty", w->name);
		*(const char **)at = o->value;
		return 0;
	}
	if (o->value)
		return fb_err_set(err, -EINVAL, "--%s takes no value", w->name);
	*(bool *)at = true;
	return 0;
}

static void take_param(struct run_options *r, int param, const struct option *o)
{
	r->set[r->n_set].param = param;
	r->set[r->n_set].text = o->value;
	r->set[r->n_set].written = o->written;
	r->n_set++;
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

static int take_option(struct run_options *r, struct option *o, int *i, int argc,
		       char **argv, struct fb_err *err)
{
	const struct own *w = find_own(o->name);
	int param = fb_param_find(o->name);
	int ret = 0;

	if (w) {
		if (w->value)
			ret = need_value(o, i, argc, argv, err);
		return ret ? ret : take_own(r, w, o, err);
	}
	if (param < 0)
		return unknown_option(o, err);
	/* A yes/no option may stand alone. */
	if (fb_params[param].type == FB_TYPE_BOOL && !o->value &&
	    !(*i + 1 < argc && is_list_of(&fb_params[param], argv[*i + 1])))
		o->value = "1";
	ret = need_value(o, i, argc, argv, err);
	if (!ret)
		take_param(r, param, o);
	return ret;
}

static int parse_one(struct run_options *r, int *i, int argc, char **argv,
		     struct fb_err *err)
{
	const char *arg = argv[*i];
	struct option o = {.written = arg};
	const char *equals;
	size_t n;

	if (!strcmp(arg, "-h")) {
		r->help = true;
		return 0;
	}
	if (arg[0] != '-' || !arg[1]) {
		if (r->n_profiles == PROFILES_MAX)
			return fb_err_set(err, -EINVAL, "more than %d profiles",
					  PROFILES_MAX);
		r->profiles[r->n_profiles++] = arg;
		return 0;
	}
	if (arg[1] != '-')
		return short_option(arg, err);
	equals = strchr(arg, '=');
	n = equals ? (size_t)(equals - arg) - 2 : strlen(arg) - 2;
	snprintf(o.name, sizeof(o.name), "%.*s", (int)n, arg + 2);
	if (equals)
		o.value = equals + 1;
	return take_option(r, &o, i, argc, argv, err);
}

int options_parse(struct run_options *o, int argc, char **argv, struct fb_err *err)
{
	int ret = 0;

	*o = (struct run_options){.target = ".", .results = "results"};
	o->set = calloc((size_t)argc + 1, sizeof(*o->set));
	if (!o->set)
		return fb_err_set(err, -ENOMEM, "out of memory");
	for (int i = 1; !ret && i < argc; i++)
		ret = parse_one(o, &i, argc, argv, err);
	if (ret)
		options_free(o);
	return ret;
}

void options_free(struct run_options *o)
{
	free(o->set);
	o->set = NULL;
}

/* Wrap @text at 80 columns, indented; the first line is begun already. */
static void print_wrapped(FILE *out, const char *text, int indent)
{
	int column = indent;

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
	fputc('\n', out);
}

static const char *value_name(const struct fb_param *p)
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
	char text[256] = "";
	size_t at = 0;

	if (p->type != FB_TYPE_ENUM)
		return;
	for (int i = 0; p->choices[i]; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s",
				       i ? ", " : "", p->choices[i]);
	fprintf(out, "%26s", "");
	print_wrapped(out, text, 26);
}

void options_print_params(FILE *out)
{
	for (size_t i = 0; i < fb_params_count; i++) {
		const struct fb_param *p = &fb_params[i];
		char head[48], text[512];

		snprintf(head, sizeof(head), "--%s %s", p->name, value_name(p));
		fprintf(out, "  %-23s ", head);
		if (strlen(head) > 23)
			fprintf(out, "\n%26s", "");
		snprintf(text, sizeof(text), "%s%s%s%s", p->help,
			 *p->initial ? " (default " : "", p->initial,
			 *p->initial ? ")" : "");
		print_wrapped(out, text, 26);
		print_choices(out, p);
	}
}

void options_print_help(FILE *out)
{
	fprintf(out,
		"usage: flushbench run [PROFILE...] [options]\n\n"
		"Runs profiles (names or INI files; options override them) or, without\n"
		"one, the cases that the options make. Leaves a folder of CSV files and\n"
		"prints a table.\n\nOptions:\n");
	for (int i = 0; i < N_OWN; i++) {
		char head[48];

		snprintf(head, sizeof(head), "--%s %s", own[i].name,
			 own[i].value ? own[i].value : "");
		fprintf(out, "  %-23s ", head);
		print_wrapped(out, own[i].help, 26);
	}
	fprintf(out,
		"\nParameters; a comma list runs every combination. Sizes take k, m, g\n"
		"(1024-based), times us, ms, s, m:\n");
	options_print_params(out);
}
