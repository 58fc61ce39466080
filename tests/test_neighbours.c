/*
 * What other processes moved meanwhile, and which of them moved most.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "account/neighbours.h"
#include "support/tmpdir.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* NONE: no process has such a number, nor a higher one (PID_MAX_LIMIT) */
enum { PAGES = 64, PAGE = 4096, NONE = 1 << 22 };

/* What a test took: given back by leave(), whether it passed or not. */
static struct {
	char folder[TMPDIR_LEN];
	struct fb_neighbours was, is;
	pid_t child;
	int go[2], done[2];
} lab;

static int enter(void **state)
{
	(void)state;
	return tmpdir_make(lab.folder) || pipe(lab.go) || pipe(lab.done);
}

static int leave(void **state)
{
	(void)state;
	if (lab.child > 0) {
		kill(lab.child, SIGKILL);
		waitpid(lab.child, NULL, 0);
	}
	for (int i = 0; i < 2; i++) {
		close(lab.go[i]);
		close(lab.done[i]);
	}
	fb_neighbours_free(&lab.was);
	fb_neighbours_free(&lab.is);
	tmpdir_remove(lab.folder);
	memset(&lab, 0, sizeof(lab));
	return 0;
}

static void write_pages(const char *name)
{
	char path[TMPDIR_LEN + 16], *page = aligned_alloc(PAGE, PAGE);
	int fd;

	snprintf(path, sizeof(path), "%s/%s", lab.folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	memset(page, 1, PAGE);
	for (int i = 0; i < PAGES; i++)
		if (pwrite(fd, page, PAGE, (off_t)i * PAGE) != PAGE)
			_exit(1);
	fsync(fd);
	close(fd);
	free(page);
}

/* Writes when it is told to, says so, and lives on. */
static void start_writer(void)
{
	char c;

	lab.child = fork();
	assert_true(lab.child >= 0);
	if (lab.child)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "neighbour");
	while (read(lab.go[0], &c, 1) == 1) {
		write_pages("theirs");
		if (write(lab.done[1], &c, 1) != 1)
			_exit(1);
	}
	_exit(0);
}

static void let_it_write(void)
{
	char c = 'w';

	assert_int_equal(write(lab.go[1], &c, 1), 1);
	assert_int_equal(read(lab.done[0], &c, 1), 1);
}

static void look(struct fb_neighbours *n)
{
	if (fb_neighbours_look(n)) {
		fprintf(stderr, "this kernel does not tell what processes move\n");
		skip();
	}
}

/* Others of this machine may write meanwhile, and more. */
static void forget_all_but(struct fb_neighbours *n, int pid)
{
	size_t kept = 0;

	for (size_t i = 0; i < n->n; i++)
		if (n->list[i].pid == pid)
			n->list[kept++] = n->list[i];
	n->n = kept;
}

static void what_another_process_wrote_is_told_with_its_name(void **state)
{
	char most[48], expected[48];
	uint64_t bytes;

	(void)state;
	start_writer();
	look(&lab.was);
	let_it_write();
	look(&lab.is);
	assert_true(fb_neighbours_gain(&lab.was, &lab.is, most) >= PAGES * PAGE);
	assert_string_not_equal(most, "");
	forget_all_but(&lab.was, lab.child);
	forget_all_but(&lab.is, lab.child);
	bytes = fb_neighbours_gain(&lab.was, &lab.is, most);
	assert_true(bytes >= PAGES * PAGE);
	snprintf(expected, sizeof(expected), "neighbour[%d]", (int)lab.child);
	assert_string_equal(most, expected);
}

static void one_that_began_in_between_counts_whole(void **state)
{
	char most[48];

	(void)state;
	look(&lab.was);
	start_writer();
	let_it_write();
	look(&lab.is);
	forget_all_but(&lab.was, lab.child);
	forget_all_but(&lab.is, lab.child);
	assert_int_equal(lab.was.n, 0);
	assert_true(fb_neighbours_gain(&lab.was, &lab.is, most) >= PAGES * PAGE);
	assert_non_null(strstr(most, "neighbour["));
}

static bool lists(const struct fb_neighbours *n, int pid)
{
	for (size_t i = 0; i < n->n; i++)
		if (n->list[i].pid == pid)
			return true;
	return false;
}

static void we_are_not_our_neighbour(void **state)
{
	(void)state;
	start_writer();
	look(&lab.is);
	assert_true(lists(&lab.is, lab.child));
	assert_false(lists(&lab.is, getpid()));
}

static void gains_are_added_up_by_process(void **state)
{
	struct fb_neighbour was[] = {{NONE, 100}, {NONE + 1, 1000}, {NONE + 2, 5}};
	struct fb_neighbour is[] = {
		{NONE, 150}, {NONE + 1, 1000}, {NONE + 2, 4}, {NONE + 3, 7}};
	char most[48], expected[48];

	(void)state;
	/* The third is another process by now: what it has is its own. */
	assert_int_equal(fb_neighbours_gain(&(struct fb_neighbours){was, 3, 3},
					    &(struct fb_neighbours){is, 4, 4}, most),
			 50 + 4 + 7);
	snprintf(expected, sizeof(expected), "[%d]", NONE);
	assert_non_null(strstr(most, expected));
	assert_int_equal(fb_neighbours_gain(&(struct fb_neighbours){was, 3, 3},
					    &(struct fb_neighbours){was, 3, 3}, most),
			 0);
	assert_string_equal(most, "");
}

/* kthreadd, or who is 2 in this pid namespace. */
static bool is_kthreadd(int pid)
{
	char path[32], comm[24] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	f = fopen(path, "re");
	if (f && !fgets(comm, sizeof(comm), f))
		comm[0] = '\0';
	if (f)
		fclose(f);
	return !strcmp(comm, "kthreadd\n");
}

static void kernel_threads_are_no_neighbours(void **state)
{
	struct fb_neighbour was[] = {{2, 100}, {NONE, 100}};
	struct fb_neighbour is[] = {{2, 10000}, {NONE, 150}};
	struct fb_neighbours n_was = {was, 2, 2}, n_is = {is, 2, 2};
	char most[48];

	(void)state;
	if (!is_kthreadd(2)) {
		fprintf(stderr, "no kernel threads are to be seen from here\n");
		skip();
	}
	assert_int_equal(fb_neighbours_gain(&n_was, &n_is, most), 50);
	assert_null(strstr(most, "[2]"));
	n_was.n = n_is.n = 1;
	assert_int_equal(fb_neighbours_gain(&n_was, &n_is, most), 0);
	assert_string_equal(most, "");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_another_process_wrote_is_told_with_its_name),
		CASE(one_that_began_in_between_counts_whole),
		CASE(we_are_not_our_neighbour),
		CASE(gains_are_added_up_by_process),
		CASE(kernel_threads_are_no_neighbours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
