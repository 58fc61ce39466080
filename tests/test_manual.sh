#!/bin/sh
# The man page as it is read: what it lists is what the program has, no more, no less.
set -u

program=${FLUSHBENCH:-$PWD/flushbench}
. tests/support/claims.sh
page=$work/flushbench.1

# alike CLAIM  do $work/told and $work/there hold the same words, some at all?
alike()
{
	sort -o "$work/told" "$work/told"
	sort -o "$work/there" "$work/there"
	[ -s "$work/there" ] && diff "$work/there" "$work/told" >"$said"
	claim "$1" $?
}

# section NAME  of the rendered page, without its heading
section()
{
	awk -v name="$1" '/^[A-Z]/ { inside = $0 == name; next } inside' "$work/text"
}

# tagged  what stands at the depth of a paragraph's tag
tagged()
{
	sed -n 's/^       \([^ ].*\)/\1/p'
}

table()
{
	"$program" list --tsv "$1" | sed 1d
}

scripts/man.sh "$program" docs/flushbench.1.in >"$page" 2>"$said"
claim the_page_is_made $?

grep '@[A-Z]*@' "$page" >"$said"
[ $? -eq 1 ]
claim nothing_is_left_to_fill_in $?

if command -v groff >/dev/null; then
	groff -man -Tutf8 -ww -z "$page" >"$said" 2>&1 && [ ! -s "$said" ]
	claim groff_has_nothing_to_say $?
else
	lacking groff_has_nothing_to_say groff
fi
if command -v mandoc >/dev/null; then
	mandoc -T lint "$page" >"$said" 2>&1 && [ ! -s "$said" ]
	claim mandoc_has_nothing_to_say $?
else
	lacking mandoc_has_nothing_to_say mandoc
fi

if ! command -v groff >/dev/null; then
	lacking the_page_lists_what_there_is groff
	exit $status
fi
groff -man -Tascii -rLL=78n -P -cbou "$page" >"$work/text"

awk 'length($0) > 80' "$work/text" >"$said"
[ -s "$work/text" ] && [ ! -s "$said" ]
claim a_terminal_of_80_columns_is_wide_enough $?

section PARAMETERS | tagged | sed -n 's/^--\([a-z_]*\) .*/\1/p' >"$work/told"
cp "$work/told" "$work/params"
sed -n 's/.*\.name = "\([^"]*\)".*/\1/p' src/plan/param_table.c >"$work/there"
alike parameters_are_those_of_the_source

cp "$work/params" "$work/told"
table params | cut -f 1 >"$work/there"
alike parameters_are_those_of_the_program

section COMMANDS | awk '
	/^   flushbench / { command = $2 }
	/^       --/ && command { print command, $1, $2 ~ /^(\[|[A-Z]+$)/ || $2 ~ /\|/ ? $2 : "" }
' >"$work/told"
table options | awk -F '\t' '$1 { print $1, "--" $2, $3 }' >"$work/there"
alike options_are_those_of_the_program

section COMMANDS | sed -n 's/^   flushbench //p' >"$work/told"
table commands | awk -F '\t' '{ print $1 ($2 == "" ? "" : " ") $2 }' >"$work/there"
alike commands_are_those_of_the_program

section 'PATHS AND MODES' | awk '
	/^   Path / { path = $2 }
	/^       [^ ]/ && path { print path, $1 }
' >"$work/told"
table modes | awk -F '\t' '{ print $1, $2 }' >"$work/there"
alike modes_are_those_of_the_program

section 'PROFILE FILES' | sed '1,/come with the program/d' | tagged |
	cut -d ' ' -f 1 >"$work/told"
for file in workloads/*.ini; do
	basename "$file" .ini
done >"$work/there"
alike profiles_are_those_of_the_folder

section ENVIRONMENT | tagged | cut -d ' ' -f 1 >"$work/told"
cat bench/*.c src/*/*.c | grep -oE '(getenv|is_set)\("[A-Z_]*"\)' |
	sed 's/.*"\(.*\)".*/\1/' | sort -u >"$work/there"
alike variables_are_those_that_the_source_reads

section 'EXIT STATUS' | tagged | cut -d ' ' -f 1 >"$work/told"
sed -n 's/^	EXIT_[A-Z_]* = \([0-9]*\),.*/\1/p' bench/bench.h >"$work/there"
alike exit_codes_are_those_of_the_source

exit $status
