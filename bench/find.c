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

const char *bench_folder(const char *folder, int i, char *out, size_t room)
{
	char program[4096];
	char *slash;

	if (i == 1) {
		snprintf(out, room, "%s/%s", bench_datadir, folder);
		return out;
	}
	if (i > 1 || bench_program_path(program, sizeof(program)))
		return NULL;
	slash = strrchr(program, '/');
	snprintf(out, room, "%.*s/%s", slash ? (int)(slash - program) : 0, program,
		 folder);
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
	return fb_err_set(err, -ENOENT,
			  "there is no profile %s; `flushbench list profiles` shows "
			  "them, ./%s names a file of yours",
			  name, name);
}
