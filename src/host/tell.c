#include "host/tell.h"

#include <stdarg.h>
#include <stdio.h>

int fb_host_tell(struct fb_warnings *ws, const struct fb_warning *w,
		 const char *evidence, ...)
{
	struct fb_warning told = *w;
	va_list ap;

	va_start(ap, evidence);
	vsnprintf(told.evidence, sizeof(told.evidence), evidence, ap);
	va_end(ap);
	return fb_warnings_add(ws, &told);
}
