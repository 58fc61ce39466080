#!/bin/sh
# "Adding a path in five steps" of docs/architecture.md: every change it lists is made
# in a copy of the tree, which is built, run and tested.
set -u
LC_ALL=C
export LC_ALL

here=$PWD
doc=$here/docs/architecture.md
. tests/support/claims.sh
copy=$work/tree

# Nothing after it would mean anything.
must()
{
	claim "$@"
	[ "$2" -eq 0 ] || exit 1
}

skip_all()
{
	echo "skip - a_path_is_added_in_five_steps: $1"
	exit 0
}

command -v make >/dev/null || skip_all 'there is no make'
[ -z "${HOST:-}" ] || skip_all "what is built for $HOST does not run here"

# CC and SAN come from the make above, by the environment. Its flags are not ours: it
# has a job server that is out of reach, perhaps -k or -n.
build()
{
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES \
		make -C "$copy" BUILD="$work/build" CFLAGS=-O0 WERROR=1 "$@" \
		>"$said" 2>&1
}

# From where the whole suite runs: the conformance tests make their files there.
run_test()
{
	"$work/build/tests/$1" >"$said" 2>&1
}

flushbench()
{
	"$work/build/flushbench" "$@" >"$work/out" 2>"$work/err"
	code=$?
	cat "$work/out" "$work/err" >"$said"
	return $code
}

# $1 a column of the run's one row
field()
{
	awk -F , -v name="$1" '
	NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i }
	NR == 2 && at { print $at }' "$work/r/run/summary.csv"
}

# One file a change, 101, 102... in their order, the first digit being the step: file,
# where and anchor on a line each, then the text.
read_changes()
{
	awk -v dir="$work" '
	function close_item(   part, n) {
		if (item == "")
			return
		n = split(item, part, "`")
		item = ""
		if (!step || n < 5) {
			print "not understood: " part[1] part[2] part[3] part[4]
			return
		}
		if (out)
			close(out)
		gsub(/[ ,]/, "", part[3])
		out = dir "/" part[3] "." (100 * step + ++count)
		if (part[3] != "is")
			out = dir "/change." (100 * step + count)
		printf "%s\n%s\n%s\n", part[2], part[3], part[4] >out
		if (n > 5)
			print part[6] >out
	}
	/^## / { inside = $0 == "## Adding a path in five steps" }
	!inside { next }
	/^  ```/ { close_item(); fenced = !fenced; next }
	fenced { sub(/^  /, ""); print >out; next }
	/^\*\*[1-5]\. / { close_item(); step = substr($0, 3, 1) }
	/^- `/ { close_item(); item = $0; next }
	/^  / && item != "" { item = item $0; next }
	{ close_item() }
	END { close_item() }' "$doc" >"$said"
	for step in 1 2 3 4 5; do
		# shellcheck disable=SC2012 # names of our own making
		ls "$work"/*".$step"[0-9][0-9] >"$work/out" 2>&1 ||
			echo "step $step changes nothing" >>"$said"
	done
	[ ! -s "$said" ]
}

# $1 a change. The file keeps its name, so what is written is a new one.
apply()
{
	file=$(sed -n 1p "$1") where=$(sed -n 2p "$1")
	anchor=$(sed -n 3p "$1") export anchor
	tail -n +4 "$1" >"$work/text"
	if [ ! -f "$copy/$file" ]; then
		echo "$file: there is no such file" >>"$said"
		return
	fi
	awk -v where="$where" -v text="$work/text" '
	function put_text() {
		match($0, /^[ \t]*/)
		while ((getline line <text) > 0)
			print line == "" ? "" : substr($0, 1, RLENGTH) line
	}
	BEGIN {
		anchor = ENVIRON["anchor"]
		if (where == "before" || where == "after")
			getline words <text
		else if (where != "above" && where != "below")
			exit 1
	}
	{
		at = index($0, anchor)
		rest = substr($0, at + length(anchor))
		if (!at) { print; next }
		found += 1 + (index(rest, anchor) > 0)
		if (where == "above") put_text()
		if (where == "before")
			print substr($0, 1, at - 1) words " " anchor rest
		else if (where == "after")
			print substr($0, 1, at - 1) anchor " " words rest
		else
			print
		if (where == "below") put_text()
	}
	END { exit found != 1 }' "$copy/$file" >"$work/new" &&
		cat "$work/new" >"$copy/$file" ||
		echo "$file: \"$anchor\" is not in exactly one place" >>"$said"
}

# $1 a new file and where its text is; what the document shows of it must be in it
place()
{
	from=$here/$(sed -n 3p "$1")
	cp "$from" "$copy/$(sed -n 1p "$1")" 2>>"$said" || return
	tail -n +4 "$1" | sed 's/ *\/\*.*//' | while IFS= read -r line; do
		grep -qxF -e "$line" "$from" ||
			echo "${from##*/} has no line \"$line\"" >>"$said"
	done
}

apply_changes()
{
	: >"$said"
	for change in "$work"/is.[1-5]*; do
		place "$change"
	done
	for change in "$work"/change.[1-5]*; do
		apply "$change"
	done
	[ ! -s "$said" ]
}

mkdir "$copy" "$work/t"
cp -R Makefile VERSION src bench tests scripts docs workloads "$copy" 2>"$said"
must the_tree_can_be_copied $?

read_changes
must the_document_names_files_and_anchors_in_each_of_five_steps $?

apply_changes
must every_file_and_anchor_is_where_the_document_says $?

build build-check TESTS='test_path test_promise'
must with_the_path_added_the_tree_builds_without_a_warning $?

flushbench list modes && awk '/^  [a-z]/ { path = $1 }
	path == "memory" && $1 == "fence" { found = 1 } END { exit !found }' "$work/out"
claim the_list_of_modes_shows_it $?

flushbench run --path memory --mode fence --fences 4 --size 1m --runtime 50ms --reps 1 \
	--target "$work/t" --results "$work/r" --run-id run &&
	[ "$(field survives) $(field fidelity) $(field fences)" = 'nothing emulated 4' ] &&
	[ "$(field commit_p50_ns)" -gt 0 ] && [ "$(field ops)" -gt 1 ] &&
	[ "$(field app_flushes)" = "$(field ops)" ] && [ "$(field ended)" = time ] &&
	grep -q 'memory' "$work/out"
claim a_run_over_it_leaves_its_row $?

flushbench run --path memory --mode fence --direct --dry-run
[ $? -eq 2 ] && grep -q 'direct: memory has no cache' "$said"
claim what_has_no_meaning_on_it_is_named $?

run_test test_path
claim the_conformance_suite_passes_with_it $?

run_test test_promise && grep -q 'OK \] the_memory_path' "$said"
claim its_promise_is_tested $?

"$copy/scripts/check-layers.sh" "$copy" >"$said" 2>&1
claim no_layer_is_breached $?

(cd "$copy" && FLUSHBENCH=$work/build/flushbench tests/test_docs.sh) >"$said" 2>&1
claim its_column_is_documented $?

# That the suite passes proves something only if it looked at the new mode.
copied='memcpy(l->buffer + w->offset, w->data, w->length);'
grep -qF "$copied" "$copy/src/path/memory.c" &&
	sed -i 's/w->data, w->length);/w->data, w->length - 1);/' \
		"$copy/src/path/memory.c" &&
	build "$work/build/tests/test_path" && ! run_test test_path &&
	grep -q 'FAILED.* what_is_flushed_is_in_the_file' "$said"
claim the_conformance_suite_sees_it_lose_a_byte $?

exit $status
