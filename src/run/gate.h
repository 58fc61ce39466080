/*
 * gate.h - where threads wait until one that watches them lets all go on
 */
#ifndef FB_RUN_GATE_H
#define FB_RUN_GATE_H

#include <pthread.h>
#include <stdbool.h>

/*
 * struct fb_gate - closed at first; shuts again behind those it let pass
 * @passes:  how often it has opened
 * @waiting: threads that stand before it
 * @to:      what it opened to the last time
 */
struct fb_gate {
	pthread_mutex_t lock;
	pthread_cond_t opened, arrived;
	unsigned passes;
	unsigned waiting;
	unsigned to;
};

void fb_gate_init(struct fb_gate *g);
void fb_gate_free(struct fb_gate *g);

/*
 * fb_gate_wait - until it opens
 * @passed: how often this thread has passed it
 *
 * What it was opened to. A thread that comes late to an open gate passes.
 */
unsigned fb_gate_wait(struct fb_gate *g, unsigned passed);

/* fb_gate_open - let all threads pass, to @to */
void fb_gate_open(struct fb_gate *g, unsigned to);

/*
 * fb_gate_await - wait for @n threads to stand before it, for at most 0.1 s
 *
 * Whether they do; false may come earlier, when one of them has arrived.
 */
bool fb_gate_await(struct fb_gate *g, unsigned n);

#endif
