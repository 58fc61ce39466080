#include "report/table_text.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define PLAIN "\033[0m"

static void put_safe(FILE *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		fputc(iscntrl((unsigned char)s[i]) ? '?' : s[i], out);
}

void fb_line_add(struct fb_line *l, int width, const char *text)
{
	size_t len = strlen(l->text);

	snprintf(l->text + len, sizeof(l->text) - len, "%*s", width, text);
}

void fb_line_add_if(struct fb_line *l, int limit, const char *text)
{
	if (strlen(l->text) + strlen(text) <= (size_t)limit)
		fb_line_add(l, 0, text);
}

void fb_line_print(const struct fb_line *l, FILE *out, const char *colour)
{
	fputs(colour, out);
	put_safe(out, l->text, strlen(l->text));
	fputs(*colour ? PLAIN "\n" : "\n", out);
}

void fb_text_wrap(FILE *out, const char *text, int width, int indent,
		  const char *colour)
{
	static const char spaces[] = " \t\r\n";
	size_t at = 0;

	fputs(colour, out);
	for (text += strspn(text, spaces); *text; text += strspn(text, spaces)) {
		size_t len = strcspn(text, spaces);

		if (at && at + 1 + len > (size_t)width) {
			fprintf(out, "\n%*s", indent, "");
			at = (size_t)indent;
		} else if (at) {
			fputc(' ', out);
			at++;
		}
		put_safe(out, text, len);
		at += len;
		text += len;
	}
	fputs(*colour ? PLAIN "\n" : "\n", out);
}
