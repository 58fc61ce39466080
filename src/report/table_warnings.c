#include "report/table_warnings.h"

#include "report/table_text.h"

#include <stdlib.h>
#include <string.h>

enum { INDENT = 2, TEXT = 1536, CASES_TEXT = 64, EVIDENCE_TEXT = 384 };

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

/* What was told in full before the run, as what is about no case is. */
static bool was_told(const struct warnings *w, size_t row)
{
	return !is_note(w, row) && !*field(w, row, w->case_id);
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

/* A number that evidence begins with, and how what follows goes on; NULL: none. */
static const char *begins_with(const char *evidence, double *number)
{
	char *end;

	*number = strtod(evidence, &end);
	return end == evidence ? NULL : end;
}

/* Of what is counted alike the most is the worst. */
static bool is_worse(const char *a, const char *b)
{
	double x, y;
	const char *after_a = begins_with(a, &x), *after_b = begins_with(b, &y);
	size_t unit;

	if (!after_a || !after_b)
		return false;
	unit = strspn(after_a, " ");
	unit += strcspn(after_a + unit, " ,:;");
	return !strncmp(after_a, after_b, unit) && x > y;
}

/* Of the rows like @row the one whose evidence is shown. */
static size_t worst_of(const struct warnings *w, size_t row)
{
	size_t worst = row;

	for (size_t i = row + 1; i < fb_csv_rows(w->t); i++)
		if (says_the_same(w, i, row) && concerns_table(w, i) &&
		    is_worse(field(w, i, w->evidence), field(w, worst, w->evidence)))
			worst = i;
	return worst;
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

/* " (11 %: 221 ms in 2.00 s, case 2)"; which case only where there are several. */
static void write_evidence(const struct warnings *w, size_t row, size_t n,
			   char out[EVIDENCE_TEXT])
{
	const size_t worst = worst_of(w, row);
	const char *evidence = field(w, worst, w->evidence);
	char of[32] = "";

	*out = '\0';
	if (n > 1)
		snprintf(of, sizeof(of), ", case %.10s", field(w, worst, w->case_id));
	if (*evidence && !is_note(w, row))
		snprintf(out, EVIDENCE_TEXT, " (%.300s%s)", evidence, of);
}

/* As many whole words as one line holds; were there more? */
static bool cut_to_line(char *text, int width)
{
	size_t room = (size_t)width - sizeof("...");

	if (strlen(text) <= (size_t)width)
		return false;
	while (room && (text[room] != ' ' || text[room + 1] == '%'))
		room--;
	snprintf(text + room, sizeof(" ..."), " ...");
	return true;
}

/* Was something left out? */
static bool print_one(const struct warnings *w, size_t row, unsigned long *scratch)
{
	const char *id = field(w, row, w->id);
	const char *severity = field(w, row, w->severity);
	const bool told = was_told(w, row);
	char text[TEXT], cases[CASES_TEXT], evidence[EVIDENCE_TEXT];
	const size_t n = list_cases(w, row, scratch);
	bool cut = told;

	write_cases(scratch, n, cases);
	write_evidence(w, row, n, evidence);
	if (told)
		snprintf(text, sizeof(text), "%.40s: %.80s: %.800s", severity, id,
			 field(w, row, w->evidence));
	else
		snprintf(text, sizeof(text), "%.40s: %.80s%s: %.800s%s", severity, id,
			 cases, field(w, row, w->text), evidence);
	if (told || !is_in_full(w, row))
		cut |= cut_to_line(text, w->width);
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
		fb_text_wrap(w->out, "warnings.csv has all of them in full", w->width,
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
