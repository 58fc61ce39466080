#include "path/memory.h"

#include "path/target_file.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct memory_path {
	struct fb_path base;
	unsigned n;
	char **buffers;
};

struct memory_lane {
	struct fb_lane base;
	char *buffer;
	uint64_t fences;
};

static int memory_close(struct fb_path *base, struct fb_err *err)
{
	struct memory_path *p = (struct memory_path *)base;

	(void)err;
	for (unsigned i = 0; p->buffers && i < p->n; i++)
		free(p->buffers[i]);
	free(p->buffers);
	free(p);
	return 0;
}

static int fill(struct memory_path *p, const struct fb_target *t)
{
	const struct fb_case *c = p->base.c;

	for (unsigned i = 0; i < p->n; i++) {
		if (t->cancelled && t->cancelled())
			return -EINTR;
		p->buffers[i] = malloc(c->size);
		if (!p->buffers[i])
			return -ENOMEM;
		if (c->prepare == FB_PREPARE_WRITTEN)
			memset(p->buffers[i], 0x5a, c->size);
	}
	return 0;
}

static int memory_open(struct fb_path **out, const struct fb_case *c,
		       const struct fb_target *t, struct fb_err *err)
{
	struct memory_path *p = calloc(1, sizeof(*p));
	int ret = -ENOMEM;

	if (!p)
		return fb_err_set(err, ret, "out of memory");
	p->base = (struct fb_path){&fb_path_memory, c};
	p->n = fb_target_files(c);
	p->buffers = calloc(p->n, sizeof(*p->buffers));
	if (p->buffers)
		ret = fill(p, t);
	if (ret) {
		memory_close(&p->base, NULL);
		return fb_err_set(err, ret,
				  ret == -EINTR
					  ? "interrupted while the target was prepared"
					  : "out of memory; lower size or numjobs");
	}
	*out = &p->base;
	return 0;
}

static int memory_lane_open(struct fb_lane **out, struct fb_path *base, unsigned thread,
			    struct fb_err *err)
{
	const struct memory_path *p = (struct memory_path *)base;
	struct memory_lane *l = calloc(1, sizeof(*l));

	if (!l)
		return fb_err_set(err, -ENOMEM, "out of memory");
	l->base.ops = &fb_path_memory;
	l->buffer = p->buffers[fb_target_of(base->c, thread)];
	l->fences = base->c->fences;
	*out = &l->base;
	return 0;
}

static int memory_write(struct fb_lane *base, const struct fb_write *w)
{
	struct memory_lane *l = (struct memory_lane *)base;

	memcpy(l->buffer + w->offset, w->data, w->length);
	return 0;
}

static int memory_flush(struct fb_lane *base, uint64_t offset, uint64_t length)
{
	const struct memory_lane *l = (struct memory_lane *)base;

	(void)offset; /* a fence holds back every store */
	(void)length;
	for (uint64_t i = 0; i < l->fences; i++)
		atomic_thread_fence(memory_order_seq_cst);
	return 0;
}

static void memory_lane_close(struct fb_lane *base)
{
	free(base);
}

static struct fb_promise memory_promise(const struct fb_case *c,
					const struct fb_device *d)
{
	(void)c;
	(void)d;
	return (struct fb_promise){FB_SURVIVES_NOTHING, FB_FIDELITY_EMULATED};
}

static int memory_read_back(struct fb_path *base, unsigned thread, uint64_t offset,
			    void *data, uint64_t length)
{
	const struct memory_path *p = (struct memory_path *)base;

	if (offset > base->c->size || length > base->c->size - offset)
		return -ENODATA;
	memcpy(data, p->buffers[fb_target_of(base->c, thread)] + offset, length);
	return 0;
}

const struct fb_path_ops fb_path_memory = {
	.id = FB_PATH_MEMORY,
	.stamps = FB_STAMPS_ORDERED,
	.open = memory_open,
	.lane_open = memory_lane_open,
	.write = memory_write,
	.flush = memory_flush,
	.lane_close = memory_lane_close,
	.close = memory_close,
	.promise = memory_promise,
	.read_back = memory_read_back,
};
