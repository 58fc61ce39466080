/*
 * table_columns.h - which columns a table has, and which go to one below it
 *
 * Private to the folder.
 */
#ifndef FB_REPORT_TABLE_COLUMNS_H
#define FB_REPORT_TABLE_COLUMNS_H

#include "report/cases.h"

/*
 * struct fb_column
 * @need:   columns of the least need go first when the width does not suffice
 * @again:  said in an earlier table, to find the case again
 * @place:  in the order of all columns
 * @param:  of a parameter, else NULL
 * @figure: of a figure, else -1
 * @field:  of any other, the CSV's name
 * @cells:  or its texts themselves, by the cases' indices; the caller's
 */
struct fb_column {
	char head[2][FB_CASES_TEXT];
	int need;
	int place;
	bool again;
	bool left;
	int width;
	const struct fb_param *param;
	int figure;
	const char *field;
	const char (*cells)[FB_CASES_TEXT];
};

enum {
	FB_COLUMNS_MAX = FB_PARAMS_MAX + 16,
	FB_COLUMNS_GAP = 2, /* between two, and before a mode */
};

/* struct fb_columns - of one table; set @m, @width and @colour, the rest is zero */
struct fb_columns {
	const struct fb_cases *m;
	struct fb_column list[FB_COLUMNS_MAX];
	size_t n;
	int width;
	bool colour;
	/* What had no room beside the others, for a table below. */
	struct fb_column rest[FB_COLUMNS_MAX];
	size_t n_rest;
	/* this is such a table: cases of which it has nothing to say are left out */
	bool continued;
};

/* fb_columns_choose - for the first table, what has no room into @rest */
void fb_columns_choose(struct fb_columns *l);

/* fb_columns_of - for a table of its own: path, mode and case, then the @n columns of
 * @own, of which head, need, left and cells are set; "-" in all: no row */
void fb_columns_of(struct fb_columns *l, const struct fb_column *own, size_t n);

/* fb_columns_rest - for the table below @before: some of what it had no room for */
void fb_columns_rest(struct fb_columns *l, const struct fb_columns *before);

/* fb_columns_cell - what stands in a row; "-": unknown or without meaning */
void fb_columns_cell(const struct fb_columns *l, const struct fb_column *c,
		     const struct fb_cases_row *row, char out[FB_CASES_TEXT]);

#endif
