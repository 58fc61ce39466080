/*
 * nvmem_case.h - a case of path nvmem, for a test to change what it is about
 */
#ifndef FB_TESTS_SUPPORT_NVMEM_CASE_H
#define FB_TESTS_SUPPORT_NVMEM_CASE_H

#include "plan/case.h"

/*
 * nvmem_case - emulated, mode flush, one write of @bs bytes an op, one after another
 *
 * One thread in @size bytes, one op at a time, one range a write.
 */
struct fb_case nvmem_case(uint64_t bs, uint64_t size);

#endif
