#!/bin/sh
# make crash and make fuzz take numbers, and say so when they are given something else.
set -u

. tests/support/claims.sh

# refused CLAIM COMMAND...  exit 2, and a word on what to write instead
refused()
{
	name=$1
	shift
	env "$@" >"$said" 2>&1
	[ $? -eq 2 ] && grep -q 'such as' "$said"
	claim "$name" $?
}

refused a_word_is_no_number_of_crashes N=abc scripts/crash.sh true
refused no_crash_at_all_is_refused N=0 scripts/crash.sh true
refused less_than_none_is_refused N=-5 scripts/crash.sh true
refused a_number_with_a_unit_is_refused N=5x scripts/crash.sh true
refused a_number_no_machine_comes_to_is_refused N=123456789012345678901 scripts/crash.sh true
refused a_seed_is_a_number_too SEED=x scripts/crash.sh true
refused seconds_of_fuzzing_are_a_number FUZZ_SECONDS=abc scripts/fuzz.sh hive
refused no_seconds_of_fuzzing_are_refused FUZZ_SECONDS=0 scripts/fuzz.sh hive

env N=12 SEED=0 scripts/crash.sh echo >"$said" 2>&1 && grep -q 'N=12 SEED=0' "$said"
claim numbers_are_taken_and_told $?

env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -n BUILD="$work/b" crash-built N=7 >"$said" 2>&1 &&
	grep -q "scripts/crash.sh $work/b/tests/test_hive_crash" "$said"
claim make_crash_asks_that_script $?

exit $status
