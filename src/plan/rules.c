#include "plan/rules.h"

#include "base/units.h"
#include "plan/hive_layout.h"
#include "plan/param.h"

#include <stddef.h>
#include <stdio.h>

#define SEC UINT64_C(1000000000)

static bool is_set(const struct fb_case *c, const char *param)
{
	return c->set >> fb_param_find(param) & 1;
}

/* Smaller fills than a page make the same file, only slower. */
static uint64_t default_fill_bs(const struct fb_case *c)
{
	uint64_t bs = c->bs < 4096 ? 4096 : c->bs;

	return bs < c->size ? bs : c->size;
}

/* At least one write, or there were nothing to flush. */
static uint64_t writes_of_share(const struct fb_case *c)
{
	double writes = c->dirty_share * (double)fb_hive_layout_values(c) + 0.5;

	return writes < 1 ? 1 : (uint64_t)writes;
}

void fb_rule_defaults(struct fb_case *c)
{
	if (!is_set(c, "runtime"))
		c->runtime_ns = c->ops ? 0 : 5 * SEC;
	if (!is_set(c, "ramp_time")) {
		c->ramp_time_ns = SEC;
		if (c->runtime_ns && c->runtime_ns / 5 < SEC)
			c->ramp_time_ns = c->runtime_ns / 5;
	}
	if (!is_set(c, "flushers"))
		c->flushers = c->numjobs;
	if (!is_set(c, "fill_bs"))
		c->fill_bs = default_fill_bs(c);
	if (!is_set(c, "stride"))
		c->stride = c->bs;
	if (!is_set(c, "align"))
		c->align = fb_case_room(c);
	if (!is_set(c, "dirty_share"))
		c->dirty_share = 0;
	else if (c->path == FB_PATH_REGISTRY && !is_set(c, "writes_per_flush"))
		c->writes_per_flush = writes_of_share(c);
}

static const char *wrong_path(const struct fb_mode_info *mode)
{
	switch (mode->path) {
	case FB_PATH_FILE:
		return "that path has no such mode: it is one of path file, and runs "
		       "with --path file";
	case FB_PATH_MAPPED:
		return "that path has no such mode: it is one of path mapped, and runs "
		       "with --path mapped";
	case FB_PATH_REGISTRY:
		return "that path has no such mode: it is one of path registry, and "
		       "runs with --path registry";
	case FB_PATH_NVMEM:
		return "that path has no such mode: it is one of path nvmem, and runs "
		       "with --path nvmem";
	default:
		return "that path has no such mode: `flushbench list modes` shows "
		       "which it has";
	}
}

const char *fb_rule_without_meaning(const struct fb_case *c)
{
	const struct fb_mode_info *mode = fb_mode_get((enum fb_mode)c->mode);

	if (!fb_mode_on((enum fb_path_id)c->path, (enum fb_mode)c->mode))
		return wrong_path(mode);
	if (c->direct && c->path == FB_PATH_MAPPED)
		return "direct: a mapped view is the page cache";
	if (c->direct && c->path == FB_PATH_NULL)
		return "direct: the null path opens nothing";
	if (c->direct && c->path == FB_PATH_REGISTRY)
		return "direct: a hive store writes through the page cache";
	if (c->direct && c->path == FB_PATH_NVMEM)
		return "direct: stores into memory pass no page cache";
	if (c->pattern == FB_PATTERN_CREATE && c->path != FB_PATH_FILE)
		return "pattern create: only path file makes files";
	if (c->pattern == FB_PATTERN_CREATE && mode->one_call)
		return "pattern create: a mode without a flush of its own cannot flush "
		       "the directory";
	if (c->path == FB_PATH_NVMEM && c->prepare != FB_PREPARE_WRITTEN)
		return "prepare: a region of memory is always there, all of it";
	if (c->pattern == FB_PATTERN_ZIPF && c->prepare != FB_PREPARE_WRITTEN)
		return "pattern zipf writes blocks twice, which prepare unwritten and "
		       "extend rule out";
	if (c->path == FB_PATH_MAPPED && c->prepare == FB_PREPARE_EXTEND)
		return "prepare extend: a view cannot grow past its file's end";
	if (c->path == FB_PATH_REGISTRY && c->prepare == FB_PREPARE_UNWRITTEN)
		return "prepare unwritten: a hive has no values without data; extend "
		       "begins with none";
	if (mode->one_call && c->flushers < c->numjobs)
		return "flushers: in this mode every write flushes";
	if (c->mode == FB_MODE_WRITE_FLUSH_DRAIN && c->flushers < c->numjobs)
		return "flushers: in this mode every write flushes, and the flush only "
		       "waits";
	return NULL;
}

/* How large size must be at least for a hive of so many values. */
static const char *too_small(const struct fb_case *c, uint64_t values, const char *what)
{
	static _Thread_local char why[96];
	char least[FB_FORMAT_LEN];

	fb_format_size(least, fb_hive_layout_bytes(c, values));
	snprintf(why, sizeof(why), "size must be at least %s, to hold %s", least, what);
	return why;
}

static const char *hive_contradiction(const struct fb_case *c, struct fb_blame *b)
{
	uint64_t values = fb_hive_layout_values(c);

	*b = (struct fb_blame){{"size"}};
	if (c->size > FB_HIVE_LAYOUT_MAX)
		return "a hive may have at most 1 GiB on path registry";
	*b = (struct fb_blame){{"size", "values_per_key", "value_size"}};
	if (values < c->values_per_key)
		return too_small(c, c->values_per_key, "one key with its values");
	*b = (struct fb_blame){{"dirty_share", "writes_per_flush"}};
	if (c->dirty_share > 0 && is_set(c, "writes_per_flush"))
		return "dirty_share says how many writes an op has; give one of the "
		       "two";
	*b = (struct fb_blame){{"writes_per_flush", "size"}};
	if (c->writes_per_flush > values)
		return too_small(c, c->writes_per_flush,
				 "a value for each write of an op");
	return NULL;
}

/* Where the writes of an op are to go; size is at least bs. */
static const char *places_contradiction(const struct fb_case *c, struct fb_blame *b)
{
	if (c->path != FB_PATH_NVMEM) {
		*b = (struct fb_blame){{"size", "writes_per_flush", "bs"}};
		if (c->size / c->bs < c->writes_per_flush)
			return "size must hold the writes of one op, bs x "
			       "writes_per_flush";
		return NULL;
	}
	*b = (struct fb_blame){{"stride", "bs"}};
	if (c->ranges > 1 && c->stride < c->bs)
		return "stride must be at least bs, or the ranges overlap";
	*b = (struct fb_blame){{"size", "ranges", "stride"}};
	if (c->size < fb_case_room(c))
		return "size must hold the ranges of a write, (ranges - 1) x stride + "
		       "bs";
	*b = (struct fb_blame){{"align", "size"}};
	if (c->align > c->size)
		return "align must be at most size";
	*b = (struct fb_blame){{"size", "writes_per_flush", "align"}};
	if (fb_case_places(c) < c->writes_per_flush)
		return "size must have a place for each write of an op, at multiples "
		       "of align";
	return NULL;
}

/* Ranges that are drawn, noted and counted before the clock starts. */
enum { BATCH_RANGES_MAX = 1 << 20 };

/* What the threads of one target take before any has finished its first. */
static uint64_t batch_places(const struct fb_case *c)
{
	return c->batch * c->writes_per_flush *
	       (c->share == FB_SHARE_ONE ? c->numjobs : 1);
}

static const char *batch_contradiction(const struct fb_case *c, struct fb_blame *b)
{
	*b = (struct fb_blame){{"writes_per_flush", "ranges"}};
	if (fb_case_op_writes(c) > BATCH_RANGES_MAX)
		return "writes_per_flush x ranges must be at most 1048576";
	if (c->batch == 1)
		return NULL;
	*b = (struct fb_blame){{"batch", "writes_per_flush", "ranges"}};
	if (c->batch * fb_case_op_writes(c) > BATCH_RANGES_MAX)
		return "batch x writes_per_flush x ranges must be at most 1048576";
	*b = (struct fb_blame){{"size", "batch", "writes_per_flush"}};
	if (c->pattern == FB_PATTERN_APPEND && fb_case_places(c) < batch_places(c))
		return "size must have a place for each write of a batch, with share "
		       "one of each thread's, for append goes over it once";
	*b = (struct fb_blame){{"batch", "rate_iops"}};
	if (c->rate_iops)
		return "rate_iops starts each op by itself; give one of the two";
	*b = (struct fb_blame){{"batch", "thinktime"}};
	if (c->thinktime_ns)
		return "thinktime comes after each op; give one of the two";
	*b = (struct fb_blame){{"ops", "batch"}};
	if (c->ops % c->batch)
		return "ops must be a multiple of batch";
	return NULL;
}

static const char *size_contradiction(const struct fb_case *c, struct fb_blame *b)
{
	const char *why;

	if (c->path == FB_PATH_REGISTRY)
		return hive_contradiction(c, b);
	*b = (struct fb_blame){{"size", "bs"}};
	if (c->size < c->bs)
		return "size must be at least bs";
	why = places_contradiction(c, b);
	if (!why && c->path == FB_PATH_NVMEM)
		why = batch_contradiction(c, b);
	if (why)
		return why;
	*b = (struct fb_blame){{"size", "numjobs"}};
	if (c->size > (uint64_t)INT64_MAX / c->numjobs)
		return "size x numjobs must be less than 8 EiB";
	*b = (struct fb_blame){{"fill_bs", "size"}};
	if (c->fill_bs > c->size)
		return "fill_bs must be at most size";
	return NULL;
}

const char *fb_rule_contradiction(const struct fb_case *c, struct fb_blame *b)
{
	*b = (struct fb_blame){{"ramp_time", "runtime"}};
	if (c->runtime_ns && c->ramp_time_ns >= c->runtime_ns)
		return "ramp_time must be shorter than runtime, before which it comes";
	*b = (struct fb_blame){{"direct", "bs"}};
	if (c->direct && c->bs % 512)
		return "direct needs bs in multiples of 512 bytes";
	*b = (struct fb_blame){{"flushers", "numjobs"}};
	if (c->flushers > c->numjobs)
		return "flushers must be at most numjobs";
	*b = (struct fb_blame){{"thinktime", "rate_iops"}};
	if (c->thinktime_ns && c->rate_iops)
		return "rate_iops sets the pace already; give one of the two";
	return size_contradiction(c, b);
}
