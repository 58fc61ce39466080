/*
 * hivebench.h - what the parts of hivebench share
 */
#ifndef FB_TESTS_BENCH_HIVEBENCH_H
#define FB_TESTS_BENCH_HIVEBENCH_H

#include "base/rng.h"
#include "nt/keys.h"
#include "plan/hive_layout.h"

/* hivebench_flush - what a durable change costs, in @folder; @ops pairs a size */
void hivebench_flush(const char *folder, unsigned ops);

/* hivebench_memory - set a value in a hive of 10^4 keys of 100 values */
void hivebench_memory(const char *folder);

/* hivebench_load - open a hive of 100 MB, its file in the page cache */
void hivebench_load(const char *folder);

double bench_now_ns(void);

/* bench_must - end the program, telling @what, unless @ok */
void bench_must(int ok, const char *what);

/* bench_case - a hive of @bytes with 100 values of 4 bytes a key */
struct fb_case bench_case(uint64_t bytes);

/*
 * bench_fill - the keys and values of the layout, made in @root; how many values
 * bench_save - the same as a file, what path registry prepares
 */
uint64_t bench_fill(HANDLE root, const struct fb_case *c, uint64_t values);
uint64_t bench_save(const char *path, const struct fb_case *c);

#endif
