/*
 * What a terminal gets to see: colours when it wants them, and a progress line that
 * stays one line.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/cli.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The terminal: @outer is the end that a person would look at; @seen what came. */
static struct {
	int outer, inner;
	char seen[65536];
} term;

static void set_width(int columns)
{
	struct winsize w = {.ws_row = 24, .ws_col = (unsigned short)columns};

	assert_int_equal(ioctl(term.outer, TIOCSWINSZ, &w), 0);
}

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int enter(void **state)
{
	term.outer = term.inner = -1;
	term.seen[0] = '\0';
	return cli_lab_enter(state);
}

static int leave(void **state)
{
	close_end(&term.inner);
	close_end(&term.outer);
	unsetenv("NO_COLOR");
	setenv("TERM", "xterm", 1);
	return cli_lab_leave(state);
}

static void open_terminal(int columns)
{
	close_end(&term.inner);
	close_end(&term.outer);
	term.outer = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(term.outer >= 0);
	assert_int_equal(grantpt(term.outer) | unlockpt(term.outer), 0);
	term.inner = open(ptsname(term.outer), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(term.inner >= 0);
	set_width(columns);
	term.seen[0] = '\0';
}

static ssize_t read_more(void)
{
	size_t at = strlen(term.seen);
	ssize_t n = read(term.outer, term.seen + at, sizeof(term.seen) - 1 - at);

	term.seen[at + (n > 0 ? (size_t)n : 0)] = '\0';
	return n;
}

/* Of all that comes after @from; @what NULL: to the end. */
static void read_until(const char *from, const char *what)
{
	while (!(what && strstr(from, what)) && read_more() > 0)
		;
	if (what)
		assert_says(from, what);
}

/* Is the table coloured on a terminal with this environment? NULL: not there. */
static bool coloured(const char *term_name, const char *no_color)
{
	unsetenv("TERM");
	unsetenv("NO_COLOR");
	if (term_name)
		setenv("TERM", term_name, 1);
	if (no_color)
		setenv("NO_COLOR", no_color, 1);
	open_terminal(100);
	lab.c.fd_out = term.inner;
	assert_exit(0, measure("--path null --mode none"), lab.c);
	close_end(&term.inner);
	read_until(term.seen, NULL);
	assert_says(term.seen, "results in ");
	return strchr(term.seen, '\033');
}

static void colours_are_for_terminals_that_want_them(void **state)
{
	(void)state;
	assert_true(coloured("xterm", NULL));
	assert_true(coloured("xterm", ""));
	assert_false(coloured("xterm", "1"));
	assert_false(coloured("xterm", "0"));
	assert_false(coloured("dumb", NULL));
	assert_false(coloured("", NULL));
	assert_false(coloured(NULL, NULL));
}

static void a_message_is_wrapped_at_words(void **state)
{
	char seen[sizeof(term.seen)] = "";

	(void)state;
	open_terminal(40);
	lab.c.fd_err = term.inner;
	cli_run(&lab.c, "run --warmup 3");
	close_end(&term.inner);
	read_until(term.seen, NULL);
	/* Each line alone fits, and put together again they are the message. */
	for (char *line = strtok(term.seen, "\r\n"); line;
	     line = strtok(NULL, "\r\n")) {
		assert_true(strlen(line) < 40);
		line += strspn(line, " ");
		snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "%s ", line);
	}
	assert_string_equal(seen, "flushbench: --warmup: hyperfine's warmup is "
				  "--ramp_time here, in seconds ");
}

static bool is_whole_word(const char *word, size_t len)
{
	static const char *const words[] = {"path=file", "mode=normal",
					    "mode=data-sync-only", "bs=4k", "bs=64k"};

	if (!memchr(word, '=', len))
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == len && !strncmp(words[i], word, len))
			return true;
	return false;
}

/* Every drawing of the line, from carriage return to carriage return. */
static void check_lines(const char *seen, size_t width)
{
	for (size_t len; *seen; seen += len + (seen[len] != '\0')) {
		len = strcspn(seen, "\r\n");
		if (!memmem(seen, len, " left", 5))
			continue;
		if (len >= width)
			fail_msg("%zu columns: '%.*s'", width, (int)len, seen);
		for (size_t at = 0, n; at < len; at += n + 1) {
			n = strcspn(seen + at, " \r");
			if (!is_whole_word(seen + at, n))
				fail_msg("'%.*s' is cut: '%.*s'", (int)n, seen + at,
					 (int)len, seen);
		}
	}
}

/* What the last line of the screen shows in the end; it is never full. */
static void play(const char *seen, char screen[256])
{
	size_t at = 0;

	memset(screen, ' ', 255);
	screen[255] = '\0';
	for (; *seen; seen++) {
		if (*seen == '\r')
			at = 0;
		else if (*seen == '\n')
			memset(screen, ' ', 255);
		else if (!strncmp(seen, "\033[J", 3))
			memset(screen + at, ' ', 255 - at);
		else if (at < 255 && (unsigned char)*seen >= ' ')
			screen[at++] = *seen;
	}
}

static void watch(int columns)
{
	open_terminal(columns);
	lab.c.fd_err = term.inner;
	assert_exit(0,
		    measure("--path file --mode normal,data-sync-only --bs 4k,64k "
			    "--runtime 110ms"),
		    lab.c);
	close_end(&term.inner);
	read_until(term.seen, NULL);
	assert_says(term.seen, " left\r");
	check_lines(term.seen, (size_t)columns);
}

static void progress_is_one_line_however_narrow(void **state)
{
	static const int widths[] = {20, 36, 68};

	(void)state;
	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++)
		watch(widths[i]);
}

static void what_has_no_room_goes_before_pace_and_time_left(void **state)
{
	(void)state;
	watch(140);
	assert_says(term.seen, "\r[4/4] path=file mode=");
	assert_says(term.seen, " bs=64k rep 1/1  ");
	watch(60);
	assert_says(term.seen, "\r[4/4] ");
	assert_null(strstr(term.seen, "bs="));
	watch(40);
	assert_says(term.seen, "\r[4/4] ");
	assert_says(term.seen, " ops/s  ");
	assert_null(strstr(term.seen, "mode="));
	watch(26);
	assert_says(term.seen, " ops/s  ");
	assert_null(strstr(term.seen, "["));
}

static void nothing_remains_of_the_progress_line(void **state)
{
	char screen[256];

	(void)state;
	for (int dumb = 0; dumb < 2; dumb++) {
		setenv("TERM", dumb ? "dumb" : "xterm", 1);
		watch(70);
		play(term.seen, screen);
		if (strspn(screen, " ") != strlen(screen))
			fail_msg("left: '%s'", screen);
		assert_true(!dumb || !strchr(term.seen, '\033'));
	}
}

static void a_terminal_made_narrower_is_cleared_of_what_it_folded(void **state)
{
	const char *after;

	(void)state;
	open_terminal(120);
	lab.c.fd_err = term.inner;
	measure_start("--path file --mode data-sync-only,normal --runtime 1h");
	close_end(&term.inner);
	read_until(term.seen, " left\r");
	assert_null(strchr(term.seen, '\033'));
	set_width(36);
	read_until(term.seen, "\033[J");
	after = strstr(term.seen, "\033[J") + 3;
	/* What was folded lies behind the cursor, which stood at the line's begin. */
	assert_says(term.seen, "\r\033[J");
	/* The line that follows is a new one, and whole. */
	read_until(after, " left\r");
	kill(lab.c.pid, SIGINT);
	close_end(&term.outer);
	assert_int_equal(cli_wait(&lab.c, 60000), 3);
	check_lines(after, 36);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, enter, leave)
	const struct CMUnitTest tests[] = {
		TEST(colours_are_for_terminals_that_want_them),
		TEST(a_message_is_wrapped_at_words),
		TEST(progress_is_one_line_however_narrow),
		TEST(what_has_no_room_goes_before_pace_and_time_left),
		TEST(nothing_remains_of_the_progress_line),
		TEST(a_terminal_made_narrower_is_cleared_of_what_it_folded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
