#include "bench/gnuplot.h"

#include "bench/host.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OWN_FOLDER ".drawing-"

extern char **environ;

bool gnuplot_is_there(void)
{
	const char *folders = getenv("PATH");
	char path[4096];

	while (folders && *folders) {
		int n = (int)strcspn(folders, ":");

		snprintf(path, sizeof(path), "%.*s/gnuplot", n, n ? folders : ".");
		if (bench_is_file(path) && !access(path, X_OK))
			return true;
		folders += n;
		folders += *folders == ':';
	}
	return false;
}

/* What we ignore it shall hear: else a limit on files cuts its pictures in silence. */
static int start(FILE *input, pid_t *pid)
{
	static char *const argv[] = {"gnuplot", "-d", "-", NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t heard;
	int ret;

	sigemptyset(&heard);
	sigaddset(&heard, SIGPIPE);
	sigaddset(&heard, SIGXFSZ);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigdefault(&attr, &heard);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fileno(input), STDIN_FILENO);
	ret = posix_spawnp(pid, argv[0], &actions, &attr, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return -ret;
}

/* Asking again and again: a signal to us alone may come at any moment. */
static int wait_for(pid_t pid)
{
	const struct timespec pause = {.tv_nsec = 10000000};
	bool told = false;
	int status;

	for (;;) {
		pid_t got = waitpid(pid, &status, WNOHANG);

		if (got == pid)
			return status;
		if (got < 0 && errno != EINTR)
			return -1;
		if (bench_stopped() && !told) {
			kill(pid, SIGTERM);
			told = true;
		}
		nanosleep(&pause, NULL);
	}
}

int gnuplot_run(FILE *input, struct fb_err *err)
{
	int status, ret;
	pid_t pid;

	/* Without any locale it complains of a character of its own. */
	setenv("LC_ALL", "C.UTF-8", 1);
	if (fflush(input) || lseek(fileno(input), 0, SEEK_SET))
		return fb_err_set(err, -errno, "what gnuplot is to be told: %s",
				  strerror(errno));
	ret = start(input, &pid);
	if (ret)
		return fb_err_set(err, ret, "gnuplot cannot be started: %s",
				  strerror(-ret));
	status = wait_for(pid);
	if (bench_stopped())
		return fb_err_set(err, -EINTR, "interrupted; no picture was changed");
	if (status == -1 || WIFSIGNALED(status))
		return fb_err_set(
			err, -EIO,
			"gnuplot was ended by signal %d; make room, raise the "
			"limit on the size of files, or draw again",
			status == -1 ? 0 : WTERMSIG(status));
	if (WEXITSTATUS(status))
		return fb_err_set(
			err, -EIO,
			"gnuplot ended with %d, its reason stands above if it "
			"gave one; 5.4 or later with pngcairo and svg is needed",
			WEXITSTATUS(status));
	return 0;
}

static void remove_file(const char *name, void *ctx)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", (const char *)ctx, name);
	unlink(path);
}

static void remove_folder(const char *name)
{
	bench_each_file(name, remove_file, (void *)name);
	rmdir(name);
}

static void see_stale(const char *name, void *ctx)
{
	pid_t pid;

	(void)ctx;
	if (strncmp(name, OWN_FOLDER, strlen(OWN_FOLDER)) != 0)
		return;
	pid = atoi(name + strlen(OWN_FOLDER));
	if (pid > 0 && (pid == getpid() || (kill(pid, 0) && errno == ESRCH)))
		remove_folder(name);
}

static int refuse(const char *out, struct fb_err *err)
{
	return fb_err_set(err, -errno, "%s: %s; name another folder with --out", out,
			  strerror(errno));
}

int drawing_begin(struct drawing *d, const char *out, struct fb_err *err)
{
	*d = (struct drawing){.made = !mkdir(out, 0777)};
	snprintf(d->own, sizeof(d->own), OWN_FOLDER "%ld", (long)getpid());
	if ((!d->made && errno != EEXIST) || chdir(out))
		return refuse(out, err);
	bench_each_hidden(".", see_stale, NULL);
	if (mkdir(d->own, 0700)) {
		refuse(out, err);
		goto out_leave;
	}
	if (chdir(d->own)) {
		refuse(out, err);
		rmdir(d->own);
		goto out_leave;
	}
	return 0;

out_leave:
	d->own[0] = '\0';
	drawing_end(d);
	return -err->os_error;
}

int drawing_keep(const char *name)
{
	char there[128];

	snprintf(there, sizeof(there), "../%s", name);
	return rename(name, there) ? -errno : 0;
}

void drawing_end(struct drawing *d)
{
	char here[4096];

	if (d->own[0] && !chdir(".."))
		remove_folder(d->own);
	if (d->made && getcwd(here, sizeof(here)) && !chdir(".."))
		rmdir(here);
}
