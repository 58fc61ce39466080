#!/bin/sh
# scripts/run-tests.sh on suites of our own making.
set -u

. tests/support/claims.sh
runner=$PWD/scripts/run-tests.sh

# $1 a suite's file name, standard input its text
suite()
{
	{ echo '#!/bin/sh'; cat; } >"$work/$1"
	chmod +x "$work/$1"
}

# The suites to run; leaves said and code
run()
{
	(cd "$work" && FB_TEST_LIST=${list:-} FB_TEST_TIMEOUT=${limit:-60} FB_TEST_TOTALS=$work/totals \
		"$runner" "$@" >"$said" 2>&1)
	code=$?
}

ends_with()
{
	[ "$(tail -n 1 "$said")" = "$1" ]
}

said()
{
	grep -q -e "$1" "$said"
}

# Whether the processes named in the file pid end, zombies counting as ended:
# nobody may reap those here.
gone()
{
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		alive=
		while read -r pid; do
			state=$(sed -n 's/^State:[^A-Z]*\(.\).*/\1/p' \
				"/proc/$pid/status" 2>/dev/null)
			case $state in '' | Z) ;; *) alive=$pid ;; esac
		done <"$work/pid"
		[ -n "$alive" ] || return 0
		sleep 0.2
	done
	return 1
}

suite good <<'E2'
echo 'noise[       OK ] one'
echo '[  SKIPPED ] two'
echo 'needs root' >&2
echo '[  PASSED  ] 1 test(s).' >&2
echo '[  SKIPPED ] 1 test(s), listed below:' >&2
echo '[  SKIPPED ] two' >&2
E2
run ./good
[ $code -eq 0 ] && ends_with '1 passed, 0 failed, 1 skipped'
claim cmocka_results_are_counted $?
said 'skipped: two' && said 'needs root'
claim a_skipped_test_is_named_with_its_reason $?

suite good.sh <<'E2'
echo 'ok - one'
echo 'skip - two: no loop device'
E2
run ./good ./good.sh
[ $code -eq 0 ] && ends_with '2 passed, 0 failed, 2 skipped' &&
	said 'skipped: two: no loop device'
claim totals_run_over_all_suites $?
[ "$(cat "$work/totals")" = '1 0 1
2 0 2' ]
claim totals_are_appended_to_the_file_asked_for $?

suite told.sh <<'E2'
echo '# here it is cold'
echo 'ok - one'
E2
run ./good ./told.sh
[ $code -eq 0 ] && ! said 'ok: ' && ! said cold
claim what_passed_is_a_number_unless_asked_for $?
list=1
run ./good ./told.sh
list=
[ $code -eq 0 ] && [ "$(grep -c '^    ok: one$' "$said")" -eq 2 ] &&
	said '^    here it is cold$' && ! said 'ok: two'
claim when_asked_for_it_is_named_and_remarks_are_told $?

suite bad <<'E2'
echo '[       OK ] one'
echo '0x1 != 0x2' >&2
echo '[  PASSED  ] 1 test(s).' >&2
echo '[  FAILED  ] 2 test(s), listed below:' >&2
echo '[  FAILED  ] three' >&2
echo ' 2 FAILED TEST(S)' >&2
exit 2
E2
run ./bad ./good
[ $code -eq 1 ] && ends_with '2 passed, 2 failed, 1 skipped' && said '0x1 != 0x2'
claim a_failure_is_counted_and_shown_and_the_rest_still_runs $?

suite group <<'E2'
echo '[  FAILED  ] GROUP TEARDOWN' >&2
echo '[  PASSED  ] 1 test(s).' >&2
E2
run ./group
[ $code -eq 1 ] && ends_with '1 passed, 1 failed, 0 skipped'
claim a_failed_group_teardown_counts_although_the_program_succeeds $?

suite crash <<'E2'
echo '[       OK ] one'
kill -SEGV $$
E2
run ./crash
[ $code -eq 1 ] && ends_with '1 passed, 1 failed, 0 skipped' && said 'signal 11'
claim a_crash_is_one_failure $?

suite early <<'E2'
echo '[       OK ] one'
E2
run ./early
[ $code -eq 1 ] && ends_with '1 passed, 1 failed, 0 skipped'
claim a_missing_summary_is_one_failure $?

suite leak <<'E2'
echo '[  PASSED  ] 3 test(s).' >&2
exit 23
E2
run ./leak
[ $code -eq 1 ] && ends_with '3 passed, 1 failed, 0 skipped'
claim an_exit_status_without_a_failed_test_is_one_failure $?

suite bad.sh <<'E2'
echo 'not ok - one'
E2
run ./bad.sh
[ $code -eq 1 ] && ends_with '0 passed, 1 failed, 0 skipped'
claim not_ok_fails_although_the_script_succeeds $?

suite empty.sh <<'E2'
E2
run ./empty.sh
[ $code -eq 1 ] && ends_with '0 passed, 1 failed, 0 skipped'
claim a_script_that_tells_nothing_is_one_failure $?

run ./absent
[ $code -eq 1 ] && ends_with '0 passed, 1 failed, 0 skipped'
claim a_suite_that_is_not_there_is_one_failure $?

run
[ $code -eq 1 ] && said 'no test was run'
claim no_suite_at_all_is_a_failure $?

suite hang <<'E2'
echo $$ >pid
sleep 1000 &
echo $! >>pid
wait
E2
limit=1
run ./hang
limit=
[ $code -eq 1 ] && gone && said 'no end within 1 s'
claim a_suite_past_its_time_is_ended_with_its_children $?

suite litter.sh <<'E2'
sleep 1000 &
echo $! >pid
echo 'ok - one'
E2
run ./litter.sh
[ $code -eq 1 ] && gone && said 'left processes running'
claim a_process_left_running_is_a_failure_and_is_ended $?

suite int.sh <<'E2'
trap 'echo "ok - sees SIGINT"; exit' INT
kill -INT $$
echo 'not ok - sees SIGINT'
E2
run ./int.sh
[ $code -eq 0 ]
claim a_suite_can_receive_sigint $?

exit $status
