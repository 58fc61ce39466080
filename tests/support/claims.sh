# claims.sh - what suites written for sh share; they source it from the project's root
#
# $work is a folder that goes when the suite ends, $said where it keeps what a command
# said. `exit $status` at the end.
# shellcheck shell=sh disable=SC2034

work=$(mktemp -d) || exit 1
# A second signal must not end the shell before the folder is gone.
trap 'trap "" INT TERM HUP; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
said=$work/said
status=0

# claim NAME CODE [FILE...]  holds if CODE is 0; else the files are shown, or $said
claim()
{
	if [ "$2" -eq 0 ]; then
		echo "ok - $1"
		return
	fi
	echo "not ok - $1"
	shift 2
	[ $# -gt 0 ] || set -- "$said"
	cat "$@" | tail -n 40 | sed 's/^/# /'
	status=1
}

# lacking CLAIM TOOL  the claim cannot be tried without that tool
lacking()
{
	echo "skip - $1: there is no $2; run scripts/deps.sh check"
}
