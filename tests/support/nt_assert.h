/*
 * nt_assert.h - checks on what the routines of nt/nt.h answer
 *
 * Include it after cmocka.h.
 */
#ifndef FB_TESTS_NT_ASSERT_H
#define FB_TESTS_NT_ASSERT_H

#include "nt/objects.h"

/* A failure shows both names. */
#define assert_status(expected, call)                                                  \
	assert_string_equal(fb_nt_status_name(call), fb_nt_status_name(expected))

/* What a status block holds before a call that must not touch it. */
#define IOSB_UNTOUCHED                                                                 \
	{                                                                              \
		.Status = 0x5a5a5a5a, .Information = 0xa5a5                            \
	}

#define assert_iosb(status, information, iosb)                                         \
	do {                                                                           \
		assert_int_equal((iosb).Status, status);                               \
		assert_int_equal((iosb).Information, information);                     \
	} while (0)

#define assert_iosb_untouched(iosb) assert_iosb(0x5a5a5a5a, 0xa5a5, iosb)

#endif
