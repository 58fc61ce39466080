/*
 * What keeps CPUs awake: where it runs, as what, that it hurts nobody and leaves.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "run/burner.h"
#include "run/thread.h"
#include "support/need.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 1024, TRIES = 2000 };

/* The tids are those of all threads of the test but its first. */
static struct {
	struct fb_burner *burner;
	size_t n;
	pid_t tids[MOST];
} rig;

static int leave(void **state)
{
	(void)state;
	fb_burner_stop(rig.burner);
	memset(&rig, 0, sizeof(rig));
	return 0;
}

static void find_threads(void)
{
	DIR *d = opendir("/proc/self/task");

	assert_non_null(d);
	rig.n = 0;
	for (struct dirent *e; (e = readdir(d));) {
		const pid_t tid = atoi(e->d_name);

		if (tid > 0 && tid != getpid() && rig.n < MOST)
			rig.tids[rig.n++] = tid;
	}
	closedir(d);
}

static void spin(const char *cpus)
{
	struct fb_err err = {0};

	if (fb_burner_spin(&rig.burner, cpus, &err))
		fail_msg("%s", err.text);
	find_threads();
	assert_true(rig.n > 0);
}

static void stop(void)
{
	fb_burner_stop(rig.burner);
	rig.burner = NULL;
}

static cpu_set_t cpus_of(pid_t tid)
{
	cpu_set_t set;

	assert_int_equal(sched_getaffinity(tid, sizeof(set), &set), 0);
	return set;
}

static int first_cpu(void)
{
	const cpu_set_t ours = cpus_of(0);

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &ours))
			return cpu;
	fail();
	return -1;
}

static void one_spins_on_each_cpu_that_we_may_use(void **state)
{
	const cpu_set_t ours = cpus_of(0);
	cpu_set_t all;

	(void)state;
	spin("");
	CPU_ZERO(&all);
	assert_int_equal(rig.n, CPU_COUNT(&ours));
	for (size_t i = 0; i < rig.n; i++) {
		const cpu_set_t one = cpus_of(rig.tids[i]);

		assert_int_equal(CPU_COUNT(&one), 1);
		CPU_OR(&all, &all, &one);
	}
	assert_true(CPU_EQUAL(&all, &ours));
}

static void a_list_keeps_the_others_out_of_it(void **state)
{
	const cpu_set_t before = cpus_of(0);
	const int cpu = first_cpu();
	cpu_set_t after, one;
	char list[32];

	(void)state;
	snprintf(list, sizeof(list), "%d,%d", cpu, CPU_SETSIZE - 1);
	spin(list);
	after = cpus_of(0);
	assert_true(CPU_EQUAL(&before, &after));
	assert_int_equal(rig.n, 1);
	one = cpus_of(rig.tids[0]);
	assert_true(CPU_COUNT(&one) == 1 && CPU_ISSET(cpu, &one));
}

static void what_spins_is_of_class_idle(void **state)
{
	(void)state;
	spin("");
	for (size_t i = 0; i < rig.n; i++)
		assert_int_equal(sched_getscheduler(rig.tids[i]), SCHED_IDLE);
}

/* Nanoseconds on a CPU, the first figure in there. */
static unsigned long long time_of(pid_t tid)
{
	unsigned long long ns = 0;
	char path[48];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/schedstat", (int)tid);
	f = fopen(path, "re");
	need(f ? NULL : "no schedstat in /proc");
	assert_int_equal(fscanf(f, "%llu", &ns), 1);
	fclose(f);
	return ns;
}

static void what_spins_takes_time_of_its_cpu(void **state)
{
	const struct timespec pause = {.tv_nsec = 10000000};
	unsigned long long ns = 0;

	(void)state;
	spin("");
	for (int i = 0; i < TRIES && ns < 20000000; i++) {
		nanosleep(&pause, NULL);
		ns = time_of(rig.tids[0]);
	}
	assert_true(ns >= 20000000);
}

static void a_signal_is_not_delivered_to_what_spins(void **state)
{
	unsigned long long blocked = 0;
	char path[48], line[256];
	FILE *f;

	(void)state;
	spin("");
	snprintf(path, sizeof(path), "/proc/self/task/%d/status", (int)rig.tids[0]);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		sscanf(line, "SigBlk: %llx", &blocked);
	fclose(f);
	assert_true(blocked >> (SIGINT - 1) & 1);
	assert_true(blocked >> (SIGTERM - 1) & 1);
}

static void nothing_is_left_when_it_is_stopped(void **state)
{
	const cpu_set_t before = cpus_of(0);
	cpu_set_t after;
	sigset_t mask;

	(void)state;
	spin("");
	stop();
	/* One that was waited for may be listed for a moment more. */
	for (int i = 0; i < 1000; i++) {
		find_threads();
		if (!rig.n)
			break;
		usleep(1000);
	}
	assert_int_equal(rig.n, 0);
	after = cpus_of(0);
	assert_true(CPU_EQUAL(&before, &after));
	assert_int_equal(sched_getscheduler(0), SCHED_OTHER);
	pthread_sigmask(SIG_BLOCK, NULL, &mask);
	assert_false(sigismember(&mask, SIGINT));
}

typedef int starter(struct fb_burner **, const char *, struct fb_err *);

static void refuses_what_is_not_here(starter *start)
{
	struct fb_burner *untouched = (struct fb_burner *)&rig;
	struct fb_burner *b = untouched;
	const cpu_set_t before = cpus_of(0);
	struct fb_err err = {0};
	cpu_set_t after;
	char list[32];

	snprintf(list, sizeof(list), "%d", CPU_SETSIZE - 1);
	assert_int_equal(start(&b, list, &err), -EINVAL);
	assert_ptr_equal(b, untouched);
	assert_non_null(strstr(err.text, "cpus_allowed="));
	after = cpus_of(0);
	assert_true(CPU_EQUAL(&before, &after));
	find_threads();
	assert_int_equal(rig.n, 0);
}

static void a_list_of_no_cpu_that_is_here_is_refused(void **state)
{
	(void)state;
	refuses_what_is_not_here(fb_burner_spin);
	refuses_what_is_not_here(fb_burner_start);
}

/* It begins as what its starter is, and would then never let that one go on. */
static void a_starter_in_real_time_is_not_kept_waiting(void **state)
{
	const struct sched_param usual = {0};
	int policy = -1;

	(void)state;
	need(fb_thread_may_fifo() ? NULL : "no right to real time");
	assert_int_equal(fb_thread_set_class(true), 0);
	if (!fb_burner_spin(&rig.burner, "", NULL)) {
		find_threads();
		policy = sched_getscheduler(rig.tids[0]);
		stop();
	}
	sched_setscheduler(0, SCHED_OTHER, &usual);
	assert_int_equal(policy, SCHED_IDLE);
}

/* What all who ask agree on, in microseconds; -1: it does not say. */
static int32_t latency_allowed(void)
{
	const int fd = open("/dev/cpu_dma_latency", O_RDONLY | O_CLOEXEC);
	int32_t us = -1;

	if (fd >= 0 && read(fd, &us, sizeof(us)) != sizeof(us))
		us = -1;
	if (fd >= 0)
		close(fd);
	return us;
}

static const char *no_polling(void)
{
	char name[8] = "";
	FILE *f;

	if (geteuid())
		return "not root, to whom the device belongs";
	f = fopen("/sys/devices/system/cpu/cpu0/cpuidle/state0/name", "re");
	if (f && !fgets(name, sizeof(name), f))
		name[0] = '\0';
	if (f)
		fclose(f);
	if (strcmp(name, "POLL\n"))
		return "an idle CPU does not poll here";
	if (latency_allowed() <= 0)
		return "there is no /dev/cpu_dma_latency, or another holds it at 0";
	return NULL;
}

static void where_the_kernel_can_be_asked_nothing_spins(void **state)
{
	(void)state;
	need(no_polling());
	assert_int_equal(fb_burner_start(&rig.burner, "", NULL), 0);
	assert_int_equal(latency_allowed(), 0);
	find_threads();
	assert_int_equal(rig.n, 0);
	stop();
	assert_true(latency_allowed() > 0);
}

enum { NOBODY = 65534 };

/* The device was opened by no one else, so it is the right that is lacking. */
static void without_the_right_to_ask_threads_spin(void **state)
{
	uid_t was = geteuid();
	int ret;

	(void)state;
	need(was ? "not root, so no right to give away" : NULL);
	need(access("/dev/cpu_dma_latency", F_OK) ? "no /dev/cpu_dma_latency" : NULL);
	assert_int_equal(seteuid(NOBODY), 0);
	ret = fb_burner_start(&rig.burner, "", NULL);
	assert_int_equal(seteuid(was), 0);
	assert_int_equal(ret, 0);
	find_threads();
	assert_true(rig.n > 0);
}

static void stopping_nothing_does_nothing(void **state)
{
	(void)state;
	fb_burner_stop(NULL);
}

#define T(f) cmocka_unit_test_teardown(f, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(one_spins_on_each_cpu_that_we_may_use),
		T(a_list_keeps_the_others_out_of_it),
		T(what_spins_is_of_class_idle),
		T(what_spins_takes_time_of_its_cpu),
		T(a_signal_is_not_delivered_to_what_spins),
		T(nothing_is_left_when_it_is_stopped),
		T(a_list_of_no_cpu_that_is_here_is_refused),
		T(a_starter_in_real_time_is_not_kept_waiting),
		T(where_the_kernel_can_be_asked_nothing_spins),
		T(without_the_right_to_ask_threads_spin),
		T(stopping_nothing_does_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
