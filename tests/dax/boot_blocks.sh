# The fourth boot: an ext4 on each kind of disk that the kernel counts in its own way:
# virtio, NVMe, device mapper on one disk, md on two.
# shellcheck shell=sh disable=SC2154
. tests/dax/in_guest.sh

# A mirror without a superblock, so that it writes nothing of its own.
make_mirror()
{
	echo md0 >/sys/module/md_mod/parameters/new_array
	cd /sys/block/md0/md || return
	echo none >metadata_version
	echo raid1 >level
	echo 2 >raid_disks
	for member in vdc vdd; do
		cat "/sys/block/$member/dev" >new_dev
		kib=$(($(cat "/sys/block/$member/size") / 2))
		echo $kib >"dev-$member/size"
	done
	echo $kib >component_size
	echo 0 >dev-vdc/slot
	echo 1 >dev-vdd/slot
	echo none >resync_start
	echo active >array_state
	cd /dax || return
}

kinds='virtio nvme dm md'
disk_of()
{
	case $1 in
	virtio) echo vda ;;
	nvme) echo nvme0n1 ;;
	dm) echo dm-0 ;;
	md) echo md0 ;;
	esac
}

# Nothing but fsync commits the journal within a boot, no timer.
mount_all()
{
	make_mirror || return
	echo '0 65536 linear /dev/vdb 2048' | ./dmsetup create --noudevsync joined || return
	for kind in $kinds; do
		disk=/dev/$(disk_of $kind)
		mkdir -p "/on/$kind" && dax_format "$disk" &&
			mount -t ext4 -o commit=300 "$disk" "/on/$kind" || return
	done
}

# run_on NAME FOLDER OPTION...  50 ops of each of two modes: case 1, data-sync-only, and
# case 2, normal
run_on()
{
	run_id=$1
	folder=$2
	shift 2
	./flushbench run --target "$folder" --path file --mode data-sync-only,normal \
		--size 1m --ops 50 --ramp_time 0 --reps 1 --results "$work/results" \
		--run-id "$run_id" "$@" >"$said" 2>&1
	code=$?
}

# io NAME REP CASE DEVICE CLASSES COLUMN  sum of that column of io.csv over the rows whose
# class that is, - for no such row
io()
{
	csv_rows "$1" io rep case_id device class "$6" | awk -v key="$2 $3 $4" -v want="^($5)\$" '
		$1 " " $2 " " $3 == key && $4 ~ want { sum += $5; n++ }
		END { print n ? sum : "-" }'
}

written='data|journal|metadata|other'

# for_each COMMAND...  with each kind of disk and its name as last words
for_each()
{
	: >"$said"
	for kind in $kinds; do
		"$@" $kind "$(disk_of $kind)" && continue
		cat "$work/results/trace_$kind/io.csv" >>"$said"
	done
	[ ! -s "$said" ]
}

trace_one()
{
	run_on "trace_$1" "/on/$1" --account trace
	[ $code -eq 0 ] || : >"$work/failed"
}

is_traced()
{
	rows "trace_$1" rep traced account_source lost_events >"$work/rows" 2>&1
	[ "$(grep -c -x '2 1 trace 0' "$work/rows")" -eq 2 ] &&
		[ "$(grep -c '^1 0 disk ' "$work/rows")" -eq 2 ] &&
		[ "$(wc -l <"$work/rows")" -eq 4 ] && return
	cat "$work/rows" >>"$said"
	return 1
}

flushes_are_single()
{
	[ "$(rows "trace_$1" rep mode app_flushes dev_flushes |
		grep -c -x '2 data-sync-only 50 50')" -eq 1 ] &&
		[ "$(io "trace_$1" 2 1 "$2" flush requests)" = 50 ]
}

data_is_all()
{
	[ "$(io "trace_$1" 2 1 "$2" data requests)" = 50 ] &&
		[ "$(io "trace_$1" 2 1 "$2" "$written" bytes)" = 204800 ] &&
		csv_rows "trace_$1" io rep case_id device class issuer |
		grep -q -x "2 1 $2 data self"
}

journal_is_told()
{
	[ "$(io "trace_$1" 2 2 "$2" data bytes)" = 204800 ] &&
		[ "$(io "trace_$1" 2 2 "$2" journal requests)" -gt 1 ] &&
		[ "$(io "trace_$1" 2 2 "$2" flush requests)" -ge 50 ] &&
		csv_rows "trace_$1" io rep case_id device class issuer |
		grep -q -x "2 2 $2 journal kernel"
}

# same NAME REP ABOVE BELOW...  each of these wrote what ABOVE was asked to write
same()
{
	run_id=$1
	rep=$2
	above=$3
	shift 3
	for case in 1 2; do
		asked=$(io "$run_id" "$rep" $case "$above" "$written" bytes)
		[ "$asked" != - ] && [ "$asked" -ge 204800 ] || return
		for below; do
			[ "$(io "$run_id" "$rep" $case "$below" "$written" bytes)" = \
				"$asked" ] || return
		done
	done
}

value()
{
	sed -n "s/^[^,]*,[^,]*,$2,//p" "$work/results/$1/system.csv"
}

mount_all >"$said" 2>&1
claim an_ext4_is_mounted_on_each_kind_of_disk $?

run_on disk_md /on/md --account disk
[ $code -eq 0 ] && every_row disk_md 'traced account_source' '0 disk' 2 &&
	same disk_md 1 md0 vdc vdd
claim counters_of_the_disks_of_a_mirror_are_rows_of_their_own $? "$said" \
	"$work/results/disk_md/io.csv"
echo 0 >/sys/block/dm-0/queue/iostats
run_on uncounted /on/dm --account disk
[ $code -eq 0 ] && every_row uncounted 'account_source dev_bytes' 'process -' 2
claim a_disk_whose_requests_are_not_counted_leaves_no_figures $? "$said" "$work/rows"
echo 1 >/sys/block/dm-0/queue/iostats
run_on disk_dm /on/dm --account disk
[ $code -eq 0 ] && [ "$(io disk_dm 1 1 vdb "$written" bytes)" = 204800 ] &&
	[ "$(io disk_dm 1 1 vdb flush requests)" = 50 ] &&
	same disk_dm 1 dm-0 vdb
claim counters_of_the_disk_below_device_mapper_are_too $? "$said" \
	"$work/results/disk_dm/io.csv"

for kind in $kinds; do
	trace_one $kind
done
for_each is_traced && [ ! -e "$work/failed" ]
claim the_last_repetition_on_each_kind_is_traced $?
! grep -q tracefs /proc/mounts
claim no_tracefs_is_left_mounted $? /proc/mounts
for_each flushes_are_single
claim each_flush_asked_for_is_one_of_the_disk $?
for_each data_is_all
claim what_is_written_in_place_is_data_and_our_own $?
for_each journal_is_told
claim a_journal_is_told_from_data_and_is_the_kernels $?
same trace_dm 2 dm-0 vdb && [ "$(io trace_dm 2 1 vdb flush requests)" = 50 ]
claim the_disk_below_device_mapper_is_asked_the_same $? "$work/results/trace_dm/io.csv"
same trace_md 2 md0 vdc vdd && [ "$(io trace_md 2 1 vdc flush requests)" = 50 ] &&
	[ "$(io trace_md 2 1 vdd flush requests)" = 50 ]
claim both_disks_of_a_mirror_are_asked_the_same $? "$work/results/trace_md/io.csv"

[ -z "$(value trace_nvme disk0_host_written_bytes_begin)" ]
claim without_libnvme_a_drive_is_not_asked $? "$work/results/trace_nvme/system.csv"
if libnvme an_nvme_drive_tells_what_it_was_written; then
	export LD_LIBRARY_PATH=/nvme
	run_on asked /on/nvme --size 4m
	unset LD_LIBRARY_PATH
	begin=$(value asked disk0_host_written_bytes_begin)
	end=$(value asked disk0_host_written_bytes_end)
	[ $code -eq 0 ] && [ -n "$begin" ] && [ -n "$end" ] &&
		[ $((end - begin)) -ge 4000000 ] && [ $((end % 512000)) -eq 0 ]
	claim an_nvme_drive_tells_what_it_was_written $? "$said" \
		"$work/results/asked/system.csv"
fi

./flushbench probe --target /on/md >"$said" 2>&1
says md0 && says vdc && says vdd
claim probe_shows_the_disks_of_a_mirror $?
./flushbench probe --target /on/dm >"$said" 2>&1
says dm-0 && says vdb
claim probe_shows_the_disk_below_device_mapper $?
for kind in $kinds; do
	umount "/on/$kind"
done
