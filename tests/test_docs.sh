#!/bin/sh
# docs/csv.md against the files of a run: every column of every file stands in that
# file's section, and every column named there exists.
set -u
LC_ALL=C
export LC_ALL

. tests/support/claims.sh
program=${FLUSHBENCH:-$PWD/flushbench}
doc=$PWD/docs/csv.md

# $1 the file's section, $2 the head of the tables wanted; the names in their first
# cells, sorted
documented()
{
	awk -v section="## $1" -v head="| $2 |" '
	/^## / { inside = $0 == section }
	!/^\|/ { wanted = 0 }
	index($0, head) == 1 { wanted = 1; next }
	inside && wanted {
		split($0, cell, "|")
		n = split(cell[2], part, "`")
		for (i = 2; i <= n; i += 2)
			print part[i]
	}' "$doc" | sort
}

columns()
{
	head -n 1 "$work/r/run/$1" | tr ',' '\n' | sort
}

# $1 and $2 sorted lists in files, $3 what is wrong with a line of the first alone
only_first()
{
	comm -23 "$1" "$2" | sed "s|\$|: $3|" >>"$said"
}

mkdir "$work/t"
"$program" run --path null --mode none --runtime 20ms --reps 1 --target "$work/t" \
	--results "$work/r" --run-id run >"$said" 2>&1
claim a_tiny_run_leaves_its_files $?

: >"$said"
seen=0
for file in "$work"/r/run/*.csv; do
	file=${file##*/}
	seen=$((seen + 1))
	columns "$file" >"$work/is"
	documented "$file" column >"$work/told"
	only_first "$work/is" "$work/told" "a column of $file, not in docs/csv.md"
	only_first "$work/told" "$work/is" "no column of $file, but in docs/csv.md"
done
[ $seen -eq 6 ] || echo "$seen files were looked at, not 6" >>"$said"
[ ! -s "$said" ]
claim every_column_is_documented_and_every_documented_column_exists $?

# shellcheck disable=SC2016 # the backticks are the document's
sed -n '/^## summary.csv/,/^## histogram/s/^| `\([a-z_]*\)` |.*/\1/p' "$doc" >"$work/told"
head -n 1 "$work/r/run/summary.csv" | tr ',' '\n' |
	grep -v -E '_(min|mean|p[0-9]+|max)_ns$' >"$work/is"
diff "$work/is" "$work/told" >"$said" 2>&1
claim columns_of_the_summary_are_documented_in_their_order $?

: >"$said"
documented system.csv key >"$work/told"
tail -n +2 "$work/r/run/system.csv" | cut -d , -f 3 |
	sed -e 's/^disk[0-9]*/disk0/' -e 's/^below[0-9]*/below0/' | sort -u >"$work/is"
only_first "$work/is" "$work/told" 'a key of system.csv, not in docs/csv.md'
[ -s "$work/is" ] && [ ! -s "$said" ]
claim every_fact_of_the_run_is_documented $?

exit $status
