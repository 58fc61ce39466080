/*
 * err.h - what went wrong, told once and carried upward
 */
#ifndef FB_BASE_ERR_H
#define FB_BASE_ERR_H

#include <stdint.h>

#define FB_ERR_TEXT 512

/*
 * struct fb_err - detail beside a negative errno
 * @status:   NTSTATUS of the routine that failed, 0 if none was involved
 * @os_error: the system's own error number, 0 if it was not asked
 * @text:     one sentence for a person: what (file, line or option), what was
 *            wrong, what to do; no newline at the end
 *
 * Owned by the caller. Every function that takes one accepts NULL.
 */
struct fb_err {
	uint32_t status;
	int os_error;
	char text[FB_ERR_TEXT];
};

/*
 * fb_err_set - fill @err and hand the code back
 * @code: negative errno; stored as @err->os_error too
 *
 * Returns @code, so that a failing function ends in `return fb_err_set(...)`.
 * A text too long is cut at FB_ERR_TEXT - 1 bytes.
 */
int fb_err_set(struct fb_err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
