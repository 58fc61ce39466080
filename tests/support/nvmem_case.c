#include "support/nvmem_case.h"

#include "plan/vocab.h"

struct fb_case nvmem_case(uint64_t bs, uint64_t size)
{
	return (struct fb_case){
		.path = FB_PATH_NVMEM,
		.mode = FB_MODE_FLUSH,
		.pattern = FB_PATTERN_SEQ,
		.bs = bs,
		.size = size,
		.writes_per_flush = 1,
		.numjobs = 1,
		.flushers = 1,
		.batch = 1,
		.nv_emulate = 1,
		.ranges = 1,
		.stride = bs,
		.align = bs,
	};
}
