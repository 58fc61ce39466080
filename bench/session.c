#include "bench/session.h"

#include "base/text.h"
#include "base/units.h"
#include "bench/bench.h"
#include "bench/host.h"
#include "bench/preface.h"
#include "bench/progress.h"
#include "device/cache_off.h"
#include "host/host.h"
#include "report/run_dir.h"
#include "report/table.h"
#include "run/overhead.h"
#include "run/run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Room for what programs append to a name of at most 255 bytes. */
enum { RUN_ID_MAX = 200 };

/* Reasons to refuse a mode that are remembered; there are few. */
enum { REASONS = 8 };

struct session {
	const struct run_options *o;
	const struct fb_plan *plan;
	struct place *place;
	const char *profile;
	const char *command;
	struct fb_clock clock;
	double step_ns; /* what that can tell apart */
	struct fb_run_dir *dir;
	struct progress progress;
	char path[4352]; /* of the results, for after they are closed */
	char refused[REASONS][FB_ERR_TEXT]; /* why modes were refused, as told */
	size_t n_refused;
	size_t finished; /* steps with a row */
	int exit;
};

static void tell(struct session *s, int code, const struct fb_err *err)
{
	progress_clear(&s->progress);
	bench_say("%s", err->text);
	if (s->exit == EXIT_OK || code == EXIT_INTERRUPTED)
		s->exit = code;
}

static uint64_t largest_case(const struct fb_plan *plan)
{
	uint64_t need = 0;

	for (size_t i = 0; i < plan->n_cases; i++) {
		uint64_t n = fb_path_disk_bytes(&plan->cases[i]);

		need = n > need ? n : need;
	}
	return need;
}

static struct preface preface_of(const struct session *s)
{
	return (struct preface){s->dir, s->plan, s->place, &s->clock, s->command};
}

static int write_start(struct session *s, struct fb_err *err)
{
	const struct preface p = preface_of(s);

	return preface_write(&p, err);
}

/* Cut at @room the profile's end goes: the folder's name has a limit. */
static void make_run_id(const struct session *s, const char *host, char *out,
			size_t room)
{
	char now[32];

	bench_utc(now, sizeof(now), true);
	snprintf(out, room, "%s-%.100s-%s", now, host, s->profile);
	for (char *c = out; *c; c++) {
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789._-",
			    *c))
			*c = '_';
	}
}

static int open_results(struct session *s, struct fb_err *err)
{
	char host[256], name[RUN_ID_MAX];
	struct fb_run_id id = {
		.results = s->o->results,
		.name = s->o->run_id,
		.profile = s->profile,
		.host = host,
		.os = fb_host_os(),
	};
	size_t at;
	int ret;

	if (place_holds(s->place, s->o->results))
		return fb_err_set(err, -EINVAL,
				  "--results %s lies in the work folder, which is "
				  "removed at the end; name another",
				  s->o->results);
	fb_host_name(host, sizeof(host));
	make_run_id(s, host, name, sizeof(name) - 4);
	if (!id.name)
		id.name = name;
	ret = fb_run_dir_create(&s->dir, &id, err);
	/* Two runs of one second: the second one is called so. */
	at = strlen(name);
	for (int i = 2; ret == -EEXIST && !s->o->run_id && i < 100; i++) {
		snprintf(name + at, sizeof(name) - at, "-%d", i);
		ret = fb_run_dir_create(&s->dir, &id, err);
	}
	if (!ret)
		snprintf(s->path, sizeof(s->path), "%s", fb_run_dir_path(s->dir));
	return ret;
}

static void settle(void *ctx)
{
	struct session *s = ctx;
	struct fb_err err;

	if (fb_run_dir_sync(s->dir, &err))
		tell(s, EXIT_FAILED, &err);
}

static void show_progress(void *ctx, const struct fb_run_progress *now)
{
	struct session *s = ctx;

	progress_show(&s->progress, now);
}

/* One reason for a hundred cases need not be read a hundred times. */
static bool was_told(struct session *s, const char *why)
{
	for (size_t i = 0; i < s->n_refused; i++)
		if (!strcmp(s->refused[i], why))
			return true;
	if (s->n_refused < REASONS)
		snprintf(s->refused[s->n_refused++], FB_ERR_TEXT, "%s", why);
	return false;
}

static void tell_result(struct session *s, const struct fb_result *r)
{
	char what[256];

	if (!r->error[0] || (!r->errors && was_told(s, r->error)))
		return;
	progress_clear(&s->progress);
	fb_plan_describe(r->c, what, sizeof(what));
	bench_say("%s rep %u: %s", what, r->rep, r->error);
	if (r->errors)
		s->exit = EXIT_FAILED;
}

/* Told at once: who waits for a trace should know that none is coming. */
static void tell_untraced(struct session *s, const struct fb_result *r)
{
	for (size_t i = 0; i < r->warnings.n; i++) {
		const struct fb_warning *w = &r->warnings.list[i];

		if (strcmp(w->id, "trace_unavailable") || was_told(s, w->evidence))
			continue;
		progress_clear(&s->progress);
		bench_say("not traced: %s", w->evidence);
	}
}

/* An interrupted repetition is no result: only what is finished is kept. */
static bool is_finished(const struct fb_result *r)
{
	return r->ended != FB_ENDED_INTERRUPT;
}

static int run_step(struct session *s, const struct fb_run_env *env, size_t i,
		    struct fb_err *err)
{
	const struct fb_step *step = &s->plan->steps[i];
	struct fb_result r;
	int ret;

	s->progress.step = i;
	progress_show(&s->progress, NULL);
	ret = fb_run_case(env, &s->plan->cases[step->index], step->rep, &r, err);
	if (ret)
		return ret;
	if (is_finished(&r)) {
		tell_result(s, &r);
		tell_untraced(s, &r);
		ret = fb_host_warn_result(&r.warnings, &s->place->device, &r,
					  s->step_ns);
		ret = ret ? fb_err_set(err, ret, "out of memory")
			  : fb_run_dir_result(s->dir, &r, err);
		s->finished += !ret;
	}
	fb_result_free(&r);
	return ret;
}

static void run_steps(struct session *s)
{
	struct fb_run_env env = {
		.clock = &s->clock,
		.target = &s->place->target,
		.stop = &bench_stop,
		.settle = settle,
		.progress = show_progress,
		.ctx = s,
	};
	struct fb_err err;
	int ret = 0;

	progress_begin(&s->progress, s->plan, &s->clock);
	for (size_t i = 0; !ret && i < s->plan->n_steps && !bench_stopped(); i++)
		ret = run_step(s, &env, i, &err);
	progress_clear(&s->progress);
	if (ret && ret != -EINTR)
		tell(s, EXIT_FAILED, &err);
	if (bench_stopped() && s->finished < s->plan->n_steps) {
		bench_say(
			"interrupted; what was finished is kept (%zu of %zu repetitions), a "
			"new run begins anew",
			s->finished, s->plan->n_steps);
		s->exit = EXIT_INTERRUPTED;
	}
}

static void write_end(struct session *s)
{
	const struct preface p = preface_of(s);
	struct fb_err err;
	char now[32];
	int ret = 0;

	bench_utc(now, sizeof(now), false);
	ret = preface_media(&p, "end", &err);
	if (!ret && s->finished == s->plan->n_steps)
		ret = fb_run_dir_fact(s->dir, "run_end", now, &err);
	if (!ret)
		ret = fb_run_dir_sync(s->dir, &err);
	if (ret)
		tell(s, EXIT_FAILED, &err);
	ret = fb_run_dir_close(s->dir, &err);
	if (ret)
		tell(s, EXIT_FAILED, &err);
}

static void print_table(struct session *s)
{
	char called[4096], path[4096 + 512];
	bool colour = bench_colour(1);
	struct fb_err err;
	struct fb_run run;

	if (fb_run_load(&run, s->path, &err)) {
		tell(s, EXIT_FAILED, &err);
		return;
	}
	if (fb_table_print(stdout, &run, bench_width(), colour, &err))
		tell(s, EXIT_FAILED, &err);
	fb_run_free(&run);
	bench_shell_word(bench_called, called, sizeof(called));
	bench_shell_word(s->path, path, sizeof(path));
	printf("\nresults in %s\nto draw them: %s plot %s\n", fb_text_disarm(s->path),
	       fb_text_disarm(called), fb_text_disarm(path));
}

/* Everything that can be refused is refused before the results' folder is made. */
static int begin(struct session *s, struct fb_err *err)
{
	bool leftover;
	int ret = fb_cache_off_check(&s->place->device, err);

	if (ret) {
		s->exit = EXIT_NOT_HERE;
		return ret;
	}
	ret = place_take(s->place, &leftover, err);
	if (ret)
		return ret;
	if (leftover)
		bench_say("removed what a killed run had left under %s",
			  s->place->name);
	ret = place_check_space(s->place, largest_case(s->plan), leftover, err);
	if (ret)
		return ret;
	fb_clock_init(&s->clock);
	s->step_ns = fb_overhead_step_ns(&s->clock);
	ret = open_results(s, err);
	if (!ret)
		ret = write_start(s, err);
	return ret;
}

static void announce(const struct session *s)
{
	double seconds = fb_plan_seconds(s->plan);
	char span[FB_FORMAT_LEN], about[64] = "";

	if (seconds == seconds)
		snprintf(about, sizeof(about), ", about %s and preparing",
			 fb_format_span(span, seconds));
	bench_say("%zu case%s, %zu repetition%s%s, into %s", s->plan->n_cases,
		  s->plan->n_cases == 1 ? "" : "s", s->plan->n_steps,
		  s->plan->n_steps == 1 ? "" : "s", about, s->path);
	for (size_t i = 0; i < s->plan->n_left_out; i++) {
		const struct fb_left_out *l = &s->plan->left_out[i];

		bench_say("left out: %s (%s%s)", l->reason, l->example,
			  l->count > 1 ? " and more" : "");
	}
}

static int exit_of(int ret, const struct place *p)
{
	const bool unarmed = ret == -EROFS && p->device.nv.read_only == FB_YES;

	return ret == -EPERM || ret == -EACCES || unarmed ? EXIT_NOT_HERE : EXIT_USAGE;
}

int session_run(const struct run_options *o, const struct fb_plan *plan,
		struct place *place, const char *profile, const char *command)
{
	struct session s = {.o = o,
			    .plan = plan,
			    .place = place,
			    .profile = profile,
			    .command = command};
	struct fb_err err;
	int ret;

	bench_catch_signals();
	place->target.yes_disable_flushes = o->yes_disable_flushes;
	place->target.cancelled = bench_stopped;
	ret = begin(&s, &err);
	if (ret) {
		bench_say("%s", err.text);
		if (s.exit == EXIT_OK)
			s.exit = exit_of(ret, place);
	} else {
		announce(&s);
		run_steps(&s);
	}
	if (place_leave(place, &err))
		tell(&s, EXIT_FAILED, &err);
	if (ret && s.dir)
		fb_run_dir_close(s.dir, NULL);
	if (ret)
		return s.exit;
	write_end(&s);
	print_table(&s);
	return s.exit;
}
