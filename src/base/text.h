/*
 * text.h - what of somebody else's text may be shown
 *
 * Names of files, profiles and fields of CSV files must neither steer a terminal nor
 * break the file they are written to.
 */
#ifndef FB_BASE_TEXT_H
#define FB_BASE_TEXT_H

#include <stddef.h>

/*
 * fb_text_character - how many bytes of @s are a character of UTF-8 that may be shown
 *
 * 0: the first byte is none: a control character (C1 among them), a mark that turns the
 * direction of writing, or no UTF-8.
 */
size_t fb_text_character(const char *s);

/* fb_text_disarm - put '?' for each byte of @s that may not be shown, in place */
char *fb_text_disarm(char *s);

#endif
