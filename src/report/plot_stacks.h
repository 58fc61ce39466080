/*
 * plot_stacks.h - bars of several parts one behind the other, two for each case
 *
 * Private to the folder. scripts/plot/stacks.gp draws them.
 */
#ifndef FB_REPORT_PLOT_STACKS_H
#define FB_REPORT_PLOT_STACKS_H

#include "base/units.h"
#include "report/plot_parts.h"

enum { FB_STACK_BARS = 2, FB_STACK_PARTS = 8, FB_STACK_TOTAL = 64 };

/*
 * struct fb_stack - of one case
 * @part:    as long as each part is, from the left; 0: none
 * @shown:   what stands in it if there is room
 * @total:   what stands beside each bar
 * @trouble: why there are none; "" if there are
 * @suffix:  behind the case's name
 */
struct fb_stack {
	double part[FB_STACK_BARS][FB_STACK_PARTS];
	char shown[FB_STACK_BARS][FB_STACK_PARTS][FB_FORMAT_LEN];
	char total[FB_STACK_BARS][FB_STACK_TOTAL];
	char trouble[FB_LABEL_MAX];
	const char *suffix;
};

/*
 * struct fb_stacks - a picture of them
 * @name:  of its data, which no other picture's may have
 * @names: of the @parts parts, for the legend; those of which no bar shows anything are
 *         left out there
 * @heading, @meaning: of each bar
 * @rows:  by the cases' places in the order
 * @note:  what stands at the bottom
 */
struct fb_stacks {
	const char *name;
	const char *const *names;
	size_t parts;
	const char *heading[FB_STACK_BARS];
	char meaning[FB_STACK_BARS][64];
	struct fb_stack *rows;
	char note[384];
};

/* fb_stacks_new - rows for the cases of @p, all zero; NULL: out of memory. free() it.
 */
struct fb_stack *fb_stacks_new(const struct fb_plot *p);

/* fb_stacks_longest - the sum of parts of the longest bar @bar of all cases */
double fb_stacks_longest(const struct fb_plot *p, const struct fb_stacks *s, int bar);

/* fb_stacks_shorten - divide the parts of the bars @bar, for an axis of another unit */
void fb_stacks_shorten(const struct fb_plot *p, struct fb_stacks *s, int bar,
		       double unit);

/* fb_stacks_put - what the script is told */
void fb_stacks_put(FILE *out, const struct fb_plot *p, const struct fb_stacks *s);

/* fb_stacks_trouble - why a case that has no figures of its traced repetition has none,
 * "" if that is not what is wrong */
void fb_stacks_trouble(const struct fb_plot *p, const struct fb_cases_row *c,
		       char out[FB_LABEL_MAX]);

#endif
