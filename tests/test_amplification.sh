#!/bin/sh
# scripts/amplification.sh: what is known of each file system's flushes is found again, a
# claim a row; and the script leaves nothing behind, also when it is ended.
set -u

program=${FLUSHBENCH:-$PWD/flushbench}
. tests/support/claims.sh
mkdir "$work/images"
file_systems='ext4 ext4-nojournal ext4-nobarrier xfs btrfs'

every_row()
{
	for fs in $file_systems; do
		for mode in normal data-sync-only; do
			echo "$fs $mode tight"
			echo "$fs $mode paced"
		done
	done
}

name_of()
{
	echo "$* is_as_measured" | tr ' -' '__'
}

amplification()
{
	FLUSHBENCH=$program FILE_SYSTEMS=$file_systems \
		scripts/amplification.sh "$work/images" >"$said" 2>"$work/why"
}

can=yes
amplification
code=$?
if [ $code -eq 4 ]; then
	can=
	why=$(sed -n 's/^amplification.sh: //p' "$work/why")
fi

every_row >"$work/rows"
while read -r fs mode pace; do
	name=$(name_of "$fs" "$mode" "$pace")
	row=$(awk -v fs="$fs" -v mode="$mode" -v pace="$pace" \
		'$1 == fs && $2 == mode && $3 == pace' "$said")
	case $row in
	*' ok')
		claim "$name" 0
		;;
	*' slow')
		echo "skip - $name: other work kept the ops waiting, so that too few of them" \
			'fell into a tick of the clock, or on btrfs into the log'
		;;
	'')
		[ -z "$can" ] && echo "skip - $name: $why" || claim "$name" 1 "$said" "$work/why"
		;;
	*)
		claim "$name" 1
		;;
	esac
done <"$work/rows"

attached()
{
	for file in /sys/block/loop*/loop/backing_file; do
		[ ! -e "$file" ] || cat "$file"
	done | grep -F "$work/images"
}

# A device lets go of its image a little later than its mount goes.
nothing_is_left()
{
	i=0
	while attached >"$work/left" && [ $i -lt 100 ]; do
		i=$((i + 1))
		sleep 0.1
	done
	! attached >"$work/left" && [ -z "$(ls -A "$work/images")" ]
}

nothing_is_left
claim nothing_is_left_when_it_has_ended $? "$work/left" "$said"

# Ended in the midst of the first file system's run.
end_early()
{
	FLUSHBENCH=$program FILE_SYSTEMS=ext4 scripts/amplification.sh "$work/images" \
		>"$said" 2>&1 &
	script=$!
	i=0
	while [ -z "$(ls -d "$work"/images/*/results/ext4 2>/dev/null)" ]; do
		i=$((i + 1))
		[ $i -lt 600 ] && kill -s 0 $script 2>/dev/null || break
		sleep 0.1
	done
	attached >"$work/seen"
	kill -s TERM $script
	wait $script
}

if [ -n "$can" ]; then
	end_early
	code=$?
	[ $code -eq 143 ] && [ -s "$work/seen" ] && nothing_is_left
	claim nothing_is_left_when_it_is_ended_early $? "$said" "$work/left"
else
	echo "skip - nothing_is_left_when_it_is_ended_early: $why"
fi

FLUSHBENCH=$work/none scripts/amplification.sh >"$said" 2>&1
[ $? -eq 4 ] && grep -q '^amplification.sh: .*; run ' "$said"
claim what_it_lacks_is_told_and_is_no_verdict $?

scripts/amplification.sh "$work" "$work" >"$said" 2>&1
[ $? -eq 2 ] && grep -q '^usage: ' "$said"
claim a_word_too_many_is_refused $?

if [ -n "$can" ]; then
	FLUSHBENCH=$program FILE_SYSTEMS=fat32 scripts/amplification.sh "$work/images" \
		>"$said" 2>&1
	[ $? -eq 4 ] && grep -q 'no file system fat32; choose from ext4' "$said" && nothing_is_left
	claim a_file_system_that_it_does_not_know_is_told $?
fi
exit $status
