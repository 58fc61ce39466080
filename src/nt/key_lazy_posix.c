#include "nt/key_hive.h"

#include <signal.h>
#include <time.h>

#define SECOND_NS UINT64_C(1000000000)

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * SECOND_NS + (uint64_t)t.tv_nsec;
}

static void arm(struct fb_nt_lazy *l)
{
	const uint64_t now = now_ns();
	const uint64_t longest = INT64_MAX - now;

	atomic_store(&l->due_ns, now + (l->after_ns < longest ? l->after_ns : longest));
}

void fb_nt_hive_change_end(struct fb_nt_hive *h)
{
	struct fb_nt_lazy *l = &h->lazy;

	/* Once it is stopped the store may be gone. */
	if (l->after_ns && !l->stop && !atomic_load(&l->due_ns) &&
	    fb_hive_dirty_pages(h->store)) {
		arm(l);
		pthread_cond_signal(&l->wake);
	}
	fb_nt_change_end(&h->lock);
}

void fb_nt_hive_flushed(struct fb_nt_hive *h)
{
	atomic_store(&h->lazy.due_ns, 0);
}

/* What fails stays dirty: it is tried again after as long a pause. */
static void flush(struct fb_nt_hive *h)
{
	struct fb_nt_lazy *l = &h->lazy;
	struct fb_hive_counters before;
	struct fb_hive_counters after;

	fb_nt_flush_begin(&h->lock);
	fb_hive_count(h->store, &before);
	if (fb_hive_flush(h->store, NULL))
		arm(l);
	else
		fb_nt_hive_flushed(h);
	fb_hive_count(h->store, &after);
	l->flushes += after.flushes - before.flushes;
	l->log_bytes += after.log_bytes - before.log_bytes;
	l->primary_bytes += after.primary_bytes - before.primary_bytes;
	fb_nt_flush_end(&h->lock);
}

static void wait_until(struct fb_nt_hive *h, uint64_t ns)
{
	const struct timespec at = {.tv_sec = (time_t)(ns / SECOND_NS),
				    .tv_nsec = (long)(ns % SECOND_NS)};

	pthread_cond_timedwait(&h->lazy.wake, &h->lock.mutex, &at);
}

static void *lazy_main(void *arg)
{
	struct fb_nt_hive *h = arg;
	struct fb_nt_lazy *l = &h->lazy;
	uint64_t due;

	pthread_mutex_lock(&h->lock.mutex);
	while (!l->stop) {
		due = atomic_load(&l->due_ns);
		if (!due) {
			pthread_cond_wait(&l->wake, &h->lock.mutex);
		} else if (now_ns() < due) {
			wait_until(h, due);
		} else {
			pthread_mutex_unlock(&h->lock.mutex);
			flush(h);
			pthread_mutex_lock(&h->lock.mutex);
		}
	}
	pthread_mutex_unlock(&h->lock.mutex);
	return NULL;
}

static int start_thread(struct fb_nt_hive *h)
{
	sigset_t all;
	sigset_t before;
	int err;

	/* A signal is for the threads of the program, which knows what it means. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	err = pthread_create(&h->lazy.thread, NULL, lazy_main, h);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -err;
}

int fb_nt_lazy_start(struct fb_nt_hive *h, uint64_t after_ns)
{
	pthread_condattr_t clock;
	int ret;

	if (!after_ns)
		return 0;
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	ret = -pthread_cond_init(&h->lazy.wake, &clock);
	pthread_condattr_destroy(&clock);
	if (ret)
		return ret;
	h->lazy.after_ns = after_ns;
	ret = start_thread(h);
	if (ret) {
		h->lazy.after_ns = 0;
		pthread_cond_destroy(&h->lazy.wake);
	}
	return ret;
}

void fb_nt_lazy_stop(struct fb_nt_hive *h)
{
	struct fb_nt_lazy *l = &h->lazy;

	if (!l->after_ns)
		return;
	pthread_mutex_lock(&h->lock.mutex);
	l->stop = true;
	pthread_cond_signal(&l->wake);
	pthread_mutex_unlock(&h->lock.mutex);
	pthread_join(l->thread, NULL);
	pthread_cond_destroy(&l->wake);
}
