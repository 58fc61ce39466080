#include "plan/case.h"

#include "plan/hive_layout.h"

uint64_t fb_case_write_bytes(const struct fb_case *c)
{
	return c->path == FB_PATH_REGISTRY ? c->value_size : c->bs;
}

uint64_t fb_case_space(const struct fb_case *c)
{
	if (c->path == FB_PATH_REGISTRY)
		return fb_hive_layout_values(c) * c->value_size;
	return c->size;
}

uint64_t fb_case_op_writes(const struct fb_case *c)
{
	return c->writes_per_flush * (c->path == FB_PATH_NVMEM ? c->ranges : 1);
}

uint64_t fb_case_room(const struct fb_case *c)
{
	if (c->path == FB_PATH_NVMEM)
		return (c->ranges - 1) * c->stride + c->bs;
	return fb_case_write_bytes(c);
}

uint64_t fb_case_step(const struct fb_case *c)
{
	const uint64_t room = fb_case_room(c);

	if (c->path != FB_PATH_NVMEM)
		return room;
	if (c->pattern == FB_PATTERN_SEQ || c->pattern == FB_PATTERN_APPEND)
		return (room + c->align - 1) / c->align * c->align;
	return c->align;
}

uint64_t fb_case_places(const struct fb_case *c)
{
	return (fb_case_space(c) - fb_case_room(c)) / fb_case_step(c) + 1;
}

uint64_t fb_case_hives(const struct fb_case *c)
{
	return c->path == FB_PATH_REGISTRY ? c->hives : 1;
}

/* No disk sees what paths null and nvmem do: nothing could be traced. */
uint64_t fb_case_reps(const struct fb_case *c)
{
	return c->reps + (c->account == FB_ACCOUNT_TRACE && c->path != FB_PATH_NULL &&
			  c->path != FB_PATH_NVMEM);
}

uint64_t fb_case_slice_ns(uint64_t op_ns)
{
	const uint64_t ns = op_ns < FB_SLICE_MAX_NS ? op_ns * FB_SLICE_OPS : UINT64_MAX;

	if (ns < FB_SLICE_MIN_NS)
		return FB_SLICE_MIN_NS;
	return ns < FB_SLICE_MAX_NS ? ns : FB_SLICE_MAX_NS;
}

/* From one op to the next at the least, as far as the case itself says. */
static uint64_t period_ns(const struct fb_case *c)
{
	return c->rate_iops ? 1000000000 / c->rate_iops : c->thinktime_ns;
}

uint64_t fb_case_duration_ns(const struct fb_case *c)
{
	const uint64_t reps = fb_case_reps(c);

	return reps * (c->runtime_ns + c->ramp_time_ns) +
	       (reps - c->reps) * FB_SLICES * fb_case_slice_ns(period_ns(c));
}

bool fb_case_is_traced(const struct fb_case *c, unsigned rep)
{
	return rep > c->reps;
}
