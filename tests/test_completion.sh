#!/bin/sh
# Completion as the shells do it: bash with the words of a line handed to the function,
# zsh at a terminal of its own.
set -u

program=${FLUSHBENCH:-$PWD/flushbench}
tree=$PWD
. tests/support/claims.sh

# A folder to stand in: a run, profiles, folders, and a program of the right name.
mkdir -p "$work/bin" "$work/at/results/one" "$work/at/results/none" "$work/at/some" \
	"$work/functions"
ln -s "$program" "$work/bin/flushbench"
: >"$work/at/results/one/summary.csv"
: >"$work/at/mine.ini"
: >"$work/at/other.txt"
PATH=$work/bin:$PATH

params=$(sed -n 's/.*\.name = "\([^"]*\)".*/\1/p' src/plan/param_table.c)
own()
{
	"$program" list --tsv options | awk -F '\t' -v c="$1" 'NR > 1 && $1 == c { print $2 }'
}
modes=$(sed '/fb_mode_names/,/NULL/!d' src/plan/vocab.c | grep -o '"[^"]*"' | tr -d '"')

# same CLAIM WORDS...  is what was offered exactly these?
same()
{
	name=$1
	shift
	printf '%s\n' "$@" | sort >"$work/wanted"
	diff "$work/wanted" "$work/offered" >"$said" 2>&1
	claim "$name" $?
}

# The line ends where the cursor is; its last word may be empty. Bash cuts words at an
# equals sign, too, unless it is told otherwise.
cat >"$work/complete.bash" <<'E'
. "$1"
shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_flushbench 2>"${0%/*}/said"
((${#COMPREPLY[@]} == 0)) || printf '%s\n' "${COMPREPLY[@]}"
E
bash_offers()
{
	(cd "$work/at" && bash --norc --noprofile "$work/complete.bash" "$work/bash" \
		flushbench "$@") 2>&1 | sort >"$work/offered"
}

if command -v bash >/dev/null; then
	scripts/completion.sh bash "$program" >"$work/bash" && bash -n "$work/bash" \
		2>"$said"
	claim bash_reads_it $?

	bash_offers ''
	# shellcheck disable=SC2046,SC2086 # lists of words
	{
		same bash_offers_the_commands $("$program" list --tsv commands | sed 1d |
			cut -f 1)
		bash_offers --
		same bash_offers_what_stands_before_a_command --help --version
		bash_offers run --
		same bash_offers_every_option_of_run_and_no_other \
			$(printf -- '--%s\n' $params $(own run))
		for command in $("$program" list --tsv commands | sed 1d | cut -f 1); do
			[ $command != run ] || continue
			bash_offers $command --
			same bash_offers_every_option_of_${command}_and_no_other \
				$(printf -- '--%s\n' $(own $command))
		done
		bash_offers run --mode ''
		same bash_offers_every_mode all $modes
	}
	bash_offers run --mode normal,view-file,v
	same bash_goes_on_in_a_comma_list normal,view-file,view
	bash_offers run --mode = data-o
	same bash_knows_a_value_behind_an_equals_sign data-only
	bash_offers run --mode =
	# shellcheck disable=SC2086
	same bash_knows_an_equals_sign_with_nothing_behind_it all $modes
	bash_offers run --mode=none,data-o
	same bash_knows_it_where_the_sign_ends_no_word --mode=none,data-only
	bash_offers run --writes-per
	same bash_takes_dashes_for_underscores --writes-per-flush
	bash_offers run --dry_
	same bash_takes_underscores_for_dashes --dry_run
	bash_offers run --no-sync ''
	same bash_knows_a_parameter_by_either_spelling range fsync cache-off
	bash_offers run --direct ''
	same bash_offers_yes_and_no 0 1
	bash_offers run --direct --bs
	same bash_lets_a_yes_stand_alone --bs
	bash_offers run --dry-run qui
	same bash_offers_operands_after_an_option_without_a_value quick
	bash_offers run ''
	# shellcheck disable=SC2046
	same bash_offers_profiles_and_files mine.ini $(cd workloads && ls ./*.ini |
		sed 's,./\(.*\).ini,\1,')
	bash_offers run quick mi
	same bash_offers_a_second_profile mine.ini
	bash_offers run -- mi
	same bash_offers_only_operands_behind_two_dashes mine.ini
	bash_offers run --target s
	same bash_offers_folders some
	bash_offers run --bs ''
	[ ! -s "$work/offered" ]
	claim bash_has_nothing_to_offer_for_a_size $?
	bash_offers plot ''
	same bash_offers_runs results/one
	bash_offers plot some
	same bash_offers_folders_where_no_run_is some
	bash_offers list pro
	same bash_offers_topics profiles
	bash_offers hive ''
	same bash_offers_what_to_do_with_a_hive check dump recover
	bash_offers hive recover o
	same bash_offers_a_file_after_it other.txt
	: >"$work/at/\$(touch evil).ini"
	bash_offers run ''
	[ ! -e "$work/at/evil" ]
	claim bash_runs_nothing_that_a_file_is_named $?
	rm "$work/at/\$(touch evil).ini"
else
	lacking bash_completes bash
fi

zsh_offers()
{
	(cd "$work/at" && zsh -f "$tree/tests/support/complete.zsh" "$work/functions" \
		"flushbench $1") >"$work/offered" 2>"$said"
}

if command -v zsh >/dev/null; then
	scripts/completion.sh zsh "$program" >"$work/functions/_flushbench" &&
		zsh -n "$work/functions/_flushbench" 2>"$said"
	claim zsh_reads_it $?
	zsh_offers ''
	# shellcheck disable=SC2046,SC2086
	{
		same zsh_offers_the_commands $("$program" list --tsv commands | sed 1d |
			cut -f 1)
		for command in $("$program" list --tsv commands | sed 1d | cut -f 1); do
			zsh_offers "$command --"
			[ $command = run ] && more=$params || more=
			same zsh_offers_every_option_of_${command}_and_no_other \
				$(printf -- '--%s\n' $more $(own $command))
		done
		zsh_offers 'run --mode '
		same zsh_offers_every_mode all $modes
	}
	zsh_offers 'run --mode=normal,data'
	same zsh_goes_on_in_a_comma_list data-only data-sync-only
	zsh_offers 'run --writes-per'
	same zsh_takes_dashes_for_underscores --writes_per_flush
	zsh_offers 'run qui'
	same zsh_offers_profiles quick
	zsh_offers 'run m'
	same zsh_offers_files mine.ini
	zsh_offers 'run --target s'
	same zsh_offers_folders some
	zsh_offers 'plot results/o'
	same zsh_offers_runs results/one
	zsh_offers 'list pro'
	same zsh_offers_topics profiles
	zsh_offers 'hive '
	same zsh_offers_what_to_do_with_a_hive check dump recover
	zsh_offers 'hive dump o'
	same zsh_offers_a_file_after_it other.txt
else
	lacking zsh_completes zsh
fi

scripts/completion.sh fish "$program" >"$said" 2>&1
[ $? -eq 2 ] && grep -q usage "$said"
claim an_unknown_shell_is_refused $?

exit $status
