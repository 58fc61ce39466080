#include "path/null.h"

#include "path/promise.h"

#include <errno.h>
#include <stdlib.h>

static int null_open(struct fb_path **out, const struct fb_case *c,
		     const struct fb_target *t, struct fb_err *err)
{
	struct fb_path *p = malloc(sizeof(*p));

	(void)t;
	if (!p)
		return fb_err_set(err, -ENOMEM, "out of memory");
	*p = (struct fb_path){&fb_path_null, c};
	*out = p;
	return 0;
}

static int null_lane_open(struct fb_lane **out, struct fb_path *p, unsigned thread,
			  struct fb_err *err)
{
	struct fb_lane *l = calloc(1, sizeof(*l));

	(void)p;
	(void)thread;
	if (!l)
		return fb_err_set(err, -ENOMEM, "out of memory");
	l->ops = &fb_path_null;
	*out = l;
	return 0;
}

static int null_write(struct fb_lane *l, const struct fb_write *w)
{
	(void)l;
	(void)w;
	return 0;
}

static int null_flush(struct fb_lane *l, uint64_t offset, uint64_t length)
{
	(void)l;
	(void)offset;
	(void)length;
	return 0;
}

static void null_lane_close(struct fb_lane *l)
{
	free(l);
}

static int null_close(struct fb_path *p, struct fb_err *err)
{
	(void)err;
	free(p);
	return 0;
}

const struct fb_path_ops fb_path_null = {
	.id = FB_PATH_NULL,
	.open = null_open,
	.lane_open = null_lane_open,
	.write = null_write,
	.flush = null_flush,
	.lane_close = null_lane_close,
	.close = null_close,
	.promise = fb_promise_of,
};
