#!/bin/sh
# dist.sh NAME COMMIT FOLDER  packs what git tracks, as it is on disk now, into
# FOLDER/NAME.tar.gz, which unpacks to NAME/. The commit goes along in a file
# of its own, for `--version` of what is built where git is not.
set -eu
name=$1 commit=$2 folder=$3

if [ ! -e .git ]; then
	echo 'dist: this is no git checkout, so nobody knows what belongs in; a tree' \
		'that came from such an archive is one already' >&2
	exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git ls-files >"$work/tracked"
while IFS= read -r file; do
	[ ! -e "$file" ] || printf '%s\n' "$file"
done <"$work/tracked" >"$work/files"
if [ -n "$commit" ]; then
	printf '%s\n' "$commit" >"$work/COMMIT"
	printf '%s\n' COMMIT >"$work/own"
else
	: >"$work/own"
fi
case $commit in
*-dirty) echo "dist: what is not committed yet is in it: $commit" >&2 ;;
esac

# Alike wherever and whenever it is made.
mkdir -p "$folder"
tar --sort=name --format=ustar --owner=0 --group=0 --numeric-owner \
	--mode=u=rwX,go=rX --mtime="@$(git log -1 --format=%ct)" \
	--transform "s,^,$name/," -cf "$work/tar" -T "$work/files" -C "$work" -T "$work/own"
gzip -9n <"$work/tar" >"$folder/$name.tar.gz"
