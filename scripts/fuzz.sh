#!/bin/sh
# fuzz.sh [TARGET...]  runs each fuzz target of the folder FUZZ, named hive, log..., for
# FUZZ_SECONDS=600, one after another. What was learnt stays in FUZZ/corpus, an input
# that ends a target in FUZZ/found; exit 1 if there was one.
set -u
: "${FUZZ:=build/fuzz}" "${FUZZ_SECONDS:=600}"

case $FUZZ_SECONDS in
'' | *[!0-9]* | 0*)
	echo 'fuzz: FUZZ_SECONDS is a whole number above 0, such as 600' >&2
	exit 2
	;;
esac
if [ $# -eq 0 ]; then
	for program in "$FUZZ"/fuzz_*; do
		set -- "$@" "${program##*/fuzz_}"
	done
fi
status=0
mkdir -p "$FUZZ/seeds/hive" "$FUZZ/seeds/log" "$FUZZ/found"
"$FUZZ/make_seeds" "$FUZZ/seeds" || exit 1
for target; do
	log=$FUZZ/found/$target.log
	mkdir -p "$FUZZ/corpus/$target"
	echo "fuzz_$target for $FUZZ_SECONDS s, says into $log"
	# What a hostile file may cost: 5 s, and memory in proportion to its size.
	if "$FUZZ/fuzz_$target" -max_total_time="$FUZZ_SECONDS" -timeout=5 \
		-rss_limit_mb=2048 -malloc_limit_mb=256 -max_len=65536 \
		-artifact_prefix="$FUZZ/found/$target-" "$FUZZ/corpus/$target" \
		"$FUZZ/seeds/$target" >"$log" 2>&1; then
		grep -e ' DONE ' -e '^Done ' "$log"
	else
		grep -v '^"' "$log" | tail -n 40
		status=1
	fi
done
exit $status
