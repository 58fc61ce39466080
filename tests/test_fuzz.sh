#!/bin/sh
# The fuzz targets over seeds of our own writer, for some seconds each. `make fuzz` runs
# them for long.
set -u

. tests/support/claims.sh
: "${FUZZ:=build/fuzz}" "${CLANG:=clang}"

skip_all()
{
	for target in tests/fuzz/fuzz_*.c; do
		target=$(basename "$target" .c)
		echo "skip - ${target}_finds_no_crash_in_some_seconds: $1"
	done
	exit 0
}

[ -z "${HOST:-}" ] || skip_all "what is built for $HOST does not run here"
command -v make >/dev/null || skip_all 'there is no make'
command -v "$CLANG" >/dev/null ||
	skip_all "there is no $CLANG; run scripts/deps.sh check"
cat >"$work/try.c" <<'C'
int LLVMFuzzerTestOneInput(const unsigned char *data, unsigned long size);
int LLVMFuzzerTestOneInput(const unsigned char *data, unsigned long size)
{
	return size && *data > 255;
}
C
"$CLANG" -fsanitize=fuzzer,address,undefined -o "$work/try" "$work/try.c" \
	>"$said" 2>&1 ||
	skip_all "$CLANG has no fuzzer runtime (libclang-rt-dev); run scripts/deps.sh check"

# The make above has a job server that is out of reach, and flags that are not ours.
env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES \
	make FUZZ_BUILD="$FUZZ" CLANG="$CLANG" fuzz-programs >"$said" 2>&1
built=$?
claim fuzz_targets_are_built $built
[ $built -eq 0 ] || exit 1

mkdir -p "$work/seeds/hive" "$work/seeds/log"
"$FUZZ/make_seeds" "$work/seeds" >"$said" 2>&1
claim our_own_writer_makes_the_seeds $?

for target in hive log; do
	mkdir "$work/$target"
	"$FUZZ/fuzz_$target" -max_total_time=4 -timeout=5 -rss_limit_mb=2048 \
		-malloc_limit_mb=256 -max_len=65536 -print_final_stats=1 \
		-artifact_prefix="$work/$target-" "$work/$target" \
		"$work/seeds/$target" >"$said" 2>&1
	claim "fuzz_${target}_finds_no_crash_in_some_seconds" $?
	# A target whose seeds are all turned away at the door learns nothing.
	[ "$(ls "$work/$target" | wc -l)" -gt 20 ]
	claim "fuzz_${target}_comes_far_enough_to_learn" $?
done

exit $status
