#include "plan/param.h"

#include "base/units.h"

#include <stddef.h>

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)
#define SEC UINT64_C(1000000000)

static bool on_file(const struct fb_case *c)
{
	return c->path == FB_PATH_FILE;
}

static bool on_mapped(const struct fb_case *c)
{
	return c->path == FB_PATH_MAPPED;
}

static bool on_registry(const struct fb_case *c)
{
	return c->path == FB_PATH_REGISTRY;
}

static bool on_nvmem(const struct fb_case *c)
{
	return c->path == FB_PATH_NVMEM;
}

static bool has_ranges(const struct fb_case *c)
{
	return on_nvmem(c) && c->ranges > 1;
}

static bool has_blocks(const struct fb_case *c)
{
	return c->path != FB_PATH_REGISTRY;
}

static bool has_disks(const struct fb_case *c)
{
	return c->path != FB_PATH_NVMEM;
}

/* A region of memory is always there, and its pages are touched beforehand. */
static bool has_target(const struct fb_case *c)
{
	return c->path != FB_PATH_NULL && c->pattern != FB_PATTERN_CREATE &&
	       c->path != FB_PATH_NVMEM;
}

static bool is_filled(const struct fb_case *c)
{
	return has_target(c) && has_blocks(c) && c->prepare == FB_PREPARE_WRITTEN;
}

static bool writes_data(const struct fb_case *c)
{
	return c->path != FB_PATH_NULL;
}

static bool is_zipf(const struct fb_case *c)
{
	return c->pattern == FB_PATTERN_ZIPF;
}

static bool is_no_sync(const struct fb_case *c)
{
	return c->mode == FB_MODE_NO_SYNC;
}

#define AT(field) offsetof(struct fb_case, field)

/*
 * The order is that of the CSV columns. A row's applies() may look only at rows
 * above it, for the expansion fills a case from the top.
 */
const struct fb_param fb_params[] = {
	{.name = "path",
	 .type = FB_TYPE_ENUM,
	 .initial = "file",
	 .choices = fb_path_names,
	 .offset = AT(path),
	 .help = "road to durable storage"},
	{.name = "mode",
	 .type = FB_TYPE_ENUM,
	 .initial = "all",
	 .choices = fb_mode_names,
	 .offset = AT(mode),
	 .help = "way to flush on that path, or all of them"},
	{.name = "pattern",
	 .type = FB_TYPE_ENUM,
	 .initial = "rand",
	 .choices = fb_pattern_names,
	 .offset = AT(pattern),
	 .help = "where writes go: in order and around, anywhere, in order once, "
		 "anywhere with favourites, each op a new file"},
	{.name = "bs",
	 .type = FB_TYPE_SIZE,
	 .unit = "bytes",
	 .initial = "4k",
	 .min = 1,
	 .max = GIB,
	 .offset = AT(bs),
	 .applies = has_blocks,
	 .when = "on paths other than registry, where value_size is the size of a write",
	 .help = "size of a write"},
	{.name = "size",
	 .type = FB_TYPE_SIZE,
	 .unit = "bytes",
	 .initial = "256m",
	 .min = 1,
	 .max = INT64_MAX,
	 .offset = AT(size),
	 .help = "size of the file, view, region or hive, with pattern create of all "
		 "new files together; a thread's with share own"},
	{.name = "writes_per_flush",
	 .type = FB_TYPE_COUNT,
	 .initial = "1",
	 .min = 1,
	 .max = 65536,
	 .offset = AT(writes_per_flush),
	 .help = "writes of an op before its flush"},
	{.name = "runtime",
	 .type = FB_TYPE_DURATION,
	 .unit = "s",
	 .unit_ns = SEC,
	 .initial = "",
	 .min = 1,
	 .max = 1000 * 86400 * SEC,
	 .offset = AT(runtime_ns),
	 .help = "measured time of a repetition; 5 s unless ops is given"},
	{.name = "ramp_time",
	 .type = FB_TYPE_DURATION,
	 .unit = "s",
	 .unit_ns = SEC,
	 .initial = "",
	 .max = 1000 * 86400 * SEC,
	 .offset = AT(ramp_time_ns),
	 .help = "time before it, not measured; 1 s, but at most a fifth of runtime"},
	{.name = "ops",
	 .column = "ops_limit",
	 .type = FB_TYPE_COUNT,
	 .initial = "0",
	 .max = UINT64_C(1) << 53,
	 .offset = AT(ops),
	 .help = "end after so many ops, each one flush (with pattern create: one new "
		 "file); a thread's with share own; 0: by runtime"},
	{.name = "reps",
	 .type = FB_TYPE_COUNT,
	 .initial = "5",
	 .min = 1,
	 .max = 10000,
	 .offset = AT(reps),
	 .help = "repetitions, each on a target made afresh"},
	{.name = "seed",
	 .type = FB_TYPE_COUNT,
	 .initial = "1",
	 .max = UINT64_C(1) << 53,
	 .offset = AT(seed),
	 .help = "of all random choices, the order of the plan among them"},
	{.name = "numjobs",
	 .type = FB_TYPE_COUNT,
	 .initial = "1",
	 .min = 1,
	 .max = 1000000,
	 .offset = AT(numjobs),
	 .help = "threads, each with one op in flight"},
	{.name = "share",
	 .type = FB_TYPE_ENUM,
	 .initial = "own",
	 .choices = fb_share_names,
	 .offset = AT(share),
	 .help = "each thread its own target, or one for all"},
	{.name = "flushers",
	 .type = FB_TYPE_COUNT,
	 .initial = "",
	 .min = 1,
	 .max = 1000000,
	 .offset = AT(flushers),
	 .help = "threads that flush, the others only write; numjobs unless given"},
	{.name = "rate_iops",
	 .type = FB_TYPE_COUNT,
	 .unit = "ops/s",
	 .initial = "0",
	 .max = 1000000000,
	 .offset = AT(rate_iops),
	 .help = "ops a second of a thread, latency from the intended start (open "
		 "loop); 0: as fast as it goes (closed loop)"},
	{.name = "thinktime",
	 .type = FB_TYPE_DURATION,
	 .unit = "us",
	 .unit_ns = 1000,
	 .initial = "0",
	 .max = 3600 * SEC,
	 .offset = AT(thinktime_ns),
	 .help = "pause between ops"},
	{.name = "prepare",
	 .type = FB_TYPE_ENUM,
	 .initial = "written",
	 .choices = fb_prepare_names,
	 .offset = AT(prepare),
	 .applies = has_target,
	 .when = "on path file, mapped or registry, with any pattern but create",
	 .help = "what the blocks are beforehand: written, allocated but unwritten, "
		 "or past the end of the file; the last two are never written twice. "
		 "Of a hive: written, or empty (extend)"},
	{.name = "fill_bs",
	 .type = FB_TYPE_SIZE,
	 .unit = "bytes",
	 .initial = "",
	 .min = 1,
	 .max = GIB,
	 .offset = AT(fill_bs),
	 .applies = is_filled,
	 .when = "with prepare written, on path file or mapped, with any "
		 "pattern but create",
	 .help = "write size that prepare=written uses; bs, at least 4k, unless given"},
	{.name = "invalidate",
	 .type = FB_TYPE_BOOL,
	 .initial = "1",
	 .offset = AT(invalidate),
	 .applies = is_filled,
	 .when = "with prepare written, on path file or mapped, with any "
		 "pattern but create",
	 .help = "drop what the fill left in the page cache before the clock starts; "
		 "with 0 the case works on the folios that writes of fill_bs made"},
	{.name = "data",
	 .type = FB_TYPE_ENUM,
	 .initial = "random",
	 .choices = fb_data_names,
	 .offset = AT(data),
	 .applies = writes_data,
	 .when = "on path file, mapped, registry or nvmem",
	 .help = "what is written"},
	{.name = "direct",
	 .type = FB_TYPE_BOOL,
	 .initial = "0",
	 .offset = AT(direct),
	 .applies = on_file,
	 .when = "on path file",
	 .help = "past the page cache: FILE_NO_INTERMEDIATE_BUFFERING, O_DIRECT"},
	{.name = "flush_range",
	 .type = FB_TYPE_ENUM,
	 .initial = "op",
	 .choices = fb_flush_range_names,
	 .offset = AT(flush_range),
	 .applies = on_mapped,
	 .when = "on path mapped",
	 .help = "flush the smallest range that holds the op's writes, or the view"},
	{.name = "no_sync",
	 .type = FB_TYPE_ENUM,
	 .initial = "range",
	 .choices = fb_no_sync_names,
	 .offset = AT(no_sync),
	 .applies = is_no_sync,
	 .when = "in mode no-sync",
	 .help = "what stands for FLUSH_FLAGS_NO_SYNC, which Linux lacks"},
	{.name = "zipf_theta",
	 .type = FB_TYPE_REAL,
	 .initial = "0.99",
	 .offset = AT(zipf_theta),
	 .applies = is_zipf,
	 .when = "with pattern zipf",
	 .help = "skew of pattern zipf, above 0 and below 1"},
	{.name = "values_per_key",
	 .type = FB_TYPE_COUNT,
	 .initial = "100",
	 .min = 1,
	 .max = 10000,
	 .offset = AT(values_per_key),
	 .applies = on_registry,
	 .when = "on path registry",
	 .help = "values of a key; the hive has as many keys as size holds"},
	{.name = "value_size",
	 .type = FB_TYPE_SIZE,
	 .unit = "bytes",
	 .initial = "4",
	 .min = 1,
	 .max = MIB,
	 .offset = AT(value_size),
	 .applies = on_registry,
	 .when = "on path registry",
	 .help = "data of a value, which is the size of a write"},
	{.name = "dirty_share",
	 .type = FB_TYPE_REAL,
	 .initial = "",
	 .max = 1,
	 .offset = AT(dirty_share),
	 .applies = on_registry,
	 .when = "on path registry",
	 .help = "share of the hive's values that an op changes before its flush, in "
		 "the place of writes_per_flush; above 0, at most 1; with pattern seq "
		 "no value is changed twice, with rand some are"},
	{.name = "lazy_flush",
	 .type = FB_TYPE_DURATION,
	 .unit = "s",
	 .unit_ns = SEC,
	 .initial = "0",
	 .max = 86400 * SEC,
	 .offset = AT(lazy_flush_ns),
	 .applies = on_registry,
	 .when = "on path registry",
	 .help = "the system flushes a changed hive after so long without being "
		 "asked, as Windows does after 60 s; 0: never"},
	{.name = "hives",
	 .type = FB_TYPE_COUNT,
	 .initial = "1",
	 .min = 1,
	 .max = 1000,
	 .offset = AT(hives),
	 .applies = on_registry,
	 .when = "on path registry",
	 .help = "hives of a target: each write is made in each, and a flush flushes "
		 "one after another"},
	{.name = "batch",
	 .type = FB_TYPE_COUNT,
	 .initial = "1",
	 .min = 1,
	 .max = 65536,
	 .offset = AT(batch),
	 .applies = on_nvmem,
	 .when = "on path nvmem",
	 .help = "ops timed together, where one is shorter than a stamp: a sample is "
		 "their mean, so there is none of write and flush apart, and no tail"},
	{.name = "nv_flush",
	 .type = FB_TYPE_ENUM,
	 .initial = "auto",
	 .choices = fb_nv_flush_names,
	 .offset = AT(nv_flush),
	 .applies = on_nvmem,
	 .when = "on path nvmem",
	 .help = "instruction that pushes a line out of the caches: the best there is, "
		 "this one (x86 alone), or none"},
	{.name = "nv_emulate",
	 .type = FB_TYPE_BOOL,
	 .initial = "0",
	 .offset = AT(nv_emulate),
	 .applies = on_nvmem,
	 .when = "on path nvmem",
	 .help = "ordinary memory stands for non-volatile memory, whatever the target "
		 "is; nothing survives"},
	{.name = "ranges",
	 .type = FB_TYPE_COUNT,
	 .initial = "1",
	 .min = 1,
	 .max = 65536,
	 .offset = AT(ranges),
	 .applies = on_nvmem,
	 .when = "on path nvmem",
	 .help = "ranges of a write, each of bs bytes"},
	{.name = "stride",
	 .type = FB_TYPE_SIZE,
	 .unit = "bytes",
	 .initial = "",
	 .min = 1,
	 .max = GIB,
	 .offset = AT(stride),
	 .applies = has_ranges,
	 .when = "on path nvmem, with ranges above 1",
	 .help = "from the start of one range of a write to that of the next; bs "
		 "unless given"},
	{.name = "align",
	 .type = FB_TYPE_SIZE,
	 .unit = "bytes",
	 .initial = "",
	 .min = 1,
	 .max = INT64_MAX,
	 .offset = AT(align),
	 .applies = on_nvmem,
	 .when = "on path nvmem",
	 .help = "writes begin at multiples of it; unless given, of what a write "
		 "takes up from its first range to its last"},
	{.name = "cpu_idle",
	 .type = FB_TYPE_ENUM,
	 .initial = "allow",
	 .choices = fb_cpu_idle_names,
	 .offset = AT(cpu_idle),
	 .quiet = true,
	 .help = "let a CPU that waits for the device go to sleep, or keep it awake, so "
		 "that no wake-up is in the latencies: the kernel is asked to let none "
		 "sleep, or where it may not be asked threads that give way spin"},
	{.name = "sched",
	 .type = FB_TYPE_ENUM,
	 .initial = "other",
	 .choices = fb_sched_names,
	 .offset = AT(sched),
	 .quiet = true,
	 .help = "the threads' scheduling class: the usual one, or real time (fifo), "
		 "which no other program delays; takes root or CAP_SYS_NICE"},
	{.name = "account",
	 .type = FB_TYPE_ENUM,
	 .initial = "disk",
	 .choices = fb_account_names,
	 .offset = AT(account),
	 .applies = has_disks,
	 .when = "on paths whose work the disks see, any but nvmem",
	 .help = "count what the whole disk did, or this process alone; trace: the same "
		 "as disk, and one more repetition in which each of its requests is "
		 "told apart (takes root or CAP_PERFMON)"},
	{.name = "cpus_allowed",
	 .type = FB_TYPE_CPUS,
	 .initial = "",
	 .offset = AT(cpus_allowed),
	 .help = "CPUs the threads may run on, as 0-1,3"},
};

const size_t fb_params_count = sizeof(fb_params) / sizeof(fb_params[0]);

_Static_assert(sizeof(fb_params) / sizeof(fb_params[0]) <= FB_PARAMS_MAX,
	       "fb_case.given is one 64-bit word");
