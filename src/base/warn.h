/*
 * warn.h - what makes a number less than it seems
 */
#ifndef FB_BASE_WARN_H
#define FB_BASE_WARN_H

#include <stddef.h>

/* A run-wide warning belongs to no case. */
#define FB_WARN_RUN 0

enum fb_severity { FB_SEVERITY_NOTE, FB_SEVERITY_WARNING };

/*
 * struct fb_warning - one row of warnings.csv
 * @id:       stable word in snake_case, a string constant
 * @case_id:  FB_WARN_RUN or the case it is about; @rep likewise
 * @text:     what it does to the numbers and what to do
 * @evidence: what was seen, with its value
 */
struct fb_warning {
	const char *id;
	enum fb_severity severity;
	unsigned case_id;
	unsigned rep;
	char text[256];
	char evidence[256];
};

/* struct fb_warnings - a growing list; all zero is an empty one */
struct fb_warnings {
	struct fb_warning *list;
	size_t n;
	size_t room;
};

/*
 * fb_warnings_add - append a copy of @w
 *
 * 0 or -ENOMEM. One thread at a time.
 */
int fb_warnings_add(struct fb_warnings *ws, const struct fb_warning *w);

/* fb_warnings_free - release the list and make @ws empty */
void fb_warnings_free(struct fb_warnings *ws);

/* fb_severity_name - the word in warnings.csv: note, warning */
const char *fb_severity_name(enum fb_severity s);

#endif
