#!/bin/sh
# make run ends with pictures: what make would do is asked for, and its last steps are
# done with a program in the place of ours that notes what it was told.
set -u

. tests/support/claims.sh

program=$work/build/flushbench
steps=$work/steps
told=$work/told

# In a build of its own, whatever this test run is of.
env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u SAN -u HOST -u CC -u WERROR -u TESTS -u V \
	make -n BUILD="$work/build" run >"$said" 2>&1
claim make_knows_how_to_run $?

[ "$(head -n 1 "$said")" = 'scripts/deps.sh run' ]
claim what_is_missing_is_installed_first $?

grep -q " -o $program " "$said"
claim the_program_is_built_when_it_is_not_there $?

sed -n "\\|^$program |,\$p" "$said" >"$steps"

mkdir -p "$work/build"
cat >"$program" <<'END'
#!/bin/sh
echo "$*" >>"$TOLD"
[ "$1" = run ] && exit "$RUN_EXIT"
exit "$PLOT_EXIT"
END
chmod +x "$program"

# A line a shell, as make does it, until one fails.
do_steps()
{
	# shellcheck disable=SC2162 # what a backslash ends is one line with the next
	while read step; do
		sh -c "$step" </dev/null || return
	done <"$steps"
}

# ends CLAIM RUN PLOT CODE LAST  when the program's run and plot exit like that, what make
# does ends with CODE, and LAST is what the program was told last
ends()
{
	rm -f "$told"
	(
		export TOLD="$told" RUN_EXIT="$2" PLOT_EXIT="$3"
		do_steps
	) >"$said" 2>&1
	code=$?
	{
		echo "exit code $code, the program was told:"
		cat "$told" "$steps"
	} >>"$said" 2>&1
	[ "$code" -eq "$4" ] && [ "$(head -n 1 "$told")" = 'run workloads/quick.ini' ] &&
		[ "$(tail -n 1 "$told")" = "$5" ]
	claim "$1" $?
}

ends a_run_is_followed_by_its_pictures 0 0 0 plot
ends pictures_that_cannot_be_drawn_are_a_failure 0 4 4 plot
ends an_interrupted_run_is_left_at_that 3 0 3 'run workloads/quick.ini'
ends a_run_with_a_failed_case_is_drawn_and_has_failed 1 0 1 plot

exit "$status"
