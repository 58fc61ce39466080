#!/bin/sh
# bench.sh  prints each figure of docs/performance.md beside its peer's, measured
# in one run. Run by `make bench`, which names the programs. PAIRS=41 interleaved
# pairs, EACH=300ms a measurement, CHANGES=4000 of each hive, SETS=5 of ten repetitions
# with CPUs kept awake and as many without, their cases with the options in BUSY as well,
# in a folder of its own under the current one. As root it also makes an ext4 with a
# journal, on a loop device that only it sees.
set -eu
: "${FLUSHBENCH:=./flushbench}" "${MICROBENCH:?name the microbench program}" \
	"${HIVEBENCH:?name the hivebench program}" "${NVBENCH:?name the nvbench program}"
: "${PAIRS:=41}" "${EACH:=300ms}" "${CHANGES:=4000}" "${SETS:=5}" "${BUSY:=}"

if [ -z "${FB_BENCH-}" ] && [ "$(id -u)" -eq 0 ] && unshare --mount true 2>/dev/null; then
	FB_BENCH=1
	export FB_BENCH
	exec unshare --mount --propagation private "$0" "$@"
fi

work=$(mktemp -d ./bench-work-XXXXXX)
cleanup()
{
	! mountpoint -q "$work/ext4" || umount -l "$work/ext4"
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

median()
{
	sort -g | awk '{ v[NR] = $1 } END { n = NR
		print n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2 }'
}

# column FILE NAME  the column of a run's summary.csv, by name
column()
{
	awk -F, -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i
		next } { print $c }' "$1"
}

ours()
{
	rm -rf "$work/results"
	"$FLUSHBENCH" run --target "$work" --results "$work/results" --run-id r \
		--reps 1 --size 64m --bs 4k --pattern rand --runtime "$EACH" \
		--ramp_time 100ms "$@" >/dev/null 2>&1
	column "$work/results/r/summary.csv" commit_p50_ns
}

# fio's write and sync medians, added: it never reports the operation as one.
fio_pair()
{
	fio --name=pair --filename="$work/fio.dat" --size=64m --bs=4k --rw=randwrite \
		--norandommap --ioengine=psync --overwrite=1 --runtime="$EACH" \
		--ramp_time=100ms --time_based --lat_percentiles=1 \
		--output-format=json "$@" |
		jq '.jobs[0] | .write.lat_ns.percentile["50.000000"] +
			.sync.lat_ns.percentile["50.000000"]'
}

compare_with_fio()
{
	mode=$1 allowed=$2
	shift 2
	: >"$work/ratios"
	i=0
	while [ $i -lt "$PAIRS" ]; do
		# ABBA, so that a drift hits both alike
		if [ $((i % 2)) -eq 0 ]; then
			a=$(ours --mode "$mode") b=$(fio_pair "$@")
		else
			b=$(fio_pair "$@") a=$(ours --mode "$mode")
		fi
		echo "$a $b" | awk '{ print $1 / $2, $1, $2 }' >>"$work/ratios"
		i=$((i + 1))
	done
	printf '%-16s ours %6.1f us  fio %6.1f us  ratio %.3f (%s)  [%s pairs]\n' "$mode" \
		"$(awk '{ print $2 / 1000 }' "$work/ratios" | median)" \
		"$(awk '{ print $3 / 1000 }' "$work/ratios" | median)" \
		"$(awk '{ print $1 }' "$work/ratios" | median)" "$allowed" "$PAIRS"
}

wall_ns()
{
	"$MICROBENCH" time "$@" | cut -d' ' -f1
}

# slope SHORT LONG OPS  ns an op between two lengths of a command, each measured 5 times
null_ours()
{
	rm -rf "$work/results"
	wall_ns "$FLUSHBENCH" run --path null --mode none --pattern seq --ops "$1" \
		--ramp_time 0 --reps 1 --account process --target "$work" \
		--results "$work/results" --run-id r
}

null_fio()
{
	wall_ns fio --name=null --ioengine=null --fdatasync=1 --rw=write --bs=4k \
		--size=1t --number_ios="$1" --output="$work/fio.out"
}

slope()
{
	i=0
	while [ $i -lt 5 ]; do
		echo "$("$1" 2000000) $("$1" 12000000)" | awk '{ print ($2 - $1) / 1e7 }'
		i=$((i + 1))
	done | median
}

echo "flushbench $("$FLUSHBENCH" --version | cut -d' ' -f2), $(fio --version)," \
	"$(uname -sr), $(df --output=fstype . | tail -n 1)"

echo
echo "cost of measuring, ns"
"$MICROBENCH" loop >"$work/loop"
awk '{ v[$1] = $2 } END {
	printf "record           ours %6.2f     (at most 2)\n", v["record"]
	printf "op on null path  ours %6.2f     minimal loop %.2f (at most 45)\n",
		v["null_op"], v["minimal"] }' "$work/loop"
a=$(slope null_ours) b=$(slope null_fio)
echo "$a $b" | awk '{ printf "whole program    ours %6.2f     fio %.1f, %.1f times less (at least 4)\n",
	$1, $2, $2 / $1 }'

echo
echo "4 KiB random overwrite: our commit p50 against fio's write + sync medians"
compare_with_fio data-sync-only '0.93 to 1.03' --fdatasync=1
compare_with_fio normal '0.93 to 1.03' --fsync=1
compare_with_fio data-only '0.93 to 1.05' \
	--sync_file_range=wait_before,write,wait_after:1

# An ext4 with a journal at $work/ext4. The image has no name once it is attached, and
# the device lets go of it with its last mount.
make_ext4()
{
	mkdir "$work/ext4"
	[ -n "${FB_BENCH-}" ] && truncate -s 512M "$work/image" &&
		mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0 "$work/image" \
			2>/dev/null || return 1
	disk=$(losetup --find --show --direct-io=on "$work/image" 2>/dev/null) || return 1
	rm "$work/image"
	i=0
	mount "$disk" "$work/ext4" || i=1
	losetup -d "$disk"
	return $i
}

# observer FOLDER WORDS  what tracing adds to the median commit there, of five runs
observer()
{
	for mode in data-sync-only normal; do
		i=0
		while [ $i -lt 5 ]; do
			rm -rf "$work/results"
			"$FLUSHBENCH" run --target "$1" --results "$work/results" --run-id r \
				--reps 1 --size 64m --bs 4k --pattern rand --runtime "$EACH" \
				--ramp_time 100ms --account trace --mode "$mode" >/dev/null 2>&1
			column "$work/results/r/summary.csv" trace_cost | tail -n 1
			i=$((i + 1))
		done | sort -g | awk -v mode="$mode" -v where="$2" '
			$1 != "" { v[++n] = 100 * $1 }
			END {
				m = n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
				cost = sprintf("%+5.1f %%", m)
				range = sprintf("[%d runs, %+.1f to %+.1f]", n, v[1], v[n])
				printf "%-16s %-20s ", mode, where
				print n ? cost " (at most 6 %)  " range : "not traced here"
			}'
	done
}

# agreement IDLE  median and spread of ten repetitions: (largest - smallest) / median
agreement()
{
	rm -rf "$work/results"
	# shellcheck disable=SC2086 # BUSY is words
	"$FLUSHBENCH" run --target "$work" --results "$work/results" --run-id r \
		--reps 10 --size 16m --bs 4k --pattern rand --mode data-sync-only \
		--runtime 200ms --ramp_time 100ms --cpu_idle "$1" $BUSY >/dev/null 2>&1
	column "$work/results/r/summary.csv" commit_p50_ns | sort -g | awk '
		{ v[NR] = $1 }
		END {
			m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
			print m / 1000, 100 * (v[NR] - v[1]) / m
		}'
}

show_agreement()
{
	awk -v idle="$1" -v sets="$SETS" -v asked="$2" '
	{ p50 = p50 sprintf(" %.1f", $1); spread = spread sprintf(" %.1f", $2); n += $2 <= 3 }
	END {
		printf "cpu_idle=%-6s p50%s us\n%15s spread%s %%: %d of %d within 3 %%%s\n",
			idle, p50, "", spread, n, sets, asked
	}' "$work/$1"
}

echo
echo "what tracing adds to the median commit of 4 KiB"
observer "$work" "this folder"
if make_ext4; then
	observer "$work/ext4" "ext4, journal, loop"
	umount "$work/ext4"
else
	echo "ext4 on a loop device: takes root, losetup and mkfs.ext4"
fi

echo
echo "ten repetitions of 4 KiB data-sync-only: do they agree? busy and allow" \
	"in turn${BUSY:+, with $BUSY}"
i=0
while [ $i -lt "$SETS" ]; do
	agreement busy >>"$work/busy"
	agreement allow >>"$work/allow"
	i=$((i + 1))
done
show_agreement busy " (at least 3 of 5)"
show_agreement allow ""

echo
echo "start-up, plans, memory"
i=0
while [ $i -lt 11 ]; do
	rm -rf "$work/results"
	wall_ns "$FLUSHBENCH" run --path null --mode none --pattern seq --runtime 100ms \
		--ramp_time 0 --reps 1 --target "$work" --results "$work/results" \
		--run-id r
	i=$((i + 1))
done | median | awk '{ printf "one null case    %.1f ms beyond its 100 ms (at most 20)\n",
	$1 / 1e6 - 100 }'
list=$(awk 'BEGIN { for (i = 1; i <= 100; i++) printf "%s%d", (i > 1 ? "," : ""), i }')
wall_ns "$FLUSHBENCH" run --dry-run --mode normal --seed "$list" --rate_iops "$list" |
	awk '{ printf "10000 cases      %.0f ms to plan and show (under 1000)\n", $1 / 1e6 }'
for seconds in 1 16; do
	rm -rf "$work/results"
	"$MICROBENCH" time "$FLUSHBENCH" run --path null --mode none --pattern seq \
		--runtime $seconds --ramp_time 0 --reps 1 --target "$work" \
		--results "$work/results" --run-id r | cut -d' ' -f2
done | tr '\n' ' ' | awk '{ printf "memory           %d KiB after 1 s, %d KiB after 16 s\n",
	$1, $2 }'

echo
echo "registry: a 4-byte value at random set and flushed, beside 8 KiB of a pre-written" \
	"file overwritten and fdatasync ($CHANGES pairs a size)"
mkdir "$work/hives"
"$HIVEBENCH" flush "$work/hives" "$CHANGES"
echo "asked for: ratio of key's medians at most 1.25, of its means at most 1.7, medians" \
	"within 1.15 of one another, log at most 16 KiB"
rm -f "$work/hives"/*

echo
echo "registry in memory: 10^4 keys of 100 values; a hive of 100 MB in the page cache"
{
	"$HIVEBENCH" memory "$work/hives"
	"$HIVEBENCH" load "$work/hives"
} >"$work/out"
awk '{ v[$1] = $2 } END {
	printf "set, key open    seam %5.2f us  store %5.2f us              (at most 1)\n",
		v["set_open_key"] / 1e3, v["store_open_key"] / 1e3
	printf "set, by names    seam %5.2f us  store %5.2f us  hivex %5.1f us  (at most 5)\n",
		v["set_by_name"] / 1e3, v["store_by_name"] / 1e3, v["hivex_by_name"] / 1e3
	printf "load             ours %5.1f ms  read only %5.1f ms  hivex %5.1f ms  (at most 150)\n",
		v["load"], v["load_read_only"], v["load_hivex"] }' "$work/out"

echo
echo "non-volatile memory, ordinary memory in its place: beside libpmem on the same buffer"
"$NVBENCH" 15
