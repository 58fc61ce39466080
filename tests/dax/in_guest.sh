# in_guest.sh - what the claims of the guest share; sourced there, in /dax
# shellcheck shell=sh disable=SC2034,SC2154

. tests/support/claims.sh
: >"$work/rows"
: >"$work/samples"
echo "# the guest runs Linux $(uname -r)"

# region_of PROVIDER  number of the region whose bus that is
region_of()
{
	for region in /sys/bus/nd/devices/region*; do
		bus=$(readlink -f "$region/..")
		[ "$(cat "$bus/provider")" != "$1" ] || echo "${region##*region}"
	done
}

# make_namespace REGION pfn|dax DRIVER  out of the raw one that a fresh NVDIMM comes up
# with: for a file system (pfn), or as a device to map (dax). Its pages are described
# in ordinary memory. It is as such in every later boot.
make_namespace()
{
	raw=namespace$1.0
	seed=$(cat "/sys/bus/nd/devices/region$1/${2}_seed")
	echo "$raw" >/sys/bus/nd/drivers/nd_pmem/unbind
	cd "/sys/bus/nd/devices/$seed" || return
	cat /proc/sys/kernel/random/uuid >uuid
	echo ram >mode
	echo 2097152 >align
	echo "$raw" >namespace
	cd /dax || return
	echo "$seed" >"/sys/bus/nd/drivers/$3/bind"
}

# Nothing but fsync makes its metadata durable within a boot, no timer.
dax_mount()
{
	mkdir -p "$2" && mount -t ext4 -o dax=always,commit=300 "$1" "$2"
}

dax_format()
{
	./mke2fs -t ext4 -q -F -b 4096 "$1"
}

# probe WORD FILE  leaves code and $said; libpmem is found only by those who are told
# where it is.
probe()
{
	./dax_probe "$@" >"$said" 2>&1
	code=$?
}

# libpmem CLAIM  is it there? If not, the claim is skipped.
libpmem()
{
	[ -e /pmem/libpmem.so.1 ] && return
	echo "skip - $1: there is no libpmem.so.1; run scripts/deps.sh dax"
	return 1
}

# libnvme CLAIM  likewise; a program built without its header does not use it
libnvme()
{
	[ -e /nvme/libnvme.so.1 ] && grep -q nvme_get_log flushbench && return
	echo "skip - $1: there is no libnvme; run scripts/deps.sh dax and build anew"
	return 1
}

with_libpmem()
{
	export LD_LIBRARY_PATH=/pmem
	"$@"
	set -- $?
	unset LD_LIBRARY_PATH
	return "$1"
}

# run NAME OPTION...  leaves code, $said and the CSV files in $work/results/NAME
run()
{
	run_id=$1
	shift
	./flushbench run --path nvmem --size 1m --bs 256 --runtime 10ms --ramp_time 0 \
		--reps 1 --results "$work/results" --run-id "$run_id" "$@" >"$said" 2>&1
	code=$?
}

says()
{
	grep -q -e "$1" "$said"
}

no_map_sync()
{
	probe sync "$1"
	[ $code -eq 1 ] && says 'not supported'
}

# grants FILE PATTERN  a token that is told like that
grants()
{
	probe token "$1"
	[ $code -eq 0 ] && says "$2"
}

# grants_none FILE [STATUS]  not even a view
grants_none()
{
	probe token "$1"
	[ $code -eq 1 ] && says "^view: ${2:-STATUS_NOT_SUPPORTED}"
}

# rows NAME COLUMN...  of each row of a run's summary.csv these columns, - for empty
rows()
{
	table=$1
	shift
	csv_rows "$table" summary "$@"
}

# csv_rows NAME FILE COLUMN...  the same of one of its other tables
csv_rows()
{
	csv=$work/results/$1/$2.csv
	shift 2
	awk -v wanted="$*" '
	{
		while (match($0, /"[^"]*"/)) {
			text = substr($0, RSTART + 1, RLENGTH - 2)
			gsub(/[, ]/, "_", text)
			$0 = substr($0, 1, RSTART - 1) text \
				substr($0, RSTART + RLENGTH)
		}
		n = split($0, cell, ",")
	}
	NR == 1 {
		for (i = 1; i <= n; i++)
			place[cell[i]] = i
		columns = split(wanted, name, " ")
		next
	}
	{
		line = ""
		for (i = 1; i <= columns; i++) {
			text = cell[place[name[i]]]
			line = line (i > 1 ? " " : "") (text == "" ? "-" : text)
		}
		print line
	}' "$csv"
}

# every_row NAME "COLUMN..." "VALUE..." COUNT  so many rows, each with these values
every_row()
{
	# shellcheck disable=SC2086 # a list of columns
	rows "$1" $2 >"$work/rows" 2>&1
	[ "$(grep -c -x -e "$3" "$work/rows")" -eq "$4" ] &&
		[ "$(wc -l <"$work/rows")" -eq "$4" ]
}

# promises NAME COUNT [SURVIVES]  so many rows, all with samples and no error, of a run
# that went well; what each survives is power loss unless it is told otherwise
promises()
{
	[ "$code" -eq 0 ] && every_row "$1" 'survives fidelity errors' \
		"${3:-power-loss} equivalent 0" "$2" && all_have_samples "$1"
}

# Rows without samples have no commits a second.
all_have_samples()
{
	rows "$1" commits_per_s ops status >"$work/samples" 2>&1
	[ -s "$work/samples" ] && ! grep -q -e '^-' -e '^0' "$work/samples"
}

# fact NAME KEY VALUE  in a run's system.csv
fact()
{
	grep -q "^[^,]*,[^,]*,$2,$3\$" "$work/results/$1/system.csv"
}

warned()
{
	grep -q ",$2," "$work/results/$1/warnings.csv"
}
