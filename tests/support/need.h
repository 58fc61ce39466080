/*
 * need.h - what a test cannot do without
 */
#ifndef FB_TESTS_SUPPORT_NEED_H
#define FB_TESTS_SUPPORT_NEED_H

/* need - skip the test, saying why, unless @missing, the reason, is NULL */
void need(const char *missing);

#endif
