#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/picture.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of its size: what a letter of a common font is wide in the mean. */
static const double LETTER = 0.55;

enum { DEPTH_MAX = 64, NAME_MAX_LEN = 32 };

static char *read_file(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	char *bytes = NULL;
	FILE *out;
	int c;

	if (!f)
		fail_msg("there is no %s", path);
	out = open_memstream(&bytes, n);
	assert_non_null(out);
	while ((c = getc(f)) != EOF)
		putc(c, out);
	fclose(out);
	fclose(f);
	return bytes;
}

static unsigned number_at(const unsigned char *s)
{
	return (unsigned)s[0] << 24 | (unsigned)s[1] << 16 | (unsigned)s[2] << 8 | s[3];
}

void png_size(const char *path, unsigned *width, unsigned *height)
{
	static const unsigned char begin[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
	static const unsigned char end[] = "\0\0\0\0IEND\xae\x42\x60\x82";
	size_t n;
	char *bytes = read_file(path, &n);
	int whole = n > 45 && !memcmp(bytes, begin, 16) &&
		    !memcmp(bytes + n - 12, end, 12);

	if (whole) {
		*width = number_at((unsigned char *)bytes + 16);
		*height = number_at((unsigned char *)bytes + 20);
	}
	free(bytes);
	if (!whole)
		fail_msg("%s is no whole PNG", path);
}

/* A walk through XML. */
struct reader {
	const char *path;
	const char *at;
	char open[DEPTH_MAX][NAME_MAX_LEN];
	size_t depth;
	struct svg *s;
	struct svg_text next;   /* where the next text stands */
	struct svg_shape shape; /* what the tag at hand draws */
	char anchor[16];
};

static void malformed(const struct reader *r, const char *why)
{
	fail_msg("%s: %s: %.60s", r->path, why, r->at);
}

static void read_name(struct reader *r, char out[NAME_MAX_LEN])
{
	size_t n = strcspn(r->at, " \t\r\n/>=?");

	if (!n || n >= NAME_MAX_LEN)
		malformed(r, "no name");
	snprintf(out, NAME_MAX_LEN, "%.*s", (int)n, r->at);
	r->at += n;
}

static void skip_blanks(struct reader *r)
{
	r->at += strspn(r->at, " \t\r\n");
}

/* A list with room for one more than the @n it has. */
static void *with_room(void *list, size_t n, size_t size)
{
	if (n % 64 == 0)
		list = realloc(list, (n + 64) * size);
	assert_non_null(list);
	return list;
}

/* The tag at hand has all its attributes; in defs stands what is drawn elsewhere. */
static void end_attributes(struct reader *r)
{
	struct svg *s = r->s;
	bool drawn = r->shape.n > 0;

	for (size_t i = 0; i < r->depth; i++)
		drawn = drawn && strcmp(r->open[i], "defs") != 0;
	if (drawn) {
		s->shapes = with_room(s->shapes, s->shapes_n, sizeof(*s->shapes));
		s->shapes[s->shapes_n++] = r->shape;
	} else {
		free(r->shape.points);
	}
	r->shape = (struct svg_shape){0};
}

static void see_text(struct reader *r, const char *name, const char *value)
{
	if (!strcmp(name, "transform") &&
	    sscanf(value, "translate(%lf,%lf)", &r->next.x, &r->next.y) == 2)
		strcpy(r->anchor, "start");
	if (!strcmp(name, "font-size"))
		r->next.size = strtod(value, NULL);
	if (!strcmp(name, "fill"))
		r->next.colour = svg_colour(value);
	if (!strcmp(name, "text-anchor"))
		snprintf(r->anchor, sizeof(r->anchor), "%s", value);
}

static void see_attribute(struct reader *r, const char *name, const char *value)
{
	const char *tag = r->open[r->depth];

	if (!strcmp(tag, "svg") && !strcmp(name, "width"))
		r->s->width = strtod(value, NULL);
	if (!strcmp(tag, "svg") && !strcmp(name, "height"))
		r->s->height = strtod(value, NULL);
	see_text(r, name, value);
	svg_shape_see(&r->shape, tag, name, value);
}

static void read_attribute(struct reader *r)
{
	char name[NAME_MAX_LEN], *value;
	const char *end;
	char quote;

	read_name(r, name);
	skip_blanks(r);
	if (*r->at++ != '=')
		malformed(r, "an attribute without a value");
	skip_blanks(r);
	quote = *r->at++;
	end = quote == '"' || quote == '\'' ? strchr(r->at, quote) : NULL;
	if (!end || memchr(r->at, '<', (size_t)(end - r->at)))
		malformed(r, "a value that is not quoted");
	value = strndup(r->at, (size_t)(end - r->at));
	assert_non_null(value);
	if (strcasestr(value, "nan") || strcasestr(value, "inf"))
		malformed(r, "a coordinate that is no number");
	see_attribute(r, name, value);
	free(value);
	r->at = end + 1;
}

static void read_tag(struct reader *r)
{
	char name[NAME_MAX_LEN];

	r->at++;
	if (*r->at == '/') {
		r->at++;
		read_name(r, name);
		if (!r->depth || strcmp(name, r->open[--r->depth]) != 0)
			malformed(r, "an end of what was not begun");
		skip_blanks(r);
	} else {
		if (r->depth == DEPTH_MAX - 1)
			malformed(r, "too deep");
		read_name(r, r->open[r->depth]);
		for (skip_blanks(r); *r->at && !strchr("/>", *r->at); skip_blanks(r))
			read_attribute(r);
		end_attributes(r);
		r->depth += *r->at != '/';
		r->at += *r->at == '/';
	}
	if (*r->at++ != '>')
		malformed(r, "no end of a tag");
}

/* A character, or what stands for one that XML needs itself. */
static char read_character(struct reader *r)
{
	static const struct {
		const char *name;
		char c;
	} entities[] = {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}};

	if ((unsigned char)*r->at < 32 && !isspace((unsigned char)*r->at))
		malformed(r, "a control character");
	if (*r->at != '&')
		return *r->at++;
	for (size_t i = 0; i < 3; i++) {
		size_t n = strlen(entities[i].name);

		if (!strncmp(r->at, entities[i].name, n)) {
			r->at += n;
			return entities[i].c;
		}
	}
	malformed(r, "an & that stands for nothing");
	return 0;
}

static void add_text(struct svg *s, struct svg_text t, const char *anchor)
{
	size_t chars = 0;
	double width;

	for (const char *c = t.text; *c; c++)
		chars += ((unsigned char)*c & 0xc0) != 0x80;
	width = (double)chars * t.size * LETTER;
	t.left = t.x - (!strcmp(anchor, "end")      ? width
			: !strcmp(anchor, "middle") ? width / 2
						    : 0);
	t.right = t.left + width;
	s->texts = with_room(s->texts, s->n, sizeof(*s->texts));
	s->texts[s->n++] = t;
}

static void read_text(struct reader *r)
{
	struct svg_text t = r->next;
	size_t n = 0;

	while (*r->at && *r->at != '<') {
		char c = read_character(r);

		if (n + 1 < sizeof(t.text))
			t.text[n++] = c;
	}
	t.text[n] = '\0';
	if (r->depth && !strcmp(r->open[r->depth - 1], "text") &&
	    t.text[strspn(t.text, " ")])
		add_text(r->s, t, r->anchor);
}

void svg_load(struct svg *s, const char *path)
{
	size_t n;
	char *bytes = read_file(path, &n);
	struct reader r = {.path = path, .at = bytes, .s = s};

	*s = (struct svg){0};
	if (strlen(bytes) != n || strncmp(bytes, "<?xml ", 6) != 0)
		malformed(&r, "no XML");
	r.at = strstr(bytes, "?>") + 2;
	while (*r.at) {
		if (*r.at == '<')
			read_tag(&r);
		else
			read_text(&r);
	}
	if (r.depth || s->width <= 0 || s->height <= 0)
		malformed(&r, "it is not whole");
	free(bytes);
}

void svg_free(struct svg *s)
{
	for (size_t i = 0; i < s->shapes_n; i++)
		free(s->shapes[i].points);
	free(s->shapes);
	free(s->texts);
	*s = (struct svg){0};
}

static int overlap(const struct svg_text *a, const struct svg_text *b)
{
	double size = fmin(a->size, b->size);

	return fabs(a->y - b->y) < 0.75 * size && a->left < b->right &&
	       b->left < a->right;
}

void svg_check(const struct svg *s, const char *path)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct svg_text *t = &s->texts[i];

		if (t->left < 0 || t->right > s->width || t->y < t->size * 0.8 ||
		    t->y > s->height)
			fail_msg("%s: \"%s\" is cut: from %.0f to %.0f of %.0f", path,
				 t->text, t->left, t->right, s->width);
		for (size_t k = 0; k < i; k++)
			if (overlap(t, &s->texts[k]))
				fail_msg("%s: \"%s\" stands over \"%s\" at %.0f,%.0f",
					 path, t->text, s->texts[k].text, t->left,
					 t->y);
	}
}

static bool is_text(const struct svg_text *t, const char *text)
{
	return !strcmp(t->text + strspn(t->text, " "), text);
}

size_t svg_count(const struct svg *s, const char *text)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += is_text(&s->texts[i], text);
	return n;
}

size_t svg_holds(const struct svg *s, const char *part)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += strstr(s->texts[i].text, part) != NULL;
	return n;
}

const struct svg_text *svg_nth(const struct svg *s, const char *text, size_t i)
{
	for (size_t at = 0; at < s->n; at++)
		if (is_text(&s->texts[at], text) && !i--)
			return &s->texts[at];
	fail_msg("there is no \"%s\", or too few", text);
	return NULL;
}

const struct svg_text *svg_find(const struct svg *s, const char *text)
{
	return svg_nth(s, text, 0);
}
