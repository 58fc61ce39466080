#!/bin/sh
# deb.sh NAME FOLDER  builds the Debian package from FOLDER/NAME.tar.gz beside it and
# lets lintian judge it. Its words go to FOLDER/log unless something is wrong.
set -eu
name=$1 folder=$(cd "$2" && pwd)
log=$folder/log

for tool in dpkg-buildpackage dh lintian; do
	command -v $tool >/dev/null || {
		echo "deb: there is no $tool; run scripts/deps.sh deb" >&2
		exit 4
	}
done

# A package is the same whatever this make was told: nothing of the caller's gets in.
in_clean_room()
{
	(cd "$folder/$name" && env -i PATH="$PATH" HOME="$folder" LC_ALL=C.UTF-8 \
		DEB_BUILD_OPTIONS="${DEB_BUILD_OPTIONS:-noautodbgsym}" "$@")
}

find "$folder" -maxdepth 1 -name 'flushbench_*' -exec rm -f {} +
rm -rf "${folder:?}/$name"
tar -xzf "$folder/$name.tar.gz" -C "$folder"
if ! in_clean_room dpkg-buildpackage -us -uc >"$log" 2>&1; then
	tail -n 30 "$log" >&2
	echo "deb: that failed; all of it is in $log" >&2
	exit 1
fi
in_clean_room lintian --allow-root --fail-on error,warning --tag-display-limit 0 \
	"$folder"/flushbench_*.changes
rm -rf "${folder:?}/$name" "$folder/$name.tar.gz"
ls "$folder"/flushbench_*.deb
