#!/bin/sh
# folders.sh make DESTDIR RECORD FOLDER...  makes the folders, and notes in RECORD
#     those that were not there before
# folders.sh remove DESTDIR RECORD  removes the noted ones that are empty by now
# RECORD and the folders are named without DESTDIR, which stays.
set -eu
what=$1 stage=$2 record=$3
shift 3

missing()
{
	for folder; do
		while [ -n "${folder#/}" ] && [ ! -e "$stage$folder" ]; do
			echo "$folder"
			case $folder in
			*/*) folder=${folder%/*} ;;
			*) folder= ;;
			esac
		done
	done
}

case $what in
make)
	made=$(missing "$@")
	for folder; do
		install -d "$stage$folder"
	done
	if [ -n "$made" ]; then
		printf '%s\n' "$made" >>"$stage$record"
		sort -u -o "$stage$record" "$stage$record"
	fi
	;;
remove)
	[ -e "$stage$record" ] || exit 0
	made=$(sort -r "$stage$record")
	rm -f "$stage$record"
	# Deepest first; one with something of another's in it stays.
	printf '%s\n' "$made" | while IFS= read -r folder; do
		rmdir "$stage$folder" 2>/dev/null || :
	done
	;;
*)
	echo 'usage: scripts/folders.sh make|remove DESTDIR RECORD [FOLDER...]' >&2
	exit 2
	;;
esac
