#include "bench/bench.h"

#include "bench/host.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void bench_say(const char *fmt, ...)
{
	char text[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* Names and values are somebody's: they must not steer the terminal. */
	for (char *c = text; *c; c++) {
		if (iscntrl((unsigned char)*c))
			*c = '?';
	}
	fprintf(stderr, "flushbench: %s\n", text);
}

/* Up from @path by one name, "" above the root. */
static void cut_last(char *path)
{
	char *slash = strrchr(path, '/');

	*(slash ? slash : path) = '\0';
}

const char *bench_folder(const char *folder, int i, char *out, size_t room)
{
	char at[4096];

	if (i > 1 || bench_program_path(at, sizeof(at)))
		return NULL;
	cut_last(at);
	if (i)
		cut_last(at);
	snprintf(out, room, "%s%s/%s", at, i ? "/share/flushbench" : "", folder);
	return out;
}

static int ends_in(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n > m && !strcmp(s + n - m, suffix);
}

int bench_find_file(const char *name, const char *folder, const char *suffix, char *out,
		    size_t room, struct fb_err *err)
{
	char at[4096];

	snprintf(out, room, "%s", name);
	if (strchr(name, '/') || ends_in(name, suffix))
		return 0;
	for (int i = 0; bench_folder(folder, i, at, sizeof(at)); i++) {
		snprintf(out, room, "%s/%s%s", at, name, suffix);
		if (bench_is_file(out))
			return 0;
	}
	if (strcmp(suffix, ".ini"))
		return fb_err_set(err, -ENOENT,
				  "%s/%s%s is neither beside the program nor in "
				  "../share/flushbench; install flushbench anew",
				  folder, name, suffix);
	return fb_err_set(err, -ENOENT,
			  "there is no profile %s; `flushbench list profiles` shows "
			  "them, ./%s names a file of yours",
			  name, name);
}
