#include "run/gate.h"

#include <time.h>

enum { AWAIT_NS = 100000000, SEC_NS = 1000000000 };

/* Waited for with a time limit, which a step of the wall clock must not move. */
static void init_arrived(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
}

void fb_gate_init(struct fb_gate *g)
{
	*g = (struct fb_gate){0};
	pthread_mutex_init(&g->lock, NULL);
	pthread_cond_init(&g->opened, NULL);
	init_arrived(&g->arrived);
}

void fb_gate_free(struct fb_gate *g)
{
	pthread_cond_destroy(&g->opened);
	pthread_cond_destroy(&g->arrived);
	pthread_mutex_destroy(&g->lock);
}

unsigned fb_gate_wait(struct fb_gate *g, unsigned passed)
{
	unsigned to;

	pthread_mutex_lock(&g->lock);
	g->waiting++;
	pthread_cond_signal(&g->arrived);
	while (g->passes == passed)
		pthread_cond_wait(&g->opened, &g->lock);
	to = g->to;
	pthread_mutex_unlock(&g->lock);
	return to;
}

void fb_gate_open(struct fb_gate *g, unsigned to)
{
	pthread_mutex_lock(&g->lock);
	g->to = to;
	g->passes++;
	g->waiting = 0;
	pthread_cond_broadcast(&g->opened);
	pthread_mutex_unlock(&g->lock);
}

bool fb_gate_await(struct fb_gate *g, unsigned n)
{
	struct timespec t;
	bool all;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_nsec += AWAIT_NS;
	t.tv_sec += t.tv_nsec / SEC_NS;
	t.tv_nsec %= SEC_NS;
	pthread_mutex_lock(&g->lock);
	all = g->waiting >= n;
	if (!all)
		pthread_cond_timedwait(&g->arrived, &g->lock, &t);
	pthread_mutex_unlock(&g->lock);
	return all;
}
