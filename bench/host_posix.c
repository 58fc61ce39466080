#include "bench/host.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Narrower or wider is no terminal that anybody reads. */
enum { COLUMNS_LEAST = 20, COLUMNS_MOST = 10000 };

atomic_bool bench_stop;

int bench_program_path(char *out, size_t room)
{
	ssize_t n = readlink("/proc/self/exe", out, room - 1);

	if (n < 0)
		return -errno;
	out[n] = '\0';
	return 0;
}

bool bench_is_file(const char *path)
{
	struct stat s;

	return !stat(path, &s) && S_ISREG(s.st_mode) && !access(path, R_OK);
}

bool bench_is_folder(const char *path)
{
	struct stat s;

	return !stat(path, &s) && S_ISDIR(s.st_mode);
}

bool bench_is_refused(const char *path)
{
	return access(path, R_OK) && errno == EACCES;
}

double bench_modified(const char *path)
{
	struct stat s;

	if (stat(path, &s))
		return 0;
	return (double)s.st_mtim.tv_sec + (double)s.st_mtim.tv_nsec / 1e9;
}

static void each_name(const char *folder, bool hidden,
		      void (*see)(const char *name, void *ctx), void *ctx)
{
	struct dirent **list;
	int n = scandir(folder, &list, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		const char *name = list[i]->d_name;

		if ((*name == '.') == hidden && strcmp(name, ".") != 0 &&
		    strcmp(name, "..") != 0)
			see(name, ctx);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
}

void bench_each_file(const char *folder, void (*see)(const char *name, void *ctx),
		     void *ctx)
{
	each_name(folder, false, see, ctx);
}

void bench_each_hidden(const char *folder, void (*see)(const char *name, void *ctx),
		       void *ctx)
{
	each_name(folder, true, see, ctx);
}

bool bench_is_terminal(int fd)
{
	return isatty(fd);
}

static bool is_set(const char *variable)
{
	const char *value = getenv(variable);

	return value && *value;
}

bool bench_is_ansi(int fd)
{
	return bench_is_terminal(fd) && is_set("TERM") &&
	       strcmp(getenv("TERM"), "dumb") != 0;
}

bool bench_colour(int fd)
{
	return bench_is_ansi(fd) && !is_set("NO_COLOR");
}

int bench_columns(int fd)
{
	const char *columns = getenv("COLUMNS");
	struct winsize w;
	long given;

	if (!ioctl(fd, TIOCGWINSZ, &w) && w.ws_col)
		return w.ws_col;
	given = columns ? strtol(columns, NULL, 10) : 0;
	return given >= COLUMNS_LEAST && given <= COLUMNS_MOST ? (int)given : 80;
}

int bench_width(void)
{
	return bench_columns(STDOUT_FILENO);
}

void bench_allow_files(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files))
		return;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

void bench_cpus(char *out, size_t room)
{
	cpu_set_t set;
	size_t at = 0;

	out[0] = '\0';
	if (sched_getaffinity(0, sizeof(set), &set))
		return;
	for (int from = 0, to; from < CPU_SETSIZE && at < room; from = to) {
		for (to = from; to < CPU_SETSIZE && CPU_ISSET(to, &set);)
			to++;
		if (to == from)
			to++;
		else if (to == from + 1)
			at += (size_t)snprintf(out + at, room - at, "%s%d",
					       at ? "," : "", from);
		else
			at += (size_t)snprintf(out + at, room - at, "%s%d-%d",
					       at ? "," : "", from, to - 1);
	}
}

void bench_utc(char *out, size_t room, bool compact)
{
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(out, room, compact ? "%Y%m%dT%H%M%SZ" : "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static void on_signal(int sig)
{
	(void)sig;
	atomic_store(&bench_stop, true);
}

void bench_catch_signals(void)
{
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU};
	/* No SA_RESTART: a sleep or a slow call should hear of it. */
	struct sigaction sa = {.sa_handler = on_signal}, before;

	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		/* What nohup or a shell's & told us to ignore stays ignored. */
		if (!sigaction(ends[i], NULL, &before) && before.sa_handler != SIG_IGN)
			sigaction(ends[i], &sa, NULL);
	}
}

void bench_own_descriptors(void)
{
	/* For reading, so that what cannot be shown is still told by the exit code. */
	int fd = open("/dev/null", O_RDONLY);

	while (fd >= 0 && fd <= STDERR_FILENO)
		fd = dup(fd);
	if (fd >= 0)
		close(fd);
}

bool bench_stopped(void)
{
	return atomic_load(&bench_stop);
}
