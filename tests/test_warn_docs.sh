#!/bin/sh
# docs/warnings.md against the source: every id stands in both, with its severities, and
# is told with what it does to the numbers and what to do.
set -u
LC_ALL=C
export LC_ALL

. tests/support/claims.sh
doc=docs/warnings.md

# Rows "| `id` | severity | when | numbers | do |".
# shellcheck disable=SC2016 # the backticks are the document's
sed -n 's/^| `\([a-z_]*\)` | \(.*\)$/\1 | \2/p' "$doc" >"$work/rows"
cut -d ' ' -f 1 "$work/rows" | sort >"$work/told"

# "id severity"; where the source chooses between two ids it does between two severities.
# Without one it is the first, note.
grep -rhE -A1 '^[	 ]*\.id = .*"' src bench | awk '
function out(    i) {
	for (i = 1; i <= n; i++)
		print id[i], severity[i] == "" ? "note" : severity[i]
	n = 0
}
/\.id = / {
	out()
	parts = split($0, part, "\"")
	delete severity
	for (i = 2; i <= parts; i += 2)
		id[++n] = part[i]
}
/\.severity = / {
	parts = split($0, part, "FB_SEVERITY_")
	for (i = 2; i <= parts; i++)
		severity[i - 1] = part[i] ~ /^WARNING/ ? "warning" : "note"
}
END { out() }' | sort -u >"$work/severities"
cut -d ' ' -f 1 "$work/severities" | sort -u >"$work/is"

sort "$work/told" | uniq -d | sed 's/$/: told twice/' >"$said"
comm -23 "$work/is" "$work/told" | sed "s|\$|: a warning, not in $doc|" >>"$said"
comm -13 "$work/is" "$work/told" | sed "s|\$|: no warning, but in $doc|" >>"$said"
[ -s "$work/is" ] && [ -s "$work/told" ] || echo 'no ids were found' >>"$said"
[ ! -s "$said" ]
claim every_warning_is_documented_once_and_every_documented_one_exists $?

: >"$said"
while read -r id severity; do
	grep -qE "^$id \| [a-z; ]*$severity" "$work/rows" ||
		echo "$id: is a $severity, $doc says otherwise" >>"$said"
done <"$work/severities"
[ ! -s "$said" ]
claim severities_are_those_of_the_source $?

awk -F '|' 'NF != 6 || $3 !~ /\. *$/ || $4 !~ /\. *$/ || $5 !~ /\. *$/ {
	print $1 ": not when, numbers and what to do, each a sentence"
}' "$work/rows" >"$said"
[ ! -s "$said" ]
claim each_is_told_with_when_what_it_does_and_what_to_do $?

exit $status
