#include "report/run_stream.h"

#include "report/run_rows.h"

#include <errno.h>
#include <stdlib.h>

struct fb_run_stream {
	struct fb_csv_out *o;
	const struct fb_run_id *id;
};

int fb_run_stream_open(struct fb_run_stream **out, FILE *to, enum fb_run_file file,
		       const struct fb_run_id *id, struct fb_err *err)
{
	struct fb_run_stream *s = calloc(1, sizeof(*s));
	const char *const *columns;
	void *owned = NULL;
	size_t n;
	int ret;

	columns = fb_run_columns(file, &n, &owned);
	if (!s || !columns) {
		ret = fb_err_set(err, -ENOMEM, "out of memory");
		goto out_release;
	}
	s->id = id;
	ret = fb_csv_to_stream(&s->o, to, columns, n, err);
	if (ret)
		goto out_release;
	free(owned);
	*out = s;
	return 0;

out_release:
	free(owned);
	free(s);
	return ret;
}

void fb_run_stream_fact(struct fb_run_stream *s, const char *key, const char *value)
{
	fb_csv_text(s->o, s->id->name);
	fb_csv_text(s->o, s->id->host);
	fb_csv_text(s->o, key);
	fb_csv_text(s->o, value);
	fb_csv_end_row(s->o);
}

void fb_run_stream_warning(struct fb_run_stream *s, const struct fb_warning *w)
{
	fb_run_put_warning(s->o, s->id, w);
}

int fb_run_stream_close(struct fb_run_stream *s, struct fb_err *err)
{
	int ret = fb_csv_close(s->o, err);

	free(s);
	return ret;
}
