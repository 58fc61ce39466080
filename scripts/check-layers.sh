#!/bin/sh
# check-layers.sh [ROOT]  checks who includes whom under ROOT/src, and that what
# belongs to one system or to the program's top stays there. One line a rule,
# each breach as file:line before it.
set -u
cd "${1:-.}" || exit 1

# A folder, and the folders it may include. bench/ and tests/ may include all.
table='
base:
stats: base
device: base
plan: base
hive: base
nt: base hive device
path: base plan nt device
account: base stats device plan
host: base stats device account plan
run: base stats plan path account device
report: base stats plan
lab: base hive plan path run
'

files=$(find src -name '*.[ch]' 2>/dev/null | sort)
if [ -z "$files" ]; then
	echo "not ok - there is no source under ${1:-.}/src"
	exit 1
fi

# Every line as file:line:text without comments; strings are emptied, except
# in an #include.
# shellcheck disable=SC2086 # a list of files; none of ours has a space
code=$(awk '
FNR == 1 { comment = 0 }
{
	rest = $0
	text = ""
	while (rest != "") {
		if (comment) {
			at = index(rest, "*/")
			if (!at)
				break
			rest = substr(rest, at + 2)
			comment = 0
			continue
		}
		if (text rest ~ /^[ \t]*#[ \t]*include/) {
			text = text rest
			break
		}
		if (!match(rest, /\/\*|\/\/|"|\047/)) {
			text = text rest
			break
		}
		mark = substr(rest, RSTART, RLENGTH)
		text = text substr(rest, 1, RSTART - 1)
		rest = substr(rest, RSTART + RLENGTH)
		if (mark == "//")
			break
		if (mark == "/*") {
			comment = 1
			continue
		}
		while (rest != "" && substr(rest, 1, 1) != mark)
			rest = substr(rest, substr(rest, 1, 1) == "\\" ? 3 : 2)
		rest = substr(rest, 2)
		text = text mark mark
	}
	if (text ~ /[^ \t]/)
		print FILENAME ":" FNR ":" text
}' $files) || { echo 'not ok - the source cannot be read'; exit 1; }

# What grep finds, nothing found being no error.
in_code()
{
	printf '%s\n' "$code" | grep -E "$1" || [ $? -eq 1 ]
}

forbidden_includes()
{
	in_code ':[ 	]*#[ 	]*include[ 	]*"' | awk -v table="$table" '
	BEGIN {
		n = split(table, row, "\n")
		for (i = 1; i <= n; i++) {
			split(row[i], side, ":")
			m = split(side[2], folder, " ")
			known[side[1]] = 1
			for (j = 1; j <= m; j++)
				allowed[side[1], folder[j]] = 1
		}
	}
	{
		split($0, part, "/")
		from = part[2]
		split($0, quoted, "\"")
		into = quoted[2]
		if (!sub(/\/.*/, "", into))
			print $0 "   (write it as \"folder/file.h\")"
		else if (quoted[2] ~ /\.\./)
			print $0 "   (no path with ..)"
		else if (!(from in known))
			print $0 "   (" from " is not in the table)"
		else if (into != from && !((from, into) in allowed))
			print $0 "   (" from " may not include " into ")"
	}'
}

system_macros()
{
	in_code '(_WIN32|_WIN64|__linux__|__linux|__unix__|__unix|__APPLE__)' |
		sed -E '/^(src\/nt\/nt_types\.h|[^:]*_(posix|linux|windows)\.[ch]):/d'
}

endings()
{
	in_code '(^|[^A-Za-z0-9_.>])(exit|abort|quick_exit|errx?|die)[ 	]*\('
}

prints()
{
	in_code '(^|[^A-Za-z0-9_.>])((v?printf|puts|putchar|perror|warnx?)[ 	]*\(|(stdout|stderr)([^A-Za-z0-9_]|$))'
}

failed=0
# $1 the rule, $2 what prints its breaches. A check that breaks down must not
# look like one that found nothing.
rule()
{
	if ! breaches=$($2); then
		echo "# $2 could not run"
		echo "not ok - $1"
		failed=1
	elif [ -n "$breaches" ]; then
		printf '%s\n' "$breaches" | sed 's/^/# /'
		echo "not ok - $1"
		failed=1
	else
		echo "ok - $1"
	fi
}

rule layers_include_only_what_the_table_allows forbidden_includes
rule system_macros_stay_in_the_files_of_that_system system_macros
rule library_code_never_ends_the_program endings
rule library_code_prints_only_to_a_stream_it_was_given prints
exit $failed
