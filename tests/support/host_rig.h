/*
 * host_rig.h - what the host tells of itself and warns of, looked up
 *
 * Include it after cmocka.h.
 */
#ifndef FB_TESTS_SUPPORT_HOST_RIG_H
#define FB_TESTS_SUPPORT_HOST_RIG_H

#include "host/host.h"

/* host_rig - what a test took: host_rig_leave, its teardown, gives it back */
extern struct host_rig {
	struct fb_facts facts;
	struct fb_warnings warnings;
} host_rig;

int host_rig_leave(void **state);

/* fact_value - NULL if there is no such fact; assert_fact - that it is @expected */
const char *fact_value(const char *key);
void assert_fact(const char *key, const char *expected);

/* assert_sentences - there are @n warnings, and no text was cut */
void assert_sentences(size_t n);

#endif
