#include "base/warn.h"

#include <errno.h>
#include <stdlib.h>

int fb_warnings_add(struct fb_warnings *ws, const struct fb_warning *w)
{
	if (ws->n == ws->room) {
		size_t room = ws->room ? 2 * ws->room : 8;
		struct fb_warning *list = realloc(ws->list, room * sizeof(*list));

		if (!list)
			return -ENOMEM;
		ws->list = list;
		ws->room = room;
	}
	ws->list[ws->n++] = *w;
	return 0;
}

void fb_warnings_free(struct fb_warnings *ws)
{
	free(ws->list);
	*ws = (struct fb_warnings){0};
}

const char *fb_severity_name(enum fb_severity s)
{
	return s == FB_SEVERITY_NOTE ? "note" : "warning";
}
