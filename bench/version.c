#include "bench/bench.h"

const char bench_version[] = FB_VERSION;
const char bench_datadir[] = FB_DATADIR;
