#include "bench/pictures.h"

#include "bench/bench.h"
#include "bench/gnuplot.h"
#include "bench/host.h"

#include <errno.h>
#include <string.h>

const char *const picture_formats[PICTURE_FORMATS] = {"png", "svg"};

/* Where op is not the usual one the name of a picture says so. */
static void name_picture(const struct pictures *p, int which, const char *format,
			 char out[96])
{
	bool of_op = p->plot->op != FB_OP_COMMIT &&
		     fb_plot_of_op((enum fb_plot_id)which);

	snprintf(out, 96, "%s%s%s.%s", fb_plot_names[which], of_op ? "-" : "",
		 of_op ? fb_op_names[p->plot->op] : "", format);
}

static bool is_wanted(const struct pictures *p, const char *format)
{
	return !p->format || !strcmp(p->format, format);
}

/* A path in gnuplot's single quotes, where only the quote itself is special: doubled,
 * it would be misread beside another. */
static void put_path(FILE *out, const char *path)
{
	fputc('\'', out);
	for (; *path; path++)
		fputs(*path == '\'' ? "'.\"\\047\".'" : (const char[]){*path, '\0'},
		      out);
	fputc('\'', out);
}

static int write_picture(FILE *out, const struct pictures *p, int which,
			 struct fb_err *err)
{
	char script[4096], name[96];
	char *slash;
	int ret = bench_find_file(fb_plot_names[which], "scripts/plot", ".gp", script,
				  sizeof(script), err);

	if (!ret)
		ret = fb_plot_write(out, p->plot, (enum fb_plot_id)which, err);
	if (ret)
		return ret;
	slash = strrchr(script, '/');
	*slash = '\0';
	fputs("scripts = ", out);
	put_path(out, script);
	fputc('\n', out);
	*slash = '/';
	for (int f = 0; f < PICTURE_FORMATS; f++) {
		if (!is_wanted(p, picture_formats[f]))
			continue;
		name_picture(p, which, picture_formats[f], name);
		fprintf(out, "format = '%s'\nfile = '%s'\nload ", picture_formats[f],
			name);
		put_path(out, script);
		fputc('\n', out);
	}
	return 0;
}

int pictures_print(const struct pictures *p, FILE *out, struct fb_err *err)
{
	int ret = 0;

	for (int i = 0; !ret && i < FB_PLOT_COUNT; i++)
		if (fb_plot_has(p->plot, (enum fb_plot_id)i))
			ret = write_picture(out, p, i, err);
	return ret;
}

/* What gnuplot could not write it does not tell: the end of a file does. */
static bool is_whole(const char *name, const char *format)
{
	static const char png_end[] = "IEND\xae\x42\x60\x82";
	char end[9] = "";
	FILE *f = fopen(name, "rb");
	size_t n = 0;

	if (!f)
		return false;
	if (!fseek(f, -8, SEEK_END))
		n = fread(end, 1, 8, f);
	fclose(f);
	if (!strcmp(format, "png"))
		return n == 8 && !memcmp(end, png_end, 8);
	return strstr(end, "</svg>") != NULL;
}

/* The pictures that were asked for, one after another. */
struct picture {
	int which;
	int format;
	char name[96];
};

static bool next_picture(const struct pictures *p, struct picture *at)
{
	do {
		if (++at->format == PICTURE_FORMATS) {
			at->format = 0;
			at->which++;
		}
		if (at->which == FB_PLOT_COUNT)
			return false;
	} while (!is_wanted(p, picture_formats[at->format]) ||
		 !fb_plot_has(p->plot, (enum fb_plot_id)at->which));
	name_picture(p, at->which, picture_formats[at->format], at->name);
	return true;
}

static int keep_pictures(const struct pictures *p, struct fb_err *err)
{
	struct picture at = {.format = -1};

	while (next_picture(p, &at))
		if (!is_whole(at.name, picture_formats[at.format]))
			return fb_err_set(err, -EIO,
					  "%s/%s could not be written whole; make room "
					  "there, or name another folder with --out",
					  p->out, at.name);
	at = (struct picture){.format = -1};
	while (next_picture(p, &at)) {
		int ret = drawing_keep(at.name);

		if (ret)
			return fb_err_set(err, ret,
					  "%s/%s: %s; put away what is in its place, "
					  "or name another folder with --out",
					  p->out, at.name, strerror(-ret));
	}
	return 0;
}

/* Made whole before gnuplot is started: damage is found before anything is drawn. */
static int make_input(const struct pictures *p, FILE *f, struct fb_err *err)
{
	int ret = pictures_print(p, f, err);

	if (!ret && (fflush(f) || ferror(f)))
		ret = fb_err_set(err, -EIO,
				 "no room for what gnuplot is to be told; make some in "
				 "the folder for temporary files");
	return ret;
}

static int draw(const struct pictures *p, FILE *input, int *code, struct fb_err *err)
{
	struct drawing drawing;
	int ret = make_input(p, input, err);

	*code = ret == -ENOENT ? EXIT_NOT_HERE : EXIT_FAILED;
	if (ret)
		return ret;
	bench_catch_signals();
	ret = drawing_begin(&drawing, p->out, err);
	*code = EXIT_NOT_HERE;
	if (ret)
		return ret;
	ret = gnuplot_run(input, err);
	if (!ret)
		ret = keep_pictures(p, err);
	drawing_end(&drawing);
	*code = ret == -EINTR ? EXIT_INTERRUPTED : EXIT_FAILED;
	return ret;
}

int pictures_draw(const struct pictures *p, int *code, struct fb_err *err)
{
	FILE *input;
	int ret;

	*code = EXIT_NOT_HERE;
	if (!gnuplot_is_there())
		return fb_err_set(
			err, -ENOENT,
			"there is no gnuplot; install it (Debian: gnuplot-nox), "
			"or draw in the terminal with --text");
	*code = EXIT_FAILED;
	input = tmpfile();
	if (!input)
		return fb_err_set(
			err, -errno,
			"no file for what gnuplot is to be told: %s; make room "
			"in the folder for temporary files",
			strerror(errno));
	ret = draw(p, input, code, err);
	fclose(input);
	return ret;
}
