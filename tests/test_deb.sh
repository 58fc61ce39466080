#!/bin/sh
# The Debian package: built from what git tracks, judged by lintian, unpacked and run.
set -u

for tool in dpkg-buildpackage dh lintian; do
	command -v $tool >/dev/null || {
		echo "skip - the_package: there is no $tool; run scripts/deps.sh deb"
		exit 0
	}
done
if [ ! -e .git ] || ! git rev-parse HEAD >/dev/null 2>&1; then
	echo 'skip - the_package: this is no git checkout that git answers for'
	exit 0
fi
if ! git ls-files --error-unmatch debian/rules >/dev/null 2>&1; then
	echo 'skip - the_package: git does not track debian/ yet; add it'
	exit 0
fi

. tests/support/claims.sh

env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make BUILD="$work/build" DEB_DIR="$work/deb" \
	deb-built >"$said" 2>&1
claim it_is_built_and_lintian_finds_no_error_and_no_warning $?

deb=$(echo "$work"/deb/flushbench_*.deb)
version=$(cat VERSION)
dpkg-deb -f "$deb" Version >"$said" 2>&1 && grep -qx "$version" "$said"
claim its_version_is_the_programs $?

dpkg-deb -x "$deb" "$work/root" >"$said" 2>&1
"$work/root/usr/bin/flushbench" --version >"$said" 2>&1
grep -qE "^flushbench $version\+g$(git rev-parse --short=10 HEAD)(-dirty)?$" "$said"
claim it_says_the_commit_though_git_was_not_there $?

mkdir "$work/at"
(cd "$work/at" && "$work/root/usr/bin/flushbench" run quick --path null --mode none \
	--runtime 20ms --reps 1 --run-id one) >"$said" 2>&1
[ $? -eq 0 ] && [ -s "$work/at/results/one/summary.csv" ]
claim the_program_of_the_package_runs_a_profile_of_it $?

dpkg-deb -c "$deb" | sed 's,.* \./,,' >"$said"
missing=
for file in usr/share/man/man1/flushbench.1.gz usr/share/doc/flushbench/copyright \
	usr/share/bash-completion/completions/flushbench \
	usr/share/zsh/vendor-completions/_flushbench; do
	grep -qx "$file" "$said" || missing="$missing $file"
done
for file in $(git ls-files 'workloads/*.ini' 'scripts/plot/*.gp'); do
	grep -qx "usr/share/flushbench/$file" "$said" || missing="$missing $file"
done
[ -z "$missing" ]
claim "everything_has_its_place${missing:+: not$missing}" $?

grep -E 'made-folders|LICENSE|COMMIT' "$said"
[ $? -eq 1 ]
claim nothing_is_in_it_that_the_system_keeps_itself $?

dpkg-deb -f "$deb" Depends Recommends >"$said"
grep -q '^Depends:.*libc6' "$said" && grep -q '^Recommends:.*gnuplot.*libpmem1' "$said"
claim it_names_what_it_needs $?

exit $status
