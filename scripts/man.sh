#!/bin/sh
# man.sh PROGRAM PAGE.in  prints the man page: what the program's tables have takes
# the place of @COMMANDS@ and the like, which stand on lines of their own.
set -eu
program=$1 page=$2

# Every table with its name before each row; awk sees them before the page.
tables()
{
	for table in commands options params modes profiles; do
		"$program" list --tsv $table >"$work/table"
		sed "1d; s/^/$table	/" "$work/table"
	done
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tables >"$work/tables"
version=$("$program" --version)
version=${version#* }

awk -F '\t' -v version="${version%%+*}" '
function roff(text) {
	gsub(/\\/, "\\e", text)
	gsub(/-/, "\\-", text)
	return text
}

# Text of the tables, wrapped, each sentence on a line of its own as roff wants it.
function put(text,   words, n, i, line) {
	if (text !~ /[.?!]$/)
		text = text "."
	n = split(roff(text), words, " ")
	for (i = 1; i <= n; i++) {
		if (words[i] ~ /^[.\047]/)
			words[i] = "\\&" words[i]
		if (line != "" && (line ~ /[.?!]$/ || length(line " " words[i]) > 78)) {
			print line
			line = ""
		}
		line = line (line == "" ? "" : " ") words[i]
	}
	print line
}

function put_sentence(text) {
	put(toupper(substr(text, 1, 1)) substr(text, 2))
}

function option(name, value) {
	print ".TP"
	if (value == "")
		print ".B \\-\\-" roff(name)
	else
		print ".BI \\-\\-" roff(name) " \" " roff(value) "\""
}

# PROFILE... as it is, [a|b] with its words told from its marks.
function operands(text,   words, n, i, all) {
	n = split(roff(text), words, " ")
	for (i = 1; i <= n; i++) {
		if (words[i] ~ /\|/)
			gsub(/[a-z\\-]+/, "\\fB&\\fR", words[i])
		else
			gsub(/[A-Z]+/, "\\fI&\\fR", words[i])
		all = all (i > 1 ? " " : "") words[i]
	}
	return all
}

function usage(i, options) {
	return "\\fBflushbench " cells[i, 2] "\\fR" \
		(cells[i, 3] == "" ? "" : " " operands(cells[i, 3])) options
}

function synopsis(   i) {
	for (i = first["commands"]; i <= last["commands"]; i++)
		print (i > first["commands"] ? ".br\n" : "") usage(i, " [\\fIoptions\\fR]")
}

function commands(   i, j) {
	for (i = first["commands"]; i <= last["commands"]; i++) {
		print ".SS " usage(i, "")
		put_sentence(cells[i, 6])
		for (j = first["options"]; j <= last["options"]; j++) {
			if (cells[j, 2] != cells[i, 2])
				continue
			option(cells[j, 3], cells[j, 4])
			put_sentence(cells[j, 5])
		}
		if (cells[i, 4] == "yes") {
			print ".TP"
			print "Every parameter"
			print "See"
			print ".BR PARAMETERS ."
		}
	}
}

function list(text) {
	gsub(/,/, ", ", text)
	return text
}

function params(   i, facts) {
	for (i = first["params"]; i <= last["params"]; i++) {
		option(cells[i, 2], cells[i, 5])
		put_sentence(cells[i, 9])
		facts = "Type: " cells[i, 4]
		if (cells[i, 6] != "")
			facts = facts ", in " cells[i, 6]
		if (cells[i, 7] != "")
			facts = facts "; default " cells[i, 7]
		if (cells[i, 8] != "")
			facts = facts "; values: " list(cells[i, 8])
		if (cells[i, 3] != cells[i, 2])
			facts = facts "; column " cells[i, 3]
		if (cells[i, 10] != "")
			facts = facts "; counts only " cells[i, 10]
		print ".br"
		put(facts)
	}
}

function modes(   i, path) {
	for (i = first["modes"]; i <= last["modes"]; i++) {
		if (cells[i, 2] != path)
			print ".SS Path " roff(cells[i, 2])
		path = cells[i, 2]
		print ".TP"
		print ".B " roff(cells[i, 3])
		put(cells[i, 5] (cells[i, 4] == "" ? "" : "; for " cells[i, 4]))
	}
}

function profiles(   i) {
	for (i = first["profiles"]; i <= last["profiles"]; i++) {
		print ".TP"
		print ".B " roff(cells[i, 2])
		put_sentence(cells[i, 4])
	}
}

FNR == NR {
	if (!($1 in first))
		first[$1] = FNR
	last[$1] = FNR
	for (i = 1; i <= NF; i++)
		cells[FNR, i] = $i
	next
}
/^@SYNOPSIS@$/ { synopsis(); next }
/^@COMMANDS@$/ { commands(); next }
/^@PARAMETERS@$/ { params(); next }
/^@MODES@$/ { modes(); next }
/^@PROFILES@$/ { profiles(); next }
{ gsub(/@VERSION@/, version); print }
' "$work/tables" "$page"
