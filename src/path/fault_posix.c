#include "path/fault.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <unistd.h>

static _Thread_local sigjmp_buf *volatile landing;
static _Thread_local volatile uintptr_t faulted;

static void on_bus_error(int sig, siginfo_t *info, void *context)
{
	(void)context;
	if (landing) {
		faulted = (uintptr_t)info->si_addr;
		siglongjmp(*landing, 1);
	}
	/* Not ours: die of it as if there were no handler. */
	signal(sig, SIG_DFL);
	raise(sig);
}

int fb_fault_install(void)
{
	/* NODEFER: siglongjmp without a saved mask leaves SIGBUS unblocked. */
	struct sigaction sa = {.sa_sigaction = on_bus_error,
			       .sa_flags = SA_SIGINFO | SA_NODEFER};

	sigemptyset(&sa.sa_mask);
	return sigaction(SIGBUS, &sa, NULL) ? -errno : 0;
}

int fb_fault_guard(void (*work)(void *arg), void *arg, uintptr_t *at)
{
	sigjmp_buf here;

	if (sigsetjmp(here, 0)) {
		landing = NULL;
		if (at)
			*at = faulted & ~((uintptr_t)getpagesize() - 1);
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
