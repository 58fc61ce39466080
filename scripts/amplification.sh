#!/bin/sh
# amplification.sh [FOLDER]  what one durable block of 4 KiB costs the device: runs
# workloads/amplification.ini on ext4 (with a journal, without, with barriers off), xfs
# and btrfs, each on a loop device with direct I/O whose image lies in FOLDER (default:
# $TMPDIR or /tmp), and prints what was found beside what is expected. FLUSHBENCH names
# the program, FILE_SYSTEMS some of "ext4 ext4-nojournal ext4-nobarrier xfs btrfs".
#
# ok is within 0.1 flushes and 10 % of the bytes (btrfs: 25 to 50 times), the journal
# likewise. Without a pause the figure of fsync depends on how many ops fall into a tick
# of the kernel's clock, and btrfs's log is small at first: what is off where there were
# fewer than 16 in a tick, on btrfs fewer than 280 at all, is called slow, which a machine
# with other work is. Exit 0 when all are ok, 1 when not, 2 usage, 4 when it cannot be
# done here. Takes root and about 80 s; leaves nothing behind: the mounts are in a
# namespace of its own, the images have no name once they are attached.
set -u

cannot()
{
	echo "amplification.sh: $1" >&2
	exit 4
}

here=$(CDPATH='' cd "$(dirname "$0")/.." && pwd) || exit 4
known='ext4 ext4-nojournal ext4-nobarrier xfs btrfs'
: "${FLUSHBENCH:=$here/flushbench}" "${FILE_SYSTEMS:=$known}"

if [ $# -gt 1 ]; then
	echo "usage: $0 [FOLDER]" >&2
	exit 2
fi
if [ -z "${FB_AMPLIFICATION-}" ]; then
	[ "$(id -u)" -eq 0 ] || cannot 'making file systems takes root; run it as root'
	[ -x "$FLUSHBENCH" ] || cannot "there is no program $FLUSHBENCH; run make"
	for tool in losetup mount umount mkfs.ext4 unshare; do
		command -v $tool >/dev/null ||
			cannot "there is no $tool; install util-linux and e2fsprogs"
	done
	[ -e /dev/loop-control ] || cannot 'there are no loop devices here'
	unshare --mount true 2>/dev/null || cannot 'a mount namespace is refused here'
	FB_AMPLIFICATION=1
	export FB_AMPLIFICATION FLUSHBENCH FILE_SYSTEMS
	exec unshare --mount --propagation private "$0" "$@"
fi

work=$(mktemp -d "${1:-${TMPDIR:-/tmp}}/flushbench-amplification-XXXXXX") || exit 4
disk='' child=''
cleanup()
{
	# A second signal must not end the shell before all is given back.
	trap '' INT TERM HUP
	[ -z "$child" ] || { kill -s TERM "$child" && wait "$child"; } 2>/dev/null
	! mountpoint -q "$work/mnt" || umount "$work/mnt" 2>/dev/null || umount -l "$work/mnt"
	[ -z "$disk" ] || losetup -d "$disk" 2>/dev/null
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
mkdir "$work/mnt" "$work/results"

# expected FILE-SYSTEM MODE PACE  prints: bytes a byte (or FROM-TO), flushes a flush, and
# where it is known the journal's writes and KiB a flush
expected()
{
	case "$1 $2 $3" in
	'ext4 normal tight') echo 1.14 1.05 - - ;;
	'ext4 normal paced') echo 4.00 2 2 12 ;;
	'ext4-nojournal '*' tight') echo 1.02 1 - - ;;
	'ext4-nojournal '*' paced') echo 2.00 1 - - ;;
	'ext4-nobarrier normal tight') echo 1.09 0 - - ;;
	'ext4-nobarrier normal paced') echo 4.00 0 2 12 ;;
	'ext4-nobarrier '*) echo 1.00 0 - - ;;
	'xfs normal tight') echo 1.01 1.04 - - ;;
	'xfs normal paced') echo 1.25 2 - - ;;
	'btrfs '*) echo 25-50 2 - - ;;
	*) echo 1.00 1 - - ;;
	esac
}

# attach MKFS WORD...  a new file system on a loop device; sets disk
attach()
{
	truncate -s 1G "$work/image" && "$@" "$work/image" >"$work/said" 2>&1 || return 1
	disk=$(losetup --find --show --direct-io=on "$work/image" 2>"$work/said") ||
		disk=$(losetup --find --show "$work/image" 2>"$work/said") || return 1
	rm "$work/image"
}

make_disk()
{
	options=defaults
	case $1 in
	ext4*) set -- "$1" -F -E nodiscard,lazy_itable_init=0,lazy_journal_init=0 ;;
	xfs) set -- "$1" -f -K ;;
	btrfs) set -- "$1" -f -K -m dup -d single ;;
	*) cannot "there is no file system $1; choose from $known" ;;
	esac
	case $1 in
	*-nojournal) set -- "$@" -O ^has_journal ;;
	*-nobarrier) options=nobarrier ;;
	# A transaction's end, each 30 s, would begin the log anew, and small.
	btrfs) options=commit=300 ;;
	esac
	type=${1%%-*}
	shift
	command -v "mkfs.$type" >/dev/null ||
		cannot "there is no mkfs.$type; install it, or name others in FILE_SYSTEMS"
	if ! attach "mkfs.$type" -q "$@" ||
		! mount -t "$type" -o $options "$disk" "$work/mnt" 2>"$work/said"; then
		cannot "$type cannot be made on a loop device: $(cat "$work/said")"
	fi
}

# In a namespace of our own the last mount is the device's last user.
free_disk()
{
	umount "$work/mnt" && losetup -d "$disk"
	disk=
}

# rows RUN DISK  of each case: mode pace bytes flushes journal-writes journal-KiB source
# ops-in-a-tick ops, of its traced repetition, the last one; what is unknown is -
rows()
{
	hz=$(tr -d '\r' <"$1/system.csv" | sed -n 's/.*,tick_hz,//p')
	awk -F, -v disk="$2" -v hz="$hz" '
	function known(text) { return text == "" ? "-" : sprintf("%.2f", text) }
	FNR == 1 { file++; for (i = 1; i <= NF; i++) at[$i] = i; next }
	file == 1 {
		if ($at["class"] != "journal" || $at["device"] != disk)
			next
		key = $at["case_id"] " " $at["rep"]
		writes[key] += $at["requests"]
		bytes[key] += $at["bytes"]
		next
	}
	{
		id = $at["case_id"]
		if (!(id in of))
			order[++n] = id
		of[id] = $at["mode"] " " ($at["thinktime"] > 0 ? "paced" : "tight") " " \
			known($at["write_amp"]) " " known($at["flush_amp"])
		source[id] = $at["account_source"]
		key = id " " $at["rep"]
		flushes = $at["app_flushes"]
		journal[id] = "- -"
		if (source[id] == "trace" && flushes)
			journal[id] = sprintf("%.2f %.1f", writes[key] / flushes,
				bytes[key] / 1024 / flushes)
		tick = "-"
		if (hz && $at["elapsed_ns"])
			tick = sprintf("%.1f", $at["ops"] / ($at["elapsed_ns"] * hz / 1e9))
		ops[id] = tick " " $at["ops"]
	}
	END {
		for (i = 1; i <= n; i++)
			print of[order[i]], journal[order[i]], source[order[i]], ops[order[i]]
	}' "$1/io.csv" "$1/summary.csv"
}

# judge  prints lines of what was found, from $4 on, and expected, from $11 on, with the
# verdict; 1 if any is not ok
judge()
{
	awk '
	function off(found, want, share, more,    range) {
		if (want == "-")
			return 0
		if (found == "-")
			return 1
		if (split(want, range, "-") == 2)
			return found + 0 < range[1] + 0 || found + 0 > range[2] + 0
		return found - want > want * share + more || want - found > want * share + more
	}
	function slow() {
		if ($1 == "btrfs")
			return $10 < 280
		return $3 == "tight" && $9 != "-" && $9 < 16
	}
	{
		# Without a trace nothing is known of the journal, which is no fault.
		if ($8 != "trace")
			$13 = $14 = "-"
		verdict = "ok"
		if (off($4, $11, 0.1, 0.0001) || off($5, $12, 0, 0.1001) ||
		    off($6, $13, 0, 0.1001) || off($7, $14, 0.1, 0.0001))
			verdict = slow() ? "slow" : "off"
		printf "%-14s %-14s %-5s %6s %5s %6s %4s %6s %3s %5s %3s %6s %5s %-6s %s\n", $1,
			$2, $3, $4, $11, $5, $12, $6, $13, $7, $14, $9, $10, $8, verdict
		if (verdict != "ok")
			code = 1
	}
	END { exit code }'
}

printf '%-14s %-14s %-5s %12s %11s %10s %9s %6s\n' '' '' '' 'bytes a byte' flushes \
	'jrnl writes' 'jrnl KiB' 'ops'
printf '%-14s %-14s %-5s %6s %5s %6s %4s %6s %3s %5s %3s %6s %5s %s\n' 'file system' mode \
	pace is asked is asked is asked is asked a-tick ops by
code=0
for fs in $FILE_SYSTEMS; do
	make_disk "$fs"
	"$FLUSHBENCH" run "$here/workloads/amplification.ini" --target "$work/mnt" \
		--results "$work/results" --run-id "$fs" >"$work/said" 2>&1 &
	child=$!
	wait "$child"
	ran=$?
	child=
	[ $ran -ne 3 ] || exit 130
	if [ $ran -ne 0 ]; then
		cat "$work/said" >&2
		exit 1
	fi
	rows "$work/results/$fs" "${disk#/dev/}" >"$work/rows" || exit 1
	free_disk || cannot "$work/mnt cannot be unmounted"
	while read -r mode pace found; do
		echo "$fs $mode $pace $found $(expected "$fs" "$mode" "$pace")"
	done <"$work/rows" | judge || code=1
done
exit $code
