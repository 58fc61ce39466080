/*
 * table_text.h - lines of cells and paragraphs
 *
 * For whatever is laid out for people. Text comes from files, so what a terminal would
 * obey is printed as '?'.
 */
#ifndef FB_REPORT_TABLE_TEXT_H
#define FB_REPORT_TABLE_TEXT_H

#include <stdio.h>

#define FB_DIM    "\033[2m"
#define FB_YELLOW "\033[33m"

enum { FB_LINE_MAX = 1024 };

/* struct fb_line - a line being put together; all zero is an empty one */
struct fb_line {
	char text[FB_LINE_MAX];
};

/* fb_line_add - @text in @width columns: right, left if negative, bare if 0 */
void fb_line_add(struct fb_line *l, int width, const char *text);

/* fb_line_add_if - @text, unless the line grows past @limit */
void fb_line_add_if(struct fb_line *l, int limit, const char *text);

/* fb_line_print - and end it, without blanks; @colour: FB_DIM... or "" */
void fb_line_print(const struct fb_line *l, FILE *out, const char *colour);

/*
 * fb_text_wrap - a paragraph, at most @width wide, cut at blanks
 * @text:   its first line is set in by the blanks it begins with
 * @indent: of the second line and on; a word that no line holds is cut, a number and
 *          its % are one word
 */
void fb_text_wrap(FILE *out, const char *text, int width, int indent,
		  const char *colour);

#endif
