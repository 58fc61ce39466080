#include "plan/param.h"

#include <string.h>

static const struct {
	const char *name;
	const char *here;
} foreign[] = {
	/* fio: the flush */
	{"fdatasync", "fio's fdatasync=1 is --mode data-sync-only here; for every N "
		      "writes add --writes_per_flush N"},
	{"fsync", "fio's fsync=N is --mode normal --writes_per_flush N here"},
	{"sync_file_range",
	 "fio's sync_file_range is --mode data-only here, which waits for the data; "
	 "starting write-back without waiting is not measured"},
	{"sync", "fio's sync=dsync is --mode write-through here; O_SYNC, which is "
		 "sync=1, is not measured"},
	{"end_fsync", "every op ends in its flush here; choose --mode"},
	{"fsync_on_close", "every op ends in its flush here; choose --mode"},
	{"create_fsync", "targets are always synced before a case; leave it out"},
	{"write_barrier", "every op ends in its flush here; choose --mode"},
	/* fio: what is written and where */
	{"rw", "fio's rw is --pattern here (write: seq, randwrite: rand); reads and "
	       "mixes are not measured"},
	{"readwrite", "fio's readwrite is --pattern here; reads and mixes are not "
		      "measured"},
	{"rwmixread", "reads and mixes are not measured here"},
	{"rwmixwrite", "reads and mixes are not measured here"},
	{"directory", "fio's directory is --target here"},
	{"filename", "fio's filename is --target here: a folder, in which flushbench "
		     "makes its own files, or a device DAX such as /dev/dax0.0 with "
		     "--path nvmem"},
	{"filename_format", "files are named by flushbench; --target is their folder"},
	{"nrfiles", "a thread has one file here: --numjobs with --share own gives "
		    "each its own, --pattern create a new one for each op"},
	{"openfiles", "a thread has one file here; --pattern create makes new ones"},
	{"ioengine", "fio's ioengine is --path here: null, file, mapped, registry, or "
		     "nvmem for libpmem and dev-dax"},
	{"blocksize", "fio's blocksize is --bs here"},
	{"bsrange", "a case has one size of writes here; a list as --bs 4k,64k makes "
		    "a case of each"},
	{"blocksize_range", "a case has one size of writes here; a list as "
			    "--bs 4k,64k makes a case of each"},
	{"bssplit", "a case has one size of writes here; a list as --bs 4k,64k makes "
		    "a case of each"},
	{"ba", "fio's blockalign is --align here, on path nvmem; elsewhere writes are "
	       "aligned to their size"},
	{"blockalign", "fio's blockalign is --align here, on path nvmem; elsewhere "
		       "writes are aligned to their size"},
	{"filesize", "fio's filesize is --size here"},
	{"file_append", "fio's file_append is --pattern append --prepare extend here"},
	{"fill_device", "a case that is to end when its space is used up has "
			"--pattern append here"},
	{"offset", "files are flushbench's own and written from their begin; --size "
		   "limits them"},
	{"random_distribution",
	 "fio's random_distribution=zipf is --pattern zipf here"},
	{"norandommap", "--pattern rand writes blocks more than once, as norandommap "
			"does; leave it out"},
	{"overwrite", "fio's overwrite=1 is --prepare written here"},
	{"fallocate", "fio's fallocate is --prepare unwritten here"},
	{"zero_buffers", "fio's zero_buffers is --data zero here"},
	{"refill_buffers", "--data random, the default, is new in every write; leave "
			   "it out"},
	{"buffered", "fio's buffered=0 is --direct 1 here"},
	{"verify", "what was written is not read back here; leave it out"},
	/* fio: how long, how many */
	{"io_size", "fio's io_size is --ops here, counted in ops"},
	{"number_ios", "fio's number_ios is --ops here"},
	{"time_based", "--runtime alone ends a case by time here; leave it out"},
	{"timeout", "fio's timeout is --runtime here"},
	{"loops", "fio's loops is --reps here"},
	{"warmup", "hyperfine's warmup is --ramp_time here, in seconds"},
	{"runs", "hyperfine's runs is --reps here"},
	{"export_csv",
	 "CSV files are always written, to the folder --results; leave it "
	 "out"},
	{"iodepth", "one op is in flight a thread; use --numjobs for more"},
	{"iodepth_batch", "one op is in flight a thread; use --numjobs for more"},
	{"thread", "threads are the only kind of job here; use --numjobs"},
	{"startdelay", "cases run one after another, at once; leave it out"},
	{"stonewall", "cases run one after another here; leave it out"},
	{"wait_for", "cases run one after another here; leave it out"},
	{"rate", "fio's rate in bytes is --rate_iops here, in ops"},
	{"rate_process", "--rate_iops has ops at even distances here"},
	{"thinktime_blocks", "--thinktime comes after every op here; give an op more "
			     "writes by --writes_per_flush"},
	{"randseed", "fio's randseed is --seed here"},
	{"randrepeat", "--seed makes runs alike here, another one makes them differ"},
	/* fio: what comes out */
	{"group_reporting", "threads are always merged here; leave it out"},
	{"name", "a job's name is its profile section here; --run-id names the run"},
	{"output", "results go to a folder: --results DIR"},
	{"output_format", "results are CSV files in a folder: --results DIR"},
	{"minimal", "results are CSV files in a folder: --results DIR"},
	{"eta", "progress is shown on a terminal alone; leave it out"},
	{"write_lat_log", "latency over time is always in series.csv; leave it out"},
	{"write_hist_log", "histograms are always in histogram.csv; leave it out"},
	{"log_avg_msec", "series.csv has at most 512 intervals of a length of its own; "
			 "leave it out"},
	{"lat_percentiles", "percentiles are always there; leave it out"},
	{"clat_percentiles", "percentiles are always there; leave it out"},
	{"percentile_list", "summary.csv has p50 to p99.99, histogram.csv the rest; "
			    "leave it out"},
	/* diskspd; one letter, so only as short options */
	{"b", "diskspd's -b is --bs here"},
	{"t", "diskspd's -t is --numjobs here"},
	{"F", "diskspd's -F is --numjobs with --share one here"},
	{"d", "diskspd's -d is --runtime here"},
	{"W", "diskspd's -W is --ramp_time here"},
	{"C", "there is no cool-down here: a case ends with what is measured; leave "
	      "it out"},
	{"c", "diskspd's -c is --size here"},
	{"f", "diskspd's -f is --size here"},
	{"o", "one op is in flight a thread; use --numjobs for more"},
	{"r", "diskspd's -r is --pattern rand here, the default"},
	{"s", "diskspd's -s is --pattern seq here"},
	{"w", "only writes are measured here; leave it out"},
	{"g", "diskspd's -g is --rate_iops here, in ops"},
	{"j", "diskspd's -j is --thinktime here"},
	{"z", "diskspd's -z is --seed here"},
	{"Z", "diskspd's -Z is --data here: random or zero"},
	{"a", "diskspd's -a is --cpus_allowed here"},
	{"L", "latencies are always measured here; leave it out"},
	{"D", "latency over time is always in series.csv; leave it out"},
	{"R", "results are CSV files in a folder: --results DIR"},
	{"S", "diskspd's -S is --direct 1 here"},
	{"Sh", "diskspd's -Sh is --mode write-through --direct 1 here"},
	{"Su", "diskspd's -Su is --direct 1 here"},
	{"Sw", "diskspd's -Sw is --mode write-through here"},
	{"Sb", "diskspd's -Sb is the default here, --direct 0"},
	{"Sm", "diskspd's -Sm is --path mapped here"},
	{"Nv", "diskspd's -Nv is --path mapped --mode view here"},
	{"Nn", "diskspd's -Nn is --path nvmem --mode flush here"},
	{"Ni", "diskspd's -Ni is --path nvmem --mode flush-drain here, which also "
	       "waits for the flushes at the end of an op"},
};

const char *fb_param_foreign(const char *name)
{
	char plain[64];
	size_t n = strlen(name);

	if (n >= sizeof(plain))
		return NULL;
	for (size_t i = 0; i <= n; i++)
		plain[i] = name[i] == '-' ? '_' : name[i];
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		if (!strcmp(foreign[i].name, plain))
			return foreign[i].here;
	}
	return NULL;
}
