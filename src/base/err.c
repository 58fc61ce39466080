#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

int fb_err_set(struct fb_err *err, int code, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return code;
	err->status = 0;
	err->os_error = -code;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return code;
}
