#include "report/table_warnings.h"

#include "report/table_text.h"

#include <stdlib.h>
#include <string.h>

enum { INDENT = 2, TEXT = 1280, CASES_TEXT = 64 };

/* Columns of warnings.csv, and what is below a table. */
struct warnings {
	const struct fb_csv_table *t;
	int case_id, id, severity, text, evidence;
	FILE *out;
	int width;
	bool colour;
};

static const char *field(const struct warnings *w, size_t row, int column)
{
	return fb_csv_get(w->t, row, column);
}

/* Few samples above a percentile that the table does not show are of no concern to
 * its reader; nearly every run has some. */
static bool concerns_table(const struct warnings *w, size_t row)
{
	const char *evidence = field(w, row, w->evidence);

	return strcmp(field(w, row, w->id), "low_n") != 0 ||
	       strstr(evidence, " p50 (") || strstr(evidence, " p99 (");
}

static bool is_note(const struct warnings *w, size_t row)
{
	return !strcmp(field(w, row, w->severity), "note");
}

/* Why a row has no figures nobody should have to look for. */
static bool is_in_full(const struct warnings *w, size_t row)
{
	return !is_note(w, row) || !strcmp(field(w, row, w->id), "refused");
}

/* Warnings, then what is missing, then what is worth knowing. */
enum { RANKS = 3 };

static int rank_of(const struct warnings *w, size_t row)
{
	if (!is_note(w, row))
		return 0;
	return is_in_full(w, row) ? 1 : 2;
}

/* One id may have several reasons. */
static bool says_the_same(const struct warnings *w, size_t a, size_t b)
{
	return !strcmp(field(w, a, w->id), field(w, b, w->id)) &&
	       is_note(w, a) == is_note(w, b) &&
	       (!is_in_full(w, a) ||
		!strcmp(field(w, a, w->text), field(w, b, w->text)));
}

static bool said_before(const struct warnings *w, size_t row)
{
	for (size_t i = 0; i < row; i++)
		if (says_the_same(w, i, row) && concerns_table(w, i))
			return true;
	return false;
}

static int compare_numbers(const void *a, const void *b)
{
	unsigned long x = *(const unsigned long *)a, y = *(const unsigned long *)b;

	return (x > y) - (x < y);
}

/* The cases that rows like @row are about, sorted, each once; returns how many. */
static size_t list_cases(const struct warnings *w, size_t row, unsigned long *out)
{
	size_t n = 0, kept = 0;

	for (size_t i = row; out && i < fb_csv_rows(w->t); i++)
		if (says_the_same(w, i, row) && concerns_table(w, i) &&
		    *field(w, i, w->case_id))
			out[n++] = strtoul(field(w, i, w->case_id), NULL, 10);
	if (n)
		qsort(out, n, sizeof(*out), compare_numbers);
	for (size_t i = 0; i < n; i++)
		if (!kept || out[kept - 1] != out[i])
			out[kept++] = out[i];
	return kept;
}

/* " (cases 1-4, 7)", "" for none; of many the first. */
static void write_cases(const unsigned long *list, size_t n, char out[CASES_TEXT])
{
	const size_t most = CASES_TEXT - sizeof(", 4294967295-4294967295 ...)");
	size_t len = 0, end;

	*out = '\0';
	for (size_t i = 0; i < n && len < most; i = end) {
		for (end = i + 1; end < n && list[end] == list[end - 1] + 1;)
			end++;
		len += (size_t)snprintf(out + len, CASES_TEXT - len, "%s%lu",
					i       ? ", "
					: n > 1 ? " (cases "
						: " (case ",
					list[i]);
		if (end > i + 1)
			len += (size_t)snprintf(out + len, CASES_TEXT - len, "-%lu",
						list[end - 1]);
		if (end < n && len >= most)
			len += (size_t)snprintf(out + len, CASES_TEXT - len, " ...");
	}
	if (n)
		snprintf(out + len, CASES_TEXT - len, ")");
}

/* As many whole words as one line holds; were there more? */
static bool cut_to_line(char *text, int width)
{
	size_t room = (size_t)width - sizeof("...");

	if (strlen(text) <= (size_t)width)
		return false;
	while (room && text[room] != ' ')
		room--;
	snprintf(text + room, sizeof(" ..."), " ...");
	return true;
}

/* Was something left out? */
static bool print_one(const struct warnings *w, size_t row, unsigned long *scratch)
{
	const char *id = field(w, row, w->id);
	const char *severity = field(w, row, w->severity);
	char text[TEXT], cases[CASES_TEXT];
	bool cut = false;

	write_cases(scratch, list_cases(w, row, scratch), cases);
	snprintf(text, sizeof(text), "%.40s: %.80s%s: %.800s", severity, id, cases,
		 field(w, row, w->text));
	if (!is_in_full(w, row))
		cut = cut_to_line(text, w->width);
	fb_text_wrap(w->out, text, w->width, INDENT,
		     w->colour && !is_note(w, row) ? FB_YELLOW : "");
	return cut;
}

static void print_all(const struct warnings *w, unsigned long *scratch)
{
	size_t shown = 0;
	bool cut = false;

	for (int rank = 0; rank < RANKS; rank++) {
		for (size_t row = 0; row < fb_csv_rows(w->t); row++) {
			if (rank_of(w, row) != rank || !concerns_table(w, row) ||
			    said_before(w, row))
				continue;
			if (!shown++)
				fputc('\n', w->out);
			cut |= print_one(w, row, scratch);
		}
	}
	if (cut)
		fb_text_wrap(w->out, "warnings.csv has the notes in full", w->width,
			     INDENT, w->colour ? FB_DIM : "");
}

void fb_table_warnings_print(FILE *out, const struct fb_csv_table *t, int width,
			     bool colour)
{
	struct warnings w = {.t = t, .out = out, .width = width, .colour = colour};
	unsigned long *scratch;

	if (!t || !fb_csv_rows(t))
		return;
	w.case_id = fb_csv_find(t, "case_id");
	w.id = fb_csv_find(t, "id");
	w.severity = fb_csv_find(t, "severity");
	w.text = fb_csv_find(t, "text");
	w.evidence = fb_csv_find(t, "evidence");
	/* Without room for them the cases go unnamed. */
	scratch = calloc(fb_csv_rows(t), sizeof(*scratch));
	print_all(&w, scratch);
	free(scratch);
}
