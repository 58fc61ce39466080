#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "account/issuer.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct fb_issuers issuers;
static pid_t child = -1;

static int enter(void **state)
{
	(void)state;
	fb_issuers_reset(&issuers);
	return 0;
}

static void end_child(void)
{
	if (child > 0) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	child = -1;
}

static int leave(void **state)
{
	(void)state;
	end_child();
	return 0;
}

static enum fb_issuer who(int pid, int tid, const char *comm)
{
	struct fb_block_event e = {.kind = FB_BLOCK_QUEUE, .pid = pid, .tid = tid};

	snprintf(e.comm, sizeof(e.comm), "%s", comm);
	return fb_issuer_of(&e, &issuers);
}

/* A process named like a kernel thread, and with what misleads a reader of stat. */
static void start_child(void)
{
	int ready[2];
	char c;

	assert_int_equal(pipe(ready), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, "jbd2/) S 1 1 1");
		if (write(ready[1], "", 1) == 1)
			pause();
		_exit(0);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
}

static void *ask_for_itself(void *out)
{
	*(enum fb_issuer *)out = who(getpid(), (int)syscall(SYS_gettid), "flusher/1");
	return NULL;
}

static void every_thread_of_ours_is_self(void **state)
{
	enum fb_issuer found = FB_ISSUERS;
	pthread_t thread;

	(void)state;
	assert_int_equal(who(getpid(), getpid(), "program"), FB_ISSUER_SELF);
	assert_int_equal(pthread_create(&thread, NULL, ask_for_itself, &found), 0);
	pthread_join(thread, NULL);
	assert_int_equal(found, FB_ISSUER_SELF);
}

static void another_process_is_somebody_else_whatever_its_name(void **state)
{
	(void)state;
	start_child();
	assert_int_equal(who(child, child, "jbd2/vda1-8"), FB_ISSUER_OTHERS);
}

/* Kernel threads are the children of kthreadd, which is 2 where it can be seen. */
static int kernel_thread(void)
{
	for (int pid = 3; pid < 300; pid++) {
		char path[32], line[256];
		int parent = -1;
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%d/status", pid);
		f = fopen(path, "re");
		while (f && fgets(line, sizeof(line), f))
			if (sscanf(line, "PPid: %d", &parent) == 1)
				break;
		if (f)
			fclose(f);
		if (parent == 2)
			return pid;
	}
	return -1;
}

static void a_kernel_thread_is_the_kernel_whatever_its_name(void **state)
{
	const int pid = kernel_thread();

	(void)state;
	if (pid < 0) {
		fprintf(stderr, "no kernel threads are to be seen from here\n");
		skip();
	}
	assert_int_equal(who(pid, pid, "loop0"), FB_ISSUER_KERNEL);
}

static void a_task_that_cannot_be_seen_is_known_by_its_name(void **state)
{
	(void)state;
	assert_int_equal(who(0, 0, "kworker/u8:3"), FB_ISSUER_KERNEL);
	assert_int_equal(who(0, 0, "swapper/1"), FB_ISSUER_KERNEL);
	assert_int_equal(who(0, 0, "postgres"), FB_ISSUER_OTHERS);
	assert_int_equal(who(-1, -1, "jbd2/vda-8"), FB_ISSUER_KERNEL);
	start_child();
	{
		const pid_t gone = child;

		end_child();
		assert_int_equal(who(gone, gone, "postgres"), FB_ISSUER_OTHERS);
		fb_issuers_reset(&issuers);
		assert_int_equal(who(gone, gone, "kworker/0:1"), FB_ISSUER_KERNEL);
	}
}

static void a_process_is_looked_at_once_until_the_reset(void **state)
{
	pid_t was;

	(void)state;
	start_child();
	was = child;
	assert_int_equal(who(was, was, "jbd2/vda1-8"), FB_ISSUER_OTHERS);
	end_child();
	/* Now only its name could be judged. */
	assert_int_equal(who(was, was, "jbd2/vda1-8"), FB_ISSUER_OTHERS);
	fb_issuers_reset(&issuers);
	assert_int_equal(who(was, was, "jbd2/vda1-8"), FB_ISSUER_KERNEL);
}

static void two_processes_that_share_a_place_are_not_mixed_up(void **state)
{
	const int kernel = kernel_thread();

	(void)state;
	start_child();
	if (kernel < 0)
		skip();
	for (int i = 0; i < 3; i++) {
		issuers.seen[(unsigned)child % FB_ISSUERS_SEEN].pid = kernel;
		issuers.seen[(unsigned)child % FB_ISSUERS_SEEN].who = FB_ISSUER_KERNEL;
		assert_int_equal(who(child, child, "x"), FB_ISSUER_OTHERS);
		assert_int_equal(who(kernel, kernel, "x"), FB_ISSUER_KERNEL);
	}
}

static void kernel_threads_are_told_from_what_is_none_or_gone(void **state)
{
	const int kernel = kernel_thread();
	pid_t gone;

	(void)state;
	start_child();
	assert_false(fb_issuer_is_kernel_thread(getpid()));
	assert_false(fb_issuer_is_kernel_thread(child));
	gone = child;
	end_child();
	assert_false(fb_issuer_is_kernel_thread(gone));
	assert_false(fb_issuer_is_kernel_thread(0));
	assert_false(fb_issuer_is_kernel_thread(-1));
	if (kernel < 0)
		skip();
	assert_true(fb_issuer_is_kernel_thread(kernel));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, enter, leave)
	const struct CMUnitTest tests[] = {
		T(every_thread_of_ours_is_self),
		T(another_process_is_somebody_else_whatever_its_name),
		T(a_kernel_thread_is_the_kernel_whatever_its_name),
		T(a_task_that_cannot_be_seen_is_known_by_its_name),
		T(a_process_is_looked_at_once_until_the_reset),
		T(two_processes_that_share_a_place_are_not_mixed_up),
		T(kernel_threads_are_told_from_what_is_none_or_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
