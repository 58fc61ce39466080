/*
 * param.h - the one parameter table
 *
 * Every parameter is a profile key, a command-line option and a CSV column of the
 * same name; --help, `list` and the parsers are made from this table.
 */
#ifndef FB_PLAN_PARAM_H
#define FB_PLAN_PARAM_H

#include "base/err.h"
#include "plan/case.h"

#include <stdbool.h>
#include <stddef.h>

enum fb_param_type {
	FB_TYPE_ENUM,     /* int, index into choices */
	FB_TYPE_BOOL,     /* int; 0/1/yes/no/true/false/on/off */
	FB_TYPE_SIZE,     /* uint64_t bytes */
	FB_TYPE_DURATION, /* uint64_t ns; text is in unit_ns */
	FB_TYPE_COUNT,    /* uint64_t */
	FB_TYPE_REAL,     /* double */
	FB_TYPE_CPUS,     /* char[FB_CPUS_TEXT], a CPU list like 0-1,3 */
};

/*
 * struct fb_param - one row
 * @column:  the CSV column, NULL: as @name
 * @unit:    for people: "bytes", "s", "us", "" ; durations count unit_ns
 * @initial: the default as a user would write it; "" means derived, see @help
 * @min, @max: inclusive, for numbers, in stored units (bytes, ns, count); a real is
 *           above 0 and below 1, and with a @max of 1 may be 1
 * @applies: does the parameter mean anything in this (otherwise complete) case?
 *           NULL: always
 * @when:    the same in words, "with pattern zipf"; NULL where @applies is
 * @quiet:   its default needs no word, as that of a yes or no
 */
struct fb_param {
	const char *name;
	const char *column;
	enum fb_param_type type;
	const char *unit;
	uint64_t unit_ns;
	const char *initial;
	uint64_t min, max;
	const char *const *choices;
	size_t offset;
	bool (*applies)(const struct fb_case *c);
	const char *when;
	bool quiet;
	const char *help;
};

enum { FB_PARAMS_MAX = 64 };

/* fb_params - the table; fb_params_count - its rows, at most FB_PARAMS_MAX */
extern const struct fb_param fb_params[];
extern const size_t fb_params_count;

/* fb_param_find - by name, '-' taken for '_'; its index, or -1 */
int fb_param_find(const char *name);

/* fb_param_column - name of its CSV column */
const char *fb_param_column(const struct fb_param *p);

/*
 * fb_param_parse - one value from its text into @c
 *
 * 0, or -EINVAL with @err naming the parameter, the value, what is allowed and
 * the nearest allowed word. @c is untouched on failure.
 */
int fb_param_parse(const struct fb_param *p, const char *text, struct fb_case *c,
		   struct fb_err *err);

enum { FB_PARAM_TEXT = 96 };

/* fb_param_format - the value as CSV has it: plain numbers in the table's unit */
void fb_param_format(const struct fb_param *p, const struct fb_case *c,
		     char out[FB_PARAM_TEXT]);

/* fb_param_show - the value as a user would write it: 256m, 400ms; read back alike */
void fb_param_show(const struct fb_param *p, const struct fb_case *c,
		   char out[FB_PARAM_TEXT]);

/* fb_param_is_derived - does its default follow from other parameters? */
bool fb_param_is_derived(const struct fb_param *p);

/* fb_param_is_silent - off or on as it is when nobody asks for it: needs no word */
bool fb_param_is_silent(const struct fb_param *p, const char *value);

/*
 * fb_param_foreign - what fio's or diskspd's name for it is called here
 *
 * A sentence, or NULL when the name is nobody's.
 */
const char *fb_param_foreign(const char *name);

#endif
