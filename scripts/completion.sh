#!/bin/sh
# completion.sh bash|zsh PROGRAM  prints a shell's completion, made from what the
# program says of its commands, options and parameters.
set -eu
shell=${1:-} program=${2:-}
case $shell in
bash | zsh) ;;
*)
	echo 'usage: scripts/completion.sh bash|zsh PROGRAM' >&2
	exit 2
	;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for table in commands options params; do
	"$program" list --tsv $table >"$work/table"
	sed "1d; s/^/$table	/" "$work/table"
done >"$work/tables"

# What both shells need: cells, and of what kind a value or an operand is.
common='
BEGIN { FS = "\t" }
{
	if (!($1 in first))
		first[$1] = NR
	last[$1] = NR
	for (i = 1; i <= NF; i++)
		cells[NR, i] = $i
}
function words_of(text) {
	gsub(/\[|\]|\./, "", text)
	gsub(/[|,]/, " ", text)
	return text
}
function words_if(kind, text) {
	if (kind == "action")
		sub(/ .*/, "", text)
	return kind == "words" || kind == "action" ? words_of(text) : ""
}
function kind_of_value(value) {
	if (value ~ /\|/)
		return "words"
	if (value == "DIR")
		return "folder"
	return value == "FILE" || value == "PATH" ? "file" : "none"
}
function kind_of_operand(text) {
	if (text ~ /\|.* FILE/)
		return "action"
	if (text ~ /\|/)
		return "words"
	if (text ~ /PROFILE/)
		return "profile"
	if (text ~ /RUN/)
		return "run"
	return text == "" ? "none" : "file"
}
'

bash_tables()
{
	awk "$common"'
	function label(name) {
		gsub(/-/, "_", name)
		return name
	}
	function option_names(command,   i, text) {
		for (i = first["options"]; i <= last["options"]; i++)
			if (cells[i, 2] == command)
				text = text " --" cells[i, 3]
		return substr(text, 2)
	}
	function param_names(   i, text) {
		for (i = first["params"]; i <= last["params"]; i++)
			text = text " --" cells[i, 2]
		return text
	}
	function commands(   i, text) {
		for (i = first["commands"]; i <= last["commands"]; i++)
			text = text " " cells[i, 2]
		return substr(text, 2)
	}
	function row(pattern, kind, words) {
		printf "\t%s) kind=%s words=\047%s\047 ;;\n", pattern, kind, words
	}
	function params(command,   i, kind) {
		for (i = first["params"]; i <= last["params"]; i++) {
			kind = cells[i, 8] == "" ? "none" : "list"
			if (cells[i, 4] == "yes/no")
				kind = "optional"
			row(command ":" label(cells[i, 2]), kind, words_of(cells[i, 8]))
		}
	}
	END {
		print "# The options of a command, its own first."
		print "_flushbench_options()\n{\n\tcase $1 in"
		row("\047\047", "words", option_names(""))
		for (i = first["commands"]; i <= last["commands"]; i++)
			row(cells[i, 2], "words", option_names(cells[i, 2]) \
				(cells[i, 4] == "yes" ? param_names() : ""))
		print "\t*) kind=none words= ;;\n\tesac\n}\n"
		print "# Of what kind the value of an option is; flag: it has none."
		print "_flushbench_value()\n{\n\tcase $1:$2 in"
		for (i = first["options"]; i <= last["options"]; i++) {
			kind = cells[i, 4] == "" ? "flag" : kind_of_value(cells[i, 4])
			row(cells[i, 2] ":" label(cells[i, 3]), kind,
				words_if(kind, cells[i, 4]))
		}
		for (i = first["commands"]; i <= last["commands"]; i++)
			if (cells[i, 4] == "yes")
				params(cells[i, 2])
		print "\t*) kind=flag words= ;;\n\tesac\n}\n"
		print "# What a command takes besides options; without one, the commands."
		print "_flushbench_operand()\n{\n\tcase $1 in"
		row("\047\047", "words", commands())
		for (i = first["commands"]; i <= last["commands"]; i++) {
			kind = kind_of_operand(cells[i, 3])
			row(cells[i, 2], kind, words_if(kind, cells[i, 3]))
		}
		print "\t*) kind=none words= ;;\n\tesac\n}\n"
	}' "$work/tables"
}

bash_code()
{
	cat <<'E'
_flushbench_words()
{
	local -a all
	local word
	read -ra all <<<"$words"
	for word in "${all[@]}"; do
		if [[ $word == "$cur"* && $taken != *,"$word",* ]]; then
			COMPREPLY+=("$before$word")
		fi
	done
}

# As the user spells it: dashes do for underscores.
_flushbench_option_names()
{
	local -a all
	local word under
	read -ra all <<<"$words"
	for word in "${all[@]}"; do
		under=${word#--}
		under=--${under//-/_}
		if [[ $word == "$cur"* ]]; then
			COMPREPLY+=("$word")
		elif [[ ${word//_/-} == "$cur"* ]]; then
			COMPREPLY+=("${word//_/-}")
		elif [[ $under == "$cur"* ]]; then
			COMPREPLY+=("$under")
		fi
	done
}

_flushbench_list()
{
	if [[ $cur == *,* ]]; then
		taken=,${cur%,*},
		before+=${cur%,*},
		cur=${cur##*,}
	fi
	_flushbench_words
}

_flushbench_files()
{
	local path
	while IFS= read -r path; do
		COMPREPLY+=("$path")
	done < <(compgen "$@" -- "$cur")
	compopt -o filenames 2>/dev/null
}

# A word, then the file that it is done to.
_flushbench_action()
{
	local i
	for ((i = 2; i < COMP_CWORD; i++)); do
		if [[ " $words " == *" ${COMP_WORDS[i]} "* ]]; then
			_flushbench_files -f
			return
		fi
	done
	_flushbench_words
}

_flushbench_profiles()
{
	words=$("${COMP_WORDS[0]}" list --tsv profiles 2>/dev/null |
		awk -F '\t' 'NR > 1 { print $1 }' | tr '\n' ' ')
	_flushbench_words
	_flushbench_files -f -X '!*.ini'
	[[ -z $cur ]] || _flushbench_files -d
}

_flushbench_runs()
{
	local path
	for path in results/*/summary.csv; do
		path=${path%/summary.csv}
		if [[ -d $path && $path == "$cur"* ]]; then
			COMPREPLY+=("$path")
		fi
	done
	if ((${#COMPREPLY[@]})); then
		compopt -o filenames 2>/dev/null
	else
		_flushbench_files -d
	fi
}

_flushbench_reply()
{
	case $kind in
	words) _flushbench_words ;;
	list | optional) _flushbench_list ;;
	folder) _flushbench_files -d ;;
	file) _flushbench_files -f ;;
	profile) _flushbench_profiles ;;
	run) _flushbench_runs ;;
	action) _flushbench_action ;;
	esac
}

# Sets option to the one whose value is at the cursor, if any, and cur to the value.
_flushbench_at_value()
{
	local previous=${COMP_WORDS[COMP_CWORD - 1]}

	option=
	if [[ $cur == --*=* ]]; then # where = is no word break
		option=${cur%%=*}
		before=$option=
		cur=${cur#*=}
	elif [[ $cur == = && $previous == --* ]]; then
		option=$previous
		cur=
	elif [[ $previous == = ]]; then
		option=${COMP_WORDS[COMP_CWORD - 2]}
	elif [[ $previous == --?* ]]; then
		option=$previous
	fi
	option=${option#--}
	option=${option//-/_}
}

_flushbench()
{
	local cur=${COMP_WORDS[COMP_CWORD]} command= option= before= taken= kind= words=
	local i

	COMPREPLY=()
	((COMP_CWORD == 1)) || command=${COMP_WORDS[1]}
	for ((i = 2; i < COMP_CWORD; i++)); do
		if [[ ${COMP_WORDS[i]} == -- ]]; then
			_flushbench_operand "$command"
			_flushbench_reply
			return
		fi
	done
	if [[ $command ]]; then
		_flushbench_at_value
		if [[ $option ]]; then
			_flushbench_value "$command" "$option"
			if [[ $kind != flag && ($kind != optional || $cur != -*) ]]; then
				_flushbench_reply
				return
			fi
		fi
	fi
	if [[ $cur == -* ]]; then
		_flushbench_options "$command"
		_flushbench_option_names
	else
		_flushbench_operand "$command"
		_flushbench_reply
	fi
}

complete -F _flushbench flushbench
E
}

zsh_all()
{
	awk "$common"'
	# Inside [...] of a specification within single quotes.
	function told(text) {
		gsub(/\\|\[|\]|:/, "\\\\&", text)
		gsub(/\047/, "\047\\\047\047", text)
		return text
	}
	function action(kind, words) {
		if (kind == "words")
			return "(" words ")"
		if (kind == "folder")
			return "_files -/"
		if (kind == "file")
			return "_files"
		if (kind == "profile")
			return "_flushbench_profiles"
		if (kind == "run")
			return "_flushbench_runs"
		return " "
	}
	function line(text) {
		printf "\t\t\t\047%s\047 \\\n", text
	}
	function option(i) {
		if (cells[i, 4] == "")
			line((cells[i, 3] == "help" || cells[i, 2] == "" ? "(- *)" : "") \
				"--" cells[i, 3] "[" told(cells[i, 5]) "]")
		else
			line("--" cells[i, 3] "=[" told(cells[i, 5]) "]:" \
				told(cells[i, 4]) ":" \
				action(kind_of_value(cells[i, 4]), words_of(cells[i, 4])))
	}
	function param(i,   act) {
		act = cells[i, 8] == "" ? " " : \
			"_sequence compadd - " words_of(cells[i, 8])
		line("--" cells[i, 2] "=[" told(cells[i, 9]) "]" \
			(cells[i, 4] == "yes/no" ? "::" : ":") \
			told(cells[i, 5]) ":" act)
	}
	function operand(text,   kind) {
		kind = kind_of_operand(text)
		if (kind == "action") {
			line("1:action:(" words_if(kind, text) ")")
			line("2:file:_files")
			return
		}
		line((text ~ /\.\.\./ ? "*" : "1") ":operand:" \
			action(kind, words_if(kind, text)))
	}
	END {
		print "_flushbench_commands()\n{"
		print "\tlocal -a commands=("
		for (i = first["commands"]; i <= last["commands"]; i++)
			printf "\t\t\047%s:%s\047\n", cells[i, 2], told(cells[i, 5])
		print "\t)\n\t_describe command commands\n}\n"
		print "_flushbench()\n{"
		print "\tlocal curcontext=$curcontext state line program=$words[1]"
		print "\ttypeset -A opt_args\n"
		print "\t_arguments -C \\"
		for (i = first["options"]; i <= last["options"]; i++)
			if (cells[i, 2] == "")
				option(i)
		line("1: :_flushbench_commands")
		line("*::argument:->argument")
		print "\t\t\t&& return"
		print "\t[[ $state == argument ]] || return 1\n\tcase $words[1] in"
		for (i = first["commands"]; i <= last["commands"]; i++) {
			print "\t" cells[i, 2] ")"
			print "\t\t_arguments -M \047m:{_-}={-_} r:|[_-]=* r:|=*\047 \\"
			for (j = first["options"]; j <= last["options"]; j++)
				if (cells[j, 2] == cells[i, 2])
					option(j)
			if (cells[i, 4] == "yes")
				for (j = first["params"]; j <= last["params"]; j++)
					param(j)
			if (cells[i, 3] != "")
				operand(cells[i, 3])
			print "\t\t\t&& return\n\t\t;;"
		}
		print "\tesac\n}\n\n_flushbench \"$@\""
	}' "$work/tables"
}

zsh_code()
{
	cat <<'E'
_flushbench_profile_names()
{
	local -a names
	local name file help
	_call_program profiles ${(q)program} list --tsv profiles 2>/dev/null |
		while IFS=$'\t' read -r name file help; do
			[[ $name == name ]] || names+=("${name//:/\\:}:$help")
		done
	_describe profile names
}

_flushbench_profiles()
{
	_alternative 'profiles:profile:_flushbench_profile_names' \
		'files:profile file:_files -g "*.ini"'
}

_flushbench_runs()
{
	local -a runs=(results/*/summary.csv(N:h))
	compadd -f -a runs || _files -/
}

E
}

made='made by scripts/completion.sh from the tables of the program'
if [ "$shell" = bash ]; then
	printf '# bash completion for flushbench, %s\n\n' "$made"
	bash_tables
	bash_code
else
	printf '#compdef flushbench\n# %s\n\n' "$made"
	zsh_code
	zsh_all
fi
