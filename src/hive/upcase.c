#include "hive/name.h"

#include "hive/upcase_table.h"

#include <stddef.h>

/* Of a block's ranges, the last that begins at or before @unit; NULL: none. */
static const struct fb_upcase_range *range_of(const struct fb_upcase_block *block,
					      uint16_t unit)
{
	size_t low = 0;
	size_t high = block->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (block->ranges[middle].first <= unit)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &block->ranges[low - 1] : NULL;
}

uint16_t fb_upcase(uint16_t unit)
{
	const struct fb_upcase_range *r;

	if (unit < 0x80)
		return (uint16_t)(unit >= 'a' && unit <= 'z' ? unit - 'a' + 'A' : unit);
	r = range_of(&upcase_blocks[unit >> 8], unit);
	if (!r || unit > r->last || (unit - r->first) & (r->step - 1))
		return unit;
	return (uint16_t)(unit + r->delta);
}
