#include "hive/filetime.h"

#include <time.h>

#define PER_S     UINT64_C(10000000)
#define TO_1970_S UINT64_C(11644473600)

uint64_t fb_filetime_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ((uint64_t)ts.tv_sec + TO_1970_S) * PER_S + (uint64_t)ts.tv_nsec / 100;
}
