#include "report/table_text.h"

#include "base/text.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define PLAIN  "\033[0m"
#define SPACES " \t\r\n"

static void put_safe(FILE *out, const char *s, size_t len)
{
	size_t n;

	for (size_t i = 0; i < len; i += n ? n : 1) {
		n = fb_text_character(s + i);
		/* A word may be cut within a character. */
		if (n && i + n <= len)
			fwrite(s + i, 1, n, out);
		else
			fputc('?', out);
	}
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
	size_t len = strlen(l->text);

	while (len && l->text[len - 1] == ' ')
		len--;
	fputs(colour, out);
	put_safe(out, l->text, len);
	fputs(*colour ? PLAIN "\n" : "\n", out);
}

/* A number and its % are one. */
static size_t length_of_word(const char *word)
{
	size_t len = strcspn(word, SPACES);

	if (len && isdigit((unsigned char)word[len - 1]) &&
	    !strncmp(word + len, " %", 2))
		len += 1 + strcspn(word + len + 1, SPACES);
	return len;
}

/* How much of a word stands on one line; no UTF-8 character is cut in two. */
static size_t part_of_word(const char *word, size_t room)
{
	size_t len = length_of_word(word);

	if (len <= room)
		return len;
	while (room > 1 && ((unsigned char)word[room] & 0xC0) == 0x80)
		room--;
	return room;
}

void fb_text_wrap(FILE *out, const char *text, int width, int indent,
		  const char *colour)
{
	size_t most = (size_t)(width > indent + 1 ? width : indent + 1);
	size_t at = strspn(text, " "), len;

	fprintf(out, "%s%*s", colour, (int)at, "");
	for (bool first = true; *(text += strspn(text, SPACES)); text += len) {
		len = part_of_word(text, most - (size_t)indent);
		if (!first && at + 1 + len > most) {
			fprintf(out, "\n%*s", indent, "");
			at = (size_t)indent;
		} else if (!first && strchr(SPACES, text[-1])) {
			fputc(' ', out);
			at++;
		}
		put_safe(out, text, len);
		at += len;
		first = false;
	}
	fputs(*colour ? PLAIN "\n" : "\n", out);
}
