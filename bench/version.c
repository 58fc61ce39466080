#include "bench/bench.h"

const char bench_version[] = FB_VERSION;
