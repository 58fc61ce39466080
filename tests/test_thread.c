/*
 * A thread in real time: with the right to, and without.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "run/thread.h"
#include "support/need.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534 };

/* struct seen - what a thread of its own found of itself */
struct seen {
	bool may;
	int ret;
	int before, asked, now;
	int priority;
	int nice;
};

static void *look(void *arg)
{
	const struct sched_param usual = {0};
	struct sched_param p = {0};
	struct seen *s = arg;

	sched_setscheduler(0, s->before, &usual);
	setpriority(PRIO_PROCESS, (id_t)gettid(), 5);
	s->may = fb_thread_may_fifo();
	s->asked = sched_getscheduler(0);
	s->nice = getpriority(PRIO_PROCESS, (id_t)gettid());
	s->ret = fb_thread_set_class(true);
	s->now = sched_getscheduler(0);
	sched_getparam(0, &p);
	s->priority = p.sched_priority;
	return NULL;
}

static struct seen look_in_thread(int policy)
{
	struct seen s = {.before = policy};
	pthread_t id;

	assert_int_equal(pthread_create(&id, NULL, look, &s), 0);
	pthread_join(id, NULL);
	return s;
}

static void with_the_right_a_thread_alone_gets_the_lowest_real_time(void **state)
{
	const int was = sched_getscheduler(0);
	struct seen s;

	(void)state;
	need(fb_thread_may_fifo() ? NULL : "no right to real time");
	s = look_in_thread(SCHED_OTHER);
	assert_int_equal(s.ret, 0);
	assert_int_equal(s.now, SCHED_FIFO);
	assert_int_equal(s.priority, 1);
	assert_int_equal(sched_getscheduler(0), was);
}

static void asking_whether_it_may_leaves_a_thread_as_it_was(void **state)
{
	const int policies[] = {SCHED_OTHER, SCHED_BATCH, SCHED_IDLE};

	(void)state;
	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		const struct seen s = look_in_thread(policies[i]);

		assert_int_equal(s.asked, policies[i]);
		assert_int_equal(s.nice, 5);
		assert_int_equal(s.may, s.ret == 0);
	}
}

static int look_without_rights(void)
{
	const struct rlimit none = {0, 0};
	struct seen s = {.before = SCHED_OTHER};

	if (setrlimit(RLIMIT_RTPRIO, &none) || setuid(NOBODY))
		return 2;
	look(&s);
	return s.may || s.ret != -EPERM || s.now != SCHED_OTHER;
}

static void without_the_right_it_is_told_so(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	need(geteuid() ? "not root, so no right to give away" : NULL);
	pid = fork();
	if (!pid)
		_exit(look_without_rights());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			with_the_right_a_thread_alone_gets_the_lowest_real_time),
		cmocka_unit_test(asking_whether_it_may_leaves_a_thread_as_it_was),
		cmocka_unit_test(without_the_right_it_is_told_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
