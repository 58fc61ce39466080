#!/bin/sh
# make install and uninstall, into folders of the test's own: what is installed works
# from anywhere, and nothing but what was there before is left.
set -u

. tests/support/claims.sh

# A build of its own, whatever this test run is of.
clean_make()
{
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u SAN -u HOST -u CC -u WERROR -u TESTS \
		-u V make BUILD="$work/build" "$@" >"$said" 2>&1
}

# list FOLDER  everything in it
list()
{
	(cd "$1" && find . ! -name . | sort)
}

mkdir "$work/stage" "$work/elsewhere" "$work/target"

clean_make install DESTDIR="$work/stage" prefix=/usr
claim it_installs_into_a_stage $?
at=$work/stage/usr

cmp "$work/build/flushbench" "$at/bin/flushbench" >"$said" 2>&1
claim what_is_installed_is_what_was_built $?

missing=
for file in share/flushbench/workloads/quick.ini share/man/man1/flushbench.1 \
	share/bash-completion/completions/flushbench share/zsh/site-functions/_flushbench \
	share/doc/flushbench/README.md share/doc/flushbench/LICENSE \
	share/doc/flushbench/docs/architecture.md; do
	[ -s "$at/$file" ] || missing="$missing $file"
done
for file in workloads/*.ini scripts/plot/*.gp; do
	[ ! -e "$file" ] || [ -s "$at/share/flushbench/$file" ] || missing="$missing $file"
done
echo "missing:$missing" >"$said"
[ -z "$missing" ]
claim everything_has_its_place $?

find "$work/stage" -type f ! -perm -444 >"$said"
[ ! -s "$said" ]
claim everybody_may_read_it $?

(cd "$work/elsewhere" && "$at/bin/flushbench" list --tsv profiles) >"$said" 2>&1
[ $? -eq 0 ] && grep -q "	$at/share/flushbench/workloads/quick.ini	" "$said" &&
	[ "$(wc -l <"$said")" -eq "$(($(ls workloads/*.ini | wc -l) + 1))" ]
claim its_profiles_are_found_from_another_folder $?

(cd "$work/elsewhere" && "$at/bin/flushbench" run quick --dry-run \
	--target "$work/target") >"$said" 2>&1
claim a_profile_is_planned_by_its_name $?

(cd "$work/elsewhere" && "$at/bin/flushbench" run quick --path null --mode none \
	--runtime 20ms --reps 1 --target "$work/target" --run-id one) >"$said" 2>&1
[ $? -eq 0 ] && [ -s "$work/elsewhere/results/one/summary.csv" ]
claim a_run_leaves_its_results_where_it_was_started $?

mv "$work/stage/usr" "$work/moved"
(cd "$work/elsewhere" && "$work/moved/bin/flushbench" run quick --dry-run \
	--target "$work/target") >"$said" 2>&1
claim it_may_be_moved_whole $?
mv "$work/moved" "$work/stage/usr"

"$at/bin/flushbench" --version >"$said" 2>&1
if [ -e .git ] && git rev-parse HEAD >/dev/null 2>&1; then
	commit=$(git rev-parse --short=10 HEAD)
	grep -qE "^flushbench $(cat VERSION)\+g$commit(-dirty)?$" "$said"
	claim the_version_names_the_commit $?
else
	echo 'skip - the_version_names_the_commit: this is no git checkout'
fi

if command -v man >/dev/null; then
	MANPATH=$at/share/man man -w flushbench >"$said" 2>&1
	claim man_finds_the_page $?
else
	echo 'skip - man_finds_the_page: there is no man; install man-db'
fi

if command -v gnuplot >/dev/null; then
	(cd "$work/elsewhere" && "$at/bin/flushbench" plot one) >"$said" 2>&1
	[ $? -eq 0 ] && [ -n "$(ls "$work"/elsewhere/results/one/plots/*.png)" ]
	claim the_installed_scripts_draw $?
else
	echo 'skip - the_installed_scripts_draw: there is no gnuplot; run scripts/deps.sh run'
fi

printf '# Tab\there\n[a]\nmode = none\n' \
	>"$at/share/flushbench/workloads/$(printf 'tab\there').ini"
"$at/bin/flushbench" list --tsv profiles >"$said" 2>&1
awk -F '\t' 'NF != 3 { wrong = 1 } END { exit wrong }' "$said" &&
	grep -q '^tab here	.*	Tab here$' "$said"
claim a_tab_in_a_profile_breaks_no_row $?
rm "$at/share/flushbench/workloads/$(printf 'tab\there').ini"

clean_make install DESTDIR="$work/stage" prefix=/usr &&
	clean_make uninstall DESTDIR="$work/stage" prefix=/usr
list "$work/stage" >"$said"
[ ! -s "$said" ]
claim uninstall_leaves_nothing $?

built=$(stat -c '%i %y %s' "$work/build/flushbench")
mkdir -p "$work/prefix/bin" "$work/prefix/share/zsh/site-functions" \
	"$work/prefix/share/man/man1"
: >"$work/prefix/share/man/man1/other.1"
list "$work/prefix" >"$work/was"
clean_make install prefix="$work/prefix" &&
	mkdir -p "$work/prefix/share/bash-completion/completions" &&
	: >"$work/prefix/share/bash-completion/completions/other" &&
	clean_make uninstall prefix="$work/prefix" &&
	rm "$work/prefix/share/bash-completion/completions/other" &&
	rmdir -p "$work/prefix/share/bash-completion/completions" 2>/dev/null
list "$work/prefix" | diff "$work/was" - >"$said"
claim what_was_there_stays_empty_or_not $?

[ "$(stat -c '%i %y %s' "$work/build/flushbench")" = "$built" ]
claim another_prefix_makes_no_other_program $?

clean_make install prefix="$work/prefix" datadir="$work/data"
[ $? -ne 0 ] && grep -q "set datadir=$work/prefix/share" "$said" &&
	[ ! -e "$work/data" ]
claim a_place_where_data_would_not_be_found_is_refused $?

"$work/build/flushbench" list --tsv profiles >"$said" 2>&1
[ "$(wc -l <"$said")" -eq "$(($(ls workloads/*.ini | wc -l) + 1))" ]
claim a_program_built_elsewhere_finds_the_trees_profiles $?

# A blank would make two names of one, and a quote a command.
echo precious >"$work/od"
refused=0
for odd in "DESTDIR=$work/od d" "prefix=$work/od d" "DESTDIR=$work/od'd" \
	"DESTDIR=$work/\`echo d\`"; do
	for target in install uninstall; do
		clean_make $target "$odd" && refused=1
		grep -q 'must be of letters' "$said" || refused=1
	done
done
[ "$(cat "$work/od")" = precious ] || refused=1
claim names_that_a_shell_would_split_are_refused $refused

exit $status
