#include "bench/bench.h"

#include "base/units.h"
#include "bench/command.h"
#include "bench/host.h"
#include "bench/options.h"
#include "bench/place.h"
#include "bench/plan_print.h"
#include "bench/session.h"
#include "host/host.h"
#include "plan/plan.h"
#include "run/run.h"
#include "run/thread.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct request {
	struct options given;
	struct run_options o;
	struct fb_profile profile;
	struct fb_plan plan;
	struct place place;
	char name[256];
	char command[2048];
};

static void join_command(int argc, char **argv, char *out, size_t room)
{
	size_t at = (size_t)snprintf(out, room, "flushbench");

	for (int i = 0; i < argc && at < room; i++) {
		if (at + 1 < room)
			out[at++] = ' ';
		at += bench_shell_word(argv[i], out + at, room - at);
	}
}

/* The folder's name says which profile it was: the file's name without its end. */
static void add_name(struct request *q, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t at = strlen(q->name);
	char *dot;

	snprintf(q->name + at, sizeof(q->name) - at, "%s%s", at ? "+" : "",
		 slash ? slash + 1 : path);
	dot = strrchr(q->name, '.');
	if (dot && !strcmp(dot, ".ini"))
		*dot = '\0';
}

static int load_jobs(struct request *q, struct fb_err *err)
{
	char path[4096];
	int ret = 0;

	for (int i = 0; !ret && i < q->given.n_operands; i++) {
		ret = bench_find_file(q->given.operands[i], "workloads", ".ini", path,
				      sizeof(path), err);
		if (!ret)
			ret = fb_profile_load(&q->profile, path, err);
		add_name(q, path);
	}
	if (!ret && !q->given.n_operands) {
		snprintf(q->name, sizeof(q->name), "options");
		ret = fb_profile_add_job(&q->profile, "options");
		if (ret)
			fb_err_set(err, ret, "out of memory");
	}
	for (int i = 0; !ret && i < q->given.n_set; i++)
		ret = fb_profile_override(&q->profile, q->given.set[i].param,
					  q->given.set[i].text, q->given.set[i].written,
					  err);
	return ret;
}

static const char *why_no_cpu(void)
{
	static char why[256];
	char cpus[128];

	bench_cpus(cpus, sizeof(cpus));
	snprintf(why, sizeof(why),
		 "cpus_allowed: not all of these CPUs may be used here%s%s",
		 *cpus ? "; choose from " : "", cpus);
	return why;
}

static const char *why_not(const struct fb_case *c, void *ctx)
{
	struct place *p = ctx;

	if (c->cpus_allowed[0] && !fb_thread_may_use(c->cpus_allowed))
		return why_no_cpu();
	if (c->sched == FB_SCHED_FIFO && !fb_thread_may_fifo())
		return "sched=fifo takes root, CAP_SYS_NICE or an rtprio limit "
		       "(ulimit -r); run it with one of these, or leave sched=other";
	return fb_path_why_not(c, &p->target);
}

struct factor {
	const char *param;
	uint64_t times;
};

static int by_times(const void *a, const void *b)
{
	const struct factor *x = a, *y = b;

	return (x->times < y->times) - (x->times > y->times);
}

/* The two parameters that multiply the buffers most. */
static struct fb_blame blame_buffers(const struct fb_case *c)
{
	/* A write takes a cache line at least: below, a smaller one saves nothing. */
	struct factor f[] = {
		{c->path == FB_PATH_REGISTRY ? "value_size" : "bs",
		 fb_case_write_bytes(c) / 64},
		{c->dirty_share > 0 ? "dirty_share" : "writes_per_flush",
		 c->writes_per_flush},
		{"ranges", c->ranges},
		{"batch", c->batch},
		{"numjobs", c->numjobs},
	};

	qsort(f, sizeof(f) / sizeof(f[0]), sizeof(f[0]), by_times);
	return (struct fb_blame){{f[0].param, f[1].param}};
}

static int refuse_memory(const struct request *q, const struct fb_case *c,
			 struct fb_err *err)
{
	struct fb_blame blame = {{"numjobs"}};
	char need[FB_FORMAT_LEN], why[160];

	if (fb_run_memory(c) > FB_RUN_MEMORY_MAX) {
		snprintf(why, sizeof(why),
			 "the histograms of so many threads take %s, at most 1 GiB is "
			 "allowed; lower numjobs",
			 fb_format_bytes(need, (double)fb_run_memory(c)));
		return fb_plan_refuse(&q->profile, c, &blame, why, err);
	}
	blame = blame_buffers(c);
	snprintf(why, sizeof(why),
		 "the buffers of all threads' writes take %s, at most 4 GiB is "
		 "allowed; lower %s or %s",
		 fb_format_bytes(need, (double)fb_run_buffers(c)), blame.params[0],
		 blame.params[1]);
	return fb_plan_refuse(&q->profile, c, &blame, why, err);
}

/* The rest is for the page cache and for everybody else. */
static bool fits_memory(const struct fb_case *c, uint64_t memory)
{
	return fb_path_memory_bytes(c) <= memory / 4 * 3;
}

static int refuse_target(const struct request *q, const struct fb_case *c,
			 uint64_t memory, struct fb_err *err)
{
	const bool hives = c->path == FB_PATH_REGISTRY;
	struct fb_blame blame = {
		{"size", hives ? "hives" : "numjobs", hives ? "numjobs" : NULL}};
	char need[FB_FORMAT_LEN], have[FB_FORMAT_LEN], why[224];

	snprintf(
		why, sizeof(why),
		"%s %s of memory, at most three quarters of the %s that may be used here are allowed; "
		"lower size%s numjobs",
		hives ? "the hives take" : "with nv_emulate the regions take",
		fb_format_bytes(need, (double)fb_path_memory_bytes(c)),
		fb_format_bytes(have, (double)memory), hives ? ", hives or" : " or");
	return fb_plan_refuse(&q->profile, c, &blame, why, err);
}

static int check_memory(const struct request *q, struct fb_err *err)
{
	const uint64_t memory = fb_host_memory("");

	for (size_t i = 0; i < q->plan.n_cases; i++) {
		const struct fb_case *c = &q->plan.cases[i];

		if (fb_run_memory(c) > FB_RUN_MEMORY_MAX ||
		    fb_run_buffers(c) > FB_RUN_BUFFERS_MAX)
			return refuse_memory(q, c, err);
		if (!fits_memory(c, memory))
			return refuse_target(q, c, memory, err);
	}
	return 0;
}

/* Where an option leaves no case for a key of the profile, that was meant. */
static void tell_unheard(const struct request *q)
{
	for (size_t i = 0; i < q->plan.n_unheard; i++) {
		const struct fb_unheard *u = &q->plan.unheard[i];

		if (q->given.n_set && u->origin[0] != '-')
			continue;
		bench_say("%s: %s=%s has no meaning in any case of this plan; it "
			  "counts only %s",
			  u->origin, u->param, u->text, u->when);
	}
}

static int make_plan(struct request *q, int *code, struct fb_err *err)
{
	int ret = fb_plan_expand(&q->plan, &q->profile, err);
	size_t meant = q->plan.n_cases;

	q->place.target.yes_disable_flushes = q->o.yes_disable_flushes;
	if (!ret)
		ret = check_memory(q, err);
	if (!ret)
		ret = fb_plan_find_unheard(&q->plan, &q->profile, err);
	if (!ret)
		ret = fb_plan_filter(&q->plan, why_not, &q->place, err);
	if (!ret && !q->plan.n_cases) {
		plan_print_left_out(stderr, &q->plan);
		*code = meant ? EXIT_NOT_HERE : EXIT_USAGE;
		return fb_err_set(
			err, -EINVAL,
			"no case is left to run; change what the lines above name");
	}
	return ret ? ret : fb_plan_order(&q->plan, err);
}

static int prepare(struct request *q, int argc, char **argv, int *code,
		   struct fb_err *err)
{
	int ret;

	*code = EXIT_USAGE;
	join_command(argc, argv, q->command, sizeof(q->command));
	ret = load_jobs(q, err);
	if (!ret)
		ret = place_look(&q->place, q->o.target, q->o.allow_device, err);
	if (!ret)
		ret = make_plan(q, code, err);
	return ret;
}

static int run_request(struct request *q, int argc, char **argv)
{
	struct fb_err err;
	int code;

	if (prepare(q, argc, argv, &code, &err)) {
		bench_say("%s", err.text);
		return code;
	}
	tell_unheard(q);
	if (q->o.dry_run) {
		plan_print(&q->plan, q->place.name);
		return EXIT_OK;
	}
	/* A hive and its logs are four; a login is often given 1024 at first. */
	bench_allow_files();
	return session_run(&q->o, &q->plan, &q->place, q->name, q->command);
}

static int run(int argc, char **argv)
{
	static struct request q = {.o = {.target = ".", .results = "results"}};
	struct fb_err err;
	int code;

	if (options_parse(&q.given, &bench_run, &q.o, argc, argv, &err)) {
		bench_say("%s", err.text);
		code = EXIT_USAGE;
	} else if (q.given.help) {
		options_print_help(stdout, &bench_run);
		code = EXIT_OK;
	} else {
		code = run_request(&q, argc, argv);
	}
	fb_plan_free(&q.plan);
	fb_profile_free(&q.profile);
	options_free(&q.given);
	return code;
}

#define AT(field) offsetof(struct run_options, field)

static const struct bench_option run_options[] = {
	{"target", "DIR", AT(target),
	 "folder whose file system is measured (default: the current one)"},
	{"allow-device", "PATH", AT(allow_device),
	 "with the same PATH as --target: write to that block device or device DAX, "
	 "destroying what is on it"},
	{"results", "DIR", AT(results),
	 "where the folder of results goes (default: results)"},
	{"run-id", "NAME", AT(run_id),
	 "name of that folder (default: time, host and profile)"},
	{"dry-run", NULL, AT(dry_run),
	 "show the plan, what is left out and why, and how long it takes"},
	{"yes-disable-flushes", NULL, AT(yes_disable_flushes),
	 "let no_sync=cache-off switch the kernel's view of any disk's cache"},
	{0},
};

const struct bench_command bench_run = {
	.name = "run",
	.operands = "[PROFILE...]",
	.operands_max = 64,
	.help = "run profiles, or one case made of options; leave a table and CSV",
	.about =
		"Runs profiles (names or INI files; options override them) or, without "
		"one, the cases that the options make. Leaves a folder of CSV files and "
		"prints a table.",
	.options = run_options,
	.params = true,
	.main = run,
};
