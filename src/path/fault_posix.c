#include "path/fault.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>

static _Thread_local sigjmp_buf *volatile landing;

static void on_bus_error(int sig)
{
	if (landing)
		siglongjmp(*landing, 1);
	/* Not ours: die of it as if there were no handler. */
	signal(sig, SIG_DFL);
	raise(sig);
}

int fb_fault_install(void)
{
	/* NODEFER: siglongjmp without a saved mask leaves SIGBUS unblocked. */
	struct sigaction sa = {.sa_handler = on_bus_error, .sa_flags = SA_NODEFER};

	sigemptyset(&sa.sa_mask);
	return sigaction(SIGBUS, &sa, NULL) ? -errno : 0;
}

int fb_fault_guard(void (*work)(void *arg), void *arg)
{
	sigjmp_buf here;

	if (sigsetjmp(here, 0)) {
		landing = NULL;
		return -EIO;
	}
	landing = &here;
	/* The stores must neither rise above the landing's begin nor sink below its
	 * end: @work may have been inlined. */
	__asm__ volatile("" ::: "memory");
	work(arg);
	__asm__ volatile("" ::: "memory");
	landing = NULL;
	return 0;
}

struct copy {
	void *to;
	const void *from;
	size_t n;
};

static void copy_all(void *arg)
{
	const struct copy *c = arg;

	memcpy(c->to, c->from, c->n);
}

int fb_fault_copy(void *to, const void *from, size_t n)
{
	struct copy c = {to, from, n};

	return fb_fault_guard(copy_all, &c);
}
