#!/bin/sh
# crash.sh PROGRAM  runs the crash states of a hive, N=100000 of them as SEED=1 draws them.
# Exit 2 when those are no whole numbers.
set -u

for text in "${N-1}" "${SEED-1}"; do
	case $text in
	'' | *[!0-9]* | 0?* | ????????????????*)
		echo "crash: \"$text\" is no number for N or SEED; write such as" \
			'N=1000000 SEED=7' >&2
		exit 2
		;;
	esac
done
if [ "${N-1}" = 0 ]; then
	echo 'crash: N=0 tries nothing; write such as N=1000000' >&2
	exit 2
fi
echo "crash states of a hive: N=${N:-100000} SEED=${SEED:-1}"
exec "$1"
