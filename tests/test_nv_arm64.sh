#!/bin/sh
# Non-volatile memory on other processors. All of the source is compiled for arm64, and
# a program of its own runs the routines under qemu-user, on a CPU with dc cvap and on
# one without.
set -u

. tests/support/claims.sh

triplet=aarch64-linux-gnu
skip_all()
{
	for claim in the_source_is_compiled_for_arm64 the_routines_work_on_arm64; do
		echo "skip - $claim: $1"
	done
	exit $status
}

command -v make >/dev/null || skip_all 'there is no make'

# The make above has a job server that is out of reach, and flags that are not ours.
clean_make()
{
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES -u SAN -u CC -u TESTS \
		-u V make "$@"
}

# engine_of HOST FILE  which of the engines that one is built with
engine_of()
{
	clean_make -n HOST="$1" BUILD="$work/g" "$work/g/libflushbench.a" 2>/dev/null |
		grep -o 'src/nt/nv_cpu_[a-z0-9_]*\.c' | sort -u >"$said"
	[ "$(cat "$said")" = "src/nt/nv_cpu_$2.c" ]
}

engine_of riscv64-linux-gnu generic
claim a_processor_that_we_do_not_know_gets_the_generic_engine $?
engine_of arm64-linux-gnu aarch64 && engine_of amd64-linux-gnu x86_64
claim one_that_we_know_gets_its_own_by_either_name $?

for tool in $triplet-gcc $triplet-ar qemu-aarch64; do
	command -v "$tool" >/dev/null ||
		skip_all "there is no $tool; run scripts/deps.sh check"
done

# Headers of libraries that are not packaged for arm64 here say the same on it.
mkdir "$work/include" "$work/lib"
for header in csv.h ini.h; do
	cp "/usr/include/$header" "$work/include" 2>"$said" ||
		skip_all "there is no /usr/include/$header; run scripts/deps.sh run"
done
echo 'int main(void) { return 0; }' >"$work/try.c"
$triplet-gcc -static -o "$work/try" "$work/try.c" >"$said" 2>&1 ||
	skip_all "$triplet-gcc has no C library; run scripts/deps.sh check"
for library in csv inih; do
	$triplet-ar rcs "$work/lib/lib$library.a"
done

b=$work/b
bench=$(printf '%s\n' bench/*.c | grep -v -e '_windows\.c$' | sed "s,^\(.*\)c\$,$b/\1o,")
# shellcheck disable=SC2086 # a list of files
clean_make HOST=$triplet BUILD="$b" WERROR=1 CFLAGS=-O1 CPPFLAGS="-I$work/include" \
	LDFLAGS="-L$work/lib" -k "$b/libflushbench.a" $bench >"$said" 2>&1
built=$?
sed '/^  CC /d' "$said" >"$work/wrong"
claim the_source_is_compiled_for_arm64_without_a_warning $built "$work/wrong"
[ $built -eq 0 ] || exit 1

# arm64_gcc OUTPUT ARGUMENT...  as the Makefile calls it, but for the program's folders
arm64_gcc()
{
	out=$1
	shift
	$triplet-gcc -std=c11 -D_GNU_SOURCE -Isrc -Itests -O2 -pthread -Wall -Wextra \
		-Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla \
		-Wformat=2 -Werror -static -o "$out" "$@"
}

{
	arm64_gcc "$work/noted" -DFB_NV_INSN='"nv_arm64/insn_noted.h"' \
		src/nt/nv_cpu_aarch64.c tests/nv_arm64/*.c "$b/libflushbench.a" &&
		arm64_gcc "$work/plain" tests/nv_arm64/*.c "$b/libflushbench.a"
} >"$said" 2>&1
built=$?
claim its_program_is_linked $built
[ $built -eq 0 ] || exit 1

# By their codes: not every emulator knows the names. The register may be any.
code_of()
{
	case $1 in
	cvap) echo d50b7c ;;
	cvac) echo d50b7a ;;
	esac
}
barrier=d5033f9f

# on CPU INSTRUCTION OTHER  the claims on that CPU, and what one flush executes
on()
{
	timeout 60 qemu-aarch64 -cpu "$1" "$work/noted" "$1" "$2" >"$said" 2>&1
	code=$?
	cat "$said"
	[ $code -eq 0 ] || status=1
	[ $code -le 1 ] && grep -q '_the_token_of_an_unmapped_view' "$said"
	claim "on_${1}_the_program_comes_to_its_end" $?

	qemu-aarch64 -cpu "$1" -d in_asm -D "$work/log" "$work/plain" "$1" once \
		>"$said" 2>&1
	code=$?
	grep -o -i -e "$(code_of "$2")[23]." -e "$(code_of "$3")[23]." -e $barrier \
		"$work/log" >"$work/executed"
	[ $code -eq 0 ] && sed -n 1p "$work/executed" | grep -q "^$(code_of "$2")" &&
		! grep -q "^$(code_of "$3")" "$work/executed"
	claim "on_${1}_a_flush_executes_dc_$2_and_not_dc_$3" $? "$said" "$work/executed"
	[ "$(sed -n 2p "$work/executed")" = $barrier ]
	claim "on_${1}_and_then_a_barrier_of_the_full_system" $? "$work/executed"
}

on max cvap cvac
on cortex-a72 cvac cvap

exit $status
