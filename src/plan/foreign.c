#include "plan/param.h"

#include <string.h>

static const struct {
	const char *name;
	const char *here;
} foreign[] = {
	/* fio */
	{"fdatasync", "fio's fdatasync=1 is --mode data-sync-only here"},
	{"fsync", "fio's fsync=N is --mode normal --writes_per_flush N here"},
	{"sync_file_range", "fio's sync_file_range is --mode data-only here"},
	{"sync", "fio's sync=dsync is --mode write-through here"},
	{"end_fsync", "every op ends in its flush here; choose --mode"},
	{"fsync_on_close", "every op ends in its flush here; choose --mode"},
	{"rw", "fio's rw is --pattern here (write: seq, randwrite: rand); reads and "
	       "mixes are not measured"},
	{"readwrite", "fio's readwrite is --pattern here; reads and mixes are not "
		      "measured"},
	{"rwmixread", "reads and mixes are not measured here"},
	{"rwmixwrite", "reads and mixes are not measured here"},
	{"directory", "fio's directory is --target here"},
	{"filename", "fio's filename is --target here: a folder, in which flushbench "
		     "makes its own files"},
	{"iodepth", "one op is in flight a thread; use --numjobs for more"},
	{"ioengine", "fio's ioengine is --path here: null, file or mapped"},
	{"blocksize", "fio's blocksize is --bs here"},
	{"filesize", "fio's filesize is --size here"},
	{"io_size", "fio's io_size is --ops here, counted in ops"},
	{"number_ios", "fio's number_ios is --ops here"},
	{"time_based", "--runtime alone ends a case by time here"},
	{"timeout", "fio's timeout is --runtime here"},
	{"loops", "fio's loops is --reps here"},
	{"thread", "threads are the only kind of job here; use --numjobs"},
	{"group_reporting", "threads are always merged here"},
	{"name", "a job's name is its profile section here; --run-id names the run"},
	{"rate", "fio's rate in bytes is --rate_iops here, in ops"},
	{"randseed", "fio's randseed is --seed here"},
	{"random_distribution",
	 "fio's random_distribution=zipf is --pattern zipf here"},
	{"overwrite", "fio's overwrite=1 is --prepare written here"},
	{"fallocate", "fio's fallocate is --prepare unwritten here"},
	{"zero_buffers", "fio's zero_buffers is --data zero here"},
	{"output", "results go to a folder: --results DIR"},
	{"output_format", "results are CSV files in a folder: --results DIR"},
	{"buffered", "fio's buffered=0 is --direct 1 here"},
	/* diskspd; one letter, so only as short options */
	{"b", "diskspd's -b is --bs here"},
	{"t", "diskspd's -t is --numjobs here"},
	{"F", "diskspd's -F is --numjobs with --share one here"},
	{"d", "diskspd's -d is --runtime here"},
	{"W", "diskspd's -W is --ramp_time here"},
	{"c", "diskspd's -c is --size here"},
	{"o", "one op is in flight a thread; use --numjobs for more"},
	{"r", "diskspd's -r is --pattern rand here, the default"},
	{"w", "only writes are measured here"},
	{"g", "diskspd's -g is --rate_iops here, in ops"},
	{"z", "diskspd's -z is --seed here"},
	{"Sh", "diskspd's -Sh is --mode write-through --direct 1 here"},
	{"Su", "diskspd's -Su is --direct 1 here"},
	{"Sw", "diskspd's -Sw is --mode write-through here"},
	{"Sm", "diskspd's -Sm is --path mapped here"},
	{"Nv", "diskspd's -Nv is --path mapped --mode view here"},
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
