#include "plan/rules.h"

#include "base/units.h"

const char *fb_rule_without_meaning(const struct fb_case *c)
{
	const struct fb_mode_info *mode = fb_mode_get((enum fb_mode)c->mode);

	if (!fb_mode_on((enum fb_path_id)c->path, (enum fb_mode)c->mode))
		return "that path has no such mode";
	if (c->direct && c->path == FB_PATH_MAPPED)
		return "direct: a mapped view is the page cache";
	if (c->direct && c->path == FB_PATH_NULL)
		return "direct: the null path opens nothing";
	if (c->pattern == FB_PATTERN_CREATE && c->path != FB_PATH_FILE)
		return "pattern create: only path file makes files";
	if (c->pattern == FB_PATTERN_CREATE && mode->one_call)
		return "pattern create: a mode without a flush of its own cannot flush "
		       "the directory";
	if (c->pattern == FB_PATTERN_ZIPF && c->prepare != FB_PREPARE_WRITTEN)
		return "pattern zipf writes blocks twice, which prepare unwritten and "
		       "extend rule out";
	if (c->path == FB_PATH_MAPPED && c->prepare == FB_PREPARE_EXTEND)
		return "prepare extend: a view cannot grow past its file's end";
	if (mode->one_call && c->flushers < c->numjobs)
		return "flushers: in this mode every write flushes";
	return NULL;
}

static const char *size_contradiction(const struct fb_case *c, const char **param)
{
	*param = "size";
	if (c->size < c->bs)
		return "size is smaller than bs";
	if (c->size / c->bs < c->writes_per_flush)
		return "size does not hold the writes of one op (bs x writes_per_flush)";
	if (c->size > (uint64_t)INT64_MAX / c->numjobs)
		return "size x numjobs is larger than any disk";
	*param = "fill_bs";
	if (c->fill_bs > c->size)
		return "fill_bs is larger than size";
	return NULL;
}

const char *fb_rule_contradiction(const struct fb_case *c, const char **param)
{
	*param = "ramp_time";
	if (c->runtime_ns && c->ramp_time_ns >= c->runtime_ns)
		return "ramp_time must be shorter than runtime, before which it comes";
	*param = "direct";
	if (c->direct && c->bs % 512)
		return "direct needs bs in multiples of 512 bytes";
	*param = "flushers";
	if (c->flushers > c->numjobs)
		return "more flushers than numjobs";
	*param = "thinktime";
	if (c->thinktime_ns && c->rate_iops)
		return "rate_iops sets the pace already; give one of the two";
	return size_contradiction(c, param);
}
