#include "nt/probe.h"

#include "nt/objects.h"

#include <linux/futex.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

struct stack {
	uintptr_t low;
	uintptr_t high;
};

static _Thread_local struct stack own;

static void learn_stack(void)
{
	pthread_attr_t attr;
	void *low;
	size_t size;

	own.low = own.high = 1;
	if (pthread_getattr_np(pthread_self(), &attr))
		return;
	if (!pthread_attr_getstack(&attr, &low, &size)) {
		own.low = (uintptr_t)low;
		own.high = own.low + size;
	}
	pthread_attr_destroy(&attr);
}

/* Between this frame and the stack's upper end everything is in use, so mapped. */
static bool on_own_stack(uintptr_t at, size_t bytes)
{
	const uintptr_t frame = (uintptr_t)__builtin_frame_address(0);

	if (!own.high)
		learn_stack();
	return frame >= own.low && at >= frame && at < own.high &&
	       bytes <= own.high - at;
}

/*
 * FUTEX_WAKE_OP adds 0 to the word: an atomic store by the kernel, which answers
 * EFAULT where a store of ours would crash, and which cannot undo what another
 * thread writes there meanwhile, as copying the bytes out and back could.
 */
static bool word_is_writable(uintptr_t at)
{
	static uint32_t nobody_waits_here;
	const uintptr_t word = at & ~(uintptr_t)3;

	return syscall(SYS_futex, &nobody_waits_here,
		       FUTEX_WAKE_OP | FUTEX_PRIVATE_FLAG, 0, NULL, word,
		       FUTEX_OP(FUTEX_OP_ADD, 0, FUTEX_OP_CMP_EQ, 0)) >= 0;
}

bool fb_nt_probe_write(void *at, size_t bytes)
{
	const uintptr_t first = (uintptr_t)at;
	const uintptr_t last = first + bytes - 1;
	const uintptr_t page = (uintptr_t)getpagesize();

	if (on_own_stack(first, bytes))
		return true;
	if (!at || last < first || !word_is_writable(first))
		return false;
	return first / page == last / page || word_is_writable(last);
}

void fb_nt_enter_thread(void)
{
	if (!own.high)
		learn_stack();
}
