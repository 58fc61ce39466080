#!/bin/sh
# workloads/*.ini: each says what it asks, how to read the answer and how long it
# takes, keeps that time by its plan, and runs, here with little time and space.
set -u

program=${FLUSHBENCH:-$PWD/flushbench}
. tests/support/claims.sh
mkdir "$work/target"

# "1 min 21 s" as seconds
seconds()
{
	awk '{
		for (i = 1; i < NF; i += 2)
			s += $i * ($(i + 1) ~ /^h/ ? 3600 : $(i + 1) ~ /^min/ ? 60 : 1)
		print s + 0
	}'
}

# The rows of a CSV file, each on one line as " column=value column=value ".
flatten()
{
	awk '
	function cut(line, out,    n, i, c, quoted) {
		n = 1
		out[1] = ""
		for (i = 1; i <= length(line); i++) {
			c = substr(line, i, 1)
			if (c == "\"")
				quoted = !quoted
			else if (c == "," && !quoted)
				out[++n] = ""
			else if (c != "\r")
				out[n] = out[n] (c == " " ? "_" : c)
		}
		return n
	}
	NR == 1 { columns = cut($0, name); next }
	{
		if (cut($0, value) != columns)
			next
		row = " "
		for (i = 1; i <= columns; i++)
			row = row name[i] "=" value[i] " "
		print row
	}' "$1"
}

says_what_it_is()
{
	head -n 1 "$1" | grep -q '^# .*?$' && [ "$(head -n 1 "$1" | wc -c)" -le 81 ]
	claim "$2: the first line asks one question that fits the list" $?
	grep -q '^# How to read the answer: ' "$1"
	claim "$2: tells how to read the answer" $?
}

keeps_its_time()
{
	"$program" run "$1" --target "$work/target" --dry-run >"$work/plan" 2>&1
	claim "$2: has a plan" $? "$work/plan"
	stated=$(sed -n 's/^# Takes about \([0-9]* [a-z]*\)[.:].*/\1/p' "$1" | seconds)
	expected=$(sed -n 's/^expected duration: \([^,]*\).*/\1/p' "$work/plan" | seconds)
	echo "states $stated s, its plan $expected s" >"$work/times"
	[ "$stated" -gt 0 ] && [ "$expected" -le "$stated" ] &&
		[ $((expected * 3)) -ge "$stated" ]
	claim "$2: takes about what it says" $? "$work/times"
}

# Rows are kept for the claims about single profiles. A mode or direct I/O that this
# system lacks is an answer: a row without samples, told by its fidelity. There need be no
# persistent memory here, so ordinary memory stands for it.
runs_small()
{
	set -- "$1" "$2" --nv_emulate --runtime 20ms --ramp_time 0 --reps 1 --size 4m \
		--account process --target "$work/target"
	file=$1 profile=$2
	shift 2
	"$program" run "$file" "$@" --dry-run >"$work/plan" 2>&1
	cases=$(sed -n 's/^\([0-9]*\) cases*, .*/\1/p' "$work/plan")
	"$program" run "$file" "$@" --results "$work/results" --run-id "$profile" \
		>"$said" 2>&1
	claim "$profile: runs without an error" $? "$said"
	flatten "$work/results/$profile/summary.csv" >"$work/$profile.rows" 2>&1
	[ "$(wc -l <"$work/$profile.rows")" -eq "${cases:-0}" ]
	claim "$profile: every case has its row" $? "$work/plan"
	grep -v -e ' fidelity=missing ' "$work/$profile.rows" |
		grep -v -e ' ops=[1-9][0-9]* errors=0 ' >"$work/bad"
	[ -s "$work/$profile.rows" ] && [ ! -s "$work/bad" ]
	claim "$profile: every case has samples and no error" $? "$work/bad"
}

# $1 profile, $2 a column=value for each word, all of which one row must have
has()
{
	cp "$work/$1.rows" "$work/left" 2>/dev/null || : >"$work/left"
	for pair in $2; do
		grep -e " $pair " "$work/left" >"$work/next"
		mv "$work/next" "$work/left"
	done
	[ -s "$work/left" ]
	claim "$1: runs $2" $?
}

count=0
for path in ./workloads/*.ini; do
	name=$(basename "$path" .ini)
	count=$((count + 1))
	says_what_it_is "$path" "$name"
	keeps_its_time "$path" "$name"
	runs_small "$path" "$name"
done
[ "$count" -ge 17 ]
claim "there are at least seventeen profiles" $?

for bs in 4096 16384 65536 262144; do
	for mode in none normal data-only data-sync-only write-dsync view msync; do
		has flush-matrix "mode=$mode bs=$bs"
	done
done
for mode in normal data-sync-only data-only; do
	has pace "mode=$mode thinktime=0"
	has pace "mode=$mode thinktime=6000"
done
for prepare in written unwritten extend; do
	has append-vs-overwrite "mode=data-sync-only pattern=append prepare=$prepare"
done
for numjobs in 1 4 16; do
	has group-commit "share=one numjobs=$numjobs writes_per_flush=1"
	has group-commit "share=one numjobs=$numjobs writes_per_flush=8"
done
has small-files "pattern=create mode=normal"
for fill_bs in 4096 65536 1048576; do
	has folio "path=mapped mode=msync fill_bs=$fill_bs"
done
for share in own one; do
	has neighbours "mode=data-sync-only numjobs=4 flushers=1 share=$share"
done
has etcd-wal "bs=2300 pattern=append prepare=unwritten mode=data-sync-only"
for mode in data-sync-only write-through normal; do
	has postgres-wal "bs=8192 prepare=written mode=$mode"
done
has sqlite-wal "bs=4120 prepare=extend mode=data-sync-only"
for direct in 0 1; do
	has innodb "bs=16384 pattern=rand mode=normal direct=$direct"
done
for mode in key key-legacy; do
	has quick "path=registry mode=$mode"
	has registry "mode=$mode value_size=4 writes_per_flush=1 numjobs=1"
	has registry "mode=$mode value_size=4 writes_per_flush=100"
	has registry-crowd "mode=$mode hives=1 numjobs=1"
	has registry-crowd "mode=$mode hives=6"
	has registry-crowd "mode=$mode flushers=1 numjobs=4 share=one"
	has hive-growth "mode=$mode value_size=4 writes_per_flush=1 prepare=written"
	has hive-growth "mode=$mode prepare=extend hive_growth_bytes=[0-9]*"
done

for mode in flush flush-drain ranges write write-flush write-flush-drain write-nt \
	write-persist fill-flush fill-nt fill-persist; do
	has quick "path=nvmem mode=$mode fidelity=emulated survives=nothing"
done
for bs in 64 256 4096 65536 1048576; do
	for mode in flush flush-drain; do
		for nv_flush in clwb clflushopt clflush none; do
			has nvmem "mode=$mode bs=$bs nv_flush=$nv_flush batch=1"
		done
	done
	for mode in write write-flush write-flush-drain write-nt write-persist \
		fill-flush fill-nt fill-persist; do
		has nvmem-copy "mode=$mode bs=$bs"
	done
done
for mode in flush flush-drain ranges write-flush write-flush-drain; do
	has nvmem "mode=$mode ranges=16 stride=4096"
done
has nvmem "mode=flush batch=100 write_p50_ns= commit_p50_ns=[1-9][0-9]*"
has nvmem-copy "bs=100 mode=write-nt"

# Without the word that only memory is there, none of it may pass for the real thing.
"$program" run ./workloads/nvmem.ini --mode ranges --runtime 20ms --reps 1 --size 4m \
	--target "$work/target" --results "$work/results" --run-id real >"$said" 2>&1
code=$?
flatten "$work/results/real/summary.csv" >"$work/real.rows"
[ $code -eq 0 ] && [ -s "$work/real.rows" ] &&
	! grep -e ' fidelity=emulated ' "$work/real.rows" >>"$said"
claim "nvmem: emulates nothing unless it is asked to" $? "$said"

# Whatever the sizes of the small runs, the profiles themselves have these.
plans()
{
	"$program" run "./workloads/$1.ini" --target "$work/target" --dry-run \
		>"$said" 2>&1
	grep -qE -e "$2" "$said"
	claim "$1: plans $2" $?
}

for size in 1m 16m 128m; do
	plans registry "mode=key +size=$size "
	plans registry "mode=key-legacy +size=$size "
done
# Nothing else varies there, so that table and pictures are about these alone.
"$program" run ./workloads/registry.ini --target "$work/target" --dry-run >"$said" 2>&1
[ "$(grep -c ' mode=key.* size=.* writes_per_flush=[0-9]* *$' "$said")" -eq 12 ]
claim "registry: only mode, size and writes_per_flush vary" $? "$said"

for size in 1m 10m 100m; do
	plans hive-growth "mode=key .*size=$size"
	plans hive-growth "mode=key-legacy .*size=$size"
done

exit $status
