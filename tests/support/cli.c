#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WORDS_MAX = 64, ENOUGH_MS = 60000 };

struct cli_lab lab;

int cli_lab_enter(void **state)
{
	(void)state;
	memset(&lab, 0, sizeof(lab));
	if (tmpdir_make(lab.top))
		return -1;
	tmpdir_join(lab.target, sizeof(lab.target), lab.top, "target");
	tmpdir_join(lab.results, sizeof(lab.results), lab.top, "results");
	return mkdir(lab.target, 0700);
}

int cli_lab_leave(void **state)
{
	(void)state;
	cli_free(&lab.c);
	cli_free(&lab.other);
	fb_run_free(&lab.run);
	tmpdir_remove(lab.top);
	return 0;
}

const char *cli_program(void)
{
	static char path[PATH_MAX];
	const char *named = getenv("FLUSHBENCH");

	if (!path[0] && !realpath(named && *named ? named : "./flushbench", path))
		fail_msg("there is no %s; build it, or name it with FLUSHBENCH",
			 named && *named ? named : "./flushbench");
	return path;
}

static void place(int fd, int at)
{
	if (fd == CLI_CLOSED)
		close(at);
	else
		dup2(fd, at);
}

static void become(const struct cli *c, char **argv, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_DFL);
	if (getppid() != parent || (c->cwd && chdir(c->cwd)))
		_exit(126);
	place(open("/dev/null", O_RDONLY), 0);
	place(c->fd_out == CLI_CAPTURE ? c->memory_out : c->fd_out, 1);
	place(c->fd_err == CLI_CAPTURE ? c->memory_err : c->fd_err, 2);
	if (c->uid && (setgid(c->uid) || setuid(c->uid)))
		_exit(126);
	execv(argv[0], argv);
	_exit(127);
}

static void start(struct cli *c, const char *line)
{
	char *copy = strdup(line), *rest = copy, *argv[WORDS_MAX] = {0};
	const pid_t parent = getpid();
	char program[PATH_MAX];
	int n = 1;

	assert_non_null(copy);
	snprintf(program, sizeof(program), "%s",
		 c->program ? c->program : cli_program());
	argv[0] = program;
	while ((argv[n] = strsep(&rest, " ")))
		if (*argv[n])
			assert_true(++n < WORDS_MAX);
	cli_free(c);
	c->memory_out = memfd_create("stdout", MFD_CLOEXEC);
	c->memory_err = memfd_create("stderr", MFD_CLOEXEC);
	c->pid = fork();
	if (!c->pid)
		become(c, argv, parent);
	free(copy);
	assert_true(c->pid > 0);
}

static char *format(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));

static char *format(const char *fmt, va_list ap)
{
	char *line;

	assert_true(vasprintf(&line, fmt, ap) >= 0);
	return line;
}

static void start_formatted(struct cli *c, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

static void start_formatted(struct cli *c, const char *fmt, va_list ap)
{
	char *line = format(fmt, ap);

	start(c, line);
	free(line);
}

void cli_start(struct cli *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	start_formatted(c, fmt, ap);
	va_end(ap);
}

void cli_sleep_ms(unsigned ms)
{
	const struct timespec t = {ms / 1000, ms % 1000 * 1000000L};

	nanosleep(&t, NULL);
}

static char *read_all(int fd)
{
	const off_t n = lseek(fd, 0, SEEK_END);
	char *text = calloc(1, (size_t)n + 1);

	assert_non_null(text);
	assert_int_equal(pread(fd, text, (size_t)n, 0), n);
	close(fd);
	return text;
}

static void finish(struct cli *c, int status)
{
	c->exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	c->pid = 0;
	c->out = read_all(c->memory_out);
	c->err = read_all(c->memory_err);
}

int cli_wait(struct cli *c, unsigned timeout_ms)
{
	bool late = false;
	int status;

	for (unsigned ms = 0;; ms++) {
		const pid_t ended = waitpid(c->pid, &status, late ? 0 : WNOHANG);

		if (ended == c->pid)
			break;
		assert_true(ended == 0 || errno == EINTR);
		if (ms >= timeout_ms && !late) {
			late = true;
			kill(c->pid, SIGKILL);
		}
		cli_sleep_ms(1);
	}
	finish(c, status);
	if (late)
		c->exit = CLI_HANGS;
	return c->exit;
}

int cli_run(struct cli *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	start_formatted(c, fmt, ap);
	va_end(ap);
	return cli_wait(c, ENOUGH_MS);
}

int run_in_target(const char *words)
{
	lab.c.cwd = lab.target;
	return cli_run(&lab.c, "%s", words);
}

void run_profile_start(const char *text)
{
	cli_start(&lab.c, "run %s --target %s --results %s --run-id r",
		  file_put("p.ini", text, strlen(text)), lab.target, lab.results);
}

void cli_free(struct cli *c)
{
	if (c->pid > 0)
		cli_wait(c, 0);
	free(c->out);
	free(c->err);
	c->out = c->err = NULL;
	c->exit = 0;
}

static void start_measuring(const char *fmt, va_list ap)
	__attribute__((format(printf, 1, 0)));

static void start_measuring(const char *fmt, va_list ap)
{
	char *words = format(fmt, ap), *line;
	char old[CLI_PATH + 8];

	fb_run_free(&lab.run);
	tmpdir_join(old, sizeof(old), lab.results, "r");
	tmpdir_remove(old);
	assert_true(asprintf(&line,
			     "run --target %s --results %s --run-id r --reps 1 "
			     "--runtime 60ms --ramp_time 0 --size 1m %s",
			     lab.target, lab.results, words) > 0);
	start(&lab.c, line);
	free(line);
	free(words);
}

void measure_start(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	start_measuring(fmt, ap);
	va_end(ap);
}

int measure(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	start_measuring(fmt, ap);
	va_end(ap);
	cli_wait(&lab.c, ENOUGH_MS);
	measure_load();
	return lab.c.exit;
}

void measure_load(void)
{
	char path[CLI_PATH + 8];
	struct fb_err err;

	fb_run_free(&lab.run);
	tmpdir_join(path, sizeof(path), lab.results, "r");
	if (folder_entries(path) >= 0 && fb_run_load(&lab.run, path, &err))
		fail_msg("%s", err.text);
}

const char *file_put(const char *name, const void *bytes, size_t n)
{
	static char path[CLI_PATH + 64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", lab.top, name);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
	return path;
}

size_t row_count(enum fb_run_file file)
{
	return lab.run.table[file] ? fb_csv_rows(lab.run.table[file]) : 0;
}

const char *field(enum fb_run_file file, size_t row, const char *column)
{
	int i;

	assert_true(row < row_count(file));
	i = fb_csv_find(lab.run.table[file], column);
	if (i < 0)
		fail_msg("%s has no column %s", fb_run_file_names[file], column);
	return fb_csv_get(lab.run.table[file], row, i);
}

double number(enum fb_run_file file, size_t row, const char *column)
{
	const char *text = field(file, row, column);
	char *end;
	double v = strtod(text, &end);

	if (!*text)
		return NAN;
	if (*end)
		fail_msg("%s: %s=%s is no number", fb_run_file_names[file], column,
			 text);
	return v;
}

size_t row_where(enum fb_run_file file, const char *column, const char *value)
{
	for (size_t row = 0; row < row_count(file); row++)
		if (!strcmp(field(file, row, column), value))
			return row;
	return SIZE_MAX;
}

bool fact_is(const char *key, const char *value)
{
	const size_t row = row_where(FB_RUN_SYSTEM, "key", key);

	return row < SIZE_MAX && !strcmp(field(FB_RUN_SYSTEM, row, "value"), value);
}

double count_of(enum fb_run_file file, const char *case_id, const char *op)
{
	double sum = 0;

	for (size_t row = 0; row < row_count(file); row++)
		if (!strcmp(field(file, row, "case_id"), case_id) &&
		    !strcmp(field(file, row, "op"), op))
			sum += number(file, row, "count");
	return sum;
}

double only(const char *column)
{
	return number(FB_RUN_SUMMARY, 0, column);
}

/* Not through cmocka's messages, which are cut at 1 KiB. */
void says(const char *text, const char *part, const char *file, int line)
{
	if (strstr(text, part))
		return;
	fprintf(stderr, "\"%s\" is not in:\n%s\n", part, text);
	_fail(file, line);
}

void cli_show(const struct cli *c)
{
	fprintf(stderr, "exit %d; it said:\n%s%s", c->exit, c->out, c->err);
}
