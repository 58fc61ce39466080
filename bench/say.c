#include "bench/bench.h"

#include "base/text.h"
#include "bench/host.h"
#include "report/table_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *bench_called = "flushbench";

void bench_say(const char *fmt, ...)
{
	char text[2048];
	va_list ap;

	size_t at = (size_t)snprintf(text, sizeof(text), "flushbench: ");

	va_start(ap, fmt);
	vsnprintf(text + at, sizeof(text) - at, fmt, ap);
	va_end(ap);
	/* Names and values are somebody's: they must not steer the terminal. */
	fb_text_disarm(text);
	/* A terminal would cut within a word. */
	if (bench_is_terminal(2))
		fb_text_wrap(stderr, text, bench_columns(2) - 1, 2, "");
	else
		fprintf(stderr, "%s\n", text);
}

size_t bench_shell_word(const char *word, char *out, size_t room)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_./,:=+@%";
	size_t at;

	if (*word && !word[strspn(word, plain)])
		return (size_t)snprintf(out, room, "%s", word);
	at = (size_t)snprintf(out, room, "'");
	for (; *word && at < room; word++) {
		const char byte[] = {*word, '\0'};

		at += (size_t)snprintf(out + at, room - at, "%s",
				       *word == '\'' ? "'\\''" : byte);
	}
	if (at < room)
		at += (size_t)snprintf(out + at, room - at, "'");
	return at;
}
