#!/bin/sh
# run-tests.sh PROGRAM...  runs each test program (cmocka) or script (*.sh, lines
# `ok - name`, `not ok - name`, `skip - name: reason`), one line a suite; exit 1
# if anything failed.
#
# FB_TEST_TIMEOUT  seconds a suite may take, 300 unless told
# FB_TEST_TOTALS   a file that gets one line appended: passed failed skipped
# FB_TEST_LIST     1: each test that passed is named, and a script's remarks (# ...) told
# FLUSHBENCH       the program under test, ./flushbench unless told
set -u

limit=${FB_TEST_TIMEOUT:-300}
FLUSHBENCH=${FLUSHBENCH:-$PWD/flushbench}
export FLUSHBENCH

work=$(mktemp -d) || exit 1
out=$work/out err=$work/err
group=
stop()
{
	# A second signal must not end the shell before the folder is gone.
	trap '' INT TERM HUP
	[ -z "$group" ] || kill -s TERM -- "-$group" 2>/dev/null
	rm -rf "$work"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Prints "passed failed skipped". What a program prints itself may stand before
# cmocka's words on the same line, so these are looked for anywhere in it. The
# summary is on stderr; without one the single results on stdout count.
count_cmocka()
{
	cat "$err" "$out" | awk -v status="$1" '
	function number(text) { gsub(/[^0-9]/, "", text); return text + 0 }
	match($0, /\[  PASSED  \] [0-9]+ test/) {
		groups++
		passed += number(substr($0, RSTART, RLENGTH))
	}
	match($0, /\[  SKIPPED \] [0-9]+ test/) {
		skipped += number(substr($0, RSTART, RLENGTH))
	}
	match($0, / [0-9]+ FAILED TEST\(S\)/) {
		failed += number(substr($0, RSTART, RLENGTH - 8))
	}
	/\[  FAILED  \] GROUP (SETUP|TEARDOWN)/ { failed++ }
	/\[       OK \] / { one_passed++ }
	/\[  FAILED  \] [^0-9G]/ { one_failed++ }
	/\[  SKIPPED \] [^0-9]/ { one_skipped++ }
	END {
		if (!groups) {
			passed = one_passed
			failed = one_failed + 1
			skipped = one_skipped
		}
		if (status && !failed)
			failed = 1
		print passed + 0, failed + 0, skipped + 0
	}'
}

count_script()
{
	awk -v status="$1" '
	/^ok - / { passed++ }
	/^not ok - / { failed++ }
	/^skip - / { skipped++ }
	END {
		if (!failed && (status || !(passed + skipped)))
			failed = 1
		print passed + 0, failed + 0, skipped + 0
	}' "$out"
}

# Of the suite's process group, zombies aside: nobody may reap those here.
left_behind()
{
	cat /proc/[0-9]*/stat 2>/dev/null | sed 's/^\([0-9]*\) .*) /\1 /' |
		awk -v group="$group" '$4 == group && $2 != "Z" { print $1 }'
}

why_skipped()
{
	sed -n 's/^skip - /    skipped: /p' "$out"
	case $1 in
	*.sh) ;;
	*)
		sed -n 's/.*\[  SKIPPED \] /    skipped: /p' "$out"
		grep -v -e '\[' -e '^$' -e ' TEST(S)$' "$err" | sort -u |
			sed 's/^/             /'
		;;
	esac
}

what_passed()
{
	case $1 in
	*.sh) sed -n 's/^ok - /    ok: /p; s/^# /    /p' "$out" ;;
	*) sed -n 's/.*\[       OK \] /    ok: /p' "$out" ;;
	esac
}

# Sets status, and trouble to what went wrong outside the tests themselves.
run_suite()
{
	trouble=
	# timeout makes the process group, and hands SIGINT on as the default that
	# a shell's background job would have ignored.
	timeout -k 10 "$limit" "$1" >"$out" 2>"$err" </dev/null &
	group=$!
	wait $group
	status=$?
	if [ $status -eq 124 ] || [ $status -eq 137 ]; then
		trouble="no end within $limit s, or killed"
	elif [ $status -gt 128 ]; then
		trouble="killed by signal $((status - 128))"
	fi
	if [ -n "$(left_behind)" ]; then
		sleep 0.5
		if [ -n "$(left_behind)" ]; then
			trouble="${trouble:+$trouble; }left processes running"
			[ $status -ne 0 ] || status=1
			kill -s KILL -- "-$group" 2>/dev/null
		fi
	fi
	group=
}

show()
{
	[ -s "$2" ] || return 0
	echo "--- $1"
	cat "$2"
}

passed=0 failed=0 skipped=0
for suite; do
	name=$(basename "$suite" .sh)
	name=${name%.exe}
	start=$(date +%s%N)
	run_suite "$suite"
	tenths=$((($(date +%s%N) - start) / 100000000))
	case $suite in
	*.sh) counts=$(count_script $status) ;;
	*) counts=$(count_cmocka $status) ;;
	esac
	# shellcheck disable=SC2086 # three words
	set -- $counts
	printf '  %-22s %4d passed %3d failed %3d skipped %5d.%d s%s\n' "$name" "$1" \
		"$2" "$3" $((tenths / 10)) $((tenths % 10)) "${trouble:+  ($trouble)}"
	passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
	[ "${FB_TEST_LIST:-}" != 1 ] || what_passed "$suite"
	[ "$3" -eq 0 ] || why_skipped "$suite"
	if [ "$2" -gt 0 ]; then
		show "$suite, stdout (exit status $status)" "$out"
		show "$suite, stderr" "$err"
		echo "--- end of $suite"
	fi
done

[ -z "${FB_TEST_TOTALS:-}" ] || echo "$passed $failed $skipped" >>"$FB_TEST_TOTALS"
if [ $((passed + failed + skipped)) -eq 0 ]; then
	echo 'run-tests: no test was run, which is a failure' >&2
	failed=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
