#include "bench/pictures.h"

#include "bench/bench.h"
#include "bench/gnuplot.h"
#include "bench/host.h"

#include <errno.h>
#include <string.h>

const char *const picture_formats[PICTURE_FORMATS] = {"png", "svg"};

/* Where op is not the usual one the name of a picture says so. */
static void name_picture(const struct pictures *p, int which, const char *format,
			 bool finished, char out[96])
{
	snprintf(out, 96, "%s%s%s%s.%s%s", finished ? "" : ".", fb_plot_names[which],
		 p->plot->op == FB_OP_COMMIT || which == FB_PLOT_AMPLIFICATION ? ""
									       : "-",
		 p->plot->op == FB_OP_COMMIT || which == FB_PLOT_AMPLIFICATION
			 ? ""
			 : fb_op_names[p->plot->op],
		 format, finished ? "" : ".part");
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

static int write_picture(FILE *out, const struct pictures *p, int which, bool finished,
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
		name_picture(p, which, picture_formats[f], finished, name);
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
		ret = write_picture(out, p, i, true, err);
	return ret;
}

/* Each picture comes to its name whole, or not at all. */
static int finish_pictures(const struct pictures *p, bool keep, struct fb_err *err)
{
	char part[96], name[96];
	int ret = 0;

	for (int i = 0; i < FB_PLOT_COUNT; i++) {
		for (int f = 0; f < PICTURE_FORMATS; f++) {
			if (!is_wanted(p, picture_formats[f]))
				continue;
			name_picture(p, i, picture_formats[f], false, part);
			name_picture(p, i, picture_formats[f], true, name);
			if (!keep || ret) {
				remove(part);
			} else if (rename(part, name)) {
				ret = fb_err_set(err, -errno, "%s/%s: %s", p->out, name,
						 strerror(errno));
				remove(part);
			}
		}
	}
	return ret;
}

static int feed(const struct pictures *p, FILE *f, struct fb_err *err)
{
	int ret = 0;

	for (int i = 0; !ret && i < FB_PLOT_COUNT && !bench_stopped(); i++)
		ret = write_picture(f, p, i, false, err);
	return ret;
}

int pictures_draw(const struct pictures *p, int *code, struct fb_err *err)
{
	FILE *f;
	int ret, end;

	*code = EXIT_NOT_HERE;
	if (!gnuplot_is_there())
		return fb_err_set(
			err, -ENOENT,
			"there is no gnuplot; install it (Debian: gnuplot-nox), "
			"or draw in the terminal with --text");
	ret = bench_enter_folder(p->out, err);
	if (ret)
		return ret;
	*code = EXIT_FAILED;
	f = gnuplot_begin();
	if (!f)
		return fb_err_set(err, -errno, "gnuplot: %s", strerror(errno));
	ret = feed(p, f, err);
	end = gnuplot_end(f);
	if (bench_stopped()) {
		*code = EXIT_INTERRUPTED;
		ret = fb_err_set(err, -EINTR, "interrupted; no picture was changed");
	} else if (!ret && end) {
		ret = fb_err_set(err, -EIO,
				 "gnuplot could not draw, its reason stands above; 5.4 "
				 "or later with pngcairo and svg is needed");
	}
	end = finish_pictures(p, !ret, err);
	return ret ? ret : end;
}
